"""A stored generation once more: the very same, or a small variation that the user chose."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from enum import Enum
from uuid import uuid4

from veo_studio.core.capabilities import MAX_SEED
from veo_studio.core.models import Generation, GenerationRequest


class Variation(Enum):
    """What a similar clip differs in; its seed is always another one."""

    SEED = "seed"
    CAMERA = "camera"
    LIGHT = "light"
    WEATHER = "weather"
    MOOD = "mood"


_CLAUSES = {
    Variation.CAMERA: (
        "slow push in", "slow pull back", "handheld camera", "static wide shot", "low angle",
        "view from above", "tracking shot from the side", "close-up",
    ),
    Variation.LIGHT: (
        "warm light of the late afternoon", "soft overcast light", "blue hour", "hard midday sun",
        "backlit with long shadows", "light of a single lamp",
    ),
    Variation.WEATHER: ("light rain", "drifting fog", "falling snow", "clear sky", "gusty wind"),
    Variation.MOOD: ("calm and quiet", "playful", "tense", "dreamlike", "melancholic", "triumphant"),
}  # fmt: skip
_EVERY = "|".join(re.escape(clause) for clauses in _CLAUSES.values() for clause in clauses)
# what an earlier variation added, so that variations of variations do not pile up
_ADDED = re.compile(rf"(?i)(?:,\s*(?:{_EVERY})|(?<=\.)\s+(?:{_EVERY})\.)\s*\Z")
# a prompt may end with what is heard; the change belongs before it
_SOUND = re.compile(r"(?is)\s*\b(?:sound|audio):.*\Z")
_OLD_CAMERA = re.compile(r"(?i)(?:\A|(?<=\.))\s*(?:the )?camera\b[^.]*\.")


def again(generation: Generation) -> GenerationRequest:
    """The same words, model, settings, seed and inputs; in a click of its own."""
    return replace(generation.to_request(), take_group=None, take_number=1)


def similar(
    generation: Generation, variation: Variation = Variation.SEED, *, prompt: str | None = None
) -> GenerationRequest:
    """The same with a seed of its own, and with `prompt` or the words of `variation`."""
    words = varied(generation.prompt, variation) if prompt is None else prompt
    # what was written before an enhancement belongs to those words alone
    original = generation.config.original_prompt if words == generation.prompt else ""
    config = replace(generation.config, seed=None, original_prompt=original)
    return replace(again(generation), prompt=words, config=config)


def varied(
    prompt: str, variation: Variation, choose: random.Random | None = None, *, unlike: str = ""
) -> str:
    """`prompt` with one clause of that kind at its end, another than it and `unlike` have."""
    clauses = _CLAUSES.get(variation, ())
    if not clauses:
        return prompt
    others = [clause for clause in clauses if clause not in f"{prompt}{unlike}".casefold()]
    clause = (choose or random.Random()).choice(others or list(clauses))
    sound = _SOUND.search(prompt)
    heard = sound.group().strip() if sound else ""
    seen = _ADDED.sub("", prompt[: sound.start()] if sound else prompt).strip()
    if not heard and ". " not in seen:
        return f"{seen.rstrip('.')}, {clause}"
    if variation is Variation.CAMERA:
        seen = _OLD_CAMERA.sub("", seen).strip() or seen
    whole = seen if seen.endswith((".", "!", "?")) else f"{seen}."
    return f"{whole} {clause[0].upper()}{clause[1:]}. {heard}".rstrip()


def as_takes(
    request: GenerationRequest, count: int, max_seed: int = MAX_SEED
) -> list[GenerationRequest]:
    """`count` takes of one click; a seed that is given is the first one's, the next have the next.

    `max_seed` is that of its model; after it comes 0.
    """
    if count == 1:
        return [request]
    group, seed = str(uuid4()), request.config.seed
    return [
        replace(
            request,
            take_group=group,
            take_number=number + 1,
            config=request.config
            if seed is None or number == 0
            else replace(request.config, seed=(seed + number) % (max_seed + 1)),
        )
        for number in range(count)
    ]
