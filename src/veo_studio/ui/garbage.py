"""When Python looks for garbage, so that the window does not stand still meanwhile."""

from __future__ import annotations

import gc


def collect_from_now_on() -> None:
    """What the start made stays; walking through it for garbage would stop the window for 90 ms, often."""
    gc.freeze()
    gc.enable()
    if _spare_the_first not in gc.callbacks:
        gc.callbacks.append(_spare_the_first)


def _spare_the_first(phase: str, info: dict[str, int]) -> None:
    """Nor what came in the minute after the start: libraries of the network, and rows.

    The first walk through everything would take 30 to 40 ms for it.
    """
    if phase == "start" and info["generation"] == 2:
        gc.callbacks.remove(_spare_the_first)
        gc.freeze()
