"""The settings of prompt enhancement: who proposes, how a chat server is reached, and what services are told."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.connecting import PlainHttpAsked
from veo_studio.core.enhance import EnhancerKind
from veo_studio.ui import theme
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.dialogs import Question
from veo_studio.ui.text import tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12, SPACE_16
from veo_studio.ui.view_models.enhancer_settings import PRESETS, EnhancerSettingsModel
from veo_studio.ui.views.enhancer_instructions import InstructionsBox
from veo_studio.ui.views.labels import SmallLabel, field_label
from veo_studio.ui.views.services_fields import KeyField, Mark, TextField
from veo_studio.ui.views.services_trial import TrialBox

# does work; the second is told a sentence where a field refuses
Run = Callable[[Coroutine[Any, Any, None], Callable[[str], object]], None]


class EnhancerPage(QWidget):
    """Signals:
    service_requested(id): the settings of a service whose key is used here.
    """

    service_requested = pyqtSignal(str)

    def __init__(
        self, model: EnhancerSettingsModel, run: Run, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("enhancerPage")
        self._model = model
        self._run = run
        self._is_showing = False
        self._tested: list[str] = []
        self._make_head()
        self._make_fields()
        self.trial = TrialBox("")
        self.instructions = InstructionsBox()
        self._lay_out()
        self._bind()
        self.show_state()

    # building

    def _make_head(self) -> None:
        self.title = QLabel(tr("Prompt enhancement"))
        theme.heading_font(self.title)
        self.mark = Mark()
        self.standing = QLabel()
        self.standing.setObjectName("standing")
        self.about = QLabel(
            tr(
                "Better words for a prompt, proposed by a text service or by rules that are part of the "
                "program. Nothing is sent before you ask for a proposal."
            )
        )
        self.about.setWordWrap(True)
        theme.dim_text(self.about)

    def _make_fields(self) -> None:
        self.service = QComboBox()
        self.service.setObjectName("enhancerService")
        self.service.setAccessibleName(tr("Who proposes"))
        self.service.addItem(tr("Whoever is ready"), None)
        for choice in self._model.choices():
            self.service.addItem(choice.name, choice.kind)
        self.service_note = SmallLabel(parent=self)
        self.google = QPushButton(tr("Its key is that of Google Gemini: &open its settings"))
        self.google.setObjectName("openGemini")
        self.google.setProperty("link", True)
        self.google.setAutoDefault(False)
        self.server = QComboBox()
        self.server.setObjectName("chatServer")
        self.server.setAccessibleName(tr("Kind of server"))
        for preset in PRESETS:
            self.server.addItem(preset.name, preset.address)
        self.server.addItem(tr("Another one"), None)
        self.address = TextField("enhancerAddress", parent=self)
        self.address.edit.setAccessibleName(tr("Address"))
        self.address.edit.setPlaceholderText(PRESETS[0].address)
        self.key = KeyField(self)
        self.model = TextField("enhancerModel", usual=tr("&Usual"), parent=self)
        self.model.edit.setAccessibleName(tr("Model"))
        self.model.usual.setToolTip(tr("Back to the usual model"))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE_8)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.mark)
        head.addWidget(self.standing)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(SPACE_12)
        self._grid.setVerticalSpacing(SPACE_12)
        self._grid.setColumnStretch(1, 1)
        who = QVBoxLayout()
        who.setSpacing(SPACE_4)
        who.addWidget(self.service)
        who.addWidget(self.service_note)
        who.addWidget(self.google, 0, Qt.AlignmentFlag.AlignLeft)
        self._add_row(tr("Pr&oposes"), self.service, who)
        self._server_parts = (
            *self._add_row(tr("&Server"), self.server),
            *self._add_row(tr("&Address"), self.address),
            *self._add_row(tr("&Key"), self.key),
        )
        self._model_parts = self._add_row(tr("&Model"), self.model)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_16, SPACE_16, SPACE_16, SPACE_16)
        column.setSpacing(SPACE_8)
        column.addLayout(head)
        column.addWidget(self.about)
        column.addSpacing(SPACE_8)
        column.addLayout(self._grid)
        column.addWidget(self.trial)
        column.addSpacing(SPACE_12)
        column.addWidget(self.instructions)
        column.addStretch(1)

    def _add_row(
        self, words: str, field: QWidget, layout: QVBoxLayout | None = None
    ) -> tuple[QWidget, QWidget]:
        row = self._grid.rowCount()
        label = field_label(words, field)
        label.setMinimumHeight(theme.CONTROL_HEIGHT_PX)
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        if layout is None:
            self._grid.addWidget(field, row, 1)
        else:
            self._grid.addLayout(layout, row, 1)
        return label, field

    def _bind(self) -> None:
        model = self._model
        self.service.activated.connect(
            lambda row: self._run(
                model.choose(self.service.itemData(row)), self.service_note.show_words
            )
        )
        self.google.clicked.connect(lambda: self.service_requested.emit("gemini"))
        self.server.activated.connect(self._on_server)
        self.address.saved.connect(
            lambda text: self._run(self._set_address(text), self.address.refuse)
        )
        self.key.saved.connect(lambda key: self._run(self._set_key(key), self.key.refuse))
        self.key.removed.connect(lambda: self._run(model.forget_key(), self.key.refuse))
        self.model.saved.connect(
            lambda text: self._run(model.set_model(model.shown, text), self.model.refuse)
        )
        self.trial.test_requested.connect(lambda: self._run(self._test(), self.key.refuse))
        self.trial.stop_requested.connect(model.cancel_test)
        box = self.instructions
        box.saved.connect(lambda words: self._run(model.set_instructions(words), box.refuse))
        box.restored.connect(lambda: self._run(model.restore_instructions(), box.refuse))
        model.changed.connect(self.show_state)

    # what the user does

    def confirm(self) -> None:
        """Keep what was typed and not confirmed: the user is done here."""
        self.key.confirm()
        self.instructions.confirm()

    def revert(self) -> None:
        """Show what holds, whatever was typed."""
        self.key.clear()
        for field in (self.address, self.model):
            field.revert()
        self.instructions.revert()

    def focus_first(self) -> None:
        self.service.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_server(self, row: int) -> None:
        address = self.server.itemData(row)
        if address is None:
            self.address.edit.setFocus(Qt.FocusReason.OtherFocusReason)
            self.address.edit.selectAll()
            return
        # OpenAI's own is what holds without one
        text = "" if address == PRESETS[0].address else address
        self._run(self._set_address(text), self.address.refuse)

    async def _set_address(self, address: str) -> None:
        try:
            await self._model.set_address(address)
        except PlainHttpAsked as asked:
            if not await self._is_allowed(str(asked)):
                self.address.revert()
                return
            await self._model.set_address(address, allows_plain_http=True)

    async def _is_allowed(self, words: str) -> bool:
        question = Question(
            tr("Use an address that is not encrypted?"),
            words,
            tr("&Use it all the same"),
            tr("&Do not use it"),
            self.window(),
        )
        return await run_dialog(question) == QDialog.DialogCode.Accepted

    async def _set_key(self, key: str) -> None:
        await self._model.set_key(key)
        self.key.clear()

    async def _test(self) -> None:
        """With the key that stands in the field, where one does."""
        if self.key.typed and self._model.shown is EnhancerKind.OPENAI:
            await self._set_key(self.key.typed)
        self._model.start_test(self._model.shown)

    # showing

    def show_state(self) -> None:
        """Show how it stands; fields in which somebody types are left alone."""
        model = self._model
        kind = model.shown
        look = model.look()
        self.mark.show_icon(look.icon, look.token)
        self.standing.setText(look.words)
        self.service.setCurrentIndex(max(0, self._row_of(model.by_user)))
        self.service_note.show_words(model.standing_words())
        self.google.setVisible(kind is EnhancerKind.GEMINI)
        for part in self._server_parts:
            part.setVisible(kind is EnhancerKind.OPENAI)
        for part in (*self._model_parts, self.trial):
            part.setVisible(kind is not EnhancerKind.RULES)
        self._show_server()
        self.model.show_value(model.own_model(kind), model.model_words(kind))
        self._offer(model.model_names.get(kind, []))
        self.trial.show_trial(model.trial(kind), can_be_asked=self._can_be_asked())
        self.instructions.show_words(model.instructions, is_own=model.has_own_instructions)

    def _row_of(self, kind: EnhancerKind | None) -> int:
        return 0 if kind is None else self.service.findData(kind)

    def _show_server(self) -> None:
        server = self._model.server()
        variable = server.address_variable
        own = server.own_address
        words = "" if own or variable else tr("OpenAI's own address.")
        self.address.show_value(own, words, variable=variable or "")
        row = self.server.findData(own or server.usual_address)
        self.server.setCurrentIndex(row if row >= 0 else self.server.count() - 1)
        self.server.setEnabled(variable is None)
        self.key.show_kept(
            self._model.kept_words(),
            is_there=bool(server.key_place),
            may_remove=self._model.may_remove_key(),
        )

    def _can_be_asked(self) -> bool:
        kind = self._model.shown
        typed = kind is EnhancerKind.OPENAI and bool(self.key.typed)
        return self._model.choice(kind).is_ready or typed

    def _offer(self, names: list[str]) -> None:
        """Complete what is typed with the models that the service told."""
        if names != self._tested:
            self._tested = list(names)
            completer = QCompleter(names, self)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            self.model.edit.setCompleter(completer)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.ApplicationFontChange:
            theme.heading_font(self.title)
