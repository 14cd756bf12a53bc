"""A process that makes the first storyboard of this folder, as a command would; tests kill it.

It prints one JSON document: the state of the run and why. What an earlier process began goes on.
"""

from __future__ import annotations

import asyncio
import json
import sys

from veo_studio.core.paths import Paths
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings
from veo_studio.core.storyboard.models import RunGoal
from veo_studio.core.studio import Studio


async def work(goal: RunGoal) -> dict[str, str]:
    studio = await Studio.open(Paths.default(), Settings(), Secrets())
    try:
        repository, runner = studio.storyboards.repository, studio.storyboards.runner
        (entry,) = await repository.entries()
        board = await repository.get(entry.uuid)
        runs = await runner.resume(entry.uuid)
        try:
            run = runs[-1] if runs else await runner.start(board, goal)
        except ValueError as error:
            return {"state": "refused", "reason": str(error)}
        run = await runner.wait(run.id)
        return {"state": run.state.value, "reason": run.reason}
    finally:
        await studio.close()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(work(RunGoal(sys.argv[1])))))
