"""What the worker does for one film: plan, take or encode, and read back. Blocks."""

from __future__ import annotations

from veo_studio.core.errors import DownloadError, StorageError
from veo_studio.core.exporting.presets import locked_reason
from veo_studio.core.exporting.tasks import Tell, Way
from veo_studio.core.film.models import Film, FilmFormat, FilmMade, FilmPlan
from veo_studio.core.film.planning import Layout, layout_of
from veo_studio.core.film.rendering import render
from veo_studio.core.film.splicing import CannotJoin, splice
from veo_studio.core.film.writing import FilmTask
from veo_studio.core.media import probe

# what may be missing at the end of a whole file: the last picture and a packet of sound
_MISSING_S = 0.25


def plan(film: Film, form: FilmFormat) -> FilmPlan:
    """Raises ValueError with a sentence, DownloadError, StorageError."""
    return layout_of(film, form).plan


def make(task: FilmTask, tell: Tell) -> FilmMade:
    """Write `task.part` and prove that it is whole.

    Raises ValueError with a sentence, DownloadError with the name of the clip, StorageError, and whatever
    the libraries raise.
    """
    layout = layout_of(task.film, task.form)
    if reason := locked_reason(task.form.form):
        raise ValueError(reason)
    notes = list(layout.plan.notes)
    if layout.plan.way is Way.KEPT:
        try:
            splice(task, layout, tell)
        except CannotJoin:
            layout = layout_of(task.film, task.form, is_joinable=False)
            notes = list(layout.plan.notes)
    if layout.plan.way is Way.ENCODED:
        notes += render(task, layout, tell)
    tell(1.0)
    return _read_back(task, layout, tuple(notes))


def _read_back(task: FilmTask, layout: Layout, notes: tuple[str, ...]) -> FilmMade:
    plan = layout.plan
    try:
        found = probe(task.part)
    except DownloadError as error:
        raise _not_whole() from error
    missing_s = max(_MISSING_S, 2 / float(plan.rate))
    is_whole = (
        found.duration_s >= plan.duration_s - missing_s
        and found.has_audio is plan.has_sound
        and (found.width_px, found.height_px) == (plan.width_px, plan.height_px)
    )
    if not is_whole:
        raise _not_whole()
    return FilmMade(
        path=task.part,
        way=plan.way,
        duration_s=found.duration_s,
        size_bytes=task.part.stat().st_size,
        width_px=found.width_px,
        height_px=found.height_px,
        video_codec=found.video_codec,
        audio_codec=found.audio_codec,
        notes=notes,
    )


def _not_whole() -> StorageError:
    return StorageError("What was written could not be read back, so it was thrown away.")
