"""Titles and subtitles: in the picture, or as a text that players can switch on."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.exporting.clips import write_clip
from tests.film.conftest import clip, film
from veo_studio.core.exporting.presets import Form
from veo_studio.core.exporting.tasks import Way
from veo_studio.core.film.models import Cue, FilmFormat
from veo_studio.core.film.titling import Shown

SIZE = (320, 180)
# what an encoder makes of one shade stays within this
CALM = 12


@pytest.fixture(scope="module")
def grey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of dark pictures, large enough for letters."""
    return write_clip(
        tmp_path_factory.mktemp("grey") / "grey.mp4", seconds=4, fps=5, size=SIZE,
        moments=[number * 200 for number in range(20)],
    )  # fmt: skip


def pictures(path: Path) -> list[np.ndarray]:
    """The luma of every picture, 0-255."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="gray8") for frame in container.decode(video=0)]


def written(rows: np.ndarray) -> bool:
    """Whether there are letters: both brighter and darker than the one shade of the picture."""
    values = rows.astype(int)
    middle = int(np.median(values))
    return bool((values.max() - middle > 40) or (middle - values.min() > 40))


def middle(rows: np.ndarray) -> np.ndarray:
    return rows[60:120]


def foot(rows: np.ndarray) -> np.ndarray:
    return rows[140:]


def test_a_title_stands_over_the_start_of_its_clip(make, grey):
    made = make(film(clip(grey), clip(grey, 2, title="The paper boat")))
    assert made.way is Way.ENCODED
    found = pictures(made.path)
    # it comes softly: of its very first picture nothing is seen yet
    assert [written(middle(rows)) for rows in found[:21]] == [False] * 21
    assert all(written(middle(rows)) for rows in found[22:34])
    # gone after three seconds
    assert not any(written(middle(rows)) for rows in found[35:])
    assert not any(written(foot(rows)) for rows in found)


def test_burnt_subtitles_stand_under_all_of_their_clip(make, grey):
    made = make(
        film(clip(grey, out_s=2.0, subtitle="“Where to?”\nTo the sea."), clip(grey, 2, out_s=1.0)),
        FilmFormat(burns_subtitles=True),
    )
    found = pictures(made.path)
    assert [written(foot(rows)) for rows in found] == [True] * 10 + [False] * 5
    with av.open(str(made.path)) as container:
        assert not container.streams.subtitles


@pytest.mark.parametrize("form", [Form.H264, Form.H265, Form.PRORES])
def test_words_are_white_in_every_form(make, grey, form):
    made = make(
        film(clip(grey, out_s=1.0, subtitle="WWWW")), FilmFormat(form, burns_subtitles=True)
    )
    rows = foot(pictures(made.path)[2])
    assert rows.max() > 225
    with av.open(str(made.path)) as container:
        frame = next(container.decode(video=0)).reformat(format="rgb24")
    # white is white: no colour comes in with it
    pixels = frame.to_ndarray().astype(int)
    assert (pixels.max(axis=2) - pixels.min(axis=2)).max() < 16


@pytest.mark.parametrize(
    ("form", "copies"), [(Form.H264, True), (Form.H264, False), (Form.PRORES, False)]
)
def test_subtitles_that_are_not_burnt_in_are_a_text_track(make, grey, form, copies):
    made = make(
        film(
            clip(grey, out_s=1.0, subtitle="Where to?"),
            clip(grey, 2, out_s=1.0),
            clip(grey, 3, out_s=1.0, subtitle="Zum Meer – 海へ\nund zurück"),
        ),
        FilmFormat(form, may_copy=copies),
    )
    assert made.way is (Way.KEPT if copies else Way.ENCODED)
    assert not any(written(foot(rows)) for rows in pictures(made.path))
    assert track(made.path) == [
        Cue(0.0, 1.0, "Where to?"), Cue(2.0, 3.0, "Zum Meer – 海へ\nund zurück"),
    ]  # fmt: skip


def track(path: Path) -> list[Cue]:
    """The text track as players get it."""
    found = []
    with av.open(str(path)) as container:
        for packet in container.demux(container.streams.subtitles[0]):
            # the first two bytes are the length of the text; without one it says that there is none
            text = bytes(packet)[2:].decode() if packet.size > 2 else ""
            if text:
                start_s = float(packet.pts * packet.time_base)
                end_s = start_s + float(packet.duration * packet.time_base)
                found.append(Cue(round(start_s, 2), round(end_s, 2), text))
    return found


@pytest.mark.parametrize(
    "text",
    [
        "x" * 5000,
        "\n\n",
        "\u202e\u0000\ud800 %{} \\N {\\an8}",
        "日本語の字幕 \U0001f30a",
        "שלום",
        "line\n" * 50,
    ],
)
def test_whatever_somebody_writes_is_drawn_or_left_out(make, grey, text):
    one = clip(grey, out_s=0.4, title=text, subtitle=text)
    made = make(film(one, title=text), FilmFormat(burns_subtitles=True))
    assert len(pictures(made.path)) == 2
    made = make(film(one, title=text), FilmFormat(burns_titles=False))
    assert len(pictures(made.path)) == 2


def test_words_on_the_smallest_film(make, grey):
    one = clip(grey, out_s=0.4, title="A title", subtitle="words under it")
    made = make(
        film(one, width_px=16, height_px=16, rate=Fraction(5)), FilmFormat(burns_subtitles=True)
    )
    assert (made.width_px, made.height_px) == (16, 16)


def test_titles_come_and_go_softly():
    shown = Shown("The sea", 2.0, 5.0, is_title=True)
    assert [round(shown.opacity(at_s), 2) for at_s in (1.9, 2.0, 2.2, 3.0, 4.8, 5.0)] == [
        0, 0, 0.5, 1, 0.5, 0,
    ]  # fmt: skip
    assert Shown("The sea", 2.0, 5.0, is_title=False).opacity(2.0) == 1
