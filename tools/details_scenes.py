"""The details of a clip, and the page of the keyboard shortcuts."""

from __future__ import annotations

import asyncio

from PyQt6.QtCore import QKeyCombination, Qt
from PyQt6.QtWidgets import QWidget

from veo_studio.app import Program
from veo_studio.ui.views.details import DetailsPane
from veo_studio.ui.views.shortcuts_page import ShortcutsPage

_LIMIT_S = 60.0


async def details(program: Program) -> None:
    """A finished clip, everything about it in a window of its own."""
    program.window.beginning.end()
    row = 0
    history = program.history
    while (found := history.generation(history.index(row, 0))) is None or not found.has_file:
        row += 1
    program.window.history.select(found.id)
    program.window.acts.details.trigger()
    pane = details_pane(program)
    pane.set_folded(set())
    async with asyncio.timeout(_LIMIT_S):
        while pane.model.known is None or not pane.model.known.is_file_read:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await asyncio.sleep(1.0)  # thumbnails of its relatives


def details_pane(program: Program) -> DetailsPane:
    dialog = program.window.library_tools.details.dialog
    assert dialog is not None
    return dialog.pane


def details_window(program: Program) -> QWidget:
    dialog = program.window.library_tools.details.dialog
    assert dialog is not None
    return dialog


async def shortcuts(program: Program) -> None:
    """A key that another command has, and the choice."""
    program.window.acts.shortcuts.trigger()
    async with asyncio.timeout(_LIMIT_S):
        while not program.window.findChildren(ShortcutsPage):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    page = shortcuts_window(program)
    assert isinstance(page, ShortcutsPage)
    page.select("window.batch")
    page.field.wait()
    page.field.key_chosen.emit(QKeyCombination(Qt.KeyboardModifier.ControlModifier, Qt.Key.Key_E))


def shortcuts_window(program: Program) -> QWidget:
    return program.window.findChildren(ShortcutsPage)[0]
