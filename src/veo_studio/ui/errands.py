"""Folders and small windows that a menu opens: outputs, log, shortcuts, about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QFileDialog, QWidget

from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.dialogs import AboutDialog
from veo_studio.ui.shortcut_keys import ShortcutKeys
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings


class Errands:
    """One per window."""

    def __init__(
        self,
        window: QWidget,
        telling: Telling,
        settings: Settings,
        *,
        outputs: Path,
        logs: Path,
        on_changed: Callable[[], object],
    ) -> None:
        """`outputs` is where clips go while the settings name no folder; `on_changed`: they changed."""
        self._on_changed = on_changed
        self._window = window
        self._telling = telling
        self._settings = settings
        self._default_outputs = outputs
        self._logs = logs
        self._keys = ShortcutKeys(window, settings, on_changed)

    def outputs(self) -> Path:
        return self._settings.output_dir or self._default_outputs

    def open_outputs(self) -> None:
        self._open_folder(self.outputs())

    def open_logs(self) -> None:
        self._open_folder(self._logs)

    def _open_folder(self, folder: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._telling.notices_of("form").show_notice(
                tr("The system cannot open {folder}.", folder=folder), level="warn"
            )

    def choose_outputs(self) -> None:
        self._telling.run(self._choose_outputs(), "form")

    async def _choose_outputs(self) -> None:
        dialog = QFileDialog(
            self._window, tr("Choose the folder for finished clips"), str(self.outputs())
        )
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        if await run_dialog(dialog) == QFileDialog.DialogCode.Accepted:
            self._settings.output_dir = Path(dialog.selectedFiles()[0])
            self._on_changed()
            self._telling.notices_of("form").show_notice(
                tr("New clips go to {folder}.", folder=self.outputs()), level="ok", key="outputs"
            )

    def show_shortcuts(self) -> None:
        self._telling.run(self._show_shortcuts(), "form")

    async def _show_shortcuts(self) -> None:
        await self._keys.show()

    def show_about(self) -> None:
        self._telling.run(self._show_about(), "form")

    async def _show_about(self) -> None:
        await run_dialog(AboutDialog(self._window))
