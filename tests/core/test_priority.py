"""What nobody waits for lets the window go first."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from veo_studio.core.priority import go_later


def _priority() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_a_thread_goes_later_and_the_others_stay() -> None:
    before = _priority()
    with ThreadPoolExecutor(1, initializer=go_later) as threads:
        lowered = threads.submit(_priority).result()
    # elsewhere a thread has no priority of its own
    expected = min(19, before + 10) if sys.platform == "linux" else before
    assert lowered == expected
    assert _priority() == before
