"""One budget: its limit, edited in place, and what is left of it as a quiet bar."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from veo_studio.core.models import BudgetPeriod, BudgetState
from veo_studio.ui import theme
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12
from veo_studio.ui.view_models.wallet_model import budget_words, parse_amount
from veo_studio.ui.views.labels import SmallLabel

_BAR_HEIGHT_PX = 4


class MoneyEdit(QLineEdit):
    """A field for an amount, with its unit inside.

    Signals:
        reverted(): Escape put the shown amount back.
    """

    reverted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self.setTextMargins(SPACE_12, 0, 0, 0)
        self.setPlaceholderText(tr("no limit"))
        self.setMaxLength(16)

    @property
    def is_dirty(self) -> bool:
        """True while something else is typed than what holds."""
        return self.text().strip() != self._shown

    def show_amount(self, words: str) -> None:
        """Show what holds now."""
        self._shown = words
        if self.text() != words:
            self.setText(words)

    def revert(self) -> None:
        """Show again what holds."""
        self.setText(self._shown)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape and self.is_dirty:
            self.revert()
            self.reverted.emit()
            event.accept()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(theme.tokens().color("dim"))
        area = self.rect().adjusted(SPACE_8 + 1, 0, 0, 0)
        painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), "$")
        painter.end()


class ShareBar(QWidget):
    """How much of a budget is spent; a bare line where there is no limit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fraction: float | None = None
        self._token = "dim"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_share(self, fraction: float | None, token: str) -> None:
        """`fraction` 0.0-1.0 of the limit, None for no limit."""
        self.fraction, self._token = fraction, token
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, _BAR_HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self.fraction is None:
            return
        colors = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        painter.setBrush(colors.color("line"))
        painter.drawRoundedRect(whole, 2, 2)
        if self.fraction > 0:
            spent = QRectF(whole)
            spent.setWidth(max(_BAR_HEIGHT_PX, whole.width() * min(1.0, self.fraction)))
            painter.setBrush(colors.color(self._token))
            painter.drawRoundedRect(spent, 2, 2)
        painter.end()


class BudgetField(QWidget):
    """Label, amount, bar and words of one budget.

    Signals:
        edited(period, words): a usable amount, or "" for no limit, was typed and confirmed.
    """

    edited = pyqtSignal(object, str)

    def __init__(self, period: BudgetPeriod, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.period = period
        self._state: BudgetState | None = None
        name, spoken = {
            BudgetPeriod.DAY: (tr("Per &day"), tr("Budget per day in dollars")),
            BudgetPeriod.MONTH: (tr("Per &month"), tr("Budget per month in dollars")),
            BudgetPeriod.BATCH: (tr("Per &click"), tr("Budget per click in dollars")),
        }[period]
        self.edit = MoneyEdit()
        self.edit.setObjectName(f"budget-{period.value}")
        self.edit.setAccessibleName(spoken)
        label = QLabel(name)
        label.setBuddy(self.edit)
        self.bar = ShareBar()
        self.words = SmallLabel()
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_4)
        layout.addWidget(label)
        layout.addWidget(self.edit)
        layout.addSpacing(SPACE_4)
        layout.addWidget(self.bar)
        layout.addWidget(self.words)
        layout.addStretch(1)
        self._keep_room()
        self.edit.editingFinished.connect(self._on_finished)
        self.edit.reverted.connect(self._show_words)
        self.edit.textEdited.connect(self._on_typed)

    def _keep_room(self) -> None:
        """Two lines of words always: a sentence that comes pushes nothing away."""
        self.words.setMinimumHeight(2 * self.words.fontMetrics().lineSpacing())

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.FontChange:
            self._keep_room()

    def show_state(self, state: BudgetState) -> None:
        """Show what holds; what is being typed is left alone."""
        was_dirty = self.edit.is_dirty
        typed = self.edit.text()
        self._state = state
        self.edit.show_amount("" if state.limit_usd is None else f"{state.limit_usd:.2f}")
        if was_dirty:
            self.edit.setText(typed)
        else:
            self._show_words()

    def show_refused(self, sentence: str) -> None:
        """Say under the field why the amount is not taken."""
        self.words.set_token("bad")
        self.words.show_words(sentence)
        self.edit.setAccessibleDescription(sentence)

    def revert(self) -> None:
        """Show what holds, whatever was typed."""
        self.edit.revert()
        self._show_words()

    def focus(self) -> None:
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edit.selectAll()

    def _on_typed(self) -> None:
        if not self.edit.is_dirty:
            self._show_words()

    def _on_finished(self) -> None:
        if self._state is None or not self.edit.is_dirty:
            return
        try:
            limit_usd = parse_amount(self.edit.text())
        except ValueError as error:
            self.show_refused(str(error))
            return
        if limit_usd == self._state.limit_usd:
            # the same amount in other words
            self.edit.show_amount("" if limit_usd is None else f"{limit_usd:.2f}")
            self._show_words()
            return
        words = self.edit.text().strip()
        self.edit.show_amount(words)
        self.edited.emit(self.period, words)

    def _show_words(self) -> None:
        state = self._state
        if state is None:
            return
        words, token = budget_words(state)
        self.words.set_token(token)
        self.words.show_words(words)
        self.edit.setAccessibleDescription(words)
        has_share = state.limit_usd is not None and state.period is not BudgetPeriod.BATCH
        fraction = None
        if has_share and state.limit_usd is not None:
            fraction = float(state.spent_usd / state.limit_usd) if state.limit_usd else 1.0
        self.bar.show_share(fraction, "accent" if token == "dim" else token)
