"""One exchange: what may have been read by the provider, and what an answer may weigh."""

from __future__ import annotations

import asyncio
import gzip
import json
import resource
import socket
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.tools import adapter_tools
from tests.transport.conftest import KEY, PACING, MakeProvider
from tests.transport.raw_server import Received, Reply, for_ever, running
from tests.transport.tls import self_signed_server
from veo_studio import __version__
from veo_studio.core.errors import (
    NotSent,
    OutcomeUnknown,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
)
from veo_studio.core.models import ErrorKind, Operation
from veo_studio.core.providers.gemini import GeminiProvider
from veo_studio.core.providers.http import HttpGateway

Script = Callable[[Received, Reply], Awaitable[None]]
OPERATION = Operation("gemini", "v1_abc", "m")
BODY = {"model": "m"}


def answer(raw: bytes, **headers: str) -> Script:
    async def script(received: Received, reply: Reply) -> None:
        head = {"Content-Type": "application/json", "Content-Length": str(len(raw))}
        await reply.head(200, head | {k.replace("_", "-"): v for k, v in headers.items()})
        await reply.body(raw)

    return script


async def close_at_once(received: Received, reply: Reply) -> None:
    pass


async def reset_at_once(received: Received, reply: Reply) -> None:
    await reply.reset()


async def reset_in_the_answer(received: Received, reply: Reply) -> None:
    await reply.head(200, {"Content-Length": "100"})
    await reply.body(b'{"id":')
    await reply.reset()


async def close_in_the_answer(received: Received, reply: Reply) -> None:
    await reply.head(200, {"Content-Length": "100"})
    await reply.body(b'{"id": "v1_abc"}')


async def not_http(received: Received, reply: Reply) -> None:
    await reply.raw(b"220 mail.example.com ESMTP\r\n\r\n")


async def large_header(received: Received, reply: Reply) -> None:
    await reply.head(200, {"X-Large": "a" * 100_000, "Content-Length": "2"})


async def slow_header(received: Received, reply: Reply) -> None:
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 1000:
        await reply.raw(bytes([byte]))
        await asyncio.sleep(0.05)


def bomb() -> bytes:
    """512 MB of spaces: one compressed megabyte, again and again."""
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    start = packer.compress(b"[") + packer.flush(zlib.Z_FULL_FLUSH)
    return start + (packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)) * 512


BROKEN: dict[str, Script] = {
    "closed at once": close_at_once,
    "reset at once": reset_at_once,
    "reset in the answer": reset_in_the_answer,
    "closed in the answer": close_in_the_answer,
    "silent": for_ever,
    "not http": not_http,
    "a header of 100 kB": large_header,
    "a header that never ends": slow_header,
    "64 MB of json": answer(b'["' + b"a" * (64 << 20) + b'"]'),
    "a gzip bomb": answer(bomb(), Content_Encoding="gzip"),
    "broken gzip": answer(b"\x1f\x8b\x08garbage", Content_Encoding="gzip"),
}
ENDLESS = ("silent", "a header that never ends")
UNREADABLE: dict[str, Script] = {
    "a captive portal": answer(b"<html>Sign in</html>", Content_Type="text/html"),
    "cut json": answer(b'{"id": "v1_ab'),
    "nothing": answer(b""),
    "null": answer(b"null"),
    "a list": answer(b"[]"),
    "no name": answer(b'{"status": "queued"}'),
    "another charset": answer('{"id": "v1_\u00e9"}'.encode("utf-16")),
    "latin-1": answer('{"id": "\u00e9"}'.encode("latin-1")),
    "nan": answer(b'{"id": "v1_abc", "n": NaN}'),
    "100,000 levels": answer(b"[" * 100_000 + b"]" * 100_000),
    "an unknown encoding": answer(b'{"id": "v1_abc"}'[::-1], Content_Encoding="br"),
}


@pytest.fixture
async def impatient() -> AsyncIterator[MakeProvider]:
    """Adapters that wait 0.3 s for the answer to a submit."""
    gateway = HttpGateway(submit_timeout_s=0.3)

    def make(base_url: str) -> GeminiProvider:
        return GeminiProvider(adapter_tools("gemini", gateway, base_url, key=KEY, pacing=PACING))

    yield make
    await gateway.close()


@pytest.mark.parametrize("fault", [*BROKEN, *UNREADABLE])
async def test_a01_a08_a09_a10_a_lost_answer_to_a_paid_request_is_unknown(
    make_provider: MakeProvider, impatient: MakeProvider, fault: str
) -> None:
    make = impatient if fault in ENDLESS else make_provider
    async with running((BROKEN | UNREADABLE)[fault]) as api:
        with pytest.raises(OutcomeUnknown) as caught:
            await make(api.url).submit(BODY, attempt_uuid="a-1")
    assert len(api.requests) == 1
    assert KEY not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize("fault", [fault for fault in BROKEN if fault not in ENDLESS])
async def test_b05_a_broken_poll_says_nothing_about_the_generation(
    make_provider: MakeProvider, fault: str
) -> None:
    async with running(BROKEN[fault]) as api:
        with pytest.raises((ProviderUnavailable, ProtocolError)):
            await make_provider(api.url).poll(OPERATION)


@pytest.mark.parametrize("fault", list(UNREADABLE))
async def test_b05_a_poll_that_cannot_be_read_says_nothing_about_the_generation(
    make_provider: MakeProvider, fault: str
) -> None:
    async with running(UNREADABLE[fault]) as api:
        if fault == "no name":
            await make_provider(api.url).poll(OPERATION)
            return
        with pytest.raises(ProtocolError):
            await make_provider(api.url).poll(OPERATION)


async def test_b05_a_late_poll_is_a_time_out(gateway: HttpGateway) -> None:
    async with running(for_ever) as api:
        with pytest.raises(ProviderUnavailable) as caught:
            await gateway.request_json("GET", api.url, headers={}, timeout_s=0.05)
    assert caught.value.kind is ErrorKind.TIMEOUT
    assert not isinstance(caught.value, NotSent)


async def test_a10_an_answer_of_512_mb_takes_no_memory(make_provider: MakeProvider) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with running(BROKEN["a gzip bomb"]) as api:
        with pytest.raises(OutcomeUnknown):
            await make_provider(api.url).submit(BODY, attempt_uuid="a-1")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


async def test_a12_a_refused_connection_is_not_sent(make_provider: MakeProvider) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(NotSent) as caught:
        await make_provider(url).submit(BODY, attempt_uuid="a-1")
    assert caught.value.provider == "gemini"


async def test_a12_an_unknown_name_is_not_sent(
    make_provider: MakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lookup(*address: Any, **options: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with pytest.raises(NotSent, match="online"):
        await make_provider("https://nowhere.example.com").submit(BODY, attempt_uuid="a-1")


async def test_a12_a_server_without_tls_is_not_sent(make_provider: MakeProvider) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(NotSent):
            await make_provider(url).submit(BODY, attempt_uuid="a-1")


async def test_c18_a_connection_that_never_stands_is_not_sent(impatient: MakeProvider) -> None:
    """The handshake is never answered: the limit for connecting ends it before the submit's own."""
    async with running(for_ever) as api:
        with pytest.raises(NotSent):
            url = api.url.replace("http://", "https://")
            await impatient(url).submit(BODY, attempt_uuid="a-1")
    assert api.requests == []


async def test_a12_a_self_signed_certificate_is_not_sent(
    make_provider: MakeProvider, tmp_path: Path
) -> None:
    async with self_signed_server(tmp_path) as server:
        with pytest.raises(NotSent, match="certificate"):
            await make_provider(server.url).submit(BODY, attempt_uuid="a-1")
    assert server.received == []


async def test_a14_a_paid_request_never_takes_a_connection_that_was_used(
    make_provider: MakeProvider,
) -> None:
    """The server drops the idle connection just before the submit: no matter, it is another one."""

    async def script(received: Received, reply: Reply) -> None:
        await reply.json({"id": "v1_abc", "status": "queued"})

    async with running(script, keeps_alive=True) as api:
        provider = make_provider(api.url)
        for _ in range(3):
            await provider.poll(OPERATION)
            await provider.submit(BODY, attempt_uuid="a-1")
    submits = [received for received in api.requests if received.method == "POST"]
    polls = {received.connection for received in api.requests if received.method == "GET"}
    assert len({received.connection for received in submits}) == 3
    assert len(polls) == 1
    assert not polls & {received.connection for received in submits}


async def test_a_redirected_submit_is_unknown_and_goes_nowhere(make_provider: MakeProvider) -> None:
    async def script(received: Received, reply: Reply) -> None:
        await reply.head(307, {"Location": "/v1/interactions", "Content-Length": "0"})

    async with running(script) as api:
        with pytest.raises(OutcomeUnknown):
            await make_provider(api.url).submit(BODY, attempt_uuid="a-1")
    assert len(api.requests) == 1


async def test_requests_say_who_they_are_and_carry_one_credential(
    make_provider: MakeProvider,
) -> None:
    async def script(received: Received, reply: Reply) -> None:
        head = {"Set-Cookie": "a=b", "Content-Encoding": "gzip"}
        content = gzip.compress(json.dumps({"id": "v1_abc", "status": "queued"}).encode())
        await reply.head(200, {**head, "Content-Length": str(len(content))})
        await reply.body(content)

    async with running(script) as api:
        await make_provider(api.url).poll(OPERATION)
        await make_provider(api.url).poll(OPERATION)
    headers = api.requests[1].headers
    assert headers["user-agent"] == f"VeoStudio/{__version__}"
    assert headers["x-goog-api-key"] == KEY
    assert "authorization" not in headers
    assert "cookie" not in headers
    assert "key=" not in api.requests[1].path


async def test_a_netrc_file_adds_no_second_credential(
    make_provider: MakeProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login user password word\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    async def script(received: Received, reply: Reply) -> None:
        await reply.json({"id": "v1_abc", "status": "queued"})

    async with running(script) as api:
        await make_provider(api.url).poll(OPERATION)
    assert "authorization" not in api.requests[0].headers


async def test_f01_an_error_that_repeats_the_key_is_masked(make_provider: MakeProvider) -> None:
    key = "an-odd-key-of-another-shape-entirely"

    async def script(received: Received, reply: Reply) -> None:
        words = f"Key {received.headers['x-goog-api-key']} is bad\x1b[31m"
        await reply.json({"error": {"code": 400, "message": words, "status": "X"}}, 400)

    async with running(script) as api:
        with pytest.raises(ProviderError) as caught:
            await make_provider(api.url, key=key).submit(BODY, attempt_uuid="a-1")
    assert key not in str(caught.value)
    assert "\x1b" not in str(caught.value)


async def test_the_gateway_can_be_used_again_after_close(gateway: HttpGateway) -> None:
    async with running(answer(b"{}")) as api:
        await gateway.request_json("GET", api.url, headers={})
        await gateway.close()
        assert (await gateway.request_json("GET", api.url, headers={})).json == {}


def test_aiohttp_is_not_imported_before_the_first_request() -> None:
    import subprocess
    import sys

    code = (
        "import sys, veo_studio.core.providers.gemini, veo_studio.core.download, "
        "veo_studio.core.media as m; "
        "sys.exit(bool({'aiohttp', 'av', 'PIL', 'numpy'} & set(sys.modules)))"
    )
    environment = {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0
