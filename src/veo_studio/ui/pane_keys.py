"""The keys that a pane handles itself while it has the focus: the panes and the help read them here.

As shortcuts of the window they would take Space and the letters away from the prompt. Keys of the
window are in `menus.py`. Words are translated by whoever shows them.
"""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence

from veo_studio.ui.text import tr

_K = Qt.Key

# name of the command: words and keys
PLAYER: dict[str, tuple[str, tuple[Qt.Key, ...]]] = {
    "toggle": ("Play or pause", (_K.Key_Space,)),
    "back": ("One frame back", (_K.Key_Left,)),
    "forward": ("One frame forward", (_K.Key_Right,)),
    "start": ("To the start", (_K.Key_Home,)),
    "end": ("To the end", (_K.Key_End,)),
    "loop": ("Loop", (_K.Key_L,)),
    "mute": ("Mute", (_K.Key_M,)),
    "full screen": ("Full screen; Escape ends it", (_K.Key_F,)),
}
QUEUE: dict[str, tuple[str, str]] = {
    "edit": ("Edit what waits", "F2"),
    "next": ("Run next", "Alt+Home"),
    "up": ("Move up", "Alt+Up"),
    "down": ("Move down", "Alt+Down"),
    "cancel": ("Cancel", "Del"),
    "choice": ("First choice of what needs attention", "Return"),
    "parts": ("To the buttons of a row", "Tab"),
    "menu": ("Menu of a row", "Shift+F10"),
}
HISTORY: dict[str, tuple[str, str]] = {
    "play": ("Play", "Return"),
    "copy": ("Copy path", "Ctrl+C"),
    "delete": ("Delete", "Del"),
    "fold": ("Fold takes of one click", "Left"),
    "unfold": ("Show folded takes", "Right"),
    "list": ("From the search to the list", "Down"),
    "clear": ("Clear the search", "Esc"),
}
FORM: dict[str, tuple[str, str]] = {
    "paste": ("Paste a picture", "Ctrl+V"),
    "remove": ("Remove a picture that the clip is made from", "Del"),
    "keep": ("End editing what waits", "Esc"),
}


def player_command(key: int) -> str | None:
    """The name of the player's command that `key` means."""
    return next((name for name, (_words, keys) in PLAYER.items() if key in keys), None)


def pane_keys() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every pane with what its keys do, in words and in the system's names of keys."""
    player = [
        (tr(words), ", ".join(native(QKeySequence(key)) for key in keys))
        for words, keys in PLAYER.values()
    ]
    listed = [
        (pane, [(tr(words), native(QKeySequence(keys))) for words, keys in table.values()])
        for pane, table in (
            (tr("In the form"), FORM),
            (tr("In the queue"), QUEUE),
            (tr("In the history"), HISTORY),
        )
    ]
    return [listed[0], (tr("In the player"), player), *listed[1:]]


def native(keys: QKeySequence) -> str:
    return keys.toString(QKeySequence.SequenceFormat.NativeText)
