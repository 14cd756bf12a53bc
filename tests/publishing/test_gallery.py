"""The folder of a gallery: what is in it after each change, each fault and each kill."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from tests.faults.disks import SmallDisk
from tests.publishing.folder_child import killed
from tests.publishing.galleries import found_in, parcel, picture_parcel, uuid_of
from veo_studio.core.publishing.base import NotTaken, TryAgain
from veo_studio.core.publishing.gallery import GalleryPublisher
from veo_studio.core.publishing.gallery_list import LIST_NAME, read
from veo_studio.core.publishing.models import Parcel, TargetKind, Way

STEPS_OF_SEND = [
    "gallery-begun",
    "gallery-noted",
    "gallery-copied",
    "gallery-listed",
    "gallery-page",
    "gallery-cleared",
]
STEPS_OF_REMOVAL = ["gallery-listed", "gallery-page", "gallery-cleared"]
_SHOWN = re.compile(r'class="frame" href="(clips/[^"]+)"')
_USED = re.compile(r'(?:href|src)="((?:clips|thumbs)/[^"]+)"')


def nothing(_done: int, _total: int) -> None:
    """Nobody looks at the progress."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "gallery"
    made.mkdir()
    return made


@pytest.fixture
def small_disk() -> Iterator[SmallDisk]:
    disk = SmallDisk()
    yield disk
    disk.close()


def shown(folder: Path) -> list[str]:
    """The clips on its page, by their uuid. Every file that the page names is there."""
    text = (folder / "index.html").read_text()
    assert text.endswith("</html>\n")
    for name in _USED.findall(text):
        assert (folder / name).is_file(), name
    return [Path(name).stem[:36] for name in _SHOWN.findall(text)]


def assert_at_rest(folder: Path, *uuids: str) -> None:
    """It shows these, newest first, and holds nothing else."""
    assert shown(folder) == list(uuids)
    listed = read((folder / LIST_NAME).read_bytes())
    assert not listed.pending
    assert [one.uuid for one in listed.newest_first()] == list(uuids)
    assert set(found_in(folder)) == {"index.html", LIST_NAME, *listed.files}


async def test_the_newest_is_first_whatever_came_first(folder: Path, tmp_path: Path) -> None:
    publisher = GalleryPublisher(folder)
    assert "begins there" in await publisher.check()
    for number in (2, 3, 1):
        receipt = await publisher.send(parcel(tmp_path / "clips", number), nothing)
    assert receipt.facts == {"path": str(folder / "index.html"), "uuid": uuid_of(1)}
    assert_at_rest(folder, uuid_of(3), uuid_of(2), uuid_of(1))
    assert "shows 3 clips" in await publisher.check()


async def test_sent_again_it_has_its_new_words_and_cover(folder: Path, tmp_path: Path) -> None:
    publisher = GalleryPublisher(folder)
    clip = parcel(tmp_path / "clips", 1, "Old words", ("old",))
    await publisher.send(clip, nothing)
    before = found_in(folder)
    await publisher.send(clip, nothing)
    assert found_in(folder) == before
    cover = tmp_path / "cover.jpg"
    cover.write_bytes(b"another picture")
    await publisher.send(replace(clip, caption="New words", tags=("new",), poster=cover), nothing)
    assert_at_rest(folder, uuid_of(1))
    text = (folder / "index.html").read_text()
    assert "New words" in text
    assert "Old words" not in text
    (thumb,) = (folder / "thumbs").iterdir()
    assert thumb.read_bytes() == b"another picture"
    assert (folder / "thumbs" / thumb.name).name not in before


async def test_a_clip_that_travels_smaller_takes_the_place_of_the_larger(
    folder: Path, tmp_path: Path
) -> None:
    publisher = GalleryPublisher(folder)
    clip = parcel(tmp_path / "clips", 1)
    await publisher.send(clip, nothing)
    other = parcel(tmp_path / "clips", 2)
    await publisher.send(replace(other, generation_uuid=uuid_of(1)), nothing)
    assert_at_rest(folder, uuid_of(1))
    (file,) = (folder / "clips").iterdir()
    assert file.read_bytes() == other.file.read_bytes()


async def test_unpublished_it_leaves_page_and_folder(folder: Path, tmp_path: Path) -> None:
    publisher = GalleryPublisher(folder)
    first = await publisher.send(parcel(tmp_path / "clips", 1), nothing)
    await publisher.send(picture_parcel(tmp_path / "clips", 2), nothing)
    await publisher.remove(first)
    assert_at_rest(folder, uuid_of(2))
    # gone already is no error, nor is a gallery that is gone as a whole
    await publisher.remove(first)
    assert_at_rest(folder, uuid_of(2))
    shutil.rmtree(folder)
    folder.mkdir()
    await publisher.remove(first)
    assert found_in(folder) == {}


async def test_a_target_that_moved_still_takes_away_where_it_delivered(
    folder: Path, tmp_path: Path
) -> None:
    receipt = await GalleryPublisher(folder).send(parcel(tmp_path / "clips", 1), nothing)
    moved = tmp_path / "moved"
    moved.mkdir()
    await GalleryPublisher(moved).remove(receipt)
    assert_at_rest(folder)
    assert found_in(moved) == {}


async def test_a_new_title_is_on_the_page_after_a_refresh(folder: Path, tmp_path: Path) -> None:
    await GalleryPublisher(folder, "Boats").send(parcel(tmp_path / "clips", 1), nothing)
    await GalleryPublisher(folder, "Ships & <sea>").refresh()
    text = (folder / "index.html").read_text()
    assert "<title>Ships &amp; &lt;sea&gt;</title>" in text
    assert_at_rest(folder, uuid_of(1))


async def test_ten_galleries_at_once_lose_nothing(folder: Path, tmp_path: Path) -> None:
    clips = [parcel(tmp_path / "clips", n) for n in range(1, 11)]
    await asyncio.gather(*(GalleryPublisher(folder).send(one, nothing) for one in clips))
    assert_at_rest(folder, *(uuid_of(n) for n in range(10, 0, -1)))


async def test_two_programs_at_once_lose_nothing(folder: Path, tmp_path: Path) -> None:
    clips = tmp_path / "clips"
    codes = await asyncio.gather(
        *(killed(TargetKind.GALLERY, folder, clips, "send", n, "") for n in range(1, 5))
    )
    assert codes == [0, 0, 0, 0]
    assert_at_rest(folder, *(uuid_of(n) for n in range(4, 0, -1)))


async def test_while_another_program_writes_it_waits_and_can_be_cancelled(
    folder: Path, tmp_path: Path
) -> None:
    publisher = GalleryPublisher(folder)
    await publisher.send(parcel(tmp_path / "clips", 1), nothing)
    with FileLock(folder / ".veo-studio-gallery-lock"):
        before = found_in(folder)
        waiting = asyncio.ensure_future(publisher.send(parcel(tmp_path / "clips", 2), nothing))
        done, _ = await asyncio.wait({waiting}, timeout=0.3)
        assert not done
        assert found_in(folder) == before
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await publisher.send(parcel(tmp_path / "clips", 3), nothing)
    assert_at_rest(folder, uuid_of(3), uuid_of(1))


async def test_what_others_keep_there_is_not_touched(folder: Path, tmp_path: Path) -> None:
    publisher = GalleryPublisher(folder)
    receipt = await publisher.send(parcel(tmp_path / "clips", 1), nothing)
    mine = {
        "CNAME": b"boats.example",
        "clips/holiday.mp4": b"mine",
        f"clips/{uuid_of(9)}-00000000.mp4": b"looks like one",
        "thumbs/x.jpg": b"mine",
        ".veo-studio-copy-1.part": b"of a copy that runs",
    }
    for name, content in mine.items():
        (folder / name).write_bytes(content)
    await publisher.send(parcel(tmp_path / "clips", 2), nothing)
    await publisher.remove(receipt)
    assert shown(folder) == [uuid_of(2)]
    there = found_in(folder)
    assert {name: there[name] for name in mine} == mine


async def test_a_folder_with_other_files_is_refused_without_a_trace(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "letters.txt").write_bytes(b"mine")
    publisher = GalleryPublisher(folder)
    for does in (publisher.send(parcel(tmp_path / "clips", 1), nothing), publisher.check()):
        with pytest.raises(NotTaken, match="holds other files") as caught:
            await does
        assert "empty folder" in (caught.value.action or "")
    assert [path.name for path in folder.iterdir()] == ["letters.txt"]


async def test_a_page_or_folder_of_somebody_else_is_left_alone(
    folder: Path, tmp_path: Path
) -> None:
    publisher = GalleryPublisher(folder)
    clip = parcel(tmp_path / "clips", 1)
    await publisher.send(clip, nothing)
    (folder / "index.html").write_text("<h1>My own page</h1>")
    with pytest.raises(NotTaken, match=r"index\.html .* is not what Veo Studio put there"):
        await publisher.send(parcel(tmp_path / "clips", 2), nothing)
    assert (folder / "index.html").read_text() == "<h1>My own page</h1>"
    (folder / "index.html").unlink()
    await publisher.refresh()
    assert_at_rest(folder, uuid_of(1))
    elsewhere = tmp_path / "elsewhere"
    (folder / "thumbs").rename(elsewhere)
    (folder / "thumbs").symlink_to(elsewhere)
    with pytest.raises(NotTaken, match="thumbs in the folder"):
        await publisher.send(parcel(tmp_path / "clips", 2), nothing)
    assert len(list(elsewhere.iterdir())) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found["clips"][0].update(clip="../../victim"),
        lambda found: found["clips"][0].update(clip="clips/../../x-00000000.mp4"),
        lambda found: found.update(pending=["/etc/passwd"]),
        lambda found: found["clips"][0].update(uuid='"><script>'),
        lambda found: found["clips"][0].update(tags=[1]),
        lambda found: found["clips"][0].update(shown_at="yesterday"),
        lambda found: found["clips"][0].pop("caption"),
        lambda found: found.update(clips="all of them"),
        lambda found: found.pop("version"),
    ],
)
async def test_a_list_that_was_tampered_with_is_refused(
    folder: Path, tmp_path: Path, change: object
) -> None:
    publisher = GalleryPublisher(folder)
    await publisher.send(parcel(tmp_path / "clips", 1), nothing)
    found = json.loads((folder / LIST_NAME).read_bytes())
    change(found)  # type: ignore[operator]
    (folder / LIST_NAME).write_text(json.dumps(found))
    before = found_in(folder)
    with pytest.raises(NotTaken, match="is damaged"):
        await publisher.send(parcel(tmp_path / "clips", 2), nothing)
    assert found_in(folder) == before


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"version": 1}']
)
async def test_a_list_that_is_none_is_refused(folder: Path, tmp_path: Path, content: bytes) -> None:
    (folder / LIST_NAME).write_bytes(content)
    with pytest.raises(NotTaken, match="is damaged") as caught:
        await GalleryPublisher(folder).send(parcel(tmp_path / "clips", 1), nothing)
    assert "good copy" in (caught.value.action or "")


async def test_a_gallery_of_a_newer_program_is_left_alone(folder: Path, tmp_path: Path) -> None:
    (folder / LIST_NAME).write_text('{"version": 2, "videos": []}')
    with pytest.raises(NotTaken, match="newer version"):
        await GalleryPublisher(folder).send(parcel(tmp_path / "clips", 1), nothing)


async def test_files_that_browsers_do_not_show_are_refused_before(
    folder: Path, tmp_path: Path
) -> None:
    clip = parcel(tmp_path / "clips", 1)
    publisher = GalleryPublisher(folder)
    assert publisher.refusal(clip) is None
    assert publisher.refusal(picture_parcel(tmp_path / "clips", 2)) is None
    refused = publisher.refusal(replace(clip, name="clip.mov"))
    assert refused is not None
    assert refused.sentence == "Browsers do not show MOV files."
    assert refused.ways == (Way.SMALLER,)
    with pytest.raises(NotTaken, match="MOV"):
        await publisher.send(replace(clip, name="clip.mov"), nothing)
    assert found_in(folder) == {}


async def test_a_folder_that_is_gone_is_not_made(folder: Path, tmp_path: Path) -> None:
    publisher = GalleryPublisher(folder)
    receipt = await publisher.send(parcel(tmp_path / "clips", 1), nothing)
    away = folder.rename(tmp_path / "unplugged")
    for does in (
        publisher.send(parcel(tmp_path / "clips", 2), nothing),
        publisher.remove(receipt),
        publisher.refresh(),
    ):
        with pytest.raises(TryAgain, match="is not there"):
            await does
    assert not folder.exists()
    away.rename(folder)
    await publisher.remove(receipt)
    assert_at_rest(folder)


async def test_a_clip_that_cannot_be_read_leaves_the_gallery_as_it_was(
    folder: Path, tmp_path: Path
) -> None:
    publisher = GalleryPublisher(folder)
    await publisher.send(parcel(tmp_path / "clips", 1), nothing)
    before = found_in(folder)
    clip = parcel(tmp_path / "clips", 2)
    clip.file.unlink()
    with pytest.raises(NotTaken, match="cannot be read"):
        await publisher.send(clip, nothing)
    assert found_in(folder) == before


async def test_a_full_disk_leaves_the_old_page(small_disk: SmallDisk, tmp_path: Path) -> None:
    place = tmp_path / "stick"
    clips = [parcel(tmp_path / "clips", n, "x" * 200) for n in (1, 2)]
    small_disk.mount(place)
    publisher = GalleryPublisher(place)
    await publisher.send(clips[0], nothing)
    small_disk.fill()
    with pytest.raises((TryAgain, NotTaken)) as caught:
        await publisher.send(clips[1], nothing)
    assert caught.value.action
    assert shown(place) == [uuid_of(1)]
    small_disk.free()
    await publisher.send(clips[1], nothing)
    assert_at_rest(place, uuid_of(2), uuid_of(1))


@pytest.mark.parametrize("step", STEPS_OF_SEND)
async def test_killed_in_a_step_of_the_first_clip(folder: Path, tmp_path: Path, step: str) -> None:
    clips = tmp_path / "clips"
    assert await killed(TargetKind.GALLERY, folder, clips, "send", 1, step) == -9
    if (folder / "index.html").exists():
        assert shown(folder) == [uuid_of(1)]
    await GalleryPublisher(folder).send(parcel(clips, 1, "Clip 1"), nothing)
    assert_at_rest(folder, uuid_of(1))


@pytest.mark.parametrize("step", STEPS_OF_SEND[1:])
async def test_killed_in_a_step_the_page_is_the_old_one_or_the_new_one(
    folder: Path, tmp_path: Path, step: str
) -> None:
    clips = tmp_path / "clips"
    publisher = GalleryPublisher(folder)
    await publisher.send(parcel(clips, 1), nothing)
    assert await killed(TargetKind.GALLERY, folder, clips, "send", 2, step) == -9
    assert shown(folder) in ([uuid_of(1)], [uuid_of(2), uuid_of(1)])
    # another clip comes first, and clears up
    await publisher.send(parcel(clips, 3), nothing)
    assert shown(folder)[0] == uuid_of(3)
    await publisher.send(parcel(clips, 2), nothing)
    assert_at_rest(folder, uuid_of(3), uuid_of(2), uuid_of(1))


@pytest.mark.parametrize("step", STEPS_OF_REMOVAL)
async def test_killed_in_a_step_of_a_removal(folder: Path, tmp_path: Path, step: str) -> None:
    clips = tmp_path / "clips"
    publisher = GalleryPublisher(folder)
    for number in (1, 2):
        receipt = await publisher.send(parcel(clips, number), nothing)
    assert await killed(TargetKind.GALLERY, folder, clips, "remove", 2, step) == -9
    assert shown(folder) in ([uuid_of(1)], [uuid_of(2), uuid_of(1)])
    await publisher.remove(receipt)
    assert_at_rest(folder, uuid_of(1))


async def test_a_clip_that_fails_after_a_killed_removal_breaks_no_page(
    folder: Path, tmp_path: Path
) -> None:
    clips = tmp_path / "clips"
    publisher = GalleryPublisher(folder)
    await publisher.send(parcel(clips, 1), nothing)
    await killed(TargetKind.GALLERY, folder, clips, "remove", 1, "gallery-listed")
    gone: Parcel = parcel(clips, 2)
    gone.file.unlink()
    with pytest.raises(NotTaken):
        await publisher.send(gone, nothing)
    # the page still shows the clip, so its files are still there
    assert shown(folder) == [uuid_of(1)]
    await publisher.refresh()
    assert_at_rest(folder)
