"""`mark`: favourites, ratings, tags and captions from a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from veo_studio.cli.bad_input import BadInput, check_words, checking_input
from veo_studio.cli.opening import open_database, open_workplace
from veo_studio.cli.terminal import ExitCode, Output
from veo_studio.core.json_view import generation_json
from veo_studio.core.library_query import MAX_RATING, clean_tags
from veo_studio.core.models import Generation
from veo_studio.core.store.library import LibraryRepository


@dataclass(frozen=True)
class Wish:
    """What to change; None and empty leave it as it is."""

    is_favourite: bool | None = None
    is_rejected: bool | None = None
    rating: int | None = None
    tags: tuple[str, ...] = ()
    untags: tuple[str, ...] = ()
    caption: str | None = None


async def mark(ids: Sequence[int], wish: Wish, output: Output) -> int:
    """All of these clips. Raises BadInput before anything is changed."""
    _check(wish)
    async with open_database(open_workplace()) as database:
        library = LibraryRepository(database)
        ids = list(dict.fromkeys(ids))
        known = {one.id for one in await library.by_ids(ids)}
        if missing := [number for number in ids if number not in known]:
            raise BadInput(f"There is no generation {missing[0]}.")
        try:
            # what may be too many comes first: then nothing else was changed
            if wish.untags or wish.tags:
                await library.change_tags(ids, wish.tags, wish.untags)
        except ValueError as error:
            raise BadInput(str(error)) from error
        if wish.is_favourite is not None:
            await library.set_favourite(ids, wish.is_favourite)
        if wish.is_rejected is not None:
            await library.set_rejected(ids, wish.is_rejected)
        if wish.rating is not None:
            await library.set_rating(ids, wish.rating)
        if wish.caption is not None:
            for number in ids:
                await library.set_caption(number, wish.caption)
        found = await library.by_ids(ids)
    if output.is_json:
        output.json([generation_json(one) for one in found])
    else:
        for one in found:
            output.text(f"{one.id}: {words_of(one)}")
    return ExitCode.DONE


def _check(wish: Wish) -> None:
    if wish == Wish():
        raise BadInput("Say what to change, such as --favourite, --rating 4 or --tag night.")
    if wish.is_favourite and wish.is_rejected:
        raise BadInput("A clip is a favourite or rejected, not both.")
    if wish.rating is not None and not 0 <= wish.rating <= MAX_RATING:
        raise BadInput(f"A rating is a whole number from 0 to {MAX_RATING}.")
    check_words("--tag", *wish.tags)
    check_words("--untag", *wish.untags)
    check_words("--caption", wish.caption or "")
    with checking_input():
        clean_tags(wish.tags + wish.untags)


def words_of(generation: Generation) -> str:
    """The marks of one clip in a line."""
    parts = []
    if generation.favourite:
        parts.append("favourite")
    if generation.rejected:
        parts.append("rejected")
    if generation.rating:
        parts.append(f"{generation.rating} of {MAX_RATING}")
    if generation.tags:
        parts.append(f"tags {', '.join(generation.tags)}")
    if generation.caption:
        parts.append(f'caption "{" ".join(generation.caption.split())}"')
    return "; ".join(parts) or "no marks"
