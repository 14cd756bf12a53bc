"""The door that every request passes: it is recorded, web pages stay out, the key is checked."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from veo_studio.core.providers.rehearsal import wire
from veo_studio.core.providers.rehearsal.answers import error_response
from veo_studio.core.providers.rehearsal.faults import FaultKind, FaultPlan
from veo_studio.core.providers.rehearsal.wire import WireError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_MAX_REQUESTS = 10_000
_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class RecordedRequest:
    """One request as it arrived; of the key only its presence is kept."""

    method: str
    path: str
    time: datetime
    query: str = ""
    has_key: bool = False
    origin: str = "api"
    """"api", or "storage" for the address that redirected downloads go to."""
    range_header: str | None = None


class Door:
    """Middleware of the interface, and of the storage that redirected downloads go to."""

    def __init__(self, host: str, plan: FaultPlan, required_key: str | None) -> None:
        self.requests: deque[RecordedRequest] = deque(maxlen=_MAX_REQUESTS)
        self._host = host
        self._plan = plan
        self._required_key = required_key

    @web.middleware
    async def api(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Lets callers with a good key in and words errors as Google does."""
        self._record(request, "api")
        try:
            self._check_origin(request)
            self._check_key(request)
            return await handler(request)
        except WireError as error:
            return error_response(error)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            status = "NOT_FOUND" if error.status == 404 else "INVALID_ARGUMENT"
            return error_response(WireError(error.status, status, error.reason))

    @web.middleware
    async def storage(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Lets everybody in: a key has no business here, and `requests` shows whether one came."""
        self._record(request, "storage")
        try:
            return await handler(request)
        except WireError as error:
            return error_response(error)

    def _record(self, request: web.Request, origin: str) -> None:
        self.requests.append(
            RecordedRequest(
                method=request.method,
                path=request.path,
                time=datetime.now(UTC),
                query=request.query_string,
                has_key="x-goog-api-key" in request.headers or "key" in request.query,
                origin=origin,
                range_header=request.headers.get(hdrs.RANGE),
            )
        )

    def _check_origin(self, request: web.Request) -> None:
        if self._host in _LOOPBACK_NAMES:
            # a web page in the user's browser can reach this port, but not without these traces
            name = urlsplit(f"//{request.host}").hostname
            if hdrs.ORIGIN in request.headers or name not in _LOOPBACK_NAMES:
                raise wire.key_refused(403)

    def _check_key(self, request: web.Request) -> None:
        fault = self._plan.take(frozenset({FaultKind.AUTH}))
        if fault is not None:
            raise wire.key_refused(int(fault.argument or 401))
        given = request.headers.get("x-goog-api-key")
        others = [request.headers.get(hdrs.AUTHORIZATION), request.query.get("key")]
        if given is not None and any(others):
            raise wire.invalid("Multiple authentication credentials received.")
        # the link of an upload is a permission itself, as at the real service
        is_upload = request.path.startswith("/upload/") and "upload_id" in request.query
        if self._required_key is None or is_upload:
            return
        given = given or request.query.get("key")
        if given is None:
            raise WireError(
                403, "PERMISSION_DENIED",
                "Method doesn't allow unregistered callers. Please use API Key.",
            )  # fmt: skip
        if not secrets.compare_digest(given.encode(), self._required_key.encode()):
            raise wire.key_refused()
