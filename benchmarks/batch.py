"""A batch of 1,000 rows: how long it takes until every row is checked and priced."""

from __future__ import annotations

import csv
import time
from pathlib import Path

from benchmarks.report import Figure
from benchmarks.setting import Setting
from veo_studio.core.batch import Batch, check_file
from veo_studio.core.batch_file import read_batch
from veo_studio.core.batch_rows import BatchDefaults, RowChecker
from veo_studio.core.catalog import Catalog
from veo_studio.core.models import InputMode

_ROWS = 1000


def measure(setting: Setting) -> list[Figure]:
    path = setting.scratch / "batch.csv"
    catalog = Catalog.load()
    _write(path, catalog)
    times = []
    for _ in range(setting.times(9, least=3)):
        started = time.perf_counter()
        batch = _checked(path, catalog)
        total = batch.total
        times.append(time.perf_counter() - started)
    times.sort()
    return [
        Figure(
            "batch of 1,000 rows checked and priced",
            times[len(times) // 2],
            1.0,
            "s",
            detail=f"median of {len(times)}, slowest {times[-1]:.2f} s; {total.clips:,} clips of "
            f"{len(catalog.models)} models for ${total.cost_usd:,.2f}, "
            f"{total.rows_with_problems} rows with mistakes",
        )
    ]


def _write(path: Path, catalog: Catalog) -> None:
    """Every model in turns, each row with settings of its own, one in ten with a mistake."""
    models = [model for model in catalog.models if InputMode.TEXT in model.capabilities.modes]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("prompt", "model", "provider", "aspect_ratio", "resolution", "duration"))
        for number in range(_ROWS):
            model = models[number % len(models)]
            able = model.capabilities.in_mode(InputMode.TEXT)
            ratio = able.aspect_ratios[number % len(able.aspect_ratios)]
            size = able.resolutions[number % len(able.resolutions)]
            seconds = 99 if number % 10 == 9 else ""
            prompt = f"A red kite over the dunes, take {number}, slow push in at golden hour"
            writer.writerow((prompt, model.id, model.provider, ratio, size, seconds))


def _checked(path: Path, catalog: Catalog) -> Batch:
    file = read_batch(path)
    defaults = BatchDefaults(catalog.default_model(frozenset(catalog.providers)))
    return check_file(file, RowChecker(catalog, defaults, path.parent, lambda _name: None))
