"""What a model can do, what it costs, and how its provider is reached: entries of the catalogue."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from veo_studio.core.models import GenerationKind, InputMode, PollPacing, VideoConfig

MAX_SEED = 2**31 - 1
# of what Omni is given; an image is about that (providers: section 4.7)
_TOKENS_PER_SECOND = 5792
_TOKENS_PER_PICTURE = 2040


class AudioSupport(Enum):
    NEVER = "never"
    ALWAYS = "always"
    SWITCHABLE = "switchable"


@dataclass(frozen=True)
class ModeLimits:
    """How one way to ask differs from the model's usual limits; None is no difference.

    `follows_source`: length, shape and size are those of the clip that is worked on.
    `max_images` is the number of references, or of frames; of references beside a clip.
    """

    durations_s: tuple[int, ...] | None = None
    aspect_ratios: tuple[str, ...] | None = None
    resolutions: tuple[str, ...] | None = None
    max_images: int = 0
    follows_source: bool = False
    max_source_s: int | None = None
    audio: AudioSupport | None = None


_TEXT_ONLY: Mapping[InputMode, ModeLimits] = {InputMode.TEXT: ModeLimits()}


@dataclass(frozen=True)
class Capabilities:
    """What a model can do: the form, the command line and the API offer exactly this.

    `max_prompt_units` counts UTF-16 units, as the services that have a limit do; None is our own limit.
    """

    durations_s: tuple[int, ...]
    aspect_ratios: tuple[str, ...]
    resolutions: tuple[str, ...]
    has_negative_prompt: bool
    has_seed: bool
    audio: AudioSupport
    default_duration_s: int
    default_aspect_ratio: str
    default_resolution: str
    modes: Mapping[InputMode, ModeLimits] = field(default_factory=lambda: _TEXT_ONLY)
    max_prompt_units: int | None = None
    max_seed: int = MAX_SEED
    max_samples: int = 1

    def in_mode(self, mode: InputMode) -> Capabilities:
        """The limits of one way to ask; the usual ones where the model does not know it."""
        limits = self.modes.get(mode, ModeLimits())
        durations = self.durations_s if limits.durations_s is None else limits.durations_s
        ratios = self.aspect_ratios if limits.aspect_ratios is None else limits.aspect_ratios
        sizes = self.resolutions if limits.resolutions is None else limits.resolutions
        return replace(
            self,
            durations_s=durations,
            aspect_ratios=ratios,
            resolutions=sizes,
            audio=limits.audio or self.audio,
            default_duration_s=_nearest_stop(self.default_duration_s, durations),
            default_aspect_ratio=_first_of(self.default_aspect_ratio, ratios),
            default_resolution=_first_of(self.default_resolution, sizes),
        )

    def max_images(self, mode: InputMode) -> int:
        return self.modes[mode].max_images if mode in self.modes else 0

    def follows_source(self, mode: InputMode) -> bool:
        return mode in self.modes and self.modes[mode].follows_source

    def shape_of(self, config: VideoConfig) -> str | None:
        """The aspect ratio that an extension needs: the clip's; None where any is right."""
        source = config.source
        if config.mode is not InputMode.EXTEND or source is None:
            return None
        if not source.width_px or not source.height_px:
            return None
        shapes = {ratio: _shape(ratio) for ratio in self.in_mode(config.mode).aspect_ratios}
        known = {ratio: shape for ratio, shape in shapes.items() if shape}
        wanted = math.log(source.width_px / source.height_px)
        return min(known, key=lambda ratio: abs(math.log(known[ratio]) - wanted), default=None)

    def durations_in_words(self) -> str:
        """'2 to 60 seconds', or '4, 6 or 8 seconds' where there are gaps."""
        stops = self.durations_s
        if len(stops) > 2 and stops == tuple(range(stops[0], stops[-1] + 1)):
            return f"{stops[0]} to {stops[-1]} seconds"
        return f"{either(str(stop) for stop in stops)} seconds"


def _nearest_stop(wanted: int, stops: tuple[int, ...]) -> int:
    return min(stops, key=lambda stop: (abs(stop - wanted), stop), default=wanted)


def _shape(ratio: str) -> float | None:
    """Width by height; None for 'auto'."""
    width, _colon, height = ratio.partition(":")
    is_known = width.isdecimal() and height.isdecimal() and int(width) and int(height)
    return int(width) / int(height) if is_known else None


def _first_of(wanted: str, offered: tuple[str, ...]) -> str:
    return wanted if wanted in offered or not offered else offered[0]


@dataclass(frozen=True)
class Prices:
    """US dollars. Per second of output by resolution, or per clip where the service sells clips.

    `silent` are the prices per second without sound where they differ, `minimum` the least that a
    clip costs, `per_million` the prices of what a service counts: `input`, `text`, `video` tokens.
    """

    per_second: Mapping[str, Decimal] = field(default_factory=dict)
    silent: Mapping[str, Decimal] = field(default_factory=dict)
    per_clip: Mapping[str, Decimal] = field(default_factory=dict)
    minimum: Decimal = Decimal(0)
    per_million: Mapping[str, Decimal] = field(default_factory=dict)

    def estimate(self, config: VideoConfig) -> Decimal | None:
        """About what one generation costs; None where the catalogue knows no price.

        What it is made from is paid too, where the service counts that in tokens.
        """
        one = self.per_clip.get(config.resolution)
        if one is None:
            rates = self.per_second
            if config.enable_audio is False and self.silent:
                rates = self.silent
            rate = rates.get(config.resolution)
            if rate is None:
                return None
            one = rate * config.duration_s
        return max(one, self.minimum) * config.samples + self._given(config)

    def _given(self, config: VideoConfig) -> Decimal:
        """What the pictures and the clip cost that a generation is made from."""
        rate = self.per_million.get("input")
        if not rate:
            return Decimal(0)
        source = config.source
        pictures = len(config.inputs) - (source is not None)
        length_s = Decimal(str(source.length_s or 0)) if source is not None else Decimal(0)
        tokens = _TOKENS_PER_SECOND * length_s + _TOKENS_PER_PICTURE * pictures
        return (rate * tokens / 1_000_000).quantize(Decimal("0.000001"))


@dataclass(frozen=True)
class ModelInfo:
    """One entry of the catalogue."""

    id: str
    provider: str
    name: str
    capabilities: Capabilities
    tokens: int
    prices: Prices = field(default_factory=Prices)
    price_source: str = ""
    price_date: date | None = None
    retired_on: date | None = None
    aliases: tuple[str, ...] = ()
    note: str = ""
    kind: GenerationKind = GenerationKind.VIDEO
    # what the adapter makes it with, where that is data too: a workflow template
    recipe: Any = field(default=None, repr=False, compare=False)

    def default_config(self) -> VideoConfig:
        able = self.capabilities
        return VideoConfig(
            aspect_ratio=able.default_aspect_ratio,
            duration_s=able.default_duration_s,
            resolution=able.default_resolution,
        )

    @property
    def makes_pictures(self) -> bool:
        return self.kind is GenerationKind.IMAGE

    def settled(self, config: VideoConfig) -> VideoConfig:
        """Where length is that of the clip that is worked on, say it: price and history need it.

        A picture has none.
        """
        if self.makes_pictures:
            return replace(config, duration_s=0)
        source = config.source
        follows = self.capabilities.follows_source(config.mode)
        if not follows or source is None or not source.length_s:
            return config
        return replace(config, duration_s=max(1, math.ceil(source.length_s - 0.05)))

    def estimate(self, config: VideoConfig) -> Decimal | None:
        """About what one generation costs with these settings; None where no price is known."""
        return self.prices.estimate(self.settled(config))


@dataclass(frozen=True)
class OptionInfo:
    """A setting of a provider beside key and address, such as the project of a cloud account."""

    name: str
    label: str
    help: str
    is_required: bool = False
    environment: str = ""


@dataclass(frozen=True)
class ProviderInfo:
    """One service; `about` says in one sentence what it is, `key_help` how to unlock it.

    `base_url` is the address that is used unless another is configured; a service that `needs_address`
    has none that could be right for everybody. `can_find`: a submit whose answer was lost can be looked
    up there. `cancel_help` says what Cancel does there, to the money too. `usage_page` is where the user
    sees what the provider billed, `key_page` where a key is made, "" where there is no such page.
    `upload_mb` is the largest input.
    """

    id: str
    name: str
    needs_key: bool
    key_help: str
    pacing: PollPacing
    concurrency: int
    can_find: bool = False
    usage_page: str = ""
    key_page: str = ""
    base_url: str = ""
    needs_address: bool = False
    can_cancel: bool = True
    cancel_help: str = ""
    options: tuple[OptionInfo, ...] = ()
    upload_mb: int = 20
    about: str = ""


@dataclass(frozen=True)
class Retired:
    names: tuple[str, ...]
    retired_on: date
    use_instead: str


def both(names: Iterable[str]) -> str:
    """'a, b and c'."""
    return _listed(names, "and")


def either(names: Iterable[str]) -> str:
    """'a, b or c'."""
    return _listed(names, "or")


def _listed(names: Iterable[str], word: str) -> str:
    every = list(names)
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} {word} {every[-1]}"
