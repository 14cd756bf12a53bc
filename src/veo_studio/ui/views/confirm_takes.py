"""The question before many takes that cost: how many, and what they cost together."""

from __future__ import annotations

from PyQt6.QtWidgets import QWidget

from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_price import BatchPrice, batch_words
from veo_studio.ui.views.price_question import PriceQuestion


class ConfirmTakesDialog(PriceQuestion):
    def __init__(self, batch: BatchPrice, parent: QWidget | None = None) -> None:
        is_list = batch.prompts > 1
        n = f"{batch.takes:,}"
        super().__init__(
            tr("Generate several clips") if is_list else tr("Generate several takes"),
            tr("Generate {n} clips", n=n) if is_list else tr("Generate {n} takes", n=n),
            batch_words(batch),
            parent=parent,
        )
        self.setObjectName("confirmTakes")
