"""What the tests of Vertex's results share: a submit, its end, and its files."""

from __future__ import annotations

import os
from pathlib import Path

from tests.providers.servers.vertex import Case
from veo_studio.core import download
from veo_studio.core.models import (
    Done,
    GenerationRequest,
    Operation,
    ResultRef,
    VideoConfig,
)
from veo_studio.core.providers.vertex import VertexProvider


async def submitted(case: Case, samples: int = 1) -> Operation:
    config = VideoConfig(seed=7, samples=samples)
    request = GenerationRequest("A kite", "vertex", "veo-3.1-generate-001", config)
    body = case.provider.build_body(request)
    return await case.provider.submit(body, attempt_uuid="a")


async def done(provider: VertexProvider, operation: Operation) -> ResultRef:
    answer = await provider.poll(operation)
    assert isinstance(answer, Done), answer
    return answer.result


async def fetched(case: Case, provider: VertexProvider, result: ResultRef) -> bytes:
    (case.folder / "outputs").mkdir(exist_ok=True)
    part = case.folder / "outputs" / f".{len(os.listdir(case.folder / 'outputs'))}.part"
    whole = await download.fetch(provider, result, part)
    return whole.path.read_bytes()


def received(case: Case) -> list[Path]:
    folder = case.folder / "inputs" / "received"
    return sorted(folder.iterdir()) if folder.is_dir() else []
