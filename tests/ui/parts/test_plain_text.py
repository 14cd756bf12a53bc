"""Row F04: prompts and providers' words are text wherever they are shown; no secret, no request."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QHelpEvent, QTextDocument
from PyQt6.QtNetwork import QHostAddress, QTcpServer
from PyQt6.QtWidgets import QApplication, QLabel, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.parts.samples import Library, Scope, generation
from veo_studio.core import errors, log
from veo_studio.core.errors import StudioError
from veo_studio.core.models import Charge, ErrorKind, Generation, GenerationState
from veo_studio.ui.error_text import describe, describe_generation
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.notifications import message_words
from veo_studio.ui.text import plain_tool_tip
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.views.elided_label import ElidedLabel
from veo_studio.ui.views.empty_state import EmptyState
from veo_studio.ui.views.history import HistoryView
from veo_studio.ui.views.labels import SmallLabel

S = GenerationState
KEY = "AIzaSyD-1234567890abcdefghijklmnopqrstu"
HOSTILE = {
    "html": "<h1>Big</h1> <b>bold</b> &amp; <font color=red>red</font>",
    "image": "look <img src=http://127.0.0.1:{port}/pixel.png width=500> here",
    "style": "<style>*{{background:url(http://127.0.0.1:{port}/b.png)}}</style>",
    "link": 'click <a href="http://127.0.0.1:{port}/pay">here</a> now',
    "escapes": "red \x1b[31malert\x1b[0m \x1b]0;title\x07 bell\x07",
    "direction": "safe \u202egnp.exe\u202c \u2067mixed\u2069 \u200f end",
    "key": f"the key {KEY} is wrong, see https://x.example/r.mp4?X-Goog-Signature=00ff00ff00",
}


class Listener:
    """A server that anybody who fetches something would have to call."""

    def __init__(self) -> None:
        self._server = QTcpServer()
        assert self._server.listen(QHostAddress.SpecialAddress.LocalHost)

    @property
    def port(self) -> int:
        return self._server.serverPort()

    @property
    def was_called(self) -> bool:
        QApplication.processEvents()
        is_new, _timed_out = self._server.waitForNewConnection(50)
        return is_new or self._server.hasPendingConnections()

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def listener(qapp: QApplication) -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


@pytest.fixture(params=sorted(HOSTILE))
def hostile(request: pytest.FixtureRequest, listener: Listener) -> str:
    words = HOSTILE[request.param]
    return words.format(port=listener.port) if "{" in words else words


def assert_is_text(tip: str, shown: str) -> None:
    """Read as Qt reads it, `tip` is `shown` and holds no picture, no link and no colour of its own."""
    document = QTextDocument()
    document.setHtml(tip) if Qt.mightBeRichText(tip) else document.setPlainText(tip)
    flat = " ".join(document.toPlainText().split())
    assert " ".join(shown.split()) in flat
    for made in document.allFormats():
        assert not made.isImageFormat()
        assert not made.isTableFormat()
        assert not (made.isCharFormat() and made.toCharFormat().isAnchor())


def assert_is_harmless(words: str) -> None:
    """Nothing that acts on a terminal, on the words beside it, or that nobody may see."""
    for sign in ("\x1b", "\x07", "\u202e", "\u202c", "\u2067", "\u2069", "\u200f"):
        assert sign not in words
    assert KEY not in words
    assert KEY[:20] not in words
    assert "00ff00ff00" not in words


def failed(hostile: str, **fields: object) -> Generation:
    values = {
        "state": S.FAILED,
        "error": hostile,
        "error_kind": ErrorKind.CONTENT_FILTERED,
        "charge": Charge.NOT_CHARGED,
        **fields,
    }
    return generation(1, **values)


@pytest.mark.parametrize(
    "kind", [errors.ContentRefused, errors.InvalidRequest, errors.DownloadError,
             errors.StorageError, errors.StudioError, errors.LedgerDamaged, errors.PublishError],
    ids=lambda kind: kind.__name__,
)  # fmt: skip
def test_f04_a_providers_words_are_harmless_in_every_sentence(
    hostile: str, kind: type[StudioError]
) -> None:
    told = describe(kind(hostile))
    assert_is_harmless(told.whole)
    assert "\n" not in told.whole


@pytest.mark.parametrize("state", [S.FAILED, S.HELD, S.UNKNOWN, S.CANCELLED])
def test_f04_a_stored_error_is_harmless_in_every_state(
    hostile: str, state: GenerationState
) -> None:
    assert_is_harmless(describe_generation(failed(hostile, state=state)).whole)


def test_f04_the_action_of_an_error_is_masked_too() -> None:
    told = describe(errors.StorageError("No.", action=f"Use {KEY}\x1b[0m."))
    assert_is_harmless(told.whole)


def test_f04_the_whole_key_is_masked_however_late_it_stands() -> None:
    """Cut first and masked afterwards, half a key would be left."""
    for start in range(270, 305):
        told = describe(errors.ContentRefused("x" * start + " " + KEY))
        assert KEY[:8] not in told.whole


def test_f04_a_registered_key_of_any_shape_is_masked() -> None:
    secret = "my-own-odd-credential-4711"
    log.register_secret(secret)
    assert secret not in describe(errors.AuthError(f"bad {secret}")).whole
    assert secret not in describe(errors.ContentRefused(f"bad {secret}")).whole


def test_f04_tool_tips_of_the_history_are_text(
    hostile: str, listener: Listener, qtbot: QtBot, theme: Theme
) -> None:
    scope = Scope()
    model = LibraryModel(Library([failed(hostile, prompt=hostile)]), None, scope.spawn)
    view = HistoryView(model)
    model.setParent(view)
    qtbot.addWidget(view)
    model.load()
    view.resize(420, 300)
    view.show()
    tip = model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert_is_text(tip, hostile)
    view.grab()
    at = view.list.visualRect(model.index(0, 0)).center()
    event = QHelpEvent(QEvent.Type.ToolTip, at, view.list.viewport().mapToGlobal(at))
    QApplication.sendEvent(view.list.viewport(), event)
    assert not listener.was_called
    QToolTip.hideText()


def test_f04_the_reading_direction_ends_with_its_line() -> None:
    """A prompt's own marks stay in the prompt, but turn nothing around below it."""
    document = QTextDocument()
    document.setHtml(plain_tool_tip("evil \u202e prompt\nNothing was charged."))
    assert document.blockCount() == 2


def test_f04_notices_and_labels_show_markup_as_it_is(
    hostile: str, listener: Listener, qtbot: QtBot, theme: Theme
) -> None:
    pane = QWidget()
    qtbot.addWidget(pane)
    pane.resize(500, 300)
    bar = NoticeBar(pane)
    small, elided, empty = SmallLabel("bad", pane), ElidedLabel(pane), EmptyState("film", pane)
    small.show_words(hostile)
    elided.set_text(hostile)
    empty.set_content(hostile)
    notice = bar.show_notice(hostile, level="bad", repeated_text="{n} times")
    bar.show_notice(describe(errors.ContentRefused(hostile)).whole, level="bad")
    pane.show()
    pane.grab()
    assert notice.text == hostile
    assert empty.text == hostile
    assert_is_text(elided.toolTip(), hostile)
    for label in pane.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText
    assert not listener.was_called


def test_f04_repeated_failures_are_counted_and_not_formatted(qtbot: QtBot, theme: Theme) -> None:
    pane = QWidget()
    qtbot.addWidget(pane)
    bar = NoticeBar(pane)
    words = "{0.__class__} {n!r} {} {{x}}"
    bar.show_notice(words, key="same")
    again = bar.show_notice(words, key="same")
    assert again.text == f"{words} (2 times)"


def test_f04_notifications_hold_nothing_that_a_desktop_could_read_as_markup(hostile: str) -> None:
    words = message_words(hostile)
    assert_is_harmless(words)
    assert not set("<>&\n") & set(words)
    assert len(words) <= 200


def test_f04_what_a_screen_reader_hears_is_text(hostile: str, qtbot: QtBot, theme: Theme) -> None:
    pane = QWidget()
    qtbot.addWidget(pane)
    bar = NoticeBar(pane)
    told = describe(errors.ContentRefused(hostile)).whole
    notice = bar.show_notice(told, level="bad")
    assert notice.accessibleName() == told
    assert_is_harmless(told)
