"""Which panes are wanted: the actions of the menu, and the buttons that bring hidden ones back."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QAction

from veo_studio.ui.header import WindowHeader
from veo_studio.ui.views.text_to_video import TextToVideoView
from veo_studio.ui.window_pages import FORMS, WindowPages


class PaneSwitches(QObject):
    """Keeps actions, buttons and panes together, whichever of them the user uses."""

    def __init__(
        self,
        window: QObject,
        panes: TextToVideoView,
        pages: WindowPages,
        header: WindowHeader,
        actions: Mapping[str, QAction],
    ) -> None:
        super().__init__(window)
        self._panes = panes
        self._pages = pages
        self._header = header
        self._actions = actions
        for name, action in actions.items():
            action.toggled.connect(lambda is_on, name=name: self._on_toggled(name, is_on))
        header.add_panes(actions)
        header.pane_requested.connect(self._on_requested)
        panes.panes_changed.connect(self._show)
        pages.changed.connect(self._on_page)

    def _on_toggled(self, name: str, is_on: bool) -> None:
        if self._pages.current != FORMS:
            # what is on another page is not hidden unseen: it is shown
            self._on_requested(name)
            self._show()
        elif self._panes.is_wanted(name) != is_on or self._panes.is_shown(name) != is_on:
            self._panes.set_wanted(name, is_on)

    def _on_page(self, page: str) -> None:
        self._header.set_has_panes(page == FORMS)

    def _on_requested(self, name: str) -> None:
        self._panes.set_wanted(name, True)
        if self._pages.current == FORMS:
            self._panes.focus(name)

    def _show(self) -> None:
        for name, action in self._actions.items():
            # what stepped aside, or was hidden, has a button to come back with
            self._header.offer_pane(name, not self._panes.is_shown(name))
            action.blockSignals(True)
            action.setChecked(self._panes.is_shown(name))
            action.blockSignals(False)
