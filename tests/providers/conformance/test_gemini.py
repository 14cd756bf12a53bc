"""What the official client for Google sends, and what our adapter sends for the same parameters.

Every case is one exchange; its id is what is compared. What differs on purpose is in `ALWAYS` or in
the case, with its reason.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.tools import adapter_tools
from tests.providers.conformance.recorder import Recorder, Reply, differences, unused
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
    ours,
    picture,
    picture_of,
    request_of,
)
from veo_studio.core.errors import OutcomeUnknown, ProviderUnavailable
from veo_studio.core.models import GenerationRequest, Operation
from veo_studio.core.providers.gemini import GeminiProvider
from veo_studio.core.providers.http import HttpGateway

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    genai = pytest.importorskip("google.genai")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")

OPERATION = Operation("gemini", "v1_abc", "gemini-omni-1.2-flash")
ALWAYS = {
    "header user-agent": "we say who we are",
    "header x-goog-api-client": "the official client counts its own users",
}
NO_BODY_NO_TYPE = {"header content-type": "the official client names a type for an empty body"}
LABELLED = {"body.labels.attempt": "the attempt's own name, for the user's bill"}
PLAIN_POLL = {
    "query stream": "false is what the service does anyway",
    **NO_BODY_NO_TYPE,
}

Theirs = Callable[[Any, Path], object]
Ours = Callable[[GeminiProvider, Path], Awaitable[object]]


@dataclass(frozen=True)
class Case:
    id: str
    theirs: Theirs
    ours: Ours
    deliberate: Mapping[str, str] = field(default_factory=dict)


def image(uri: str = FILE_URI) -> dict[str, str]:
    return {"type": "image", "uri": uri, "mime_type": "image/png"}


def submit(
    name: str,
    request: GenerationRequest,
    uploads: tuple[str, ...] = (),
    *,
    task: str = "text_to_video",
    given: Any = "Waves roll in",
    seed: int | None = None,
    previous: str | None = None,
    **wanted: str,
) -> Case:
    """The official client with parameters written out; `wanted` is the format, None leaves it out."""
    usual = {"aspect_ratio": "16:9", "duration": "8s", "resolution": "720p"}
    format_ = {k: v for k, v in {**usual, **wanted}.items() if v}
    config: dict[str, Any] = {"video_config": {"task": task}}
    if seed is not None:
        config["seed"] = seed
    more: dict[str, Any] = {} if previous is None else {"previous_interaction_id": previous}

    def theirs(client: Any, _folder: Path) -> object:
        return client.interactions.create(
            model=request.model,
            background=True,
            input=given,
            generation_config=config,
            response_format={"type": "video", "delivery": "uri", **format_},
            store=True,
            **more,
        )

    async def send(provider: GeminiProvider, _folder: Path) -> object:
        return await provider.submit(provider.build_body(request, uploads), attempt_uuid="a-1")

    return Case(name, theirs, send, LABELLED)


def draw(
    name: str,
    request: GenerationRequest,
    uploads: tuple[str, ...] = (),
    *,
    given: Any = "Waves roll in",
    seed: int | None = None,
    aspect_ratio: str = "16:9",
    image_size: str = "1K",
) -> Case:
    """A picture; the official client with parameters written out."""
    more: dict[str, Any] = {} if seed is None else {"generation_config": {"seed": seed}}

    def theirs(client: Any, _folder: Path) -> object:
        return client.interactions.create(
            model=request.model,
            background=True,
            input=given,
            response_format={
                "type": "image",
                "delivery": "uri",
                "aspect_ratio": aspect_ratio,
                "image_size": image_size,
            },
            store=True,
            **more,
        )

    async def send(provider: GeminiProvider, _folder: Path) -> object:
        return await provider.submit(provider.build_body(request, uploads), attempt_uuid="a-1")

    return Case(name, theirs, send, LABELLED)


def said(parts: list[dict[str, str]], text: str) -> list[dict[str, Any]]:
    return [{"type": "user_input", "content": [*parts, {"type": "text", "text": text}]}]


def upload(client: Any, folder: Path) -> object:
    path = file_of(folder, b"PNGPNG")
    file = client.files.upload(file=str(path), config={"mime_type": "image/png"})
    while file.state.name != "ACTIVE":
        file = client.files.get(name=file.name)
    return file


VIDEO_PART = {"type": "video", "uri": FILE_URI, "mime_type": "video/mp4"}
CASES = [
    submit("text", request_of()),
    submit("text, 1.1", request_of(model="gemini-omni-1.1-flash")),
    submit("aspect 16:9", request_of(aspect_ratio="16:9"), aspect_ratio="16:9"),
    submit("aspect 9:16", request_of(aspect_ratio="9:16"), aspect_ratio="9:16"),
    submit("3 seconds", request_of(duration_s=3), duration="3s"),
    submit("15 seconds", request_of(duration_s=15), duration="15s"),
    submit("360p", request_of(resolution="360p"), resolution="360p"),
    submit("1080p", request_of(resolution="1080p"), resolution="1080p"),
    submit("4k", request_of(resolution="4K"), resolution="4k"),
    submit("seed", request_of(seed=7), seed=7),
    submit(
        "first frame",
        request_of(inputs=(picture(),)),
        (FILE_URI,),
        task="image_to_video",
        given=said([image()], "<FIRST_FRAME> Waves roll in"),
    ),
    submit(
        "first and last frame",
        request_of(inputs=FRAMES),
        ("https://x.example/files/a", "https://x.example/files/b"),
        task="image_to_video",
        given=said(
            [image("https://x.example/files/a"), image("https://x.example/files/b")],
            "<FIRST_FRAME> <LAST_FRAME> Waves roll in",
        ),
    ),
    submit(
        "references",
        request_of(inputs=REFERENCES),
        (FILE_URI,) * 3,
        task="reference_to_video",
        given=said([image()] * 3, "<IMAGE_REF_0> <IMAGE_REF_1> <IMAGE_REF_2> Waves roll in"),
    ),
    submit(
        "edit of an earlier result",
        edit(ours()),
        ("interaction:v1_old",),
        task="edit",
        given="Make it night",
        previous="v1_old",
        aspect_ratio="",
        duration="",
    ),
    submit(
        "edit of an uploaded clip",
        edit(clip()),
        (FILE_URI,),
        task="edit",
        given=said([VIDEO_PART], "Make it night"),
        aspect_ratio="",
        duration="",
    ),
    submit(
        "extend an earlier result",
        extend(ours(), duration_s=5),
        ("interaction:v1_old",),
        task="extend",
        given="It sails on",
        previous="v1_old",
        duration="5s",
    ),
    draw("picture", picture_of()),
    draw("picture, lite", picture_of(model="gemini-3.1-flash-lite-image")),
    draw(
        "picture, pro, 4k", picture_of(model="gemini-3-pro-image", resolution="4k"), image_size="4K"
    ),
    draw(
        "picture, 2k, 21:9, seed",
        picture_of(resolution="2k", aspect_ratio="21:9", seed=7),
        seed=7,
        aspect_ratio="21:9",
        image_size="2K",
    ),
    draw(
        "picture from references",
        picture_of(inputs=REFERENCES),
        (FILE_URI,) * 3,
        given=said([image()] * 3, "Waves roll in"),
    ),
    Case(
        "poll of a picture",
        lambda client, _: client.interactions.get("v1_abc"),
        lambda provider, _: provider.poll(replace(OPERATION, model="gemini-3-pro-image")),
        PLAIN_POLL,
    ),
    Case(
        "cancel of a picture",
        lambda client, _: client.interactions.cancel("v1_abc"),
        lambda provider, _: provider.cancel(replace(OPERATION, model="gemini-3-pro-image")),
        NO_BODY_NO_TYPE,
    ),
    Case(
        "poll",
        lambda client, _: client.interactions.get("v1_abc"),
        lambda provider, _: provider.poll(OPERATION),
        PLAIN_POLL,
    ),
    Case(
        "cancel",
        lambda client, _: client.interactions.cancel("v1_abc"),
        lambda provider, _: provider.cancel(OPERATION),
        NO_BODY_NO_TYPE,
    ),
    Case(
        "model list",
        lambda client, _: client.models.list(config={"page_size": 50}),
        lambda provider, _: provider.check_connection(),
        NO_BODY_NO_TYPE,
    ),
    Case(
        "upload: start, send and finalize, look at the file",
        upload,
        lambda provider, folder: provider.upload(picture(), file_of(folder, b"PNGPNG")),
        {
            "header x-goog-upload-file-name": "what the user calls a file is nobody's business",
            "header x-goog-upload-protocol": "repeated by the official client after the start",
            "header x-goog-upload-header-*": "repeated by the official client after the start",
            "header content-type": "the official client calls bytes and empty bodies JSON",
        },
    ),
]


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    service = Service()
    with Recorder(service) as made:
        service.url = made.url
        yield made


@pytest.fixture
async def provider(recorder: Recorder) -> AsyncIterator[GeminiProvider]:
    gateway = HttpGateway(submit_timeout_s=30)
    made = GeminiProvider(adapter_tools("gemini", gateway, recorder.url, key=KEY))
    made.file_wait_s = 0.01
    yield made
    await gateway.close()


def official(recorder: Recorder) -> Any:
    return genai.Client(api_key=KEY, http_options={"base_url": recorder.url})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_sends_what_the_official_client_sends(
    case: Case, recorder: Recorder, provider: GeminiProvider, tmp_path: Path
) -> None:
    client = official(recorder)
    await asyncio.to_thread(case.theirs, client, tmp_path)
    theirs = recorder.take()
    script = recorder.script
    assert isinstance(script, Service)
    script.file_states = ["PROCESSING", "ACTIVE"]
    await case.ours(provider, tmp_path)
    sent = recorder.take()
    client.close()
    assert sent[0].headers["x-goog-api-key"] == KEY
    assert differences(sent, theirs, {**ALWAYS, **case.deliberate}) == []
    assert unused(sent, theirs, case.deliberate) == []


UNAVAILABLE = {"error": {"code": 503, "status": "UNAVAILABLE", "message": "Overloaded."}}
INTERNAL = {"error": {"code": 500, "status": "INTERNAL", "message": "An error."}}


@pytest.mark.parametrize(
    ("status", "said_by_google", "raised"),
    [(500, INTERNAL, OutcomeUnknown), (503, UNAVAILABLE, ProviderUnavailable)],
)
async def test_the_official_client_pays_again_after_an_error_and_ours_does_not(
    recorder: Recorder,
    provider: GeminiProvider,
    status: int,
    said_by_google: Any,
    raised: type[Exception],
) -> None:
    script = recorder.script
    assert isinstance(script, Service)
    script.answers["POST /v1/interactions"] = Reply(said_by_google, status)
    client = official(recorder)

    def pay() -> None:
        with pytest.raises(Exception, match=str(status)):
            client.interactions.create(
                model="gemini-omni-1.2-flash", input="Waves", background=True
            )
        client.close()

    await asyncio.to_thread(pay)
    assert len(recorder.take()) > 1
    with pytest.raises(raised):
        await provider.submit(provider.build_body(request_of()), attempt_uuid="a-1")
    assert len(recorder.take()) == 1


def test_every_case_is_listed_once() -> None:
    ids = [case.id for case in CASES]
    assert len(ids) == len(set(ids)) >= 10
