"""Polls and finished files: from a bucket, or from inside the answer by way of a file."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.providers.servers import vertex
from tests.providers.servers.vertex import Case, Step, connected, refuse
from tests.providers.vertex_cases import done, fetched, received, submitted
from tests.transport.clips import noise_clip
from tests.transport.file_server import FileServer
from tests.transport.raw_server import running
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
    InputRole,
    MediaInput,
    Operation,
    Refused,
    ResultRef,
    Running,
    VideoConfig,
)

BUCKET = "gs://films/clips"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


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


async def test_what_was_kept_back_is_not_paid_for(tmp_path: Path) -> None:
    async with connected(tmp_path, noise_clip()) as case:
        config = VideoConfig(seed=7, samples=4)
        operation = replace(await submitted(case, samples=4), config=config)
        content = base64.b64encode(noise_clip()).decode()
        step = vertex.done_with([{"bytesBase64Encoded": content}], raiMediaFilteredCount=3)
        case.vertex.poll_steps.append(step)
        model = case.provider.tools.model(operation.model)
        assert model is not None
        price = model.prices.estimate(config)
        assert price is not None
        for _ in range(2):  # the second time from what was received
            answer = await case.provider.poll(operation)
            assert isinstance(answer, Done)
            assert answer.cost_usd == price / 4
            assert "3 of 4" in answer.note
        unknown = await case.provider.poll(replace(operation, config=None))
        assert isinstance(unknown, Done)
        assert unknown.cost_usd is None


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
        # also with another token
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
        case.vertex.download_steps.extend([step, step])
        with pytest.raises(expected):
            async with case.provider.open_result(result, 0, None):
                pass


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
