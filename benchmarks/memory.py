"""Memory of the idle window with the whole library, beside a bare window."""

from __future__ import annotations

from benchmarks.report import Figure
from benchmarks.setting import Setting, median, offscreen
from benchmarks.windows import pss_mb, settle, started


def measure(setting: Setting) -> list[Figure]:
    home, trace = setting.library(), setting.scratch / "trace"
    platform = offscreen(setting.scratch)
    sizes: dict[str, list[float]] = {"bare": [], "app": []}
    for _ in range(setting.times(3)):
        for kind, found in sizes.items():
            with started(home, trace, kind, platform=platform, stays=True) as seen:
                settle(seen.pid, longest_s=40 * setting.scale)
                found.append(pss_mb(seen.pid))
    bare, ours = median(sizes["bare"]), median(sizes["app"])
    return [
        Figure(
            "memory when idle",
            ours / bare,
            3,
            "x",
            detail=f"PSS {ours:.0f} MB with children, bare window {bare:.0f} MB (medians of "
            f"{len(sizes['app'])}, offscreen, {setting.library_rows} rows)",
        )
    ]
