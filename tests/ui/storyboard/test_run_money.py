"""A storyboard that costs, in the real window: priced, asked about, refused as a whole."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from PyQt6.QtWidgets import QApplication

from tests.ui.storyboard.test_making import Making
from tests.ui.waiting import Opening, becomes
from tests.ui.window.conftest import running
from veo_studio.core.models import BudgetPeriod
from veo_studio.core.paths import Paths
from veo_studio.core.storyboard import edits
from veo_studio.ui.views.confirm_run import ConfirmRunDialog


@pytest.fixture
async def paying(
    qapp: QApplication, paths: Paths, monkeypatch: pytest.MonkeyPatch, no_task_left: None
) -> AsyncIterator[Making]:
    """The tab of somebody with a key and three scenes; nothing is sent in these tests."""
    monkeypatch.setenv("GEMINI_API_KEY", "not-a-real-key-0123456789")
    monkeypatch.setenv("VEO_STUDIO_GEMINI_URL", "http://127.0.0.1:9")
    async with running(paths) as driver:
        made = Making(driver)
        await made.keeping.create("The harbour")
        board = made.document.board
        assert board is not None
        board = edits.change_scenario(board, resolution="1280:720")
        for number in range(3):
            board = edits.add_scene(board, edits.new_scene(image_prompt=f"boat {number}"))
        made.document.edit("Scenes", board)
        await made.until_priced()
        yield made


async def test_it_is_asked_about_before_anything_is_bought(paying: Making) -> None:
    bar = paying.runs.bar
    assert bar is not None
    assert bar.words.text().startswith("33 tokens · about $")
    assert bar.make.text() == "M&ake 3 pictures and 3 clips"
    opening = Opening(ConfirmRunDialog)
    paying.driver.click(bar.make)
    dialog = await opening.shown
    assert isinstance(dialog, ConfirmRunDialog)
    lines = dialog.words.text().splitlines()
    assert lines[0].startswith("3 pictures by ")
    assert lines[1].startswith("3 clips by ")
    assert lines[2].startswith("Together: 33 tokens · about $")
    # a second click asks no second time
    paying.runs.make()
    said: list[bool] = []
    paying.runs.answered.connect(said.append)
    dialog.reject()
    await becomes(lambda: said == [False], paying.runs.answered)
    assert paying.run_state is None
    assert paying.driver.rows == []


async def test_a_budget_that_covers_half_buys_nothing(paying: Making) -> None:
    wallet = paying.driver.window.wallet.model
    await wallet.set_budget(BudgetPeriod.DAY, "0.50")
    bar, model = paying.runs.bar, paying.runs.model
    assert bar is not None
    assert model is not None
    await paying.until(lambda: not bar.unblock.isHidden())
    assert bar.unblock.text() == "Change the budget…"
    assert not bar.make.isEnabled()
    # the core says so too, and stores nothing
    with pytest.raises(Exception, match="budget"):
        await model.start()
    assert paying.run_state is None
    assert paying.driver.rows == []
    # without the limit the way is free again
    await wallet.set_budget(BudgetPeriod.DAY, "")
    await paying.until(bar.make.isEnabled)
    assert bar.unblock.isHidden()


async def test_more_scenes_than_tokens_lead_to_the_wallet(paying: Making) -> None:
    bar = paying.runs.bar
    assert bar is not None
    board = paying.document.board
    assert board is not None
    uuids = [scene.uuid for scene in board.scenes]
    paying.document.edit("Takes", edits.change_scenes(board, uuids, takes=5))
    await paying.until(lambda: not bar.unblock.isHidden())
    assert "153 tokens and the wallet holds 100" in bar.blocked.text()
    paying.driver.click(bar.unblock)
    dialog = paying.driver.window.wallet.dialog
    assert dialog is not None
    assert dialog.isVisible()
    dialog.close()
    await paying.driver.window.wallet.model.top_up(100)
    await paying.until(bar.make.isEnabled)


async def test_a_rehearsal_costs_nothing_with_a_key_too(paying: Making) -> None:
    model = paying.runs.model
    assert model is not None
    assert model.rehearsal_price is not None
    assert model.rehearsal_price.is_free
    assert model.rehearsal_price.rehearsals == 3
    assert model.price is not None
    assert model.price.cost_usd is not None
    assert model.price.cost_usd > Decimal(0)
