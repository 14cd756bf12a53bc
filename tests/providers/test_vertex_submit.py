"""The one POST: what is sent, and what an answer to it means."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.providers.servers import vertex
from tests.providers.servers.vertex import LOCATION, PROJECT, Step, connected, refuse
from veo_studio.core.errors import (
    AuthError,
    ContentRefused,
    InsufficientCredits,
    InvalidRequest,
    NotFoundError,
    NotSent,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    QuotaExceeded,
    RateLimited,
)
from veo_studio.core.input_files import InputFiles
from veo_studio.core.models import GenerationRequest, InputRole, MediaInput, VideoConfig
from veo_studio.core.providers.vertex import VertexProvider

STANDARD = "veo-3.1-generate-001"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


def request_of(model: str = STANDARD, **settings: Any) -> GenerationRequest:
    return GenerationRequest("A red kite", "vertex", model, VideoConfig(**settings))


def taken_in(folder: Path, role: InputRole, content: bytes, mime_type: str) -> MediaInput:
    digest = hashlib.sha256(content).hexdigest()
    item = MediaInput(role, digest, mime_type, len(content), "mine.png")
    InputFiles(folder / "inputs").keep(item, content)
    return item


async def test_a_submit_is_one_post_at_the_model(tmp_path: Path) -> None:
    async with connected(tmp_path, bucket="gs://films/clips") as case:
        body = case.provider.build_body(request_of(seed=7, samples=2))
        operation = await case.provider.submit(body, attempt_uuid="a")
    (submit,) = case.vertex.submits
    assert submit.path == (
        f"/v1/projects/{PROJECT}/locations/{LOCATION}/publishers/google/models/{STANDARD}"
        ":predictLongRunning"
    )
    assert submit.json()["parameters"]["storageUri"] == "gs://films/clips/"
    assert operation.operation_id == case.vertex.accepted[0]
    assert (operation.provider, operation.model) == ("vertex", STANDARD)
    assert operation.submitted_at is not None


async def test_pictures_go_with_the_post_and_not_into_the_stored_body(tmp_path: Path) -> None:
    pictures = [b"first" * 50_000, b"last" * 50_000]
    roles = (InputRole.FIRST_FRAME, InputRole.LAST_FRAME)
    inputs = tuple(
        taken_in(tmp_path, role, content, "image/png")
        for role, content in zip(roles, pictures, strict=True)
    )
    async with connected(tmp_path) as case:
        files = InputFiles(tmp_path / "inputs")
        uploads = [await case.provider.upload(item, files.path(item)) for item in inputs]
        body = case.provider.build_body(request_of(inputs=inputs), uploads)
        assert len(json.dumps(body)) < 1000
        await case.provider.submit(body, attempt_uuid="a")
    (instance,) = case.vertex.submits[0].json()["instances"]
    for name, content in zip(("image", "lastFrame"), pictures, strict=True):
        assert base64.b64decode(instance[name]["bytesBase64Encoded"]) == content
        assert instance[name]["mimeType"] == "image/png"


async def test_a_picture_that_is_gone_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    item = taken_in(tmp_path, InputRole.FIRST_FRAME, b"picture", "image/png")
    async with connected(tmp_path) as case:
        path = InputFiles(tmp_path / "inputs").path(item)
        body = case.provider.build_body(
            request_of(inputs=(item,)), [await case.provider.upload(item, path)]
        )
        path.unlink()
        with pytest.raises(InvalidRequest, match="no longer"):
            await case.provider.submit(body, attempt_uuid="a")
    assert case.vertex.requests == []


async def test_what_veo_does_not_take_is_refused_at_the_upload(tmp_path: Path) -> None:
    webp = MediaInput(InputRole.FIRST_FRAME, "a" * 64, "image/webp", 10, "mine.webp")
    large = MediaInput(InputRole.FIRST_FRAME, "a" * 64, "image/png", 20_000_001, "mine.png")
    async with connected(tmp_path) as case:
        with pytest.raises(InvalidRequest, match="PNG and JPEG"):
            await case.provider.upload(webp, tmp_path)
        with pytest.raises(InvalidRequest, match="20 MB"):
            await case.provider.upload(large, tmp_path)
    assert case.vertex.requests == []


def support(code: str) -> Step:
    return refuse(400, "INVALID_ARGUMENT", f"It cannot be shown. Support codes: {code}")


RETRY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "11s"}
DAILY = {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    "violations": [{"quotaId": "PredictRequestsPerDayPerProject"}],
}
ERRORS: list[tuple[Step, type[ProviderError]]] = [
    (refuse(400, "INVALID_ARGUMENT"), InvalidRequest),
    (refuse(400, "FAILED_PRECONDITION", "Billing is not enabled."), AuthError),
    (support("58061214"), ContentRefused),
    # the sign-in may have ended early: once more with a new one
    (refuse(401, "UNAUTHENTICATED"), ProviderUnavailable),
    (refuse(402, ""), InsufficientCredits),
    (refuse(403, "PERMISSION_DENIED", "The API is not enabled."), AuthError),
    (refuse(404, "NOT_FOUND"), NotFoundError),
    (refuse(429, "RESOURCE_EXHAUSTED"), RateLimited),
    (vertex.answer(vertex.error_of(429, "", "Slowly.", DAILY), 429), QuotaExceeded),
    (refuse(503, "UNAVAILABLE"), ProviderUnavailable),
    (refuse(500, "INTERNAL"), OutcomeUnknown),
    (refuse(502, "UNAVAILABLE"), OutcomeUnknown),
    (refuse(504, "DEADLINE_EXCEEDED"), OutcomeUnknown),
    (refuse(409, "ABORTED"), OutcomeUnknown),
    (vertex.send(b"<html>", "text/html", 503), OutcomeUnknown),
    (vertex.accept_and(vertex.send(b"<html>", "text/html", 502)), OutcomeUnknown),
    (vertex.accept_and(vertex.send(b"<html>", "text/html", 200)), OutcomeUnknown),
    (vertex.accept_and(vertex.send(b'{"name": "proj', "application/json")), OutcomeUnknown),
    (vertex.accept_and(vertex.answer({"name": "operations/7"})), OutcomeUnknown),
    (vertex.accept_and(vertex.answer({})), OutcomeUnknown),
    (vertex.accept_and(vertex.reset), OutcomeUnknown),
]


@pytest.mark.parametrize("number", range(len(ERRORS)))
async def test_what_an_answer_means_and_that_it_is_asked_for_once(
    tmp_path: Path, number: int
) -> None:
    step, expected = ERRORS[number]
    async with connected(tmp_path) as case:
        case.vertex.submit_steps.append(step)
        with pytest.raises(ProviderError) as caught:
            await case.provider.submit(case.provider.build_body(request_of()), attempt_uuid="a")
    assert type(caught.value) is expected, caught.value
    assert caught.value.provider == "vertex"
    assert len(case.vertex.submits) == 1


async def test_429_says_when_to_come_back(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        told = vertex.error_of(429, "RESOURCE_EXHAUSTED", "Slowly.", RETRY)
        case.vertex.submit_steps.append(vertex.answer(told, 429))
        with pytest.raises(RateLimited) as caught:
            await case.provider.submit(case.provider.build_body(request_of()), attempt_uuid="a")
    assert caught.value.retry_after_s == 11


async def test_a_retired_model_is_told_with_an_alternative(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        body = case.provider.build_body(request_of()) | {"model": "veo-2.0-generate-001"}
        with pytest.raises(NotFoundError, match=r"does not offer .* Use Omni 1\.2 Flash"):
            await case.provider.submit(body, attempt_uuid="a")
        case.vertex.submit_steps.append(refuse(404, "NOT_FOUND", "It is no longer available."))
        with pytest.raises(NotFoundError, match=r"Veo 3\.1 at us-central1 \(any more\)"):
            await case.provider.submit(case.provider.build_body(request_of()), attempt_uuid="b")
        elsewhere = case.another(location="us-east5")
        case.vertex.location = "us-east5"
        case.vertex.submit_steps.append(refuse(404, "NOT_FOUND", "Not here."))
        with pytest.raises(NotFoundError, match="or try the location us-central1"):
            await elsewhere.submit(elsewhere.build_body(request_of()), attempt_uuid="c")


@pytest.mark.parametrize("model", ["", "../x", "a/b", "a:b", "a?b"])
async def test_a_model_that_could_lead_elsewhere_is_not_asked(tmp_path: Path, model: str) -> None:
    async with connected(tmp_path) as case:
        with pytest.raises(InvalidRequest):
            await case.provider.submit({"model": model, "instances": []}, attempt_uuid="a")
    assert case.vertex.requests == []


async def test_a_refused_connection_has_sent_nothing(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        await case.provider.credentials()
        body = case.provider.build_body(request_of())
        await case.vertex.stop()
        with pytest.raises(NotSent):
            await case.provider.submit(body, attempt_uuid="a")


@pytest.mark.parametrize(
    "options",
    [
        {"project": "../other"},
        {"project": "A B"},
        {"location": "evil.com/"},
        {"location": "us central1"},
        {"bucket": "films"},
        {"bucket": "gs://Films"},
        {"bucket": "https://example.com"},
        {"storage_url": "http://example.com"},
        {"storage_url": "example.com"},
    ],
)
async def test_settings_that_cannot_be_right_are_named(
    tmp_path: Path, options: dict[str, str]
) -> None:
    async with connected(tmp_path) as case:
        with pytest.raises(InvalidRequest, match="cannot be used"):
            case.another(**options)


async def test_each_location_has_a_host_of_its_own_unless_one_is_configured(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        tools = case.provider.tools
        usual = case.another(location="europe-west4")
        assert usual._base("europe-west4") == f"{case.vertex.url}/v1"
        connection = replace(tools.connection, base_url=tools.info.base_url)
        real = VertexProvider(replace(tools, connection=connection))
        assert real._base("europe-west4") == "https://europe-west4-aiplatform.googleapis.com/v1"
        assert real._base("global") == "https://aiplatform.googleapis.com/v1"
