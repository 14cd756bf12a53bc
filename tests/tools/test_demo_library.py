"""The demo library: believable rows, real clips, a wallet that adds up, and never over other data."""

from __future__ import annotations

import hashlib
import itertools
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from tools import demo_library, demo_words
from veo_studio.core import media
from veo_studio.core.models import (
    ACTIVE_STATES,
    ALLOWED_MOVES,
    Charge,
    Generation,
    GenerationState,
)
from veo_studio.core.paths import Paths
from veo_studio.core.store import books
from veo_studio.core.store.database import Database
from veo_studio.core.store.repositories import GenerationRepository
from veo_studio.core.wallet import Wallet

_S = GenerationState


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    demo_library.fill(folder, 50, distinct=2)
    return folder


async def rows_of(home: Path) -> list[Generation]:
    database = Database.open(Paths.below(home).database)
    try:
        return await GenerationRepository(database).page(limit=1_000_000)
    finally:
        database.close()


async def test_every_completed_row_of_a_small_library_has_its_clip(home: Path) -> None:
    rows = await rows_of(home)
    completed = [row for row in rows if row.state is _S.COMPLETED]
    assert len(rows) == 50
    assert len({row.video_path for row in completed}) == len(completed) > 30
    facts = {}
    for row in completed:
        assert row.video_path is not None
        body = row.video_path.read_bytes()
        assert row.size_bytes == len(body)
        assert row.sha256 == hashlib.sha256(body).hexdigest()
        if row.sha256 not in facts:
            facts[row.sha256] = media.probe(row.video_path)
        found = facts[row.sha256]
        assert (row.width_px, row.height_px, row.length_s) == (
            found.width_px,
            found.height_px,
            found.duration_s,
        )


async def test_nothing_in_it_starts_by_itself(home: Path) -> None:
    states = Counter(row.state for row in await rows_of(home))
    assert not ACTIVE_STATES & set(states)
    assert {_S.HELD, _S.UNKNOWN} <= set(states)


async def test_the_wallet_adds_up_and_agrees_with_every_row(home: Path) -> None:
    database = Database.open(Paths.below(home).database)
    try:
        assert await database.read(books.audit) == []
        wallet = Wallet(database)
        entries = await wallet.entries(limit=10_000)
        assert await wallet.balance() > 0
    finally:
        database.close()
    paid: Counter[int] = Counter()
    for entry in entries:
        if entry.generation_id is not None:
            paid[entry.generation_id] -= entry.tokens
    for row in await rows_of(home):
        is_kept = row.charge is not Charge.NOT_CHARGED
        assert paid[row.id] == (row.tokens if is_kept else 0), row


async def test_stored_moves_are_allowed_and_lead_to_the_state(home: Path) -> None:
    database = Database.open(Paths.below(home).database)
    try:
        repository = GenerationRepository(database)
        for row in await repository.page(limit=100):
            changes = await repository.state_changes(row.id)
            assert changes[0].from_state is None
            assert changes[0].to_state is _S.PENDING
            for before, after in itertools.pairwise(changes):
                assert after.from_state is before.to_state
                assert after.to_state in ALLOWED_MOVES[before.to_state], (row.state, changes)
                assert before.at <= after.at
            assert changes[-1].to_state is row.state
    finally:
        database.close()


async def test_only_the_newest_have_files_and_all_states_occur(tmp_path: Path) -> None:
    demo_library.fill(tmp_path, 3000, with_clips=5, distinct=1)
    rows = await rows_of(tmp_path)
    completed = [row for row in rows if row.state is _S.COMPLETED]
    assert all(row.video_path is not None for row in completed)
    files = [row.video_path.is_file() for row in completed if row.video_path]
    assert files == [True] * 5 + [False] * (len(completed) - 5)
    assert [row.created_at for row in rows] == sorted(
        (row.created_at for row in rows), reverse=True
    )
    assert {row.state for row in rows} >= {_S.COMPLETED, _S.FAILED, _S.CANCELLED}
    kinds = {row.error_kind for row in rows if row.state is _S.FAILED}
    assert kinds >= {failure.kind for failure in demo_words.FAILURES if failure.weight > 3}
    assert len({row.prompt for row in rows}) > 2000
    assert {"16:9", "9:16", "1:1", "4:3"} == {row.config.aspect_ratio for row in rows}
    assert {row.provider for row in rows} == {"gemini", "rehearsal"}


async def test_the_same_numbers_make_the_same_library(tmp_path: Path) -> None:
    for name in ("one", "two"):
        demo_library.fill(tmp_path / name, 200, with_clips=0)

    def facts(row: Generation) -> tuple[object, ...]:
        return (row.uuid, row.prompt, row.config, row.state, row.error, row.created_at, row.tokens)

    one, two = [await rows_of(tmp_path / name) for name in ("one", "two")]
    assert [facts(row) for row in one] == [facts(row) for row in two]


def test_a_library_that_holds_something_is_left_alone(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = Paths.below(home).database.read_bytes()
    assert demo_library.main(["5", str(home)]) == 2
    assert "already holds generations" in capsys.readouterr().err
    assert Paths.below(home).database.read_bytes() == before


def test_the_command_says_what_it_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo_library.main(["20", str(tmp_path), "--clips", "0"]) == 0
    assert capsys.readouterr().out.startswith("20 generations, 0 clips,")
    with sqlite3.connect(Paths.below(tmp_path).database) as connection:
        assert connection.execute("SELECT count(*) FROM generations").fetchone() == (20,)
    connection.close()


@pytest.mark.parametrize("count", ["0", "-3"])
def test_a_count_below_one_is_refused(tmp_path: Path, count: str) -> None:
    assert demo_library.main(["--", count, str(tmp_path)]) == 2
