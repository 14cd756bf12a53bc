from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from tests.transport.conftest import KEY, MakeProvider
from tests.transport.raw_server import Received, Reply, running
from veo_studio.core.errors import DownloadError
from veo_studio.core.models import ResultRef
from veo_studio.core.providers.addresses import (
    check_foreign,
    is_public_ip,
    is_public_name,
    next_address,
    parse_address,
)
from veo_studio.core.providers.gemini import GeminiProvider
from veo_studio.core.providers.http import HttpGateway

BASE = "https://generativelanguage.googleapis.com:443"


async def serve_bytes(received: Received, reply: Reply) -> None:
    await reply.head(200, {"Content-Type": "video/mp4", "Content-Length": "5"})
    await reply.body(b"video")


def redirect(to: Callable[[Received], str | None], status: int = 302) -> Any:
    async def script(received: Received, reply: Reply) -> None:
        location = to(received)
        headers = {"Content-Length": "0"} | ({} if location is None else {"Location": location})
        await reply.head(status, headers)

    return script


async def read(provider: GeminiProvider, uri: str) -> bytes:
    async with provider.open_result(ResultRef(uri), 0, None) as body:
        return b"".join([chunk async for chunk in body.chunks])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_c07_a_redirect_is_followed_without_the_key(
    make_provider: MakeProvider, status: int
) -> None:
    async with running(serve_bytes) as storage:
        script = redirect(lambda _: f"{storage.url}/signed?token=1%2B2", status)
        async with running(script) as api:
            content = await read(make_provider(api.url), f"{api.url}/v1/files/a:download?alt=media")
    assert content == b"video"
    assert api.requests[0].headers["x-goog-api-key"] == KEY
    assert KEY not in str(storage.requests)
    # a signature must arrive byte for byte
    assert storage.requests[0].path == "/signed?token=1%2B2"


async def test_c07_the_key_does_not_come_back_after_two_hops(make_provider: MakeProvider) -> None:
    targets: dict[str, str] = {}
    async with running(redirect(lambda received: targets["api"])) as between:

        async def api_script(received: Received, reply: Reply) -> None:
            if received.path.startswith("/v1/"):
                await redirect(lambda _: f"{between.url}/hop")(received, reply)
            else:
                await serve_bytes(received, reply)

        async with running(api_script) as api:
            targets["api"] = f"{api.url}/other"
            assert await read(make_provider(api.url), f"{api.url}/v1/files/a") == b"video"
    first, last = api.requests
    assert first.headers["x-goog-api-key"] == KEY
    assert "x-goog-api-key" not in last.headers
    assert KEY not in str(between.requests)


async def test_c07_a_relative_redirect_stays_at_its_origin(make_provider: MakeProvider) -> None:
    async def script(received: Received, reply: Reply) -> None:
        if received.path.startswith("/v1/"):
            await redirect(lambda _: "/moved")(received, reply)
        else:
            await serve_bytes(received, reply)

    async with running(script) as api:
        assert await read(make_provider(api.url), f"{api.url}/v1/files/a") == b"video"
    assert [received.path for received in api.requests] == ["/v1/files/a?alt=media", "/moved"]


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://example.com/a",
        "javascript:alert(1)",
        "data:video/mp4;base64,AAAA",
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/latest/meta-data",
        "https://[fd00::1]/a",
        "https://192.168.1.1/a",
        "https://metadata.google.internal/",
        "https://router.local/",
        "http://example.com/a",
        "https://user:secret@example.com/a",
        "https://example.com\\@evil.com/",
        "https:///nohost",
        "https://exa mple.com/",
        "//",
        "",
        None,
    ],
)
async def test_c08_a_redirect_to_a_bad_address_is_refused(
    make_provider: MakeProvider, location: str | None
) -> None:
    async with running(redirect(lambda _: location)) as api:
        with pytest.raises(DownloadError) as caught:
            await read(make_provider(api.url), f"{api.url}/v1/files/a")
    assert len(api.requests) == 1
    assert "secret" not in str(caught.value)


async def test_c08_header_injection_in_a_redirect_is_refused() -> None:
    with pytest.raises(DownloadError):
        next_address(parse_address("https://example.com/"), "https://example.com/\r\nX-Evil: 1")


async def test_c08_a_redirect_to_itself_is_refused(make_provider: MakeProvider) -> None:
    async with running(redirect(lambda received: received.path)) as api:
        with pytest.raises(DownloadError, match="circles"):
            await read(make_provider(api.url), f"{api.url}/v1/files/a")
    assert len(api.requests) == 1


@pytest.mark.parametrize(("hops", "is_refused"), [(5, False), (6, True)])
async def test_c08_five_hops_are_followed_and_six_are_not(
    make_provider: MakeProvider, hops: int, is_refused: bool
) -> None:
    async def script(received: Received, reply: Reply) -> None:
        number = int(received.path.split("?")[0].rpartition("/")[2])
        if number < hops:
            await redirect(lambda _: f"/v1/files/{number + 1}")(received, reply)
        else:
            await serve_bytes(received, reply)

    async with running(script) as api:
        provider = make_provider(api.url)
        if is_refused:
            with pytest.raises(DownloadError):
                await read(provider, f"{api.url}/v1/files/0")
        else:
            assert await read(provider, f"{api.url}/v1/files/0") == b"video"
    assert len(api.requests) == 6


async def test_c08_https_never_becomes_http() -> None:
    here = parse_address("https://example.com/a")
    with pytest.raises(DownloadError, match="from https to http"):
        check_foreign(parse_address("http://127.0.0.1:8000/"), {"http://127.0.0.1:8000"}, here)


@pytest.mark.parametrize(
    "uri",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "/v1beta/files/a:download",
        "//evil.com/a",
        "",
        "http://169.254.169.254/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://10.0.0.1/",
        "https://localhost/",
        "https://intranet/",
        "https://generativelanguage.googleapis.com@evil.com/",
        "http://generativelanguage.googleapis.com/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://ex%61mple.com/",
        "https://\u0435xample.com/",
        "https://example.com/" + "a" * 9000,
    ],
)
async def test_b07_a_result_with_a_bad_address_is_never_opened(
    make_provider: MakeProvider, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _no_network)
    with pytest.raises(DownloadError):
        await read(make_provider("https://generativelanguage.googleapis.com"), uri)


def _no_network(*address: Any, **options: Any) -> Any:
    raise AssertionError("no name may be looked up")


async def test_b07_a_look_alike_host_is_another_origin() -> None:
    address = parse_address("https://generativelanguage.googleapis.com.evil.com/v1/files/a")
    assert address.origin != BASE
    check_foreign(address, {BASE})


async def test_b07_a_public_name_that_leads_into_this_network_is_refused(
    make_provider: MakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lookup(host: str, port: int, *rest: Any, **options: Any) -> Any:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    provider = make_provider("https://generativelanguage.googleapis.com")
    with pytest.raises(DownloadError, match="private network"):
        await read(provider, "https://rebound.example.com/video.mp4")


@pytest.mark.parametrize("ip", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_open_internet_are_public(ip: str) -> None:
    assert is_public_ip(ip)


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "0.0.0.0", "::1", "fe80::1%eth0", "100.64.0.1", "224.0.0.1", "2002:7f00:1::"],
)
def test_addresses_of_this_network_are_not_public(ip: str) -> None:
    assert not is_public_ip(ip)


def test_names_without_a_dot_are_not_public() -> None:
    assert not is_public_name("intranet")
    assert is_public_name("storage.googleapis.com")


async def test_f11_plain_http_never_takes_a_proxy(
    gateway: HttpGateway, make_provider: MakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(serve_bytes) as proxy, running(serve_bytes) as api:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert await read(make_provider(api.url), f"{api.url}/v1/files/a") == b"video"
    assert proxy.requests == []


async def test_f11_a_proxy_sees_a_tunnel_and_no_key(
    make_provider: MakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(received: Received, reply: Reply) -> None:
        await reply.head(403, {"Content-Length": "0"})

    from veo_studio.core.errors import NotSent
    from veo_studio.core.models import Operation

    async with running(refuse) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        provider = make_provider("https://generativelanguage.googleapis.com")
        with pytest.raises(NotSent):
            await provider.poll(Operation("gemini", "v1_a", "m"))
    assert proxy.requests[0].method == "CONNECT"
    assert KEY not in str(proxy.requests)
