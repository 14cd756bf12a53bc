"""What the official client of OpenAI sends, and what our chat client sends for the same parameters."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.providers.conformance.recorder import (
    Recorded,
    Recorder,
    Reply,
    differences,
    unused,
)
from veo_studio.core.errors import ProviderUnavailable
from veo_studio.core.providers.chat import ChatClient, Picture
from veo_studio.core.providers.http import HttpGateway

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    openai = pytest.importorskip("openai")

KEY = "sk-a-key-for-conformance-0123456789"
DELIBERATE = {
    "header user-agent": "we say who we are",
    "header x-stainless-*": "the official client describes this machine",
}
LONG = "A paper boat on a rainy street, slow dolly forward. " * 30


@dataclass(frozen=True)
class Case:
    id: str
    system: str = "Rewrite the idea as one paragraph for a video model."
    user: str = "a cat"
    model: str = "llama3.2"
    base: str = "/v1"
    picture: Picture | None = None


CASES = [
    Case("words"),
    Case("another model", model="gpt-4.1-mini"),
    Case("a model with a slash and a colon", model="org/model:7b"),
    Case("a base address with a slash at its end", base="/v1/"),
    Case("a base address with a path", base="/gateway/openai/v1"),
    Case("other letters", user="海の上の船, \u00e9t\u00e9 \U0001f98a"),
    Case("line ends and quotes", user='a "red"\ncat\\'),
    Case("long words", user=LONG),
    Case("no instructions", system=""),
    Case("a PNG picture", picture=Picture(b"\x89PNG\r\n", "image/png")),
    Case("a JPEG picture", picture=Picture(bytes(range(256)), "image/jpeg")),
]


def answer(request: Recorded) -> Reply:
    if request.method == "GET":
        model = {"id": "llama3.2", "object": "model", "created": 1, "owned_by": "me"}
        return Reply({"object": "list", "data": [model]})
    message = {"role": "assistant", "content": "A cat."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return Reply(
        {"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    )


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder(answer) as made:
        yield made


@pytest.fixture
async def gateway() -> AsyncIterator[HttpGateway]:
    made = HttpGateway()
    yield made
    await made.close()


def official(recorder: Recorder, base: str = "/v1") -> Any:
    return openai.OpenAI(api_key=KEY, base_url=recorder.url + base)


def complete(client: Any, case: Case) -> None:
    asked: Any = case.user
    if case.picture is not None:
        asked = [
            {"type": "text", "text": case.user},
            {"type": "image_url", "image_url": {"url": case.picture.data_url}},
        ]
    messages = [{"role": "system", "content": case.system}, {"role": "user", "content": asked}]
    with client:
        client.chat.completions.create(
            model=case.model, messages=messages, max_tokens=800, temperature=0.7
        )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_sends_what_the_official_client_sends(
    case: Case, recorder: Recorder, gateway: HttpGateway
) -> None:
    await asyncio.to_thread(complete, official(recorder, case.base), case)
    theirs = recorder.take()
    client = ChatClient(gateway, recorder.url + case.base, case.model, KEY)
    await client.complete(case.system, case.user, case.picture)
    ours = recorder.take()
    assert ours[0].headers["authorization"] == f"Bearer {KEY}"
    assert differences(ours, theirs, DELIBERATE) == []
    assert unused(ours, theirs, DELIBERATE) == []


async def test_model_list(recorder: Recorder, gateway: HttpGateway) -> None:
    def listed() -> None:
        client = official(recorder)
        assert [model.id for model in client.models.list().data] == ["llama3.2"]
        client.close()

    await asyncio.to_thread(listed)
    theirs = recorder.take()
    assert await ChatClient(gateway, f"{recorder.url}/v1", "m", KEY).models() == ["llama3.2"]
    assert differences(recorder.take(), theirs, DELIBERATE) == []


async def test_the_official_client_repeats_after_an_error_and_ours_says_it(
    recorder: Recorder, gateway: HttpGateway
) -> None:
    recorder.script = lambda _: Reply({"error": {"message": "Overloaded."}}, 503)

    def ask() -> None:
        with pytest.raises(openai.InternalServerError):
            complete(official(recorder), Case("words"))

    await asyncio.to_thread(ask)
    assert len(recorder.take()) > 1
    with pytest.raises(ProviderUnavailable, match="Overloaded"):
        await ChatClient(gateway, f"{recorder.url}/v1", "m", KEY).complete("s", "u")
    assert len(recorder.take()) == 1
