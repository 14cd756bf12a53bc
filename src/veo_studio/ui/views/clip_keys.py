"""The keys that mark clips, in whichever list of clips has the focus."""

from __future__ import annotations

from PyQt6.QtGui import QKeyEvent

from veo_studio.core.models import Generation
from veo_studio.ui import shortcuts
from veo_studio.ui.shortcut_table import Group
from veo_studio.ui.views.clip_requests import ClipRequests

_RATE = "clips.rate_"


def command_of(event: QKeyEvent | None) -> str:
    """What the key means for clips, without its group: "favourite", "rate_3"; "" for nothing."""
    found = shortcuts.command(event, Group.CLIPS)
    return found.partition(".")[2] if found is not None else ""


def rating_of(command: str) -> int | None:
    """The stars of "rate_3"; None for another command."""
    name, _, stars = command.partition("_")
    return int(stars) if name == "rate" and stars.isdigit() else None


def mark(command: str, chosen: list[Generation], requests: ClipRequests) -> bool:
    """Ask for the mark that `command` means; False where it means none."""
    stars = rating_of(command)
    if stars is None and command not in ("favourite", "reject", "tags", "collection"):
        return False
    if not chosen:
        return True
    if stars is not None:
        requests.rating_requested.emit(chosen, stars)
    elif command == "favourite":
        is_on = not all(one.favourite for one in chosen)
        requests.favourite_requested.emit(chosen, is_on)
    elif command == "reject":
        requests.reject_requested.emit(chosen, not all(one.rejected for one in chosen))
    elif command == "tags":
        requests.tags_requested.emit(chosen)
    else:
        requests.collection_requested.emit(chosen)
    return True
