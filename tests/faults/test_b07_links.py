"""B07: where a provider may send us for the result."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.faults import books, google
from tests.faults.google import Call
from tests.faults.lab import Lab, S, nothing_here
from veo_studio.core.models import Generation

BAD_LINKS = {
    "a file": "file:///etc/passwd",
    "a file of this host": "file://localhost/etc/passwd",
    "a script": "javascript:alert(1)",
    "data": "data:video/mp4;base64,AAAA",
    "ftp": "ftp://example.com/a.mp4",
    "the metadata service": "http://169.254.169.254/latest/meta-data/",
    "the metadata service by name": "https://metadata.google.internal/computeMetadata/v1/",
    "a private network": "https://192.168.0.1/a.mp4",
    "plain http": "http://example.com/a.mp4",
    "somebody's name": "https://generativelanguage.googleapis.com@evil.example.com/a.mp4",
    "a relative one": "/v1/files/v1_1:download?alt=media",
    "another host's": "//evil.example.com/a.mp4",
    "a backslash": "https://evil.example.com\\@generativelanguage.googleapis.com/a.mp4",
    "a line break": "https://example.com/a\r\nx-goog-api-key: 1",
    "a space": "https://exa mple.com/a.mp4",
    "a NUL": "https://example.com/a\0.mp4",
    "an odd number": "http://2852039166/latest/meta-data/",
    "nothing but a scheme": "https://",
    "100 kB": "https://example.com/" + "a" * 100_000,
    "a share": "\\\\evil.example.com\\share\\a.mp4",
}


@pytest.mark.parametrize("link", BAD_LINKS)
async def test_b07_a_bad_link_is_never_opened(lab: Lab, link: str) -> None:
    lab.google.poll_default = google.done_at(BAD_LINKS[link])
    await lab.is_held(await lab.make())
    assert lab.google.downloads == []
    assert lab.parts() == []


async def test_b07_a_look_alike_that_leads_into_this_network_is_never_opened(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = await lab.stranger(nothing_here)
    port = int(stranger.url.rpartition(":")[2])
    real = socket.getaddrinfo

    def lookup(host: str, *rest: Any, **more: Any) -> Any:
        return real("127.0.0.1" if "googleapis" in str(host) else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    host = "generativelanguage.googleapis.com.evil.example"
    lab.google.poll_default = google.done_at(f"https://{host}:{port}/v1/files/a:download")
    await lab.is_held(await lab.make())
    assert stranger.connections == 0


async def test_b07_another_host_is_asked_without_the_key(lab: Lab) -> None:
    stranger = await lab.stranger(lab.google.files)
    lab.google.poll_default = google.done_at(f"{stranger.url}/a.mp4?signature=abc")
    await lab.is_completed(await lab.make())
    (request,) = stranger.requests
    assert "x-goog-api-key" not in request.headers
    assert request.path == "/a.mp4?signature=abc"


async def test_b07_a_bad_link_that_is_put_right_is_followed(lab: Lab) -> None:
    lab.google.poll_default = google.done_at("file:///etc/passwd")
    generation = await lab.make()
    await lab.is_held(generation)
    lab.google.poll_default = google.done
    await lab.studio.queue.retry(generation.id)
    await lab.rest(generation)
    await lab.is_completed(generation)
    assert len(lab.google.submits) == 1


KEY = books.KEY
HEX = KEY.encode().hex()


@pytest.mark.parametrize("form", ["plain", "quoted", "hex", "base64 +0", "first 20"])
async def test_f01_a_link_with_the_key_is_neither_stored_nor_followed(lab: Lab, form: str) -> None:
    lab.clock.speed = 100
    leaked = books.leaks_of(KEY)[form]
    lab.google.poll_steps.append(google.done_at(f"{lab.google.url}/v1/files/a?x={leaked}"))
    await lab.is_completed(await lab.make())
    assert len(lab.google.polls) == 2


async def test_f01_a_media_type_with_the_key_is_not_stored(lab: Lab) -> None:
    async def done(call: Call) -> None:
        parts = google.steps_with(google.video(call.link, f"video/{HEX}"))
        usage = {"note": KEY, "total_tokens": 7}
        await call.says(google.interaction(call, "completed", steps=parts, usage=usage))

    lab.google.poll_default = done
    generation = await lab.make()
    await lab.is_completed(generation)
    assert (await stored_result(lab, generation))["mime_type"] == "video/mp4"


async def stored_result(lab: Lab, generation: Generation) -> dict[str, Any]:
    result = (await lab.get(generation)).result
    assert result is not None
    return result.to_json()


@pytest.mark.parametrize("form", books.leaks_of(KEY))
async def test_f01_words_with_the_key_are_masked(lab: Lab, form: str) -> None:
    leaked = books.leaks_of(KEY)[form]
    lab.google.poll_default = google.failed(f"code-{leaked}", f"Bad key {leaked} in the request")
    stored = await lab.is_refunded(await lab.make())
    assert stored.error is not None
    assert "[redacted]" in stored.error


@pytest.mark.parametrize("how", ["status", "etag", "type", "redirect", "retry"])
async def test_f01_headers_and_statuses_with_the_key_leave_no_trace(lab: Lab, how: str) -> None:
    lab.clock.speed = 100
    match how:
        case "status":
            lab.google.poll_steps.append(google.ended(f"working on {KEY}"))
        case "etag":
            lab.google.files.etag = f'"{KEY}"'
            lab.google.download_steps.append(cut_once)
        case "type":
            lab.google.download_steps.append(google.send(b"no", f"text/{HEX}"))
        case "redirect":
            lab.google.download_steps.append(google.redirect(f"ftp://{HEX}.example.com/"))
        case "retry":
            lab.google.poll_steps.append(google.refuse(429, KEY, KEY, Retry_After=KEY))
    generation = await lab.make()
    assert generation.state is S.COMPLETED, generation.error


async def cut_once(call: Call) -> None:
    await call.google.files.head(call.reply, 0)
    await call.reply.body(call.google.files.content[:1000])
