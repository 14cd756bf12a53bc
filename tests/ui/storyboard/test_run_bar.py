"""The run bar: the price before the click, what stands in the way, what goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest
from PyQt6 import sip
from PyQt6.QtWidgets import QApplication, QWidget

from tests.ui.parts.samples import generation
from tests.ui.storyboard.runs import PRICE, FakeRuns, a_board, a_run, a_scene
from tests.ui.waiting import becomes
from veo_studio.core.models import BudgetPeriod, BudgetState
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.models import RunGoal, RunState, SceneState, Step
from veo_studio.core.storyboard.pricing import RunPrice
from veo_studio.core.storyboard.views import BoardView
from veo_studio.core.task_scope import TaskScope
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models import scene_words
from veo_studio.ui.view_models.run_model import RunModel
from veo_studio.ui.view_models.scene_words import is_only_rehearsed
from veo_studio.ui.view_models.storyboard_model import BoardDocument
from veo_studio.ui.views.storyboard_run import StoryboardRunBar


@dataclass
class Shown:
    document: BoardDocument
    model: RunModel
    bar: StoryboardRunBar
    runs: FakeRuns

    async def until_priced(self) -> None:
        await becomes(
            lambda: self.model.price is not None and not self.model.is_stale, self.model.changed
        )

    async def show(self, view: BoardView) -> None:
        self.runs.show(view)
        await becomes(
            lambda: (
                self.document.view == replace(view, board=self.document.view.board)  # type: ignore[union-attr]
                if self.document.view is not None
                else False
            ),
            self.document.view_changed,
        )

    def visible(self) -> set[str]:
        names = ("only", "goal", "rehearse", "cancel", "go_on", "approve", "make")
        found: dict[str, QWidget] = {name: getattr(self.bar, name) for name in names}
        return {name for name, widget in found.items() if not widget.isHidden()}


@pytest.fixture
async def shown(qapp: QApplication, theme: Theme, no_task_left: None) -> AsyncIterator[Shown]:
    scope = TaskScope()
    board = a_board()
    document = BoardDocument(scope.spawn)
    model = RunModel(document, scope.spawn, today=lambda: date(2026, 3, 1))
    bar = StoryboardRunBar(model)
    bar.resize(1200, 80)
    bar.show()
    runs = FakeRuns(board)
    document.open(board)
    model.open(runs)
    made = Shown(document, model, bar, runs)
    await made.until_priced()
    yield made
    model.close()
    assert runs.listeners == 0
    await scope.close()
    sip.delete(bar)
    sip.delete(document)


async def test_the_price_is_there_before_the_click(shown: Shown) -> None:
    bar = shown.bar
    assert bar.words.text() == "33 tokens · about $1.68"
    assert bar.make.text() == "M&ake 3 pictures and 3 clips"
    assert bar.make.isEnabled()
    assert bar.rehearse.isEnabled()
    assert shown.visible() == {"goal", "rehearse", "make"}
    assert not bar.progress.isVisible()


async def test_another_edit_makes_the_price_old_until_it_is_read_again(shown: Shown) -> None:
    board = shown.document.board
    assert board is not None
    shown.runs.price_of_all = replace(PRICE, tokens=44, pictures=4, clips=4)
    shown.document.edit("Add a scene", edits.add_scene(board))
    # nobody buys at a price that is not that of what is there
    assert not shown.bar.make.isEnabled()
    await shown.until_priced()
    assert shown.bar.make.isEnabled()
    assert shown.bar.make.text() == "M&ake 4 pictures and 4 clips"


async def test_nothing_missing_is_nothing_to_pay(shown: Shown) -> None:
    shown.runs.price_of_all = RunPrice(RunGoal.FILM, kept_pictures=3, kept_clips=3)
    shown.runs.move_money()
    await becomes(lambda: not shown.bar.make.isEnabled(), shown.model.changed)
    assert shown.bar.words.text() == "Nothing is missing: nothing is paid."
    assert "3 pictures and 3 clips" in shown.bar.more.text()


async def test_what_was_changed_since_is_made_again(shown: Shown) -> None:
    board = shown.document.board
    assert board is not None
    take = generation(7)
    states = (SceneState.CHANGED, SceneState.DONE, SceneState.DONE)
    views = tuple(
        a_scene(scene, number, state, take)
        for number, (scene, state) in enumerate(zip(board.scenes, states, strict=True), 1)
    )
    shown.runs.price_of_all = RunPrice(RunGoal.FILM, kept_pictures=3, kept_clips=3)
    await shown.show(BoardView(board, views))
    await becomes(lambda: shown.model.again is not None, shown.model.changed)
    assert shown.bar.words.text() == (
        "1 scene changed since it was made: make it again for 10 tokens · about $0.25."
    )
    assert shown.bar.make.text() == "M&ake 1 scene again"
    assert shown.bar.make.isEnabled()
    await shown.model.start()
    assert shown.runs.calls == [("redo", board.scenes[0].uuid, Step.CLIP)]
    # made: nothing is left to do
    done = tuple(replace(one, state=SceneState.DONE) for one in views)
    await shown.show(BoardView(board, done))
    await becomes(lambda: shown.model.again is None, shown.model.changed)
    assert shown.bar.words.text() == "Nothing is missing: nothing is paid."


async def test_too_few_tokens_for_what_was_changed_block_it(shown: Shown) -> None:
    board = shown.document.board
    assert board is not None
    shown.runs.tokens = 3
    shown.runs.price_of_all = RunPrice(RunGoal.FILM, kept_pictures=3, kept_clips=3)
    views = tuple(
        a_scene(one, n, SceneState.CHANGED, generation(7)) for n, one in enumerate(board.scenes, 1)
    )
    await shown.show(BoardView(board, views))
    await becomes(lambda: shown.model.again is not None, shown.model.changed)
    assert "30 tokens and the wallet holds 3" in shown.bar.blocked.text()
    assert not shown.bar.make.isEnabled()


async def test_too_few_tokens_are_said_with_the_way_out(shown: Shown) -> None:
    shown.runs.tokens = 12
    shown.runs.price_of_all = replace(PRICE, shortage="33 tokens are needed.")
    shown.runs.move_money()
    await becomes(lambda: not shown.bar.blocked.isHidden(), shown.model.changed)
    assert "33 tokens and the wallet holds 12" in shown.bar.blocked.text()
    assert not shown.bar.make.isEnabled()
    assert shown.bar.unblock.text() == "Top up…"
    asked: list[bool] = []
    shown.bar.top_up_requested.connect(lambda: asked.append(True))
    shown.bar.unblock.click()
    assert asked == [True]


async def test_a_budget_that_covers_half_blocks_all(shown: Shown) -> None:
    shown.runs.limits = [BudgetState(BudgetPeriod.DAY, Decimal("1.00"), Decimal("0.20"))]
    shown.runs.move_money()
    await becomes(lambda: not shown.bar.unblock.isHidden(), shown.model.changed)
    assert shown.bar.unblock.text() == "Change the budget…"
    assert not shown.bar.make.isEnabled()
    said: list[BudgetPeriod] = []
    shown.bar.budget_requested.connect(said.append)
    shown.bar.unblock.click()
    assert said == [BudgetPeriod.DAY]


async def test_scenes_that_cannot_be_made_are_named_first(shown: Shown) -> None:
    problems = ("Scene 1: it has no prompt.", "Scene 2: a", "Scene 3: b")
    shown.runs.price_of_all = replace(PRICE, problems=problems)
    shown.runs.move_money()
    await becomes(lambda: not shown.bar.blocked.isHidden(), shown.model.changed)
    assert shown.bar.blocked.text() == "Scene 1: it has no prompt. 2 more scenes have problems."
    assert shown.bar.unblock.isHidden()


async def test_a_price_that_cannot_be_read_is_told_and_nothing_can_be_bought(
    shown: Shown,
) -> None:
    shown.runs.fail_with = ValueError("The catalogue is broken.")
    board = shown.document.board
    assert board is not None
    said: list[Exception] = []
    shown.model.failed.connect(said.append)
    shown.document.edit("Add a scene", edits.add_scene(board))
    await becomes(lambda: bool(said), shown.model.failed)
    assert str(said[0]) == "The catalogue is broken."
    assert not shown.bar.make.isEnabled()


async def test_only_the_selected_scenes(shown: Shown) -> None:
    board = shown.document.board
    assert board is not None
    chosen = (board.scenes[0].uuid, board.scenes[2].uuid)
    shown.bar.show_selected(chosen)
    assert "only" in shown.visible()
    assert shown.bar.only.text() == "Only the 2 selecte&d scenes"
    shown.bar.only.click()
    await becomes(
        lambda: shown.bar.make.text() == "M&ake 2 pictures and 2 clips", shown.model.changed
    )
    await shown.until_priced()
    await shown.model.start()
    assert shown.runs.calls == [("start", RunGoal.FILM, chosen)]


async def test_after_a_rehearsal_it_is_made_real(shown: Shown) -> None:
    board = shown.document.board
    assert board is not None
    views = [a_scene(one, n, SceneState.READY) for n, one in enumerate(board.scenes, 1)]
    rehearsed = tuple(replace(view, rehearsal=view.picture) for view in views)
    await shown.show(BoardView(board, rehearsed))
    assert shown.bar.make.text() == "M&ake it real: 3 pictures and 3 clips"


async def test_what_a_rehearsal_makes_is_called_so(shown: Shown) -> None:
    free = RunPrice(RunGoal.FILM, pictures=3, clips=3)
    assert free.is_free
    board = shown.document.board
    assert board is not None
    views = [a_scene(one, n, SceneState.READY) for n, one in enumerate(board.scenes, 1)]
    rehearsed = tuple(replace(view, rehearsal=view.picture, picture=None) for view in views)
    await shown.show(BoardView(board, rehearsed))
    shown.runs.price_of_all = free
    shown.runs.move_money()
    wanted = "M&ake 3 pictures and 3 clips (rehearsal)"
    await becomes(lambda: shown.bar.make.text() == wanted, shown.model.changed)
    assert is_only_rehearsed(rehearsed[0])
    assert scene_words.state_words(rehearsed[0].state, is_rehearsed=True) == "rehearsed"
    assert not is_only_rehearsed(views[0])


async def test_a_run_shows_how_far_it_is_and_can_be_cancelled(shown: Shown) -> None:
    board = shown.document.board
    assert board is not None
    states = (SceneState.DONE, SceneState.MAKING_CLIP, SceneState.WAITING)
    words = ("", "generating the clip", "")
    views = tuple(
        a_scene(scene, number, state, words=said)
        for number, (scene, state, said) in enumerate(
            zip(board.scenes, states, words, strict=True), 1
        )
    )
    await shown.show(BoardView(board, views, a_run(board, RunState.RUNNING), 45))
    assert shown.visible() == {"cancel"}
    assert shown.bar.progress.value() == 45
    assert shown.bar.words.text() == "3 pictures, 1 clip of 3"
    assert shown.bar.more.text() == "Scene 2: generating the clip"
    await shown.model.cancel()
    assert shown.runs.calls == [("cancel", 1)]


async def test_pictures_wait_to_be_looked_at(shown: Shown) -> None:
    board = shown.document.board
    assert board is not None
    views = tuple(a_scene(one, n, SceneState.APPROVAL) for n, one in enumerate(board.scenes, 1))
    await shown.show(BoardView(board, views, a_run(board, RunState.APPROVAL), 40))
    assert shown.visible() == {"cancel", "approve"}
    assert shown.bar.words.text() == "3 pictures are ready to be looked at."
    assert shown.bar.approve.text() == "&Approve all 3 pictures"


async def test_nothing_is_to_be_looked_at_once_all_is_approved(shown: Shown) -> None:
    board = shown.document.board
    assert board is not None
    views = tuple(a_scene(one, n, SceneState.WAITING) for n, one in enumerate(board.scenes, 1))
    await shown.show(BoardView(board, views, a_run(board, RunState.APPROVAL), 40))
    assert shown.visible() == {"cancel"}
    assert shown.bar.words.text() == "3 pictures, 0 clips of 3"


async def test_a_run_that_waits_says_why_and_goes_on(shown: Shown) -> None:
    board = shown.document.board
    assert board is not None
    views = tuple(a_scene(one, n, SceneState.WAITING) for n, one in enumerate(board.scenes, 1))
    run = a_run(board, RunState.WAITING, reason="This needs 20 tokens; the wallet holds 3.")
    await shown.show(BoardView(board, views, run, 40))
    assert shown.visible() == {"cancel", "go_on"}
    assert shown.bar.blocked.text() == "This needs 20 tokens; the wallet holds 3."
    await shown.model.go_on()
    assert shown.runs.calls == [("start", RunGoal.FILM, run.scene_uuids)]


async def test_what_is_left_of_the_last_run_is_said(shown: Shown) -> None:
    board = shown.document.board
    assert board is not None
    views = tuple(a_scene(one, n, SceneState.FAILED) for n, one in enumerate(board.scenes, 1))
    await shown.show(BoardView(board, views, a_run(board, RunState.FAILED), 100))
    assert "3 scenes failed" in shown.bar.more.text()
    assert "make" in shown.visible()


async def test_words_and_buttons_stand_above_each_other_in_a_narrow_window(shown: Shown) -> None:
    bar = shown.bar
    bar.resize(1200, bar.sizeHint().height())
    assert bar.words.mapTo(bar, bar.words.rect().topLeft()).y() >= 0
    wide = bar._is_stacked
    bar.resize(420, 300)
    assert (wide, bar._is_stacked) == (False, True)
    # no button is cut off at the side
    assert bar.minimumSizeHint().width() <= 420


async def test_a_rehearsal_that_cannot_be_made_says_why(shown: Shown) -> None:
    assert shown.bar.rehearse.toolTip().count("animatic") == 1
    why = "Scene 1: @Mara is not in the cast."
    shown.runs.prices[RunGoal.REHEARSAL] = RunPrice(RunGoal.REHEARSAL, problems=(why,))
    shown.runs.move_money()
    await becomes(lambda: "Mara" in shown.bar.rehearse.toolTip(), shown.model.changed)
    assert not shown.bar.rehearse.isEnabled()


async def test_without_a_scene_that_is_said_once(shown: Shown) -> None:
    board = shown.document.board
    assert board is not None
    shown.runs.price_of_all = RunPrice(RunGoal.FILM, problems=("The storyboard has no scene.",))
    shown.document.edit("Delete", edits.delete_scenes(board, [one.uuid for one in board.scenes]))
    await shown.until_priced()
    assert shown.bar.words.text() == "No scene yet."
    assert shown.bar.blocked.isHidden()
