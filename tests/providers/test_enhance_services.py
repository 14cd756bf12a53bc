"""Prompt enhancement by Gemini and by chat servers: what is sent, what comes back, what goes wrong."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from tests.providers.conformance.recorder import Recorder, Reply
from tests.providers.servers.texts import (
    Texts,
    chat_says,
    gemini_error,
    gemini_says,
    serving,
)
from veo_studio.core.catalog import Catalog
from veo_studio.core.enhance import (
    DEFAULT_SYSTEM_PROMPT,
    Ask,
    EnhancerKind,
    Enhancers,
    NothingToAdd,
)
from veo_studio.core.errors import (
    AuthError,
    ContentRefused,
    GenerationFailedError,
    GenerationTimeoutError,
    InsufficientCredits,
    InvalidRequest,
    NotFoundError,
    NotSent,
    ProtocolError,
    ProviderUnavailable,
    QuotaExceeded,
    RateLimited,
)
from veo_studio.core.models import GenerationKind, Task
from veo_studio.core.providers.chat import Picture
from veo_studio.core.providers.http import HttpGateway
from veo_studio.core.settings import Settings

KEY = "AIza-a-key-for-tests-that-must-not-leak"
BETTER = "A cat sits on a red sofa, slow push-in, soft window light."
ASK = Ask("a cat on a sofa", GenerationKind.VIDEO, "Omni 1.2", 8)
PHOTO = Picture(b"\x89PNG-bytes", "image/png")
GEMINI, OPENAI, RULES = EnhancerKind.GEMINI, EnhancerKind.OPENAI, EnhancerKind.RULES


@pytest.fixture
def texts() -> Texts:
    return Texts()


@pytest.fixture
def server(texts: Texts) -> Iterator[Recorder]:
    with serving(texts) as recorder:
        yield recorder


@pytest.fixture
async def gateway() -> AsyncIterator[HttpGateway]:
    made = HttpGateway()
    yield made
    await made.close()


Make = Callable[..., Enhancers]


@pytest.fixture
def make(server: Recorder, gateway: HttpGateway) -> Make:
    """Enhancers whose services are the scripted one; `settings` and `environ` as the user has them."""

    async def shared() -> HttpGateway:
        return gateway

    def made(key: str | None = KEY, settings: Settings | None = None, **environ: str) -> Enhancers:
        environ = {
            "VEO_STUDIO_GEMINI_URL": server.url,
            "OPENAI_BASE_URL": f"{server.url}/v1",
            **environ,
        }
        return Enhancers(
            settings or Settings(), lambda _: key, shared, Catalog.load().providers, environ
        )

    return made


async def test_gemini_gets_the_words_and_its_answer_is_the_prompt(
    make: Make, server: Recorder, texts: Texts
) -> None:
    texts.says(gemini_says('{"pro', f'mpt": "{BETTER}"}}', thought="The user wants a cat."))
    proposal = await make().propose(ASK, GEMINI)
    assert (proposal.prompt, proposal.by, proposal.note) == (BETTER, GEMINI, "")
    (told,) = server.take()
    assert told.path == "/v1/models/gemini-3.8-flash:generateContent"
    assert told.headers["x-goog-api-key"] == KEY
    assert "a cat on a sofa" in told.body["contents"][0]["parts"][0]["text"]
    words = told.body["systemInstruction"]["parts"][0]["text"]
    assert words.startswith(DEFAULT_SYSTEM_PROMPT)
    assert "Omni 1.2" in words
    assert "8 seconds" in words
    config = told.body["generationConfig"]
    assert config["responseMimeType"] == "application/json"
    assert config["responseJsonSchema"]["required"] == ["prompt"]
    assert not {"temperature", "topP", "topK"} & config.keys(), "deprecated since 2026-07"


async def test_a_photo_goes_to_gemini_as_the_first_frame(
    make: Make, server: Recorder, texts: Texts
) -> None:
    texts.says(gemini_says(f'{{"prompt": "{BETTER}"}}'))
    ask = Ask("", GenerationKind.VIDEO, "Omni 1.2", 8, PHOTO)
    assert (await make().propose(ask, GEMINI)).note == ""
    (told,) = server.take()
    sent = told.body["contents"][0]["parts"][0]["inlineData"]
    assert base64.b64decode(sent["data"]) == PHOTO.content
    words = told.body["systemInstruction"]["parts"][0]["text"]
    assert "first frame" in words
    assert "do not describe again" in words


@pytest.mark.parametrize(
    ("ask", "told", "not_told"),
    [
        (Ask("a cat", GenerationKind.IMAGE, "Banana", 0), "still picture", "seconds"),
        (Ask("a cat", GenerationKind.VIDEO, "V", 5, has_sound=True), "what is heard", "no sound"),
        (Ask("a cat", GenerationKind.VIDEO, "V", 5), "makes no sound", "what is heard"),
        (Ask("a cat", GenerationKind.VIDEO, "V", 5, task=Task.EDIT), "what to change", "still"),
        (Ask("a gun", GenerationKind.VIDEO, "V", 5, refusal="weapons"), "as few words", "camera"),
    ],
)
async def test_the_service_is_told_what_the_prompt_is_for(
    make: Make, server: Recorder, texts: Texts, ask: Ask, told: str, not_told: str
) -> None:
    texts.says(gemini_says(f'{{"prompt": "{BETTER}"}}'))
    await make().propose(ask, GEMINI)
    words = server.take()[0].body["systemInstruction"]["parts"][0]["text"]
    assert told in words
    assert not_told not in words
    assert str(ask.longest) in words


async def test_own_instructions_are_sent_and_the_form_of_the_answer_stays(
    make: Make, server: Recorder, texts: Texts
) -> None:
    texts.says(gemini_says(f'{{"prompt": "{BETTER}"}}'))
    enhancers = make()
    enhancers.system_prompt = "Write like a poet with {braces} and 100 %."
    await enhancers.propose(ASK, GEMINI)
    words = server.take()[0].body["systemInstruction"]["parts"][0]["text"]
    assert words.startswith("Write like a poet with {braces} and 100 %.")
    assert DEFAULT_SYSTEM_PROMPT not in words
    assert "as JSON" in words
    enhancers.system_prompt = DEFAULT_SYSTEM_PROMPT
    assert enhancers.system_prompt == ""
    with pytest.raises(ValueError, match="too long"):
        enhancers.system_prompt = "x" * 9000


async def test_an_older_model_gets_the_fields_that_it_takes(
    make: Make, server: Recorder, texts: Texts
) -> None:
    def no(words: str) -> Reply:
        return gemini_error(400, "INVALID_ARGUMENT", words)

    texts.says(
        no("Thinking level is not supported for this model."),
        no("JSON mode is not enabled"),
        gemini_says(BETTER),
    )
    assert (await make().propose(ASK, GEMINI)).prompt == BETTER
    *_, last = server.take()
    assert last.body["generationConfig"].keys() == {"maxOutputTokens"}
    texts.says(no("Thinking level is not supported for this model."))
    with pytest.raises(InvalidRequest):
        await make().propose(ASK, GEMINI)
    assert len(server.take()) == 2, "the same thing is not said for ever"


def _quota(kind: str) -> dict[str, Any]:
    return {"details": [{"violations": [{"quotaId": kind}]}]}


@pytest.mark.parametrize(
    ("reply", "raised"),
    [
        (Reply({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}), ContentRefused),
        (Reply(gemini_says(reason="SAFETY")), ContentRefused),
        (Reply(gemini_says("A cat", reason="RECITATION")), ContentRefused),
        (Reply(gemini_says('{"prompt": "A ca', reason="MAX_TOKENS")), GenerationFailedError),
        (Reply(gemini_says(thought="only thoughts")), GenerationFailedError),
        (Reply({"candidates": []}), ProtocolError),
        (Reply({"candidates": "text"}), ProtocolError),
        (Reply({"candidates": [{"content": {"parts": "text"}}]}), GenerationFailedError),
        (Reply([]), ProtocolError),
        (Reply(raw=b"<html>oops</html>"), ProtocolError),
        (Reply(raw=b"<html>", status=502), ProviderUnavailable),
        (gemini_error(401, "UNAUTHENTICATED", f"No key {KEY}"), AuthError),
        (gemini_error(400, "INVALID_ARGUMENT", "API key not valid."), AuthError),
        (gemini_error(404, "NOT_FOUND", "models/x is not found"), NotFoundError),
        (gemini_error(429, "RESOURCE_EXHAUSTED", "Slow down"), RateLimited),
        (
            gemini_error(429, "RESOURCE_EXHAUSTED", "No more", **_quota("RequestsPerDay")),
            QuotaExceeded,
        ),
        (gemini_error(503, "UNAVAILABLE", "overloaded"), ProviderUnavailable),
    ],
)
async def test_what_gemini_cannot_do_has_its_name_and_no_key(
    make: Make, texts: Texts, reply: Reply, raised: type[Exception]
) -> None:
    texts.says(reply)
    with pytest.raises(raised) as caught:
        await make().propose(ASK, GEMINI)
    assert type(caught.value) is raised
    assert KEY not in str(caught.value)
    assert getattr(caught.value, "provider", None) == "gemini"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ('{"prompt": ""}', "without a prompt"),
        ('{"prompt": "I\'m sorry, but I can\'t help with that."}', "declined"),
        ("<html><body>Log in</body></html>", "web page"),
        ("Your prompt is already quite good! You could add light.", "about the prompt"),
        ('{"prompt": "%s"}' % ("x" * 2001), "too long: 2,001"),
        ('{"error": "quota", "code": 7}', "without a prompt"),
    ],
)
async def test_an_answer_that_is_no_prompt_is_refused_with_a_sentence(
    make: Make, texts: Texts, answer: str, words: str
) -> None:
    for kind, reply in ((GEMINI, gemini_says(answer)), (OPENAI, chat_says(answer))):
        texts.says(reply)
        texts.models = {"data": [{"id": "llama3.2"}]}
        with pytest.raises(ValueError, match=words) as caught:
            await make().propose(ASK, kind)
        assert not isinstance(caught.value, NothingToAdd)


async def test_the_same_words_again_are_nothing_new(make: Make, texts: Texts) -> None:
    texts.says(gemini_says('{"prompt": " A cat  on a sofa"}'))
    with pytest.raises(NothingToAdd):
        await make().propose(ASK, GEMINI)


@pytest.mark.parametrize("kind", [GEMINI, OPENAI])
async def test_a_service_that_never_answers_is_given_up(
    make: Make, texts: Texts, kind: EnhancerKind
) -> None:
    texts.is_silent = True
    settings = Settings(enhancer={"models": {"openai": "llama3.2"}, "limit_s": 0.2})
    with pytest.raises(GenerationTimeoutError, match=r"within 0\.2 seconds"):
        await make(settings=settings).propose(ASK, kind)


async def test_waiting_can_be_cancelled_at_once(make: Make, texts: Texts) -> None:
    texts.is_silent = True
    asking = asyncio.create_task(make().propose(ASK, GEMINI))
    await asyncio.to_thread(texts.asked.wait, 20)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


def test_a_server_here_gets_more_time_and_the_user_decides(make: Make) -> None:
    assert make().limit_s(GEMINI) == 60
    assert make().limit_s(OPENAI) == 180
    assert make(OPENAI_BASE_URL="https://example.com/v1").limit_s(OPENAI) == 60
    assert make(settings=Settings(enhancer={"limit_s": 7})).limit_s(OPENAI) == 7
    assert make(VEO_STUDIO_ENHANCE_TIMEOUT="5").limit_s(GEMINI) == 5
    for wrong in ("fast", True, -1, float("inf"), None):
        assert make(settings=Settings(enhancer={"limit_s": wrong})).limit_s(GEMINI) == 60


async def test_a_chat_server_of_ones_own_needs_no_key_and_chooses_its_model(
    make: Make, server: Recorder, texts: Texts
) -> None:
    texts.models = {"data": [{"id": "llama3.2"}, {"id": "other"}]}
    texts.says(chat_says(f'<think>hm</think>```json\n{{"prompt": "{BETTER}"}}\n```'))
    proposal = await make(None).propose(ASK, OPENAI)
    assert (proposal.prompt, proposal.by) == (BETTER, OPENAI)
    listed, told = server.take()
    assert listed.path == "/v1/models"
    assert told.path == "/v1/chat/completions"
    assert told.body["model"] == "llama3.2"
    assert told.body["response_format"]["json_schema"]["schema"]["required"] == ["prompt"]
    assert "authorization" not in told.headers


async def test_a_server_that_knows_no_schema_is_asked_without(
    make: Make, server: Recorder, texts: Texts
) -> None:
    refusal = {"error": {"message": "response_format json_schema is unsupported"}}
    texts.says(Reply(refusal, 400), chat_says(f'Here is the prompt:\n\n"{BETTER}"'))
    settings = Settings(enhancer={"models": {"openai": "m"}})
    assert (await make(settings=settings).propose(ASK, OPENAI)).prompt == BETTER
    *_, last = server.take()
    assert "response_format" not in last.body


@pytest.mark.parametrize("status", [400, 500])
async def test_a_model_without_eyes_gets_the_words_and_it_is_said(
    make: Make, server: Recorder, texts: Texts, status: int
) -> None:
    texts.says(Reply({"error": {"message": "no images here"}}, status), chat_says(BETTER))
    settings = Settings(enhancer={"models": {"openai": "m"}})
    ask = Ask("a cat", GenerationKind.VIDEO, "V", 5, PHOTO)
    proposal = await make(settings=settings).propose(ask, OPENAI)
    assert proposal.prompt == BETTER
    assert "photo was not looked at" in proposal.note
    seeing, blind = server.take()
    assert "image_url" in str(seeing.body)
    assert "image_url" not in str(blind.body)


@pytest.mark.parametrize(
    ("reply", "raised"),
    [
        (Reply({"error": {"code": "invalid_api_key", "message": KEY}}, 401), AuthError),
        (Reply({"error": "model 'm' not found"}, 404), NotFoundError),
        (Reply({"error": {"code": "insufficient_quota"}}, 429), InsufficientCredits),
        (Reply({"error": {}}, 429), RateLimited),
        (Reply(chat_says("A cat", "length")), GenerationFailedError),
        (Reply(chat_says(None, refusal="No.")), ContentRefused),
        (Reply(raw=b"<html>"), ProtocolError),
    ],
)
async def test_what_a_chat_server_cannot_do_has_its_name(
    make: Make, texts: Texts, reply: Reply, raised: type[Exception]
) -> None:
    texts.says(reply)
    settings = Settings(enhancer={"models": {"openai": "m"}})
    with pytest.raises(raised) as caught:
        await make(settings=settings).propose(ASK, OPENAI)
    assert type(caught.value) is raised
    assert KEY not in str(caught.value)


async def test_a_server_that_does_not_run_is_said_so(make: Make) -> None:
    settings = Settings(enhancer={"models": {"openai": "m"}})
    # port 9 is where nobody listens
    enhancers = make(settings=settings, OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    with pytest.raises(NotSent) as caught:
        await enhancers.propose(ASK, OPENAI)
    assert "Start the server" in (caught.value.action or "")


async def test_readable_traffic_needs_a_yes_and_openai_a_model(make: Make) -> None:
    address = "http://192.168.1.20:11434/v1"
    refused = make(OPENAI_BASE_URL=address).choice(OPENAI)
    assert not refused.is_ready
    assert "https" in refused.reason
    allowed = Settings(plain_http={"openai": "http://192.168.1.20:11434"})
    assert make(settings=allowed, OPENAI_BASE_URL=address).choice(OPENAI).is_ready
    with pytest.raises(AuthError, match="https"):
        await make(OPENAI_BASE_URL=address).propose(ASK, OPENAI)


def test_who_is_asked_is_the_users_choice_else_the_best_that_is_ready(make: Make) -> None:
    nobody = make(None, OPENAI_BASE_URL="")
    assert nobody.chosen is RULES
    assert [choice.is_ready for choice in nobody.available()] == [True, False, False]
    assert make(OPENAI_BASE_URL="").chosen is GEMINI
    assert make().chosen is OPENAI, "a server of one's own was set up for this"
    chosen = make()
    chosen.choose(RULES)
    assert chosen.chosen is RULES
    chosen.choose(None)
    assert chosen.chosen is OPENAI
    gone = make(None, settings=Settings(enhancer={"service": "gemini"}), OPENAI_BASE_URL="")
    assert gone.chosen is RULES
    assert gone.chosen_by_user is GEMINI
    assert make(settings=Settings(enhancer={"service": 7, "models": "x"})).chosen is OPENAI


def test_a_model_is_remembered_and_forgotten(make: Make) -> None:
    settings = Settings()
    enhancers = make(settings=settings)
    assert enhancers.model(GEMINI) == "gemini-3.8-flash"
    enhancers.set_model(GEMINI, " gemini-4-pro ")
    enhancers.set_model(OPENAI, "llama3.2")
    assert settings.enhancer["models"] == {"gemini": "gemini-4-pro", "openai": "llama3.2"}
    enhancers.set_model(GEMINI, "")
    enhancers.set_model(OPENAI, "")
    assert settings.enhancer == {}


async def test_a_model_name_that_would_lead_elsewhere_is_refused(
    make: Make, server: Recorder
) -> None:
    settings = Settings(enhancer={"models": {"gemini": "../../files"}})
    with pytest.raises(InvalidRequest):
        await make(settings=settings).propose(ASK, GEMINI)
    assert not server.take()


async def test_a_test_of_the_connection_is_free_and_says_what_it_proved(
    make: Make, server: Recorder, texts: Texts
) -> None:
    enhancers = make()
    assert "need no connection" in await enhancers.check(RULES)
    assert "has gemini-3.8-flash, one of 2 models" in await enhancers.check(GEMINI)
    assert await enhancers.models(GEMINI) == ["gemini-3.8-flash", "gemini-4-pro"]
    assert {told.method for told in server.take()} == {"GET"}
    enhancers.set_model(GEMINI, "gemini-1")
    with pytest.raises(ValueError, match="no model 'gemini-1'"):
        await enhancers.check(GEMINI)
    texts.models = {"data": []}
    with pytest.raises(ValueError, match="no model"):
        await enhancers.check(OPENAI)
    texts.models = gemini_error(403, "PERMISSION_DENIED", "no")
    with pytest.raises(AuthError):
        await enhancers.check(GEMINI)


@pytest.mark.parametrize("settings", [Settings(enhancer={"service": "openai"}), Settings()])
@pytest.mark.parametrize("address", ["http://192.168.1.20:11434/v1", ""])
async def test_a_chosen_service_that_is_not_ready_is_never_replaced_by_another(
    make: Make, server: Recorder, settings: Settings, address: str
) -> None:
    """Words and photos for a server at home do not go to Google because it cannot be used."""
    if not settings.enhancer and not address:
        # nothing was chosen: the best that is ready
        assert make(settings=settings, OPENAI_BASE_URL="").chosen is GEMINI
        return
    enhancers = Enhancers(
        settings,
        lambda name: KEY if name == "gemini" else None,
        HttpGateway,  # type: ignore[arg-type]
        Catalog.load().providers,
        {"VEO_STUDIO_GEMINI_URL": server.url, "OPENAI_BASE_URL": address},
    )
    assert enhancers.choice(GEMINI).is_ready
    assert enhancers.chosen is RULES
    proposal = await enhancers.propose(ASK)
    assert proposal.by is RULES
    assert proposal.note.startswith("Chat server is not ready: the built-in rules are used. ")
    assert enhancers.choice(OPENAI).reason in proposal.note
    assert server.take() == []
