"""What the Insights tab is made of: headline tiles, and cards with a chart and its table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QEvent, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.insight_tables import Table
from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12, SPACE_16
from veo_studio.ui.view_models.insights_series import Chart, Name
from veo_studio.ui.view_models.insights_table import InsightsTable
from veo_studio.ui.views.elided_label import ElidedLabel
from veo_studio.ui.views.insights_looks import Legend
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.segments import Option, Segments


class Panel(QWidget):
    """A calm box on the window's ground."""

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colors = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colors.color("line"), 1))
        painter.setBrush(colors.color("pane"))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, theme.RADIUS_PX, theme.RADIUS_PX)
        painter.end()


class Tile(Panel):
    """One headline figure: what it is, the figure, and what it is made of."""

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"tile-{name}")
        self._title = title
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.title = SmallLabel()
        self.title.show_words(title)
        self.figure = QLabel("\u2013")
        self.figure.setTextFormat(Qt.TextFormat.PlainText)
        self.note = SmallLabel()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_16, SPACE_12, SPACE_16, SPACE_12)
        layout.setSpacing(SPACE_4)
        layout.addWidget(self.title)
        layout.addWidget(self.figure)
        layout.addWidget(self.note)
        layout.addStretch(1)
        self._set_font()

    def show_figure(self, figure: str, note: str) -> None:
        self.figure.setText(figure)
        self.note.show_words(note)
        self.setAccessibleName(f"{self._title}: {figure}. {note}")

    def _set_font(self) -> None:
        self.figure.setFont(theme.tabular(theme.scaled(theme.heading_text_font(), 1.4)))

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.ApplicationFontChange:
            self._set_font()


class Card(Panel):
    """A chart, the same numbers as a table, and that table as a file.

    Signals:
        chosen(value): another measure of the same thing was taken.
        export_requested(table): its `Table` should become a file.
    """

    chosen = pyqtSignal(object)
    export_requested = pyqtSignal(object)

    def __init__(
        self,
        name: str,
        *,
        is_lying: bool,
        choices: Sequence[Option] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"card-{name}")
        self._is_lying = is_lying
        self.chart: QWidget | None = None
        self._shown: Chart | None = None
        self.title = ElidedLabel()
        self.choice = Segments()
        self.choice.show_options(choices, choices[0].value if choices else None)
        self.choice.setVisible(bool(choices))
        self.choice.chosen.connect(self.chosen)
        self.as_table = _button("list")
        self.as_table.setCheckable(True)
        self.as_table.toggled.connect(self._turn)
        self.export = _button("download")
        self.export.clicked.connect(lambda: self.export_requested.emit(self.rows.table))
        self.legend = Legend()
        self.rows = InsightsTable(self)
        self.table = _Rows(self.rows)
        self.nothing = QLabel()
        self.nothing.setTextFormat(Qt.TextFormat.PlainText)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.dim_text(self.nothing)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.nothing)
        self.stack.addWidget(self.table)
        self.note = SmallLabel()
        self._lay_out()
        self._set_font()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE_4)
        head.addWidget(self.title, 1)
        head.addWidget(self.choice)
        head.addSpacing(SPACE_4)
        head.addWidget(self.as_table)
        head.addWidget(self.export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_16, SPACE_12, SPACE_12, SPACE_12)
        layout.setSpacing(SPACE_8)
        layout.addLayout(head)
        layout.addWidget(self.legend)
        layout.addWidget(self.stack, 1)
        layout.addWidget(self.note)
        self.choice.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._fit_choice()

    def add_chart(self, make: Callable[..., QWidget]) -> None:
        """The charts are there: until now the card showed its table."""
        self.chart = make(is_lying=self._is_lying)
        self.chart.setAccessibleName(self.title.text)
        self.stack.addWidget(self.chart)
        if self._shown is not None:
            self.chart.show_chart(self._shown)  # type: ignore[attr-defined]
        self._turn()

    def show_content(
        self, title: str, chart: Chart, table: Table, name_of: Name, note: str = ""
    ) -> None:
        """`note` is one sentence under it."""
        self.title.set_text(title)
        self.as_table.setAccessibleName(tr("{title}: as a table", title=title))
        self.as_table.setToolTip(tr("Show the numbers as a table"))
        self.export.setAccessibleName(tr("{title}: export as CSV", title=title))
        self.export.setToolTip(tr("Export as CSV\u2026"))
        self.table.setAccessibleName(title)
        self.rows.show_table(table, name_of)
        self.table.fit()
        self.note.show_words(note)
        self.nothing.setText(tr("Nothing in this time."))
        self._shown = chart
        if self.chart is not None:
            self.chart.setAccessibleName(title)
            self.chart.show_chart(chart)  # type: ignore[attr-defined]
        self._turn()

    def _turn(self, *_is_table: bool) -> None:
        is_empty = self._shown is None or self._shown.is_empty
        if self.as_table.isChecked():
            page: QWidget = self.table
        elif is_empty or self.chart is None:
            page = self.nothing
            self.nothing.setVisible(is_empty)
        else:
            page = self.chart
        self.stack.setCurrentWidget(page)
        entries = [] if self._shown is None or page is not self.chart else self._shown.series
        self.legend.show_entries([(one.name, one.look) for one in entries])

    def _fit_choice(self) -> None:
        """Side by side, whatever room the title wants."""
        needed = max((one.needed_px() for one in self.choice.buttons), default=0)
        self.choice.setFixedWidth(len(self.choice.buttons) * (needed + SPACE_4))

    def _set_font(self) -> None:
        font = theme.scaled(theme.heading_text_font(), 0.9)
        font.setWeight(QFont.Weight.DemiBold)
        self.title.setFont(font)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.ApplicationFontChange:
            self._set_font()
            self._fit_choice()
            self.table.fit()


class _Rows(QTableView):
    """The table of a card: rows to read and to copy."""

    def __init__(self, model: InsightsTable) -> None:
        super().__init__()
        self.setModel(model)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMinimumHeight(220)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setResizeContentsPrecision(40)
        self.verticalHeader().hide()
        self.fit()

    def fit(self) -> None:
        """As high and wide as the words of the rows need."""
        font = theme.tabular(theme.secondary_text_font())
        self.setFont(font)
        self.horizontalHeader().setFont(font)
        rows = self.verticalHeader()
        rows.setMinimumSectionSize(1)
        rows.setDefaultSectionSize(self.fontMetrics().height() + SPACE_8)
        self.resizeColumnsToContents()


def _button(icon_name: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(icon_name, "dim"))
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
