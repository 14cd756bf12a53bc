"""Requests to stores: one exchange each, its body streamed from the disk, its answer bounded.

Nothing is repeated and nothing followed here; messages never hold an address, for addresses are signed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from veo_studio.core.answers import ErrorKind
from veo_studio.core.errors import DownloadError, ProviderUnavailable
from veo_studio.core.providers.addresses import base_problem, parse_address
from veo_studio.core.providers.broken import broken_exchange, translated
from veo_studio.core.providers.json_answer import TooLarge, parsed, read_limited
from veo_studio.core.providers.moving_limit import MovingLimit
from veo_studio.core.providers.sessions import Sessions, Use, exact, load_aiohttp, proxy_for
from veo_studio.core.publishing.base import NotTaken, TryAgain

_MAX_ANSWER_BYTES = 1024 * 1024
_PIECE_BYTES = 256 * 1024
# a store may join many parts before it answers
_ANSWER_S = 180.0
_USUAL_PORTS = {"https": 443, "http": 80}
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Body:
    """`size` bytes of `file` from `start`, between two short texts."""

    file: Path
    start: int
    size: int
    before: bytes = b""
    after: bytes = b""

    @property
    def length(self) -> int:
        return len(self.before) + self.size + len(self.after)


@dataclass(frozen=True)
class WireAnswer:
    """`headers` by any spelling of their names."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        return self.raw.decode("utf-8", "replace")

    def json(self) -> Any:
        """None for what is no JSON."""
        return parsed(self.raw)[0]


class StoreWire(Sessions):
    """One per publisher."""

    def __init__(self, **timeouts: float) -> None:
        super().__init__(**timeouts)
        self._answer_s = min(_ANSWER_S, 3 * self._stall_timeout_s)

    async def exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = _NO_HEADERS,
        body: bytes | Body = b"",
        on_sent: Callable[[int], None] = lambda _: None,
    ) -> WireAnswer:
        """`on_sent` gets how many bytes of the body the line took so far.

        Raises TryAgain where no whole answer came, NotTaken where the file cannot be read.
        """
        address = parse_address(url)
        await load_aiohttp()
        from aiohttp import ClientTimeout

        timeout = ClientTimeout(total=None, sock_connect=self._connect_timeout_s)
        limit = MovingLimit(2 * self._connect_timeout_s + self._stall_timeout_s)

        def moved(sent: int, is_end: bool) -> None:
            limit.allow(self._answer_s if is_end else self._stall_timeout_s)
            on_sent(sent)

        length = body.length if isinstance(body, Body) else len(body)
        # aiohttp takes what the body raises for a broken line
        file_errors: list[NotTaken] = []
        data = _pieces(body, moved, file_errors) if length else b""
        sent_headers = {**headers, "Content-Length": str(length)}
        proxy = await proxy_for(address)
        try:
            async with (
                limit,
                self._session(Use.SHARED).request(
                    method,
                    exact(address),
                    headers=sent_headers,
                    skip_auto_headers=("Content-Type",),
                    data=data if method not in ("GET", "HEAD") else None,
                    allow_redirects=False,
                    proxy=proxy,
                    timeout=timeout,
                ) as response,
            ):
                raw = await read_limited(response, _MAX_ANSWER_BYTES)
                return WireAnswer(response.status, response.headers, raw)
        except TooLarge:
            raise TryAgain(
                "The answer of the store is far too large or damaged.", ErrorKind.SERVER_ERROR
            ) from None
        except broken_exchange() as error:
            raise (file_errors[0] if file_errors else unreachable(error)) from None


def unreachable(error: Exception) -> TryAgain:
    """A broken exchange, in the words of a delivery."""
    told: ProviderUnavailable = translated(error, is_paid=False)  # type: ignore[assignment]
    words = told.message.replace("The provider's", "The store's").replace("provider", "store")
    return TryAgain(words, told.kind)


def address_of(url: str, allows_plain_http: bool) -> str:
    """A store's base address in the spelling in which its host is sent, and so signed.

    Without a slash at its end. Raises NotTaken where it cannot be used.
    """
    url = url.strip().rstrip("/")
    if problem := address_problem(url, allows_plain_http):
        raise NotTaken(
            f"The address of the store cannot be used: {problem}.",
            ErrorKind.INVALID_REQUEST,
            action="Correct the address in the target's settings.",
        )
    address, path = parse_address(url), urlsplit(url).path
    host = address.host.rstrip(".")
    host = f"[{host}]" if ":" in host else host
    is_usual = address.port == _USUAL_PORTS[address.scheme]
    return f"{address.scheme}://{host}{'' if is_usual else f':{address.port}'}{path}"


def address_problem(url: str, allows_plain_http: bool) -> str:
    """As a clause; "" where there is none."""
    try:
        own = (parse_address(url).origin,) if allows_plain_http else ()
    except DownloadError:
        return "it is no web address"
    return base_problem(url, own)


def not_readable(file: Path, error: OSError | None = None) -> NotTaken:
    """The clip's own file is gone, or another one than it was."""
    reason = f"cannot be read ({error.strerror})" if error else "changed while it was sent"
    return NotTaken(
        f"The file {file.name} {reason}.",
        ErrorKind.STORAGE,
        action="Look in the Library whether the clip is still in its place, then deliver it again.",
    )


async def _pieces(
    body: bytes | Body, moved: Callable[[int, bool], None], file_errors: list[NotTaken]
) -> AsyncIterator[bytes]:
    """`moved` is told of a piece when the next one is asked for: then the line took it."""
    if isinstance(body, bytes):
        yield body
        moved(len(body), True)
        return
    sent = 0
    if body.before:
        yield body.before
        sent += len(body.before)
    async for piece in _of_file(body, file_errors):
        yield piece
        sent += len(piece)
        moved(sent, sent >= body.length)
    if body.after:
        yield body.after
        moved(body.length, True)


async def _of_file(body: Body, file_errors: list[NotTaken]) -> AsyncIterator[bytes]:
    """Opened anew for each piece: an exchange may be dropped at any time, and no handle with it."""
    end = body.start + body.size
    for start in range(body.start, end, _PIECE_BYTES):
        size = min(_PIECE_BYTES, end - start)
        try:
            piece = await asyncio.to_thread(_piece, body.file, start, size)
        except OSError as error:
            file_errors.append(not_readable(body.file, error))
            raise
        if len(piece) < size:
            file_errors.append(not_readable(body.file))
            raise EOFError
        yield piece


def _piece(path: Path, start: int, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(size)
