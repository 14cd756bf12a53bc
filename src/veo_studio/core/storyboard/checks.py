"""What is wrong with a scene before anything is asked for, in sentences for people."""

from __future__ import annotations

from collections.abc import Callable

from veo_studio.core.models import MediaInput
from veo_studio.core.storyboard.models import Scene, Storyboard
from veo_studio.core.storyboard.names import folded, mentions, unknown

# what every service takes; a model may take less, which its own limits say
LONGEST_PROMPT = 2000
SHORTEST_PROMPT = 3

UNREAD = (
    "What is stored of this scene cannot be read, as where a newer Veo Studio wrote it. "
    "Open it there, write it anew, or delete it."
)

HasFile = Callable[[MediaInput], bool]


def problems(board: Storyboard, scene: Scene, has_file: HasFile | None = None) -> tuple[str, ...]:
    """Why the scene cannot be made, "nothing" being ().

    `has_file` says whether the file of a picture is there still; it blocks, so ask in a thread, or
    leave it out to check words only.
    """
    if scene.is_unread:
        return (UNREAD,)
    found: list[str] = []
    if not scene.has_prompts:
        found.append("Write what the picture shows or what moves: this scene has no prompt.")
    for what, words in (("picture", scene.image_prompt), ("motion", scene.visual_prompt)):
        written = words.strip()
        longest = LONGEST_PROMPT - _style_length(board)
        if len(written) > longest:
            found.append(
                f"The {what} prompt is too long: {len(written)} characters, "
                f"with the style line there is room for {longest}."
                if board.scenario.style.strip()
                else f"The {what} prompt is too long: {len(written)} of {longest} characters."
            )
        elif 0 < len(written) < SHORTEST_PROMPT:
            found.append(f"The {what} prompt is too short: 3 characters are the least.")
    names = [member.name for member in board.scenario.cast]
    words = f"{scene.image_prompt}\n{scene.visual_prompt}\n{board.scenario.style}"
    found += [
        f"There is no @{name} in the cast: add the picture, or take the name out of the prompt."
        for name in unknown(words, names)
    ]
    if has_file is not None:
        found += _gone_pictures(board, scene, words, has_file)
    return tuple(found)


def all_problems(board: Storyboard, has_file: HasFile | None = None) -> dict[str, tuple[str, ...]]:
    """By the uuid of the scene; only scenes that have some."""
    found = {scene.uuid: problems(board, scene, has_file) for scene in board.scenes}
    return {uuid: sentences for uuid, sentences in found.items() if sentences}


def _gone_pictures(board: Storyboard, scene: Scene, words: str, has_file: HasFile) -> list[str]:
    found = []
    if scene.reference is not None and not has_file(scene.reference):
        found.append(
            f"The reference picture {scene.reference.name} is gone: choose it again, or take it away."
        )
    named = {folded(name) for name in mentions(words)}
    for member in board.scenario.cast:
        if folded(member.name) in named and not has_file(member.picture):
            found.append(
                f"The picture of @{member.name} ({member.picture.name}) is gone: choose it again."
            )
    return found


def _style_length(board: Storyboard) -> int:
    """With what stands between it and a prompt."""
    style = board.scenario.style.strip()
    return len(style) + 2 if style else 0
