"""Threads that let all others go first."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

_LATER = 10


def go_later() -> None:
    """Lower the calling thread, for work that nobody waits for; only Linux can do that to a thread.

    Not to the lowest: whoever holds the interpreter and never gets a processor holds up everybody.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):
            now = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, min(19, now + _LATER))
