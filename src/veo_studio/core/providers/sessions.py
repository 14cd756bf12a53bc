"""Connections to providers: which kinds there are, how long they are waited for, through which proxy.

No other file makes a ClientSession. aiohttp is imported at the first request, because the window
must not wait for it.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from veo_studio import __version__
from veo_studio.core.errors import NotSent
from veo_studio.core.providers.addresses import Address, is_public_name

if TYPE_CHECKING:
    from aiohttp import ClientSession

USER_AGENT = f"VeoStudio/{__version__}"
# brings aiohttp with it
_LAZY_PART = "veo_studio.core.providers.public_resolver"


class Use(Enum):
    SHARED = "shared"
    # A reused connection may be one that the server has just closed: then "not sent" looks like
    # "sent, answer lost". Paid requests open their own.
    PAID = "paid"
    # Hosts that an answer named: their names must not lead into this network.
    FOREIGN = "foreign"


class Sessions:
    """One session per use, made inside the running loop; time-outs are seconds."""

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
        self._sessions: dict[Use, ClientSession] = {}

    async def close(self) -> None:
        """Close every connection; the gateway can be used again afterwards."""
        while self._sessions:
            await self._sessions.popitem()[1].close()

    def _session(self, use: Use) -> ClientSession:
        if use not in self._sessions:
            from aiohttp import ClientSession, DummyCookieJar, TCPConnector, TraceConfig

            from veo_studio.core.providers.public_resolver import PublicResolver

            # requests are told not to follow; a websocket has no such switch
            no_redirects = TraceConfig()
            no_redirects.on_request_redirect.append(_refuse_redirect)
            self._sessions[use] = ClientSession(
                connector=TCPConnector(
                    # the queue limits what runs; a slow download must not keep a poll waiting
                    limit=0,
                    force_close=use is Use.PAID,
                    resolver=PublicResolver() if use is Use.FOREIGN else None,
                ),
                cookie_jar=DummyCookieJar(),
                headers={"User-Agent": USER_AGENT},
                auto_decompress=False,
                trace_configs=[no_redirects],
                # True would also read ~/.netrc and send a second credential; see proxy_for.
                trust_env=False,
            )
        return self._sessions[use]


async def _refuse_redirect(_session: Any, _context: Any, told: Any) -> None:
    """Nobody follows an answer to another address here but `HttpGateway.open_stream`, by hand."""
    from aiohttp import ClientConnectionError

    told.response.close()
    raise ClientConnectionError("redirected")


async def load_aiohttp() -> None:
    """Import it in a thread: 0.1-0.2 s of the first request would stand still on the window's thread."""
    if _LAZY_PART not in sys.modules:
        await asyncio.to_thread(importlib.import_module, _LAZY_PART)


def exact(address: Address) -> Any:
    """The address byte for byte: signatures do not survive a second quoting."""
    from yarl import URL

    return URL(address.url, encoded=True)


async def proxy_for(address: Address) -> str | None:
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
