"""Over the button of the form: that what was asked for is being made, and what to do meanwhile."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup, QPainter, QPaintEvent
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.ui import theme
from veo_studio.ui.delegates.state_shapes import paint_ring
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12
from veo_studio.ui.views.flow_layout import FlowLayout


class BeingMade(QWidget):
    """Hidden while nothing of the form is being made; quiet, and in nobody's way.

    Signals:
        drafts_clicked(), another_clicked(), closed().
        clearing_chosen(bool): whether "Create another" clears the form.
    """

    drafts_clicked = pyqtSignal()
    another_clicked = pyqtSignal()
    closed = pyqtSignal()
    clearing_chosen = pyqtSignal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("beingMade")
        self.ring = _Ring(self)
        self.words = QLabel(self)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.close_button = QToolButton(self)
        self.close_button.setIcon(icon("close", "dim", 16))
        self.close_button.setIconSize(QSize(16, 16))
        self.close_button.setToolTip(tr("Put this away; the work goes on"))
        self.close_button.setAccessibleName(tr("Put this away"))
        self.close_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.close_button.clicked.connect(self.closed)
        self.drafts = _link(tr("View drafts"))
        self.drafts.clicked.connect(self.drafts_clicked)
        self.another = _link(tr("Create another"))
        self.another.clicked.connect(self.another_clicked)
        self.choice = QToolButton(self)
        self.choice.setIcon(icon("caret-down", "dim", 16))
        self.choice.setIconSize(QSize(14, 14))
        self.choice.setProperty("fold", True)
        self.choice.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.choice.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.choice.setToolTip(tr("What becomes of the form"))
        self.choice.setAccessibleName(tr("What Create another does with the form"))
        self.keep, self.clear = self._make_menu()
        self._lay_out()
        self.show_clearing(False)
        self.hide()

    def _make_menu(self) -> tuple[QAction, QAction]:
        menu = QMenu(self)
        group = QActionGroup(menu)
        keep, clear = (
            QAction(tr("&Keep what is in the form"), menu),
            QAction(tr("&Clear the form"), menu),
        )
        for action, is_clearing in ((keep, False), (clear, True)):
            action.setCheckable(True)
            group.addAction(action)
            menu.addAction(action)
            action.triggered.connect(
                lambda _checked=False, is_clearing=is_clearing: self._on_chosen(is_clearing)
            )
        self.choice.setMenu(menu)
        return keep, clear

    def _lay_out(self) -> None:
        pair = QWidget(self)
        together = QHBoxLayout(pair)
        together.setContentsMargins(0, 0, 0, 0)
        together.setSpacing(0)
        together.addWidget(self.another)
        together.addWidget(self.choice)
        links = QWidget(self)
        flow = FlowLayout(links, spacing=SPACE_12)
        flow.addWidget(self.drafts)
        flow.addWidget(pair)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        links.setSizePolicy(policy)
        head = QHBoxLayout()
        head.setSpacing(SPACE_8)
        head.addWidget(self.ring, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self.words, 1)
        head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_12, SPACE_4, SPACE_4, SPACE_4)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(links)

    def order(self) -> tuple[QWidget, ...]:
        """As the eye goes."""
        return (self.close_button, self.drafts, self.another, self.choice)

    def show_words(self, words: str, fraction: float) -> None:
        """`fraction` (0.0-1.0) is how far all of it is; without words it is hidden."""
        self.words.setText(words)
        self.setAccessibleName(words)
        self.ring.set_fraction(fraction)
        self.setVisible(bool(words))

    def show_clearing(self, is_clearing: bool) -> None:
        (self.clear if is_clearing else self.keep).setChecked(True)
        self.another.setToolTip(
            tr("With an empty form") if is_clearing else tr("With what is in the form now")
        )

    def _on_chosen(self, is_clearing: bool) -> None:
        self.show_clearing(is_clearing)
        self.clearing_chosen.emit(is_clearing)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = theme.tokens()
        painter.setPen(colors.color("line"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, theme.RADIUS_PX, theme.RADIUS_PX)
        painter.end()


class _Ring(QWidget):
    """Fills as the work goes on; painted from the palette of now."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.fraction = 0.0
        self._fit()

    def _fit(self) -> None:
        side = max(16, round(theme.body_px() * 1.2))
        self.setFixedSize(side, side)

    def set_fraction(self, fraction: float) -> None:
        if fraction != self.fraction:
            self.fraction = fraction
            self.update()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.ApplicationFontChange:
            self._fit()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        paint_ring(painter, box, self.fraction, theme.tokens())
        painter.end()


def _link(words: str) -> QPushButton:
    button = QPushButton(words)
    button.setProperty("link", True)
    button.setAutoDefault(False)
    return button
