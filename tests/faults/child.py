"""A second process in the data folder: `python -m tests.faults.child KEY COUNT`.

It says "ready", waits for a line, asks COUNT times at once for the same generation, as a guest of
whoever is the scheduler, and prints the ids of what is stored.
"""

from __future__ import annotations

import asyncio
import json
import sys

from veo_studio.core.models import GenerationRequest, VideoConfig
from veo_studio.core.paths import Paths
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.studio import Studio


async def store(key: str, count: int) -> list[int]:
    studio = await Studio.open(Paths.default(), Settings(), Secrets(), is_scheduler=False)
    config = VideoConfig("16:9", 3, "360p", "", 7)
    model = studio.catalog.find("gemini-omni-1.2-flash", "gemini")
    request = GenerationRequest("A paper boat", "gemini", model.id, config, idempotency_key=key)
    price = studio.wallet.estimate(model, config)
    item = NewGeneration(request, price.tokens, price.cost_usd)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    try:
        made = await asyncio.gather(*(studio.generations.create([item]) for _ in range(count)))
    finally:
        await studio.close()
    return [generation.id for created in made for generation in created]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(store(sys.argv[1], int(sys.argv[2])))))
