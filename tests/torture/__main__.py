"""`make torture`: everything that is tried for reliability, at full scale, and a table of what that was.

`--scale 0.1` tries a tenth of what takes long. Ends with 0 only where nothing at all was violated.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

_HERE = "tests/torture"
# what VEO_STUDIO_TEST_SCALE makes a thousand sequences of fifty steps
_ALL_SEQUENCES = 20
_SHOWN = ("sequences", "steps", "generations", "kills", "restarts", "second starts", "checks")


@dataclass(frozen=True)
class Phase:
    """`minutes` is what it took at full scale on two cores, `fixed` of them whatever the scale."""

    name: str
    files: tuple[str, ...]
    minutes: float
    fixed: float = 0.0
    # name -> value at full scale; multiplied by the scale
    scaled: dict[str, float] = field(default_factory=dict)

    def estimate(self, scale: float) -> float:
        return self.fixed + self.minutes * scale


PHASES = (
    Phase(
        "rows of the fault matrix", ("tests/faults", "tests/store", "tests/core/test_kill.py"), 0, 4
    ),
    Phase(
        "sequences of faults",
        (f"{_HERE}/test_state_machine.py",),
        20,
        scaled={"VEO_STUDIO_TEST_SCALE": _ALL_SEQUENCES},
    ),
    Phase(
        "processes killed",
        (
            f"{_HERE}/test_kill_storm.py",
            f"{_HERE}/test_crash_labels.py",
            f"{_HERE}/test_one_scheduler.py",
            f"{_HERE}/test_left_over.py",
        ),
        40,
        0.5,
        scaled={"VEO_STUDIO_TORTURE": 1},
    ),
)


@dataclass(frozen=True)
class Result:
    tests: int
    failed: int
    seconds: float
    code: int


def run(phase: Phase, scale: float, folder: Path, log: Path, more: list[str]) -> Result:
    report = folder / "report.xml"
    report.unlink(missing_ok=True)
    environ = os.environ | {"QT_QPA_PLATFORM": "offscreen", "VEO_STUDIO_TORTURE_LOG": str(log)}
    environ |= {name: f"{value * scale:g}" for name, value in phase.scaled.items()}
    files = [name for name in phase.files if Path(name).exists()]
    if not files:
        raise SystemExit(f"The tests of the phase '{phase.name}' are missing.")
    started = time.monotonic()
    code = subprocess.call(
        [
            sys.executable, "-m", "pytest", *files, "-q", "-n", "logical", "--maxprocesses", "4",
            "--dist", "worksteal", f"--junitxml={report}",
            # a storm takes many minutes, and is not hanging
            "-o", "faulthandler_timeout=0", "-o", "timeout=3600", *more,
        ],
        env=environ,
    )  # fmt: skip
    tests = failed = 0
    if report.exists():
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):
            tests += int(suite.get("tests", 0))
            failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    return Result(tests, failed, time.monotonic() - started, code)


def counted(log: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else []:
        entry = json.loads(line)
        counts[entry["what"]] += entry["count"]
    return counts


def table(results: dict[str, Result], counts: Counter[str], seconds: float) -> str:
    lines = ["", "What was tried"]
    for name, result in results.items():
        words = f"{result.tests:,} tests, {result.failed} failed, {result.seconds / 60:.1f} min"
        lines.append(f"  {name:<44} {words}")
    lines += [f"  {name:<44} {counts.pop(name, 0):>10,}" for name in _SHOWN]
    violations = max(counts.pop("violations", 0), sum(result.failed for result in results.values()))
    lines += [f"  {name:<44} {count:>10,}" for name, count in sorted(counts.items())]
    faults = sum(count for name, count in counts.items() if name.startswith("fault: "))
    lines += [
        f"  {'faults, all kinds':<44} {faults:>10,}",
        f"  {'violations':<44} {violations:>10,}",
        f"  {'wall time':<44} {seconds / 60:>6.1f} min",
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make torture", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="1 is everything")
    parser.add_argument("--phase", type=int, choices=range(1, len(PHASES) + 1), action="append")
    options, more = parser.parse_known_args()
    if not 0 < options.scale <= 100:
        parser.error("the scale must be above 0 and at most 100")
    phases = [PHASES[number - 1] for number in options.phase or range(1, len(PHASES) + 1)]
    minutes = sum(phase.estimate(options.scale) for phase in phases)
    print(f"This takes about {minutes:.0f} minutes on two cores.", flush=True)
    started = time.monotonic()
    results: dict[str, Result] = {}
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        log = Path(folder, "tried.jsonl")
        for number, phase in enumerate(phases, 1):
            print(f"\n{number} of {len(phases)}: {phase.name}", flush=True)
            results[phase.name] = run(phase, options.scale, Path(folder), log, more)
        counts = counted(log)
    violations = counts["violations"]
    print(table(results, counts, time.monotonic() - started))
    return 1 if violations or any(result.code for result in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
