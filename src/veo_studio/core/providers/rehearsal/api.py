"""The calls on interactions, files and models: one handler for each, with the faults that meet it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from typing import Any

from aiohttp import web

from veo_studio.core.providers.rehearsal import faults as practice
from veo_studio.core.providers.rehearsal import wire
from veo_studio.core.providers.rehearsal.answers import (
    PAGE,
    busy_response,
    file_object,
    interaction_object,
    internal_error,
    model_object,
)
from veo_studio.core.providers.rehearsal.connection import hold, reset
from veo_studio.core.providers.rehearsal.faults import Fault, FaultKind, FaultPlan
from veo_studio.core.providers.rehearsal.interactions import Interactions, Live
from veo_studio.core.providers.rehearsal.links import Links
from veo_studio.core.providers.rehearsal.material import Gathering
from veo_studio.core.providers.rehearsal.threads import Threads
from veo_studio.core.providers.rehearsal.uploads import Uploads
from veo_studio.core.providers.rehearsal.vault import Vault
from veo_studio.core.providers.rehearsal.wire import WireError

_INLINE_LIMIT_BYTES = 4_000_000


class Api:
    """Handlers; what they raise as WireError the door answers."""

    def __init__(
        self,
        interactions: Interactions,
        uploads: Uploads,
        vault: Vault,
        plan: FaultPlan,
        threads: Threads,
        links: Links,
    ) -> None:
        self._interactions = interactions
        self._uploads = uploads
        self._vault = vault
        self._plan = plan
        self._threads = threads
        self._links = links
        self._gathering = Gathering(interactions, uploads, vault, threads)

    # interactions

    async def submit(self, request: web.Request) -> web.StreamResponse:
        try:
            body = json.loads(await request.read())
        except ValueError as error:
            raise wire.invalid(f"Invalid JSON payload received. {error}") from error
        submit = wire.read_submit(body)
        if submit.previous_id is not None and self._interactions.get(submit.previous_id) is None:
            raise wire.not_found("previous_interaction_id: interaction not found.")
        fault = self._plan.take(practice.SUBMIT_KINDS)
        if fault is not None and not _is_accepted(fault):
            return _refused(request, fault)
        live = await self._interactions.accept(submit, await self._gathering.gather(submit))
        if fault is not None:
            return await self._lost(request, fault)
        if not submit.is_background:
            await self._until_closing(live.finished.wait())
        return await self._answer(live)

    async def poll(self, request: web.Request) -> web.StreamResponse:
        live = self._interactions.find(request.match_info["id"])
        fault = self._plan.take(practice.POLL_KINDS)
        if fault is None:
            return await self._answer(live)
        if fault.kind is FaultKind.POLL_500:
            raise internal_error()
        if fault.kind is FaultKind.POLL_429:
            return busy_response(fault.argument or "1")
        if fault.kind is FaultKind.POLL_HTML:
            return web.Response(text=PAGE, content_type="text/html")
        if fault.kind is FaultKind.POLL_RESET:
            return reset(request)
        raise wire.not_found("Requested entity was not found.")

    async def cancel(self, request: web.Request) -> web.StreamResponse:
        live = self._interactions.find(request.match_info["id"])
        await self._interactions.cancel(live)
        return await self._answer(live)

    async def forget(self, request: web.Request) -> web.StreamResponse:
        await self._interactions.forget(self._interactions.find(request.match_info["id"]))
        return web.json_response({})

    async def attempt(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(self._interactions.with_attempt(request.match_info["attempt"]))

    # files and models

    async def file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        described = self._uploads.describe(name)
        if described is None:
            record = self._interactions.with_file(name).record
            described = file_object(name, record, self._links)
        return web.json_response(described)

    async def models(self, request: web.Request) -> web.StreamResponse:
        size = request.query.get("pageSize", "50")
        if not size.isdigit():
            raise wire.invalid("pageSize: a number is expected.")
        names = list(wire.MODELS)[: max(1, int(size))]
        return web.json_response({"models": [model_object(name) for name in names]})

    async def model(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["model"]
        if name not in wire.MODELS:
            raise wire.not_found(f"models/{name} is not found for API version v1.")
        return web.json_response(model_object(name))

    # parts of them

    async def _answer(self, live: Live) -> web.StreamResponse:
        record, is_started = live.record, live.is_started
        content = None
        has_file = record.status == "completed" and not record.refusal
        if has_file and record.delivery == "inline" and record.size_bytes < _INLINE_LIMIT_BYTES:
            content = await self._threads.run(self._vault.file_path(record).read_bytes)
        return web.json_response(
            interaction_object(record, self._links, is_started=is_started, content=content)
        )

    async def _lost(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        """What the client sees in place of the answer to a submit that was accepted."""
        if fault.kind is FaultKind.SERVER_ERROR:
            raise internal_error()
        if fault.kind is FaultKind.GARBAGE:
            return web.Response(text=PAGE, content_type="text/html")
        if fault.kind is FaultKind.SILENT:
            await hold(request, self._interactions.closing)
        return reset(request)

    async def _until_closing(self, event: Awaitable[Any]) -> None:
        """Wait for `event`, or until the engine closes."""
        waits = [
            asyncio.ensure_future(event),
            asyncio.ensure_future(self._interactions.closing.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


def _is_accepted(fault: Fault) -> bool:
    """Whether a submit that meets this fault is run all the same."""
    if fault.kind is FaultKind.SERVER_ERROR:
        return fault.argument is not None
    return fault.kind in (FaultKind.RESET, FaultKind.SILENT, FaultKind.GARBAGE)


def _refused(request: web.Request, fault: Fault) -> web.StreamResponse:
    """The answer to a submit of which nothing is kept."""
    if fault.kind is FaultKind.RATE_LIMIT:
        return busy_response(fault.argument or "1")
    if fault.kind is FaultKind.UNAVAILABLE:
        raise WireError(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
    if fault.kind is FaultKind.QUOTA:
        raise wire.quota_used_up()
    if fault.kind is FaultKind.CREDITS:
        raise wire.credits_used_up()
    if fault.kind is FaultKind.DROP:
        return reset(request)
    raise internal_error()
