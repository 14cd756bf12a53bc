"""Presets and lists side by side with what is in them: rename, change, copy, delete, bring and take away."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QSize, QStandardPaths, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.errors import StudioError
from veo_studio.ui import error_text
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.theme import SPACE_8, SPACE_12, SPACE_16
from veo_studio.ui.view_models.preset_model import Entry, PresetModel
from veo_studio.ui.view_models.wallet_entries import Spawn
from veo_studio.ui.views.labels import name_tabs
from veo_studio.ui.views.preset_pages import ListPage, PresetPage, ShelfPage

_FIRST_SIZE = QSize(780, 560)
_FRAME = QSize(16, 48)
_SMALLEST = QSize(560, 480)


class PresetDialog(QDialog):
    """Opened with `run_dialog`. What is changed is stored when another one is chosen, or at the end."""

    # something was done, or could not be
    worked = pyqtSignal()

    def __init__(self, model: PresetModel, spawn: Spawn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("presetDialog")
        self.setWindowTitle(tr("Presets and lists"))
        self.setMinimumSize(_SMALLEST)
        room = self.screen().availableSize() if self.screen() is not None else _FIRST_SIZE
        self.resize(_FIRST_SIZE.boundedTo(room - _FRAME).expandedTo(_SMALLEST))
        self.model = model
        self._spawn = spawn
        self._working = 0
        self._is_ending = False
        self._folder = QStandardPaths.writableLocation(
            QStandardPaths.StandardLocation.DocumentsLocation
        )
        self.presets = PresetPage(model)
        self.lists = ListPage(model)
        self.tabs = QTabWidget()
        name_tabs(self.tabs, tr("Presets or lists"))
        self.tabs.setObjectName("presetTabs")
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.presets, tr("&Presets"))
        self.tabs.addTab(self.lists, tr("&Lists"))
        self.bring = QPushButton(tr("&Import…"))
        self.bring.setToolTip(
            tr("A file of presets and lists, or a text file with one text on each line")
        )
        self.take_out = QPushButton(tr("E&xport…"))
        self.take_out.setToolTip(tr("Everything of yours, as one file for another computer"))
        self.done_button = QPushButton(tr("&Close"))
        self.notices = NoticeBar(self.tabs)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE_8)
        foot.addWidget(self.bring)
        foot.addWidget(self.take_out)
        foot.addStretch(1)
        foot.addWidget(self.done_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_16, SPACE_12, SPACE_16, SPACE_16)
        column.setSpacing(SPACE_12)
        column.addWidget(self.tabs, 1)
        column.addLayout(foot)
        for button in self.findChildren(QPushButton):
            # Enter belongs to the field it is pressed in
            button.setAutoDefault(False)
        self._bind()
        self.presets.rows.setFocus()

    def _bind(self) -> None:
        for page in (self.presets, self.lists):
            page.put_requested.connect(
                lambda entry, old, p=page: self._run(self._put(p, entry, old))
            )
            page.copy_requested.connect(lambda entry, p=page: self._run(self._copy(p, entry)))
            page.delete_requested.connect(lambda entry, p=page: self._run(self._delete(p, entry)))
            page.hide_requested.connect(
                lambda entry, is_hidden: self._run(self.model.hide(entry, is_hidden=is_hidden))
            )
        self.tabs.currentChanged.connect(lambda _number: self._store_all())
        self.bring.clicked.connect(lambda: self._run(self._import()))
        self.take_out.clicked.connect(lambda: self._run(self._export()))
        self.done_button.clicked.connect(self.close)
        self.model.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        library = self.model.library
        self.take_out.setEnabled(bool(library.presets.own or library.lists.own))

    def _store_all(self) -> None:
        for page in (self.presets, self.lists):
            page.store()

    def done(self, code: int) -> None:
        """What was typed is stored first; where that fails, the dialog stays, once."""
        self._store_all()
        if self._working:
            self._is_ending = True
            return
        super().done(code)

    # work

    def _run(self, work: Coroutine[Any, Any, Any]) -> None:
        self._working += 1
        self._spawn(self._told(work), name="presets")

    async def _told(self, work: Coroutine[Any, Any, Any]) -> None:
        is_done = False
        try:
            await work
            is_done = True
        except StudioError as error:
            text = error_text.describe(error)
            self.notices.show_notice(text.whole, level="bad", key=text.happened)
        except ValueError as error:
            words = error_text.quoted(str(error))
            self.notices.show_notice(words, level="warn", key=words)
        finally:
            self._working -= 1
            is_ending, self._is_ending = self._is_ending, False
            self.worked.emit()
            if is_ending and is_done:
                self.close()

    async def _put(self, page: ShelfPage, entry: Entry, old: Entry | None) -> None:
        try:
            await self.model.put(entry, instead_of="" if old is None else old.name)
        except BaseException:
            page.take_back(old, entry)
            raise

    async def _copy(self, page: ShelfPage, entry: Entry) -> None:
        page.select(await self.model.duplicate(entry))

    async def _delete(self, page: ShelfPage, entry: Entry) -> None:
        await self.model.delete(entry)
        self.notices.dismiss("deleted")
        self.notices.show_notice(
            tr("“{name}” is deleted.", name=entry.name),
            key="deleted",
            action_text=tr("Undo"),
            on_action=lambda: self._run(self._bring_back(page, entry)),
        )

    async def _bring_back(self, page: ShelfPage, entry: Entry) -> None:
        await self.model.put(entry)
        page.select(entry.name)

    async def _import(self) -> None:
        dialog = QFileDialog(self, tr("Import presets or a list"), self._folder)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(tr("Presets and lists (*.json *.txt)"))
        if await run_dialog(dialog) == QFileDialog.DialogCode.Accepted:
            await self.import_file(Path(dialog.selectedFiles()[0]))

    async def import_file(self, path: Path) -> None:
        self._folder = str(path.parent)
        names, problems = await self.model.import_file(path)
        said = tr("Everything in {name} is there already.", name=path.name)
        if names:
            said = tr_n(
                "Imported {n} from {name}: {names}.", "Imported {n} from {name}: {names}.",
                len(names), name=path.name, names=", ".join(names[:8]),
            )  # fmt: skip
        words = " ".join([said, *problems[:3]])
        self.notices.show_notice(words, level="warn" if problems else "ok", key=words)
        for page in (self.presets, self.lists):
            if names and page.select(names[-1]):
                self.tabs.setCurrentWidget(page)

    async def _export(self) -> None:
        dialog = QFileDialog(self, tr("Export presets and lists"), self._folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(tr("Presets and lists (*.json)"))
        dialog.setDefaultSuffix("json")
        dialog.selectFile("veo-studio-presets.json")
        if await run_dialog(dialog) != QFileDialog.DialogCode.Accepted:
            return
        path = Path(dialog.selectedFiles()[0])
        count = await self.model.export_all(path)
        self.notices.show_notice(
            tr_n("{n} exported to {name}.", "{n} exported to {name}.", count, name=path.name),
            level="ok",
            key="exported",
        )
