"""Vertex AI's Veo in our words: bodies, operations, codes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from veo_studio.core import fitting
from veo_studio.core.catalog import Catalog
from veo_studio.core.errors import ProtocolError
from veo_studio.core.models import (
    CancelledByProvider,
    Done,
    ErrorKind,
    GenerationKind,
    GenerationRequest,
    InputRole,
    MediaInput,
    Refused,
    ResultRef,
    Running,
    Task,
    VideoConfig,
)
from veo_studio.core.providers import vertex_wire as wire

NAME = (
    "projects/my-films-123/locations/us-central1/publishers/google/models/"
    "veo-3.1-generate-001/operations/4c1b-07"
)
PLAIN = VideoConfig("16:9", 8, "1080p", "", 7)
STANDARD, FAST, LITE = (
    "veo-3.1-generate-001",
    "veo-3.1-fast-generate-001",
    "veo-3.1-lite-generate-001",
)


def item(role: InputRole, name: str = "a", **fields: Any) -> MediaInput:
    mime_type = "video/mp4" if role is InputRole.SOURCE else "image/png"
    return MediaInput(role, name * 64, mime_type, 100, f"{name}.png", **fields)


def body_of(config: VideoConfig, *uploads: str, bucket: str = "") -> dict[str, Any]:
    request = GenerationRequest("A red kite", "vertex", STANDARD, config)
    return wire.build_body(request, uploads, bucket)


# bodies


def test_the_body_is_what_the_service_documents() -> None:
    config = replace(PLAIN, negative_prompt="rain", enable_audio=True, samples=2)
    assert body_of(config, bucket="gs://films/clips/") == {
        "model": STANDARD,
        "instances": [{"prompt": "A red kite"}],
        "parameters": {
            "durationSeconds": 8,
            "aspectRatio": "16:9",
            "resolution": "1080p",
            "sampleCount": 2,
            "seed": 7,
            "negativePrompt": "rain",
            "generateAudio": True,
            "storageUri": "gs://films/clips/",
        },
        "labels": {"app": "veo-studio"},
    }


def test_without_wishes_there_is_sound_as_the_price_says() -> None:
    parameters = body_of(VideoConfig())["parameters"]
    assert parameters["generateAudio"] is True
    assert not {"seed", "negativePrompt", "storageUri"} & set(parameters)
    assert body_of(VideoConfig(enable_audio=False))["parameters"]["generateAudio"] is False


def test_pictures_are_named_and_not_held() -> None:
    frames = (item(InputRole.FIRST_FRAME, "a"), item(InputRole.LAST_FRAME, "b"))
    (instance,) = body_of(replace(PLAIN, inputs=frames), "sha256:aa", "sha256:bb")["instances"]
    assert instance["image"] == {"sha256": "aa", "mimeType": "image/png"}
    assert instance["lastFrame"] == {"sha256": "bb", "mimeType": "image/png"}


def test_references_are_a_list() -> None:
    inputs = tuple(item(InputRole.REFERENCE, name) for name in "abc")
    (instance,) = body_of(replace(PLAIN, inputs=inputs), *("sha256:x",) * 3)["instances"]
    one = {"image": {"sha256": "x", "mimeType": "image/png"}, "referenceType": "ASSET"}
    assert instance["referenceImages"] == [one] * 3
    assert "image" not in instance


def extension(**fields: Any) -> VideoConfig:
    source = item(InputRole.SOURCE, **fields)
    return VideoConfig("9:16", 7, "720p", "", None, None, (source,), Task.EXTEND)


def test_an_extension_is_of_the_clip_in_the_bucket() -> None:
    body = body_of(extension(width_px=720, height_px=1280), "gs://films/a.mp4")
    assert body["instances"][0]["video"] == {
        "gcsUri": "gs://films/a.mp4",
        "mimeType": "video/mp4",
    }
    assert "durationSeconds" not in body["parameters"]


@pytest.mark.parametrize(
    ("config", "uploads"),
    [
        (replace(extension(), task=Task.EDIT), ["gs://films/a.mp4"]),
        (replace(extension(), task=Task.UPSCALE), ["gs://films/a.mp4"]),
        (extension(width_px=1280, height_px=720), ["gs://films/a.mp4"]),
        (extension(), []),
    ],
)
def test_what_has_no_field_is_refused_and_not_dropped(
    config: VideoConfig, uploads: list[str]
) -> None:
    with pytest.raises(ValueError):
        body_of(config, *uploads)


def test_pictures_are_not_made() -> None:
    request = GenerationRequest("A", "vertex", STANDARD, PLAIN, GenerationKind.IMAGE)
    with pytest.raises(ValueError):
        wire.build_body(request, ())


# what is offered


@pytest.mark.parametrize(
    ("model", "resolution", "audio", "price"),
    [
        (STANDARD, "720p", None, "3.20"),
        (STANDARD, "4k", True, "4.80"),
        (STANDARD, "1080p", False, "1.60"),
        (STANDARD, "4k", False, "3.20"),
        (FAST, "720p", True, "0.80"),
        (FAST, "1080p", None, "0.96"),
        (FAST, "1080p", False, "0.80"),
        (LITE, "720p", False, "0.24"),
        (LITE, "1080p", None, "0.64"),
    ],
)
def test_the_price_knows_sound_and_size(
    model: str, resolution: str, audio: bool | None, price: str
) -> None:
    entry = Catalog.load().find(model, "vertex")
    config = VideoConfig(resolution=resolution, enable_audio=audio)
    assert entry.prices.estimate(config) == Decimal(price)
    assert entry.prices.estimate(replace(config, samples=3)) == 3 * Decimal(price)


OFFERED = [
    (STANDARD, VideoConfig(seed=2**32 - 1, samples=4), ""),
    (STANDARD, VideoConfig(seed=2**32), "seed"),
    (STANDARD, VideoConfig(samples=5), "at most 4 clips"),
    (STANDARD, VideoConfig(duration_s=5), "4, 6 or 8"),
    (STANDARD, VideoConfig(aspect_ratio="1:1"), "aspect"),
    (FAST, VideoConfig(resolution="4k"), "resolutions"),
    (STANDARD, VideoConfig(inputs=(item(InputRole.REFERENCE),)), ""),
    (STANDARD, VideoConfig(duration_s=4, inputs=(item(InputRole.REFERENCE),)), "8 seconds"),
    (STANDARD, VideoConfig(inputs=(item(InputRole.REFERENCE),) * 4), "at most 3"),
    (LITE, VideoConfig(inputs=(item(InputRole.REFERENCE),)), "does not take"),
    (LITE, VideoConfig(inputs=(item(InputRole.FIRST_FRAME), item(InputRole.LAST_FRAME))), ""),
    (STANDARD, extension(length_s=30.2), ""),
    (STANDARD, extension(length_s=31.0), "at most 30"),
    (STANDARD, replace(extension(), duration_s=8), "7 seconds"),
    (LITE, extension(), "does not take"),
]


@pytest.mark.parametrize(("model", "config", "words"), OFFERED)
def test_what_a_model_takes(model: str, config: VideoConfig, words: str) -> None:
    entry = Catalog.load().find(model, "vertex")
    if not words:
        fitting.check(entry, config)
        return
    with pytest.raises(ValueError, match=words):
        fitting.check(entry, config)


# operations


@pytest.mark.parametrize(
    "name",
    [
        NAME.replace("my-films-123", "../x"),
        NAME.replace("my-films-123", ".."),
        NAME.replace("us-central1", "evil.com/"),
        NAME.replace("us-central1", "evil.com#"),
        NAME.replace("google", "other"),
        NAME + "\n",
        NAME + "/../x",
        NAME + "?a=b",
        NAME + "x" * 200,
        "https://evil.com/" + NAME,
        "operations/7",
        "",
        7,
        None,
    ],
)
def test_a11_a_name_that_could_lead_elsewhere_is_none(name: object) -> None:
    assert wire.operation_name({"name": name}) is None
    with pytest.raises(ProtocolError):
        wire.location_of(str(name))


def test_a_real_name_is_taken() -> None:
    assert wire.operation_name({"name": NAME}) == NAME
    assert wire.location_of(NAME) == "us-central1"


def done(**response: Any) -> dict[str, Any]:
    return {"name": NAME, "done": True, "response": response}


def test_while_it_runs_nothing_is_told() -> None:
    for value in ({"name": NAME}, {"name": NAME, "done": False, "metadata": {}}):
        assert isinstance(wire.read_operation(value), Running)


def test_several_clips_are_one_result_and_more() -> None:
    links = [f"gs://films/op/sample_{number}.mp4" for number in range(3)]
    read = wire.read_operation(done(videos=[{"gcsUri": link} for link in links]))
    assert read == Done(ResultRef(links[0], more=(links[1], links[2])))


def test_partly_filtered_is_a_result_with_a_note() -> None:
    told: dict[str, Any] = {"videos": [{"gcsUri": "gs://films/a"}], "raiMediaFilteredCount": 2}
    note = "Google's safety system kept 2 of 3 clips back."
    read = wire.read_operation(done(**told))
    assert read == Done(ResultRef("gs://films/a"), usage={"filtered": 2}, note=note)
    words = "It was kept back. Support codes: 61493863"
    read = wire.read_operation(done(**told, raiMediaFilteredReasons=[words]))
    assert isinstance(read, Done)
    assert read.note == f"{note} {words} (This is about violence.)"


def test_everything_filtered_is_a_refusal_with_its_reason() -> None:
    words = "The clip was kept back. Support codes: 61493863, 29310472"
    read = wire.read_operation(done(raiMediaFilteredCount=1, raiMediaFilteredReasons=[words]))
    assert isinstance(read, Refused)
    assert read.kind is ErrorKind.CONTENT_FILTERED
    assert read.reason == f"{words} (This is about a celebrity, violence.)"
    silent = wire.read_operation(done(raiMediaFilteredCount=1))
    assert isinstance(silent, Refused)
    assert silent.kind is ErrorKind.CONTENT_FILTERED


@pytest.mark.parametrize("response", [{}, {"videos": []}, {"videos": [{"mimeType": "video/mp4"}]}])
def test_done_without_a_clip_is_a_failure(response: dict[str, Any]) -> None:
    read = wire.read_operation(done(**response))
    assert isinstance(read, Refused)
    assert read.kind is ErrorKind.GENERATION_FAILED


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (2, ErrorKind.GENERATION_FAILED),
        (3, ErrorKind.INVALID_REQUEST),
        (4, ErrorKind.TIMEOUT),
        (5, ErrorKind.NOT_FOUND),
        (7, ErrorKind.AUTH),
        (8, ErrorKind.GENERATION_FAILED),
        (9, ErrorKind.INVALID_REQUEST),
        (13, ErrorKind.GENERATION_FAILED),
        (14, ErrorKind.GENERATION_FAILED),
        (16, ErrorKind.AUTH),
        (99, ErrorKind.GENERATION_FAILED),
        ("x", ErrorKind.GENERATION_FAILED),
        (None, ErrorKind.GENERATION_FAILED),
    ],
)
def test_codes_of_a_failed_operation(code: object, kind: ErrorKind) -> None:
    read = wire.read_operation({"done": True, "error": {"code": code, "message": "It failed."}})
    assert isinstance(read, Refused)
    assert (read.kind, read.reason) == (kind, "It failed.")


def test_a_cancelled_operation_is_cancelled() -> None:
    read = wire.read_operation({"done": True, "error": {"code": 1}})
    assert isinstance(read, CancelledByProvider)


def test_support_codes_make_an_invalid_request_a_refusal() -> None:
    message = "The prompt could not be submitted. Support codes: 58061214"
    read = wire.read_operation({"done": True, "error": {"code": 3, "message": message}})
    assert isinstance(read, Refused)
    assert read.kind is ErrorKind.CONTENT_FILTERED
    assert "a child" in read.reason


def test_every_documented_support_code_has_words() -> None:
    codes = (
        "58061214 17301594 29310472 15236754 64151117 42237218 62263041 57734940 22137204 74803281 "
        "29578790 42876398 89371032 49114662 63429089 72817394 60599140 35561574 35561575 90789179 "
        "43188360 78610348 61493863 56562880 32635315"
    )
    for code in codes.split():
        assert "This is about" in wire.with_categories(f"No. Support codes: {code}.")
    assert wire.with_categories("No. Support codes: 12345678.") == "No. Support codes: 12345678."
    assert wire.with_categories("The year 61493863.") == "The year 61493863."


@pytest.mark.parametrize("value", [None, [], "done", 7, {"done": "yes"}])
def test_what_is_no_operation_decides_nothing(value: object) -> None:
    with pytest.raises(ProtocolError):
        wire.read_operation(value)


@pytest.mark.parametrize(
    "uri", ["https://evil.com/a.mp4", "gs://UPPER/a", "gs://films/", "gs://films/a\nb", "file:///a"]
)
def test_a_result_that_is_in_no_bucket_is_not_opened(uri: str) -> None:
    with pytest.raises(ProtocolError):
        wire.read_operation(done(videos=[{"gcsUri": uri}]))
    with pytest.raises(ProtocolError):
        wire.object_path(uri)


def test_the_name_of_a_file_is_quoted_as_a_whole() -> None:
    assert wire.object_path("gs://films/a b/../ü.mp4") == (
        "/download/storage/v1/b/films/o/a%20b%2F..%2F%C3%BC.mp4?alt=media"
    )
