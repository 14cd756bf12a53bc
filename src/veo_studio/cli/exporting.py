"""`export`: clips out of the library as copies, cuts and conversions."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from veo_studio.cli.bad_input import BadInput, check_environment, checking_input
from veo_studio.cli.opening import Workplace, open_database, open_workplace
from veo_studio.cli.terminal import ExitCode, Output
from veo_studio.cli.words import error_kind_of, error_sentence, exit_code_of
from veo_studio.core.errors import StudioError
from veo_studio.core.exporting import kept
from veo_studio.core.exporting.exporter import (
    Exporter,
    ExportJob,
    ExportProgress,
    ExportResult,
)
from veo_studio.core.exporting.jobs import jobs_for
from veo_studio.core.exporting.names import DEFAULT_TEMPLATE
from veo_studio.core.exporting.presets import (
    ExportPreset,
    Form,
    Inside,
    ProRes,
    Quality,
    Size,
    built_in,
)
from veo_studio.core.exporting.tasks import Way, check_cut
from veo_studio.core.models import Generation
from veo_studio.core.store.repositories import GenerationRepository

_E = TypeVar("_E", bound=Enum)
_MOST_ID = 2**63 - 1
_WAY_WORDS = {
    Way.COPIED: "copied as it is",
    Way.KEPT: "not encoded anew",
    Way.ENCODED: "encoded anew",
}


@dataclass(frozen=True)
class Wish:
    """What was said on the command line; None where nothing was."""

    preset: str | None = None
    template: str | None = None
    in_s: float | None = None
    out_s: float | None = None
    is_exact: bool = False
    has_sound: bool | None = None
    size: str | None = None
    quality: str | None = None
    inside: str | None = None
    profile: str | None = None
    gif_width_px: int | None = None
    gif_fps: int | None = None
    still_at_s: float | None = None
    still_kind: str | None = None

    @property
    def is_empty(self) -> bool:
        return astuple(self) == astuple(Wish())


async def export(what: Sequence[str], to: Path | None, wish: Wish, output: Output) -> int:
    """Raises BadInput, StudioError."""
    if to is None:
        return await _with_recipe(what, wish, output)
    check_environment()
    ids = [_number(word) for word in what]
    workplace = open_workplace()
    folder = Path.cwd() / to
    with checking_input():
        preset = _preset(workplace, wish)
        check_cut(wish.in_s, wish.out_s)
    if not folder.is_dir():
        raise BadInput(f"There is no folder {to}.")
    async with open_database(workplace) as database:
        generations = await _found(GenerationRepository(database), ids)
    with checking_input():
        jobs = jobs_for(
            generations,
            preset,
            wish.template or DEFAULT_TEMPLATE,
            folder,
            in_s=wish.in_s,
            out_s=wish.out_s,
        )
    exporter = Exporter(workplace.paths.exports)
    try:
        await exporter.sweep()
        if reason := await exporter.locked(preset.form):
            raise BadInput(reason)
        results = await _run(exporter, jobs, output)
    finally:
        await asyncio.shield(exporter.close())
    return _tell(results, output)


async def _with_recipe(what: Sequence[str], wish: Wish, output: Output) -> int:
    """`export ID TARGET`, as it was before there were presets."""
    from veo_studio.cli import from_recipe

    if not wish.is_empty:
        raise BadInput("Say with --to FOLDER where the files go.")
    if len(what) != 2:
        raise BadInput("Say with --to FOLDER where the files go, or give one number and a file.")
    return await from_recipe.export(_number(what[0]), Path(what[1]), output)


def _number(word: str) -> int:
    if not (word.isascii() and word.isdigit() and 1 <= int(word) <= _MOST_ID):
        raise BadInput(f"{word} is no number from the history.")
    return int(word)


async def _found(store: GenerationRepository, ids: Sequence[int]) -> list[Generation]:
    """Each once, in the order of the command line."""
    found = []
    for number in dict.fromkeys(ids):
        try:
            one = await store.get(number)
        except LookupError as error:
            raise BadInput(str(error.args[0])) from error
        if not one.has_file:
            raise BadInput(f"Generation {one.id} is {one.state.value}: it has no clip.")
        found.append(one)
    return found


def _preset(workplace: Workplace, wish: Wish) -> ExportPreset:
    """ValueError with a sentence for what is not known."""
    preset = _named(workplace, wish.preset or Form.COPY.value)
    size, width_px, height_px = _size(wish.size, preset)
    quality, rate = _quality(wish.quality, preset)
    told: dict[str, Any] = {
        "has_sound": wish.has_sound,
        "gif_width_px": wish.gif_width_px,
        "gif_fps": wish.gif_fps,
        "still_at_s": wish.still_at_s,
        "still_kind": None if wish.still_kind is None else wish.still_kind.lower(),
        "inside": _one_of(Inside, wish.inside, "--inside"),
        "prores": _one_of(ProRes, wish.profile, "--profile"),
    }
    made = replace(
        preset,
        size=size,
        width_px=width_px,
        height_px=height_px,
        quality=quality,
        rate=rate,
        is_fast=preset.is_fast and not wish.is_exact,
        **{name: value for name, value in told.items() if value is not None},
    )
    made.check()
    return made


def _named(workplace: Workplace, name: str) -> ExportPreset:
    for form in Form:
        if name.lower() == form.value:
            return built_in(form)
    own = kept.load(workplace.paths.exporting).own
    for preset in own:
        if preset.name.casefold() == name.casefold():
            return preset
    known = [form.value for form in Form] + [preset.name for preset in own]
    raise ValueError(f"There is no preset {name}. There are: {', '.join(known)}.")


def _size(word: str | None, preset: ExportPreset) -> tuple[Size, int, int]:
    if word is None:
        return preset.size, preset.width_px, preset.height_px
    for size in (Size.KEEP, Size.P1080, Size.P720):
        if word.lower() == size.value:
            return size, preset.width_px, preset.height_px
    width, _, height = word.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and len(width + height) < 12):
        raise ValueError("A size is keep, 1080p, 720p, or a box such as 800x600.")
    return Size.FIT, int(width), int(height)


def _quality(word: str | None, preset: ExportPreset) -> tuple[Quality, int | None]:
    if word is None:
        return preset.quality, preset.rate
    if word.isdigit() and len(word) < 4:
        return preset.quality, int(word)
    for quality in Quality:
        if word.lower() == quality.value:
            return quality, None
    raise ValueError("A quality is best, good, small, or the encoder's own number.")


def _one_of(kind: type[_E], word: str | None, option: str) -> _E | None:
    if word is None:
        return None
    try:
        return kind(word.lower().replace("-", "_"))
    except ValueError:
        known = ", ".join(str(one.value).replace("_", "-") for one in kind)
        raise ValueError(f"{option} is one of {known}.") from None


async def _run(exporter: Exporter, jobs: Sequence[ExportJob], output: Output) -> list[ExportResult]:
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
    )
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=output.errors,
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as bar:
        line = bar.add_task("Exporting", total=1.0)

        def on_progress(progress: ExportProgress) -> None:
            words = f"{progress.index + 1} of {progress.count}"
            bar.update(line, completed=progress.whole_fraction, description=words)

        return await exporter.run(jobs, on_progress)


def _tell(results: Sequence[ExportResult], output: Output) -> int:
    for result in results:
        if result.path is not None and result.made is not None and not output.is_json:
            output.path(result.path)
            words = _WAY_WORDS[result.made.way]
            output.say(f"{result.path.name}: {words}. {' '.join(result.made.notes)}".rstrip())
        elif result.error is not None:
            output.say(f"{result.job.source.name}: {_sentence(result.error)}")
    if output.is_json:
        output.json({"exports": [_json(result) for result in results]})
    failed = [result.error for result in results if result.error is not None]
    if not failed:
        return ExitCode.DONE
    first = failed[0]
    return exit_code_of(first) if isinstance(first, StudioError) else ExitCode.BAD_INPUT


def _sentence(error: Exception) -> str:
    return error_sentence(error) if isinstance(error, StudioError) else str(error)


def _json(result: ExportResult) -> dict[str, Any]:
    made = result.made
    told: dict[str, Any] = {
        "id": result.job.generation_id,
        "status": "done" if result.path is not None else "error",
        "path": None if result.path is None else str(result.path),
        "preset": result.job.preset.form.value,
    }
    if made is not None:
        told |= {
            "way": made.way.value,
            "size_bytes": made.size_bytes,
            "width": made.width_px,
            "height": made.height_px,
            "duration": round(made.duration_s, 3),
            "video_codec": made.video_codec,
            "audio_codec": made.audio_codec,
            "notes": list(made.notes),
        }
    if result.error is not None:
        is_ours = isinstance(result.error, StudioError)
        told["error"] = _sentence(result.error)
        told["error_kind"] = error_kind_of(result.error) if is_ours else "invalid_request"  # type: ignore[arg-type]
    return told
