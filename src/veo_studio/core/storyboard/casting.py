"""`@name` in a prompt, as the models understand it: pictures beside the words, and words about them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from veo_studio.core.capabilities import ModelInfo
from veo_studio.core.models import InputMode, InputRole, MediaInput
from veo_studio.core.storyboard.models import CastMember
from veo_studio.core.storyboard.names import MENTION, folded, mentions


@dataclass(frozen=True)
class CastWords:
    """Words for a model, and the pictures that they speak of, in their order."""

    words: str
    pictures: tuple[MediaInput, ...] = ()


def members_in(text: str, cast: Sequence[CastMember]) -> tuple[CastMember, ...]:
    """Those of the cast whose names are in `text`, in the order of the text; unknown names are left out."""
    by_name = {folded(member.name): member for member in cast}
    return tuple(by_name[folded(name)] for name in mentions(text) if folded(name) in by_name)


def with_pictures(
    text: str, cast: Sequence[CastMember], model: ModelInfo, like: MediaInput | None = None
) -> CastWords:
    """For a model that is given reference pictures; `like` is one more, which no name stands for.

    ValueError with a sentence where the model does not take so many.
    """
    named = members_in(text, cast)
    pictures = [member.picture for member in named]
    if like is not None:
        pictures.append(like)
    if not pictures:
        return CastWords(text)
    most = model.capabilities.max_images(InputMode.REFERENCES)
    if len(pictures) > most:
        raise ValueError(_too_many(model, most, named, like))
    tagged = model.provider == "runway"
    numbers = {folded(member.name): number for number, member in enumerate(named, 1)}
    words = _replaced(text, numbers, _tag if tagged else _explained(set()))
    if like is not None:
        number = len(pictures)
        words = _joined(
            words, f"Like @ref{number}." if tagged else f"Like reference picture {number}."
        )
    references = tuple(replace(picture, role=InputRole.REFERENCE) for picture in pictures)
    return CastWords(words, references)


def in_words(text: str, cast: Sequence[CastMember]) -> str:
    """For a model that is given none: who is meant is in the first frame."""
    known = {folded(member.name): number for number, member in enumerate(cast)}
    return _replaced(text, known, lambda name, _number: spoken(name))


def spoken(name: str) -> str:
    return name.replace("_", " ").strip() or name


def styled(words: str, style: str) -> str:
    """With the style line as a sentence behind it."""
    return _joined(words, style.strip())


def _joined(words: str, more: str) -> str:
    words = words.strip()
    if not more or not words:
        return words or more
    end = "" if words.endswith((".", "!", "?", "…", "。", "！", "？", ":", ",", ";")) else "."
    return f"{words}{end} {more}"


def _replaced(text: str, numbers: dict[str, int], say: Callable[[str, int], str]) -> str:
    def one(match: re.Match[str]) -> str:
        number = numbers.get(folded(match[1]))
        return match[0] if number is None else say(match[1], number)

    return MENTION.sub(one, text)


def _tag(_name: str, number: int) -> str:
    """Runway names pictures itself: they are sent as ref1, ref2, ref3."""
    return f"@ref{number}"


def _explained(seen: set[int]) -> Callable[[str, int], str]:
    def say(name: str, number: int) -> str:
        if number in seen:
            return spoken(name)
        seen.add(number)
        return f"{spoken(name)} (reference picture {number})"

    return say


def _too_many(
    model: ModelInfo, most: int, named: Sequence[CastMember], like: MediaInput | None
) -> str:
    names = ", ".join(f"@{member.name}" for member in named)
    what = " and ".join(
        part for part in (names, "" if like is None else "a reference picture") if part
    )
    if not most:
        return f"{model.name} takes no reference pictures, and this scene has {what}."
    return f"{model.name} takes at most {most} reference pictures, and this scene has {what}."
