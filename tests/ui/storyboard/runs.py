"""A runner that does what a test says, for what the run bar and the takes show."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from tests.ui.parts.samples import generation
from veo_studio.core.models import BudgetState, Generation, GenerationKind, GenerationState
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.models import (
    Run,
    RunGoal,
    RunState,
    Scene,
    SceneState,
    Step,
    Storyboard,
)
from veo_studio.core.storyboard.pricing import RunPrice
from veo_studio.core.storyboard.views import BoardView, SceneView

PRICE = RunPrice(
    RunGoal.FILM,
    tokens=33,
    cost_usd=Decimal("1.68"),
    pictures=3,
    clips=3,
    picture_model="Gen-4 Image",
    clip_model="Gen-4 Turbo",
)
FREE = RunPrice(RunGoal.REHEARSAL, rehearsals=3)


def a_board(scenes: int = 3) -> Storyboard:
    """Stored already, as every storyboard that is open."""
    board = replace(edits.new_board("The lighthouse", "1280:720"), id=1, revision=1)
    for number in range(scenes):
        scene = edits.new_scene(image_prompt=f"picture {number}", visual_prompt="the lamp turns")
        board = edits.add_scene(board, scene)
    return board


def a_run(
    board: Storyboard, state: RunState, goal: RunGoal = RunGoal.FILM, reason: str = ""
) -> Run:
    return Run(
        1,
        board.scenario.uuid,
        goal,
        tuple(scene.uuid for scene in board.scenes),
        state,
        datetime.now(UTC),
        reason,
    )


def a_scene(
    scene: Scene, number: int, state: SceneState, *takes: Generation, words: str = ""
) -> SceneView:
    picture = generation(100 + number, kind=GenerationKind.IMAGE)
    done = [one for one in takes if one.state is GenerationState.COMPLETED]
    return SceneView(
        scene,
        number,
        state,
        50,
        words,
        picture=picture,
        pictures=(picture,),
        take=done[-1] if done else None,
        takes=takes,
    )


class FakeRuns:
    """`RunServices` with knobs: what it costs, how things stand, what it refuses."""

    def __init__(self, board: Storyboard) -> None:
        self.stored = board
        self.prices: dict[RunGoal, RunPrice] = {RunGoal.REHEARSAL: FREE}
        self.price_of_all = PRICE
        self.view = BoardView(board)
        self.tokens = 90
        self.limits: list[BudgetState] = []
        self.fail_with: Exception | None = None
        self.is_made_now: Step | None = None
        self.calls: list[tuple[object, ...]] = []
        self._listeners: list[Callable[[str], None]] = []
        self._money: list[Callable[[], None]] = []

    # telling

    def subscribe(self, listener: Callable[[str], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def subscribe_money(self, listener: Callable[[], None]) -> Callable[[], None]:
        self._money.append(listener)
        return lambda: self._money.remove(listener)

    @property
    def listeners(self) -> int:
        return len(self._listeners) + len(self._money)

    def show(self, view: BoardView) -> None:
        """Things stand elsewhere now."""
        self.view = view
        for listener in list(self._listeners):
            listener(view.board.scenario.uuid)

    def move_money(self) -> None:
        for listener in list(self._money):
            listener()

    # what is asked of it

    async def view_of(self, board: Storyboard) -> BoardView:
        return replace(self.view, board=board)

    async def price(
        self, board: Storyboard, goal: RunGoal, scene_uuids: Collection[str] | None = None
    ) -> RunPrice:
        self._raise()
        price = self.prices.get(goal, replace(self.price_of_all, goal=goal))
        if scene_uuids is None:
            return price
        share = len(scene_uuids)
        return replace(price, pictures=share, clips=share, tokens=11 * share)

    async def price_of_redo(self, board: Storyboard, scene_uuid: str, step: Step) -> RunPrice:
        if step is self.is_made_now:
            raise ValueError("Scene 1: it is being made already.")
        one = RunPrice(RunGoal.PICTURES, tokens=1, cost_usd=Decimal("0.02"), pictures=1)
        two = RunPrice(RunGoal.CLIPS, tokens=10, cost_usd=Decimal("0.25"), clips=1)
        return one if step is Step.PICTURE else two

    async def start(
        self, board: Storyboard, goal: RunGoal, scene_uuids: Collection[str] | None = None
    ) -> Run:
        self._raise()
        self.calls.append(("start", goal, None if scene_uuids is None else tuple(scene_uuids)))
        return a_run(board, RunState.RUNNING, goal)

    async def redo(self, scenario_uuid: str, scene_uuid: str, step: Step) -> Run:
        self.calls.append(("redo", scene_uuid, step))
        return a_run(self.stored, RunState.RUNNING)

    async def approve(
        self,
        scenario_uuid: str,
        scene_uuids: Collection[str] | None = None,
        is_approved: bool = True,
    ) -> Storyboard:
        self.calls.append(("approve", tuple(scene_uuids or ()), is_approved))
        return self.stored

    async def choose_take(
        self, scenario_uuid: str, scene_uuid: str, generation_id: int
    ) -> Storyboard:
        self.calls.append(("choose", scene_uuid, generation_id))
        return self.stored

    async def cancel(self, run: Run) -> Run:
        self.calls.append(("cancel", run.id))
        return run

    async def balance(self) -> int:
        return self.tokens

    async def budgets(self) -> list[BudgetState]:
        return self.limits

    def _raise(self) -> None:
        if self.fail_with is not None:
            raise self.fail_with
