"""The window: panes, menus with every action, and what a click sets in motion.

It decides nothing that money hangs on: `FormModel`, `LibraryCommands` and the core do. Every slot that
starts work is one line, `self._run(...)`; what goes wrong is told in the pane it concerns.
"""

from __future__ import annotations

import base64
import binascii
import logging
import traceback
from collections.abc import Callable, Coroutine, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PyQt6.QtCore import QByteArray, QSize, Qt, QUrl, pyqtSignal
from PyQt6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QDesktopServices,
    QGuiApplication,
    QKeySequence,
    QPaintEvent,
)
from PyQt6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.errors import StudioError
from veo_studio.core.models import ATTENTION_STATES, Generation
from veo_studio.ui import error_text
from veo_studio.ui.bridge import TaskScope, run_dialog
from veo_studio.ui.dialogs import AboutDialog, ShortcutsDialog, TopUpDialog
from veo_studio.ui.icons import app_icon, icon
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.notifications import SystemNotifications
from veo_studio.ui.steady_playback import steady_playback
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.theme import SPACE_4, SPACE_8, Mode, Theme
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.library_commands import Deleted, LibraryCommands
from veo_studio.ui.view_models.queue_model import QueueModel
from veo_studio.ui.view_models.work_watcher import WorkWatcher
from veo_studio.ui.views.form import FormView
from veo_studio.ui.views.history import HistoryView
from veo_studio.ui.views.player import PlayerView
from veo_studio.ui.views.queue import QueueView
from veo_studio.ui.views.text_to_video import FORM, HISTORY, PLAYER, QUEUE, TextToVideoView

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings
    from veo_studio.ui.view_models.history_model import HistoryModel

_log = logging.getLogger(__name__)
_FIRST_SIZE = QSize(1280, 800)
_SMALLEST = QSize(640, 480)


class WalletLike(Protocol):
    async def grant(self, tokens: int, cause: str) -> int: ...


class MainWindow(QMainWindow):
    """Shown before the core is open; `open` binds it.

    Signals:
        close_requested(): the user wants to leave; whoever owns the window ends everything first.
        painted(): it was on the screen for the first time.
    """

    close_requested = pyqtSignal()
    painted = pyqtSignal()

    def __init__(
        self,
        *,
        theme: Theme,
        settings: Settings,
        form: FormModel,
        queue: QueueModel,
        history: HistoryModel,
        outputs: Path,
        logs: Path,
    ) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle(tr("Veo Studio"))
        self.setWindowIcon(app_icon())
        self.setMinimumSize(_SMALLEST)
        self._theme = theme
        self._settings = settings
        self._default_outputs = outputs
        self._logs = logs
        self.form_model = form
        self.queue_model = queue
        self.history_model = history
        self._commands: LibraryCommands | None = None
        self._wallet: WalletLike | None = None
        self.was_painted = False
        # generations behind each notice about failures
        self._failed: dict[str, list[Generation]] = {}
        self.scope = TaskScope(self.show_bug)
        self.watcher = WorkWatcher(self)
        self.notifications = SystemNotifications(self)

        self.form = FormView(form)
        self.player = PlayerView(playback_of=steady_playback)
        self.queue = QueueView(queue)
        self.history = HistoryView(history)
        self.history.setAccessibleName(tr("History"))
        self.history_notices = NoticeBar(self.history)
        self.panes = TextToVideoView(self.form, self.player, self.queue, self.history)

        self._make_header()
        self._make_actions()
        self._make_menus()
        self._bind()
        self._restore()
        self._show_balance()
        self.form.edit_prompt()

    # building

    def _make_header(self) -> None:
        self.tabs = QTabBar()
        self.tabs.setObjectName("tabs")
        self.tabs.addTab(tr("Text to Video"))
        self.tabs.setAccessibleName(tr("Tabs"))
        self.wallet_button = QToolButton()
        self.wallet_button.setObjectName("wallet")
        self.wallet_button.setIcon(icon("wallet", "dim"))
        self.wallet_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.wallet_button.setToolTip(tr("Top up the wallet"))
        self.gear = QToolButton()
        self.gear.setObjectName("gear")
        self.gear.setIcon(icon("gear", "dim"))
        self.gear.setToolTip(tr("Settings"))
        self.gear.setAccessibleName(tr("Settings"))
        self.gear.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        for button in (self.wallet_button, self.gear):
            button.setIconSize(QSize(20, 20))
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        header = QHBoxLayout()
        header.setContentsMargins(SPACE_8, 0, SPACE_8, 0)
        header.setSpacing(SPACE_4)
        header.addWidget(self.tabs)
        header.addStretch(1)
        header.addWidget(self.wallet_button)
        header.addWidget(self.gear)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self.panes, 1)
        middle = QWidget()
        middle.setLayout(column)
        self.setCentralWidget(middle)

    def _action(
        self,
        words: str,
        do_it: Callable[..., object],
        *keys: str | QKeySequence.StandardKey,
        icon_name: str | None = None,
        is_checkable: bool = False,
    ) -> QAction:
        action = QAction(words, self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        if icon_name is not None:
            action.setIcon(icon(icon_name))
        action.setCheckable(is_checkable)
        if is_checkable:
            action.toggled.connect(do_it)
        else:
            action.triggered.connect(lambda _checked=False: do_it())
        self.addAction(action)
        return action

    def _make_actions(self) -> None:
        make = self._action
        std = QKeySequence.StandardKey
        self.new_prompt = make(tr("&New prompt"), self._on_new_prompt, std.New)
        self.open_outputs = make(
            tr("&Open outputs folder"), self._on_open_outputs, std.Open, icon_name="folder"
        )
        self.choose_outputs = make(
            tr("&Choose outputs folder…"), lambda: self._run(self._choose_outputs(), "form")
        )
        self.quit = make(tr("&Quit"), self.close, std.Quit)
        self.generate = make(
            tr("&Generate"), self._on_generate, "Ctrl+Return", "Ctrl+Enter", icon_name="play"
        )
        self.focus_prompt = make(tr("Go to &prompt"), self._on_focus_prompt, "Ctrl+L")
        self.focus_search = make(
            tr("&Search history"), self._on_focus_search, std.Find, icon_name="search"
        )
        self.next_pane = make(tr("N&ext pane"), lambda: self._cycle(1), "F6")
        self.previous_pane = make(tr("P&revious pane"), lambda: self._cycle(-1), "Shift+F6")
        self.top_up = make(
            tr("&Top up…"), lambda: self._run(self._top_up(), "form"), icon_name="wallet"
        )
        self.shortcuts = make(
            tr("&Keyboard shortcuts"), lambda: self._run(self._show_shortcuts(), "form"), "F1"
        )
        self.open_logs = make(tr("Open &log folder"), lambda: self._open_folder(self._logs))
        self.about = make(tr("&About Veo Studio"), lambda: self._run(self._show_about(), "form"))
        self.pane_actions = {
            name: make(
                words,
                lambda is_on, name=name: self._on_pane_toggled(name, is_on),
                key,
                is_checkable=True,
            )
            for name, words, key in (
                (FORM, tr("&Form"), "Ctrl+1"),
                (PLAYER, tr("&Player"), "Ctrl+2"),
                (QUEUE, tr("&Queue"), "Ctrl+3"),
                (HISTORY, tr("&History"), "Ctrl+4"),
            )
        }
        self._themes = QActionGroup(self)
        self.theme_actions = {}
        for mode, words in (
            ("system", tr("Follow the &system")),
            ("light", tr("&Light")),
            ("dark", tr("&Dark")),
        ):
            action = QAction(words, self)
            action.setCheckable(True)
            action.setData(mode)
            self._themes.addAction(action)
            self.theme_actions[mode] = action
        self._themes.triggered.connect(lambda action: self._on_theme_chosen(action.data()))

    def _make_menus(self) -> None:
        bar = self.menuBar()
        file = bar.addMenu(tr("&File"))
        file.addAction(self.new_prompt)
        file.addSeparator()
        file.addAction(self.open_outputs)
        file.addAction(self.choose_outputs)
        file.addSeparator()
        file.addAction(self.quit)

        generate = bar.addMenu(tr("&Generate"))
        generate.addAction(self.generate)
        generate.addAction(self.focus_prompt)

        self.clip_menu = bar.addMenu(tr("&Clip"))
        self.clip_menu.aboutToShow.connect(self._fill_clip_menu)

        view = bar.addMenu(tr("&View"))
        theme = view.addMenu(tr("&Theme"))
        theme.addActions(self._themes.actions())
        view.addSeparator()
        view.addActions(list(self.pane_actions.values()))
        view.addSeparator()
        view.addActions([self.next_pane, self.previous_pane, self.focus_search])

        playback = bar.addMenu(tr("&Playback"))
        playback.addActions(self.player.actions_for_menu())

        wallet = bar.addMenu(tr("&Wallet"))
        wallet.addAction(self.top_up)

        help_menu = bar.addMenu(tr("&Help"))
        help_menu.addAction(self.shortcuts)
        help_menu.addAction(self.open_logs)
        help_menu.addSeparator()
        help_menu.addAction(self.about)

        settings = QMenu(self.gear)
        settings.addMenu(theme)
        settings.addAction(self.choose_outputs)
        settings.addAction(self.top_up)
        settings.addSeparator()
        settings.addAction(self.shortcuts)
        self.gear.setMenu(settings)

    def _fill_clip_menu(self) -> None:
        """What can be done with the clips that are selected in the history."""
        for action in self.clip_menu.actions():
            self.clip_menu.removeAction(action)
            action.deleteLater()
        for made in self.history.actions_for(self.history.selected()):
            if made is None:
                self.clip_menu.addSeparator()
            else:
                self.clip_menu.addAction(made)
        if self.clip_menu.isEmpty():
            nothing = self.clip_menu.addAction(tr("Select a clip in the history"))
            nothing.setEnabled(False)

    def _bind(self) -> None:
        self.form.generate_requested.connect(self._on_generate)
        self.form.top_up_requested.connect(self.top_up.trigger)
        self.wallet_button.clicked.connect(self.top_up.trigger)
        self.form_model.changed.connect(self._show_balance)
        self.queue.cancel_requested.connect(self._on_cancel)
        self.queue.retry_requested.connect(self._on_retry)
        self.queue.copy_prompt_requested.connect(self._on_copy_prompt)
        history = self.history
        history.play_requested.connect(self._on_play)
        history.reveal_requested.connect(self._on_reveal)
        history.copy_path_requested.connect(self._on_copy_path)
        history.copy_prompt_requested.connect(self._on_copy_prompt)
        history.again_requested.connect(self._on_again)
        history.similar_requested.connect(self._on_similar)
        history.retry_requested.connect(self._on_retry)
        history.collect_requested.connect(self._on_collect)
        history.cancel_requested.connect(self._on_cancel)
        history.delete_requested.connect(self._on_delete)
        history.write_requested.connect(self._on_focus_prompt)
        self.watcher.started.connect(self._on_started)
        self.watcher.finished.connect(self._on_finished)
        self.watcher.failed.connect(self._on_failed)
        self.watcher.needs_attention.connect(self._on_needs_attention)
        self.watcher.money_moved.connect(
            lambda: self._run(self.form_model.refresh_balance(), "form")
        )
        self.notifications.opened.connect(self._on_notification_opened)
        self.panes.panes_changed.connect(self._show_panes)

    def open(self, *, commands: LibraryCommands, wallet: WalletLike) -> None:
        """The core is there."""
        self._commands = commands
        self._wallet = wallet
        self.history_model.load()

    # what the user asks for

    def _run(self, work: Coroutine[Any, Any, Any], pane: str) -> None:
        """Do `work`; what the world refuses is told in `pane`, bugs go to the one place."""
        self.scope.spawn(self._told(work, pane), name=f"{pane}: {getattr(work, '__name__', '')}")

    async def _told(self, work: Coroutine[Any, Any, Any], pane: str) -> None:
        try:
            await work
        except (StudioError, ValueError, LookupError) as error:
            self.show_error(error, pane)

    def _on_generate(self) -> None:
        if self.form_model.can_submit:
            self._run(self.form_model.submit(), "form")
        elif (blocked := self.form_model.blocked()) is not None:
            self.notices_of("form").show_notice(blocked.reason, level="warn", key="blocked")

    def _on_new_prompt(self) -> None:
        self.form_model.clear_prompt()
        self._on_focus_prompt()

    def _on_focus_prompt(self) -> None:
        self.panes.set_wanted(FORM, True)
        self.form.focus_prompt()

    def _on_focus_search(self) -> None:
        self.panes.set_wanted(HISTORY, True)
        self.history.focus_search()

    def _need(self) -> LibraryCommands:
        if self._commands is None:
            raise ValueError(tr("Your library is still being opened."))
        return self._commands

    def _on_play(self, generation: Generation) -> None:
        self.panes.set_wanted(PLAYER, True)
        self.player.show_generation(generation, autoplay=True)

    def _on_reveal(self, generation: Generation) -> None:
        if generation.video_path is not None:
            self._run(self._reveal(generation.video_path), "history")

    async def _reveal(self, path: Path) -> None:
        """Select the file in the system's file manager, or open its folder."""
        from veo_studio.ui.file_manager import show_in_file_manager

        show_in_file_manager(path)

    def _on_copy_path(self, generations: Sequence[Generation]) -> None:
        paths = [str(one.video_path) for one in generations if one.video_path is not None]
        if paths:
            QGuiApplication.clipboard().setText("\n".join(paths))
            words = tr_n("Path copied.", "{n} paths copied.", len(paths))
            self._say_copied(words)

    def _say_copied(self, words: str) -> None:
        bar = self.notices_of("history")
        bar.dismiss("copied")
        bar.show_notice(words, level="ok", key="copied", timeout_ms=2500)

    def _on_copy_prompt(self, generation: Generation) -> None:
        QGuiApplication.clipboard().setText(generation.prompt)
        self._say_copied(tr("Prompt copied."))

    def _on_again(self, generation: Generation) -> None:
        self._ask_price([generation], lambda: self._run(self._again(generation), "history"))

    async def _again(self, generation: Generation) -> None:
        await self._need().again(generation)

    def _on_similar(self, generation: Generation) -> None:
        """The recipe with a seed of its own; the form shows what it costs."""
        self._on_edit(generation)
        self.form_model.set_seed(None, is_locked=False)

    def _on_retry(self, generation: Generation) -> None:
        self._retry_all([generation])

    def _retry_all(self, generations: Sequence[Generation]) -> None:
        chosen = list(generations)
        anew = [one for one in chosen if one.state not in ATTENTION_STATES]
        self._ask_price(anew, lambda: self._run(self._retry(chosen), "queue"))

    async def _retry(self, generations: Sequence[Generation]) -> None:
        for generation in generations:
            await self._need().retry(generation)

    def _ask_price(self, generations: Sequence[Generation], do_it: Callable[[], None]) -> None:
        """Free things are done at once; what costs says how much before it happens."""
        count = sum(generation.tokens for generation in generations)
        if count == 0:
            do_it()
            return
        price = tr_n("{n} token", "{n} tokens", count)
        cost = sum((one.price_usd or Decimal(0) for one in generations), Decimal(0))
        if cost:
            price = tr("{tokens}, about ${cost}", tokens=price, cost=f"{cost:.2f}")
        self.notices_of("history").show_notice(
            tr("Generating this again costs {price}.", price=price),
            key="price",
            action_text=tr("Generate again"),
            on_action=do_it,
        )

    def _on_collect(self, generation: Generation) -> None:
        self._run(self._collect(generation), "history")

    async def _collect(self, generation: Generation) -> None:
        await self._need().collect(generation)

    def _on_cancel(self, generation: Generation) -> None:
        self._run(self._cancel(generation), "queue")

    async def _cancel(self, generation: Generation) -> None:
        self.queue_model.set_stopping(generation.id, True)
        try:
            await self._need().cancel(generation)
        finally:
            self.queue_model.set_stopping(generation.id, False)

    def _on_delete(self, generations: Sequence[Generation]) -> None:
        self._run(self._delete(list(generations)), "history")

    async def _delete(self, generations: list[Generation]) -> None:
        shown = self.player.generation
        if shown is not None and any(shown.id == generation.id for generation in generations):
            self.player.clear()
        deleted = await self._need().delete(generations)
        if not deleted.rows:
            raise ValueError(tr("This is still being worked on. Cancel it first."))
        words = tr_n("Moved to the trash.", "{n} clips moved to the trash.", len(deleted.rows))
        self.notices_of("history").show_notice(
            words,
            level="info",
            action_text=tr("Undo"),
            on_action=lambda: self._run(self._undo(deleted), "history"),
            timeout_ms=15_000,
        )

    async def _undo(self, deleted: Deleted) -> None:
        await self._need().undo(deleted)

    async def _top_up(self) -> None:
        if self._wallet is None or self.form_model.balance is None:
            return
        dialog = TopUpDialog(self.form_model.balance, self)
        if await run_dialog(dialog) == TopUpDialog.DialogCode.Accepted:
            await self._wallet.grant(dialog.tokens.value(), "added in the window")
            await self.form_model.refresh_balance()

    async def _show_shortcuts(self) -> None:
        others = [
            (tr("Play or pause"), tr("Space")),
            (tr("One frame back, forward"), tr("Left, Right")),
            (tr("Delete from the history, cancel in the queue"), tr("Delete")),
        ]
        await run_dialog(ShortcutsDialog(self.actions(), others, self))

    async def _show_about(self) -> None:
        await run_dialog(AboutDialog(self))

    def outputs(self) -> Path:
        return self._settings.output_dir or self._default_outputs

    def _on_open_outputs(self) -> None:
        self._open_folder(self.outputs())

    def _open_folder(self, folder: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.notices_of("form").show_notice(
                tr("The system cannot open {folder}.", folder=folder), level="warn"
            )

    async def _choose_outputs(self) -> None:
        dialog = QFileDialog(self, tr("Choose the folder for finished clips"), str(self.outputs()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        if await run_dialog(dialog) == QFileDialog.DialogCode.Accepted:
            self._settings.output_dir = Path(dialog.selectedFiles()[0])
            self.notices_of("form").show_notice(
                tr("New clips go to {folder}.", folder=self.outputs()), level="ok", key="outputs"
            )

    def _on_theme_chosen(self, mode: Mode) -> None:
        self._settings.theme = mode
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self._theme.apply(app, mode)

    def _on_pane_toggled(self, name: str, is_on: bool) -> None:
        if self.panes.is_wanted(name) != is_on or self.panes.is_shown(name) != is_on:
            self.panes.set_wanted(name, is_on)

    def _show_panes(self) -> None:
        for name, action in self.pane_actions.items():
            action.blockSignals(True)
            action.setChecked(self.panes.is_shown(name))
            action.blockSignals(False)

    def _cycle(self, step: int) -> None:
        """Put the focus into the next pane that is shown."""
        targets = [
            (pane, target)
            for pane, target in (
                (self.form, self.form.prompt),
                (self.player, self.player),
                (self.queue, self.queue.rows),
                (self.history, self.history.list),
            )
            if pane.isVisible()
        ]
        if not targets:
            return
        focus = QApplication.focusWidget()
        now = next(
            (
                number
                for number, (pane, _target) in enumerate(targets)
                if focus is not None and (pane is focus or pane.isAncestorOf(focus))
            ),
            -1 if step > 0 else 0,
        )
        target = targets[(now + step) % len(targets)][1]
        target.setFocus(Qt.FocusReason.TabFocusReason)

    # what happens by itself

    def _on_started(self, _generation: Generation) -> None:
        self.notices_of("queue").dismiss("resumed")

    def _on_finished(self, generation: Generation) -> None:
        self.history.select(generation.id)
        if not self.player.is_playing:
            self.player.show_generation(generation, autoplay=True)
        self._notify(tr("Your clip is ready"), generation)

    def _on_failed(self, generation: Generation) -> None:
        text = error_text.describe_generation(generation)
        bar = self.notices_of("queue")
        key = f"failed:{text.happened}"
        same = self._failed.setdefault(key, [])
        if bar.notice(key) is None:
            same.clear()
        same.append(generation)
        bar.show_notice(
            text.whole,
            level="bad",
            key=key,
            repeated_text="{n} clips failed for the same reason. " + _literal(text.whole),
            **self._offer(text, same),
        )
        self._notify(tr("A clip failed"), generation)

    def _on_needs_attention(self, generation: Generation) -> None:
        text = error_text.describe_generation(generation)
        self.notices_of("queue").show_notice(
            text.whole,
            level="warn",
            key=f"attention:{generation.id}",
            **self._offer(text, [generation]),
        )
        self._notify(tr("A clip needs you"), generation)

    def _notify(self, title: str, generation: Generation) -> None:
        if not self.isActiveWindow():
            self.notifications.show(title, generation)

    def _on_notification_opened(self, generation: Generation) -> None:
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        self.history.select(generation.id)
        if generation.has_file:
            self.player.show_generation(generation, autoplay=True)

    def show_resumed(self, count: int) -> None:
        """Say once that unfinished work goes on."""
        if count:
            self.notices_of("queue").show_notice(
                tr_n(
                    "{n} clip is going on where it stopped.",
                    "{n} clips are going on where they stopped.",
                    count,
                ),
                key="resumed",
            )

    # telling

    def notices_of(self, pane: str) -> NoticeBar:
        """The notices of a pane, or of the nearest one that is on the screen."""
        bars = {
            "form": (self.form, self.form.notices),
            "queue": (self.queue, self.queue.notices),
            "history": (self.history, self.history_notices),
        }
        for name in (pane, "queue", "form", "history"):
            owner, bar = bars[name]
            if not owner.isHidden():
                return bar
        return self.form.notices

    def show_error(self, error: Exception, pane: str) -> None:
        """What the world refused, in a sentence with its next step."""
        if not isinstance(error, StudioError):
            self.notices_of(pane).show_notice(str(error), level="warn", key=str(error))
            return
        _log.warning("%s: %s", type(error).__name__, error.message)
        text = error_text.describe(error)
        self.notices_of(pane).show_notice(
            text.whole, level="bad", key=text.happened, **self._offer(text, [], error)
        )

    def show_bug(self, error: BaseException) -> None:
        """The one place for what nobody expected: a line in the log and one calm notice."""
        if isinstance(error, StudioError):
            self.show_error(error, "queue")
            return
        _log.error("unexpected error", exc_info=error)
        details = "".join(traceback.format_exception(error))
        self.notices_of("queue").show_notice(
            tr("Something unexpected went wrong. Your clips are safe; the log has the details."),
            level="bad",
            key="bug",
            action_text=tr("Copy details"),
            on_action=lambda: QGuiApplication.clipboard().setText(_redacted(details)),
        )

    def _offer(
        self,
        text: error_text.ErrorText,
        generations: list[Generation],
        error: StudioError | None = None,
    ) -> dict[str, Any]:
        """The action beside a sentence, where the window has one."""
        acts: dict[str, Callable[[], object]] = {
            error_text.OPEN_WALLET: self.top_up.trigger,
            error_text.CHOOSE_FOLDER: self.choose_outputs.trigger,
        }
        if generations:
            acts |= {
                error_text.TRY_AGAIN: lambda: self._retry_all(generations),
                error_text.COLLECT: lambda: self._retry_all(generations),
                error_text.EDIT_PROMPT: lambda: self._on_edit(generations[-1]),
                error_text.CHANGE_SETTINGS: lambda: self._on_edit(generations[-1]),
            }
        details = f"{type(error).__name__}: {error.message}" if error else text.whole
        acts[error_text.COPY_DETAILS] = lambda: QGuiApplication.clipboard().setText(
            _redacted(details)
        )
        act = acts.get(text.action_id or "")
        if act is None or text.action_text is None:
            return {}
        return {"action_text": text.action_text, "on_action": act}

    def _on_edit(self, generation: Generation) -> None:
        self.panes.set_wanted(FORM, True)
        self.form.load(generation)

    def _show_balance(self) -> None:
        balance = self.form_model.balance
        self.wallet_button.setVisible(balance is not None)
        if balance is not None:
            words = tr_n("{n} token", "{n} tokens", balance)
            self.wallet_button.setText(words)
            self.wallet_button.setAccessibleName(tr("Wallet: {tokens}", tokens=words))
        self.generate.setEnabled(self.form_model.is_open)
        self.top_up.setEnabled(balance is not None)

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
        """Write what should be there at the next start into the settings."""
        self.form_model.remember(self._settings)
        state = self._settings.window_state
        state["geometry"] = base64.b64encode(self.saveGeometry().data()).decode("ascii")
        for name, stored in self.panes.save().items():
            state[f"panes.{name}"] = stored
        self._settings.player_volume = self.player.volume
        self._settings.player_loop = self.player.is_looping

    def _restore(self) -> None:
        self.theme_actions[self._settings.theme].setChecked(True)
        state = self._settings.window_state
        try:
            geometry = base64.b64decode(state.get("geometry", ""), validate=True)
        except (ValueError, binascii.Error):
            geometry = b""
        if not geometry or not self.restoreGeometry(QByteArray(geometry)):
            room = self.screen().availableSize() if self.screen() is not None else _FIRST_SIZE
            self.resize(_FIRST_SIZE.boundedTo(room))
        self.panes.restore(
            {name[len("panes.") :]: v for name, v in state.items() if name.startswith("panes.")}
        )
        self.player.set_volume(self._settings.player_volume)
        self.player.set_looping(self._settings.player_loop)


def _literal(words: str) -> str:
    """`words` for a template: braces in a provider's sentence are no places to fill."""
    return words.replace("{", "{{").replace("}", "}}")


def _redacted(details: str) -> str:
    from veo_studio.core.log import redact

    return redact(details)
