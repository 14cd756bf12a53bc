"""Pictures and clips at Google: what is uploaded, what is not, and what a submit says of them (4.2, 4.6)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.tools import adapter_tools
from tests.providers.conformance.recorder import Recorder, Reply
from tests.providers.gemini_service import (
    FILE_URI,
    FRAMES,
    KEY,
    REFERENCES,
    Service,
    clip,
    edit,
    extend,
    file_of,
    finished,
    interaction,
    ours,
    picture,
    request_of,
)
from veo_studio.core.errors import (
    AuthError,
    InvalidRequest,
    NotFoundError,
    ProtocolError,
    ProviderUnavailable,
    RateLimited,
)
from veo_studio.core.models import (
    Done,
    ErrorKind,
    InputRole,
    Operation,
    Refused,
    Task,
    VideoConfig,
)
from veo_studio.core.providers.gemini import GeminiProvider
from veo_studio.core.providers.gemini_wire import cost_usd
from veo_studio.core.providers.http import HttpGateway

OMNI = "gemini-omni-1.1-flash"
OPERATION = Operation("gemini", "v1_abc", OMNI)
START, FILE = "POST /upload/v1/files", "GET /v1/files/ref1"


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def recorder(service: Service) -> Iterator[Recorder]:
    with Recorder(service) as made:
        service.url = made.url
        yield made


@pytest.fixture
async def provider(recorder: Recorder) -> AsyncIterator[GeminiProvider]:
    gateway = HttpGateway(submit_timeout_s=30)
    made = GeminiProvider(adapter_tools("gemini", gateway, recorder.url, key=KEY))
    made.file_wait_s = 0.001
    yield made
    await gateway.close()


def google(status: int, word: str, message: str = "It failed.") -> Reply:
    return Reply({"error": {"code": status, "status": word, "message": message}}, status)


# uploads


async def test_a_picture_is_sent_whole_and_its_address_is_used(
    provider: GeminiProvider, recorder: Recorder, service: Service, tmp_path: Path
) -> None:
    service.file_states = ["PROCESSING", "PROCESSING", "PROCESSING", "ACTIVE"]
    uri = await provider.upload(picture(), file_of(tmp_path, b"PNGPNG"))
    assert uri == FILE_URI
    start, sent, *looks = recorder.take()
    assert start.body == {"file": {"mime_type": "image/png", "size_bytes": 6}}
    assert (sent.raw, sent.headers["x-goog-upload-command"]) == (b"PNGPNG", "upload, finalize")
    assert [look.path for look in looks] == ["/v1/files/ref1"] * 3
    # the link is the permission, and the user's name for the file stays here
    assert "x-goog-api-key" not in sent.headers
    assert not any(b"my cat" in told.raw + str(told.headers).encode() for told in (start, sent))


async def test_a_file_that_google_cannot_use_is_named(
    provider: GeminiProvider, service: Service, tmp_path: Path
) -> None:
    service.file_states = ["PROCESSING", "FAILED"]
    with pytest.raises(InvalidRequest, match=r"my cat\.png"):
        await provider.upload(picture(), file_of(tmp_path, b"PNGPNG"))


async def test_a_file_that_never_gets_ready_is_given_up(
    provider: GeminiProvider, recorder: Recorder, service: Service, tmp_path: Path
) -> None:
    service.file_states = ["PROCESSING"]
    with pytest.raises(ProviderUnavailable, match="still prepares"):
        await provider.upload(picture(), file_of(tmp_path, b"PNGPNG"))
    assert len(recorder.take()) <= 70


@pytest.mark.parametrize(
    ("status", "word", "raised"),
    [
        (400, "INVALID_ARGUMENT", InvalidRequest),
        (413, "", InvalidRequest),
        (415, "", InvalidRequest),
        (401, "UNAUTHENTICATED", AuthError),
        (403, "PERMISSION_DENIED", AuthError),
        (429, "RESOURCE_EXHAUSTED", RateLimited),
        (500, "INTERNAL", ProviderUnavailable),
        (503, "UNAVAILABLE", ProviderUnavailable),
    ],
)
async def test_an_error_of_an_upload_is_sorted(
    provider: GeminiProvider,
    service: Service,
    tmp_path: Path,
    status: int,
    word: str,
    raised: type[Exception],
) -> None:
    service.answers[START] = google(status, word)
    with pytest.raises(raised) as caught:
        await provider.upload(picture(), file_of(tmp_path, b"PNGPNG"))
    assert type(caught.value) is raised
    assert getattr(caught.value, "provider", "") == "gemini"


@pytest.mark.parametrize(
    "link",
    ["", "file:///etc/passwd", "http://example.com/up", "https://10.0.0.7/up", "https://u@x.org/"],
)
async def test_f11_a_file_goes_to_no_address_that_is_not_opened(
    provider: GeminiProvider, recorder: Recorder, service: Service, tmp_path: Path, link: str
) -> None:
    service.answers[START] = Reply({}, headers={"X-Goog-Upload-URL": link} if link else {})
    with pytest.raises(ProtocolError):
        await provider.upload(picture(), file_of(tmp_path, b"PNGPNG"))
    assert len(recorder.take()) == 1


@pytest.mark.parametrize(
    "file",
    [
        {},
        {"name": "files/../models", "uri": FILE_URI, "state": "ACTIVE"},
        {"name": "other/ref1", "uri": FILE_URI, "state": "ACTIVE"},
        {"name": "files/ref1", "uri": 7, "state": "ACTIVE"},
        {"name": "files/ref1", "uri": f"https://x.example/?key={KEY}", "state": "ACTIVE"},
        {"name": "files/ref1", "uri": "https://x.example/" + "a" * 3000, "state": "ACTIVE"},
        {"name": "files/ref1", "uri": "file:///etc/passwd", "state": "ACTIVE"},
    ],
)
async def test_a11_a_file_with_an_unusable_name_or_address_is_not_used(
    provider: GeminiProvider, service: Service, tmp_path: Path, file: Any
) -> None:
    service.file_states = ["PROCESSING"]
    service.answers[FILE] = Reply(file)
    with pytest.raises(ProtocolError):
        await provider.upload(picture(), file_of(tmp_path, b"PNGPNG"))


async def test_a_clip_that_google_made_and_still_has_is_not_sent_again(
    provider: GeminiProvider, recorder: Recorder, tmp_path: Path
) -> None:
    marker = await provider.upload(ours(), tmp_path / "not read")
    assert [(told.method, told.path) for told in recorder.take()] == [
        ("GET", "/v1/interactions/v1_old")
    ]
    body = provider.build_body(edit(ours()), [marker])
    assert body["previous_interaction_id"] == "v1_old"
    assert body["input"] == "Make it night"


@pytest.mark.parametrize(
    "said",
    [
        google(404, "NOT_FOUND"),
        google(403, "PERMISSION_DENIED"),
        google(400, "INVALID_ARGUMENT", "Invalid interaction name"),
        Reply(interaction("failed")),
    ],
)
async def test_a_clip_that_google_has_no_longer_is_uploaded(
    provider: GeminiProvider, service: Service, tmp_path: Path, said: Reply
) -> None:
    service.answers["GET /v1/interactions/v1_old"] = said
    assert await provider.upload(ours(), file_of(tmp_path, b"MP4")) == FILE_URI


@pytest.mark.parametrize(
    "item",
    [
        clip(),
        clip(operation_id="v1_old", provider="runway"),
        clip(operation_id="../models", provider="gemini"),
        clip(operation_id="v1_old", provider="gemini", role=InputRole.REFERENCE),
    ],
)
async def test_a_foreign_clip_is_uploaded_without_a_question(
    provider: GeminiProvider, recorder: Recorder, tmp_path: Path, item: Any
) -> None:
    assert await provider.upload(item, file_of(tmp_path, b"MP4")) == FILE_URI
    assert recorder.take()[0].path == "/upload/v1/files"


# bodies


async def test_roles_are_named_once_and_parts_come_in_their_order(provider: GeminiProvider) -> None:
    turned = (FRAMES[1], FRAMES[0])
    body = provider.build_body(request_of(inputs=turned), ["https://x/last", "https://x/first"])
    (step,) = body["input"]
    assert [part.get("uri") or part["text"] for part in step["content"]] == [
        "https://x/first",
        "https://x/last",
        "<FIRST_FRAME> <LAST_FRAME> Waves roll in",
    ]
    named = request_of("The cat of <IMAGE_REF_1> meets <IMAGE_REF_0>", inputs=REFERENCES[:2])
    (step,) = provider.build_body(named, [FILE_URI, FILE_URI])["input"]
    assert step["content"][-1]["text"] == named.prompt


async def test_an_edit_leaves_out_what_follows_the_clip(provider: GeminiProvider) -> None:
    body = provider.build_body(edit(clip(), resolution="1080p"), [FILE_URI])
    assert body["response_format"] == {"type": "video", "resolution": "1080p", "delivery": "uri"}
    assert body["generation_config"]["video_config"] == {"task": "edit"}
    assert "previous_interaction_id" not in body
    longer = provider.build_body(extend(clip(), duration_s=5), [FILE_URI])
    assert longer["response_format"]["duration"] == "5s"
    assert longer["generation_config"]["video_config"] == {"task": "extend"}


@pytest.mark.parametrize(
    ("config", "uploads"),
    [
        (VideoConfig(samples=2), 0),
        (VideoConfig(inputs=(clip(),), task=Task.UPSCALE), 1),
        (VideoConfig(inputs=FRAMES), 1),
        (VideoConfig(inputs=(clip(), picture(InputRole.REFERENCE)), task=Task.EDIT), 2),
        (VideoConfig(inputs=(clip(role=InputRole.REFERENCE),)), 1),
        (VideoConfig("9:16", inputs=(clip(),), task=Task.EXTEND), 1),
        (VideoConfig("16:9", inputs=(clip(width_px=720, height_px=1280),), task=Task.EXTEND), 1),
    ],
)
async def test_what_has_no_field_is_refused_and_not_dropped(
    provider: GeminiProvider, config: VideoConfig, uploads: int
) -> None:
    request = request_of()
    with pytest.raises(ValueError):
        provider.build_body(
            type(request)(request.prompt, "gemini", OMNI, config), [FILE_URI] * uploads
        )


# the cost, and what is gone


def used(**counts: Any) -> dict[str, Any]:
    modalities = [{"modality": name, "tokens": count} for name, count in counts.items()]
    return {
        "total_input_tokens": 2000,
        "total_thought_tokens": 100,
        "output_tokens_by_modality": modalities,
    }


async def test_the_cost_is_what_the_counted_tokens_cost(
    provider: GeminiProvider, service: Service
) -> None:
    service.answers["GET /v1/interactions/v1_abc"] = Reply(
        finished(usage=used(video=46336, text=20))
    )
    answer = await provider.poll(OPERATION)
    assert isinstance(answer, Done)
    # 46336 x 17.50 + 120 x 9 + 2000 x 1.50 dollars per million
    assert answer.cost_usd == Decimal("0.814960")


async def test_a_refusal_without_counted_video_has_no_cost(
    provider: GeminiProvider, service: Service
) -> None:
    path = "GET /v1/interactions/v1_abc"
    service.answers[path] = Reply(interaction("completed", steps=[], usage=used(text=20)))
    answer = await provider.poll(OPERATION)
    assert isinstance(answer, Refused)
    assert answer.cost_usd is None
    edited = Operation("gemini", "v1_abc", OMNI, config=edit(clip()).config)
    told = await provider.poll(edited)
    assert isinstance(told, Refused)
    assert told.kind is ErrorKind.CONTENT_FILTERED
    assert "EEA" in told.reason


@pytest.mark.parametrize(
    "usage",
    [None, [], {}, used(video=True), used(video=-1), used(video=10**12), used(video="9")],
)
def test_garbage_is_no_cost(usage: Any) -> None:
    assert cost_usd({"usage": usage}, {"video": Decimal("17.50")}) is None
    assert cost_usd({"usage": used(video=5)}, {}) is None


async def test_a_retired_model_is_said_so_with_another_to_use(
    provider: GeminiProvider, service: Service
) -> None:
    service.answers["POST /v1/interactions"] = google(404, "NOT_FOUND", "It is gone.")
    with pytest.raises(NotFoundError, match=r"gemini-omni-1\.2-flash is no longer .* gone") as gone:
        await provider.submit(provider.build_body(request_of()), attempt_uuid="a-1")
    assert gone.value.action == "Use gemini-omni-1.1-flash instead."
    kept = provider.build_body(edit(ours()), ["interaction:v1_old"])
    with pytest.raises(NotFoundError, match="The clip or the model") as gone:
        await provider.submit(kept, attempt_uuid="a-1")
    assert "the clip's file" in (gone.value.action or "")
