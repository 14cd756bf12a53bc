from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from tests.store.libraries import new
from tests.transport.clips import coloured
from veo_studio.core.errors import StorageError
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.library_query import LibraryQuery
from veo_studio.core.locating import Locator
from veo_studio.core.models import Generation, GenerationKind, GenerationState
from veo_studio.core.store.database import Database
from veo_studio.core.store.library import LibraryRepository
from veo_studio.core.store.repositories import GenerationRepository

_S = GenerationState


class Library:
    """A real database, and everything that was told about it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = Database.open(folder / "library.db")
        self.generations = GenerationRepository(self.database)
        self.library = LibraryRepository(self.database)
        self.events: list[GenerationEvent] = []
        self.dropped: list[str] = []
        self.locator = Locator(
            self.library, self.generations, self, self.events.append, apart=(folder / "home/data",)
        )

    def drop(self, uuid: str) -> None:
        self.dropped.append(uuid)

    async def finished(
        self, path: Path, content: bytes | None = None, **fields: object
    ) -> Generation:
        """A completed generation whose file is, or was, at `path`."""
        if content is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        content = path.read_bytes()
        (made,) = await self.generations.create([new(path.stem)])
        attempt = await self.generations.begin_attempt(made.id, {}, "0" * 64)
        operation = f"op-{made.id}"
        await self.generations.end_attempt(attempt, _S.PROCESSING, "yes", operation_id=operation)
        await self.generations.move(made.id, _S.DOWNLOADING, "done")
        facts = {
            "video_path": str(path),
            "size_bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "width_px": 64,
            "height_px": 48,
            "length_s": 3.0,
            "has_audio": False,
        }
        return await self.generations.move(made.id, _S.COMPLETED, "there", **{**facts, **fields})


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    made = Library(tmp_path)
    yield made
    made.database.close()


async def test_the_same_bytes_under_another_name_are_the_clip(library: Library) -> None:
    clip = await library.finished(coloured(library.folder / "a.mp4", 64, 48))
    moved = (library.folder / "a.mp4").rename(library.folder / "renamed by me.mp4")
    candidate = await library.locator.examine(clip, moved)
    assert candidate.is_same
    stored = await library.locator.take(clip, candidate)
    assert stored.video_path == moved
    assert (stored.sha256, stored.length_s) == (clip.sha256, 3.0)
    assert library.dropped == [clip.uuid]
    assert [(event.kind, event.generation) for event in library.events] == [
        (EventKind.UPDATED, stored)
    ]
    await library.locator.put_back([clip])
    assert (await library.generations.get(clip.id)).video_path == clip.video_path


async def test_another_file_is_told_apart_and_taken_only_on_purpose(library: Library) -> None:
    clip = await library.finished(coloured(library.folder / "a.mp4", 64, 48))
    other = coloured(library.folder / "cut.mp4", 96, 64, frames=10)
    candidate = await library.locator.examine(clip, other)
    assert not candidate.is_same
    assert (await library.generations.get(clip.id)) == clip
    stored = await library.locator.take(clip, candidate)
    assert (stored.width_px, stored.height_px, stored.length_s) == (96, 64, pytest.approx(1.0))
    assert stored.sha256 == hashlib.sha256(other.read_bytes()).hexdigest()
    await library.locator.put_back([clip])
    back = await library.generations.get(clip.id)
    assert (back.width_px, back.sha256, back.video_path) == (64, clip.sha256, clip.video_path)


async def test_what_cannot_be_the_clip_is_refused_with_a_reason(library: Library) -> None:
    clip = await library.finished(coloured(library.folder / "a.mp4", 64, 48))
    second = await library.finished(coloured(library.folder / "b.mp4", 64, 48, frames=12))
    picture = library.folder / "a.png"
    Image.new("RGB", (8, 8)).save(picture)
    broken = library.folder / "broken.mp4"
    broken.write_bytes(b"no clip")
    assert second.video_path is not None
    for path, words in (
        (picture, "a.png is no clip."),
        (second.video_path, "b.mp4 belongs to another clip of your library."),
        (broken, "broken.mp4 cannot be used. The file may be damaged"),
    ):
        with pytest.raises(ValueError, match=words):
            await library.locator.examine(clip, path)
    with pytest.raises(StorageError):
        await library.locator.examine(clip, library.folder / "nowhere.mp4")
    assert (await library.generations.get(clip.id)) == clip
    assert library.events == []


async def test_one_file_belongs_to_one_clip_whatever_way_leads_to_it(library: Library) -> None:
    folder = library.folder
    first = await library.finished(coloured(folder / "a.mp4", 64, 48))
    second = await library.finished(coloured(folder / "b.mp4", 64, 48, frames=12))
    real = folder / "real"
    real.mkdir()
    os.symlink(real, folder / "alias")
    (folder / "a.mp4").rename(real / "found.mp4")
    os.symlink(real / "found.mp4", folder / "link.mp4")
    ((_, candidate),) = (await library.locator.search(folder / "alias", [first])).found
    stored = await library.locator.take(first, candidate)
    assert stored.video_path == real / "found.mp4"
    for way in (folder / "alias/found.mp4", real / "../real/found.mp4", folder / "link.mp4"):
        with pytest.raises(ValueError, match="belongs to another clip"):
            await library.locator.examine(second, way)
    # as it may have been stored before
    await library.library.relocate(first.id, folder / "alias/found.mp4", {})
    assert await library.generations.has_file_of_another(second.id, real / "found.mp4")
    with pytest.raises(ValueError, match="belongs to another clip"):
        await library.locator.examine(second, real / "found.mp4")


async def test_a_link_is_no_second_file(library: Library) -> None:
    first = await library.finished(library.folder / "old" / "a.mp4", b"the same")
    second = await library.finished(library.folder / "old" / "b.mp4", b"the same")
    there = library.folder / "new"
    there.mkdir()
    (library.folder / "old" / "a.mp4").rename(there / "a.mp4")
    (library.folder / "old" / "b.mp4").unlink()
    os.symlink(there / "a.mp4", there / "b.mp4")
    searched = await library.locator.search(there, [first, second])
    assert [(one.id, found.path) for one, found in searched.found] == [(first.id, there / "a.mp4")]


async def test_a_picture_is_looked_for_among_pictures(library: Library) -> None:
    picture = library.folder / "a.png"
    Image.new("RGB", (8, 8)).save(picture)
    made = await library.finished(picture)
    kinds = "UPDATE generations SET kind = ? WHERE id = ?"
    await library.database.write(
        lambda c: c.exec_driver_sql(kinds, (GenerationKind.IMAGE.value, made.id))
    )
    made = await library.generations.get(made.id)
    with pytest.raises(ValueError, match=r"b\.mp4 is no picture\."):
        await library.locator.examine(made, library.folder / "b.mp4")
    moved = picture.rename(library.folder / "c.png")
    assert (await library.locator.examine(made, moved)).is_same


async def test_what_is_missing_is_found_out_for_all_clips_at_once(library: Library) -> None:
    clips = [
        await library.finished(library.folder / f"{n}.mp4", f"clip {n}".encode()) for n in range(5)
    ]
    for number in (1, 3):
        (library.folder / f"{number}.mp4").unlink()
    (library.folder / "3.mp4").mkdir()
    gone = await library.locator.missing()
    assert sorted(one.id for one in gone) == [clips[1].id, clips[3].id]


async def test_a_folder_gives_back_everything_that_was_moved_there(library: Library) -> None:
    clips = [
        await library.finished(library.folder / "old" / f"{n}.mp4", f"clip {n}".encode())
        for n in range(4)
    ]
    there = library.folder / "new" / "deep"
    there.mkdir(parents=True)
    (library.folder / "old" / "0.mp4").rename(there / "0.mp4")
    (library.folder / "old" / "1.mp4").rename(there / "renamed.MP4")
    # as long as the lost one, but another
    (library.folder / "old" / "2.mp4").unlink()
    (there / "2.mp4").write_bytes(b"CLIP 2")
    (there / ".hidden.mp4").write_bytes(b"clip 2")
    (there / "notes.txt").write_bytes(b"clip 2")
    missing = await library.locator.missing()
    assert len(missing) == 3
    searched = await library.locator.search(library.folder / "new", missing)
    found = {generation.id: candidate.path for generation, candidate in searched.found}
    assert found == {clips[0].id: there / "0.mp4", clips[1].id: there / "renamed.MP4"}
    assert searched.is_whole
    assert searched.files == 3
    for generation, candidate in searched.found:
        await library.locator.take(generation, candidate)
    assert [one.id for one in await library.locator.missing()] == [clips[2].id]


async def test_no_search_takes_what_is_thrown_away_hidden_or_the_programs_own(
    library: Library,
) -> None:
    clip = await library.finished(library.folder / "old.mp4", b"a clip")
    (library.folder / "old.mp4").unlink()
    home = library.folder / "home"
    for name in (
        ".local/share/Trash/files", ".Trash-1000/files", "$RECYCLE.BIN/S-1", "Trash/files", "data/inputs",
    ):  # fmt: skip
        (home / name).mkdir(parents=True)
        (home / name / "old.mp4").write_bytes(b"a clip")
    assert (await library.locator.search(home, [clip])).found == ()
    moved = home / "videos" / "moved.mp4"
    moved.parent.mkdir()
    moved.write_bytes(b"a clip")
    ((_, candidate),) = (await library.locator.search(home, [clip])).found
    assert candidate.path == moved
    # who looks into the trash itself means it
    ((_, candidate),) = (await library.locator.search(home / "Trash", [clip])).found
    assert candidate.path == home / "Trash/files/old.mp4"


async def test_of_two_equal_clips_each_takes_the_file_of_its_name(library: Library) -> None:
    first = await library.finished(library.folder / "old" / "a.mp4", b"the same")
    second = await library.finished(library.folder / "old" / "b.mp4", b"the same")
    there = library.folder / "new"
    (library.folder / "old").rename(there)
    searched = await library.locator.search(there, [second, first])
    found = {generation.id: candidate.path.name for generation, candidate in searched.found}
    assert found == {first.id: "a.mp4", second.id: "b.mp4"}


async def test_one_file_is_not_given_to_two_clips(library: Library) -> None:
    lost = await library.finished(library.folder / "old" / "a.mp4", b"the same")
    (library.folder / "old" / "a.mp4").unlink()
    await library.finished(library.folder / "new" / "b.mp4", b"the same")
    searched = await library.locator.search(library.folder / "new", [lost])
    assert searched.found == ()


async def test_without_a_digest_name_and_size_decide(library: Library) -> None:
    old = library.folder / "old"
    clip = await library.finished(old / "a.mp4", b"12345", sha256=None)
    there = library.folder / "new"
    there.mkdir()
    (old / "a.mp4").unlink()
    (there / "other.mp4").write_bytes(b"12345")
    assert (await library.locator.search(there, [clip])).found == ()
    (there / "a.mp4").write_bytes(b"54321")
    ((_, candidate),) = (await library.locator.search(there, [clip])).found
    assert (candidate.path.name, candidate.is_same) == ("a.mp4", False)


async def test_a_folder_that_cannot_be_read_says_so(library: Library) -> None:
    with pytest.raises(StorageError, match="nowhere cannot be read"):
        await library.locator.search(library.folder / "nowhere", [])


async def test_links_that_lead_in_circles_end(library: Library) -> None:
    clip = await library.finished(library.folder / "old" / "a.mp4", b"12345")
    there = library.folder / "new"
    there.mkdir()
    os.symlink(there, there / "circle")
    (library.folder / "old" / "a.mp4").rename(there / "a.mp4")
    searched = await library.locator.search(there, [clip])
    assert [candidate.path for _, candidate in searched.found] == [there / "a.mp4"]


async def test_a_long_search_tells_how_far_it_is(library: Library) -> None:
    there = library.folder / "new"
    there.mkdir()
    for number in range(1001):
        (there / f"{number}.mp4").touch()
    told: list[tuple[int, int]] = []
    here = threading.get_ident()

    def report(files: int, found: int) -> None:
        assert threading.get_ident() != here
        told.append((files, found))

    await library.locator.search(there, [], report)
    assert told == [(1000, 0)]


async def test_forgetting_takes_the_row_and_nothing_else(library: Library) -> None:
    clip = await library.finished(library.folder / "a.mp4", b"a clip")
    (waiting,) = await library.generations.create([new("waits")])
    done = await library.locator.forget([clip, waiting])
    assert done == [clip]
    assert list(await library.library.ids(LibraryQuery())) == [waiting.id]
    assert (library.folder / "a.mp4").read_bytes() == b"a clip"
    assert len(await library.generations.state_changes(clip.id)) > 1
    assert [event.kind for event in library.events] == [EventKind.REMOVED]
    await library.locator.remember(done)
    assert clip.id in await library.library.ids(LibraryQuery())
    assert library.events[-1].kind is EventKind.ADDED
