"""A storyboard as a file of its own (`.veostory`): JSON, for people, other computers and scripts.

Pictures and clips are not inside: they are named by the digest of their content and by where they
lay. A file can say nothing but settings; what it names is believed only if its content has the digest.
Nothing in it has a number of ours, so that reading it twice makes two storyboards. All blocks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any

from veo_studio import __version__
from veo_studio.core.errors import StorageError
from veo_studio.core.models import MediaInput
from veo_studio.core.storyboard.documents import (
    scenario_from_json,
    scenario_to_json,
    scene_from_json,
    scene_to_json,
)
from veo_studio.core.storyboard.edits import new_uuid
from veo_studio.core.storyboard.models import MAX_SCENES, Storyboard
from veo_studio.core.whole_file import write_whole

SUFFIX = ".veostory"
FORMAT = "veo-studio storyboard"
VERSION = 1
MAX_BYTES = 32 * 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_STEPS = ("picture", "take", "rehearsal")


@dataclass(frozen=True)
class Made:
    """What was chosen for a scene: digests of files, "" where there is none."""

    picture: str = ""
    take: str = ""
    rehearsal: str = ""
    is_approved: bool = False


@dataclass(frozen=True)
class BoardFile:
    """A file as it was read: `made` by the uuid of the scene, `pictures` where files with a digest lay."""

    board: Storyboard
    made: Mapping[str, Made] = field(default_factory=dict)
    pictures: Mapping[str, Path] = field(default_factory=dict)


def read_board(path: Path) -> Storyboard:
    """With uuids of its own and without choices. Raises ValueError with a sentence."""
    return read_board_file(path).board


def read_board_file(path: Path) -> BoardFile:
    """As `read_board`, with what the file says about pictures and takes."""
    document = _document(path)
    scenes = document.get("scenes", [])
    pictures = document.get("pictures", {})
    if not isinstance(scenes, list) or not isinstance(pictures, dict):
        raise ValueError(f"{path.name} is damaged: it has no list of scenes.")
    if len(scenes) > MAX_SCENES:
        raise ValueError(f"{path.name} has more than {MAX_SCENES:,} scenes.")
    made: dict[str, Made] = {}
    read = []
    try:
        scenario = scenario_from_json(document.get("scenario"), new_uuid())
    except ValueError as error:
        raise ValueError(f"{path.name} cannot be read. {error}") from None
    for number, stored in enumerate(scenes, 1):
        try:
            scene = scene_from_json(stored, new_uuid())
            made[scene.uuid] = _made(stored.get("made"))
        except ValueError as error:
            raise ValueError(f"{path.name} cannot be read. Scene {number}: {error}") from None
        read.append(scene)
    folder = path.absolute().parent
    if scenario.soundtrack is not None:
        there = _placed(str(scenario.soundtrack.path), folder)
        if there is None:
            raise ValueError(f"{path.name} names a soundtrack on another computer.")
        scenario = replace(scenario, soundtrack=replace(scenario.soundtrack, path=there))
    found = {
        digest: place
        for digest, told in pictures.items()
        if _DIGEST.match(digest) and (place := _placed(told, folder)) is not None
    }
    return BoardFile(Storyboard(scenario, tuple(read)), made, found)


def write_board(
    board: Storyboard,
    path: Path,
    *,
    made: Mapping[str, Made] | None = None,
    place_of: Callable[[MediaInput], Path | None] = lambda _picture: None,
    replaces: bool = True,
) -> Path:
    """All of it or the file before; raises StorageError. `place_of` says where a picture is kept.

    Gives back where it was written: beside what is there, where that may not be replaced.
    """
    folder = path.absolute().parent
    if not folder.is_dir():
        raise StorageError(
            f"There is no folder {folder}.", action="Make it first, or choose another folder."
        )
    scenario = scenario_to_json(board.scenario)
    for member in scenario["cast"]:
        member["picture"] = _anywhere(member["picture"])
    if scenario["soundtrack"] is not None:
        scenario["soundtrack"]["path"] = _told(Path(scenario["soundtrack"]["path"]), folder)
    scenes = []
    for number, scene in enumerate(board.scenes, 1):
        if scene.is_unread:
            raise StorageError(
                f"What is stored of scene {number} cannot be read, so it cannot be written to a file.",
                action="Write the scene anew, or delete it.",
            )
        stored = scene_to_json(scene)
        stored["reference"] = stored["reference"] and _anywhere(stored["reference"])
        if (chosen := (made or {}).get(scene.uuid)) is not None and chosen != Made():
            stored["made"] = {
                **{step: getattr(chosen, step) for step in _STEPS if getattr(chosen, step)},
                "is_approved": chosen.is_approved,
            }
        scenes.append(stored)
    places = ((picture.sha256, place_of(picture)) for picture in pictures_of(board))
    document = {
        "format": FORMAT,
        "version": VERSION,
        "program": __version__,
        "scenario": scenario,
        "scenes": scenes,
        "pictures": {digest: _told(there, folder) for digest, there in places if there is not None},
    }
    text = json.dumps(document, indent=1, ensure_ascii=False)
    return write_whole(path, text, replaces=replaces)


def pictures_of(board: Storyboard) -> Iterator[MediaInput]:
    """All that it is made after: the cast, and the references of scenes."""
    for member in board.scenario.cast:
        yield member.picture
    for scene in board.scenes:
        if scene.reference is not None:
            yield scene.reference


def _document(path: Path) -> dict[str, Any]:
    try:
        if not path.is_file():
            raise ValueError(f"There is no file {path}.")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise ValueError(f"{path.name} cannot be opened: {reason}.") from error
    if len(content) > MAX_BYTES:
        raise ValueError(
            f"{path.name} is larger than {MAX_BYTES // 1024**2} MB: it is no storyboard."
        )
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise ValueError(f"{path.name} is damaged, or no storyboard of Veo Studio.") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"{path.name} is no storyboard of Veo Studio.")
    version = document.get("version")
    if type(version) is not int or version < 1:
        raise ValueError(f"{path.name} is damaged: it says no version.")
    if version > VERSION:
        raise ValueError(
            f"{path.name} was written by a newer Veo Studio. Update this one to open it."
        )
    return document


def _made(stored: Any) -> Made:
    if stored is None:
        return Made()
    if not isinstance(stored, dict):
        raise ValueError("What was made for it cannot be understood.")
    digests = {step: stored.get(step, "") for step in _STEPS}
    for digest in digests.values():
        if not isinstance(digest, str) or (digest and not _DIGEST.match(digest)):
            raise ValueError("What was made for it cannot be understood.")
    return Made(**digests, is_approved=stored.get("is_approved") is True)


def _anywhere(picture: dict[str, Any]) -> dict[str, Any]:
    """Without numbers that only this library knows."""
    own = ("generation_id", "operation_id", "provider")
    return {name: value for name, value in picture.items() if name not in own}


def _told(path: Path, folder: Path) -> str:
    """Below the folder of the file, where it can be: both may be moved together."""
    absolute = path.absolute()
    return absolute.relative_to(folder).as_posix() if absolute.is_relative_to(folder) else str(path)


def _placed(told: Any, folder: Path) -> Path | None:
    """None for what is no name of a file here: to ask another computer would tell it who we are."""
    if not isinstance(told, str) or not told.strip() or "\0" in told or len(told) > 4096:
        return None
    is_elsewhere = told.startswith(("\\\\", "//")) or PurePath(told).drive.startswith("\\\\")
    return None if is_elsewhere else folder / told
