"""A picture runs the same durable path as a clip, and is never taken for one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.core.picture_models import PICTURE_MODEL, opened, picture_request
from tests.core.studios import open_studio, settled, sketch
from tests.core.test_inputs_and_samples import request_of
from tests.transport.clips import noise_clip
from tests.transport.file_server import cut_after, instead
from tests.transport.pictures import FORMATS, MIME_TYPES, noise_picture
from veo_studio.core import TextToImageGenerator, TextToVideoGenerator
from veo_studio.core.api import get_database
from veo_studio.core.catalog import Catalog
from veo_studio.core.client import create_client
from veo_studio.core.download import sha256_of
from veo_studio.core.generators.arriving import facts_of
from veo_studio.core.json_view import generation_json
from veo_studio.core.models import (
    Charge,
    Done,
    ErrorKind,
    GenerationKind,
    GenerationState,
    ResultRef,
)
from veo_studio.core.recovery import sweep
from veo_studio.core.retry import Backoff

_S = GenerationState


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "a-key-for-tests-0123456789")
    monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", "0.02")
    monkeypatch.setattr(
        Backoff, "wait_s", lambda self, times, told_s=None: max(0.01, told_s or 0.0)
    )


@pytest.mark.parametrize("extension", FORMATS)
async def test_a_picture_arrives_under_its_own_ending(extension: str) -> None:
    async with opened(noise_picture(extension), mime_type=MIME_TYPES[extension]) as (studio, _, _2):
        before = await studio.wallet.balance()
        made = await settled(studio, picture_request())
        assert (made.state, made.kind) == (_S.COMPLETED, GenerationKind.IMAGE)
        path = made.video_path
        assert path is not None
        assert path.name.endswith(f"_A_red_kite.{extension}")
        assert path.read_bytes() == noise_picture(extension)
        assert (made.width_px, made.height_px) == (320, 180)
        assert (made.length_s, made.has_audio, made.error) == (None, None, None)
        assert made.config.duration_s == 0
        assert made.charge is Charge.CHARGED
        assert before - await studio.wallet.balance() == 1
        document = generation_json(made)
        assert (document["kind"], document["video_path"]) == ("image", str(path))
        small = await studio.thumbnails.ensure(made.uuid, path)
        assert small is not None
        with Image.open(small) as image:
            assert image.size == (320, 180)


async def test_the_bytes_name_the_file_and_not_what_the_provider_calls_them() -> None:
    async with opened(noise_picture("jpg"), mime_type="image/png") as (studio, _, _2):
        made = await settled(studio, picture_request())
    assert made.video_path is not None
    assert made.video_path.suffix == ".jpg"


async def test_clips_and_pictures_share_what_a_provider_said() -> None:
    async with opened() as (studio, _, _2):
        clips, pictures = studio.queue._scheduler._generators.values()
        assert clips.gate is pictures.gate
        assert clips.uploads is pictures.uploads
        assert clips.accounts is pictures.accounts


async def test_every_picture_of_one_submit_is_kept() -> None:
    async with opened(mime_type="image/jpeg", content=noise_picture("jpg")) as (studio, service, _):
        url = f"{service.base_url}/picture"
        service.answer = Done(ResultRef(url, "image/jpeg", more=(url, url)))
        first = await settled(studio, picture_request())
        pictures = await studio.generations.page()
        assert len(pictures) == 3
        assert {one.state for one in pictures} == {_S.COMPLETED}
        assert {one.kind for one in pictures} == {GenerationKind.IMAGE}
        assert {one.width_px for one in pictures} == {320}
        names = sorted(one.video_path.name for one in pictures if one.video_path)
        assert len(set(names)) == 3
        assert all(name.endswith(".jpg") for name in names)
        assert first.error is None


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (noise_clip, "The provider sent a video in place of a picture."),
        (lambda: b"<html>An error page that calls itself a picture</html>", "not a picture"),
        (lambda: b"", "The result is empty."),
        (lambda: noise_picture()[:-900], "cut short"),
        (lambda: bytes((*noise_picture()[:900], 1, *noise_picture()[901:])), "damaged"),
    ],
    ids=["a video", "a page", "nothing", "half of it", "a wrong byte"],
)
async def test_what_is_no_whole_picture_waits_for_the_user_and_leaves_nothing(
    what: Any, words: str
) -> None:
    async with opened(what()) as (studio, provider, files):
        made = await settled(studio, picture_request())
        assert (made.state, made.error_kind) == (_S.HELD, ErrorKind.DOWNLOAD_FAILED)
        assert words in (made.error or "")
        assert made.video_path is None
        folder = studio.paths.outputs
        assert [path.name for path in folder.iterdir() if path.suffix != ".json"
                and not path.name.endswith(".part")] == []  # fmt: skip
        # the provider has the right file in the end: nothing is paid for a second time
        files.content = noise_picture()
        await studio.queue.collect([made.id])
        made = await studio.queue.wait(made.id)
        assert made.state is _S.COMPLETED
        assert len(provider.sent) == 1


@pytest.mark.parametrize(("kind", "mime_type"), [("image", "video/mp4"), ("video", "image/png")])
async def test_another_kind_than_was_asked_for_is_told(kind: str, mime_type: str) -> None:
    async with opened(mime_type=mime_type) as (studio, _, files):
        made = await settled(studio, picture_request() if kind == "image" else request_of())
    assert made.state is _S.HELD
    asked, came = ("picture", "video") if kind == "image" else ("video", "picture")
    assert made.error == f"The provider made a {came} in place of a {asked}."
    assert files.answers == 0


async def test_c01_a_picture_that_breaks_off_goes_on_where_it_was() -> None:
    content = noise_picture()
    async with opened(content, cut_after(1000), cut_after(20_000)) as (studio, _, files):
        made = await settled(studio, picture_request())
    assert made.state is _S.COMPLETED
    assert made.video_path is not None
    assert made.video_path.read_bytes() == content
    assert files.answers == 3


async def test_c05_a_page_in_place_of_a_picture_is_fetched_again() -> None:
    page = instead(
        b"<html>Please sign in to this network</html>", headers=[("Content-Type", "text/html")]
    )
    async with opened(None, page, page) as (studio, provider, _):
        made = await settled(studio, picture_request())
    assert made.state is _S.COMPLETED
    assert len(provider.sent) == 1


async def test_what_was_placed_before_a_crash_is_found_there() -> None:
    async with opened() as (studio, provider, files):
        made = await settled(studio, picture_request())
        path = made.video_path
        assert path is not None
        # the row as it was right before the last move: downloading, with its target stored
        await studio.database.write(lambda connection: _set_back(connection, made.id))
        asked = files.answers
        await studio.queue.collect([made.id])
        again = await studio.queue.wait(made.id)
        assert (again.state, again.video_path) == (_S.COMPLETED, path)
        assert (again.width_px, again.height_px) == (320, 180)
        assert files.answers == asked, "nothing was fetched again"
        assert len(provider.sent) == 1
        assert list(studio.paths.outputs.glob("*.png")) == [path]


async def test_the_part_of_a_picture_that_has_ended_is_swept() -> None:
    async with opened() as (studio, _, _2):
        made = await settled(studio, picture_request())
        part = studio.paths.outputs / f".{made.uuid}.part"
        part.write_bytes(b"left over")
        await sweep(studio.generations, studio.paths.outputs)
        assert not part.exists()


def test_facts_of_a_damaged_picture_say_so(tmp_path: Path) -> None:
    (tmp_path / "a.webp").write_bytes(b"RIFF\x10\0\0\0WEBPnothing")
    assert "may be damaged" in str(facts_of(tmp_path / "a.webp")["error"])


def _set_back(connection: Any, number: int) -> None:
    from sqlalchemy import update

    from veo_studio.core.store.tables import generations

    connection.execute(
        update(generations)
        .where(generations.c.id == number)
        .values(state="downloading", video_path=None, width_px=None, height_px=None,
                finished_at=None)
    )  # fmt: skip


# the public API


@pytest.fixture
def _with_model(monkeypatch: pytest.MonkeyPatch) -> None:
    load = Catalog.load.__func__  # type: ignore[attr-defined]

    def loaded(cls: type[Catalog], user_file: Path | None = None) -> Catalog:
        catalog: Catalog = load(cls, user_file)
        catalog.add(PICTURE_MODEL)
        return catalog

    monkeypatch.setattr(Catalog, "load", classmethod(loaded))


PICTURE = {"aspect_ratio": "1:1", "resolution": "1K", "seed": 7}


@pytest.mark.usefixtures("_with_model")
async def test_each_generator_makes_its_own_kind_only() -> None:
    database = get_database()
    client = create_client()
    with pytest.raises(ValueError, match="Test picture makes pictures: use generate_image"):
        await TextToVideoGenerator(client, database).generate_video(
            "A kite", "test-picture", {"aspect_ratio": "1:1", "duration": 5, "resolution": "1k"}
        )
    with pytest.raises(ValueError, match="makes clips: use generate_video"):
        await TextToImageGenerator(client, database).generate_image(
            "A kite", "gemini-omni-1.2-flash", PICTURE
        )
    database.close()


async def test_the_api_makes_a_picture_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEMINI_API_KEY")
    told: list[tuple[int, str]] = []

    async def on_progress(percent: int, status: str) -> None:
        told.append((percent, status))

    database = get_database()
    generator = TextToImageGenerator(create_client(None), database)
    result = await generator.generate_image(
        "A red kite", "rehearsal-picture", PICTURE, progress_callback=on_progress
    )
    assert result["status"] == "success", result
    assert result["video_path"] is not None
    with Image.open(result["video_path"]) as image:
        assert (image.format, image.size) == ("PNG", (1024, 1024))
    assert told[-1] == (100, "Complete")
    assert "Rendering video" not in [status for _, status in told]
    database.close()


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({}, "Missing required config: aspect_ratio, resolution"),
        ({**PICTURE, "duration": 5}, "Unknown config: duration"),
        ({**PICTURE, "enable_audio": True}, "Unknown config: enable_audio"),
        ({**PICTURE, "seed": "7"}, "The seed must be a whole number"),
        ({**PICTURE, "references": "a.png"}, "references must be a list of paths"),
        ({**PICTURE, "resolution": "8k"}, "accepts the resolutions 1k and 2k, not 8k"),
        ({**PICTURE, "aspect_ratio": "5:1"}, "accepts the aspect ratios 1:1 and 16:9, not 5:1"),
    ],
)
@pytest.mark.usefixtures("_with_model")
async def test_settings_of_a_picture_are_checked_before_anything_is_stored(
    config: dict[str, Any], words: str
) -> None:
    database = get_database()
    with pytest.raises(ValueError, match=words):
        await TextToImageGenerator(create_client(), database).generate_image(
            "A kite", "test-picture", config
        )
    database.close()


@pytest.mark.usefixtures("_with_model")
def test_a_picture_can_be_stored_through_the_api(tmp_path: Path) -> None:
    Image.new("RGB", (64, 36), "teal").save(tmp_path / "boat.png")
    database = get_database()
    config = {**PICTURE, "references": [tmp_path / "boat.png"]}
    values = {"prompt": "A kite", "model": "test-picture", "provider": "gemini", "config": config}
    number = database.save_video_generation(values)
    assert number > 0
    with pytest.raises(ValueError, match="Unknown config: duration"):
        database.save_video_generation({**values, "config": {**PICTURE, "duration": 5}})
    database.close()


async def test_a_clip_is_still_a_clip() -> None:
    async with open_studio() as studio:
        made = await settled(studio, sketch())
        assert made.video_path is not None
        assert made.video_path.suffix == ".mp4"
        assert made.sha256 == sha256_of(made.video_path)
        assert generation_json(made)["kind"] == "video"
