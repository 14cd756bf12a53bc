"""The models as data: what each accepts, what it costs, and until when it is sold.

The shipped entries are in `catalog.toml`; the user's own file of the same form adds or replaces entries.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from pathlib import Path
from typing import Any, NoReturn

from veo_studio.core.errors import StorageError
from veo_studio.core.models import PollPacing, VideoConfig

MIN_DURATION_S = 2
MAX_DURATION_S = 60
_SHIPPED = Path(__file__).with_name("catalog.toml")
# where a resolution is not offered, the nearest of these is taken
_LINES = {"360p": 360, "480p": 480, "720p": 720, "1080p": 1080, "4k": 2160}


class AudioSupport(Enum):
    NEVER = "never"
    ALWAYS = "always"
    SWITCHABLE = "switchable"


@dataclass(frozen=True)
class Capabilities:
    """What a model can do: the form, the command line and the API offer exactly this."""

    durations_s: tuple[int, ...]
    aspect_ratios: tuple[str, ...]
    resolutions: tuple[str, ...]
    has_negative_prompt: bool
    has_seed: bool
    audio: AudioSupport
    default_duration_s: int
    default_aspect_ratio: str
    default_resolution: str

    def durations_in_words(self) -> str:
        """'2 to 60 seconds', or '4, 6 or 8 seconds' where there are gaps."""
        stops = self.durations_s
        if len(stops) > 2 and stops == tuple(range(stops[0], stops[-1] + 1)):
            return f"{stops[0]} to {stops[-1]} seconds"
        return f"{_either(str(stop) for stop in stops)} seconds"


@dataclass(frozen=True)
class ModelInfo:
    """One entry of the catalogue. Prices are US dollars per second of output, by resolution."""

    id: str
    provider: str
    name: str
    capabilities: Capabilities
    tokens: int
    price_per_second_usd: Mapping[str, Decimal] = field(default_factory=dict)
    price_source: str = ""
    price_date: date | None = None
    retired_on: date | None = None
    aliases: tuple[str, ...] = ()
    note: str = ""

    def default_config(self) -> VideoConfig:
        able = self.capabilities
        return VideoConfig(
            aspect_ratio=able.default_aspect_ratio,
            duration_s=able.default_duration_s,
            resolution=able.default_resolution,
        )


@dataclass(frozen=True)
class ProviderInfo:
    """One service; `key_help` says in one sentence how to unlock it.

    `can_find`: a submit whose answer was lost can be looked up there. `usage_page` is where the user
    sees what the provider billed, "" where there is no such page.
    """

    id: str
    name: str
    needs_key: bool
    key_help: str
    pacing: PollPacing
    concurrency: int
    can_find: bool = False
    usage_page: str = ""


@dataclass(frozen=True)
class Retired:
    names: tuple[str, ...]
    retired_on: date
    use_instead: str


class Catalog:
    """All models and providers that this program knows."""

    def __init__(
        self,
        models: Iterable[ModelInfo],
        providers: Mapping[str, ProviderInfo],
        retired: Iterable[Retired] = (),
    ) -> None:
        self.models = tuple(models)
        self.providers = dict(providers)
        self._retired = tuple(retired)

    @classmethod
    def load(cls, user_file: Path | None = None) -> Catalog:
        """Read the shipped catalogue and the user's own; StorageError names a broken user file."""
        documents = [tomllib.loads(_SHIPPED.read_text(encoding="utf-8"))]
        if user_file is not None and user_file.exists():
            try:
                documents.append(tomllib.loads(user_file.read_text(encoding="utf-8")))
            except (OSError, ValueError) as error:
                raise StorageError(
                    f"The model list {user_file} cannot be read: {error}."
                ) from error
        providers: dict[str, ProviderInfo] = {}
        models: dict[tuple[str, str], ModelInfo] = {}
        retired: list[Retired] = []
        for number, document in enumerate(documents):
            try:
                for key, entry in document.get("providers", {}).items():
                    providers[key] = _provider(key, entry)
                for entry in document.get("models", []):
                    model = _model(entry)
                    models[model.provider, model.id] = model
                for entry in document.get("retired", []):
                    retired.append(
                        Retired(tuple(entry["names"]), entry["retired_on"], entry["use_instead"])
                    )
            except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
                if number == 0:
                    raise
                raise StorageError(
                    f"The model list {user_file} has an entry that does not fit: {error!r}."
                ) from error
        for model in models.values():
            if model.provider not in providers:
                raise StorageError(
                    f"The model list {user_file} names a provider that does not exist: {model.provider}."
                )
        return cls(models.values(), providers, retired)

    def default_model(self, ready: Set[str]) -> ModelInfo:
        """The model a newcomer gets: the first of a service that is connected, else rehearsal."""
        paid = [model for model in self.models if model.provider in ready and model.tokens > 0]
        return paid[0] if paid else self.models[0]

    def get(self, provider: str, model_id: str) -> ModelInfo | None:
        """The entry of a stored generation; None where the catalogue no longer has it."""
        return next((m for m in self.models if m.provider == provider and m.id == model_id), None)

    def find(
        self, name: str, provider: str | None = None, *, ready: Set[str] = frozenset({"rehearsal"})
    ) -> ModelInfo:
        """The model called `name` (id or alias) at `provider`, or at the best provider that is ready.

        Raises ValueError with a sentence: unknown, retired (with what to use instead), or locked.
        """
        wanted = name.strip().lower()
        if provider is not None and provider not in self.providers:
            raise ValueError(f"Unknown provider '{provider}'. Known: {_either(self.providers)}.")
        candidates = [
            model
            for model in self.models
            if (model.id == wanted or wanted in model.aliases)
            and provider in (None, model.provider)
        ]
        # A name of the specification means the real thing as soon as any real service is connected.
        only_sketch = all(
            model.provider == "rehearsal" and model.id != wanted for model in candidates
        )
        if only_sketch and provider is None and wanted != "rehearsal" and ready - {"rehearsal"}:
            candidates = []
        if candidates:
            return next((model for model in candidates if model.provider in ready), candidates[0])
        self._raise_not_found(wanted, provider)

    def _raise_not_found(self, wanted: str, provider: str | None) -> NoReturn:
        for entry in self._retired:
            if wanted in entry.names:
                raise ValueError(
                    f"The model '{wanted}' was retired on {entry.retired_on:%Y-%m-%d}. "
                    f"Use '{entry.use_instead}' instead."
                )
        if wanted == "veo-3.1":
            raise ValueError(
                "No connected service sells Veo 3.1. Use 'gemini-omni-1.2-flash', "
                "or choose the provider 'rehearsal' for a free sketch."
            )
        at = f" at {provider}" if provider else ""
        known = _either(model.id for model in self.models if provider in (None, model.provider))
        raise ValueError(f"Unknown model '{wanted}'{at}. Known: {known}.")

    def check(self, model: ModelInfo, config: VideoConfig) -> None:
        """ValueError that names what the model does accept."""
        able = model.capabilities
        if not MIN_DURATION_S <= config.duration_s <= MAX_DURATION_S:
            raise ValueError(
                f"Duration must be between {MIN_DURATION_S} and {MAX_DURATION_S} seconds"
            )
        if config.duration_s not in able.durations_s:
            raise ValueError(
                f"{model.name} makes clips of {able.durations_in_words()}, not {config.duration_s}."
            )
        if config.aspect_ratio not in able.aspect_ratios:
            raise ValueError(
                f"{model.name} accepts the aspect ratios {_and(able.aspect_ratios)}, not {config.aspect_ratio}."
            )
        if config.resolution not in able.resolutions:
            raise ValueError(
                f"{model.name} accepts the resolutions {_and(able.resolutions)}, not {config.resolution}."
            )
        if config.negative_prompt and not able.has_negative_prompt:
            raise ValueError(
                f"{model.name} has no negative prompt. Write what to avoid into the prompt."
            )
        if config.seed is not None and not able.has_seed:
            raise ValueError(f"{model.name} takes no seed.")
        if config.seed is not None and not 0 <= config.seed < 2**31:
            raise ValueError("The seed must be between 0 and 2147483647.")
        if config.enable_audio is False and able.audio is AudioSupport.ALWAYS:
            raise ValueError(f"{model.name} always makes sound; it cannot be switched off.")
        if config.enable_audio is True and able.audio is AudioSupport.NEVER:
            raise ValueError(f"{model.name} makes no sound.")

    def fit(self, model: ModelInfo, config: VideoConfig) -> tuple[VideoConfig, list[str]]:
        """Keep what `model` can do and bring the rest to its nearest; the words say what changed."""
        able = model.capabilities
        changes: list[str] = []
        fitted = config
        if config.duration_s not in able.durations_s:
            nearest = min(able.durations_s, key=lambda stop: (abs(stop - config.duration_s), stop))
            fitted = replace(fitted, duration_s=nearest)
            changes.append(f"duration {config.duration_s} s → {nearest} s")
        if config.aspect_ratio not in able.aspect_ratios:
            fitted = replace(fitted, aspect_ratio=able.default_aspect_ratio)
            changes.append(f"aspect {config.aspect_ratio} → {able.default_aspect_ratio}")
        if config.resolution not in able.resolutions:
            lines = _LINES.get(config.resolution, 720)
            nearest_size = min(
                able.resolutions, key=lambda size: abs(_LINES.get(size, 720) - lines)
            )
            fitted = replace(fitted, resolution=nearest_size)
            changes.append(f"resolution {config.resolution} → {nearest_size}")
        if config.negative_prompt and not able.has_negative_prompt:
            fitted = replace(fitted, negative_prompt="")
            changes.append("no negative prompt")
        if config.seed is not None and not able.has_seed:
            fitted = replace(fitted, seed=None)
            changes.append("no seed")
        if able.audio is not AudioSupport.SWITCHABLE and config.enable_audio is not None:
            fitted = replace(fitted, enable_audio=None)
            if config.enable_audio is not (able.audio is AudioSupport.ALWAYS):
                changes.append(
                    "always with sound" if able.audio is AudioSupport.ALWAYS else "no sound"
                )
        return fitted, changes


def _provider(key: str, entry: Mapping[str, Any]) -> ProviderInfo:
    return ProviderInfo(
        id=key,
        name=str(entry["name"]),
        needs_key=bool(entry["needs_key"]),
        key_help=str(entry["key_help"]),
        pacing=PollPacing(
            first_s=float(entry["first_poll_s"]),
            interval_s=float(entry["poll_interval_s"]),
            deadline_s=float(entry["deadline_s"]),
            retention_h=float(entry["retention_h"]),
        ),
        concurrency=max(1, int(entry["concurrency"])),
        can_find=bool(entry.get("can_find", False)),
        usage_page=_page(entry.get("usage_page", "")),
    )


def _page(address: object) -> str:
    """Opened in the user's browser, so nothing but a web page is taken."""
    words = str(address)
    if words and not words.startswith("https://"):
        raise ValueError(f"usage_page must begin with https://, not {words[:40]!r}")
    return words


def _model(entry: Mapping[str, Any]) -> ModelInfo:
    durations = entry["durations_s"]
    stops = (
        range(durations["from"], durations["to"] + 1) if isinstance(durations, dict) else durations
    )
    prices = {
        size: Decimal(str(price)) for size, price in entry.get("price_per_second_usd", {}).items()
    }
    tokens = entry["tokens"]
    if not isinstance(tokens, int) or tokens < 0:
        raise ValueError(f"tokens of {entry['id']} must be a whole number of 0 or more")
    return ModelInfo(
        id=str(entry["id"]),
        provider=str(entry["provider"]),
        name=str(entry["name"]),
        capabilities=Capabilities(
            durations_s=tuple(int(stop) for stop in stops),
            aspect_ratios=tuple(entry["aspect_ratios"]),
            resolutions=tuple(entry["resolutions"]),
            has_negative_prompt=bool(entry["has_negative_prompt"]),
            has_seed=bool(entry["has_seed"]),
            audio=AudioSupport(entry["audio"]),
            default_duration_s=int(entry["default_duration_s"]),
            default_aspect_ratio=str(entry["default_aspect_ratio"]),
            default_resolution=str(entry["default_resolution"]),
        ),
        tokens=tokens,
        price_per_second_usd=prices,
        price_source=str(entry.get("price_source", "")),
        price_date=entry.get("price_date"),
        retired_on=entry.get("retired_on"),
        aliases=tuple(entry.get("aliases", ())),
        note=str(entry.get("note", "")),
    )


def _and(names: Iterable[str]) -> str:
    return _listed(names, "and")


def _either(names: Iterable[str]) -> str:
    return _listed(names, "or")


def _listed(names: Iterable[str], word: str) -> str:
    every = list(names)
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} {word} {every[-1]}"
