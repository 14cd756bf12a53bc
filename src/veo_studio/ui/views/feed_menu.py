"""What can be done with clips of the feed, as actions for a menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtGui import QAction

from veo_studio.core.models import Generation
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.views.history_menu import DELETABLE, ClipMenu, export_files
from veo_studio.ui.views.mark_menu import mark_action

if TYPE_CHECKING:
    from veo_studio.ui.views.feed import FeedView


def actions_for(view: FeedView, chosen: list[Generation]) -> list[QAction | None]:
    """None is a separator; nothing is offered that would do nothing."""
    if not chosen:
        return []
    requests, menu = view.requests, ClipMenu(view.requests, view)
    files = [one for one in chosen if one.has_file]
    alone = chosen[0] if len(chosen) == 1 else None
    if alone is not None:
        words, icon_name = (tr("Show"), "eye") if alone.is_picture else (tr("Play"), "play")
        menu.add(words, icon_name, requests.play_requested, alone, keys="Return")
        menu.add(tr("Edit caption\u2026"), "edit", view.caption_requested, alone)
    menu.add(tr("Deliver to\u2026"), "external", requests.deliver_requested, chosen)
    words = tr_n("Unpublish", "Unpublish {n} clips", len(chosen))
    menu.add(words, "undo", requests.unpublish_requested, chosen)
    menu.separate()
    if alone is not None:
        menu.add(tr("Show in the library"), "library", view.library_requested, alone)
        if alone.has_file:
            menu.add(tr("Show in folder"), "folder", requests.reveal_requested, alone)
        if alone.caption:
            menu.add_call(tr("Copy caption"), "copy", lambda: view.copy_caption(alone))
    if files:
        words = tr_n("Copy path", "Copy {n} paths", len(files))
        menu.add(words, "copy", requests.copy_path_requested, files, keys="Ctrl+C")
        export_files(menu, files)
    menu.separate()
    menu.actions.append(mark_action(chosen, requests, view))
    if deletable := [one for one in chosen if one.state in DELETABLE]:
        menu.separate()
        words = tr_n("Delete", "Delete {n} clips", len(deletable))
        menu.add(words, "trash", requests.delete_requested, deletable, keys="Del")
    return menu.actions
