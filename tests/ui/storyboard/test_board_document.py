"""The storyboard that is open: undo, saving by itself, choices that a run makes meanwhile."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from tests.ui.waiting import becomes
from veo_studio.core.errors import StorageError
from veo_studio.core.store.database import Database
from veo_studio.core.store.storyboards import StoryboardRepository
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.models import Choices, Storyboard
from veo_studio.core.task_scope import TaskScope
from veo_studio.ui.view_models.scene_commands import SceneCommands
from veo_studio.ui.view_models.storyboard_model import BoardDocument


class Watch:
    """A clock that stands until it is set."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class CountingStore(StoryboardRepository):
    """The real one; counts how often it was to store a storyboard."""

    tries = 0

    async def save(self, board: Storyboard) -> Storyboard:
        self.tries += 1
        return await super().save(board)


@dataclass
class Desk:
    """An open storyboard of three scenes, on a real database."""

    document: BoardDocument
    store: CountingStore
    watch: Watch
    errors: list[BaseException]

    @property
    def commands(self) -> SceneCommands:
        return SceneCommands(self.document)

    @property
    def board(self) -> Storyboard:
        assert self.document.board is not None
        return self.document.board

    @property
    def uuids(self) -> list[str]:
        return [scene.uuid for scene in self.board.scenes]

    @property
    def prompts(self) -> list[str]:
        return [scene.image_prompt for scene in self.board.scenes]

    async def stored(self) -> Storyboard:
        return await self.store.get(self.board.scenario.uuid)

    async def saved(self) -> None:
        await becomes(lambda: not self.document.is_dirty, self.document.saved)


def three() -> Storyboard:
    scenes = [edits.new_scene(image_prompt=words) for words in ("Boat", "Fox", "Kite")]
    return edits.add_scenes(edits.new_board("A film"), scenes)


@pytest.fixture
async def desk(qapp: QApplication, tmp_path: Path, no_task_left: None) -> AsyncIterator[Desk]:
    database = Database.open(tmp_path / "library.db")
    store = CountingStore(database)
    errors: list[BaseException] = []
    scope, watch = TaskScope(errors.append), Watch()
    document = BoardDocument(scope.spawn, clock_s=watch, again_ms=(10, 20, 50))
    document.bind(store)
    document.open(await store.create(three()))
    yield Desk(document, store, watch, errors)
    await document.flush()
    await scope.close()
    document.deleteLater()
    database.close()
    assert errors == []


async def test_what_is_written_is_stored_by_itself(desk: Desk):
    desk.commands.write(desk.uuids[1], "image_prompt", "A red fox")
    assert desk.document.is_dirty
    await desk.saved()
    stored = await desk.stored()
    assert [scene.image_prompt for scene in stored.scenes] == ["Boat", "A red fox", "Kite"]
    assert stored.revision == desk.board.revision


async def test_who_never_pauses_is_stored_all_the_same(desk: Desk):
    written = 0
    async with asyncio.timeout(60):
        while desk.store.tries == 0:
            written += 1
            desk.commands.write(desk.uuids[1], "image_prompt", f"A red fox {written}")
            await asyncio.to_thread(time.sleep, 0.05)
    assert written > 1
    await desk.saved()
    assert (await desk.stored()).scenes[1].image_prompt == f"A red fox {written}"


async def test_typing_in_one_field_is_one_step_until_a_pause(desk: Desk):
    one, other = desk.uuids[:2]
    for words in ("B", "Bo", "Boats"):
        desk.commands.write(one, "image_prompt", words)
        desk.watch.now_s += 0.2
    desk.watch.now_s += 60
    desk.commands.write(one, "image_prompt", "Boats at night")
    desk.commands.write(other, "image_prompt", "Foxes")
    steps = []
    while desk.document.undo.canUndo():
        desk.document.undo.undo()
        steps.append(desk.prompts[:2])
    assert steps == [["Boats at night", "Fox"], ["Boats", "Fox"], ["Boat", "Fox"]]
    for _ in steps:
        desk.document.undo.redo()
    assert desk.prompts[:2] == ["Boats at night", "Foxes"]


async def test_who_left_a_field_begins_a_new_step(desk: Desk):
    one = desk.uuids[0]
    desk.commands.write(one, "image_prompt", "Boats")
    desk.document.end_typing()
    desk.commands.write(one, "image_prompt", "Boats at night")
    desk.document.undo.undo()
    assert desk.prompts[0] == "Boats"


async def test_everything_can_be_undone_and_is_stored_again(desk: Desk):
    first = desk.board.scenes
    (added,) = desk.commands.add(desk.uuids[0])
    assert desk.uuids[1] == added
    desk.commands.duplicate(desk.uuids[:1])
    desk.commands.move(desk.uuids[-1:], -1)
    desk.commands.change("Length", desk.uuids, duration_s=9, takes=3)
    desk.commands.delete(desk.uuids[:2])
    desk.commands.rename("Another film")
    last = desk.board
    await desk.saved()
    while desk.document.undo.canUndo():
        desk.document.undo.undo()
    assert desk.board.scenes == first
    assert desk.board.scenario.title == "A film"
    await desk.saved()
    assert (await desk.stored()).scenes == first
    while desk.document.undo.canRedo():
        desk.document.undo.redo()
    assert (desk.board.scenes, desk.board.scenario) == (last.scenes, last.scenario)
    await desk.saved()
    assert (await desk.stored()).scenes == last.scenes


async def test_several_move_together_and_stop_at_the_ends(desk: Desk):
    boat, fox, kite = desk.uuids
    desk.commands.move([boat, fox], 1)
    assert desk.uuids == [kite, boat, fox]
    desk.commands.move([boat, fox], 1)
    assert desk.uuids == [kite, boat, fox]
    assert desk.document.undo.count() == 1, "what changes nothing is no step"


async def test_undo_leaves_what_a_run_has_chosen(desk: Desk):
    uuid = desk.uuids[0]
    desk.commands.write(uuid, "image_prompt", "A boat")
    await desk.saved()
    chosen = Choices(picture_round=2, is_approved=True)
    stored = await desk.store.choose(desk.board.scenario.uuid, {uuid: chosen})
    desk.document.take_choices({scene.uuid: scene.choices for scene in stored.scenes})
    assert desk.document.undo.count() == 1, "a choice is nothing to undo"
    desk.document.undo.undo()
    assert desk.prompts[0] == "Boat"
    assert desk.board.scenes[0].choices == chosen
    await desk.saved()
    assert (await desk.stored()).scenes[0].choices == chosen


async def test_a_scene_comes_back_with_what_was_chosen_for_it(desk: Desk):
    uuid = desk.uuids[0]
    chosen = Choices(clip_round=1)
    await desk.store.choose(desk.board.scenario.uuid, {uuid: chosen})
    await desk.document.look_again()
    desk.commands.delete([uuid])
    await desk.saved()
    desk.document.undo.undo()
    await desk.saved()
    (found,) = [scene for scene in (await desk.stored()).scenes if scene.uuid == uuid]
    assert found.choices == chosen == desk.board.scene(uuid).choices


async def test_what_another_program_wrote_is_shown_and_the_own_words_are_one_undo_away(desk: Desk):
    told: list[bool] = []
    desk.document.changed_elsewhere.connect(lambda: told.append(True))
    theirs = edits.change_scene(desk.board, desk.uuids[2], image_prompt="Their kite")
    await desk.store.save(theirs)
    desk.commands.write(desk.uuids[0], "image_prompt", "My boat")
    await desk.saved()
    assert told == [True]
    assert desk.prompts == ["Boat", "Fox", "Their kite"]
    assert not desk.document.is_dirty
    desk.document.undo.undo()
    assert desk.prompts == ["My boat", "Fox", "Kite"]
    await desk.saved()
    stored = await desk.stored()
    assert [scene.image_prompt for scene in stored.scenes] == ["My boat", "Fox", "Kite"]


async def test_looking_again_takes_in_what_another_program_wrote(desk: Desk):
    theirs = edits.change_scene(desk.board, desk.uuids[2], image_prompt="Their kite")
    stored = await desk.store.save(theirs)
    await desk.document.look_again()
    assert desk.prompts[2] == "Their kite"
    assert desk.board.revision == stored.revision
    desk.commands.write(desk.uuids[0], "image_prompt", "My boat")
    await desk.saved()
    assert (await desk.stored()).scenes == desk.board.scenes, "what follows is no conflict"


def run_sql(database: Database, words: str) -> None:
    with closing(sqlite3.connect(database.path)) as connection, connection:
        connection.execute(words)


async def test_what_cannot_be_stored_stays_and_is_stored_later(desk: Desk):
    failed: list[Exception] = []
    desk.document.failed.connect(failed.append)
    run_sql(
        desk.store.database,
        "CREATE TRIGGER full BEFORE UPDATE ON scenarios BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    desk.commands.write(desk.uuids[0], "image_prompt", "A boat")
    await becomes(lambda: bool(failed), desk.document.failed)
    assert isinstance(failed[0], StorageError)
    assert desk.document.is_dirty
    assert desk.prompts[0] == "A boat"
    run_sql(desk.store.database, "DROP TRIGGER full")
    desk.commands.write(desk.uuids[0], "image_prompt", "A boat at night")
    await desk.saved()
    assert (await desk.stored()).scenes[0].image_prompt == "A boat at night"
    assert len(failed) == 1


async def test_what_cannot_be_stored_is_tried_again_by_itself_and_told_once(desk: Desk):
    failed: list[Exception] = []
    desk.document.failed.connect(failed.append)
    run_sql(
        desk.store.database,
        "CREATE TRIGGER full BEFORE UPDATE ON scenarios BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    desk.commands.write(desk.uuids[0], "image_prompt", "A boat")
    await becomes(lambda: desk.store.tries >= 3, desk.document.failed)
    assert desk.document.is_dirty
    run_sql(desk.store.database, "DROP TRIGGER full")
    await becomes(lambda: not desk.document.is_dirty, desk.document.stored_after_all)
    assert (await desk.stored()).scenes[0].image_prompt == "A boat"
    assert len(failed) == 1
    # the next trouble is told again
    run_sql(
        desk.store.database,
        "CREATE TRIGGER full BEFORE UPDATE ON scenarios BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    desk.commands.write(desk.uuids[1], "image_prompt", "A red fox")
    await becomes(lambda: len(failed) == 2, desk.document.failed)
    # nothing is tried for one that is not open any more
    desk.document.close()
    await becomes(lambda: not desk.document.is_dirty, desk.document.saved)


async def test_another_storyboard_begins_without_the_steps_of_the_last(desk: Desk):
    desk.commands.write(desk.uuids[0], "image_prompt", "A boat")
    await desk.document.flush()
    other = await desk.store.create(replace(three(), id=0))
    desk.document.open(other)
    assert not desk.document.undo.canUndo()
    assert desk.prompts == ["Boat", "Fox", "Kite"]
    desk.document.close()
    assert desk.document.board is None
    await desk.document.flush()
