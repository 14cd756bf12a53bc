"""Dialogs that are waited for, and what they stand over."""

from __future__ import annotations

import asyncio

from PyQt6 import sip
from PyQt6.QtWidgets import QDialog, QWidget

from tests.ui.waiting import Opening
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.dialogs import Question
from veo_studio.ui.theme import Theme


async def test_a_question_that_goes_with_its_page_is_a_no(theme: Theme) -> None:
    page = QWidget()
    opening = Opening(Question)
    answer = asyncio.ensure_future(run_dialog(Question("Remove it?", "", "Yes", "No", page)))
    await asyncio.wait_for(opening.shown, 60)
    sip.delete(page)
    assert await asyncio.wait_for(answer, 60) == QDialog.DialogCode.Rejected


async def test_who_no_longer_waits_leaves_no_question(theme: Theme) -> None:
    page = QWidget()
    opening = Opening(Question)
    question = Question("Remove it?", "", "Yes", "No", page)
    answer = asyncio.ensure_future(run_dialog(question))
    await asyncio.wait_for(opening.shown, 60)
    sip.delete(page)
    answer.cancel()
    (told,) = await asyncio.gather(answer, return_exceptions=True)
    assert told is None or not isinstance(told, RuntimeError)
    assert sip.isdeleted(question)
