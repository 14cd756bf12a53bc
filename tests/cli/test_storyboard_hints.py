"""The command that a sentence names goes on with that run, and with nothing else."""

from dataclasses import replace

import pytest

from tests.storyboard.made_boards import a_board
from veo_studio.cli.storyboard_agreeing import run_command
from veo_studio.core.store.moves import utc_now
from veo_studio.core.storyboard.models import Run, RunGoal, RunState


@pytest.mark.parametrize(
    ("goal", "scenes", "words"),
    [
        (RunGoal.FILM, (0, 1, 2), "run 7"),
        (RunGoal.FILM, (1,), "run 7 --scene 2"),
        (RunGoal.REHEARSAL, (0, 1, 2), "run 7 --rehearse"),
        (RunGoal.PICTURES, (0, 2), "run 7 --pictures-only --scene 1 --scene 3"),
        (RunGoal.CLIPS, (2,), "run 7 --scene 3"),
    ],
)
def test_it_has_the_flags_of_its_run(goal, scenes, words):
    board = replace(a_board(3), id=7)
    uuids = tuple(board.scenes[place].uuid for place in scenes)
    run = Run(1, board.scenario.uuid, goal, uuids, RunState.WAITING, utc_now())
    assert run_command(board, run) == f"`veo-studio storyboard {words}`"
    approving = " --approve" if goal is RunGoal.FILM else ""
    again = run_command(board, run, approves=True)
    assert again == f"`veo-studio storyboard {words}{approving}`"


def test_a_run_of_one_scene_names_it(here, tmp_path):
    table = tmp_path / "two.csv"
    table.write_text("image,duration\nA harbour at dawn,2\nA fox,2\n", encoding="utf-8")
    here("storyboard", "import", str(table))
    stopped = here("storyboard", "run", "1", "--scene", "2", "--resolution", "854:480", code=None)
    assert "approve 1` and `veo-studio storyboard run 1 --scene 2`" in stopped.stderr
