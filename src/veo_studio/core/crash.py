"""Places where a test may kill the program: nothing happens unless VEO_STUDIO_CRASH names one.

`VEO_STUDIO_CRASH=K07:2` ends the process with SIGKILL at the second pass of label K07, as a power
cut would. The labels are those of the reliability tests.
"""

from __future__ import annotations

import os
import signal

_label, _, _passes = os.environ.get("VEO_STUDIO_CRASH", "").partition(":")
_left = int(_passes or 1)


def crash_point(label: str) -> None:
    """End here if a test asked for it."""
    global _left
    if label != _label:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
