"""The page of one service: what it is, its key, where it is, a test, and what it costs to stop there."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.connecting import MAX_AT_ONCE, PlainHttpAsked, ProviderState
from veo_studio.ui import theme
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.dialogs import Question
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.theme import SPACE_8, SPACE_12, SPACE_16
from veo_studio.ui.view_models.services_model import ServicesModel
from veo_studio.ui.views.labels import SmallLabel, field_label
from veo_studio.ui.views.services_fields import KeyField, Mark, TextField
from veo_studio.ui.views.services_trial import TrialBox
from veo_studio.ui.views.services_workflows import WorkflowsBox

COMFYUI = "comfyui"
# does work; the second is told a sentence where a field refuses
Run = Callable[[Coroutine[Any, Any, None], Callable[[str], object]], None]


class ServicePage(QWidget):
    """Signals:
    page_requested(address): a page of the service, in the browser.
    import_requested(): a ComfyUI workflow.
    wallet_requested(): the budgets.
    """

    page_requested = pyqtSignal(str)
    import_requested = pyqtSignal()
    wallet_requested = pyqtSignal()

    def __init__(
        self, model: ServicesModel, provider_id: str, run: Run, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"service-{provider_id}")
        self.provider_id = provider_id
        self._model = model
        self._run = run
        self._is_showing = False
        state = model.state(provider_id)
        self._make_head(state)
        self._make_fields(state)
        self.trial = TrialBox(state.info.name)
        self._make_foot(state)
        self._lay_out(state)
        self._bind()
        self.show_state()

    # building

    def _make_head(self, state: ProviderState) -> None:
        self.title = QLabel(state.info.name)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        theme.heading_font(self.title)
        self.mark = Mark()
        self.standing = QLabel()
        self.standing.setObjectName("standing")
        self.about = _plain(state.info.about)
        theme.dim_text(self.about)
        self.missing = SmallLabel("text", self)
        self.missing.setObjectName("missing")

    def _make_fields(self, state: ProviderState) -> None:
        info = state.info
        self.key = KeyField(self)
        how = (
            tr("&Get a key: open the page")
            if info.needs_key
            else tr("&How to set it up: open the page")
        )
        self.key_page = _link(how, "keyPage", info.key_page)
        self.address = TextField("address", usual=tr("&Usual"), parent=self)
        self.address.edit.setAccessibleName(tr("Address"))
        self.address.edit.setPlaceholderText(info.base_url or "http://127.0.0.1:8188")
        self.address.usual.setToolTip(tr("Back to the address of the service itself"))
        if info.needs_address:
            self.address.usual.setText(tr("Cl&ear"))
            self.address.usual.setToolTip(tr("Forget this address"))
        self.options: dict[str, TextField] = {}
        for option in info.options:
            field = self.options[option.name] = TextField(f"option-{option.name}", parent=self)
            field.edit.setAccessibleName(option.label)
        self.at_once = QSpinBox()
        self.at_once.setObjectName("atOnce")
        self.at_once.setRange(1, MAX_AT_ONCE)
        self.at_once.setKeyboardTracking(False)
        self.at_once.setAccessibleName(tr("How many run there at once"))
        self.at_once_note = SmallLabel(parent=self)
        self.at_once_note.show_words(
            tr_n("clip at once; {usual} is usual", "clips at once; {usual} is usual", 2,
                 usual=info.concurrency)
        )  # fmt: skip

    def _make_foot(self, state: ProviderState) -> None:
        info = state.info
        self.cancel_help = _plain(info.cancel_help)
        theme.dim_text(self.cancel_help)
        self.usage = _link(tr("What it &billed: open the page"), "usagePage", info.usage_page)
        self.wallet = _link(tr("Bu&dgets are in the wallet…"), "budgets")

    def _lay_out(self, state: ProviderState) -> None:
        info = state.info
        head = QHBoxLayout()
        head.setSpacing(SPACE_8)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.mark)
        head.addWidget(self.standing)
        self._grid = self._make_grid()
        if info.needs_key:
            self._add_row(tr("&Key"), self.key)
        for option in info.options:
            self._add_row(option.label, self.options[option.name])
        if state.address or info.needs_address or info.base_url:
            self._add_row(tr("&Address"), self.address)
        at_once = QHBoxLayout()
        at_once.setSpacing(SPACE_8)
        at_once.addWidget(self.at_once)
        at_once.addWidget(self.at_once_note, 1)
        self._add_row(tr("&Makes"), self.at_once, at_once)
        links = QVBoxLayout()
        links.setSpacing(0)
        for link in (self.usage, self.wallet):
            links.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
        foot = self._make_grid()
        foot.addWidget(QLabel(tr("Cancel")), 0, 0, Qt.AlignmentFlag.AlignTop)
        foot.addWidget(self.cancel_help, 0, 1)
        foot.addLayout(links, 1, 1)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(SPACE_16, SPACE_16, SPACE_16, SPACE_16)
        self.column.setSpacing(SPACE_8)
        self.column.addLayout(head)
        self.column.addWidget(self.about)
        self.column.addWidget(self.key_page, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addSpacing(SPACE_8)
        self.column.addLayout(self._grid)
        self.column.addSpacing(SPACE_8)
        self.column.addWidget(self.missing)
        self.column.addWidget(self.trial)
        self.column.addSpacing(SPACE_8)
        if info.id == COMFYUI:
            self._add_workflows(foot)
        self.column.addLayout(foot)
        self.column.addStretch(1)
        # what leads nowhere is not there
        self.key_page.setVisible(bool(info.key_page))
        self.usage.setVisible(bool(info.usage_page))
        self.cancel_help.setVisible(bool(info.cancel_help))
        self.key.setVisible(info.needs_key)
        has_address = bool(state.address or info.needs_address or info.base_url)
        self.address.setVisible(has_address)

    def _add_workflows(self, grid: QGridLayout) -> None:
        self.workflows = WorkflowsBox(self._model)
        self.workflows.import_requested.connect(self.import_requested)
        label = field_label(tr("&Workflows"), self.workflows.take)
        grid.addWidget(label, 2, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.workflows, 2, 1)

    def _make_grid(self) -> QGridLayout:
        """One edge for the fields of every service."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_12)
        grid.setVerticalSpacing(SPACE_12)
        grid.setColumnStretch(1, 1)
        widest = max(map(self.fontMetrics().horizontalAdvance, _LABELS))
        grid.setColumnMinimumWidth(0, widest)
        return grid

    def _add_row(
        self, words: str, field: QWidget, layout: QVBoxLayout | QHBoxLayout | None = None
    ) -> None:
        row = self._grid.rowCount()
        label = field_label(words, field)
        label.setMinimumHeight(theme.CONTROL_HEIGHT_PX)
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        if layout is None:
            self._grid.addWidget(field, row, 1)
        else:
            self._grid.addLayout(layout, row, 1)

    def _bind(self) -> None:
        model, name = self._model, self.provider_id
        info = model.state(name).info
        self.key.saved.connect(self._on_key)
        self.key.edit.textChanged.connect(self._show_trial)
        self.key.removed.connect(lambda: self._run(model.forget_key(name), self.key.refuse))
        self.key_page.clicked.connect(lambda: self.page_requested.emit(info.key_page))
        self.usage.clicked.connect(lambda: self.page_requested.emit(info.usage_page))
        self.wallet.clicked.connect(self.wallet_requested)
        self.address.saved.connect(
            lambda text: self._run(self._set_address(text), self.address.refuse)
        )
        for option, field in self.options.items():
            field.saved.connect(
                lambda text, option=option, field=field: self._run(
                    model.set_option(name, option, text), field.refuse
                )
            )
        self.at_once.valueChanged.connect(self._on_at_once)
        self.trial.test_requested.connect(lambda: self._run(self._test(), self.key.refuse))
        self.trial.stop_requested.connect(lambda: model.cancel_test(name))

    # what the user does

    def confirm(self) -> None:
        """Keep what was typed and not confirmed: the user is done here."""
        self.key.confirm()

    def revert(self) -> None:
        """Show what holds, whatever was typed."""
        self.key.clear()
        for field in (self.address, *self.options.values()):
            field.revert()

    def focus_first(self) -> None:
        """Where the next thing to do is."""
        state = self._model.state(self.provider_id)
        if state.info.needs_key:
            target: QWidget = self.key
        elif state.info.needs_address:
            target = self.address
        else:
            needed = [one.name for one in state.info.options if one.is_required]
            target = self.options[needed[0]] if needed else self.trial.test
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_key(self, key: str) -> None:
        self._run(self._set_key(key), self.key.refuse)

    async def _set_key(self, key: str) -> None:
        await self._model.set_key(self.provider_id, key)
        self.key.clear()

    async def _set_address(self, address: str) -> None:
        try:
            await self._model.set_address(self.provider_id, address)
        except PlainHttpAsked as asked:
            if not await self._is_allowed(str(asked)):
                self.address.revert()
                return
            await self._model.set_address(self.provider_id, address, allows_plain_http=True)

    async def _is_allowed(self, words: str) -> bool:
        question = Question(
            tr("Use an address that is not encrypted?"),
            words,
            tr("&Use it all the same"),
            tr("&Do not use it"),
            self.window(),
        )
        return await run_dialog(question) == QDialog.DialogCode.Accepted

    def _on_at_once(self, count: int) -> None:
        if not self._is_showing:
            self._run(
                self._model.set_at_once(self.provider_id, count), self.at_once_note.show_words
            )

    async def _test(self) -> None:
        """With the key that stands in the field, where one does."""
        if self.key.typed:
            await self._set_key(self.key.typed)
        self._model.start_test(self.provider_id)

    # showing

    def show_state(self) -> None:
        """Show how the service stands; fields in which somebody types are left alone."""
        self._is_showing = True
        try:
            self._show_state()
        finally:
            self._is_showing = False

    def _show_state(self) -> None:
        model, name = self._model, self.provider_id
        state = model.state(name)
        look = model.look(name)
        self.mark.show_icon(look.icon, look.token)
        self.standing.setText(look.words)
        self.missing.show_words(model.missing(name))
        if state.info.needs_key:
            self.key.show_kept(
                model.kept_words(name),
                is_there=bool(state.key_place),
                may_remove=model.may_remove_key(name),
            )
        own = state.address if state.address_variable else state.own_address
        words = _address_words(state)
        self.address.show_value(own, words, variable=state.address_variable or "")
        for option in state.info.options:
            self.options[option.name].show_value(
                state.options.get(option.name, ""),
                option.help,
                variable=state.option_variables.get(option.name, ""),
            )
        self.at_once.setValue(state.at_once)
        self._show_trial()

    def _show_trial(self) -> None:
        """A key that is typed is one to test with."""
        state = self._model.state(self.provider_id)
        can_be_asked = state.is_ready or (state.info.needs_key and bool(self.key.typed))
        self.trial.show_trial(self._model.trial(self.provider_id), can_be_asked=can_be_asked)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.ApplicationFontChange:
            theme.heading_font(self.title)


# the longest labels of the grid
_LABELS = ("Credentials file", "Storage address", "Upload address")


def _address_words(state: ProviderState) -> str:
    if state.own_address and state.info.base_url:
        return tr("Usually {address}", address=state.info.base_url)
    if state.own_address.startswith("http://"):
        return ""
    return "" if not state.info.needs_address else tr("Where your server answers.")


def _plain(words: str) -> QLabel:
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _link(words: str, name: str, address: str = "") -> QPushButton:
    button = QPushButton(words)
    button.setObjectName(name)
    button.setProperty("link", True)
    button.setAutoDefault(False)
    button.setToolTip(address)
    return button
