"""What the tests of storyboards share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def quick_rehearsals(clips_are_copied: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clips are copies of the first of their kind, and are asked after at once."""
    monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", "0.05")
    monkeypatch.setenv("VEO_STUDIO_REHEARSAL_DELAY", "0")
