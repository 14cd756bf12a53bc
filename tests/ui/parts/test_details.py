"""The details pane with a core that answers when it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QWidget

from tests.ui.parts.samples import generation
from tests.ui.waiting import becomes
from veo_studio.core.clip_details import FileFacts, StoredDetails, Sum
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.jumbf import Claim
from veo_studio.core.media import MediaFacts
from veo_studio.core.models import (
    Attempt,
    Generation,
    GenerationState,
    Progress,
    Stage,
    VideoConfig,
    WalletEntry,
)
from veo_studio.core.provenance import Provenance
from veo_studio.core.task_scope import TaskScope
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.details_model import DetailsModel
from veo_studio.ui.views.details import DetailsPane
from veo_studio.ui.views.value_text import ValueText

S = GenerationState


class Core:
    """Answers with what is put into it, and counts what it is asked."""

    def __init__(self) -> None:
        self.rows: dict[int, StoredDetails] = {}
        self.files: dict[int, FileFacts] = {}
        self.asked: list[int] = []
        self.captions: list[tuple[int, str]] = []
        self.may_read = asyncio.Event()
        self.may_read.set()

    def keep(self, made: Generation, **more: Any) -> Generation:
        self.rows[made.id] = StoredDetails(made, **more)
        return made

    async def stored(self, generation_id: int) -> StoredDetails:
        self.asked.append(generation_id)
        if generation_id not in self.rows:
            raise LookupError(generation_id)
        return self.rows[generation_id]

    async def sum_of(self, ids: Any) -> Sum:
        return Sum(len(ids), 8.0 * len(ids), 1000 * len(ids), 10 * len(ids), Decimal("1.12"))

    async def file_facts(self, made: Generation) -> FileFacts | None:
        await self.may_read.wait()
        return self.files.get(made.id)

    async def set_caption(self, generation_id: int, caption: str) -> None:
        self.captions.append((generation_id, caption))

    async def ensure(self, uuid: str, video_path: Path, at_s: float | None = None) -> Path | None:
        return None

    async def ensure_strip(self, uuid: str, video_path: Path) -> Path | None:
        return None

    def problem(self, uuid: str) -> str:
        return ""


class Shown:
    """A pane, its model and its core."""

    def __init__(self, core: Core, scope: TaskScope) -> None:
        self.core = core

        def spawn(work: Coroutine[Any, Any, Any], *, name: str) -> object:
            return scope.spawn(work, name=name)

        self.owner = QWidget()
        self.model = DetailsModel(spawn, self.owner)
        self.model.open(
            core,
            model_of=lambda *_: None,
            provider_name=lambda _name: "Rehearsal",
            set_caption=core.set_caption,
            thumbnails=core,
        )
        self.pane = DetailsPane(self.model, self.owner)
        self.pane.resize(360, 900)
        self.owner.resize(360, 900)
        self.owner.show()

    async def until(self, is_so: Any) -> None:
        await becomes(is_so, self.model.changed, self.model.progressed, self.model.picture_made)

    async def show(self, made: Generation) -> None:
        self.pane.show_generation(made)
        await self.until(
            lambda: (
                (known := self.model.known) is not None
                and known.generation.id == made.id
                and known.is_file_read
            )
        )

    def values(self) -> dict[str, str]:
        """Every row that is shown, by "section/row"."""
        return {
            f"{view.id}/{row.key}": row.value.toPlainText()
            for view in self.pane.sections
            if not view.isHidden()
            for row in view.rows
        }


@pytest.fixture
async def shown(qapp: object, theme: Theme) -> AsyncIterator[Shown]:
    scope = TaskScope()
    made = Shown(Core(), scope)
    yield made
    await scope.close()
    made.owner.hide()
    made.owner.deleteLater()


def clip(number: int = 7, **changes: Any) -> Generation:
    now = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    base: dict[str, Any] = {
        "provider": "gemini",
        "model": "veo-3.1",
        "config": VideoConfig(seed=42, negative_prompt="blurry"),
        "video_path": Path("/clips/boat.mp4"),
        "size_bytes": 4_234_567,
        "sha256": "3f" * 32,
        "width_px": 1280,
        "height_px": 720,
        "length_s": 8.0,
        "has_audio": True,
        "created_at": now,
        "submitted_at": now.replace(second=2),
        "finished_at": now.replace(minute=1, second=32),
    }
    return generation(number, **{**base, **changes})


def facts(**changes: Any) -> FileFacts:
    media = MediaFacts(1280, 720, 8.0, 24.0, True, "h264", "aac")
    return replace(FileFacts(Path("/clips/boat.mp4"), size_bytes=4_234_567, media=media), **changes)


async def test_nothing_selected_says_what_to_do(shown: Shown) -> None:
    assert shown.pane.empty.isVisible()
    assert shown.pane.empty.text == "Select a clip to see everything about it."


async def test_everything_about_a_clip_is_there(shown: Shown) -> None:
    made = clip(cost_usd=Decimal("0.60"), tags=("boats",), caption="For the opening", rating=4)
    at = made.created_at
    attempt = Attempt(1, 7, "u", {}, "", at, at.replace(second=3), "accepted", 200, "op")
    entry = WalletEntry(1, "charge", -10, 90, at, "video", 7, None, Decimal("-0.56"))
    shown.core.keep(made, attempts=(attempt,), entries=(entry,))
    claim = Claim("Google LLC", "Maker 1", "trainedAlgorithmicMedia")
    shown.core.files[7] = facts(provenance=Provenance(claim), recipe=Path("/clips/boat.json"))
    await shown.show(made)
    values = shown.values()
    for row, wanted in {
        "prompt/prompt": made.prompt,
        "prompt/negative": "blurry",
        "settings/model": "veo-3.1",
        "settings/provider": "Rehearsal",
        "settings/seed": "42",
        "money/charge": "charged",
        "money/estimate": "$0.56",
        "money/cost": "$0.60",
        "money/entry 1": "Charged · −10 tokens · −$0.56",
        "times/took": "1 min 30 s",
        "attempts/attempt 1": "accepted · HTTP 200 · 3 s",
        "file/path": "/clips/boat.mp4",
        "file/size": "4.2 MB (4,234,567 bytes)",
        "file/rate": "24 per second",
        "file/video": "H.264",
        "file/audio": "AAC",
        "file/sha256": "3f" * 32,
        "origin/recipe": "beside it: boat.json",
    }.items():
        assert values[row] == wanted, row
    assert values["origin/credentials"] == (
        "Signed as Google LLC; not verified. Made with Maker 1. "
        "Says: made by a trained model (trainedAlgorithmicMedia)."
    )
    assert "SynthID" in values["origin/watermark"]
    assert shown.pane.marks.caption.toPlainText() == "For the opening"
    assert shown.pane.marks.rating.value == 4
    assert shown.pane.title.text() == "Clip 7 · ready"


async def test_each_value_can_be_copied(shown: Shown) -> None:
    made = shown.core.keep(clip())
    await shown.show(made)
    for view in shown.pane.sections:
        for row in view.rows:
            if row.copy.isHidden():
                continue
            row.copy.click()
            assert QGuiApplication.clipboard().text() == row.value.toPlainText()
            assert row.copy.accessibleName().endswith("copied")


async def test_an_enhanced_prompt_shows_what_changed(shown: Shown) -> None:
    config = VideoConfig(original_prompt="A boat")
    made = shown.core.keep(clip(prompt="A paper boat at dusk", config=config))
    await shown.show(made)
    values = shown.values()
    assert values["prompt/original"] == "A boat"
    assert "paper" in values["prompt/difference"]


async def test_only_the_last_of_many_quick_ones_is_read(shown: Shown) -> None:
    for number in range(1, 101):
        shown.core.keep(clip(number))
        shown.pane.show_generation(clip(number))
    await shown.until(lambda: shown.model.generation is not None)
    assert shown.core.asked == [100]


async def test_one_whose_row_is_not_read_yet_is_shown(shown: Shown) -> None:
    shown.core.keep(clip(5))
    shown.model.show_id(5)
    await shown.until(lambda: (one := shown.model.generation) is not None and one.id == 5)
    shown.model.show_id(404)
    assert shown.model.generation is not None


async def test_an_answer_that_comes_late_is_left_alone(shown: Shown) -> None:
    slow, fast = shown.core.keep(clip(1)), shown.core.keep(clip(2, video_path=None))
    shown.core.may_read.clear()
    shown.pane.show_generation(slow)
    await shown.until(lambda: shown.model.generation is not None)
    shown.pane.show_generation(fast)
    await shown.until(lambda: (one := shown.model.generation) is not None and one.id == 2)
    shown.core.may_read.set()
    await shown.until(lambda: bool(shown.model.known and shown.model.known.is_file_read))
    assert shown.model.generation is not None
    assert shown.model.generation.id == 2


async def test_rows_keep_their_place_while_the_file_is_read(shown: Shown) -> None:
    made = shown.core.keep(clip())
    shown.core.files[7] = facts()
    shown.core.may_read.clear()
    shown.pane.show_generation(made)
    await shown.until(lambda: shown.model.known is not None)
    before = list(shown.values())
    widgets = [row for view in shown.pane.sections for row in view.rows]
    assert shown.values()["file/video"] == "…"
    shown.core.may_read.set()
    await shown.until(lambda: bool(shown.model.known and shown.model.known.is_file_read))
    assert list(shown.values()) == before
    assert [row for view in shown.pane.sections for row in view.rows] == widgets


async def test_a_file_that_is_gone_is_said(shown: Shown) -> None:
    made = shown.core.keep(clip())
    shown.core.files[7] = facts(is_there=False, problem="boat.mp4 is not there.", media=None)
    await shown.show(made)
    assert shown.values()["file/problem"] == "boat.mp4 is not there."
    assert shown.values()["origin/credentials"] == "The file is not there."


async def test_a_failed_one_says_what_happened_without_secrets(shown: Shown) -> None:
    key = "AIza" + "x" * 35
    made = shown.core.keep(
        clip(state=S.FAILED, error=f"bad key {key}", video_path=None, sha256=None)
    )
    await shown.show(made)
    values = shown.values()
    assert "state/happened" in values
    assert key not in "".join(values.values())
    assert "file/path" not in values


async def test_a_running_one_goes_on(shown: Shown) -> None:
    made = shown.core.keep(clip(state=S.PROCESSING, video_path=None, finished_at=None))
    await shown.show(made)
    progress = Progress(40, Stage.PROCESSING, "Generating frames")
    shown.model.on_event(GenerationEvent(EventKind.UPDATED, made, progress))
    assert shown.pane.progress.text() == "Generating frames"
    assert len(shown.core.asked) == 1
    ready = shown.core.keep(clip())
    shown.model.on_event(GenerationEvent(EventKind.UPDATED, ready))
    await shown.until(lambda: shown.pane.title.text() == "Clip 7 · ready")
    assert shown.pane.progress.isHidden()
    assert shown.values()["times/took"] == "1 min 30 s"


async def test_one_that_is_deleted_is_shown_no_more(shown: Shown) -> None:
    made = shown.core.keep(clip())
    await shown.show(made)
    shown.model.on_event(GenerationEvent(EventKind.REMOVED, made))
    assert shown.pane.empty.isVisible()


async def test_several_are_added_up(shown: Shown) -> None:
    shown.model.show_many([1, 2, 3])
    await shown.until(lambda: shown.model.sum is not None)
    assert shown.pane.together.head.text() == "3 clips selected"
    texts = [row.value.toPlainText() for row in shown.pane.together.rows]
    assert texts == ["3", "24 s", "3.0 kB", "$1.12", "30"]


async def test_lineage_is_shown_and_clicked(shown: Shown) -> None:
    parent, child = clip(3), clip(9)
    made = shown.core.keep(clip(), parents=(parent,), children=(child,), deleted_parents=2)
    await shown.show(made)
    assert shown.values()["from/lost parents"] == "2 clips that it was made from were deleted."
    (button,) = next(view for view in shown.pane.sections if view.id == "made").clips
    asked: list[Generation] = []
    shown.pane.clip_requested.connect(asked.append)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert [one.id for one in asked] == [9]
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert len(asked) == 2


async def test_a_very_long_prompt_is_scrolled_and_wrapped_everywhere(shown: Shown) -> None:
    made = shown.core.keep(clip(prompt="x" * 20_000))
    await shown.show(made)
    row = shown.pane.sections[0].rows[0]
    assert isinstance(row.value, ValueText)
    assert row.value.lines() > 100
    assert row.value.height() < 400
    assert shown.pane.area.widget().width() <= shown.pane.width()


async def test_markup_stays_text(shown: Shown) -> None:
    made = shown.core.keep(clip(prompt="<b>bold</b> <img src=x>"))
    await shown.show(made)
    assert shown.values()["prompt/prompt"] == "<b>bold</b> <img src=x>"


async def test_a_caption_is_saved_when_it_is_left(shown: Shown) -> None:
    first, second = shown.core.keep(clip(1)), shown.core.keep(clip(2))
    await shown.show(first)
    QTest.keyClicks(shown.pane.marks.caption, "Opening")
    await shown.show(second)
    assert shown.core.captions == [(1, "Opening")]
    assert shown.pane.marks.caption.toPlainText() == ""


async def test_what_is_typed_is_not_lost_to_news(shown: Shown) -> None:
    made = shown.core.keep(clip())
    await shown.show(made)
    QTest.keyClicks(shown.pane.marks.caption, "Ope")
    shown.core.keep(replace(made, rating=5))
    shown.model.on_event(GenerationEvent(EventKind.UPDATED, made))
    await shown.until(lambda: shown.pane.marks.rating.value == 5)
    assert shown.pane.marks.caption.toPlainText() == "Ope"


async def test_sections_stay_folded(shown: Shown) -> None:
    await shown.show(shown.core.keep(clip(1)))
    prompt = shown.pane.sections[0]
    prompt.head.click()
    assert prompt.body.isHidden()
    assert "prompt" in shown.pane.folded
    await shown.show(shown.core.keep(clip(2)))
    assert shown.pane.sections[0].body.isHidden()


async def test_before_the_core_is_there_the_row_itself_is_shown(qapp: object, theme: Theme) -> None:
    scope = TaskScope()
    owner = QWidget()
    model = DetailsModel(lambda work, name: scope.spawn(work, name=name), owner)
    pane = DetailsPane(model, owner)
    pane.show_generation(clip())
    await becomes(lambda: model.known is not None, model.changed)
    assert pane.title.text() == "Clip 7 · ready"
    await scope.close()
    owner.deleteLater()


async def test_sections_come_one_in_a_turn_in_their_order(shown: Shown) -> None:
    made = shown.core.keep(clip())
    shown.core.files[7] = facts()
    pane = shown.pane
    counts: list[int] = []

    def note() -> None:
        counts.append(len(pane._views))

    shown.model.changed.connect(note)
    pane.show_generation(made)
    await shown.until(lambda: bool(shown.model.known and shown.model.known.is_file_read))
    shown.model.changed.disconnect(note)
    assert next(filter(None, counts)) == 1, "not all of them in one turn"
    wanted = [section.id for section in shown.model.sections()]
    await becomes(lambda: [view.id for view in pane._views] == wanted, pane._making.timeout)
    pane.show_generation(None)
    pane.show_generation(made)
    assert [view.id for view in pane._views] == wanted, "made once"
