"""A similar clip: what is to differ, the words as they will be sent, how many, and what it costs."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.again import Variation, as_takes, similar, varied
from veo_studio.core.models import Generation, GenerationRequest
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr
from veo_studio.ui.theme import (
    SPACE_4,
    SPACE_8,
    SPACE_12,
    SPACE_16,
    SPACE_24,
    accent_button,
    dim_text,
    heading_font,
    secondary_font,
)
from veo_studio.ui.view_models.form_memory import MAX_TAKES
from veo_studio.ui.view_models.form_price import PriceEstimateLike, is_free, price_words
from veo_studio.ui.view_models.form_requests import problem_of
from veo_studio.ui.views.labels import SmallLabel, field_label
from veo_studio.ui.views.prompt_edit import PromptEdit


def _words_of(variation: Variation) -> str:
    return {
        Variation.SEED: tr("Only &the seed"),
        Variation.CAMERA: tr("The &camera"),
        Variation.LIGHT: tr("The &light"),
        Variation.WEATHER: tr("The &weather"),
        Variation.MOOD: tr("The &mood"),
    }[variation]


class SimilarDialog(QDialog):
    """Opened with `run_dialog`; accepted is yes to `requests()` at the price that was shown.

    `price_of` tells what a request costs in so many takes, None where its model is gone.
    """

    def __init__(
        self,
        generation: Generation,
        price_of: Callable[[GenerationRequest, int], PriceEstimateLike | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("similar")
        self.setWindowTitle(tr("Generate similar"))
        self._generation = generation
        # what is varied: the clip's words, or what was typed in their place
        self._base = generation.prompt
        self._is_varying = False
        self._price_of = price_of
        heading = QLabel(tr("What should be different?"))
        heading_font(heading)
        self.choices = QButtonGroup(self)
        self.buttons: dict[Variation, QRadioButton] = {}
        for number, variation in enumerate(Variation):
            button = QRadioButton(_words_of(variation))
            self.buttons[variation] = button
            self.choices.addButton(button, number)
        self.buttons[Variation.SEED].setChecked(True)
        self.another = QToolButton()
        self.another.setObjectName("anotherVariation")
        self.another.setIcon(icon("dice", "text", 16))
        self.another.setIconSize(QSize(16, 16))
        self.another.setText(tr("Another"))
        self.another.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.another.setToolTip(tr("Other words of the same kind"))
        self.prompt = PromptEdit(3, 8)
        self.prompt.setObjectName("similarPrompt")
        self.prompt.setAccessibleName(tr("Prompt"))
        self.prompt.setPlainText(generation.prompt)
        self.problem = SmallLabel("bad")
        self.takes = QSpinBox()
        self.takes.setRange(1, MAX_TAKES)
        self.takes.setAccessibleName(tr("Takes"))
        self.price = QLabel()
        dim_text(self.price)
        secondary_font(self.price)
        box = QDialogButtonBox()
        yes = box.addButton(tr("Generate"), QDialogButtonBox.ButtonRole.AcceptRole)
        no = box.addButton(QDialogButtonBox.StandardButton.Cancel)
        assert yes is not None
        assert no is not None
        self.yes = yes
        accent_button(self.yes)
        self.yes.setDefault(True)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        QShortcut(QKeySequence("Ctrl+Return"), self, self.yes.click)
        self._lay_out(heading, box)
        self.choices.idClicked.connect(lambda _number: self._vary())
        self.another.clicked.connect(self._vary)
        self.prompt.textChanged.connect(self._on_text_changed)
        self.takes.valueChanged.connect(self._show)
        self._show()
        self.buttons[Variation.SEED].setFocus()

    def _lay_out(self, heading: QLabel, box: QDialogButtonBox) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, SPACE_16)
        column.setSpacing(SPACE_8)
        column.addWidget(heading)
        column.addSpacing(SPACE_4)
        for button in self.buttons.values():
            column.addWidget(button)
        column.addSpacing(SPACE_8)
        head = QHBoxLayout()
        head.addWidget(field_label(tr("&Prompt"), self.prompt))
        head.addStretch(1)
        head.addWidget(self.another)
        column.addLayout(head)
        column.addWidget(self.prompt)
        column.addWidget(self.problem)
        row = QHBoxLayout()
        row.setSpacing(SPACE_12)
        label = field_label(tr("T&akes"), self.takes)
        label.setMinimumWidth(label.sizeHint().width() + SPACE_4)
        row.addWidget(label)
        row.addWidget(self.takes)
        row.addStretch(1)
        row.addWidget(self.price)
        column.addLayout(row)
        column.addSpacing(SPACE_4)
        column.addWidget(box)
        self.setMinimumWidth(440)

    @property
    def variation(self) -> Variation:
        return list(Variation)[self.choices.checkedId()]

    def requests(self) -> list[GenerationRequest]:
        """One for each take; the core draws their seeds."""
        words = self.prompt.toPlainText().strip()
        return as_takes(similar(self._generation, prompt=words), self.takes.value())

    def _on_text_changed(self) -> None:
        if not self._is_varying:
            self._base = self.prompt.toPlainText()
        self._show()

    def _vary(self) -> None:
        now = self.prompt.toPlainText()
        self._is_varying = True
        self.prompt.replace_all(varied(self._base, self.variation, unlike=now))
        self._is_varying = False

    def _show(self) -> None:
        self.another.setEnabled(self.variation is not Variation.SEED)
        price = self._price_of(self.requests()[0], self.takes.value())
        problem = problem_of(self.prompt.toPlainText())
        if price is None:
            problem = tr("Its model is no longer there. Use prompt and settings with another one.")
        self.problem.show_words(problem)
        self.yes.setEnabled(not problem)
        words = "" if price is None else tr("Free") if is_free(price) else price_words(price)
        self.price.setText(words)
