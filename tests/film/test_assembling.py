"""From a storyboard with its takes to a film."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.generations import a_generation
from veo_studio.core.film.assembling import film_of, format_of
from veo_studio.core.film.models import FilmFormat
from veo_studio.core.models import Generation, GenerationState
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.models import Cut, SceneCut, SceneState, Soundtrack, Storyboard
from veo_studio.core.storyboard.views import BoardView, SceneView


def a_take(number: int, state: GenerationState = GenerationState.COMPLETED) -> Generation:
    return a_generation(id=number, state=state, video_path=Path(f"/takes/{number}.mp4"))


def a_board(*cuts: SceneCut) -> Storyboard:
    board = edits.new_board("A paper boat")
    for cut in cuts:
        board = edits.add_scene(board, edits.new_scene(visual_prompt="It drifts.", cut=cut))
    return board


def seen(board: Storyboard, *takes: dict[str, Generation]) -> BoardView:
    views = [
        SceneView(scene, number, SceneState.DONE, 100, "", **takes[number - 1])
        for number, scene in enumerate(board.scenes, 1)
    ]
    return BoardView(board, tuple(views))


def test_scenes_become_clips_in_their_order():
    fade = SceneCut(0.5, 2.5, Cut.CROSS_FADE, 0.8, "The sea", "Where to?")
    board = a_board(fade, fade, SceneCut(fade_s=3.0))
    board = edits.change_scenario(board, soundtrack=Soundtrack(Path("/music.wav")))
    film, problems = film_of(board, seen(board, *({"take": a_take(n)} for n in (1, 2, 3))))
    assert problems == ()
    assert (film.title, film.soundtrack) == ("A paper boat", Soundtrack(Path("/music.wav")))
    assert [(one.name, one.path.name, one.generation_id) for one in film.clips] == [
        ("Scene 1", "1.mp4", 1), ("Scene 2", "2.mp4", 2), ("Scene 3", "3.mp4", 3),
    ]  # fmt: skip
    second = film.clips[1]
    assert (second.in_s, second.out_s, second.title, second.subtitle) == (
        0.5, 2.5, "The sea", "Where to?",
    )  # fmt: skip
    # the first has nothing to be faded with, a cut has no fade whatever is stored for one
    assert [one.fade_s for one in film.clips] == [0.0, 0.8, 0.0]
    film.check()


def test_scenes_without_a_take_are_told():
    cut = SceneCut(cut=Cut.CROSS_FADE)
    board = a_board(cut, cut, cut, cut)
    film, problems = film_of(
        board,
        seen(
            board,
            {},
            {"rehearsal": a_take(2)},
            {"take": a_take(3, GenerationState.FAILED)},
            {"take": a_take(4), "rehearsal": a_take(5)},
        ),
    )
    assert [(one.name, one.generation_id, one.fade_s) for one in film.clips] == [
        ("Scene 2", 2, 0.0), ("Scene 4", 4, 0.5),
    ]  # fmt: skip
    assert problems == (
        "Scene 1 has no take: it is left out.",
        "Scene 2 has no take yet: its rehearsal is in the film.",
        "Scene 3 has no take: it is left out.",
    )


def test_a_board_without_takes_is_no_film():
    board = a_board(SceneCut())
    with pytest.raises(ValueError, match="There are no takes yet"):
        film_of(board, seen(board, {}))
    with pytest.raises(ValueError, match="There are no takes yet"):
        film_of(board, BoardView(board))


def test_words_are_written_as_the_scenario_wants_them():
    board = a_board()
    assert format_of(board) == FilmFormat(burns_titles=True, burns_subtitles=False)
    board = edits.change_scenario(board, has_burnt_titles=False, has_burnt_subtitles=True)
    assert format_of(board) == FilmFormat(burns_titles=False, burns_subtitles=True)
