"""The card of a planned draft, where the system writes at 200 %."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PyQt6.QtCore import QRect
from PyQt6.QtGui import QImage

from tests.ui.drafts.conftest import DraftsDriver
from tests.ui.window.shown_library import KITE
from veo_studio.core.publishing.models import PublishWish
from veo_studio.ui.delegates.draft_card import DraftCard


async def test_its_date_stays_on_its_picture(large_letters: None, drafts: DraftsDriver) -> None:
    grid, model = drafts.page.grid, drafts.page.drafts
    kite = next(one for one in drafts.rows if one.prompt == KITE)
    card = grid.visualRect(drafts.page.model.index_of(kite.id))
    delegate = grid.itemDelegate()
    assert isinstance(delegate, DraftCard)
    picture = delegate.thumbnail_rect(card)
    line = picture.height() // 3
    beside = QRect(picture.right() + 1, picture.top(), card.right() - picture.right(), line)

    def painted(part: QRect) -> QImage:
        return grid.viewport().grab(part).toImage()

    before, on_it = painted(beside), painted(picture)
    await drafts.studio.publishing.publish(
        [PublishWish(kite.id, at=datetime.now(UTC) + timedelta(days=3))]
    )
    await drafts.until(lambda: model.planned_at(kite.id) is not None)
    assert painted(picture) != on_it, "it is there"
    assert painted(beside) == before
