"""Polls and finished files: from a bucket, or from inside the answer by way of a file."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from tests.providers.servers import vertex
from tests.providers.servers.vertex import Case, Step, connected, refuse
from tests.transport.clips import noise_clip, padded
from tests.transport.file_server import FileServer
from tests.transport.raw_server import running
from veo_studio.core import download
from veo_studio.core.errors import (
    AuthError,
    LinkExpired,
    NotFoundError,
    NotSent,
    ProtocolError,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from veo_studio.core.input_files import InputFiles
from veo_studio.core.models import (
    CancelOutcome,
    Done,
    ErrorKind,
    GenerationRequest,
    InputRole,
    MediaInput,
    Operation,
    Refused,
    ResultRef,
    Running,
    VideoConfig,
)
from veo_studio.core.providers.inline_results import SCHEME
from veo_studio.core.providers.vertex import VertexProvider

BUCKET = "gs://films/clips"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


async def submitted(case: Case, samples: int = 1) -> Operation:
    config = VideoConfig(seed=7, samples=samples)
    request = GenerationRequest("A kite", "vertex", "veo-3.1-generate-001", config)
    body = case.provider.build_body(request)
    return await case.provider.submit(body, attempt_uuid="a")


async def done(provider: VertexProvider, operation: Operation) -> ResultRef:
    answer = await provider.poll(operation)
    assert isinstance(answer, Done), answer
    return answer.result


async def fetched(case: Case, provider: VertexProvider, result: ResultRef) -> bytes:
    (case.folder / "outputs").mkdir(exist_ok=True)
    part = case.folder / "outputs" / f".{len(os.listdir(case.folder / 'outputs'))}.part"
    whole = await download.fetch(provider, result, part)
    return whole.path.read_bytes()


def received(case: Case) -> list[Path]:
    folder = case.folder / "inputs" / "received"
    return sorted(folder.iterdir()) if folder.is_dir() else []


# polls


async def test_a_poll_names_the_operation_at_its_own_model(tmp_path: Path) -> None:
    async with connected(tmp_path, bucket=BUCKET) as case:
        operation = await submitted(case)
        # settings may change while it runs
        other = case.another(project="another-project", location="europe-west4")
        assert isinstance(await other.poll(operation), Done)
    (poll,) = case.vertex.polls
    assert poll.json() == {"operationName": operation.operation_id}
    base = operation.operation_id.partition("/operations/")[0]
    assert poll.path == f"/v1/{base}:fetchPredictOperation"


async def test_while_it_runs_and_after(tmp_path: Path) -> None:
    async with connected(tmp_path, bucket=BUCKET) as case:
        operation = await submitted(case)
        case.vertex.poll_steps.extend([vertex.run_on, vertex.failed(8, "High load.")])
        assert isinstance(await case.provider.poll(operation), Running)
        refused = await case.provider.poll(operation)
    assert isinstance(refused, Refused)
    assert refused.kind is ErrorKind.GENERATION_FAILED


POLLS: list[tuple[Step, type[ProviderError]]] = [
    (refuse(400, "INVALID_ARGUMENT"), ProtocolError),
    (refuse(401, "UNAUTHENTICATED"), AuthError),
    (refuse(403, "PERMISSION_DENIED"), AuthError),
    (refuse(404, "NOT_FOUND"), NotFoundError),
    (refuse(429, "RESOURCE_EXHAUSTED", Retry_After="9"), RateLimited),
    (refuse(500, "INTERNAL"), ProviderUnavailable),
    (refuse(503, "UNAVAILABLE"), ProviderUnavailable),
    (vertex.send(b"<html>", "text/html", 502), ProviderUnavailable),
    (vertex.send(b"<html>", "text/html"), ProtocolError),
    (vertex.send(b'{"name": "pro', "application/json"), ProtocolError),
    (vertex.send(b"", "application/json"), ProtocolError),
    (vertex.answer([]), ProtocolError),
    (vertex.answer({"name": "projects/p/locations/l", "done": "x"}), ProtocolError),
    (vertex.reset, ProviderUnavailable),
    (vertex.done_with([{"gcsUri": "https://evil.com/a.mp4"}]), ProtocolError),
    (vertex.done_with([{"bytesBase64Encoded": "no base64!"}]), ProtocolError),
]


@pytest.mark.parametrize("number", range(len(POLLS)))
async def test_an_answer_that_is_no_decision_decides_nothing(tmp_path: Path, number: int) -> None:
    step, expected = POLLS[number]
    async with connected(tmp_path, noise_clip(), bucket=BUCKET) as case:
        operation = await submitted(case)
        case.vertex.poll_steps.append(step)
        with pytest.raises(ProviderError) as caught:
            await case.provider.poll(operation)
        assert type(caught.value) is expected, caught.value
        assert caught.value.provider == "vertex"
        assert isinstance(await case.provider.poll(operation), Done)
    assert received(case) == []


async def test_an_answer_about_another_operation_is_not_believed(tmp_path: Path) -> None:
    async with connected(tmp_path, bucket=BUCKET) as case:
        operation = await submitted(case)
        other = operation.operation_id.replace("op-1", "op-2")
        case.vertex.poll_steps.append(vertex.answer({"name": other, "done": True}))
        with pytest.raises(ProtocolError, match="another operation"):
            await case.provider.poll(operation)


async def test_an_answer_that_names_no_clip_is_bounded(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        operation = await submitted(case)
        case.vertex.poll_steps.append(vertex.answer({"name": "x" * 5_000_000}))
        with pytest.raises(ProtocolError, match="too large"):
            await case.provider.poll(operation)


async def test_cancel_is_honest(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        operation = await submitted(case)
        asked = len(case.vertex.requests)
        assert await case.provider.cancel(operation) is CancelOutcome.UNSUPPORTED
        assert len(case.vertex.requests) == asked
        assert not case.provider.tools.info.can_cancel
        assert "billed" in case.provider.tools.info.cancel_help


async def test_the_connection_is_tested_for_nothing(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        report = await case.provider.check_connection()
        assert "only a paid request tells" in report.proved
        case.vertex.poll_steps.append(refuse(403, "PERMISSION_DENIED", "The API is not enabled."))
        with pytest.raises(AuthError, match="not enabled"):
            await case.provider.check_connection()
        case.vertex.poll_steps.append(vertex.send(b"<html>", "text/html", 404))
        with pytest.raises(NotFoundError):
            await case.provider.check_connection()
    assert case.vertex.submits == []


# from the bucket


async def test_clips_of_a_bucket_are_fetched_with_the_same_token(tmp_path: Path) -> None:
    clip = noise_clip()
    async with connected(tmp_path, clip, bucket=BUCKET) as case:
        result = await done(case.provider, await submitted(case, samples=3))
        assert result.uri == "gs://films/clips/op-1/sample_0.mp4"
        assert [link[-12:] for link in result.more] == ["sample_1.mp4", "sample_2.mp4"]
        for link in (result.uri, *result.more):
            assert await fetched(case, case.provider, ResultRef(link)) == clip
    assert len(case.vertex.downloads) == 3
    assert len(case.vertex.tokens) == 1


async def test_a_bucket_elsewhere_never_sees_the_token(tmp_path: Path) -> None:
    clip = noise_clip()
    async with connected(tmp_path, clip, bucket=BUCKET) as case, running(FileServer(clip)) as other:

        async def elsewhere(call: vertex.Call) -> None:
            head = {"Location": f"{other.url}/a.mp4", "Content-Length": "0"}
            await call.reply.head(302, head)

        result = await done(case.provider, await submitted(case))
        case.vertex.download_steps.append(elsewhere)
        assert await fetched(case, case.provider, result) == clip
    assert "authorization" not in other.requests[0].headers


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (refuse(401, "UNAUTHENTICATED"), AuthError),
        (refuse(403, "PERMISSION_DENIED", "storage.objects.get is missing."), AuthError),
        (refuse(404, "NOT_FOUND"), LinkExpired),
        (refuse(429, "RESOURCE_EXHAUSTED"), RateLimited),
        (refuse(503, "UNAVAILABLE"), ProviderUnavailable),
    ],
)
async def test_what_a_bucket_says(tmp_path: Path, step: Step, expected: type[Exception]) -> None:
    async with connected(tmp_path, noise_clip(), bucket=BUCKET) as case:
        result = await done(case.provider, await submitted(case))
        case.vertex.download_steps.append(step)
        with pytest.raises(expected):
            async with case.provider.open_result(result, 0, None):
                pass


# from inside the answer


async def test_clips_inside_the_answer_arrive_whole(tmp_path: Path) -> None:
    clip = noise_clip()
    async with connected(tmp_path, clip) as case:
        result = await done(case.provider, await submitted(case, samples=2))
        assert result.uri.startswith(SCHEME)
        assert len(result.uri) < 200
        for link in (result.uri, *result.more):
            assert await fetched(case, case.provider, ResultRef(link)) == clip
    assert case.vertex.downloads == []


async def test_a_restart_between_answer_and_file_asks_nobody(tmp_path: Path) -> None:
    clip = noise_clip()
    async with connected(tmp_path, clip) as case:
        operation = await submitted(case)
        result = await done(case.provider, operation)
        # Google keeps an operation for a time that it does not tell
        case.vertex.accepted.clear()
        later = case.another()
        assert await done(later, operation) == result
        assert await fetched(case, later, result) == clip
    assert len(case.vertex.polls) == 1


async def test_a_received_clip_that_is_lost_is_asked_for_again(tmp_path: Path) -> None:
    clip = noise_clip()
    async with connected(tmp_path, clip) as case:
        operation = await submitted(case)
        result = await done(case.provider, operation)
        for path in received(case):
            if path.suffix == ".mp4":
                path.unlink()
        with pytest.raises(LinkExpired):
            await fetched(case, case.provider, result)
        assert await done(case.provider, operation) == result
        assert await fetched(case, case.provider, result) == clip
    assert len(case.vertex.polls) == 2


async def test_a_download_goes_on_where_it_broke_off(tmp_path: Path) -> None:
    clip = noise_clip()
    async with connected(tmp_path, clip) as case:
        result = await done(case.provider, await submitted(case))
        async with case.provider.open_result(result, 0, None) as body:
            assert (body.status, body.offset, body.total_bytes) == (200, 0, len(clip))
            assert body.digests == {"sha256": hashlib.sha256(clip).digest()}
        async with case.provider.open_result(result, 1000, body.validator) as rest:
            assert (rest.status, rest.offset) == (206, 1000)
            assert b"".join([chunk async for chunk in rest.chunks]) == clip[1000:]
        async with case.provider.open_result(result, 1000, '"another"') as whole:
            assert (whole.status, whole.offset) == (200, 0)


@pytest.mark.parametrize("name", ["../../secrets.json", "a.mp4", "", "/etc/passwd"])
async def test_a_stored_link_leads_out_of_no_folder(tmp_path: Path, name: str) -> None:
    async with connected(tmp_path) as case:
        with pytest.raises(LinkExpired):
            async with case.provider.open_result(ResultRef(SCHEME + name), 0, None):
                pass


async def test_an_answer_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    clip = noise_clip()
    async with connected(tmp_path, clip) as case:
        operation = await submitted(case)

        async def half(call: vertex.Call) -> None:
            head = b'{"name": "' + call.name.encode() + b'", "done": true, "response": {"videos": ['
            body = head + b'{"bytesBase64Encoded": "' + base64.b64encode(clip)
            length = {"Content-Length": str(len(body) + 9), "Content-Type": "application/json"}
            await call.reply.head(200, length)
            await call.reply.body(body[: len(body) // 2])
            await call.reply.reset()

        case.vertex.poll_steps.append(half)
        with pytest.raises(ProviderUnavailable):
            await case.provider.poll(operation)
        assert received(case) == []
        result = await done(case.provider, operation)
        assert await fetched(case, case.provider, result) == clip


async def test_a_folder_that_takes_nothing_decides_nothing(tmp_path: Path) -> None:
    clip = noise_clip()
    async with connected(tmp_path, clip) as case:
        operation = await submitted(case)
        (tmp_path / "inputs").mkdir()
        (tmp_path / "inputs" / "received").write_text("in the way")
        with pytest.raises(ProviderUnavailable, match="cannot be kept"):
            await case.provider.poll(operation)
        (tmp_path / "inputs" / "received").unlink()
        assert await fetched(case, case.provider, await done(case.provider, operation)) == clip


async def test_what_was_fetched_is_removed_and_what_was_not_is_kept(tmp_path: Path) -> None:
    async with connected(tmp_path, noise_clip()) as case:
        result = await done(case.provider, await submitted(case))
        inline = case.provider._inline
        await asyncio.to_thread(inline.sweep, time.time() + 24 * 3600)
        assert len(received(case)) == 2
        await fetched(case, case.provider, result)
        await asyncio.to_thread(inline.sweep, time.time() + 1800)
        assert len(received(case)) == 2
        await asyncio.to_thread(inline.sweep, time.time() + 3700)
        assert [path.suffix for path in received(case)] == [".json"]
        await asyncio.to_thread(inline.sweep, time.time() + 15 * 24 * 3600)
        assert received(case) == []


async def test_a_clip_of_60_mb_is_never_in_memory(tmp_path: Path) -> None:
    clip = padded(noise_clip(), 60_000_000)
    async with connected(tmp_path, clip) as case:
        operation = await submitted(case)
        encoded = base64.b64encode(clip)
        head = b'{"name": "' + operation.operation_id.encode() + b'", "done": true, "response": {'
        body = head + b'"videos": [{"bytesBase64Encoded": "' + encoded + b'"}]}}'

        async def stream(call: vertex.Call) -> None:
            length = {"Content-Length": str(len(body)), "Content-Type": "application/json"}
            await call.reply.head(200, length)
            for at in range(0, len(body), 65536):
                await call.reply.body(body[at : at + 65536])

        case.vertex.poll_steps.append(stream)
        tracemalloc.start()
        try:
            result = await done(case.provider, operation)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 20_000_000
        (file,) = [path for path in received(case) if path.suffix == ".mp4"]
        assert file.stat().st_size == len(clip)
        assert file.stat().st_mode & 0o077 == 0
        assert result.uri == SCHEME + file.name


# a clip that is extended


def clip_of(case: Case, operation: Operation, content: bytes, **fields: Any) -> MediaInput:
    digest = hashlib.sha256(content).hexdigest()
    item = MediaInput(
        InputRole.SOURCE, digest, "video/mp4", len(content), "mine.mp4",
        operation_id=operation.operation_id, provider="vertex",
    )  # fmt: skip
    InputFiles(case.folder / "inputs").keep(item, content)
    return item


async def send_with_digest(call: vertex.Call) -> None:
    content = call.vertex.files.content
    digest = base64.b64encode(hashlib.md5(content).digest()).decode()
    await call.vertex.files.head(call.reply, 0, X_Goog_Hash=f"crc32c=AAAAAA==,md5={digest}")
    await call.reply.body(content)


@pytest.mark.parametrize("is_cut", [False, True])
async def test_a_clip_that_is_still_in_the_bucket_is_not_sent_again(
    tmp_path: Path, is_cut: bool
) -> None:
    clip = noise_clip()
    async with connected(tmp_path, clip, bucket=BUCKET) as case:
        operation = await submitted(case)
        case.vertex.download_steps.append(send_with_digest)
        mine = b"x" + clip[1:] if is_cut else clip
        item = clip_of(case, operation, mine)
        path = InputFiles(tmp_path / "inputs").path(item)
        upload = await case.provider.upload(item, path)
    expected = f"sha256:{item.sha256}" if is_cut else "gs://films/clips/op-1/sample_0.mp4"
    assert upload == expected


async def test_a_clip_whose_operation_is_gone_is_sent(tmp_path: Path) -> None:
    async with connected(tmp_path, bucket=BUCKET) as case:
        operation = await submitted(case)
        case.vertex.accepted.clear()
        item = clip_of(case, operation, b"clip")
        path = InputFiles(tmp_path / "inputs").path(item)
        assert await case.provider.upload(item, path) == f"sha256:{item.sha256}"


async def test_a_poll_that_cannot_reach_google(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        operation = await submitted(case)
        await case.vertex.stop()
        with pytest.raises(NotSent):
            await case.provider.poll(operation)
