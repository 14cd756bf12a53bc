"""What a submit cost, by the balance before and after it: KIE itself tells no price."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from veo_studio.core.errors import ProviderError
from veo_studio.core.task_scope import TaskScope

_log = logging.getLogger(__name__)

# so long at most the preparation of a submit waits for the balance before it
BEFORE_S = 3.0
# and so long it is kept for that submit
_HELD_S = 10.0
_AFTER_S = 10.0
_REMEMBERED = 1000


@dataclass(frozen=True)
class Reading:
    """The balance before the submit of this number, the first one after it was read."""

    number: int
    credits: Decimal


class BalanceMeter:
    """One submit is measured at a time; whatever fails here is logged and changes nothing.

    The balance before it is read while nothing is stored as sent yet, the one after it behind the
    submit's back: an operation that was accepted is stored before anything else is waited for.
    """

    def __init__(self, read: Callable[[], Awaitable[Decimal]]) -> None:
        self._read = read
        self._turn = asyncio.Lock()
        self._sent = 0
        # read for a submit that has not come yet; with it goes the turn
        self._held: Reading | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._taken: dict[str, Decimal] = {}
        self._pending: dict[str, asyncio.Event] = {}
        self._scope = TaskScope()
        self._is_closed = False

    async def prepare(self) -> None:
        """Take the turn and read, a few seconds at most, for the submit that comes next."""
        if self._is_closed:
            return
        try:
            async with asyncio.timeout(BEFORE_S):
                credits = await self._read_in_turn()
        except (ProviderError, TimeoutError) as error:
            _log.info("the balance before a submit is not known: %s", type(error).__name__)
            return
        self._held = Reading(self._sent + 1, credits)
        self._timer = asyncio.get_running_loop().call_later(_HELD_S, self.skip)

    def before(self) -> Reading | None:
        """A submit goes out now: its reading, None where it is not measured. Never waits."""
        # also one that is not measured itself spoils the measure of the one that is
        self._sent += 1
        reading, self._held = self._held, None
        self._stop_timer()
        if reading is not None and reading.number != self._sent:
            self.drop(reading)
            return None
        return reading

    def skip(self) -> None:
        """The submit that was prepared for does not come, or costs nothing."""
        reading, self._held = self._held, None
        self._stop_timer()
        self.drop(reading)

    def drop(self, reading: Reading | None) -> None:
        """The submit was not accepted."""
        if reading is not None:
            self._turn.release()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def after(self, reading: Reading | None, operation_id: str, most: Decimal) -> None:
        """Find out in the background what it took, if that is no more than `most` credits."""
        if reading is None:
            return
        if self._is_closed:
            self._turn.release()
            return
        self._pending[operation_id] = asyncio.Event()
        self._scope.spawn(self._measure(reading, operation_id, most), "balance after a submit")

    async def taken(self, operation_id: str) -> Decimal | None:
        """How many credits it took, where that was measured since the program began."""
        if (pending := self._pending.get(operation_id)) is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_AFTER_S):
                    await pending.wait()
        return self._taken.get(operation_id)

    async def close(self) -> None:
        self._is_closed = True
        self.skip()
        await self._scope.close()

    async def _read_in_turn(self) -> Decimal:
        await self._turn.acquire()
        try:
            return await self._read()
        except BaseException:
            self._turn.release()
            raise

    async def _measure(self, reading: Reading, operation_id: str, most: Decimal) -> None:
        try:
            async with asyncio.timeout(_AFTER_S):
                taken = reading.credits - await self._read()
            self._keep(reading, operation_id, taken, most)
        except (ProviderError, TimeoutError) as error:
            _log.info("the balance after a submit is not known: %s", type(error).__name__)
        finally:
            self._turn.release()
            self._pending.pop(operation_id).set()

    def _keep(self, reading: Reading, operation_id: str, taken: Decimal, most: Decimal) -> None:
        if self._sent != reading.number or not 0 < taken <= most:
            _log.info("the balance changed by %s credits, which tells no price", taken)
            return
        if len(self._taken) >= _REMEMBERED:
            del self._taken[next(iter(self._taken))]
        self._taken[operation_id] = taken
