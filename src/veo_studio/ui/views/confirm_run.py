"""The question before a run that costs: what is made, by which models, and what it costs together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QWidget

from veo_studio.core.plain import masked
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_price import price_words
from veo_studio.ui.view_models.run_words import count_words, kept_words, things_words
from veo_studio.ui.views.price_question import PriceQuestion

if TYPE_CHECKING:
    from veo_studio.core.storyboard.pricing import RunPrice


class ConfirmRunDialog(PriceQuestion):
    def __init__(self, price: RunPrice, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Make the storyboard"),
            tr("Make {things}", things=count_words(price)),
            run_price_words(price),
            "\n".join(masked(note) for note in price.notes),
            parent,
        )
        self.setObjectName("confirmRun")


def run_price_words(price: RunPrice) -> str:
    """A line for each kind of thing, then all of it together."""
    lines = []
    for things, model in (
        (things_words(price.pictures, 0), price.picture_model),
        (things_words(0, price.clips), price.clip_model),
    ):
        if things and model:
            lines.append(tr("{things} by {model}", things=things, model=masked(model)))
        elif things:
            lines.append(things)
    lines.append(tr("Together: {price}", price=price_words(price)))
    if kept := kept_words(price):
        lines.append(kept)
    return "\n".join(lines)
