"""`veo-studio storyboard import FILE --into BOARD`: nothing that was made is lost by taking in a file."""

import pytest

SMALL = ("--resolution", "854:480")


@pytest.fixture
def film(here, here_json, tmp_path):
    """Storyboard 1 with its clips, and the same as a file."""
    script = tmp_path / "harbour.txt"
    script.write_text("A harbour at dawn. [2 s]\n\nAnna on the pier. [2 s]\n", encoding="utf-8")
    made = here_json("storyboard", "run", str(script), *SMALL, "--approve")
    here("storyboard", "export", "1", str(tmp_path / "film.veostory"))
    return made, tmp_path / "film.veostory"


def test_a_storyboard_is_taken_in_as_one_and_a_film_is_never_lost_by_it(
    here, here_json, film, tmp_path
):
    made, file = film
    takes = [scene["take"]["id"] for scene in made["scenes"]]
    refused = here("storyboard", "import", str(file), "--into", "1", "--replace", code=2)
    assert "2 scenes of storyboard 1" in refused.stderr
    assert "--yes" in refused.stderr
    assert [one["take"]["id"] for one in here_json("storyboard", "show", "1")["scenes"]] == takes
    here("storyboard", "import", str(file), "--into", "1", "--replace", "--yes")
    seen = here_json("storyboard", "show", "1")
    assert [one["image_prompt"] for one in seen["scenes"]] == [
        one["image_prompt"] for one in made["scenes"]
    ]
    # clips of the same content stand for them: nothing is to be made again
    assert {one["take"]["id"] for one in seen["scenes"]} <= set(takes)
    takes = [one["take"]["id"] for one in seen["scenes"]]
    assert here_json("storyboard", "price", "1")["clips"] == 0
    # data under another name is no script, and what was there stays
    renamed = tmp_path / "film.txt"
    renamed.write_bytes(file.read_bytes())
    told = here("storyboard", "import", str(renamed), "--into", "1", "--replace", "-y", code=2)
    assert "no script" in told.stderr
    assert [one["take"]["id"] for one in here_json("storyboard", "show", "1")["scenes"]] == takes


@pytest.mark.parametrize(
    "content", [b'{"scenes": ["a boat"]}', b"\x89PNG\r\n\x1a\n" + b"\x01\x02\x03" * 30]
)
def test_what_is_no_text_is_no_script(here, tmp_path, content):
    here("storyboard", "new", "A night")
    file = tmp_path / "words.md"
    file.write_bytes(content)
    for into in ((), ("--into", "1", "--replace")):
        assert "words.md is " in here("storyboard", "import", str(file), *into, code=2).stderr
