"""What text models answer, and the prompt in it: or a sentence about why there is none."""

import json
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veo_studio.core.enhancing.answers import read_proposal
from veo_studio.core.enhancing.asking import Ask, NothingToAdd
from veo_studio.core.errors import GenerationFailedError
from veo_studio.core.models import GenerationKind
from veo_studio.core.providers.chat import read_answer

GOOD = "A cat sits on a red sofa. The camera pushes in slowly; soft window light."


def asked(prompt="a cat", **more):
    return Ask(prompt, GenerationKind.VIDEO, "a model", 8, **more)


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        f"  {GOOD}\n",
        f'"{GOOD}"',
        f"“{GOOD}”",
        f"**{GOOD}**",
        json.dumps({"prompt": GOOD}),
        json.dumps({"prompt": f'"{GOOD}"', "notes": "I added light."}),
        json.dumps({"enhanced_prompt": GOOD}),
        json.dumps([{"prompt": GOOD}]),
        json.dumps(GOOD),
        f"```json\n{json.dumps({'prompt': GOOD})}\n```",
        f"```\n{GOOD}\n```",
        f"```json\n{json.dumps({'prompt': GOOD})}",
        f"Sure! Here is the enhanced prompt:\n\n{GOOD}",
        f"Here's a better version of your prompt: {GOOD}",
        f"Certainly. Here is the JSON:\n```json\n{json.dumps({'prompt': GOOD}, indent=2)}\n```\nEnjoy!",
        f"**Enhanced Prompt:** {GOOD}",
        f"Enhanced video prompt: {GOOD}",
        f"{GOOD}\n\nLet me know if you want changes!",
        f"{GOOD}\n\n**Note:** I added a camera move.",
        f"{GOOD}\n---\nThis prompt adds light.",
        '{"prompt": "' + GOOD + '"',
        f"\x1b[1m{GOOD}\x1b[0m\u202e",
    ],
)
def test_what_is_around_the_prompt_is_taken_off(answer):
    assert read_proposal(answer, asked()) == GOOD


@pytest.mark.parametrize(
    "prompt",
    [
        'A man says "Good night" and turns off the lamp.',
        '"Good night," he says. "Sleep well."',
        "Sure-footed goat climbs a cliff: dust, wind, morning sun.",
        "Great white shark rises from the deep. Slow push-in.",
        "Here comes the sun over a field of wheat, slow pan.",
        "This street at night is empty but for one cat.",
        "Une femme marche sous la pluie, lumière douce.",
        "海辺を歩く女性。カメラがゆっくり近づく。",
        "Line one of the shot.\n\nLine two of the shot.",
        "{red|blue} kite over {place}, wide shot",
        "A title card reads: SALE -50 %",
        "Prompt books lie on a desk in a dark theatre.",
    ],
)
def test_a_prompt_keeps_its_own_words(prompt):
    assert read_proposal(prompt, asked()) == prompt
    assert read_proposal(json.dumps({"prompt": prompt}), asked()) == prompt


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("", "without a prompt"),
        ("   \n", "without a prompt"),
        ("...", "without a prompt"),
        ("{}", "without a prompt"),
        ('{"prompt": null, "error": "x"}', "without a prompt"),
        ("I'm sorry, but I can't help with that.", "declined: I'm sorry"),
        ("I cannot assist with this request.", "declined"),
        ("As an AI language model I have no eyes.", "declined"),
        ("<!DOCTYPE html><html><body>404</body></html>", "web page"),
        ("The prompt is good, but could use more light.", "about the prompt"),
        ("Your idea needs a camera move.", "about the prompt"),
        ("To improve this, add a camera move.", "about the prompt"),
        ("What kind of cat would you like?", "about the prompt"),
        ("Please provide more details.", "about the prompt"),
        ("x" * 2001, "too long"),
    ],
)
def test_what_is_no_prompt_is_refused(answer, words):
    with pytest.raises(ValueError, match=words):
        read_proposal(answer, asked())


def test_the_same_words_a_lost_brace_and_the_limit_of_the_model():
    with pytest.raises(NothingToAdd):
        read_proposal("A  Cat", asked())
    with pytest.raises(ValueError, match=r"lost \{place\}"):
        read_proposal("a kite over Rome", asked("a kite over {place}"))
    with pytest.raises(ValueError, match=r"lost \{a\}"):
        read_proposal("a kite and {a}", asked("{a} and {a}"))
    assert read_proposal("A kite over {place}.", asked("a kite over {place}"))
    with pytest.raises(ValueError, match="too long: 73 characters"):
        read_proposal(GOOD, asked(longest=50))


@given(st.text(max_size=400))
def test_whatever_is_answered_ends_as_a_prompt_or_a_sentence(answer):
    try:
        prompt = read_proposal(answer, asked())
    except ValueError:
        return
    assert 0 < len(prompt) <= 2000
    assert "\x1b" not in prompt


def test_long_garbage_is_read_at_once():
    # patterns that go wrong take minutes
    for part in ("{", "```", '"prompt": "', "Sure! ", "\\", "Here is ", "\n---", "<p"):
        with pytest.raises(ValueError):
            read_proposal(part * 50_000, asked())


@pytest.mark.parametrize(
    "answer",
    [
        "A kite" + "\n" * 15_000 + "x",
        "prompt" + " " * 15_000 + "x",
        "A kite " + "<p " * 5_000,
        "A kite" + "\n*" * 7_500 + "x",
        "```" * 5_000,
        '{"prompt": "' * 1_200,
    ],
)
def test_no_answer_holds_up_the_window(answer):
    began = time.process_time()
    with suppress(ValueError):
        read_proposal(answer, asked())
    assert time.process_time() - began < 1


def test_an_answer_far_too_long_is_refused_before_it_is_looked_at():
    began = time.process_time()
    with pytest.raises(ValueError, match="far more than a prompt has"):
        read_proposal("A kite" + "\n" * 4_000_000, asked())
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "content", ["<think>" * 500_000, "<think>a</think>" * 200_000, "a kite " * 500_000]
)
def test_millions_of_characters_are_no_completion_and_take_no_time(content):
    began = time.process_time()
    with pytest.raises(GenerationFailedError):
        read_answer({"choices": [{"message": {"content": content}}]})
    assert time.process_time() - began < 2


def test_thoughts_are_taken_off_wherever_they_stand():
    content = "<think>One.</think>A kite <think>Two.</think>flies."
    answer = {"choices": [{"message": {"content": content}}]}
    assert read_answer(answer) == "A kite flies."
