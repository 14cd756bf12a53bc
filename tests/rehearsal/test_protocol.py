from __future__ import annotations

import asyncio
import base64
import time
from typing import Any

import pytest

from tests.rehearsal.conftest import SMALL, Client, Finished, Open, picture, video_of


async def test_a_generation_goes_from_queued_to_a_video(client: Client) -> None:
    status, answer = await client.submit()
    assert status == 200
    assert answer["status"] == "queued"
    assert answer["object"] == "interaction"
    done = await client.done(answer["id"])
    assert done["status"] == "completed"
    video = video_of(done)
    assert video["type"] == "video"
    assert video["mime_type"] == "video/mp4"
    assert video["uri"].startswith(f"{client.server.base_url}/v1beta/files/")
    assert video["uri"].endswith(":download?alt=media")
    assert done["usage"]["output_tokens_by_modality"] == [{"modality": "video", "tokens": 3862}]
    assert done["usage"]["total_tokens"] == done["usage"]["total_input_tokens"] + 3862
    content = await client.download(video["uri"])
    assert content[4:8] == b"ftyp"
    assert client.server.accepted_count == 1
    assert client.server.fraction(answer["id"]) == 1.0


async def test_both_versions_of_the_path_are_served(client: Client, finished: Finished) -> None:
    status, answer = await client.post("/v1beta/interactions", json={"model": "none"})
    assert (status, answer["error"]["status"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"response_format": {**SMALL, "duration": 8}}, '"8s"'),
        ({"response_format": {**SMALL, "duration": "8"}}, '"8s"'),
        ({"response_format": {**SMALL, "duration": "61s"}}, "2s to 60s"),
        ({"response_format": {**SMALL, "duration": "1s"}}, "2s to 60s"),
        ({"response_format": {**SMALL, "aspect_ratio": "5:4"}}, "16:9, 9:16, 1:1"),
        ({"response_format": {**SMALL, "resolution": "4K"}}, "360p, 480p, 720p, 1080p, 4k"),
        ({"response_format": {**SMALL, "negative_prompt": "rain"}}, "negative_prompt"),
        ({"response_format": {"type": "audio"}}, "video"),
        ({"response_format": {**SMALL, "delivery": "post"}}, "uri, inline"),
        ({"prompt": "a boat"}, '"prompt"'),
        ({"input": 7}, "input"),
        ({"input": [{"type": "smell"}]}, "user_input"),
        ({"input": [{"type": "image", "data": "%%%"}]}, "base64"),
        ({"input": [{"type": "image", "uri": "http://x/v1beta/files/none"}]}, "ACTIVE"),
        ({"generation_config": {"seed": "7"}}, "seed"),
        ({"generation_config": {"rehearsal": {"audio": "no"}}}, "audio"),
        ({"labels": {"attempt": "UPPER"}}, "labels"),
        ({"model": None}, "model"),
        ({"stream": True}, "stream"),
        ({"store": False}, "store"),
    ],
)
async def test_a_wrong_request_is_refused_with_what_is_accepted(
    client: Client, changes: dict[str, Any], words: str
) -> None:
    status, answer = await client.submit(**changes)
    assert status == 400
    assert answer["error"]["code"] == 400
    assert answer["error"]["status"] == "INVALID_ARGUMENT"
    assert words in answer["error"]["message"]
    assert client.server.accepted_count == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"null"])
async def test_a_body_that_is_no_object_is_refused(client: Client, body: bytes) -> None:
    status, answer = await client.post("/v1/interactions", data=body)
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("model", ["veo-1.0", "gemini-omni-flash", "veo-3.1-generate-001"])
async def test_models_that_are_not_served_are_not_found(client: Client, model: str) -> None:
    status, answer = await client.submit(model=model)
    assert (status, answer["error"]["status"]) == (404, "NOT_FOUND")
    assert model in answer["error"]["message"]


async def test_the_specifications_models_are_served(open_engine: Open) -> None:
    client = await open_engine(faults="never")
    for model in ("rehearsal", "rehearsal-fast", "veo-3.1", "veo-2.0", "gemini-omni-1.2-flash"):
        assert (await client.submit(model=model))[0] == 200


async def test_unknown_ids_and_paths_answer_in_googles_shape(client: Client) -> None:
    for path in ("/v1/interactions/v1_0", "/v1/nothing", "/rehearsal/attempts/none"):
        status, answer = await client.get(path)
        assert (status, answer["error"]["status"]) == (404, "NOT_FOUND")
    status, answer = await client.get("/v1/files/abc:download?alt=media")
    assert (status, answer["error"]["status"]) == (403, "PERMISSION_DENIED")


async def test_cancel_ends_a_render_and_delete_forgets_it(client: Client) -> None:
    interaction = await client.accepted(response_format={**SMALL, "duration": "60s"})
    await asyncio.sleep(0.3)
    began = time.monotonic()
    status, answer = await client.post(f"/v1/interactions/{interaction}/cancel")
    assert (status, answer["status"]) == (200, "cancelled")
    assert time.monotonic() - began < 1
    assert (await client.poll(interaction))[1]["status"] == "cancelled"
    async with client.session.delete(client.url(f"/v1/interactions/{interaction}")) as answer_:
        assert (answer_.status, await answer_.json()) == (200, {})
    assert (await client.poll(interaction))[0] == 404


async def test_a_finished_generation_stays_finished_when_cancelled(
    open_engine: Open, finished: Finished
) -> None:
    client = await open_engine(finished.folder)
    status, answer = await client.post(f"/v1/interactions/{finished.interaction}/cancel")
    assert (status, answer["status"]) == (200, "completed")


async def test_an_attempt_can_be_found_again(open_engine: Open) -> None:
    client = await open_engine(faults="never")
    attempt = "0b0b9c9e-5d43-4f3e-9f6b-0123456789ab"
    assert (await client.get(f"/rehearsal/attempts/{attempt}"))[0] == 404
    interaction = await client.accepted(labels={"attempt": attempt})
    status, answer = await client.get(f"/rehearsal/attempts/{attempt}")
    assert (status, answer["id"]) == (200, interaction)
    assert answer["labels"] == {"attempt": attempt}


async def test_ranges_are_answered_as_asked(open_engine: Open, finished: Finished) -> None:
    client = await open_engine(finished.folder)
    link = await client.link(finished.interaction)
    content, size = finished.content, len(finished.content)
    async with client.session.head(link) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Length"] == str(size)
        assert answer.headers["Accept-Ranges"] == "bytes"
        etag = answer.headers["ETag"]
        assert etag.startswith('"')
    cases = [
        ("bytes=0-9", content[:10], f"bytes 0-9/{size}"),
        ("bytes=100-", content[100:], f"bytes 100-{size - 1}/{size}"),
        ("bytes=-7", content[-7:], f"bytes {size - 7}-{size - 1}/{size}"),
        (f"bytes=5-{size * 2}", content[5:], f"bytes 5-{size - 1}/{size}"),
    ]
    for header, expected, content_range in cases:
        async with client.session.get(link, headers={"Range": header, "If-Range": etag}) as answer:
            assert answer.status == 206
            assert answer.headers["Content-Range"] == content_range
            assert await answer.read() == expected
    for headers in ({"Range": "bytes=5-9", "If-Range": '"other"'}, {"Range": "bytes=x"}, {}):
        async with client.session.get(link, headers=headers) as answer:
            assert answer.status == 200
            assert await answer.read() == content
    for header in (f"bytes={size}-", "bytes=-0"):
        async with client.session.get(link, headers={"Range": header}) as answer:
            assert answer.status == 416
            assert answer.headers["Content-Range"] == f"bytes */{size}"


async def test_the_file_tells_its_size_and_digest(open_engine: Open, finished: Finished) -> None:
    client = await open_engine(finished.folder)
    link = await client.link(finished.interaction)
    status, answer = await client.get(link.split(":download")[0])
    assert (status, answer["state"]) == (200, "ACTIVE")
    assert answer["sizeBytes"] == str(len(finished.content))
    assert answer["downloadUri"] == link


async def test_models_are_listed(client: Client) -> None:
    status, answer = await client.get("/v1/models?pageSize=50")
    names = [model["name"] for model in answer["models"]]
    assert status == 200
    assert "models/gemini-omni-1.2-flash" in names


async def test_a_required_key_is_required_everywhere(open_engine: Open) -> None:
    client = await open_engine(required_api_key="secret")
    status, answer = await client.get("/v1/models")
    assert (status, answer["error"]["status"]) == (403, "PERMISSION_DENIED")
    status, answer = await client.get("/v1/models", headers={"x-goog-api-key": "wrong"})
    assert status == 400
    assert answer["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    assert (await client.get("/v1/models", headers={"x-goog-api-key": "secret"}))[0] == 200
    headers = {"x-goog-api-key": "secret", "Authorization": "Bearer secret"}
    status, answer = await client.get("/v1/models", headers=headers)
    assert "Multiple authentication credentials" in answer["error"]["message"]
    assert [request.has_key for request in client.server.requests] == [False, True, True, True]


async def test_web_pages_are_kept_out(client: Client) -> None:
    for headers in ({"Origin": "https://example.com"}, {"Host": "example.com"}):
        assert (await client.get("/v1/models", headers=headers))[0] == 403


async def test_an_uploaded_picture_opens_the_clip(client: Client) -> None:
    image = picture("red")
    async with client.session.post(
        client.url("/upload/v1/files"),
        headers={
            "X-Goog-Upload-Protocol": "resumable",
            "X-Goog-Upload-Command": "start",
            "X-Goog-Upload-Header-Content-Length": str(len(image)),
            "X-Goog-Upload-Header-Content-Type": "image/png",
        },
        json={"file": {"display_name": "ref.png"}},
    ) as answer:
        assert answer.status == 200
        upload = answer.headers["x-goog-upload-url"]
    headers = {"X-Goog-Upload-Command": "upload", "X-Goog-Upload-Offset": "0"}
    async with client.session.post(upload, headers=headers, data=image[:50]) as answer:
        assert answer.headers["X-Goog-Upload-Status"] == "active"
    headers = {"X-Goog-Upload-Command": "upload, finalize", "X-Goog-Upload-Offset": "50"}
    status, answer_ = await client.post(upload, headers=headers, data=image[50:])
    assert (status, answer_["file"]["state"]) == (200, "PROCESSING")
    assert answer_["file"]["sizeBytes"] == str(len(image))
    status, described = await client.get(f"/v1/{answer_['file']['name']}")
    assert (status, described["state"]) == (200, "ACTIVE")
    parts = [
        {"type": "image", "uri": answer_["file"]["uri"], "mime_type": "image/png"},
        {
            "type": "image",
            "data": base64.b64encode(picture("blue")).decode(),
            "mime_type": "image/png",
        },
        {"type": "text", "text": "<FIRST_FRAME> melts into <LAST_FRAME>"},
    ]
    interaction = await client.accepted(input=[{"type": "user_input", "content": parts}])
    assert (await client.done(interaction))["status"] == "completed"


async def test_a_picture_that_cannot_be_read_fails_the_generation(client: Client) -> None:
    parts = [{"type": "image", "data": base64.b64encode(b"no picture").decode()}]
    answer = await client.done(await client.accepted(input=parts))
    assert answer["status"] == "failed"
    assert "UnidentifiedImageError" in answer["errors"][0]["message"]


async def test_without_background_the_answer_waits_for_the_bytes(client: Client) -> None:
    format_ = {**SMALL, "delivery": "inline"}
    status, answer = await client.submit(background=False, response_format=format_)
    assert (status, answer["status"]) == (200, "completed")
    assert base64.b64decode(video_of(answer)["data"])[4:8] == b"ftyp"


async def test_a_delay_holds_the_answer_back(open_engine: Open) -> None:
    client = await open_engine(delay_s=1.0, faults="fail")
    began = time.monotonic()
    interaction = await client.accepted()
    await asyncio.sleep(0.1)
    assert (await client.poll(interaction))[1]["status"] == "in_progress"
    await client.done(interaction)
    assert time.monotonic() - began >= 1.0
