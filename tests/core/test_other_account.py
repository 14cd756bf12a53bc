"""What one account made, another cannot see: that is no reason to give it up."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from tests.core import test_inputs_and_samples as scripted
from tests.core.studios import settled, until
from tests.core.test_inputs_and_samples import Scripted, request_of
from veo_studio.core.errors import AuthError, NotFoundError, ProviderError
from veo_studio.core.models import (
    Charge,
    ErrorKind,
    GenerationState,
    Operation,
    PollResult,
    Running,
)
from veo_studio.core.store.tables import about
from veo_studio.core.studio import Studio

_S = GenerationState
_OTHER_KEY = "the-key-of-another-account-9"
_WORDS = "It was made with another key: put that key back to fetch it."
Opened = tuple[Studio, Scripted]

# the same studio and the same service as there
opened = scripted.opened
_takes_first_frames = scripted._takes_first_frames


class Accounts:
    """Polls of a service that knows each operation only for the key it was made with."""

    def __init__(
        self, provider: Scripted, monkeypatch: pytest.MonkeyPatch, refusal: ProviderError
    ) -> None:
        self._refusal = refusal
        self.provider = provider
        self.owner = provider._key
        self.asked = asyncio.Event()
        self.is_done = False
        monkeypatch.setattr(provider, "poll", self.poll)

    async def poll(self, operation: Operation) -> PollResult:
        self.asked.set()
        if self.provider._key != self.owner:
            raise self._refusal
        return self.provider.answer if self.is_done else Running()


async def use(
    key: str, studio: Studio, provider: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", key)
    provider.use_key(key)
    await studio.queue.key_changed("gemini")
    studio.providers._providers["gemini"] = provider


@pytest.mark.parametrize(
    "refusal", [NotFoundError("No such task, or not yours."), AuthError("Not your task.")]
)
async def test_what_another_key_made_is_kept_until_that_key_is_back(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, refusal: ProviderError
) -> None:
    studio, provider = opened
    monkeypatch.setattr("veo_studio.core.generators.watching._GONE_AFTER_S", 0.0)
    accounts = Accounts(provider, monkeypatch, refusal)
    (made,) = await studio.queue.enqueue([request_of()])
    await asyncio.wait_for(accounts.asked.wait(), 30)
    own_key = accounts.owner
    assert own_key is not None
    await use(_OTHER_KEY, studio, provider, monkeypatch)

    async def is_in(*states: GenerationState) -> bool:
        return (await studio.generations.get(made.id)).state in states

    await until(lambda: is_in(_S.HELD, _S.FAILED), studio)
    held = await studio.generations.get(made.id)
    assert (held.state, held.error, held.error_kind) == (_S.HELD, _WORDS, ErrorKind.NOT_FOUND)
    assert held.charge is not Charge.NOT_CHARGED
    assert not studio.queue.pauses, "the new key is none the worse for it"
    accounts.is_done = True
    await use(own_key, studio, provider, monkeypatch)
    await until(lambda: is_in(_S.COMPLETED, _S.FAILED), studio)
    assert (await studio.generations.get(made.id)).state is _S.COMPLETED
    assert len(provider.sent) == 1


async def test_what_the_same_account_no_longer_knows_is_given_up(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, provider = opened
    monkeypatch.setattr("veo_studio.core.generators.watching._GONE_AFTER_S", 0.0)
    accounts = Accounts(provider, monkeypatch, NotFoundError("No such task."))
    accounts.owner = "nobody's"
    made = await settled(studio, request_of())
    assert made.state is _S.FAILED


async def test_the_account_is_stored_without_its_key(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, provider = opened
    await settled(studio, request_of())
    first_key = provider._key
    await use(_OTHER_KEY, studio, provider, monkeypatch)
    await settled(studio, request_of())
    stored = str(await studio.database.read(lambda c: c.execute(select(about.c.value)).all()))
    assert first_key is not None
    assert first_key not in stored
    assert _OTHER_KEY not in stored
