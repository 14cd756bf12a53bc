"""One clip of the feed over all of it: with sound, in the window's own player."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from veo_studio.core.models import Generation
from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr
from veo_studio.ui.views.elided_label import ElidedLabel
from veo_studio.ui.views.in_front import InFront
from veo_studio.ui.views.labels import SmallLabel

if TYPE_CHECKING:
    from veo_studio.ui.views.player import PlayerView

_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
}
_ANY = Qt.KeyboardModifier.KeypadModifier


class FeedViewer(QWidget):
    """Covers its parent while it is open.

    The player is the window's: it is here while the Explore tab is shown, and hidden with this.

    Signals:
        walked(int): the one before (-1) or the next one (1) is wanted.
        closed(): back to the feed.
        delete_requested(): Delete was pressed.
    """

    walked = pyqtSignal(int)
    closed = pyqtSignal()
    delete_requested = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.player: PlayerView | None = None
        self._front = InFront(parent)
        # it played when the window went out of sight
        self._goes_on = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(tr("Viewer"))
        self.back = self._button("up", tr("Back to the feed (Esc)"), tr("&Back"))
        self.before = self._button("frame-back", tr("The one before (Left)"))
        self.after = self._button("frame-forward", tr("The next one (Right)"))
        self.caption = ElidedLabel(self)
        theme.heading_font(self.caption)
        self.place = SmallLabel("dim", self)
        self.place.setWordWrap(False)
        self.tags = ElidedLabel(self, token="accent")
        theme.secondary_font(self.tags)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE_8)
        head.addWidget(self.back)
        head.addSpacing(theme.SPACE_8)
        head.addWidget(self.caption, 1)
        head.addWidget(self.place)
        head.addWidget(self.before)
        head.addWidget(self.after)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(
            theme.SPACE_12, theme.SPACE_8, theme.SPACE_12, theme.SPACE_8
        )
        self._column.setSpacing(theme.SPACE_8)
        self._column.addLayout(head)
        self._column.addWidget(self.tags)
        self.back.clicked.connect(self.closed)
        self.before.clicked.connect(lambda: self.walked.emit(-1))
        self.after.clicked.connect(lambda: self.walked.emit(1))
        # a button takes the arrows for itself
        for watched in (parent, self.back, self.before, self.after):
            watched.installEventFilter(self)
        self._front.changed.connect(self._play_in_front)
        self.hide()

    def _button(self, icon_name: str, tip: str, words: str = "") -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(icon_name, "text", 16))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setAutoRaise(True)
        button.setMinimumSize(28, 28)
        if words:
            button.setText(words)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    # the player

    def take_player(self, player: PlayerView) -> None:
        """From now on it is shown here; what played elsewhere does not go on behind the feed."""
        player.pause()
        self.player = player
        self._column.addWidget(player, 1)
        player.show()
        player.installEventFilter(self)
        player.sources.playing_changed.connect(self._play_in_front)

    def let_player_go(self) -> None:
        """It is about to leave for another page."""
        if self.player is not None:
            self.player.pause()
            self.player.removeEventFilter(self)
            self.player.sources.playing_changed.disconnect(self._play_in_front)
            self.player = None

    def _play_in_front(self) -> None:
        """What plays waits as long as the window is out of sight, and goes on then."""
        player = self.player
        if player is None or self.isHidden():
            return
        if not self._front.is_so:
            if player.is_playing:
                self._goes_on = True
                player.pause()
        elif self._goes_on:
            self._goes_on = False
            player.play()

    # what is shown

    def show_words(self, generation: Generation, number: int, total: int) -> None:
        """What is known of the clip, and the how manieth of the feed it is."""
        self.caption.set_text(" ".join((generation.caption or generation.prompt).split()))
        self.tags.set_text("  ".join(f"#{tag}" for tag in generation.tags))
        self.tags.setVisible(bool(generation.tags))
        self.place.show_words(tr("{n} of {total}", n=number, total=total))
        for button, is_there in ((self.before, number > 1), (self.after, number < total)):
            # a button that is disabled hands the focus to whatever is next
            if not is_there and button.hasFocus():
                self._focus_player()
            button.setEnabled(is_there)

    def open(self) -> None:
        """Over the feed, with the keyboard."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.show()
        self.raise_()
        self._focus_player()
        self._goes_on = False
        self._play_in_front()

    def _focus_player(self) -> None:
        wanted = self.player if self.player is not None else self
        wanted.setFocus(Qt.FocusReason.MouseFocusReason)

    def handle_key(self, event: QKeyEvent) -> bool:
        """True when the key was ours."""
        if event.modifiers() & ~_ANY:
            return False
        key = event.key()
        step = _STEPS.get(Qt.Key(key))
        if step is not None:
            self.walked.emit(step)
        elif key == Qt.Key.Key_Escape:
            self.closed.emit()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_requested.emit()
        else:
            return False
        return True

    # Qt events

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and not self.handle_key(event):
            super().keyPressEvent(event)

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and self._is_escape(event):
            event.accept()
            return True
        return super().event(event)

    @staticmethod
    def _is_escape(event: QKeyEvent) -> bool:
        """Ours also where a menu or the window has the same key."""
        is_asked = event.type() == QEvent.Type.ShortcutOverride
        return is_asked and event.key() == Qt.Key.Key_Escape

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is None or self.isHidden():
            return False
        watches_keys = watched in (self.player, self.back, self.before, self.after)
        if watches_keys and isinstance(event, QKeyEvent):
            if self._is_escape(event):
                event.accept()
                return True
            return event.type() == QEvent.Type.KeyPress and self.handle_key(event)
        parent = self.parentWidget()
        if watched is parent and parent is not None and event.type() == QEvent.Type.Resize:
            self.setGeometry(parent.rect())
        return False

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.tokens().color("window"))
        painter.end()
