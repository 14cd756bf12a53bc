"""Clips inside a JSON answer, however the answer is cut and written."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.providers.servers import vertex
from tests.providers.servers.vertex import connected
from veo_studio.core.errors import ProtocolError
from veo_studio.core.models import GenerationRequest, VideoConfig
from veo_studio.core.providers.inline_results import SCHEME, InlineAnswer

CLIPS = [random.Random(size).randbytes(size) for size in (0, 1, 2, 3, 1000, 30_001)]
ANSWER = {
    "name": "op",
    "response": {
        "videos": [
            {"bytesBase64Encoded": base64.b64encode(clip).decode(), "mimeType": "video/mp4"}
            for clip in CLIPS
        ],
        "none": {"bytesBase64Encoded": None},
        "words": 'say "bytesBase64Encoded": "hi"',
        "bytesBase64Encoded": {"bytesBase64Encoded": 7},
    },
}
FORMS: dict[str, Callable[[], str]] = {
    "compact": lambda: json.dumps(ANSWER, separators=(",", ":")),
    "indented": lambda: json.dumps(ANSWER, indent=2).replace('Encoded":', 'Encoded" :\r\n\t'),
    "escaped": lambda: json.dumps(ANSWER).replace("=", r"\u003d").replace("/", r"\/"),
    "all escaped": lambda: (
        json.dumps(ANSWER).replace("/", r"\u002F".lower()).replace("+", r"\u002b")
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("sizes", [[10**9], [1], [1, 2, 3, 5, 7], [3, 50, 1000, 65_536]])
def test_clips_go_to_files_and_the_rest_is_the_answer(
    tmp_path: Path, form: str, sizes: list[int]
) -> None:
    draw = random.Random(7)
    raw = FORMS[form]().encode()
    answer = InlineAnswer(tmp_path, "an owner")
    at = 0
    while at < len(raw):
        size = draw.choice(sizes)
        answer.feed(raw[at : at + size])
        at += size
    read = answer.finish()
    answer.close()
    for video, clip in zip(read["response"]["videos"], CLIPS, strict=True):
        name = video["bytesBase64Encoded"].removeprefix(SCHEME)
        assert (tmp_path / name).read_bytes() == clip
        assert video["mimeType"] == "video/mp4"
    for name in ("none", "words", "bytesBase64Encoded"):
        assert read["response"][name] == ANSWER["response"][name]  # type: ignore[index]
    assert len(list(tmp_path.iterdir())) == len(CLIPS)


@pytest.mark.parametrize("text", ["no base64!", "AAA", "AA\\nAA", "AA==AAAA=", "\\u0041AAA"])
def test_what_is_no_base64_is_no_clip(tmp_path: Path, text: str) -> None:
    answer = InlineAnswer(tmp_path, "an owner")
    with pytest.raises(ProtocolError):
        answer.feed(b'{"bytesBase64Encoded": "' + text.encode() + b'"}')
    answer.close()
    assert list(tmp_path.iterdir()) == []


def test_what_ends_within_a_clip_is_no_answer(tmp_path: Path) -> None:
    answer = InlineAnswer(tmp_path, "an owner")
    answer.feed(b'{"bytesBase64Encoded": "AAAA')
    with pytest.raises(ProtocolError):
        answer.finish()
    answer.close()
    answer.feed(b"AAAA")
    assert list(tmp_path.iterdir()) == []


def test_the_same_clip_has_the_same_name(tmp_path: Path) -> None:
    names: list[Any] = []
    for _ in range(2):
        answer = InlineAnswer(tmp_path, "an owner")
        answer.feed(b'{"bytesBase64Encoded": "AAAA"}')
        names.append(answer.finish())
    assert names[0] == names[1]


async def test_a_poll_that_is_given_up_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        config = VideoConfig(seed=7)
        request = GenerationRequest("A kite", "vertex", "veo-3.1-generate-001", config)
        body = case.provider.build_body(request)
        operation = await case.provider.submit(body, attempt_uuid="a")

        is_under_way = asyncio.Event()

        async def endless(call: vertex.Call) -> None:
            await call.reply.head(200, {"Content-Type": "application/json"})
            await call.reply.body(b'{"bytesBase64Encoded": "')
            for number in itertools.count():
                await call.reply.body(b"AAAA" * 10_000)
                if number == 300:
                    # more than fits on the way: some of it was taken
                    is_under_way.set()

        case.vertex.poll_steps.append(endless)
        poll = asyncio.create_task(case.provider.poll(operation))
        async with asyncio.timeout(30):
            await is_under_way.wait()
        folder = tmp_path / "inputs" / "received"
        assert len(list(folder.iterdir())) == 1
        poll.cancel()
        await asyncio.wait({poll})
        assert poll.cancelled()
        assert list(folder.iterdir()) == []
