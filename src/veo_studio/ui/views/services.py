"""The settings of the services, in a window of its own beside the clips: the list of them, and the page of one."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PyQt6.QtCore import QModelIndex, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QHideEvent, QKeySequence, QPainter, QPalette, QShortcut, QShowEvent
from PyQt6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.errors import StudioError
from veo_studio.core.plain import masked
from veo_studio.ui import error_text, theme
from veo_studio.ui.icons import paint_icon
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12, SPACE_16
from veo_studio.ui.view_models.enhancer_settings import EnhancerSettingsModel
from veo_studio.ui.view_models.services_model import Look, ServicesModel, Spawn
from veo_studio.ui.views.enhancer_page import EnhancerPage
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.services_page import ServicePage

# the page that is no service of clips
ENHANCER = "enhancer"
_FIRST_SIZE = QSize(880, 620)
# borders and a title bar, as large as common desktops make them
_FRAME = QSize(16, 48)
_SMALLEST = QSize(640, 420)
_LIST_PX = 216
_ID = int(Qt.ItemDataRole.UserRole) + 1
_LOOK = _ID + 1


class _Row(QStyledItemDelegate):
    """Sign, name, and under it the state in a word."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        lines = 2 * option.fontMetrics.lineSpacing()
        return QSize(_LIST_PX - 2 * SPACE_8, lines + 2 * SPACE_8)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        assert painter is not None
        colors = theme.tokens()
        look = index.data(_LOOK)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("raised"))
            if option.state & QStyle.StateFlag.State_HasFocus:
                painter.setPen(colors.color("accent"))
            frame = option.rect.toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(frame, theme.RADIUS_PX, theme.RADIUS_PX)
            edge = option.rect.adjusted(0, SPACE_8, 0, -SPACE_8)
            edge.setWidth(2)
            painter.fillRect(edge, colors.color("accent"))
        inner = option.rect.adjusted(SPACE_12, SPACE_8, -SPACE_8, -SPACE_8)
        sign = QRect(inner.left(), inner.center().y() - 8, 16, 16)
        paint_icon(painter, look.icon, sign.toRectF(), colors.color(look.token))
        words = inner.adjusted(16 + SPACE_12, 0, 0, 0)
        upper = QRect(words.left(), words.top(), words.width(), words.height() // 2)
        lower = upper.translated(0, words.height() // 2)
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(option.font)
        painter.setPen(colors.color("text"))
        name = option.fontMetrics.elidedText(
            index.data(), Qt.TextElideMode.ElideRight, upper.width()
        )
        painter.drawText(upper, align, name)
        painter.setFont(theme.secondary_text_font())
        painter.setPen(colors.color("dim"))
        painter.drawText(lower, align, look.words)
        painter.restore()


class ServicesDialog(QDialog):
    """Not modal: the form behind it follows what is connected.

    Signals:
        page_requested(address): a page of a service, in the browser.
        wallet_requested(): the budgets.
        import_requested(): a ComfyUI workflow.
    """

    page_requested = pyqtSignal(str)
    wallet_requested = pyqtSignal()
    import_requested = pyqtSignal()

    def __init__(
        self,
        model: ServicesModel,
        spawn: Spawn,
        parent: QWidget | None = None,
        *,
        enhancer: EnhancerSettingsModel | None = None,
    ) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope."""
        super().__init__(parent)
        self.setObjectName("services")
        self.setWindowTitle(tr("Services"))
        self.setModal(False)
        self.setMinimumSize(_SMALLEST)
        room = self.screen().availableSize() if self.screen() is not None else _FIRST_SIZE
        self.resize(_FIRST_SIZE.boundedTo(room - _FRAME).expandedTo(_SMALLEST))
        self.model = model
        self._spawn = spawn
        self.enhancer = enhancer
        self.pages: dict[str, ServicePage | EnhancerPage] = {}
        self.list = QListWidget()
        self.list.setObjectName("serviceList")
        self.list.setAccessibleName(tr("Services"))
        self.list.setItemDelegate(_Row(self.list))
        self.list.setFixedWidth(_LIST_PX)
        self.list.setSpacing(0)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.stack = QStackedWidget()
        self.leave = QPushButton(tr("Close"))
        self.leave.setObjectName("closeServices")
        self.leave.setAutoDefault(False)
        self._lay_out()
        self.notices = NoticeBar(self)
        for provider_id in model.ids():
            self._add_service(provider_id)
        if enhancer is not None:
            self._add_enhancer(enhancer)
        self.list.currentRowChanged.connect(self.stack.setCurrentIndex)
        self.list.itemActivated.connect(lambda _item: self.page.focus_first())
        self.leave.clicked.connect(self._on_leave)
        model.changed.connect(self._show_service)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Close), self).activated.connect(self.close)
        self.list.setCurrentRow(0)

    def _lay_out(self) -> None:
        line = QFrame()
        line.setFrameShape(QFrame.Shape.VLine)
        line.setFrameShadow(QFrame.Shadow.Plain)
        line.setForegroundRole(QPalette.ColorRole.Mid)
        line.setFixedWidth(1)
        left = QVBoxLayout()
        left.setContentsMargins(SPACE_8, SPACE_12, SPACE_8, SPACE_12)
        left.addWidget(self.list)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(SPACE_16, SPACE_4, SPACE_16, SPACE_12)
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.stack, 1)
        right.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left)
        row.addWidget(line)
        row.addLayout(right, 1)

    def _add_service(self, provider_id: str) -> None:
        page = ServicePage(self.model, provider_id, self._run)
        page.page_requested.connect(self.page_requested)
        page.wallet_requested.connect(self.wallet_requested)
        page.import_requested.connect(self.import_requested)
        self._add_page(provider_id, page)
        self._show_service(provider_id)

    def _add_enhancer(self, model: EnhancerSettingsModel) -> None:
        page = EnhancerPage(model, self._run)
        page.service_requested.connect(self.show_service)
        self._add_page(ENHANCER, page)
        model.changed.connect(self._show_enhancer)
        # its key may be that of a service, and the other way round
        self.model.changed.connect(lambda _name: page.show_state())
        self._show_enhancer()

    def _add_page(self, name: str, page: ServicePage | EnhancerPage) -> None:
        self.pages[name] = page
        self.stack.addWidget(FieldsScroller(page))
        item = QListWidgetItem(page.title.text())
        item.setData(_ID, name)
        self.list.addItem(item)

    # what others ask

    @property
    def current(self) -> str:
        return str(self.list.currentItem().data(_ID))  # type: ignore[union-attr]

    @property
    def page(self) -> ServicePage | EnhancerPage:
        return self.pages[self.current]

    def show_service(self, provider_id: str = "") -> None:
        """Come forward with the page of this service, ready for the next thing to do there."""
        ids = list(self.pages)
        if provider_id in ids:
            self.list.setCurrentRow(ids.index(provider_id))
        self.show()
        self.raise_()
        self.activateWindow()
        self.page.focus_first()

    # what the user does

    def _run(self, work: Coroutine[Any, Any, None], refuse: Callable[[str], object]) -> None:
        self._spawn(self._told(work, refuse), name="services: settings")

    async def _told(self, work: Coroutine[Any, Any, None], refuse: Callable[[str], object]) -> None:
        try:
            await work
        except StudioError as error:
            text = error_text.describe(error)
            self.notices.show_notice(text.whole, level="bad", key=text.happened, timeout_ms=0)
        except ValueError as error:
            refuse(masked(str(error)))

    def _on_leave(self) -> None:
        # a key that was pasted and never confirmed is meant to be kept
        self.page.confirm()
        self.close()

    # showing

    def _show_service(self, provider_id: str) -> None:
        self._show_look(provider_id, self.model.look(provider_id))
        self.pages[provider_id].show_state()

    def _show_enhancer(self) -> None:
        assert self.enhancer is not None
        self._show_look(ENHANCER, self.enhancer.look())

    def _show_look(self, name: str, look: Look) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item is not None and item.data(_ID) == name:
                item.setData(_LOOK, look)
                spoken = f"{item.text()}: {look.words}"
                item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
                item.setToolTip(spoken)

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        if event is not None and not event.spontaneous():
            for page in self.pages.values():
                # what was refused and left behind looks like a setting otherwise
                page.revert()
            self.model.refresh()
            if self.enhancer is not None:
                self._show_enhancer()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        if event is not None and not event.spontaneous():
            self.model.cancel_tests()
            if self.enhancer is not None:
                self.enhancer.cancel_test()
