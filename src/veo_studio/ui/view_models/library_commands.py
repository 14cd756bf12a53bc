"""What can be done with stored generations, apart from looking at them.

Coroutines without widgets. What the world refuses comes out as a `StudioError` or ValueError; the
window shows it.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PyQt6.QtCore import QFile, QStandardPaths

from veo_studio.core.again import again
from veo_studio.core.details import generation_report
from veo_studio.core.errors import StorageError
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import (
    ATTENTION_STATES,
    Attempt,
    Generation,
    GenerationRequest,
    StateChange,
)
from veo_studio.core.placing import delete_for_good
from veo_studio.core.recipe_files import own_recipe
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_price import PriceEstimateLike, is_free, price_words

if TYPE_CHECKING:
    from veo_studio.core.store.drafts import Tries

_log = logging.getLogger(__name__)


class QueueCommands(Protocol):
    """What is asked of the core's queue."""

    async def enqueue(self, requests: Sequence[GenerationRequest]) -> list[Generation]: ...
    async def cancel(self, generation_id: int) -> Generation: ...
    async def retry(self, generation_id: int) -> Generation: ...
    async def bring_back(self, generation_id: int) -> list[Generation]: ...
    async def collect(self, ids: Collection[int] | None = None) -> list[Generation]: ...


class GenerationStore(Protocol):
    """What is asked of the core's repository."""

    async def forget(self, generation_id: int) -> None: ...
    async def remember(self, generation_id: int) -> Generation: ...
    async def get(self, generation_id: int) -> Generation: ...
    async def state_changes(self, generation_id: int) -> list[StateChange]: ...
    async def attempts(self, generation_id: int) -> list[Attempt]: ...


@dataclass(frozen=True)
class Deleted:
    """Enough to undo a delete: each generation and where its file went (None: it had none).

    `recipes` are those that lay beside clips: where each was, and where it went. `refused` stayed: the
    trash does not take their files.
    """

    rows: tuple[tuple[Generation, Path | None], ...]
    recipes: tuple[tuple[Path, Path], ...] = ()
    refused: tuple[Generation, ...] = ()


Trash = Callable[[Path], Path | None]
TriesOf = Callable[[int], Coroutine[Any, Any, "Tries"]]


def move_to_trash(path: Path) -> Path | None:
    """Move a file to the system's trash; where it is there, None where the system has none.

    Raises StorageError where the file stays where it was.
    """
    # Qt 6.11 fails with "Bad file descriptor" where the folder above the trash is not there yet
    above = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    if above:
        with suppress(OSError):
            Path(above).mkdir(parents=True, exist_ok=True, mode=0o700)
    is_moved, in_trash = QFile.moveToTrash(str(path))
    if not is_moved:
        raise StorageError(
            tr("{name} could not be moved to the trash.", name=path.name),
            action=tr("Delete it in your file manager."),
        )
    return Path(in_trash) if in_trash else None


class LibraryCommands:
    """One per window; `emit` tells every view what left or came back."""

    def __init__(
        self,
        queue: QueueCommands,
        generations: GenerationStore,
        emit: Callable[[GenerationEvent], None],
        trash: Trash = move_to_trash,
        price_of: Callable[[GenerationRequest, int], PriceEstimateLike | None] = lambda *_: None,
        tries_of: TriesOf | None = None,
    ) -> None:
        # what so many takes of a request cost now; None where its model is gone
        self.price_of = price_of
        self._queue = queue
        self._generations = generations
        self._emit = emit
        self._trash = trash
        self._tries_of = tries_of

    async def generate(self, requests: Sequence[GenerationRequest]) -> list[Generation]:
        """All of these or none; whoever calls has shown the price."""
        return await self._queue.enqueue(requests)

    async def retry(self, generation: Generation) -> bool:
        """Go on with one that waits for the user, or fetch what a failed one's provider has after all.

        Costs nothing. False where only a new generation is left.
        """
        if generation.state in ATTENTION_STATES:
            await self._queue.retry(generation.id)
            return True
        return bool(await self._queue.bring_back(generation.id))

    async def another_try(self, failed: Generation) -> GenerationRequest | Generation:
        """What would make it once more; or the one that does or did so already, which is not paid twice."""
        request = again(failed)
        if self._tries_of is None:
            return request
        tries = await self._tries_of(failed.id)
        # under this name it is stored and charged once, however often it is asked for
        return tries.standing or replace(request, idempotency_key=tries.key)

    def price_words(self, request: GenerationRequest, takes: int = 1) -> str:
        """`10 tokens · about $0.56`; "" where it is free or its model is gone."""
        price = self.price_of(request, takes)
        return "" if price is None or is_free(price) else price_words(price)

    async def collect(self, generation: Generation) -> None:
        """Fetch what the provider has; never submits anything that costs."""
        await self._queue.collect([generation.id])

    async def cancel(self, generation: Generation) -> Generation:
        return await self._queue.cancel(generation.id)

    async def report(self, generation: Generation) -> str:
        """Everything that helps with a failure, as text without secrets, links and prompt."""
        return generation_report(
            await self._generations.get(generation.id),
            await self._generations.state_changes(generation.id),
            await self._generations.attempts(generation.id),
        )

    async def delete(
        self, generations: Sequence[Generation], step: Callable[[int], bool] = lambda _done: True
    ) -> Deleted:
        """Move files to the trash and leave their rows out of every list.

        `step(done)` is asked before each; where it says False, the rest stays.
        Work that still runs is left alone, and so is what the trash does not take. Raises StorageError
        where the library cannot be written; what was deleted before is undone.
        """
        done: list[tuple[Generation, Path | None]] = []
        recipes: list[tuple[Path, Path]] = []
        refused: list[Generation] = []
        try:
            for number, generation in enumerate(generations):
                if not step(number):
                    break
                if not generation.state.is_active:
                    await _as_a_whole(self._delete(generation, done, recipes, refused))
        except StorageError:
            await self.undo(Deleted(tuple(done), tuple(recipes)))
            raise
        return Deleted(tuple(done), tuple(recipes), tuple(refused))

    async def _delete(
        self,
        generation: Generation,
        done: list[tuple[Generation, Path | None]],
        recipes: list[tuple[Path, Path]],
        refused: list[Generation],
    ) -> None:
        try:
            in_trash, recipe = await asyncio.to_thread(self._file_to_trash, generation)
        except StorageError as error:
            _log.info("not in the trash: %s", error.message)
            refused.append(generation)
            return
        done.append((generation, in_trash))
        if recipe is not None and (gone := await self._recipe_to_trash(recipe)):
            recipes.append((recipe, gone))
        await self._generations.forget(generation.id)
        self._emit(GenerationEvent(EventKind.REMOVED, generation))

    def _file_to_trash(self, generation: Generation) -> tuple[Path | None, Path | None]:
        """Where the clip went, and the recipe that lay beside it and has to follow. Blocks."""
        path = generation.video_path
        recipe = own_recipe(generation)
        # a link that leads nowhere is a file of ours all the same
        is_there = path is not None and os.path.lexists(path)
        return (self._trash(path) if path is not None and is_there else None), recipe

    async def delete_for_good(self, generations: Sequence[Generation]) -> int:
        """Without a way back, for what the trash does not take; how many. The user has said yes.

        Raises StorageError at the first file that cannot be removed; what came before it is gone.
        """
        count = 0
        for generation in generations:
            if generation.state.is_active:
                continue
            await _as_a_whole(self._delete_for_good(generation))
            count += 1
        return count

    async def _delete_for_good(self, generation: Generation) -> None:
        await asyncio.to_thread(_remove_files, generation)
        await self._generations.forget(generation.id)
        self._emit(GenerationEvent(EventKind.REMOVED, generation))

    async def _recipe_to_trash(self, recipe: Path) -> Path | None:
        try:
            return await asyncio.to_thread(self._trash, recipe)
        except StorageError as error:
            # nothing hangs on it: the clip goes whatever becomes of this
            _log.info("%s stays beside its clip: %s", recipe.name, error.message)
            return None

    async def undo(self, deleted: Deleted) -> None:
        """Bring rows and files back. Raises StorageError where a file stays in the trash; the others are back."""
        problem: StorageError | None = None
        for generation, in_trash in reversed(deleted.rows):
            try:
                await _as_a_whole(self._undo(generation, in_trash))
            except StorageError as error:
                problem = error
        for recipe, in_trash in deleted.recipes:
            try:
                await asyncio.to_thread(bring_back, in_trash, recipe)
            except StorageError as error:
                _log.info("%s stays in the trash: %s", recipe.name, error.message)
        if problem is not None:
            raise problem

    async def _undo(self, generation: Generation, in_trash: Path | None) -> None:
        if in_trash is not None and generation.video_path is not None:
            await asyncio.to_thread(bring_back, in_trash, generation.video_path)
        stored = await self._generations.remember(generation.id)
        self._emit(GenerationEvent(EventKind.ADDED, stored))


async def _as_a_whole(work: Coroutine[Any, Any, None]) -> None:
    """A file and its row go together: whoever cancels waits for this one."""
    task = asyncio.ensure_future(work)
    is_cancelled = False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            is_cancelled = True
    task.result()
    if is_cancelled:
        raise asyncio.CancelledError


def _remove_files(generation: Generation) -> None:
    recipe = own_recipe(generation)
    for path in (generation.video_path, recipe):
        if path is not None:
            delete_for_good(path)


def bring_back(in_trash: Path, path: Path) -> None:
    """From the trash to where it was. Blocks. Raises StorageError, also where another file has that place."""
    action = tr("It is still in the trash of your system.")
    is_taken = os.path.lexists(path)
    if is_taken and not os.path.lexists(in_trash):
        return  # the user brought it back
    if is_taken:
        raise StorageError(
            tr("{name} could not be brought back: another file has its place.", name=path.name),
            action=action,
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.rename(in_trash, path)
    except OSError as error:
        raise StorageError(
            tr(
                "{name} could not be brought back: {reason}.", name=path.name, reason=error.strerror
            ),
            action=action,
        ) from error
    with suppress(OSError):
        # the trash's own note about a file that has left it
        (in_trash.parent.parent / "info" / f"{in_trash.name}.trashinfo").unlink(missing_ok=True)
