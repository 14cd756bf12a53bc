"""What `batch` prints: the table of a dry run, sentences about rows and ends, and the JSON document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from rich.table import Table
from rich.text import Text

from veo_studio.cli import words
from veo_studio.cli.listing import shortened, table_of
from veo_studio.cli.terminal import ExitCode, Output, plain
from veo_studio.core.batch import Batch, BatchTotal
from veo_studio.core.batch_results import BatchRun
from veo_studio.core.batch_rows import CheckedRow
from veo_studio.core.errors import BudgetError, QueuePaused
from veo_studio.core.json_view import generation_json, moment
from veo_studio.core.models import ACTIVE_STATES, Generation, GenerationState

_S = GenerationState
LIMITS = (BudgetError, QueuePaused)
# the rest is in the document, and the first ones say what kind of mistake it is
_MOST_PROBLEMS = 20


def table(checked: Batch) -> Table:
    """A line per row: what will be made, and what it costs."""
    made = table_of("row", "prompt", "model", "clip", "clips", "price")
    for row in checked.rows:
        prompt = shortened(row.cells.get("prompt", ""), 50)
        if row.problems:
            cells = (str(row.number), prompt, "", row.problems[0].sentence, "0", "")
        else:
            assert row.model is not None
            cells = (
                str(row.number),
                prompt,
                row.model.id,
                clip_words(row),
                str(row.count * row.config.samples),
                row_price(row),
            )
        made.add_row(*(Text(plain(cell)) for cell in cells))
    return made


def clip_words(row: CheckedRow) -> str:
    """`8 s 720p 16:9`; a picture has no length."""
    config = row.config
    length = f"{config.duration_s} s " if config.duration_s else ""
    return f"{length}{config.resolution} {config.aspect_ratio}"


def row_price(row: CheckedRow) -> str:
    if row.cost_usd is None:
        return "unknown"
    return f"${row.cost_usd:.2f}" if row.tokens or row.cost_usd else "free"


def total_words(total: BatchTotal) -> str:
    """`12 clips of 10 rows: 120 tokens and about $6.72.`"""
    clips = "1 clip" if total.clips == 1 else f"{total.clips:,} clips"
    rows = total.rows - total.rows_with_problems
    of = "1 row" if rows == 1 else f"{rows:,} rows"
    price = "free" if total.is_free else price_words(total)
    return f"{clips} of {of}: {price}."


def price_words(total: BatchTotal) -> str:
    """`120 tokens and about $6.72`, and what of it is not known."""
    words_ = f"{total.tokens:,} tokens and about ${total.cost_usd:,.2f}"
    if total.unknown:
        words_ += f", and what {' and '.join(total.unknown)} takes, which is not known"
    return words_


def problems(checked: Batch, output: Output, *, is_document: bool = True) -> int:
    """Every row that is wrong, in a sentence each; code 2 where there are some."""
    bad = [row for row in checked.rows if row.problems]
    if not bad:
        return ExitCode.DONE
    lines = [
        f"Row {row.number}{f', {one.column}' if one.column else ''}: {one.sentence}"
        for row in bad
        for one in row.problems
    ]
    for line in lines[:_MOST_PROBLEMS]:
        output.say(line)
    if len(lines) > _MOST_PROBLEMS:
        output.say(f"... and {len(lines) - _MOST_PROBLEMS:,} more.")
    rows = "1 row has" if len(bad) == 1 else f"{len(bad):,} rows have"
    output.say(f"{rows} mistakes, so nothing was sent and nothing was charged.")
    if is_document and output.is_json:
        output.json(document(checked, None, {}))
    return ExitCode.BAD_INPUT


def say_earlier(
    run: BatchRun, output: Output, *, is_dry_run: bool = False, is_again: bool = False
) -> None:
    """The same file a second time is noticed, and nothing is paid twice."""
    started = f"{run.started_at.astimezone():%Y-%m-%d %H:%M}"
    made = len(run.keyed)
    if is_again:
        output.say(
            f"This file was started before, on {started}, and is not at its end: {made:,} "
            f"generation{'s' if made > 1 else ''}. Going on with it; --again starts another one "
            "when it has ended."
        )
        return
    follows = "" if is_dry_run else "Following them; nothing is sent a second time. "
    output.say(
        f"This file was started before, on {started}: {made:,} generation{'s' if made > 1 else ''}. "
        f"{follows}Add --again to make all of it once more."
    )


def say_ends(run: BatchRun, output: Output, *, is_interrupted: bool) -> None:
    """What has no clip and why, then how many have."""
    generations = run.generations
    if is_interrupted:
        waiting = sum(one.state is _S.PENDING for one in generations)
        running = sum(one.state in ACTIVE_STATES for one in generations) - waiting
        output.say(
            f"Interrupted: {running:,} are with the provider and {waiting:,} wait in the queue. "
            "The same command goes on with them, and so does the window; "
            "`veo-studio cancel ID` ends one."
        )
    else:
        for number, made in run.by_row().items():
            for generation in made:
                if generation.state is not _S.COMPLETED:
                    output.say(f"Row {number}: {words.outcome_sentence(generation)}")
    ready = sum(one.state is _S.COMPLETED for one in generations)
    output.say(f"{ready:,} of {len(generations):,} are ready.")


def paths(run: BatchRun, further: Mapping[int, Sequence[Generation]], output: Output) -> None:
    """The files on stdout, in the order of the rows."""
    for made in run.by_row().values():
        for first in made:
            for one in (first, *further.get(first.id, ())):
                if one.has_file and one.video_path is not None:
                    output.path(one.video_path)


def document(
    checked: Batch, run: BatchRun | None, further: Mapping[int, Sequence[Generation]]
) -> dict[str, Any]:
    """The one JSON document of a batch; `batch` is null where nothing was started.

    Of a batch that was started everything is as it was stored: prices may be other ones since.
    """
    if run is not None:
        return _document_of_run(checked, run, further)
    total = checked.total
    return {
        "batch": None,
        "started_at": None,
        "clips": total.clips,
        "tokens": total.tokens,
        "price_usd": None if total.price_usd is None else float(total.price_usd),
        "unknown_prices": list(total.unknown),
        "rows": [_row(row) for row in checked.rows],
    }


def _document_of_run(
    checked: Batch, run: BatchRun, further: Mapping[int, Sequence[Generation]]
) -> dict[str, Any]:
    made = run.by_row()
    price = _price(run.generations)
    unknown = dict.fromkeys(one.model for one in run.generations if one.price_usd is None)
    return {
        "batch": f"{checked.digest}.{run.number}",
        "started_at": moment(run.started_at),
        "clips": _clips(run.generations),
        "tokens": sum(one.tokens for one in run.generations),
        "price_usd": None if price is None else float(price),
        "unknown_prices": list(unknown),
        "rows": [_row(row, made.get(row.number, ()), further) for row in checked.rows],
    }


def _row(
    row: CheckedRow,
    made: Sequence[Generation] = (),
    further: Mapping[int, Sequence[Generation]] | None = None,
) -> dict[str, Any]:
    first = made[0] if made else None
    config = first.config if first else None if row.problems else row.config
    price = _price(made) if made else row.cost_usd
    named = (row.model.provider, row.model.id) if row.model else (None, None)
    provider, model = (first.provider, first.model) if first else named
    return {
        "row": row.number,
        "prompt": row.cells.get("prompt", ""),
        "provider": provider,
        "model": model,
        "config": None if config is None else replace(config, inputs=()).to_json(),
        "clips": _clips(made) if made else row.count * row.config.samples,
        "tokens": sum(one.tokens for one in made) if made else row.tokens,
        "price_usd": None if price is None else float(price),
        "errors": [{"column": one.column or None, "error": one.sentence} for one in row.problems],
        "generations": [
            generation_json(one)
            for begun in made
            for one in (begun, *(further or {}).get(begun.id, ()))
        ],
    }


def _clips(generations: Sequence[Generation]) -> int:
    return sum(one.config.samples for one in generations)


def _price(generations: Sequence[Generation]) -> Decimal | None:
    """None where one of them is not known."""
    prices = [one.price_usd for one in generations if one.price_usd is not None]
    return sum(prices, Decimal(0)) if len(prices) == len(generations) else None
