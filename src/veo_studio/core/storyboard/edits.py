"""Every way to change what a storyboard says: a storyboard goes in, another one comes out.

All raise ValueError with a sentence for people where it cannot be done; then nothing has changed.
Undo is the storyboard before.
"""

from __future__ import annotations

import re
import uuid as uuids_of_python
from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields as fields_of
from dataclasses import replace
from typing import Any

from veo_studio.core.models import InputRole, MediaInput
from veo_studio.core.storyboard import limits
from veo_studio.core.storyboard.models import (
    MAX_SCENES,
    CastMember,
    Choices,
    Scenario,
    Scene,
    SceneCut,
    Storyboard,
)
from veo_studio.core.storyboard.names import folded, renamed

_SCENE_FIELDS = frozenset(item.name for item in fields_of(Scene)) - {"uuid", "choices"}
_SCENARIO_FIELDS = frozenset(item.name for item in fields_of(Scenario)) - {"uuid", "cast"}
# only from the first mark of several: a row of them is read once
_SENTENCE_END = re.compile(r"(?<![.!?…。！？])[.!?…。！？]+[\"'”’)]*\s+|\n+")
_GONE = "This scene is not in the storyboard any more."


def new_uuid() -> str:
    return str(uuids_of_python.uuid4())


def new_board(title: str, resolution: str = "") -> Storyboard:
    """Without scenes, and not stored yet."""
    scenario = Scenario(new_uuid(), title, resolution=resolution)
    return Storyboard(limits.check_scenario(scenario))


def new_scene(**fields: Any) -> Scene:
    """Fields of `Scene` apart from its uuid."""
    _only_known(fields, _SCENE_FIELDS)
    return limits.check_scene(Scene(new_uuid(), **fields))


def add_scene(board: Storyboard, scene: Scene | None = None, at: int | None = None) -> Storyboard:
    """`at` is its place from 0, None for the end."""
    return add_scenes(board, [new_scene() if scene is None else scene], at)


def add_scenes(board: Storyboard, scenes: Iterable[Scene], at: int | None = None) -> Storyboard:
    """In their order; `at` is the place of the first, from 0, None for the end."""
    at = len(board.scenes) if at is None else max(0, min(at, len(board.scenes)))
    return replace_scenes(board, [*board.scenes[:at], *scenes, *board.scenes[at:]])


def replace_scenes(board: Storyboard, scenes: Iterable[Scene]) -> Storyboard:
    """These in place of all that were there."""
    kept = tuple(limits.check_scene(scene) for scene in scenes)
    if len(kept) > MAX_SCENES:
        raise ValueError(f"A storyboard has at most {MAX_SCENES:,} scenes.")
    if len({scene.uuid for scene in kept}) < len(kept):
        raise ValueError("A scene cannot be in a storyboard twice: duplicate it.")
    return replace(board, scenes=kept)


def move_scenes(board: Storyboard, uuids: Collection[str], to: int) -> Storyboard:
    """Before the scene that is at place `to` now (from 0, the number of scenes for the end), in their order."""
    moved = _chosen(board, uuids)
    to = max(0, min(to, len(board.scenes)))
    chosen = {scene.uuid for scene in moved}
    before = [scene for scene in board.scenes[:to] if scene.uuid not in chosen]
    after = [scene for scene in board.scenes[to:] if scene.uuid not in chosen]
    return replace(board, scenes=(*before, *moved, *after))


def duplicate_scenes(board: Storyboard, uuids: Collection[str]) -> Storyboard:
    """Copies behind the last of them, with the pictures and takes that were chosen: nothing is paid again."""
    copies = [
        replace(scene, uuid=new_uuid(), choices=_without_rounds(scene.choices))
        for scene in _chosen(board, uuids)
    ]
    if not copies:
        return board
    last = max(board.place_of(uuid) for uuid in uuids)
    return add_scenes(board, copies, last + 1)


def split_scene(board: Storyboard, uuid: str, at_char: int | None = None) -> Storyboard:
    """Two scenes of one, both new: undo brings the old one back with its takes.

    `at_char` is a place in the motion prompt, or in the picture prompt where that is empty; None is
    the end of the sentence nearest to the middle. Both halves keep the picture, none the take.
    """
    scene = _scene(board, uuid)
    name = "visual_prompt" if scene.visual_prompt.strip() else "image_prompt"
    words: str = getattr(scene, name)
    at = _middle(words) if at_char is None else at_char
    first, second = words[:at].strip(), words[at:].strip()
    if not first or not second:
        raise ValueError("There is nothing to split here: put the cursor between two sentences.")
    if scene.duration_s < 2 * limits.MIN_DURATION_S:
        halves_s = (limits.MIN_DURATION_S, limits.MIN_DURATION_S)
    else:
        share = round(scene.duration_s * len(first) / (len(first) + len(second)))
        first_s = max(limits.MIN_DURATION_S, min(share, scene.duration_s - limits.MIN_DURATION_S))
        halves_s = (first_s, scene.duration_s - first_s)
    choices = replace(
        _without_rounds(scene.choices), take_id=None, rehearsal_id=None
    )  # fmt: skip
    one: dict[str, Any] = {name: first}
    other: dict[str, Any] = {name: second, "notes": "", "cut": SceneCut()}
    cut = replace(scene.cut, in_s=None, out_s=None)
    halves = [
        replace(scene, uuid=new_uuid(), duration_s=halves_s[0], choices=choices, cut=cut, **one),
        replace(scene, uuid=new_uuid(), duration_s=halves_s[1], choices=choices, **other),
    ]
    place = board.place_of(uuid)
    return replace_scenes(board, [*board.scenes[:place], *halves, *board.scenes[place + 1 :]])


def delete_scenes(board: Storyboard, uuids: Collection[str]) -> Storyboard:
    gone = {scene.uuid for scene in _chosen(board, uuids)}
    return replace(
        board, scenes=tuple(scene for scene in board.scenes if scene.uuid not in gone)
    )  # fmt: skip


def change_scene(board: Storyboard, uuid: str, **fields: Any) -> Storyboard:
    """Fields of `Scene`; what was chosen for it is none of them (`StoryboardRepository.choose`)."""
    return change_scenes(board, [uuid], **fields)


def change_scenes(board: Storyboard, uuids: Collection[str], **fields: Any) -> Storyboard:
    """The same fields of several scenes."""
    _only_known(fields, _SCENE_FIELDS)
    changed = {
        scene.uuid: limits.check_scene(replace(scene, **fields)) for scene in _chosen(board, uuids)
    }
    return replace(board, scenes=tuple(changed.get(scene.uuid, scene) for scene in board.scenes))


def change_scenario(board: Storyboard, **fields: Any) -> Storyboard:
    """Fields of `Scenario` apart from the cast, which has edits of its own."""
    _only_known(fields, _SCENARIO_FIELDS)
    return replace(board, scenario=limits.check_scenario(replace(board.scenario, **fields)))


def add_cast(board: Storyboard, name: str, picture: MediaInput, note: str = "") -> Storyboard:
    """A picture that was taken in, to be used as @name; the @ may be written or left out."""
    member = CastMember(_bare(name), replace(picture, role=InputRole.REFERENCE), note)
    return _with_cast(board, [*board.scenario.cast, member])


def change_cast(
    board: Storyboard, name: str, picture: MediaInput | None = None, note: str | None = None
) -> Storyboard:
    """Another picture or note for a name; None leaves what is there."""
    member = _member(board, name)
    changed = member
    if picture is not None:
        changed = replace(changed, picture=replace(picture, role=InputRole.REFERENCE))
    if note is not None:
        changed = replace(changed, note=note)
    return _with_cast(board, [changed if one is member else one for one in board.scenario.cast])


def rename_cast(board: Storyboard, name: str, new_name: str) -> Storyboard:
    """In the prompts too."""
    member, new = _member(board, name), _bare(new_name)
    cast = [replace(one, name=new) if one is member else one for one in board.scenario.cast]
    board = _with_cast(board, cast)

    def words(text: str) -> str:
        return renamed(text, member.name, new)

    scenes = [
        replace(
            scene,
            image_prompt=words(scene.image_prompt),
            visual_prompt=words(scene.visual_prompt),
        )
        for scene in board.scenes
    ]
    board = change_scenario(board, style=words(board.scenario.style))
    return replace_scenes(board, scenes)


def remove_cast(board: Storyboard, name: str) -> Storyboard:
    """Prompts that name it stay as they are, and have a problem."""
    member = _member(board, name)
    return _with_cast(board, [one for one in board.scenario.cast if one is not member])


def copy_of(board: Storyboard, title: str = "") -> Storyboard:
    """A storyboard of its own with the same words, pictures and takes; not stored yet."""
    scenes = tuple(
        replace(scene, uuid=new_uuid(), choices=_without_rounds(scene.choices))
        for scene in board.scenes
    )
    scenario = replace(board.scenario, uuid=new_uuid(), title=title or board.scenario.title)
    return Storyboard(limits.check_scenario(scenario), scenes)


def _with_cast(board: Storyboard, cast: Sequence[CastMember]) -> Storyboard:
    scenario = replace(board.scenario, cast=limits.check_cast(tuple(cast)))
    return replace(board, scenario=scenario)


def _member(board: Storyboard, name: str) -> CastMember:
    wanted = folded(_bare(name))
    for member in board.scenario.cast:
        if folded(member.name) == wanted:
            return member
    raise ValueError(f"There is no @{_bare(name)} in the cast.")


def _bare(name: str) -> str:
    return name.strip().removeprefix("@")


def _scene(board: Storyboard, uuid: str) -> Scene:
    try:
        return board.scene(uuid)
    except LookupError:
        raise ValueError(_GONE) from None


def _chosen(board: Storyboard, uuids: Collection[str]) -> list[Scene]:
    """In the order of the board."""
    wanted = set(uuids)
    found = [scene for scene in board.scenes if scene.uuid in wanted]
    if len(found) < len(wanted):
        raise ValueError(_GONE)
    return found


def _without_rounds(choices: Choices) -> Choices:
    """What was chosen for another scene: asked for anew, this one begins to count for itself."""
    return replace(choices, picture_round=0, clip_round=0, rehearsal_round=0)


def _middle(words: str) -> int:
    """Behind the sentence, else the word, that ends nearest to the middle."""
    half = len(words) / 2
    inside = range(1, len(words.rstrip()))
    for pattern in (_SENTENCE_END, re.compile(r"\s+")):
        ends = [found.end() for found in pattern.finditer(words) if found.end() in inside]
        if ends:
            return min(ends, key=lambda end: abs(end - half))
    return 0


def _only_known(fields: Iterable[str], known: frozenset[str]) -> None:
    unknown = sorted(set(fields) - known)
    if unknown:
        raise TypeError(f"no such field to change: {', '.join(unknown)}")
