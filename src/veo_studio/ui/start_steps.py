"""What each step of the start needs, imported and read while the step before is on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from veo_studio.core.catalog import Catalog
    from veo_studio.core.models import Generation
    from veo_studio.core.paths import Paths


def first_clips(
    paths: Paths, names: Mapping[str, str]
) -> tuple[list[Generation], Mapping[str, str]]:
    """The newest rows, and how their models are called; in a thread, with the modules that show them.

    `names` are those of the last time. The catalogue, which takes as long as all the rest, is only read
    where one is missing.
    """
    from veo_studio.core.store.early import newest
    from veo_studio.ui.view_models import library_model
    from veo_studio.ui.views import history  # noqa: F401

    rows = newest(paths.database, library_model.FIRST_ROWS)
    if not names.keys() >= {one.model for one in rows}:
        from veo_studio.core.catalog import Catalog

        names = names_in(Catalog.load(paths.user_catalog))
    return rows, names


def rest_of_the_window(paths: Paths) -> Catalog:
    """The models, in a thread with the modules of the whole window."""
    from veo_studio.core.catalog import Catalog
    from veo_studio.ui import window_building  # noqa: F401

    return Catalog.load(paths.user_catalog)


def names_in(catalog: Catalog) -> dict[str, str]:
    return {model.id: model.name for model in catalog.models}


async def turns(count: int) -> None:
    """Let the loop come round: what is to be painted is painted."""
    for _ in range(count):
        await asyncio.sleep(0)
