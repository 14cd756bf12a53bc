"""Presets and named lists: what is kept, what is refused, and what a broken file costs."""

import codecs
import json
import os
import stat
import time
import tomllib

import pytest

from veo_studio.core.catalog import Catalog
from veo_studio.core.errors import StorageError
from veo_studio.core.models import GenerationKind, VideoConfig
from veo_studio.core.preset_entries import list_texts
from veo_studio.core.preset_file import (
    PresetFile,
    added,
    export,
    export_list,
    read_exported,
    read_list,
    shipped,
)
from veo_studio.core.presets import MAX_ENTRIES, MAX_TEXTS, Library, NamedList, Preset
from veo_studio.core.prompt_lists import PromptLists

KITE = Preset(
    "Kite", "{subject} over {place}", "text", "rehearsal", "rehearsal-1",
    {"aspect_ratio": "9:16", "duration": 4, "enable_audio": False}, takes=2,
)  # fmt: skip
HUES = NamedList("hue", ("red", "blue"))


def put(library, *entries):
    from dataclasses import replace

    for entry in entries:
        if isinstance(entry, Preset):
            library = replace(library, presets=library.presets.put(entry))
        else:
            library = replace(library, lists=library.lists.put(entry))
    return library


@pytest.fixture
def file(tmp_path):
    return PresetFile(tmp_path / "presets.json")


def test_everything_comes_back(file):
    picture = Preset("Still", "x", kind=GenerationKind.IMAGE, config={"seed": 7})
    file.change(lambda library: put(library, KITE, picture, HUES))
    library = PresetFile(file.path).load()
    assert library.presets.own == (KITE, picture)
    assert library.lists.own == (HUES,)
    assert library.texts()["hue"] == ("red", "blue")
    assert [entry.name for entry in file.path.parent.iterdir()] == ["presets.json"]
    if os.name == "posix":
        assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_without_a_file_there_are_the_shipped_ones_and_nothing_is_written(file):
    library = file.load()
    assert [one.name for one in library.lists.offered()] == [
        "camera", "light", "weather", "time_of_day", "style",
    ]  # fmt: skip
    assert library.presets.offered() == shipped().presets.shipped
    assert file.change(lambda same: same) == library
    assert not file.path.exists()


@pytest.mark.parametrize("preset", shipped().presets.shipped, ids=lambda preset: preset.name)
def test_a_shipped_preset_works_in_the_rehearsal(preset):
    catalog = Catalog.load()
    model = catalog.get("rehearsal", "rehearsal-1")
    config = preset.applied_to(model.default_config())
    catalog.check(model, catalog.fit(model, config)[0])
    found = PromptLists(preset.prompt, shipped().texts())
    # nobody gets many clips by surprise
    assert found.count == 1 or "every" in preset.name
    assert found.longest_chars < 1000
    assert preset.note


def test_a_preset_says_only_what_it_says():
    before = VideoConfig("16:9", 8, "720p", "text", 5, None)
    assert Preset("Upright", config={"aspect_ratio": "9:16"}).applied_to(before) == VideoConfig(
        "9:16", 8, "720p", "text", 5, None
    )
    # with a prompt of its own, the negative prompt belongs to that
    assert KITE.applied_to(before).negative_prompt == "text"
    assert Preset("Plain", "a kite").applied_to(before).negative_prompt == ""


def test_the_seed_is_kept_only_where_it_is_wanted():
    config = VideoConfig("16:9", 8, "720p", "", 5, True, samples=2)
    told = ("Kite", "a kite", "rehearsal", "rehearsal-1", config)
    assert Preset.of(*told).config == {
        "aspect_ratio": "16:9", "duration": 8, "resolution": "720p", "enable_audio": True, "samples": 2,
    }  # fmt: skip
    assert Preset.of(*told, keeps_seed=True).config["seed"] == 5


def test_names_differ_in_more_than_capital_letters(file):
    library = put(file.load(), KITE)
    with pytest.raises(ValueError, match=r"^There is a preset called 'Kite' already\.$"):
        put(library, Preset("KITE"))
    assert library.presets.put(Preset("KITE"), instead_of="kite").own == (Preset("KITE"),)
    assert library.presets.free_name("kite") == "kite 2"
    assert library.lists.free_name("x" * 40) == "x" * 40
    assert put(library, NamedList("x" * 40, ("a",))).lists.free_name("x" * 40) == "x" * 38 + "_2"


def test_one_of_your_own_takes_the_place_of_a_shipped_one(file):
    library = put(file.load(), NamedList("light", ("dark",)))
    assert library.texts()["light"] == ("dark",)
    assert [one.name for one in library.lists.every()].count("light") == 1
    assert library.lists.without("light").find("light").is_shipped


def test_shipped_ones_are_hidden_and_own_ones_deleted(file):
    def hide(library):
        from dataclasses import replace

        return replace(library, presets=library.presets.hide("Product turntable"))

    library = file.change(hide)
    assert "Product turntable" not in [one.name for one in library.presets.offered()]
    assert "Product turntable" in [one.name for one in file.load().presets.every()]
    assert file.load().presets.hide("product turntable", is_hidden=False).hidden == frozenset()
    with pytest.raises(ValueError, match="cannot be deleted; it can be hidden"):
        library.presets.without("Product turntable")
    with pytest.raises(ValueError, match=r"^There is no preset called 'x'\. Known: Cinematic"):
        library.presets.without("x")
    with pytest.raises(ValueError, match="is yours"):
        put(library, KITE).presets.hide("Kite")


def test_there_is_an_end_to_how_many(file):
    library = put(file.load(), *(Preset(f"p{n}") for n in range(MAX_ENTRIES)))
    with pytest.raises(ValueError, match="Delete one first"):
        put(library, KITE)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1]", b"\0" * 100, b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe\x00", b'"' + b"x" * 17_000_000],
    ids=["empty", "cut", "list", "zeros", "deep", "deep objects", "utf16", "huge"],
)  # fmt: skip
def test_a_broken_file_is_kept_aside(file, content):
    file.path.write_bytes(content)
    library = file.load()
    assert library.kept_aside.read_bytes() == content
    assert not library.presets.own
    file.change(lambda now: put(now, KITE))
    assert file.load().presets.own == (KITE,)
    assert file.load().kept_aside is None


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (5, "Preset 1 was left out: it has to be an object in braces."),
        ({}, "Preset 1 was left out: it needs a name."),
        ({"name": " "}, "Preset 1 was left out: it needs a name."),
        ({"name": "x" * 81}, f"Preset 1 ('{'x' * 40}') was left out: its name may have at most 80 characters."),
        ({"name": "A", "promt": "x"}, "Preset 1 ('A') was left out: it has 'promt', which is none of "
         "name, prompt, negative_prompt, provider, model, config, kind, takes, note."),
        ({"name": "A", "prompt": 5}, "Preset 1 ('A') was left out: 'prompt' has to be text."),
        ({"name": "A", "prompt": "x" * 20_001},
         "Preset 1 ('A') was left out: 'prompt' has 20,001 characters; 20,000 is the most."),
        ({"name": "A", "takes": 9}, "Preset 1 ('A') was left out: 'takes' has to be a whole number from 1 to 8."),
        ({"name": "A", "takes": True}, "Preset 1 ('A') was left out: 'takes' has to be a whole number from 1 to 8."),
        ({"name": "A", "kind": "sound"}, "Preset 1 ('A') was left out: 'kind' has to be video or image."),
        ({"name": "A", "config": []}, "Preset 1 ('A') was left out: it has to be an object in braces."),
        ({"name": "A", "config": {"aspect_ratio": "wide"}},
         "Preset 1 ('A') was left out: 'aspect_ratio' has to be a text such as 16:9."),
        ({"name": "A", "config": {"duration": "5"}},
         "Preset 1 ('A') was left out: 'duration' has to be a whole number from 1 to 60."),
        ({"name": "A", "config": {"enable_audio": 1}},
         "Preset 1 ('A') was left out: 'enable_audio' has to be true or false."),
        ({"name": "A", "config": {"seed": -1}},
         "Preset 1 ('A') was left out: 'seed' has to be a whole number from 0 to 4294967295."),
    ],
)  # fmt: skip
def test_a_broken_entry_is_named_and_stays_in_the_file(file, entry, sentence):
    file.path.write_text(json.dumps({"presets": [entry, KITE.to_json()], "future": {"x": 1}}))
    library = file.load()
    assert library.problems == (sentence,)
    assert library.presets.own == (KITE,)
    file.change(lambda now: put(now, HUES))
    stored = json.loads(file.path.read_text())
    assert stored["presets"] == [KITE.to_json(), entry]
    assert stored["future"] == {"x": 1}
    assert file.load().lists.own == (HUES,)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"name": "my list", "texts": ["a"]}, "begins with a letter"),
        ({"name": "a", "texts": "a"}, "'texts' has to be a list of texts"),
        ({"name": "a", "texts": ["a", 5]}, "'texts' has to be a list of texts"),
        ({"name": "a", "texts": ["", " "]}, "it has no texts: write one on each line"),
        ({"name": "a", "texts": ["a", "x" * 2001]}, "line 2 has 2,001 characters; 2,000 is the most"),
        ({"name": "a", "texts": [str(n) for n in range(1001)]}, "it has 1,001 texts; 1,000 is the most"),
        ({"name": "a", "texts": ["a\x1b[0m"]}, "line 1 is not plain text"),
    ],
)  # fmt: skip
def test_a_broken_list_is_named(file, entry, sentence):
    file.path.write_text(json.dumps({"lists": [entry, HUES.to_json()]}))
    library = file.load()
    (problem,) = library.problems
    assert sentence in problem
    assert problem.startswith("List 1 (")
    assert library.lists.own == (HUES,)


@pytest.mark.parametrize("wrong", [{"presets": {}}, {"presets": 5, "lists": None}, {"hidden": []}])
def test_a_wrong_part_costs_only_itself(file, wrong):
    file.path.write_text(json.dumps({**wrong}))
    library = file.load()
    assert library.kept_aside is None
    file.change(lambda now: put(now, KITE))
    assert file.load().presets.own == (KITE,)


def test_the_second_of_one_name_is_left_out(file):
    file.path.write_text(json.dumps({"lists": [HUES.to_json(), {"name": "Hue", "texts": ["x"]}]}))
    assert file.load().problems == (
        "List 2 ('Hue') was left out: There is a list called 'hue' already.",
    )


def test_what_cannot_be_written_leaves_the_file_as_it_was(file, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        PresetFile(tmp_path / "file" / "presets.json").change(lambda now: put(now, KITE))
    file.change(lambda now: put(now, KITE))
    before = file.path.read_bytes()

    def fails(library):
        raise ValueError("no")

    with pytest.raises(ValueError, match=r"^no$"):
        file.change(fails)
    assert file.path.read_bytes() == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "presets.json"]


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        (b"red\nblue\n", ("red", "blue")),
        (b"red\r\n\r\n  dark  blue \r\nred", ("red", "dark blue")),
        (codecs.BOM_UTF8 + "grün\nblau".encode(), ("grün", "blau")),
        ("grün\nblau".encode("utf-16"), ("grün", "blau")),
        ("grün".encode("utf-32"), ("grün",)),
        ("grün".encode("cp1252"), ("grün",)),
        ("赤\n青".encode(), ("赤", "青")),
        (b'{red|blue}\n"x"', ("{red|blue}", '"x"')),
    ],
)  # fmt: skip
def test_a_text_file_becomes_a_list(tmp_path, content, texts):
    path = tmp_path / "2 My hues.txt"
    path.write_bytes(content)
    assert read_list(path) == NamedList("My_hues", texts)
    assert read_list(path, "hue") == NamedList("hue", texts)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it has no texts: write one on each line"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "it is not text"),
        (codecs.BOM_UTF16_LE + b"\xff\xd8\xff", "it is not text"),
        (b"a\n" + b"x" * 2001, "line 2 has 2,001 characters; 2,000 is the most"),
        (b"x" * (16 * 1024 * 1024 + 1), "it is larger than 16 MB"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path, content, sentence):
    path = tmp_path / "hues.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"^hues.txt cannot be a list: {sentence}"):
        read_list(path)


def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "none.txt"):
        with pytest.raises(ValueError, match="there is no such file"):
            read_list(path)
        with pytest.raises(ValueError, match="there is no such file"):
            read_exported(path)
    with pytest.raises(ValueError, match="cannot be a list: the name of a list begins"):
        (tmp_path / "a.txt").write_text("x")
        read_list(tmp_path / "a.txt", "no name")


def test_what_is_exported_can_be_imported_elsewhere(tmp_path):
    library = put(Library(), KITE, HUES)
    export(tmp_path / "out.json", library.presets.own, library.lists.own)
    presets, lists, problems = read_exported(tmp_path / "out.json")
    assert (presets, lists, problems) == ([KITE], [HUES], [])
    there, names = added(Library(), presets, lists)
    assert names == ["Kite", "hue"]
    # the same ones again are nothing new, other ones of the same name get a number
    assert added(there, presets, lists) == (there, [])
    more, names = added(there, [Preset("kite", "another")], [NamedList("hue", ("grey",))])
    assert names == ["kite 2", "hue_2"]
    assert more.lists.own[0] == HUES
    export_list(tmp_path / "hue.txt", HUES)
    assert read_list(tmp_path / "hue.txt") == HUES


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "out.json is no file of presets: it is not JSON (line 1)."),
        ("[]", "out.json is no file of presets: it has to be an object in braces."),
        ('{"theme": "dark"}', "out.json holds no presets and no lists."),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path, content, sentence):
    (tmp_path / "out.json").write_text(content)
    with pytest.raises(ValueError, match=r"out\.json") as caught:
        read_exported(tmp_path / "out.json")
    assert str(caught.value) == sentence


def test_a_list_may_be_as_long_as_one_click_makes():
    assert len(list_texts([str(n) for n in range(MAX_TEXTS)])) == MAX_TEXTS


def test_the_shipped_file_is_part_of_the_package():
    with open("pyproject.toml", "rb") as file:
        told = tomllib.load(file)["tool"]["setuptools"]["package-data"]["veo_studio"]
    assert "core/shipped/*.toml" in told


def test_a_file_of_far_too_many_is_told_in_one_sentence_and_at_once(tmp_path):
    path = tmp_path / "many.json"
    entries = [{"name": f"P{number}", "prompt": "x"} for number in range(200_000)]
    path.write_text(json.dumps({"presets": entries}))
    began = time.process_time()
    with pytest.raises(ValueError, match="those from number 1,001 on were left out"):
        read_exported(path)
    library = PresetFile(path).load()
    assert len(library.presets.own) == MAX_ENTRIES
    assert len(library.problems) == 1
    with pytest.raises(ValueError, match="more than 1,000 presets of yours"):
        added(put(Library(), KITE), library.presets.own, [])
    assert time.process_time() - began < 3
    # what is kept in the file of the user stays in it
    kept = PresetFile(path)
    kept.change(lambda library: put(library, HUES))
    assert len(json.loads(path.read_text())["presets"]) == len(entries)
