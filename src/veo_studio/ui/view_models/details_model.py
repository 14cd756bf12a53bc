"""What the details show: one clip with everything about it, the sum of several, or nothing."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QPixmap

from veo_studio.core.capabilities import ModelInfo
from veo_studio.core.errors import StudioError
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Generation, Progress
from veo_studio.ui.view_models.clip_pictures import ClipPictures, Spawn, ThumbnailMaker
from veo_studio.ui.view_models.details_words import Known, Section, sections

if TYPE_CHECKING:
    from veo_studio.core.clip_details import FileFacts, StoredDetails, Sum

_log = logging.getLogger(__name__)

# keys that are held down pass by; only the clip where they stop is read
_DELAY_MS = 60


class DetailsSource(Protocol):
    """What is asked of the core: `clip_details.ClipDetails`."""

    async def stored(self, generation_id: int) -> StoredDetails: ...
    async def sum_of(self, ids: Sequence[int]) -> Sum: ...
    async def file_facts(self, generation: Generation) -> FileFacts | None: ...


SetCaption = Callable[[int, str], Awaitable[object]]


class DetailsModel(QObject):
    """Signals:
    changed(): something else is shown, or more is known of it.
    progressed(): the one that is shown goes on.
    picture_made(int): the picture of the generation with this id is at hand, or never will be.
    """

    changed = pyqtSignal()
    progressed = pyqtSignal()
    picture_made = pyqtSignal(int)

    def __init__(self, spawn: Spawn, parent: QObject | None = None) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope."""
        super().__init__(parent)
        self._spawn = spawn
        self._source: DetailsSource | None = None
        self._model_of: Callable[[str, str], ModelInfo | None] = lambda *_: None
        self._provider_name: Callable[[str], str] = str
        self._set_caption: SetCaption | None = None
        self._pictures: ClipPictures | None = None
        # every wish has a number: an answer to an older one is of no interest any more
        self._wish = 0
        self._wanted: Generation | None = None
        self._wanted_ids: tuple[int, ...] = ()
        self.known: Known | None = None
        self.progress: Progress | None = None
        self.count = 0
        self.sum: Sum | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DELAY_MS)
        self._timer.timeout.connect(self._start)

    def open(
        self,
        source: DetailsSource,
        *,
        model_of: Callable[[str, str], ModelInfo | None],
        provider_name: Callable[[str], str],
        set_caption: SetCaption,
        thumbnails: ThumbnailMaker,
    ) -> None:
        """The core is there."""
        self._source = source
        self._model_of, self._provider_name = model_of, provider_name
        self._set_caption = set_caption
        self._pictures = ClipPictures(thumbnails, self._spawn, self)
        self._pictures.made.connect(self.picture_made)
        if self._wanted is not None or self._wanted_ids:
            self._timer.start()

    # what is shown

    @property
    def generation(self) -> Generation | None:
        return self.known.generation if self.known is not None else None

    def sections(self) -> tuple[Section, ...]:
        return sections(self.known) if self.known is not None else ()

    def picture(self, generation: Generation) -> QPixmap | None:
        """None where there is none, or not yet: then `picture_made` tells."""
        return self._pictures.wanted(generation) if self._pictures is not None else None

    def show_generation(self, generation: Generation | None) -> None:
        """Show this one soon, unless another one is asked for before."""
        self._wish += 1
        self._wanted, self._wanted_ids = generation, ()
        if generation is None:
            self._timer.stop()
            self._show_nothing()
        else:
            self._timer.start()

    def show_id(self, generation_id: int) -> None:
        """One whose row is not read yet."""
        self._wish += 1
        # nothing that happens to the one before brings it back
        self._wanted, self._wanted_ids = None, ()
        self._timer.stop()
        self._spawn(self._find(self._wish, generation_id), name="details: row")

    async def _find(self, wish: int, generation_id: int) -> None:
        if self._source is None:
            return
        try:
            stored = await self._source.stored(generation_id)
        except (LookupError, StudioError) as error:
            _log.info("details of generation %d: %s", generation_id, error)
            return
        if wish == self._wish:
            self.show_generation(stored.generation)

    def show_many(self, ids: Sequence[int]) -> None:
        """What several are together."""
        self._wish += 1
        self._wanted, self._wanted_ids = None, tuple(ids)
        self._timer.start()

    def on_event(self, event: GenerationEvent) -> None:
        """Something happened to a clip that may be the one that is shown, or one of several."""
        wanted, changed = self._wanted, event.generation
        if wanted is None:
            if changed.id in self._wanted_ids and not self._timer.isActive():
                self._timer.start()
            return
        # what is still shown may be another one: it has no say any more
        if changed.id != wanted.id:
            return
        if event.kind is EventKind.REMOVED:
            self.show_generation(None)
            return
        shown = self.generation
        if event.progress is not None and shown is not None and shown.id == changed.id:
            self.progress = event.progress
            self.progressed.emit()
            if changed.state is shown.state:
                return
        self._wanted = changed
        if not self._timer.isActive():
            self._timer.start()

    def refresh(self) -> None:
        """Its file may be another one now."""
        if self._wanted is not None:
            self._timer.start()

    def save_caption(self, generation_id: int, caption: str) -> None:
        if self._set_caption is not None:
            self._spawn(self._saved(generation_id, caption), name="details: caption")

    async def _saved(self, generation_id: int, caption: str) -> None:
        assert self._set_caption is not None
        await self._set_caption(generation_id, caption)

    # reading

    def _show_nothing(self) -> None:
        self.known, self.sum, self.count, self.progress = None, None, 0, None
        self.changed.emit()

    def _start(self) -> None:
        if self._wanted is not None:
            self._spawn(self._load(self._wish, self._wanted), name="details: clip")
        elif self._wanted_ids:
            self._spawn(self._add_up(self._wish, self._wanted_ids), name="details: several")

    async def _load(self, wish: int, generation: Generation) -> None:
        stored = None
        if self._source is not None:
            try:
                stored = await self._source.stored(generation.id)
            except (LookupError, StudioError) as error:
                _log.info("details of generation %d: %s", generation.id, error)
        if wish != self._wish:
            return
        now = stored.generation if stored is not None else generation
        self._show(now, stored)
        if self._source is None:
            return
        try:
            file = await self._source.file_facts(now)
        except StudioError as error:
            _log.info("file of generation %d: %s", now.id, error)
            file = None
        if wish == self._wish and self.known is not None and self.known.generation.id == now.id:
            self.known = replace(self.known, file=file, is_file_read=True)
            self.changed.emit()

    def _show(self, generation: Generation, stored: StoredDetails | None) -> None:
        before = self.known
        known = Known(
            generation=generation,
            model=self._model_of(generation.provider, generation.model),
            provider_name=self._provider_name(generation.provider),
            stored=stored,
        )
        is_same = before is not None and before.generation.id == generation.id
        if is_same and before is not None:
            # until the file is read again
            known = replace(known, file=before.file, is_file_read=before.is_file_read)
        else:
            self.progress = None
        if not generation.state.is_active:
            self.progress = None
        self.known, self.sum, self.count = known, None, 0
        self.changed.emit()

    async def _add_up(self, wish: int, ids: tuple[int, ...]) -> None:
        found = await self._source.sum_of(ids) if self._source is not None else None
        if wish == self._wish:
            self.known, self.progress = None, None
            self.sum, self.count = found, len(ids)
            self.changed.emit()
