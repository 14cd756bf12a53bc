"""The one loop of Qt and asyncio."""

from __future__ import annotations

import asyncio
from typing import Any

import qasync


class EventLoop(qasync.QEventLoop):
    """qasync's loop, whose last turn is like all others.

    When what it waits for is done, qasync lets Qt work once more, and has told asyncio by then that no
    loop runs: the first task that makes another one in that turn breaks ("no running event loop").
    """

    _is_ending = False

    def run_until_complete(self, future: Any) -> Any:
        if self.is_running():
            return super().run_until_complete(future)  # which refuses
        self._is_ending = True
        try:
            return super().run_until_complete(future)
        finally:
            self._is_ending = False
            asyncio.events._set_running_loop(None)

    def _after_run_forever(self) -> None:
        super()._after_run_forever()
        if self._is_ending:
            asyncio.events._set_running_loop(self)
