"""Presets and lists as the window has them: read and changed in a thread, shown as rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt, pyqtSignal

from veo_studio.core.preset_file import (
    PresetFile,
    added,
    export,
    export_list,
    read_exported,
    read_list,
    shipped,
)
from veo_studio.core.presets import Library, NamedList, Preset, Shelf
from veo_studio.ui.text import plain_tool_tip, tr, tr_n

Part = Literal["presets", "lists"]
Entry = Preset | NamedList
ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1
# a dim word beside the text, and whether the text itself is dim
SIDE_ROLE = Qt.ItemDataRole.UserRole + 2
DIM_ROLE = Qt.ItemDataRole.UserRole + 3


class PresetModel(QObject):
    """What there is, and what can be done with it. Every command raises ValueError and StorageError.

    Signals:
        changed(): presets, lists, or what was wrong in their file.
    """

    changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file: PresetFile | None = None
        self.library = shipped()

    async def open(self, path: Path) -> None:
        """From here on the file is known."""
        self._file = PresetFile(path)
        await self.load()

    @property
    def is_open(self) -> bool:
        return self._file is not None

    async def load(self) -> None:
        """Read the file anew: people and the command line change it too."""
        if self._file is not None:
            self._take(await asyncio.to_thread(self._file.load))

    def _take(self, library: Library) -> None:
        if library != self.library:
            self.library = library
            self.changed.emit()

    async def _change(self, change: Callable[[Library], Library]) -> None:
        if self._file is None:
            raise ValueError(tr("Your library is still being opened."))
        self._take(await asyncio.to_thread(self._file.change, change))

    def shelf(self, part: Part) -> Shelf[Any]:
        return self.library.presets if part == "presets" else self.library.lists

    async def put(self, entry: Entry, *, instead_of: str = "") -> None:
        """Store one of the user's, in the place of another one where one is named."""
        await self._change(
            lambda library: _with(
                library, part_of(entry), lambda shelf: shelf.put(entry, instead_of=instead_of)
            )
        )

    async def duplicate(self, entry: Entry) -> str:
        """One of the user's with the same words; its name."""
        name = self.shelf(part_of(entry)).free_name(entry.name)
        await self.put(replace(entry, name=name, is_shipped=False))
        return name

    async def delete(self, entry: Entry) -> None:
        await self._change(
            lambda library: _with(library, part_of(entry), lambda shelf: shelf.without(entry.name))
        )

    async def hide(self, entry: Entry, *, is_hidden: bool) -> None:
        await self._change(
            lambda library: _with(
                library, part_of(entry), lambda shelf: shelf.hide(entry.name, is_hidden=is_hidden)
            )
        )

    async def import_file(self, path: Path) -> tuple[list[str], list[str]]:
        """The names of what is new, and sentences about what could not be read.

        JSON holds presets and lists, anything else is one list, a text on each line.
        """
        problems: list[str] = []
        names: list[str] = []
        presets: list[Preset] = []
        if path.suffix.lower() == ".json":
            presets, lists, problems = await asyncio.to_thread(read_exported, path)
        else:
            lists = [await asyncio.to_thread(read_list, path)]

        def change(library: Library) -> Library:
            with_them, found = added(library, presets, lists)
            names.extend(found)
            return with_them

        await self._change(change)
        return names, problems

    async def export_all(self, path: Path) -> int:
        """Everything of the user's; how much that is."""
        presets, lists = self.library.presets.own, self.library.lists.own
        await asyncio.to_thread(export, path, presets, lists)
        return len(presets) + len(lists)

    async def export_one(self, path: Path, entry: Entry) -> None:
        if isinstance(entry, Preset):
            await asyncio.to_thread(export, path, [entry], [])
        else:
            await asyncio.to_thread(export_list, path, entry)


def part_of(entry: Entry) -> Part:
    return "presets" if isinstance(entry, Preset) else "lists"


def _with(library: Library, part: Part, change: Callable[[Shelf[Any]], Shelf[Any]]) -> Library:
    if part == "presets":
        return replace(library, presets=change(library.presets))
    return replace(library, lists=change(library.lists))


class ShelfRows(QAbstractListModel):
    """The entries of one sort by name, the user's own first; shipped ones say so."""

    def __init__(self, model: PresetModel, part: Part, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._part: Part = part
        self._entries: Sequence[Entry] = ()
        model.changed.connect(self._on_changed)
        self._on_changed()

    def _on_changed(self) -> None:
        self.beginResetModel()
        shelf = self._model.shelf(self._part)
        own = sorted(shelf.own, key=lambda entry: entry.name.casefold())
        self._entries = (*own, *(entry for entry in shelf.every() if entry.is_shipped))
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._entries)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        is_hidden = self._model.shelf(self._part).is_hidden(entry)
        if role == ENTRY_ROLE:
            return entry
        if role == DIM_ROLE:
            return is_hidden
        if role == SIDE_ROLE:
            return tr("hidden") if is_hidden else tr("shipped") if entry.is_shipped else ""
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tool_tip(entry_words(entry))
        return None

    def row_of(self, name: str) -> int:
        """-1 where there is none of that name."""
        return next((row for row, entry in enumerate(self._entries) if entry.name == name), -1)


class PromptRows(QAbstractListModel):
    """Expanded prompts with their numbers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._texts: Sequence[str] = ()

    def show(self, texts: Sequence[str]) -> None:
        if texts is not self._texts:
            self.beginResetModel()
            self._texts = texts
            self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._texts)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        text = self._texts[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return " ".join(text.split())
        if role == SIDE_ROLE:
            return str(index.row() + 1)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tool_tip(text)
        return None


def entry_words(entry: Entry) -> str:
    """One line about it: what it is for, else what is in it."""
    if isinstance(entry, NamedList):
        return tr_n(
            "{n} text: {first}", "{n} texts: {first} …", len(entry.texts), first=entry.texts[0]
        )
    return entry.note or " ".join(entry.prompt.split())[:120] or settings_words(entry)


def settings_words(preset: Preset) -> str:
    """The settings of a preset: `9:16 · 4 s · no sound · 2 takes`."""
    config = preset.config
    words = [preset.model] if preset.model else []
    words += [str(config[name]) for name in ("aspect_ratio", "resolution") if name in config]
    if "duration" in config:
        words.insert(1 + bool(preset.model), tr("{s} s", s=config["duration"]))
    if "enable_audio" in config:
        words.append(tr("with sound") if config["enable_audio"] else tr("no sound"))
    if "seed" in config:
        words.append(tr("seed {n}", n=config["seed"]))
    if preset.takes is not None and preset.takes > 1:
        words.append(tr("{n} takes", n=preset.takes))
    return " · ".join(words)
