"""What every run of a program shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from veo_studio.core.clock import SYSTEM_CLOCK, Clock
from veo_studio.core.events import EventKind, EventStream, GenerationEvent
from veo_studio.core.generators.uploading import Uploads
from veo_studio.core.models import Generation, Progress
from veo_studio.core.recipe_files import leave_recipe
from veo_studio.core.retry import Backoff, RetryGate
from veo_studio.core.store.accounts import Accounts
from veo_studio.core.store.journal import OperationJournal
from veo_studio.core.store.repositories import GenerationRepository


@dataclass(frozen=True)
class RunTools:
    """Intervals and time-outs are seconds; `poll_interval_s` None means the provider's own rhythm."""

    repository: GenerationRepository
    journal: OperationJournal
    events: EventStream
    outputs: Path
    backoff: Backoff = field(default_factory=Backoff)
    poll_interval_s: float | None = None
    min_poll_interval_s: float = 0.0
    stall_timeout_s: float = 30.0
    clock: Clock = SYSTEM_CLOCK
    # asked right before money is spent: a pause that came meanwhile holds
    may_send: Callable[[str], bool] = lambda _provider: True
    gate: RetryGate = field(default_factory=lambda: RetryGate(SYSTEM_CLOCK))
    uploads: Uploads | None = None
    accounts: Accounts | None = None
    # asked when a clip has its place: the user may have changed it meanwhile
    writes_recipes: Callable[[], bool] = lambda: False

    def folder_of(self, generation: Generation) -> Path:
        """Where the clip goes."""
        return generation.output_dir or self.outputs

    def part_of(self, generation: Generation) -> Path:
        """What has arrived so far; beside its target, so that the rename stays on one file system."""
        return self.folder_of(generation) / f".{generation.uuid}.part"

    async def leave_recipe(self, generation: Generation) -> None:
        """Beside its file, where the user wants that; nothing hangs on it."""
        if self.writes_recipes():
            await leave_recipe(generation)

    def announce(
        self,
        generation: Generation,
        progress: Progress | None = None,
        kind: EventKind = EventKind.STATE_CHANGED,
    ) -> Generation:
        self.events.emit(GenerationEvent(kind, generation, progress))
        return generation
