"""Edits of storyboards: one value in, another out; what cannot be done says why and changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from veo_studio.core.models import InputRole, MediaInput
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.checks import all_problems, problems
from veo_studio.core.storyboard.models import (
    MAX_SCENES,
    Choices,
    Cut,
    Scene,
    SceneCut,
    SceneState,
    Storyboard,
)
from veo_studio.core.storyboard.names import mentions
from veo_studio.core.storyboard.views import BoardView, SceneView

PICTURE = MediaInput(InputRole.REFERENCE, "a" * 64, "image/png", 10, "anna.png")
MADE = Choices(picture_id=5, take_id=7, rehearsal_id=9, is_approved=True, picture_round=2)


def board_of(*names: str) -> Storyboard:
    """Scenes whose picture prompts are these names."""
    return edits.add_scenes(
        edits.new_board("A night"), [edits.new_scene(image_prompt=name) for name in names]
    )


def names(board: Storyboard) -> list[str]:
    return [scene.image_prompt for scene in board.scenes]


def uuids(board: Storyboard, *wanted: str) -> list[str]:
    return [scene.uuid for scene in board.scenes if scene.image_prompt in wanted]


@pytest.mark.parametrize(
    ("moved", "to", "after"),
    [
        ("a", 4, "bcda"),
        ("d", 0, "dabc"),
        ("ca", 4, "bdac"),
        ("bc", 2, "abcd"),
        ("ad", 2, "badc"),
        ("b", 99, "acdb"),
        ("", 2, "abcd"),
    ],
)
def test_scenes_move_together_and_keep_their_order(moved: str, to: int, after: str) -> None:
    board = board_of(*"abcd")
    assert names(edits.move_scenes(board, uuids(board, *moved), to)) == list(after)


def test_a_copy_stands_behind_and_keeps_what_was_made() -> None:
    board = board_of("a", "b", "c")
    first = edits.replace_scenes(
        board, [Scene(board.scenes[0].uuid, "a", choices=MADE), *board.scenes[1:]]
    )
    copied = edits.duplicate_scenes(first, uuids(first, "a", "b"))
    assert names(copied) == ["a", "b", "a", "b", "c"]
    copy = copied.scenes[2]
    assert copy.uuid != first.scenes[0].uuid
    # asked for anew, it begins to count for itself
    assert copy.choices == Choices(5, 7, 9, is_approved=True)


def test_a_split_scene_is_two_new_ones_with_its_picture() -> None:
    scene = Scene(
        "one", "A boat", "It leaves. It comes back.", 9, takes=2, notes="n",
        cut=SceneCut(0.5, 2.0, Cut.CROSS_FADE, 1.0, "Title", "Said"), choices=MADE,
    )  # fmt: skip
    board = edits.replace_scenes(board_of(), [scene])
    first, second = edits.split_scene(board, "one").scenes
    assert (first.visual_prompt, second.visual_prompt) == ("It leaves.", "It comes back.")
    assert first.image_prompt == second.image_prompt == "A boat"
    assert first.duration_s + second.duration_s == 9
    assert "one" not in (first.uuid, second.uuid)
    for half in (first, second):
        assert half.choices == Choices(picture_id=5, is_approved=True)
    assert first.cut == SceneCut(None, None, Cut.CROSS_FADE, 1.0, "Title", "Said")
    assert second.cut == SceneCut()
    by_cursor = edits.split_scene(board, "one", 3).scenes
    assert [half.visual_prompt for half in by_cursor] == ["It", "leaves. It comes back."]


@pytest.mark.parametrize(
    ("length_s", "halves"), [(2, (2, 2)), (3, (2, 2)), (4, (2, 2)), (60, (30, 30))]
)
def test_halves_are_as_long_as_a_clip_can_be(length_s: int, halves: tuple[int, int]) -> None:
    board = edits.replace_scenes(board_of(), [Scene("one", "One two. Six ten.", "", length_s)])
    assert tuple(half.duration_s for half in edits.split_scene(board, "one").scenes) == halves


@pytest.mark.parametrize(
    ("words", "at"), [("", None), ("Word", None), ("One two", 0), ("One two", 99)]
)
def test_nothing_is_split_into_nothing(words: str, at: int | None) -> None:
    board = edits.replace_scenes(board_of(), [Scene("one", words)])
    with pytest.raises(ValueError, match="nothing to split"):
        edits.split_scene(board, "one", at)


def test_cast_is_renamed_wherever_it_is_named() -> None:
    board = edits.add_cast(edits.new_board("A night"), "@anna", PICTURE, "tall")
    board = edits.change_scenario(board, style="Like @ANNA, grainy")
    board = edits.add_scene(
        board,
        edits.new_scene(image_prompt="@anna and @annabel, anna@home.de", visual_prompt="@Anna."),
    )
    renamed = edits.rename_cast(board, "Anna", "maria_2")
    (scene,) = renamed.scenes
    assert scene.image_prompt == "@maria_2 and @annabel, anna@home.de"
    assert scene.visual_prompt == "@maria_2."
    assert renamed.scenario.style == "Like @maria_2, grainy"
    assert [member.note for member in renamed.scenario.cast] == ["tall"]
    assert edits.change_cast(renamed, "maria_2", note="").scenario.cast[0].note == ""
    assert edits.remove_cast(renamed, "@MARIA_2").scenario.cast == ()
    with pytest.raises(ValueError, match="already"):
        edits.add_cast(renamed, "Maria_2", PICTURE)
    with pytest.raises(ValueError, match="no @anna"):
        edits.remove_cast(renamed, "anna")


@pytest.mark.parametrize("name", ["", "two words", "a" * 33, "a-b", "ü!"])
def test_a_name_of_the_cast_is_one_word(name: str) -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        edits.add_cast(edits.new_board("A night"), name, PICTURE)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"duration_s": 1}, "2 to 60 seconds"),
        ({"duration_s": 61}, "2 to 60 seconds"),
        ({"duration_s": 5.0}, "whole number"),
        ({"duration_s": True}, "whole number"),
        ({"takes": 9}, "from 1 to 8"),
        ({"image_prompt": "x" * 10_001}, "too long"),
        ({"notes": "x" * 4001}, "too long"),
        ({"cut": SceneCut(in_s=3.0, out_s=3.0)}, "end after it begins"),
        ({"cut": SceneCut(in_s=-1.0)}, "from 0"),
        ({"cut": SceneCut(fade_s=float("nan"))}, "from 0 to 10"),
        ({"reference": MediaInput(InputRole.REFERENCE, "a" * 64, "video/mp4", 1, "x")}, "picture"),
        ({"reference": MediaInput(InputRole.REFERENCE, "../etc", "image/png", 1, "x")}, "digest"),
    ],
)
def test_what_a_scene_cannot_have_is_refused(fields: dict[str, object], words: str) -> None:
    board = board_of("a")
    with pytest.raises(ValueError, match=words):
        edits.change_scene(board, board.scenes[0].uuid, **fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": " \n "}, "needs a title"),
        ({"title": "x" * 201}, "too long"),
        ({"resolution": "wide"}, "WIDTH:HEIGHT"),
        ({"resolution": "99999:10"}, "16384"),
        ({"seed": -1}, "from 0"),
        ({"seed": 2**32}, "from 0"),
    ],
)
def test_what_a_scenario_cannot_have_is_refused(fields: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        edits.change_scenario(board_of("a"), **fields)


def test_choices_and_names_are_no_edit() -> None:
    board = board_of("a")
    with pytest.raises(TypeError, match="choices"):
        edits.change_scene(board, board.scenes[0].uuid, choices=MADE)
    with pytest.raises(TypeError, match="cast"):
        edits.change_scenario(board, cast=())


def test_a_scene_that_is_gone_and_too_many_scenes_say_so() -> None:
    board = board_of("a", "b")
    gone = edits.delete_scenes(board, uuids(board, "a"))
    assert names(gone) == ["b"]
    for edit in (
        lambda: edits.delete_scenes(gone, uuids(board, "a")),
        lambda: edits.change_scene(gone, board.scenes[0].uuid, takes=2),
        lambda: edits.split_scene(gone, board.scenes[0].uuid),
        lambda: edits.move_scenes(gone, uuids(board, "a"), 0),
    ):
        with pytest.raises(ValueError, match="not in the storyboard any more"):
            edit()
    with pytest.raises(ValueError, match="at most 1,000"):
        edits.add_scenes(board, [edits.new_scene() for _ in range(MAX_SCENES)])
    with pytest.raises(ValueError, match="twice"):
        edits.add_scene(board, board.scenes[0])


def test_texts_are_kept_without_what_acts_on_a_terminal() -> None:
    scene = edits.new_scene(image_prompt="a\x1b[2Jb\u202ec\r\nd\ud800", cut=SceneCut(title="\x07t"))
    assert scene.image_prompt == "abc\nd"
    assert scene.cut.title == "t"


def test_a_copy_of_a_board_is_one_of_its_own() -> None:
    board = edits.replace_scenes(board_of(), [Scene("one", "a", choices=MADE)])
    copy = edits.copy_of(board, "Another")
    assert copy.scenario.title == "Another"
    assert copy.scenario.uuid != board.scenario.uuid
    assert copy.scenes[0].uuid != "one"
    assert copy.scenes[0].choices.take_id == 7


def test_problems_of_a_scene_are_sentences() -> None:
    board = edits.add_cast(edits.new_board("A night"), "anna", PICTURE)
    good = edits.new_scene(image_prompt="@anna on a pier")
    empty = edits.new_scene(notes="later")
    unknown = edits.new_scene(image_prompt="@anna and @Bob, @bob", reference=PICTURE)
    long = edits.new_scene(visual_prompt="x" * 2001)
    short = edits.new_scene(visual_prompt="x")
    board = edits.add_scenes(board, [good, empty, unknown, long, short])
    found = all_problems(board)
    assert good.uuid not in found
    assert found[empty.uuid] == (
        "Write what the picture shows or what moves: this scene has no prompt.",
    )
    assert found[unknown.uuid] == (
        "There is no @Bob in the cast: add the picture, or take the name out of the prompt.",
    )
    assert "2001 of 2000" in found[long.uuid][0]
    assert "too short" in found[short.uuid][0]
    gone = problems(board, unknown, lambda _picture: False)
    assert [sentence for sentence in gone if "gone" in sentence] == [
        "The reference picture anna.png is gone: choose it again, or take it away.",
        "The picture of @anna (anna.png) is gone: choose it again.",
    ]
    styled = edits.change_scenario(board, style="x" * 100)
    fits = edits.new_scene(image_prompt="x" * 1899)
    assert "room for 1898" in problems(styled, fits)[0]


def test_mentions_are_words_of_their_own() -> None:
    assert mentions("@anna, (@bob) me@home.de @@x @anna! @" + "y" * 33) == ("anna", "bob")


def test_a_row_of_marks_is_split_at_once() -> None:
    """Read again from each of its marks, each would take seconds."""
    scenes = [edits.new_scene(visual_prompt="." * 9_990 + "x y") for _ in range(10)]
    board = edits.add_scenes(edits.new_board("Marks"), scenes)
    for scene in scenes:
        board = edits.split_scene(board, scene.uuid)
    assert [scene.visual_prompt for scene in board.scenes[1::2]] == ["y"] * 10


def test_places_of_many_scenes_are_known_at_once() -> None:
    """Looked for from the first scene each time, they would take minutes."""
    board = board_of("a")
    scenes = tuple(replace(board.scenes[0], uuid=str(number)) for number in range(40_000))
    board = replace(board, scenes=scenes)
    assert [board.place_of(scene.uuid) for scene in scenes] == list(range(40_000))
    assert board.scene("39999") is scenes[-1]
    view = BoardView(board, tuple(SceneView(one, 1, SceneState.READY, 0, "") for one in scenes))
    assert all(view.scene(scene.uuid).scene is scene for scene in scenes)
    for known in (board, view):
        with pytest.raises(LookupError, match="any more"):
            known.scene("40000")
