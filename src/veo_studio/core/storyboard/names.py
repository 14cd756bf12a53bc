"""`@name` in a text: which names of the cast are in it. A name is letters, digits and _, at most 32."""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_NAME = 32
_NAME = re.compile(rf"\w{{1,{MAX_NAME}}}\Z")
# an address such as me@home is none
MENTION = re.compile(rf"(?<![\w@.])@(\w{{1,{MAX_NAME}}})(?!\w)")


def is_name(text: str) -> bool:
    return _NAME.match(text) is not None


def folded(name: str) -> str:
    """What two spellings of one name have in common."""
    return name.casefold()


def mentions(text: str) -> tuple[str, ...]:
    """Every name in `text`, once each, in the order of the text and as it is spelled there first."""
    found: dict[str, str] = {}
    for match in MENTION.finditer(text):
        found.setdefault(folded(match[1]), match[1])
    return tuple(found.values())


def unknown(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Names in `text` that are not among `names`."""
    known = {folded(name) for name in names}
    return tuple(name for name in mentions(text) if folded(name) not in known)


def renamed(text: str, old: str, new: str) -> str:
    """`text` with every @old as @new."""
    wanted = folded(old)
    return MENTION.sub(
        lambda match: f"@{new}" if folded(match[1]) == wanted else match[0],
        text,
    )
