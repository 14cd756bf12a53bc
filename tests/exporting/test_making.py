"""What comes out of copies, cuts and conversions: looked into, picture by picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import pytest
from PIL import Image

from tests.exporting.clips import level_of, levels, sound_s, times_ms, turned, write_clip
from tests.fakes.generations import a_generation
from veo_studio.core import recipe as recipes
from veo_studio.core.embedding import embedded_recipe
from veo_studio.core.errors import DownloadError
from veo_studio.core.exporting.presets import (
    BUILT_IN,
    ExportPreset,
    Form,
    Inside,
    ProRes,
    Size,
    built_in,
    locked_reason,
)
from veo_studio.core.exporting.sources import look_at
from veo_studio.core.exporting.tasks import Way
from veo_studio.core.placing import sha256_of

CLIP_FORMS = [preset for preset in BUILT_IN if preset.form.is_clip]
CODECS = {
    Form.H264: ("h264", "aac", "mov,mp4"),
    Form.H265: ("hevc", "aac", "mov,mp4"),
    Form.VP9: ("vp9", "opus", "matroska,webm"),
    Form.AV1: ("av1", "aac", "mov,mp4"),
    Form.PRORES: ("prores", "pcm_s16le", "mov,mp4"),
}


def by_form(preset: ExportPreset) -> str:
    return preset.form.value


def test_every_encoder_is_there():
    assert [locked_reason(form) for form in Form] == [""] * len(Form)


@pytest.mark.parametrize("preset", CLIP_FORMS, ids=by_form)
def test_every_picture_of_a_conversion_is_there_at_its_moment(make, clip, preset):
    before = sha256_of(clip)
    path, made = make(clip, preset)
    assert sha256_of(clip) == before
    codec, sound, container = CODECS[preset.form]
    with av.open(str(path)) as found:
        assert container in found.format.name
        assert found.streams.video[0].codec.canonical_name == codec
        assert found.streams.audio[0].codec.canonical_name == sound
        assert found.streams.video[0].codec_context.color_range == 1
        assert found.streams.video[0].codec_context.colorspace == 1
    assert made.way is Way.ENCODED
    assert times_ms(path) == [number * 100 for number in range(20)]
    wanted = [level_of(number) for number in range(20)]
    assert all(abs(a - b) <= 3 for a, b in zip(levels(path), wanted, strict=True))
    assert abs(made.duration_s - 2.0) < 0.1
    assert abs(sound_s(path) - 2.0) < 0.06


@pytest.mark.parametrize("preset", CLIP_FORMS, ids=by_form)
def test_uneven_moments_odd_sizes_and_no_sound_survive(make, tmp_path, preset):
    moments = [0, 100, 350, 400, 900, 1000, 1700]
    source = write_clip(tmp_path / "odd.mp4", size=(97, 65), moments=moments, has_sound=False)
    path, made = make(source, preset)
    assert times_ms(path) == moments
    assert (made.width_px, made.height_px) == (96, 64)
    assert made.audio_codec is None


@pytest.mark.parametrize("preset", CLIP_FORMS, ids=by_form)
def test_black_and_white_of_a_full_range_stay_black_and_white(make, tmp_path, preset):
    source = write_clip(tmp_path / "full.mp4", is_full_range=True, fps=3, seconds=1)
    path, _made = make(source, preset)
    # ProRes knows no full range: there the same shades have the numbers of the limited one
    is_limited = preset.form is Form.PRORES
    with av.open(str(path)) as found:
        is_full = found.streams.video[0].codec_context.color_range == 2
        assert is_full is not is_limited
    shades = (16, 235, 126) if is_limited else (0, 255, 128)
    for level, wanted in zip(levels(path), shades, strict=True):
        assert abs(level - wanted) <= 2


def two_sided(path: Path) -> Path:
    """A clip whose left half is black."""
    with av.open(str(path), "w", format="mp4") as made:
        video = made.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        picture = Image.new("RGB", (96, 64), "white")
        picture.paste("black", (0, 0, 48, 64))
        for _ in range(5):
            made.mux(video.encode(av.VideoFrame.from_image(picture)))
        made.mux(video.encode(None))
    return path


@pytest.mark.parametrize(
    "preset", [*CLIP_FORMS, built_in(Form.GIF), built_in(Form.STILL)], ids=by_form
)
@pytest.mark.parametrize("degrees", [90, 180])
def test_a_clip_that_players_turn_comes_out_upright(make, tmp_path, preset, degrees):
    source = turned(two_sided(tmp_path / "phone.mp4"), degrees)
    path, made = make(source, preset)
    assert (made.width_px, made.height_px) == ((64, 96) if degrees == 90 else (96, 64))
    with av.open(str(path)) as found:
        frame = next(found.decode(video=0))
        assert frame.rotation == 0
        shown = frame.to_image().convert("L")
    # turned clockwise by a quarter the left side is on top, by a half on the right
    dark, bright = ((32, 10), (32, 85)) if degrees == 90 else ((85, 32), (10, 32))
    assert shown.getpixel(dark) < 60
    assert shown.getpixel(bright) > 190


def test_a_copy_keeps_the_turn(make, tmp_path):
    source = turned(two_sided(tmp_path / "phone.mp4"), 90)
    path, made = make(source, replace(built_in(Form.COPY), inside=Inside.NOTHING))
    assert made.way is Way.KEPT
    with av.open(str(path)) as found:
        assert next(found.decode(video=0)).rotation % 360 == 270


def test_pixels_that_are_not_square_keep_their_shape(make, tmp_path):
    source = tmp_path / "wide.mp4"
    with av.open(str(source), "w") as written:
        video = written.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        video.codec_context.sample_aspect_ratio = 2
        for _ in range(3):
            written.mux(video.encode(av.VideoFrame.from_image(Image.new("RGB", (96, 64), "red"))))
        written.mux(video.encode(None))
    assert (look_at(source).width_px, look_at(source).height_px) == (192, 64)
    path, _made = make(source, built_in(Form.H264))
    with av.open(str(path)) as found:
        assert found.streams.video[0].sample_aspect_ratio == 2
    fitted = replace(built_in(Form.H264), size=Size.FIT, width_px=96, height_px=96)
    path, made = make(source, fitted)
    assert (made.width_px, made.height_px) == (96, 32)


# cuts


def test_a_copy_is_the_same_bytes(make, clip):
    path, made = make(clip, built_in(Form.COPY))
    assert made.way is Way.COPIED
    assert sha256_of(path) == sha256_of(clip)


def test_a_cut_at_key_frames_encodes_nothing(make, clip):
    path, made = make(clip, built_in(Form.COPY), in_s=0.5, out_s=1.5)
    assert made.way is Way.KEPT
    assert times_ms(path) == [number * 100 for number in range(10)]
    assert levels(path) == [level_of(number) for number in range(5, 15)]
    assert abs(sound_s(path) - 1.0) < 0.05
    packets = {bytes(packet) for packet in av.open(str(clip)).demux(video=0)}
    with av.open(str(path)) as found:
        assert all(bytes(packet) in packets for packet in found.demux(video=0) if packet.size)


@pytest.mark.parametrize("preset", [built_in(Form.COPY), *CLIP_FORMS], ids=by_form)
def test_a_cut_between_key_frames_is_exact(make, clip, preset):
    path, made = make(clip, preset, in_s=0.3, out_s=1.2)
    assert made.way is Way.ENCODED
    assert times_ms(path) == [number * 100 for number in range(9)]
    wanted = [level_of(number) for number in range(3, 12)]
    assert all(abs(a - b) <= 3 for a, b in zip(levels(path), wanted, strict=True))
    assert abs(sound_s(path) - 0.9) < 0.06


def test_a_cut_that_shall_be_exact_is_encoded_even_at_key_frames(make, clip):
    _path, made = make(clip, replace(built_in(Form.COPY), is_fast=False), in_s=0.5, out_s=1.5)
    assert made.way is Way.ENCODED


def test_points_are_taken_at_the_picture_that_was_seen(make, clip):
    path, _made = make(clip, built_in(Form.H264), in_s=0.299, out_s=0.601)
    wanted = [level_of(number) for number in (3, 4, 5)]
    assert all(abs(a - b) <= 3 for a, b in zip(levels(path), wanted, strict=True))


@pytest.mark.parametrize(("in_s", "out_s"), [(2.5, None), (1.0, 0.5), (-1.0, None), (0.5, 0.5)])
def test_points_that_leave_nothing_are_told(make, clip, in_s, out_s):
    with pytest.raises((ValueError, DownloadError), match="point"):
        make(clip, built_in(Form.H264), in_s=in_s, out_s=out_s)


@pytest.mark.parametrize("form", [Form.COPY, Form.H264, Form.GIF])
def test_a_cut_between_two_pictures_is_told_as_what_it_is(make, clip, form):
    with pytest.raises(DownloadError, match="no picture between the in and out points"):
        make(clip, built_in(form), in_s=0.5, out_s=0.501)
    with pytest.raises(DownloadError, match="outside the clip"):
        make(clip, built_in(form), in_s=50.0, out_s=60.0)


def test_key_frames_that_later_pictures_reach_over_are_no_clean_cut():
    from veo_studio.core.exporting.sources import _clean_keys

    # the third packet is seen before the key frame that it comes after
    found = [(0.0, True), (0.1, False), (0.4, True), (0.3, False), (0.5, False)]
    assert _clean_keys(found) == (0.0,)


# sound, size, what is inside


def test_sound_can_be_left_out(make, clip):
    for form in (Form.COPY, Form.H264, Form.VP9):
        path, made = make(clip, replace(built_in(form), has_sound=False))
        with av.open(str(path)) as found:
            assert not found.streams.audio
        assert made.audio_codec is None


@pytest.mark.parametrize(
    ("size", "wanted"),
    [(Size.KEEP, (192, 128)), (Size.P720, (192, 128)), (Size.FIT, (96, 64))],
)
def test_nothing_becomes_larger_than_it_is(make, tmp_path, size, wanted):
    source = write_clip(tmp_path / "large.mp4", size=(192, 128), seconds=0.3)
    preset = replace(built_in(Form.H264), size=size, width_px=96, height_px=96)
    _path, made = make(source, preset)
    assert (made.width_px, made.height_px) == wanted


def test_the_recipe_goes_along_or_stays_behind(make, tmp_path):
    source = write_clip(tmp_path / "told.mp4", seconds=0.5, metadata={"comment": "of the provider"})
    recipe = recipes.of_generation(a_generation(prompt="A paper boat", video_path=source))
    for form in (Form.COPY, Form.H264):
        preset = built_in(form)
        path, _made = make(source, replace(preset, inside=Inside.RECIPE), recipe=recipe)
        found = embedded_recipe(path)
        assert found is not None
        assert found.prompt == "A paper boat"
        path, _made = make(source, replace(preset, inside=Inside.NOTHING), recipe=recipe)
        with av.open(str(path)) as written:
            assert "comment" not in written.metadata
        assert b"A paper boat" not in path.read_bytes()
        path, _made = make(source, preset)
        with av.open(str(path)) as written:
            assert written.metadata["comment"] == "of the provider"


@pytest.mark.parametrize("profile", list(ProRes))
def test_the_profiles_of_prores(make, clip, profile):
    path, _made = make(clip, replace(built_in(Form.PRORES), prores=profile))
    tags = {ProRes.PROXY: b"apco", ProRes.LT: b"apcs", ProRes.STANDARD: b"apcn", ProRes.HQ: b"apch"}
    assert tags[profile] in path.read_bytes()


# pictures


def test_a_gif_has_its_width_its_rate_and_no_end(make, clip):
    path, made = make(clip, replace(built_in(Form.GIF), gif_width_px=48, gif_fps=5), in_s=0.5)
    with Image.open(path) as found:
        assert found.size == (48, 32)
        assert found.n_frames == 8
        assert found.info["loop"] == 0
    assert abs(made.duration_s - 1.5) < 0.25


@pytest.mark.parametrize(("kind", "form"), [("png", "PNG"), ("jpg", "JPEG")])
def test_a_still_is_the_picture_of_its_moment(make, clip, kind, form):
    preset = replace(built_in(Form.STILL), still_kind=kind, still_at_s=0.7)
    path, _made = make(clip, preset)
    with Image.open(path) as found:
        assert found.format == form
        grey = (level_of(7) - 16) * 255 / 219
        assert abs(found.convert("L").getpixel((40, 30)) - grey) < 6


def test_pictures_are_copied_cleaned_or_turned_into_stills(make, tmp_path):
    source = tmp_path / "boat.png"
    Image.new("RGBA", (64, 48), (200, 10, 10, 128)).save(source)
    recipe = recipes.of_generation(a_generation(prompt="A paper boat", video_path=source))
    path, made = make(source, built_in(Form.COPY))
    assert (made.way, sha256_of(path)) == (Way.COPIED, sha256_of(source))
    path, made = make(source, replace(built_in(Form.COPY), inside=Inside.RECIPE), recipe=recipe)
    assert embedded_recipe(path) is not None
    again, _made = make(
        path.rename(tmp_path / "told.png"), replace(built_in(Form.COPY), inside=Inside.NOTHING)
    )
    assert b"A paper boat" not in again.read_bytes()
    with Image.open(again) as found:
        assert found.getpixel((5, 5)) == (200, 10, 10, 128)
    jpeg = replace(built_in(Form.STILL), still_kind="jpg", size=Size.FIT, width_px=32, height_px=32)
    path, made = make(source, jpeg)
    assert (made.width_px, made.height_px) == (32, 24)


# what cannot be read


@pytest.mark.parametrize("content", [b"", b"not a clip", b"\0" * 5000])
@pytest.mark.parametrize("form", [Form.H264, Form.GIF, Form.STILL])
def test_a_file_that_is_no_clip_is_told(make, tmp_path, content, form):
    source = tmp_path / "broken.mp4"
    source.write_bytes(content)
    with pytest.raises(DownloadError):
        make(source, built_in(form))


def test_a_clip_that_breaks_off_is_taken_as_far_as_it_goes(make, tmp_path):
    whole = write_clip(tmp_path / "whole.webm", codec="libvpx", seconds=2)
    cut = tmp_path / "cut.webm"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    path, _made = make(cut, built_in(Form.H264))
    assert 3 < len(times_ms(path)) < 20
