"""One row of the details."""

from __future__ import annotations

from dataclasses import dataclass

# a value that is being read
LATER = "…"


@dataclass(frozen=True)
class Row:
    """`key` is its own within its section; `before`: shown as what changed from it to `text`.

    `is_long`: text of the user's, of any length.
    """

    key: str
    label: str
    text: str
    is_long: bool = False
    before: str = ""

    @property
    def can_copy(self) -> bool:
        return bool(self.text) and self.text != LATER and not self.before
