"""The whole way against the rehearsal engine: the adapter, a bad line, and the finished file."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

from tests.transport.conftest import KEY, MakeProvider, request_of
from veo_studio.core import download, media
from veo_studio.core.errors import (
    DownloadError,
    LinkExpired,
    OutcomeUnknown,
    ProviderUnavailable,
    RateLimited,
    StudioError,
)
from veo_studio.core.models import Done, Operation, Running
from veo_studio.core.providers.gemini import GeminiProvider
from veo_studio.core.providers.rehearsal.faults import parse_faults
from veo_studio.core.providers.rehearsal.server import RehearsalServer

ATTEMPT = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"
FAULTS = (
    "429:7,503,reset,poll-500*1,poll-429:3,poll-html,poll-reset,"
    "cut:1000*2,short,expired,html,download-500,redirect*1"
)


async def done(provider: GeminiProvider, operation: Operation) -> tuple[Done, list[StudioError]]:
    errors: list[StudioError] = []
    while True:
        try:
            answer = await provider.poll(operation)
        except StudioError as error:
            errors.append(error)
            continue
        if isinstance(answer, Done):
            return answer, errors
        assert isinstance(answer, Running)
        await asyncio.sleep(0.02)


async def test_a01_c01_c06_c07_a_clip_arrives_through_every_fault(
    make_provider: MakeProvider, tmp_path: Path
) -> None:
    engine = RehearsalServer(tmp_path / "engine", faults=parse_faults(FAULTS), required_api_key=KEY)
    async with engine:
        provider = make_provider(engine.base_url, extensions=True)
        body = provider.build_body(request_of(duration_s=2, resolution="360p", seed=1))
        submits: list[StudioError] = []
        while True:
            try:
                await provider.submit(body, attempt_uuid=ATTEMPT)
            except (RateLimited, ProviderUnavailable) as error:
                submits.append(error)
            except OutcomeUnknown as error:
                submits.append(error)
                break
        assert [type(error) for error in submits] == [
            RateLimited,
            ProviderUnavailable,
            OutcomeUnknown,
        ]
        assert isinstance(submits[0], RateLimited)
        assert submits[0].retry_after_s == 7
        # the answer was lost, and the engine can say so
        operation = await provider.find(ATTEMPT)
        assert operation is not None
        assert engine.accepted_count == 1

        finished, polls = await done(provider, operation)
        # the reset one is not among them: aiohttp repeats a GET whose connection was reused
        assert len(polls) == 3
        folder = download.prepare_folder(tmp_path / "outputs")
        part = folder / ".uuid.part"
        downloads: list[StudioError] = []
        fetched = None
        while fetched is None:
            try:
                fetched = await download.fetch(provider, finished.result, part)
            except LinkExpired as error:
                downloads.append(error)
                finished, _ = await done(provider, operation)
            except (DownloadError, ProviderUnavailable) as error:
                downloads.append(error)
        assert [type(error) for error in downloads] == [
            ProviderUnavailable,
            ProviderUnavailable,
            ProviderUnavailable,
            LinkExpired,
            DownloadError,
            ProviderUnavailable,
        ]
    target = download.finish(part, folder / "a.mp4", fetched.sha256)
    assert [path.name for path in folder.iterdir()] == ["a.mp4"]
    assert hashlib.sha256(target.read_bytes()).hexdigest() == fetched.sha256
    assert media.probe(target).duration_s > 1.9
    ranges = [request.range_header for request in engine.requests if request.range_header]
    assert ranges[:2] == ["bytes=1000-", "bytes=2000-"]
    assert not any(request.has_key for request in engine.requests if request.origin == "storage")
    assert any(request.origin == "storage" for request in engine.requests)
