"""The line over the panes: tabs, hidden panes to bring back, what needs the user, wallet and settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QTabBar, QToolButton, QWidget

from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.theme import SPACE_4, SPACE_8
from veo_studio.ui.views.text_to_video import FORM, HISTORY, PLAYER, QUEUE

# words go first where there is no room for them
_PANE_ICONS = {FORM: "edit", PLAYER: "play", QUEUE: "queue", HISTORY: "clock"}


class WindowHeader(QWidget):
    """Signals:
    pane_requested(name): the user wants a pane back.
    """

    pane_requested = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tabs = QTabBar()
        self.tabs.setObjectName("tabs")
        self.tabs.addTab(tr("Text to Video"))
        self.tabs.addTab(tr("Image to Video"))
        self.tabs.addTab(tr("Storyboard"))
        self.tabs.addTab(tr("Library"))
        self.tabs.addTab(tr("Drafts"))
        self.tabs.addTab(tr("Explore"))
        self.tabs.addTab(tr("Insights"))
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName(tr("Tabs"))
        self._panes: dict[str, QToolButton] = {}
        self._offered: set[str] = set()
        self._has_panes = True
        self.attention = _button("warning", "warn", tr("Show what needs you"))
        self.attention.setObjectName("attention")
        self.attention.hide()
        self.wallet = _button("wallet", "dim", tr("Open the wallet"))
        self.wallet.setObjectName("wallet")
        self.wallet.hide()  # until the balance is known
        self.gear = _button("gear", "dim", tr("Settings"))
        self.gear.setObjectName("gear")
        self.gear.setAccessibleName(tr("Settings"))
        self.gear.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.gear.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(SPACE_8, 0, SPACE_8, 0)
        self._layout.setSpacing(SPACE_4)
        self._layout.addWidget(self.tabs)
        self._layout.addStretch(1)
        for button in (self.attention, self.wallet, self.gear):
            self._layout.addWidget(button)

    def add_panes(self, actions: Mapping[str, QAction]) -> None:
        """A button for each pane, shown while the pane is not."""
        before = self._layout.indexOf(self.attention)
        for number, (name, action) in enumerate(actions.items()):
            words = action.text().replace("&", "")
            keys = action.shortcut().toString()
            icon_name = _PANE_ICONS.get(name, "plus")
            button = _button(icon_name, "dim", tr("Show: {pane} ({keys})", pane=words, keys=keys))
            button.setText(words)
            button.setAccessibleName(tr("Show: {pane}", pane=words))
            button.clicked.connect(lambda _checked=False, name=name: self.pane_requested.emit(name))
            button.hide()
            self._panes[name] = button
            self._layout.insertWidget(before + number, button)

    def offer_pane(self, name: str, is_offered: bool) -> None:
        (self._offered.add if is_offered else self._offered.discard)(name)
        if name in self._panes:
            self._panes[name].setVisible(is_offered and self._has_panes)
        self._make_room()

    def set_has_panes(self, has_panes: bool) -> None:
        """Whether the page that is shown has panes to bring back."""
        self._has_panes = has_panes
        for name, button in self._panes.items():
            button.setVisible(has_panes and name in self._offered)
        self._make_room()

    def pane_button(self, name: str) -> QToolButton:
        return self._panes[name]

    def show_attention(self, count: int) -> None:
        """How many things need the user; nothing is shown for none."""
        self.attention.setVisible(count > 0)
        if count:
            words = tr_n("{n} needs you", "{n} need you", count)
            self.attention.setText(words)
            self.attention.setAccessibleName(words)
        self._make_room()

    def show_balance(self, balance: int | None) -> None:
        """None while it is not known."""
        self.wallet.setVisible(balance is not None)
        if balance is not None:
            words = tr_n("{n} token", "{n} tokens", balance)
            self.wallet.setText(words)
            self.wallet.setAccessibleName(tr("Wallet: {tokens}", tokens=words))
        self._make_room()

    def _make_room(self) -> None:
        """Words in all buttons, or pictures alone: of the panes first, then of all."""
        shown = [one for one in (*self._panes.values(), self.attention, self.wallet)
                 if not one.isHidden()]  # fmt: skip
        _show_words(shown, True)
        tabs_px = self.tabs.sizeHint().width()
        for few in (list(self._panes.values()), shown):
            if tabs_px + self._buttons_px(shown) <= self.width():
                break
            _show_words(few, False)
        # with very large letters the tabs scroll: they would take the buttons' room
        room = self.width() - self._buttons_px(shown)
        self.tabs.setMaximumWidth(max(self.tabs.minimumSizeHint().width(), min(tabs_px, room)))

    def _buttons_px(self, shown: Sequence[QToolButton]) -> int:
        """Of all that is no tab, with what is free between."""
        buttons = sum(one.sizeHint().width() + SPACE_4 for one in (self.gear, *shown))
        return 2 * SPACE_8 + SPACE_4 + buttons

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._make_room()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._make_room()


def _show_words(buttons: Sequence[QToolButton], has_words: bool) -> None:
    style = Qt.ToolButtonStyle
    for button in buttons:
        button.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if has_words else style.ToolButtonIconOnly
        )


def _button(icon_name: str, token: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(icon_name, token))
    button.setIconSize(QSize(20, 20))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
