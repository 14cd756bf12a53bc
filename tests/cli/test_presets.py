"""Presets, variables and lists on the command line: what is made, what is asked, what is refused."""

import json
import re
from types import SimpleNamespace

import pytest

from tests.cli.conftest import PAID
from veo_studio.cli.from_recipe import once_more
from veo_studio.cli.templates import with_settings
from veo_studio.cli.terminal import Output
from veo_studio.cli.wishes import Wish
from veo_studio.core.catalog import Catalog
from veo_studio.core.models import VideoConfig
from veo_studio.core.presets import Preset

SHORT = ("--duration", "2", "--resolution", "480p")


def rows(here_json):
    return here_json("history")


def test_lists_make_a_clip_each_and_say_how_many(here_json, here):
    clips = here_json("generate", "{red|blue} kite {{a|b}}", *SHORT, "--seed", "3")
    assert [clip["prompt"] for clip in clips] == ["red kite {a|b}", "blue kite {a|b}"]
    assert [clip["config"]["seed"] for clip in clips] == [3, 3]
    done = here("generate", "{red|blue} kite", *SHORT, "--dry-run", "--count", "2")
    assert done.stdout == "red kite\nblue kite\n"
    assert done.stderr.strip() == "4 clips with Rehearsal sketch: Free. Nothing was sent."
    assert len(rows(here_json)) == 2


def test_a_preset_gives_prompt_and_settings_and_the_command_line_wins(here, here_json):
    here("presets", "save", "Look", "--prompt", "{subject}, {hue}", "--aspect", "9:16", "--duration", "4",
         "--resolution", "480p", "--no-audio", "--count", "2", "--model", "rehearsal")  # fmt: skip
    here("lists", "save", "hue", "red", "blue")
    told = here_json("generate", "--preset", "look", "--set", "subject=a kite", "--dry-run")
    assert told["prompts"] == ["a kite, red", "a kite, blue"]
    assert (told["clips"], told["tokens"], told["price_usd"], told["problem"]) == (4, 0, 0.0, None)
    assert (told["provider"], told["model"]) == ("rehearsal", "rehearsal-1")
    config = told["config"]
    assert (config["aspect_ratio"], config["duration"], config["enable_audio"]) == (
        "9:16",
        4,
        False,
    )
    told = here_json("generate", "other words", "--preset", "Look", "--duration", "2", "--count", "1",
                     "--audio", "--dry-run")  # fmt: skip
    assert (told["prompts"], told["clips"]) == (["other words"], 1)
    config = told["config"]
    assert (config["aspect_ratio"], config["duration"], config["enable_audio"]) == ("9:16", 2, True)
    told = here_json(
        "generate", "--preset", "Look", "--set", "subject=x", "--set", "hue=grey", "--dry-run"
    )
    assert told["prompts"] == ["x, grey"]


def test_takes_of_a_prompt_belong_together(here_json):
    clips = here_json("generate", "{red|blue} kite", *SHORT, "--count", "2")
    assert [clip["prompt"] for clip in clips] == ["red kite"] * 2 + ["blue kite"] * 2
    again = here_json("again", str(clips[0]["id"]))
    assert again["prompt"] == "red kite"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["{subject} in {place}"], "Nothing is given for {subject}, {place}. Add --set subject="),
        (["{subject}", "--set", "subjekt=x"], "The prompt has no {subjekt} for --set subjekt. It has {subject}."),
        (["a kite", "--set", "x=y"], "The prompt has no {x} for --set x."),
        (["{subject}", "--set", "subject"], "--set takes NAME=TEXT"),
        (["{subject}", "--set", "a b=c"], "--set takes NAME=TEXT"),
        (["--preset", "No such thing"], "There is no preset called 'No such thing'. Known: Product"),
        (["--preset", "Quick look"], "The preset 'Quick look' has no prompt: give one."),
        (["{a|b}" * 10], "These lists make 1,024 prompts; at most 1,000 go at once."),
        (["{a|b}" * 9, "--count", "2"], "512 prompts with 2 takes are 1,024 clips; at most 1,000 go at once."),
        (["{a kite|" + "x" * 2001 + "}"], "Prompt too long (max 2000 characters): number 2 of 2, “xxx"),
        (["{a kite|b}"], "Prompt too short (min 3 characters): number 2 of 2, “b”"),
        (["a kite", "--preset", "Quick look", "--recipe", "x.json"], "--preset and --recipe"),
    ],
)  # fmt: skip
def test_bad_input_is_named_and_nothing_is_stored(here, program, arguments, sentence):
    done = here("generate", *arguments, code=2)
    assert sentence in done.stderr
    assert done.stdout == ""
    assert not (program.home / "data").exists()


def test_what_costs_is_asked_about_with_the_number(here, here_json, google):
    done = here("generate", "{red|blue} kite", *PAID[:-1], code=2)
    assert "2 prompts, 2 clips in all." in done.stderr
    assert re.search(r"This takes 20 tokens and about \$0\.\d\d at .*Add --yes", done.stderr)
    assert rows(here_json) == []


def test_a_list_that_costs_more_than_there_is_is_refused_whole(here, here_json, google):
    many = "{" + "|".join(f"kite {number}" for number in range(11)) + "}"
    assert "needs 110 tokens" in here("generate", many, *PAID, code=4).stderr
    here("wallet", "budget", "day", "0.01")
    assert here("generate", "{red|blue} kite", *PAID, code=4).stdout == ""
    assert rows(here_json) == []
    told = here_json("generate", "{red|blue} kite", *PAID, "--dry-run", code=4)
    assert told["prompts"] == ["red kite", "blue kite"]
    assert "budget" in told["problem"].lower()


def test_what_is_not_connected_is_fitted_and_told(here, program):
    (program.home / "config").mkdir(parents=True)
    entry = {"name": "Elsewhere", "prompt": "a kite", "provider": "runway", "model": "gen4.5",
             "negative_prompt": "text", "config": {"aspect_ratio": "21:9", "duration": 5}}  # fmt: skip
    (program.home / "config" / "presets.json").write_text(
        json.dumps({"presets": [entry, {"name": "B", "takes": 0}]})
    )
    done = here("generate", "--preset", "Elsewhere", "--dry-run")
    assert "gen4.5 of the preset 'Elsewhere' is not connected." in done.stderr
    assert "aspect 21:9 → 16:9" in done.stderr
    assert "In presets.json: Preset 2 ('B') was left out" in done.stderr
    assert done.stdout == "a kite\n"


def test_presets_are_listed_shown_kept_and_deleted(here, here_json):
    names = [one["name"] for one in here_json("presets")]
    assert "Product turntable" in names
    assert here_json("presets", "list") == here_json("presets")
    shown = here_json("presets", "show", "product TURNTABLE")
    assert shown["variables"] == ["product"]
    assert shown["is_shipped"] is True
    assert "variables: {product}" in here("presets", "show", "Product turntable").stdout
    assert "Kept as 'Mine'." in here("presets", "save", "Mine", "--prompt", "{a}").stderr
    assert (
        "There is a preset called 'Mine' already."
        in here("presets", "save", "mine", "--prompt", "b", code=2).stderr
    )
    kept = here_json("presets", "save", "mine", "--prompt", "b", "--replace")
    assert (kept["name"], kept["prompt"]) == ("mine", "b")
    assert "yours" in here("presets").stdout
    here("presets", "delete", "Mine")
    assert here_json("presets", "delete", "Product turntable") == {"hidden": "Product turntable"}
    assert [one["name"] for one in here_json("presets")] == [
        n for n in names if n != "Product turntable"
    ]
    assert "Hidden: product turntable." in here("presets").stderr
    assert "There is no preset called 'Mine'" in here("presets", "show", "Mine", code=2).stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["presets", "save", "A"], "There is nothing to keep"),
        (["presets", "save", " ", "--prompt", "x"], "It needs a name."),
        (["presets", "save", "A", "--aspect", "wide"], "'aspect_ratio' has to be a text such as 16:9."),
        (["presets", "save", "A", "--count", "9"], "'takes' has to be a whole number from 1 to 8."),
        (["presets", "save", "A", "--provider", "gemini"], "--provider needs --model"),
        (["lists", "save", "two words", "x"], "The name of a list begins with a letter"),
        (["lists", "save", "hue", " "], "It has no texts"),
        (["lists", "save", "light", "dark"], "There is a list called 'light' already, which comes with Veo Studio."),
        (["lists", "import", "nowhere.txt"], "nowhere.txt cannot be a list: there is no such file."),
        (["presets", "import", "nowhere.json"], "nowhere.json is no file of presets: there is no such file."),
        (["presets", "export", "out.json"], "There is nothing of yours to export yet."),
        (["lists", "export", "light", "no/such/folder.txt"], "it has to be a file in a folder that exists"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_said(here, program, arguments, sentence):
    assert sentence in here(*arguments, code=2).stderr
    assert not (program.home / "config" / "presets.json").exists()


def test_lists_and_presets_go_from_one_computer_to_another(here, here_json, tmp_path):
    hues = tmp_path / "My hues.txt"
    hues.write_bytes("\ufeffgrün\r\nblau\r\n".encode())
    assert here_json("lists", "import", str(hues)) == {"imported": ["My_hues"], "problems": []}
    assert here("lists", "show", "My_hues").stdout == "grün\nblau\n"
    assert here_json("lists", "import", str(hues), "--name", "hue")["imported"] == ["hue"]
    assert "is there already" in here("lists", "import", str(hues)).stderr
    here("presets", "save", "Mine", "--prompt", "{hue} kite")
    out = tmp_path / "out.json"
    assert here("presets", "export", str(out)).stdout == f"{out}\n"
    assert "exists already. Add --replace" in here("presets", "export", str(out), code=2).stderr
    assert here_json("presets", "export", str(out), "--replace")["count"] == 3
    for command in (
        ["presets", "delete", "Mine"],
        ["lists", "delete", "hue"],
        ["lists", "delete", "My_hues"],
    ):
        here(*command)
    assert here_json("presets", "import", str(out))["imported"] == ["Mine", "My_hues", "hue"]
    text = tmp_path / "hue.txt"
    here("lists", "export", "hue", str(text))
    assert text.read_text(encoding="utf-8") == "grün\nblau\n"
    assert here_json("generate", "--preset", "Mine", "--dry-run")["prompts"] == [
        "grün kite",
        "blau kite",
    ]


def test_a_prompt_as_json_goes_as_it_is(here_json):
    prompt = '{"subject":{"is":"a kite"},"camera":{"move":"pan"}}'
    assert here_json("generate", prompt, "--dry-run")["prompts"] == [prompt]


def test_a_typed_one_holds_against_a_preset_and_a_recipe():
    catalog = Catalog.load()
    model = next(one for one in catalog.models if one.capabilities.max_samples >= 4)
    preset = Preset("Four", config={"samples": 4})
    studio = SimpleNamespace(catalog=catalog)
    for told, count in ((None, 4), (1, 1), (2, 2)):
        wish = Wish("A red kite", samples=told, preset=preset)
        assert with_settings(studio, model, wish, Output()).samples == count
        assert once_more(wish, VideoConfig(samples=4)).samples == count


def test_an_import_brings_all_or_nothing(here, here_json, tmp_path):
    out = tmp_path / "in.json"
    entries = [{"name": "good", "prompt": "x"}, {"name": "bad", "takes": 99}, {}]
    out.write_text(json.dumps({"presets": entries}))
    told = here("presets", "import", str(out), code=2)
    assert "Preset 2 ('bad'): " in told.stderr
    assert "Nothing of in.json was taken over" in told.stderr
    assert "good" not in here("presets", "list").stdout
    out.write_text(json.dumps({"presets": entries[:1]}))
    assert here_json("presets", "import", str(out))["imported"] == ["good"]
