"""`attention`: what only the user decides, one choice at a time."""

import asyncio

import pytest

from tests.cli.conftest import PAID
from tests.core.studios import omni, open_studio, settled
from tests.faults.google import accept_and_reset, refuse, send_file
from veo_studio.core.models import GenerationState as S

NO_KEY = refuse(401, "UNAUTHENTICATED", "API key not valid")


@pytest.fixture
def unknown(google, here):
    """Generation 1, whose answer was lost."""
    google.submit_steps.append(accept_and_reset)
    words = here("generate", "A kite", *PAID, code=5).stderr
    assert "`veo-studio attention 1` shows what you can do" in words
    return google


def test_the_list_names_what_can_be_done(unknown, here, here_json):
    (entry,) = here_json("attention")
    assert (entry["id"], entry["status"], entry["charge"]) == (1, "unknown", "unknown")
    assert entry["choices"] == ["open_provider", "mark_failed", "send_again"]
    assert entry["usage_page"].startswith("https://")
    shown = here("attention", "1")
    assert "--mark-failed --send-again" in shown.stdout
    assert entry["usage_page"] in shown.stderr
    assert len(unknown.submits) == 1


def test_nothing_needs_attention(here, here_json):
    assert here_json("attention") == []
    assert here("attention").stderr == "Nothing needs your attention.\n"


def test_sending_again_warns_and_asks_first(unknown, here, here_json):
    asked = here("attention", "1", "--send-again", code=2).stderr
    assert "may be billed twice" in asked
    assert "about $0.07 at Google Gemini" in asked
    assert "--yes" in asked
    assert len(unknown.submits) == 1
    done = here("attention", "1", "--send-again", "--yes")
    assert done.stdout.endswith("_A_kite.mp4\n")
    assert len(unknown.submits) == 2
    wallet = here_json("wallet")
    assert wallet["balance"] == 90
    assert [entry["kind"] for entry in wallet["entries"]] == ["again", "charge", "grant"]
    assert here("attention", "1", "--send-again", "--yes", code=2).stderr == (
        "Generation 1 is completed: it needs nobody.\n"
    )


def test_sending_again_obeys_pauses_and_budgets(unknown, here):
    here("queue", "pause")
    assert "queue resume" in here("attention", "1", "--send-again", "--yes", code=4).stderr
    here("queue", "resume")
    here("wallet", "budget", "day", "0.10")
    assert "wallet budget day" in here("attention", "1", "--send-again", "--yes", code=4).stderr
    assert len(unknown.submits) == 1


def test_giving_up_brings_the_tokens_back_once(unknown, here, here_json):
    assert "may have been billed" in here("attention", "1", "--mark-failed", code=2).stderr
    ended = here_json("attention", "1", "--mark-failed", "--yes")
    assert (ended["status"], ended["charge"]) == ("failed", "unknown")
    assert here_json("wallet")["balance"] == 100
    here("attention", "1", "--mark-failed", "--yes", code=2)
    assert here_json("wallet")["balance"] == 100


def test_a_provider_without_a_list_cannot_be_asked(unknown, here):
    words = here("attention", "1", "--check", code=2).stderr
    assert "https://aistudio.google.com" in words
    assert "--send-again" in words


def test_a_held_clip_is_fetched_again_for_nothing(google, here, here_json):
    google.download_default = NO_KEY
    here("generate", "A kite", *PAID, code=5)
    (entry,) = here_json("attention")
    assert (entry["status"], entry["choices"]) == ("held", ["collect", "mark_failed"])
    google.download_default = send_file
    assert here("attention", "1", "--fetch").stdout.endswith("_A_kite.mp4\n")
    assert len(google.submits) == 1
    assert here_json("wallet")["balance"] == 90


@pytest.mark.parametrize(
    "arguments",
    [
        ["--check"],
        ["9", "--fetch"],
        ["9"],
        ["1", "--check", "--send-again"],
        ["zero"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_code_2(here, arguments):
    assert len(here("attention", *arguments, code=2).stderr.splitlines()) == 1


async def test_beside_an_open_window(google, here, here_json):
    google.submit_steps.extend([accept_and_reset, accept_and_reset])
    async with open_studio() as studio:
        await studio.queue.resume()
        for _ in range(2):
            assert (await settled(studio, omni())).state is S.UNKNOWN
        ended = await asyncio.to_thread(here_json, "attention", "1", "--mark-failed", "--yes")
        assert ended["status"] == "failed"
        assert await studio.wallet.balance() == 90
        # the window sends it, because only one program may
        sent = await asyncio.to_thread(here_json, "attention", "2", "--send-again", "--yes")
        assert sent["status"] == "completed"
        assert len(google.submits) == 3
        google.submit_steps.append(accept_and_reset)
        assert (await settled(studio, omni())).state is S.UNKNOWN
        assert await studio.wallet.check() == []
    google.download_default = NO_KEY
    async with open_studio() as studio:
        await studio.queue.resume()
        assert (await settled(studio, omni("Held"))).state is S.HELD
        refused = await asyncio.to_thread(here, "attention", "4", "--fetch", code=6)
        assert "Needs attention" in refused.stderr
