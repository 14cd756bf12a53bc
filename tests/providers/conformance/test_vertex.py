"""What the official client for Google Cloud sends, and what our adapter sends for the same parameters.

Every case is one exchange; its id is what is compared. What differs on purpose is in `ALWAYS` or in
the case, with its reason. The official client is told to use version v1 of the interface, as the
documentation does; by itself it takes v1beta1.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.tools import adapter_tools
from tests.providers.conformance.recorder import (
    Recorded,
    Recorder,
    Reply,
    differences,
    unused,
)
from tests.providers.servers.vertex import LOCATION, PROJECT, credentials_file
from veo_studio.core.errors import OutcomeUnknown, ProviderUnavailable
from veo_studio.core.input_files import InputFiles
from veo_studio.core.models import (
    GenerationRequest,
    InputRole,
    MediaInput,
    Operation,
    Task,
    VideoConfig,
)
from veo_studio.core.providers.http import HttpGateway
from veo_studio.core.providers.vertex import VertexProvider

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    genai = pytest.importorskip("google.genai")
    from google.genai import types
    from google.oauth2.credentials import Credentials

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")

TOKEN = "ya29.one-token-for-both-0123456789"
STANDARD = "veo-3.1-generate-001"
NAME = (
    f"projects/{PROJECT}/locations/{LOCATION}/publishers/google/models/{STANDARD}/operations/op-1"
)
OPERATION = Operation("vertex", NAME, STANDARD)
ALWAYS = {
    "header user-agent": "we say who we are",
    "header x-goog-api-client": "the official client counts its own users",
}
LABELLED = {"body.labels.app": "what was made with this program, for the user's bill"}
NEW_PROMPT = "A red kite"
PICTURES = {"a": b"first picture", "b": b"second picture", "c": b"third picture"}

Theirs = Callable[[Any], object]
Ours = Callable[[VertexProvider], Awaitable[object]]


@dataclass(frozen=True)
class Case:
    id: str
    theirs: Theirs
    ours: Ours
    deliberate: Mapping[str, str] = field(default_factory=dict)


def item(role: InputRole, name: str = "a", mime_type: str = "image/png") -> MediaInput:
    content = PICTURES[name]
    digest = hashlib.sha256(content).hexdigest()
    return MediaInput(role, digest, mime_type, len(content), f"{name}.png")


def image(name: str = "a") -> Any:
    return types.Image(image_bytes=PICTURES[name], mime_type="image/png")


def submit(
    name: str,
    config: VideoConfig,
    *,
    model: str = STANDARD,
    given: Mapping[str, Any] | None = None,
    uploads: tuple[str, ...] | None = None,
    is_long: bool = True,
    **wanted: Any,
) -> Case:
    """The official client with parameters written out; `wanted` are those beyond the usual ones."""
    usual: dict[str, Any] = {
        "number_of_videos": 1,
        "aspect_ratio": "16:9",
        "resolution": "720p",
        "generate_audio": True,
    }
    if is_long:
        usual["duration_seconds"] = 8
    references = wanted.pop("references", None)
    bucket = wanted.get("output_gcs_uri", "")

    def theirs(client: Any) -> object:
        told = {**usual, **wanted}
        if references:
            told["reference_images"] = [
                types.VideoGenerationReferenceImage(image=image(one), reference_type="ASSET")
                for one in references
            ]
        source = types.GenerateVideosSource(prompt=NEW_PROMPT, **(given or {}))
        return client.models.generate_videos(
            model=model, source=source, config=types.GenerateVideosConfig(**told)
        )

    async def ours(provider: VertexProvider) -> object:
        request = GenerationRequest(NEW_PROMPT, "vertex", model, config)
        files = provider.tools.files
        for one in config.inputs:
            if one.role is not InputRole.SOURCE:
                files.keep(one, PICTURES[one.name[0]])
        told = uploads or [await provider.upload(one, files.path(one)) for one in config.inputs]
        provider._bucket = bucket
        return await provider.submit(provider.build_body(request, told), attempt_uuid="a-1")

    return Case(name, theirs, ours, LABELLED)


PLAIN = VideoConfig("16:9", 8, "720p")
FIRST = item(InputRole.FIRST_FRAME)
LAST = item(InputRole.LAST_FRAME, "b")
REFERENCES = tuple(item(InputRole.REFERENCE, name) for name in "abc")
SOURCE = MediaInput(InputRole.SOURCE, "d" * 64, "video/mp4", 13, "d.mp4")
IN_BUCKET = types.Video(uri="gs://films/a.mp4", mime_type="video/mp4")


def made(**changes: Any) -> VideoConfig:
    return replace(PLAIN, **changes)


def poll() -> Case:
    def theirs(client: Any) -> object:
        return client.operations.get(types.GenerateVideosOperation(name=NAME))

    return Case("poll", theirs, lambda provider: provider.poll(OPERATION))


CASES = [
    submit("text", PLAIN),
    submit("fast", PLAIN, model="veo-3.1-fast-generate-001"),
    submit("lite", PLAIN, model="veo-3.1-lite-generate-001"),
    submit("4 seconds", made(duration_s=4), duration_seconds=4),
    submit("9:16", made(aspect_ratio="9:16"), aspect_ratio="9:16"),
    submit("1080p", made(resolution="1080p"), resolution="1080p"),
    submit("4k", made(resolution="4K"), resolution="4k"),
    submit("the largest seed", made(seed=2**32 - 1), seed=2**32 - 1),
    submit("without sound", made(enable_audio=False), generate_audio=False),
    submit("negative prompt", made(negative_prompt="rain"), negative_prompt="rain"),
    submit("four clips", made(samples=4), number_of_videos=4),
    submit("into a bucket", PLAIN, output_gcs_uri="gs://films/clips/"),
    submit("first frame", made(inputs=(FIRST,)), given={"image": image()}),
    submit(
        "first and last frame",
        made(inputs=(FIRST, LAST)),
        given={"image": image()},
        last_frame=image("b"),
    ),
    submit("references", made(inputs=REFERENCES), references="abc"),
    submit(
        "extend",
        made(inputs=(SOURCE,), task=Task.EXTEND, duration_s=7),
        given={"video": IN_BUCKET},
        uploads=("gs://films/a.mp4",),
        is_long=False,
    ),
    poll(),
]


def answers(told: Recorded) -> Reply:
    if told.path == "/token":
        return Reply({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})
    return Reply({"name": NAME})


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Recorder(answers) as made:
        yield made


@pytest.fixture
async def provider(recorder: Recorder, tmp_path: Path) -> AsyncIterator[VertexProvider]:
    gateway = HttpGateway(submit_timeout_s=10, connect_timeout_s=5, stall_timeout_s=10)
    path = credentials_file(tmp_path, recorder.url)
    tools = adapter_tools(
        "vertex", gateway, recorder.url, key=None, files=tmp_path / "inputs",
        project=PROJECT, credentials_file=str(path),
    )  # fmt: skip
    assert isinstance(tools.files, InputFiles)
    yield VertexProvider(tools)
    await gateway.close()


def official(recorder: Recorder) -> Any:
    options = types.HttpOptions(base_url=recorder.url, api_version="v1")
    return genai.Client(
        vertexai=True,
        project=PROJECT,
        location=LOCATION,
        credentials=Credentials(TOKEN),
        http_options=options,
    )


def taken(recorder: Recorder) -> list[Recorded]:
    """Everything but the sign-in, which both leave to the same library."""
    return [told for told in recorder.take() if told.path != "/token"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_we_send_what_the_official_client_sends(
    case: Case, recorder: Recorder, provider: VertexProvider
) -> None:
    case.theirs(official(recorder))
    theirs = taken(recorder)
    await case.ours(provider)
    ours = taken(recorder)
    deliberate = {**ALWAYS, **case.deliberate}
    assert len(theirs) == 1
    assert differences(ours, theirs, deliberate) == []
    assert unused(ours, theirs, deliberate) == []


@pytest.mark.parametrize(
    ("status", "expected"), [(500, OutcomeUnknown), (503, ProviderUnavailable)]
)
async def test_a_paid_post_is_never_sent_twice(
    recorder: Recorder, provider: VertexProvider, status: int, expected: type[Exception]
) -> None:
    refused = {"error": {"code": status, "status": "UNAVAILABLE", "message": "Overloaded."}}

    def refuses(told: Recorded) -> Reply:
        return answers(told) if told.path == "/token" else Reply(refused, status)

    recorder.script = refuses
    (case,) = [case for case in CASES if case.id == "text"]
    with pytest.raises(expected):
        await case.ours(provider)
    assert len(taken(recorder)) == 1
    # neither does the official client, for this request
    with pytest.raises(genai.errors.ServerError):
        case.theirs(official(recorder))
    assert len(taken(recorder)) == 1


def test_at_least_ten_cases_are_compared() -> None:
    assert len({case.id for case in CASES}) >= 10
