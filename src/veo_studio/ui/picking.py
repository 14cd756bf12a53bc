"""Tags and collections of what is selected, in a popup beside it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, QPoint
from PyQt6.QtGui import QCursor
from PyQt6.QtWidgets import QApplication, QWidget

from veo_studio.core.errors import StudioError
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.view_models.library_marks import LibraryMarks
from veo_studio.ui.view_models.library_places import LibraryPlaces

if TYPE_CHECKING:
    from veo_studio.ui.views.name_picker import NamePicker


class Picking(QObject):
    """One per window."""

    def __init__(
        self, window: QWidget, telling: Telling, marks: LibraryMarks, places: LibraryPlaces
    ) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._marks = marks
        self._places = places
        self._ids: list[int] = []
        self.picker: NamePicker | None = None

    def pick_tags(self, ids: Sequence[int]) -> None:
        """Which tags these have; each can be put on and off for all of them."""
        self._telling.run(self._pick_tags(list(ids)), "history")

    def pick_collections(self, ids: Sequence[int]) -> None:
        """Which collections these are in."""
        self._telling.run(self._pick_collections(list(ids)), "history")

    async def _pick_tags(self, ids: list[int]) -> None:
        had = await self._marks.tags_of(ids)
        picker = self._open(
            ids,
            tr_n("Tags of this clip", "Tags of {n} clips", len(ids)),
            tr("Find or add a tag"),
            "Add the tag \u201c{name}\u201d",
        )
        picker.toggled.connect(self._on_tag)
        picker.created.connect(lambda name: self._on_tag(name, True))
        names = [name for name, _count in self._places.places.facets.tags]
        picker.show_names(names, _counts(had), len(ids))
        picker.open_at(self._where())

    def _on_tag(self, name: str, is_on: bool) -> None:
        change = self._marks.add_tags if is_on else self._marks.remove_tags
        self._telling.run(self._changed(change(self._ids, [name]), self._show_tags), "history")

    async def _show_tags(self, picker: NamePicker) -> None:
        had = await self._marks.tags_of(self._ids)
        if picker is not self.picker:
            return  # it was closed
        names = {name for name, _count in self._places.places.facets.tags} | had.keys()
        picker.show_names(sorted(names, key=str.casefold), _counts(had), len(self._ids))

    async def _pick_collections(self, ids: list[int]) -> None:
        had = await self._marks.collections_of(ids)
        picker = self._open(
            ids,
            tr_n("Collections of this clip", "Collections of {n} clips", len(ids)),
            tr("Find or add a collection"),
            "New collection \u201c{name}\u201d",
        )
        picker.toggled.connect(self._on_collection)
        picker.created.connect(self._on_new_collection)
        names = [one.name for one in self._places.places.collections]
        picker.show_names(names, _counts(had), len(ids))
        picker.open_at(self._where())

    def _on_collection(self, name: str, is_on: bool) -> None:
        found = self._places.collection_named(name)
        if found is None:
            return
        places = self._places
        change = places.add_to_collection if is_on else places.remove_from_collection
        work = self._changed(change(found.id, self._ids), self._show_collections)
        self._telling.run(work, "history")

    def _on_new_collection(self, name: str) -> None:
        async def create() -> None:
            await self._places.create_collection(name, self._ids)

        self._telling.run(self._changed(create(), self._show_collections), "history")

    async def _show_collections(self, picker: NamePicker) -> None:
        had = await self._marks.collections_of(self._ids)
        if picker is not self.picker:
            return  # it was closed
        names = {one.name for one in self._places.places.collections} | had.keys()
        picker.show_names(sorted(names, key=str.casefold), _counts(had), len(self._ids))

    async def _changed(
        self,
        work: Coroutine[Any, Any, None],
        show: Callable[[NamePicker], Coroutine[Any, Any, None]],
    ) -> None:
        """What is refused is said in the popup, as long as it is open."""
        try:
            await work
        except (ValueError, LookupError) as error:
            if self.picker is None or isinstance(error, StudioError):
                raise
            self.picker.show_problem(str(error))
        else:
            if self.picker is not None:
                await show(self.picker)

    def _open(self, ids: list[int], title: str, hint: str, create_words: str) -> NamePicker:
        # imported late: the window is up before anybody tags anything
        from veo_studio.ui.views.name_picker import NamePicker

        if self.picker is not None:
            self.picker.close()
        self._ids = ids
        picker = NamePicker(title, hint, create_words, self._window)
        picker.closed.connect(self._on_closed)
        self.picker = picker
        return picker

    def _on_closed(self) -> None:
        self.picker = None

    def _where(self) -> QPoint:
        """Under what has the focus, or where the pointer is in the window."""
        pointer = QCursor.pos()
        focus = QApplication.focusWidget()
        if focus is not None and focus.window() is self._window:
            rect = focus.rect()
            if not rect.contains(focus.mapFromGlobal(pointer)):
                pointer = focus.mapToGlobal(rect.center())
        return pointer


def _counts(had: dict[str, frozenset[int]]) -> dict[str, int]:
    return {name: len(members) for name, members in had.items()}
