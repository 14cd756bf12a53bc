"""What a prompt says already, so that nothing is said twice and nothing is contradicted.

Word lists, not understanding: a word in doubt counts as said, for then it is left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from veo_studio.core.enhancing import seen_words as seen
from veo_studio.core.enhancing import spoken_words as spoken

_ALIVE = ("crowd", "sport", "person", "bird", "fish", "insect", "animal", "plant", "fire")


@dataclass(frozen=True)
class Noticed:
    """What is in a prompt. `says_*`: the user has spoken about it, so it is left alone."""

    says_camera: bool
    says_framing: bool
    says_lens: bool
    says_light: bool
    says_mood: bool
    says_sound: bool
    says_motion: bool
    is_drawn: bool
    is_mono: bool
    is_fast: bool
    is_slow: bool
    is_near: bool
    is_far: bool
    has_music: bool
    time: str
    weather: str
    place: str
    subject: str
    theme: str
    is_empty: bool


def notice(prompt: str) -> Noticed:
    """Everything that the lists find in `prompt`."""
    subject, at = _first(seen.SUBJECTS, prompt)
    is_still = spoken.STILL.search(prompt) or spoken.MATERIAL.search(prompt[:at])
    if is_still and subject in _ALIVE:
        subject = "object"
    place = _first(seen.PLACES, prompt)[0]
    if subject == "fish" and place in ("", "sea"):
        place = "underwater"
    deeds = (found.group() for found in spoken.DEED.finditer(prompt))
    is_slowed = bool(spoken.SLOWED.search(prompt))
    is_fast = bool(spoken.FAST.search(prompt)) and not is_slowed
    is_slow = bool(spoken.SLOW.search(prompt)) or is_slowed
    return Noticed(
        says_camera=bool(spoken.CAMERA.search(prompt)),
        says_framing=bool(spoken.FRAMING.search(prompt)),
        says_lens=bool(spoken.LENS.search(prompt)),
        says_light=bool(spoken.LIGHT.search(prompt)),
        says_mood=bool(spoken.MOOD.search(prompt)),
        # words between quotes are spoken
        says_sound=bool(spoken.SOUND.search(prompt))
        or bool(re.search(r'["“][^"”]{2,}["”]', prompt)),
        says_motion=is_fast or is_slow or any(not spoken.NO_DEED.fullmatch(deed) for deed in deeds),
        is_drawn=bool(spoken.DRAWN.search(prompt)),
        is_mono=bool(spoken.MONO.search(prompt)),
        is_fast=is_fast,
        is_slow=is_slow,
        is_near=bool(spoken.NEAR.search(prompt)),
        is_far=bool(spoken.FAR.search(prompt)),
        has_music=bool(spoken.MUSIC.search(prompt)),
        time=_first(seen.TIMES, prompt)[0],
        weather=_first(seen.WEATHER, prompt)[0],
        place=place,
        subject=subject,
        theme=_first(seen.THEMES, prompt)[0],
        is_empty=bool(spoken.EMPTY.search(prompt)),
    )


def _first(table: seen.Table, prompt: str) -> tuple[str, int]:
    """The name whose word comes first, and where: people begin with what matters."""
    found = [
        (match.start(), number, name)
        for number, (name, pattern) in enumerate(table)
        if (match := pattern.search(prompt)) is not None
    ]
    at, _, name = min(found, default=(0, 0, ""))
    return name, at
