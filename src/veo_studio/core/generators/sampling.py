"""The further clips of a submit that made several: each is fetched, placed and stored by itself.

The first clip does not wait for them. What is missing stands in the first one's row
(`Generation.awaits_clips`), so that a later start goes on with it; none of this is ever paid for.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from veo_studio.core import download
from veo_studio.core.errors import (
    DownloadError,
    LinkExpired,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    StorageError,
    StudioError,
)
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.generators.arriving import facts_of
from veo_studio.core.generators.tools import RunTools
from veo_studio.core.models import Done, Generation, GenerationKind, ResultRef
from veo_studio.core.providers.base import Provider
from veo_studio.core.recipe_files import own_recipe
from veo_studio.core.result_files import check_kind

_log = logging.getLogger(__name__)
# by this many fresh links without a file, or answers that are none, one is told as missing
_LINK_RENEWALS = 3
_BAD_ANSWERS = 5
_NOTE = re.compile(r"\s*\d+ of \d+ (?:clips|pictures) arrived\b.*", re.DOTALL)

Fetch = Callable[[ResultRef, Path], Awaitable[download.Fetched]]


class Samples:
    """The clips from the second on, of `first`; `fetch` brings one file to a part.

    `links_of` says where they are, "" for one that is not named. With `restores`, one whose file is
    gone is fetched anew, also where the user deleted it.
    """

    def __init__(
        self,
        tools: RunTools,
        provider: Provider,
        first: Generation,
        fetch: Fetch,
        links_of: Callable[[ResultRef], tuple[str, ...]] = lambda result: result.more,
        *,
        restores: bool = False,
    ) -> None:
        assert first.result is not None, "it was done at the provider"
        self._tools = tools
        self._provider = provider
        self._first = first
        self._fetch = fetch
        self._result = first.result
        self._links_of = links_of
        self._links = links_of(first.result)
        self._restores = restores
        self.numbers = range(2, len(self._links) + 2)

    async def bring(self, *, needs_links: bool) -> StudioError | None:
        """Everything that is not stored yet; why the last of those that are missing is, None if none is.

        One that cannot be had does not keep the next from arriving. `needs_links`: those that are stored
        are from an earlier start.
        """
        trouble: StudioError | None = None
        for number in self.numbers:
            if await self._is_here(number):
                continue
            try:
                if needs_links:
                    await self._renew()
                    needs_links = False
                await self._bring(number)
            except (DownloadError, StorageError, ProviderError) as error:
                _log.warning("clip %d of generation %d: %s", number, self._first.id, error.message)
                trouble = error
        return trouble

    async def note(self, trouble: StudioError | None) -> str | None:
        """What the first one's row says beside what it said already; None where there is nothing."""
        told, own = self._first.error or "", self._result.note
        own = own if told.startswith(own) else ""
        told = own + _NOTE.sub("", told[len(own) :])
        if trouble is None:
            return told or None
        repository = self._tools.repository
        stored = [await repository.sample(self._first, number) for number in self.numbers]
        arrived = 1 + sum(one is not None for one in stored)
        things = "pictures" if self._first.kind is GenerationKind.IMAGE else "clips"
        words = f"{arrived} of {1 + len(stored)} {things} arrived. {trouble.message}"
        return f"{told} {words}".strip()

    async def discard_parts(self) -> None:
        for number in self.numbers:
            await asyncio.to_thread(download.discard, self._part(number))

    async def _is_here(self, number: int) -> bool:
        """Whether nothing is left to fetch of it."""
        stored = await self._tools.repository.sample(self._first, number)
        if stored is None:
            return False
        path = stored.video_path
        if path is None or not await asyncio.to_thread(path.is_file):
            return not self._restores
        if await asyncio.to_thread(own_recipe, stored) is None:
            # the program may have died right after storing it
            await self._tools.leave_recipe(stored)
        if self._restores:
            stored = await self._tools.repository.remember(stored.id)
            self._tools.events.emit(GenerationEvent(EventKind.ADDED, stored))
        return True

    def _part(self, number: int) -> Path:
        part = self._tools.part_of(self._first)
        return part.with_name(f"{part.stem}-{number}{part.suffix}")

    async def _bring(self, number: int) -> None:
        tools, first = self._tools, self._first
        folder = await asyncio.to_thread(download.prepare_folder, tools.folder_of(first))
        fetched = await self._fetch_renewing(number)
        target = await _place(tools, first, folder, fetched, number)
        facts = await asyncio.to_thread(facts_of, target)
        facts |= {"sha256": fetched.sha256, "size_bytes": fetched.size_bytes}
        if (known := await tools.repository.sample(first, number)) is not None:
            where = {"video_path": str(target), "target_path": str(target), "deleted_at": None}
            stored = await tools.repository.update(known.id, **where, **{"error": None, **facts})
        else:
            stored = await tools.repository.add_sample(first, number, target, facts)
        tools.events.emit(GenerationEvent(EventKind.ADDED, stored))
        await tools.leave_recipe(stored)

    def _link(self, number: int) -> str:
        return self._links[number - 2] if number - 2 < len(self._links) else ""

    async def _fetch_renewing(self, number: int) -> download.Fetched:
        renewals = 0
        while True:
            try:
                if not (uri := self._link(number)):
                    raise LinkExpired("The provider no longer names this clip.")
                check_kind(self._first.kind, self._result.mime_type)
                link = ResultRef(uri, self._result.mime_type)
                return await self._fetch(link, self._part(number))
            except LinkExpired:
                renewals += 1
                if renewals > _LINK_RENEWALS:
                    raise
                if renewals > 1:
                    await self._tools.clock.sleep(self._tools.backoff.wait_s(renewals))
                await self._renew()

    async def _renew(self) -> None:
        """Ask for fresh links, with the waits of every other request; raises what `poll` raises."""
        tries = 0
        while True:
            left_s = self._tools.gate.left_s(self._provider.id)
            if left_s > 0:
                await self._tools.clock.sleep(left_s)
            try:
                answer = await self._provider.poll(self._first.to_operation())
            except (RateLimited, ProviderUnavailable, ProtocolError) as error:
                tries += 1
                if isinstance(error, ProtocolError) and tries >= _BAD_ANSWERS:
                    raise
                told_s: float | None = getattr(error, "retry_after_s", None)
                if isinstance(error, RateLimited):
                    self._tools.gate.hold(self._provider.id, told_s, error.message)
                await self._tools.clock.sleep(self._tools.backoff.wait_s(tries, told_s))
                continue
            if not isinstance(answer, Done):
                raise LinkExpired("The provider no longer offers the further clips.")
            self._links = self._links_of(answer.result)
            return


async def _place(
    tools: RunTools, first: Generation, folder: Path, fetched: download.Fetched, number: int
) -> Path:
    """Beside the first one, under its name with a number; after a crash the file that is there already."""
    name = Path(download.file_name(first.prompt, first.created_at, fetched.extension))
    target = folder / f"{name.stem}_{number}{name.suffix}"
    while True:
        try:
            return await asyncio.to_thread(download.finish, fetched.path, target, fetched.sha256)
        except download.NameTaken:
            if await _is_left_over(tools, first, target, fetched.sha256):
                await asyncio.to_thread(download.discard, fetched.path)
                return target
            target = await asyncio.to_thread(download.reserve_name, folder, target.name)


async def _is_left_over(tools: RunTools, first: Generation, target: Path, sha256: str) -> bool:
    """True where the program died between placing this very clip and storing it."""
    if await tools.repository.has_file_of_another(0, target):
        return False
    try:
        return await asyncio.to_thread(download.sha256_of, target) == sha256
    except StorageError:
        return False
