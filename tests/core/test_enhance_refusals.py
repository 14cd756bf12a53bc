"""A refused prompt, changed as little as possible: only the words that can be meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veo_studio.core.enhancing import rules
from veo_studio.core.enhancing.asking import Ask, NothingToAdd
from veo_studio.core.models import GenerationKind


def milder(prompt, refusal="It violates the usage guidelines."):
    return rules.propose(Ask(prompt, GenerationKind.VIDEO, "a model", 8, refusal=refusal))


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Tom Cruise runs", "A male film star runs"),
        ("a portrait of Taylor Swift", "a portrait of a female pop singer"),
        ("The Elon Musk of cats", "The business leader in casual clothes of cats"),
        ("Taylor Swift's cat", "A female pop singer's cat"),
        ("an iPhone on a desk", "a smartphone on a desk"),
        ("a Ferrari on a road", "a sports car on a road"),
        ("a Coca-Cola can", "a cola can"),
        ("Batman on a roof", "A masked hero in a cape on a roof"),
        ("a cat, in the style of Studio Ghibli.", "a cat, in the style of hand-painted animation."),
        ("a cat, in the style of Wes Anderson.", "a cat."),
        ("a soldier with a gun", "a soldier with a flashlight"),
        ("a knife covered in blood", "a tool covered in mud"),
        ("a naked woman at a lake", "a fully dressed woman at a lake"),
        ("a little girl on a swing", "a young woman on a swing"),
        ("two kids play", "two adults play"),
        ("a 12-year-old rides a bike", "an adult rides a bike"),
        ("zombies, severed limbs, gore everywhere", "zombies, limbs, mud everywhere"),
        ("a teenager walks", "a young adult walks"),
    ],
)
def test_only_the_words_that_can_be_meant_change(prompt, expected):
    proposal = milder(prompt)
    assert proposal.prompt == expected
    assert proposal.note.startswith("Changed: ")


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        ("The prompt names a public figure.", "A male film star with a gun and a boy"),
        ("It depicts violence.", "Tom Cruise with a flashlight and a boy"),
        ("It shows minors.", "Tom Cruise with a gun and a young man"),
        ("It was blocked.", "A male film star with a flashlight and a young man"),
        ("It may be sexual.", "A male film star with a flashlight and a young man"),
    ],
)
def test_the_reason_says_which_words(refusal, expected):
    assert milder("Tom Cruise with a gun and a boy", refusal).prompt == expected


def test_a_name_that_no_table_knows_is_found_where_the_reason_is_a_person():
    reason = "It contains the likeness of a real person."
    assert milder("Jane Q. Doe walks in New York City", reason).prompt == (
        "A person walks in New York City"
    )
    assert milder("a talk with Petra Müller-Lang", reason).prompt.startswith("a talk with a person")
    with pytest.raises(NothingToAdd):
        milder("Jane Doe walks", "It was blocked.")
    with pytest.raises(NothingToAdd):
        milder("a walk over Golden Gate Bridge", reason)


@pytest.mark.parametrize(
    "prompt",
    ["a cat on a sofa", "a photo shoot in a studio", "a baby fox", "baby blue walls",
     "begun at dawn", "a cat in the style of a watercolor", "a shogun", "the skillet", "Una gata en la calle"],
)  # fmt: skip
def test_where_nothing_can_be_meant_it_says_so(prompt):
    with pytest.raises(NothingToAdd, match="found no word"):
        milder(prompt)


@given(st.text(alphabet="a gun boy Tom Cruise,.\n{}é猫", max_size=120))
def test_everything_else_stays_and_a_second_time_finds_nothing_to_undo(prompt):
    try:
        changed = milder(prompt).prompt
    except NothingToAdd:
        return
    assert changed != prompt
    assert changed.count("\n") == prompt.count("\n")
    assert changed.count("{") == prompt.count("{")
