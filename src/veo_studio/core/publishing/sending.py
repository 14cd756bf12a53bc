"""One exchange with a target: a connection of its own, no redirects, a counted body, a capped answer.

Messages never repeat an address or an aiohttp error: both can carry secrets.
"""

from __future__ import annotations

import ssl
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from veo_studio.core.answers import ErrorKind
from veo_studio.core.crash import crash_point
from veo_studio.core.errors import DownloadError, NotSent
from veo_studio.core.providers.addresses import Address, parse_address
from veo_studio.core.providers.broken import broken_exchange
from veo_studio.core.providers.json_answer import TooLarge, parsed, read_limited
from veo_studio.core.providers.moving_limit import MovingLimit
from veo_studio.core.providers.sessions import Sessions, Use, exact, load_aiohttp, proxy_for

if TYPE_CHECKING:
    from veo_studio.core.publishing.counted_body import CountedBody

# what a target says is small; anything larger is none of what it should say
_MAX_ANSWER_BYTES = 256 * 1024
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Answer:
    """A whole answer. `json` is None where the body is no JSON.

    `was_whole` False: it came before the last byte of the question had left.
    """

    status: int
    headers: Mapping[str, str]
    json: Any
    was_whole: bool


class NoAnswer(Exception):
    """None came, in one sentence; `was_whole` True where the target may have all of it."""

    def __init__(self, sentence: str, kind: ErrorKind, *, was_whole: bool) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.kind = kind
        self.was_whole = was_whole


class FileFailed(Exception):
    """A file of the delivery could not be read to its end; nobody has the whole of it. One sentence."""


@dataclass(frozen=True)
class FilePart:
    """The bytes of a file of `size_bytes`; a file of another size is not sent."""

    path: Path
    size_bytes: int


@dataclass(frozen=True)
class Form:
    """multipart/form-data: `fields` in their order, then files by field as (name, media type, path, size)."""

    fields: Mapping[str, str]
    files: Sequence[tuple[str, str, str, Path, int]] = ()
    boundary: str = field(default_factory=lambda: f"veo-studio-{uuid.uuid4().hex}")

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self.boundary}"

    def parts(self) -> list[bytes | FilePart]:
        parts: list[bytes | FilePart] = []
        head = ""
        for name, value in self.fields.items():
            head += (
                f'--{self.boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n'
                f"Content-Type: text/plain; charset=utf-8\r\n\r\n{value}\r\n"
            )
        for name, called, media_type, path, size_bytes in self.files:
            head += (
                f'--{self.boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"; '
                f'filename="{_quoted(called)}"\r\nContent-Type: {media_type}\r\n\r\n'
            )
            parts += [_encoded(head), FilePart(path, size_bytes)]
            head = "\r\n"
        return [*parts, _encoded(f"{head}--{self.boundary}--\r\n")]


class Wire(Sessions):
    """For one delivery, closed after it. `name` is who is meant, in sentences for people."""

    def __init__(self, name: str, **limits: float) -> None:
        super().__init__(**limits)
        self._name = name

    async def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = _NOTHING,
        body: bytes | Form = b"",
        content_type: str = "application/json",
        answer_within_s: float = 60.0,
        on_progress: Callable[[int, int], None] = lambda _done, _size: None,
    ) -> Answer:
        """Any answer, never repeated and never redirected. Raises NoAnswer, FileFailed.

        The time for the answer begins when the last of the body has left; `on_progress` counts the
        body from the first moment on, and is told of all of it when it has left only.
        """
        address = self._parsed(url)
        parts = body.parts() if isinstance(body, Form) else [body]
        if body:
            # who is stopped from here on knows that nothing was handed over
            on_progress(0, whole_bytes(parts))
        await load_aiohttp()
        from aiohttp import ClientTimeout

        from veo_studio.core.publishing.counted_body import CountedBody

        connect_s = 2 * self._connect_timeout_s
        timeout = ClientTimeout(total=None, connect=connect_s, sock_connect=self._connect_timeout_s)
        limit = MovingLimit(connect_s + (self._stall_timeout_s if body else answer_within_s))

        def moved(done: int, size: int) -> None:
            limit.allow(self._stall_timeout_s if done < size else answer_within_s)
            on_progress(done, size)
            crash_point("deliver-body")
            if done == size:
                crash_point("deliver-body-whole")

        counted = None
        if body:
            kind = body.content_type if isinstance(body, Form) else content_type
            counted = CountedBody(parts, kind, moved)
        sent = {"Accept": "application/json", "Accept-Encoding": "gzip", **headers}
        proxy = await self._proxy(address)
        try:
            async with (
                limit,
                self._session(Use.PAID).request(
                    method,
                    exact(address),
                    headers=sent,
                    data=counted,
                    allow_redirects=False,
                    proxy=proxy,
                    timeout=timeout,
                ) as response,
            ):
                was_whole = counted is None or counted.is_handed_over
                crash_point("deliver-answered")
                value = parsed(await self._body(response))[0]
                return Answer(response.status, dict(response.headers), value, was_whole)
        except broken_exchange() as error:
            raise self._broken(error, counted) from None

    def _parsed(self, url: str) -> Address:
        try:
            return parse_address(url)
        except DownloadError:
            words = f"The address of {self._name} is no web address."
            raise NoAnswer(words, ErrorKind.INVALID_REQUEST, was_whole=False) from None

    async def _proxy(self, address: Address) -> str | None:
        try:
            return await proxy_for(address)
        except NotSent as error:
            raise NoAnswer(error.message, ErrorKind.NETWORK, was_whole=False) from None

    async def _body(self, response: Any) -> bytes:
        try:
            return await read_limited(response, _MAX_ANSWER_BYTES)
        except TooLarge:
            # its status counts all the same
            response.close()
            return b""

    def _broken(self, error: Exception, body: CountedBody | None) -> Exception:
        """What came before a connection stood, or before the last byte left, never arrived whole."""
        if body is not None and body.problem:
            return FileFailed(body.problem)
        was_whole = body is not None and body.is_handed_over
        kind = ErrorKind.TIMEOUT if isinstance(error, TimeoutError) else ErrorKind.NETWORK
        return NoAnswer(_sentence(error, self._name), kind, was_whole=was_whole)


def whole_bytes(parts: Sequence[bytes | FilePart]) -> int:
    return sum(part.size_bytes if isinstance(part, FilePart) else len(part) for part in parts)


def at_least_a_second(told_s: float | None) -> float | None:
    """What is waited for is no try: a place that says "now" for ever is not asked without a pause."""
    return None if told_s is None else max(1.0, told_s)


def _sentence(error: Exception, name: str) -> str:
    import aiohttp

    match error:
        case aiohttp.ClientConnectorDNSError():
            return f"The address of {name} cannot be found; is this computer online?"
        case aiohttp.ClientConnectorCertificateError() | ssl.SSLCertVerificationError():
            return f"The certificate of {name} cannot be verified; nothing was sent."
        case aiohttp.ClientConnectorSSLError():
            return f"There is no secure connection to {name}; nothing was sent."
        case aiohttp.ClientHttpProxyError():
            return f"The proxy refused the connection to {name} (HTTP {error.status})."
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return f"There is no connection to {name}; nothing was sent."
    if isinstance(error, TimeoutError):
        return f"{name} did not answer in time."
    return f"The connection to {name} broke."


def _quoted(name: str) -> str:
    """As browsers write it in a header of a part."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
