"""Fill a data folder with a believable library: `demo_library.py COUNT FOLDER`.

FOLDER is laid out as VEO_STUDIO_HOME lays it out. Two years of generations in every state that waits
for nobody or for the user, with a wallet that adds up. The newest 300 completed ones have real clips,
drawn by the rehearsal renderer (a few distinct ones, copied); older completed rows name a file in the
outputs folder that is not there. Benchmarks, screenshots and scale tests all use it.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

# `python tools/demo_library.py` looks for modules beside itself
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.demo_marks import MarkWriter
from tools.demo_plans import WITH_CLIPS, Clip, Plan, make_plans
from tools.demo_rows import model_of, moves_of, row_of
from tools.demo_words import SHOTS
from veo_studio.core import media
from veo_studio.core.catalog import Catalog
from veo_studio.core.errors import StudioError
from veo_studio.core.file_names import file_name
from veo_studio.core.models import GenerationState, VideoConfig
from veo_studio.core.paths import Paths
from veo_studio.core.providers.rehearsal.spec import RenderSpec, frame_size
from veo_studio.core.providers.rehearsal.worker import RenderProcess
from veo_studio.core.store import books, ledger
from veo_studio.core.store.database import Database
from veo_studio.core.store.tables import generations, state_changes, wallet_entries

_S = GenerationState

SEED = 2026
NEWEST_AT = datetime(2026, 11, 20, 17, 42, tzinfo=UTC)
SPAN = timedelta(days=730)
DISTINCT_CLIPS = 18
_TOP_UP_TOKENS = 200
_LOWEST_BALANCE_TOKENS = 90
_CHUNK = 5_000


@dataclass(frozen=True)
class Filled:
    """What was put into the folder."""

    generations: int
    clips: int
    balance_tokens: int
    rows_s: float
    """Seconds for the rows alone, without drawing and copying clips."""


def fill(
    home: Path,
    count: int,
    *,
    with_clips: int = WITH_CLIPS,
    distinct: int = DISTINCT_CLIPS,
    seed: int = SEED,
    newest_at: datetime = NEWEST_AT,
    tell: Callable[[str], None] = lambda _words: None,
) -> Filled:
    """Put `count` generations below `home`; the same arguments make the same library.

    Raises ValueError for a bad number or a library that already holds generations, StudioError for a
    folder that cannot be used.
    """
    if count < 1:
        raise ValueError("COUNT must be 1 or more.")
    paths = Paths.below(home)
    paths.ensure()
    database = Database.open(paths.database)
    try:
        database.acquire_scheduler()
        if database.write_now(_rows_in) > 0:
            raise ValueError(f"{paths.database} already holds generations; name an empty folder.")
        draw = random.Random(seed)
        moments = _moments(draw, count, newest_at)
        with tempfile.TemporaryDirectory(dir=paths.cache) as folder:
            clips: list[Clip] = []
            if with_clips and distinct:
                tell(f"drawing {min(distinct, len(SHOTS), with_clips, count)} clips")
                clips = _draw_clips(Path(folder), min(distinct, with_clips, count))
            plans = list(make_plans(draw, moments, clips, with_clips))
            tell(f"copying {sum(plan.clip is not None for plan in plans)} clips")
            names = _names(paths.outputs, plans)
            for plan in plans:
                if plan.clip is not None:
                    shutil.copyfile(plan.clip.path, names[plan.id])
        tell(f"writing {count} rows")
        started = time.monotonic()
        catalog = Catalog.load()
        balance = database.write_now(
            lambda connection: _write(connection, draw, plans, names, catalog, seed, tell)
        )
        return Filled(
            generations=count,
            clips=sum(plan.clip is not None for plan in plans),
            balance_tokens=balance,
            rows_s=time.monotonic() - started,
        )
    finally:
        database.close()


def _rows_in(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(generations)).scalar_one()


def _moments(draw: random.Random, count: int, newest_at: datetime) -> list[datetime]:
    """Working days with busier last months, oldest first; the last one is `newest_at`."""
    day = timedelta(days=1)
    found: list[datetime] = []
    while len(found) < count - 1:
        # the square root makes recent days busier
        back = SPAN * (1 - draw.random() ** 0.5)
        noon = (newest_at - back).replace(hour=0, minute=0, second=0, microsecond=0)
        if noon.weekday() >= 5 and draw.random() < 0.6:
            continue
        at = noon + day * min(max(draw.gauss(0.62, 0.14), 0.02), 0.99)
        if newest_at - SPAN <= at < newest_at:
            found.append(at)
    return [*sorted(found), newest_at]


def _draw_clips(folder: Path, distinct: int) -> list[Clip]:
    def one(number: int) -> Clip:
        prompt, aspect, seconds = SHOTS[number]
        # every third one as if a service had made it, at a size that the service sells
        is_paid = number % 3 == 1 and aspect in ("16:9", "9:16")
        config = VideoConfig(
            aspect_ratio=aspect,
            duration_s=max(3, seconds) if is_paid else seconds,
            resolution="360p" if is_paid else "480p",
            seed=1_000 + 37 * number,
            enable_audio=None if is_paid else True,
        )
        width, height = frame_size(config.aspect_ratio, config.resolution)
        path = folder / f"{number}.mp4"
        spec = RenderSpec(
            prompt, config.seed or 0, width, height, config.duration_s, has_audio=True
        )
        rendered = RenderProcess(spec, path).run()
        assert rendered is not None, "nobody cancels it"
        return Clip(
            prompt,
            "gemini" if is_paid else "rehearsal",
            config,
            path,
            rendered.size_bytes,
            rendered.sha256,
            media.probe(path),
        )

    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        return list(threads.map(one, range(min(distinct, len(SHOTS)))))


def _names(outputs: Path, plans: Sequence[Plan]) -> dict[int, Path]:
    """Every completed row's own file name."""
    taken: set[str] = set()
    names: dict[int, Path] = {}
    for plan in plans:
        if plan.state is not _S.COMPLETED:
            continue
        name = file_name(plan.prompt, plan.at)
        number = 2
        while name.casefold() in taken:
            stem = Path(file_name(plan.prompt, plan.at)).stem
            name = f"{stem}_{number}.mp4"
            number += 1
        taken.add(name.casefold())
        names[plan.id] = outputs / name
    return names


def _write(
    connection: Connection,
    draw: random.Random,
    plans: Sequence[Plan],
    names: Mapping[int, Path],
    catalog: Catalog,
    seed: int,
    tell: Callable[[str], None],
) -> int:
    """All rows in one transaction; returns the balance."""
    wallet = _WalletWriter(connection)
    marks = MarkWriter(seed)
    rows: list[dict[str, Any]] = []
    moves: list[dict[str, Any]] = []
    ordered = sorted(plans, key=lambda plan: plan.id)
    for plan in ordered:
        model = model_of(catalog, plan)
        row = row_of(draw, plan, model, names.get(plan.id))
        rows.append(row)
        if plan.id > len(ordered) - WITH_CLIPS:
            moves.extend(moves_of(plan, row))
        is_refunded = row["tokens"] >= 0 and (plan.state is _S.FAILED or not plan.is_sent)
        wallet.charge(plan, row, is_refunded)
        marks.mark(row)
        if len(rows) == _CHUNK:
            _flush(connection, rows, moves, wallet, marks)
            tell(f"{plan.id} of {len(ordered)} rows")
    _flush(connection, rows, moves, wallet, marks)
    if problems := books.audit(connection):
        raise SystemExit(f"The demo library contradicts itself: {problems}")
    return ledger.balance(connection)


def _flush(
    connection: Connection,
    rows: list[dict[str, Any]],
    moves: list[dict[str, Any]],
    wallet: _WalletWriter,
    marks: MarkWriter,
) -> None:
    # in this order: the others point to generations
    for table, waiting in (
        (generations, rows),
        (state_changes, moves),
        (wallet_entries, wallet.entries),
    ):
        if waiting:
            connection.execute(table.insert(), waiting)
            waiting.clear()
    marks.flush(connection, NEWEST_AT)


class _WalletWriter:
    """Charges and refunds as the ledger would have written them, topped up before it runs dry."""

    def __init__(self, connection: Connection) -> None:
        self.entries: list[dict[str, Any]] = []
        self._balance = ledger.balance(connection)
        newest = connection.execute(select(func.max(wallet_entries.c.id))).scalar()
        self._next_id = int(newest or 0) + 1

    def charge(self, plan: Plan, row: Mapping[str, Any], is_refunded: bool) -> None:
        tokens = row["tokens"]
        if self._balance - tokens < _LOWEST_BALANCE_TOKENS:
            self._append("grant", _TOP_UP_TOKENS, plan.at, "topped up")
        cost = ledger.micros(row["price_usd"])
        charged = self._append(
            "charge", -tokens, plan.at, f"video {plan.id}", plan.id, cost_micros=-cost
        )
        if is_refunded:
            self._append(
                "refund", tokens, row["finished_at"], row["state_cause"], plan.id, charged,
                cost_micros=cost, booked_at=plan.at,
            )  # fmt: skip

    def _append(
        self,
        kind: str,
        tokens: int,
        at: datetime,
        cause: str,
        generation_id: int | None = None,
        refund_of: int | None = None,
        cost_micros: int = 0,
        booked_at: datetime | None = None,
    ) -> int:
        self._balance += tokens
        entry_id = self._next_id
        self._next_id += 1
        self.entries.append(
            {
                "id": entry_id,
                "kind": kind,
                "tokens": tokens,
                "balance_after": self._balance,
                "generation_id": generation_id,
                "refund_of": refund_of,
                "at": at,
                "cause": cause,
                "cost_micros": cost_micros,
                "booked_at": booked_at or at,
            }
        )
        return entry_id


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="demo_library.py",
        description="Fill a data folder (as VEO_STUDIO_HOME lays it out) with COUNT varied generations "
        "over two years. The newest completed ones have real clips, drawn once by the rehearsal "
        "renderer and copied; older completed rows name files in the outputs folder that do not exist.",
    )
    parser.add_argument("count", metavar="COUNT", type=int, help="how many generations")
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="an empty or a new folder")
    parser.add_argument(
        "--clips", type=int, default=WITH_CLIPS, help="how many get a real clip (%(default)s)"
    )
    parser.add_argument(
        "--distinct", type=int, default=DISTINCT_CLIPS,
        help=f"how many different clips are drawn, at most {len(SHOTS)} (%(default)s)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=SEED, help="another number, another library")
    parser.add_argument(
        "--newest", type=_moment, default=NEWEST_AT, metavar="DATE",
        help="when the newest one was made, as ISO date or time (%(default)s)",
    )  # fmt: skip
    given = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        filled = fill(
            given.folder,
            given.count,
            with_clips=given.clips,
            distinct=given.distinct,
            seed=given.seed,
            newest_at=given.newest,
            tell=lambda words: print(words, file=sys.stderr),
        )
    except (ValueError, StudioError) as error:
        print(error, file=sys.stderr)
        return 2
    print(
        f"{filled.generations} generations, {filled.clips} clips, {filled.balance_tokens} tokens "
        f"in {time.monotonic() - started:.1f} s (rows {filled.rows_s:.1f} s)"
    )
    return 0


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main())
