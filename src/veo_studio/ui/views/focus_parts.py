"""The focus goes from part to part of a page, as F6 does it."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

_REASON = Qt.FocusReason.ShortcutFocusReason


def has_focus(part: QWidget) -> bool:
    """It or something in it."""
    window = part.window()
    focus = None if window is None else window.focusWidget()
    return focus is not None and (part is focus or part.isAncestorOf(focus))


def focus_first(part: QWidget) -> None:
    """On itself where Tab stops there, else on the first in it where Tab stops."""
    takes_focus = Qt.FocusPolicy.TabFocus.value
    for one in (part, *part.findChildren(QWidget)):
        if one.isVisible() and one.isEnabled() and one.focusPolicy().value & takes_focus:
            one.setFocus(_REASON)
            return


def cycle(parts: Sequence[Sequence[QWidget]], step: int) -> None:
    """From the part that has the focus to the one `step` further; each begins with where it is entered."""
    now = next(
        (place for place, part in enumerate(parts) if any(has_focus(one) for one in part)),
        -step if step > 0 else 0,
    )
    focus_first(parts[(now + step) % len(parts)][0])
