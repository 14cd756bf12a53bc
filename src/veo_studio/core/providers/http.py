"""The one HTTP gateway: redirects, limits, proxies, and what a broken exchange means.

No other file makes a ClientSession. aiohttp is imported at the first request, because the window
must not wait for it. Messages never repeat an address or an aiohttp error: both can carry secrets.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import ssl
import sys
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from veo_studio import __version__
from veo_studio.core.crash import crash_point
from veo_studio.core.errors import (
    DownloadError,
    NotSent,
    OutcomeUnknown,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
)
from veo_studio.core.models import ErrorKind
from veo_studio.core.providers.addresses import (
    Address,
    check_foreign,
    is_public_name,
    next_address,
    parse_address,
)
from veo_studio.core.providers.json_answer import (
    JsonAnswer as JsonAnswer,
)
from veo_studio.core.providers.json_answer import (
    TooLarge,
    parsed,
    read_limited,
)
from veo_studio.core.providers.upload_body import UploadBody

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession, ClientWebSocketResponse

USER_AGENT = f"VeoStudio/{__version__}"
MAX_JSON_BYTES = 4 * 1024 * 1024
MAX_HOPS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# aiohttp hands on what has arrived, up to twice this. 300 MB from loopback to disk, verified, as a
# ratio to curl (medians of 11, two cores): 8 KiB 0.61, 64 KiB 0.74, 256 KiB 0.84, 512 KiB 0.90,
# 1 MiB 0.66. On a machine with other work 512 KiB stays ahead, too (0.62-0.78).
_STREAM_BUFFER_BYTES = 512 * 1024
# brings aiohttp with it
_LAZY_PART = "veo_studio.core.providers.public_resolver"
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
            async for chunk in content.iter_any():
                yield chunk
        except _broken_exchange() as error:
            # What came just before the break is still in aiohttp's buffer, up to 1 MB, and its
            # public methods only raise from now on. Bytes that were paid for are not thrown away.
            rest = getattr(content, "_read_nowait", lambda _: b"")(-1)
            if rest:
                yield rest
            raise _translated(error, is_paid=False) from None

    async def json(self, max_bytes: int = MAX_JSON_BYTES) -> Any:
        """The body as JSON, or None; for answers that are errors."""
        try:
            return parsed(await read_limited(self._response, max_bytes))[0]
        except TooLarge:
            return None
        except _broken_exchange():
            return None


class _Use(Enum):
    SHARED = "shared"
    # A reused connection may be one that the server has just closed: then "not sent" looks like
    # "sent, answer lost". Paid requests open their own.
    PAID = "paid"
    # Hosts that an answer named: their names must not lead into this network.
    FOREIGN = "foreign"


class HttpGateway:
    """Every request of the program to a provider; sessions are made inside the running loop."""

    def __init__(
        self,
        *,
        submit_timeout_s: float = 120.0,
        connect_timeout_s: float = 15.0,
        stall_timeout_s: float = 60.0,
    ) -> None:
        self._submit_timeout_s = submit_timeout_s
        self._connect_timeout_s = connect_timeout_s
        self._stall_timeout_s = stall_timeout_s
        self._sessions: dict[_Use, ClientSession] = {}

    async def close(self) -> None:
        """Close every connection; the gateway can be used again afterwards."""
        while self._sessions:
            await self._sessions.popitem()[1].close()

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
        await _load_aiohttp()
        from aiohttp import ClientTimeout

        from veo_studio.core.providers.paid_body import PaidBody

        total_s = self._submit_timeout_s if is_paid else timeout_s
        # shorter than the whole: who runs out of time while connecting has sent nothing
        timeout = ClientTimeout(
            total=total_s,
            connect=min(2 * self._connect_timeout_s, total_s / 2),
            sock_connect=min(self._connect_timeout_s, total_s / 2),
        )
        sent_headers = {"Accept": "application/json", "Accept-Encoding": "gzip", **headers}
        payload: bytes | None = None
        if body is not None:
            payload = json.dumps(body, ensure_ascii=True, allow_nan=False).encode("ascii")
            sent_headers["Content-Type"] = "application/json"
        session = self._session(_Use.PAID if is_paid else _Use.SHARED)
        try:
            async with session.request(
                method,
                _exact(address),
                headers=sent_headers,
                data=PaidBody(payload) if payload is not None and is_paid else payload,
                allow_redirects=False,
                proxy=await _proxy_for(address),
                timeout=timeout,
            ) as response:
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
        except _broken_exchange() as error:
            raise _translated(error, is_paid) from None

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
        await _load_aiohttp()
        from aiohttp import ClientTimeout

        is_own = address.origin in own_origins or address.is_loopback
        timeout = ClientTimeout(
            total=None,
            connect=2 * self._connect_timeout_s,
            sock_connect=self._connect_timeout_s,
            # the other side may look at the whole file before it answers
            sock_read=2 * self._stall_timeout_s,
        )
        try:
            with body.opened() as data:
                async with self._session(_Use.SHARED if is_own else _Use.FOREIGN).post(
                    _exact(address),
                    headers={"Accept": "application/json", **body.headers(), **headers},
                    data=data,
                    allow_redirects=False,
                    proxy=await _proxy_for(address),
                    timeout=timeout,
                ) as response:
                    value, is_json = parsed(await read_limited(response, MAX_JSON_BYTES))
                    return JsonAnswer(response.status, response.headers, value, is_json)
        except TooLarge:
            raise ProtocolError("The answer to an upload is far too large.") from None
        except _broken_exchange() as error:
            raise _translated(error, is_paid=False) from None

    @asynccontextmanager
    async def open_socket(self, url: str) -> AsyncIterator[AsyncIterator[str]]:
        """A websocket of the user's own server: its text messages as they come.

        `url` is http(s) like all others. The messages end where the line does; raises
        ProviderUnavailable where there is none.
        """
        address = parse_address(url)
        await _load_aiohttp()
        try:
            async with self._session(_Use.SHARED).ws_connect(
                _exact(address), heartbeat=30.0, max_msg_size=MAX_JSON_BYTES
            ) as socket:
                yield _texts_of(socket)
        except _broken_exchange() as error:
            raise _translated(error, is_paid=False) from None

    @asynccontextmanager
    async def open_answer(
        self, url: str, body: Mapping[str, Any], *, headers: Mapping[str, str]
    ) -> AsyncIterator[StreamAnswer]:
        """POST a question that costs nothing and may have an answer too large for the memory.

        Never redirected. Raises NotSent, ProviderUnavailable.
        """
        address = parse_address(url)
        await _load_aiohttp()
        from aiohttp import ClientTimeout

        timeout = ClientTimeout(
            total=None,
            connect=2 * self._connect_timeout_s,
            sock_connect=self._connect_timeout_s,
            sock_read=self._stall_timeout_s,
        )
        try:
            response = await self._session(_Use.SHARED).post(
                _exact(address),
                headers={"Accept": "application/json", "Accept-Encoding": "identity", **headers},
                json=body,
                allow_redirects=False,
                proxy=await _proxy_for(address),
                timeout=timeout,
                read_bufsize=_STREAM_BUFFER_BYTES,
            )
        except _broken_exchange() as error:
            raise _translated(error, is_paid=False) from None
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
        await _load_aiohttp()
        from aiohttp import ClientConnectorDNSError, ClientTimeout

        from veo_studio.core.providers.public_resolver import PrivateAddressError

        timeout = ClientTimeout(
            total=None,
            connect=2 * self._connect_timeout_s,
            sock_connect=self._connect_timeout_s,
            sock_read=self._stall_timeout_s,
        )
        is_local = is_trusted or address.is_loopback
        session = self._session(_Use.SHARED if is_local else _Use.FOREIGN)
        try:
            return await session.get(
                _exact(address),
                headers=headers,
                allow_redirects=False,
                proxy=await _proxy_for(address),
                timeout=timeout,
                read_bufsize=_STREAM_BUFFER_BYTES,
            )
        except ClientConnectorDNSError as error:
            if isinstance(error.os_error, PrivateAddressError):
                raise DownloadError(
                    "The link to the result is not opened: it leads into a private network."
                ) from None
            raise _translated(error, is_paid=False) from None
        except _broken_exchange() as error:
            raise _translated(error, is_paid=False) from None

    def _session(self, use: _Use) -> ClientSession:
        if use not in self._sessions:
            from aiohttp import ClientSession, DummyCookieJar, TCPConnector

            from veo_studio.core.providers.public_resolver import PublicResolver

            self._sessions[use] = ClientSession(
                connector=TCPConnector(
                    # the queue limits what runs; a slow download must not keep a poll waiting
                    limit=0,
                    force_close=use is _Use.PAID,
                    resolver=PublicResolver() if use is _Use.FOREIGN else None,
                ),
                cookie_jar=DummyCookieJar(),
                headers={"User-Agent": USER_AGENT},
                auto_decompress=False,
                # True would also read ~/.netrc and send a second credential; see _proxy_for.
                trust_env=False,
            )
        return self._sessions[use]


async def _load_aiohttp() -> None:
    """Import it in a thread: 0.1-0.2 s of the first request would stand still on the window's thread."""
    if _LAZY_PART not in sys.modules:
        await asyncio.to_thread(importlib.import_module, _LAZY_PART)


async def _texts_of(socket: ClientWebSocketResponse) -> AsyncIterator[str]:
    from aiohttp import WSMsgType

    async for message in socket:
        if message.type is WSMsgType.TEXT:
            yield message.data


def _exact(address: Address) -> Any:
    """The address byte for byte: signatures do not survive a second quoting."""
    from yarl import URL

    return URL(address.url, encoded=True)


async def _proxy_for(address: Address) -> str | None:
    """The system's proxy, for https to public names only: the key passes it inside CONNECT's TLS.

    Plain http (this machine, this network) never takes a proxy: it would read everything.
    """
    if address.scheme != "https" or not is_public_name(address.host):
        return None
    # on Windows and macOS the two ask the system, which can take a moment
    proxies = await asyncio.to_thread(getproxies)
    proxy = proxies.get("https") or proxies.get("all")
    if not proxy or await asyncio.to_thread(proxy_bypass, address.host):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    if urlsplit(proxy).scheme not in ("http", "https"):
        # Going around a proxy that somebody set up on purpose would be worse than not going.
        raise NotSent("The system's proxy is no HTTP proxy; nothing was sent.")
    return proxy


def _broken_exchange() -> tuple[type[Exception], ...]:
    from aiohttp import ClientError

    return (ClientError, TimeoutError, OSError)


def _translated(error: Exception, is_paid: bool) -> ProviderError:
    """What a broken exchange says about the request.

    Everything after a connection stands may have been read by the server. Without a connection
    (DNS, refused, TLS, proxy, connecting too slowly) nothing can have been.
    """
    import aiohttp

    match error:
        case aiohttp.ClientConnectorDNSError():
            return NotSent("The provider's address cannot be found; is this computer online?")
        case aiohttp.ClientConnectorCertificateError() | ssl.SSLCertVerificationError():
            return NotSent("The provider's certificate cannot be verified; nothing was sent.")
        case aiohttp.ClientConnectorSSLError():
            return NotSent("No secure connection to the provider; nothing was sent.")
        case aiohttp.ClientHttpProxyError():
            return NotSent(f"The proxy refused the connection (HTTP {error.status}).")
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return NotSent("No connection to the provider; nothing was sent.")
    is_late = isinstance(error, TimeoutError)
    words = (
        "The provider did not answer in time."
        if is_late
        else "The connection to the provider broke."
    )
    if is_paid:
        return OutcomeUnknown(f"{words} The request may have arrived and may be billed.")
    return ProviderUnavailable(words, kind=ErrorKind.TIMEOUT if is_late else ErrorKind.NETWORK)
