"""The one HTTP gateway: requests, uploads, streams and sockets, with their limits and redirects.

Messages never repeat an address or an aiohttp error: both can carry secrets.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from veo_studio.core.crash import crash_point
from veo_studio.core.errors import (
    DownloadError,
    OutcomeUnknown,
    ProtocolError,
)
from veo_studio.core.providers.addresses import (
    Address,
    check_foreign,
    next_address,
    parse_address,
)
from veo_studio.core.providers.broken import broken_exchange, translated
from veo_studio.core.providers.json_answer import (
    JsonAnswer as JsonAnswer,
)
from veo_studio.core.providers.json_answer import (
    TooLarge,
    parsed,
    read_limited,
)
from veo_studio.core.providers.moving_limit import MovingLimit
from veo_studio.core.providers.sessions import USER_AGENT as USER_AGENT
from veo_studio.core.providers.sessions import Sessions, Use, exact, load_aiohttp, proxy_for
from veo_studio.core.providers.upload_body import UploadBody

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientWebSocketResponse

MAX_JSON_BYTES = 4 * 1024 * 1024
MAX_HOPS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# aiohttp hands on what has arrived, up to twice this. 300 MB from loopback to disk, verified, as a
# ratio to curl (medians of 11, two cores): 8 KiB 0.61, 64 KiB 0.74, 256 KiB 0.84, 512 KiB 0.90,
# 1 MiB 0.66. On a machine with other work 512 KiB stays ahead, too (0.62-0.78).
_STREAM_BUFFER_BYTES = 512 * 1024
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class StreamAnswer:
    """An answer whose body is still on its way; `origin` is who gave it, after any redirects."""

    def __init__(self, response: ClientResponse, origin: str) -> None:
        self._response = response
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self.origin = origin

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives, to the last byte; raises ProviderUnavailable where the line breaks."""
        content = self._response.content
        try:
            if self._response.content_length is None:
                async for chunk in content.iter_any():
                    yield chunk
                return
            # piece by piece as the line gave them: putting megabytes together would hold the loop
            async for piece, _is_end in content.iter_chunks():
                if piece:
                    yield piece
        except broken_exchange() as error:
            # What came just before the break is still in aiohttp's buffer, up to 1 MB, and its
            # public methods only raise from now on. Bytes that were paid for are not thrown away.
            rest = getattr(content, "_read_nowait", lambda _: b"")(-1)
            if rest:
                yield rest
            raise translated(error, is_paid=False) from None

    async def json(self, max_bytes: int = MAX_JSON_BYTES) -> Any:
        """The body as JSON, or None; for answers that are errors."""
        try:
            return parsed(await read_limited(self._response, max_bytes))[0]
        except TooLarge:
            return None
        except broken_exchange():
            return None


class Carrier(Protocol):
    """Who can open streams in the place of the gateway, in another process."""

    @property
    def is_ready(self) -> bool: ...

    def opened(
        self,
        url: str,
        headers: Mapping[str, str],
        credentials: Mapping[str, str],
        allowed_origins: Collection[str],
    ) -> AbstractAsyncContextManager[StreamAnswer]:
        """As `HttpGateway.open_stream`."""
        ...


class HttpGateway(Sessions):
    """Every request of the program to a provider."""

    carrier: Carrier | None = None

    async def request_json(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
        is_paid: bool = False,
        timeout_s: float = 30.0,
        max_bytes: int = MAX_JSON_BYTES,
    ) -> JsonAnswer:
        """One exchange, never repeated and never redirected.

        Raises NotSent, and for what broke later OutcomeUnknown if `is_paid`, else
        ProviderUnavailable or (an answer beyond `max_bytes`) ProtocolError.
        """
        address = parse_address(url)
        await load_aiohttp()
        from aiohttp import ClientTimeout

        from veo_studio.core.providers.paid_body import PaidBody, is_cut

        total_s = self._submit_timeout_s if is_paid else timeout_s
        connect_s = min(2 * self._connect_timeout_s, total_s / 2)
        # shorter than the whole: who runs out of time while connecting has sent nothing
        timeout = ClientTimeout(
            # the time for a paid answer begins when the last of the body has left
            total=None if is_paid else total_s,
            connect=connect_s,
            sock_connect=min(self._connect_timeout_s, total_s / 2),
        )
        limit = MovingLimit(connect_s + self._stall_timeout_s if is_paid else None)
        sent_headers = {"Accept": "application/json", "Accept-Encoding": "gzip", **headers}
        payload: bytes | PaidBody | None = None
        if body is not None:
            # pictures inside a paid body make it tens of megabytes: not on the window's thread
            payload = await asyncio.to_thread(_written, body) if is_paid else _written(body)
            if is_paid:
                stall_s = self._stall_timeout_s
                payload = PaidBody(
                    payload, lambda is_last: limit.allow(total_s if is_last else stall_s)
                )
            sent_headers["Content-Type"] = "application/json"
        session = self._session(Use.PAID if is_paid else Use.SHARED)
        proxy = await proxy_for(address)
        try:
            async with (
                limit,
                session.request(
                    method,
                    exact(address),
                    headers=sent_headers,
                    data=payload,
                    allow_redirects=False,
                    proxy=proxy,
                    timeout=timeout,
                ) as response,
            ):
                if is_paid:
                    crash_point("K06")
                try:
                    raw = await read_limited(response, max_bytes)
                except TooLarge:
                    response.close()
                    raise
                value, is_json = parsed(raw)
                return JsonAnswer(response.status, response.headers, value, is_json)
        except TooLarge:
            words = f"The provider's answer is larger than {max_bytes // 1024} KiB or damaged."
            raise (OutcomeUnknown(words) if is_paid else ProtocolError(words)) from None
        except broken_exchange() as error:
            raise translated(error, is_paid, is_cut=is_cut(payload)) from None

    async def send_file(
        self,
        url: str,
        body: UploadBody,
        *,
        headers: Mapping[str, str] = _NO_HEADERS,
        own_origins: Collection[str] = (),
    ) -> JsonAnswer:
        """POST a file; costs nothing and may be repeated. Never redirected.

        Hosts other than `own_origins` must be public and https, unless an own origin is this machine.
        Raises DownloadError for an address that is not opened, NotSent, ProviderUnavailable,
        ProtocolError for an answer that is too large.
        """
        address = parse_address(url)
        check_foreign(address, own_origins)
        await load_aiohttp()
        from aiohttp import ClientTimeout

        is_own = address.origin in own_origins or address.is_loopback
        stall_s = self._stall_timeout_s
        limit = MovingLimit(2 * self._connect_timeout_s + stall_s)
        timeout = ClientTimeout(
            total=None,
            connect=2 * self._connect_timeout_s,
            sock_connect=self._connect_timeout_s,
            # the other side may look at the whole file before it answers
            sock_read=2 * stall_s,
        )

        def moved(is_end: bool) -> None:
            # sock_read begins when all is written: a line that takes nothing is no matter of its own
            limit.allow_from_thread(4 * stall_s if is_end else stall_s)

        session = self._session(Use.SHARED if is_own else Use.FOREIGN)
        try:
            with body.opened(moved) as data:
                async with (
                    limit,
                    session.post(
                        exact(address),
                        headers={"Accept": "application/json", **body.headers(), **headers},
                        data=data,
                        allow_redirects=False,
                        proxy=await proxy_for(address),
                        timeout=timeout,
                    ) as response,
                ):
                    value, is_json = parsed(await read_limited(response, MAX_JSON_BYTES))
                    return JsonAnswer(response.status, response.headers, value, is_json)
        except TooLarge:
            raise ProtocolError("The answer to an upload is far too large.") from None
        except broken_exchange() as error:
            raise translated(error, is_paid=False) from None

    @asynccontextmanager
    async def open_socket(self, url: str) -> AsyncIterator[AsyncIterator[str]]:
        """A websocket of the user's own server: its text messages as they come.

        `url` is http(s) like all others. The messages end where the line does; raises
        ProviderUnavailable where there is none.
        """
        address = parse_address(url)
        await load_aiohttp()
        try:
            async with self._session(Use.SHARED).ws_connect(
                exact(address), heartbeat=30.0, max_msg_size=MAX_JSON_BYTES
            ) as socket:
                yield _texts_of(socket)
        except broken_exchange() as error:
            raise translated(error, is_paid=False) from None

    @asynccontextmanager
    async def open_answer(
        self,
        method: str,
        url: str,
        body: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str],
    ) -> AsyncIterator[StreamAnswer]:
        """A question that costs nothing and may have an answer too large for the memory.

        Never redirected. Raises NotSent, ProviderUnavailable.
        """
        address = parse_address(url)
        await load_aiohttp()
        from aiohttp import ClientTimeout

        timeout = ClientTimeout(
            total=None,
            connect=2 * self._connect_timeout_s,
            sock_connect=self._connect_timeout_s,
            sock_read=self._stall_timeout_s,
        )
        try:
            response = await self._session(Use.SHARED).request(
                method,
                exact(address),
                headers={"Accept": "application/json", "Accept-Encoding": "identity", **headers},
                json=body,
                allow_redirects=False,
                proxy=await proxy_for(address),
                timeout=timeout,
                read_bufsize=_STREAM_BUFFER_BYTES,
            )
        except broken_exchange() as error:
            raise translated(error, is_paid=False) from None
        try:
            yield StreamAnswer(response, address.origin)
        finally:
            response.close()

    @asynccontextmanager
    async def open_stream(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = _NO_HEADERS,
        credentials: Mapping[str, str] = _NO_HEADERS,
        allowed_origins: Collection[str] = (),
    ) -> AsyncIterator[StreamAnswer]:
        """GET `url`, following at most five redirects by hand; any status but those is handed on.

        `credentials` go to `allowed_origins` only, and to nobody after the first hop elsewhere.
        Other hosts must be public and https, unless an allowed origin is this machine.
        Raises DownloadError for an address that is not opened, NotSent, ProviderUnavailable.
        """
        if self.carrier is not None and self.carrier.is_ready:
            carried = self.carrier.opened(url, headers, credentials, allowed_origins)
            async with carried as answer:
                yield answer
            return
        address = parse_address(url)
        check_foreign(address, allowed_origins)
        is_trusted = True
        visited = {address.url}
        while True:
            is_trusted = is_trusted and address.origin in allowed_origins
            sent_headers = {**headers, **(credentials if is_trusted else _NO_HEADERS)}
            response = await self._get(address, sent_headers, is_trusted)
            try:
                if response.status not in _REDIRECTS:
                    yield StreamAnswer(response, address.origin)
                    return
                following = next_address(address, response.headers.get("Location"))
            finally:
                # An unread rest is not worth waiting for.
                response.close()
            check_foreign(following, allowed_origins, address)
            if following.url in visited or len(visited) > MAX_HOPS:
                raise DownloadError("The link to the result redirects in circles.")
            visited.add(following.url)
            address = following

    async def _get(
        self, address: Address, headers: Mapping[str, str], is_trusted: bool
    ) -> ClientResponse:
        await load_aiohttp()
        from aiohttp import ClientConnectorDNSError, ClientTimeout

        from veo_studio.core.providers.public_resolver import PrivateAddressError

        timeout = ClientTimeout(
            total=None,
            connect=2 * self._connect_timeout_s,
            sock_connect=self._connect_timeout_s,
            sock_read=self._stall_timeout_s,
        )
        is_local = is_trusted or address.is_loopback
        session = self._session(Use.SHARED if is_local else Use.FOREIGN)
        try:
            return await session.get(
                exact(address),
                headers=headers,
                allow_redirects=False,
                proxy=await proxy_for(address),
                timeout=timeout,
                read_bufsize=_STREAM_BUFFER_BYTES,
            )
        except ClientConnectorDNSError as error:
            if isinstance(error.os_error, PrivateAddressError):
                raise DownloadError(
                    "The link to the result is not opened: it leads into a private network."
                ) from None
            raise translated(error, is_paid=False) from None
        except broken_exchange() as error:
            raise translated(error, is_paid=False) from None


def _written(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=True, allow_nan=False).encode("ascii")


async def _texts_of(socket: ClientWebSocketResponse) -> AsyncIterator[str]:
    from aiohttp import WSMsgType

    async for message in socket:
        if message.type is WSMsgType.TEXT:
            yield message.data
