"""Under the form, always in sight: what stands in the way, the price, and the one button."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from veo_studio.ui import shortcuts
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.theme import SPACE_8, SPACE_16, accent_button
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_parts import price_source_words
from veo_studio.ui.view_models.form_price import BlockAction
from veo_studio.ui.views.edit_bar import EditBar
from veo_studio.ui.views.labels import SmallLabel


class FormFoot(QWidget):
    """Shows what `FormModel` says about the next click.

    Signals:
        top_up_requested(): there are not enough tokens and the user wants more.
        budget_requested(period): this budget is in the way and the user wants to change it.
    """

    top_up_requested = pyqtSignal()
    budget_requested = pyqtSignal(object)

    def __init__(self, model: FormModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.price = QLabel()
        self.price.setObjectName("price")
        self.price.setTextFormat(Qt.TextFormat.PlainText)
        self.price.setWordWrap(True)
        self.draft = QCheckBox(tr("Draft f&irst"))
        self.draft.setObjectName("draftFirst")
        self.draft.setToolTip(
            tr(
                "As cheap as this model can, to see whether the idea works. Make it final from the history."
            )
        )
        self.draft_line = SmallLabel()
        self.draft_line.setObjectName("draftLine")
        self.blocked = SmallLabel()
        self.blocked.setObjectName("blocked")
        self.unblock = QPushButton()
        self.unblock.setObjectName("unblock")
        self.unblock.setProperty("link", True)
        self.generate = QPushButton(tr("&Generate"))
        self.generate.setObjectName("generate")
        accent_button(self.generate)
        self.edit_bar = EditBar()
        self.edit_bar.hide()
        self.unblock.clicked.connect(self._on_unblock_clicked)
        self.draft.clicked.connect(model.set_draft)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_16, SPACE_8, SPACE_16, SPACE_16)
        column.setSpacing(SPACE_8)
        column.addWidget(self.blocked)
        way_out = QHBoxLayout()
        way_out.addWidget(self.unblock)
        way_out.addStretch(1)
        column.addLayout(way_out)
        column.addWidget(self.draft)
        column.addWidget(self.draft_line)
        column.addWidget(self.price)
        column.addWidget(self.generate)
        column.addWidget(self.edit_bar)

    def put_first(self, widget: QWidget) -> None:
        """Over everything else; what stands below it stays where it is when it comes and goes."""
        self._column.insertWidget(0, widget)

    def _on_unblock_clicked(self) -> None:
        blocked = self._model.blocked()
        if blocked is None:
            return
        if blocked.action is BlockAction.TOP_UP:
            self.top_up_requested.emit()
        elif blocked.action is BlockAction.USE_REHEARSAL:
            self._model.use_rehearsal()
        elif blocked.action is BlockAction.CHANGE_BUDGET:
            self.budget_requested.emit(blocked.period)

    def show_model(self) -> None:
        model = self._model
        self.draft.setVisible(model.offers_draft)
        self.draft.setChecked(model.is_draft)
        self.draft_line.show_words(model.draft_words())
        self.price.setText(model.price_line())
        self.show_means()

    def show_means(self) -> None:
        """What depends on tokens and budgets, and on nothing that lies above."""
        model = self._model
        blocked = model.blocked()
        facts = "\n".join(filter(None, (price_source_words(model.model), model.budget_line())))
        self.price.setToolTip(plain_tool_tip(facts) if facts else "")
        # not for the moment of storing: a disabled button hands its focus on, to the player
        self.generate.setEnabled(blocked is None)
        self.edit_bar.save.setEnabled(blocked is None and not model.is_submitting)
        self.blocked.show_words(blocked.reason if blocked is not None else "")
        words = {
            BlockAction.TOP_UP: tr("Top up…"),
            BlockAction.USE_REHEARSAL: tr("Use the free rehearsal"),
            BlockAction.CHANGE_BUDGET: tr("Change the budget…"),
        }
        action = blocked.action if blocked is not None else None
        self.unblock.setText(words[action] if action is not None else "")
        self.unblock.setVisible(action is not None)
        shortcut = shortcuts.told("window.generate") or tr("no key")
        self.generate.setToolTip(
            plain_tool_tip(
                blocked.reason if blocked is not None else tr("Generate ({key})", key=shortcut)
            )
        )
