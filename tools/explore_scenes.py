"""The Explore tab: published clips, one of them playing, and the viewer over them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from veo_studio.app import Program
from veo_studio.core.models import Generation
from veo_studio.core.publishing.models import PublishWish

_LIMIT_S = 240.0
_COUNT = 30
_CAPTIONS = (
    (
        "First light over the harbour. Three takes, this is the one that stayed.",
        ("harbour", "dawn"),
    ),
    ("What a paper boat dreams of", ("paper", "loop")),
    ("Snow day", ()),
    (
        "A test of long captions: they wrap once, and what does not fit any more ends in dots, so that "
        "every card of the feed has the same height and nothing jumps while it is scrolled",
        ("test", "typography", "colour", "night", "for Anna", "establishing"),
    ),
    ("", ("b-roll",)),
)


async def explore(program: Program) -> None:
    """A feed of thirty, the first one playing."""
    await _open(program)
    view = program.window.exploring.view
    await _until(lambda: view.list.card.is_playing)
    await asyncio.sleep(1.5)


async def viewer(program: Program) -> None:
    """The second one, with sound."""
    await _open(program)
    view = program.window.exploring.view
    view.list.opened.emit(view.model.index(1, 0))
    await _until(lambda: program.window.player.picture() is not None)
    await asyncio.sleep(1.5)


async def empty(program: Program) -> None:
    """Nothing is published."""
    program.window.beginning.end()
    program.window.pages.show("explore")
    view = program.window.exploring.view
    await _until(lambda: view.empty.isVisible())


async def _open(program: Program) -> None:
    assert program.studio is not None
    clips = [one for one in await _clips(program) if one.has_file][:_COUNT]
    for number, one in enumerate(reversed(clips)):
        caption, tags = _CAPTIONS[number % len(_CAPTIONS)]
        wish = PublishWish(one.id, caption=caption, tags=tags, cover_at_s=0.5)
        await program.studio.publishing.publish([wish])
    program.window.pages.show("explore")
    view = program.window.exploring.view
    model = view.model

    def is_there(row: int) -> bool:
        one = model.generation(model.index(row, 0))
        return one is not None and model.pixmap_of(one) is not None

    await _until(lambda: model.rowCount() == len(clips) and not model.is_loading)
    view.set_plays(True)
    # as many cards in sight as in the largest picture
    program.window.resize(1920, 1080)
    await asyncio.sleep(1.0)  # laid out, and asked for
    await _until(lambda: all(is_there(row) for row in view.list.rows_in_sight()))


async def _clips(program: Program) -> list[Generation]:
    assert program.studio is not None
    page = await program.studio.generations.page(limit=120)
    return [one for one in page if one.has_file and one.video_path and one.video_path.is_file()]


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(_LIMIT_S):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
