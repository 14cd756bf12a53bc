"""How much is tried: a little in `make test`, everything in `make torture`, a part of it in between.

`VEO_STUDIO_TORTURE` is the share of everything (1 is all of it); unset means the little.
`VEO_STUDIO_TEST_SCALE` is something else: it stretches every time limit on a slow machine.
"""

from __future__ import annotations

import os

from tests.faults.clock import SCALE

_SHARE = os.environ.get("VEO_STUDIO_TORTURE", "")
IS_TORTURE = bool(_SHARE)
LIMIT_S = 120 * SCALE


def amount(little: int, everything: int) -> int:
    """How many of something: at least `little`."""
    if not IS_TORTURE:
        return little
    return max(little, round(everything * float(_SHARE)))
