"""How the window goes at the end: while Python and Qt still work as they always do."""

from __future__ import annotations

from PyQt6 import sip
from PyQt6.QtWidgets import QApplication


def take_apart() -> None:
    """Delete all windows, with everything in them.

    What is left when the process ends is deleted by PyQt, in the middle of a walk through its table of all
    that Python knows of Qt. Events of the widgets that go reach our event filters even then; each of them
    adds to the table, and where it has to grow, the walk goes on in freed memory (sip_core.c,
    sip_api_visit_wrappers, of PyQt6-sip 13.13): the program crashes when it is closed, now and then.
    """
    for window in QApplication.topLevelWidgets():
        # what Qt owns goes with its owner: a dialog with the window below it, a list of completions with
        # its completer, which would reach for it
        if not sip.isdeleted(window) and sip.ispyowned(window):
            sip.delete(window)
