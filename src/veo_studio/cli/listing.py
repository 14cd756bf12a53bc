"""`history`, and tables of the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import TypeVar

from rich.table import Table
from rich.text import Text

from veo_studio.cli.bad_input import BadInput, check_words
from veo_studio.cli.opening import open_database, open_workplace
from veo_studio.cli.terminal import ExitCode, Output, plain
from veo_studio.cli.words import ago
from veo_studio.core.json_view import generation_json
from veo_studio.core.library_query import LibraryQuery, Sort
from veo_studio.core.models import Charge, Generation, GenerationKind, GenerationState
from veo_studio.core.store.library import LibraryRepository

_E = TypeVar("_E", bound=Enum)


def query_of(
    search: str = "",
    status: str | None = None,
    *,
    is_favourite: bool = False,
    tags: Iterable[str] = (),
    models: Iterable[str] = (),
    providers: Iterable[str] = (),
    since: str | None = None,
    until: str | None = None,
    sort: str = Sort.NEWEST.value,
) -> LibraryQuery:
    """What the options ask for. Raises BadInput for an unknown status, order or day, and for what is no text."""
    query = LibraryQuery(
        text=search,
        states=frozenset(() if status is None else (_one_of(GenerationState, status, "status"),)),
        models=frozenset(models),
        providers=frozenset(providers),
        tags=frozenset(tags),
        favourites=is_favourite,
        since=None if since is None else _day(since),
        until=None if until is None else _day(until),
        sort=_one_of(Sort, sort.replace("-", "_"), "order"),
    )
    for option, words in (
        ("--search", (search,)),
        ("--tag", query.tags),
        ("--model", query.models),
        ("--provider", query.providers),
    ):
        check_words(option, *words)
    if query.since and query.until and query.until < query.since:
        raise BadInput(f"{until} is before {since}.")
    return query


async def history(query: LibraryQuery, limit: int, output: Output) -> int:
    """What `query` shows, `limit` rows at most."""
    if limit < 1:
        raise BadInput("The limit must be 1 or more.")
    async with open_database(open_workplace()) as database:
        found = await LibraryRepository(database).first(query, limit)
    if output.is_json:
        output.json([generation_json(generation) for generation in found])
        return ExitCode.DONE
    if not found:
        output.say(
            "Nothing found." if not query.is_plain
            else 'Nothing was generated yet. Try: veo-studio generate "A paper boat in the rain"'
        )  # fmt: skip
        return ExitCode.DONE
    table = table_of("id", "state", "model", "size", "prompt", "age", "path")
    table.columns[0].justify = "right"
    table.columns[4].max_width = 50
    table.columns[6].overflow = "fold"
    for generation in found:
        table.add_row(
            *(
                Text(plain(cell))
                for cell in (
                    str(generation.id),
                    _state_words(generation),
                    generation.model,
                    _size_words(generation),
                    shortened(generation.prompt, 100),
                    ago(generation.created_at),
                    "" if generation.video_path is None else str(generation.video_path),
                )
            )
        )
    output.table(table)
    return ExitCode.DONE


def _one_of(known: type[_E], text: str, what: str) -> _E:
    try:
        return known(text.lower())
    except ValueError as error:
        names = ", ".join(str(one.value).replace("_", "-") for one in known)
        raise BadInput(f"There is no {what} {text!r}. Known: {names}.") from error


def _day(text: str) -> date:
    """`2026-11-20`, `today`, `yesterday`, or `7d` for so many days ago."""
    today = datetime.now(UTC).astimezone().date()
    if text in ("today", "yesterday"):
        return today - timedelta(days=text == "yesterday")
    try:
        if text.endswith("d"):
            return today - timedelta(days=int(text[:-1]))
        return date.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise BadInput(f"{text!r} is no day. Write it as 2026-11-20, today or 7d.") from error


def table_of(*columns: str) -> Table:
    """A plain table that folds long cells."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _state_words(generation: Generation) -> str:
    is_lost = generation.has_file and not _exists(generation)
    if is_lost:
        return "completed, file missing"
    if generation.state is GenerationState.FAILED and generation.charge is Charge.CHARGED:
        return "failed, charged" if generation.tokens or generation.price_usd else "failed"
    return generation.state.value


def _size_words(generation: Generation) -> str:
    """Seconds of a clip, pixels of a picture."""
    if generation.kind is not GenerationKind.IMAGE:
        return f"{generation.length_s or generation.config.duration_s:.0f} s"
    if generation.width_px and generation.height_px:
        return f"{generation.width_px} x {generation.height_px}"
    return generation.config.resolution


def _exists(generation: Generation) -> bool:
    return generation.video_path is not None and generation.video_path.exists()


def shortened(words: str, limit: int) -> str:
    """One line of at most `limit` characters."""
    line = " ".join(words.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
