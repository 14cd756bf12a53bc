"""The real window with the real core and the rehearsal engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from tests.ui.waiting import becomes, emitted
from veo_studio.app import Program
from veo_studio.core.catalog import Catalog
from veo_studio.core.models import Generation, GenerationState
from veo_studio.core.paths import Paths
from veo_studio.core.settings import Settings
from veo_studio.ui.main_window import MainWindow
from veo_studio.ui.theme import Theme

# What QtMultimedia says about a machine without sound and graphics is no fault of ours.
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
    "does not support grabbing the keyboard",
)


NO_KEYS = Qt.KeyboardModifier.NoModifier


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore(*QUIET_MACHINE))


class Driver:
    """A window as its user has it: through mouse, keys and what is visible."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.window: MainWindow = program.window

    # acting

    def type(self, words: str, widget: QWidget | None = None) -> None:
        QTest.keyClicks(widget or self.window.form.prompt, words)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NO_KEYS) -> None:
        """Press a key where the focus is."""
        target = QApplication.focusWidget() or self.window
        QTest.keyClick(target, key, modifiers)

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, NO_KEYS, at or widget.rect().center())

    def choose_text(self, words: str) -> None:
        """Put `words` into the prompt as a paste would."""
        self.window.form.prompt.setPlainText(words)

    # seeing

    @property
    def rows(self) -> list[Generation]:
        model = self.program.history
        model.take_in()  # what happened is shown together, a moment later
        return [
            generation
            for row in range(model.rowCount())
            if (generation := model.generation(model.index(row, 0))) is not None
        ]

    @property
    def notices(self) -> list[str]:
        window = self.window
        bars = (window.form.notices, window.queue.notices, window.history_notices)
        return [text for bar in bars for text in bar.texts]

    async def until(self, is_so: Callable[[], bool], timeout_s: float = 60.0) -> None:
        """Wait for something that shows in history, queue, form or notices."""
        program, window = self.program, self.window
        await becomes(
            is_so,
            program.history.dataChanged,
            program.history.rowsInserted,
            program.history.rowsRemoved,
            program.history.modelReset,
            program.queue.dataChanged,
            program.queue.rowsInserted,
            program.queue.rowsRemoved,
            program.queue.modelReset,
            program.form.changed,
            window.form.notices.shown,
            window.queue.notices.shown,
            window.history_notices.shown,
            timeout_s=timeout_s,
        )

    async def until_ready(self, count: int) -> None:
        await self.until(
            lambda: sum(row.state is GenerationState.COMPLETED for row in self.rows) == count
        )


Start = Callable[..., Awaitable[Driver]]


@asynccontextmanager
async def running(paths: Paths, *, width: int = 1280, height: int = 800) -> AsyncIterator[Driver]:
    """The program from its first paint to its end."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    paths.ensure()
    settings = Settings.load(paths.settings)
    if not settings.last_config:
        # small clips: these tests are about the window
        settings.last_config = {"duration": 2, "resolution": "480p"}
    theme = Theme()
    theme.apply(app, settings.theme)
    program = Program(paths, settings, Catalog.load(paths.user_catalog), theme)
    program.window.resize(width, height)
    program.window.show()
    ended = asyncio.get_running_loop().create_task(program.main(), name="program")
    try:
        if not program.form.is_open:
            await emitted(program.opened, timeout_s=60.0)
        yield Driver(program)
    finally:
        program.window.close()
        assert await asyncio.wait_for(ended, 30.0) == 0
        program.window.deleteLater()


@pytest.fixture(autouse=True)
def no_clip_is_drawn_twice(clips_are_copied: None) -> None:
    """What `clips_are_copied` does, for all of this folder."""


@pytest.fixture
def paths(studio_home: Path) -> Paths:
    return Paths.default()


@pytest.fixture
async def driver(qapp: QApplication, paths: Paths, no_task_left: None) -> AsyncIterator[Driver]:
    async with running(paths) as made:
        yield made


@pytest.fixture
def photo(tmp_path: Path) -> Callable[..., Path]:
    """Makes a photo of that name and size."""

    def made(name: str = "photo.jpg", size: tuple[int, int] = (300, 400)) -> Path:
        path = tmp_path / name
        Image.linear_gradient("L").resize(size).convert("RGB").save(path)
        return path

    return made
