"""Secrets of targets in a keyring: whose they are, and that a change of a target is whole or nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest

from tests.publishing.conftest import Bench
from tests.publishing.scripted import Place, plugged
from veo_studio.core.publishing.models import TargetKind
from veo_studio.core.publishing.target_book import TargetBook, variable_of
from veo_studio.core.secrets import Secrets
from veo_studio.core.store.database import Database
from veo_studio.core.store.publishing import PublishingRepository

FIRST = "the-first-secret-0123"
SECOND = "the-second-secret-4567"


class OneKeyring(keyring.backend.KeyringBackend):
    """The keyring of one user, which all of the programs share."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, str] = {}
        self.is_stuck = False

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.is_stuck:
            raise keyring.errors.PasswordDeleteError("locked")
        del self.kept[username]


@pytest.fixture
def kept() -> Iterator[OneKeyring]:
    before = keyring.get_keyring()
    ours = OneKeyring()
    keyring.set_keyring(ours)
    yield ours
    keyring.set_keyring(before)


@contextlib.contextmanager
def a_book(folder: Path) -> Iterator[TargetBook]:
    folder.mkdir()
    database = Database.open(folder / "veo-studio.db")
    try:
        yield TargetBook(PublishingRepository(database), Secrets(environ={}))
    finally:
        database.close()


async def room_of(book: TargetBook, store: Place, target_id: int) -> str:
    """The secret that a delivery would use."""
    await (await book.publisher_of(target_id)).close()
    return store.options[-1]["key"]


def test_two_data_folders_have_secrets_of_their_own(
    kept: OneKeyring, store: Place, tmp_path: Path
) -> None:
    async def work(ours: TargetBook, theirs: TargetBook) -> None:
        mine = await ours.add("Live", TargetKind.S3, {"room": "1"}, {"key": FIRST})
        other = await theirs.add("Trial", TargetKind.S3, {"room": "2"}, {"key": SECOND})
        bare = await theirs.add("Bare", TargetKind.S3, {"room": "3"}, {})
        second = await ours.add("Second", TargetKind.S3, {"room": "4"}, {"key": FIRST})
        assert (mine.id, bare.id) == (other.id, second.id), "ids begin at 1 in each"
        assert await room_of(ours, store, mine.id) == FIRST
        assert await room_of(theirs, store, other.id) == SECOND
        assert not theirs.has_secret(bare, "key")

    with plugged(store), a_book(tmp_path / "a") as ours, a_book(tmp_path / "b") as theirs:
        asyncio.run(work(ours, theirs))


async def test_a_change_that_is_refused_keeps_nothing(kept: OneKeyring, bench: Bench) -> None:
    desk = bench.desk
    target = await desk.add_target("A", TargetKind.S3, {"room": "1"}, {"key": FIRST})
    with pytest.raises(ValueError, match="already"):
        await desk.change_target(target.id, name="My s3", secrets={"key": SECOND})
    with pytest.raises(ValueError, match="far too long"):
        await desk.change_target(
            target.id, name="B", options={"room": "2"}, secrets={"key": "x" * 1_000_000}
        )
    assert target in await desk.targets()
    assert list(kept.kept.values()) == [FIRST]


async def test_an_optional_secret_is_taken_away(
    kept: OneKeyring, bench: Bench, store: Place
) -> None:
    desk = bench.desk
    target = await desk.add_target("A", TargetKind.S3, {"room": "1"}, {"key": FIRST})
    # tried without it first, which takes nothing away
    await desk.check_target(TargetKind.S3, {"room": "1"}, {"key": ""}, target.id)
    assert store.options[-1]["key"] == ""
    assert desk.has_secret(target, "key")
    await desk.change_target(target.id, secrets={"key": " "})
    assert not kept.kept
    assert not desk.has_secret(target, "key")


async def test_a_secret_that_stays_is_said_and_the_rest_stays_too(
    kept: OneKeyring, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = bench.desk
    target = await desk.add_target("A", TargetKind.S3, {"room": "1"}, {"key": FIRST})
    kept.is_stuck = True
    with pytest.raises(ValueError, match="keyring did not take away Key"):
        await desk.change_target(target.id, name="B", secrets={"key": ""})
    assert target in await desk.targets()
    assert desk.has_secret(target, "key")
    kept.is_stuck = False
    monkeypatch.setenv(variable_of(target, "key"), SECOND)
    with pytest.raises(ValueError, match=f"Key comes from {variable_of(target, 'key')}"):
        await desk.change_target(target.id, secrets={"key": ""})


async def test_a_secret_that_is_needed_is_not_taken_away(kept: OneKeyring, bench: Bench) -> None:
    desk = bench.desk
    options = {"url": "https://hooks.example/1"}
    target = await desk.add_target("Hook", TargetKind.WEBHOOK, options, {"secret": FIRST})
    with pytest.raises(ValueError, match="is missing"):
        await desk.change_target(target.id, secrets={"secret": ""})
    assert list(kept.kept.values()) == [FIRST]
