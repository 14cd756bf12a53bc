"""Pictures of the rehearsal engine: the same protocol, a PNG in place of a clip."""

from __future__ import annotations

import base64
import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.rehearsal.conftest import Client, Open, picture, submit_body, video_of
from veo_studio.core.providers.rehearsal import wire
from veo_studio.core.providers.rehearsal.renderer import render
from veo_studio.core.providers.rehearsal.spec import ASPECT_RATIOS, RenderSpec, picture_size

STILL = {"type": "image", "aspect_ratio": "4:3", "image_size": "1K"}
WORDS = {"model": "rehearsal-picture", "response_format": STILL}


def part(colour: str) -> dict[str, str]:
    return {"type": "image", "data": base64.b64encode(picture(colour)).decode()}


def opened(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content)) as found:
        assert found.format == "PNG"
        found.load()
        return found.copy()


async def made(client: Client, **changes: Any) -> bytes:
    answer = await client.done(await client.accepted(**{**WORDS, **changes}))
    return await client.download(video_of(answer)["uri"])


async def test_a_picture_is_a_png_of_the_shape_and_comes_by_link(client: Client) -> None:
    answer = await client.done(await client.accepted(**WORDS))
    output = video_of(answer)
    assert (output["type"], output["mime_type"]) == ("image", "image/png")
    async with client.session.get(output["uri"]) as sent:
        assert sent.content_type == "image/png"
        content = await sent.read()
    assert opened(content).size == picture_size("4:3", "1K") == (1184, 888)
    assert answer["usage"]["output_tokens_by_modality"] == [{"modality": "image", "tokens": 1120}]
    _status, described = await client.get(output["uri"].replace(":download?alt=media", ""))
    assert described["mimeType"] == "image/png"
    assert base64.b64decode(described["sha256Hash"]) == hashlib.sha256(content).digest()


async def test_the_same_words_and_seed_are_the_same_bytes(client: Client) -> None:
    first = await made(client)
    assert await made(client) == first
    assert await made(client, generation_config={"seed": 8}) != first


async def test_references_are_seen(client: Client) -> None:
    def asked(*colours: str) -> dict[str, Any]:
        words = {"type": "text", "text": submit_body()["input"]}
        return {"input": [{"type": "user_input", "content": [*map(part, colours), words]}]}

    alone = np.asarray(opened(await made(client))).astype(int)
    one = np.asarray(opened(await made(client, **asked("red")))).astype(int)
    three = np.asarray(opened(await made(client, **asked("red", "lime", "blue")))).astype(int)
    assert 0 < np.abs(one - alone).mean() < np.abs(three - alone).mean()
    # the scenery stays that of the words
    assert (np.abs(three - alone).max(axis=2) > 8).mean() < 0.2


async def test_a_picture_can_come_with_the_answer(client: Client) -> None:
    inline = {**STILL, "delivery": "inline"}
    answer = await client.done(await client.accepted(**{**WORDS, "response_format": inline}))
    assert opened(base64.b64decode(video_of(answer)["data"])).size == (1184, 888)


async def test_a_picture_survives_a_restart(open_engine: Open, tmp_path: Path) -> None:
    client = await open_engine(tmp_path / "engine")
    name = await client.accepted(**WORDS)
    content = await client.download(await client.link(name))
    await client.server.close()
    again = await open_engine(tmp_path / "engine")
    assert await again.download(await again.link(name)) == content


async def test_a_redirected_picture_arrives(open_engine: Open) -> None:
    client = await open_engine(faults="redirect")
    assert opened(await made(client)).size == (1184, 888)


async def test_a_refusal_speaks_of_an_image(open_engine: Open) -> None:
    client = await open_engine(faults="refuse")
    answer = await client.done(await client.accepted(**WORDS))
    assert "create this image" in video_of(answer)["text"]


async def test_a_picture_is_no_clip_to_go_on_from(client: Client) -> None:
    name = await client.accepted(**WORDS)
    await client.done(name)
    status, answer = await client.submit(
        previous_interaction_id=name, response_format={"type": "video", "resolution": "360p"}
    )
    assert status == 400
    assert "no video" in answer["error"]["message"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"response_format": {**STILL, "image_size": "1k"}}, "accepted are 1K, 2K, 4K"),
        ({"response_format": {**STILL, "image_size": "8K"}}, "image_size: '8K'"),
        ({"response_format": {**STILL, "aspect_ratio": "5:4"}}, "aspect_ratio: '5:4'"),
        ({"response_format": {**STILL, "duration": "8s"}}, 'Unknown name "duration"'),
        ({"response_format": {"type": "video"}}, "accepts 'image'"),
        ({"model": "rehearsal"}, "accepts 'video'"),
        ({"generation_config": {"video_config": {"task": "edit"}}}, "makes pictures"),
        ({"input": [{"type": "video", "data": part("red")["data"]}]}, "makes pictures"),
    ],
)
def test_what_no_picture_has_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(wire.WireError, match=words):
        wire.read_submit(submit_body(**{**WORDS, **changes}))


@pytest.mark.parametrize("size", ["1K", "2K", "4K"])
@pytest.mark.parametrize("aspect", ASPECT_RATIOS)
def test_all_shapes_of_a_size_have_as_many_pixels(aspect: str, size: str) -> None:
    width, height = picture_size(aspect, size)
    side = int(size[0]) * 1024
    assert abs(width * height / side**2 - 1) < 0.02
    assert abs(width / height / float(ASPECT_RATIOS[aspect]) - 1) < 0.02
    assert width % 8 == height % 8 == 0


def test_the_largest_picture_is_drawn(tmp_path: Path) -> None:
    width, height = picture_size("9:16", "4K")
    path = tmp_path / "a.png"
    render(RenderSpec("A lighthouse at night", 7, width, height, 0.0, is_still=True), path)
    with Image.open(path) as found:
        assert found.size == (3072, 5464)
        small = np.asarray(found.reduce(16).convert("L"))
    assert small.std() > 10
