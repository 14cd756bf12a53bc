"""Every action of the window with its keys, and the menus that hold them.

They do nothing by themselves: `MainWindow` says with `on` what each of them does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QMainWindow, QMenu

from veo_studio.ui import menu_titles, shortcuts
from veo_studio.ui.icons import icon
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr
from veo_studio.ui.views.menu_letters import give_letters
from veo_studio.ui.views.text_to_video import FORM, HISTORY, PLAYER, QUEUE

# its place among the tabs
_STORYBOARD = 2


def on(action: QAction, do_it: Callable[[], object]) -> None:
    """Do `do_it` whenever `action` is used; its checked state is nobody's business."""
    action.triggered.connect(lambda _checked=False: do_it())


class WindowActions:
    """The actions, each one known to the window so that its keys work from every pane."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        make = self._make
        self.new_prompt = make(tr("&New prompt"), "new_prompt")
        self.batch = make(tr("&Batch from a file…"), "batch", icon_name="queue")
        self.open_outputs = make(tr("&Open outputs folder"), "open_outputs", icon_name="folder")
        self.choose_outputs = make(tr("&Choose outputs folder…"), "choose_outputs")
        self.quit = make(tr("&Quit"), "quit")
        # from the player's full screen as well, which is a window of its own
        self.quit.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
        self.generate = make(tr("&Generate"), "generate", icon_name="play")
        self.enhance = make(tr("&Enhance the prompt…"), "enhance", icon_name="sparkle")
        self.presets = make(tr("P&resets…"), "presets", icon_name="list")
        self.focus_prompt = make(tr("Go to &prompt"), "focus_prompt")
        self.focus_search = make(tr("&Search history"), "focus_search", icon_name="search")
        self.pause_queue = make(tr("&Pause the queue"), "pause_queue", icon_name="pause")
        self.clear_waiting = make(tr("C&lear waiting…"), "clear_waiting", icon_name="clear")
        self.show_attention = make(
            tr("Go to what needs &attention"), "show_attention", icon_name="warning"
        )
        self.tabs = [
            make(words, command)
            for words, command in (
                (tr("Text to &Video"), "text_tab"),
                (tr("&Image to Video"), "pictures_tab"),
                (tr("St&oryboard"), "storyboard_tab"),
                (tr("&Library"), "library_tab"),
                (tr("Dr&afts"), "drafts_tab"),
                (tr("E&xplore"), "explore_tab"),
                (tr("I&nsights"), "insights_tab"),
            )
        ]
        self.next_tab = make(tr("Next &tab"), "next_tab")
        self.previous_tab = make(tr("Previous ta&b"), "previous_tab")
        self.next_pane = make(tr("N&ext pane"), "next_pane")
        self.previous_pane = make(tr("P&revious pane"), "previous_pane")
        self.shelf = make(tr("S&helf"), "shelf", icon_name="shelf", is_checkable=True)
        self.details = make(tr("&Details of the clip"), "details", icon_name="info")
        self.wallet = make(tr("&Wallet…"), "wallet", icon_name="wallet")
        self.settings = make(tr("&Settings…"), "settings", icon_name="gear")
        self.shortcuts = make(tr("&Keyboard shortcuts"), "shortcuts")
        self.undo = make(tr("Undo"), icon_name="undo")
        shortcuts.bind(self.undo, "clips.undo")
        self.export = make(tr("&Export…"), "export", icon_name="download")
        self.deliveries = make(tr("&Deliveries…"), "deliveries")
        self.targets = make(tr("&Targets…"), "targets")
        self.rules = make(tr("What &is delivered by itself…"), "rules")
        self.free_space = make(tr("&Free space…"), "free_space")
        self.recipes = make(tr("Write a &recipe beside each clip"), is_checkable=True)
        self.notify = make(tr("&Notify when work ends"), is_checkable=True)
        self.open_logs = make(tr("Open &log folder"), "open_logs")
        self.about = make(tr("&About Veo Studio"))
        self.panes = {
            name: make(words, command, is_checkable=True)
            for name, words, command in (
                (FORM, tr("&Form"), "form_pane"),
                (PLAYER, tr("&Player"), "player_pane"),
                (QUEUE, tr("&Queue"), "queue_pane"),
                (HISTORY, tr("&History"), "history_pane"),
            )
        }
        self.theme_group = QActionGroup(window)
        self.themes: dict[str, QAction] = {}
        for mode, words in (
            ("system", tr("Follow the &system")),
            ("light", tr("&Light")),
            ("dark", tr("&Dark")),
        ):
            action = QAction(words, window)
            action.setCheckable(True)
            action.setData(mode)
            self.theme_group.addAction(action)
            self.themes[mode] = action

    def _make(
        self,
        words: str,
        command: str = "",
        *,
        icon_name: str | None = None,
        is_checkable: bool = False,
    ) -> QAction:
        """`command` is its name among the window's shortcuts, "" for what has none."""
        action = QAction(words, self._window)
        if command:
            shortcuts.bind(action, f"window.{command}")
        if icon_name is not None:
            action.setIcon(icon(icon_name))
        action.setCheckable(is_checkable)
        self._window.addAction(action)
        return action


class WindowMenus:
    """The menu bar, and the menu behind the gear."""

    def __init__(
        self,
        window: QMainWindow,
        actions: WindowActions,
        *,
        menus: Mapping[str, QMenu],
        playback: Sequence[QAction],
        telling: Telling,
        clip_actions: Callable[[], Sequence[QAction | None]],
        queue_actions: Callable[[], Sequence[QAction | None]],
        scene_actions: Callable[[], Sequence[QAction | None]],
    ) -> None:
        """`menus` are those of `menu_titles.py`. The last three say what can be done with the selected rows,
        None for a separator.
        """
        self._actions = actions
        self._clip_actions = clip_actions
        self._telling = telling
        on(actions.undo, telling.undo)
        self._queue_actions = queue_actions
        self._scene_actions = scene_actions
        file = menus[menu_titles.FILE]
        file.addActions([actions.new_prompt, actions.batch])
        file.addSeparator()
        file.addAction(actions.export)
        file.addActions([actions.open_outputs, actions.choose_outputs, actions.recipes])
        file.addAction(actions.notify)
        file.addAction(actions.free_space)
        file.addSeparator()
        file.addActions([actions.deliveries, actions.targets, actions.rules])
        file.addSeparator()
        file.addAction(actions.settings)
        file.addSeparator()
        file.addAction(actions.quit)

        menus[menu_titles.GENERATE].addActions(
            [actions.generate, actions.enhance, actions.presets, actions.focus_prompt]
        )

        self.queue = menus[menu_titles.QUEUE]
        self.queue.aboutToShow.connect(self._fill_queue)
        self._fill_queue()
        self.clip = menus[menu_titles.CLIP]
        self.clip.aboutToShow.connect(self._fill_clip)
        self.scenes = menus[menu_titles.SCENES]
        self.scenes.aboutToShow.connect(self._fill_scenes)
        self._fill_scenes()

        view = menus[menu_titles.VIEW]
        theme = view.addMenu(tr("The&me"))
        theme.addActions(actions.theme_group.actions())
        view.addSeparator()
        view.addActions([*actions.panes.values(), actions.shelf])
        view.addSeparator()
        view.addActions([*actions.tabs, actions.next_tab, actions.previous_tab])
        view.addActions([actions.next_pane, actions.previous_pane, actions.focus_search])
        view.addAction(actions.details)

        menus[menu_titles.PLAYBACK].addActions(list(playback))
        menus[menu_titles.WALLET].addAction(actions.wallet)

        about = menus[menu_titles.HELP]
        about.addActions([actions.shortcuts, actions.open_logs])
        about.addSeparator()
        about.addAction(actions.about)

        self.settings = QMenu(window)
        self.settings.addAction(actions.settings)
        self.settings.addSeparator()
        self.settings.addMenu(theme)
        self.settings.addActions([actions.choose_outputs, actions.recipes, actions.notify])
        self.settings.addAction(actions.wallet)
        self.settings.addSeparator()
        self.settings.addAction(actions.shortcuts)

    def _fill_clip(self) -> None:
        """What was done last, and what can be done with the clips that are selected."""
        made, undo = list(self._clip_actions()), self._actions.undo
        if (offer := self._telling.last_undo()) is not None:
            undo.setText(tr("Undo: {what}", what=offer.text.removesuffix(".")))
            made = [undo, None, *made] if made else [undo]
        give_letters(made)
        _refill(self.clip, made, (undo,))
        if self.clip.isEmpty():
            nothing = self.clip.addAction(tr("Select a clip first"))
            nothing.setEnabled(False)

    def _fill_scenes(self) -> None:
        """What can be done with the scenes that are selected, elsewhere the way to them."""
        own = self._actions.tabs[_STORYBOARD]
        made = list(self._scene_actions())
        give_letters(made)
        _refill(self.scenes, made or [own], (own,))

    def _fill_queue(self) -> None:
        """The whole queue, then what can be done with its current row."""
        actions = self._actions
        own = (actions.pause_queue, actions.clear_waiting, actions.show_attention)
        _refill(self.queue, [*own, None, *self._queue_actions()], own)


def _refill(menu: QMenu, made: Sequence[QAction | None], kept: Sequence[QAction]) -> None:
    """`kept` outlive the menu's next opening, the rest was made for this one."""
    for action in menu.actions():
        menu.removeAction(action)
        if action not in kept:
            action.deleteLater()
    for one in made:
        if one is None:
            menu.addSeparator()
        else:
            menu.addAction(one)
