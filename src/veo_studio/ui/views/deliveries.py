"""Deliveries: where clips went or are going, and what is planned; in a window beside the work."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QModelIndex, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QListView,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.publishing.models import Target
from veo_studio.ui.delegates.delivery_delegate import DeliveryDelegate
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_8, SPACE_12, SPACE_16
from veo_studio.ui.view_models.delivery_rows import (
    ATTENTION,
    DELIVERED,
    ON_THE_WAY,
    DeliveryRows,
)
from veo_studio.ui.view_models.planned_rows import PlannedRows
from veo_studio.ui.views.delivery_details import DeliveryDetails
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.fields_scroller import LowScroller

_FIRST_SIZE = QSize(820, 600)
# borders and a title bar, as large as common desktops make them
_FRAME = QSize(16, 48)
# how often words such as "again in 40 s" and "link works for 12 min" are told anew
_FAST_MS, _SLOW_MS = 1000, 20_000
_LEAST_WIDTH, _LEAST_ROWS = 240, 2
SENT, PLANNED = 0, 1
FILTERS = (
    ("All deliveries", None),
    ("On the way", ON_THE_WAY),
    ("Needs attention", ATTENTION),
    ("Delivered", DELIVERED),
)


class DeliveriesDialog(QDialog):
    """Not modal: it stays open beside the work and follows it.

    Signals:
        selected(): another row is looked at, or none.
        opened(): it came to the front after it was away.
        targets_requested(): the dialog of the targets.
    """

    selected = pyqtSignal()
    opened = pyqtSignal()
    targets_requested = pyqtSignal()

    def __init__(
        self, rows: DeliveryRows, planned: PlannedRows, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("deliveries")
        self.setWindowTitle(tr("Deliveries"))
        self.setModal(False)
        self.rows = rows
        self.planned = planned
        # where a link can lead to
        self.stores: list[Target] = []
        self._make_head()
        self.list = _list(tr("Deliveries"), "deliveryList")
        self.list.setModel(rows)
        self.plans = _list(tr("Planned"), "plannedList")
        self.plans.setModel(planned)
        self.empty = EmptyState("external")
        self.stack = QStackedWidget()
        for page in (self.list, self.plans, self.empty):
            self.stack.addWidget(page)
        self.details = DeliveryDetails()
        self.details_room = LowScroller(self.details)
        self.notices = NoticeBar(self)
        self._lay_out()
        screen = self.screen()
        room = screen.availableSize() - _FRAME if screen is not None else _FIRST_SIZE
        self.resize(_FIRST_SIZE.boundedTo(room))
        self._tick = QTimer(self)
        self._tick.timeout.connect(self._on_tick)
        self._bind()
        self._show()

    def _make_head(self) -> None:
        self.tabs = QTabBar()
        self.tabs.setObjectName("deliveryTabs")
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName(tr("Deliveries or what is planned"))
        self.tabs.addTab(tr("Deliveries"))
        self.tabs.addTab(tr("Planned"))
        self.filter = QComboBox()
        self.filter.setObjectName("deliveryFilter")
        self.filter.setAccessibleName(tr("Which deliveries"))
        for words, states in FILTERS:
            self.filter.addItem(tr(words), states)
        self.one = QPushButton(tr("Show those of all clips"))
        self.one.setObjectName("allClips")
        self.one.setProperty("link", True)
        self.past = QCheckBox(tr("Also what is &over"))
        self.targets = QPushButton(tr("&Targets…"))
        self.targets.setObjectName("deliveryTargets")
        for button in (self.one, self.targets):
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(SPACE_12, SPACE_8, SPACE_16, SPACE_8)
        head.setSpacing(SPACE_8)
        head.addWidget(self.tabs)
        head.addStretch(1)
        head.addWidget(self.one)
        head.addWidget(self.past)
        head.addWidget(self.filter)
        head.addWidget(self.targets)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.stack, 1)
        column.addWidget(self.details_room)
        self.notices.stand_on(self.details_room)

    def _bind(self) -> None:
        self.tabs.currentChanged.connect(self._on_tab)
        self.filter.activated.connect(self._on_filter)
        self.one.clicked.connect(self._on_all)
        self.past.toggled.connect(self.planned.show_past)
        self.targets.clicked.connect(self.targets_requested)
        self.empty.action_requested.connect(self.targets_requested)
        for view, model in ((self.list, self.rows), (self.plans, self.planned)):
            model.modelReset.connect(self._on_reset)
            model.rowsInserted.connect(self._show)
            selection = view.selectionModel()
            assert selection is not None
            selection.currentChanged.connect(self._on_selected)
        self.rows.dataChanged.connect(self._on_selected)
        self.planned.dataChanged.connect(self._on_selected)
        self.rows.rowsInserted.connect(self._set_pace)
        close = QShortcut(QKeySequence(QKeySequence.StandardKey.Close), self)
        close.activated.connect(self.close)

    # what others ask

    def come_forward(self, tab: int = SENT) -> None:
        self.tabs.setCurrentIndex(tab)
        self.show()
        self.raise_()
        self.activateWindow()
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_states(self, states: object, generation_id: int | None) -> None:
        """Narrow the list, as the filter does."""
        for number, (_words, one) in enumerate(FILTERS):
            if one == states:
                self.filter.setCurrentIndex(number)
        self.rows.narrow(self.filter.currentData(), generation_id)
        self._show()

    @property
    def view(self) -> QListView:
        return self.plans if self.tabs.currentIndex() == PLANNED else self.list

    def current(self) -> QModelIndex:
        return self.view.currentIndex()

    def select(self, index: QModelIndex) -> None:
        if index.isValid():
            self.view.setCurrentIndex(index)

    # what the user does

    def _on_tab(self, _number: int) -> None:
        self._show()
        self.selected.emit()

    def _on_filter(self, _number: int) -> None:
        self.rows.narrow(self.filter.currentData(), self.rows.generation_id)

    def _on_all(self) -> None:
        self.rows.narrow(self.filter.currentData(), None)
        self._show()

    def _on_selected(self, *_: object) -> None:
        self.selected.emit()

    def _on_reset(self) -> None:
        self._show()
        view = self.view
        model = view.model()
        if model is not None and model.rowCount() and not view.currentIndex().isValid():
            view.setCurrentIndex(model.index(0, 0))
        self._set_pace()
        self.selected.emit()

    # showing

    def _show(self) -> None:
        is_planned = self.tabs.currentIndex() == PLANNED
        self.filter.setVisible(not is_planned)
        self.one.setVisible(not is_planned and self.rows.generation_id is not None)
        self.past.setVisible(is_planned)
        if is_planned:
            is_empty = self.planned.is_loaded and not self.planned.rowCount()
            words = tr("Nothing is planned. Publish a clip at a date and time to see it here.")
            action = None
        else:
            is_empty = self.rows.is_loaded and not self.rows.rowCount()
            words, action = self._empty_words()
        self.empty.set_content(words, action)
        page: QWidget = self.empty if is_empty else self.view
        self.stack.setCurrentWidget(page)
        # how high a row is, is known once there is one
        page.updateGeometry()
        self.details_room.setVisible(not is_empty and self.current().isValid())

    def _empty_words(self) -> tuple[str, str | None]:
        if self.rows.states is not None:
            return tr("No delivery stands like this."), None
        if self.rows.generation_id is not None:
            return tr("This clip was delivered nowhere yet."), None
        return tr("Nothing was delivered yet. Publish a clip to a target."), tr("Targets…")

    def _on_tick(self) -> None:
        self.rows.refresh_words()
        self._set_pace()

    def _set_pace(self, *_: object) -> None:
        pace = _FAST_MS if self.rows.has_open else _SLOW_MS
        if self._tick.isActive() and self._tick.interval() != pace:
            self._tick.setInterval(pace)

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        if event is not None and not event.spontaneous():
            self._tick.start(_FAST_MS if self.rows.has_open else _SLOW_MS)
            self.opened.emit()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        if event is not None and not event.spontaneous():
            self._tick.stop()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.ApplicationFontChange:
            for view in (self.list, self.plans):
                view.scheduleDelayedItemsLayout()


class _Rows(QListView):
    """Keeps its current row in sight when it gets lower."""

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST_WIDTH, max(0, self.sizeHintForRow(0)) * _LEAST_ROWS)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())


def _list(name: str, object_name: str) -> QListView:
    view = _Rows()
    view.setObjectName(object_name)
    view.setAccessibleName(name)
    view.setUniformItemSizes(True)
    view.setMouseTracking(True)
    view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setItemDelegate(DeliveryDelegate(view))
    return view
