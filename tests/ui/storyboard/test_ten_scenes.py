"""Ten scenes of a text become a film and an FCPXML by window: in rehearsal, and on Runway with a kill in the middle."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import sys
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import av
import pytest
from PyQt6.QtWidgets import QApplication

from tests.core.studios import open_studio
from tests.handoff.reading import clips_of, read_back, tracks
from tests.providers.servers.runway import running_state, succeeded
from tests.storyboard.runway_films import FilmRunway, film_runway
from tests.ui.storyboard.ten_scenes import COUNT, DURATION_S, PATIENCE_S, TITLE, Story
from tests.ui.waiting import becomes
from tests.ui.window.conftest import running
from veo_studio.core.handoff.kinds import Kind
from veo_studio.core.paths import Paths
from veo_studio.core.storyboard.models import RunState

_ROOT = Path(__file__).parents[3]
# twenty things are made, a film is written and programs start, beside whatever else the machine does
pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def check_film(folder: Path, takes: list[Path], fade_s: float) -> None:
    """All ten takes, and as much of them in the file for editors."""
    with av.open(str(folder / f"{TITLE}.mp4")) as container:
        rate = float(container.streams.video[0].average_rate)
        pictures = sum(1 for _ in container.demux(video=0)) - 1
    with av.open(str(takes[0])) as container:
        of_each = sum(1 for _ in container.demux(video=0)) - 1
    assert pictures == COUNT * of_each - round(fade_s * rate)
    (track, *_) = tracks(read_back(folder / f"{TITLE}.fcpxml", Kind.FCPXML), "Video")
    shown = clips_of(track)
    assert [one.path for one in shown] == takes
    length_s = sum(one.length / one.rate for one in shown)
    assert length_s == pytest.approx(pictures / rate, abs=0.1)


def takes_of(story: Story) -> list[Path]:
    view = story.document.view
    assert view is not None
    paths = [one.take.video_path for one in view.scenes if one.take is not None]
    assert len(paths) == len(set(paths)) == COUNT
    return [path for path in paths if path is not None]


def ledger() -> Counter[str]:
    connection = sqlite3.connect(Paths.default().database)
    try:
        return Counter(row[0] for row in connection.execute("SELECT kind FROM wallet_entries"))
    finally:
        connection.close()


async def test_ten_scenes_of_a_text_become_a_film_in_rehearsal(
    qapp: QApplication,
    paths: Paths,
    clips_are_copied: None,
    no_task_left: None,
    out: Path,
) -> None:
    async with running(paths) as driver:
        story = Story(driver)
        await story.begin("640:360")
        await story.make()
        await story.until(lambda: story.is_at(RunState.DONE))
        takes = takes_of(story)
        await story.export(out)
    check_film(out, takes, 0.0)
    # every piece was asked for once, for nothing
    assert ledger() == {"grant": 1, "charge": 2 * COUNT}


class HeldRunway(FilmRunway):
    """After `most` clips were taken on, further ones are not finished until `let_go`."""

    most = 4

    async def api(self, received: Any, reply: Any) -> None:
        is_clip = received.path == "/v1/image_to_video"
        if is_clip and self.most and len(self.clips) >= self.most:
            self.states = [running_state(0.5)]
        await super().api(received, reply)

    @property
    def held(self) -> list[str]:
        return [
            name
            for name, task in self.tasks.items()
            if task.states[0]["status"] == "RUNNING" and task.body.get("promptImage")
        ]

    def let_go(self) -> None:
        self.most = 0
        self.states = [succeeded()]
        for task in self.tasks.values():
            task.states = deque([succeeded()])


@asynccontextmanager
async def killed_window(resolution: str) -> AsyncIterator[None]:
    """A window of its own on this folder; kill -9 at the end, which it has not come to by itself."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.ui.storyboard.ten_scenes", resolution,
        cwd=_ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        assert await process.wait() == -signal.SIGKILL, "it ended by itself"


async def test_a_window_that_is_killed_goes_on_and_pays_nothing_twice(
    qapp: QApplication,
    paths: Paths,
    no_task_left: None,
    monkeypatch: pytest.MonkeyPatch,
    out: Path,
) -> None:
    async with film_runway(monkeypatch, HeldRunway) as server:
        assert isinstance(server, HeldRunway)
        async with open_studio() as studio:
            await studio.wallet.grant(11 * COUNT, "test")
        async with killed_window("1104:832"):
            # both places at the service are taken by clips that were asked after: nothing is being sent
            await becomes(
                lambda: len(server.held) == 2 and set(server.held) <= set(server.polls),
                timeout_s=PATIENCE_S,
            )
            assert len(server.pictures) == COUNT
            assert len(server.clips) < COUNT
        server.let_go()
        async with running(paths) as driver:
            story = Story(driver)
            await becomes(lambda: story.document.board is not None, timeout_s=PATIENCE_S)
            await story.until(lambda: story.is_at(RunState.DONE))
            takes = takes_of(story)
            await story.export(out)
        words = Counter(body["promptText"] for body in server.pictures)
        clips = Counter(body["promptText"] for body in server.clips)
        assert set(words.values()) == set(clips.values()) == {1}
        assert len(words) == len(clips) == COUNT
        assert {body["duration"] for body in server.clips} == {DURATION_S}
        assert server.refused == []
    check_film(out, takes, 0.5)
    booked = ledger()
    assert booked["charge"] == 2 * COUNT
    assert (booked["refund"], booked["again"]) == (0, 0)
