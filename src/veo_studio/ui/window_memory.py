"""What the window looked like, between two starts: its place, its panes, how the player was set."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from PyQt6.QtCore import QByteArray, QSize, pyqtBoundSignal
from PyQt6.QtWidgets import QMainWindow, QTabBar

from veo_studio.ui.views.text_to_video import TextToVideoView
from veo_studio.ui.window_pages import PAGES, WindowPages

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings
    from veo_studio.ui.views.player import PlayerView

_FIRST_SIZE = QSize(1280, 800)
# borders and a title bar, as large as common desktops make them
_FRAME = QSize(16, 48)
_PANES = "panes."
_PAGE = "page"
_TAB = "tab"
_TIMECODE = "timecode"
_MODELS = "models"


class WindowMemory:
    """Reads from and writes into `settings`; whoever owns them saves them."""

    def __init__(
        self,
        window: QMainWindow,
        settings: Settings,
        panes: TextToVideoView,
        pages: WindowPages,
        tabs: QTabBar,
    ) -> None:
        self._window = window
        self._settings = settings
        self._panes = panes
        self._pages = pages
        self._tabs = tabs

    def watch(self, changed: pyqtBoundSignal, player: PlayerView) -> None:
        """Emit `changed` whenever something of it is another one; sizes are watched elsewhere."""
        controls = player.controls
        for signal in (
            self._panes.panes_changed,
            self._pages.changed,
            controls.looping_chosen,
            controls.volume_chosen,
        ):
            signal.connect(changed)

    def collect(self, player: PlayerView, model_names: Mapping[str, str]) -> None:
        """`model_names`: how the models of the newest clips are called."""
        state = self._settings.window_state
        geometry = self._window.saveGeometry().data()
        state["geometry"] = base64.b64encode(geometry).decode("ascii")
        for name, stored in self._panes.save().items():
            state[_PANES + name] = stored
        state[_PAGE] = self._pages.current
        state[_TAB] = str(self._tabs.currentIndex())
        state[_MODELS] = json.dumps(model_names, sort_keys=True)
        state[_TIMECODE] = "1" if player.controls.is_timecode else ""
        self._settings.player_volume = player.volume
        self._settings.player_loop = player.is_looping

    def restore_frame(self) -> None:
        """What can be seen while nothing is in the window yet; what does not fit any more is left out."""
        state, window = self._settings.window_state, self._window
        try:
            geometry = base64.b64decode(state.get("geometry", ""), validate=True)
        except (ValueError, binascii.Error):
            geometry = b""
        if not geometry or not window.restoreGeometry(QByteArray(geometry)):
            room = window.screen().availableSize() if window.screen() is not None else _FIRST_SIZE
            # its frame has to fit in as well, and is not known before it is on the screen
            window.resize(_FIRST_SIZE.boundedTo(room - _FRAME).expandedTo(window.minimumSize()))
        self._panes.restore(
            {name[len(_PANES) :]: v for name, v in state.items() if name.startswith(_PANES)}
        )
        tab, page = state.get(_TAB, ""), state.get(_PAGE)
        if page in PAGES:
            # by its name: another version may have had other tabs
            self._tabs.setCurrentIndex(self._tabs.count() - len(PAGES) + PAGES.index(page))
            self._pages.cover()
        elif tab.isascii() and tab.isdigit() and int(tab) < self._tabs.count():
            self._tabs.setCurrentIndex(int(tab))

    def model_names(self) -> dict[str, str]:
        """How the models of the newest clips were called at the last time, by their id."""
        try:
            stored = json.loads(self._settings.window_state.get(_MODELS, "{}"))
        except ValueError:
            return {}
        is_whole = isinstance(stored, dict) and all(isinstance(one, str) for one in stored.values())
        return stored if is_whole else {}

    def restore(self, player: PlayerView) -> None:
        """The page that was shown, and how the player was set."""
        state = self._settings.window_state
        if state.get(_PAGE) in PAGES:
            self._pages.show(state[_PAGE])
        self._pages.uncover()
        player.controls.set_timecode(state.get(_TIMECODE) == "1")
        player.set_volume(self._settings.player_volume)
        player.set_looping(self._settings.player_loop)
