"""The window: its frame, what its parts are, and how it comes and goes.

It decides nothing that money hangs on: `FormModel`, `LibraryCommands` and the core do. How it is built is
in `window_building.py`, what is done with clips in `clip_commands.py`, what the user is told in
`telling.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent
from PyQt6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from veo_studio.core.task_scope import TaskScope
from veo_studio.ui.header import WindowHeader
from veo_studio.ui.icons import app_icon
from veo_studio.ui.menu_titles import add_menus
from veo_studio.ui.text import tr
from veo_studio.ui.views.text_to_video import HISTORY, TextToVideoView
from veo_studio.ui.window_memory import WindowMemory
from veo_studio.ui.window_pages import FORMS, WindowPages

if TYPE_CHECKING:
    from PyQt6.QtGui import QAction
    from PyQt6.QtWidgets import QMenu, QToolButton

    from veo_studio.core.capabilities import ProviderInfo
    from veo_studio.core.settings import Settings
    from veo_studio.ui.arrivals import Arrivals
    from veo_studio.ui.beginning import Beginning
    from veo_studio.ui.clip_commands import ClipCommands
    from veo_studio.ui.drafts import Drafts
    from veo_studio.ui.errands import Errands
    from veo_studio.ui.exploring import Exploring
    from veo_studio.ui.form_tools import FormTools
    from veo_studio.ui.library_tools import LibraryTools
    from veo_studio.ui.menus import WindowActions, WindowMenus
    from veo_studio.ui.notices import NoticeBar
    from veo_studio.ui.notifications import SystemNotifications
    from veo_studio.ui.once_more import OnceMore
    from veo_studio.ui.pane_switches import PaneSwitches
    from veo_studio.ui.publishing import Publishing
    from veo_studio.ui.queue_control import QueueControls
    from veo_studio.ui.services import Services
    from veo_studio.ui.storyboarding import Storyboarding
    from veo_studio.ui.telling import Telling
    from veo_studio.ui.theme_choice import ThemeChoice
    from veo_studio.ui.view_models.form_editing import FormEditing
    from veo_studio.ui.view_models.form_model import FormModel
    from veo_studio.ui.view_models.library_commands import LibraryCommands
    from veo_studio.ui.view_models.library_model import LibraryModel
    from veo_studio.ui.view_models.queue_commands import QueueCommands
    from veo_studio.ui.view_models.queue_model import QueueModel
    from veo_studio.ui.view_models.wallet_model import WalletLike
    from veo_studio.ui.view_models.work_watcher import WorkWatcher
    from veo_studio.ui.views.clip_requests import ClipRequests
    from veo_studio.ui.views.form import FormView
    from veo_studio.ui.views.history import HistoryView
    from veo_studio.ui.views.library import LibraryView
    from veo_studio.ui.views.player import PlayerView
    from veo_studio.ui.views.queue import QueueView
    from veo_studio.ui.wallet_control import WalletControl
    from veo_studio.ui.window_commands import WindowCommands
    from veo_studio.ui.window_status import WindowStatus

_SMALLEST = QSize(640, 480)
# of the history, which the next start shows first
_FIRST_ROWS = 40
_HELD_BACK = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_log = logging.getLogger(__name__)


class MainWindow(QMainWindow):
    """Comes in three steps, for the eye: its frame, the history, and all the rest; `open` binds the core.

    The frame is what this module imports. Whatever more is imported at its top, the first paint waits for.

    Signals:
        close_requested(): the user wants to leave; whoever owns the window ends everything first.
        painted(): it was on the screen for the first time.
        settings_changed(): something that `collect` writes down may be another one.
    """

    close_requested = pyqtSignal()
    painted = pyqtSignal()
    settings_changed = pyqtSignal()

    # from `show_history` on
    requests: ClipRequests
    history: HistoryView
    history_model: LibraryModel
    # from `window_building.build` on; the last ones are kept because Qt holds slots weakly
    form: FormView
    form_model: FormModel
    player: PlayerView
    queue: QueueView
    queue_model: QueueModel
    library_model: LibraryModel
    history_notices: NoticeBar
    telling: Telling
    notifications: SystemNotifications
    watcher: WorkWatcher
    clips: ClipCommands
    once_more: OnceMore
    editing: FormEditing
    queue_controls: QueueControls
    services: Services
    beginning: Beginning
    wallet: WalletControl
    wallet_button: QToolButton
    tools: FormTools
    library_tools: LibraryTools
    storyboarding: Storyboarding
    drafts: Drafts
    exploring: Exploring
    publishing: Publishing
    commands: WindowCommands
    acts: WindowActions
    pane_actions: Mapping[str, QAction]
    theme_actions: Mapping[str, QAction]
    clip_menu: QMenu
    arrivals: Arrivals
    errands: Errands
    menus: WindowMenus
    switches: PaneSwitches
    themes: ThemeChoice
    status: WindowStatus

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle(tr("Veo Studio"))
        self.setWindowIcon(app_icon())
        self.setMinimumSize(_SMALLEST)
        self._settings = settings
        self.was_painted = False
        self.is_whole = False
        # what was typed before there was a prompt to type it into
        self._typed = ""
        self.scope = TaskScope(self.show_bug)
        self.panes = TextToVideoView()
        self.pages = WindowPages(self, self.panes)
        self.header = WindowHeader()
        self.tabs = self.header.tabs
        bar = self.menuBar()
        assert bar is not None
        self.menu_titles = add_menus(bar)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.pages.stack, 1)
        middle = QWidget()
        middle.setLayout(column)
        self.setCentralWidget(middle)
        self.memory = WindowMemory(self, settings, self.panes, self.pages, self.tabs)
        self.memory.restore_frame()
        self.setFocus()

    def show_history(self, model: LibraryModel) -> None:
        """The second step: the clips that are there, which is what people look for first."""
        from veo_studio.ui.views.clip_requests import ClipRequests
        from veo_studio.ui.views.history import HistoryView

        self.history_model = model
        self.requests = ClipRequests(self)
        self.history = HistoryView(model, requests=self.requests)
        self.panes.put(HISTORY, self.history)

    def begin(self) -> None:
        """The last step is done: who has typed meanwhile goes on in the prompt."""
        self.is_whole = True
        self.form.edit_prompt()
        typed, self._typed = self._typed, ""
        if typed and self.pages.current == FORMS:
            self.form.prompt.insertPlainText(typed)

    def open(
        self,
        *,
        commands: LibraryCommands,
        queue: QueueCommands,
        wallet: WalletLike,
        providers: Mapping[str, ProviderInfo],
    ) -> None:
        """The core is there."""
        self.clips.open(commands)
        self.once_more.open(commands)
        self.queue_controls.open(queue, providers)
        self.wallet.open(wallet)
        self.history_model.load()

    @property
    def library(self) -> LibraryView:
        """The Library tab, made if need be."""
        return self.library_tools.view

    # telling, for whoever owns the window

    def notices_of(self, pane: str) -> NoticeBar:
        return self.telling.notices_of(pane)

    def show_bug(self, error: BaseException) -> None:
        """In the log alone while there is no place for a notice."""
        if self.is_whole:
            self.telling.show_bug(error)
        else:
            _log.error("unexpected error", exc_info=error)

    def show_resumed(self, count: int) -> None:
        self.telling.show_resumed(count)

    def show_wallet(self) -> None:
        """Open the wallet; before the core is there, nothing."""
        self.wallet.show()

    def come_forward(self) -> None:
        """Be seen, however the window was put away."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    # leaving and coming back

    def closeEvent(self, event: QCloseEvent | None) -> None:
        assert event is not None
        event.ignore()
        self.close_requested.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        if not self.is_whole and not event.modifiers() & _HELD_BACK:
            if event.key() == Qt.Key.Key_Backspace:
                self._typed = self._typed[:-1]
            elif event.text().isprintable():
                self._typed += event.text()
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        if not self.was_painted:
            self.was_painted = True
            self.painted.emit()

    def remember(self) -> None:
        """End what is being edited, and collect for the last time; before the last step, nothing."""
        if self.is_whole:
            self.editing.keep()
            self.collect()

    def collect(self) -> None:
        """Put what should be there at the next start into the settings."""
        if not self.editing.is_on:
            # else the form shows a waiting one, which is stored already
            self.form_model.remember(self._settings)
        self.memory.collect(self.player, self.history_model.model_names_of(_FIRST_ROWS))
        self.library_tools.control.collect()
