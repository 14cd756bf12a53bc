"""What a newer version stored of one scene: the others go on, nothing is lost, and it says so."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from tests.core.studios import open_studio
from tests.storyboard.made_boards import a_board, a_studio, rested, seen
from veo_studio.cli import main
from veo_studio.core.errors import StorageError
from veo_studio.core.paths import Paths
from veo_studio.core.storyboard.checks import UNREAD, problems
from veo_studio.core.storyboard.edits import change_scene, delete_scenes
from veo_studio.core.storyboard.models import RunGoal, RunState
from veo_studio.core.storyboard.planning import missing_keys
from veo_studio.core.storyboard.standing import Standing

NEWER = {"image_prompt": "A fox", "cut": {"cut": "wipe"}, "depth": 3}


def rewrite(table: str, number: int, document: object) -> None:
    with closing(sqlite3.connect(Paths.default().database)) as connection, connection:
        connection.execute(
            f"UPDATE {table} SET document = ? WHERE id = ?",
            (json.dumps(document), number),
        )


def stored(number: int) -> object:
    with closing(sqlite3.connect(Paths.default().database)) as connection:
        found = connection.execute("SELECT document FROM scenes WHERE id = ?", (number,))
        return json.loads(found.fetchone()[0])


async def test_a_scene_that_cannot_be_read_keeps_what_is_stored() -> None:
    async with open_studio() as studio:
        repository = studio.storyboards.repository
        board = await repository.create(a_board(2))
        rewrite("scenes", 1, NEWER)
        board = await repository.get(board.id)
        first, second = board.scenes
        assert (first.is_unread, first.has_prompts, second.is_unread) == (True, False, False)
        assert problems(board, first) == (UNREAD,)
        assert (await seen(studio, board)).scenes[0].problem == UNREAD
        told = await studio.storyboards.price(board, RunGoal.FILM)
        assert told.problems == (f"Scene 1: {UNREAD}",)
        # another scene is written: this one stays what it was
        board = await repository.save(change_scene(board, second.uuid, notes="later"))
        assert stored(1) == NEWER
        with pytest.raises(StorageError, match="scene 1 cannot be read"):
            await write(studio, board)
        # until somebody writes it anew
        board = await repository.save(change_scene(board, first.uuid, image_prompt="A hare"))
        assert not board.scenes[0].is_unread
        board = await repository.save(delete_scenes(board, [first.uuid]))
        assert len(board.scenes) == 1


async def write(studio, board) -> None:
    from veo_studio.core.storyboard.carrying import write_out

    path = Paths.default().database.with_name("board.veostory")
    await write_out(board, path, studio.generations, studio.client.files)


async def test_its_run_waits_and_the_others_go_on() -> None:
    async with open_studio() as studio:
        repository = studio.storyboards.repository
        boards = [await repository.create(a_board(1)) for _ in range(2)]
        runs = []
        for board in boards:
            keys = missing_keys(Standing(board, ()), RunGoal.PICTURES, board.scenes)
            runs.append(
                await repository.begin_run(
                    board.scenario.uuid,
                    RunGoal.PICTURES,
                    [scene.uuid for scene in board.scenes],
                    [str(key) for key in keys],
                )
            )
    rewrite("scenes", 1, NEWER)
    async with a_studio() as studio:
        waiting, done = [await rested(studio, run) for run in runs]
    assert (waiting.state, done.state) == (RunState.WAITING, RunState.DONE)
    assert waiting.reason == f"Scene 1: {UNREAD}"


async def test_a_storyboard_that_cannot_be_read_can_be_deleted(capsys) -> None:
    async with open_studio() as studio:
        repository = studio.storyboards.repository
        board = await repository.create(a_board(1))
        rewrite("scenarios", board.id, {"title": "A night", "resolution": 7})
        with pytest.raises(StorageError, match=r"storyboard 1 cannot be read\. [^.]+\.$"):
            await repository.get(board.id)


def test_it_is_deleted_by_number(capsys) -> None:
    import asyncio

    async def make() -> None:
        async with open_studio() as studio:
            await studio.storyboards.repository.create(a_board(1))

    asyncio.run(make())
    rewrite("scenarios", 1, {"title": "A night", "resolution": 7})
    assert main(("storyboard", "show", "1")) == 6
    assert ".." not in capsys.readouterr().err
    assert main(("storyboard", "delete", "1", "--yes")) == 0
    assert main(("storyboard", "show", "1")) == 2
