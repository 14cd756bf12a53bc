"""Storyboards in and out of files: of this computer or another, with what is known of their media here."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from veo_studio.core.clean_media import clean_picture
from veo_studio.core.models import MediaInput
from veo_studio.core.storyboard.board_file import (
    SUFFIX,
    BoardFile,
    Made,
    pictures_of,
    read_board_file,
    write_board,
)
from veo_studio.core.storyboard.drafts import scenes_from
from veo_studio.core.storyboard.edits import change_scenario, new_board, replace_scenes
from veo_studio.core.storyboard.models import MAX_TITLE, Choices, Storyboard
from veo_studio.core.storyboard.script import scenes_of_file, title_of_file

if TYPE_CHECKING:
    from veo_studio.core.input_files import InputFiles
    from veo_studio.core.store.repositories import GenerationRepository
    from veo_studio.core.store.storyboards import StoryboardRepository

_MAX_PICTURE_BYTES = 400 * 1024 * 1024
_BEGINNINGS = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8", "image/webp": b"RIFF"}


async def take_in(
    path: Path, boards: StoryboardRepository, files: InputFiles, *, is_anew: bool = False
) -> Storyboard:
    """The stored storyboard of a `.veostory`, a script or a table.

    A file that was taken in before is found again by its content, with everything that was made since,
    unless `is_anew`. Raises ValueError with a sentence, StorageError; then nothing was stored.
    """

    def blocking() -> tuple[str, BoardFile]:
        return digest_of(path), _read(path)

    digest, read = await asyncio.to_thread(blocking)
    if not is_anew and (known := await boards.of_source(digest)) is not None:
        return known
    await asyncio.to_thread(_bring_pictures, read, files)
    return await boards.create(await _with_choices(read, boards), digest)


async def brought(
    path: Path, boards: StoryboardRepository, files: InputFiles
) -> tuple[Storyboard, bool]:
    """What is in a file, not stored, and whether it is a whole storyboard with a cast of its own.

    What the library here has of its pictures and clips stands for its scenes. Raises as `take_in`.
    """
    read = await asyncio.to_thread(_read, path)
    await asyncio.to_thread(_bring_pictures, read, files)
    return await _with_choices(read, boards), path.suffix.lower() == SUFFIX


def with_cast_of(board: Storyboard, other: Storyboard) -> Storyboard:
    """Those whom the scenes of `other` name and whom nobody here is called: the others stay whom they are.

    Raises ValueError with a sentence.
    """
    known = {member.name.casefold() for member in board.scenario.cast}
    further = [one for one in other.scenario.cast if one.name.casefold() not in known]
    if not further:
        return board
    return change_scenario(board, cast=(*board.scenario.cast, *further))


async def write_out(
    board: Storyboard,
    path: Path,
    generations: GenerationRepository,
    files: InputFiles,
    *,
    replaces: bool = True,
) -> Path:
    """As a `.veostory`, which `take_in` reads here or elsewhere; see `write_board`. Raises StorageError."""
    made = {scene.uuid: await _made(scene.choices, generations) for scene in board.scenes}

    def place_of(picture: MediaInput) -> Path | None:
        return there if (there := files.path(picture)).is_file() else None

    return await asyncio.to_thread(
        write_board, board, path, made=made, place_of=place_of, replaces=replaces
    )


def digest_of(path: Path) -> str:
    """SHA-256 of a file that may be a storyboard. Raises ValueError with a sentence. Blocks."""
    try:
        if not path.is_file():
            raise ValueError(f"There is no file {path}.")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise ValueError(f"{path.name} cannot be opened: {reason}.") from error


def _read(path: Path) -> BoardFile:
    if path.suffix.lower() == SUFFIX:
        return read_board_file(path)
    scenes = scenes_from(scenes_of_file(path))
    # the name of a file may be none that a person would write
    title = title_of_file(path) or " ".join(path.stem.replace("_", " ").split())
    board = new_board(title.encode("utf-8", "replace").decode()[:MAX_TITLE] or "Storyboard")
    return BoardFile(replace_scenes(board, scenes))


def _bring_pictures(read: BoardFile, files: InputFiles) -> None:
    """Keep those that are not here yet and lie where the file says; the others stay a problem."""
    for picture in pictures_of(read.board):
        place = read.pictures.get(picture.sha256)
        if place is None or files.path(picture).is_file():
            continue
        with suppress(OSError, ValueError):
            if not place.is_file() or place.stat().st_size > _MAX_PICTURE_BYTES:
                continue
            content = place.read_bytes()
            is_same = hashlib.sha256(content).hexdigest() == picture.sha256
            if is_same and content.startswith(_BEGINNINGS[picture.mime_type]):
                # whatever it is called, it has to be a picture
                clean_picture(content, picture.name)
                files.keep(picture, content)


async def _with_choices(read: BoardFile, boards: StoryboardRepository) -> Storyboard:
    """What the library here has of that content stands for the scenes again: nothing is paid twice."""
    told = read.made.values()
    digests = {digest for made in told for digest in (made.picture, made.take, made.rehearsal)}
    known = await boards.made_as(digests - {""}) if digests - {""} else {}
    scenes = []
    for scene in read.board.scenes:
        made = read.made.get(scene.uuid, Made())
        choices = Choices(
            picture_id=known.get(made.picture),
            take_id=known.get(made.take),
            rehearsal_id=known.get(made.rehearsal),
            is_approved=made.is_approved and made.picture in known,
        )
        scenes.append(replace(scene, choices=choices))
    return replace(read.board, scenes=tuple(scenes))


async def _made(choices: Choices, generations: GenerationRepository) -> Made:
    digests: Mapping[str, int | None] = {
        "picture": choices.picture_id,
        "take": choices.take_id,
        "rehearsal": choices.rehearsal_id,
    }
    told: dict[str, str] = {}
    for name, number in digests.items():
        if number is not None:
            with suppress(LookupError):
                told[name] = (await generations.get(number)).sha256 or ""
    return Made(**told, is_approved=choices.is_approved)
