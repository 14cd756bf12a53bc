"""The menu of the library's filters: only what there is, with what is on checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QWidget

from veo_studio.core.library_query import Facets, LibraryQuery
from veo_studio.core.models import Charge, GenerationState
from veo_studio.ui.text import charge_words, tr
from veo_studio.ui.view_models.library_filters import (
    KINDS,
    LENGTHS,
    STATE_GROUPS,
    day_ranges,
    length_words,
    rating_words,
    toggled,
    with_states,
)
from veo_studio.ui.views.stay_menu import StayMenu

# more tags than this are found in the sidebar
_MOST_TAGS = 24


class LibraryFilterMenu(StayMenu):
    """Filled whenever it opens; `set_query` is called with every change."""

    def __init__(
        self,
        parent: QWidget,
        *,
        query: Callable[[], LibraryQuery],
        set_query: Callable[[LibraryQuery], object],
        facets: Callable[[], Facets],
        model_name: Callable[[str], str],
        provider_name: Callable[[str], str],
        ask_days: Callable[[], object],
        ask_length: Callable[[], object],
    ) -> None:
        super().__init__(parent)
        self._query = query
        self._set_query = set_query
        self._facets = facets
        self._model_name = model_name
        self._provider_name = provider_name
        self._ask_days = ask_days
        self._ask_length = ask_length
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """As things are now."""
        self.clear()
        for menu in self.findChildren(StayMenu):
            menu.deleteLater()
        query, facets = self._query(), self._facets()
        self.add_lettered(
            tr("&Favourites"), query.favourites, partial(self._one, "favourites", True, False)
        )
        for words, value in ((tr("&Without rejected"), False), (tr("&Only rejected"), True)):
            self.add_lettered(
                words,
                query.rejected is value,
                partial(self._one, "rejected", value, None),
            )
        _only_one(self, self.actions()[1:])
        self.addSeparator()
        published = [
            self.add_lettered(
                words, query.published is value, partial(self._one, "published", value, None)
            )
            for words, value in ((tr("&Published"), True), (tr("Dr&afts"), False))
        ]
        _only_one(self, published)
        self.addSeparator()
        self._fill_states(query)
        kinds = self._sub(tr("&Kind"))
        for kind, words in KINDS:
            kinds.add_check(
                tr(words),
                kind in query.kinds,
                partial(self._toggle, "kinds", kind),
            )
        self._fill_counted(tr("&Model"), "models", facets.models, self._model_name)
        self._fill_counted(tr("Ser&vice"), "providers", facets.providers, self._provider_name)
        self._fill_counted(tr("S&hape"), "aspects", facets.aspects, str)
        self._fill_ranges(query)
        self._fill_rating(query)
        self._fill_counted(tr("&Tag"), "tags", facets.tags[:_MOST_TAGS], str)
        charges = self._sub(tr("&Charge"))
        for charge in Charge:
            words = charge_words(charge)
            charges.add_check(
                words[:1].upper() + words[1:],
                charge in query.charges,
                partial(self._toggle, "charges", charge),
            )

    def _sub(self, words: str) -> StayMenu:
        menu = StayMenu(words, self)
        self.addMenu(menu)
        return menu

    def _fill_states(self, query: LibraryQuery) -> None:
        menu = self._sub(tr("&State"))
        for words, states in STATE_GROUPS:
            menu.add_check(
                tr(words),
                states <= query.states,
                partial(self._states, states),
            )

    def _fill_counted(
        self,
        words: str,
        name: str,
        found: Iterable[tuple[str, int]],
        words_of: Callable[[str], str],
    ) -> None:
        """What is chosen stays in the menu, also where nothing has it any more."""
        counts = dict(found)
        chosen: frozenset[str] = getattr(self._query(), name)
        values = [*counts, *sorted(chosen - counts.keys())]
        if not values:
            return
        menu = self._sub(words)
        for value in values:
            action = menu.add_check(
                words_of(value),
                value in chosen,
                partial(self._toggle, name, value),
            )
            _with_count(action, counts.get(value, 0))

    def _fill_ranges(self, query: LibraryQuery) -> None:
        days = self._sub(tr("&Date"))
        for words, first in day_ranges(date.today()):
            days.add_check(
                words,
                query.until is None and query.since == first,
                partial(self._days, first),
            )
        _only_one(days, days.actions())
        _ask(days, tr("&From \u2026 to \u2026"), self._ask_days)
        lengths = self._sub(tr("&Length"))
        for least, most in LENGTHS:
            lengths.add_check(
                length_words(least, most),
                (query.least_s, query.most_s) == (least, most),
                partial(self._length, least, most),
            )
        _only_one(lengths, lengths.actions())
        _ask(lengths, tr("&From \u2026 to \u2026"), self._ask_length)

    def _fill_rating(self, query: LibraryQuery) -> None:
        menu = self._sub(tr("&Rating"))
        for least in range(5, 0, -1):
            menu.add_check(
                rating_words(least),
                query.least_rating == least,
                partial(self._one, "least_rating", least, 0),
            )
        _only_one(menu, menu.actions())

    # changes

    def _set(self, query: LibraryQuery) -> None:
        self._set_query(query)

    def _put(self, **changes: Any) -> None:
        self._set(replace(self._query(), **changes))

    def _one(self, name: str, value: object, other: object, is_on: bool) -> None:
        self._put(**{name: value if is_on else other})

    def _states(self, states: frozenset[GenerationState], is_on: bool) -> None:
        self._set(with_states(self._query(), states, is_on))

    def _days(self, first: date, is_on: bool) -> None:
        self._put(since=first if is_on else None, until=None)

    def _length(self, least: float | None, most: float | None, is_on: bool) -> None:
        self._put(least_s=least if is_on else None, most_s=most if is_on else None)

    def _toggle(self, name: str, value: object, is_on: bool) -> None:
        self._set(toggled(self._query(), name, value, is_on))


def _only_one(menu: StayMenu, actions: Iterable[QAction]) -> None:
    """One of these at most."""
    group = QActionGroup(menu)
    group.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
    for action in actions:
        group.addAction(action)


def _with_count(action: QAction, count: int) -> None:
    if count:
        action.setText(f"{action.text()}\t{count:,}".replace(",", "\u202f"))


def _ask(menu: StayMenu, words: str, ask: Callable[[], object]) -> None:
    menu.addSeparator()
    action = QAction(words, menu)
    action.triggered.connect(lambda _checked=False: ask())
    menu.addAction(action)
