"""Every command that has a key, with its words and the keys that it begins with.

The one list: the window's actions, the panes, the shortcuts page and docs/keyboard.md read it. Words are
translated by whoever shows them. A key of a pane works only while that pane has the focus.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Group(Enum):
    """Where a key works; the value begins the ids of its commands."""

    WINDOW = "window"
    FORM = "form"
    PLAYER = "player"
    QUEUE = "queue"
    CLIPS = "clips"
    DRAFTS = "drafts"
    SCENES = "scenes"
    COMPARE = "compare"


GROUP_WORDS = {
    Group.WINDOW: "Everywhere",
    Group.FORM: "In the form",
    Group.PLAYER: "In the player",
    Group.QUEUE: "In the queue",
    Group.CLIPS: "In a list of clips",
    Group.DRAFTS: "Among the drafts",
    Group.SCENES: "In a storyboard",
    Group.COMPARE: "While comparing",
}


@dataclass(frozen=True)
class Shortcut:
    """`keys` are its default, in Qt's portable names; `is_fixed`: the user cannot change it."""

    id: str
    words: str
    keys: tuple[str, ...] = ()
    is_fixed: bool = False

    @property
    def group(self) -> Group:
        return Group(self.id.partition(".")[0])


def _all() -> Iterator[Shortcut]:
    yield from _window()
    yield from _form()
    yield from _player()
    yield from _queue()
    yield from _clips()
    yield from _drafts()
    yield from _scenes()
    yield from _compare()


def _window() -> Iterator[Shortcut]:
    yield Shortcut("window.new_prompt", "New prompt", ("Ctrl+N",))
    yield Shortcut("window.generate", "Generate", ("Ctrl+Return",))
    yield Shortcut("window.enhance", "Enhance the prompt", ("Ctrl+E",))
    yield Shortcut("window.presets", "Presets", ("Ctrl+P",))
    yield Shortcut("window.focus_prompt", "Go to prompt", ("Ctrl+L",))
    yield Shortcut("window.focus_search", "Search", ("Ctrl+F",))
    yield Shortcut("window.batch", "Batch from a file", ("Ctrl+B",))
    yield Shortcut("window.pause_queue", "Pause or resume the queue", ("Ctrl+Shift+P",))
    yield Shortcut("window.clear_waiting", "Clear waiting")
    yield Shortcut("window.show_attention", "Go to what needs attention", ("Ctrl+Shift+A",))
    yield Shortcut("window.text_tab", "Text to Video", ("Alt+1",))
    yield Shortcut("window.pictures_tab", "Image to Video", ("Alt+2",))
    yield Shortcut("window.storyboard_tab", "Storyboard", ("Alt+3",))
    yield Shortcut("window.library_tab", "Library", ("Alt+4",))
    yield Shortcut("window.drafts_tab", "Drafts", ("Alt+5",))
    yield Shortcut("window.explore_tab", "Explore", ("Alt+6",))
    yield Shortcut("window.insights_tab", "Insights", ("Alt+7",))
    yield Shortcut("window.next_tab", "Next tab", ("Ctrl+Tab", "Ctrl+PgDown"))
    yield Shortcut("window.previous_tab", "Previous tab", ("Ctrl+Shift+Tab", "Ctrl+PgUp"))
    yield Shortcut("window.shelf", "Show or hide the shelf", ("Ctrl+5",))
    yield Shortcut("window.next_pane", "Next pane", ("F6",))
    yield Shortcut("window.previous_pane", "Previous pane", ("Shift+F6",))
    yield Shortcut("window.form_pane", "Show or hide the form", ("Ctrl+1",))
    yield Shortcut("window.player_pane", "Show or hide the player", ("Ctrl+2",))
    yield Shortcut("window.queue_pane", "Show or hide the queue", ("Ctrl+3",))
    yield Shortcut("window.history_pane", "Show or hide the history", ("Ctrl+4",))
    yield Shortcut("window.details", "Details of the clip", ("F4",))
    yield Shortcut("window.wallet", "Wallet", ("Ctrl+Shift+W",))
    yield Shortcut("window.open_outputs", "Open outputs folder", ("Ctrl+O",))
    yield Shortcut("window.choose_outputs", "Choose outputs folder")
    yield Shortcut("window.export", "Export", ("Ctrl+Shift+E",))
    yield Shortcut("window.deliveries", "Deliveries", ("Ctrl+Shift+D",))
    yield Shortcut("window.targets", "Targets")
    yield Shortcut("window.rules", "What is delivered by itself")
    yield Shortcut("window.free_space", "Free space")
    yield Shortcut("window.open_logs", "Open log folder")
    yield Shortcut("window.settings", "Settings", ("Ctrl+,",))
    yield Shortcut("window.shortcuts", "Keyboard shortcuts", ("F1",))
    yield Shortcut("window.quit", "Quit", ("Ctrl+Q",))


def _form() -> Iterator[Shortcut]:
    yield Shortcut("form.paste", "Paste a picture", ("Ctrl+V",), is_fixed=True)
    remove = "Remove a picture that the clip is made from"
    yield Shortcut("form.remove", remove, ("Del",), is_fixed=True)
    yield Shortcut("form.keep", "End editing what waits", ("Esc",), is_fixed=True)


def _player() -> Iterator[Shortcut]:
    yield Shortcut("player.play", "Play or pause", ("Space",))
    yield from _transport("player")
    yield Shortcut("player.loop", "Loop the clip, or what is between in and out", ("Shift+L",))
    yield Shortcut("player.mute", "Mute", ("M",))
    yield Shortcut("player.louder", "Louder", ("Up",))
    yield Shortcut("player.quieter", "Quieter", ("Down",))
    yield Shortcut("player.timecode", "Time with frames, or in seconds", ("T",))
    yield Shortcut("player.grab", "Save this frame as a picture", ("G",))
    yield Shortcut("player.copy_frame", "Copy this frame", ("Shift+G",))
    yield Shortcut("player.use_frame", "Start the next clip from this frame", ("U",))
    yield Shortcut("player.full_screen", "Full screen; Escape ends it", ("F",))


def _transport(group: str) -> Iterator[Shortcut]:
    """The keys of editors for moving in a clip."""
    for name, words, keys in (
        ("backwards", "Backwards; again for twice and four times the speed", ("J",)),
        ("stop", "Stop", ("K",)),
        ("forwards", "Forwards; again for twice and four times the speed", ("L",)),
        ("step_back", "One frame back", ("Left", ",")),
        ("step_forward", "One frame forward", ("Right", ".")),
        ("second_back", "One second back", ("Shift+Left",)),
        ("second_forward", "One second forward", ("Shift+Right",)),
        ("start", "To the start", ("Home",)),
        ("end", "To the end", ("End",)),
        ("slower", "Slower", ("-",)),
        ("faster", "Faster", ("+", "=")),
        ("set_in", "In point here", ("I",)),
        ("set_out", "Out point here", ("O",)),
        ("to_in", "To the in point", ("Shift+I",)),
        ("to_out", "To the out point", ("Shift+O",)),
        ("clear_range", "Clear in and out", ("Shift+X",)),
    ):
        yield Shortcut(f"{group}.{name}", words, keys)


def _queue() -> Iterator[Shortcut]:
    yield Shortcut("queue.edit", "Edit what waits", ("F2",))
    yield Shortcut("queue.next", "Run next", ("Alt+Home",))
    yield Shortcut("queue.up", "Move up", ("Alt+Up",))
    yield Shortcut("queue.down", "Move down", ("Alt+Down",))
    yield Shortcut("queue.cancel", "Cancel", ("Del", "Backspace"))
    choice = "First choice of what needs attention"
    yield Shortcut("queue.choice", choice, ("Return",), is_fixed=True)
    yield Shortcut("queue.parts", "To the buttons of a row", ("Tab",), is_fixed=True)
    yield Shortcut("queue.menu", "Menu of a row", ("Shift+F10",), is_fixed=True)


def _clips() -> Iterator[Shortcut]:
    yield Shortcut("clips.play", "Play", ("Return",), is_fixed=True)
    yield Shortcut("clips.copy", "Copy path", ("Ctrl+C",), is_fixed=True)
    yield Shortcut("clips.delete", "Delete", ("Del", "Backspace"))
    yield Shortcut("clips.undo", "Undo the last delete or mark", ("Ctrl+Z",))
    yield Shortcut("clips.fold", "Fold takes of one click", ("Left",), is_fixed=True)
    yield Shortcut("clips.unfold", "Show folded takes", ("Right",), is_fixed=True)
    yield Shortcut("clips.list", "From the search to the list", ("Down",), is_fixed=True)
    yield Shortcut("clips.clear", "Clear the search", ("Esc",), is_fixed=True)
    yield Shortcut("clips.favourite", "Favourite, or not any more", ("F",))
    yield Shortcut("clips.reject", "Reject, or not any more", ("X",))
    yield Shortcut("clips.tags", "Tags", ("T",))
    yield Shortcut("clips.collection", "Add to a collection", ("B",))
    yield Shortcut("clips.shelf", "Add to the shelf", ("S",))
    yield Shortcut("clips.compare", "Compare two to four clips", ("C",))
    for stars in range(6):
        words = f"Rate with {stars}" if stars else "No rating"
        yield Shortcut(f"clips.rate_{stars}", words, (str(stars),))


def _drafts() -> Iterator[Shortcut]:
    yield Shortcut("drafts.publish", "Publish", ("P",))
    yield Shortcut("drafts.retry", "Try again", ("R",))
    yield Shortcut("drafts.zip", "Download as a zip file", ("Z",))


def _scenes() -> Iterator[Shortcut]:
    yield Shortcut("scenes.add", "New scene after this one", ("Ctrl+Shift+N",))
    yield Shortcut("scenes.from_text", "Scenes from a text or a table", ("Ctrl+T",))
    yield Shortcut("scenes.edit", "Write in the scene", ("Return",), is_fixed=True)
    yield Shortcut("scenes.duplicate", "Duplicate the scenes", ("Ctrl+D",))
    yield Shortcut("scenes.split", "Split the scene at the cursor", ("Ctrl+K",))
    yield Shortcut("scenes.delete", "Delete the scenes", ("Del", "Backspace"))
    yield Shortcut("scenes.up", "Move the scenes up", ("Alt+Shift+Up",))
    yield Shortcut("scenes.down", "Move the scenes down", ("Alt+Shift+Down",))
    yield Shortcut("scenes.previous", "Scene before", ("Alt+Up",))
    yield Shortcut("scenes.next", "Next scene", ("Alt+Down",))
    yield Shortcut("scenes.undo", "Undo", ("Ctrl+Z",))
    yield Shortcut("scenes.redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"))
    yield Shortcut("scenes.make", "Make what is missing", ("Ctrl+M",))
    yield Shortcut("scenes.rehearse", "Rehearse the storyboard", ("Ctrl+R",))
    yield Shortcut("scenes.approve", "Approve the pictures", ("Ctrl+Shift+Y",))
    yield Shortcut("scenes.new_picture", "New picture for the scene", ("Ctrl+G",))
    yield Shortcut("scenes.new_take", "New take of the scene", ("Ctrl+Shift+G",))
    yield Shortcut("scenes.film", "Scenes or film", ("Ctrl+Shift+F",))
    yield Shortcut("scenes.export_film", "Export the film", ("Ctrl+Shift+M",))
    yield Shortcut("scenes.new_board", "New storyboard")
    yield Shortcut("scenes.open_board", "Open a storyboard from a file")


def _compare() -> Iterator[Shortcut]:
    yield Shortcut("compare.play", "Play or pause", ("Space",))
    yield from _transport("compare")
    yield Shortcut("compare.loop", "Loop", ("Shift+L",))
    yield Shortcut("compare.mute", "Mute", ("M",))
    for number in range(1, 5):
        yield Shortcut(f"compare.choose_{number}", f"Choose and hear clip {number}", (str(number),))
    yield Shortcut("compare.keep", "Keep it: a favourite", ("Return", "F"))
    yield Shortcut("compare.reject", "Reject it", ("X", "Del"))
    yield Shortcut("compare.undo", "Undo the last mark", ("Ctrl+Z",))
    yield Shortcut("compare.zoom", "Every pixel, or the whole picture", ("Z",))
    yield Shortcut("compare.timecode", "Time with frames, or in seconds", ("T",))
    yield Shortcut("compare.full_screen", "Full screen", ("F11",))
    yield Shortcut("compare.finish", "Finish", ("Ctrl+D",))
    yield Shortcut("compare.close", "Close", ("Esc",), is_fixed=True)


SHORTCUTS: dict[str, Shortcut] = {one.id: one for one in _all()}
