"""What the window shows first is what the repository would have shown."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tests.core.studios import google, omni, open_studio, settled, sketch
from veo_studio.core.paths import Paths
from veo_studio.core.store.database import Database
from veo_studio.core.store.first_page import read_first_page


async def test_it_is_the_repositorys_own_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with google(monkeypatch, tmp_path / "google"), open_studio() as studio:
        await settled(studio, omni("A harbour — Ümlaut"))
        forgotten = await settled(studio, sketch())
        await studio.generations.forget(forgotten.id)
        await studio.queue.pause()
        await studio.queue.enqueue([omni("Two"), sketch("Three")])
        expected = await studio.generations.page()
        assert read_first_page(studio.paths.database) == expected
        assert expected[-1].price_usd == Decimal("0.069")
        assert read_first_page(studio.paths.database, limit=1) == expected[:1]
    # after a clean end, too
    assert read_first_page(Paths.default().database) == expected


def test_what_cannot_be_told_is_none_and_nothing_is_made(tmp_path: Path) -> None:
    missing = tmp_path / "none.db"
    assert read_first_page(missing) is None
    picture = tmp_path / "picture.db"
    picture.write_bytes(b"\x89PNG not a database" * 100)
    assert read_first_page(picture) is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["picture.db"]
    library = tmp_path / "veo-studio.db"
    Database.open(library).close()
    assert read_first_page(library) == []
    with sqlite3.connect(library) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert read_first_page(library) is None


def test_reading_it_does_not_import_sqlalchemy() -> None:
    code = (
        "import sys; import veo_studio.core.store.first_page; "
        "assert not [name for name in sys.modules if name.startswith('sqlalchemy')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
