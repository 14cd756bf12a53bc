"""The life of interactions, from accepted to finished or forgotten, and their renders.

Every ending is stored before it can be seen, and an acceptance before its answer leaves.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from veo_studio.core.providers.rehearsal import faults as practice
from veo_studio.core.providers.rehearsal import wire
from veo_studio.core.providers.rehearsal.answers import no_file
from veo_studio.core.providers.rehearsal.faults import Fault, FaultKind, FaultPlan
from veo_studio.core.providers.rehearsal.spec import RenderSpec, frame_size, picture_size
from veo_studio.core.providers.rehearsal.threads import Threads
from veo_studio.core.providers.rehearsal.vault import Material, Record, Vault
from veo_studio.core.providers.rehearsal.worker import RenderError, RenderProcess

_REFUSAL = "I can't create this {what}, because the request conflicts with the usage guidelines."


@dataclass
class Live:
    """An interaction in memory: its record and what is going on with it."""

    record: Record
    ready_at: float = 0.0
    """On the monotonic clock; not done before."""
    fault: Fault | None = None
    fraction: float | None = None
    is_started: bool = False
    process: RenderProcess | None = None
    task: asyncio.Task[None] | None = None
    finished: asyncio.Event = field(default_factory=asyncio.Event)


class Interactions:
    """All that are known, by their id, their file and the client's attempt."""

    def __init__(self, vault: Vault, plan: FaultPlan, threads: Threads, delay_s: float) -> None:
        self.accepted_count = 0
        self._vault = vault
        self._plan = plan
        self._threads = threads
        self._delay_s = delay_s
        self._live: dict[str, Live] = {}
        self._by_file: dict[str, Live] = {}
        self._by_attempt: dict[str, Live] = {}
        self._expired: set[str] = set()

    def open(self) -> None:
        """Call it on the loop that everything runs on, before anything else."""
        self.closing = asyncio.Event()
        self._slots = asyncio.Semaphore(self._threads.render_count)

    async def resume(self, records: Sequence[Record]) -> None:
        """Take over what an earlier run left, and render what it did not finish."""
        for record in records:
            live = self._adopt(record)
            if record.is_finished and record.status == "completed" and not record.refusal:
                has_file = await self._threads.run(self._vault.has_file, record)
                if not has_file:
                    record.status = "queued"
            if record.is_finished:
                live.finished.set()
            else:
                live.fault = self._plan.take(frozenset({FaultKind.NEVER}))
                self._launch(live, max(0.0, record.created_s + self._delay_s - time.time()))

    async def close(self) -> None:
        """End every render at once; what is unfinished stays so in the folder."""
        self.closing.set()
        tasks = [live.task for live in self._live.values() if live.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # finding

    def get(self, interaction_id: str) -> Live | None:
        return self._live.get(interaction_id)

    def find(self, interaction_id: str) -> Live:
        """Raises WireError."""
        live = self._live.get(interaction_id)
        if live is None:
            raise wire.not_found("Requested entity was not found.")
        return live

    def with_attempt(self, attempt: str) -> Live:
        """Raises WireError."""
        live = self._by_attempt.get(attempt)
        if live is None:
            raise wire.not_found("No interaction with this attempt was accepted.")
        return live

    def with_file(self, file_id: str) -> Live:
        """The finished one behind a link that still holds; raises WireError."""
        live = self._by_file.get(file_id)
        if file_id in self._expired or live is None or not live.record.size_bytes:
            raise no_file(file_id)
        return live

    # what clients do

    async def accept(self, submit: wire.Submit, material: Material) -> Live:
        """Store the interaction and start it."""
        now = time.time()
        record = Record(
            id=f"v1_{secrets.token_hex(16)}",
            file_id=secrets.token_hex(16),
            model=submit.model,
            prompt=submit.prompt,
            aspect_ratio=material.aspect_ratio,
            resolution=submit.resolution,
            duration_s=material.duration_s,
            seed=secrets.randbelow(2**31) if submit.seed is None else submit.seed,
            has_audio=submit.has_audio,
            negative_prompt=submit.negative_prompt,
            delivery=submit.delivery,
            created_s=now,
            updated_s=now,
            labels=submit.labels,
            first_frame=material.first_frame,
            last_frame=material.last_frame,
            references=material.references,
            source=material.source,
            source_s=material.source_s,
            task=material.task,
            is_picture=submit.is_picture,
        )
        await self._threads.run(self._vault.save, record)
        self.accepted_count += 1
        live = self._adopt(record)
        live.fault = self._plan.take(practice.INTERACTION_KINDS)
        self._launch(live, self._delay_s)
        return live

    async def cancel(self, live: Live) -> None:
        """Does nothing to one that has finished."""
        if not live.record.is_finished:
            await self._end(live)
            if not live.record.is_finished:
                await self._finish(live, "cancelled")

    async def forget(self, live: Live) -> None:
        await self._end(live)
        self._drop(live.record)
        live.finished.set()
        await self._threads.run(self._vault.delete, live.record)

    async def renew_file_id(self, live: Live) -> None:
        """Let the links to its file expire; those made from now on hold."""
        self._expired.add(live.record.file_id)
        live.record.file_id = secrets.token_hex(16)
        self._by_file[live.record.file_id] = live
        await self._threads.run(self._vault.save, live.record)

    # from accepted to finished

    def _adopt(self, record: Record) -> Live:
        live = Live(record)
        self._live[record.id] = live
        self._by_file[record.file_id] = live
        if attempt := record.labels.get("attempt"):
            self._by_attempt[attempt] = live
        return live

    def _launch(self, live: Live, wait_s: float) -> None:
        live.ready_at = time.monotonic() + wait_s
        live.task = asyncio.get_running_loop().create_task(
            self._run(live), name=f"rehearsal {live.record.id}"
        )
        live.task.add_done_callback(_raise_bug)

    async def _run(self, live: Live) -> None:
        fault = live.fault
        if fault is not None and fault.kind is FaultKind.SLOW_QUEUE:
            await asyncio.sleep(float(fault.argument or 30))
        if fault is not None and fault.kind is FaultKind.NEVER:
            live.is_started = True
            await asyncio.Event().wait()
        if fault is not None and fault.kind in (FaultKind.FAIL, FaultKind.REFUSE):
            live.is_started = True
            await self._until_ready(live)
            if fault.kind is FaultKind.REFUSE:
                what = "image" if live.record.is_picture else "video"
                await self._finish(live, "completed", refusal=_REFUSAL.format(what=what))
            else:
                text = fault.argument or "The generation failed for an internal reason."
                await self._finish(live, "failed", error_code="internal", error_text=text)
            return
        await self._render(live)

    async def _render(self, live: Live) -> None:
        record = live.record
        async with self._slots:
            live.is_started = True
            live.process = RenderProcess(
                self._spec(record), self._vault.file_path(record), _progress_into(live)
            )
            try:
                rendered = await self._threads.render(live.process.run)
            except RenderError as error:
                await self._finish(live, "failed", error_code="internal", error_text=str(error))
                return
            finally:
                live.process.cancel()
        await self._until_ready(live)
        if rendered is None:
            return
        record.size_bytes, record.sha256 = rendered.size_bytes, rendered.sha256
        await self._finish(live, "completed")
        records = [other.record for other in self._live.values()]
        for dropped in await self._threads.run(self._vault.trim, records):
            self._drop(dropped)

    def _spec(self, record: Record) -> RenderSpec:
        size = picture_size if record.is_picture else frame_size
        width, height = size(record.aspect_ratio, record.resolution)
        first, last, source = (
            None if name is None else str(self._vault.input_path(name))
            for name in (record.first_frame, record.last_frame, record.source)
        )
        return RenderSpec(
            prompt=record.prompt,
            seed=record.seed,
            width_px=width,
            height_px=height,
            duration_s=record.duration_s,
            negative_prompt=record.negative_prompt,
            has_audio=record.has_audio,
            first_frame=first,
            last_frame=last,
            references=tuple(str(self._vault.input_path(name)) for name in record.references),
            source=source,
            source_s=record.source_s,
            is_still=record.is_picture,
        )

    async def _until_ready(self, live: Live) -> None:
        await asyncio.sleep(max(0.0, live.ready_at - time.monotonic()))

    async def _finish(
        self,
        live: Live,
        status: str,
        *,
        refusal: str = "",
        error_code: str = "",
        error_text: str = "",
    ) -> None:
        record = live.record
        ended = Record(**{**vars(record), "status": status, "updated_s": time.time()})
        ended.refusal, ended.error_code, ended.error_text = refusal, error_code, error_text
        await self._threads.run(self._vault.save, ended)
        if record.id in self._live:
            live.record = ended
            live.finished.set()

    async def _end(self, live: Live) -> None:
        if live.task is not None and not live.task.done():
            live.task.cancel()
            await asyncio.gather(live.task, return_exceptions=True)

    def _drop(self, record: Record) -> None:
        self._live.pop(record.id, None)
        self._by_file.pop(record.file_id, None)
        self._by_attempt.pop(record.labels.get("attempt", ""), None)


def _progress_into(live: Live) -> Callable[[float], None]:
    def tell(fraction: float) -> None:
        live.fraction = fraction

    return tell


def _raise_bug(task: asyncio.Task[None]) -> None:
    """Hand a bug in a render's task to the loop's handler now, not at garbage collection."""
    if not task.cancelled() and (error := task.exception()) is not None:
        task.get_loop().call_exception_handler(
            {"message": "A rehearsal ended with a bug", "exception": error, "task": task}
        )
