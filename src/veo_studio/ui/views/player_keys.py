"""What keys and menus do with the player."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QAction, QKeyEvent

from veo_studio.ui import shortcuts
from veo_studio.ui.icons import icon
from veo_studio.ui.shortcut_table import Group
from veo_studio.ui.text import tr

if TYPE_CHECKING:
    from veo_studio.ui.views.player import PlayerView


class FrameUse(Enum):
    """What the frame that is shown is wanted for."""

    SAVE = "save"
    COPY = "copy"
    START = "start"


class Needs(Enum):
    """When a command can be used."""

    CLIP = "clip"
    RANGE = "range"
    ANYTHING = "anything"


@dataclass(frozen=True)
class Command:
    """`words` and `icon_name` are for menus; a command without words has a key only."""

    name: str
    run: Callable[[], object]
    words: str = ""
    icon_name: str = ""
    needs: Needs = Needs.CLIP
    begins_part: bool = False


def commands_of(player: PlayerView) -> Iterator[Command]:
    yield Command("play", player.toggle, tr("Play or pause"), "play")
    yield Command("backwards", lambda: player.shuttle(-1), tr("Backwards"))
    yield Command("stop", player.stop, tr("Stop"), "stop")
    yield Command("forwards", lambda: player.shuttle(1), tr("Forwards"))
    back, forward = tr("One frame back"), tr("One frame forward")
    yield Command("step_back", lambda: player.step(-1), back, "frame-back", begins_part=True)
    yield Command("step_forward", lambda: player.step(1), forward, "frame-forward")
    yield Command("second_back", lambda: player.skip(-1))
    yield Command("second_forward", lambda: player.skip(1))
    yield Command("start", lambda: player.seek(0), tr("To the start"))
    yield Command("end", player.seek_end, tr("To the end"))
    yield Command("set_in", player.set_in, tr("In point here"), begins_part=True)
    yield Command("set_out", player.set_out, tr("Out point here"))
    yield Command("to_in", player.to_in, tr("To the in point"), needs=Needs.RANGE)
    yield Command("to_out", player.to_out, tr("To the out point"), needs=Needs.RANGE)
    yield Command(
        "clear_range", player.clear_range, tr("Clear in and out"), "clear", needs=Needs.RANGE
    )
    controls = player.controls
    loop = controls.loop_button.toggle
    yield Command("loop", loop, tr("Loop"), "loop", begins_part=True)
    yield Command("slower", lambda: player.change_rate(-1), tr("Slower"))
    yield Command("faster", lambda: player.change_rate(1), tr("Faster"))
    yield Command("mute", controls.mute_button.toggle, tr("Mute"), "mute")
    yield Command("louder", lambda: player.change_volume(1), tr("Louder"))
    yield Command("quieter", lambda: player.change_volume(-1), tr("Quieter"))
    yield Command("timecode", controls.toggle_timecode, tr("Time with frames"), "clock")
    want = player.want_frame
    save, copy = tr("Save this frame as a picture"), tr("Copy this frame")
    start = tr("Start the next clip from this frame")
    yield Command("grab", lambda: want(FrameUse.SAVE), save, "download", begins_part=True)
    yield Command("copy_frame", lambda: want(FrameUse.COPY), copy, "copy")
    yield Command("use_frame", lambda: want(FrameUse.START), start, "image")
    yield Command(
        "full_screen",
        player.toggle_full_screen,
        tr("Full screen"),
        "fullscreen",
        Needs.ANYTHING,
        begins_part=True,
    )


class PlayerCommands(QObject):
    """The commands of a player as actions for menus, and by their keys.

    The keys are the player's own while it has the focus: as shortcuts of the window they would take
    Space and the letters away from the prompt.
    """

    def __init__(self, player: PlayerView) -> None:
        super().__init__(player)
        self._commands = {one.name: one for one in commands_of(player)}
        self._by_name: dict[str, QAction] = {}
        self.actions: list[QAction] = []
        for one in self._commands.values():
            if one.begins_part:
                line = QAction(player)
                line.setSeparator(True)
                line.setEnabled(False)
                self.actions.append(line)
            if one.words:
                self.actions.append(self._action(player, one))
        shortcuts.current().changed.connect(self._show_keys)
        self._show_keys()

    def _action(self, player: PlayerView, command: Command) -> QAction:
        action = QAction(player)
        if command.icon_name:
            action.setIcon(icon(command.icon_name, "text", 16))
        action.triggered.connect(lambda _checked: command.run())
        self._by_name[command.name] = action
        return action

    def action(self, name: str) -> QAction:
        return self._by_name[name]

    def _show_keys(self) -> None:
        for name, action in self._by_name.items():
            words, keys = self._commands[name].words, shortcuts.told(f"player.{name}")
            action.setText(f"{words}\t{keys}" if keys else words)

    def enable(self, *, is_open: bool, is_still: bool, has_range: bool) -> None:
        """A picture has nothing but its full screen."""
        for name, action in self._by_name.items():
            needs = self._commands[name].needs
            is_possible = needs is Needs.ANYTHING or not is_still
            is_possible = is_possible and (needs is not Needs.RANGE or has_range)
            action.setEnabled(is_open and is_possible)

    def handle(self, event: QKeyEvent | None) -> bool:
        """True when the key was one of the player's."""
        found = shortcuts.command(event, Group.PLAYER)
        command = self._commands.get(found.partition(".")[2]) if found is not None else None
        if command is None:
            return False
        command.run()
        return True
