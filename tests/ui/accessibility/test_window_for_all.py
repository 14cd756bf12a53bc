"""Names, keyboard and large letters in the real window: every tab, and the windows that it opens."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication, QDialog, QWidget

from tests.ui.accessibility import looking
from tests.ui.waiting import Opening, becomes, emitted
from tests.ui.window.conftest import Driver
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.models import RunGoal
from veo_studio.core.storyboard.pricing import RunPrice
from veo_studio.ui.storyboard_runs import StoryboardRuns
from veo_studio.ui.views.confirm_run import ConfirmRunDialog
from veo_studio.ui.window_pages import STORYBOARD

TABS = ("text", "pictures", "storyboard", "library", "drafts", "explore", "insights")
DIALOGS = (
    "batch", "settings", "wallet", "shortcuts", "about", "details", "free_space", "enhance",
    "manage presets", "save preset", "compare models", "batch file",
    "scenes from a text", "confirm run",
)  # fmt: skip
_BATCH = """prompt,model,aspect_ratio,duration,seed,takes
A paper boat,rehearsal-1,16:9,8,42,2
A harbour wakes up under low fog,gemini-omni-1.2-flash,16:9,99,,
"""
_PRICE = RunPrice(
    RunGoal.FILM,
    tokens=110,
    cost_usd=Decimal("5.60"),
    pictures=10,
    clips=10,
    notes=("Veo 3.1 at Runway makes clips of 4, 6 or 8 seconds: 5 s become 6 s (10 scenes).",),
    picture_model="Gen-4 Image",
    clip_model="Veo 3.1 at Runway",
)
# Qt has no kind of control for it; it says that it is the player, and its buttons are controls
OWN_KINDS = ("PlayerView",)


async def eventually(find: Callable[[], list[str]], timeout_s: float = 10.0) -> list[str]:
    """What is still found when the window has come to rest; layouts settle in more than one turn."""
    timer = QTimer()
    timer.start(50)
    try:
        async with asyncio.timeout(timeout_s):
            while find():
                await emitted(timer.timeout)
    except TimeoutError:
        return find()
    finally:
        timer.stop()
    return []


def go_to(driver: Driver, tab: str) -> QWidget:
    window = driver.window
    window.acts.tabs[TABS.index(tab)].trigger()
    return window


async def opened(driver: Driver, name: str) -> QDialog:
    opening = Opening(QDialog)
    window = driver.window
    if name == "manage presets":
        window.tools.presets.manage()
    elif name == "save preset":
        driver.choose_text("A paper boat")
        window.tools.presets.save()
    elif name == "compare models":
        window.services.compare()
    elif name == "batch file":
        path = Path(os.environ["VEO_STUDIO_HOME"]) / "spring.csv"
        path.write_text(_BATCH, encoding="utf-8")
        window.tools.batches.show_file(path)
    elif name in ("scenes from a text", "confirm run"):
        await open_over_storyboard(driver, name)
    else:
        driver.choose_text("A paper boat")
        getattr(window.acts, name).trigger()
    made = await asyncio.wait_for(opening.shown, 20.0)
    assert isinstance(made, QDialog)
    return made


async def open_over_storyboard(driver: Driver, name: str) -> None:
    storyboarding = driver.window.storyboarding
    driver.window.pages.show(STORYBOARD)
    keeping = storyboarding.keeping
    assert keeping is not None
    await becomes(lambda: keeping.is_read, keeping.began)
    await keeping.create("The harbour")
    if name == "confirm run":
        ConfirmRunDialog(_PRICE, storyboarding.view).open()
        return
    runs = storyboarding.findChild(StoryboardRuns)
    assert runs is not None
    assert runs.importing is not None
    runs.importing.show()


async def close(dialog: QDialog) -> None:
    dialog.close()
    await asyncio.sleep(0)


def unnamed(root: QWidget) -> list[str]:
    return [
        line
        for line in looking.nameless(root)
        if not (line.startswith("no role") and any(kind in line for kind in OWN_KINDS))
    ]


@pytest.mark.parametrize("tab", TABS)
async def test_everything_in_a_tab_has_a_name(driver: Driver, tab: str):
    assert await eventually(lambda: unnamed(go_to(driver, tab))) == []


@pytest.mark.parametrize("name", DIALOGS)
async def test_everything_in_a_window_has_a_name(driver: Driver, name: str):
    dialog = await opened(driver, name)
    assert await eventually(lambda: unnamed(dialog)) == []
    await close(dialog)


@pytest.mark.parametrize("tab", TABS)
async def test_tab_reaches_everything_in_a_tab(driver: Driver, tab: str):
    window = go_to(driver, tab)
    window.activateWindow()

    def missed() -> list[str]:
        return looking.unreached(window, driver.window.tabs)

    assert await eventually(missed) == []


@pytest.mark.parametrize("name", DIALOGS)
async def test_tab_reaches_everything_in_a_window(driver: Driver, name: str):
    dialog = await opened(driver, name)
    dialog.activateWindow()

    def missed() -> list[str]:
        start = dialog.focusWidget() or dialog
        return looking.unreached(dialog, start)

    assert await eventually(missed) == []
    await close(dialog)


@pytest.mark.parametrize("tab", TABS)
async def test_nothing_in_a_tab_is_cut_with_large_letters(small: Driver, tab: str):
    window = go_to(small, tab)
    assert (window.width(), window.height()) == (800, 600)
    assert await eventually(lambda: looking.cut(window)) == []


@pytest.mark.parametrize("name", DIALOGS)
async def test_nothing_in_a_window_is_cut_with_large_letters(small: Driver, name: str):
    dialog = await opened(small, name)
    screen = QApplication.primaryScreen()
    assert screen is not None
    assert await eventually(lambda: looking.cut(dialog)) == []
    assert dialog.width() <= screen.availableSize().width()
    await close(dialog)


async def test_the_run_bar_leaves_the_room_to_the_scenes_with_large_letters(small: Driver):
    storyboarding = small.window.storyboarding
    small.window.pages.show(STORYBOARD)
    keeping, document = storyboarding.keeping, storyboarding.document
    assert keeping is not None
    await becomes(lambda: keeping.is_read, keeping.began)
    await keeping.create("The harbour")
    assert document.board is not None
    # without words it cannot be made, which takes some lines to say
    document.edit("Add a scene", edits.add_scene(document.board, edits.new_scene()))
    runs = storyboarding.findChild(StoryboardRuns)
    assert runs is not None
    model, bar = runs.model, runs.bar
    assert model is not None
    assert bar is not None
    await becomes(lambda: model.price is not None and not model.is_stale, model.changed)

    def too_high() -> list[str]:
        return [] if bar.height() < 600 // 4 else [f"{bar.height()} px of 600"]

    assert await eventually(too_high) == []
    assert bar.blocked.isHidden()
    assert bar.unfold.text() == "Why not now?"
    assert "Scene 1" in bar.blocked.text()
    # what has no room is in a menu
    assert bar.goal.isHidden()
    assert bar.rehearse.isHidden()
    assert not bar.ways.isHidden()
    bar.ways.goals[RunGoal.PICTURES].trigger()
    assert model.goal is RunGoal.PICTURES
    bar.unfold.click()
    assert bar.unfold.text() == "Show less"
    await becomes(lambda: not bar.blocked.isHidden(), model.changed)
    assert await eventually(lambda: looking.cut(small.window)) == []
