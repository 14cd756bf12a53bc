"""Fetching a finished file with as many tries as it takes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from veo_studio.core import download
from veo_studio.core.clock import Clock
from veo_studio.core.errors import DownloadError, LinkExpired, ProviderUnavailable, RateLimited
from veo_studio.core.models import ErrorKind, ResultRef
from veo_studio.core.providers.base import Provider
from veo_studio.core.retry import Backoff

_log = logging.getLogger(__name__)
# a file that is wrong this often is wrong at the provider: then a person looks
_BAD_DOWNLOADS = 5
# at most so long after a line is back it is used again (reliability: C18)
_LINE_WAIT_S = 8.0

# bytes done, bytes in all (None: not told), bytes per second (None: too early to say)
ByteReport = Callable[[int, int | None, float | None], None]


async def fetch_until_whole(
    provider: Provider,
    result: ResultRef,
    part: Path,
    report: ByteReport,
    backoff: Backoff,
    stall_timeout_s: float,
    clock: Clock,
) -> download.Fetched:
    """Fetch `result` into `part`, resuming where it broke off.

    A line that is down is waited for without an end; a wrong file is tried five times. Raises
    LinkExpired at once, DownloadError, StorageError, and a provider's refusal such as AuthError.
    """
    meter = _Meter(report, clock)
    bad = broken = 0
    while True:
        try:
            return await download.fetch(
                provider,
                result,
                part,
                on_bytes=meter,
                stall_timeout_s=stall_timeout_s,
                low_speed_s=stall_timeout_s,
            )
        except LinkExpired:
            raise
        except DownloadError as error:
            _log.warning("a download was not whole: %s", error.message)
            bad += 1
            if bad >= _BAD_DOWNLOADS:
                raise
            wait_s = 0.0 if meter.take_moved() else backoff.wait_s(bad)
        except (RateLimited, ProviderUnavailable) as error:
            _log.info("a download broke off: %s", error.message)
            # at once while bytes still arrive between the breaks
            broken = 0 if meter.take_moved() else broken + 1
            wait_s = backoff.wait_s(broken, error.retry_after_s) if broken else 0.0
            if error.kind is ErrorKind.NETWORK:
                # a line that is back is noticed soon; nobody is bothered by the asking
                wait_s = min(wait_s, max(_LINE_WAIT_S, error.retry_after_s or 0.0))
        await clock.sleep(wait_s)


class _Meter:
    """Bytes as they arrive: passed on at most ten times a second, with the rate."""

    def __init__(self, report: ByteReport, clock: Clock) -> None:
        self._report = report
        self._clock = clock
        self._started = clock.monotonic()
        self._first: int | None = None
        self._last_report = 0.0
        self._has_moved = False

    def __call__(self, done: int, total: int | None) -> None:
        now = self._clock.monotonic()
        if self._first is None:
            self._first, self._started = done, now
        self._has_moved = self._has_moved or done > self._first
        if now - self._last_report < 0.1 and done != total:
            return
        self._last_report = now
        elapsed_s = now - self._started
        self._report(done, total, (done - self._first) / elapsed_s if elapsed_s > 0.2 else None)

    def take_moved(self) -> bool:
        """True where bytes arrived since the last call."""
        moved, self._has_moved, self._first = self._has_moved, False, None
        return moved
