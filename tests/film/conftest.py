"""Tiny real clips, drawn once, and a film that is made in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.exporting.clips import write_clip
from veo_studio.core.film import making
from veo_studio.core.film.models import Film, FilmClip, FilmFormat, FilmMade
from veo_studio.core.film.writing import FilmTask

MakeFilm = Callable[..., FilmMade]


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """`a` and `b` are of one kind: ten pictures a second, a key frame every half second, with a tone."""
    folder = tmp_path_factory.mktemp("clips")
    return {
        "a": write_clip(folder / "a.mp4", seconds=2.0),
        "b": write_clip(folder / "b.mp4", seconds=1.0),
        "mute": write_clip(folder / "mute.mp4", seconds=1.0, has_sound=False),
        "tall": write_clip(folder / "tall.mp4", seconds=1.0, size=(64, 96)),
        "small": write_clip(folder / "small.mp4", seconds=1.0, size=(48, 32)),
        "fast": write_clip(folder / "fast.mp4", seconds=1.0, fps=20),
    }


@pytest.fixture
def make(tmp_path: Path) -> MakeFilm:
    """What the worker does with a film."""

    def made(film: Film, form: FilmFormat | None = None) -> FilmMade:
        form = form or FilmFormat()
        part = tmp_path / f"film{form.suffix}"
        part.write_bytes(b"")
        return making.make(FilmTask(film, part, form), lambda _done: None)

    return made


def film(*clips: FilmClip, title: str = "A paper boat", **more: object) -> Film:
    return Film(title, clips, **more)


def clip(path: Path, number: int = 1, **more: object) -> FilmClip:
    return FilmClip(path, f"Scene {number}", **more)
