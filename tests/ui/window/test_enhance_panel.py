"""The panel of better words by itself: the real core behind it, and a chat server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from tests.fakes.chat import KEY, ChatServer, chat_server, completion, refusal
from tests.providers.conformance.recorder import Reply
from tests.ui.waiting import becomes
from veo_studio.core.catalog import Catalog
from veo_studio.core.enhance import Ask, EnhancerKind, Enhancers
from veo_studio.core.providers.http import HttpGateway
from veo_studio.core.settings import Settings
from veo_studio.core.task_scope import TaskScope
from veo_studio.ui import theme
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.enhance_model import EnhanceModel, Stage, Wish
from veo_studio.ui.views.enhance import EnhanceDialog
from veo_studio.ui.views.word_diff import ground

WORDS = "A red kite over the dunes"
CATALOG = Catalog.load()
Open = Callable[..., EnhanceDialog]


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server() as made:
        yield made


@pytest.fixture
async def panel(qapp: QApplication, server: ChatServer, no_task_left: None) -> AsyncIterator[Open]:
    """Opens the panel of somebody who has this server; the question is asked already."""
    Theme().apply(qapp, "dark")
    gateway, scope, window = HttpGateway(), TaskScope(), QWidget()
    window.resize(1000, 760)
    window.show()

    async def connected() -> HttpGateway:
        return gateway

    def open_it(**environment: str) -> EnhanceDialog:
        environ = {"OPENAI_BASE_URL": server.url, **environment}
        services = Enhancers(Settings(), lambda _name: KEY, connected, CATALOG.providers, environ)
        model_info = CATALOG.models[0]
        ask = Ask.about(model_info, model_info.default_config(), WORDS)
        model = EnhanceModel(services, Wish(ask), scope.spawn, kind=EnhancerKind.OPENAI)
        model.ask()
        dialog = EnhanceDialog(model, window)
        dialog.open()
        return dialog

    yield open_it
    server.release()
    await scope.close()
    await gateway.close()
    window.deleteLater()


async def reached(dialog: EnhanceDialog, stage: Stage) -> None:
    await becomes(lambda: dialog.model.stage is stage, dialog.model.changed, timeout_s=60.0)


def click(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


async def test_what_is_typed_shows_at_once_in_the_changes_and_in_the_count(panel: Open) -> None:
    dialog = panel()
    await reached(dialog, Stage.PROPOSED)
    dialog.edit.selectAll()
    QTest.keyClicks(dialog.edit, "A blue kite over the dunes")
    assert dialog.diff.accessibleDescription() == "Removed: red. Added: blue."
    assert dialog.counter.text() == "26/2000"
    dialog.edit.selectAll()
    dialog.edit.insertPlainText("x" * 2001)
    assert not dialog.use.isEnabled()
    dialog.edit.undo()
    assert dialog.edit.toPlainText() == "A blue kite over the dunes"
    assert dialog.use.isEnabled()
    dialog.edit.selectAll()
    dialog.edit.insertPlainText(WORDS)
    assert not dialog.use.isEnabled(), "the same words are no change"
    assert dialog.diff.accessibleDescription() == "Nothing changes."


async def test_cancel_takes_the_question_back_and_asking_again_is_one_click(
    panel: Open, server: ChatServer
) -> None:
    server.hold()
    dialog = panel()
    assert dialog.busy.isVisible()
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Space)
    assert dialog.model.stage is Stage.QUIET
    assert dialog.edit.toPlainText() == WORDS
    assert not dialog.stop.isVisible()
    server.release()
    click(dialog.ask)
    await reached(dialog, Stage.PROPOSED)
    assert dialog.edit.toPlainText() == "A red kite over the dunes, slow push in."


async def test_closing_while_busy_takes_the_question_back(panel: Open, server: ChatServer) -> None:
    server.hold()
    dialog = panel()
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert not dialog.model.is_asking


@pytest.mark.parametrize(
    ("reply", "said", "leads_to_settings"),
    [
        (refusal(401, f"Incorrect API key: {KEY}"), "does not accept the key", True),
        (refusal(404, "model not found"), "Choose another model", True),
        (refusal(402, "no credit"), "balance at Chat server is empty", False),
        (refusal(503, "busy"), "cannot be reached or has a fault", False),
        (completion("   "), "without words", False),
        (completion("I'm sorry, but I cannot help with that."), "declined", False),
        (completion("A cat", "length"), "cut off", False),
        (completion("<html><body>Sign in</body></html>"), "web page", False),
        (completion(WORDS), "nothing to change", False),
        (Reply({"hello": "world"}), "no proposal", True),
    ],
)
async def test_a_wrong_answer_leaves_the_prompt_and_says_what_to_do(
    panel: Open, server: ChatServer, reply: Reply, said: str, leads_to_settings: bool
) -> None:
    server.replies = [reply]
    dialog = panel()
    await reached(dialog, Stage.FAILED)
    assert said in dialog.problem.text
    assert KEY not in dialog.problem.text
    assert dialog.edit.toPlainText() == WORDS
    assert not dialog.use.isEnabled()
    assert dialog.open_settings.isVisible() == leads_to_settings
    assert dialog.ask.isEnabled()
    click(dialog.use_rules)
    await reached(dialog, Stage.PROPOSED)
    assert dialog.model.asked is EnhancerKind.RULES
    assert dialog.problem.text == ""
    assert dialog.edit.toPlainText().startswith(WORDS)


async def test_a_service_that_never_answers_is_given_up(panel: Open, server: ChatServer) -> None:
    server.hold()
    dialog = panel(VEO_STUDIO_ENHANCE_TIMEOUT="0.3")
    await reached(dialog, Stage.FAILED)
    assert "did not answer in time" in dialog.problem.text
    assert dialog.edit.toPlainText() == WORDS


async def test_choosing_somebody_else_asks_nobody_before_the_click(
    panel: Open, server: ChatServer
) -> None:
    dialog = panel()
    await reached(dialog, Stage.PROPOSED)
    dialog.services.setFocus()
    rules = dialog.services.findData(EnhancerKind.RULES)
    while dialog.services.currentIndex() != rules:
        QTest.keyClick(dialog.services, Qt.Key.Key_Up)
    assert dialog.model.asked is EnhancerKind.OPENAI
    assert dialog.where.text() == "Nothing leaves this computer."
    assert dialog.ask.text().replace("&", "") == "Ask Built-in rules"
    click(dialog.ask)
    await reached(dialog, Stage.PROPOSED)
    assert dialog.model.asked is EnhancerKind.RULES
    assert len(server.asked) == 1


async def test_a_failure_after_a_proposal_keeps_the_proposal(
    panel: Open, server: ChatServer
) -> None:
    server.replies = [completion("A red kite, slow push in."), refusal(429, "too many")]
    dialog = panel()
    await reached(dialog, Stage.PROPOSED)
    click(dialog.ask)
    await reached(dialog, Stage.FAILED)
    assert "asks for fewer requests" in dialog.problem.text
    assert dialog.edit.toPlainText() == "A red kite, slow push in."
    assert dialog.use.isEnabled()


async def test_where_words_go_is_said_for_a_photo_and_for_readable_traffic(
    panel: Open, server: ChatServer
) -> None:
    dialog = panel(OPENAI_BASE_URL="https://api.openai.com/v1")
    dialog.model.stop()
    assert dialog.where.text() == "Your words go to api.openai.com."
    dialog.model.wish = replace(dialog.model.wish, picture=asyncio.Event().wait)  # type: ignore[arg-type]
    dialog.model.changed.emit()
    assert dialog.where.text() == "Your words and the photo go to api.openai.com."
    assert server.asked == []


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_new_and_gone_words_can_be_read_in_both_themes(qapp: QApplication, mode: str) -> None:
    Theme().apply(qapp, mode)  # type: ignore[arg-type]
    colors = theme.tokens()
    assert theme.contrast(colors.text, ground().name()) >= 4.5
    assert theme.contrast(colors.dim, colors.raised) >= 4.5
