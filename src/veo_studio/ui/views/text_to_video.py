"""The tab Text to Video: form, player over queue, history, side by side.

Panes can be hidden and resized. Where the window is too narrow for all that are wanted, one steps
aside and comes back when there is room again.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from PyQt6.QtCore import QByteArray, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QApplication, QSplitter, QVBoxLayout, QWidget

FORM = "form"
PLAYER = "player"
QUEUE = "queue"
HISTORY = "history"

_HISTORY_MIN_PX = 260
_PLAYER_MIN_PX = 280
_LEAST = "least"
_LARGEST_LEAST_PX = 4000


class TextToVideoView(QWidget):
    """Lays out the four panes; until `put` they are empty, and as wide as they will be.

    Signals:
        panes_changed(): a pane came, went, or stepped aside.
        asked(str): somebody wants to see this pane now.
    """

    panes_changed = pyqtSignal()
    asked = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._panes = {name: QWidget() for name in (FORM, PLAYER, QUEUE, HISTORY)}
        self._are_there: set[str] = set()
        self._wanted = {FORM: True, PLAYER: True, QUEUE: True, HISTORY: True}
        self._last_asked = FORM
        self._targets: dict[str, QWidget] = {}
        # the sizes to come back to while the player is lent to another page
        self._lent: list[int] | None = None
        self._middle = QSplitter(Qt.Orientation.Vertical)
        self._middle.setObjectName("middle")
        self._middle.addWidget(self._panes[PLAYER])
        self._middle.addWidget(self._panes[QUEUE])
        self._middle.setMinimumWidth(_PLAYER_MIN_PX)
        self._across = QSplitter(Qt.Orientation.Horizontal)
        self._across.setObjectName("across")
        self._across.addWidget(self._panes[FORM])
        self._across.addWidget(self._middle)
        self._across.addWidget(self._panes[HISTORY])
        for name in self._panes:
            self._dress(name)
        for splitter in (self._middle, self._across):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._across)
        self._across.setSizes([336, 600, 336])
        self._middle.setSizes([440, 300])

    def pane(self, name: str) -> QWidget:
        return self._panes[name]

    def put(self, name: str, pane: QWidget) -> None:
        """The pane itself, where an empty one has kept its place."""
        empty = self._panes[name]
        splitter = self._middle if name in (PLAYER, QUEUE) else self._across
        sizes = splitter.saveState()
        splitter.replaceWidget(splitter.indexOf(empty), pane)
        empty.deleteLater()
        self._panes[name] = pane
        self._are_there.add(name)
        self._dress(name)
        splitter.restoreState(sizes)

    def _dress(self, name: str) -> None:
        pane = self._panes[name]
        if name == PLAYER:
            pane.setMinimumHeight(160)
        else:
            pane.setAutoFillBackground(True)
            pane.setBackgroundRole(pane.palette().ColorRole.Base)
        if name == HISTORY:
            pane.setMinimumWidth(_HISTORY_MIN_PX)
        for number, stretch in enumerate((0, 1, 0)):
            self._across.setStretchFactor(number, stretch)
        for number, stretch in enumerate((3, 1)):
            self._middle.setStretchFactor(number, stretch)

    # the player elsewhere

    def lend_player(self) -> QWidget:
        """Another page shows the player from now on, until `take_player_back`."""
        if self._lent is None:
            self._lent = self._middle.sizes()
        return self._panes[PLAYER]

    def take_player_back(self) -> None:
        if self._lent is None:
            return
        sizes, self._lent = self._lent, None
        self._middle.insertWidget(0, self._panes[PLAYER])
        self._middle.setStretchFactor(0, 3)
        self._middle.setStretchFactor(1, 1)
        if any(sizes):
            self._middle.setSizes(sizes)
        self._fit()

    # the keyboard

    def set_targets(self, targets: Mapping[str, QWidget]) -> None:
        """Which widget of each pane takes the focus when the pane gets it."""
        self._targets = dict(targets)

    def focus(self, name: str) -> None:
        """Put the focus into a pane: where it wants it, or where there is something to focus."""
        self._focus(name, Qt.FocusReason.ShortcutFocusReason)

    def _focus(self, name: str, reason: Qt.FocusReason) -> None:
        target = self._targets[name]
        if not target.isVisible():
            takes_focus = Qt.FocusPolicy.TabFocus.value
            for child in self._panes[name].findChildren(QWidget):
                if child.isVisible() and child.focusPolicy().value & takes_focus:
                    target = child
                    break
        target.setFocus(reason)

    def cycle(self, step: int) -> None:
        """Put the focus into the next pane that is shown."""
        shown = [name for name in self._targets if self._panes[name].isVisible()]
        if not shown:
            return
        here = self._focused()
        now = shown.index(here) if here in shown else -1 if step > 0 else 0
        self._focus(shown[(now + step) % len(shown)], Qt.FocusReason.TabFocusReason)

    def _focused(self) -> str | None:
        focus = QApplication.focusWidget()
        for name, pane in self._panes.items():
            if focus is not None and (pane is focus or pane.isAncestorOf(focus)):
                return name
        return None

    def _keep_focus(self, before: str | None) -> None:
        """Who typed in a pane that is gone types in the one that came, or in the first that is left."""
        if before is None or self.is_shown(before):
            return
        for name in (self._last_asked, *self._targets):
            if self.is_shown(name) and name in self._targets:
                self._focus(name, Qt.FocusReason.OtherFocusReason)
                return

    def is_shown(self, name: str) -> bool:
        """Whether the pane is on the screen now, not only wanted."""
        return not self._panes[name].isHidden()

    def is_wanted(self, name: str) -> bool:
        return self._wanted[name]

    def set_wanted(self, name: str, is_wanted: bool) -> None:
        """Show or hide a pane; where the room is short it is the others that step aside."""
        self._wanted[name] = is_wanted
        if is_wanted:
            self._last_asked = name
        self._fit()
        if is_wanted:
            self.asked.emit(name)

    def narrowest(self, names: tuple[str, ...]) -> int:
        """Width in pixels that these side by side need."""
        widths = {
            FORM: max(
                self._panes[FORM].minimumSizeHint().width(), self._panes[FORM].minimumWidth()
            ),
            PLAYER: max(self._middle.minimumWidth(), self._middle.minimumSizeHint().width()),
            HISTORY: max(
                self._panes[HISTORY].minimumSizeHint().width(), self._panes[HISTORY].minimumWidth()
            ),
        }
        return sum(widths[name] for name in names) + len(names) - 1

    def _fit(self) -> None:
        focused = self._focused()
        wanted = [name for name in (FORM, HISTORY) if self._wanted[name]]
        has_middle = self._wanted[PLAYER] or self._wanted[QUEUE]
        middle = (PLAYER,) if has_middle else ()
        # history steps aside first, unless it was asked for last
        order = [FORM, HISTORY] if self._last_asked == HISTORY else [HISTORY, FORM]
        for name in order:
            if self.narrowest((*wanted, *middle)) <= self.width():
                break
            if name in wanted and len(wanted) + len(middle) > 1:
                wanted.remove(name)
        for name in (FORM, HISTORY):
            self._panes[name].setVisible(name in wanted)
        for name in (PLAYER, QUEUE):
            if name == QUEUE or self._lent is None:
                self._panes[name].setVisible(self._wanted[name])
        self._middle.setVisible(has_middle)
        self._keep_focus(focused)
        self.panes_changed.emit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        before = (self.is_shown(FORM), self.is_shown(HISTORY))
        self._fit()
        if before != (self.is_shown(FORM), self.is_shown(HISTORY)):
            self.updateGeometry()

    # between two starts

    def save(self) -> dict[str, str]:
        """Sizes and hidden panes as text."""
        return {
            _LEAST: ",".join(str(pane.minimumSizeHint().width()) for pane in self._panes.values()),
            "across": _as_text(self._across.saveState()),
            "middle": _as_text(self._middle.saveState()),
            "hidden": ",".join(name for name, is_wanted in self._wanted.items() if not is_wanted),
        }

    def restore(self, state: dict[str, str]) -> None:
        """Take up what `save` gave; anything unreadable is left out."""
        self._keep_room(state.get(_LEAST, ""))
        for splitter, name in ((self._across, "across"), (self._middle, "middle")):
            stored = _as_bytes(state.get(name, ""))
            if stored:
                splitter.restoreState(stored)
                splitter.setHandleWidth(1)
                splitter.setChildrenCollapsible(False)
        for name in state.get("hidden", "").split(","):
            if name in self._wanted:
                self._wanted[name] = False
        if not any(self._wanted.values()):
            self._wanted = dict.fromkeys(self._wanted, True)
        self._fit()

    def _keep_room(self, stored: str) -> None:
        """Empty panes need the room that the real ones had: no pane steps aside when these come."""
        try:
            widths = [int(word) for word in stored.split(",")]
        except ValueError:
            return
        for (name, pane), width in zip(self._panes.items(), widths, strict=False):
            if name not in self._are_there and 0 <= width <= _LARGEST_LEAST_PX:
                pane.setMinimumWidth(max(width, pane.minimumWidth()))


def _as_text(state: QByteArray) -> str:
    return base64.b64encode(state.data()).decode("ascii")


def _as_bytes(stored: str) -> QByteArray:
    try:
        return QByteArray(base64.b64decode(stored, validate=True))
    except (ValueError, binascii.Error):
        return QByteArray()
