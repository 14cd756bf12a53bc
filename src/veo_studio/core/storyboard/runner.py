"""The durable run of a storyboard: pictures, approval, clips, each an ordinary generation."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from veo_studio.core.storyboard.models import Run, RunGoal, Step, Storyboard
from veo_studio.core.storyboard.pricing import RunPrice
from veo_studio.core.storyboard.views import BoardView

if TYPE_CHECKING:
    from veo_studio.core.store.storyboards import StoryboardRepository
    from veo_studio.core.studio import Studio

Listener = Callable[[str], None]


class StoryboardRunner:
    """Decides what is asked for next; when it is sent is the queue's business."""

    def __init__(self, studio: Studio, repository: StoryboardRepository) -> None:
        raise NotImplementedError

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Be called with a scenario's uuid when what `view` says may have changed; the returned call ends it."""
        raise NotImplementedError

    async def view(self, scenario_uuid: str) -> BoardView:
        """The stored storyboard as it stands. Raises LookupError."""
        raise NotImplementedError

    async def view_of(self, board: Storyboard) -> BoardView:
        """As `view`, of a storyboard with edits that are not stored yet."""
        raise NotImplementedError

    async def price(
        self, board: Storyboard, goal: RunGoal, scene_uuids: Collection[str] | None = None
    ) -> RunPrice:
        """What is missing for `goal` in these scenes (None: all), and what it costs. Stores nothing."""
        raise NotImplementedError

    async def start(
        self, board: Storyboard, goal: RunGoal, scene_uuids: Collection[str] | None = None
    ) -> Run:
        """Ask for what is missing, after all of it was priced; `board` is stored already.

        A run that waits for tokens or for anything else goes on with it. Raises ValueError with
        sentences, NotEnoughTokens, BudgetExceeded, LedgerDamaged, StorageError: then nothing was stored.
        """
        raise NotImplementedError

    async def price_of_redo(self, board: Storyboard, scene_uuid: str, step: Step) -> RunPrice:
        """What `redo` would cost."""
        raise NotImplementedError

    async def redo(self, scenario_uuid: str, scene_uuid: str, step: Step) -> Run:
        """Make one step of a scene anew; what was there stays and can be chosen. Raises as `start`."""
        raise NotImplementedError

    async def approve(
        self,
        scenario_uuid: str,
        scene_uuids: Collection[str] | None = None,
        is_approved: bool = True,
    ) -> Storyboard:
        """Somebody has seen the pictures of these scenes, None for all that have one: their clips may begin."""
        raise NotImplementedError

    async def choose_take(
        self, scenario_uuid: str, scene_uuid: str, generation_id: int
    ) -> Storyboard:
        """Let this take, picture or rehearsal stand for the scene. Raises LookupError, ValueError."""
        raise NotImplementedError

    async def cancel(self, run: Run) -> Run:
        """Ask for nothing more and stop what waits (it is refunded); what was sent stays and arrives."""
        raise NotImplementedError

    async def wait(self, run_id: int) -> Run:
        """Until it is over or only a person can go on with it (`APPROVAL`, `WAITING`)."""
        raise NotImplementedError

    async def resume(self) -> None:
        """After a start: go on with every run that is not over."""
        raise NotImplementedError

    async def close(self) -> None:
        """Every run stays as it is stored and goes on at the next start."""
        raise NotImplementedError
