"""A clip that begins with a sketched picture has its words once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from veo_studio.core.providers.rehearsal.renderer import FrameSource, render
from veo_studio.core.providers.rehearsal.signed import lines_on
from veo_studio.core.providers.rehearsal.spec import RenderSpec

SIZE = (640, 360)


def clip(prompt: str, first: Path) -> RenderSpec:
    return RenderSpec(prompt, 3, *SIZE, 1.0, first_frame=str(first))


@pytest.fixture(scope="module")
def sketch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sketch") / "picture.png"
    render(RenderSpec("A lighthouse at dusk with a red door", 3, *SIZE, 0, is_still=True), path)
    return path


@pytest.mark.parametrize("camera", ["", "zoom in", "pan left", "tilt up"])
def test_the_words_of_the_picture_are_covered(sketch: Path, camera: str, tmp_path: Path) -> None:
    with Image.open(sketch) as picture:
        assert lines_on(picture) == 1
        # the same picture without anything that was written on it, and known as sketched all the same
        bare = picture.convert("RGB")
        rows = np.asarray(bare).copy()
    rows[260:-1, :], rows[-1, 40:], rows[:34] = 200, 200, 200
    wiped = tmp_path / "wiped.png"
    Image.fromarray(rows).save(wiped)
    prompt = f"Waves rise {camera}"
    with_words, without = FrameSource(clip(prompt, sketch)), FrameSource(clip(prompt, wiped))
    for number in (0, 23):
        a, b = with_words.frame(number)[:360].copy(), without.frame(number)[:360].copy()
        # nothing of the words is seen where those of the clip stand
        assert np.array_equal(a[-58:], b[-58:])
        assert np.array_equal(a[:38], b[:38])


def test_other_pictures_are_seen_whole(sketch: Path, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    Image.new("RGB", SIZE, "white").save(photo)
    with Image.open(photo) as picture:
        assert lines_on(picture) == 0
    frame = FrameSource(clip("A boat", photo)).frame(0)[:360]
    assert frame[-2:].min() > 60
    packed = tmp_path / "packed.jpg"
    with Image.open(sketch) as picture:
        picture.convert("RGB").save(packed, quality=60)
    with Image.open(packed) as picture:
        assert lines_on(picture) == 0
