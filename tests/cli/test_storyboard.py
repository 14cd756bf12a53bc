"""`veo-studio storyboard`: written, priced, made and exported from the command line."""

import json
from pathlib import Path

import pytest

from tests.providers.servers.texts import Texts, gemini_says, serving

SCRIPT = """# The lighthouse

A harbour at dawn, fishing boats. [2 s]

Anna walks along the pier. [2 s]
ANNA: "They are late."
"""
# the smallest that the engine draws
SMALL = ("--resolution", "854:480")


@pytest.fixture
def script(tmp_path):
    file = tmp_path / "script.txt"
    file.write_text(SCRIPT, encoding="utf-8")
    return file


def test_a_script_becomes_a_film_and_files_for_editors(here, here_json, script, tmp_path):
    priced = here_json("storyboard", "price", str(script))
    assert (priced["id"], priced["pictures"], priced["clips"], priced["tokens"]) == (1, 2, 2, 0)
    stopped = here("storyboard", "run", str(script), *SMALL)
    pictures = stopped.stdout.splitlines()
    assert [Path(path).is_file() for path in pictures] == [True, True]
    assert "`veo-studio storyboard approve 1`" in stopped.stderr
    assert "2 of 2 scenes approved" in here("storyboard", "approve", "1").stderr
    done = here_json("storyboard", "run", "The LIGHTHOUSE")
    assert (done["percent"], done["run"]["state"]) == (100, "done")
    takes = [scene["take"]["path"] for scene in done["scenes"]]
    assert [scene["subtitle"] for scene in done["scenes"]] == ["", '"They are late."']
    # what exists is never made again
    again = here("storyboard", "run", str(script))
    assert again.stdout.splitlines() == takes
    assert "Nothing is missing" in again.stderr
    film = tmp_path / "film.mp4"
    made = here_json("storyboard", "export", "1", str(film))
    assert (made["clips"], made["size_bytes"]) == (2, film.stat().st_size)
    for name in ("cut.otio", "cut.fcpxml", "cut.xml", "cut.edl", "words.srt", "board.veostory"):
        out = here("storyboard", "export", "1", str(tmp_path / name)).stdout
        assert out == f"{tmp_path / name}\n"
        assert (tmp_path / name).stat().st_size > 50
    assert "They are late" in (tmp_path / "words.srt").read_text(encoding="utf-8")
    assert takes[0] in (tmp_path / "cut.xml").read_text(encoding="utf-8")
    # the file stands for the same clips, here
    copy = here_json("storyboard", "price", str(tmp_path / "board.veostory"))
    assert (copy["id"], copy["kept_clips"], copy["clips"]) == (2, 2, 0)


def test_one_step_is_made_anew_and_the_rest_stays(here, here_json, script):
    first = here_json("storyboard", "run", str(script), *SMALL, "--approve")
    redone = here_json("storyboard", "redo", "1", "2", "clip")
    ids = [[scene["take"]["id"] for scene in made["scenes"]] for made in (first, redone)]
    assert ids[0][0] == ids[1][0]
    assert ids[0][1] != ids[1][1]
    rehearsed = here_json("storyboard", "run", "1", "--rehearse", "--scene", "2")
    assert [bool(scene["rehearsal"]) for scene in rehearsed["scenes"]] == [False, True]
    here("storyboard", "redo", "1", "2", "film", code=2)
    here("storyboard", "redo", "1", "3", "clip", code=2)
    taken_back = here_json("storyboard", "approve", "1", "1", "--undo")
    assert [scene["is_approved"] for scene in taken_back["scenes"]] == [False, True]


def test_scenes_of_a_table_go_into_a_board_that_is_there(here, here_json, tmp_path):
    assert here("storyboard", "new", "A night", "--resolution", "1280x720").stdout == "1\n"
    table = tmp_path / "scenes.csv"
    table.write_text("image,motion,duration\nA boat,leaves,4\nA fox,runs,6\n", encoding="utf-8")
    added = here_json("storyboard", "import", str(table), "--into", "1")
    assert (added["scenes"], added["duration_s"]) == (2, 10)
    here("storyboard", "import", str(table), "--into", "A night", "--replace", "--title", "A day")
    seen = here_json("storyboard", "show", "a day")
    assert [scene["visual_prompt"] for scene in seen["scenes"]] == ["leaves", "runs"]
    assert seen["resolution"] == "1280:720"
    assert "A boat" in here("storyboard", "show", "1").stdout
    assert here("storyboard", "import", str(table)).stdout == "2\n"
    assert here("storyboard", "import", str(table)).stdout == "2\n"
    assert here("storyboard", "import", str(table), "--again").stdout == "3\n"
    listed = here_json("storyboard", "list")
    assert sorted((one["id"], one["title"]) for one in listed) == [
        (1, "A day"), (2, "scenes"), (3, "scenes"),
    ]  # fmt: skip
    assert "Several storyboards" in here("storyboard", "show", "scenes", code=2).stderr
    here("storyboard", "delete", "3", code=2)
    here("storyboard", "delete", "3", "--yes")
    assert "no storyboard 3" in here("storyboard", "show", "3", code=2).stderr
    assert "scenes" in here("storyboard", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "7"), "no storyboard 7"),
        (("show", "nothing"), "no storyboard 'nothing'"),
        (("run", "none.txt"), "There is no file"),
        (("import", "none.csv"), "There is no file"),
        (("new", " "), "needs a title"),
        (("new", "A", "--resolution", "wide"), "WIDTH:HEIGHT"),
        (("import", "x.txt", "--replace"), "--into"),
        (("run", "7", "--rehearse", "--pictures-only"), "leave --pictures-only out"),
        (("export", "7", "film.avi"), "It ends in .mp4"),
        (("export", "7", "film.mov", "--codec", "h264"), "ends in .mp4"),
        (("export", "7", "film.mp4", "--codec", "vp9"), "no codec vp9"),
        (("export", "7", "cut.otio", "--codec", "h264"), "for films"),
        (("export", "7", "/nowhere/at/all/film.mp4"), "no folder"),
    ],
)
def test_bad_input_is_one_sentence(here, monkeypatch, tmp_path, arguments, words):
    monkeypatch.chdir(tmp_path)
    done = here("storyboard", *arguments, code=2)
    assert words in done.stderr
    assert done.stdout == ""


def test_a_run_that_cannot_be_is_refused_as_a_whole(here, here_json, script, tmp_path):
    broken = tmp_path / "broken.csv"
    broken.write_text("image\nA boat\n@anna on a pier\n", encoding="utf-8")
    refused = here("storyboard", "run", str(broken), code=2)
    assert "no @anna in the cast" in refused.stderr
    assert "nothing was charged" in refused.stderr
    assert here_json("history") == []
    newer = tmp_path / "newer.veostory"
    newer.write_text(json.dumps({"format": "veo-studio storyboard", "version": 9}), "utf-8")
    assert "newer Veo Studio" in here("storyboard", "run", str(newer), code=2).stderr
    picture = ("--model", "rehearsal-picture")
    assert "makes no clips" in here("storyboard", "run", str(script), *picture, code=2).stderr
    assert (
        "no takes yet"
        in here("storyboard", "export", str(script), str(tmp_path / "film.mp4"), code=2).stderr
    )
    assert not (tmp_path / "film.mp4").exists()
    here("storyboard", "approve", str(script), "1", code=2)
    assert len(here_json("storyboard", "list")) == 2


def test_money_is_asked_for_once_and_for_all_of_it(here, here_json, script, monkeypatch, tmp_path):
    monkeypatch.setenv("GEMINI_API_KEY", "AIzaSy-test-key-that-must-not-leak-0123")
    # nothing listens there: nothing can be sent by mistake
    monkeypatch.setenv("VEO_STUDIO_GEMINI_URL", "http://127.0.0.1:9")
    priced = here_json("storyboard", "price", str(script))
    assert priced["tokens"] == 2 * 1 + 2 * 10
    asked = here("storyboard", "run", str(script), code=2)
    assert "Add --yes to agree to the price" in asked.stderr
    five = tmp_path / "five.csv"
    five.write_text("image\n" + "A boat at sea\n" * 12, encoding="utf-8")
    assert here_json("storyboard", "price", str(five), code=4)["shortage"]
    short = here("storyboard", "run", str(five), "--yes", code=4)
    assert "132 tokens" in short.stderr
    here("wallet", "budget", "click", "0.01")
    here("storyboard", "run", str(script), "--yes", code=4)
    assert here_json("history") == []
    assert here_json("wallet")["balance"] == 100


def test_a_text_model_proposes_scenes_where_it_is_asked(here, here_json, script, monkeypatch):
    texts = Texts()
    scene = {"image_prompt": "A boat", "visual_prompt": "leaves", "duration_s": 4}
    texts.says(gemini_says(json.dumps({"scenes": [scene, scene]})))
    with serving(texts) as server:
        monkeypatch.setenv("VEO_STUDIO_GEMINI_URL", server.url)
        monkeypatch.setenv("GEMINI_API_KEY", "AIzaSy-test-key-that-must-not-leak-0123")
        made = here_json("storyboard", "import", str(script), "--ask")
        assert (made["title"], made["scenes"], made["duration_s"]) == ("The lighthouse", 2, 8)
        texts.says(gemini_says("No."))
        refused = here("storyboard", "import", str(script), "--ask", code=2)
    assert "did not answer with scenes" in refused.stderr
    assert len(here_json("storyboard", "list")) == 1
