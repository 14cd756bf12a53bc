"""What every row of the demo library will be, before the wallet and the files are settled."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tools.demo_words import (
    ACTIONS,
    ATTENTION,
    AVOID,
    CAMERAS,
    ELSEWHERE,
    FAILURES,
    LIGHTS,
    LOOKS,
    NOTES,
    PLACES,
    SUBJECTS,
    Failure,
)  # fmt: skip
from veo_studio.core import media
from veo_studio.core.models import GenerationState, VideoConfig

_S = GenerationState
WITH_CLIPS = 300


@dataclass(frozen=True)
class Clip:
    """One drawn file that several generations share."""

    prompt: str
    provider: str
    config: VideoConfig
    path: Path
    size_bytes: int
    sha256: str
    facts: media.MediaFacts


@dataclass(frozen=True)
class Plan:
    """What one row will be, before the wallet and the files are settled."""

    id: int
    at: datetime
    state: GenerationState
    provider: str
    prompt: str
    config: VideoConfig
    clip: Clip | None = None
    failure: Failure | None = None
    attention: int | None = None
    is_sent: bool = True
    take_group: str | None = None
    take_number: int = 1


def make_plans(
    draw: random.Random, moments: Sequence[datetime], clips: Sequence[Clip], with_clips: int
) -> Iterator[Plan]:
    """All rows, newest first while clips are handed out, given back in no particular order."""
    count = len(moments)
    attention = attention_at(count)
    clips_left = with_clips if clips else 0
    handed_out = 0
    take: Plan | None = None
    takes_left = 0
    for number in range(count - 1, -1, -1):
        at = moments[number]
        plan = Plan(number + 1, at, _S.COMPLETED, "gemini", "", VideoConfig())
        rank = count - 1 - number
        if rank in attention:
            prompt, config = make_prompt(draw), gemini_config(draw)
            yield replace(
                plan,
                state=ATTENTION[attention[rank]][0],
                prompt=prompt,
                config=config,
                attention=attention[rank],
            )
            continue
        luck = draw.random()
        is_completed = rank == 0 or luck < 0.9
        if is_completed and clips_left:
            first_round = handed_out < len(clips)
            clip = clips[handed_out] if first_round else draw.choice(clips)
            handed_out += 1
            clips_left -= 1
            yield replace(
                plan, provider=clip.provider, prompt=clip.prompt, config=clip.config, clip=clip
            )
            continue
        if take is not None and takes_left:
            takes_left -= 1
            plan = replace(
                plan,
                provider=take.provider,
                prompt=take.prompt,
                config=replace(take.config, seed=draw.randrange(2**31)),
                take_group=take.take_group,
                take_number=takes_left + 1,
            )
        else:
            is_rehearsal = draw.random() < 0.35
            plan = replace(
                plan,
                provider="rehearsal" if is_rehearsal else "gemini",
                prompt=make_prompt(draw),
                config=rehearsal_config(draw) if is_rehearsal else gemini_config(draw),
            )
            take = None
            if draw.random() < 0.12:
                takes_left = draw.randint(1, 3)
                plan = replace(plan, take_group=str(uuid_of(draw)), take_number=takes_left + 1)
                take = plan
        if is_completed:
            yield plan
        elif luck < 0.96:
            weights = [failure.weight for failure in FAILURES]
            failure = draw.choices(FAILURES, weights)[0]
            yield replace(plan, state=_S.FAILED, failure=failure)
        else:
            yield replace(plan, state=_S.CANCELLED, is_sent=draw.random() < 0.5)


def attention_at(count: int) -> dict[int, int]:
    """Which of the newest rows wait for the user: a person has a handful of them, never thousands."""
    return {
        rank: number
        for number, rank in enumerate((4, 9, 23, 61, 140))
        if rank < min(count, WITH_CLIPS)
    }


def make_prompt(draw: random.Random) -> str:
    luck = draw.random()
    if luck < 0.02:
        return f"{draw.choice(ELSEWHERE)}, {draw.choice(CAMERAS)}"
    subject, action = draw.choice(SUBJECTS), draw.choice(ACTIONS)
    sentence = f"{subject[0].upper()}{subject[1:]} {action} {draw.choice(PLACES)}"
    if luck < 0.10:
        return sentence
    words = [sentence, draw.choice(LIGHTS), draw.choice(CAMERAS), draw.choice(LOOKS)]
    if luck < 0.16:
        words.append(f"scene {draw.randint(1, 60)} take {draw.randint(1, 9)}")
    text = ", ".join(words)
    if luck > 0.90:
        text += ". " + " ".join(draw.sample(NOTES, draw.randint(1, len(NOTES))))
    return text


def rehearsal_config(draw: random.Random) -> VideoConfig:
    return VideoConfig(
        aspect_ratio=draw.choice(("16:9", "16:9", "16:9", "9:16", "1:1", "4:3")),
        duration_s=draw.choice((2, 3, 4, 5, 5, 8, 8, 10, 15, 30, 60)),
        resolution=draw.choice(("480p", "720p", "720p", "1080p", "4k")),
        negative_prompt=draw.choice(AVOID),
        seed=draw.randrange(2**31),
        enable_audio=draw.random() < 0.7,
    )


def gemini_config(draw: random.Random) -> VideoConfig:
    return VideoConfig(
        aspect_ratio=draw.choice(("16:9", "16:9", "9:16")),
        duration_s=draw.choice((3, 4, 5, 6, 8, 8, 8, 10)),
        resolution=draw.choice(("360p", "720p", "720p", "720p", "1080p", "4k")),
        seed=draw.randrange(2**31),
    )


def uuid_of(draw: random.Random) -> uuid.UUID:
    return uuid.UUID(int=draw.getrandbits(128), version=4)
