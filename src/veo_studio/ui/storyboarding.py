"""The Storyboard tab beside the window: made when it is first shown, bound to the core in `open`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMainWindow, QWidget

from veo_studio.core.errors import StudioError
from veo_studio.ui import error_text
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.storyboard_model import BoardDocument
from veo_studio.ui.window_pages import STORYBOARD, WindowPages

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings
    from veo_studio.core.studio import Studio
    from veo_studio.ui.board_keeping import BoardKeeping
    from veo_studio.ui.filming import Filming
    from veo_studio.ui.scene_references import SceneReferences
    from veo_studio.ui.view_models.clip_pictures import ClipPictures
    from veo_studio.ui.views.storyboard import StoryboardView

PANE = "storyboard"


class Part(Protocol):
    """What somebody makes of the storyboard beside writing it."""

    def open(self, studio: Studio) -> None: ...

    def close(self) -> None: ...


class Storyboarding(QObject):
    """One per window; the tab is made when it is shown for the first time.

    Signals:
        made(view): the page is there; whoever has a part of it puts it into its place.
    """

    made = pyqtSignal(object)

    def __init__(
        self, window: QMainWindow, telling: Telling, settings: Settings, pages: WindowPages
    ) -> None:
        super().__init__(window)
        self._telling = telling
        self._settings = settings
        self._pages = pages
        self._studio: Studio | None = None
        self.view: StoryboardView | None = None
        self.keeping: BoardKeeping | None = None
        self.references: SceneReferences | None = None
        self.filming: Filming | None = None
        self.pictures: ClipPictures | None = None
        self.document = BoardDocument(telling.scope.spawn, self)
        self.document.failed.connect(self._on_not_stored)
        self.document.stored_after_all.connect(self._on_stored_after_all)
        self._not_stored = ""
        self.document.changed_elsewhere.connect(self._on_changed_elsewhere)
        pages.offer(STORYBOARD, self._make_view)
        self._parts: list[Part] = []

    def add(self, part: Part) -> None:
        """The controller of a part: it puts its widgets into their places when `made` tells."""
        self._parts.append(part)

    def open(self, studio: Studio) -> None:
        """The core is there; here every controller is bound to it."""
        self._studio = studio
        if self.view is not None:
            self._bind(studio)
        for part in self._parts:
            part.open(studio)

    async def close(self) -> None:
        """The program ends: store what was written last."""
        for part in self._parts:
            part.close()
        if self.filming is not None:
            self.filming.close()
        if self.pictures is not None:
            self.pictures.stop()
        try:
            await self.document.flush()
        except (StudioError, ValueError, LookupError) as error:
            self._on_failed(error)
            self.document.stop()

    def menu_actions(self) -> list[QAction | None]:
        """What can be done with the storyboard in sight; nothing while another page is shown."""
        if self.view is None or self._pages.current != STORYBOARD:
            return []
        return self.view.menu_actions()

    def cycle(self, step: int) -> None:
        """Put the focus into the next part of the page."""
        if self.view is not None:
            self.view.cycle(step)

    def _make_view(self) -> QWidget:
        # imported late: the window is up before anybody looks at it
        from veo_studio.ui.board_keeping import BoardKeeping
        from veo_studio.ui.delegates.scene_delegate import PICTURE_SIZE
        from veo_studio.ui.filming import Filming
        from veo_studio.ui.scene_references import SceneReferences
        from veo_studio.ui.view_models.clip_pictures import ClipPictures
        from veo_studio.ui.view_models.scene_rows import SceneRows
        from veo_studio.ui.views.storyboard import StoryboardView

        self.pictures = ClipPictures(None, self._telling.scope.spawn, self)
        self.pictures.set_size(PICTURE_SIZE)
        rows = SceneRows(self.document, self.pictures, self)
        view = self.view = StoryboardView(self.document, rows)
        view.refused.connect(self._on_refused)
        self._telling.add_page(view, view.notices)
        self.keeping = BoardKeeping(view, self._telling, self._settings, self)
        self.references = SceneReferences(view, self._telling, self)
        self.filming = Filming(view, self._telling, self.pictures, self)
        self.made.emit(view)
        if self._studio is not None:
            self._bind(self._studio)
        return view

    def _bind(self, studio: Studio) -> None:
        """Both the core and the page are there."""
        assert self.keeping is not None
        assert self.references is not None
        assert self.filming is not None
        assert self.pictures is not None
        self.pictures.maker = studio.thumbnails
        self.document.bind(studio.storyboards.repository)
        self.references.open(studio)
        self.filming.open(studio)
        self.keeping.open(studio)

    # telling

    def _on_failed(self, error: Exception) -> None:
        self._telling.show_error(error, PANE)

    def _on_not_stored(self, error: Exception) -> None:
        if isinstance(error, StudioError):
            self._not_stored = error_text.describe(error).happened
        self._on_failed(error)

    def _on_stored_after_all(self) -> None:
        notices = self._telling.notices_of(PANE)
        if self._not_stored:
            notices.dismiss(self._not_stored)
            self._not_stored = ""
            notices.show_notice(
                tr("The storyboard is stored now."), level="ok", key="stored after all"
            )

    def _on_refused(self, words: str) -> None:
        self._telling.notices_of(PANE).show_notice(words, level="warn", key=words)

    def _on_changed_elsewhere(self) -> None:
        self._telling.notices_of(PANE).show_notice(
            tr("This storyboard was changed outside this window. Undo brings your version back."),
            level="warn",
            key="changed elsewhere",
        )
