"""Scenes of scripts and tables: however people write them; what is none says why."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veo_studio.core.storyboard.drafts import SceneDraft, scenes_from
from veo_studio.core.storyboard.scene_table import scenes_of_csv
from veo_studio.core.storyboard.script import (
    scenes_of_file,
    scenes_of_script,
    title_of_file,
    title_of_script,
)


def pictures(text: str) -> list[str]:
    return [draft.image_prompt for draft in scenes_of_script(text)]


def test_a_paragraph_is_a_scene() -> None:
    text = "A paper boat\nin a rainy street. Slow push in.\r\n\r\nTwo foxes in snow. [8 s]\n\n\n* * *\n\nA kite."
    first, second, third = scenes_of_script(text)
    assert first.image_prompt == "A paper boat in a rainy street."
    assert first.visual_prompt == "A paper boat in a rainy street. Slow push in."
    assert (second.image_prompt, second.duration_s) == ("Two foxes in snow.", 8)
    assert (third.image_prompt, third.duration_s) == ("A kite.", 5)


def test_a_text_in_one_paragraph_is_a_scene_for_each_sentence() -> None:
    text = "A harbour at dawn. Mr. Smith walks 2.5 miles. The camera follows him. A storm comes!"
    first, second, third = scenes_of_script(text)
    assert first.image_prompt == "A harbour at dawn."
    assert second.visual_prompt == "Mr. Smith walks 2.5 miles. The camera follows him."
    assert second.image_prompt == "Mr. Smith walks 2.5 miles."
    assert third.image_prompt == "A storm comes!"
    assert pictures("猫が古いソファで寝ている。犬が庭を走っている。") == [
        "猫が古いソファで寝ている。", "犬が庭を走っている。",
    ]  # fmt: skip


def test_lines_are_scenes_unless_they_are_a_wrapped_text() -> None:
    assert pictures("A cat sleeps.\nIt wakes up.\nIt jumps.") == [
        "A cat sleeps.", "It wakes up.", "It jumps.",
    ]  # fmt: skip
    wrapped = "A cat sleeps on the window sill of an\nold house by the sea, and its\ntail moves."
    assert pictures(wrapped) == [" ".join(wrapped.split())]


@pytest.mark.parametrize(
    "rest",
    ["A man climbs the stairs.\n\nThe lamp turns.", "1. A man climbs\n2. The lamp turns"],
)
def test_a_headline_is_the_title_and_no_scene(rest: str) -> None:
    text = f"\nThe Lighthouse Keeper\n\n{rest}"
    assert title_of_script(text) == "The Lighthouse Keeper"
    assert len(scenes_of_script(text)) == 2
    assert not any("Keeper" in draft.image_prompt for draft in scenes_of_script(text))
    underlined = text.replace("Keeper\n", "Keeper\r\n======\r\n")
    assert title_of_script(underlined) == "The Lighthouse Keeper"


def test_a_list_of_shots_without_full_stops_has_no_headline() -> None:
    text = "A paper boat\n\nTwo foxes in snow\n\nA kite"
    assert title_of_script(text) == ""
    assert pictures(text) == ["A paper boat", "Two foxes in snow", "A kite"]


def test_numbered_shots_and_lists_are_scenes() -> None:
    text = "1. A cat sleeps\n2) It wakes up\n- It jumps\nShot 4: It lands\nSzene 5 - Es schläft"
    assert pictures(text) == ["A cat sleeps", "It wakes up", "It jumps", "It lands", "Es schläft"]


def test_markdown_with_labels() -> None:
    text = """# The lighthouse

## Scene 1: The harbour
A small harbour at dawn.
ANNA: "We have to go."

## Scene 2: Night (6 s)
Picture: A lighthouse in the storm
Motion: waves crash, the light turns
Notes: blue grade
Subtitle: Nobody came back.

## Scene 3
Duration: 90
The sun rises.
"""
    assert title_of_script(text) == "The lighthouse"
    assert scenes_of_script(text) == [
        SceneDraft("A small harbour at dawn.", "A small harbour at dawn.", 5, "The harbour",
                   '"We have to go."'),
        SceneDraft("A lighthouse in the storm", "waves crash, the light turns", 6,
                   "Night\nblue grade", "Nobody came back."),
        SceneDraft("The sun rises.", "The sun rises.", 60),
    ]  # fmt: skip


def test_a_screenplay() -> None:
    text = """FADE IN:

INT. KITCHEN - NIGHT

Anna pours tea.

ANNA
(whispering)
They are here, and they will not go away before the morning comes up over the sea again.

She looks up.

EXT. GARDEN - DAWN

Mist over the grass.

CUT TO:
"""
    first, second, third = scenes_of_script(text)
    assert first.image_prompt == "Kitchen, night. Anna pours tea."
    assert first.notes == "INT. KITCHEN - NIGHT"
    assert first.subtitle.startswith("They are here")
    # long enough to be said
    assert first.duration_s == 8
    assert second.image_prompt == "Kitchen, night. She looks up."
    assert third.image_prompt == "Garden, dawn. Mist over the grass."


def test_a_long_paragraph_is_several_scenes_and_keeps_its_words() -> None:
    long = " ".join(f"Number {n} walks slowly along the wall of the old town." for n in range(30))
    found = scenes_of_script(f"{long}\n\nThe end of the road.")
    assert len(found) > 5
    assert " ".join(draft.visual_prompt for draft in found) == f"{long} The end of the road."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no scenes"),
        (" \n\t\n---\n", "no scenes"),
        ("# Only a title", "no scenes"),
        ("ANNA: Hello there.", "no scenes"),
        ("x" * 1_000_001, "too long"),
        ("A cat.\n\n" * 1001, "1,001 scenes"),
    ],
)
def test_what_is_no_script_says_why(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        scenes_of_script(text)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from('aA .:\n#-1[](s)"—\u202e\ud800猫。!'), max_size=200))
def test_any_text_is_scenes_that_can_be_stored_or_none(text: str) -> None:
    found: list[SceneDraft] = []
    with suppress(ValueError):
        found = scenes_of_script(text)
    assert all(scene.has_prompts for scene in scenes_from(found))


def test_files_in_other_encodings(tmp_path: Path) -> None:
    script = tmp_path / "mein_film.txt"
    script.write_bytes("Titel: Übersee\n\nEin Boot fährt.\n\nEin Hund läuft.".encode("utf-16"))
    assert [draft.image_prompt for draft in scenes_of_file(script)][-1] == "Ein Hund läuft."
    assert title_of_file(script) == "Übersee"
    with pytest.raises(ValueError, match="There is no file"):
        scenes_of_file(tmp_path / "none.txt")
    script.write_bytes(b"\x00\x01\x02" * 9)
    with pytest.raises(ValueError, match="no text file"):
        scenes_of_file(script)


def test_a_table_by_the_names_of_its_columns(tmp_path: Path) -> None:
    table = tmp_path / "scenes.csv"
    table.write_text(
        "No;Picture;Motion Prompt;Seconds;Voice-over;Comment\n"
        "1;A harbour;boats leave;8 s;Early.;first\n\n"
        "2;;a fox runs;;;\n",
        encoding="utf-8-sig",
    )
    assert scenes_of_file(table) == [
        SceneDraft("A harbour", "boats leave", 8, "first", "Early."),
        SceneDraft("", "a fox runs"),
    ]
    assert scenes_of_csv("image,duration\nA cat,2.6\n") == [SceneDraft("A cat", "", 3)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no scenes"),
        ("image\n", "no scenes"),
        ("image,colour\na,b\n", "unknown column: colour"),
        ("imag,notes\na,b\n", "Did you mean image"),
        ("image,picture\na,b\n", "image_prompt twice"),
        ("notes\nx\n", "no column image_prompt"),
        ("image,notes\n,later\n", "Row 2 of The table has no prompt"),
        (
            "image,duration\na,5\nb,1\n",
            "Row 3 of The table: the duration is 2 to 60 seconds, not 1",
        ),
        ("image,duration\na,soon\n", "not soon"),
        ("image,duration\na,nan\n", "not nan"),
        ("image\na,b\n", "2 cells, but there are 1 columns"),
        ('image\n"a\n', "quotes"),
        ("image\n" + "a\n" * 1001, "more than 1,000 scenes"),
        ("image,notes\na," + "x" * 4001, "notes is too long"),
    ],
)
def test_what_is_wrong_with_a_table_names_the_row(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        scenes_of_csv(text)


@pytest.mark.parametrize(
    ("text", "scenes"),
    [
        ("# a" + " " * 200_000 + "b\n\nA boat.\n\nA kite.", 2),
        ("## a" + " " * 200_000 + "b #\n\nA boat.", 1),
        ("A " + "." * 200_000 + " x\n\nA boat.", None),
        ("A boat sails. " * 3 + "A dog. " + "!" * 200_000 + "x\n\nA boat.", None),
        ("INT. a" + " " * 200_000 + "x\n\nA boat.\n\nA kite.", 2),
        ("A. " * 20_000, None),
    ],
)
def test_no_row_of_marks_or_spaces_takes_long(text: str, scenes: int | None) -> None:
    """Read again from each of its places, one of these would take an hour."""
    if scenes is None:
        with pytest.raises(ValueError, match="too long"):
            scenes_of_script(text)
    else:
        assert len(scenes_of_script(text)) == scenes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A boat.\n\n" + "y" * 10_001 + "\n\nA kite.", "Scene 2 .* 10,000 .* 10,001"),
        ("A boat leaves.\n\nANNA\n" + "I say a lot. " * 400, "Scene 1 .* 4,000 .* what is said"),
        ("A boat leaves.\nNotes: " + "much " * 1000, "Scene 1 .* the notes"),
    ],
)
def test_nothing_of_a_script_is_left_out_without_a_word(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        scenes_of_script(text)
