"""What can be done with the selected clips of a list, as actions for a menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QWidget

from veo_studio.core.again import again
from veo_studio.core.drafting import final_of
from veo_studio.core.embedding import can_hold_recipe
from veo_studio.core.models import (
    ATTENTION_STATES,
    ErrorKind,
    Generation,
    GenerationState,
    InputRole,
)
from veo_studio.ui import shortcuts
from veo_studio.ui.delegates.charge_badge import has_badge
from veo_studio.ui.icons import icon
from veo_studio.ui.text import money_words, tr, tr_n
from veo_studio.ui.view_models.form_inputs import work_words
from veo_studio.ui.view_models.queue_words import CHOICE_ICONS, choice_words
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.views.mark_menu import mark_action

if TYPE_CHECKING:
    from veo_studio.ui.views.clip_view import ClipView
    from veo_studio.ui.views.history import HistoryView

TakesOf = Callable[["ClipMenu", Generation], None]
_S = GenerationState
# one whose outcome is not known is decided about first: its charge hangs on it
DELETABLE = frozenset({_S.COMPLETED, _S.FAILED, _S.CANCELLED})
_CANCELLABLE = frozenset({_S.PENDING, _S.SUBMITTING, _S.PROCESSING, _S.DOWNLOADING})
# side by side
MOST_COMPARED = 4
_NATIVE = QKeySequence.SequenceFormat.NativeText


def actions_for(
    requests: ClipRequests,
    chosen: list[Generation],
    owner: QWidget,
    *,
    takes: TakesOf | None = None,
    collection_name: str = "",
    take_out: Callable[[], object] | None = None,
) -> list[QAction | None]:
    """None is a separator; nothing is offered that would do nothing.

    The actions belong to `owner`; `takes` adds what a list can do with the takes of one click, and
    `take_out` takes them out of the collection that is shown.
    """
    if not chosen:
        return []
    menu = ClipMenu(requests, owner)
    if len(chosen) == 1:
        _use(menu, chosen[0])
        menu.separate()
        _repeat(menu, chosen[0])
        if takes is not None:
            takes(menu, chosen[0])
        if chosen[0].state in _CANCELLABLE:
            menu.separate()
            menu.add(tr("Cancel"), "close", requests.cancel_requested, chosen[0])
    elif files := [one for one in chosen if one.has_file]:
        if 2 <= len(files) <= MOST_COMPARED:
            words = tr("Compare {n} clips", n=len(files))
            menu.add(words, "columns", requests.compare_requested, files, keys=compare_keys())
        words = tr_n("Copy {n} path", "Copy {n} paths", len(files))
        export_files(menu, files)
        menu.add(words, "copy", requests.copy_path_requested, files, keys="Ctrl+C")
    _publish(menu, chosen)
    menu.separate()
    menu.actions.append(
        mark_action(chosen, requests, owner, collection_name=collection_name, take_out=take_out)
    )
    _shelf(menu, chosen)
    _without_file(menu, chosen)
    if deletable := [one for one in chosen if one.state in DELETABLE]:
        menu.separate()
        words = (
            tr("Delete") if len(chosen) == 1
            else tr_n("Delete {n} clip", "Delete {n} clips", len(deletable))
        )  # fmt: skip
        menu.add(words, "trash", requests.delete_requested, deletable, keys="Del")
    return menu.actions


def _publish(menu: ClipMenu, chosen: list[Generation]) -> None:
    """Drafts are published; of what is published the caption can be another one, or it goes back."""
    requests = menu.requests
    files = [one for one in chosen if one.has_file]
    if not files:
        return
    menu.separate()
    published = [one for one in files if one.published_at is not None]
    if len(published) < len(files):
        words = (
            tr("Publish\u2026") if len(files) == 1 else tr("Publish {n} clips\u2026", n=len(files))
        )
        menu.add(words, "publish", requests.publish_requested, files)
    else:
        menu.add(tr("Edit caption and cover\u2026"), "edit", requests.publish_requested, files)
    if published:
        words = tr_n("Unpublish", "Unpublish {n} clips", len(published))
        menu.add(words, "undo", requests.unpublish_requested, published)
    menu.add(tr("Deliver to\u2026"), "external", requests.deliver_requested, files)


def _shelf(menu: ClipMenu, chosen: list[Generation]) -> None:
    if files := [one for one in chosen if one.has_file]:
        words, keys = tr("Add to the shelf"), shortcuts.key("clips.shelf").toString()
        menu.add(words, "shelf", menu.requests.shelf_requested, files, keys=keys)


def _without_file(menu: ClipMenu, chosen: list[Generation]) -> None:
    """What can be done about files that are gone or damaged."""
    requests = menu.requests
    bad = [one for one in chosen if one.has_file and requests.problem_of(one)]
    if not bad:
        return
    menu.separate()
    if len(chosen) == 1:
        menu.add(tr("Locate file\u2026"), "search", requests.locate_requested, bad[0])
    menu.add(
        tr("Look for missing files in a folder\u2026"), "folder", requests.search_folder_requested
    )
    words = tr_n("Forget", "Forget {n} clips", len(bad))
    menu.add(words, "dash", requests.forget_requested, bad)


class ClipMenu:
    """A menu in the making."""

    def __init__(self, requests: ClipRequests, owner: QWidget) -> None:
        self.requests = requests
        self._owner = owner
        self.actions: list[QAction | None] = []

    def add(self, words: str, icon_name: str, signal: Any, *values: object, keys: str = "") -> None:
        action = QAction(icon(icon_name, "text", 16), words, self._owner)
        if keys:
            # Shown, not registered: the list handles its own keys.
            action.setText(f"{words}\t{QKeySequence(keys).toString(_NATIVE)}")
        action.triggered.connect(lambda: signal.emit(*values))
        self.actions.append(action)

    def add_call(self, words: str, icon_name: str, do_it: Callable[[], object]) -> None:
        action = QAction(icon(icon_name, "text", 16), words, self._owner)
        action.triggered.connect(lambda: do_it())
        self.actions.append(action)

    def separate(self) -> None:
        if self.actions and self.actions[-1] is not None:
            self.actions.append(None)


def _use(menu: ClipMenu, one: Generation) -> None:
    """What its file is good for, and what can be decided about it."""
    requests = menu.requests
    if one.has_file:
        words, icon_name = (tr("Show"), "eye") if one.is_picture else (tr("Play"), "play")
        menu.add(words, icon_name, requests.play_requested, one, keys="Return")
        menu.add(tr("Show in folder"), "folder", requests.reveal_requested, one)
        export_files(menu, [one])
        menu.add(tr("Copy path"), "copy", requests.copy_path_requested, [one], keys="Ctrl+C")
        if can_hold_recipe(one.video_path):
            menu.add(
                tr("Export copy with metadata\u2026"), "download", requests.export_requested, one
            )
    if one.state is _S.FAILED:
        menu.add(tr("Try again"), "retry", requests.retry_requested, one)
        if one.error_kind is ErrorKind.CONTENT_FILTERED:
            menu.add(tr("Edit prompt…"), "edit", requests.words_requested, one)
    for choice in requests.choices_of(one):
        words = choice_words(choice, one, requests.provider_name_of(one.provider))
        menu.add(words, CHOICE_ICONS[choice], requests.choice_requested, one, choice)
    menu.separate()
    if one.has_file:
        _start_from(menu, one)
    menu.add(tr("Copy prompt"), "copy", requests.copy_prompt_requested, one)
    if has_badge(one):
        menu.add(tr("Copy details"), "info", requests.details_requested, one)


def _start_from(menu: ClipMenu, one: Generation) -> None:
    """The next clip begins with it."""
    wanted = menu.requests.picture_requested
    if one.is_picture:
        menu.add(tr("Use as first frame"), "image", wanted, one, InputRole.FIRST_FRAME)
        menu.add(tr("Use as reference"), "image", wanted, one, InputRole.REFERENCE)
    else:
        words = tr("Use last frame as first frame")
        menu.add(words, "image", wanted, one, InputRole.FIRST_FRAME)
    menu.separate()


def _repeat(menu: ClipMenu, one: Generation) -> None:
    """What can be made of it; what costs says so in the same line, because one click does it."""
    requests = menu.requests
    # what can still be collected is not paid for again (its own choices stand above)
    if one.state not in ATTENTION_STATES | {_S.FAILED}:
        words = _priced(tr("Generate again"), requests.price_of(again(one)))
        menu.add(words, "retry", requests.again_requested, one)
    menu.add(tr("Generate similar\u2026"), "similar", requests.variation_requested, one)
    if one.config.final is not None and one.state is not _S.FAILED:
        menu.add(_final_words(requests, one), "sparkle", requests.final_requested, one)
    menu.add(tr("Use prompt and settings"), "edit", requests.similar_requested, one)
    for task in requests.tasks_of(one) if one.has_file else ():
        menu.add(work_words(task), "edit", requests.work_requested, one, task)


def add_takes(view: HistoryView, menu: ClipMenu, one: Generation) -> None:
    """For one of several takes of a click."""
    place = view.model.take_place(view.model.index_of(one.id))
    if place is None:
        return
    menu.separate()
    menu.add_call(tr("Select all {n} takes", n=place.count), "list", lambda: view.select_takes(one))
    if finished := finished_takes(view, one):
        words = tr("Compare {n} takes", n=len(finished))
        menu.add(words, "columns", view.compare_requested, finished)
    add_fold(view.list, menu, one)


def add_fold(clips: ClipView, menu: ClipMenu, one: Generation) -> None:
    """For one of several takes of a click: all of them, or one line for all."""
    model = clips.clips
    place = model.take_place(model.index_of(one.id)) if model is not None else None
    if model is None or place is None:
        return
    is_folded = place.is_folded
    words = tr("Show all takes") if is_folded else tr("Fold takes")

    def fold() -> None:
        # rows may have come since the menu was opened
        clips.fold(model.index_of(one.id), not is_folded)

    menu.add_call(words, "queue", fold)


def export_files(menu: ClipMenu, files: list[Generation]) -> None:
    """As copies, cut or converted; the keys are the window's own."""
    words = tr("Export…") if len(files) == 1 else tr("Export {n} files…", n=len(files))
    keys = shortcuts.key("window.export").toString()
    menu.add(words, "download", menu.requests.export_files_requested, files, keys=keys)


def compare_keys() -> str:
    return shortcuts.key("clips.compare").toString()


def finished_takes(view: HistoryView, one: Generation) -> list[Generation]:
    """The takes of its click that can be compared, at most four; none where there is only one."""
    rows = view.model.takes.rows_of(one.take_group or "")
    takes = [view.model.generation(view.model.index(row, 0)) for row in rows]
    finished = [take for take in takes if take is not None and take.has_file][:MOST_COMPARED]
    return finished if len(finished) > 1 else []


def _final_words(requests: ClipRequests, draft: Generation) -> str:
    words = _priced(tr("Make final"), requests.price_of(final_of(draft)))
    if draft.price_usd:
        return tr("{words} (draft: {cost})", words=words, cost=money_words(draft.price_usd))
    return words


def _priced(words: str, price: str) -> str:
    return tr("{words} \u00b7 {price}", words=words, price=price) if price else words
