"""A process of its own that sends one clip: it is killed where VEO_STUDIO_CRASH says."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from tests.publishing.clips_to_send import PART, parcel_of
from veo_studio.core.publishing.kinds import publisher_for
from veo_studio.core.publishing.models import TargetKind
from veo_studio.core.publishing.store_service import ObjectService


async def killed_while_sending(
    kind: TargetKind,
    options: dict[str, str],
    secrets: dict[str, str],
    file: Path,
    delivery_uuid: str,
    crash: str,
) -> int | None:
    """Run it until it dies or is done; its exit code, negative for a signal."""
    told = json.dumps([kind.value, options, secrets, str(file), delivery_uuid])
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.publishing.sending_child",
        stdin=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "VEO_STUDIO_CRASH": crash},
    )
    await process.communicate(told.encode())
    return process.returncode


async def main() -> None:
    kind, options, secrets, file, delivery_uuid = json.loads(sys.stdin.read())
    ObjectService.part_bytes = PART
    publisher = publisher_for(TargetKind(kind), options, secrets)
    try:
        parcel = parcel_of(Path(file), delivery_uuid=delivery_uuid)
        await publisher.send(parcel, lambda *_: None)
    finally:
        await publisher.close()


if __name__ == "__main__":
    asyncio.run(main())
