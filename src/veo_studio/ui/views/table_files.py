"""Where files are saved: tables of a batch, the wallet and the insights, and clips as one file."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PyQt6.QtCore import QStandardPaths
from PyQt6.QtWidgets import QDialog, QFileDialog, QWidget

from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.dialogs import Question
from veo_studio.ui.text import tr


async def ask_csv(parent: QWidget, title: str, suggested: str) -> Path | None:
    """Where a table goes; None where the user left it, or kept the file that is there."""
    return await ask_path(parent, title, suggested, tr("Tables (*.csv)"), "csv")


async def ask_path(
    parent: QWidget, title: str, suggested: str, name_filter: str, ending: str
) -> Path | None:
    """Where a file with this `ending` goes; None as in `ask_csv`."""
    dialog = QFileDialog(parent, title, str(Path(suggested).parent))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setNameFilter(name_filter)
    dialog.setDefaultSuffix(ending)
    dialog.selectFile(Path(suggested).name)
    # Qt's own question is a loop of its own; ours is asked below
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
    if await run_dialog(dialog) != QDialog.DialogCode.Accepted:
        return None
    path = Path(dialog.selectedFiles()[0])
    return path if await ask_to_replace(path, parent) else None


async def ask_to_replace(path: Path, parent: QWidget) -> bool:
    """Whether something may be written there; asks only where a file is."""
    if not await asyncio.to_thread(path.exists):
        return True
    question = Question(
        tr("Replace the file?"),
        tr("{name} is there already.", name=path.name),
        tr("&Replace"),
        tr("&Cancel"),
        parent,
    )
    return await run_dialog(question) == QDialog.DialogCode.Accepted


def write_text(path: Path, words: str) -> None:
    """ValueError with a sentence where that is not possible. Blocks."""
    try:
        path.write_text(words, encoding="utf-8-sig", newline="")
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        raise ValueError(f"{path.name} cannot be saved: {reason}.") from error


def documents() -> str:
    """Where people keep such files."""
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
