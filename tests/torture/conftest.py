"""What every test here has: a count of what it tried, for the table at the end of `make torture`."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator

import pytest


@pytest.fixture
def tried() -> Iterator[Counter[str]]:
    """Count here: "kills", "restarts", "fault: <kind>", "violations" (the test fails besides)..."""
    counts: Counter[str] = Counter()
    yield counts
    if log := os.environ.get("VEO_STUDIO_TORTURE_LOG"):
        # short lines, appended: the processes of one run do not disturb each other
        with open(log, "a", encoding="utf-8") as file:
            for what, count in counts.items():
                file.write(json.dumps({"what": what, "count": count}) + "\n")
