"""The tabs over the form, their keys, and the form itself: whichever of them changes, the others follow."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QTabBar

from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_parts import FormTab

_TABS = (FormTab.TEXT, FormTab.PICTURES)


class FormTabBar(QObject):
    """One per window; `show_form` brings the form into sight."""

    def __init__(
        self, window: QObject, tabs: QTabBar, model: FormModel, show_form: Callable[[], None]
    ) -> None:
        super().__init__(window)
        self._tabs = tabs
        self._model = model
        self._show_form = show_form
        tabs.currentChanged.connect(self._on_current)
        # also of the one that is chosen already, while the form is hidden
        tabs.tabBarClicked.connect(lambda _number: show_form())
        model.changed.connect(self._show)
        self._show()

    def step(self, by: int) -> None:
        """To the next tab or the one before, round and round."""
        self._show_form()
        self._tabs.setCurrentIndex((self._tabs.currentIndex() + by) % self._tabs.count())

    def _on_current(self, number: int) -> None:
        self._model.set_tab(_TABS[number])

    def _show(self) -> None:
        self._tabs.setCurrentIndex(_TABS.index(self._model.tab))
