"""Storyboards in and out of files: what is written is read, what is hostile or broken says so."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.core.studios import open_studio
from veo_studio.core.inputs import take_in_picture
from veo_studio.core.models import InputRole, MediaInput
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.board_file import (
    Made,
    read_board,
    read_board_file,
    write_board,
)
from veo_studio.core.storyboard.carrying import take_in, write_out
from veo_studio.core.storyboard.models import (
    Choices,
    Cut,
    ModelRef,
    RunGoal,
    RunState,
    Scene,
    SceneCut,
    Soundtrack,
    Storyboard,
)
from veo_studio.core.studio import Studio

PICTURE = MediaInput(
    InputRole.REFERENCE, "a" * 64, "image/png", 10, "anna.png", 640, 360,
    generation_id=7, operation_id="op/1", provider="gemini",
)  # fmt: skip


def full_board(folder: Path) -> Storyboard:
    """With something in every field."""
    board = edits.new_board("A night by the sea", "1280:720")
    board = edits.change_scenario(
        board, style="grainy", seed=7, picture_model=ModelRef("runway", "gen4_image"),
        clip_model=ModelRef("runway", "gen4_turbo"), has_sound=False, stops_for_approval=False,
        soundtrack=Soundtrack(folder / "music" / "song.mp3", 0.5, 1.0, 3.0, 0.25),
        has_burnt_titles=False, has_burnt_subtitles=True,
    )  # fmt: skip
    board = edits.add_cast(board, "anna", PICTURE, "tall")
    cut = SceneCut(0.5, 3.0, Cut.CROSS_FADE, 1.5, "One", "Said\nbefore")
    scene = edits.new_scene(
        image_prompt="@anna ü 猫", visual_prompt="walks", duration_s=8, takes=3, notes="n",
        reference=PICTURE, follows=True, cut=cut,
    )  # fmt: skip
    return edits.add_scenes(board, [scene, edits.new_scene(image_prompt="A boat")])


def anywhere(board: Storyboard) -> Storyboard:
    """Without what is only of one library: uuids and numbers."""
    own = replace(PICTURE, generation_id=None, operation_id=None, provider=None)
    cast = tuple(replace(member, picture=own) for member in board.scenario.cast)
    scenes = tuple(
        replace(scene, uuid="", reference=scene.reference and own, choices=Choices())
        for scene in board.scenes
    )
    return Storyboard(replace(board.scenario, uuid="", cast=cast), scenes)


def test_what_is_written_is_read_with_uuids_of_its_own(tmp_path: Path) -> None:
    board, file = full_board(tmp_path), tmp_path / "film.veostory"
    made = {board.scenes[0].uuid: Made("b" * 64, "c" * 64, "", is_approved=True)}
    write_board(board, file, made=made, place_of=lambda _: tmp_path / "kept.png")
    read = read_board_file(file)
    assert anywhere(read.board) == anywhere(board)
    assert not {scene.uuid for scene in read.board.scenes} & {scene.uuid for scene in board.scenes}
    assert read.board.scenario.uuid != board.scenario.uuid
    first, second = read.board.scenes
    assert read.made == {first.uuid: next(iter(made.values())), second.uuid: Made()}
    assert read.pictures == {"a" * 64: tmp_path / "kept.png"}
    # both can be moved together, and nothing of this library is told
    text = file.read_text(encoding="utf-8")
    assert '"music/song.mp3"' in text
    assert "op/1" not in text
    assert [path.name for path in tmp_path.iterdir()] == ["film.veostory"]


def changed(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], str]:
    def made(document: dict[str, Any]) -> str:
        change(document)
        return json.dumps(document)

    return made


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda _: "", "is damaged, or no storyboard"),
        (lambda d: json.dumps(d)[:-9], "is damaged, or no storyboard"),
        (lambda _: "[" * 100_000, "is damaged, or no storyboard"),
        (lambda _: "[]", "is no storyboard"),
        (changed(lambda d: d.update(format="other")), "is no storyboard"),
        (changed(lambda d: d.update(version=2)), "newer Veo Studio"),
        (changed(lambda d: d.update(version="1")), "says no version"),
        (changed(lambda d: d.update(version=True)), "says no version"),
        (changed(lambda d: d.update(scenes={})), "no list of scenes"),
        (changed(lambda d: d.update(scenes=d["scenes"] * 501)), "more than 1,000 scenes"),
        (changed(lambda d: d.update(scenario=None)), "cannot be read"),
        (changed(lambda d: d["scenario"].update(title=7)), "The title has to be text"),
        (changed(lambda d: d["scenario"].update(cast={})), "has to be a list"),
        (changed(lambda d: d["scenario"].update(has_sound="no")), "true or false"),
        (changed(lambda d: d["scenario"].update(seed=1.5)), "whole number"),
        (changed(lambda d: d["scenario"]["clip_model"].update(model="a b")), "A model"),
        (
            changed(lambda d: d["scenario"]["soundtrack"].update(path="//host/a")),
            "another computer",
        ),
        (
            changed(lambda d: d["scenario"]["soundtrack"].update(path="\\\\host\\a")),
            "another computer",
        ),
        (changed(lambda d: d["scenario"]["soundtrack"].update(volume=9)), "A volume"),
        (changed(lambda d: d["scenario"]["cast"][0].update(name="a b")), "letters, digits"),
        (changed(lambda d: d["scenario"]["cast"][0]["picture"].update(sha256="../x")), "A picture"),
        (changed(lambda d: d["scenario"]["cast"][0]["picture"].update(size_bytes=-1)), "A picture"),
        (changed(lambda d: d["scenes"][0].update(duration_s=10**400)), "Scene 1: The length"),
        (changed(lambda d: d["scenes"][1].update(image_prompt=None)), "Scene 2: "),
        (changed(lambda d: d["scenes"][1].update(cut={"fade_s": float("nan")})), "Scene 2: "),
        (changed(lambda d: d["scenes"][1].update(cut={"cut": []})), "Scene 2: "),
        (changed(lambda d: d["scenes"][1].update(made={"take": "x"})), "Scene 2: What was made"),
        (changed(lambda d: d["scenes"].append(7)), "Scene 3: A scene is not described"),
    ],
)
def test_a_broken_or_hostile_file_says_what_is_wrong(
    tmp_path: Path, change: Callable[[dict[str, Any]], str], words: str
) -> None:
    file = tmp_path / "film.veostory"
    write_board(full_board(tmp_path), file)
    file.write_text(change(json.loads(file.read_text(encoding="utf-8"))), encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        read_board(file)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="There is no file"):
        read_board(tmp_path)
    huge = tmp_path / "huge.veostory"
    with huge.open("wb") as file:
        file.truncate(33 * 1024 * 1024)
    with pytest.raises(ValueError, match="larger than 32 MB"):
        read_board(huge)


@pytest.fixture
async def studio() -> AsyncIterator[Studio]:
    async with open_studio() as opened:
        yield opened


async def test_a_script_is_taken_in_once(studio: Studio, tmp_path: Path) -> None:
    script, boards, files = (
        tmp_path / "my_film.txt",
        studio.storyboards.repository,
        studio.client.files,
    )
    script.write_text("A boat.\n\nA fox.", encoding="utf-8")
    board = await take_in(script, boards, files)
    assert board.scenario.title == "my film"
    await boards.save(edits.change_scenario(board, title="Another name"))
    script.rename(moved := tmp_path / "moved.md")
    again = await take_in(moved, boards, files)
    assert (again.id, again.scenario.title) == (board.id, "Another name")
    assert (await take_in(moved, boards, files, is_anew=True)).id != board.id
    await boards.delete((await take_in(moved, boards, files)).id)
    await boards.delete(board.id)
    assert (await take_in(moved, boards, files)).id not in (board.id, 0)
    count = len(await boards.entries())
    script.write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match="no scenes"):
        await take_in(script, boards, files)
    assert len(await boards.entries()) == count


async def test_pictures_come_along_where_they_are_what_they_are_called(
    studio: Studio, tmp_path: Path
) -> None:
    files, boards = studio.client.files, studio.storyboards.repository
    source = tmp_path / "anna.png"
    Image.new("RGB", (64, 36), (9, 9, 9)).save(source)
    kept = take_in_picture(files, source, InputRole.REFERENCE)
    board = edits.add_cast(edits.new_board("A night"), "anna", kept)
    board = edits.add_scene(board, edits.new_scene(image_prompt="@anna"))
    file = tmp_path / "film.veostory"
    await write_out(board, file, studio.generations, files)
    # as on another computer, with the picture beside the file
    content = files.path(kept).read_bytes()
    files.path(kept).unlink()
    beside = tmp_path / "beside.png"
    document = json.loads(file.read_text(encoding="utf-8"))
    document["pictures"] = {kept.sha256: "beside.png"}
    file.write_text(json.dumps(document), encoding="utf-8")
    beside.write_bytes(content + b"x")
    await take_in(file, boards, files, is_anew=True)
    assert not files.path(kept).exists()
    beside.write_bytes(content)
    taken = await take_in(file, boards, files, is_anew=True)
    assert files.path(kept).read_bytes() == content
    assert taken.scenario.cast[0].picture.sha256 == kept.sha256


async def test_what_the_library_has_stands_for_the_scenes_again(
    studio: Studio, tmp_path: Path
) -> None:
    boards = studio.storyboards.repository
    run_board = edits.replace_scenes(
        edits.new_board("A night", "854:480"),
        [Scene("one", "A boat", duration_s=2), Scene("two", "A fox", duration_s=2)],
    )
    run_board = await boards.create(run_board)
    runner = studio.storyboards.runner
    run = await runner.start(run_board, RunGoal.PICTURES)
    ended = await runner.wait(run.id)
    assert ended.state is RunState.DONE, ended
    made = await runner.approve(run_board.scenario.uuid, ["one"])
    file = tmp_path / "film.veostory"
    await write_out(made, file, studio.generations, studio.client.files)
    taken = await take_in(file, boards, studio.client.files)
    # copies of one picture: either of them is right
    known = {scene.choices.picture_id for scene in made.scenes}
    assert {scene.choices.picture_id for scene in taken.scenes} <= known
    assert [scene.choices.is_approved for scene in taken.scenes] == [True, False]
    price = await studio.storyboards.price(taken, RunGoal.PICTURES)
    assert (price.count, price.kept_pictures) == (0, 2)
    # thrown away since: it is made anew instead of missed
    for number in known:
        await studio.generations.forget(number or 0)
    taken = await take_in(file, boards, studio.client.files, is_anew=True)
    assert [scene.choices for scene in taken.scenes] == [Choices(), Choices()]
