"""Storyboards as they are stored: what the user wrote, what was chosen, and the runs.

`save` writes documents and `choose` choices: a run that chooses and a person who writes at the same
time never overwrite each other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from veo_studio.core.errors import StudioError
from veo_studio.core.store import storyboard_rows, storyboard_runs
from veo_studio.core.store.batches import KeyedGeneration
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import utc_now
from veo_studio.core.storyboard import limits
from veo_studio.core.storyboard.edits import replace_scenes
from veo_studio.core.storyboard.models import (
    Choices,
    KeyPrice,
    Run,
    RunGoal,
    RunState,
    Storyboard,
    StoryboardEntry,
)

# what was chosen for a scene, or how it follows from what is chosen now
Chosen = Choices | Callable[[Choices], Choices]


class BoardChanged(StudioError):
    """The storyboard was saved by somebody else meanwhile: another window or a command."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"The storyboard {title!r} was changed elsewhere meanwhile.",
            action="Open it again, then make your change once more.",
        )


class StoryboardRepository:
    """Every method raises StorageError; LookupError where there is no such storyboard."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self.database = database
        self._clock = clock

    async def create(self, board: Storyboard, source_sha256: str | None = None) -> Storyboard:
        """Store a new one with the choices it has; `source_sha256` is that of the file it was made of.

        Raises ValueError where it, or a scene of it, is stored already (`edits.copy_of`).
        """
        board = _checked(board)
        now = self._clock()
        return await self.database.write(
            lambda c: storyboard_rows.create(c, board, source_sha256, now)
        )

    async def entries(self) -> list[StoryboardEntry]:
        """Those that are not deleted, the one that was changed last first."""
        return await self.database.read(storyboard_rows.entries)

    async def get(self, board: int | str) -> Storyboard:
        """By its number or uuid."""
        return await self.database.read(lambda c: storyboard_rows.get(c, board))

    async def of_source(self, source_sha256: str) -> Storyboard | None:
        """The newest that was made of a file with that SHA-256 and is not deleted."""
        return await self.database.read(lambda c: storyboard_rows.of_source(c, source_sha256))

    async def save(self, board: Storyboard) -> Storyboard:
        """Store what the user wrote; raises BoardChanged where another revision is stored.

        Scenes that are stored keep the choices that they have there, new ones bring theirs. What is
        given back has the choices of now.
        """
        board = _checked(board)
        now = self._clock()

        def work(connection: Connection) -> Storyboard:
            stored = storyboard_rows.get(connection, board.scenario.uuid)
            if stored.revision != board.revision:
                raise BoardChanged(stored.scenario.title)
            return storyboard_rows.save(connection, board, now)

        return await self.database.write(work)

    async def delete(self, board_id: int) -> None:
        """It can be restored; its pictures and clips stay in the library."""
        now = self._clock()
        await self.database.write(lambda c: storyboard_rows.set_deleted(c, board_id, now))

    async def restore(self, board_id: int) -> Storyboard:
        """Undo `delete`."""

        def work(connection: Connection) -> Storyboard:
            storyboard_rows.set_deleted(connection, board_id, None)
            return storyboard_rows.get(connection, board_id)

        return await self.database.write(work)

    async def choose(self, scenario_uuid: str, chosen: Mapping[str, Chosen]) -> Storyboard:
        """By the uuid of the scene; also of one that was deleted, which undo may bring back.

        A function is given what is chosen at that moment: nobody else's choice is lost. Scenes that are
        not there are left out. Tells no other revision.
        """
        return await self.database.write(
            lambda c: storyboard_rows.choose(c, scenario_uuid, dict(chosen))
        )

    async def takes(self, scenario_uuid: str) -> list[KeyedGeneration]:
        """Everything that was asked for by this storyboard or is chosen in it, deleted or not, oldest first."""
        return await self.database.read(lambda c: storyboard_rows.takes(c, scenario_uuid))

    async def made_as(self, digests: Collection[str]) -> dict[str, int]:
        """By the SHA-256 of its file: the newest generation that is here; those that are not are left out."""
        return await self.database.read_apart(lambda c: storyboard_rows.made_as(c, digests))

    async def begin_run(
        self,
        scenario_uuid: str,
        goal: RunGoal,
        scene_uuids: Collection[str],
        keys: Collection[str] = (),
        chosen: Mapping[str, Chosen] | None = None,
        prices: Collection[KeyPrice | None] = (),
    ) -> Run:
        """In state RUNNING; `keys` are all that it may ask for, at `prices` in the same order.

        With it `chosen` as by `choose`, or neither.
        """
        now = self._clock()

        def work(connection: Connection) -> Run:
            if chosen:
                storyboard_rows.choose(connection, scenario_uuid, dict(chosen))
            return storyboard_runs.begin(
                connection, scenario_uuid, goal, tuple(scene_uuids), tuple(keys), tuple(prices), now
            )

        return await self.database.write(work)

    async def agree(self, run_id: int, prices: Mapping[str, KeyPrice]) -> Run:
        """What these keys of a run may cost from now on."""
        return await self.database.write(lambda c: storyboard_runs.agree(c, run_id, prices))

    async def run(self, run_id: int) -> Run:
        """Raises LookupError."""
        return await self.database.read(lambda c: storyboard_runs.get(c, run_id))

    async def set_run(self, run_id: int, state: RunState, reason: str = "") -> Run:
        """As it is then: a run that is over stays as it is, for ever. Raises LookupError."""
        now = self._clock()
        return await self.database.write(
            lambda c: storyboard_runs.set_state(c, run_id, state, reason, now)
        )

    async def unfinished_runs(self) -> list[Run]:
        """Of storyboards that are not deleted, oldest first."""
        return await self.database.read(storyboard_runs.unfinished)

    async def last_run(self, scenario_uuid: str) -> Run | None:
        return await self.database.read(lambda c: storyboard_runs.last(c, scenario_uuid))


def _checked(board: Storyboard) -> Storyboard:
    """Whatever made it: what is stored can be read again."""
    scenario = limits.check_scenario(board.scenario)
    checked = replace_scenes(board, board.scenes)
    return Storyboard(scenario, checked.scenes, board.id, board.revision, board.updated_at)
