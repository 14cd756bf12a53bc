"""The public Python API of the specification, used as a script would."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from veo_studio.core import (
    APIQuotaExceededError,
    GenerationError,
    GenerationFailedError,
    GenerationTimeoutError,
    ImageToVideoGenerator,
    TextToVideoGenerator,
    create_client,
    get_database,
)
from veo_studio.core.models import (
    Done,
    ErrorKind,
    Pause,
    PauseKind,
    Refused,
    ResultRef,
    Running,
)
from veo_studio.core.store.line import LineRepository

CONFIG: dict[str, Any] = {
    "aspect_ratio": "16:9",
    "duration": 2,
    "resolution": "480p",
    "negative_prompt": "rain",
    "seed": 42,
    "enable_audio": False,
}


@pytest.fixture
def generator():  # type: ignore[no-untyped-def]
    database = get_database()
    yield TextToVideoGenerator(create_client(None), database)
    database.close()


async def test_a_script_gets_its_clip_and_every_progress_in_order(
    generator: TextToVideoGenerator,
) -> None:
    seen: list[tuple[int, str]] = []

    async def on_progress(progress: int, status: str) -> None:
        seen.append((progress, status))

    result = await generator.generate_video(
        "A red kite", "veo-3.1", CONFIG, progress_callback=on_progress
    )
    assert result["status"] == "success", result
    assert Path(result["video_path"] or "").is_file()
    assert result["operation_id"]
    assert result["duration"] > 0
    assert result["charge"] == "not_charged"
    assert "error" not in result
    percents = [progress for progress, _ in seen]
    assert percents == sorted(percents)
    assert (percents[0], percents[-1]) == (0, 100)
    status = await generator.check_operation_status(result["operation_id"] or "")
    assert status["status"] == "completed"
    assert status["video_url"]


async def test_a_callers_time_limit_is_a_result_and_the_generation_goes_on(
    generator: TextToVideoGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEO_STUDIO_REHEARSAL_DELAY", "60")
    generator.timeout = 1.0
    result = await generator.generate_video("A red kite", "veo-3.1", CONFIG)
    assert (result["status"], result["error_type"], result["error_kind"]) == (
        "error",
        "timeout",
        "timeout",
    )
    stored = await generator.repository.get(result["generation_id"])
    assert stored.state.value == "processing"
    assert await generator.cancel_generation(result["operation_id"] or "") is True
    assert (await generator.repository.get(stored.id)).state.value == "cancelled"


@pytest.mark.parametrize(
    ("fault", "error_type", "error_kind"),
    [
        ("429:0*9", "quota_exceeded", "rate_limited"),
        ("fail", "generation_failed", "generation_failed"),
        ("refuse", "generation_failed", "content_filtered"),
    ],
)
async def test_errors_are_results_with_type_and_kind(
    generator: TextToVideoGenerator,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    error_type: str,
    error_kind: str,
) -> None:
    monkeypatch.setenv("VEO_STUDIO_REHEARSAL_FAULT", fault)
    generator.retry_delay = 0.01
    result = await generator.generate_video("A red kite", "veo-3.1", CONFIG)
    assert result["status"] == "error"
    assert (result["error_type"], result["error_kind"]) == (error_type, error_kind), result
    assert result["error"]
    stored = await generator.repository.get(result["generation_id"])
    assert stored.state.value == "failed"


@pytest.mark.parametrize(
    ("prompt", "model", "config", "words"),
    [
        ("", "veo-3.1", CONFIG, "Prompt cannot be empty"),
        ("ab", "veo-3.1", CONFIG, "Prompt too short"),
        ("x" * 2001, "veo-3.1", CONFIG, "Prompt too long"),
        ("A red kite", None, CONFIG, "Model is required"),
        ("A red kite", "veo-3.1", {**CONFIG, "duration": 61}, "between 2 and 60 seconds"),
        ("A red kite", "veo-3.1", {**CONFIG, "aspect_ratio": "5:4"}, "accepts the aspect ratios"),
        ("A red kite", "nothing", CONFIG, "Unknown model"),
    ],
)
async def test_bad_input_raises_before_anything_is_stored(
    generator: TextToVideoGenerator,
    prompt: str,
    model: str | None,
    config: dict[str, Any],
    words: str,
) -> None:
    with pytest.raises(ValueError, match=words):
        await generator.generate_video(prompt, model, config)
    assert await generator.repository.count() == 0


@pytest.fixture
def pictures(tmp_path: Path) -> dict[str, str]:
    for name in ("first", "last"):
        Image.new("RGB", (64, 36), "red").save(tmp_path / f"{name}.png")
    (tmp_path / "words.png").write_text("no picture")
    return {path.stem: str(path) for path in tmp_path.glob("*.png")}


async def test_a_script_makes_a_clip_from_pictures(
    generator: TextToVideoGenerator, pictures: dict[str, str]
) -> None:
    made = ImageToVideoGenerator(generator.client, generator.database)
    frames = {"first_frame": pictures["first"], "last_frame": Path(pictures["last"])}
    result = await made.generate_video("A red kite", "veo-3.1", {**CONFIG, **frames})
    assert result["status"] == "success", result
    stored = await made.repository.get(result["generation_id"])
    assert [item.name for item in stored.config.inputs] == ["first.png", "last.png"]
    # what was asked for stays what it was
    for path in pictures.values():
        Path(path).unlink()
    assert all(made.client.files.path(item).is_file() for item in stored.config.inputs)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({}, "A picture is required: first_frame or references"),
        ({"last_frame": "last"}, "A picture is required"),
        ({"first_frame": 7}, "first_frame must be a path"),
        ({"references": "first"}, "references must be a list of paths"),
        ({"first_frame": "missing"}, "There is no file"),
        ({"first_frame": "words"}, "is no PNG, JPEG or WebP picture"),
        ({"first_frame": "first", "references": ["last"]}, "cannot be used together"),
        ({"references": ["first"] * 4}, "at most 3 reference pictures"),
        ({"first_frame": "first", "samples": 2}, "makes one clip per request"),
        ({"first_frame": "first", "samples": 0}, "samples must be a whole number"),
    ],
)
async def test_pictures_are_checked_before_anything_is_stored(
    generator: TextToVideoGenerator,
    pictures: dict[str, str],
    config: dict[str, Any],
    words: str,
) -> None:
    made = ImageToVideoGenerator(generator.client, generator.database)
    told = {
        key: [pictures.get(item, item) for item in value] if isinstance(value, list)
        else pictures.get(value, value) for key, value in config.items()
    }  # fmt: skip
    with pytest.raises(ValueError, match=words):
        await made.generate_video("A red kite", "veo-3.1", {**CONFIG, **told})
    assert await made.repository.count() == 0


@pytest.mark.parametrize("place", ["", "rehearsal"])
async def test_what_the_user_paused_is_refused_before_anything_is_stored(
    generator: TextToVideoGenerator, place: str
) -> None:
    line = LineRepository(generator.database)
    since = datetime.now(UTC)
    await line.store_pause(Pause("gemini", PauseKind.USER, "Paused by you.", since))
    await line.store_pause(Pause(place, PauseKind.USER, "Paused by you.", since))
    with pytest.raises(GenerationError, match="is paused, so nothing was sent") as refused:
        await generator.generate_video("A red kite", "veo-3.1", CONFIG)
    assert f"`veo-studio queue resume{' ' * bool(place)}{place}`" in (refused.value.action or "")
    assert await generator.repository.count() == 0
    await line.remove_pause(place)
    # neither another provider's pause nor one that the program made by itself
    await line.store_pause(Pause("rehearsal", PauseKind.KEY, "The key was refused.", since))
    result = await generator.generate_video("A red kite", "veo-3.1", CONFIG)
    assert result["status"] == "success", result


def test_parse_result_speaks_the_public_form(generator: TextToVideoGenerator) -> None:
    assert generator.parse_result(Running(0.5))["status"] == "processing"
    assert generator.parse_result(Done(ResultRef("https://x/y")))["video_url"] == "https://x/y"
    refused = generator.parse_result(Refused(ErrorKind.CONTENT_FILTERED, "no"))
    assert (refused["status"], refused["metadata"]["error"]) == ("failed", "no")
    with pytest.raises(GenerationFailedError):
        generator.parse_result({"done": True})


def test_the_databases_own_calls(generator: TextToVideoGenerator, pictures: dict[str, str]) -> None:
    database = get_database()
    try:
        number = database.save_video_generation(
            {"prompt": "A red kite", "model": "veo-3.1", "config": CONFIG}
        )
        framed = {**CONFIG, "first_frame": pictures["first"]}
        values = {"prompt": "A red kite", "model": "veo-3.1", "config": framed}
        assert database.save_video_generation(values) > number
        database.update_video_generation(number, {"status": "failed", "error": "not wanted"})
        with pytest.raises(ValueError, match="Unknown keys: colour"):
            database.update_video_generation(number, {"colour": "red"})
        with pytest.raises(LookupError):
            database.update_video_generation(999, {"error": "x"})
        with pytest.raises(ValueError, match="Prompt cannot be empty"):
            database.save_video_generation({"prompt": "", "model": "veo-3.1", "config": CONFIG})
    finally:
        database.close()


def test_the_errors_are_one_family() -> None:
    for error in (APIQuotaExceededError, GenerationTimeoutError, GenerationFailedError):
        assert issubclass(error, GenerationError)
