"""`storyboard export`: the film, files for editors, subtitles, or the storyboard itself."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from veo_studio.cli.bad_input import (
    BadInput,
    check_environment,
    check_storable,
    checking_input,
    every_provider,
)
from veo_studio.cli.opening import open_studio, open_workplace
from veo_studio.cli.storyboard_finding import find
from veo_studio.cli.terminal import ExitCode, Output
from veo_studio.core.exporting.presets import Form
from veo_studio.core.film.assembling import film_of, format_of
from veo_studio.core.film.maker import FilmMaker
from veo_studio.core.film.models import SUFFIXES, Film, FilmFormat
from veo_studio.core.handoff.kinds import Kind
from veo_studio.core.storyboard.board_file import SUFFIX as BOARD_SUFFIX
from veo_studio.core.storyboard.carrying import write_out
from veo_studio.core.storyboard.models import Storyboard
from veo_studio.core.studio import Studio
from veo_studio.core.whole_file import replace, write_whole

_SRT = ".srt"
_USUAL = {".mp4": Form.H264, ".mov": Form.PRORES}


async def export(
    word: str, out: Path, codec: str | None, output: Output, *, is_replacing: bool = False
) -> int:
    """Raises BadInput, StudioError; then nothing was written."""
    target = Path.cwd() / out
    form = _form(target, codec)
    check_storable(target, "The file")
    await asyncio.to_thread(_check_target, target, is_replacing)
    check_environment(every_provider())
    workplace = open_workplace()
    async with open_studio(workplace, is_scheduler=False) as studio:
        boards = studio.storyboards
        board = await find(word, boards.repository, studio.client.files, output)
        if target.suffix.lower() == BOARD_SUFFIX:
            files = studio.client.files
            path = await write_out(board, target, studio.generations, files, replaces=is_replacing)
            return _tell(target, path, {}, (), output)
        with checking_input():
            film, problems = film_of(board, await boards.view(board))
        for sentence in problems:
            output.say(sentence)
        if form is not None:
            return await _film(studio, board, film, form, target, output, is_replacing)
        if target.suffix.lower() == _SRT:
            return await _subtitles(studio, film, target, output, is_replacing)
        return await _hand_off(film, target, output, is_replacing)


def _form(target: Path, codec: str | None) -> Form | None:
    """What a film is written as; None for other files. Raises BadInput for what is not known."""
    suffix = target.suffix.lower()
    others = (*(kind.suffix for kind in Kind), _SRT, BOARD_SUFFIX)
    if suffix not in (*_USUAL, *others):
        known = ", ".join((*_USUAL, *others))
        raise BadInput(f"{target.name}: the name says what is written. It ends in {known}.")
    if suffix in others:
        if codec is not None:
            raise BadInput("--codec is for films: .mp4 or .mov.")
        return None
    if codec is None:
        return _USUAL[suffix]
    known_forms = {form.value: form for form in SUFFIXES}
    form = known_forms.get(codec.strip().lower())
    if form is None:
        raise BadInput(f"There is no codec {codec}. There are: {', '.join(known_forms)}.")
    if SUFFIXES[form] != suffix:
        raise BadInput(f"A film in {form.value} ends in {SUFFIXES[form]}.")
    return form


def _check_target(target: Path, is_replacing: bool) -> None:
    """Before anything is read: a film takes a while."""
    if not target.parent.is_dir():
        raise BadInput(f"There is no folder {target.parent}.")
    if target.is_dir():
        raise BadInput(f"{target.name} is a folder.")
    if os.path.lexists(target) and not is_replacing:
        raise BadInput(f"There is a file {target.name} already. Add --replace to write over it.")


async def _film(
    studio: Studio,
    board: Storyboard,
    film: Film,
    form: Form,
    target: Path,
    output: Output,
    is_replacing: bool,
) -> int:
    usual = format_of(board)
    written_as = FilmFormat(
        form, burns_titles=usual.burns_titles, burns_subtitles=usual.burns_subtitles
    )
    maker = FilmMaker(studio.paths.exports)
    try:
        await maker.sweep()
        if reason := await maker.locked(form):
            raise BadInput(reason)
        with checking_input():
            plan = await maker.plan(film, written_as)
        for sentence in plan.notes:
            output.say(sentence)
        progress = Progress(
            BarColumn(), TaskProgressColumn(), TextColumn("{task.description}", markup=False),
            console=output.errors, disable=not output.errors.is_terminal, transient=True,
        )  # fmt: skip
        bar = progress.add_task(target.name, total=1.0)

        def tell(fraction: float) -> None:
            with suppress(OSError):
                progress.update(bar, completed=fraction)

        with progress, checking_input():
            made = await maker.make(film, target, written_as, tell)
    finally:
        await asyncio.shield(maker.close())
    path = made.path
    if path != target and is_replacing:
        # it was agreed to that the old one goes; until here it was whole
        path = await asyncio.to_thread(replace, path, target)
    facts = {
        "way": made.way.value,
        "duration_s": made.duration_s,
        "size_bytes": made.size_bytes,
        "width_px": made.width_px,
        "height_px": made.height_px,
        "video_codec": made.video_codec,
        "audio_codec": made.audio_codec,
        "clips": len(film.clips),
    }
    return _tell(target, path, facts, (), output)


async def _subtitles(
    studio: Studio, film: Film, target: Path, output: Output, is_replacing: bool
) -> int:
    from veo_studio.core.film.srt import cues_of, write_srt

    maker = FilmMaker(studio.paths.exports)
    try:
        with checking_input():
            plan = await maker.plan(film)
    finally:
        await asyncio.shield(maker.close())
    cues = cues_of(plan.clips)
    if not cues:
        raise BadInput("No scene has a subtitle: there is nothing to write.")
    text = write_srt(cues)
    path = await asyncio.to_thread(write_whole, target, text, replaces=is_replacing)
    return _tell(target, path, {"subtitles": len(cues)}, (), output)


async def _hand_off(film: Film, target: Path, output: Output, is_replacing: bool) -> int:
    from veo_studio.core.handoff.writing import write_handoff

    with checking_input():
        written = await asyncio.to_thread(
            write_handoff, film, target, Kind.of(target), replaces=is_replacing
        )
    drafted = written.drafted
    facts = {"clips": drafted.clips, "duration_s": drafted.duration_s}
    return _tell(target, written.path, facts, drafted.notes, output)


def _tell(
    target: Path, path: Path, facts: dict[str, Any], notes: Sequence[str], output: Output
) -> int:
    """`path` is where it is."""
    if path != target:
        output.say(f"A file {target.name} came meanwhile, and stays: this one is {path.name}.")
    for sentence in notes:
        output.say(sentence)
    if output.is_json:
        output.json({"path": str(path), **facts, "notes": list(notes)})
    else:
        output.path(path)
    return ExitCode.DONE
