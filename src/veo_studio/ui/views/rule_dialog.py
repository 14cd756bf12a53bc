"""One rule: which finished clips go where by themselves."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.models import GenerationKind
from veo_studio.core.publishing.models import Rule, Target, TargetWish
from veo_studio.ui import theme
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12, SPACE_16, SPACE_24
from veo_studio.ui.view_models.rules_model import RulesModel, Wanted
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.labels import SmallLabel, field_label

_LINES = 5


class _TargetRow(QWidget):
    def __init__(self, model: RulesModel, target: Target, wish: TargetWish | None) -> None:
        super().__init__()
        self.tick = QCheckBox(target.name.replace("&", "&&"))
        self.tick.setObjectName(f"rule-target-{target.id}")
        self.tick.setChecked(wish is not None)
        self.way = QComboBox()
        self.way.setAccessibleName(tr("How {name} gets it", name=target.name))
        self._ways = model.ways(target)
        for words, _way in self._ways:
            self.way.addItem(words)
        if wish is not None:
            places = [place for place, (_, one) in enumerate(self._ways) if one == wish]
            self.way.setCurrentIndex(places[0] if places else 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_8)
        row.addWidget(self.tick)
        row.addStretch(1)
        row.addWidget(self.way)
        self.way.setVisible(len(self._ways) > 1)
        self.tick.toggled.connect(self.way.setEnabled)
        self.way.setEnabled(wish is not None)

    def wish(self) -> TargetWish | None:
        return self._ways[self.way.currentIndex()][1] if self.tick.isChecked() else None


class RuleDialog(QDialog):
    """Opened with `run_dialog`; stays open with the reason where it is refused.

    Signals:
        wanted(): keep what is filled in.
    """

    wanted = pyqtSignal()

    def __init__(self, model: RulesModel, rule: Rule | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rule")
        words = tr("New rule") if rule is None else tr("Change a rule")
        self.setWindowTitle(words)
        self.model = model
        self.rule = rule
        self.heading = QLabel(words)
        theme.heading_font(self.heading)
        self._make_fields(rule)
        self.problem = SmallLabel("bad", self)
        box = QDialogButtonBox()
        yes = box.addButton(
            tr("&Add this rule") if rule is None else tr("&Save"),
            QDialogButtonBox.ButtonRole.AcceptRole,
        )
        box.addButton(QDialogButtonBox.StandardButton.Cancel)
        assert yes is not None
        self.yes = yes
        self.yes.setObjectName("saveRule")
        theme.accent_button(self.yes)
        self.yes.setDefault(True)
        box.accepted.connect(self._on_yes)
        box.rejected.connect(self.reject)
        QShortcut(QKeySequence("Ctrl+Return"), self, self.yes.click)
        self._lay_out(box)
        self._bind()
        self._show()
        self.name.setFocus()

    def _make_fields(self, rule: Rule | None) -> None:
        model = self.model
        self.name = QLineEdit(rule.name if rule is not None else tr("Everything finished"))
        self.name.setObjectName("ruleName")
        self.name.setMaxLength(60)
        kinds = rule.kinds if rule is not None and rule.kinds else frozenset(GenerationKind)
        self.videos = QCheckBox(tr("&Videos"))
        self.videos.setChecked(GenerationKind.VIDEO in kinds)
        self.pictures = QCheckBox(tr("&Pictures"))
        self.pictures.setChecked(GenerationKind.IMAGE in kinds)
        self._ticks: list[tuple[tuple[str, str], QCheckBox]] = []
        self._sources = QWidget()
        self._source_rows = QVBoxLayout(self._sources)
        self._source_rows.setContentsMargins(0, 0, 0, 0)
        self._source_rows.setSpacing(0)
        self._fill_sources(rule)
        self.sources = FieldsScroller(self._sources)
        self.sources.setObjectName("ruleSources")
        self.sources.setAccessibleName(tr("Only of these; nothing ticked means all"))
        self.sources.setFixedHeight(theme.CONTROL_HEIGHT_PX * _LINES)
        self.rehearsals = QCheckBox(tr("Also what the &rehearsal engine made"))
        self.rehearsals.setChecked(rule is not None and rule.takes_rehearsals)
        wishes = {wish.target_id: wish for wish in rule.targets} if rule is not None else {}
        self.targets = [_TargetRow(model, one, wishes.get(one.id)) for one in model.targets]

    def _fill_sources(self, rule: Rule | None) -> None:
        """Services, each with its models under it."""
        for provider_id, name, models in self.model.sources.listed():
            whole = rule is not None and self.model.sources.is_whole(rule, provider_id)
            self._add_source(("provider", provider_id), name, whole)
            for model_id, model_name in models.items():
                is_on = not whole and rule is not None and model_id in rule.models
                self._add_source(("model", model_id), f"    {model_name}", is_on)

    def _add_source(self, key: tuple[str, str], words: str, is_on: bool) -> None:
        tick = QCheckBox(words.replace("&", "&&"))
        tick.setChecked(is_on)
        row = QHBoxLayout()
        row.setContentsMargins(SPACE_24 if key[0] == "model" else 0, 0, 0, 0)
        row.addWidget(tick)
        self._source_rows.addLayout(row)
        self._ticks.append((key, tick))

    def _lay_out(self, box: QDialogButtonBox) -> None:
        kinds = QHBoxLayout()
        kinds.setSpacing(SPACE_16)
        kinds.addWidget(self.videos)
        kinds.addWidget(self.pictures)
        kinds.addStretch(1)
        targets = QVBoxLayout()
        targets.setSpacing(SPACE_4)
        for row in self.targets:
            targets.addWidget(row)
        hint = SmallLabel()
        hint.show_words(tr("Nothing ticked means all services and models."))
        note = SmallLabel()
        note.show_words(
            tr("It counts for what is finished from now on, and does not publish anything.")
        )
        top = Qt.AlignmentFlag.AlignTop
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_12)
        grid.setVerticalSpacing(SPACE_8)
        grid.setColumnStretch(1, 1)
        grid.addWidget(field_label(tr("&Name"), self.name), 0, 0)
        grid.addWidget(self.name, 0, 1)
        grid.addWidget(_label(tr("Takes")), 1, 0, top)
        grid.addLayout(kinds, 1, 1)
        grid.addWidget(_label(tr("Only of")), 2, 0, top)
        grid.addWidget(self.sources, 2, 1)
        grid.addWidget(hint, 3, 1)
        grid.addWidget(self.rehearsals, 4, 1)
        grid.addWidget(_label(tr("Goes to")), 5, 0, top)
        grid.addLayout(targets, 5, 1)
        inner = QWidget()
        rows = QVBoxLayout(inner)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addLayout(grid)
        rows.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, SPACE_16)
        column.setSpacing(SPACE_8)
        column.addWidget(self.heading)
        column.addWidget(note)
        column.addWidget(FieldsScroller(inner), 1)
        column.addWidget(self.problem)
        column.addWidget(box)
        screen = self.screen()
        if screen is not None:
            self.resize(self.sizeHint().expandedTo(self.size()).boundedTo(screen.availableSize()))

    def _bind(self) -> None:
        self.name.textEdited.connect(self._show)
        for tick in (self.videos, self.pictures, *(row.tick for row in self.targets)):
            tick.toggled.connect(self._show)

    def filled(self) -> Wanted:
        kinds = {
            kind
            for kind, tick in (
                (GenerationKind.VIDEO, self.videos),
                (GenerationKind.IMAGE, self.pictures),
            )
            if tick.isChecked()
        }
        found = self._ticked()
        providers, models = self.model.sources.narrowed(
            {one for what, one in found if what == "provider"},
            {one for what, one in found if what == "model"},
        )
        return Wanted(
            self.name.text(),
            tuple(wish for row in self.targets if (wish := row.wish()) is not None),
            frozenset(kinds) if len(kinds) == 1 else frozenset(),
            providers,
            models,
            self.rehearsals.isChecked(),
        )

    def _ticked(self) -> list[tuple[str, str]]:
        return [key for key, tick in self._ticks if tick.isChecked()]

    def refuse(self, sentence: str) -> None:
        self.problem.show_words(sentence)
        self.yes.setEnabled(True)

    def _show(self) -> None:
        problem = self.filled().problem
        if not self.videos.isChecked() and not self.pictures.isChecked():
            problem = tr("Choose videos, pictures or both.")
        self.problem.show_words(problem)
        self.yes.setEnabled(not problem)

    def _on_yes(self) -> None:
        if self.yes.isEnabled():
            self.yes.setEnabled(False)
            self.wanted.emit()


def _label(words: str) -> QLabel:
    label = QLabel(words)
    label.setMinimumHeight(theme.CONTROL_HEIGHT_PX)
    return label
