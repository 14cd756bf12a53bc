"""Clips side by side: in step by what their pictures show, one heard, marks and what they cost."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.parts.samples import generation
from tests.ui.parts.timed_clips import files_held, moment_ms, timed_clip
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Charge, Generation
from veo_studio.core.video_config import VideoConfig
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.compare_model import CompareModel
from veo_studio.ui.views.compare import CompareView
from veo_studio.ui.views.compare_zoom import CompareZoom

_WAIT_MS = 30_000
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_K = Qt.Key


class Shelf:
    """Marks in memory, as the library keeps them."""

    def __init__(self, generations: Sequence[Generation]) -> None:
        self.rows = {one.id: one for one in generations}

    async def set_favourite(self, ids: Sequence[int], is_favourite: bool) -> list[Generation]:
        return self._set(
            ids, favourite=is_favourite, **({"rejected": False} if is_favourite else {})
        )

    async def set_rejected(self, ids: Sequence[int], is_rejected: bool) -> list[Generation]:
        return self._set(ids, rejected=is_rejected, **({"favourite": False} if is_rejected else {}))

    def _set(self, ids: Sequence[int], **changes: bool) -> list[Generation]:
        for one in ids:
            self.rows[one] = replace(self.rows[one], **changes)
        return [self.rows[one] for one in ids]


def compare_model(generations: Sequence[Generation]) -> CompareModel:
    made: list[CompareModel] = []
    model = CompareModel(generations, Shelf(generations), lambda event: made[0].on_event(event))
    made.append(model)
    return model


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Of different lengths and frame rates; the second is the shortest."""
    folder = tmp_path_factory.mktemp("compared")
    return [
        timed_clip(folder / "a.mp4", fps=25),
        timed_clip(folder / "b.mp4", length_s=1.2, fps=30),
        timed_clip(folder / "c.mp4", fps=24, size=(90, 160)),
        timed_clip(folder / "d.mp4", fps=50, has_sound=False),
    ]


def of_files(paths: Sequence[Path]) -> list[Generation]:
    return [generation(number + 1, video_path=path) for number, path in enumerate(paths)]


Open = Callable[[Sequence[Path]], CompareView]


@pytest.fixture
def opened(qtbot: QtBot, theme: Theme) -> Open:
    def make(paths: Sequence[Path]) -> CompareView:
        view = CompareView(compare_model(of_files(paths)), lambda _one: "Model")
        qtbot.addWidget(view, before_close_func=lambda widget: widget.release())
        view.show()
        qtbot.waitUntil(lambda: all(one.is_ready for one in view.sources.items), timeout=_WAIT_MS)
        qtbot.waitUntil(
            lambda: all(one.picture() is not None for one in view.sources.items), timeout=_WAIT_MS
        )
        return view

    return make


def moments(view: CompareView) -> list[float]:
    return [moment_ms(one.picture()) for one in view.sources.items]


def are_at(view: CompareView, moment: float) -> bool:
    """Each shows its own frame of that moment, or its last one."""
    return all(
        min(moment, one.length_ms) - 1.5 * one.frame_ms - 15
        <= moment_ms(one.picture())
        <= moment + 15
        for one in view.sources.items
    )


@pytest.mark.parametrize("count", [2, 4])
def test_all_show_the_same_moment_wherever_it_is_sought(
    qtbot: QtBot, opened: Open, clips: list[Path], count: int
) -> None:
    view = opened(clips[:count])
    assert view.sources.duration_ms == pytest.approx(2000, abs=40)
    for moment in (0, 800, 1190, 400, 1900):
        view.seek(moment)
        qtbot.waitUntil(lambda moment=moment: are_at(view, moment), timeout=_WAIT_MS)
    # the shortest holds its last picture
    assert 1140 <= moments(view)[1] <= 1200


def test_they_play_and_stop_in_step(qtbot: QtBot, opened: Open, clips: list[Path]) -> None:
    view = opened(clips)
    view.set_rate(0.25)
    qtbot.keyClick(view, _K.Key_Space)
    assert view.is_playing
    qtbot.waitUntil(lambda: view.position_ms > 150, timeout=_WAIT_MS)
    # within a frame of each other while it plays
    qtbot.waitUntil(
        lambda: min(moments(view)) > 0 and max(moments(view)) - min(moments(view)) <= 60,
        timeout=_WAIT_MS,
    )
    qtbot.keyClick(view, _K.Key_K)
    assert not view.is_playing
    qtbot.waitUntil(lambda: are_at(view, view.position_ms), timeout=_WAIT_MS)


def test_steps_shuttle_and_ends(qtbot: QtBot, opened: Open, clips: list[Path]) -> None:
    view = opened(clips[:2])
    view.seek(1000)
    qtbot.keyClick(view, _K.Key_Right)
    qtbot.waitUntil(lambda: are_at(view, 1035), timeout=_WAIT_MS)
    qtbot.keyClick(view, _K.Key_J)
    assert view.sources.clock.rate == -1
    qtbot.waitUntil(lambda: 0 < max(moments(view)) < 800, timeout=_WAIT_MS)
    qtbot.keyClick(view, _K.Key_K)
    assert view.rate == 1
    qtbot.waitUntil(lambda: are_at(view, view.position_ms), timeout=_WAIT_MS)
    view.set_looping(False)
    view.seek(1700)
    qtbot.keyClick(view, _K.Key_L)
    qtbot.waitUntil(lambda: not view.is_playing, timeout=_WAIT_MS)
    assert view.position_ms == view.sources.duration_ms


def test_a_range_is_looped_by_all_of_them(qtbot: QtBot, opened: Open, clips: list[Path]) -> None:
    view = opened(clips[:2])
    for moment, key in ((600, _K.Key_I), (800, _K.Key_O)):
        view.seek(moment)
        qtbot.keyClick(view, key)
    assert view.in_ms is not None
    assert view.out_ms is not None
    view.to_in()
    view.play()
    assert view.is_looping
    told: list[int] = []
    view.position_changed.connect(told.append)
    qtbot.waitUntil(
        lambda: any(later < one for one, later in itertools.pairwise(told)),
        timeout=_WAIT_MS,
    )
    view.pause()
    assert view.in_ms <= min(told)
    assert max(told) <= view.out_ms
    qtbot.waitUntil(lambda: are_at(view, view.position_ms), timeout=_WAIT_MS)


def test_exactly_one_is_heard(qtbot: QtBot, opened: Open, clips: list[Path]) -> None:
    view = opened(clips)
    assert view.sources.sound.path == clips[0]
    qtbot.keyClick(view, _K.Key_2)
    assert view.sources.sound.path == clips[1]
    assert [tile.picture.is_heard for tile in view.grid.tiles] == [False, True, False, False]
    picture = view.grid.tiles[2].picture
    qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=QPoint(40, 60))
    assert view.sources.sound.path == clips[2]
    qtbot.keyClick(view.grid.tiles[2], _K.Key_Tab)
    qtbot.waitUntil(lambda: view.model.chosen == 3, timeout=_WAIT_MS)
    assert view.sources.sound.path == clips[3]
    view.set_volume(0.3)
    qtbot.keyClick(view, _K.Key_M)
    assert view.is_muted
    # while it plays, too
    view.set_rate(0.25)
    view.play()
    qtbot.keyClick(view, _K.Key_1)
    assert view.sources.sound.path == clips[0]
    view.pause()


def test_every_file_is_free_when_it_closes(qtbot: QtBot, opened: Open, clips: list[Path]) -> None:
    view = opened(clips)
    view.play()
    with qtbot.waitSignal(view.closed, timeout=_WAIT_MS):
        qtbot.keyClick(view, _K.Key_Escape)
    assert not files_held() & set(clips)
    assert not view.is_playing


def test_one_that_is_taken_away_is_free_and_the_others_go_on(
    qtbot: QtBot, opened: Open, clips: list[Path]
) -> None:
    view = opened(clips[:3])
    view.model.choose(1)
    view.model.remove(2)  # its id
    assert clips[1] not in files_held()
    assert len(view.grid.tiles) == len(view.sources.items) == 2
    assert view.sources.sound.path == clips[2]
    view.seek(400)
    qtbot.waitUntil(lambda: are_at(view, 400), timeout=_WAIT_MS)


def test_escape_gives_the_focus_back(qtbot: QtBot, theme: Theme, clips: list[Path]) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    field = QLineEdit(window)
    window.show()
    field.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is field, timeout=_WAIT_MS)
    view = CompareView(compare_model(of_files(clips[:2])), lambda _one: "Model", window)
    view.show()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is view.grid.tiles[0], timeout=_WAIT_MS)
    qtbot.keyClick(view.grid.tiles[0], _K.Key_Z)
    assert view.zoom.factor == 1.0
    qtbot.keyClick(view.grid.tiles[0], _K.Key_Escape)  # the whole picture first
    assert view.isVisible()
    qtbot.keyClick(view.grid.tiles[0], _K.Key_Escape)
    assert not view.isVisible()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is field, timeout=_WAIT_MS)


def test_pictures_are_compared_as_well(qtbot: QtBot, opened: Open, tmp_path: Path) -> None:
    paths = []
    for name, color in (("a.png", Qt.GlobalColor.red), ("b.png", Qt.GlobalColor.blue)):
        image = QImage(320, 180, QImage.Format.Format_RGB32)
        image.fill(color)
        image.save(str(tmp_path / name))
        paths.append(tmp_path / name)
    view = opened(paths)
    qtbot.waitUntil(
        lambda: all(one.picture() is not None for one in view.sources.items), timeout=_WAIT_MS
    )
    assert not view.controls.isVisible()
    assert view.sources.sound.path is None
    shown = view.grid.tiles[1].picture.grab().toImage()
    assert shown.pixelColor(shown.rect().center()).blue() > 200


def test_a_missing_file_says_so_and_the_other_plays(
    qtbot: QtBot, theme: Theme, clips: list[Path], tmp_path: Path
) -> None:
    paths = [tmp_path / "gone.mp4", clips[0]]
    view = CompareView(compare_model(of_files(paths)), lambda _one: "Model")
    qtbot.addWidget(view, before_close_func=lambda widget: widget.release())
    view.show()
    view.sources.play()
    qtbot.waitUntil(lambda: view.is_playing, timeout=_WAIT_MS)
    view.pause()
    assert view.grid.tiles[0].picture.problem == "The file is no longer in its place."


# looking closely


def test_all_look_at_the_same_place(qtbot: QtBot, opened: Open, clips: list[Path]) -> None:
    view = opened(clips[:2])
    for tile in view.grid.tiles:
        tile.picture.setFixedSize(80, 60)
    qtbot.keyClick(view, _K.Key_Z)
    qtbot.waitUntil(
        lambda: all(one.picture().width() == 160 for one in view.sources.items),  # type: ignore[union-attr]
        timeout=_WAIT_MS,
    )
    before = view.grid.tiles[1].picture.target()
    picture = view.grid.tiles[0].picture
    qtbot.mousePress(picture, Qt.MouseButton.LeftButton, pos=QPoint(40, 30))
    qtbot.mouseMove(picture, QPoint(30, 30))
    qtbot.mouseRelease(picture, Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    after = view.grid.tiles[1].picture.target()
    assert after.left() == pytest.approx(before.left() - 10, abs=1)
    assert view.grid.tiles[0].picture.target() == after


def test_a_zoom_leaves_no_gap_and_knows_its_ends() -> None:
    zoom = CompareZoom()
    room, picture = QRectF(0, 0, 100, 100), QSizeF(400, 200)
    assert zoom.target(picture, room, 1.0) == QRectF(0, 25, 100, 50)
    zoom.toggle(QPointF(1.0, 0.0))
    assert zoom.target(picture, room, 1.0) == QRectF(-300, 0, 400, 200)
    assert zoom.target(picture, room, 2.0) == QRectF(-100, 0, 200, 100)
    for _ in range(5):
        zoom.step(1, QPointF(0.5, 0.5))
    assert zoom.factor == 4.0
    for _ in range(5):
        zoom.step(-1, QPointF(0.5, 0.5))
    assert zoom.factor is None


# marks and money


def priced(number: int, price: str | None, **changes: object) -> Generation:
    return generation(number, price_usd=None if price is None else Decimal(price), **changes)


async def test_keep_reject_and_undo() -> None:
    model = compare_model([priced(1, "0.50"), priced(2, "0.50"), priced(3, "0.50")])
    await model.keep(0)
    await model.reject(0)
    assert (model.generations[0].favourite, model.generations[0].rejected) == (False, True)
    await model.undo()
    assert (model.generations[0].favourite, model.generations[0].rejected) == (True, False)
    await model.keep(1)
    await model.keep(1)  # once more takes it back
    assert not model.generations[1].favourite
    assert [one.id for one in model.kept] == [1]
    # the others are only what the user made them
    assert not any(one.rejected for one in model.generations)
    for _ in range(3):
        await model.undo()
    assert not model.kept
    assert not model.can_undo


@pytest.mark.parametrize(
    ("prices", "kept", "words"),
    [
        (
            ["0.56", "0.56", "0.56", "0.56"],
            1,
            "4 takes cost $2.24. 1 is kept: $2.24 per kept clip.",
        ),
        (
            ["0.56", "0.56", "0.56", "0.56"],
            2,
            "4 takes cost $2.24. 2 are kept: $1.12 per kept clip.",
        ),
        (["0.56", "0.40"], 0, "2 takes cost $0.96. Keep one to see the cost per kept clip."),
        ([None, None], 1, "2 takes cost 20 tokens. 1 is kept: 20 tokens per kept clip."),
    ],
)
def test_the_cost_of_each_kept_clip(prices: list[str | None], kept: int, words: str) -> None:
    takes = [
        priced(number, price, favourite=number <= kept)
        for number, price in enumerate(prices, start=1)
    ]
    assert compare_model(takes).cost_words() == words


def test_what_was_not_charged_costs_nothing() -> None:
    free = priced(1, "0.56", charge=Charge.NOT_CHARGED, favourite=True)
    told = priced(2, "0.56", cost_usd=Decimal("0.70"))
    words = "2 takes cost $0.70. 1 is kept: $0.70 per kept clip."
    assert compare_model([free, told]).cost_words() == words
    rehearsed = [priced(number, None, tokens=0) for number in (1, 2)]
    assert compare_model(rehearsed).cost_words() == "2 takes, free."


def test_captions_say_what_sets_them_apart() -> None:
    model = compare_model(
        [
            priced(1, "0.56", prompt="A red kite over dunes", config=VideoConfig(seed=7)),
            priced(2, "0.56", prompt="A red kite over dunes at golden hour"),
            priced(3, None, tokens=0, prompt="A red kite over dunes"),
        ]
    )
    assert model.difference(1) == "at golden hour"
    assert model.difference(0) == "Without what the others say"
    assert model.difference(2) == "Prompt as in 1"
    assert model.facts(0, "Veo 3.1").startswith("Veo 3.1 \u00b7 seed 7 \u00b7 $0.56 \u00b7 ")
    assert "free" in model.facts(2, "Veo 3.1")
    near = [
        priced(1, "1", prompt="A boat in the rain, camera low over the water"),
        priced(2, "1", prompt="A boat in the rain, camera high above the roofs"),
    ]
    assert compare_model(near).difference(0) == "low over the water"
    same = [priced(number, "1", prompt="A red kite") for number in (1, 2)]
    assert compare_model(same).difference(1) == "Same prompt"


def test_what_happens_elsewhere_is_followed() -> None:
    model = compare_model([priced(1, "1"), priced(2, "1"), priced(3, "1")])
    model.choose(2)
    model.on_event(GenerationEvent(EventKind.UPDATED, priced(2, "1", favourite=True)))
    assert [one.id for one in model.kept] == [2]
    model.on_event(GenerationEvent(EventKind.REMOVED, priced(1, "1")))
    assert model.current.id == 3
    model.on_event(GenerationEvent(EventKind.REMOVED, priced(9, "1")))
    assert len(model.generations) == 2
