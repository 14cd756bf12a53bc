"""The report behind "Copy details", from a real database."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.fakes.core import FakeQueue
from veo_studio.core.models import ErrorKind, GenerationRequest, GenerationState, VideoConfig
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.store.repositories import GenerationRepository
from veo_studio.ui.view_models.library_commands import LibraryCommands

KEY = "AIzaSyD-1234567890abcdefghijklmnopqrstu"
S = GenerationState


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[GenerationRepository]:
    database = Database.open(tmp_path / "data" / "veo-studio.db")
    yield GenerationRepository(database)
    database.close()


async def test_a_failure_is_reported_with_its_attempts_and_moves(
    repository: GenerationRepository,
) -> None:
    request = GenerationRequest("My secret film", "gemini", "gemini-omni-1.2-flash", VideoConfig())
    (made,) = await repository.create([NewGeneration(request, 10, Decimal("0.56"))])
    attempt = await repository.begin_attempt(made.id, {"prompt": "My secret film"}, "0" * 64)
    failed = await repository.end_attempt(
        attempt,
        S.FAILED,
        "refused",
        http_status=400,
        error=f"bad key {KEY} at https://x.example/clip.mp4?sig=s1gned",
        error_kind=ErrorKind.AUTH.value,
    )
    library = LibraryCommands(FakeQueue(), repository, lambda _event: None)
    # the row that was clicked may be older than what is stored
    report = await library.report(made)
    assert "State: failed since" in report
    assert "pending to submitting" in report
    assert "submitting to failed: refused" in report
    assert "HTTP 400" in report
    assert f"Charge: {failed.charge.value}, 10 tokens, estimate $0.56" in report
    for secret in (KEY, KEY[:20], "s1gned", "clip.mp4", "My secret film"):
        assert secret not in report
