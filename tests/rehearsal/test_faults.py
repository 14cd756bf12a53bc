from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from tests.rehearsal.conftest import Client, Finished, Open, submit_body, until, video_of
from veo_studio.core.providers.rehearsal.faults import (
    DOWNLOAD_KINDS,
    FAULT_HELP,
    INTERACTION_KINDS,
    POLL_KINDS,
    SUBMIT_KINDS,
    Fault,
    FaultKind,
    parse_faults,
)


def test_a_specification_is_read() -> None:
    assert parse_faults("429") == [Fault(FaultKind.RATE_LIMIT, 1, None)]
    assert parse_faults("429:7*2") == [Fault(FaultKind.RATE_LIMIT, 2, "7")]
    assert parse_faults("500*3, cut:50%") == [
        Fault(FaultKind.SERVER_ERROR, 3, None),
        Fault(FaultKind.CUT, 1, "50%"),
    ]
    assert parse_faults("never,expired*always") == [
        Fault(FaultKind.NEVER, None, None),
        Fault(FaultKind.EXPIRED, None, None),
    ]
    assert parse_faults("") == []


@pytest.mark.parametrize(
    "spec", ["nonsense", "429:soon", "500*0", "500*x", "cut:half", "slow:0", "never:3", ":", "*"]
)
def test_what_is_not_understood_is_a_sentence(spec: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        parse_faults(spec)


def test_an_unknown_kind_lists_the_kinds() -> None:
    with pytest.raises(ValueError, match="429, 500, 503"):
        parse_faults("nonsense")


def test_every_kind_is_explained_and_belongs_to_a_moment() -> None:
    assert set(FAULT_HELP) == {kind.value for kind in FaultKind}
    moments = [SUBMIT_KINDS, INTERACTION_KINDS, POLL_KINDS, DOWNLOAD_KINDS, {FaultKind.AUTH}]
    assert sum(len(moment) for moment in moments) == len(FaultKind)


@pytest.mark.parametrize(
    ("spec", "code", "status"),
    [
        ("429:7", 429, "RESOURCE_EXHAUSTED"),
        ("quota", 429, "RESOURCE_EXHAUSTED"),
        ("credits", 429, "RESOURCE_EXHAUSTED"),
        ("500", 500, "INTERNAL"),
        ("503", 503, "UNAVAILABLE"),
        ("auth", 401, "UNAUTHENTICATED"),
        ("auth:403*1", 403, "PERMISSION_DENIED"),
        ("auth:400", 400, "INVALID_ARGUMENT"),
    ],
)
async def test_a_refused_submit_accepts_nothing(
    open_engine: Open, spec: str, code: int, status: str
) -> None:
    client = await open_engine(faults=spec)
    answered, answer = await client.submit()
    assert (answered, answer["error"]["code"], answer["error"]["status"]) == (code, code, status)
    assert client.server.accepted_count == 0


async def test_429_says_how_long_to_wait_and_passes(open_engine: Open) -> None:
    client = await open_engine(faults="429:7*2,never")
    for _ in range(2):
        async with client.session.post(
            client.url("/v1/interactions"), json=submit_body()
        ) as answer:
            assert answer.status == 429
            assert answer.headers["Retry-After"] == "7"
            assert (await answer.json())["error"]["details"][0]["retryDelay"] == "7s"
    assert (await client.submit())[0] == 200


async def test_the_quota_says_per_day(open_engine: Open) -> None:
    client = await open_engine(faults="quota")
    _, answer = await client.submit()
    assert "PerDay" in answer["error"]["details"][0]["violations"][0]["quotaId"]


async def test_a_500_may_have_accepted(open_engine: Open) -> None:
    client = await open_engine(faults="500:accepted,never")
    assert (await client.submit(labels={"attempt": "a1"}))[0] == 500
    assert (await client.get("/rehearsal/attempts/a1"))[0] == 200


@pytest.mark.parametrize(("spec", "found"), [("reset,never", 200), ("drop", 404)])
async def test_a_broken_connection_leaves_the_outcome_open(
    open_engine: Open, spec: str, found: int
) -> None:
    client = await open_engine(faults=spec)
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.submit(labels={"attempt": "a1"})
    assert (await client.get("/rehearsal/attempts/a1"))[0] == found


async def test_silence_accepts_and_never_answers(open_engine: Open) -> None:
    client = await open_engine(faults="silent,never")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2.0):
            await client.submit(labels={"attempt": "a1"})
    assert (await client.get("/rehearsal/attempts/a1"))[0] == 200


async def test_an_engine_with_a_silent_request_closes_promptly(open_engine: Open) -> None:
    client = await open_engine(faults="silent,never")
    waiting = asyncio.create_task(client.submit())
    await until(lambda: client.server.accepted_count)
    began = time.monotonic()
    await client.server.close()
    assert time.monotonic() - began < 1
    with pytest.raises(aiohttp.ClientConnectionError):
        await waiting


async def test_garbage_is_a_page_after_accepting(open_engine: Open) -> None:
    client = await open_engine(faults="garbage,never")
    async with client.session.post(client.url("/v1/interactions"), json=submit_body()) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
    assert client.server.accepted_count == 1


async def test_never_stays_in_progress(open_engine: Open) -> None:
    client = await open_engine(faults="never")
    interaction = await client.accepted()
    await asyncio.sleep(0.1)
    assert (await client.poll(interaction))[1]["status"] == "in_progress"


async def test_a_slow_queue_stays_queued(open_engine: Open) -> None:
    client = await open_engine(faults="slow-queue:30")
    interaction = await client.accepted()
    await asyncio.sleep(0.1)
    assert (await client.poll(interaction))[1]["status"] == "queued"


async def test_fail_ends_with_errors(open_engine: Open) -> None:
    client = await open_engine(faults="fail:The model lost its way")
    answer = await client.done(await client.accepted())
    assert answer["status"] == "failed"
    assert answer["errors"] == [{"code": "internal", "message": "The model lost its way"}]


async def test_a_refusal_is_text_without_video(open_engine: Open) -> None:
    client = await open_engine(faults="refuse*1")
    answer = await client.done(await client.accepted())
    assert answer["status"] == "completed"
    assert video_of(answer)["type"] == "text"
    assert answer["usage"]["output_tokens_by_modality"][0]["modality"] == "text"


async def opened(open_engine: Open, finished: Finished, spec: str) -> Client:
    return await open_engine(finished.folder, faults=spec)


async def test_a_poll_may_fail_and_recover(open_engine: Open, finished: Finished) -> None:
    client = await opened(open_engine, finished, "poll-500,poll-429:3,poll-html,poll-reset")
    path = client.url(f"/v1/interactions/{finished.interaction}")
    seen = []
    for _ in range(6):
        try:
            async with client.session.get(path) as answer:
                seen.append((answer.status, answer.content_type))
        except aiohttp.ClientConnectionError:
            seen.append((0, "reset"))
    json = "application/json"
    # aiohttp itself asks once more when a kept connection breaks, so the reset may go unseen
    expected = [(500, json), (500, json), (429, json), (200, "text/html")]
    assert seen[:4] == expected
    assert seen[-1] == (200, json)


async def test_gone_is_404(open_engine: Open, finished: Finished) -> None:
    client = await opened(open_engine, finished, "gone")
    for _ in range(2):
        assert (await client.poll(finished.interaction))[0] == 404


@pytest.mark.parametrize(
    ("spec", "part"), [("cut", None), ("cut:1000", 1000), ("cut:25%", 0.25), ("cut:0", 0)]
)
async def test_a_cut_download_breaks_once_and_resumes(
    open_engine: Open, finished: Finished, spec: str, part: float | None
) -> None:
    client = await opened(open_engine, finished, spec)
    link = await client.link(finished.interaction)
    size = len(finished.content)
    expected = size // 2 if part is None else int(part * size) if part == 0.25 else int(part)
    got = b""
    async with client.session.get(link) as answer:
        assert answer.content_length == size
        etag = answer.headers["ETag"]
        with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ClientConnectionError)):
            async for chunk in answer.content.iter_any():
                got += chunk
    assert got == finished.content[:expected]
    headers = {"Range": f"bytes={len(got)}-", "If-Range": etag}
    async with client.session.get(link, headers=headers) as answer:
        assert answer.status == 206
        got += await answer.read()
    assert got == finished.content


async def test_a_short_body_ends_without_an_error(open_engine: Open, finished: Finished) -> None:
    client = await opened(open_engine, finished, "short")
    link = await client.link(finished.interaction)
    async with client.session.get(link) as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert await answer.read() == finished.content[: len(finished.content) // 2]


async def test_an_expired_link_is_renewed_by_a_poll(open_engine: Open, finished: Finished) -> None:
    client = await opened(open_engine, finished, "expired")
    link = await client.link(finished.interaction)
    for _ in range(2):
        status, answer = await client.get(link)
        assert (status, answer["error"]["status"]) == (403, "PERMISSION_DENIED")
    renewed = await client.link(finished.interaction)
    assert renewed != link
    assert await client.download(renewed) == finished.content


async def test_links_may_expire_forever(open_engine: Open, finished: Finished) -> None:
    client = await opened(open_engine, finished, "expired-forever")
    for _ in range(2):
        assert (await client.get(await client.link(finished.interaction)))[0] == 403


async def test_a_download_may_fail_and_recover(open_engine: Open, finished: Finished) -> None:
    client = await opened(open_engine, finished, "download-500,html")
    link = await client.link(finished.interaction)
    assert (await client.get(link))[0] == 500
    async with client.session.get(link) as answer:
        assert (answer.status, answer.content_type) == (200, "video/mp4")
        assert (await answer.read()).startswith(b"<!doctype html>")
    assert await client.download(link) == finished.content


async def test_a_slow_download_trickles(open_engine: Open, finished: Finished) -> None:
    client = await opened(open_engine, finished, "slow")
    link = await client.link(finished.interaction)
    async with client.session.get(link) as answer:
        await answer.content.readexactly(100)
        began = time.monotonic()
        await answer.content.readexactly(500)
        assert 0.3 < time.monotonic() - began < 2


async def test_a_redirect_shows_whether_the_key_follows(
    open_engine: Open, finished: Finished
) -> None:
    client = await opened(open_engine, finished, "redirect")
    link = await client.link(finished.interaction)
    async with client.session.get(
        link, headers={"x-goog-api-key": "k"}, allow_redirects=False
    ) as answer:
        assert answer.status == 302
        target = answer.headers["Location"]
    assert not target.startswith(client.server.base_url)
    for headers in ({}, {"x-goog-api-key": "k"}):
        async with client.session.get(target, headers=headers) as answer:
            assert await answer.read() == finished.content
    stored = [request for request in client.server.requests if request.origin == "storage"]
    assert [request.has_key for request in stored] == [False, True]
