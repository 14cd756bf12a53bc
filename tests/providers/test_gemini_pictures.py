"""Google's pictures through the adapter: by link or inside the answer, paid once, received once."""

from __future__ import annotations

import base64
import json
import tracemalloc
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.tools import adapter_tools
from tests.providers.gemini_service import REFERENCES, picture, picture_of
from tests.transport.pictures import noise_picture
from tests.transport.raw_server import Received, Reply, running
from veo_studio.core.errors import (
    ContentRefused,
    LinkExpired,
    NotFoundError,
    OutcomeUnknown,
    ProtocolError,
    ProviderUnavailable,
)
from veo_studio.core.models import (
    CancelledByProvider,
    CancelOutcome,
    Done,
    ErrorKind,
    InputRole,
    Operation,
    Refused,
    ResultRef,
    Running,
    Task,
)
from veo_studio.core.providers import gemini
from veo_studio.core.providers.gemini import GeminiProvider
from veo_studio.core.providers.http import HttpGateway

MODEL = "gemini-3.1-flash-image"
NAME = "v1_picture"
USAGE = {
    "total_input_tokens": 100,
    "total_thought_tokens": 10,
    "output_tokens_by_modality": [{"modality": "image", "tokens": 1120}],
}
Step = Callable[[Reply], Awaitable[None]]


def inline(content: bytes, mime_type: object = "image/png") -> dict[str, Any]:
    return {
        "type": "image",
        "mime_type": mime_type,
        "data": base64.b64encode(content).decode(),
    }


def completed(*parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    steps = [{"type": "thought"}, {"type": "model_output", "content": list(parts)}]
    return {"id": NAME, "status": "completed", "steps": steps, "usage": USAGE, **fields}


def says(value: Any, status: int = 200) -> Step:
    async def step(reply: Reply) -> None:
        await reply.json(value, status)

    return step


@dataclass
class Google:
    """Answers submits, polls and cancels from their lists; the last answer of each stays."""

    submits: deque[Step] = field(default_factory=deque)
    polls: deque[Step] = field(default_factory=deque)
    cancels: deque[Step] = field(default_factory=deque)
    asked: list[str] = field(default_factory=list)
    file: bytes = b""

    async def __call__(self, received: Received, reply: Reply) -> None:
        self.asked.append(f"{received.method} {received.path}")
        if received.path.endswith("alt=media"):
            await reply.head(200, {"Content-Length": str(len(self.file))})
            await reply.body(self.file)
            return
        steps = self.polls
        if received.method == "POST":
            steps = self.cancels if received.path.endswith("/cancel") else self.submits
        await (steps.popleft() if len(steps) > 1 else steps[0])(reply)

    @property
    def poll_count(self) -> int:
        return self.asked.count(f"GET /v1/interactions/{NAME}")


@dataclass
class Case:
    google: Google
    url: str
    gateway: HttpGateway
    folder: Path

    def provider(self) -> GeminiProvider:
        """Another one knows nothing but the folder, as after a restart."""
        tools = adapter_tools("gemini", self.gateway, self.url, files=self.folder)
        return GeminiProvider(tools)

    @property
    def received(self) -> list[Path]:
        place = self.folder / "received"
        return sorted(place.iterdir()) if place.is_dir() else []


@asynccontextmanager
async def connected(folder: Path) -> AsyncIterator[Case]:
    google = Google(deque([says({"id": NAME, "status": "queued"})]))
    gateway = HttpGateway(submit_timeout_s=60, connect_timeout_s=30, stall_timeout_s=60)
    async with running(google) as server:
        yield Case(google, server.url, gateway, folder / "inputs")
    await gateway.close()


async def submitted(provider: GeminiProvider) -> Operation:
    return await provider.submit(provider.build_body(picture_of()), attempt_uuid="a-1")


OPERATION = Operation("gemini", NAME, MODEL)


async def fetched(provider: GeminiProvider, result: ResultRef) -> bytes:
    async with provider.open_result(result, 0, None) as body:
        return b"".join([chunk async for chunk in body.chunks])


async def done(provider: GeminiProvider) -> Done:
    told = await provider.poll(OPERATION)
    assert isinstance(told, Done), told
    return told


# what is asked for


def test_what_no_picture_has_is_refused() -> None:
    provider = GeminiProvider(adapter_tools("gemini", HttpGateway(), "https://example.com"))
    for settings, words in (
        ({"negative_prompt": "rain"}, "no negative prompt"),
        ({"enable_audio": True}, "has no sound"),
        ({"samples": 2}, "one picture per request"),
        ({"inputs": (picture(),)}, "from words and reference pictures"),
        ({"task": Task.EDIT}, "from words and reference pictures"),
    ):
        with pytest.raises(ValueError, match=words):
            provider.build_body(picture_of(**settings), ["https://x.example/files/a"])
    with pytest.raises(ValueError, match="are not at the provider"):
        provider.build_body(picture_of(inputs=REFERENCES))
    item = picture(InputRole.REFERENCE)
    body = provider.build_body(picture_of(inputs=(item,)), ["https://x.example/files/a"])
    assert "IMAGE_REF" not in json.dumps(body)


# by link


async def test_a_picture_by_link_is_fetched_and_priced_by_its_tokens(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        provider = case.provider()
        case.google.file = noise_picture()
        link = f"{case.url}/v1beta/files/xyz:download?alt=media"
        part = {"type": "image", "mime_type": "image/jpeg", "uri": link}
        case.google.polls += [
            says({"id": NAME, "status": "in_progress"}),
            says(completed({"type": "text", "text": "Here you are."}, part)),
        ]
        operation = await submitted(provider)
        assert (operation.operation_id, operation.model) == (NAME, MODEL)
        assert isinstance(await provider.poll(operation), Running)
        told = await done(provider)
        assert told.result == ResultRef(link, "image/jpeg")
        # 100 tokens at $0.50, 10 at $3 and 1120 at $60 a million
        assert told.cost_usd == Decimal("0.067280")
        assert await fetched(provider, told.result) == noise_picture()
        assert case.received == []


@pytest.mark.parametrize("mime_type", [None, 7, "text/html", "video/mp4", "image/png\n", "image"])
async def test_an_image_is_called_one_whatever_it_says(tmp_path: Path, mime_type: object) -> None:
    async with connected(tmp_path) as case:
        part = {"type": "image", "mime_type": mime_type, "uri": f"{case.url}/files/x"}
        case.google.polls.append(says(completed(part)))
        assert (await done(case.provider())).result.mime_type == "image/png"


# inside the answer


@pytest.mark.parametrize("extension", ["png", "jpg", "webp"])
async def test_a_picture_inside_the_answer_goes_to_a_file(tmp_path: Path, extension: str) -> None:
    content = noise_picture(extension)
    async with connected(tmp_path) as case:
        provider = case.provider()
        case.google.polls.append(says(completed(inline(content))))
        told = await done(provider)
        assert told.result.uri.endswith(f".{extension}")
        assert len(told.result.uri) < 200
        assert await fetched(provider, told.result) == content
        async with provider.open_result(told.result, 0, None) as body:
            kind = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}[extension]
            assert body.content_type == kind
            validator = body.validator
        async with provider.open_result(told.result, 100, validator) as rest:
            assert (rest.status, rest.offset) == (206, 100)


async def test_a_finished_picture_is_received_once(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        case.google.polls.append(says(completed(inline(noise_picture()))))
        provider = case.provider()
        first = await done(provider)
        assert await done(provider) == first
        # a restart between the answer and the file
        later = case.provider()
        assert await done(later) == first
        assert await fetched(later, first.result) == noise_picture()
        assert case.google.poll_count == 1


async def test_a_received_picture_that_is_lost_is_asked_for_again(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        case.google.polls.append(says(completed(inline(noise_picture()))))
        provider = case.provider()
        first = await done(provider)
        for path in case.received:
            if path.suffix == ".png":
                path.unlink()
        with pytest.raises(LinkExpired):
            await fetched(provider, first.result)
        assert await done(provider) == first
        assert await fetched(provider, first.result) == noise_picture()
        assert case.google.poll_count == 2


async def test_a_link_comes_before_what_is_inside(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        part = {**inline(b"thumbnail"), "uri": f"{case.url}/files/x"}
        case.google.polls.append(says(completed(part)))
        assert (await done(case.provider())).result.uri == part["uri"]


async def test_a_link_into_our_own_folder_is_none(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        part = {"type": "image", "uri": f"inline:{'a' * 24}-0-{'b' * 64}.png"}
        case.google.polls.append(says(completed(part)))
        with pytest.raises(ProtocolError):
            await case.provider().poll(OPERATION)


async def test_a_large_picture_never_lies_in_memory(tmp_path: Path) -> None:
    content = noise_picture() * 150
    assert len(content) > 20_000_000
    head, _, tail = json.dumps(completed(inline(b"CONTENT"))).partition(inline(b"CONTENT")["data"])
    encoded = base64.b64encode(content)

    async def large(reply: Reply) -> None:
        length = len(head) + len(encoded) + len(tail)
        await reply.head(200, {"Content-Type": "application/json", "Content-Length": str(length)})
        await reply.body(head.encode())
        for at in range(0, len(encoded), 1 << 18):
            await reply.body(encoded[at : at + (1 << 18)])
        await reply.body(tail.encode())

    async with connected(tmp_path) as case:
        case.google.polls.append(large)
        tracemalloc.start()
        try:
            told = await done(case.provider())
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 12_000_000
        (path,) = [path for path in case.received if path.suffix == ".png"]
        assert (told.result.uri.endswith(path.name), path.read_bytes()) == (True, content)


async def test_more_than_any_picture_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gemini, "_MAX_PICTURE_BYTES", 10_000)
    async with connected(tmp_path) as case:
        case.google.polls.append(says(completed(inline(noise_picture()))))
        with pytest.raises(ProtocolError, match="far too large"):
            await case.provider().poll(OPERATION)
        assert case.received == []


@pytest.mark.parametrize("text", ["no base64!", "AAA", "AA==AAAA="])
async def test_damaged_base64_decides_nothing(tmp_path: Path, text: str) -> None:
    async with connected(tmp_path) as case:
        damaged = {**inline(b""), "data": text}
        case.google.polls += [says(completed(damaged)), says(completed(inline(noise_picture())))]
        provider = case.provider()
        with pytest.raises(ProtocolError, match="damaged"):
            await provider.poll(OPERATION)
        assert case.received == []
        assert await fetched(provider, (await done(provider)).result) == noise_picture()


async def test_an_answer_that_breaks_off_within_the_picture_leaves_nothing(tmp_path: Path) -> None:
    whole = json.dumps(completed(inline(noise_picture()))).encode()

    async def half(reply: Reply) -> None:
        await reply.head(
            200, {"Content-Type": "application/json", "Content-Length": str(len(whole))}
        )
        await reply.body(whole[: len(whole) // 2])
        await reply.reset()

    async def clean_cut(reply: Reply) -> None:
        part = whole[: len(whole) // 2]
        await reply.head(
            200, {"Content-Type": "application/json", "Content-Length": str(len(part))}
        )
        await reply.body(part)

    async with connected(tmp_path) as case:
        case.google.polls += [half, clean_cut, says(completed(inline(noise_picture())))]
        provider = case.provider()
        with pytest.raises(ProviderUnavailable):
            await provider.poll(OPERATION)
        with pytest.raises(ProtocolError, match="ended within"):
            await provider.poll(OPERATION)
        assert case.received == []
        assert await fetched(provider, (await done(provider)).result) == noise_picture()


async def test_a_folder_that_takes_nothing_decides_nothing(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        case.google.polls.append(says(completed(inline(noise_picture()))))
        case.folder.mkdir()
        (case.folder / "received").write_text("in the way")
        provider = case.provider()
        with pytest.raises(ProviderUnavailable, match="cannot be kept") as caught:
            await provider.poll(OPERATION)
        assert caught.value.provider == "gemini"
        (case.folder / "received").unlink()
        assert await fetched(provider, (await done(provider)).result) == noise_picture()


# what goes wrong


@pytest.mark.parametrize("is_answered", [True, False])
async def test_a_lost_answer_is_sent_once(tmp_path: Path, is_answered: bool) -> None:
    async def lost(reply: Reply) -> None:
        if is_answered:
            await reply.json({"error": {"code": 500, "status": "INTERNAL", "message": "x"}}, 500)
        else:
            await reply.reset()

    async with connected(tmp_path) as case:
        case.google.submits = deque([lost])
        with pytest.raises(OutcomeUnknown):
            await submitted(case.provider())
        assert case.google.asked == ["POST /v1/interactions"]


async def test_a_submit_that_is_answered_with_the_picture_itself_is_accepted(
    tmp_path: Path,
) -> None:
    """Whether the service always works in the background is not told."""
    content = noise_picture() * 40
    async with connected(tmp_path) as case:
        case.google.submits = deque([says(completed(inline(content)))])
        case.google.polls.append(says(completed(inline(content))))
        provider = case.provider()
        assert (await submitted(provider)).operation_id == NAME
        assert await fetched(provider, (await done(provider)).result) == content


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (completed({"type": "text", "text": "I can't make that."}), "content_filtered", "can't"),
        (completed(usage={}), "content_filtered", "no reason"),
        (completed(), "generation_failed", "without a result"),
        (completed({"type": "image"}), "generation_failed", "without a link"),
        ({"id": NAME, "status": "failed", "errors": [{"code": "internal", "message": "It broke."}]},
         "generation_failed", "It broke."),
        ({"id": NAME, "status": "failed", "errors": [{"code": "SAFETY", "message": "No."}]},
         "content_filtered", "No."),
    ],
)  # fmt: skip
async def test_a_refusal_looks_as_that_of_a_clip(
    tmp_path: Path, answer: dict[str, Any], kind: str, words: str
) -> None:
    async with connected(tmp_path) as case:
        case.google.polls.append(says(answer))
        told = await case.provider().poll(OPERATION)
        assert isinstance(told, Refused)
        assert told.kind is ErrorKind(kind)
        assert words in told.reason
        assert "video" not in told.reason


async def test_words_that_are_blocked_are_refused_before_they_are_paid(tmp_path: Path) -> None:
    error = {"error": {"code": 400, "status": "PROHIBITED_CONTENT", "message": "Blocked."}}
    async with connected(tmp_path) as case:
        case.google.submits = deque([says(error, 400)])
        with pytest.raises(ContentRefused):
            await submitted(case.provider())


async def test_a_picture_model_that_is_gone_leads_to_another_one(tmp_path: Path) -> None:
    error = {"error": {"code": 404, "status": "NOT_FOUND", "message": "No such model."}}
    async with connected(tmp_path) as case:
        case.google.submits = deque([says(error, 404)])
        with pytest.raises(NotFoundError) as caught:
            await submitted(case.provider())
        assert caught.value.action == "Use gemini-3-pro-image instead."


async def test_a_poll_that_fails_says_nothing_about_the_picture(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        error = {"error": {"code": 503, "status": "UNAVAILABLE", "message": "Overloaded."}}
        case.google.polls += [
            says(error, 503), says([], 200), says(completed(id="v1_other")),
            says(completed(inline(noise_picture()))),
        ]  # fmt: skip
        provider = case.provider()
        for raised in (ProviderUnavailable, ProtocolError, ProtocolError):
            with pytest.raises(raised):
                await provider.poll(OPERATION)
        await done(provider)


async def test_a_picture_is_cancelled(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        case.google.cancels += [
            says({"id": NAME, "status": "cancelled"}),
            says(completed(inline(noise_picture() * 40))),
        ]
        case.google.polls.append(says({"id": NAME, "status": "cancelled"}))
        provider = case.provider()
        assert await provider.cancel(OPERATION) is CancelOutcome.CONFIRMED
        assert await provider.poll(OPERATION) == CancelledByProvider()
        # finished meanwhile, and the answer is as large as the picture
        assert await provider.cancel(OPERATION) is CancelOutcome.TOO_LATE
