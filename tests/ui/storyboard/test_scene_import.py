"""The dialog that makes scenes of a text: proposed, corrected, taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QStyleOptionViewItem

from tests.ui.waiting import becomes
from veo_studio.core.catalog import Catalog
from veo_studio.core.enhance import EnhancerKind, Enhancers
from veo_studio.core.providers.http import HttpGateway
from veo_studio.core.settings import Settings
from veo_studio.core.storyboard.drafts import SceneDraft
from veo_studio.core.storyboard.models import MAX_SCENES
from veo_studio.core.task_scope import TaskScope
from veo_studio.ui.storyboard_access import BoardTexts
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.scene_drafts import PICTURE
from veo_studio.ui.view_models.scene_import_model import SceneImportModel, SceneSource, SplitWay
from veo_studio.ui.views.scene_import import SceneImportDialog

CATALOG = Catalog.load()
SCRIPT = "A harbour at dawn.\n\nA small boat leaves.\n\nThe open sea, far from land."


async def no_gateway() -> HttpGateway:
    raise AssertionError("nobody is asked")


def rules() -> BoardTexts:
    """As without any key: the rules work, the services say how to unlock them."""
    return BoardTexts(Enhancers(Settings(), lambda _name: None, no_gateway, CATALOG.providers, {}))


@dataclass
class Slow:
    """A service that answers when the test says so."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    answer: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    def ways(self) -> list[SplitWay]:
        return [SplitWay(EnhancerKind.GEMINI, "Gemini", place="https://example.invalid")]

    def usual(self) -> EnhancerKind:
        return EnhancerKind.GEMINI

    async def split(self, text: str, way: SplitWay) -> tuple[Sequence[SceneDraft], str]:
        self.asked.set()
        try:
            await self.answer.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return [SceneDraft("one"), SceneDraft("two")], "Proposed by <b>Gemini</b>."

    async def read_text(self, path: Path) -> str:
        return "words"

    async def read_table(self, path: Path) -> Sequence[SceneDraft]:
        return []


class Opened:
    """The dialog of a test, and everything that it took."""

    def __init__(self, source: SceneSource) -> None:
        self.scope = TaskScope()
        self.model = SceneImportModel(source, self.scope.spawn)
        self.dialog = SceneImportDialog(self.model, self.scope.spawn)
        self.taken: list[tuple[tuple[SceneDraft, ...], bool]] = []
        self.dialog.taken.connect(lambda drafts, replaces: self.taken.append((drafts, replaces)))
        self.dialog.show()

    async def until_idle(self) -> None:
        await becomes(lambda: not self.model.is_busy, self.model.changed)

    async def propose(self, text: str) -> None:
        self.dialog.show_text(text)
        self.dialog.split.click()
        await self.until_idle()

    def pictures(self) -> list[str]:
        return [row.image_prompt for row in self.model.drafts.rows]

    async def close(self) -> None:
        self.model.close()
        await self.scope.close()
        self.dialog.close()
        self.dialog.deleteLater()
        # before its model
        QApplication.sendPostedEvents(self.dialog, QEvent.Type.DeferredDelete)


@pytest.fixture
async def opened(qapp: QApplication, theme: Theme, no_task_left: None) -> AsyncIterator[Opened]:
    made = Opened(rules())
    yield made
    await made.close()


@pytest.fixture
async def slow(qapp: QApplication, theme: Theme, no_task_left: None) -> AsyncIterator[Opened]:
    made = Opened(Slow())
    yield made
    await made.close()


async def test_scenes_of_a_text_are_rows_until_they_are_taken(opened: Opened) -> None:
    dialog = opened.dialog
    assert not dialog.take.isEnabled()
    assert dialog.append.isHidden(), "there is nothing yet that they could replace"
    await opened.propose(SCRIPT)
    assert len(opened.pictures()) == 3
    assert opened.pictures()[0].startswith("A harbour at dawn")
    assert dialog.summary.text() == "3 scenes · 15 s"
    assert dialog.take.text() == "&Take 3 scenes"
    assert opened.taken == []
    dialog.take.click()
    drafts, replaces = opened.taken[0]
    assert [draft.image_prompt for draft in drafts] == opened.pictures()
    assert replaces is False
    assert not dialog.isVisible()


async def test_what_is_corrected_is_what_is_taken(opened: Opened) -> None:
    await opened.propose(SCRIPT)
    drafts = opened.model.drafts
    drafts.setData(drafts.index(1, PICTURE), "A red boat")
    opened.dialog.rows.selectRow(2)
    opened.dialog.remove.click()
    opened.dialog.rows.setCurrentIndex(drafts.index(1, PICTURE))
    opened.dialog.up.click()
    opened.dialog.take.click()
    assert opened.taken[0][0][0].image_prompt == "A red boat"
    assert len(opened.taken[0][0]) == 2


async def test_replacing_says_what_goes(opened: Opened) -> None:
    opened.model.present = 4
    await opened.propose(SCRIPT)
    assert not opened.dialog.append.isHidden()
    opened.dialog.instead.click()
    assert "The 4 scenes of now leave the storyboard." in opened.dialog.lost.text()
    opened.dialog.take.click()
    assert opened.taken[0][1] is True


async def test_more_scenes_than_a_storyboard_holds_are_not_taken(opened: Opened) -> None:
    opened.model.present = MAX_SCENES - 1
    await opened.propose(SCRIPT)
    assert not opened.dialog.take.isEnabled()
    assert "at most 1,000 scenes" in opened.dialog.lost.text()
    opened.dialog.instead.click()
    assert opened.dialog.take.isEnabled()


async def test_without_a_text_it_says_what_is_missing(opened: Opened) -> None:
    opened.dialog.split.click()
    assert opened.dialog.notices.texts == ["Write or paste a text first."]


async def test_services_without_a_key_say_how_to_get_one(opened: Opened) -> None:
    names = [way.name for way in opened.model.ways]
    assert names[0] == "Built-in rules"
    assert opened.model.way.kind is EnhancerKind.RULES
    locked = [at for at, way in enumerate(opened.model.ways) if not way.is_ready]
    assert locked
    for at in locked:
        flags = opened.dialog.way.model().index(at, 0).flags()  # type: ignore[union-attr]
        assert not flags & Qt.ItemFlag.ItemIsEnabled
    assert opened.dialog.place.text() == "The text stays on this computer."


async def test_a_script_and_a_table_are_read(opened: Opened, tmp_path: Path) -> None:
    script = tmp_path / "film.txt"
    script.write_text(SCRIPT, encoding="utf-8")
    opened.dialog.open_file(script)
    await opened.until_idle()
    assert opened.dialog.text.toPlainText() == SCRIPT
    assert len(opened.pictures()) == 3
    table = tmp_path / "film.csv"
    table.write_text("image_prompt,duration\nA fox,7\nA hare,3\n", encoding="utf-8")
    opened.dialog.open_file(table)
    await becomes(lambda: opened.pictures() == ["A fox", "A hare"], opened.model.changed)
    assert opened.model.drafts.duration_s == 10


async def test_the_text_of_a_file_takes_the_place_of_what_was_written(
    opened: Opened, tmp_path: Path
) -> None:
    await opened.propose(SCRIPT)
    path = tmp_path / "other.txt"
    path.write_text("Two foxes in the snow.\n\nA kite over a field.", encoding="utf-8")
    opened.dialog.open_file(path)
    await opened.until_idle()
    assert opened.dialog.text.toPlainText() == path.read_text(encoding="utf-8")
    assert opened.pictures() == ["Two foxes in the snow.", "A kite over a field."]
    # nobody had corrected anything: nothing is offered back
    assert opened.dialog.notices.texts == []


async def test_corrected_rows_that_give_way_can_be_brought_back(opened: Opened) -> None:
    await opened.propose(SCRIPT)
    drafts = opened.model.drafts
    drafts.setData(drafts.index(0, PICTURE), "A harbour at night")
    corrected = opened.pictures()
    await opened.propose(SCRIPT)
    assert opened.pictures()[0] == "A harbour at dawn."
    (notice,) = opened.dialog.notices.notices
    notice.action_button.click()
    assert opened.pictures() == corrected


async def test_a_row_shows_whole_lines_only(opened: Opened) -> None:
    await opened.propose("A long scene " * 60 + "ends.\n\nA short one.")
    rows = opened.dialog.rows
    shown = rows.itemDelegate()
    options = []
    for row in range(2):
        option = QStyleOptionViewItem()
        option.font = rows.font()
        option.rect = rows.visualRect(opened.model.drafts.index(row, PICTURE))
        shown.initStyleOption(option, opened.model.drafts.index(row, PICTURE))
        options.append(option.text)
    assert options[0].endswith("\u2026")
    assert len(options[0]) < len(opened.pictures()[0])
    assert options[1] == opened.pictures()[1]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.txt", b"\x00\x01\x02" * 40), ("a.csv", b"colour,shape\nred,round\n"), ("a.md", b"")],
)
async def test_a_file_that_is_none_is_told_and_changes_nothing(
    opened: Opened, tmp_path: Path, name: str, content: bytes
) -> None:
    await opened.propose(SCRIPT)
    path = tmp_path / name
    path.write_bytes(content)
    opened.dialog.open_file(path)
    await becomes(lambda: bool(opened.dialog.notices.texts), opened.dialog.notices.shown)
    assert len(opened.pictures()) == 3


async def test_a_script_can_be_dropped(opened: Opened, tmp_path: Path) -> None:
    path = tmp_path / "film.md"
    path.write_text(SCRIPT, encoding="utf-8")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    dialog = opened.dialog
    enter = QDragEnterEvent(dialog.rect().center(), copy, mime, left, none)
    enter.ignore()
    QApplication.sendEvent(dialog, enter)
    assert enter.isAccepted()
    drop = QDropEvent(QPointF(dialog.rect().center()), copy, mime, left, none)
    QApplication.sendEvent(dialog, drop)
    await becomes(lambda: len(opened.pictures()) == 3, opened.model.changed)


async def test_asking_can_be_stopped(slow: Opened) -> None:
    dialog, source = slow.dialog, slow.model._source
    assert isinstance(source, Slow)
    assert "https://example.invalid" in dialog.place.text()
    dialog.show_text("A story")
    dialog.split.click()
    assert not dialog.stop.isHidden()
    assert not dialog.split.isEnabled()
    await source.asked.wait()
    dialog.stop.click()
    assert dialog.split.isEnabled()
    await source.cancelled.wait()
    assert slow.pictures() == []


async def test_a_late_answer_of_a_stopped_question_changes_nothing(slow: Opened) -> None:
    dialog, source = slow.dialog, slow.model._source
    assert isinstance(source, Slow)
    dialog.show_text("A story")
    dialog.split.click()
    dialog.split.click()
    source.answer.set()
    await slow.until_idle()
    assert slow.pictures() == ["one", "two"]
    # a service's words are never markup
    assert dialog.note.text() == "Proposed by <b>Gemini</b>."
    assert dialog.note.textFormat() is Qt.TextFormat.PlainText


async def test_closing_asks_nobody_any_longer(slow: Opened) -> None:
    slow.dialog.show_text("A story")
    QTest.keyClick(slow.dialog.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await becomes(lambda: slow.model.is_busy, slow.model.changed)
    slow.dialog.reject()
    assert not slow.model.is_busy
