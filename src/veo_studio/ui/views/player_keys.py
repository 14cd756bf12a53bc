"""What keys and menus do with the player."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeyEvent

from veo_studio.ui.icons import icon
from veo_studio.ui.pane_keys import player_command
from veo_studio.ui.text import tr

if TYPE_CHECKING:
    from veo_studio.ui.views.player import PlayerView


def menu_actions(player: PlayerView) -> list[QAction]:
    """The commands of the player, as its children."""
    # Their keys are the player's own while it has the focus: as shortcuts of the window they
    # would take Space and the letters away from the prompt.
    controls = player.controls
    made = []
    for words, name, keys, slot in (
        (tr("Play or pause"), "play", tr("Space"), player.toggle),
        (tr("Back"), "frame-back", "\u2190", lambda: player.step(-1)),
        (tr("Forward"), "frame-forward", "\u2192", lambda: player.step(1)),
        (tr("Loop"), "loop", "L", controls.loop_button.toggle),
        (tr("Mute"), "mute", "M", controls.mute_button.toggle),
        (tr("Full screen"), "fullscreen", "F", player.toggle_full_screen),
    ):
        action = QAction(icon(name, "text", 16), f"{words}\t{keys}", player)
        action.triggered.connect(lambda _checked, slot=slot: slot())
        made.append(action)
    return made


def enable_actions(actions: list[QAction], is_enabled: bool, *, is_still: bool) -> None:
    """Those of `menu_actions`: a picture has nothing but its full screen."""
    for action in actions:
        action.setEnabled(is_enabled and not is_still)
    actions[-1].setEnabled(is_enabled)


def handle_key(player: PlayerView, event: QKeyEvent | None) -> bool:
    """True when the key was one of the player's."""
    assert event is not None
    if event.modifiers() & ~(
        Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier
    ):
        return False
    commands: dict[str, Callable[[], object]] = {
        "toggle": player.toggle,
        "back": lambda: player.step(-1),
        "forward": lambda: player.step(1),
        "start": lambda: player.seek(0),
        "end": player.seek_end,
        "loop": player.controls.loop_button.toggle,
        "mute": player.controls.mute_button.click,
        "full screen": player.toggle_full_screen,
    }
    command = commands.get(player_command(event.key()) or "")
    if command is None:
        return False
    command()
    return True
