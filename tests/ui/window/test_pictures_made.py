"""Pictures from the rehearsal engine, through the window: made, shown, told, dragged, kept."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt

from tests.ui.waiting import becomes
from tests.ui.window.conftest import Driver, running
from veo_studio.core.models import Generation, GenerationKind, GenerationState
from veo_studio.core.paths import Paths
from veo_studio.core.picture_file import check_picture
from veo_studio.ui import drag_out
from veo_studio.ui.notifications import Note
from veo_studio.ui.view_models.library_model import ThumbnailRole


def choose_kind(driver: Driver, kind: GenerationKind) -> None:
    """By the chooser of the form."""
    (button,) = [one for one in driver.window.form.kind.buttons if one.option.value is kind]
    driver.click(button)


async def picture(driver: Driver, words: str = "A red kite over the sea") -> Generation:
    """One that was made by typing and clicking."""
    count = len(driver.rows)
    choose_kind(driver, GenerationKind.IMAGE)
    driver.choose_text(words)
    driver.click(driver.window.form.generate)
    await driver.until(
        lambda: (
            len(driver.rows) == count + 1
            and driver.rows[0].state is GenerationState.COMPLETED
            and driver.rows[0].width_px is not None
        )
    )
    return driver.rows[0]


async def shown_in(driver: Driver) -> None:
    player = driver.window.player
    await becomes(
        lambda: player.picture() is not None, player.sources.picture_changed, timeout_s=20.0
    )


async def test_a_picture_is_made_and_stands_in_history_and_player(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = driver.window
    told: list[str] = []

    async def show(note: Note) -> None:
        told.append(note.title)

    monkeypatch.setattr(window.notifications, "show", show)
    monkeypatch.setattr(window, "isActiveWindow", lambda: False)
    row = await picture(driver)
    path = row.video_path
    assert path is not None
    assert path.suffix == ".png"
    check_picture(path)
    assert (row.kind, row.length_s, row.tokens) == (GenerationKind.IMAGE, None, 0)
    index = driver.program.history.index_of(row.id)
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert f"picture · {row.width_px} × {row.height_px}" in spoken
    assert " s ·" not in spoken
    await shown_in(driver)
    player = window.player
    assert player.path == path
    assert player.caption.facts.text().startswith(f"{row.width_px} × {row.height_px} · ")
    assert not player.controls.play_button.isVisible()
    assert player.controls.full_button.isVisible()
    await driver.until(lambda: told == ["Your picture is ready"])
    # a clip afterwards has everything that a clip has
    choose_kind(driver, GenerationKind.VIDEO)
    driver.choose_text("Two foxes")
    driver.click(window.form.generate)
    await driver.until_ready(2)
    assert driver.rows[0].kind is GenerationKind.VIDEO
    assert player.controls.play_button.isVisible()
    await driver.until(lambda: told[-1] == "Your clip is ready")


async def test_a_thumbnail_and_a_menu_of_a_picture(driver: Driver) -> None:
    row = await picture(driver)
    index = driver.program.history.index_of(row.id)
    await driver.until(lambda: index.data(ThumbnailRole) is not None, timeout_s=30.0)
    words = [
        action.text().partition("\t")[0]
        for action in driver.window.history.actions_for([row])
        if action is not None
    ]
    assert "Show" in words
    assert "Play" not in words
    assert "Show in folder" in words
    assert not [one for one in words if one.startswith(("Edit this", "Extend", "Make sharper"))]


async def test_a_picture_is_dragged_out_as_its_file(driver: Driver) -> None:
    row = await picture(driver)
    drag = drag_out.make_drag(driver.window.history.list, drag_out.draggable([row]), None)
    mime = drag.mimeData()
    assert mime is not None
    assert [url.toLocalFile() for url in mime.urls()] == [str(row.video_path)]
    assert mime.formats() == ["text/uri-list"]


async def test_a_picture_is_there_after_a_restart(qapp: object, paths: Paths) -> None:
    async with running(paths) as driver:
        row = await picture(driver)
    async with running(paths) as driver:
        await driver.until(lambda: len(driver.rows) == 1)
        (again,) = driver.rows
        assert (again.kind, again.video_path) == (row.kind, row.video_path)
        driver.window.clips.play(again)
        await shown_in(driver)
        # what was there is deleted while it is shown
        driver.window.history.select(again.id)
        driver.window.player.release()
