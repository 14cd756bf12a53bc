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
# a clause that an earlier variation added, so that variations of variations do not pile up
_ADDED = re.compile(
    r",\s*(?:" + "|".join(re.escape(c) for all_ in _CLAUSES.values() for c in all_) + r")\s*\Z"
)


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
    base = _ADDED.sub("", prompt.rstrip().rstrip("."))
    others = [clause for clause in clauses if clause not in prompt and clause not in unlike]
    clause = (choose or random.Random()).choice(others or list(clauses))
    return f"{base}, {clause}"


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
