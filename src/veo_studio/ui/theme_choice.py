"""Light, dark or as the system is: the menu's choice, kept in the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QApplication

from veo_studio.ui.menus import WindowActions
from veo_studio.ui.theme import Mode, Theme

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings


class ThemeChoice(QObject):
    """One per window; `on_changed`: another one was chosen."""

    def __init__(
        self,
        window: QObject,
        actions: WindowActions,
        theme: Theme,
        settings: Settings,
        on_changed: Callable[[], object],
    ) -> None:
        super().__init__(window)
        self._theme = theme
        self._settings = settings
        self._on_changed = on_changed
        actions.themes[settings.theme].setChecked(True)
        actions.theme_group.triggered.connect(lambda action: self.choose(action.data()))

    def choose(self, mode: Mode) -> None:
        self._settings.theme = mode
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self._theme.apply(app, mode)
        self._on_changed()
