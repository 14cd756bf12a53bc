"""Scenes from a text or a table: who proposes them, what is proposed, what is taken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.plain import masked, plain
from veo_studio.core.storyboard.models import MAX_SCENES
from veo_studio.ui.text import seconds_words, tr, tr_n
from veo_studio.ui.view_models.scene_drafts import SceneDrafts

if TYPE_CHECKING:
    from veo_studio.core.enhancing.asking import EnhancerKind
    from veo_studio.core.storyboard.drafts import SceneDraft

TEXT_SUFFIXES = (".txt", ".md")
TABLE_SUFFIXES = (".csv", ".tsv")
Spawn = Callable[..., "asyncio.Task[None] | None"]


@dataclass(frozen=True)
class SplitWay:
    """Who makes scenes of a text.

    `place` is where the text goes, "" for nowhere; `reason` says how to unlock what is not ready.
    """

    kind: EnhancerKind
    name: str
    is_ready: bool = True
    reason: str = ""
    place: str = ""


class SceneSource(Protocol):
    def ways(self) -> list[SplitWay]: ...

    def usual(self) -> EnhancerKind:
        """Whom the settings say."""
        ...

    async def split(self, text: str, way: SplitWay) -> tuple[Sequence[SceneDraft], str]:
        """Scenes and a note about them; raises ValueError, StudioError."""
        ...

    async def read_text(self, path: Path) -> str:
        """Raises ValueError with a sentence."""
        ...

    async def read_table(self, path: Path) -> Sequence[SceneDraft]:
        """Raises ValueError with a sentence."""
        ...


class SceneImportModel(QObject):
    """One dialog's; nothing is stored before the user takes the rows.

    Signals:
        changed(): anything but the rows' own words.
        text_read(str): the text of a file, which takes the place of what was written.
        replaced(object, str): rows that were corrected, and their note, gave way to others.
        failed(Exception): what the world refused.
    """

    changed = pyqtSignal()
    text_read = pyqtSignal(str)
    replaced = pyqtSignal(object, str)
    failed = pyqtSignal(object)

    def __init__(self, source: SceneSource, spawn: Spawn, parent: QObject | None = None) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope."""
        super().__init__(parent)
        self._source = source
        self._spawn = spawn
        self._task: asyncio.Task[None] | None = None
        self._turn = 0
        self.drafts = SceneDrafts(self)
        self.drafts.edited.connect(self.changed)
        self.ways = source.ways()
        self.way = self._first_way()
        # about what is proposed; a service's words
        self.note = ""
        self.text = ""
        self.present = 0
        # what the rows were before anybody corrected them
        self._proposed: tuple[SceneDraft, ...] = ()

    def _first_way(self) -> SplitWay:
        usual = self._source.usual()
        ready = [way for way in self.ways if way.is_ready]
        return next((way for way in ready if way.kind is usual), ready[0])

    def close(self) -> None:
        """Ask nobody any longer."""
        self.stop()

    @property
    def is_busy(self) -> bool:
        return self._task is not None

    def choose(self, way: SplitWay) -> None:
        if way.is_ready and way != self.way:
            self.way = way
            self.changed.emit()

    # making proposals

    def split(self, text: str) -> None:
        """Ask for scenes of this text; they take the place of the rows."""
        self.text = text
        if not text.strip():
            self.failed.emit(ValueError(tr("Write or paste a text first.")))
            return
        self._begin(self._split(text, self.way))

    def read(self, path: Path) -> None:
        """A script becomes the text, and its scenes are asked for; a table becomes the rows."""
        is_table = path.suffix.lower() in TABLE_SUFFIXES
        self._begin(self._read_table(path) if is_table else self._read_text(path))

    def stop(self) -> None:
        """Take the question back; the rows stay as they are."""
        task, self._task = self._task, None
        self._turn += 1
        if task is not None:
            task.cancel()
            self.changed.emit()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self.stop()
        self._turn += 1
        self._task = self._spawn(self._told(work, self._turn), name="storyboard: scenes of a text")
        if self._task is None:
            # the window is closing: nothing starts any more
            work.close()
        else:
            # one that is cancelled before its first step would leave `work` unstarted
            self._task.add_done_callback(lambda _task: work.close())
        self.changed.emit()

    async def _told(self, work: Coroutine[Any, Any, None], turn: int) -> None:
        from veo_studio.core.errors import StudioError

        try:
            await work
        except (StudioError, ValueError) as error:
            if turn == self._turn:
                self.failed.emit(error)
        finally:
            if turn == self._turn:
                self._task = None
                self.changed.emit()

    async def _split(self, text: str, way: SplitWay) -> None:
        drafts, note = await self._source.split(text, way)
        self._show(drafts, note)

    async def _read_table(self, path: Path) -> None:
        self._show(await self._source.read_table(path), tr("From {name}.", name=plain(path.name)))

    async def _read_text(self, path: Path) -> None:
        self.text = await self._source.read_text(path)
        self.text_read.emit(self.text)
        self.changed.emit()
        await self._split(self.text, self.way)

    def _show(self, drafts: Sequence[SceneDraft], note: str) -> None:
        if not drafts:
            raise ValueError(tr("No scene was found in this text."))
        before, note_before = tuple(self.drafts.rows), self.note
        was_corrected = before != self._proposed and bool(before)
        self.note = masked(note)
        self._proposed = tuple(drafts)
        self.drafts.show_rows(drafts)
        if was_corrected:
            self.replaced.emit(before, note_before)

    def bring_back(self, rows: Sequence[SceneDraft], note: str) -> None:
        """Rows that gave way to others."""
        self.note = note
        self.drafts.show_rows(rows)

    # words

    def summary(self) -> str:
        """`12 scenes · 1 min`."""
        count = self.drafts.rowCount()
        if not count:
            return ""
        scenes = tr_n("{shown} scene", "{shown} scenes", count, shown=f"{count:,}")
        return tr(
            "{scenes} · {length}", scenes=scenes, length=seconds_words(self.drafts.duration_s)
        )

    def place_words(self) -> str:
        """Where the text goes when scenes are asked for."""
        if self.way.place:
            return tr(
                "The text is sent to {name}: {place}", name=self.way.name, place=self.way.place
            )
        return tr("The text stays on this computer.")

    def problem(self, replaces: bool) -> str:
        """Why the rows cannot be taken, "" where they can."""
        count = self.drafts.rowCount()
        if not count:
            return tr("No scene yet.")
        if count + (0 if replaces else self.present) > MAX_SCENES:
            return tr("A storyboard has at most {n} scenes.", n=f"{MAX_SCENES:,}")
        return ""
