"""From exec to the first visible window and to the first painted history rows, beside a bare window."""

from __future__ import annotations

from benchmarks.report import Figure, NotMeasured
from benchmarks.setting import Setting, median, offscreen, tell, virtual_screen
from benchmarks.windows import settle, started


def measure(setting: Setting) -> list[Figure]:
    figures = _on(setting, "offscreen", offscreen(setting.scratch))
    try:
        with virtual_screen() as display:
            figures += _on(
                setting,
                "X11",
                {"QT_QPA_PLATFORM": "xcb", "DISPLAY": display, "WAYLAND_DISPLAY": ""},
            )
    except NotMeasured as error:
        tell(f"without X11: {error}")
    return figures


def _on(setting: Setting, name: str, platform: dict[str, str]) -> list[Figure]:
    home, trace = setting.library(), setting.scratch / "trace"
    # once to the end: byte code is compiled, thumbnails of the first rows exist
    with started(home, trace, "app", platform=platform, stays=True) as seen:
        settle(seen.pid, longest_s=30 * setting.scale)
    with started(home, trace, "bare", platform=platform):
        pass
    bare_s, window_s, rows_s = [], [], []
    for _ in range(setting.times(9)):
        # in turns, so that a busy moment of the machine meets both
        with started(home, trace, "bare", platform=platform) as seen:
            bare_s.append(seen.window_s)
        with started(home, trace, "app", platform=platform) as seen:
            assert seen.rows_s is not None
            window_s.append(seen.window_s)
            rows_s.append(seen.rows_s)
    base = median(bare_s)
    shared = (
        f"bare window {base * 1000:.0f} ms, medians of {len(bare_s)}, {setting.library_rows} rows"
    )
    return [
        Figure(
            f"start to window, {name}",
            median(window_s) / base,
            3,
            "x",
            detail=f"{median(window_s) * 1000:.0f} ms; {shared}",
        ),
        Figure(
            f"start to history rows, {name}",
            median(rows_s) / base,
            4.5,
            "x",
            detail=f"{median(rows_s) * 1000:.0f} ms; {shared}",
        ),
    ]
