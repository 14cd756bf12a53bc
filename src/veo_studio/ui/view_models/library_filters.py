"""The filters of the library in words: what can be chosen, what is on, and each one taken off again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from veo_studio.core.library_query import LibraryQuery, Sort
from veo_studio.core.models import ACTIVE_STATES, Charge, GenerationKind, GenerationState
from veo_studio.ui.text import charge_words, state_words, tr

_S = GenerationState

# what people think of as one state, in the order of the menu
STATE_GROUPS: tuple[tuple[str, frozenset[GenerationState]], ...] = (
    ("Ready", frozenset({_S.COMPLETED})),
    ("Waiting or running", frozenset(ACTIVE_STATES)),
    ("Needs attention", frozenset({_S.UNKNOWN, _S.HELD})),
    ("Failed", frozenset({_S.FAILED})),
    ("Cancelled", frozenset({_S.CANCELLED})),
)
KINDS = ((GenerationKind.VIDEO, "Clips"), (GenerationKind.IMAGE, "Pictures"))
SORTS = (
    (Sort.NEWEST, "Newest first"),
    (Sort.OLDEST, "Oldest first"),
    (Sort.LONGEST, "Longest first"),
    (Sort.SHORTEST, "Shortest first"),
    (Sort.LARGEST, "Largest first"),
    (Sort.BEST_RATED, "Best first"),
    (Sort.DEAREST, "Dearest first"),
    (Sort.PROMPT, "By prompt"),
)
# seconds, both ends counting
LENGTHS: tuple[tuple[float | None, float | None], ...] = (
    (None, 5.0),
    (5.0, 10.0),
    (10.0, 30.0),
    (30.0, None),
)


@dataclass(frozen=True)
class Chip:
    """One filter that is on; `without` is the query when it is taken off."""

    words: str
    without: LibraryQuery


def day_ranges(today: date) -> list[tuple[str, date]]:
    """The ranges up to now that have a name, each with its first day."""
    return [
        (tr("Today"), today),
        (tr("Last 7 days"), today - timedelta(days=6)),
        (tr("Last 30 days"), today - timedelta(days=29)),
        (tr("This year"), date(today.year, 1, 1)),
    ]


def day_words(day: date) -> str:
    return tr("{day} {month} {year}", day=day.day, month=_MONTHS[day.month - 1], year=day.year)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def range_words(since: date | None, until: date | None, today: date) -> str:
    """ "Last 7 days", "3 Oct 2026 - 5 Oct 2026", "Until 5 Oct 2026"."""
    if since is not None and until is None:
        named = next((words for words, first in day_ranges(today) if first == since), None)
        return named or tr("Since {day}", day=day_words(since))
    if until is not None and since is None:
        return tr("Until {day}", day=day_words(until))
    assert since is not None
    assert until is not None
    if since == until:
        return day_words(since)
    return f"{day_words(since)} \u2013 {day_words(until)}"


def length_words(least_s: float | None, most_s: float | None) -> str:
    if least_s is None and most_s is not None:
        return tr("Up to {s} s", s=f"{most_s:g}")
    if most_s is None and least_s is not None:
        return tr("{s} s and longer", s=f"{least_s:g}")
    return tr("{least}\u2013{most} s", least=f"{least_s:g}", most=f"{most_s:g}")


def rating_words(least: int) -> str:
    stars = "\u2605" * least
    return stars if least == 5 else tr("{stars} and better", stars=stars)


def toggled(query: LibraryQuery, name: str, value: object, is_on: bool) -> LibraryQuery:
    """`value` in or out of the set `name` of the query."""
    now: frozenset[object] = getattr(query, name)
    changes: dict[str, object] = {name: now | {value} if is_on else now - {value}}
    return replace(query, **changes)  # type: ignore[arg-type]


def with_states(
    query: LibraryQuery, states: frozenset[GenerationState], is_on: bool
) -> LibraryQuery:
    return replace(query, states=query.states | states if is_on else query.states - states)


def cleared(query: LibraryQuery) -> LibraryQuery:
    """Without text and filters, in the same place and order."""
    return LibraryQuery(collection_id=query.collection_id, sort=query.sort)


def filter_count(query: LibraryQuery) -> int:
    return sum(1 for _ in chips(query, str, str, date.today()))


def chips(
    query: LibraryQuery,
    model_name: Callable[[str], str],
    provider_name: Callable[[str], str],
    today: date,
) -> Iterator[Chip]:
    """Every filter that is on, apart from the text and the collection."""
    left = query.states
    for words, states in STATE_GROUPS:
        if states <= left:
            left -= states
            yield Chip(tr(words), with_states(query, states, False))
    for state in sorted(left, key=list(GenerationState).index):
        words = state_words(state)
        yield Chip(words[:1].upper() + words[1:], with_states(query, frozenset({state}), False))
    for kind, words in KINDS:
        if kind in query.kinds:
            yield Chip(tr(words), toggled(query, "kinds", kind, False))
    for name, words_of in (("models", model_name), ("providers", provider_name), ("aspects", str)):
        for value in sorted(getattr(query, name)):
            yield Chip(words_of(value), toggled(query, name, value, False))
    if query.since is not None or query.until is not None:
        words = range_words(query.since, query.until, today)
        yield Chip(words, replace(query, since=None, until=None))
    if query.least_s is not None or query.most_s is not None:
        words = length_words(query.least_s, query.most_s)
        yield Chip(words, replace(query, least_s=None, most_s=None))
    if query.favourites:
        yield Chip(tr("Favourites"), replace(query, favourites=False))
    if query.published is not None:
        words = tr("Published") if query.published else tr("Drafts")
        yield Chip(words, replace(query, published=None))
    if query.rejected is not None:
        words = tr("Rejected") if query.rejected else tr("Without rejected")
        yield Chip(words, replace(query, rejected=None))
    if query.least_rating:
        yield Chip(rating_words(query.least_rating), replace(query, least_rating=0))
    for tag in sorted(query.tags):
        yield Chip(f"#{tag}", toggled(query, "tags", tag, False))
    for charge in Charge:
        if charge in query.charges:
            words = charge_words(charge)
            without = toggled(query, "charges", charge, False)
            yield Chip(words[:1].upper() + words[1:], without)
