"""I11 after a start that the disk stopped: what an earlier process sent still has its places."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from tests.core.studios import google, omni, open_studio, until
from veo_studio.core.errors import StorageError
from veo_studio.core.models import Generation, GenerationState
from veo_studio.core.store.repositories import GenerationRepository

S = GenerationState


async def test_i11_nothing_new_is_sent_before_it_is_known_what_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("veo_studio.core.queue._AGAIN_S", 0.3)
    async with google(monkeypatch, tmp_path / "google", delay_s=600) as server:
        async with open_studio() as studio:
            limit = studio.catalog.providers["gemini"].concurrency
            sent = await studio.queue.enqueue([omni(f"Boat {n}") for n in range(limit)])

            async def all_run() -> bool:
                stored = [await studio.generations.get(entry.id) for entry in sent]
                return all(entry.state is S.PROCESSING for entry in stored)

            await until(all_run, studio)
        assert server.accepted_count == limit

        real = GenerationRepository.in_states
        failures = [StorageError("The disk is full."), StorageError("The disk is full.")]

        async def in_states(
            self: GenerationRepository, states: Collection[GenerationState]
        ) -> list[Generation]:
            if failures:
                raise failures.pop()
            return await real(self, states)

        monkeypatch.setattr(GenerationRepository, "in_states", in_states)
        async with open_studio() as studio:
            assert await studio.queue.resume() == 0, "the disk stopped it"
            (late,) = await studio.queue.enqueue([omni("One more")])
            assert studio.queue.running_ids == frozenset()

            async def is_taken_up() -> bool:
                return len(studio.queue.running_ids) == limit

            await until(is_taken_up, studio)
            assert studio.queue.waiting_ids == (late.id,)
            assert server.accepted_count == limit, "its place comes when one of them ends"
