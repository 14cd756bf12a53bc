"""Where clips go: the targets with a tick each, and what to do about what one does not take."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.publishing.models import Refusal, Target, Way
from veo_studio.ui.text import plain_tool_tip, tr, tr_n
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_24
from veo_studio.ui.view_models.publish_model import ClipWords, Mode, PublishModel
from veo_studio.ui.view_models.publish_words import way_words
from veo_studio.ui.views.elided_check_box import ElidedCheckBox
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.segments import Option, Segments


class TargetRow(QWidget):
    """One target: its tick, what it would not take, and the ways that do."""

    def __init__(self, model: PublishModel, target: Target, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.target = target
        self.tick = ElidedCheckBox(target.name)
        self.tick.setToolTip(plain_tool_tip(target.name))
        self.tick.setObjectName(f"target-{target.id}")
        self.kind = SmallLabel(parent=self)
        self.kind.setWordWrap(False)
        self.kind.show_words(model.info(target).label)
        self.refusal = SmallLabel("warn", self)
        self.ways = Segments()
        self.ways.setAccessibleName(tr("How {name} gets it", name=target.name))
        self.store_label = SmallLabel(parent=self)
        self.store_label.setWordWrap(False)
        self.store_label.show_words(tr("that leads to"))
        self.store = QComboBox()
        self.store.setAccessibleName(tr("Where the link leads"))
        head = QHBoxLayout()
        head.setSpacing(SPACE_8)
        head.addWidget(self.tick)
        head.addWidget(self.kind, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addStretch(1)
        store = QHBoxLayout()
        store.setSpacing(SPACE_8)
        store.addWidget(self.store_label)
        store.addWidget(self.store, 1)
        more = QVBoxLayout()
        more.setContentsMargins(SPACE_24, 0, 0, 0)
        more.setSpacing(SPACE_4)
        more.addWidget(self.refusal)
        more.addWidget(self.ways)
        more.addLayout(store)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_4)
        column.addLayout(head)
        column.addLayout(more)
        self.tick.toggled.connect(self._on_ticked)
        self.ways.chosen.connect(self._on_way)
        self.store.activated.connect(self._on_store)
        self.show_state()

    def show_state(self) -> None:
        model, target = self._model, self.target
        is_on = target.id in model.chosen
        with QSignalBlocker(self.tick):
            self.tick.setChecked(is_on)
        refused = model.refused_by(target.id) if is_on else []
        self.refusal.show_words(_refusal_words(model, refused) if refused else "")
        ways = model.ways(target)
        self.ways.setVisible(bool(ways))
        way = model.way(target)
        if ways:
            self.ways.show_options([Option(one, way_words(one)) for one in ways], way)
        stores = model.stores(target.id) if ways and way is Way.LINK else []
        self.store.setVisible(bool(stores))
        self.store_label.setVisible(bool(stores))
        if [self.store.itemData(at) for at in range(self.store.count())] != [s.id for s in stores]:
            self.store.clear()
            for store in stores:
                self.store.addItem(store.name, store.id)
        if stores:
            self.store.setCurrentIndex(self.store.findData(model.chosen[target.id].link_target_id))

    def _on_ticked(self, is_on: bool) -> None:
        self._model.tick(self.target.id, is_on)

    def _on_way(self, way: object) -> None:
        assert isinstance(way, Way)
        self._model.set_way(self.target.id, way)

    def _on_store(self, _at: int) -> None:
        self._model.set_store(self.target.id, self.store.currentData())


class PublishTargets(QWidget):
    """All targets, and the ways to more of them.

    Signals:
        new_requested(): set up another target.
        manage_requested(): look at those there are.
    """

    new_requested = pyqtSignal()
    manage_requested = pyqtSignal()

    def __init__(self, model: PublishModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.rows: dict[int, TargetRow] = {}
        self.title = QLabel(tr("Goes to"))
        self.note = SmallLabel(parent=self)
        self.new = QPushButton(tr("&New target…"))
        self.new.setObjectName("newTarget")
        self.new.setAutoDefault(False)
        self.new.setToolTip(
            plain_tool_tip(tr("Set up another place; what is typed here stays as it is"))
        )
        self.manage = QPushButton(tr("&Look at targets…"))
        self.manage.setObjectName("manageTargets")
        self.manage.setProperty("link", True)
        self.manage.setAutoDefault(False)
        self._list = QVBoxLayout()
        self._list.setSpacing(SPACE_4)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_8)
        buttons.addWidget(self.new)
        buttons.addWidget(self.manage)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_4)
        column.addWidget(self.title)
        column.addLayout(self._list)
        column.addWidget(self.note)
        column.addSpacing(SPACE_4)
        column.addLayout(buttons)
        self.new.clicked.connect(self.new_requested)
        self.manage.clicked.connect(self.manage_requested)
        model.changed.connect(self.show_state)
        self.show_state()

    @property
    def parts(self) -> list[QWidget]:
        """From top to bottom."""
        return [*self.rows.values(), self.new, self.manage]

    def show_state(self) -> None:
        model = self._model
        shown = [row.target for row in self.rows.values()]
        if shown != model.targets:
            self._build()
        for row in self.rows.values():
            row.show_state()
        self.manage.setVisible(bool(model.targets))
        self.note.show_words(self._note())

    def _build(self) -> None:
        for row in self.rows.values():
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = {target.id: TargetRow(self._model, target) for target in self._model.targets}
        for row in self.rows.values():
            self._list.addWidget(row)

    def _note(self) -> str:
        """Where it is shown beside them; always a line, so that a tick moves nothing under the pointer."""
        model = self._model
        if not model.is_read or model.mode is not Mode.PUBLISH:
            return ""
        if model.chosen:
            return tr("It is shown under Explore as well.")
        if not model.targets:
            return tr(
                "There is no target yet: it is shown under Explore, and goes nowhere else. "
                "A target is a folder, a web page, a store or a channel."
            )
        return tr("Without a target it is shown under Explore, and goes nowhere else.")


def _refusal_words(model: PublishModel, refused: Sequence[tuple[ClipWords, Refusal]]) -> str:
    sentence = refused[0][1].sentence
    if len(model.clips) == 1:
        return sentence
    return tr_n(
        "{sentence} (1 of {count} clips)",
        "{sentence} ({n} of {count} clips)",
        len(refused),
        sentence=sentence,
        count=len(model.clips),
    )
