"""The shortcuts of a window: taken from the settings, shown, changed and written back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QWidget

from veo_studio.ui import shortcuts
from veo_studio.ui.bridge import run_dialog

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings


class ShortcutKeys:
    """One per window."""

    def __init__(
        self, window: QWidget, settings: Settings, on_changed: Callable[[], object]
    ) -> None:
        self._window = window
        self._settings = settings
        self._on_changed = on_changed
        self._is_open = False
        shortcuts.current().load(settings.shortcuts)

    async def show(self) -> None:
        """Until the page is closed; a second one is not opened."""
        if self._is_open:
            return
        from veo_studio.ui.views.shortcuts_page import ShortcutsPage

        self._is_open = True
        try:
            page = ShortcutsPage(shortcuts.current(), self._window)
            page.edited.connect(self._keep)
            await run_dialog(page)
        finally:
            self._is_open = False

    def _keep(self) -> None:
        self._settings.shortcuts = shortcuts.current().stored()
        self._on_changed()
