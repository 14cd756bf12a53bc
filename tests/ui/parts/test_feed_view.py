"""The feed without its window: which card plays, where cards are, and what the viewer does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from tests.ui.parts.samples import Library, Pictures, Scope, generation
from tests.ui.parts.timed_clips import timed_clip
from veo_studio.core.models import GenerationKind
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.views.feed import FeedView

_LONG_MS = 20_000
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return timed_clip(tmp_path_factory.mktemp("feed view") / "clip.mp4", has_sound=False)


class Feed:
    """A feed in a window of its own."""

    def __init__(self, qtbot: QtBot, clip: Path, count: int, **changes: Any) -> None:
        rows = [
            generation(number, video_path=clip, length_s=2.0, **changes)
            for number in range(1, count + 1)
        ]
        self.qtbot = qtbot
        self.window = QMainWindow()
        self.model = LibraryModel(Library(rows), None, Scope().spawn)
        self.requests = ClipRequests(self.window)
        self.view = FeedView(self.model, self.requests)
        self.window.setCentralWidget(self.view)
        qtbot.addWidget(self.window)

    def show(self, width: int, height: int) -> None:
        self.window.resize(width, height)
        self.window.show()
        self.qtbot.waitExposed(self.window)
        self.model.load()
        self.qtbot.waitUntil(lambda: self.model.generation(self.model.index(0, 0)) is not None)

    def until_playing(self, row: int) -> None:
        auto, card = self.view.autoplay, self.view.list.card
        wanted = self.model.id_at(row)
        self.qtbot.waitUntil(
            lambda: auto.playing_id == wanted and card.live_id == wanted and card.is_playing,
            timeout=_LONG_MS,
        )

    def close(self) -> None:
        self.view.autoplay.close()
        self.window.close()


@pytest.fixture
def feed(qtbot: QtBot, theme: Theme, clip: Path) -> Iterator[Feed]:
    made = Feed(qtbot, clip, 60)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("width", "height", "columns"), [(420, 400, 1), (800, 600, 1), (1280, 700, 2), (1920, 900, 3)]
)
def test_a_card_is_as_large_as_can_be_seen_whole(
    feed: Feed, width: int, height: int, columns: int
) -> None:
    feed.show(width, height)
    measures, area = feed.view.list.cells.measures, feed.view.list.viewport()
    assert area is not None
    assert measures.columns == columns
    assert measures.height <= area.height()
    first, last = feed.view.list.rect_of(0), feed.view.list.rect_of(columns - 1)
    # in the middle, whatever is left free
    assert abs(first.left() - (area.width() - 1 - last.right())) <= columns
    assert feed.view.list.row_at(feed.view.list.picture_rect(columns - 1).center()) == columns - 1


def test_the_pointer_and_the_keys_choose_what_plays(feed: Feed) -> None:
    feed.show(1280, 900)
    view = feed.view
    # one of them plays once all is in its place
    feed.qtbot.waitUntil(lambda: view.autoplay.playing_id is not None, timeout=_LONG_MS)
    viewport = view.list.viewport()
    assert viewport is not None
    QTest.mouseMove(viewport, view.list.picture_rect(1).center())
    feed.until_playing(1)
    QTest.mouseMove(viewport, QPoint(1, 1))
    view.list.setFocus()
    feed.qtbot.waitUntil(view.list.has_focus)
    view.select(feed.model.id_at(0))
    feed.until_playing(0)
    QTest.keyClick(view.list, Qt.Key.Key_Right)
    feed.until_playing(1)


def test_the_switch_stops_it_and_starts_it_again(feed: Feed) -> None:
    feed.show(800, 600)
    feed.until_playing(0)
    told: list[bool] = []
    feed.view.plays_chosen.connect(told.append)
    feed.view.plays.click()
    assert feed.view.autoplay.playing_id is None
    # the picture that it was stopped at stays
    assert feed.view.list.card.live_id == feed.model.id_at(0)
    feed.view.plays.click()
    feed.until_playing(0)
    assert told == [False, True]
    feed.view.set_plays(False)
    assert told == [False, True]


def test_what_has_no_moving_picture_is_not_played(qtbot: QtBot, theme: Theme, clip: Path) -> None:
    feed = Feed(qtbot, clip, 3, kind=GenerationKind.IMAGE)
    feed.show(800, 600)
    assert feed.view.autoplay.best() is None
    feed.close()


def test_a_long_feed_asks_only_about_what_is_in_sight(
    qtbot: QtBot, theme: Theme, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = Feed(qtbot, clip, 5_000)
    asked: set[int] = set()
    data = LibraryModel.data

    def watched(model: LibraryModel, index: Any, role: int = 0) -> Any:
        asked.add(index.row())
        return data(model, index, role)

    monkeypatch.setattr(LibraryModel, "data", watched)
    feed.show(1280, 800)
    bar = feed.view.list.verticalScrollBar()
    assert bar is not None
    for value in (0, bar.maximum() // 2, bar.maximum()):
        bar.setValue(value)
        asked.clear()
        feed.view.list.grab()
        assert asked <= set(feed.view.list.rows_in_sight())
        assert 0 < len(asked) < 12
    feed.close()


def test_cards_show_captions_as_plain_text_and_the_moment_of_publishing(
    qtbot: QtBot, theme: Theme, clip: Path
) -> None:
    published_at = generation(1).updated_at - timedelta(hours=3)
    feed = Feed(
        qtbot,
        clip,
        2,
        caption="<img src=x> & a caption " + "that goes on and on " * 20,
        tags=tuple(f"tag number {number}" for number in range(20)),
        published_at=published_at,
        rejected=True,
        rating=5,
    )
    feed.show(420, 480)
    card, index = feed.view.list.card, feed.model.index(0, 0)
    one = feed.model.generation(index)
    assert one is not None
    assert "3" in card._facts(one, None, index)[0]
    lines = card._lines(one.caption, 300)
    assert len(lines) == 2
    assert all(line.textFormat() is Qt.TextFormat.PlainText for line in lines)
    tags = card._tags(one, 300)
    assert tags.size().width() <= 300
    assert feed.view.list.grab().width() > 0
    feed.view.viewer.show_words(one, 1, 2)
    assert feed.view.viewer.caption.text.startswith("<img src=x> & a caption")
    feed.close()


def test_covers_are_asked_for_with_their_moment(qtbot: QtBot, theme: Theme, clip: Path) -> None:
    asked: list[tuple[str, float | None]] = []

    class Covers(Pictures):
        async def ensure(
            self, uuid: str, video_path: Path, at_s: float | None = None
        ) -> Path | None:
            asked.append((uuid, at_s))
            return None

    scope = Scope()
    library = Library([generation(1, video_path=clip, cover_at_s=0.75)])
    model = LibraryModel(library, Covers(None), scope.spawn)
    model.load()
    from veo_studio.ui.view_models.library_model import ThumbnailRole

    assert model.index(0, 0).data(ThumbnailRole) is None
    qtbot.waitUntil(lambda: bool(asked), timeout=_LONG_MS)
    assert asked == [("uuid-1", 0.75)]
    model.stop()
