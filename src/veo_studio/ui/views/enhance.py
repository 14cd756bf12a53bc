"""Better words for a prompt: what would change, a field to change it further, and the choice to use it or not."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QHideEvent, QKeySequence, QShortcut, QStandardItemModel
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from veo_studio.ui import theme
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12, SPACE_16
from veo_studio.ui.view_models.enhance_model import EnhanceModel, Stage
from veo_studio.ui.views.enhance_head import RefusedHead
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.labels import SmallLabel, field_label
from veo_studio.ui.views.prompt_edit import PromptEdit
from veo_studio.ui.views.services_fields import Result
from veo_studio.ui.views.word_diff import WordDiffView

_FIRST_SIZE = QSize(680, 560)
_FRAME = QSize(48, 64)
_LINES = 4
_MOST_LINES = 40


class EnhanceDialog(QDialog):
    """Opened with `run_dialog`; accepted is "use it", and then `model.text` is what is used.

    Signals:
        settings_requested(): a service is to be set up.
    """

    settings_requested = pyqtSignal()

    def __init__(
        self,
        model: EnhanceModel,
        parent: QWidget | None = None,
        *,
        refused: RefusedHead | None = None,
    ) -> None:
        """`refused` says why words have to change."""
        super().__init__(parent)
        self.setObjectName("enhance")
        self.model = model
        self._is_showing = False
        words = tr("Change a refused prompt") if refused else tr("Enhance the prompt")
        self.setWindowTitle(words)
        self.title = QLabel(words)
        theme.heading_font(self.title)
        self.refused = refused
        self._make_service()
        self._make_words()
        self._make_buttons()
        self._lay_out()
        self._bind()
        self._show_model()
        self._take_room(parent)

    # building

    def _make_service(self) -> None:
        self.services = QComboBox()
        self.services.setObjectName("enhancer")
        self.services.setAccessibleName(tr("Who proposes"))
        for choice in self.model.choices():
            words = choice.name if choice.is_ready else tr("{name} (locked)", name=choice.name)
            self.services.addItem(words, choice.kind)
            if not choice.is_ready:
                self._lock(self.services.count() - 1, choice.reason)
        self.ask = QPushButton()
        self.ask.setObjectName("askEnhancer")
        self.setup = QPushButton(tr("Set up a service…"))
        self.setup.setObjectName("setUpEnhancer")
        self.setup.setProperty("link", True)
        self.where = SmallLabel()
        self.where.setObjectName("whereWordsGo")
        self.standing = QLabel()
        self.standing.setObjectName("standing")
        self.standing.setTextFormat(Qt.TextFormat.PlainText)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setAccessibleName(tr("The service is being asked"))
        self.stop = QPushButton(tr("&Cancel"))
        self.stop.setObjectName("stopAsking")

    def _lock(self, row: int, reason: str) -> None:
        """A choice that is not there yet says how it comes."""
        rows = self.services.model()
        assert isinstance(rows, QStandardItemModel)
        item = rows.item(row)
        assert item is not None
        item.setEnabled(False)
        item.setToolTip(plain_tool_tip(reason))
        item.setData(reason, Qt.ItemDataRole.AccessibleDescriptionRole)

    def _make_words(self) -> None:
        self.diff = WordDiffView(_LINES)
        self.diff.setObjectName("changes")
        self.diff.setAccessibleName(tr("What changes"))
        self.edit = PromptEdit(_LINES, _MOST_LINES)
        self.edit.setObjectName("proposal")
        self.edit.setAccessibleName(tr("New words"))
        self.counter = SmallLabel()
        self.counter.setWordWrap(False)
        self.counter.show()
        self.note = SmallLabel()
        self.note.setObjectName("enhancerNote")
        self.problem = Result()
        self.open_settings = QPushButton(tr("&Open settings"))
        self.open_settings.setObjectName("openEnhancerSettings")
        self.use_rules = QPushButton(tr("Use the &built-in rules"))
        self.use_rules.setObjectName("useRules")

    def _make_buttons(self) -> None:
        self.keep = QPushButton(tr("&Keep mine"))
        self.keep.setObjectName("keepMine")
        self.keep.setToolTip(tr("Leave the prompt as it is (Esc)"))
        self.use = QPushButton(tr("&Use"))
        self.use.setObjectName("useProposal")
        key = QKeySequence("Ctrl+Return").toString(QKeySequence.SequenceFormat.NativeText)
        self.use.setToolTip(tr("Put these words into the form ({key})", key=key))
        theme.accent_button(self.use)
        for button in (
            self.ask, self.setup, self.stop, self.open_settings, self.use_rules, self.keep,
        ):  # fmt: skip
            button.setAutoDefault(False)
        self.use.setDefault(True)

    def _lay_out(self) -> None:
        fields = QWidget()
        column = QVBoxLayout(fields)
        column.setContentsMargins(SPACE_16, SPACE_16, SPACE_16, SPACE_12)
        column.setSpacing(SPACE_4)
        column.addWidget(self.title)
        if self.refused is not None:
            column.addWidget(self.refused)
        column.addSpacing(SPACE_8)
        who = QHBoxLayout()
        who.setSpacing(SPACE_8)
        who.addWidget(field_label(tr("&From"), self.services))
        who.addWidget(self.services, 1)
        who.addWidget(self.ask)
        column.addLayout(who)
        about = QHBoxLayout()
        about.setSpacing(SPACE_12)
        about.addWidget(self.where, 1)
        about.addWidget(self.setup)
        column.addLayout(about)
        column.addSpacing(SPACE_8)
        column.addWidget(field_label(tr("What &changes"), self.diff))
        column.addWidget(self.diff, 1)
        column.addSpacing(SPACE_8)
        head = QHBoxLayout()
        head.addWidget(field_label(tr("&New words"), self.edit))
        head.addStretch(1)
        head.addWidget(self.counter)
        column.addLayout(head)
        column.addWidget(self.edit, 1)
        column.addWidget(self.note)
        column.addWidget(self.problem)
        ways = QHBoxLayout()
        ways.setSpacing(SPACE_8)
        ways.addWidget(self.open_settings)
        ways.addWidget(self.use_rules)
        ways.addStretch(1)
        column.addLayout(ways)
        self.scroller = FieldsScroller(fields)
        everything = QVBoxLayout(self)
        everything.setContentsMargins(0, 0, 0, 0)
        everything.setSpacing(0)
        everything.addWidget(self.scroller, 1)
        everything.addLayout(self._foot())

    def _foot(self) -> QVBoxLayout:
        self.standing.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.standing.setMinimumWidth(1)
        keep_room = self.busy.sizePolicy()
        keep_room.setRetainSizeWhenHidden(True)
        self.busy.setSizePolicy(keep_room)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_8)
        buttons.addWidget(self.standing, 1)
        buttons.addWidget(self.stop)
        buttons.addWidget(self.keep)
        buttons.addWidget(self.use)
        foot = QVBoxLayout()
        foot.setContentsMargins(SPACE_16, SPACE_8, SPACE_16, SPACE_16)
        foot.setSpacing(SPACE_8)
        foot.addWidget(self.busy)
        foot.addLayout(buttons)
        return foot

    def _take_room(self, parent: QWidget | None) -> None:
        """Large enough to read, never larger than the window it belongs to or the screen."""
        screen = self.screen()
        room = screen.availableSize() if screen is not None else _FIRST_SIZE
        if parent is not None:
            room = room.boundedTo(parent.window().size())
        wish = _FIRST_SIZE.expandedTo(self.sizeHint())
        self.resize(wish.boundedTo(room - _FRAME).expandedTo(self.minimumSizeHint()))

    def _bind(self) -> None:
        model = self.model
        model.changed.connect(self._show_model)
        model.proposed.connect(self._on_proposed)
        self.services.activated.connect(lambda row: model.choose(self.services.itemData(row)))
        self.edit.textChanged.connect(self._on_typed)
        self.ask.clicked.connect(model.ask)
        self.stop.clicked.connect(model.stop)
        self.use_rules.clicked.connect(model.ask_rules)
        self.setup.clicked.connect(self.settings_requested)
        self.open_settings.clicked.connect(self.settings_requested)
        self.keep.clicked.connect(self.reject)
        self.use.clicked.connect(self._on_use)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self).activated.connect(self._on_use)

    # what the user does

    def _on_typed(self) -> None:
        if not self._is_showing:
            self.model.set_text(self.edit.toPlainText())

    def _on_use(self) -> None:
        if self.model.can_use:
            self.accept()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        if event is not None and not event.spontaneous():
            self.model.stop()

    # showing

    def _on_proposed(self) -> None:
        """The proposal takes the place of the words in the field; undo brings them back."""
        self._is_showing = True
        try:
            self.edit.replace_all(self.model.text)
        finally:
            self._is_showing = False

    def _show_model(self) -> None:
        model = self.model
        self._is_showing = True
        try:
            self.services.setCurrentIndex(self.services.findData(model.kind))
            if self.edit.toPlainText() != model.text:
                self.edit.replace_all(model.text)
        finally:
            self._is_showing = False
        self._show_asking()
        self.diff.show_pieces(model.pieces())
        self.counter.setText(tr("{n}/{most}", n=model.characters, most=model.most_characters))
        self.counter.set_token("bad" if model.is_too_long else "dim")
        self.where.show_words(model.where_words())
        self.setup.setVisible(any(not one.is_ready for one in model.choices()))
        self.note.show_words(model.note)
        problem = model.problem
        sign = ("warning", "bad") if problem is None or not problem.is_calm else ("info", "accent")
        self.problem.show_words(problem.words if problem is not None else "", *sign)
        self.open_settings.setVisible(model.offers_settings)
        self.use_rules.setVisible(model.offers_rules)
        self.use.setEnabled(model.can_use)

    def _show_asking(self) -> None:
        model = self.model
        had_focus = self.focusWidget()
        is_asking = model.is_asking
        self.standing.setText(model.standing_words())
        self.standing.setAccessibleName(model.standing_words())
        self.ask.setText(model.ask_words())
        self.busy.setVisible(is_asking)
        self.stop.setVisible(is_asking)
        for widget in (self.services, self.ask):
            widget.setEnabled(not is_asking)
        self.edit.setReadOnly(is_asking)
        # the focus goes to the next thing to do, and is never lost with a button
        if is_asking and had_focus is not self.keep:
            self.stop.setFocus(Qt.FocusReason.OtherFocusReason)
        elif not is_asking and had_focus in (None, self.stop, self.use_rules):
            target: QWidget = self.edit if model.stage is Stage.PROPOSED else self.ask
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.ApplicationFontChange:
            theme.heading_font(self.title)
