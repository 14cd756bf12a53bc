"""Who has room in the Library tab: the sidebar and the player's side step aside where it is short."""

from __future__ import annotations

import base64
import binascii

from PyQt6.QtCore import QByteArray, QEvent, QObject, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QFrame, QSplitter, QVBoxLayout, QWidget

from veo_studio.ui import theme
from veo_studio.ui.views.library_bar import LibraryBar

_SIDEBAR_PX = 170
# with less than this, three parts are no use to anybody
_MIDDLE_PX = 640
_SIDE_PX = 300
# the player without its picture
_CONTROLS_PX = 116


class LibraryRoom(QObject):
    """Sidebar, clips and the player's side in a splitter.

    Signals:
        changed(): a part came or went, or has another width.
        fitted(): the window has another size, and everything its place in it.
    """

    changed = pyqtSignal()
    fitted = pyqtSignal()

    def __init__(
        self,
        owner: QWidget,
        sidebar: QWidget,
        middle: QWidget,
        side: QSplitter,
        bar: LibraryBar,
    ) -> None:
        super().__init__(owner)
        self._owner = owner
        self._sidebar = sidebar
        self._middle = middle
        self._side = side
        self._bar = bar
        self._wants_sidebar = True
        self._wants_side = True
        # the user asked for the side where there is no room for all
        self._side_first = False
        self._popup: _Popup | None = None
        self.across = QSplitter(Qt.Orientation.Horizontal)
        self.across.setObjectName("library")
        for widget in (sidebar, middle, side):
            self.across.addWidget(widget)
        for number, stretch in enumerate((0, 1, 0)):
            self.across.setStretchFactor(number, stretch)
        side.setMinimumWidth(_SIDE_PX)
        self._tidy()
        self.across.setSizes([sidebar.sizeHint().width(), 640, 400])
        # the sizes of player and details to come back to; none: as their contents are
        self._beside = QByteArray()
        self.across.splitterMoved.connect(self._on_moved)
        side.splitterMoved.connect(self._on_moved)
        bar.sidebar_clicked.connect(self.toggle_sidebar)
        bar.side_clicked.connect(self.set_side_wanted)

    def _tidy(self) -> None:
        for splitter in (self.across, self._side):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)

    def _on_moved(self, *_: int) -> None:
        self.keep_side()
        self.changed.emit()

    # player over details

    def keep_side(self) -> None:
        if self._side.count() > 1:
            self._beside = self._side.saveState()

    def share_side(self) -> None:
        """The player is there: as it was, or as high as a wide picture needs."""
        if self._side.count() < 2:
            return
        if self._beside.isEmpty() or not self._side.restoreState(self._beside):
            width = max(self._side.width(), _SIDE_PX)
            player = width * 9 // 16 + _CONTROLS_PX
            self._side.setSizes([player, max(200, self._owner.height() - player)])
            self._side.setStretchFactor(0, 0)
            self._side.setStretchFactor(1, 1)
        self._tidy()

    # what is shown

    @property
    def shows_sidebar(self) -> bool:
        """Beside the clips, not over them."""
        return self._popup is None and not self._sidebar.isHidden()

    @property
    def shows_side(self) -> bool:
        return not self._side.isHidden()

    def set_side_wanted(self, is_wanted: bool) -> None:
        self._wants_side = is_wanted
        self._side_first = is_wanted
        self.fit()
        self.changed.emit()

    def toggle_sidebar(self) -> None:
        """Beside the clips where there is room, else over them."""
        if self._popup is not None:
            self.close_popup()
        elif self._needs(sidebar=True, side=self.shows_side) <= self._owner.width():
            self._wants_sidebar = not self.shows_sidebar
            self.fit()
            self.changed.emit()
        else:
            self._open_popup()

    def fit(self) -> None:
        """As much of what is wanted as there is room for: the clips always, the side before the sidebar."""
        width = self._owner.width()
        side = self._wants_side and (
            self._needs(sidebar=False, side=True) <= width
            and (self._side_first or self._needs(sidebar=True, side=True) <= width)
        )
        sidebar = self._wants_sidebar and self._needs(sidebar=True, side=side) <= width
        if self._popup is None:
            self._sidebar.setVisible(sidebar)
        # where even both do not fit, the side takes the whole place when it was asked for
        is_alone = (
            self._wants_side and self._side_first and self._needs(sidebar=False, side=True) > width
        )
        self._side.setVisible(side or is_alone)
        self._bar.side_button.setChecked(side or is_alone)
        self.fitted.emit()

    def _needs(self, *, sidebar: bool, side: bool) -> int:
        ratio = max(1.0, theme.body_px() / 13)
        middle = max(round(_MIDDLE_PX * min(ratio, 1.3)), self._bar.minimumSizeHint().width())
        wide = middle
        if sidebar:
            wide += round(_SIDEBAR_PX * ratio) + 1
        if side:
            wide += max(_SIDE_PX, self._side.minimumSizeHint().width()) + 1
        return wide

    # the sidebar over the clips

    def _open_popup(self) -> None:
        self._popup = _Popup(self._sidebar, self._owner)
        self._popup.closed.connect(self._on_popup_closed)
        below = self._bar.sidebar_button.mapToGlobal(
            QPoint(0, self._bar.sidebar_button.height() + 4)
        )
        height = min(480, self._owner.height() - 60)
        self._popup.open_at(below, round(240 * max(1.0, theme.body_px() / 13)), height)

    def close_popup(self) -> None:
        if self._popup is not None:
            self._popup.close()

    def _on_popup_closed(self) -> None:
        popup, self._popup = self._popup, None
        if popup is not None:
            self.across.insertWidget(0, self._sidebar)
            self._tidy()
            self._sidebar.hide()
            popup.deleteLater()
            self.fit()

    # between two starts

    def save(self) -> dict[str, object]:
        return {
            "sidebar": self._wants_sidebar,
            "side": self._wants_side,
            "across": _as_text(self.across.saveState()),
            "beside": _as_text(self._beside),
        }

    def restore(self, stored: dict[str, object]) -> None:
        """What cannot be read is left as it is."""
        self._wants_sidebar = stored.get("sidebar", True) is not False
        self._wants_side = stored.get("side", True) is not False
        if state := _as_bytes(stored.get("across", "")):
            self.across.restoreState(state)
        self._beside = _as_bytes(stored.get("beside", ""))
        self._tidy()
        self.fit()


class _Popup(QFrame):
    closed = pyqtSignal()

    def __init__(self, content: QWidget, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._content = content
        self.setFrameShape(QFrame.Shape.StyledPanel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.addWidget(content)
        content.show()

    def open_at(self, position: QPoint, width: int, height: int) -> None:
        self.resize(width, height)
        self.move(position)
        self.show()
        self._content.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QEvent | None) -> None:  # type: ignore[override]
        super().hideEvent(event)  # type: ignore[arg-type]
        self.closed.emit()


def _as_text(state: QByteArray) -> str:
    return base64.b64encode(state.data()).decode("ascii")


def _as_bytes(stored: object) -> QByteArray:
    try:
        return QByteArray(base64.b64decode(str(stored), validate=True))
    except (ValueError, binascii.Error):
        return QByteArray()
