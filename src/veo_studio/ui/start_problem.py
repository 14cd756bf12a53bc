"""What a start tells when the folders or the database cannot be used, and the way out it offers."""

from __future__ import annotations

import logging
import sys

from PyQt6.QtGui import QGuiApplication

from veo_studio.core.errors import DatabaseDamaged, DatabaseTooNew, FolderInUse, StorageError
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.stop_signals import stop_signals

EXIT_STORAGE = 6
# no exit code: the window starts again, on the newest backup
RESTORE = -1
_log = logging.getLogger(__name__)


async def tell_start_problem(error: StorageError) -> int:
    """One sentence on stderr, the same in a small window, and the exit code.

    `RESTORE` where the library is damaged and the user wants its newest backup.
    """
    print(error.whole, file=sys.stderr, flush=True)  # noqa: T201
    if QGuiApplication.platformName() in ("offscreen", "minimal"):
        return EXIT_STORAGE  # there is nobody who could close a window
    if isinstance(error, DatabaseDamaged) and error.backup is not None:
        from veo_studio.ui.restoring import restore_question

        question = restore_question(error)
        with stop_signals(question.reject):
            is_wanted = await run_dialog(question) == question.DialogCode.Accepted
        return RESTORE if is_wanted else EXIT_STORAGE
    from veo_studio.ui.dialogs import StartProblemDialog

    dialog = StartProblemDialog(error.message, error.action or _hint(error))
    with stop_signals(dialog.reject):
        await run_dialog(dialog)
    return EXIT_STORAGE


def _hint(error: StorageError) -> str:
    from veo_studio.ui.error_text import describe

    has_words = isinstance(error, DatabaseTooNew | DatabaseDamaged | FolderInUse)
    return describe(error).next_step if has_words else ""


def tell_early(told: list[BaseException], error: BaseException) -> None:
    """Before there is a window, an unexpected error goes to the log and to stderr."""
    told.append(error)
    _log.error("unexpected error", exc_info=error)
    sys.__excepthook__(type(error), error, error.__traceback__)
