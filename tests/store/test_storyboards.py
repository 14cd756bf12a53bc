"""Storyboards in the database: what is written and what is chosen never overwrite each other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from veo_studio.core.errors import StorageError
from veo_studio.core.models import GenerationKind, GenerationRequest, VideoConfig
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.store.repositories import GenerationRepository
from veo_studio.core.store.storyboards import BoardChanged, StoryboardRepository
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.keys import SceneKey, read_key
from veo_studio.core.storyboard.models import (
    Choices,
    RunGoal,
    RunState,
    Scene,
    Step,
    Storyboard,
)


class Clock:
    """A second later each time."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "data" / "veo-studio.db")
    yield database
    database.close()


@pytest.fixture
def boards(database: Database) -> StoryboardRepository:
    return StoryboardRepository(database, Clock())


def board_of(*names: str) -> Storyboard:
    scenes = [edits.new_scene(image_prompt=name, duration_s=4) for name in names]
    return edits.add_scenes(edits.new_board("A night"), scenes)


def names(board: Storyboard) -> list[str]:
    return [scene.image_prompt for scene in board.scenes]


async def asked(database: Database, key: str | None, prompt: str = "A boat") -> int:
    request = GenerationRequest(
        prompt, "rehearsal", "rehearsal-1", VideoConfig(), GenerationKind.VIDEO,
        idempotency_key=key,
    )  # fmt: skip
    (made,) = await GenerationRepository(database).create([NewGeneration(request, 0, None)])
    return made.id


async def test_what_is_stored_is_read_by_number_and_uuid(boards: StoryboardRepository) -> None:
    board = await boards.create(board_of("a", "b"), "f" * 64)
    assert (board.revision, names(board)) == (1, ["a", "b"])
    assert await boards.get(board.id) == board == await boards.get(board.scenario.uuid)
    assert await boards.of_source("f" * 64) == board
    assert await boards.of_source("e" * 64) is None
    with pytest.raises(LookupError, match="no storyboard 99"):
        await boards.get(99)
    with pytest.raises(ValueError, match="stored already"):
        await boards.create(board)
    assert len(await boards.entries()) == 1
    other = await boards.create(edits.copy_of(board, "Another"))
    (first, second) = await boards.entries()
    assert (first.id, second.id) == (other.id, board.id)
    assert (second.title, second.scenes, second.duration_s) == ("A night", 2, 8)


async def test_a_save_writes_order_and_words_and_counts(boards: StoryboardRepository) -> None:
    board = await boards.create(board_of("a", "b", "c"))
    edited = edits.move_scenes(board, [board.scenes[2].uuid], 0)
    edited = edits.change_scene(edited, board.scenes[0].uuid, image_prompt="A", duration_s=9)
    edited = edits.add_scene(edited, edits.new_scene(image_prompt="new"), 1)
    edited = edits.change_scenario(edited, title="Another", style="grainy")
    saved = await boards.save(edited)
    assert (saved.revision, names(saved)) == (2, ["c", "new", "A", "b"])
    assert saved == await boards.get(board.id)
    assert saved.scenario == edited.scenario
    assert saved.updated_at is not None
    assert board.updated_at is not None
    assert saved.updated_at > board.updated_at
    (entry,) = await boards.entries()
    assert (entry.title, entry.scenes, entry.duration_s) == ("Another", 4, 22)


async def test_who_saves_an_old_revision_is_told(boards: StoryboardRepository) -> None:
    board = await boards.create(board_of("a"))
    await boards.save(edits.change_scenario(board, title="First"))
    with pytest.raises(BoardChanged, match="'First' was changed elsewhere") as caught:
        await boards.save(edits.change_scenario(board, title="Second"))
    assert caught.value.action
    assert (await boards.get(board.id)).scenario.title == "First"


async def test_a_save_leaves_choices_and_a_choice_leaves_words(
    boards: StoryboardRepository,
) -> None:
    board = await boards.create(board_of("a", "b"))
    first, second = (scene.uuid for scene in board.scenes)
    chosen = Choices(picture_id=5, take_id=7, is_approved=True, clip_round=2)
    after = await boards.choose(board.scenario.uuid, {first: chosen, "gone": chosen})
    assert (after.revision, after.scenes[0].choices) == (1, chosen)
    # somebody wrote meanwhile, and knew nothing of the choice
    saved = await boards.save(edits.change_scene(board, first, image_prompt="A"))
    assert (saved.scenes[0].image_prompt, saved.scenes[0].choices) == ("A", chosen)
    # a function is told what is chosen in that moment
    await asyncio.gather(
        boards.choose(board.scenario.uuid, {second: lambda now: replace(now, take_id=1)}),
        boards.choose(board.scenario.uuid, {second: lambda now: replace(now, picture_id=2)}),
    )
    assert (await boards.get(board.id)).scenes[1].choices == Choices(picture_id=2, take_id=1)
    with pytest.raises(LookupError):
        await boards.choose("nobody", {first: chosen})


async def test_undo_of_a_deleted_scene_brings_its_choices_back(
    boards: StoryboardRepository,
) -> None:
    board = await boards.create(board_of("a", "b"))
    first = board.scenes[0].uuid
    without = await boards.save(edits.delete_scenes(board, [first]))
    assert names(without) == ["b"]
    # what was being made arrives meanwhile
    await boards.choose(board.scenario.uuid, {first: Choices(take_id=7)})
    back = await boards.save(replace(board, revision=without.revision))
    assert names(back) == ["a", "b"]
    assert back.scenes[0].choices == Choices(take_id=7)


async def test_a_new_scene_brings_its_choices(boards: StoryboardRepository) -> None:
    made = Scene(edits.new_uuid(), "a", choices=Choices(picture_id=3, is_approved=True))
    board = await boards.create(edits.replace_scenes(edits.new_board("A night"), [made]))
    assert board.scenes[0].choices == made.choices
    saved = await boards.save(edits.duplicate_scenes(board, [made.uuid]))
    assert saved.scenes[1].choices == made.choices
    other = await boards.create(board_of("b"))
    with pytest.raises(ValueError, match="part of another storyboard"):
        await boards.save(edits.add_scene(other, made))
    assert (await boards.get(other.id)).revision == 1


async def test_a_deleted_board_is_gone_until_it_is_restored(boards: StoryboardRepository) -> None:
    board = await boards.create(board_of("a"), "f" * 64)
    run = await boards.begin_run(board.scenario.uuid, RunGoal.FILM, ["x"])
    await boards.delete(board.id)
    assert await boards.entries() == []
    assert await boards.unfinished_runs() == []
    assert await boards.of_source("f" * 64) is None
    for gone in (boards.get(board.id), boards.save(board), boards.choose(board.scenario.uuid, {})):
        with pytest.raises(LookupError):
            await gone
    assert (await boards.set_run(run.id, RunState.CANCELLED)).finished_at is not None
    assert await boards.restore(board.id) == board
    assert await boards.get(board.id) == board
    with pytest.raises(LookupError):
        await boards.delete(99)


async def test_runs_are_stored_before_anything_is_asked_for(boards: StoryboardRepository) -> None:
    board = await boards.create(board_of("a"))
    uuid = board.scenario.uuid
    assert await boards.last_run(uuid) is None
    first = await boards.begin_run(uuid, RunGoal.PICTURES, ["x", "y"])
    assert (first.state, first.scene_uuids, first.finished_at) == (
        RunState.RUNNING,
        ("x", "y"),
        None,
    )
    waiting = await boards.set_run(first.id, RunState.WAITING, "No tokens.")
    assert (waiting.reason, waiting.finished_at) == ("No tokens.", None)
    assert await boards.unfinished_runs() == [waiting]
    done = await boards.set_run(first.id, RunState.DONE)
    assert done.finished_at is not None
    assert await boards.unfinished_runs() == []
    # another program that decided on what was true before comes too late
    assert await boards.set_run(first.id, RunState.RUNNING, "Late.") == done
    second = await boards.begin_run(uuid, RunGoal.FILM, [])
    assert await boards.last_run(uuid) == second
    assert [run.id for run in await boards.unfinished_runs()] == [second.id]
    with pytest.raises(LookupError):
        await boards.set_run(99, RunState.DONE)
    with pytest.raises(LookupError):
        await boards.begin_run("nobody", RunGoal.FILM, [])


async def test_takes_are_those_asked_for_and_those_chosen(
    boards: StoryboardRepository, database: Database
) -> None:
    board = await boards.create(board_of("a"))
    uuid, scene = board.scenario.uuid, board.scenes[0].uuid
    keys = [SceneKey(uuid, scene, Step.CLIP, 0, take) for take in (1, 2)]
    ids = [await asked(database, str(key)) for key in keys]
    chosen = await asked(database, None, "of another one")
    await asked(database, str(SceneKey(edits.new_uuid(), scene, Step.CLIP, 0, 1)), "a stranger")
    await boards.choose(uuid, {scene: Choices(picture_id=chosen, take_id=ids[0])})
    await GenerationRepository(database).forget(ids[1])
    found = await boards.takes(uuid)
    assert [(one.generation.id, one.key, one.is_deleted) for one in found] == [
        (ids[0], str(keys[0]), False), (ids[1], str(keys[1]), True), (chosen, "", False),
    ]  # fmt: skip
    assert read_key(found[0].key) == keys[0]


def test_keys_fit_into_their_columns() -> None:
    key = SceneKey(edits.new_uuid(), edits.new_uuid(), Step.REHEARSAL, 10**9, 8)
    assert len(str(key)) <= 128
    assert len(key.take_group) == 36
    assert key.take_group == replace(key, take=1).take_group
    assert key.take_group != replace(key, round=1).take_group
    assert read_key(str(key)) == key
    for other in ("", "batch:1:2", "scene:a:b:clip:x:1", "scene:a:b:film:0:1"):
        assert read_key(other) is None


async def test_a_document_that_cannot_be_read_is_told_as_such(
    boards: StoryboardRepository, database: Database
) -> None:
    board = await boards.create(board_of("a"))
    await database.write(
        lambda c: c.execute(text("UPDATE scenarios SET document = '{\"title\": 7}'"))
    )
    with pytest.raises(StorageError, match="cannot be read"):
        await boards.get(board.id)


async def test_two_hundred_scenes_are_saved_with_one_that_changed(
    boards: StoryboardRepository, database: Database
) -> None:
    board = await boards.create(board_of(*(f"Scene {n}" for n in range(200))))
    changes = "SELECT total_changes()"
    before = await database.write(lambda c: c.exec_driver_sql(changes).scalar_one())
    saved = await boards.save(edits.change_scene(board, board.scenes[7].uuid, takes=2))
    after = await database.write(lambda c: c.exec_driver_sql(changes).scalar_one())
    assert saved.scenes[7].takes == 2
    # the scenario and the scene
    assert after - before == 2
