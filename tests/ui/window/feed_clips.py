"""A feed of real clips for the window, and the Explore tab as its user has it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtTest import QTest
from sqlalchemy import Connection

from tests.ui.waiting import becomes
from tests.ui.window.conftest import Driver
from veo_studio.core.models import Generation, GenerationRequest, VideoConfig
from veo_studio.core.paths import Paths
from veo_studio.core.store import moves
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import NewGeneration, utc_now
from veo_studio.ui.views.feed import FeedView

_STATES = ("pending", "submitting", "processing", "downloading", "completed")


def fill(paths: Paths, clip: Path, count: int, *, drafts: int = 0) -> list[int]:
    """`count` published clips (all the same file by other names), the last one published last.

    `drafts` more are finished and not published. The ids of all, drafts last.
    """
    paths.ensure()
    paths.outputs.mkdir(parents=True, exist_ok=True)
    prompts = [f"Clip {number}" for number in range(1, count + drafts + 1)]
    database = Database.open(paths.database)
    try:
        wanted = [
            NewGeneration(
                GenerationRequest(prompt, "rehearsal", "rehearsal-1", VideoConfig()), 0, None
            )
            for prompt in prompts
        ]
        made = database.write_now(lambda c: moves.create(c, wanted, utc_now()))
        database.write_now(lambda c: _finish(c, paths.outputs, clip, [one.id for one in made]))
        database.write_now(lambda c: _publish(c, [one.id for one in made[:count]]))
    finally:
        database.close()
    return [one.id for one in made]


def _finish(connection: Connection, outputs: Path, clip: Path, ids: Sequence[int]) -> None:
    for one in ids:
        path = outputs / f"{one}.mp4"
        shutil.copyfile(clip, path)
        connection.exec_driver_sql(
            "UPDATE generations SET state = 'completed', video_path = ?, size_bytes = ?, "
            "width_px = 160, height_px = 90, length_s = 2.0 WHERE id = ?",
            (str(path), clip.stat().st_size, one),
        )
        for before, after in pairwise(_STATES):
            connection.exec_driver_sql(
                "INSERT INTO state_changes (generation_id, from_state, to_state, at, cause) "
                "SELECT id, ?, ?, updated_at, 'drawn' FROM generations WHERE id = ?",
                (before, after, one),
            )


def _publish(connection: Connection, ids: Sequence[int]) -> None:
    now = utc_now()
    for number, one in enumerate(ids):
        at = now - timedelta(minutes=len(ids) - number)
        connection.exec_driver_sql(
            "UPDATE generations SET published_at = ?, caption = ? WHERE id = ?",
            (at.isoformat(timespec="microseconds"), f"Caption {one}", one),
        )


class FeedDriver:
    """The Explore tab of a window."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.window = driver.window

    @property
    def view(self) -> FeedView:
        return self.window.exploring.view

    async def open(self, count: int) -> None:
        """Go there, until all cards are there."""
        self.window.pages.show("explore")
        model = self.view.model
        await self.until(lambda: model.is_loaded and not model.is_loading)
        await self.until(lambda: model.rowCount() == count)
        await self.until(lambda: all(self.card(row) is not None for row in self.in_sight))

    async def until(self, is_so: Callable[[], bool], timeout_s: float = 40.0) -> None:
        view, player = self.view, self.window.player
        # files are let go of without a word
        often = QTimer()
        often.start(30)
        await becomes(
            is_so,
            often.timeout,
            view.model.dataChanged,
            view.model.rowsInserted,
            view.model.rowsRemoved,
            view.model.modelReset,
            view.model.loading_changed,
            view.list.looked,
            view.autoplay.playback.picture_changed,
            view.notices.shown,
            player.sources.picture_changed,
            player.sources.playing_changed,
            timeout_s=timeout_s,
        )

    async def until_playing(self, generation_id: int | None) -> None:
        """Until pictures of this one are shown in its card; None: until nothing has a file open."""
        auto, card = self.view.autoplay, self.view.list.card
        if generation_id is None:
            await self.until(lambda: auto.playing_id is None and not auto.playback.holds_file)
        else:
            await self.until(
                lambda: (
                    auto.playing_id == generation_id
                    and card.is_playing
                    and card.live_id == generation_id
                )
            )

    @property
    def in_sight(self) -> range:
        return self.view.list.rows_in_sight()

    def card(self, row: int) -> Generation | None:
        model = self.view.model
        return model.generation(model.index(row, 0))

    def id_at(self, row: int) -> int:
        return self.view.model.id_at(row)

    def scroll_to(self, row: int) -> None:
        """This card to the upper edge."""
        bar, cells = self.view.list.verticalScrollBar(), self.view.list.cells
        bar.setValue(cells.cell(row).top - cells.measures.margin)

    def click(self, row: int) -> None:
        # without a move before: QTest turns the loop for one, and other tasks lose their wake-up
        viewport = self.view.list.viewport()
        where = self.view.list.picture_rect(row).center()
        QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)

    @property
    def notices(self) -> list[str]:
        return list(self.view.notices.texts)
