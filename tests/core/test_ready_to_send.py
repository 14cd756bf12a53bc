"""What is free comes before what is paid for, and with the key that pays."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.core import test_inputs_and_samples as scripted
from tests.core.studios import settled
from tests.core.test_inputs_and_samples import Scripted, request_of, with_picture
from veo_studio.core.errors import (
    AuthError,
    InvalidRequest,
    NotSent,
    ProtocolError,
    ProviderUnavailable,
    RateLimited,
)
from veo_studio.core.models import ErrorKind, GenerationState, MediaInput
from veo_studio.core.studio import Studio

_S = GenerationState
Opened = tuple[Studio, Scripted]

# the same studio and the same service as there
opened = scripted.opened
_takes_first_frames = scripted._takes_first_frames


async def test_pictures_of_another_account_are_brought_again(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, old = opened
    new = Scripted(old.tools)
    changed = False

    async def upload(item: MediaInput, path: Path) -> str:
        nonlocal changed
        if not changed:
            changed = True
            # as the registry does after another key: runs that hold the old adapter keep it
            studio.providers._providers["gemini"] = new
        return "a-picture-of-the-old-account"

    monkeypatch.setattr(old, "upload", upload)
    made = await settled(studio, with_picture(tmp_path))
    assert made.state is _S.COMPLETED
    assert old.sent == []
    assert [body["pictures"] for body in new.sent] == [["upload-1"]]


async def test_what_needs_seconds_is_done_before_anything_counts_as_sent(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, provider = opened
    entered, go = asyncio.Event(), asyncio.Event()

    async def prepare() -> None:
        entered.set()
        await go.wait()

    monkeypatch.setattr(provider, "prepare", prepare)
    (made,) = await studio.queue.enqueue([request_of()])
    await asyncio.wait_for(entered.wait(), 30)
    assert (await studio.generations.get(made.id)).state is _S.PENDING
    assert await studio.generations.attempts(made.id) == []
    cancelled = await studio.queue.cancel(made.id)
    assert cancelled.state is _S.CANCELLED
    assert provider.sent == []


@pytest.mark.parametrize(
    ("error", "state", "kind"),
    [
        (AuthError("Not this account."), _S.PENDING, ErrorKind.AUTH),
        (InvalidRequest("No such workflow."), _S.FAILED, ErrorKind.INVALID_REQUEST),
    ],
)
async def test_what_is_refused_beforehand_is_not_sent(
    opened: Opened,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    state: GenerationState,
    kind: ErrorKind,
) -> None:
    studio, provider = opened

    async def prepare() -> None:
        raise error

    monkeypatch.setattr(provider, "prepare", prepare)
    made = await settled(studio, request_of())
    assert (made.state, made.error_kind) == (state, kind)
    assert provider.sent == []
    assert await studio.generations.attempts(made.id) == []


@pytest.mark.parametrize(
    "error",
    [
        ProtocolError("The answer was a page of the hotel."),
        ProviderUnavailable("Overloaded."),
        NotSent("No line."),
        RateLimited("Slow down."),
    ],
)
async def test_what_says_nothing_about_the_picture_is_tried_again(
    opened: Opened, tmp_path: Path, error: Exception
) -> None:
    studio, provider = opened
    provider.refusals = [error, error]
    made = await settled(studio, with_picture(tmp_path))
    assert made.state is _S.COMPLETED
    assert len(provider.sent) == 1


async def test_what_grows_the_wait_counts_on_from_run_to_run(
    opened: Opened, tmp_path: Path
) -> None:
    studio, provider = opened
    provider.refusals = [ProviderUnavailable("Gone.") for _ in range(3)]
    made = await settled(studio, with_picture(tmp_path))
    assert made.state is _S.COMPLETED
    uploads = studio.queue._scheduler._any.uploads
    assert uploads.count_break(made.id) == 4, "each run went on counting"
    assert uploads.count_break(made.id + 1) == 1, "another generation begins anew"
