"""Words for words: what a completion says, and what each error of such a server means (10.1)."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.providers.conformance.recorder import Recorded, Recorder, Reply
from veo_studio.core.errors import (
    AuthError,
    ContentRefused,
    GenerationFailedError,
    InsufficientCredits,
    InvalidRequest,
    NotFoundError,
    NotSent,
    ProtocolError,
    ProviderUnavailable,
    RateLimited,
)
from veo_studio.core.providers.chat import ChatClient, Picture, read_answer
from veo_studio.core.providers.http import HttpGateway

KEY = "sk-a-key-for-tests-that-must-not-leak"


def completion(content: Any = "A cat.", reason: str = "stop", **message: Any) -> dict[str, Any]:
    said = {"role": "assistant", "content": content, **message}
    return {"choices": [{"index": 0, "message": said, "finish_reason": reason}]}


class Server:
    """Says its replies in their order, the last one for ever."""

    def __init__(self) -> None:
        self.replies = [Reply(completion())]

    def __call__(self, request: Recorded) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def recorder(server: Server) -> Iterator[Recorder]:
    with Recorder(server) as made:
        yield made


@pytest.fixture
async def gateway() -> AsyncIterator[HttpGateway]:
    made = HttpGateway()
    yield made
    await made.close()


@pytest.fixture
def client(recorder: Recorder, gateway: HttpGateway) -> ChatClient:
    return ChatClient(gateway, f"{recorder.url}/v1/", "llama3.2", KEY)


async def test_words_are_answered_with_words(client: ChatClient, recorder: Recorder) -> None:
    assert await client.complete("Be brief.", "a cat") == "A cat."
    (told,) = recorder.take()
    assert told.path == "/v1/chat/completions"
    assert [message["role"] for message in told.body["messages"]] == ["system", "user"]


async def test_a_picture_is_sent_inside_the_words(client: ChatClient, recorder: Recorder) -> None:
    await client.complete("Describe.", "this", Picture(b"PNG", "image/png"))
    (told,) = recorder.take()
    picture = told.body["messages"][1]["content"][1]
    assert picture == {"type": "image_url", "image_url": {"url": "data:image/png;base64,UE5H"}}


async def test_a_local_server_needs_no_key(gateway: HttpGateway, recorder: Recorder) -> None:
    await ChatClient(gateway, f"{recorder.url}/v1", "llama3.2").complete("s", "u")
    assert "authorization" not in recorder.take()[0].headers


async def test_a_newer_model_gets_the_fields_that_it_takes(
    client: ChatClient, recorder: Recorder, server: Server
) -> None:
    def refusal(name: str) -> Reply:
        words = f"Unsupported parameter: '{name}' is not supported with this model."
        return Reply({"error": {"message": words, "param": name, "code": "unsupported"}}, 400)

    server.replies = [refusal("max_tokens"), refusal("temperature"), Reply(completion())]
    assert await client.complete("s", "u") == "A cat."
    *_, last = recorder.take()
    assert last.body["max_completion_tokens"] == 800
    assert not {"max_tokens", "temperature"} & last.body.keys()
    server.replies = [refusal("max_tokens")]
    with pytest.raises(InvalidRequest):
        await client.complete("s", "u")
    assert len(recorder.take()) == 2, "the same thing is not said for ever"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (" A cat.\n", "A cat."),
        ("<think>They want\na cat</think>\nA cat.", "A cat."),
        ("A \x1b[31mred\x1b[0m cat", "A red cat"),
    ],
)
def test_thoughts_and_escapes_are_no_part_of_the_answer(content: str, expected: str) -> None:
    assert read_answer(completion(content, reasoning_content="hm")) == expected


@pytest.mark.parametrize(
    ("value", "raised"),
    [
        (completion("A cat", "length"), GenerationFailedError),
        (completion("<think>They want"), GenerationFailedError),
        (completion(""), GenerationFailedError),
        (completion(None), GenerationFailedError),
        (completion(None, refusal="I cannot."), ContentRefused),
        (completion("", "content_filter"), ContentRefused),
        ({"choices": []}, ProtocolError),
        ({"choices": [{"message": "text"}]}, ProtocolError),
        ([], ProtocolError),
        (None, ProtocolError),
    ],
)
def test_what_is_no_answer_is_said_so(value: Any, raised: type[Exception]) -> None:
    with pytest.raises(raised) as caught:
        read_answer(value)
    assert type(caught.value) is raised


@pytest.mark.parametrize(
    ("status", "error", "raised"),
    [
        (401, {"code": "invalid_api_key"}, AuthError),
        (403, {}, AuthError),
        (404, {"code": "model_not_found"}, NotFoundError),
        (429, {"code": "insufficient_quota"}, InsufficientCredits),
        (429, {"code": "rate_limit_exceeded"}, RateLimited),
        (400, {"code": "content_policy_violation"}, ContentRefused),
        (400, {"code": "moderation_blocked"}, ContentRefused),
        (400, {"code": "invalid_value"}, InvalidRequest),
        (413, {}, InvalidRequest),
        (500, {}, ProviderUnavailable),
        (503, {}, ProviderUnavailable),
    ],
)
async def test_an_error_is_sorted_and_its_words_are_clean(
    client: ChatClient, server: Server, status: int, error: dict[str, Any], raised: type[Exception]
) -> None:
    said = {"error": {"message": f"\x1b[1mNo for {KEY}", **error}}
    server.replies = [Reply(said, status, {"Retry-After": "7"})]
    for ask in (client.complete("s", "u"), client.models()):
        with pytest.raises(raised) as caught:
            await ask
        assert type(caught.value) is raised
        assert str(caught.value).startswith("No for ")
        assert KEY not in str(caught.value)
        if isinstance(caught.value, RateLimited):
            assert caught.value.retry_after_s == 7


async def test_ollamas_older_errors_and_no_json_are_understood(
    client: ChatClient, server: Server
) -> None:
    server.replies = [
        Reply({"error": "model 'x' not found"}, 404),
        Reply(raw=b"<html>", status=502),
    ]
    with pytest.raises(NotFoundError, match="model 'x' not found"):
        await client.complete("s", "u")
    with pytest.raises(ProviderUnavailable, match="HTTP 502"):
        await client.complete("s", "u")


async def test_the_models_there_are_listed(client: ChatClient, server: Server) -> None:
    server.replies = [Reply({"data": [{"id": "llama3.2"}, {"id": 7}, "text", {"id": ""}]})]
    assert await client.models() == ["llama3.2"]
    server.replies = [Reply({"data": "text"})]
    with pytest.raises(ProtocolError):
        await client.models()


async def test_a_server_that_does_not_run_is_named(gateway: HttpGateway) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(NotSent) as caught:
        await ChatClient(gateway, address, "llama3.2").models()
    assert "Start the server" in (caught.value.action or "")


async def test_f11_an_address_or_key_that_cannot_be_used_is_refused(gateway: HttpGateway) -> None:
    with pytest.raises(InvalidRequest):
        ChatClient(gateway, "http://example.com/v1", "m", KEY)
    with pytest.raises(AuthError):
        ChatClient(gateway, "https://example.com/v1", "m", "two words")
    ChatClient(gateway, "http://nas.lan:11434/v1", "m", allows_plain_http=True)
