"""From clips and choices to the files that are to be made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from veo_studio.core import recipe as recipes
from veo_studio.core.exporting.exporter import ExportJob
from veo_studio.core.exporting.names import stem_of
from veo_studio.core.exporting.presets import PLAYS, ExportPreset, Inside
from veo_studio.core.models import Generation


def jobs_for(
    generations: Sequence[Generation],
    preset: ExportPreset,
    template: str,
    folder: Path,
    *,
    in_s: float | None = None,
    out_s: float | None = None,
) -> list[ExportJob]:
    """Those without a file are left out; pictures have no in and out points. Raises ValueError."""
    preset.check()
    chosen = [one for one in generations if one.has_file]
    jobs = []
    for number, one in enumerate(chosen, 1):
        assert one.video_path is not None
        jobs.append(
            ExportJob(
                source=one.video_path,
                folder=folder,
                stem=stem_of(template, one, number, len(chosen)),
                preset=preset,
                in_s=None if one.is_picture else in_s,
                out_s=None if one.is_picture else out_s,
                recipe=recipes.of_generation(one) if preset.inside is Inside.RECIPE else None,
                generation_id=one.id,
                length_s=one.length_s,
            )
        )
    return jobs


def copy_that_plays(generation: Generation) -> ExportJob:
    """H.264 and AAC beside the clip, for a player that lacks its codec."""
    path = generation.video_path
    assert path is not None, "what plays has a file"
    return ExportJob(
        source=path,
        folder=path.parent,
        stem=f"{path.stem}_plays",
        preset=replace(PLAYS),
        generation_id=generation.id,
        length_s=generation.length_s,
    )
