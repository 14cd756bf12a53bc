"""Storyboards on the scripted Runway: what is sent, what it costs, and what happens when something fails."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from tests.core.studios import until
from tests.providers.servers import runway as script
from tests.storyboard.made_boards import (
    a_board,
    a_studio,
    asked,
    booked,
    everything,
    made,
    rested,
    seen,
    until_state,
)
from tests.storyboard.runway_films import film_runway
from veo_studio.core.errors import BudgetExceeded, NotEnoughTokens
from veo_studio.core.inputs import take_in_picture
from veo_studio.core.models import BudgetPeriod, GenerationState, InputRole
from veo_studio.core.storyboard.edits import add_cast, change_scenario, change_scene
from veo_studio.core.storyboard.models import ModelRef, RunGoal, RunState, SceneState, Step
from veo_studio.core.studio import Studio

RATIO = "1104:832"


def portrait(studio: Studio, folder: Path, colour: str) -> object:
    path = folder / f"{colour}.png"
    Image.new("RGB", (640, 480), colour).save(path)
    return take_in_picture(studio.client.files, path, InputRole.REFERENCE)


async def test_the_cast_the_style_the_seed_and_the_sizes_reach_runway(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        board = a_board(2, resolution=RATIO, style="Watercolour, soft light")
        board = add_cast(board, "anna", portrait(studio, tmp_path, "red"))
        board = add_cast(board, "old_boat", portrait(studio, tmp_path, "blue"))
        board = change_scene(
            board,
            board.scenes[0].uuid,
            image_prompt="@old_boat in the rain, @Anna stands in @old_boat",
            visual_prompt="@anna looks up at the sky from the @old_boat",
        )
        board = await studio.storyboards.repository.create(board)
        price = await studio.storyboards.price(board, RunGoal.FILM)
        assert (price.tokens, price.pictures, price.clips) == (22, 2, 2)
        # two pictures, and two clips of two seconds
        assert price.cost_usd == Decimal("0.08") * 2 + Decimal("0.12") * 4
        assert (price.problems, price.shortage) == ((), "")
        before = await studio.wallet.balance()
        run = await made(studio, board)
        assert (run.state, run.reason) == (RunState.DONE, "")
        assert await studio.wallet.balance() == before - 22
        pictures = {body["promptText"]: body for body in server.pictures}
        words = "@ref1 in the rain, @ref2 stands in @ref1. Watercolour, soft light"
        assert pictures.keys() == {
            words, "A harbour in the morning, view 2. Watercolour, soft light"
        }  # fmt: skip
        assert [item["tag"] for item in pictures[words]["referenceImages"]] == ["ref1", "ref2"]
        assert {body["ratio"] for body in server.pictures} == {"1168:880"}
        assert {body["ratio"] for body in server.clips} == {RATIO}
        assert {body["seed"] for body in server.bodies} == {7}
        assert {body["promptText"] for body in server.clips} == {
            "anna looks up at the sky from the old boat. Watercolour, soft light",
            "Boats leave the harbour, take 2. Watercolour, soft light",
        }
        assert all(body["promptImage"].startswith("runway://") for body in server.clips)
        assert server.refused == []


async def test_what_failed_is_all_that_a_second_run_pays_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        board = await studio.storyboards.repository.create(a_board(2, resolution=RATIO))
        first = board.scenes[0].uuid
        server.states = [script.failed("SAFETY.INPUT.TEXT", "Not this.")]
        run = await made(studio, board, RunGoal.FILM, [first])
        assert run.state is RunState.FAILED
        assert "Scene 1 failed" in run.reason
        view = await seen(studio, board)
        assert view.scenes[0].state is SceneState.FAILED
        assert view.scenes[0].problem
        server.states = [script.succeeded()]
        price = await studio.storyboards.price(board, RunGoal.FILM)
        assert (price.pictures, price.clips) == (2, 2)
        assert (await made(studio, board)).state is RunState.DONE
        assert Counter(name for name, _ in await asked(studio, board)) == {
            "picture:0:1": 2, "picture:0:2": 1, "clip:0:1": 2,
        }  # fmt: skip
        assert len(server.paid) == 5
        entries = await booked(studio)
        assert (entries["charge"], entries["refund"]) == (5, 1)


async def test_a_lost_answer_is_never_sent_again_by_a_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch) as server:
        async with a_studio() as studio:
            board = await studio.storyboards.repository.create(a_board(1, resolution=RATIO))
            server.submit_steps.append(script.accept_and_reset)
            run = await made(studio, board)
            assert run.state is RunState.WAITING
            assert "Scene 1 needs your decision" in run.reason
            again = await made(studio, board)
            assert (again.id, again.state) == (run.id, RunState.WAITING)
        async with a_studio() as studio:
            assert (await rested(studio, run)).state is RunState.WAITING
            (view,) = (await seen(studio, board)).scenes
            assert view.state is SceneState.ATTENTION
            assert len(server.paid) == 1
            # the user has looked and says that nothing came of it
            (lost,) = await everything(studio)
            await studio.queue.mark_failed(lost.id)
            assert (await rested(studio, run)).state is RunState.FAILED
            assert len(server.paid) == 1
            assert (await made(studio, board)).state is RunState.DONE
            assert len(server.paid) == 3


async def test_a_purse_or_a_budget_for_half_of_it_begins_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        storyboards = studio.storyboards
        large = await storyboards.repository.create(a_board(10, resolution=RATIO))
        price = await storyboards.price(large, RunGoal.FILM)
        assert price.tokens == 110
        assert "110 tokens" in price.shortage
        assert not price.is_possible
        with pytest.raises(NotEnoughTokens):
            await storyboards.runner.start(large, RunGoal.FILM)
        small = await storyboards.repository.create(a_board(2, resolution=RATIO))
        await studio.wallet.set_budget(BudgetPeriod.BATCH, Decimal("0.50"))
        price = await storyboards.price(small, RunGoal.FILM)
        assert "budget for one click" in price.shortage
        with pytest.raises(BudgetExceeded):
            await storyboards.runner.start(small, RunGoal.FILM)
        # each picture alone would have been within it
        assert await everything(studio) == []
        assert await storyboards.repository.unfinished_runs() == []
        assert server.paid == []


async def test_a_budget_that_ends_on_the_way_waits_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        runner = studio.storyboards.runner
        board = a_board(2, resolution=RATIO, stops_for_approval=True)
        board = await studio.storyboards.repository.create(board)
        run = await made(studio, board)
        assert run.state is RunState.APPROVAL
        await studio.wallet.set_budget(BudgetPeriod.DAY, Decimal("0.20"))
        await runner.approve(board.scenario.uuid)
        run = await rested(studio, run)
        assert run.state is RunState.WAITING
        assert "budget for today" in run.reason
        view = await seen(studio, board)
        assert [one.state for one in view.scenes] == [SceneState.WAITING] * 2
        assert {one.problem for one in view.scenes} == {run.reason}
        assert server.clips == []
        await studio.wallet.set_budget(BudgetPeriod.DAY, None)
        assert (await made(studio, board)).state is RunState.DONE
        assert (len(server.pictures), len(server.clips)) == (2, 2)


async def test_a_refused_key_is_told_and_another_one_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        board = await studio.storyboards.repository.create(a_board(1, resolution=RATIO))
        server.key = "another key than the user's"
        run = await made(studio, board)
        assert run.state is RunState.WAITING
        assert run.reason.startswith("Runway is paused: ")
        (view,) = (await seen(studio, board)).scenes
        assert view.state is SceneState.MAKING_PICTURE
        server.key = script.KEY
        await studio.queue.key_changed("runway")
        await until_state(studio, run, RunState.DONE)
        assert (len(server.pictures), len(server.clips)) == (2, 1)


async def test_a_run_that_is_cancelled_gives_back_what_was_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        runner = studio.storyboards.runner
        server.states = [script.running_state(0.1)]
        board = await studio.storyboards.repository.create(a_board(4, resolution=RATIO))
        before = await studio.wallet.balance()
        run = await runner.start(board, RunGoal.FILM)
        await _until_sent(studio, 2)
        run = await runner.cancel(run)
        assert run.state is RunState.CANCELLED
        for task in server.tasks.values():
            task.states.append(script.succeeded())
        for one in await everything(studio):
            await studio.queue.wait(one.id)
        # two go on at Runway, which takes two at once; the others were never sent
        states = Counter(state for _, state in await asked(studio, board))
        assert states == {GenerationState.COMPLETED: 2, GenerationState.CANCELLED: 2}
        assert await studio.wallet.balance() == before - 2
        assert len(server.paid) == 2
        view = await seen(studio, board)
        assert sum(one.picture is not None for one in view.scenes) == 2


async def _until_sent(studio: Studio, count: int) -> None:
    async def is_sent() -> bool:
        stored = await everything(studio)
        return sum(one.state is GenerationState.PROCESSING for one in stored) == count

    await until(is_sent, studio)


async def test_a_redo_is_priced_and_refused_while_it_is_being_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        runner = studio.storyboards.runner
        board = await studio.storyboards.repository.create(a_board(1, resolution=RATIO))
        await made(studio, board)
        uuid, scene = board.scenario.uuid, board.scenes[0].uuid
        board = await studio.storyboards.repository.get(uuid)
        assert (await runner.price_of_redo(board, scene, Step.PICTURE)).tokens == 1
        assert (await runner.price_of_redo(board, scene, Step.CLIP)).tokens == 10
        server.states = [script.running_state(0.1)]
        run = await runner.redo(uuid, scene, Step.PICTURE)
        await _until_sent(studio, 1)
        with pytest.raises(ValueError, match="is being made already"):
            await runner.redo(uuid, scene, Step.PICTURE)
        for task in server.tasks.values():
            task.states.append(script.succeeded())
        assert (await rested(studio, run)).state is RunState.DONE
        assert len(server.pictures) == 2
        (view,) = (await seen(studio, board)).scenes
        assert view.state is SceneState.CHANGED
        assert view.words == "The clip was made from another picture"


async def test_a_scene_begins_with_the_last_picture_of_the_one_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        board = a_board(3, resolution=RATIO)
        board = change_scene(board, board.scenes[1].uuid, follows=True)
        board = change_scene(board, board.scenes[2].uuid, follows=True)
        board = await studio.storyboards.repository.create(board)
        price = await studio.storyboards.price(board, RunGoal.FILM)
        assert (price.pictures, price.clips) == (1, 3)
        # the third alone has nothing to begin with
        alone = await studio.storyboards.price(board, RunGoal.FILM, (board.scenes[2].uuid,))
        assert alone.problems == (
            "Scene 3: it begins with the last picture of the scene before, which has no clip: "
            "make that one too.",
        )
        assert (await made(studio, board)).state is RunState.DONE
        takes = [one.take for one in (await seen(studio, board)).scenes]
        for before, after in pairwise(takes):
            assert before is not None
            assert after is not None
            (first,) = after.config.inputs
            assert (first.role, first.generation_id) == (InputRole.FIRST_FRAME, before.id)
        assert (len(server.pictures), len(server.clips)) == (1, 3)
        # another clip before it, and the next one no longer fits
        run = await studio.storyboards.runner.redo(
            board.scenario.uuid, board.scenes[0].uuid, Step.CLIP
        )
        assert (await rested(studio, run)).state is RunState.DONE
        view = (await seen(studio, board)).scenes[1]
        assert (view.state, view.words) == (
            SceneState.CHANGED,
            "The clip was made from another clip before it",
        )


async def test_what_is_made_otherwise_than_written_is_said_with_the_price(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch), a_studio() as studio:
        board = a_board(2, resolution="", clip_model=ModelRef("runway", "veo3.1"), has_sound=True)
        board = change_scene(board, board.scenes[0].uuid, duration_s=5)
        price = await studio.storyboards.price(board, RunGoal.FILM)
        assert price.notes == (
            "No resolution is chosen: the clips are made in 720 × 1280, upright.",
            "Veo 3.1 at Runway makes clips of 4, 6 or 8 seconds: 2 s become 4 s (1 scene).",
            "Veo 3.1 at Runway makes clips of 4, 6 or 8 seconds: 5 s become 6 s (1 scene).",
        )
        assert (price.picture_model, price.clip_model) == ("Gen-4 Image", "Veo 3.1 at Runway")
        wide = a_board(1, resolution="1584:672", has_sound=True)
        price = await studio.storyboards.price(wide, RunGoal.FILM)
        assert price.notes == (
            "Gen-4.5 makes no sound.",
            "Each picture is cut to the shape of its clip, 1584 × 672.",
        )


async def test_a_price_that_nobody_knows_is_told_and_no_budget_takes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with film_runway(monkeypatch) as server, a_studio() as studio:
        kling = ModelRef("runway", "kling3.0_standard")
        board = change_scenario(a_board(1, resolution="1280:720"), clip_model=kling)
        board = change_scene(board, board.scenes[0].uuid, duration_s=5)
        board = await studio.storyboards.repository.create(board)
        price = await studio.storyboards.price(board, RunGoal.FILM)
        assert (price.tokens, price.cost_usd, price.shortage) == (11, None, "")
        await studio.wallet.set_budget(BudgetPeriod.MONTH, Decimal(1000))
        price = await studio.storyboards.price(board, RunGoal.FILM)
        assert "price of this model is not known" in price.shortage
        with pytest.raises(BudgetExceeded):
            await studio.storyboards.runner.start(board, RunGoal.FILM)
        assert server.paid == []
