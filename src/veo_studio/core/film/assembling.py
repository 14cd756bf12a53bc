"""From a storyboard with its chosen takes to a film."""

from __future__ import annotations

from collections.abc import Mapping

from veo_studio.core.film.models import Film, FilmFormat
from veo_studio.core.models import Generation
from veo_studio.core.storyboard.models import Storyboard


def film_of(
    board: Storyboard, takes: Mapping[str, Generation]
) -> tuple[Film, tuple[str, ...]]:  # fmt: skip
    """The film of the scenes in their order, and a sentence for each scene that is not in it.

    `takes` holds by scene uuid what stands for a scene: its chosen take, or its rehearsal where it has none.
    Raises ValueError with a sentence where nothing is left. Looks at no file: `FilmMaker.plan` does.
    """
    raise NotImplementedError


def format_of(board: Storyboard) -> FilmFormat:
    """H.264, with titles and subtitles as the scenario wants them."""
    scenario = board.scenario
    return FilmFormat(
        burns_titles=scenario.has_burnt_titles, burns_subtitles=scenario.has_burnt_subtitles
    )
