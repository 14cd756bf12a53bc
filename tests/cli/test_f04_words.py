"""F03, F04: prompts and providers' words are shown as text, and stored exactly as they were."""

import pytest

from tests.cli.conftest import PAID
from tests.faults.google import refuse

PROMPTS = {
    "escapes": "red \x1b[31m kite \x07\x9b2J",
    "html": '<img src="http://127.0.0.1:9/x"> <b>kite</b>',
    "markup": "[bold red]kite[/] [link=http://127.0.0.1:9]here[/link] :smile:",
    "direction": "a kite \u202egnp.exe \u2066",
    "lines": "a kite\non two\tlines\r\n",
    "path": "../../etc/passwd %00 kite",
    "formula": "=HYPERLINK(kite)",
    "signs": "紙の船 \U0001f6a3 Grüße",
}
ACTING = ("\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\r")


@pytest.mark.parametrize("name", PROMPTS)
def test_a_prompt_and_an_answer_with_the_same_words(google, here, here_json, name):
    prompt = PROMPTS[name]
    google.submit_default = refuse(400, "INVALID_ARGUMENT", f"Refused: {prompt}")
    shown = [here("generate", prompt, *PAID, code=3)]
    shown += [here("history"), here("queue"), here("wallet"), here("attention")]
    (entry,) = here_json("history")
    assert entry["prompt"] == prompt.strip() or entry["prompt"] == prompt
    for done in shown:
        for sign in ACTING:
            assert sign not in done.stdout + done.stderr
    assert "kite" in shown[1].stdout or name == "signs"
    # rich would have swallowed its own marks
    if name in ("markup", "html"):
        assert prompt[:12] in shown[1].stdout
    assert not any(char in entry["error"] for char in ACTING)
    assert len(google.requests) == 1
