"""Real processes of the program in the lab's data folder."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process

from tests.faults.lab import WAIT_S, Lab


async def python(*arguments: str, **environ: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=os.environ | environ
    )


async def generate(lab: Lab, **environ: str) -> int:
    """The command line makes one clip, or ends in the attempt; returns how it ended.

    The lab has to be closed: this process is the scheduler.
    """
    arguments = ("-m", "veo_studio", "generate", "A paper boat", "--yes", "--json")
    quick = {"VEO_STUDIO_POLL_INTERVAL": "0.05"}
    process = await python(*arguments, **quick, **environ)
    async with asyncio.timeout(WAIT_S):
        out, err = await process.communicate()
    lab.shown["the command line"] = (out + err).decode()
    assert process.returncode is not None
    return process.returncode
