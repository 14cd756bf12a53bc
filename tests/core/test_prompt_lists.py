"""One prompt becomes many: lists in place, named lists, variables, and braces that are meant."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veo_studio.core.prompt_lists import MAX_PROMPTS, PromptLists, escaped, expanded, is_name

LISTS = {"light": ("dawn", "noon", "dusk"), "empty": ()}


@pytest.mark.parametrize(
    ("prompt", "prompts"),
    [
        ("a kite", ["a kite"]),
        ("", [""]),
        ("{red|blue} kite", ["red kite", "blue kite"]),
        ("{ red | dark blue } kite", ["red kite", "dark blue kite"]),
        ("kite{| at dusk}", ["kite", "kiteat dusk"]),
        ("{a|b} {c|d}", ["a c", "a d", "b c", "b d"]),
        ("{a|b} {a|b}", ["a a", "a b", "b a", "b b"]),
        ("kite at {light}", ["kite at dawn", "kite at noon", "kite at dusk"]),
        ("{light}, then {light}", ["dawn, then dawn", "noon, then noon", "dusk, then dusk"]),
        ("{{red|blue}} kite", ["{red|blue} kite"]),
        ("{{light}} {light}", ["{light} dawn", "{light} noon", "{light} dusk"]),
        ("{{{a|b}}}", ["{a}", "{b}"]),
        ("a } b { c", ["a } b { c"]),
        ("so }} it ends", ["so }} it ends"]),
        ("{not a name} {1st} {}", ["{not a name} {1st} {}"]),
        ("{red|blue", ["{red|blue"]),
        ("{red|\nblue}", ["{red|\nblue}"]),
    ],
)
def test_a_prompt_becomes_these(prompt, prompts):
    assert expanded(prompt, LISTS) == prompts
    assert PromptLists(prompt, LISTS).count == len(prompts)


@pytest.mark.parametrize(
    "document",
    [
        {"subject": "a kite", "camera": {"move": "pan", "lens": {"mm": 35}}},
        {"a|b": {"c|d": "e|f"}, "empty": {}},
        [[{"x": {"y": {"z": [1, 2]}}}]],
    ],
)
@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_a_prompt_written_as_json_is_left_alone(document, indent, separators):
    prompt = json.dumps(document, indent=indent, separators=separators)
    assert expanded(prompt, LISTS) == [prompt]
    assert escaped(prompt) == prompt


def test_lists_and_variables_work_inside_json():
    prompt = '{"subject":"{subject}","light":{"is":"{light}"}}'
    assert [json.loads(text)["light"]["is"] for text in expanded(prompt, LISTS, {"subject": "x"})] == [
        "dawn", "noon", "dusk",
    ]  # fmt: skip


def test_variables_are_filled_in_and_missing_ones_named():
    found = PromptLists(
        "{subject} in {place}, {subject} again, {größe}", LISTS, {"place": " a harbour "}
    )
    assert found.variables == ("subject", "place", "größe")
    assert found.missing == ("subject", "größe")
    assert next(found.expand()) == "{subject} in a harbour, {subject} again, {größe}"
    with pytest.raises(
        ValueError, match=r"^Fill in \{subject\}, \{größe\}, or write \{\{ and \}\}"
    ):
        found.check()


def test_a_value_wins_over_a_list_and_is_text_like_the_lists_are():
    assert expanded("{light}", LISTS, {"light": "{a|b} {{x}}"}) == ["{a|b} {{x}}"]
    assert expanded("{light}", {"light": ("{light}", "{c|d}")}) == ["{light}", "{c|d}"]


def test_blank_values_and_empty_lists_count_as_missing():
    assert PromptLists("{subject} {empty}", LISTS, {"subject": " \n"}).missing == (
        "subject",
        "empty",
    )


def test_too_many_are_counted_and_refused_without_making_them():
    with pytest.raises(
        ValueError, match=r"^These lists make 1,001 prompts; at most 1,000 go at once\.$"
    ):
        expanded("{many}", {"many": [str(n) for n in range(MAX_PROMPTS + 1)]})
    assert len(expanded("{many}", {"many": [str(n) for n in range(MAX_PROMPTS)]})) == MAX_PROMPTS
    with pytest.raises(ValueError, match=r"^These lists make more than a billion prompts"):
        expanded("{a|b}" * 3_000)
    with pytest.raises(
        ValueError, match=r"prompts of up to 2,000,000 characters\. Shorten them\.$"
    ):
        expanded("{a}" * 2_000, {"a": ["x" * 1000, "y"]})


def test_what_is_far_too_long_is_not_looked_through():
    prompt = "{a|b}" + "x" * 20_000
    assert expanded(prompt) == [prompt]


@pytest.mark.parametrize("name", ["subject", "time_of_day", "größe", "x1", "a-b", "a" * 40])
def test_these_are_names(name):
    assert is_name(name)


@pytest.mark.parametrize("name", ["", "1st", "_x", "two words", "a" * 41, "a.b", "a\n", "a|b"])
def test_these_are_no_names(name):
    assert not is_name(name)


PROMPTS = st.text(st.sampled_from('{}|"ab :\nlight'), max_size=40) | st.text(max_size=40)
SOME_LISTS = st.dictionaries(
    st.sampled_from(["a", "b", "light", "ab"]), st.lists(st.text("{}|ab", max_size=5), max_size=3)
)


@given(
    PROMPTS, SOME_LISTS, st.dictionaries(st.sampled_from(["a", "b", "light"]), st.text(max_size=4))
)
def test_the_count_is_how_many_there_are(prompt, lists, values):
    found = PromptLists(prompt, lists, values)
    if found.count <= MAX_PROMPTS:
        assert len(list(found.expand())) == found.count
    assert set(found.missing) <= set(found.variables)


@given(PROMPTS, SOME_LISTS)
def test_what_is_escaped_comes_out_as_it_was(text, lists):
    assert expanded(escaped(text), lists) == [text]


@given(st.text(st.characters(exclude_characters="{}"), max_size=60))
def test_words_without_braces_stay_as_they_are(text):
    assert expanded(text, LISTS) == [text]
    assert escaped(text) == text


JSON = st.recursive(
    st.integers() | st.booleans() | st.text("ab |", max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("ab |", max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON, st.sampled_from([(",", ":"), (", ", ": ")]))
def test_any_json_without_braces_in_its_texts_is_left_alone(document, separators):
    prompt = json.dumps(document, separators=separators)
    assert expanded(prompt, LISTS) == [prompt]
