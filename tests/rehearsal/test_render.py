from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.rehearsal.conftest import Finished
from veo_studio.core.lettering import font, legible, wrap
from veo_studio.core.providers.rehearsal.camera import read_camera
from veo_studio.core.providers.rehearsal.overlay import Overlay
from veo_studio.core.providers.rehearsal.raster import Canvas
from veo_studio.core.providers.rehearsal.renderer import FrameSource, render
from veo_studio.core.providers.rehearsal.scene import Scene
from veo_studio.core.providers.rehearsal.spec import (
    ASPECT_RATIOS,
    SHORT_SIDES_PX,
    RenderSpec,
    frame_size,
)
from veo_studio.core.providers.rehearsal.theme import read_theme


def boxes(content: bytes) -> list[bytes]:
    """Names of the top-level boxes of an MP4, in order."""
    names, position = [], 0
    while position < len(content):
        size = int.from_bytes(content[position : position + 4], "big")
        names.append(content[position + 4 : position + 8])
        position += size
    return names


@pytest.mark.parametrize(
    ("aspect", "resolution", "size"),
    [
        ("16:9", "720p", (1280, 720)),
        ("9:16", "720p", (720, 1280)),
        ("1:1", "720p", (720, 720)),
        ("4:3", "720p", (960, 720)),
        ("16:9", "1080p", (1920, 1080)),
        ("16:9", "4k", (3840, 2160)),
        ("9:16", "4k", (2160, 3840)),
        ("16:9", "480p", (854, 480)),
    ],
)
def test_the_short_side_is_the_resolution(
    aspect: str, resolution: str, size: tuple[int, int]
) -> None:
    assert frame_size(aspect, resolution) == size


def test_every_size_is_even() -> None:
    for aspect in ASPECT_RATIOS:
        for resolution in SHORT_SIDES_PX:
            assert all(side % 2 == 0 for side in frame_size(aspect, resolution))


@pytest.mark.parametrize(
    ("prompt", "aspect", "resolution", "seconds", "has_audio"),
    [
        ("A paper boat in the rain", "16:9", "360p", 1.0, True),
        ("Two foxes in the snow", "9:16", "360p", 1.25, True),
        ("A city street at night", "1:1", "480p", 0.5, False),
        ("A red kite over flowers", "4:3", "480p", 2.0, True),
        ("A rocket in space", "21:9", "360p", 1.04, False),
    ],
)
def test_a_clip_is_exactly_what_was_asked_for(
    tmp_path: Path, prompt: str, aspect: str, resolution: str, seconds: float, has_audio: bool
) -> None:
    width, height = frame_size(aspect, resolution)
    spec = RenderSpec(prompt, 3, width, height, seconds, has_audio=has_audio)
    path = tmp_path / "clip.mp4"
    progress: list[float] = []
    render(spec, path, progress.append)
    assert progress == sorted(progress)
    names = boxes(path.read_bytes())
    assert names.index(b"moov") < names.index(b"mdat")
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert video.codec_context.name == "h264"
        assert video.codec_context.pix_fmt == "yuv420p"
        assert (video.width, video.height) == (width, height)
        assert video.average_rate == 24
        assert len(container.streams.audio) == int(has_audio)
        assert sum(1 for _ in container.decode(video)) == round(seconds * 24) == video.frames
        assert video.duration is not None
        assert float(video.duration * video.time_base) == pytest.approx(
            spec.frame_count / 24, abs=0.001
        )
    if has_audio:
        samples = decoded_sound(path)
        assert samples.shape[0] == 2
        assert samples.shape[1] / 48_000 == pytest.approx(spec.frame_count / 24, abs=0.05)
        loudness = 20 * np.log10(np.sqrt(np.mean(samples**2)))
        assert -30 < loudness < -15
        assert np.abs(samples).max() < 0.6


def decoded_sound(path: Path) -> Any:
    with av.open(str(path)) as container:
        audio = container.streams.audio[0]
        assert (audio.codec_context.name, audio.rate) == ("aac", 48_000)
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio)], axis=1)


def test_the_same_request_gives_the_same_bytes_in_any_process(
    tmp_path: Path, rendered: Finished
) -> None:
    spec = RenderSpec("A paper boat on a calm sea", 7, 640, 360, 2.0)
    here = tmp_path / "here.mp4"
    render(spec, here)
    # the engine rendered its own in a child process
    assert here.read_bytes() == rendered.content


def test_another_seed_gives_another_picture() -> None:
    frames = [
        FrameSource(RenderSpec("A boat", seed, 640, 360, 2.0)).frame(10).copy() for seed in (1, 2)
    ]
    assert np.abs(frames[0].astype(int) - frames[1].astype(int)).mean() > 1


def test_the_picture_moves() -> None:
    source = FrameSource(RenderSpec("A boat on the sea", 1, 640, 360, 2.0))
    first = source.frame(0).copy()
    assert np.abs(first.astype(int) - source.frame(24).astype(int)).mean() > 0.5


@pytest.mark.parametrize(
    ("prompt", "setting", "light", "subject"),
    [
        ("A paper boat sails down a rainy city street at night", "city", "night", "boat"),
        ("Two foxes play in a snowy forest at dawn", "forest", "dawn", "fox"),
        ("a RED kite over a sunny meadow", "meadow", "day", "kite"),
        ("a boat at sunset", "sea", "sunset", "boat"),
        ("Portrait of a woman by candlelight", "portrait", None, None),
        ("volcano eruption", "mountains", "ember", None),
    ],
)
def test_words_decide_what_is_drawn(
    prompt: str, setting: str, light: str | None, subject: str | None
) -> None:
    theme = read_theme(prompt, 1)
    assert theme.setting == setting
    assert light in (None, theme.light)
    assert subject is None or subject in theme.subjects


@pytest.mark.parametrize(
    ("prompt", "camera"),
    [
        ("A paper boat sails down a city street", None),
        ("The sun rises left of a hut, balloons soar up and away", None),
        ("A rocket launch; a man walks up to the camera", None),
        ("A frying pan falls down the right stairs", None),
        ("A view of a boat sailing down the river", None),
        ("The camera slowly moves down a street", "down"),
        ("Hills. Camera: glides to the left", "left"),
        ("a boat sails down the river, the camera rises", "up"),
        ("A slow push in on a lighthouse", "in"),
        ("a wide shot of the sea", "out"),
        ("zoom out from a kite", "out"),
        ("tilt down to the flowers", "down"),
        ("a tracking shot of two foxes running up a hill", "right"),
    ],
)
def test_only_words_about_the_camera_move_it(prompt: str, camera: str | None) -> None:
    assert read_camera(prompt) == camera
    assert camera in (None, read_theme(prompt, 1).camera)


def test_an_unwanted_move_is_not_made() -> None:
    assert read_camera("zoom over the hills, tilt up", frozenset({"zoom"})) == "up"


def test_a_negative_prompt_takes_things_away() -> None:
    assert "rain" in read_theme("a city in the rain", 1).weather
    assert "rain" not in read_theme("a city in the rain", 1, "rain").weather


@pytest.mark.parametrize("size", [(360, 640), (840, 360)])
def test_every_word_that_is_known_can_be_drawn(size: tuple[int, int]) -> None:
    words = [
        "sea lighthouse ship whale snow", "city car rain lanterns", "forest house fireflies",
        "mountains eagle fog", "desert camel walker balloon", "space planets rocket",
        "meadow flowers kites petals", "portrait face fire", "hills balloons birds",
    ]  # fmt: skip
    canvas = Canvas(*size)
    for prompt in words:
        scene = Scene(read_theme(prompt, 5), *size, 24)
        for time_s in (0.0, 59.96):
            scene.paint(canvas, time_s)
            assert canvas.luma.max() <= 235
            assert canvas.luma.std() > 5


@pytest.mark.parametrize("camera", ["in", "out", "left", "right", "up", "down"])
def test_the_camera_stays_on_the_canvas_for_a_minute(camera: str) -> None:
    source = FrameSource(RenderSpec(f"Portrait, the camera moves {camera}", 5, 360, 360, 60.0))
    assert source.theme.camera == camera
    for number in (0, 1439):
        source.frame(number)


@pytest.mark.parametrize(
    "prompt",
    [
        "", "\0\x01", "\ud800 lone", "e\u0301 \u00e9 \u2013 \u201cquoted\u201d", "x" * 2000, "word " * 400,
        "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627", "\u6d77\u306e\u4e0a\u306e\u8239",
        "\U0001f98a\U0001f9ca\u200d\u2744\ufe0f a fox", "a\nb\r\nc\td", "\u202eRTL", "\uffff\ufffe",
    ],
)  # fmt: skip
def test_no_prompt_breaks_the_picture(prompt: str) -> None:
    # the scene knows the theme only: words reach the theme and the overlay
    accent = read_theme(prompt, 1).palette.accent
    for width, height in ((640, 360), (360, 640)):
        luma = np.full((height, width), 90, np.uint8)
        chroma = [np.full((height // 2, width // 2), 128, np.uint8) for _ in range(2)]
        Overlay(RenderSpec(prompt, 1, width, height, 2.0), accent).draw(
            luma, (chroma[0], chroma[1]), 0
        )
        assert luma.max() > 180


def test_words_are_made_legible() -> None:
    assert legible("a  red\nkite\0") == "a red kite"
    assert legible("\ud800\u6d77\u306e") == "\u00b7"


def test_lines_fit_and_end_in_dots_when_cut() -> None:
    face = font(20)
    width: Callable[[str], float] = face.getlength
    lines = wrap("a kite over the hills " * 20, face, 200, 3)
    assert len(lines) == 3
    assert all(width(line) <= 200 for line in lines)
    assert lines[-1].endswith("...")
    assert wrap("short", face, 200, 3) == ["short"]
    assert all(width(line) <= 200 for line in wrap("w" * 300, face, 200, 3))


def test_the_server_does_not_load_what_draws() -> None:
    code = (
        "import sys, veo_studio.core.providers.rehearsal.server as s;"
        "print([m for m in ('av', 'numpy', 'PIL') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
