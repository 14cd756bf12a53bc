"""What a list of the wallet's entries shows: an entry, and the prompt of the clip that it is for."""

from __future__ import annotations

from dataclasses import dataclass

from veo_studio.core.models import WalletEntry

# the cause that a new library's first entry has
OPENING_GRANT = "opening grant"


@dataclass(frozen=True)
class StatementLine:
    """`prompt` is "" where the entry is for no clip, and cut where it is very long."""

    entry: WalletEntry
    prompt: str = ""
