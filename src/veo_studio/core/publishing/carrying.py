"""One try of one delivery: prepared, sent, and what became of it stored.

What is stored is enough for the next start: a try that was only prepared is made again, one that was being
sent is made again where that does no harm, and else it is up to the user.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from veo_studio.core.answers import ErrorKind
from veo_studio.core.crash import crash_point
from veo_studio.core.errors import StorageError, StudioError
from veo_studio.core.log import redact
from veo_studio.core.publishing.base import MaybeSent, NotTaken, Publisher, TryAgain
from veo_studio.core.publishing.models import (
    LINK_AT_MOST,
    Delivery,
    DeliveryState,
    Link,
    Receipt,
    Way,
)
from veo_studio.core.publishing.target_book import TargetBook
from veo_studio.core.store.publishing import PublishingRepository
from veo_studio.core.store.publishing_moves import MAX_TRIES

if TYPE_CHECKING:
    from veo_studio.core.publishing.preparing import Preparer
    from veo_studio.core.studio import Studio

_log = logging.getLogger(__name__)
_D = DeliveryState
T = TypeVar("T")
# between two tries
TRY_WAIT_S = 60.0
# nobody waits longer in all, or more often, because a place says so
_PATIENCE_S = 86_400
_MOST_WAITS = 50
# until what became of a try is stored once more
_STORE_AGAIN_S = 2.0
_WAYS = {
    Way.SMALLER: "Deliver a smaller copy.",
    Way.LINK: "Deliver a link to it instead.",
}


class _Stop:
    """A cancel that comes while something is stored: it goes on once what is stored is known."""

    def __init__(self) -> None:
        self.is_asked = False

    async def after(self, work: Coroutine[Any, Any, T]) -> T:
        """The end of `work`, whoever cancels meanwhile."""
        task = asyncio.ensure_future(work)
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                self.is_asked = True
        return task.result()


@dataclass
class _Sending:
    """How far a try is: from `is_begun` on something may have arrived."""

    is_begun: bool = False
    is_harmless: bool = False
    done: int = 0
    total: int = 0
    receipt: Receipt | None = None

    @property
    def may_have_arrived(self) -> bool:
        """Not where a part of it was never handed over."""
        return self.is_begun and not self.is_harmless and not self.done < self.total


@dataclass(frozen=True)
class _Ending:
    to: DeliveryState
    outcome: str
    reason: str = ""
    action: str | None = None
    kind: ErrorKind | None = None
    wait_s: float | None = None
    is_counted: bool = True
    waits: int = 0
    waited_s: int = 0
    receipt: Receipt | None = None


class Carrying:
    """`tell` is given each delivery that stands elsewhere now, and those whose progress is another one."""

    def __init__(
        self,
        studio: Studio,
        repository: PublishingRepository,
        book: TargetBook,
        preparer: Callable[[], Preparer],
        tell: Callable[[Delivery], None],
        tell_progress: Callable[[Delivery], None],
    ) -> None:
        self._studio = studio
        self._repository = repository
        self._book = book
        self._preparer = preparer
        self._tell = tell
        self._tell_progress = tell_progress
        self.progress: dict[int, tuple[int, int]] = {}

    async def carry(self, delivery_id: int) -> Delivery:
        """The next try; cancelled, what becomes of it is stored all the same. Raises StorageError."""
        stop = _Stop()
        one, attempt = await stop.after(self._repository.begin(delivery_id))
        self._tell(one)
        if attempt is not None:
            crash_point("deliver-stored")
            ending = await self._ending(one, attempt, stop)
            one = await self._store(one, attempt, ending, stop)
        if stop.is_asked:
            raise asyncio.CancelledError
        if attempt is not None:
            crash_point("deliver-done")
            if not one.state.is_open:
                await self._preparer().release(one.uuid)
        return one

    async def _ending(self, one: Delivery, attempt: int, stop: _Stop) -> _Ending:
        sending = _Sending()
        if stop.is_asked:
            return _interrupted(one, sending)
        try:
            return await self._tried(one, attempt, sending)
        except asyncio.CancelledError:
            stop.is_asked = True
            return _interrupted(one, sending)
        finally:
            self.progress.pop(one.id, None)

    async def _tried(self, one: Delivery, attempt: int, sending: _Sending) -> _Ending:
        try:
            receipt = await self._deliver(one, attempt, sending)
            return _Ending(_D.DELIVERED, "delivered", receipt=receipt)
        except TryAgain as error:
            return _again(one, error)
        except NotTaken as error:
            return _Ending(_D.FAILED, "refused", error.message, error.action, error.kind)
        except MaybeSent as error:
            return _maybe_sent(error.message, error.action)
        except StudioError as error:
            # of this computer: a full disk, a database that does not answer
            if sending.may_have_arrived:
                return _maybe_sent(error.message, error.action)
            return _again(one, TryAgain(error.message, error.kind, action=error.action))
        except Exception as error:
            _log.exception("a delivery to %s failed", one.kind.value)
            words = redact(f"Something unexpected went wrong: {type(error).__name__}.")
            if sending.may_have_arrived:
                return _maybe_sent(words, None)
            return _again(one, TryAgain(words, ErrorKind.GENERATION_FAILED))

    async def _deliver(self, one: Delivery, attempt: int, sending: _Sending) -> Receipt:
        generation = await self._studio.generations.get(one.generation_id)
        publisher = await self._book.publisher(one)
        try:
            parcel = await self._preparer().parcel(one, generation, publisher, self._link_of)
            crash_point("deliver-prepared")
            refusal = publisher.refusal(parcel)
            if refusal is not None:
                action = " ".join(_WAYS[way] for way in refusal.ways if way in _WAYS)
                raise NotTaken(
                    refusal.sentence, ErrorKind.INVALID_REQUEST, action=action or None
                )  # fmt: skip
            is_harmless = publisher.repeats_harmlessly
            await self._repository.mark_sending(attempt, is_harmless)
            sending.is_begun, sending.is_harmless = True, is_harmless
            crash_point("deliver-sending")

            def on_progress(done: int, total: int) -> None:
                sending.done, sending.total = done, total
                self.progress[one.id] = (done, total)
                self._tell_progress(one)

            sending.receipt = await publisher.send(parcel, on_progress)
            crash_point("deliver-sent")
            return sending.receipt
        finally:
            await _closed(publisher)

    async def link_of(self, delivered: Delivery, valid_for: timedelta) -> Link | None:
        """A fresh link to what was delivered. Raises TryAgain, NotTaken."""
        if delivered.receipt is None:
            return None
        publisher = await self._book.publisher(delivered)
        try:
            return await publisher.link(delivered.receipt, valid_for)
        finally:
            await _closed(publisher)

    async def remove(self, delivered: Delivery) -> Delivery:
        """Take away what was delivered, and note it. Raises TryAgain, NotTaken, StorageError."""
        receipt = delivered.receipt
        if receipt is None and delivered.kind.follows_publication:
            # it ended before that was stored: a page knows the clip by its uuid
            clip = await self._studio.generations.get(delivered.generation_id)
            receipt = Receipt(delivered.target_name, {"uuid": clip.uuid})
        if receipt is None:
            raise NotTaken(
                "It is not known which message it became.",
                ErrorKind.NOT_FOUND,
                action="Delete it there.",
            )
        publisher = await self._book.publisher(delivered)
        try:
            await publisher.remove(receipt)
        finally:
            await _closed(publisher)
        removed = await self._repository.set_removed(delivered.id)
        self._tell(removed)
        return removed

    async def _link_of(self, one: Delivery) -> Link:
        """Of the store that a delivery of a link leads to."""
        source = None
        if one.link_target_id is not None:
            source = await self._repository.there(one.generation_id, one.link_target_id)
        if source is None or source.state is not _D.DELIVERED or source.receipt is None:
            raise NotTaken(
                "The clip is not in the store that the link would lead to.",
                ErrorKind.NOT_FOUND,
                action="Deliver it to the store first, then try this again.",
            )
        if source.receipt.public_url:
            return Link(source.receipt.public_url)
        link = await self.link_of(source, LINK_AT_MOST)
        if link is None:
            raise NotTaken(
                f"{source.target_name} gives no links.",
                ErrorKind.INVALID_REQUEST,
                action="Choose another store for the link.",
            )
        self._tell(await self._repository.set_link_until(source.id, link.until))
        return link

    async def _store(self, one: Delivery, attempt: int, ending: _Ending, stop: _Stop) -> Delivery:
        """Until it is stored; once it shall stop, no more than once: what a kill leaves is right as well."""
        next_at = None
        if ending.wait_s is not None:
            next_at = self._studio.clock.now() + timedelta(seconds=ending.wait_s)
        while True:
            try:
                ended = await stop.after(
                    self._repository.end(
                        one.id,
                        attempt,
                        ending.to,
                        outcome=ending.outcome,
                        reason=ending.reason,
                        action=ending.action,
                        kind=ending.kind,
                        next_attempt_at=next_at,
                        is_counted=ending.is_counted,
                        waits=ending.waits,
                        waited_s=ending.waited_s,
                        receipt=ending.receipt,
                    )
                )
            except StorageError as error:
                _log.warning("a delivery cannot be recorded yet: %s", error.message)
                if stop.is_asked:
                    return one
                try:
                    await self._studio.clock.sleep(_STORE_AGAIN_S)
                except asyncio.CancelledError:
                    stop.is_asked = True
            else:
                self._tell(ended)
                return ended


def _again(one: Delivery, error: TryAgain) -> _Ending:
    """Three tries, a minute apart; a wait that the place asks for is no try, as long as it ends."""
    if error.retry_after_s is not None:
        return _told_to_wait(one, error, max(0.0, error.retry_after_s))
    if one.attempts < MAX_TRIES:
        return _Ending(
            _D.WAITING, "not taken now", error.message, error.action, error.kind, TRY_WAIT_S
        )
    return _Ending(_D.FAILED, "given up", error.message, error.action, error.kind)


def _told_to_wait(one: Delivery, error: TryAgain, wait_s: float) -> _Ending:
    waits, waited_s = one.waits + 1, one.waited_s + math.ceil(min(wait_s, 2 * _PATIENCE_S))
    if waits <= _MOST_WAITS and waited_s <= _PATIENCE_S:
        return _Ending(
            _D.WAITING, "asked to wait", error.message, error.action, error.kind, wait_s,
            is_counted=False, waits=waits, waited_s=waited_s,
        )  # fmt: skip
    reason = error.message
    if one.waits:
        reason = f"It asked to wait again and again, {waits} times by now. {reason}"
    return _Ending(_D.FAILED, "given up", reason, error.action, error.kind)


def _maybe_sent(reason: str, action: str | None) -> _Ending:
    return _Ending(
        _D.MAYBE_SENT, "maybe sent", reason, action, ErrorKind.SUBMIT_UNKNOWN
    )  # fmt: skip


def _interrupted(one: Delivery, sending: _Sending) -> _Ending:
    """It was cancelled, or the program ends in good order."""
    if sending.receipt is not None:
        return _Ending(_D.DELIVERED, "delivered", receipt=sending.receipt)
    if sending.may_have_arrived:
        return _maybe_sent("It was stopped after it was sent, before the answer came.", None)
    told = (one.waits, one.waited_s)
    return _Ending(
        _D.WAITING, "stopped", one.reason, is_counted=False, waits=told[0], waited_s=told[1]
    )


async def _closed(publisher: Publisher) -> None:
    try:
        await publisher.close()
    except Exception:
        _log.exception("a publisher could not be closed")
