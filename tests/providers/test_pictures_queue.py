"""Pictures of Google and Runway through the real queue: one token, the price that was reported, a file."""

from __future__ import annotations

import hashlib
from collections import deque
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

from tests.core.studios import google, open_studio, settled
from tests.providers.gemini_service import picture_of
from tests.providers.servers import runway as script
from tests.providers.servers.runway import KEY, runway
from tests.providers.test_gemini_pictures import NAME, Google, completed, inline, says
from tests.transport.pictures import noise_picture
from tests.transport.raw_server import running
from veo_studio.core.inputs import take_in_picture
from veo_studio.core.models import (
    Charge,
    ErrorKind,
    Generation,
    GenerationKind,
    GenerationRequest,
    GenerationState,
    InputRole,
    VideoConfig,
)
from veo_studio.core.providers.rehearsal.spec import picture_size

STILL = VideoConfig("4:3", 0, "1080p", seed=7)


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VEO_STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", "0.05")
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


def arrived(made: Generation, content: bytes | None = None) -> Path:
    assert made.state is GenerationState.COMPLETED, made.error
    assert made.kind is GenerationKind.IMAGE
    assert made.video_path is not None
    found = made.video_path.read_bytes()
    assert hashlib.sha256(found).hexdigest() == made.sha256
    assert content is None or found == content
    return made.video_path


async def test_a_picture_of_google_costs_a_token_and_what_its_tokens_cost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = tmp_path / "cat.png"
    Image.new("RGB", (64, 36), "red").save(source)
    async with google(monkeypatch, tmp_path / "engine") as server, open_studio() as studio:
        before = await studio.wallet.balance()
        item = take_in_picture(studio.client.files, source, InputRole.REFERENCE)
        with pytest.raises(ValueError, match="aspect ratios"):
            # what is not offered is refused before anything is paid for
            await studio.queue.enqueue([picture_of(aspect_ratio="1:8")])
        made = await settled(studio, picture_of("A boat", aspect_ratio="4:3", inputs=(item,)))
        with Image.open(arrived(made)) as found:
            assert (found.format, found.size) == ("PNG", picture_size("4:3", "1K"))
        assert made.video_path is not None
        assert made.video_path.suffix == ".png"
        assert (made.tokens, made.config.duration_s) == (1, 0)
        assert await studio.wallet.balance() == before - 1
        assert made.price_usd == Decimal("0.067") + Decimal("0.001020")
        # two tokens of words and 1120 of a picture
        assert made.cost_usd == Decimal("0.067201")
        posts = [told.path for told in server.requests if told.method == "POST"]
        assert posts == ["/upload/v1/files", "/upload/v1/files", "/v1/interactions"]


@pytest.mark.parametrize("extension", ["png", "jpg", "webp"])
async def test_a_picture_inside_the_answer_arrives(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, extension: str
) -> None:
    content = noise_picture(extension)
    said = Google(deque([says({"id": NAME, "status": "queued"})]))
    said.polls += [says({"id": NAME, "status": "in_progress"}), says(completed(inline(content)))]
    monkeypatch.setenv("GEMINI_API_KEY", "AIzaSy-a-key-for-tests-0123456789")
    async with running(said) as server:
        monkeypatch.setenv("VEO_STUDIO_GEMINI_URL", server.url)
        async with open_studio() as studio:
            made = await settled(studio, picture_of())
            assert arrived(made, content).suffix == f".{extension}"
            assert made.charge is Charge.CHARGED
    assert (said.asked.count("POST /v1/interactions"), said.poll_count) == (1, 2)


async def test_a_picture_of_runway_arrives_at_the_price_that_it_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with runway(noise_picture()) as server:
        monkeypatch.setenv("VEO_STUDIO_RUNWAY_URL", server.url)
        monkeypatch.setenv("RUNWAYML_API_SECRET", KEY)
        server.states = [script.succeeded(7)]
        async with open_studio() as studio:
            request = GenerationRequest("A paper boat", "runway", "gen4_image", STILL)
            made = await settled(studio, request)
            assert arrived(made, noise_picture()).suffix == ".png"
            assert (made.tokens, made.price_usd) == (1, Decimal("0.08"))
            assert made.cost_usd == Decimal("0.07")
        assert [received.path for received in server.paid] == ["/v1/text_to_image"]


async def test_a_picture_whose_answer_was_lost_waits_for_the_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with runway(noise_picture()) as server:
        monkeypatch.setenv("VEO_STUDIO_RUNWAY_URL", server.url)
        monkeypatch.setenv("RUNWAYML_API_SECRET", KEY)
        server.submit_steps.append(script.accept_and_reset)
        async with open_studio() as studio:
            request = GenerationRequest("A paper boat", "runway", "gen4_image", STILL)
            made = await settled(studio, request)
            assert (made.state, made.charge) == (GenerationState.UNKNOWN, Charge.UNKNOWN)
        assert len(server.paid) == 1


async def test_a_refused_picture_gives_its_token_back_where_nothing_was_billed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with runway(noise_picture()) as server:
        monkeypatch.setenv("VEO_STUDIO_RUNWAY_URL", server.url)
        monkeypatch.setenv("RUNWAYML_API_SECRET", KEY)
        server.states = [script.failed("SAFETY.INPUT.TEXT")]
        async with open_studio() as studio:
            before = await studio.wallet.balance()
            request = GenerationRequest("A paper boat", "runway", "gen4_image", STILL)
            made = await settled(studio, request)
            assert made.error_kind is ErrorKind.CONTENT_FILTERED
            assert await studio.wallet.balance() == before
