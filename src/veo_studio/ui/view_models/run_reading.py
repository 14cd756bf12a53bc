"""Where the storyboard that is open stands, and what is missing: read again whenever it may be otherwise."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from veo_studio.core.errors import StudioError
from veo_studio.core.models import BudgetState
from veo_studio.core.storyboard.models import Run, RunGoal, RunState, SceneState, Step, Storyboard
from veo_studio.ui.view_models.form_price import Blocked, Means, money_block
from veo_studio.ui.view_models.storyboard_model import BoardDocument, Spawn

if TYPE_CHECKING:
    from veo_studio.core.storyboard.pricing import RunPrice
    from veo_studio.core.storyboard.views import BoardView, SceneView

# typing, and the many events of a run, are one look each
_PRICE_MS = 250
_LOOK_MS = 150
# of scenes that were changed, made anew by one click
_MOST_AGAIN = 20


@dataclass(frozen=True)
class Again:
    """Scenes that were changed since they were made, and what making them anew costs together."""

    steps: tuple[tuple[str, Step], ...]
    price: RunPrice


class RunServices(Protocol):
    """What making a storyboard needs of the core; every call may raise ValueError and StudioError."""

    def subscribe(self, listener: Callable[[str], None]) -> Callable[[], None]: ...
    def subscribe_money(self, listener: Callable[[], None]) -> Callable[[], None]: ...
    async def view_of(self, board: Storyboard) -> BoardView: ...
    async def price(
        self, board: Storyboard, goal: RunGoal, scene_uuids: Collection[str] | None = None
    ) -> RunPrice: ...
    async def price_of_redo(self, board: Storyboard, scene_uuid: str, step: Step) -> RunPrice: ...
    async def start(
        self, board: Storyboard, goal: RunGoal, scene_uuids: Collection[str] | None = None
    ) -> Run: ...
    async def redo(self, scenario_uuid: str, scene_uuid: str, step: Step) -> Run: ...
    async def approve(
        self,
        scenario_uuid: str,
        scene_uuids: Collection[str] | None = None,
        is_approved: bool = True,
    ) -> Storyboard: ...
    async def choose_take(
        self, scenario_uuid: str, scene_uuid: str, generation_id: int
    ) -> Storyboard: ...
    async def cancel(self, run: Run) -> Run: ...
    async def balance(self) -> int: ...
    async def budgets(self) -> list[BudgetState]: ...


class RunReading(QObject):
    """Beside the document; what can be done about it is `RunModel`'s.

    Signals:
        changed(): price, run or what is chosen is another one.
        failed(Exception): a price could not be made; nothing was asked for.
    """

    changed = pyqtSignal()
    failed = pyqtSignal(object)

    def __init__(
        self,
        document: BoardDocument,
        spawn: Spawn,
        parent: QObject | None = None,
        *,
        today: Callable[[], date] = date.today,
    ) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope."""
        super().__init__(parent)
        self.document = document
        self._spawn = spawn
        self._today = today
        self._services: RunServices | None = None
        self._unsubscribe: list[Callable[[], None]] = []
        self.goal = RunGoal.FILM
        # None: all of them
        self.scene_uuids: tuple[str, ...] | None = None
        self.price: RunPrice | None = None
        self.rehearsal_price: RunPrice | None = None
        # of the scene that is looked at: step -> price
        self.redo_prices: dict[Step, RunPrice] = {}
        # where nothing is missing
        self.again: Again | None = None
        self.scene_uuid: str | None = None
        self.is_starting = False
        # the price is of what was there a moment ago
        self.is_stale = False
        self._means = Means()
        self._turn = 0
        self._is_looking = False
        self._looks_again = False
        self._price_timer = self._timer(_PRICE_MS, self._price_now)
        self._look_timer = self._timer(_LOOK_MS, self._look_now)
        document.opened.connect(self._on_opened)
        document.board_changed.connect(self._on_board)
        document.view_changed.connect(self.changed)

    def _timer(self, delay_ms: int, do_it: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(delay_ms)
        timer.timeout.connect(do_it)
        return timer

    def open(self, services: RunServices) -> None:
        """The core is there."""
        self._services = services
        self._unsubscribe = [
            services.subscribe(self._on_news),
            services.subscribe_money(self._on_money),
        ]
        self._on_opened()

    def close(self) -> None:
        """Listen no longer."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        self._price_timer.stop()
        self._look_timer.stop()

    # what there is

    @property
    def view(self) -> BoardView | None:
        return self.document.view

    @property
    def run(self) -> Run | None:
        """The newest one, also when it is over."""
        return None if self.view is None else self.view.run

    @property
    def is_running(self) -> bool:
        return self.run is not None and not self.run.state.is_over

    @property
    def scene(self) -> SceneView | None:
        """The one that is looked at."""
        if self.view is None or self.scene_uuid is None:
            return None
        return next((one for one in self.view.scenes if one.scene.uuid == self.scene_uuid), None)

    @property
    def is_rehearsed(self) -> bool:
        """Something was rehearsed, and not everything is made of it yet."""
        view = self.view
        if view is None or view.is_made:
            return False
        return any(scene.rehearsal is not None for scene in view.scenes)

    @property
    def offered(self) -> RunPrice | None:
        """What a click on Make is: what is missing, else what was changed since it was made."""
        return self.price if self.again is None else self.again.price

    def blocked(self) -> Blocked | None:
        """Why the click cannot be made now; None where it can."""
        price = self.offered
        if price is None or self.is_stale:
            # a click must never be for another price than the one that is shown
            return Blocked("")
        if price.problems:
            return Blocked("\n".join(price.problems))
        short = money_block(price, 1, self._means, self._today())
        if price.shortage:
            return short if short is not None else Blocked(price.shortage)
        return short

    def read_again(self) -> None:
        """Something that prices hang on is another one: a service was connected."""
        self._forget_price()
        self._look_soon()

    # choosing

    def set_goal(self, goal: RunGoal) -> None:
        if goal is not self.goal:
            self.goal = goal
            self._forget_price()

    def set_scenes(self, scene_uuids: Collection[str] | None) -> None:
        """Only these; None for all."""
        wanted = None if scene_uuids is None else tuple(scene_uuids)
        if wanted != self.scene_uuids:
            self.scene_uuids = wanted
            self._forget_price()

    def look_at(self, scene_uuid: str | None) -> None:
        """The scene whose pictures and takes are shown."""
        if scene_uuid != self.scene_uuid:
            self.scene_uuid = scene_uuid
            self.redo_prices = {}
            self.changed.emit()
            self._price_soon()

    def _forget_price(self) -> None:
        self.is_stale = True
        # what is being read is of what was there
        self._turn += 1
        self.changed.emit()
        if self._services is not None:
            # anew with every key: it is read in a pause of who types
            self._price_timer.start()

    # keeping up

    def _on_opened(self) -> None:
        self.price = self.rehearsal_price = self.again = None
        self.scene_uuids = None
        self.redo_prices = {}
        self._turn += 1
        self.changed.emit()
        self._look_soon()
        self._price_soon()

    def _on_board(self) -> None:
        self._forget_price()
        if self._services is not None:
            self._look_timer.start()

    def _on_news(self, scenario_uuid: str) -> None:
        board = self.document.board
        if board is not None and board.scenario.uuid == scenario_uuid:
            # if it says that things stand otherwise, the price is read again, too
            self._look_soon()

    def _on_money(self) -> None:
        if not self._is_at_work:
            self._price_soon()

    @property
    def _is_at_work(self) -> bool:
        """Nobody is asked for money while a run does its work."""
        return self.run is not None and self.run.state is RunState.RUNNING

    def _price_soon(self) -> None:
        if self._services is not None and not self._price_timer.isActive():
            self._price_timer.start()

    def _look_soon(self) -> None:
        if self._services is not None and not self._look_timer.isActive():
            self._look_timer.start()

    def _price_now(self) -> None:
        if self.document.board is not None:
            self._turn += 1
            self._spawn(self._read_price(self._turn), name="storyboard: price")

    def _look_now(self) -> None:
        if self._is_looking:
            self._looks_again = True
        elif self.document.board is not None:
            self._is_looking = True
            self._spawn(self._look(), name="storyboard: where its scenes stand")

    async def _look(self) -> None:
        services, document = self._services, self.document
        assert services is not None
        try:
            if not document.is_dirty:
                await document.look_again()
            board = document.board
            if board is None:
                return
            view = await services.view_of(board)
            now = document.board
            if now is None or now.scenario.uuid != board.scenario.uuid or view == document.view:
                return
            if _states(view) != _states(document.view):
                # what was missing is there now, or the other way round
                self.is_stale = True
                self._turn += 1
            document.set_view(view)
            if self.is_stale and not self._is_at_work:
                self._price_soon()
        except (StudioError, LookupError, ValueError) as error:
            self.failed.emit(error)
        finally:
            self._is_looking = False
            if self._looks_again:
                self._looks_again = False
                self._look_soon()

    async def _read_price(self, turn: int) -> None:
        services, board, goal = self._services, self.document.board, self.goal
        if services is None or board is None:
            return
        known = {scene.uuid for scene in board.scenes}
        chosen = self.scene_uuids
        uuids = None if chosen is None else [one for one in chosen if one in known]
        scene_uuid = self.scene_uuid if self.scene_uuid in known else None
        try:
            means = Means(
                await services.balance(), tuple(await services.budgets()), self._today()
            )  # fmt: skip
            price = await services.price(board, goal, uuids)
            rehearsal = await services.price(board, RunGoal.REHEARSAL, uuids)
            redo = {} if scene_uuid is None else await self._redo_prices(board, scene_uuid)
            again = None if price.count or price.problems else await self._again(board, goal, uuids)
        except (StudioError, ValueError, LookupError) as error:
            if turn == self._turn:
                self.failed.emit(error)
            return
        if turn == self._turn:
            self._means, self.price, self.rehearsal_price = means, price, rehearsal
            self.redo_prices, self.again, self.is_stale = redo, again, False
            self.changed.emit()

    async def _again(
        self, board: Storyboard, goal: RunGoal, uuids: Collection[str] | None
    ) -> Again | None:
        """Of what was changed since; None for nothing, or where it cannot be made anew now."""
        from veo_studio.core.storyboard.pricing import RunPrice

        assert self._services is not None
        view = self.view
        if view is None or goal is RunGoal.REHEARSAL:
            return None
        steps = []
        prices = []
        for scene in view.scenes:
            uuid = scene.scene.uuid
            is_wanted = uuids is None or uuid in uuids
            if scene.state is not SceneState.CHANGED or not is_wanted:
                continue
            step = Step.PICTURE if scene.take is None else Step.CLIP
            if goal is RunGoal.PICTURES and step is Step.CLIP:
                continue
            with suppress(ValueError, LookupError):
                prices.append(await self._services.price_of_redo(board, uuid, step))
                steps.append((uuid, step))
            if len(steps) == _MOST_AGAIN:
                break
        if not steps:
            return None
        costs = [one.cost_usd for one in prices]
        known = [one for one in costs if one is not None]
        price = RunPrice(
            goal,
            tokens=sum(one.tokens for one in prices),
            cost_usd=sum(known, Decimal(0)) if len(known) == len(costs) else None,
            pictures=sum(one.pictures for one in prices),
            clips=sum(one.clips for one in prices),
            problems=tuple(dict.fromkeys(line for one in prices for line in one.problems)),
            shortage=next((one.shortage for one in prices if one.shortage), ""),
        )
        return Again(tuple(steps), price)

    async def _redo_prices(self, board: Storyboard, scene_uuid: str) -> dict[Step, RunPrice]:
        """Without a step that cannot be made anew now: it is being made, or the scene is gone."""
        assert self._services is not None
        found = {}
        for step in (Step.PICTURE, Step.CLIP):
            with suppress(ValueError, LookupError):
                found[step] = await self._services.price_of_redo(board, scene_uuid, step)
        return found


def _states(view: BoardView | None) -> tuple[object, ...]:
    """What a price hangs on."""
    if view is None:
        return ()
    run = None if view.run is None else (view.run.id, view.run.state)
    return (run, *(scene.state for scene in view.scenes))
