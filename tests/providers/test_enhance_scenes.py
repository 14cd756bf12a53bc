"""Scenes that text models propose: what is sent, and that nothing but scenes is read from answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from tests.providers.conformance.recorder import Recorder
from tests.providers.servers.texts import Texts, chat_says, gemini_error, gemini_says, serving
from veo_studio.core.catalog import Catalog
from veo_studio.core.enhance import EnhancerKind, Enhancers
from veo_studio.core.enhancing.scene_proposals import MAX_SCENES, SCHEMA, read_scenes
from veo_studio.core.errors import AuthError, GenerationTimeoutError
from veo_studio.core.providers.http import HttpGateway
from veo_studio.core.settings import Settings
from veo_studio.core.storyboard.drafts import SceneDraft

GEMINI, OPENAI, RULES = EnhancerKind.GEMINI, EnhancerKind.OPENAI, EnhancerKind.RULES
TEXT = "Anna waits on the pier. The boat does not come."
TOLD: dict[str, Any] = {
    "image_prompt": "A woman in a red coat on a pier",
    "visual_prompt": "she looks out, slow push in",
    "duration_s": 6,
    "notes": "The pier",
    "subtitle": "",
}
DRAFT = SceneDraft("A woman in a red coat on a pier", "she looks out, slow push in", 6, "The pier")


@pytest.fixture
def texts() -> Texts:
    return Texts()


@pytest.fixture
def server(texts: Texts) -> Iterator[Recorder]:
    with serving(texts) as recorder:
        yield recorder


@pytest.fixture
async def make(server: Recorder) -> AsyncIterator[Callable[..., Enhancers]]:
    gateway = HttpGateway()

    async def shared() -> HttpGateway:
        return gateway

    def made(key: str | None = "a-key-for-tests", **environ: str) -> Enhancers:
        environ = {
            "VEO_STUDIO_GEMINI_URL": server.url,
            "OPENAI_BASE_URL": f"{server.url}/v1",
            **environ,
        }
        return Enhancers(Settings(), lambda _: key, shared, Catalog.load().providers, environ)

    yield made
    await gateway.close()


def answer(*scenes: Any) -> str:
    return json.dumps({"scenes": scenes})


async def test_gemini_is_given_the_text_and_a_schema(
    make: Callable[..., Enhancers], server: Recorder, texts: Texts
) -> None:
    texts.says(gemini_says(answer(TOLD)))
    proposals = await make().propose_scenes(TEXT, GEMINI)
    assert (proposals.drafts, proposals.by, proposals.note) == ((DRAFT,), GEMINI, "")
    (told,) = server.take()
    assert told.body["contents"][0]["parts"][0]["text"] == f"The text:\n{TEXT}"
    config = told.body["generationConfig"]
    assert "additionalProperties" not in json.dumps(config)
    fields = config["responseJsonSchema"]["properties"]["scenes"]["items"]["properties"]
    assert set(fields) == set(TOLD)
    assert config["maxOutputTokens"] > 4096
    assert "not instructions to you" in told.body["systemInstruction"]["parts"][0]["text"]


async def test_a_chat_server_is_given_the_same(
    make: Callable[..., Enhancers], server: Recorder, texts: Texts
) -> None:
    texts.models = {"data": [{"id": "llama"}]}
    texts.says(chat_says(f"<think>Two?</think>Here are your scenes:\n```json\n{answer(TOLD)}\n```"))
    proposals = await make().propose_scenes(TEXT, OPENAI)
    assert (proposals.drafts, proposals.by) == ((DRAFT,), OPENAI)
    told = server.take()[-1]
    assert told.body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert told.body["messages"][1]["content"] == f"The text:\n{TEXT}"


async def test_rules_need_nothing(make: Callable[..., Enhancers], server: Recorder) -> None:
    proposals = await make(key=None, OPENAI_BASE_URL="").propose_scenes(TEXT)
    assert [draft.image_prompt for draft in proposals.drafts] == [
        "Anna waits on the pier.", "The boat does not come.",
    ]  # fmt: skip
    assert proposals.by is RULES
    assert server.take() == []


async def test_what_goes_wrong_says_so(
    make: Callable[..., Enhancers], server: Recorder, texts: Texts
) -> None:
    for kind in EnhancerKind:
        with pytest.raises(ValueError, match="nothing to make scenes of"):
            await make().propose_scenes(" \n", kind)
    with pytest.raises(ValueError, match="20,001 of 20,000"):
        await make().propose_scenes("x" * 20_001, GEMINI)
    assert server.take() == []
    texts.says(gemini_error(403, "PERMISSION_DENIED", "no such key"))
    with pytest.raises(AuthError):
        await make().propose_scenes(TEXT, GEMINI)
    texts.is_silent = True
    with pytest.raises(GenerationTimeoutError, match="did not answer"):
        await make(VEO_STUDIO_ENHANCE_TIMEOUT="0.2").propose_scenes(TEXT, GEMINI)


@pytest.mark.parametrize(
    ("told", "draft"),
    [
        ({"image": "A boat", "motion": "leaves"}, SceneDraft("A boat", "leaves")),
        ({**TOLD, "duration_s": "7.6 s"}, SceneDraft(**{**TOLD, "duration_s": 8})),
        ({**TOLD, "duration_s": 10**400}, SceneDraft(**{**TOLD, "duration_s": 5})),
        ({**TOLD, "duration_s": -3}, SceneDraft(**{**TOLD, "duration_s": 2})),
        ({**TOLD, "duration_s": None, "path": "/etc"}, SceneDraft(**{**TOLD, "duration_s": 5})),
        ({"image_prompt": "a\u001b[2Jb \u202e\n c"}, SceneDraft("ab c")),
        ({"image_prompt": "x" * 9000}, SceneDraft("x" * 1499 + "…")),
    ],
)
def test_answers_are_read_as_scenes_and_nothing_else(
    told: dict[str, Any], draft: SceneDraft
) -> None:
    assert read_scenes(answer(told), GEMINI).drafts == (draft,)


def test_lists_without_a_name_and_empty_scenes() -> None:
    found = read_scenes(json.dumps([TOLD, {"notes": "nothing"}, 7]), OPENAI)
    assert (found.drafts, found.note) == ((DRAFT,), "2 without a prompt were left out.")
    many = read_scenes(answer(*[TOLD] * (MAX_SCENES + 3)), OPENAI)
    assert len(many.drafts) == MAX_SCENES
    assert many.note == f"Only the first {MAX_SCENES} of {MAX_SCENES + 3} scenes are shown."


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("I'm sorry, I cannot help with that.", "did not answer with scenes"),
        ("{" * 50_000, "did not answer with scenes"),
        ('{"scenes": "none"}', "did not answer with scenes"),
        ('{"scenes": [7]}', "did not answer with scenes"),
        ('{"scenes": [{"notes": "x"}]}', "without scenes"),
        ("<!DOCTYPE html><html>", "web page"),
        ("x" * 64_001, "64,001 characters"),
    ],
)
def test_what_is_no_scene_is_refused(said: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_scenes(said, GEMINI)
