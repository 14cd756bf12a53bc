"""Frames of a clip whose picture has another shape: what is said about it, and what is to be cut anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from veo_studio.core.framing import Frame, Framing, has_other_shape, ratio_of, shape_words
from veo_studio.core.models import InputRole, MediaInput
from veo_studio.ui.text import tr

FRAME_ROLES = (InputRole.FIRST_FRAME, InputRole.LAST_FRAME)


@dataclass(frozen=True)
class ShapeNote:
    """A picture of another shape than its clip: in words, what is done about it, and the shape that would
    need nothing ("" where the model has none).
    """

    words: str
    how: Framing
    own_aspect: str = ""


def how_of(item: MediaInput) -> Framing:
    return Framing.KEEP if item.frame is None else item.frame.how


def first_frame(role: InputRole, aspect_ratio: str) -> Frame | None:
    """What is done with a new picture: frames of a clip are cut to its shape, from the middle."""
    return frame_for(role, aspect_ratio, Framing.CROP)


def frame_for(
    role: InputRole, aspect_ratio: str, how: Framing, before: Frame | None = None
) -> Frame | None:
    """`how` in that shape, cut where it was cut `before`; None where nothing is to be done."""
    if role not in FRAME_ROLES or how is Framing.KEEP or not _is_shape(aspect_ratio):
        return None
    if before is None:
        return Frame(aspect_ratio, how)
    return replace(before, aspect_ratio=aspect_ratio, how=how)


def stale(inputs: Iterable[MediaInput], aspect_ratio: str) -> list[MediaInput]:
    """Those that were brought to another shape than the clip has now."""
    if not _is_shape(aspect_ratio):
        return []
    return [
        item
        for item in inputs
        if item.role in FRAME_ROLES
        and item.frame is not None
        and item.frame.aspect_ratio != aspect_ratio
    ]


def shape_note(
    item: MediaInput,
    whole: tuple[int, int] | None,
    aspect_ratio: str,
    offered: Sequence[str],
) -> ShapeNote | None:
    """What to say about a picture of `whole` pixels; None where its shape is the clip's."""
    if item.role not in FRAME_ROLES or whole is None:
        return None
    if not has_other_shape(*whole, aspect_ratio):
        return None
    own = (ratio for ratio in offered if _is_shape(ratio) and not has_other_shape(*whole, ratio))
    words = tr("{shape} photo in a {aspect} clip", shape=shape_words(*whole), aspect=aspect_ratio)
    return ShapeNote(words, how_of(item), next(own, ""))


def _is_shape(aspect_ratio: str) -> bool:
    try:
        ratio_of(aspect_ratio)
    except ValueError:
        # a model that takes the shape of the picture
        return False
    return True
