"""Clips of the core's tests are copies, unless a test is about drawing them."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def no_clip_is_drawn_twice(clips_are_copied: None) -> None:
    """What `clips_are_copied` does, for all of this folder."""
