"""The clip of a generation that was given up, where its provider has it after all: fetched, never paid again.

The row that was given up stays what it is (I02); the clip gets a free row of its own, as the further
clips of a submit do.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from veo_studio.core import download
from veo_studio.core.errors import AuthError, NotFoundError, StillRunning
from veo_studio.core.generators.base_generator import BaseGenerator
from veo_studio.core.generators.fetching import fetch_until_whole
from veo_studio.core.generators.run_row import OTHER_KEY, is_of_another_account
from veo_studio.core.generators.sampling import Samples
from veo_studio.core.models import Charge, Done, Generation, GenerationState, ResultRef, Running

_ENDED = (GenerationState.FAILED, GenerationState.CANCELLED)


def may_be_there(ended: Generation) -> bool:
    """True where a provider accepted it, and nobody knows that it came to nothing or cost nothing."""
    is_ended = ended.state in _ENDED and ended.operation_id is not None
    return is_ended and ended.is_priced and ended.charge is not Charge.NOT_CHARGED


async def bring_back(generator: BaseGenerator, ended: Generation) -> list[Generation]:
    """What the provider has of it, stored now or before; empty where there is nothing.

    Raises StillRunning, and what asking and fetching raise: then nobody knows, or not everything has
    arrived. What did arrive is stored.
    """
    if not may_be_there(ended):
        return []
    tools = generator.tools()
    provider = await generator.client.providers.provider(ended.provider)
    try:
        answer = await provider.poll(ended.to_operation())
    except (AuthError, NotFoundError) as error:
        if await is_of_another_account(tools, ended):
            raise NotFoundError(
                OTHER_KEY,
                provider=ended.provider,
                action="Then ask for it again: that costs nothing.",
            ) from error
        if isinstance(error, AuthError):
            raise
        return []
    if isinstance(answer, Running):
        raise StillRunning(provider=ended.provider)
    if not isinstance(answer, Done):
        return []
    count = len(answer.result.more)

    def links_of(result: ResultRef) -> tuple[str, ...]:
        # the further ones keep their numbers, the first comes last
        further = (*result.more, *[""] * count)[:count]
        return (*further, result.uri)

    async def fetch(result: ResultRef, part: Path) -> download.Fetched:
        return await fetch_until_whole(
            provider, result, part, lambda *_: None, tools.backoff, tools.stall_timeout_s,
            tools.clock,
        )  # fmt: skip

    first = replace(ended, result=answer.result)
    samples = Samples(tools, provider, first, fetch, links_of, restores=True)
    trouble = await samples.bring(needs_links=False)
    if trouble is not None:
        raise trouble
    found = [await tools.repository.sample(ended, number) for number in samples.numbers]
    return [one for one in found if one is not None]
