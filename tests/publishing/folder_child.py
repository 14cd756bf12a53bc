"""A process of its own that puts a clip into a folder or takes it away: killed where VEO_STUDIO_CRASH says."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tests.publishing.galleries import parcel
from veo_studio.core.publishing.kinds import publisher_for
from veo_studio.core.publishing.models import Receipt, TargetKind


async def killed(
    kind: TargetKind, folder: Path, clips: Path, what: str, number: int, crash: str
) -> int | None:
    """`what` is "send" or "remove" of clip `number`; the exit code, negative for a signal."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.publishing.folder_child",
        *(kind.value, str(folder), str(clips), what, str(number)),
        env={**os.environ, "VEO_STUDIO_CRASH": crash},
    )
    return await process.wait()


async def main() -> None:
    kind, folder, clips, what, number = sys.argv[1:]
    publisher = publisher_for(TargetKind(kind), {"folder": folder}, {})
    clip = parcel(Path(clips), int(number), f"Clip {number}")
    if what == "send":
        await publisher.send(clip, lambda _done, _total: None)
    else:
        facts = {"path": str(Path(folder) / "index.html"), "uuid": clip.generation_uuid}
        await publisher.remove(Receipt(folder, facts))
    await publisher.close()


if __name__ == "__main__":
    asyncio.run(main())
