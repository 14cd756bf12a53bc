"""The lines of a clip's menu that mark it: favourite, rejected, rated, tagged, in a collection."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMenu, QWidget

from veo_studio.core.models import Generation
from veo_studio.ui import shortcuts
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.compare_model import FEWEST, MOST
from veo_studio.ui.views.clip_keys import mark
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.views.menu_letters import fill

# what keys and menus of the library do with all that is selected
COMMANDS = frozenset(
    {"favourite", "reject", "tags", "collection", "compare", "shelf", "copy", "export", "delete"}
)
_NATIVE = QKeySequence.SequenceFormat.NativeText


def mark_action(
    chosen: list[Generation],
    requests: ClipRequests,
    owner: QWidget,
    *,
    collection_name: str = "",
    take_out: Callable[[], object] | None = None,
) -> QAction:
    """One line with a menu of its own."""

    def use(command: str) -> None:
        mark(command, chosen, requests)

    is_favourite = all(one.favourite for one in chosen)
    is_rejected = all(one.rejected for one in chosen)
    stars = {one.rating for one in chosen}
    return _menu(
        owner,
        use,
        is_favourite=is_favourite,
        is_rejected=is_rejected,
        rating=stars.pop() if len(stars) == 1 else None,
        collection_name=collection_name,
        take_out=take_out,
    )


def many_actions(
    use: Callable[[str], object],
    rate: Callable[[int], object],
    owner: QWidget,
    count: int,
    *,
    collection_name: str = "",
) -> list[QAction | None]:
    """For more rows than are loaded: `use` and `rate` work on what is selected."""

    def command(name: str) -> None:
        head, _, stars = name.partition("_")
        if head == "rate":
            rate(int(stars))
        else:
            use(name)

    shown = f"{count:,}".replace(",", "\u202f")
    take_out = (lambda: use("take_out")) if collection_name else None
    marks = _menu(owner, command, collection_name=collection_name, take_out=take_out)
    lines: tuple[tuple[str, str, str, str], ...] = (
        (tr("Export {n} files\u2026", n=shown), "download", "export", "window.export"),
        (tr("Copy {n} paths", n=shown), "copy", "copy", "clips.copy"),
        (tr("Add to the shelf"), "shelf", "shelf", "clips.shelf"),
        (tr("Delete {n}", n=shown), "trash", "delete", "clips.delete"),
    )
    made: list[QAction | None] = [marks, None]
    if FEWEST <= count <= MOST:
        words = tr("Compare {n} clips", n=shown)
        lines = ((words, "columns", "compare", "clips.compare"), *lines)
    for words, icon_name, name, shortcut in lines:
        action = QAction(icon(icon_name, "text", 16), _with_keys(words, shortcut), owner)
        action.triggered.connect(lambda _checked=False, name=name: use(name))
        made.append(action)
    return made


def _menu(
    owner: QWidget,
    use: Callable[[str], object],
    *,
    is_favourite: bool | None = None,
    is_rejected: bool | None = None,
    rating: int | None = None,
    collection_name: str = "",
    take_out: Callable[[], object] | None = None,
) -> QAction:
    """A state of None is not known: nothing is checked, and the command turns it over."""
    menu = QMenu(owner)
    lines: list[QAction | None] = []

    def add(words: str, icon_name: str, command: str, is_on: bool | None = None) -> None:
        action = QAction(_with_keys(words, f"clips.{command}"), menu)
        if icon_name:
            action.setIcon(icon(icon_name, "text", 16))
        if is_on is not None:
            action.setCheckable(True)
            action.setChecked(is_on)
        action.triggered.connect(lambda _checked=False: use(command))
        lines.append(action)

    add(tr("Favourite"), "" if is_favourite is not None else "heart", "favourite", is_favourite)
    add(tr("Rejected"), "" if is_rejected is not None else "reject", "reject", is_rejected)
    lines.append(None)
    for stars in range(5, -1, -1):
        words = "\u2605" * stars or tr("No rating")
        is_on = None if rating is None and is_favourite is None else rating == stars
        add(words, "", f"rate_{stars}", is_on)
    lines.append(None)
    add(tr("Tags\u2026"), "tag", "tags")
    add(tr("Add to a collection\u2026"), "add-to", "collection")
    if take_out is not None:
        words = tr("Take out of \u201c{name}\u201d", name=collection_name)
        action = QAction(icon("dash", "text", 16), words, menu)
        action.triggered.connect(lambda _checked=False: take_out())
        lines.append(action)
    fill(menu, lines)
    action = QAction(icon("star", "text", 16), tr("Mark"), owner)
    action.setMenu(menu)
    # the line goes with the menu that it stands in, and takes its own along
    _dies_with(menu, action)
    return action


def _dies_with(menu: QMenu, action: QObject) -> None:
    action.destroyed.connect(menu.deleteLater)


def _with_keys(words: str, shortcut_id: str) -> str:
    known = shortcuts.current().table
    keys = shortcuts.key(shortcut_id) if shortcut_id in known else QKeySequence()
    return words if keys.isEmpty() else f"{words}\t{keys.toString(_NATIVE)}"
