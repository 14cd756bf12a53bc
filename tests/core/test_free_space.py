"""What takes space: only files of ours are named, running work is left alone, and what is used stays."""

from __future__ import annotations

import json
import os
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import delete, insert, update

from veo_studio.core.errors import StorageError
from veo_studio.core.free_space import FreeSpace, Space
from veo_studio.core.input_files import InputFiles
from veo_studio.core.inputs import take_in_picture
from veo_studio.core.models import InputRole, MediaInput, VideoConfig
from veo_studio.core.paths import Paths
from veo_studio.core.placing import delete_for_good
from veo_studio.core.recipe_files import write_beside
from veo_studio.core.store.database import Database
from veo_studio.core.store.free_space import FileRows
from veo_studio.core.store.repositories import GenerationRepository
from veo_studio.core.store.storyboards import StoryboardRepository
from veo_studio.core.store.tables import generations
from veo_studio.core.storyboard import edits

OLD_S = time.time() - 3 * 86_400
NOW = datetime.now(UTC)


class Bench:
    """A library in a folder; rows as they are in the table."""

    def __init__(self, home: Path, database: Database, paths: Paths) -> None:
        self.home, self.database, self.paths = home, database, paths
        self.store = GenerationRepository(database)
        self.outputs = paths.outputs
        self.space = FreeSpace(FileRows(database), paths, paths.outputs)
        self._count = 0

    async def row(self, path: Path | None, state: str = "completed", **fields: object) -> int:
        self._count += 1
        number = self._count
        values = {
            "id": number, "uuid": f"{number:08d}-0000-4000-8000-000000000000", "kind": "video",
            "provider": "rehearsal", "model": "rehearsal-1", "prompt": f"Clip {number}",
            "config": VideoConfig("16:9", 2, "480p", "", 1, None).to_json(), "state": state,
            "state_cause": "", "charge": "not_charged", "tokens": 0, "size_bytes": 5,
            "video_path": None if path is None else str(path), "created_at": NOW, "updated_at": NOW,
        }  # fmt: skip
        values |= fields
        await self.database.write(lambda c: c.execute(insert(generations).values(**values)))
        return number

    def file(
        self, name: str, size: int = 10, folder: Path | None = None, age_s: float = 1e6
    ) -> Path:
        path = (folder or self.outputs) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))
        os.utime(path, (time.time() - age_s,) * 2)
        return path

    async def stray(self, name: str, size: int = 10, folder: Path | None = None) -> Path:
        """A clip with its recipe, as another library made it."""
        path = self.file(name, size, folder)
        number = await self.row(path, size_bytes=size)
        recipe = write_beside(replace(await self.store.get(number), sha256="a" * 64))
        os.utime(recipe, (OLD_S, OLD_S))
        await self.database.write(
            lambda c: c.execute(delete(generations).where(generations.c.id == number))
        )
        return path

    async def look(self) -> Space:
        return await self.space.look()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    paths = Paths.below(tmp_path / "home")
    paths.ensure()
    database = Database.open(paths.database)
    yield Bench(tmp_path, database, paths)
    database.close()


def names(space: Space) -> list[str]:
    return [one.path.name for one in space.strays]


async def test_rows_whose_files_are_gone_and_the_largest(bench):
    there = bench.file("20250105_143025_A_boat.mp4", 1000)
    await bench.row(there)
    await bench.row(bench.file("20250105_143025_A_kite.mp4", 5000))
    gone = await bench.row(bench.outputs / "20250105_143025_gone.mp4", size_bytes=77)
    await bench.row(bench.outputs / "deleted.mp4", deleted_at=NOW)
    await bench.row(None, state="failed")
    found = await bench.look()
    assert [(one.generation_id, one.size_bytes) for one in found.gone] == [(gone, 77)]
    assert [one.size_bytes for one in found.largest] == [5000, 1000]
    assert (found.clips_count, found.clips_bytes) == (2, 6000)
    assert found.strays == ()


@pytest.mark.parametrize(
    "name",
    [
        "holiday.mp4", "20250105_143025.mp4", "20250105_143025_001.jpg", "IMG_20250105_143025_boat.jpg",
        ".20250105_143025_A_boat.mp4", "20250105_143025_A_boat.mov", "20250105_143025_A_boat.json",
        ".3d0b6f5e-0000-4000-8000-000000000000.part", "20250105_143025_A boat.mp4",
    ],
)  # fmt: skip
async def test_what_does_not_look_like_ours_is_never_named(bench, name):
    bench.file(name)
    assert names(await bench.look()) == []


async def test_files_without_a_row_are_found_with_their_recipes(bench):
    path = bench.file("20250105_143025_A_boat.mp4", 4)
    made = await bench.store.get(await bench.row(path, size_bytes=4))
    recipe = write_beside(replace(made, sha256="a" * 64))
    os.utime(recipe, (OLD_S, OLD_S))
    assert names(await bench.look()) == []
    await bench.database.write(lambda c: c.execute(update(generations).values(deleted_at=NOW)))
    [stray] = (await bench.look()).strays
    assert (stray.path, stray.recipe, stray.size_bytes) == (path, recipe, 4)
    path.unlink()
    assert names(await bench.look()) == [recipe.name]


async def test_running_work_links_and_young_files_are_left_alone(bench, tmp_path):
    mine = tmp_path / "mine.mp4"
    mine.write_bytes(b"mine")
    reserved = bench.file("20250105_143025_A_fox.mp4")
    await bench.row(None, state="downloading", target_path=str(reserved))
    held = bench.file("20250105_143025_A_hare.mp4")
    await bench.row(None, state="held", target_path=str(held))
    bench.file("20250105_143026_A_young_one.mp4", age_s=5)
    (bench.outputs / "20250105_143027_A_link.mp4").symlink_to(mine)
    os.link(mine, bench.outputs / "20250105_143028_A_second_name.mp4")
    os.utime(mine, (OLD_S, OLD_S))
    (bench.outputs / "20250105_143029_A_folder.mp4").mkdir()
    bench.file("20250105_143030_In_a_folder_of_mine.mp4", folder=bench.outputs / "holidays")
    assert names(await bench.look()) == []
    stray = await bench.stray("20250105_143031_A_stray.mp4")
    assert [one.path for one in (await bench.look()).strays] == [stray]


async def test_what_was_exported_beside_the_clips_is_the_users(bench):
    clip = bench.file("20250105_143025_A_boat.mp4", 4)
    made = await bench.store.get(await bench.row(clip, size_bytes=4))
    os.utime(write_beside(replace(made, sha256="a" * 64)), (OLD_S, OLD_S))
    for name in ("_2.mp4", ".png", "_plays.mp4", "_plays_2.mp4"):
        bench.file(f"20250105_143025_A_boat{name}")
    assert names(await bench.look()) == []


async def test_files_of_missing_clips_are_theirs_after_a_move(bench, tmp_path):
    away = tmp_path / "away"
    moved = await bench.stray("20250105_143025_A_boat.mp4", 4)
    await bench.row(away / moved.name, size_bytes=4)
    of_another_size = await bench.stray("20250105_143026_A_kite.mp4", 4)
    await bench.row(away / of_another_size.name, size_bytes=5)
    renamed = bench.file("20250105_143027_A_fox.mp4", 6)
    number = await bench.row(renamed, size_bytes=6)
    os.utime(write_beside(replace(await bench.store.get(number), sha256="a" * 64)), (OLD_S, OLD_S))
    lost = str(away / "20250105_143027_A_hare.mp4")
    await bench.database.write(
        lambda c: c.execute(
            update(generations).where(generations.c.id == number).values(video_path=lost)
        )
    )
    found = await bench.look()
    assert len(found.gone) == 3
    assert names(found) == [of_another_size.name]
    # the recipe alone, too
    renamed.unlink()
    assert names(await bench.look()) == [of_another_size.name]


async def test_what_got_a_row_meanwhile_is_no_stray_any_more(bench, tmp_path):
    first, second, third = [
        await bench.stray(f"20250105_14302{number}_A_boat.mp4", 4) for number in range(3)
    ]
    strays = (await bench.look()).strays
    assert [one.path for one in strays] == [first, second, third]
    link = tmp_path / "way"
    link.symlink_to(bench.outputs)
    await bench.row(link / first.name)
    await bench.row(None, state="downloading", target_path=str(second))
    assert [one.path for one in await bench.space.still_strays(strays)] == [third]


async def test_only_a_recipe_of_that_size_says_that_a_file_is_ours(bench, tmp_path):
    other = tmp_path / "Downloads"
    path = bench.file("20250105_143025_A_boat.mp4", 4, folder=other)
    bench.file("20250105_143025_somebody_else.mp4", 4, folder=other)
    number = await bench.row(path, size_bytes=4, output_dir=str(other))
    recipe = write_beside(replace(await bench.store.get(number), sha256="a" * 64))
    os.utime(recipe, (OLD_S, OLD_S))
    await bench.database.write(lambda c: c.execute(update(generations).values(deleted_at=NOW)))
    assert names(await bench.look()) == [path.name]
    path.write_bytes(b"another file of that name")
    os.utime(path, (OLD_S, OLD_S))
    assert names(await bench.look()) == []


async def test_one_file_by_two_ways_is_one(bench, tmp_path):
    link = tmp_path / "way"
    link.symlink_to(bench.outputs)
    bench.file("20250105_143025_A_boat.mp4")
    await bench.row(link / "20250105_143025_A_boat.mp4", output_dir=str(link))
    assert names(await bench.look()) == []


def an_input(bench: Bench, letter: str, age_s: float = 1e6) -> Path:
    return bench.file(f"{letter * 64}.png", 100, folder=bench.paths.inputs, age_s=age_s)


async def test_kept_inputs_go_only_when_nobody_uses_them(bench):
    used, of_form, deleted_now = (an_input(bench, letter) for letter in "abc")
    young = an_input(bench, "d", age_s=60)
    long_deleted, unused = an_input(bench, "e"), an_input(bench, "f")
    notes = bench.file("notes.txt", folder=bench.paths.inputs)

    def config(letter: str) -> dict[str, object]:
        item = {"role": "first_frame", "sha256": letter * 64, "mime_type": "image/png"}
        return {"aspect_ratio": "16:9", "inputs": [{**item, "size_bytes": 1, "name": "x"}]}

    await bench.row(None, state="failed", config=config("a"))
    await bench.row(None, state="failed", config=config("c"), deleted_at=NOW)
    await bench.row(None, state="failed", config=config("e"), deleted_at=NOW - timedelta(days=9))
    bench.paths.settings.write_text(json.dumps({"last_config": config("b")}))
    taken = (await bench.look()).taken("inputs")
    assert set(taken.removable) == {long_deleted, unused}
    assert (taken.count, taken.removable_bytes) == (6, 200)
    # one of them is taken into use in the meantime; what is no input is never touched
    await bench.row(None, state="pending", config=config("f"))
    assert await bench.space.remove_inputs([*taken.removable, notes, used]) == 100
    assert not long_deleted.exists()
    for path in (used, of_form, deleted_now, young, unused, notes):
        assert path.exists()


async def test_pictures_of_storyboards_are_in_use(bench):
    of_cast, of_scene, of_deleted = (an_input(bench, letter) for letter in "abc")

    def picture(letter: str) -> MediaInput:
        return MediaInput(InputRole.REFERENCE, letter * 64, "image/png", 100, "mine.png")

    repository = StoryboardRepository(bench.database, lambda: NOW)
    board = edits.add_cast(edits.new_board("The lighthouse"), "anna", picture("a"))
    board = edits.add_scene(board, edits.new_scene(image_prompt="A", reference=picture("b")))
    await repository.create(board)
    scene = edits.new_scene(image_prompt="A", reference=picture("c"))
    other = await repository.create(edits.add_scene(edits.new_board("Thrown away"), scene))
    assert (await bench.look()).taken("inputs").removable == ()
    old = StoryboardRepository(bench.database, lambda: NOW - timedelta(days=9))
    await old.save(edits.delete_scenes(other, [scene.uuid]))
    assert (await bench.look()).taken("inputs").removable == (of_deleted,)
    assert of_cast.exists()
    assert of_scene.exists()


async def test_an_input_that_is_chosen_again_is_as_new(bench, tmp_path):
    picture, files = tmp_path / "mine.png", InputFiles(bench.paths.inputs)
    Image.new("RGB", (640, 360), (1, 2, 3)).save(picture)
    kept = files.path(take_in_picture(files, picture, InputRole.FIRST_FRAME))
    os.utime(kept, (OLD_S, OLD_S))
    assert (await bench.look()).taken("inputs").removable == (kept,)
    take_in_picture(files, picture, InputRole.FIRST_FRAME)
    assert await bench.space.remove_inputs([kept]) == 0
    assert (await bench.look()).taken("inputs").removable == ()
    assert kept.exists()


async def test_caches_can_be_cleared_and_are_counted(bench, tmp_path):
    mine = tmp_path / "mine.jpg"
    mine.write_bytes(b"mine")
    poster = bench.file("a.jpg", 300, folder=bench.paths.thumbnails)
    (bench.paths.thumbnails / "link.jpg").symlink_to(mine)
    (bench.paths.cache / "way").symlink_to(tmp_path)
    bench.file("backup.db", 70, folder=bench.paths.backups)
    found = await bench.look()
    assert found.taken("caches").size_bytes == 300
    assert found.taken("backups").size_bytes == 70
    assert found.taken("library").size_bytes > 0
    assert await bench.space.clear_caches() == 300
    assert not poster.exists()
    assert mine.read_bytes() == b"mine"


async def test_clearing_caches_takes_posters_and_nothing_else(bench):
    uuid, thumbnails = "3d0b6f5e-0000-4000-8000-000000000000", bench.paths.thumbnails
    made = [f"{uuid}.jpg", f"{uuid}.strip.jpg", f".{uuid}.jpg.4711.tmp"]
    posters = [bench.file(name, 100, folder=thumbnails) for name in made]
    others = [
        bench.file("20250105_143025_A_boat.mp4", folder=bench.paths.cache / "clips"),
        bench.file("20250105_143025_A_boat.jpg", folder=thumbnails),
        bench.file("20250105_143025_A_boat.mp4", folder=thumbnails),
        bench.file(f"{uuid}.jpg", folder=thumbnails / "mine"),
        bench.file("notes.jpg", folder=bench.paths.cache),
    ]
    taken = (await bench.look()).taken("caches")
    assert (set(taken.removable), taken.size_bytes) == (set(posters), 300)
    assert await bench.space.clear_caches() == 300
    assert not any(path.exists() for path in posters)
    assert all(path.exists() for path in others)


async def test_many_rows_and_files_are_looked_at_and_told(bench):
    names = [f"20250105_143025_A_boat_{number}.mp4" for number in range(1, 601)]
    recipe = (await bench.stray("20250105_143025_A_kite.mp4", 1)).with_suffix(".json").read_bytes()
    for name in names[:400:2]:
        bench.file(name, 1)
    for name in names[400::2]:
        bench.file(name, 1).with_suffix(".json").write_bytes(recipe)
        os.utime(bench.outputs / name.replace(".mp4", ".json"), (OLD_S, OLD_S))
    for name in names[:400]:
        await bench.row(bench.outputs / name)
    seen: list[tuple[int, int]] = []
    found = await bench.space.look(lambda done, count: seen.append((done, count)))
    assert (len(found.gone), len(found.strays), len(found.largest)) == (200, 101, 100)
    assert seen[0] == (0, 400)
    assert seen[-1] == (400, 400)


def test_only_a_plain_file_is_deleted_for_good(tmp_path):
    mine = tmp_path / "mine.mp4"
    mine.write_bytes(b"12345")
    (tmp_path / "link.mp4").symlink_to(mine)
    (tmp_path / "folder.mp4").mkdir()
    for name in ("link.mp4", "folder.mp4"):
        with pytest.raises(StorageError):
            delete_for_good(tmp_path / name)
    assert delete_for_good(tmp_path / "gone.mp4") == 0
    assert delete_for_good(mine) == 5
