"""A large file from loopback to disk, verified, beside curl."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from pathlib import Path

from benchmarks import clips, service
from benchmarks.report import Figure, NotMeasured
from benchmarks.setting import Setting, median

_SIZE_BYTES = 300_000_000


def measure(setting: Setting) -> list[Figure]:
    curl = shutil.which("curl")
    if curl is None:
        raise NotMeasured("curl is not installed")
    folder = setting.scratch / "served"
    folder.mkdir(exist_ok=True)
    small = clips.draw(setting.scratch / "small.mp4", width_px=320, height_px=180, seconds=1)
    size = int(_SIZE_BYTES * setting.scale)
    clips.padded(small, folder / "big.mp4", size)
    ours, theirs, plain = [], [], []
    with service.running(folder) as server:
        for number in range(setting.times(5, least=1) + 1):
            target = setting.scratch / f"curl-{number}.mp4"
            os.sync()  # each begins with a disk that has nothing left to write
            started = time.perf_counter()
            subprocess.run([curl, "-sS", "-o", str(target), server.file_url("big.mp4")], check=True)
            theirs.append(time.perf_counter() - started)
            target.unlink()
            os.sync()
            # curl leaves the bytes in memory, ours waits for the disk: shown beside it, not counted
            started = time.perf_counter()
            subprocess.run(
                f"{curl} -sS -o {target} {server.file_url('big.mp4')} && sync {target}",
                shell=True,
                check=True,
            )
            plain.append(time.perf_counter() - started)
            target.unlink()
            os.sync()
            ours.append(asyncio.run(_fetch(server, setting.scratch / f"ours-{number}.part", size)))
    arrived_s, ours_s = (median(column) for column in zip(*ours[1:], strict=True))
    theirs_s, synced_s = median(theirs[1:]), median(plain[1:])
    return [
        Figure(
            "download, speed beside curl",
            theirs_s / ours_s,
            0.8,
            "x",
            is_at_most=False,
            detail=f"{size / 1e6:.0f} MB: ours {size / 1e6 / ours_s:.0f} MB/s with hash and fsync "
            f"({arrived_s:.2f} s + {ours_s - arrived_s:.2f} s), "
            f"curl {size / 1e6 / theirs_s:.0f} MB/s, curl and sync {size / 1e6 / synced_s:.0f} MB/s "
            f"(medians of {len(ours) - 1})",
        )
    ]


async def _fetch(server: service.RunningService, part: Path, size: int) -> tuple[float, float]:
    """Seconds until everything had arrived and was verified, and until it was in its place."""
    from veo_studio.core import download
    from veo_studio.core.catalog import Catalog
    from veo_studio.core.models import ResultRef
    from veo_studio.core.providers.registry import ProviderRegistry

    registry = ProviderRegistry(
        Catalog.load(),
        lambda _provider: "benchmark",
        part.parent,
        {"VEO_STUDIO_GEMINI_URL": server.base_url},
    )
    provider = await registry.provider("gemini")
    target = part.with_suffix(".mp4")
    try:
        started = time.perf_counter()
        fetched = await download.fetch(
            provider,
            ResultRef(server.file_url("big.mp4")),
            part,
            on_bytes=lambda _done, _total: None,
            stall_timeout_s=30,
        )
        arrived_s = time.perf_counter() - started
        await asyncio.to_thread(download.finish, part, target)
        taken_s = time.perf_counter() - started
    finally:
        await registry.close()
    assert fetched.size_bytes == size == target.stat().st_size
    target.unlink()
    return arrived_s, taken_s
