"""The clip of a generation that was given up, where its provider has it after all: fetched, never paid again.

The failed row stays what it is (I02); the clip gets a free row of its own, as the further clips of a
submit do.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from veo_studio.core import download
from veo_studio.core.errors import NotFoundError, StillRunning
from veo_studio.core.generators.base_generator import BaseGenerator
from veo_studio.core.generators.fetching import fetch_until_whole
from veo_studio.core.generators.sampling import Samples
from veo_studio.core.models import Charge, Done, Generation, GenerationState, ResultRef, Running


def may_be_there(failed: Generation) -> bool:
    """True where a provider accepted it and nobody knows that it came to nothing."""
    is_failed = failed.state is GenerationState.FAILED and failed.operation_id is not None
    return is_failed and failed.is_priced and failed.charge is not Charge.NOT_CHARGED


async def bring_back(generator: BaseGenerator, failed: Generation) -> list[Generation]:
    """What the provider has of it, stored now or before; empty where there is nothing.

    Raises StillRunning, and what asking and fetching raise: then nobody knows, and nothing is paid.
    """
    if not may_be_there(failed):
        return []
    provider = await generator.client.providers.provider(failed.provider)
    try:
        answer = await provider.poll(failed.to_operation())
    except NotFoundError:
        return []
    if isinstance(answer, Running):
        raise StillRunning(provider=failed.provider)
    if not isinstance(answer, Done):
        return []
    tools = generator.tools()
    # the further ones keep their numbers, the first comes last
    result = replace(answer.result, more=(*answer.result.more, answer.result.uri))

    async def fetch(result: ResultRef, part: Path) -> download.Fetched:
        return await fetch_until_whole(
            provider, result, part, lambda *_: None, tools.backoff, tools.stall_timeout_s,
            tools.clock,
        )  # fmt: skip

    first = replace(failed, result=result)
    trouble = await Samples(tools, provider, first, fetch).bring(needs_links=False)
    found = [
        one
        for number in range(2, len(result.more) + 2)
        if (one := await tools.repository.sample(failed, number)) is not None
    ]
    if trouble is not None and not found:
        raise trouble
    return found
