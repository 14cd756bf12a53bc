"""`python -m benchmarks [--only NAME] [--json FILE]`: every figure of the design in one table."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.report import Figure, NotMeasured, machine, table
from benchmarks.setting import LIBRARY_ROWS, ROOT, Setting, tell

# In this order: what needs a quiet machine comes before what loads it.
NAMES = (
    "startup",
    "memory",
    "search",
    "books",
    "batch",
    "thumbnail",
    "photos",
    "download",
    "finish",
    "film",
    "scrolling",
    "feed",
    "loop_gap",
    "inflight",
)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=NAMES, help="this one; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument(
        "--rows", type=int, default=LIBRARY_ROWS, help="size of the library (%(default)s)"
    )
    parser.add_argument(
        "--library", type=Path, help="where the library is kept between runs (build/benchmarks)"
    )
    parser.add_argument("--scale", type=float, default=1.0, help="less than 1: shorter and rougher")
    parser.add_argument(
        "--first",
        action="store_true",
        help="on a busy machine: the window that is scrolled goes before all other work (Linux, root)",
    )
    given = parser.parse_args(arguments)
    library = given.library or ROOT / "build" / "benchmarks" / f"library-{given.rows}"
    figures: list[Figure] = []
    missing: list[tuple[str, str]] = []
    described = machine()
    with contextlib.ExitStack() as stack:
        for name in given.only or NAMES:
            scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix=f"bench-{name}-"))
            setting = Setting(
                Path(scratch), library, given.rows, given.scale, goes_first=given.first
            )
            tell(f"measuring {name}")
            try:
                figures.extend(importlib.import_module(f"benchmarks.{name}").measure(setting))
            except (NotMeasured, ImportError) as error:
                missing.append((name, str(error)))
    print(" | ".join(f"{key} {value}" for key, value in described.items()))
    print(table(figures, missing))
    if given.json:
        document = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": described,
            "figures": [figure.to_json() for figure in figures],
            "not_measured": dict(missing),
        }
        given.json.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
