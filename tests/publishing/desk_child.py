"""A program of its own that works on what is to be delivered: killed where VEO_STUDIO_CRASH says."""

from __future__ import annotations

import asyncio
import os
import sys

from tests.publishing.scripted import closed, studio_with


async def killed_while_delivering(delivery_id: int, crash: str) -> int | None:
    """Run it until it dies or the delivery is closed; its exit code, negative for a signal."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.publishing.desk_child",
        str(delivery_id),
        env={**os.environ, "VEO_STUDIO_CRASH": crash},
    )
    return await process.wait()


async def main() -> None:
    async with studio_with() as studio:
        await studio.publishing.resume()
        await closed(studio, int(sys.argv[1]))


if __name__ == "__main__":
    asyncio.run(main())
