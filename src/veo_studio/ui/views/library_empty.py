"""What the library says where there is no clip to show, and the one thing to do about it."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtWidgets import QWidget

from veo_studio.core.library_query import LibraryQuery
from veo_studio.ui.text import tr
from veo_studio.ui.views.empty_state import EmptyState


class LibraryEmpty(EmptyState):
    """Nothing yet, an empty collection, or nothing that matches."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("film", parent)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self.palette().ColorRole.Base)

    def show_for(self, query: LibraryQuery) -> None:
        if query.is_plain:
            words = tr("No clips yet. Type a prompt and press Ctrl+Enter.")
            self.set_content(words, tr("Write a prompt"), "film")
        elif is_whole_collection(query):
            words = tr(
                "This collection is empty. Drop clips onto its name, or choose \u201cAdd to a "
                "collection\u201d in their menu."
            )
            self.set_content(words, tr("Show all clips"), "collection")
        else:
            has_words_alone = is_whole_collection(replace(query, text=""))
            words = tr("Clear search") if has_words_alone else tr("Clear filters")
            self.set_content(tr("Nothing matches this search."), words, "search")


def is_whole_collection(query: LibraryQuery) -> bool:
    """Nothing else narrows it down."""
    return query == LibraryQuery(collection_id=query.collection_id, sort=query.sort)
