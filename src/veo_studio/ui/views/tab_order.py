"""The order of Tab where parts come later than the rest: Qt puts them behind everything else."""

from __future__ import annotations

from itertools import pairwise

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget


def tab_through(*parts: QWidget | None) -> None:
    """Let Tab go through these parts of one window one after the other, each in its own order."""
    there = [part for part in parts if part is not None]
    if not there:
        return
    chain = _stops(there[0].window())
    ordered = [
        widget for part in there for widget in chain if widget is part or part.isAncestorOf(widget)
    ]
    for before, after in pairwise(ordered):
        QWidget.setTabOrder(before, after)


def _stops(window: QWidget | None) -> list[QWidget]:
    """What takes the focus itself, in the order of now."""
    found: list[QWidget] = []
    widget = window.nextInFocusChain() if window is not None else None
    while widget is not None and widget is not window:
        if widget.focusPolicy() is not Qt.FocusPolicy.NoFocus and widget.focusProxy() is None:
            found.append(widget)
        widget = widget.nextInFocusChain()
    return found
