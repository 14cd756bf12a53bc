"""Files that were moved are found again, and lost ones forgotten, through the real window."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication, QFileDialog, QLineEdit

from tests.ui.waiting import Opening, becomes
from tests.ui.window.conftest import Driver
from tests.ui.window.test_dragging import made
from veo_studio.core import locating
from veo_studio.core.models import Generation
from veo_studio.core.thumbnails import MISSING
from veo_studio.ui.dialogs import Question


async def moved(driver: Driver, count: int, to: Path) -> list[Generation]:
    """Finished clips whose files were moved by somebody else, as the program knows by now."""
    clips = await made(driver, count)
    to.mkdir()
    pictures = driver.program.studio.thumbnails
    for clip in clips:
        assert clip.video_path is not None
        clip.video_path.rename(to / f"moved {clip.id}.mp4")
        assert await pictures.ensure(clip.uuid, clip.video_path) is None
        assert pictures.problem(clip.uuid) == MISSING
    return clips


def choose(driver: Driver, words: str, clip: Generation) -> None:
    """Use a line of the clip's menu."""
    history = driver.window.history
    history.select(clip.id)
    actions = history.actions_for(history.selected())
    (action,) = [one for one in actions if one is not None and one.text().startswith(words)]
    action.trigger()


async def answered(dialog: asyncio.Future, path: Path) -> None:
    """Choose a file or folder in a dialog of the toolkit."""
    chooser = await asyncio.wait_for(dialog, 30)
    assert isinstance(chooser, QFileDialog)
    name = chooser.findChild(QLineEdit, "fileNameEdit")
    assert name is not None
    name.setText(str(path))
    chooser.accept()


def where(driver: Driver, clip: Generation) -> Path | None:
    return next((row.video_path for row in driver.rows if row.id == clip.id), None)


async def test_a_moved_file_is_found_by_hand_and_the_others_in_its_folder(
    driver: Driver, tmp_path: Path
):
    first, second = await moved(driver, 2, tmp_path / "away")
    opening = Opening(QFileDialog)
    choose(driver, "Locate file", first)
    await answered(opening.shown, tmp_path / "away" / f"moved {first.id}.mp4")
    await driver.until(lambda: where(driver, first) == tmp_path / "away" / f"moved {first.id}.mp4")
    await driver.until(lambda: "One more file is missing." in driver.notices)
    notice = driver.window.history_notices.notice("locating")
    assert notice is not None
    notice._act()
    await driver.until(
        lambda: where(driver, second) == tmp_path / "away" / f"moved {second.id}.mp4"
    )
    await driver.until(lambda: driver.notices.count("The file was found.") >= 1)


async def test_a_folder_gives_back_all_that_are_missing_and_undo_takes_them_away(
    driver: Driver, tmp_path: Path
):
    clips = await moved(driver, 2, tmp_path / "away")
    opening = Opening(QFileDialog)
    choose(driver, "Look for missing files", clips[0])
    await answered(opening.shown, tmp_path / "away")
    await driver.until(lambda: "2 files were found." in driver.notices)
    assert {where(driver, one) for one in clips} == {
        tmp_path / "away" / f"moved {one.id}.mp4" for one in clips
    }
    (notice,) = [
        one for one in driver.window.history_notices.notices if one.text == "2 files were found."
    ]
    notice._act()
    await driver.until(
        lambda: {where(driver, one) for one in clips} == {c.video_path for c in clips}
    )


async def test_a_folder_with_too_many_files_is_no_sure_answer(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    clips = await moved(driver, 2, tmp_path / "away")
    for most, words in (
        (0, "No missing file was found. Only the first {n} files were looked at."),
        (1, "1 of 2 missing files were found. Only the first {n} files were looked at."),
    ):
        monkeypatch.setattr(locating, "_MOST_FILES", most)
        opening = Opening(QFileDialog)
        choose(driver, "Look for missing files", clips[0])
        await answered(opening.shown, tmp_path / "away")
        told = f"{words.format(n=most)} Choose a smaller folder."
        await driver.until(lambda told=told: told in driver.notices)


async def test_a_comparison_lets_go_of_what_is_found(driver: Driver, tmp_path: Path):
    clips = await moved(driver, 2, tmp_path / "away")
    comparing = driver.window.library_tools.comparing
    comparing.compare(clips)
    assert comparing.view is not None
    opening = Opening(QFileDialog)
    choose(driver, "Look for missing files", clips[0])
    await answered(opening.shown, tmp_path / "away")
    await driver.until(lambda: "2 files were found." in driver.notices)
    assert comparing.view is None


async def test_another_file_is_asked_about(driver: Driver, tmp_path: Path):
    (clip,) = await moved(driver, 1, tmp_path / "away")
    other = tmp_path / "away" / f"moved {clip.id}.mp4"
    # still a whole clip, and not the same bytes
    with other.open("ab") as file:
        file.write(b"\x00\x00\x00\x08free")
    for is_used in (False, True):
        opening = Opening(QFileDialog)
        choose(driver, "Locate file", clip)
        asking = Opening(Question)
        await answered(opening.shown, other)
        question = await asyncio.wait_for(asking.shown, 30)
        assert isinstance(question, Question)
        (question.do_it if is_used else question.leave_it).click()
        if is_used:
            await driver.until(lambda: where(driver, clip) == other)
        else:
            await becomes(lambda: not question_is_open())
            assert where(driver, clip) == clip.video_path


def question_is_open() -> bool:
    return any(
        isinstance(one, Question) for one in QApplication.topLevelWidgets() if one.isVisible()
    )


async def test_a_lost_clip_is_forgotten_and_remembered(driver: Driver, tmp_path: Path):
    (clip,) = await moved(driver, 1, tmp_path / "away")
    balance = await driver.program.studio.wallet.balance()
    choose(driver, "Forget", clip)
    await driver.until(lambda: not driver.rows)
    assert await driver.program.studio.wallet.balance() == balance
    (notice,) = [
        one for one in driver.window.history_notices.notices if one.text.startswith("Left out")
    ]
    notice._act()
    await driver.until(lambda: [row.id for row in driver.rows] == [clip.id])


async def test_the_player_leads_to_the_lost_file(driver: Driver, tmp_path: Path):
    (clip,) = await moved(driver, 1, tmp_path / "away")
    player = driver.window.player
    player.show_generation(clip)
    assert player.empty.button.text() == "Locate file…"
    opening = Opening(QFileDialog)
    player.empty.button.click()
    await answered(opening.shown, tmp_path / "away" / f"moved {clip.id}.mp4")
    await driver.until(lambda: where(driver, clip) == tmp_path / "away" / f"moved {clip.id}.mp4")


async def test_a_file_that_is_there_offers_nothing_of_this(driver: Driver):
    (clip,) = await made(driver)
    words = [one.text() for one in driver.window.history.actions_for([clip]) if one is not None]
    assert not [one for one in words if one.startswith(("Locate", "Look for", "Forget"))]
    assert [one for one in words if one.startswith("Add to the shelf")]
