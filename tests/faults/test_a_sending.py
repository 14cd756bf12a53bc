"""Rows A of the fault matrix: sending itself, where the line, the process or the user gets in the way."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.faults import google
from tests.faults.google import Call, Step
from tests.faults.lab import WAIT_S, Lab, S
from tests.faults.memory import measured
from tests.faults.processes import generate, python
from tests.transport.tls import self_signed_server
from veo_studio.core.errors import StorageError
from veo_studio.core.models import Charge, ErrorKind, Generation


@pytest.mark.parametrize(
    ("label", "posts"), [("K04", 0), ("K07", 1), ("K09", 1), ("K03", 0), ("K01", 0)]
)
async def test_a02_kill_9_around_the_post_never_sends_it_twice(
    lab: Lab, label: str, posts: int
) -> None:
    await lab.close()
    assert await generate(lab, VEO_STUDIO_CRASH=label) == -signal.SIGKILL
    assert len(lab.google.submits) == len(lab.google.accepted) == posts
    studio = await lab.open(resume=True)
    found = await studio.generations.page()
    if label == "K01":
        assert found == []
        return
    (generation,) = found
    await lab.rest(generation)
    if label in ("K03", "K09"):
        # never begun, or accepted and its name stored: it goes on by itself
        await lab.is_completed(generation)
        assert len(lab.google.submits) == 1
    else:
        await lab.is_unknown(generation)
        assert len(lab.google.submits) == posts
    assert await studio.wallet.balance() == 990


async def large_json(call: Call) -> None:
    google.take(call)
    await call.reply.head(200, {"Content-Length": str(64 << 20)})
    await call.reply.raw(b'["')
    for _ in range(1024):
        await call.reply.body(b"a" * 65536)


def bomb() -> bytes:
    """512 MB of spaces: one compressed megabyte, again and again."""
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    start = packer.compress(b"[") + packer.flush(zlib.Z_FULL_FLUSH)
    return start + (packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)) * 512


def byte_by_byte(head: bytes) -> Step:
    async def step(call: Call) -> None:
        google.take(call)
        for byte in head:
            await call.reply.raw(bytes([byte]))
            await asyncio.sleep(0.02)

    return step


def raw(data: bytes) -> Step:
    async def step(call: Call) -> None:
        google.take(call)
        await call.reply.raw(data)

    return step


LEVELS = b'{"id": "v1_1", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
OUTSIZED: dict[str, Step] = {
    "64 MB of json": large_json,
    "a gzip bomb of 512 MB": google.accept_and_send(bomb(), Content_Encoding="gzip"),
    "broken gzip": google.accept_and_send(b"\x1f\x8b\x08no", Content_Encoding="gzip"),
    "100,000 levels": google.accept_and_send(LEVELS),
    "a header of 100 kB": google.accept_and_send(b"{}", X_Large="a" * 100_000),
    "100,000 headers": raw(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100_000 + b"\r\n{}"),
    "a header that never ends": byte_by_byte(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 1000),
    "a body that never ends": byte_by_byte(b"HTTP/1.1 200 OK\r\n\r\n{" + b" " * 10_000),
    "a mail server": raw(b"220 mail.example.com ESMTP\r\n\r\n"),
    "random bytes": raw(bytes(range(256)) * 16),
    "two lengths": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}"),
    "only interim answers": raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
}


@pytest.mark.parametrize("answer", OUTSIZED)
async def test_a10_an_answer_beyond_all_bounds_is_cut_and_unknown(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    if "never ends" in answer:
        monkeypatch.setenv("VEO_STUDIO_SUBMIT_TIMEOUT", "0.4")
    lab.google.submit_steps.append(OUTSIZED[answer])
    with measured() as peak:
        generation = await lab.make()
    await lab.is_unknown(generation)
    assert peak.grown_bytes < 100 * 2**20
    assert len(lab.google.submits) == 1


async def test_a12_a_refused_connection_is_tried_again(lab: Lab) -> None:
    lab.tools["backoff"] = None
    await lab.google.stop()
    (generation,) = await lab.enqueue()
    await lab.put_back(generation)
    stored = await lab.is_queued(generation)
    assert (stored.state, stored.error_kind) == (S.PENDING, ErrorKind.NETWORK)
    await lab.google.start()
    lab.clock.speed = 100
    await lab.rest(generation)
    await lab.is_completed(generation)
    assert len(lab.google.submits) == 1


async def test_a12_an_unknown_name_is_tried_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lookup(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with monkeypatch.context() as offline:
        offline.setattr(socket, "getaddrinfo", lookup)
        offline.setenv("VEO_STUDIO_GEMINI_URL", "https://nowhere.example.com")
        (generation,) = await lab.enqueue()
        await lab.put_back(generation)
        stored = await lab.is_queued(generation)
        assert stored.error is not None
        assert "online" in stored.error
    await lab.studio.queue.key_changed("gemini")
    await lab.rest(generation)
    await lab.is_completed(generation)
    assert len(lab.google.submits) == 1


async def tried(lab: Lab, generation: Generation, times: int) -> bool:
    """True once so many attempts have ended."""
    attempts = await lab.studio.generations.attempts(generation.id)
    return sum(attempt.finished_at is not None for attempt in attempts) >= times


async def test_a12_a_certificate_that_cannot_be_verified_sees_no_request(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with self_signed_server(tmp_path) as impostor:
        with monkeypatch.context() as elsewhere:
            elsewhere.setenv("VEO_STUDIO_GEMINI_URL", impostor.url)
            (generation,) = await lab.enqueue()
            await lab.until(lambda: tried(lab, generation, 3))
            stored = await lab.is_queued(generation)
            assert stored.error is not None
            assert "certificate" in stored.error
    assert impostor.received == []
    await lab.studio.queue.key_changed("gemini")
    await lab.rest(generation)
    await lab.is_completed(generation)


async def test_a13_ten_clicks_with_one_key_are_one_generation(lab: Lab) -> None:
    request = lab.request(idempotency_key="one click")
    made = await asyncio.gather(*(lab.studio.queue.enqueue([request]) for _ in range(10)))
    ids = {generation.id for created in made for generation in created}
    assert len(ids) == 1
    await lab.rest(made[0][0])
    await lab.is_completed(made[0][0])
    await lab.studio.queue.enqueue([request])
    assert len(lab.google.submits) == 1
    assert await lab.studio.wallet.balance() == 990


async def test_a13_one_key_from_two_processes_and_the_window_is_one_generation(lab: Lab) -> None:
    await lab.studio.queue.resume()
    children = [await python("-m", "tests.faults.child", "one click", "8") for _ in range(2)]
    async with asyncio.timeout(WAIT_S):
        for child in children:
            assert child.stdout is not None
            assert await child.stdout.readline() == b"ready\n"
        request = lab.request(idempotency_key="one click")
        here = asyncio.gather(*(lab.studio.queue.enqueue([request]) for _ in range(8)))
        told = await asyncio.gather(*(child.communicate(b"go\n") for child in children))
        made = [generation for created in await here for generation in created]
    assert [child.returncode for child in children] == [0, 0], told
    ids = {generation.id for generation in made} | {n for out, _ in told for n in json.loads(out)}
    assert len(ids) == 1
    await lab.rest(made[0])
    await lab.is_completed(made[0])
    assert len(lab.google.submits) == 1
    assert await lab.studio.wallet.balance() == 990


async def test_a14_a_paid_request_never_takes_a_connection_that_was_used(lab: Lab) -> None:
    await lab.google.stop()
    lab.google.keeps_alive = True
    await lab.google.start()
    made = [await lab.make() for _ in range(4)]
    for generation in made:
        await lab.is_completed(generation)
    submits = [asked.received.connection for asked in lab.google.submits]
    others = {asked.received.connection for asked in [*lab.google.polls, *lab.google.downloads]}
    assert len(set(submits)) == 4
    assert not set(submits) & others
    # and what costs nothing does take them
    assert len(others) < 8


async def test_a15_cancelled_while_it_waits_it_is_refunded_and_never_sent(lab: Lab) -> None:
    await lab.studio.queue.pause("gemini")
    (generation,) = await lab.enqueue()
    cancelled = await lab.studio.queue.cancel(generation.id)
    assert (cancelled.state, cancelled.charge) == (S.CANCELLED, Charge.NOT_CHARGED)
    await lab.studio.queue.unpause("gemini")
    again = await lab.studio.queue.cancel(generation.id)
    assert again.state is S.CANCELLED
    assert await lab.kinds(generation) == ["charge", "refund"]
    assert lab.google.submits == []


async def test_a15_cancelled_while_it_is_sent_the_answer_is_still_stored(lab: Lab) -> None:
    asked, goes_on = asyncio.Event(), asyncio.Event()

    async def wait(call: Call) -> None:
        asked.set()
        await goes_on.wait()
        await google.accept(call)

    lab.google.submit_steps.append(wait)
    lab.google.poll_default = google.run_on
    (generation,) = await lab.enqueue()
    await asked.wait()
    cancelling = asyncio.ensure_future(lab.studio.queue.cancel(generation.id))
    await asyncio.sleep(0.05)
    goes_on.set()
    cancelled = await cancelling
    assert (cancelled.state, cancelled.charge) == (S.CANCELLED, Charge.CHARGED)
    assert cancelled.operation_id == "v1_1"
    assert len(lab.google.cancels) == 1
    assert await lab.kinds(generation) == ["charge"]


async def test_a15_cancelled_while_it_is_made_it_stays_charged_and_is_told_so(lab: Lab) -> None:
    lab.google.poll_default = google.run_on
    (generation,) = await lab.enqueue()
    watched = await lab.reach(generation, S.PROCESSING)
    assert "charged" in lab.studio.queue.cancel_words(watched)
    cancelled = await lab.studio.queue.cancel(generation.id)
    assert (cancelled.state, cancelled.charge) == (S.CANCELLED, Charge.CHARGED)
    polls = len(lab.google.polls)
    # five more polls, if there were any
    await asyncio.sleep(0.1)
    assert len(lab.google.polls) == polls
    assert await lab.kinds(generation) == ["charge"]
    assert lab.parts() == []


async def test_a15_cancelled_too_late_the_clip_arrives(lab: Lab) -> None:
    lab.google.poll_steps.append(google.run_on)
    lab.google.poll_default = google.run_on
    (generation,) = await lab.enqueue()
    await lab.reach(generation, S.PROCESSING)
    lab.google.poll_default = google.done
    lab.google.cancel_default = google.refuse(400, "FAILED_PRECONDITION", "It is done.")
    await lab.studio.queue.cancel(generation.id)
    await lab.rest(generation)
    await lab.is_completed(generation)


async def test_a15_cancelled_while_it_arrives_it_goes_on_arriving(lab: Lab) -> None:
    half = asyncio.Event()

    async def slowly(call: Call) -> None:
        content = lab.google.files.content
        await lab.google.files.head(call.reply, 0)
        await call.reply.body(content[:100_000])
        await half.wait()
        await call.reply.body(content[100_000:])

    lab.google.download_steps.append(slowly)
    (generation,) = await lab.enqueue()
    await lab.until(lambda: any(part.stat().st_size for part in lab.parts()))
    kept = await lab.studio.queue.cancel(generation.id)
    assert kept.state is S.DOWNLOADING
    half.set()
    await lab.rest(generation)
    await lab.is_completed(generation)


async def test_a15_what_is_finished_or_unknown_cannot_be_cancelled(lab: Lab) -> None:
    done = await lab.make()
    assert (await lab.studio.queue.cancel(done.id)).state is S.COMPLETED
    lab.google.submit_steps.append(google.accept_and_reset)
    unknown = await lab.make()
    assert (await lab.studio.queue.cancel(unknown.id)).state is S.UNKNOWN
    with pytest.raises(StorageError):
        await lab.studio.queue.mark_failed(done.id)
    await lab.is_completed(done)
    await lab.is_unknown(unknown)
