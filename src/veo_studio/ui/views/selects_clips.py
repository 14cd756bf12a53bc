"""What is selected in a page with a list of clips, loaded or not."""

from __future__ import annotations

from array import array

from veo_studio.core.models import Generation
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.views.clip_choosing import ClipChoosing
from veo_studio.ui.views.clip_requests import SharesRequests


class SelectsClips(SharesRequests):
    """A page whose clips are selected in `chooser`, which its constructor sets."""

    model: LibraryModel
    chooser: ClipChoosing

    def chosen_ids(self) -> array[int]:
        """From top to bottom, loaded or not."""
        return self.chooser.chosen_ids()

    def selected(self) -> list[Generation]:
        """The selected generations that are loaded, from top to bottom."""
        return self.chooser.chosen()

    def current(self) -> Generation | None:
        """The one that has the focus, else the first that is selected."""
        index = self.chooser.currentIndex()
        if index.isValid() and self.chooser.selectionModel().isSelected(index):
            return self.model.generation(index)
        return next(iter(self.selected()), None)

    def select(self, generation_id: int) -> None:
        """Select this one and bring it into sight, if it is in the list."""
        index = self.model.index_of(generation_id)
        if index.isValid():
            self.chooser.choose_ids(array("q", [generation_id]), generation_id)
            self.chooser.scrollTo(index)
