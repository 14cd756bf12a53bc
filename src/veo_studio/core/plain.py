"""Text from outside, made fit to be shown, copied or reported.

A provider's words may hold terminal escapes, marks that turn the reading direction around, links
that open a paid file, and our own key. `masked` is for everything of theirs that a person sees.
"""

from __future__ import annotations

import re

from veo_studio.core.log import redact

# CSI and OSC sequences, the rest of the two-character escapes
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
# control characters apart from line ends and tabs, direction marks, what has no width, surrogates
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e"
    r"\u2060-\u2069\ufeff\ud800-\udfff]"
)
_LINK = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{1,20})://([^\s/?#\"'<>]*)[^\s\"'<>]*")


def plain(text: str) -> str:
    """`text` without anything that acts on a terminal or on the words beside it."""
    return _UNSEEN.sub("", _ESCAPES.sub("", text))


def masked(text: str) -> str:
    """`plain` and without secrets: in this order, or a key split by an escape would be whole again."""
    return redact(plain(text))


def without_links(text: str) -> str:
    """Links cut down to their host: the path and the query of a result's link open the result."""
    return _LINK.sub(lambda found: f"{found[1]}://{found[2].rpartition('@')[2]}/\u2026", text)
