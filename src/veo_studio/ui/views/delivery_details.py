"""Under the list of deliveries: all that is known about the selected one, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from veo_studio.ui.icons import icon
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_16
from veo_studio.ui.view_models.delivery_acts import LINK_TIMES, Act, Deed
from veo_studio.ui.view_models.publish_words import Look
from veo_studio.ui.views.elided_label import ElidedLabel
from veo_studio.ui.views.flow_layout import FlowLayout
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.services_fields import Mark


class DeliveryDetails(QWidget):
    """Signals:
    act_requested(Act): the user wants this.
    """

    act_requested = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("deliveryDetails")
        self.buttons: dict[str, QPushButton] = {}
        self._acts: list[Act] = []
        self.title = ElidedLabel()
        self.mark = Mark()
        self.state = QLabel()
        self.lines = QLabel()
        self.lines.setTextFormat(Qt.TextFormat.PlainText)
        self.lines.setWordWrap(True)
        self.lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tries = SmallLabel(parent=self)
        head = QHBoxLayout()
        head.setSpacing(SPACE_8)
        head.addWidget(self.mark)
        head.addWidget(self.state)
        head.addWidget(self.title, 1)
        self._flow = FlowLayout(spacing=SPACE_8)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_16, SPACE_8, SPACE_16, SPACE_8)
        column.setSpacing(SPACE_4)
        column.addLayout(head)
        column.addWidget(self.lines)
        column.addWidget(self.tries)
        column.addSpacing(SPACE_4)
        column.addLayout(self._flow)

    def show_item(
        self, title: str, look: Look, lines: Sequence[str], tries: str, acts: Sequence[Act]
    ) -> None:
        self.title.set_text(title)
        self.mark.show_icon(look.icon, look.token)
        self.state.setText(look.words)
        self.lines.setText("\n".join(line for line in lines if line))
        self.lines.setVisible(bool(self.lines.text()))
        self.tries.show_words(tries)
        self._show_acts(list(acts))

    def _show_acts(self, acts: list[Act]) -> None:
        if acts == self._acts:
            return
        focused = next((name for name, one in self.buttons.items() if one.hasFocus()), None)
        for button in self.buttons.values():
            self._flow.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._acts = acts
        self.buttons = {}
        for act in acts:
            name = act.deed.value if act.value is None else f"{act.deed.value}-{act.value}"
            button = self._button(act)
            button.setObjectName(f"deliver-{name}")
            self.buttons[name] = button
            self._flow.addWidget(button)
            button.show()
            if act.deed is Deed.COPY_LINK and act.is_signed:
                more = self.buttons["times"] = self._times(act)
                self._flow.addWidget(more)
                more.show()
        if focused is not None and self.buttons:
            # the button that was pressed may have gone with what it did
            target = self.buttons.get(focused) or next(iter(self.buttons.values()))
            target.setFocus(Qt.FocusReason.OtherFocusReason)
        self._flow.invalidate()
        self.updateGeometry()

    def _button(self, act: Act) -> QPushButton:
        button = QPushButton(icon(act.icon, "text", 16), act.words)
        button.setAutoDefault(False)
        if act.tip:
            button.setToolTip(plain_tool_tip(act.tip))
        button.clicked.connect(lambda: self.act_requested.emit(act))
        return button

    def _times(self, act: Act) -> QPushButton:
        """Beside the button that copies a signed link: how long it works."""
        more = QPushButton(tr("&For…"))
        more.setObjectName("linkTimes")
        more.setAutoDefault(False)
        more.setAccessibleName(tr("Copy a link that works for…"))
        menu = QMenu(more)
        for words, length in LINK_TIMES:
            entry = menu.addAction(tr(words))
            assert entry is not None
            timed = replace(act, value=length)
            entry.triggered.connect(lambda _on=False, one=timed: self.act_requested.emit(one))
        more.setMenu(menu)
        return more
