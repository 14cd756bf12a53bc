"""`storyboard new|list|show|import|delete`: what there is and what is written, without making anything."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from rich.text import Text

from veo_studio.cli import storyboard_report as report
from veo_studio.cli.bad_input import (
    BadInput,
    check_environment,
    check_words,
    checking_input,
    every_provider,
)
from veo_studio.cli.listing import table_of
from veo_studio.cli.opening import Workplace, open_database, open_studio, open_workplace
from veo_studio.cli.storyboard_finding import find, named, of_file
from veo_studio.cli.terminal import ExitCode, Output, can_ask, plain
from veo_studio.cli.words import ago
from veo_studio.core.input_files import InputFiles
from veo_studio.core.json_view import moment
from veo_studio.core.store.storyboards import StoryboardRepository
from veo_studio.core.storyboard import carrying, edits
from veo_studio.core.storyboard.board_file import SUFFIX
from veo_studio.core.storyboard.drafts import scenes_from
from veo_studio.core.storyboard.ending import end_runs, give_up_unsent
from veo_studio.core.storyboard.keys import read_key
from veo_studio.core.storyboard.models import Choices, Scene, Storyboard
from veo_studio.core.storyboard.script import TABLES, text_of_file, title_of_file


@dataclass(frozen=True)
class ImportWish:
    """What the user typed."""

    file: Path
    title: str | None = None
    into: str | None = None
    is_replacing: bool = False
    asks: bool = False
    is_again: bool = False
    is_agreed: bool = False


async def list_all(output: Output) -> int:
    async with open_database(open_workplace()) as database:
        entries = await StoryboardRepository(database).entries()
    if output.is_json:
        output.json(
            [
                {
                    "id": one.id,
                    "uuid": one.uuid,
                    "title": one.title,
                    "scenes": one.scenes,
                    "duration_s": one.duration_s,
                    "updated_at": moment(one.updated_at),
                }
                for one in entries
            ]
        )
        return ExitCode.DONE
    if not entries:
        output.say("There are no storyboards yet: `veo-studio storyboard import SCRIPT.txt`.")
        return ExitCode.DONE
    table = table_of("id", "title", "scenes", "seconds", "changed")
    for one in entries:
        cells = (one.id, one.title, one.scenes, one.duration_s, ago(one.updated_at))
        table.add_row(*(Text(plain(str(cell))) for cell in cells))
    output.table(table)
    return ExitCode.DONE


async def new(title: str, resolution: str, output: Output) -> int:
    check_words("TITLE", title)
    with checking_input():
        board = edits.new_board(title, resolution.replace("x", ":"))
    async with open_database(open_workplace()) as database:
        board = await StoryboardRepository(database).create(board)
    return _tell(board, output)


async def show(word: str, output: Output) -> int:
    check_environment(every_provider())
    async with open_studio(open_workplace(), is_scheduler=False) as studio:
        boards = studio.storyboards
        board = await find(word, boards.repository, studio.client.files, output)
        view = await boards.view(board)
    if output.is_json:
        output.json(report.document(view))
        return ExitCode.DONE
    count = len(board.scenes)
    output.say(
        f"{board.scenario.title}: {count} scene{'' if count == 1 else 's'}, {board.duration_s} s"
    )
    if count:
        output.table(report.table(view))
    return ExitCode.DONE


async def take_in(wish: ImportWish, output: Output) -> int:
    """A file as a storyboard, or its scenes into one that is there."""
    if wish.is_replacing and wish.into is None:
        raise BadInput("--replace goes with --into BOARD.")
    check_words("--title", wish.title or "")
    workplace = open_workplace()
    if wish.into is None and not wish.asks:
        async with open_database(workplace) as database:
            boards = StoryboardRepository(database)
            files = InputFiles(workplace.paths.inputs)
            board = await of_file(wish.file, boards, files, output, is_anew=wish.is_again)
            if wish.title is not None:
                with checking_input():
                    named = edits.change_scenario(board, title=wish.title)
                board = board if named == board else await boards.save(named)
        return _tell(board, output)
    asked = await _asked(wish, workplace, output) if wish.asks else None
    async with open_database(workplace) as database:
        boards = StoryboardRepository(database)
        files = InputFiles(workplace.paths.inputs)
        if asked is None and wish.into is not None:
            return await _poured(wish, wish.into, boards, files, output)
        placed = await _placed(wish, asked or (), boards, files, output)
        return ExitCode.INTERRUPTED if placed is None else _tell(placed, output)


async def _poured(
    wish: ImportWish, into: str, boards: StoryboardRepository, files: InputFiles, output: Output
) -> int:
    """The scenes of a file into a storyboard that is there; a .veostory brings its cast along."""
    with checking_input():
        brought, is_whole = await carrying.brought(Path.cwd() / wish.file, boards, files)
    cast_of = brought if is_whole else None
    board = await _placed(
        replace(wish, into=into), brought.scenes, boards, files, output, cast_of=cast_of
    )
    return ExitCode.INTERRUPTED if board is None else _tell(board, output)


async def _asked(wish: ImportWish, workplace: Workplace, output: Output) -> tuple[Scene, ...]:
    """Scenes that the enhancer's text model proposes."""
    check_environment(("gemini",))
    if wish.file.suffix.lower() in (SUFFIX, *TABLES):
        raise BadInput(f"{wish.file.name} says itself what its scenes are: leave --ask out.")
    with checking_input():
        text = await asyncio.to_thread(text_of_file, Path.cwd() / wish.file)
    async with open_studio(workplace, is_scheduler=False) as studio:
        kind = studio.enhancers.chosen
        output.say(f"{studio.enhancers.choice(kind).name} proposes scenes ...")
        with checking_input():
            proposals = await studio.enhancers.propose_scenes(text, kind)
    if proposals.note:
        output.say(proposals.note)
    with checking_input():
        return scenes_from(proposals.drafts)


async def _placed(
    wish: ImportWish,
    scenes: tuple[Scene, ...],
    boards: StoryboardRepository,
    files: InputFiles,
    output: Output,
    *,
    cast_of: Storyboard | None = None,
) -> Storyboard | None:
    """None where somebody does not agree that scenes with pictures or clips make room."""
    if wish.into is None:
        with checking_input():
            path = Path.cwd() / wish.file
            title = wish.title or await asyncio.to_thread(title_of_file, path) or path.stem
            return await boards.create(edits.replace_scenes(edits.new_board(title), scenes))
    board = await find(wish.into, boards, files, output)
    if wish.is_replacing and not await _may_replace(wish, board, boards, output):
        return None
    with checking_input():
        if cast_of is not None:
            board = carrying.with_cast_of(board, cast_of)
        if wish.is_replacing:
            board = edits.replace_scenes(board, scenes)
        else:
            board = edits.add_scenes(board, scenes)
        if wish.title is not None:
            board = edits.change_scenario(board, title=wish.title)
    return await boards.save(board)


async def _may_replace(
    wish: ImportWish, board: Storyboard, boards: StoryboardRepository, output: Output
) -> bool:
    """What was made, and perhaps paid for, would stand for no scene any more. Raises BadInput."""
    there = {scene.uuid for scene in board.scenes}
    made = {scene.uuid for scene in board.scenes if scene.choices != Choices()}
    for one in await boards.takes(board.scenario.uuid):
        key = read_key(one.key)
        if key is not None and key.scene_uuid in there and one.generation.has_file:
            made.add(key.scene_uuid)
    if not made or wish.is_agreed:
        return True
    scenes = "1 scene" if len(made) == 1 else f"{len(made)} scenes"
    told = f"{scenes} of storyboard {board.id}, {board.scenario.title!r}, with pictures or clips"
    if not can_ask():
        raise BadInput(f"This replaces {told}. Add --yes to agree.")
    if output.ask(f"Replace {told}? What was made stays in the library."):
        return True
    output.say("Nothing was replaced.")
    return False


async def delete(word: str, output: Output, *, is_agreed: bool) -> int:
    workplace = open_workplace()
    async with open_database(workplace) as database:
        boards = StoryboardRepository(database)
        board = await named(word, boards, InputFiles(workplace.paths.inputs), output)
        name = f"storyboard {board.id}, {board.title!r}"
        if not is_agreed:
            if not can_ask():
                raise BadInput(f"This deletes {name}. Add --yes to agree.")
            if not output.ask(f"Delete {name}? Its pictures and clips stay in the library."):
                output.say("Nothing was deleted.")
                return ExitCode.INTERRUPTED
        unfinished = await boards.unfinished_runs()
        runs = [run for run in unfinished if run.scenario_uuid == board.uuid]
        stopped = await end_runs(boards, runs, lambda number: give_up_unsent(database, number))
        await boards.delete(board.id)
    output.say(f"Deleted {name}. Its pictures and clips stay in the library.")
    if stopped:
        waited = "1 request that waited was" if stopped == 1 else f"{stopped} that waited were"
        output.say(f"{waited} cancelled: nothing is paid for that.")
    if output.is_json:
        output.json({"id": board.id, "status": "deleted", "cancelled": stopped})
    return ExitCode.DONE


def _tell(board: Storyboard, output: Output) -> int:
    """The number on stdout, which every other command takes."""
    if output.is_json:
        output.json(
            {
                "id": board.id,
                "uuid": board.scenario.uuid,
                "title": board.scenario.title,
                "scenes": len(board.scenes),
                "duration_s": board.duration_s,
            }
        )
    else:
        output.text(str(board.id))
    return ExitCode.DONE
