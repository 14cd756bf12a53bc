"""The pictures of a film: taken as they are, or cut, cross-faded and fitted. Real files, read back."""

from __future__ import annotations

import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.exporting.clips import level_of, levels, times_ms, turned, write_clip
from tests.film.conftest import clip, film
from veo_studio.core.errors import DownloadError, StorageError
from veo_studio.core.exporting.presets import Form
from veo_studio.core.exporting.tasks import Way
from veo_studio.core.film import making
from veo_studio.core.film.models import FilmFormat
from veo_studio.core.film.planning import layout_of
from veo_studio.core.film.splicing import CannotJoin
from veo_studio.core.media import probe

COPIED = FilmFormat()
ENCODED = FilmFormat(may_copy=False)
# shades that a player tells apart are farther from each other than an encoder moves them
NEAR = 3


def packets(path: Path) -> list[bytes]:
    """The pictures of a file as they are stored."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def rows_of(path: Path, number: int) -> np.ndarray:
    """The luma of one picture, rows and columns."""
    with av.open(str(path)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index == number:
                return frame.to_ndarray(format="gray8")
    raise AssertionError(f"there is no picture {number}")


def test_clips_of_one_kind_are_taken_as_they_are(make, clips):
    made = make(film(clip(clips["a"]), clip(clips["b"], 2), clip(clips["a"], 3)))
    assert (made.way, made.notes) == (Way.KEPT, ())
    stored = packets(clips["a"]), packets(clips["b"])
    assert packets(made.path) == [*stored[0], *stored[1], *stored[0]]
    assert times_ms(made.path) == [number * 100 for number in range(50)]
    assert made.duration_s == pytest.approx(5.0, abs=0.05)
    with av.open(str(made.path)) as container:
        assert container.metadata["title"] == "A paper boat"


def test_cuts_at_key_frames_need_no_encoding(make, clips):
    made = make(
        film(clip(clips["a"], in_s=0.5, out_s=1.5), clip(clips["a"], 2, in_s=1.0), clip(clips["b"]))
    )
    assert made.way is Way.KEPT
    stored = packets(clips["a"])
    assert packets(made.path) == [*stored[5:15], *stored[10:], *packets(clips["b"])]
    assert times_ms(made.path) == [number * 100 for number in range(30)]


def test_pictures_that_are_stored_before_others_stay_in_order(tmp_path, make):
    """Two-way pictures: stored in another order than they are seen in."""
    source = tmp_path / "two_way.mp4"
    with av.open(str(source), "w") as made:
        video = made.add_stream("libx264", rate=10, options={"preset": "medium", "bf": "2"})
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        noise = np.random.default_rng(1)
        for number in range(20):
            pixels = np.full((96, 96), number * 8, np.uint8)
            pixels[:64] += noise.integers(0, 6, (64, 96), np.uint8)
            pixels[64:] = 128
            frame = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
            frame.pts = number
            made.mux(video.encode(frame))
        made.mux(video.encode(None))
    joined = make(film(clip(source), clip(source, 2)))
    assert joined.way is Way.KEPT
    assert packets(joined.path) == packets(source) * 2
    assert times_ms(joined.path) == [number * 100 for number in range(40)]
    assert levels(joined.path) == levels(source) * 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"in_s": 0.3}, "Scene 2 is cut between"),
        ({"fade_s": 0.4}, "There are cross-fades."),
        ({"title": "The sea"}, "There are titles"),
        ({"path": "tall"}, "Scene 2 has another size"),
        ({"path": "fast"}, "Scene 2 has another number of pictures"),
    ],
)
def test_why_a_film_is_encoded(clips, change, why):
    second = clip(clips[change.pop("path", "b")], 2, **change)
    plan = making.plan(film(clip(clips["a"]), second), COPIED)
    assert plan.way is Way.ENCODED
    assert plan.why.startswith(why)


def test_formats_that_need_encoding(tmp_path, clips):
    two = film(clip(clips["a"], subtitle="words"), clip(clips["b"], 2))
    assert making.plan(two, ENCODED).why == "Everything is encoded anew, as it was asked for."
    assert making.plan(two, FilmFormat(Form.H265)).why == "Scene 1 is not H.265."
    assert making.plan(two, FilmFormat(Form.PRORES)).why == "Scene 1 is not ProRes."
    burnt = FilmFormat(burns_subtitles=True)
    assert making.plan(two, burnt).why == "There are subtitles in the picture."
    assert making.plan(two, COPIED).way is Way.KEPT
    # nothing is burnt in where titles are not wanted
    titled = replace(two, clips=(clip(clips["a"], title="A title"),))
    assert making.plan(titled, FilmFormat(burns_titles=False)).way is Way.KEPT
    other = write_clip(tmp_path / "other.mp4", seconds=1, is_full_range=True)
    mixed = film(clip(clips["a"]), clip(other, 2))
    assert making.plan(mixed, COPIED).why == "Scene 2 was encoded in another way than Scene 1."
    sized = film(clip(clips["a"]), width_px=192, height_px=128)
    assert making.plan(sized, COPIED).why == "Scene 1 has another size than the film."


def test_what_does_not_join_after_all_is_encoded(make, clips, monkeypatch):
    def refuse(task, layout, tell):
        task.part.write_bytes(b"half of it")
        raise CannotJoin

    monkeypatch.setattr(making, "splice", refuse)
    made = make(film(clip(clips["a"]), clip(clips["b"], 2)))
    assert made.way is Way.ENCODED
    assert len(levels(made.path)) == 30


def test_cuts_are_exact_to_the_picture(make, clips):
    made = make(
        film(clip(clips["a"], in_s=0.3, out_s=0.7), clip(clips["a"], 2, in_s=1.82)), ENCODED
    )
    wanted = [level_of(number) for number in (3, 4, 5, 6, 18, 19)]
    assert levels(made.path) == pytest.approx(wanted, abs=NEAR)
    assert times_ms(made.path) == [0, 100, 200, 300, 400, 500]


def test_a_cross_fade_goes_from_one_picture_to_the_other(make, clips):
    made = make(film(clip(clips["a"]), clip(clips["b"], 2, fade_s=0.4)))
    found = levels(made.path)
    assert len(found) == 26
    assert made.duration_s == pytest.approx(2.6, abs=0.05)
    for step in range(4):
        old, new = level_of(16 + step), level_of(step)
        share = (step + 1) / 5
        assert found[16 + step] == pytest.approx(old * (1 - share) + new * share, abs=NEAR)
    assert found[:16] == pytest.approx([level_of(number) for number in range(16)], abs=NEAR)
    assert found[20:] == pytest.approx([level_of(number) for number in range(4, 10)], abs=NEAR)


def test_a_fade_longer_than_its_clips_is_shorter_and_says_so(clips):
    plan = making.plan(film(clip(clips["b"]), clip(clips["b"], 2, fade_s=5.0)), COPIED)
    assert plan.notes == (
        "Scene 2: a cross-fade of 0.80 s instead of 5.00 s, as long as the clips allow.",
    )
    assert [one.start_s for one in plan.clips] == [0.0, pytest.approx(0.2)]


def test_other_sizes_are_fitted_and_named(make, clips):
    made = make(film(clip(clips["a"]), clip(clips["tall"], 2), clip(clips["small"], 3)))
    assert (made.width_px, made.height_px) == (96, 64)
    assert set(made.notes) == {
        "Scene 2: 64 x 96, fitted into 96 x 64 with black at the sides.",
        "Scene 3: 48 x 32, made larger to 96 x 64.",
    }
    tall = rows_of(made.path, 20)
    # 64 x 96 in 96 x 64 is 42 wide
    assert tall[:, :26].max() < 8
    assert tall[:, 70:].max() < 8
    assert tall[:, 32:64].min() > 20
    assert rows_of(made.path, 30).min() > 20, "the small one fills all of it"


def test_the_film_has_the_size_and_rate_that_most_clips_have(clips):
    plan = making.plan(
        film(clip(clips["tall"]), clip(clips["a"], 2), clip(clips["fast"], 3)), COPIED
    )
    assert (plan.width_px, plan.height_px, plan.rate) == (96, 64, Fraction(10))
    assert plan.notes == (
        "Scene 1: 64 x 96, fitted into 96 x 64 with black at the sides.",
        "Scene 3: 20 pictures a second, fitted to 10: some are left out.",
    )
    many = film(*(clip(clips["tall"], number) for number in range(1, 6)), width_px=96, height_px=64)
    assert making.plan(many, COPIED).notes == (
        "Scene 1, Scene 2, Scene 3 and 2 more: 64 x 96, fitted into 96 x 64 with black at the sides.",
    )


def test_other_rates_are_fitted(make, clips):
    made = make(film(clip(clips["a"]), clip(clips["fast"], 2)))
    found = levels(made.path)
    assert found[20:] == pytest.approx([level_of(number) for number in range(0, 20, 2)], abs=NEAR)
    doubled = make(film(clip(clips["b"]), rate=Fraction(20)))
    assert doubled.notes == (
        "Scene 1: 10 pictures a second, fitted to 20: some are seen twice.",
    )  # fmt: skip
    found = levels(doubled.path)
    assert found == pytest.approx([level_of(number // 2) for number in range(20)], abs=NEAR)


def test_uneven_moments_come_at_their_time(tmp_path, make):
    uneven = write_clip(
        tmp_path / "uneven.mp4",
        seconds=1,
        moments=[0, 100, 500, 600, 700, 800, 900],
        has_sound=False,
    )
    made = make(film(clip(uneven), rate=Fraction(10)), ENCODED)
    shown = [0, 1, 1, 1, 1, 2, 3, 4, 5, 6]
    assert levels(made.path) == pytest.approx([level_of(one) for one in shown], abs=NEAR)


def test_a_clip_that_players_turn_stands_upright(tmp_path, make, clips):
    lying = turned(shutil.copy(clips["b"], tmp_path / "lying.mp4"), 90)
    plan = making.plan(film(clip(lying), clip(clips["b"], 2)), COPIED)
    assert [(one.width_px, one.height_px) for one in plan.clips] == [(64, 96), (96, 64)]
    made = make(film(clip(lying)))
    assert (made.way, made.width_px, made.height_px) == (Way.ENCODED, 64, 96)
    assert levels(made.path) == pytest.approx(levels(clips["b"]), abs=NEAR)


def test_a_full_range_becomes_the_limited_one_with_the_same_shades(tmp_path, make, clips):
    full = write_clip(tmp_path / "full.mp4", seconds=1, is_full_range=True)
    made = make(film(clip(full), clip(clips["b"], 2)))
    # 0, 255 and 128 of the full range
    assert levels(made.path)[:3] == pytest.approx([16, 235, 126], abs=NEAR)
    with av.open(str(made.path)) as container:
        assert container.streams.video[0].codec_context.color_range == 1


def test_odd_sizes_lose_a_line(tmp_path, make):
    odd = write_clip(tmp_path / "odd.mp4", seconds=0.5, size=(95, 63))
    made = make(film(clip(odd)), ENCODED)
    assert made.width_px % 2 == made.height_px % 2 == 0
    assert levels(made.path) == pytest.approx(levels(odd), abs=NEAR)


@pytest.mark.parametrize(
    ("form", "suffix", "codec", "sound"),
    [
        (Form.H264, ".mp4", "h264", "aac"),
        (Form.H265, ".mp4", "hevc", "aac"),
        (Form.PRORES, ".mov", "prores", "pcm_s16le"),
    ],
)
def test_every_form_has_all_pictures(make, clips, form, suffix, codec, sound):
    made = make(
        film(clip(clips["a"]), clip(clips["small"], 2, fade_s=0.4, title="The sea")),
        FilmFormat(form, may_copy=False),
    )
    assert made.path.suffix == suffix
    assert (made.video_codec, made.audio_codec) == (codec, sound)
    found = levels(made.path)
    assert len(found) == 26
    assert found[:5] == pytest.approx([level_of(number) for number in range(5)], abs=NEAR)
    assert found[16] == pytest.approx(level_of(16) * 0.8 + level_of(0) * 0.2, abs=NEAR)
    assert made.size_bytes == made.path.stat().st_size


def test_prores_is_joined_without_encoding_as_well(make, clips, tmp_path):
    first = make(film(clip(clips["b"])), FilmFormat(Form.PRORES))
    source = tmp_path / "source.mov"
    first.path.rename(source)
    made = make(film(clip(source), clip(source, 2)), FilmFormat(Form.PRORES))
    assert made.way is Way.KEPT
    assert packets(made.path) == packets(source) * 2


def test_a_clip_that_is_gone_is_named(clips, tmp_path):
    with pytest.raises(StorageError, match=r"Scene 2: The file gone.mp4 is gone"):
        making.plan(film(clip(clips["a"]), clip(tmp_path / "gone.mp4", 2)), COPIED)


def test_files_that_are_no_clips_are_named(clips, tmp_path):
    text = tmp_path / "text.mp4"
    text.write_text("a boat")
    with pytest.raises(DownloadError, match=r"Scene 2: text.mp4 cannot be read"):
        making.plan(film(clip(clips["a"]), clip(text, 2)), COPIED)
    with pytest.raises(DownloadError, match=r"Scene 1: boat.png is a picture"):
        picture = tmp_path / "boat.png"
        picture.write_bytes(b"\x89PNG\r\n\x1a\n")
        making.plan(film(clip(picture)), COPIED)


def test_a_damaged_middle_stands_still_and_is_told(make, clips, tmp_path):
    damaged = tmp_path / "damaged.mp4"
    content = bytearray(clips["a"].read_bytes())
    with av.open(str(clips["a"])) as container:
        places = [(one.pos, one.size) for one in container.demux(video=0) if one.size]
    for position, size in places[6:9]:
        content[position : position + size] = b"\xff" * size
    damaged.write_bytes(content)
    made = make(film(clip(clips["b"]), clip(damaged, 2)), ENCODED)
    assert "Scene 2: some pictures could not be read and are left out." in made.notes
    found = levels(made.path)
    assert len(found) == 30
    assert found[10:15] == pytest.approx([level_of(number) for number in range(5)], abs=NEAR)
    assert found[20:] == pytest.approx([level_of(number) for number in range(10, 20)], abs=NEAR)


def test_a_clip_that_breaks_off_is_taken_as_far_as_it_goes(make, clips, tmp_path):
    whole = make(film(clip(clips["a"]), clip(clips["b"], 2)))
    # what belongs to the pictures comes first in our own files
    content = whole.path.read_bytes()
    with av.open(str(whole.path)) as container:
        places = sorted(one.pos for one in container.demux(video=0) if one.size)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(content[: places[15]])
    plan = making.plan(film(clip(broken), clip(clips["b"], 2)), ENCODED)
    assert plan.clips[0].length_s < 2.0
    made = make(film(clip(broken), clip(clips["b"], 2)), ENCODED)
    assert made.duration_s == pytest.approx(plan.duration_s, abs=0.1)
    assert levels(made.path)[:10] == pytest.approx([level_of(n) for n in range(10)], abs=NEAR)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"width_px": 100}, "a width and a height"),
        ({"width_px": 4, "height_px": 4}, "16 to 8192 pixels"),
        ({"rate": Fraction(1000)}, "1 to 120 pictures"),
    ],
)
def test_films_that_make_no_sense(clips, change, sentence):
    with pytest.raises(ValueError, match=sentence):
        layout_of(film(clip(clips["a"]), **change), COPIED)


def test_films_of_nothing(clips):
    with pytest.raises(ValueError, match="at least one clip"):
        layout_of(film(), COPIED)
    with pytest.raises(ValueError, match=r"H\.264, H.265 or ProRes"):
        layout_of(film(clip(clips["a"])), FilmFormat(Form.GIF))
    with pytest.raises(ValueError, match="Scene 1: The out point comes after"):
        layout_of(film(clip(clips["a"], in_s=1.0, out_s=0.5)), COPIED)
    with pytest.raises(ValueError, match="Scene 1: a cross-fade lasts"):
        layout_of(film(clip(clips["a"], fade_s=float("nan"))), COPIED)
    with pytest.raises(DownloadError, match="Scene 1: The in and out points lie outside"):
        layout_of(film(clip(clips["b"], in_s=7.0)), COPIED)


def test_an_out_point_behind_the_end_is_the_end(make, clips):
    made = make(film(clip(clips["b"], in_s=0.2, out_s=30.0)), ENCODED)
    assert len(levels(made.path)) == 8
    assert probe(made.path).duration_s == pytest.approx(0.8, abs=0.05)
