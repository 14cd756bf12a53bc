"""Tiny real clips, made once: they are only read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.exporting.clips import write_clip
from veo_studio.core.film.models import Film, FilmClip
from veo_studio.core.storyboard.models import Soundtrack


@dataclass(frozen=True)
class Clips:
    """Two seconds each: three with 24 pictures a second, the second one silent; one with 25."""

    folder: Path
    first: Path
    silent: Path
    third: Path
    pal: Path
    sound: Path


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """In a folder whose name needs quoting everywhere; all names begin with the same letters."""
    folder = tmp_path_factory.mktemp("film") / "it's [a] folder & more"
    folder.mkdir()
    return Clips(
        folder,
        write_clip(folder / "20250105_one's & 'two'.mp4", fps=24),
        write_clip(folder / "20250105_silent.mp4", fps=24, has_sound=False),
        write_clip(folder / "20250105_third.mp4", fps=24),
        write_clip(folder / "20250105_pal.mp4", fps=25),
        write_clip(folder / "20250105_sound.mp4", fps=24, seconds=6.0),
    )


@pytest.fixture
def film(clips: Clips) -> Film:
    """Four scenes: a cut, two cross-fades, a trim, words, the same file twice; 126 pictures in all.

    Shown are 48, 24 (0.5 to 1.5 s), 48 and 24 (from 1 s on), less 12 and 6 in which two are seen.
    """
    return Film(
        "A film <of> 'clips' & \"quotes\"",
        (
            FilmClip(clips.first, "Scene 'one'", generation_id=7),
            FilmClip(
                clips.silent,
                "Scene 2",
                in_s=0.5,
                out_s=1.5,
                fade_s=0.5,
                title="Hello\nworld",
                subtitle="She says <hello>.",
            ),
            FilmClip(clips.third, "Scene 3", fade_s=0.25),
            FilmClip(clips.first, "Scene 4", in_s=1.0),
        ),
        Soundtrack(clips.sound, volume=0.5, fade_in_s=0.5, fade_out_s=1.0, clip_volume=0.8),
    )
