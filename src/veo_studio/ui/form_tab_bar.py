"""The tabs, their keys, the pages and the form: whichever of them changes, the others follow."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QTabBar

from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_parts import FormTab
from veo_studio.ui.window_pages import FORMS, PAGES, WindowPages

# the first tabs are of the form and share its panes, each of the others has a page
_FORM_TABS = (FormTab.TEXT, FormTab.PICTURES)


class FormTabBar(QObject):
    """One per window; `show_form` brings the form into sight."""

    def __init__(
        self,
        window: QObject,
        tabs: QTabBar,
        model: FormModel,
        pages: WindowPages,
        show_form: Callable[[], None],
    ) -> None:
        super().__init__(window)
        self._tabs = tabs
        self._model = model
        self._pages = pages
        self._show_form = show_form
        self._is_turning = False
        tabs.currentChanged.connect(self._on_current)
        # also of the one that is chosen already, while the form is hidden
        tabs.tabBarClicked.connect(self._on_clicked)
        model.changed.connect(self._show)
        pages.changed.connect(self._show)
        self._show()

    def step(self, by: int) -> None:
        """To the next tab or the one before, round and round."""
        self.go_to((self._tabs.currentIndex() + by) % self._tabs.count())

    def go_to(self, number: int) -> None:
        """To a tab by its place, from 0."""
        self._tabs.setCurrentIndex(number)
        self._on_clicked(number)

    def _on_clicked(self, number: int) -> None:
        if 0 <= number < len(_FORM_TABS):
            self._show_form()

    def _on_current(self, number: int) -> None:
        self._is_turning = True
        try:
            if number < len(_FORM_TABS):
                self._model.set_tab(_FORM_TABS[number])
                self._pages.show(FORMS)
            else:
                self._pages.show(PAGES[number - len(_FORM_TABS)])
        finally:
            self._is_turning = False
        self._show()

    def _show(self, *_: object) -> None:
        if self._is_turning:
            return
        if self._pages.current == FORMS:
            self._tabs.setCurrentIndex(_FORM_TABS.index(self._model.tab))
        else:
            self._tabs.setCurrentIndex(len(_FORM_TABS) + PAGES.index(self._pages.current))
