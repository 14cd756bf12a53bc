"""What is done with stored generations: again, similar, retry, delete and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.core import FakeQueue, FakeStore
from tests.fakes.generations import a_generation
from veo_studio.core.again import again
from veo_studio.core.errors import StorageError
from veo_studio.core.events import EventKind
from veo_studio.core.models import GenerationState, VideoConfig
from veo_studio.core.recipe_files import own_recipe, write_beside
from veo_studio.ui.view_models.library_commands import LibraryCommands, bring_back, move_to_trash

S = GenerationState


class Bench:
    def __init__(self, tmp_path: Path, *generations) -> None:
        self.queue = FakeQueue()
        self.store = FakeStore(*generations)
        self.events = []
        self.trash = tmp_path / "trash"
        self.trash.mkdir()
        self.refuse: Path | None = None
        self.commands = LibraryCommands(
            self.queue, self.store, self.events.append, trash=self._to_trash
        )

    def _to_trash(self, path: Path) -> Path:
        if path == self.refuse:
            raise StorageError("no")
        return path.rename(self.trash / path.name)


def a_clip(tmp_path: Path, number: int, **fields):
    path = tmp_path / f"clip{number}.mp4"
    path.write_bytes(b"clip")
    return a_generation(id=number, state=S.COMPLETED, video_path=path, **fields)


async def test_what_is_generated_is_what_was_asked_for(tmp_path):
    clip = a_clip(tmp_path, 1, config=VideoConfig("9:16", 7, "1080p", "fog", 42, False))
    bench = Bench(tmp_path, clip)
    await bench.commands.generate([again(clip)])
    ((_name, (request,)),) = bench.queue.calls
    assert (request.prompt, request.model, request.config) == (clip.prompt, clip.model, clip.config)
    assert request.idempotency_key is None


@pytest.mark.parametrize(
    ("state", "called"), [(S.FAILED, "bring_back"), (S.UNKNOWN, "retry"), (S.HELD, "retry")]
)
async def test_retry_never_pays_for_what_can_be_collected(tmp_path, state, called):
    generation = a_generation(id=1, state=state)
    bench = Bench(tmp_path, generation)
    bench.queue.found = [a_generation(id=2)]
    assert await bench.commands.retry(generation) is True
    assert [name for name, _argument in bench.queue.calls] == [called]


async def test_a_failed_one_of_which_nothing_is_there_is_left_to_the_user(tmp_path):
    generation = a_generation(id=1, state=S.FAILED)
    bench = Bench(tmp_path, generation)
    assert await bench.commands.retry(generation) is False


async def test_delete_moves_the_file_and_undo_brings_both_back(tmp_path):
    clip = a_clip(tmp_path, 1)
    bench = Bench(tmp_path, clip)
    deleted = await bench.commands.delete([clip])
    assert not clip.video_path.exists()
    assert bench.store.forgotten == {1}
    assert [event.kind for event in bench.events] == [EventKind.REMOVED]
    await bench.commands.undo(deleted)
    assert clip.video_path.read_bytes() == b"clip"
    assert bench.store.forgotten == set()
    assert bench.events[-1].kind is EventKind.ADDED


async def test_a_recipe_goes_to_the_trash_with_its_clip_and_comes_back(tmp_path):
    clip = a_clip(tmp_path, 1)
    recipe = write_beside(clip)
    other = tmp_path / "clip2.json"
    other.write_text("my notes")
    second = a_clip(tmp_path, 2)
    bench = Bench(tmp_path, clip, second)
    deleted = await bench.commands.delete([clip, second])
    assert not recipe.exists()
    assert other.read_text() == "my notes", "not a recipe of ours"
    await bench.commands.undo(deleted)
    assert own_recipe(clip) == recipe
    bench.refuse = recipe
    deleted = await bench.commands.delete([clip])
    assert not clip.video_path.exists()
    assert recipe.exists(), "the clip goes whatever becomes of its recipe"
    await bench.commands.undo(deleted)
    deleted = await bench.commands.delete([second])
    assert not second.video_path.exists()


async def test_what_the_trash_does_not_take_stays_until_it_is_deleted_for_good(tmp_path):
    first, second = a_clip(tmp_path, 1), a_clip(tmp_path, 2)
    recipe = write_beside(second)
    bench = Bench(tmp_path, first, second)
    bench.refuse = second.video_path
    deleted = await bench.commands.delete([first, second])
    assert [one.id for one, _ in deleted.rows] == [1]
    assert [one.id for one in deleted.refused] == [2]
    assert second.video_path.exists()
    assert recipe.exists()
    assert bench.store.forgotten == {1}
    assert await bench.commands.delete_for_good(deleted.refused) == 1
    assert not second.video_path.exists()
    assert not recipe.exists()
    assert bench.store.forgotten == {1, 2}
    assert [event.kind for event in bench.events] == [EventKind.REMOVED] * 2


async def test_a_library_that_cannot_be_written_leaves_everything_as_it_was(tmp_path):
    first, second = a_clip(tmp_path, 1), a_clip(tmp_path, 2)
    bench = Bench(tmp_path, first, second)
    forget = bench.store.forget

    async def full(generation_id: int) -> None:
        if generation_id == 2:
            raise StorageError("The disk is full.")
        await forget(generation_id)

    bench.store.forget = full
    with pytest.raises(StorageError):
        await bench.commands.delete([first, second])
    assert first.video_path.exists()
    assert second.video_path.exists()
    assert bench.store.forgotten == set()


async def test_a_thousand_clips_with_their_recipes_go_and_come_back(tmp_path):
    clips = [a_clip(tmp_path, number, uuid=f"{number:032x}") for number in range(1, 1001)]
    recipes = [write_beside(clip) for clip in clips[:20]]
    clips[500].video_path.unlink()
    bench = Bench(tmp_path, *clips)
    deleted = await bench.commands.delete(clips)
    assert len(deleted.rows) == 1000
    assert not any(clip.video_path.exists() for clip in clips)
    assert not any(recipe.exists() for recipe in recipes)
    await bench.commands.undo(deleted)
    assert sum(clip.video_path.exists() for clip in clips) == 999
    assert all(recipe.exists() for recipe in recipes)
    assert bench.store.forgotten == set()


async def test_work_that_runs_is_not_deleted(tmp_path):
    running = a_generation(id=1, state=S.PROCESSING)
    bench = Bench(tmp_path, running)
    assert (await bench.commands.delete([running])).rows == ()
    assert bench.store.forgotten == set()


async def test_a_row_whose_file_is_gone_is_still_deleted(tmp_path):
    clip = a_clip(tmp_path, 1)
    clip.video_path.unlink()
    bench = Bench(tmp_path, clip)
    deleted = await bench.commands.delete([clip])
    assert deleted.rows[0][1] is None
    assert bench.store.forgotten == {1}


def test_the_systems_trash_says_where_the_file_is(qapp, tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"clip")
    in_trash = move_to_trash(path)
    assert not path.exists()
    assert in_trash.read_bytes() == b"clip"


def in_a_trash(folder: Path) -> tuple[Path, Path]:
    """A clip in a trash, and the trash's note about it."""
    in_trash, note = folder / "Trash/files/a.mp4", folder / "Trash/info/a.mp4.trashinfo"
    for path in (in_trash, note):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"paid for")
    return in_trash, note


def test_a_clip_whose_place_is_taken_stays_in_the_trash_with_its_note(tmp_path):
    in_trash, note = in_a_trash(tmp_path)
    place = tmp_path / "a.mp4"
    place.write_bytes(b"mine")
    with pytest.raises(StorageError, match="another file has its place"):
        bring_back(in_trash, place)
    assert (place.read_bytes(), in_trash.exists(), note.exists()) == (b"mine", True, True)
    place.unlink()
    place.symlink_to(tmp_path / "nowhere")
    with pytest.raises(StorageError):
        bring_back(in_trash, place)
    assert place.is_symlink()
    place.unlink()
    bring_back(in_trash, place)
    assert (place.read_bytes(), in_trash.exists(), note.exists()) == (b"paid for", False, False)
    bring_back(in_trash, place)
    assert place.read_bytes() == b"paid for", "the user brought it back"


async def test_an_undo_brings_back_the_others_where_one_place_is_taken(tmp_path):
    clips = [a_clip(tmp_path, number) for number in (1, 2, 3)]
    bench = Bench(tmp_path, *clips)
    deleted = await bench.commands.delete(clips)
    clips[1].video_path.write_bytes(b"mine")
    with pytest.raises(StorageError, match=r"clip2\.mp4"):
        await bench.commands.undo(deleted)
    back = [one.generation.id for one in bench.events if one.kind is EventKind.ADDED]
    assert back == [3, 1]
    assert [clip.video_path.read_bytes() for clip in clips] == [b"clip", b"mine", b"clip"]
    assert (bench.trash / "clip2.mp4").read_bytes() == b"clip"
