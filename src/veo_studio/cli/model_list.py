"""`models`: what each model makes, from what, and what it costs; grouped by service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from rich.table import Table
from rich.text import Text

from veo_studio.cli.opening import open_workplace
from veo_studio.cli.providers import how_to_connect
from veo_studio.cli.terminal import ExitCode, Output, plain
from veo_studio.core.capabilities import AudioSupport, Capabilities, ModelInfo, ProviderInfo
from veo_studio.core.catalog import Catalog
from veo_studio.core.models import InputMode
from veo_studio.core.providers.registry import Availability, ProviderRegistry

_FROM = {
    InputMode.TEXT: "words",
    InputMode.FIRST_FRAME: "first frame",
    InputMode.FRAMES: "both frames",
    InputMode.EDIT: "edit",
    InputMode.EXTEND: "extend",
    InputMode.UPSCALE: "sharpen",
}
_SOUND = {
    AudioSupport.NEVER: "no sound",
    AudioSupport.ALWAYS: "sound",
    AudioSupport.SWITCHABLE: "sound or not",
}


async def models(output: Output) -> int:
    """The catalogue, with what can be used now and how to unlock the rest."""
    workplace = open_workplace()
    catalog = Catalog.load(workplace.paths.user_catalog)
    registry = ProviderRegistry(
        catalog, workplace.secrets.key, workplace.paths.rehearsal, settings=workplace.settings
    )
    available = {key: registry.availability(key) for key in catalog.providers}
    if output.is_json:
        output.json([model_json(model, available[model.provider]) for model in catalog.models])
        return ExitCode.DONE
    for key, info in catalog.providers.items():
        offered = [model for model in catalog.models if model.provider == key]
        if offered:
            output.table(table_of_provider(info, offered, is_ready=available[key].is_ready))
            output.text("")
    output.text("Prices are US dollars. --json has every detail, docs/providers.md the sources.")
    for problem in catalog.problems:
        output.say(problem)
    for key, info in catalog.providers.items():
        if not available[key].is_ready:
            output.say(f"Locked: {available[key].reason} {how_to_connect(info)}".strip())
    return ExitCode.DONE


def table_of_provider(info: ProviderInfo, offered: Sequence[ModelInfo], *, is_ready: bool) -> Table:
    """Readable in 80 columns: ids stay whole, everything else is folded."""
    locked = "" if is_ready else " (locked)"
    each = _tokens(offered)
    title = f"{info.name}: {info.id}{locked}{each}{_dates(offered)}"
    table = Table(
        title=Text(title, style="bold"),
        title_justify="left",
        box=None,
        pad_edge=False,
        header_style="dim",
    )
    table.add_column("model", no_wrap=True)
    table.add_column("seconds", overflow="fold")
    table.add_column("made from", overflow="fold", ratio=3)
    table.add_column("shapes, sound", overflow="fold", ratio=3)
    table.add_column("price", overflow="fold", ratio=4)
    for model in offered:
        able = model.capabilities
        cells = (
            model.id,
            "picture" if model.makes_pictures else _seconds(able.durations_s),
            ", ".join(made_from(able)),
            ", ".join(able.aspect_ratios)
            + ("" if model.makes_pictures else f"; {_SOUND[able.audio]}"),
            price_words(model) if each else f"{price_words(model)}; tokens: {model.tokens}",
        )
        table.add_row(*(Text(plain(cell)) for cell in cells))
    return table


def _tokens(offered: Sequence[ModelInfo]) -> str:
    """For the heading; "" where not all clips, or not all pictures, cost the same."""
    clips = {model.tokens for model in offered if not model.makes_pictures}
    pictures = {model.tokens for model in offered if model.makes_pictures}
    if len(clips | pictures) == 1:
        return f", {offered[0].tokens} tokens each"
    if len(clips) == len(pictures) == 1:
        return f", {clips.pop()} tokens a clip, {pictures.pop()} a picture"
    return ""


def made_from(able: Capabilities) -> list[str]:
    """The ways to ask, with the largest number of reference pictures."""
    return [
        f"up to {able.max_images(mode)} references" if mode is InputMode.REFERENCES else _FROM[mode]
        for mode in able.modes
    ]


def price_words(model: ModelInfo) -> str:
    """Every price that is known: `720p $0.40/s, silent $0.20/s`, `1k $0.07 a picture`."""
    prices = model.prices
    known = (*prices.per_second.values(), *prices.per_clip.values())
    if known and not any(known):
        return "free"
    sizes = list(model.capabilities.resolutions)
    for limits in model.capabilities.modes.values():
        sizes += [size for size in limits.resolutions or () if size not in sizes]
    words = []
    thing = "picture" if model.makes_pictures else "clip"
    for size in sizes:
        if size in prices.per_clip:
            amount = prices.per_clip[size]
            words.append(f"{size} {_dollars(amount)} a {thing}" if amount else f"{size} free")
        elif size in prices.per_second:
            silent = prices.silent.get(size)
            quiet = "" if silent is None else f" (silent {_dollars(silent)})"
            words.append(f"{size} {_dollars(prices.per_second[size])}/s{quiet}")
        else:
            words.append(f"{size} unknown")
    if not known:
        return "unknown"
    if prices.minimum:
        words.append(f"at least {_dollars(prices.minimum)}")
    return ", ".join(words)


def _dollars(usd: Decimal) -> str:
    cents = usd.quantize(Decimal("0.01"))
    return f"${cents if cents == usd else usd.normalize():f}"


def _seconds(stops: Sequence[int]) -> str:
    if len(stops) > 2 and list(stops) == list(range(stops[0], stops[-1] + 1)):
        return f"{stops[0]}-{stops[-1]}"
    return ", ".join(map(str, stops))


def _dates(offered: Iterable[ModelInfo]) -> str:
    days: list[date] = sorted({m.price_date for m in offered if m.price_date and m.tokens})
    return f", prices of {' and '.join(map(str, days))}" if days else ""


def model_json(model: ModelInfo, available: Availability) -> dict[str, Any]:
    """For scripts: everything that the catalogue knows."""
    able, prices = model.capabilities, model.prices
    return {
        "provider": model.provider,
        "id": model.id,
        "name": model.name,
        "kind": model.kind.value,
        "aliases": list(model.aliases),
        "durations_s": list(able.durations_s),
        "aspect_ratios": list(able.aspect_ratios),
        "resolutions": list(able.resolutions),
        "audio": able.audio.value,
        "has_negative_prompt": able.has_negative_prompt,
        "has_seed": able.has_seed,
        "max_samples": able.max_samples,
        "max_references": able.max_images(InputMode.REFERENCES),
        "modes": {mode.value: _mode_json(able, mode) for mode in able.modes},
        "defaults": {
            "aspect_ratio": able.default_aspect_ratio,
            "duration": able.default_duration_s,
            "resolution": able.default_resolution,
        },
        "tokens": model.tokens,
        "price_per_second_usd": _amounts(prices.per_second),
        "price_per_second_silent_usd": _amounts(prices.silent),
        "price_per_clip_usd": _amounts(prices.per_clip),
        "price_minimum_usd": float(prices.minimum),
        "price_source": model.price_source,
        "price_date": None if model.price_date is None else model.price_date.isoformat(),
        "retired_on": None if model.retired_on is None else model.retired_on.isoformat(),
        "note": model.note,
        "is_ready": available.is_ready,
        "locked_reason": None if available.is_ready else available.reason,
    }


def _mode_json(able: Capabilities, mode: InputMode) -> dict[str, Any]:
    """The limits of one way to ask, differences to the usual ones included."""
    here = able.in_mode(mode)
    return {
        "durations_s": list(here.durations_s),
        "aspect_ratios": list(here.aspect_ratios),
        "resolutions": list(here.resolutions),
        "max_images": able.max_images(mode),
        "follows_source": able.follows_source(mode),
        "max_source_s": able.modes[mode].max_source_s,
    }


def _amounts(prices: Mapping[str, Decimal]) -> dict[str, float]:
    return {size: float(price) for size, price in prices.items()}
