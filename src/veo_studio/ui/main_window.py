"""The window: its panes, what its actions do, and how it comes and goes.

It decides nothing that money hangs on: `FormModel`, `LibraryCommands` and the core do. What is done
with clips is in `clip_commands.py`, what the user is told in `telling.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QPaintEvent
from PyQt6.QtWidgets import (
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.capabilities import ProviderInfo
from veo_studio.ui import error_text
from veo_studio.ui.arrivals import Arrivals
from veo_studio.ui.beginning import Beginning
from veo_studio.ui.clip_commands import ClipCommands
from veo_studio.ui.errands import Errands
from veo_studio.ui.form_tools import FormTools
from veo_studio.ui.header import WindowHeader
from veo_studio.ui.icons import app_icon
from veo_studio.ui.library_tools import LibraryTools
from veo_studio.ui.menus import WindowActions, WindowMenus, on
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.once_more import OnceMore
from veo_studio.ui.pane_switches import PaneSwitches
from veo_studio.ui.queue_control import QueueControls
from veo_studio.ui.services import Services
from veo_studio.ui.steady_playback import steady_playback
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr
from veo_studio.ui.theme import Theme
from veo_studio.ui.theme_choice import ThemeChoice
from veo_studio.ui.view_models.form_editing import FormEditing
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.library_commands import LibraryCommands
from veo_studio.ui.view_models.queue_commands import QueueCommands
from veo_studio.ui.view_models.queue_model import QueueModel
from veo_studio.ui.view_models.wallet_model import WalletLike
from veo_studio.ui.view_models.work_watcher import WorkWatcher
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.views.form import FormView
from veo_studio.ui.views.history import HistoryView
from veo_studio.ui.views.player import PlayerView
from veo_studio.ui.views.queue import QueueView
from veo_studio.ui.views.text_to_video import FORM, HISTORY, PLAYER, QUEUE, TextToVideoView
from veo_studio.ui.wallet_control import WalletControl
from veo_studio.ui.window_commands import WindowCommands
from veo_studio.ui.window_memory import WindowMemory
from veo_studio.ui.window_pages import WindowPages
from veo_studio.ui.window_status import WindowStatus

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings
    from veo_studio.ui.view_models.library_model import LibraryModel
    from veo_studio.ui.views.library import LibraryView

_SMALLEST = QSize(640, 480)


class MainWindow(QMainWindow):
    """Shown before the core is open; `open` binds it.

    Signals:
        close_requested(): the user wants to leave; whoever owns the window ends everything first.
        painted(): it was on the screen for the first time.
        settings_changed(): something that `collect` writes down may be another one.
    """

    close_requested = pyqtSignal()
    painted = pyqtSignal()
    settings_changed = pyqtSignal()

    def __init__(
        self,
        *,
        theme: Theme,
        settings: Settings,
        form: FormModel,
        queue: QueueModel,
        history: LibraryModel,
        library: LibraryModel,
        outputs: Path,
        logs: Path,
    ) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle(tr("Veo Studio"))
        self.setWindowIcon(app_icon())
        self.setMinimumSize(_SMALLEST)
        self._settings = settings
        self.form_model = form
        self.queue_model = queue
        self.history_model = history
        self.library_model = library
        self.was_painted = False

        self.form = FormView(form)
        self.player = PlayerView(playback_of=steady_playback)
        self.queue = QueueView(queue)
        self.requests = ClipRequests(self)
        self.history = HistoryView(history, requests=self.requests)
        self.history_notices = NoticeBar(self.history)
        self.panes = TextToVideoView(self.form, self.player, self.queue, self.history)
        self.panes.set_targets(
            {
                FORM: self.form.prompt,
                PLAYER: self.player,
                QUEUE: self.queue.rows,
                HISTORY: self.history.list,
            }
        )
        self.pages = WindowPages(self, self.panes)

        self.telling = Telling(
            self,
            (
                ("queue", self.queue, self.queue.notices),
                ("form", self.form, self.form.notices),
                ("history", self.history, self.history_notices),
            ),
        )
        self.scope = self.telling.scope
        self.notifications = self.telling.notifications
        self.watcher = WorkWatcher(self)
        self.clips = ClipCommands(
            self,
            self.telling,
            self.panes,
            form=self.form,
            player=self.player,
            history=self.history,
            form_model=form,
        )
        self.once_more = OnceMore(self, self.telling, player=self.player, history=self.history)
        self._arrivals = Arrivals(
            self.telling,
            self.watcher,
            self.once_more,
            self.come_forward,
            self.pages,
            player=self.player,
            history=self.history,
            is_comparing=lambda: self.library_tools.comparing.view is not None,
        )
        self.editing = FormEditing(form, self)
        self.queue_controls = QueueControls(
            self,
            self.telling,
            self.panes,
            form=self.form,
            queue=self.queue,
            history=self.history,
            model=queue,
            editing=self.editing,
        )
        self.services = Services(self, self.telling, form=self.form, form_model=form, queue=queue)
        self.beginning = Beginning(
            self,
            settings,
            form=self.form,
            form_model=form,
            player=self.player,
            history=history,
            connect_service=self.services.show,
        )
        self._memory = WindowMemory(self, settings, self.panes, self.pages, self.player)
        self._errands = Errands(
            self,
            self.telling,
            settings,
            outputs=outputs,
            logs=logs,
            on_changed=self.settings_changed.emit,
        )

        self.wallet = WalletControl(
            self,
            self.telling,
            self.panes,
            form=self.form,
            form_model=form,
            history=self.history,
            player=self.player,
        )
        self.header = WindowHeader()
        self.tabs = self.header.tabs
        self.tools = FormTools(
            self,
            self.telling,
            settings,
            self.panes,
            self.pages,
            self.tabs,
            form=self.form,
            model=form,
            history=self.history,
            editing=self.editing,
            services=self.services,
            wallet=self.wallet,
            on_changed=self.settings_changed.emit,
        )
        self.library_tools = LibraryTools(
            self,
            self.telling,
            settings,
            self.pages,
            self.panes,
            model=library,
            history=self.history,
            player=self.player,
            requests=self.requests,
            on_changed=self.settings_changed.emit,
        )
        self.wallet_button = self.header.wallet
        self._lay_out()
        self._make_menus()
        self.commands = WindowCommands(
            self,
            self.telling,
            self.panes,
            self.pages,
            library=self.library_tools,
            form=self.form,
            model=form,
            editing=self.editing,
            queue=self.queue,
            queue_controls=self.queue_controls,
            history=self.history,
        )
        self._bind()
        self._memory.restore()
        self._themes = ThemeChoice(self, self.acts, theme, settings, self.settings_changed.emit)
        self._status = WindowStatus(self, self.acts, self.header, form=form, queue=queue)
        self.form.edit_prompt()

    # building

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.pages.stack, 1)
        middle = QWidget()
        middle.setLayout(column)
        self.setCentralWidget(middle)

    def _make_menus(self) -> None:
        self.acts = WindowActions(self)
        self.pane_actions = self.acts.panes
        self.theme_actions = self.acts.themes
        # kept: Qt holds its slots weakly
        self._menus = WindowMenus(
            self,
            self.acts,
            playback=self.player.actions_for_menu(),
            telling=self.telling,
            clip_actions=lambda: self.library_tools.clip_actions(),
            queue_actions=self.queue.current_actions,
        )
        self.clip_menu = self._menus.clip
        self.header.gear.setMenu(self._menus.settings)

    def _bind(self) -> None:
        acts = self.acts
        for action, do_it in (
            (acts.new_prompt, self.commands.new_prompt),
            (acts.open_outputs, self._errands.open_outputs),
            (acts.choose_outputs, self._errands.choose_outputs),
            (acts.quit, self.close),
            (acts.generate, self.commands.generate),
            (acts.enhance, self.tools.enhancing.enhance),
            (acts.focus_prompt, self.commands.focus_prompt),
            (acts.presets, self.tools.presets.show_menu),
            (acts.focus_search, self.commands.focus_search),
            (acts.pause_queue, self.queue.toggle_pause),
            (acts.clear_waiting, self.queue.clear_requested.emit),
            (acts.show_attention, self.commands.show_attention),
            (acts.next_tab, lambda: self.tools.tabs.step(1)),
            (acts.previous_tab, lambda: self.tools.tabs.step(-1)),
            (acts.next_pane, lambda: self.commands.cycle(1)),
            (acts.previous_pane, lambda: self.commands.cycle(-1)),
            (acts.details, self.library_tools.show_details),
            (acts.wallet, self.show_wallet),
            (acts.shelf, self.library_tools.shelf.toggle),
            (acts.batch, self.tools.batches.show),
            (acts.export, self.library_tools.export),
            (acts.free_space, self.library_tools.freeing.show),
            (acts.settings, self.services.show),
            (acts.shortcuts, self._errands.show_shortcuts),
            (acts.open_logs, self._errands.open_logs),
            (acts.about, self._errands.show_about),
        ):
            on(action, do_it)
        for number, action in enumerate(acts.tabs):
            on(action, partial(self.tools.tabs.go_to, number))
        self.tools.recipes.bind_switch(acts.recipes)
        self._arrivals.bind_switch(acts.notify, self._settings, self.settings_changed.emit)
        self.library_tools.shelf.shown.connect(acts.shelf.setChecked)
        self._pane_switches = PaneSwitches(self, self.panes, self.pages, self.header, acts.panes)
        self.telling.offer(
            {
                error_text.OPEN_WALLET: lambda _about: self.show_wallet(),
                error_text.OPEN_SETTINGS: self.services.show_for,
                error_text.CHOOSE_FOLDER: lambda _about: self._errands.choose_outputs(),
            },
            {},
        )
        self.queue.key_requested.connect(self.services.show_service)
        self.services.changed.connect(self.settings_changed)
        self.services.wallet_requested.connect(self.show_wallet)
        self.beginning.ended.connect(self.settings_changed)
        self.form.generate_requested.connect(self.commands.generate)
        self.wallet_button.clicked.connect(acts.wallet.trigger)
        self.header.attention.clicked.connect(acts.show_attention.trigger)
        self.queue.copy_prompt_requested.connect(self.clips.copy_prompt)
        self.requests.write_requested.connect(self.commands.focus_prompt)
        self.watcher.money_moved.connect(
            lambda: self.telling.run(self.form_model.refresh_balance(), "form")
        )
        self.form_model.changed.connect(self.settings_changed)
        self._memory.watch(self.settings_changed)

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
        self.telling.show_bug(error)

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

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        if not self.was_painted:
            self.was_painted = True
            self.painted.emit()

    def remember(self) -> None:
        """End what is being edited, and collect for the last time."""
        self.editing.keep()
        self.collect()

    def collect(self) -> None:
        """Put what should be there at the next start into the settings."""
        if not self.editing.is_on:
            # else the form shows a waiting one, which is stored already
            self.form_model.remember(self._settings)
        self._memory.collect()
        self.library_tools.control.collect()
