"""The searchers themselves: they find what they are made to find."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import books
from tests.faults.lab import Lab


async def test_the_lab_makes_a_clip(lab: Lab) -> None:
    generation = await lab.make()
    await lab.is_completed(generation)
    assert len(lab.google.submits) == 1
    assert await lab.studio.wallet.balance() == 990


@pytest.mark.parametrize("form", books.leaks_of(books.KEY))
def test_the_key_is_found_in_every_form(tmp_path: Path, form: str) -> None:
    leaked = books.leaks_of(books.KEY)[form]
    (tmp_path / "file").write_text(f"before{leaked}after")
    with pytest.raises(AssertionError, match="is in"):
        books.check_no_key([books.KEY], [tmp_path], {})
