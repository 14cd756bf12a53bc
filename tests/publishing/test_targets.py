"""Targets: what they need is checked, their secrets are not with their options, and nothing is half kept."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from dataclasses import replace

import pytest

from tests.publishing.conftest import Bench
from tests.publishing.scripted import Place, a_clip, closed, plugged, studio_with
from veo_studio.core.publishing import kinds
from veo_studio.core.publishing.base import KindInfo
from veo_studio.core.publishing.kinds import all_kinds, info_of
from veo_studio.core.publishing.models import (
    PublishingEventKind,
    TargetKind,
    TargetWish,
)
from veo_studio.core.publishing.target_book import variable_of
from veo_studio.core.studio import Studio

SECRET = "a-secret-that-must-not-leak-0123"


@pytest.fixture
async def studio(places: None) -> AsyncIterator[Studio]:
    async with studio_with() as studio:
        yield studio


async def test_a_secret_is_used_and_never_stored_with_the_target(
    studio: Studio, store: Place
) -> None:
    desk = studio.publishing
    target = await desk.add_target("My store", TargetKind.S3, {"room": " 1 "}, {"key": SECRET})
    assert (target.name, target.kind, target.options) == ("My store", TargetKind.S3, {"room": "1"})
    assert desk.has_secret(target, "key")
    assert await desk.targets() == [target]
    clip = await a_clip(studio)
    (one,) = await desk.deliver([clip.id], [TargetWish(target.id)])
    await closed(studio, one.id)
    assert store.options == [{"room": "1", "size": "", "key": SECRET}]
    database = studio.paths.database
    for name in (database, database.with_name(f"{database.name}-wal")):
        assert SECRET.encode() not in name.read_bytes()


async def test_a_secret_that_is_left_out_stays(studio: Studio) -> None:
    desk = studio.publishing
    target = await desk.add_target("My store", TargetKind.S3, {"room": "1"}, {"key": SECRET})
    changed = await desk.change_target(target.id, name="Yours", options={"room": "2", "size": "l"})
    assert (changed.name, changed.options) == ("Yours", {"room": "2", "size": "l"})
    assert desk.has_secret(changed, "key")
    same = await desk.change_target(target.id, secrets={"key": "another-secret"})
    assert same == changed


async def test_the_environment_stands_in_for_a_keyring(
    studio: Studio, store: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = await studio.publishing.add_target("Mein Büro-2", TargetKind.S3, {"room": "1"}, {})
    assert not studio.publishing.has_secret(target, "key")
    assert variable_of(target, "key") == "VEO_STUDIO_TARGET_MEIN_B_RO_2_KEY"
    monkeypatch.setenv(variable_of(target, "key"), SECRET)
    (known,) = await studio.publishing.targets()
    assert studio.publishing.has_secret(known, "key")
    clip = await a_clip(studio)
    (one,) = await studio.publishing.deliver([clip.id], [TargetWish(target.id)])
    await closed(studio, one.id)
    assert store.options[-1]["key"] == SECRET


async def test_the_variable_of_a_secret_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    variable, options = "VEO_STUDIO_TARGET_MY_NEWS_TOKEN", {"chat": "@films"}
    async with studio_with() as studio:
        desk = studio.publishing
        with pytest.raises(ValueError, match=rf"Bot token is missing\. .* into {variable}\."):
            await desk.add_target("My news", TargetKind.TELEGRAM, options, {})
        monkeypatch.setenv(variable, f"123456789:{'a' * 35}")
        target = await desk.add_target("My news", TargetKind.TELEGRAM, options, {})
        clip = await a_clip(studio)
        assert await desk.refusals([clip.id], [TargetWish(target.id)]) == {}
        monkeypatch.delenv(variable)
        (why,) = (await desk.refusals([clip.id], [TargetWish(target.id)])).values()
        assert why.sentence.startswith("Bot token of My news is not known here.")
        assert why.sentence.endswith(f"put it into {variable}.")


@pytest.mark.parametrize(
    ("name", "options", "secrets", "words"),
    [
        (" ", {"room": "1"}, {}, "needs a name"),
        ("x" * 65, {"room": "1"}, {}, "64 characters"),
        ("MY STORE", {"room": "1"}, {}, "already"),
        ("Other", {}, {}, "Room is missing"),
        ("Other", {"room": "  "}, {}, "Room is missing"),
        ("Other", {"room": "1", "colour": "red"}, {}, "no option 'colour'"),
        ("Other", {"room": "1", "size": "xl"}, {}, "Size cannot be 'xl'"),
        ("Other", {"room": "1", "key": SECRET}, {}, "is a secret"),
        ("Other", {"room": "1"}, {"colour": "red"}, "no option 'colour'"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_kept(
    studio: Studio,
    name: str,
    options: Mapping[str, str],
    secrets: Mapping[str, str],
    words: str,
) -> None:
    first = await studio.publishing.add_target("My store", TargetKind.S3, {"room": "1"}, {})
    with pytest.raises(ValueError, match=words) as caught:
        await studio.publishing.add_target(name, TargetKind.S3, options, secrets)
    assert SECRET not in str(caught.value)
    assert await studio.publishing.targets() == [first]


async def test_a_secret_that_cannot_be_kept_leaves_no_target(studio: Studio) -> None:
    with pytest.raises(ValueError, match="too long"):
        await studio.publishing.add_target(
            "My store", TargetKind.S3, {"room": "1"}, {"key": "x" * 1_000_000}
        )
    assert await studio.publishing.targets() == []
    with closing(sqlite3.connect(studio.paths.database)) as connection:
        assert connection.execute("SELECT count(*) FROM targets").fetchone() == (0,)


async def test_a_deleted_one_comes_back_with_its_secret(studio: Studio) -> None:
    desk = studio.publishing
    target = await desk.add_target("My store", TargetKind.S3, {"room": "1"}, {"key": SECRET})
    await desk.delete_target(target.id)
    assert await desk.targets() == []
    with pytest.raises(LookupError):
        await desk.change_target(target.id, name="Other")
    other = await desk.add_target("my store", TargetKind.S3, {"room": "2"}, {})
    assert other.id != target.id
    with pytest.raises(ValueError, match="already"):
        await desk.restore_target(target.id)
    await desk.delete_target(other.id)
    assert await desk.restore_target(target.id) == target
    assert desk.has_secret(target, "key")


async def test_it_is_tried_without_a_clip(studio: Studio, store: Place) -> None:
    desk = studio.publishing
    target = await desk.add_target("My store", TargetKind.S3, {"room": "1"}, {"key": SECRET})
    said = await desk.check_target(TargetKind.S3, {"room": "7"}, {}, target.id)
    assert said == "The room is there."
    assert store.options[-1] == {"room": "7", "size": "", "key": SECRET}
    assert (store.made, store.arrived) == (store.closed, [])
    with pytest.raises(ValueError, match="Room is missing"):
        await desk.check_target(TargetKind.S3, {}, {})


async def test_whoever_shows_targets_is_told(bench: Bench) -> None:
    bench.said.clear()
    await bench.desk.change_target(bench.store_target.id, name="Other")
    await bench.desk.delete_target(bench.store_target.id)
    await bench.desk.restore_target(bench.store_target.id)
    assert [event.kind for event in bench.said] == [PublishingEventKind.TARGETS] * 3


async def test_a_rule_of_two_fields_is_checked_with_their_defaults(store: Place) -> None:
    def both(values: Mapping[str, str]) -> str:
        return "Room 1 has no size." if values["room"] == "1" and values.get("size") else ""

    info: KindInfo = replace(store.info, check=both)
    with kinds.made_by(info, store.make):
        async with studio_with() as studio:
            with pytest.raises(ValueError, match="has no size"):
                await studio.publishing.add_target(
                    "My store", TargetKind.S3, {"room": "1", "size": "s"}, {}
                )


def test_every_kind_says_what_it_needs() -> None:
    for info in all_kinds():
        names = [field.name for field in info.fields]
        assert len(set(names)) == len(names), info.kind
        assert info.label, info.kind
        assert info.about.endswith("."), info.kind
        for field in info.fields:
            assert field.label, (info.kind, field.name)
            assert not (field.is_secret and field.default), (info.kind, field.name)
            choices = {value for value, _words in field.choices}
            assert not choices or not field.default or field.default in choices, field.name


def test_a_kind_that_somebody_else_makes_is_given_back() -> None:
    before = info_of(TargetKind.FOLDER)
    place = Place(TargetKind.FOLDER)
    with plugged(place):
        assert info_of(TargetKind.FOLDER).label == "Scripted"
    assert info_of(TargetKind.FOLDER) == before
