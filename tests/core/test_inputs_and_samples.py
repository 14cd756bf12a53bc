"""What a clip is made from goes to the provider before the paid request; one submit may give several clips."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.core.studios import open_studio, settled
from tests.fakes.tools import adapter_tools
from tests.transport.clips import noise_clip
from tests.transport.file_server import FileServer
from tests.transport.raw_server import running
from veo_studio.core.errors import AuthError, InvalidRequest, OutcomeUnknown, ProviderUnavailable
from veo_studio.core.events import EventKind
from veo_studio.core.inputs import take_in_picture
from veo_studio.core.models import (
    CancelOutcome,
    Charge,
    Done,
    ErrorKind,
    GenerationRequest,
    GenerationState,
    InputRole,
    MediaInput,
    Operation,
    PollPacing,
    PollResult,
    Refused,
    ResultRef,
    VideoConfig,
)
from veo_studio.core.paths import Paths
from veo_studio.core.providers.adapter import Adapter, AdapterTools
from veo_studio.core.providers.base import ConnectionReport
from veo_studio.core.providers.http import HttpGateway
from veo_studio.core.studio import Studio

_S = GenerationState


class Scripted(Adapter):
    """A service that takes pictures, with the answers that a test lists; it never leaves this machine."""

    def __init__(self, tools: AdapterTools) -> None:
        super().__init__(tools)
        self.uploaded: list[MediaInput] = []
        self.sent: list[dict[str, Any]] = []
        # raised by the next uploads, in order
        self.refusals: list[Exception] = []
        self.told_usd: Decimal | None = None
        self.answer: PollResult = Done(ResultRef(f"{self.base_url}/clip.mp4"))

    async def upload(self, item: MediaInput, path: Path) -> str:
        assert path.read_bytes(), "the file is there"
        if self.refusals:
            raise self.refusals.pop(0)
        self.uploaded.append(item)
        return f"upload-{len(self.uploaded)}"

    def build_body(self, request: GenerationRequest, uploads: Sequence[str] = ()) -> dict[str, Any]:
        return {"prompt": request.prompt, "pictures": list(uploads)}

    async def submit(self, body: Mapping[str, Any], *, attempt_uuid: str) -> Operation:
        self.sent.append(dict(body))
        return Operation(self.id, f"operation-{len(self.sent)}", "m", cost_usd=self.told_usd)

    async def poll(self, operation: Operation) -> PollResult:
        return self.answer

    async def cancel(self, operation: Operation) -> CancelOutcome:
        return CancelOutcome.UNSUPPORTED

    async def check_connection(self) -> ConnectionReport:
        return ConnectionReport("It answers.")


@pytest.fixture
async def opened(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Studio, Scripted]]:
    monkeypatch.setenv("GEMINI_API_KEY", "a-key-for-tests-0123456789")
    monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", "0.02")
    monkeypatch.setattr("veo_studio.core.generators.run._UPLOAD_WAIT_S", 0.05)
    gateway = HttpGateway()
    pacing = PollPacing(0, 0.02, 60, 48)
    async with running(FileServer(noise_clip())) as server, open_studio() as studio:
        provider = Scripted(adapter_tools("gemini", gateway, server.url, pacing=pacing))
        studio.providers._providers["gemini"] = provider
        yield studio, provider
    await gateway.close()


def with_picture(folder: Path, role: InputRole = InputRole.FIRST_FRAME) -> GenerationRequest:
    file = folder / "boat.png"
    Image.new("RGB", (64, 36), "teal").save(file)
    item = take_in_picture(_files(), file, role)
    # what was taken in stays, whatever becomes of the user's file
    file.unlink()
    return request_of(inputs=(item,))


def request_of(**settings: Any) -> GenerationRequest:
    config = VideoConfig("16:9", 3, "360p", **settings)
    return GenerationRequest("A paper boat", "gemini", "gemini-omni-1.2-flash", config)


def _files() -> Any:
    from veo_studio.core.input_files import InputFiles

    return InputFiles(Paths.default().inputs)


@pytest.fixture(autouse=True)
def _takes_first_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of what a model takes is its own test."""
    monkeypatch.setattr("veo_studio.core.fitting.check", lambda model, config: None)


async def test_a_picture_is_brought_before_anything_is_paid_for(
    opened: tuple[Studio, Scripted], tmp_path: Path
) -> None:
    studio, provider = opened
    made = await settled(studio, with_picture(tmp_path))
    assert made.state is _S.COMPLETED
    assert [item.name for item in provider.uploaded] == ["boat.png"]
    assert provider.sent == [{"prompt": "A paper boat", "pictures": ["upload-1"]}]
    (attempt,) = await studio.generations.attempts(made.id)
    assert attempt.request == provider.sent[0], "what is stored is what was sent"
    assert made.config.inputs[0].width_px == 64


async def test_takes_with_one_picture_bring_it_once(
    opened: tuple[Studio, Scripted], tmp_path: Path
) -> None:
    studio, provider = opened
    request = with_picture(tmp_path)
    for generation in await studio.queue.enqueue([request, request, request]):
        assert (await studio.queue.wait(generation.id)).state is _S.COMPLETED
    assert len(provider.uploaded) == 1
    assert len(provider.sent) == 3


async def test_an_upload_that_breaks_off_is_repeated_and_nothing_is_sent_meanwhile(
    opened: tuple[Studio, Scripted], tmp_path: Path
) -> None:
    studio, provider = opened
    provider.refusals = [ProviderUnavailable("The line broke."), ProviderUnavailable("Again.")]
    made = await settled(studio, with_picture(tmp_path))
    assert made.state is _S.COMPLETED
    assert len(provider.sent) == 1


async def test_a_picture_that_is_refused_costs_nothing(
    opened: tuple[Studio, Scripted], tmp_path: Path
) -> None:
    studio, provider = opened
    before = await studio.wallet.balance()
    provider.refusals = [InvalidRequest("This picture is too small.")]
    made = await settled(studio, with_picture(tmp_path))
    assert (made.state, made.charge) == (_S.FAILED, Charge.NOT_CHARGED)
    assert made.error == "This picture is too small."
    assert await studio.wallet.balance() == before
    assert provider.sent == []


async def test_a_key_that_is_refused_at_the_upload_pauses_the_provider(
    opened: tuple[Studio, Scripted], tmp_path: Path
) -> None:
    studio, provider = opened
    provider.refusals = [AuthError("This key is not known.")]
    made = await settled(studio, with_picture(tmp_path))
    assert (made.state, made.error_kind) == (_S.PENDING, ErrorKind.AUTH)
    assert set(studio.queue.pauses) == {"gemini"}
    assert provider.sent == []


async def test_a_picture_that_is_gone_from_the_library_is_told(
    opened: tuple[Studio, Scripted], tmp_path: Path
) -> None:
    studio, provider = opened
    request = with_picture(tmp_path)
    _files().path(request.config.inputs[0]).unlink()
    made = await settled(studio, request)
    assert made.state is _S.FAILED
    assert made.error is not None
    assert "boat.png is no longer" in made.error
    assert provider.sent == []


async def test_every_clip_of_one_submit_is_kept_as_a_clip_of_its_own(
    opened: tuple[Studio, Scripted],
) -> None:
    studio, provider = opened
    more = (f"{provider.base_url}/b.mp4", f"{provider.base_url}/c.mp4")
    provider.answer = Done(ResultRef(f"{provider.base_url}/a.mp4", more=more))
    added = []
    studio.events.subscribe(lambda e: added.append(e) if e.kind is EventKind.ADDED else None)
    first = await settled(studio, request_of(samples=3))
    clips = await studio.generations.page()
    assert len(clips) == 3
    assert {clip.state for clip in clips} == {_S.COMPLETED}
    paths = {clip.video_path for clip in clips}
    assert len(paths) == 3
    assert all(path is not None and path.is_file() for path in paths)
    free = [clip for clip in clips if clip.id != first.id]
    assert [(clip.tokens, clip.charge) for clip in free] == [(0, Charge.NOT_CHARGED)] * 2
    assert len(provider.sent) == 1
    assert len(added) == 3, "the window hears of each"
    assert await studio.wallet.check() == []


async def test_a_failure_of_a_provider_that_does_not_say_is_unknown(
    opened: tuple[Studio, Scripted],
) -> None:
    studio, provider = opened
    provider.answer = Refused(ErrorKind.GENERATION_FAILED, "No.", may_be_billed=True)
    made = await settled(studio, request_of())
    assert (made.state, made.charge) == (_S.FAILED, Charge.UNKNOWN)
    assert sum(entry.cost_usd for entry in await studio.wallet.entries()) < 0
    assert await studio.wallet.check() == []


async def test_what_the_provider_says_at_the_submit_and_at_the_end_is_booked(
    opened: tuple[Studio, Scripted],
) -> None:
    studio, provider = opened
    provider.told_usd = Decimal("0.60")
    provider.answer = Done(ResultRef(f"{provider.base_url}/a.mp4"), cost_usd=Decimal("0.48"))
    made = await settled(studio, request_of())
    assert made.cost_usd == Decimal("0.48")
    booked = sum(entry.cost_usd for entry in await studio.wallet.entries())
    assert booked == Decimal("-0.48")


@pytest.mark.parametrize(
    ("told", "charge", "booked"),
    [
        (None, Charge.NOT_CHARGED, "0"),
        ("0", Charge.NOT_CHARGED, "0"),
        ("0.60", Charge.CHARGED, "-0.60"),
    ],
)
async def test_a_failure_that_was_billed_says_so(
    opened: tuple[Studio, Scripted], told: str | None, charge: Charge, booked: str
) -> None:
    studio, provider = opened
    before = await studio.wallet.balance()
    provider.told_usd = Decimal("0.60")
    cost = None if told is None else Decimal(told)
    provider.answer = Refused(ErrorKind.CONTENT_FILTERED, "No.", cost_usd=cost)
    made = await settled(studio, request_of())
    assert (made.state, made.charge) == (_S.FAILED, charge)
    assert await studio.wallet.balance() == before, "tokens come back in any case"
    entries = await studio.wallet.entries()
    assert sum(entry.cost_usd for entry in entries) == Decimal(booked)
    assert await studio.wallet.check() == []


async def test_i11_a_look_up_waits_as_long_as_the_provider_said(
    opened: tuple[Studio, Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, provider = opened
    looked_up_at: list[float] = []

    async def lost(body: Mapping[str, Any], *, attempt_uuid: str) -> Operation:
        raise OutcomeUnknown("The answer was lost.")

    async def find(attempt_uuid: str) -> Operation:
        looked_up_at.append(studio.clock.monotonic())
        return Operation("gemini", "operation-found", "m")

    monkeypatch.setattr(provider, "submit", lost)
    monkeypatch.setattr(provider, "find", find)
    provider.can_find = False
    unknown = await settled(studio, request_of())
    assert unknown.state is _S.UNKNOWN
    provider.can_find = True
    generator = studio.queue._scheduler._any
    told_at = studio.clock.monotonic()
    generator.gate.hold("gemini", 0.4, "Fewer requests, please.")
    await studio.queue.retry(unknown.id)
    made = await studio.queue.wait(unknown.id)
    assert made.state is _S.COMPLETED
    assert looked_up_at[0] - told_at >= 0.4
