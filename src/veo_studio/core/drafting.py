"""Draft first: a model's cheapest settings for a look, and the clip at full quality from the same recipe."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from veo_studio.core.capabilities import AudioSupport, ModelInfo
from veo_studio.core.fitting import LINES
from veo_studio.core.models import Generation, GenerationRequest, Quality, VideoConfig


def draft_of(model: ModelInfo, config: VideoConfig) -> VideoConfig:
    """The cheapest settings with the same words, seed, shape and inputs; `config` where it is that already.

    Of equal prices the one nearest to what is wanted is taken; where all is free, the smallest, which is
    the fastest. What is wanted stands in `final`.
    """
    able = model.capabilities.in_mode(config.mode)
    wanted = replace(config, final=None)
    follows = able.follows_source(config.mode)
    lengths = (wanted.duration_s,) if follows or model.makes_pictures else able.durations_s
    sounds: tuple[bool | None, ...] = (wanted.enable_audio,)
    if able.audio is AudioSupport.SWITCHABLE:
        sounds = (wanted.enable_audio, False)
    tried = [
        replace(wanted, duration_s=length, resolution=size, enable_audio=sound)
        for sound in sounds
        for size in (wanted.resolution, *able.resolutions)
        for length in sorted(lengths, key=lambda stop: abs(stop - wanted.duration_s))
    ]
    is_free = model.estimate(wanted) == 0

    def cost(one: VideoConfig) -> tuple[Decimal, int]:
        estimate = model.estimate(one)
        lines = LINES.get(one.resolution, 0) if is_free else 0
        return (Decimal("Infinity") if estimate is None else estimate, lines)

    cheapest = min(tried, key=cost)
    if cost(cheapest) >= cost(wanted):
        # a price that is not known is no reason to change anything
        return wanted
    return replace(
        cheapest,
        final=Quality(wanted.duration_s, wanted.resolution, wanted.enable_audio),
    )


def wanted_of(config: VideoConfig) -> VideoConfig:
    """The settings that a draft stands for; those of any other config as they are."""
    final = config.final
    if final is None:
        return config
    return replace(
        config,
        duration_s=final.duration_s,
        resolution=final.resolution,
        enable_audio=final.enable_audio,
        final=None,
    )


def final_of(draft: Generation) -> GenerationRequest:
    """The request for the clip that was meant: same words, seed and inputs. ValueError for no draft."""
    if draft.config.final is None:
        raise ValueError("This is no draft: it was made at full quality.")
    return replace(
        draft.to_request(), config=wanted_of(draft.config), take_group=None, take_number=1
    )
