"""Names and lines of text as every one of the formats can hold them."""

from __future__ import annotations

import re
from pathlib import Path

from veo_studio.core.plain import plain

_MOST_CHARS = 200
# what XML cannot hold
_NO_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")


def line(text: str) -> str:
    """One line without anything that XML or a list of edits would take for something else."""
    clean = _NO_XML.sub("", plain(text))
    return " ".join(clean.split())[:_MOST_CHARS]


def url_of(path: Path) -> str:
    """An absolute file URL: what all the programs find a file by."""
    return path.absolute().as_uri()
