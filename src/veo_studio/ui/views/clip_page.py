"""A page with clips of its own, as the rest of the window sees it."""

from __future__ import annotations

from array import array
from typing import Protocol

from PyQt6.QtCore import pyqtBoundSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QWidget

from veo_studio.core.models import Generation
from veo_studio.ui.view_models.library_model import LibraryModel


class ClipPage(Protocol):
    """What the Clip menu, the details and the tools for clips ask of the list that is in sight."""

    model: LibraryModel

    @property
    def used(self) -> pyqtBoundSignal:
        """used(str): a command for what is selected."""
        ...

    def selected(self) -> list[Generation]: ...

    def chosen_ids(self) -> array[int]: ...

    def current(self) -> Generation | None: ...

    def select(self, generation_id: int) -> None: ...

    def actions_for(self, chosen: list[Generation]) -> list[QAction | None]: ...

    def tell_selection(self) -> None: ...


class PageWithPlayer(ClipPage, Protocol):
    """One of `window_pages.WITH_PLAYER`: it has the window's player while it is shown."""

    def take_player(self, player: QWidget) -> None: ...

    def let_player_go(self) -> None: ...

    def show_side(self) -> None: ...
