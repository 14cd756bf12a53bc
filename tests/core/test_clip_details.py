"""Everything about one clip, in one read of the database and one of its file."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.core import provenance_files as files
from veo_studio.core.clip_details import ClipDetails
from veo_studio.core.models import (
    GenerationRequest,
    GenerationState,
    InputRole,
    MediaInput,
    VideoConfig,
)
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.store.repositories import GenerationRepository

S = GenerationState


@pytest.fixture
def details(database: Database) -> ClipDetails:
    return ClipDetails(database)


def new(made_from: int | None = None, take_group: str | None = None) -> NewGeneration:
    item = MediaInput(
        InputRole.SOURCE, "0" * 64, "video/mp4", 9, "clip.mp4", generation_id=made_from
    )
    config = VideoConfig(inputs=() if made_from is None else (item,))
    request = GenerationRequest("A red kite", "gemini", "veo-3.1", config, take_group=take_group)
    return NewGeneration(request, 10, Decimal("0.56"))


async def test_a_new_one_has_its_charge_and_no_attempt(
    repository: GenerationRepository, details: ClipDetails
) -> None:
    (made,) = await repository.create([new()])
    stored = await details.stored(made.id)
    assert stored.generation == made
    assert stored.attempts == ()
    assert [(one.kind, one.tokens) for one in stored.entries] == [("charge", -10)]
    assert [one.to_state for one in stored.changes] == [S.PENDING]
    assert stored.takes == ()


async def test_attempts_come_with_their_outcome(
    repository: GenerationRepository, details: ClipDetails
) -> None:
    (made,) = await repository.create([new()])
    attempt = await repository.begin_attempt(made.id, {"prompt": "x"}, "0" * 64)
    await repository.end_attempt(attempt, S.FAILED, "refused", http_status=400)
    (found,) = (await details.stored(made.id)).attempts
    assert found.http_status == 400
    assert found.finished_at is not None


async def test_takes_of_one_click_know_each_other(
    repository: GenerationRepository, details: ClipDetails
) -> None:
    first, second, _other = await repository.create(
        [new(take_group="g"), new(take_group="g"), new(take_group="h")]
    )
    await repository.create([new()])
    assert [one.id for one in (await details.stored(second.id)).takes] == [first.id, second.id]


async def test_lineage_goes_both_ways_and_tells_what_was_deleted(
    repository: GenerationRepository, details: ClipDetails
) -> None:
    (first,) = await repository.create([new()])
    (second,) = await repository.create([new(first.id)])
    third, fourth = await repository.create([new(second.id), new(second.id)])
    await repository.forget(fourth.id)
    stored = await details.stored(second.id)
    assert [one.id for one in stored.parents] == [first.id]
    assert [one.id for one in stored.children] == [third.id]
    assert (stored.deleted_parents, stored.deleted_children) == (0, 1)
    await repository.forget(first.id)
    stored = await details.stored(second.id)
    assert (stored.parents, stored.deleted_parents) == ((), 1)


async def test_one_that_is_not_there_is_a_lookup_error(details: ClipDetails) -> None:
    with pytest.raises(LookupError):
        await details.stored(7)


async def test_several_are_added_up(repository: GenerationRepository, details: ClipDetails) -> None:
    made = await repository.create([new() for _ in range(3)])
    ids = [one.id for one in made]
    found = await details.sum_of([*ids, 99])
    assert (found.count, found.tokens, found.spent_usd) == (3, 30, Decimal("1.68"))
    await repository.forget(ids[0])
    assert await details.sum_of(ids) == replace(
        found, count=2, tokens=20, spent_usd=Decimal("1.12")
    )
    await repository.move(ids[1], S.CANCELLED, "by the user")
    assert await details.sum_of(ids) == replace(
        found, count=2, tokens=10, spent_usd=Decimal("0.56")
    )
    assert await details.sum_of([]) == replace(found, count=0, tokens=0, spent_usd=Decimal(0))


async def test_a_file_is_read_as_it_is_now(
    repository: GenerationRepository, details: ClipDetails, tmp_path: Path
) -> None:
    (made,) = await repository.create([new()])
    assert await details.file_facts(made) is None
    path = tmp_path / "picture.png"
    path.write_bytes(files.png(files.store()))
    facts = await details.file_facts(replace(made, video_path=path))
    assert facts is not None
    assert facts.size_bytes == path.stat().st_size
    assert facts.provenance.credentials is not None
    assert (facts.media, facts.recipe, facts.problem) == (None, None, "")


async def test_a_file_that_is_gone_or_damaged_is_told(
    repository: GenerationRepository, details: ClipDetails, tmp_path: Path
) -> None:
    (made,) = await repository.create([new()])
    path = tmp_path / "clip.mp4"
    gone = await details.file_facts(replace(made, video_path=path))
    assert gone is not None
    assert not gone.is_there
    assert gone.problem.startswith("clip.mp4 is not there")
    path.write_bytes(b"no clip at all")
    broken = await details.file_facts(replace(made, video_path=path))
    assert broken is not None
    assert broken.is_there
    assert "damaged" in broken.problem
