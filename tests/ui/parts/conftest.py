"""What the tests of the window's parts share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from PyQt6.QtWidgets import QApplication

from veo_studio.ui.theme import Theme

# What Qt says about a machine without sound, graphics and a window manager is no fault of ours.
QUIET_MACHINE = (
    "^PulseAudioService: ",
    "^No audio device detected",
    "pipewire",
    "No RHI backend",
    # a file that is closed while Qt still opens it
    "Immediate exit requested",
    # its player, where a file is let go of while it decodes
    "wildcard call disconnects from destroyed signal",
    "does not support propagateSizeHints",
    "does not support raise",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore(*QUIET_MACHINE))


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The look of the program; the application is left as it was found."""
    made = Theme()
    made.apply(qapp, "dark")
    yield made
    made.apply(qapp, "dark")


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real clip: 160 x 90, 25 pictures a second, 2 s of growing brightness, silence beside it."""
    path = tmp_path_factory.mktemp("clips") / "two seconds.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        stream.options = {"preset": "ultrafast"}
        sound = container.add_stream("aac", rate=48_000)
        sound.layout = "mono"
        for number in range(50):
            picture = np.full((90, 160, 3), 20 + number * 4, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
        silence = av.AudioFrame.from_ndarray(
            np.zeros((1, 2 * 48_000), np.int16), format="s16", layout="mono"
        )
        silence.sample_rate = 48_000
        container.mux(sound.encode(silence))
        container.mux(sound.encode(None))
    return path
