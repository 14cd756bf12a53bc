"""What a benchmark gives back, and how it is printed."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


class NotMeasured(Exception):
    """This machine or this checkout lacks something; the message says what."""


@dataclass(frozen=True)
class Figure:
    """One measured number beside its target; `detail` holds the numbers that it was made from."""

    name: str
    measured: float
    target: float
    unit: str
    """x (a ratio), ms, s or %."""
    is_at_most: bool = True
    """False where more is better."""
    detail: str = ""

    @property
    def is_reached(self) -> bool:
        if self.is_at_most:
            return self.measured <= self.target
        return self.measured >= self.target

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "is_reached": self.is_reached}


def table(figures: Sequence[Figure], missing: Sequence[tuple[str, str]]) -> str:
    """Figures, then what could not be measured and why."""
    lines = [("figure", "measured", "target", "", "made from")]
    for figure in figures:
        sign = "≤" if figure.is_at_most else "≥"
        lines.append(
            (
                figure.name,
                f"{_number(figure.measured)} {figure.unit}",
                f"{sign} {_number(figure.target)} {figure.unit}",
                "pass" if figure.is_reached else "short",
                figure.detail,
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    printed = [
        "  ".join(
            [*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[4]]
        )
        for line in lines
    ]
    printed.insert(1, "  ".join("-" * width for width in [*widths, 9]))
    printed.extend(f"{name}: not measured: {reason}" for name, reason in missing)
    return "\n".join(line.rstrip() for line in printed)


def machine() -> dict[str, str]:
    """What the numbers were measured on."""
    from PyQt6.QtCore import PYQT_VERSION_STR, qVersion

    cpu = platform.processor() or platform.machine()
    described = Path("/proc/cpuinfo")
    if described.is_file():
        for line in described.read_text().splitlines():
            if line.startswith("model name"):
                cpu = line.partition(":")[2].strip()
                break
    return {
        "cpu": cpu,
        "cpus": str(os.cpu_count()),
        "load": "{:.2f} {:.2f} {:.2f}".format(*os.getloadavg())
        if hasattr(os, "getloadavg")
        else "",
        "system": platform.platform(),
        "python": platform.python_version(),
        "pyqt": PYQT_VERSION_STR,
        "qt": qVersion() or "",
    }


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.2f}"
