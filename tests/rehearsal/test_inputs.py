"""Pictures and clips that a sketch is made from: frames, references, edits and extensions."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from tests.rehearsal.conftest import SMALL, Client, Finished, Open, picture, submit_body
from veo_studio.core.providers.rehearsal import wire
from veo_studio.core.providers.rehearsal.footage import probe_clip
from veo_studio.core.providers.rehearsal.renderer import FrameSource
from veo_studio.core.providers.rehearsal.spec import RenderSpec

EDITED = {"type": "video", "resolution": "360p"}
IMAGE = {"type": "image", "data": base64.b64encode(picture("red")).decode()}


def task(name: str) -> dict[str, Any]:
    return {"seed": 7, "video_config": {"task": name}}


def edit(interaction: str, **changes: Any) -> dict[str, Any]:
    return {
        "previous_interaction_id": interaction,
        "generation_config": task("edit"),
        "response_format": EDITED,
        **changes,
    }


def frames(content: bytes) -> list[np.ndarray[Any, Any]]:
    with av.open(io.BytesIO(content)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def distance(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> float:
    return float(np.abs(a.astype(int) - b.astype(int)).mean())


@pytest.mark.parametrize(
    ("count", "tags", "named_task", "expected"),
    [
        (0, "", None, (None, None, "")),
        (1, "", None, ("0", None, "")),
        (1, "<FIRST_FRAME>", "image_to_video", ("0", None, "")),
        (1, "<LAST_FRAME>", None, (None, "0", "")),
        (2, "<FIRST_FRAME> <LAST_FRAME>", None, ("0", "1", "")),
        (2, "<LAST_FRAME>", None, ("0", "1", "")),
        (3, "", "reference_to_video", (None, None, "012")),
        (2, "<IMAGE_REF_0> <IMAGE_REF_1>", None, (None, None, "01")),
        (3, "<FIRST_FRAME> <IMAGE_REF_0> <IMAGE_REF_1>", None, ("0", None, "12")),
    ],
)
def test_the_words_say_what_a_picture_is_for(
    count: int, tags: str, named_task: str | None, expected: tuple[Any, ...]
) -> None:
    parts = [{"type": "image", "uri": str(number)} for number in range(count)]
    config = task(named_task) if named_task else {}
    body = submit_body(
        input=[*parts, {"type": "text", "text": f"{tags} a boat"}], generation_config=config
    )
    submit = wire.read_submit(body)
    first, last, references = wire.roles(submit)
    assert submit.prompt == "a boat"
    told = (first and first["uri"], last and last["uri"], "".join(r["uri"] for r in references))
    assert told == expected


def test_references_are_pinned_to_the_corner(tmp_path: Path) -> None:
    paths = []
    for colour in ("red", "lime", "blue"):
        paths.append(str(tmp_path / colour))
        Path(paths[-1]).write_bytes(picture(colour))
    plain = FrameSource(RenderSpec("A boat", 7, 640, 360, 2.0)).frame(0).copy()
    with_three = RenderSpec("A boat", 7, 640, 360, 2.0, references=tuple(paths))
    pinned = FrameSource(with_three).frame(0)
    image = av.VideoFrame.from_ndarray(pinned, format="yuv420p").to_ndarray(format="rgb24")
    corner = image[45:110, 400:640].reshape(-1, 3).astype(int)
    for channel in range(3):
        others = [other for other in range(3) if other != channel]
        strong = (corner[:, channel] > 150) & (corner[:, others] < 90).all(axis=1)
        assert strong.sum() > 500
    # nothing else of the picture changed
    assert (pinned[200:360] == plain[200:360]).all()


async def test_references_arrive_over_the_wire(client: Client) -> None:
    interaction = await client.accepted(
        input=[IMAGE, IMAGE, {"type": "text", "text": "<IMAGE_REF_0> <IMAGE_REF_1> a boat"}],
        generation_config=task("reference_to_video"),
    )
    content = await client.download(await client.link(interaction))
    corner = frames(content)[0][45:110, 500:640].astype(int)
    assert ((corner[..., 0] > 150) & (corner[..., 1] < 90)).sum() > 500


async def test_an_edit_keeps_the_clip_and_changes_its_light(
    open_engine: Open, finished: Finished
) -> None:
    client = await open_engine(finished.folder)
    edited = await client.accepted(**edit(finished.interaction, input="A red desert at noon"))
    before = frames(finished.content)
    after = frames(await client.download(await client.link(edited)))
    assert len(after) == len(before)
    # the same movement, in other colours
    for number in (0, len(before) - 1):
        grey = [image[number].mean(axis=2) for image in (before, after)]
        assert np.corrcoef(grey[0].ravel(), grey[1].ravel())[0, 1] > 0.6
        assert distance(before[number], after[number]) > 3


async def test_an_extension_begins_with_the_clip_and_goes_on(
    open_engine: Open, finished: Finished
) -> None:
    client = await open_engine(finished.folder)
    longer = await client.accepted(
        previous_interaction_id=finished.interaction,
        generation_config=task("extend"),
        response_format={**SMALL, "duration": "2s"},
        input="A city at night",
    )
    answer = await client.done(longer)
    before = frames(finished.content)
    after = frames(await client.download(await client.link(longer)))
    assert len(after) == len(before) + 48
    # the words of the extension stand where those of the clip were
    assert distance(before[0][:280], after[0][:280]) < 6
    assert distance(before[-1], after[-1]) > 20
    # only what was made is counted
    counted = answer["usage"]["output_tokens_by_modality"]
    assert counted == [{"modality": "video", "tokens": 3862}]


async def test_an_uploaded_clip_can_be_edited(client: Client, finished: Finished) -> None:
    headers = {"X-Goog-Upload-Command": "start", "X-Goog-Upload-Header-Content-Type": "video/mp4"}
    start = client.session.post(
        client.url("/upload/v1/files"), headers=headers, json={"file": {"mime_type": "video/mp4"}}
    )
    async with start as answer:
        link = answer.headers["X-Goog-Upload-URL"]
    done = {"X-Goog-Upload-Command": "upload, finalize", "X-Goog-Upload-Offset": "0"}
    _, told = await client.post(link, headers=done, data=finished.content)
    part = {"type": "video", "uri": told["file"]["uri"], "mime_type": "video/mp4"}
    edited = await client.accepted(
        input=[part, {"type": "text", "text": "Make it night"}],
        generation_config=task("edit"),
        response_format=EDITED,
    )
    content = await client.download(await client.link(edited))
    assert len(frames(content)) == len(frames(finished.content))


async def test_a_continuation_survives_the_end_of_its_source(
    open_engine: Open, finished: Finished
) -> None:
    client = await open_engine(finished.folder, delay_s=0.5)
    edited = await client.accepted(**edit(finished.interaction))
    async with client.session.delete(client.url(f"/v1/interactions/{finished.interaction}")):
        pass
    await client.server.close()
    again = await open_engine(finished.folder)
    assert (await again.done(edited))["status"] == "completed"


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"previous_interaction_id": "v1_unknown"}, 404, "not found"),
        ({"response_format": {**EDITED, "duration": "3s"}}, 400, "duration"),
        ({"response_format": {**EDITED, "aspect_ratio": "16:9"}}, 400, "aspect_ratio"),
        ({"previous_interaction_id": None}, 400, "needs one video"),
        ({"generation_config": task("dance")}, 400, "accepted are"),
        ({"generation_config": {"video_config": 7}}, 400, "video_config"),
        (
            {"generation_config": task("extend"), "response_format": {"duration": "60s"}},
            400,
            "60 s",
        ),
    ],
)
async def test_what_cannot_be_worked_on_is_refused_with_a_reason(
    open_engine: Open, finished: Finished, changes: dict[str, Any], status: int, words: str
) -> None:
    client = await open_engine(finished.folder)
    told, answer = await client.submit(**edit(finished.interaction, **changes))
    assert told == status, answer
    assert words in answer["error"]["message"]
    assert client.server.accepted_count == 0


async def test_an_unfinished_one_and_a_picture_are_no_clips(open_engine: Open) -> None:
    client = await open_engine(faults="never")
    running = await client.accepted()
    status, answer = await client.submit(**edit(running))
    assert (status, "no video" in answer["error"]["message"]) == (400, True)
    part = {"type": "video", "data": base64.b64encode(b"no clip at all").decode()}
    body = edit("", previous_interaction_id=None, input=[part])
    status, answer = await client.submit(**body)
    assert (status, "clip" in answer["error"]["message"]) == (400, True)


def test_a_picture_is_probed_as_no_clip(tmp_path: Path) -> None:
    path = tmp_path / "clip"
    for content in (b"", b"no clip", Image.new("RGB", (8, 8)).tobytes()):
        path.write_bytes(content)
        with pytest.raises(ValueError):
            probe_clip(path)
