"""What is dropped anywhere onto the window: a clip or recipe brings its settings, a picture begins a clip."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PyQt6.QtWidgets import QWidget

from veo_studio.ui.given import Given, given_in, recipe_in
from veo_studio.ui.text import tr
from veo_studio.ui.views.drop_hint import DropHint
from veo_studio.ui.views.form import FormView


class WindowDrops(QObject):
    """One per window. Parts of it that take drops of their own are asked first."""

    def __init__(
        self,
        window: QWidget,
        form: FormView,
        load_recipe: Callable[[Path], None],
        show_form: Callable[[], None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._form = form
        self._load_recipe = load_recipe
        self._show_form = show_form
        self.hint = DropHint(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        # drags move through this one by one, and every other event of the window as well
        if isinstance(event, QDragEnterEvent | QDragMoveEvent):
            return self._on_drag(event)
        if isinstance(event, QDropEvent):
            return self._on_drop(event)
        if event is not None and event.type() == QEvent.Type.DragLeave:
            self.hint.hide()
        return False

    def _on_drag(self, event: QDragMoveEvent) -> bool:
        found = self._found(event)
        if found is None:
            self.hint.hide()
            # a move that comes to nothing here must not keep the drag's last answer
            event.ignore()
            return True
        self.hint.show_words(
            tr("Drop to load its settings")
            if isinstance(found, Path)
            else tr("Drop to make a clip from it")
        )
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        return True

    def _on_drop(self, event: QDropEvent) -> bool:
        self.hint.hide()
        found = self._found(event)
        if found is None:
            event.ignore()
            return True
        # never a move: the file stays where it is
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if isinstance(found, Path):
            self._load_recipe(found)
        else:
            self._show_form()
            self._form.pictures_given.emit(found, None, None)
        return True

    def _found(self, event: QDropEvent) -> Path | Given | None:
        """A clip or recipe, or a picture. What is dragged out of this window counts over the form only:
        whoever lets go of a clip on its way out means nothing by it.
        """
        if event.source() is not None:
            over = self._form.mapFrom(self._window, event.position().toPoint())
            if not self._form.isVisible() or not self._form.rect().contains(over):
                return None
        return recipe_in(event.mimeData()) or given_in(event.mimeData())
