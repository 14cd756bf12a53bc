"""Which storyboard is meant: a number, a title, or a file that is taken in once."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from veo_studio.cli.bad_input import BadInput, check_words, checking_input
from veo_studio.cli.terminal import Output
from veo_studio.core.input_files import InputFiles
from veo_studio.core.store.storyboards import StoryboardRepository
from veo_studio.core.storyboard import carrying
from veo_studio.core.storyboard.board_file import SUFFIX
from veo_studio.core.storyboard.models import Scene, Storyboard, StoryboardEntry
from veo_studio.core.storyboard.script import SUFFIXES

_MOST_ID = 2**63 - 1


async def find(
    word: str, boards: StoryboardRepository, files: InputFiles, output: Output
) -> Storyboard:
    """Raises BadInput, StorageError."""
    check_words("BOARD", word)
    if word.isascii() and word.isdigit() and int(word) <= _MOST_ID:
        try:
            return await boards.get(int(word))
        except LookupError:
            raise BadInput(
                f"There is no storyboard {word}; `veo-studio storyboard list` shows them."
            ) from None
    path = Path(word)
    is_file = await asyncio.to_thread(os.path.isfile, word)
    if path.suffix.lower() in (SUFFIX, *SUFFIXES) or is_file:
        return await of_file(path, boards, files, output)
    named = [one for one in await boards.entries() if one.title.casefold() == word.casefold()]
    if len(named) == 1:
        return await boards.get(named[0].id)
    if named:
        numbers = ", ".join(str(one.id) for one in named)
        raise BadInput(f"Several storyboards are called {word!r}: say a number ({numbers}).")
    raise BadInput(f"There is no storyboard {word!r}; `veo-studio storyboard list` shows them.")


async def named(
    word: str, boards: StoryboardRepository, files: InputFiles, output: Output
) -> StoryboardEntry:
    """As `find`, without reading what is in it where a number is said."""
    entries = {one.id: one for one in await boards.entries()}
    if word.isascii() and word.isdigit() and int(word) in entries:
        return entries[int(word)]
    board = await find(word, boards, files, output)
    return (entries | {one.id: one for one in await boards.entries()})[board.id]


async def of_file(
    path: Path,
    boards: StoryboardRepository,
    files: InputFiles,
    output: Output,
    *,
    is_anew: bool = False,
) -> Storyboard:
    """The one that was made of this file, or a new one. Raises BadInput, StorageError."""
    known = {one.id for one in await boards.entries()}
    with checking_input():
        board = await carrying.take_in(Path.cwd() / path, boards, files, is_anew=is_anew)
    scenes = "1 scene" if len(board.scenes) == 1 else f"{len(board.scenes)} scenes"
    how = "was taken in before: it is" if board.id in known else "is taken in as"
    output.say(f"{path.name} {how} storyboard {board.id}, {scenes}.")
    return board


def scene_of(board: Storyboard, number: int) -> Scene:
    """From 1. Raises BadInput."""
    if not 1 <= number <= len(board.scenes):
        count = len(board.scenes)
        has = "no scenes" if not count else "1 scene" if count == 1 else f"{count} scenes"
        raise BadInput(f"There is no scene {number}: storyboard {board.id} has {has}.")
    return board.scenes[number - 1]
