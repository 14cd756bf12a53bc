"""Pictures and takes of a scene: chosen, approved, compared, made anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PyQt6 import sip
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from tests.ui.parts.samples import Pictures, generation
from tests.ui.storyboard.runs import FakeRuns, a_board, a_scene
from tests.ui.waiting import becomes
from veo_studio.core.models import Generation, GenerationKind, GenerationState
from veo_studio.core.storyboard.models import Choices, SceneState, Step
from veo_studio.core.storyboard.views import BoardView, SceneView
from veo_studio.core.task_scope import TaskScope
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.clip_pictures import ClipPictures
from veo_studio.ui.view_models.run_model import RunModel
from veo_studio.ui.view_models.storyboard_model import BoardDocument
from veo_studio.ui.views.scene_takes import SceneTakes


@dataclass
class Shown:
    document: BoardDocument
    model: RunModel
    takes: SceneTakes
    runs: FakeRuns

    async def show(self, view: SceneView, **changes: object) -> None:
        board = self.document.board
        assert board is not None
        self.runs.show(BoardView(board, (view, *self.runs.view.scenes[1:])))
        await becomes(
            lambda: self.model.scene == view and Step.CLIP in self.model.redo_prices,
            self.model.changed,
        )


@pytest.fixture
async def shown(qapp: QApplication, theme: Theme, no_task_left: None) -> AsyncIterator[Shown]:
    scope = TaskScope()
    board = a_board()
    document = BoardDocument(scope.spawn)
    model = RunModel(document, scope.spawn)
    pictures = ClipPictures(Pictures(None), scope.spawn)
    takes = SceneTakes(model, pictures)
    takes.resize(320, 600)
    takes.show()
    runs = FakeRuns(board)
    document.open(board)
    model.open(runs)
    model.look_at(board.scenes[0].uuid)
    yield Shown(document, model, takes, runs)
    model.close()
    pictures.stop()
    await scope.close()
    sip.delete(takes)
    sip.delete(document)


def a_take(number: int, folder: Path, **changes: object) -> Generation:
    path = folder / f"{number}.mp4"
    path.write_bytes(b"x")
    return generation(number, video_path=path, length_s=5.0, **changes)


def first(shown: Shown) -> SceneView:
    board = shown.document.board
    assert board is not None
    return a_scene(board.scenes[0], 1, SceneState.DONE, words="All of it is made.")


async def test_before_a_scene_is_chosen_it_says_so(shown: Shown) -> None:
    shown.model.look_at(None)
    assert not shown.takes.empty.isHidden()
    assert "Select a scene" in shown.takes.empty.text


async def test_the_chosen_take_is_marked_and_another_is_a_click_away(
    shown: Shown, tmp_path: Path
) -> None:
    one, two = a_take(1, tmp_path), a_take(2, tmp_path)
    await shown.show(replace(first(shown), takes=(one, two), take=two))
    tiles = shown.takes.takes.tiles
    assert [tile.isChecked() for tile in tiles] == [False, True]
    assert shown.takes.heading.text() == "Scene 1: ready"
    chosen: list[tuple[str, Generation]] = []
    shown.takes.chosen.connect(lambda uuid, made: chosen.append((uuid, made)))
    tiles[0].click()
    assert chosen == [(first(shown).scene.uuid, one)]
    # what is chosen is told by the core, not by the click
    assert [tile.isChecked() for tile in tiles] == [False, True]


async def test_a_take_that_failed_says_why_and_cannot_be_chosen(
    shown: Shown, tmp_path: Path
) -> None:
    bad = generation(3, state=GenerationState.FAILED, error="Refused: <b>no</b>")
    await shown.show(replace(first(shown), takes=(a_take(1, tmp_path), bad)))
    tile = shown.takes.takes.tiles[1]
    assert not tile.isEnabled()
    assert "&lt;b&gt;" in tile.toolTip()
    assert tile.accessibleName() == "Take 2: failed, Refused: <b>no</b>"
    assert shown.takes.compare.isHidden()


async def test_takes_are_compared_with_the_chosen_one_among_them(
    shown: Shown, tmp_path: Path
) -> None:
    made = tuple(a_take(number, tmp_path) for number in range(1, 7))
    await shown.show(replace(first(shown), takes=made, take=made[0]))
    assert not shown.takes.compare.isHidden()
    assert [one.id for one in shown.takes.compared()] == [1, 4, 5, 6]
    await shown.show(replace(first(shown), takes=made[:2], take=made[0]))
    assert [one.id for one in shown.takes.compared()] == [1, 2]
    asked: list[list[Generation]] = []
    shown.takes.compare_requested.connect(asked.append)
    shown.takes.compare.click()
    assert [one.id for one in asked[0]] == [1, 2]


async def test_what_is_made_anew_has_its_price_on_the_button(shown: Shown, tmp_path: Path) -> None:
    await shown.show(replace(first(shown), takes=(a_take(1, tmp_path),)))
    assert shown.takes.redo_picture.text() == "New p&icture: 1 token, about $0.02"
    assert shown.takes.redo_clip.text() == "&New take: 10 tokens, about $0.25"
    asked: list[Step] = []
    shown.takes.redo_requested.connect(asked.append)
    shown.takes.redo_clip.click()
    assert asked == [Step.CLIP]
    await shown.model.redo(Step.PICTURE)
    assert shown.runs.calls == [("redo", first(shown).scene.uuid, Step.PICTURE)]
    await becomes(lambda: not shown.model.is_starting, shown.model.changed)


async def test_what_has_no_price_now_is_no_error(shown: Shown, tmp_path: Path) -> None:
    said: list[Exception] = []
    shown.model.failed.connect(said.append)
    shown.runs.is_made_now = Step.PICTURE
    await shown.show(replace(first(shown), takes=(a_take(1, tmp_path),)))
    assert shown.takes.redo_picture.text() == "New p&icture"
    assert not shown.takes.redo_picture.isEnabled()
    assert shown.takes.redo_clip.isEnabled()
    assert said == []


async def test_nothing_is_made_anew_while_it_is_being_made(shown: Shown, tmp_path: Path) -> None:
    busy = replace(first(shown), state=SceneState.MAKING_CLIP, takes=(a_take(1, tmp_path),))
    await shown.show(busy)
    assert not shown.takes.redo_clip.isEnabled()


async def test_a_picture_is_approved_and_taken_back(shown: Shown, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    picture = generation(9, kind=GenerationKind.IMAGE, video_path=path)
    view = replace(first(shown), state=SceneState.APPROVAL, picture=picture, pictures=(picture,))
    await shown.show(view)
    said: list[tuple[str, bool]] = []
    shown.takes.approve_requested.connect(lambda uuid, is_on: said.append((uuid, is_on)))
    assert shown.takes.approve.text() == "A&pprove"
    shown.takes.approve.click()
    scene = replace(view.scene, choices=Choices(is_approved=True))
    await shown.show(replace(view, scene=scene, state=SceneState.READY))
    assert shown.takes.approve.text() == "Take back a&pproval"
    shown.takes.approve.click()
    assert said == [(scene.uuid, True), (scene.uuid, False)]


async def test_a_key_plays_a_take(shown: Shown, tmp_path: Path) -> None:
    one = a_take(1, tmp_path)
    await shown.show(replace(first(shown), takes=(one,), take=one))
    played: list[Generation] = []
    shown.takes.play_requested.connect(played.append)
    QTest.keyClick(shown.takes.takes.tiles[0], Qt.Key.Key_P)
    assert played == [one]


async def test_what_the_heading_says_is_not_said_below_it(shown: Shown) -> None:
    await shown.show(replace(first(shown), state=SceneState.READY, words="Not made yet"))
    assert shown.takes.heading.text() == "Scene 1: not made yet"
    assert shown.takes.words.isHidden()
