"""Where asyncio meets Qt: dialogs that do not nest, slots that may not kill.

What a task raises goes to its scope's `on_error` (`core/task_scope.py`), what a plain slot raises goes
to `sys.excepthook`; both end in the same place: one notice and one line in the log.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from types import TracebackType

from PyQt6 import sip
from PyQt6.QtWidgets import QDialog

from veo_studio.core.task_scope import OnError

_log = logging.getLogger(__name__)


async def run_dialog(dialog: QDialog) -> int:
    """Open `dialog` and wait for its result; every other task keeps running.

    Rejected where it goes with its parent.
    """
    result: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def on_finished(code: int) -> None:
        if not result.done():
            result.set_result(code)

    dialog.finished.connect(on_finished)
    # with the page it stood over
    dialog.destroyed.connect(lambda: on_finished(QDialog.DialogCode.Rejected))
    dialog.open()
    try:
        return await result
    finally:
        # a dialog whose caller was cancelled must not stay on the screen
        if not sip.isdeleted(dialog):
            dialog.hide()
            dialog.deleteLater()


def catch_slot_errors(on_error: OnError) -> Callable[[], None]:
    """Send what a plain slot raises to `on_error`; the returned call restores the hook before.

    Without a hook of its own PyQt ends the whole process at the first exception in a slot.
    """
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            before(kind, error, trace)
            return
        try:
            on_error(error)
        except Exception:
            _log.exception("an error could not be shown")
            before(kind, error, trace)

    sys.excepthook = hook

    def restore() -> None:
        sys.excepthook = before

    return restore
