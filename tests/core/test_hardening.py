"""What once broke: each test repeats the steps that lost, doubled or stalled something."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from veo_studio.core import TextToVideoGenerator, create_client, get_database
from veo_studio.core.errors import StorageError
from veo_studio.core.generators.requests import check_prompt, config_from
from veo_studio.core.models import GenerationRequest, GenerationState, VideoConfig
from veo_studio.core.providers.registry import seconds_from
from veo_studio.core.store.database import Database
from veo_studio.core.store.journal import JournalLine, OperationJournal
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.store.repositories import GenerationRepository

S = GenerationState


async def test_t2_a_row_is_sent_from_pending_only(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "veo-studio.db")
    repository = GenerationRepository(database)
    request = GenerationRequest("A red kite", "gemini", "gemini-omni-1.2-flash", VideoConfig())
    (generation,) = await repository.create([NewGeneration(request, 10, None)])
    tries = [repository.begin_attempt(generation.id, {}, "0" * 64) for _ in range(5)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, StorageError) for result in results) == 4
    assert len(await repository.attempts(generation.id)) == 1
    await asyncio.to_thread(database.close)


def test_a_torn_journal_line_loses_neither_the_next_nor_the_start(tmp_path: Path) -> None:
    journal = OperationJournal(tmp_path / "operations.journal")
    first, second = JournalLine("a", "b", "v1_first"), JournalLine("c", "d", "v1_second")
    journal.append(first)
    path = tmp_path / "operations.journal"
    path.write_bytes(path.read_bytes() + b'["e", "f", "v1_t')
    journal.append(second)
    assert journal.read() == ([first, second], False)
    path.write_text("[1, 2]\n{}\nnot json\n")
    assert journal.read() == ([], False)


@pytest.mark.parametrize("told", ["abc", "0", "-1", "nan", "inf"])
def test_a_mistyped_number_of_seconds_is_told_by_name(told: str) -> None:
    with pytest.raises(ValueError, match="VEO_STUDIO_POLL_INTERVAL must be a number of seconds"):
        seconds_from({"VEO_STUDIO_POLL_INTERVAL": told}, "VEO_STUDIO_POLL_INTERVAL")
    assert seconds_from({}, "VEO_STUDIO_POLL_INTERVAL") is None


@pytest.mark.parametrize("prompt", [None, 5, ["A red kite"]])
def test_a_prompt_that_is_no_text_is_bad_input(prompt: object) -> None:
    with pytest.raises(ValueError, match="must be text"):
        check_prompt(prompt)  # type: ignore[arg-type]


@pytest.mark.parametrize("duration", [float("inf"), float("nan"), "5", True, None])
def test_a_duration_that_is_no_number_is_bad_input(duration: object) -> None:
    with pytest.raises(ValueError, match=r"[Dd]uration"):
        config_from({"aspect_ratio": "16:9", "resolution": "720p", "duration": duration})


async def test_a_caller_who_stops_waiting_leaves_nothing_to_be_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VEO_STUDIO_REHEARSAL_FAULT", "429:86400*9")
    database = get_database()
    generator = TextToVideoGenerator(create_client(None), database)
    generator.timeout = 1.0
    config = {"aspect_ratio": "16:9", "duration": 2, "resolution": "480p"}
    result = await generator.generate_video("A red kite", "veo-3.1", config)
    assert (result["status"], result["error_type"]) == ("error", "timeout")
    assert (await generator.repository.get(result["generation_id"])).state is S.FAILED
    await asyncio.to_thread(database.close)


async def test_a_locked_model_is_refused_before_it_is_stored() -> None:
    database = get_database()
    generator = TextToVideoGenerator(create_client(None), database)
    config = {"aspect_ratio": "16:9", "duration": 4, "resolution": "720p"}
    with pytest.raises(ValueError, match="GEMINI_API_KEY"):
        await generator.generate_video("A red kite", "omni", config)
    assert await generator.repository.count() == 0
    await asyncio.to_thread(database.close)


def test_a_question_mark_in_the_path_stays_in_the_path(tmp_path: Path) -> None:
    path = tmp_path / "what? is#it%20" / "veo-studio.db"
    Database.open(path).close()
    assert path.is_file()
    assert [entry.name for entry in tmp_path.iterdir()] == ["what? is#it%20"]
