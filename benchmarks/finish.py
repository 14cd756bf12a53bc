"""From the poll that said "done" to the file in its place and the row completed."""

from __future__ import annotations

import asyncio
import time

from benchmarks import clips, engine, service
from benchmarks.report import Figure
from benchmarks.setting import Setting, median, percentile
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import GenerationState

_SIZE_BYTES = 5_000_000


def measure(setting: Setting) -> list[Figure]:
    folder = setting.scratch / "finish-served"
    folder.mkdir(exist_ok=True)
    small = clips.draw(setting.scratch / "small.mp4", width_px=640, height_px=360, seconds=2)
    clips.padded(small, folder / "five.mp4", _SIZE_BYTES)
    return [asyncio.run(_measure(setting))]


async def _measure(setting: Setting) -> Figure:
    done_at: dict[int, float] = {}

    def on_event(event: GenerationEvent) -> None:
        generation = event.generation
        if event.kind is EventKind.STATE_CHANGED and generation.state is GenerationState.COMPLETED:
            assert generation.video_path is not None
            assert generation.video_path.stat().st_size == _SIZE_BYTES
            done_at[generation.id] = time.monotonic()

    taken = []
    with service.running(setting.scratch / "finish-served") as server:
        async with engine.opened(
            setting.scratch / "finish", server, concurrency=1, poll_interval_s=0.3
        ) as studio:
            studio.events.subscribe(on_event)
            for number in range(setting.times(20, least=2) + 1):
                (generation,) = await studio.queue.enqueue(
                    [engine.request(f"Take {number}, done after 0.2 s as five.mp4")]
                )
                ended = await studio.queue.wait(generation.id)
                assert ended.state is GenerationState.COMPLETED, ended.error
                assert ended.operation_id is not None
                seen = await asyncio.to_thread(server.seen)
                taken.append(done_at[ended.id] - seen.told_done[ended.operation_id])
    # the first one opens connections and imports what downloads need
    rest = taken[1:]
    return Figure(
        "provider done to row completed, 5 MB",
        median(rest),
        0.2,
        "s",
        detail=f"median of {len(rest)}, slowest {max(rest):.3f} s, p95 {percentile(rest, 95):.3f} s, "
        f"the very first {taken[0]:.3f} s",
    )
