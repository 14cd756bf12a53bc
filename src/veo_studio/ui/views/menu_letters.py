"""A letter for every line of a menu whose lines are made for what is selected."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu


def fill(menu: QMenu, actions: Sequence[QAction | None]) -> None:
    """Put them into an empty menu, each with a letter of its own; None is a separator."""
    give_letters(actions)
    for action in actions:
        if action is None:
            menu.addSeparator()
        else:
            menu.addAction(action)


def give_letters(actions: Sequence[QAction | None]) -> None:
    """The first letter that is free: of its words, else of anything in them.

    Words are the user's in places, so an ampersand in them is only that.
    """
    taken: set[str] = set()
    for action in actions:
        if action is None:
            continue
        words, tab, keys = action.text().partition("\t")
        place = _place(words, taken)
        if place is None:
            shown = words.replace("&", "&&")
        else:
            taken.add(words[place].casefold())
            before, after = (part.replace("&", "&&") for part in (words[:place], words[place:]))
            shown = f"{before}&{after}"
        action.setText(shown + tab + keys)


def _place(words: str, taken: set[str]) -> int | None:
    starts = [n for n in range(len(words)) if n == 0 or words[n - 1] == " "]
    for n in (*starts, *range(len(words))):
        if words[n].isalnum() and words[n].isascii() and words[n].casefold() not in taken:
            return n
    return None
