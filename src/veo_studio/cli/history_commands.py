"""`history` and `mark`: what was generated, and what its owner thinks of it."""

from __future__ import annotations

from typing import Annotated

import typer

from veo_studio.cli.running import Json, run_work
from veo_studio.cli.terminal import Output


def history(
    search: Annotated[str, typer.Option(help="Words of the prompt, model, caption or tags.")] = "",
    status: Annotated[str | None, typer.Option(help="Such as completed, failed, held.")] = None,
    favourites: Annotated[bool, typer.Option("--favourites", help="Only these.")] = False,
    tag: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="With this tag; again for one more.")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Of this model; again for others too.")
    ] = None,
    provider: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Of this one; again for others too.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="From this day on: 2026-11-20, today, 7d.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="Up to this day and with it.")
    ] = None,
    sort: Annotated[
        str,
        typer.Option(
            help="newest, oldest, longest, shortest, largest, best-rated, dearest or prompt."
        ),
    ] = "newest",
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=1_000_000)] = 20,
    json: Json = False,
) -> int:
    """What was generated, newest first."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import listing

        query = listing.query_of(
            search,
            status,
            is_favourite=favourites,
            tags=tag or (),
            models=model or (),
            providers=provider or (),
            since=since,
            until=until,
            sort=sort,
        )
        return await listing.history(query, limit, output)

    return run_work(work, output)


def mark(
    ids: Annotated[
        list[int],
        typer.Argument(metavar="ID...", help="Numbers from the history.", min=1, max=2**63 - 1),
    ],
    favourite: Annotated[
        bool | None, typer.Option("--favourite/--no-favourite", help="Keep it.")
    ] = None,
    reject: Annotated[
        bool | None, typer.Option("--reject/--no-reject", help="Put it aside.")
    ] = None,
    rating: Annotated[int | None, typer.Option(help="1 to 5; 0 takes it away.")] = None,
    tag: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="Add it; again for one more.")
    ] = None,
    untag: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="Take it away; again for one more.")
    ] = None,
    caption: Annotated[str | None, typer.Option(help="A line of your own; '' for none.")] = None,
    json: Json = False,
) -> int:
    """Favourites, ratings, tags and captions: what you think of clips."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import marking

        wish = marking.Wish(
            is_favourite=favourite,
            is_rejected=reject,
            rating=rating,
            tags=tuple(tag or ()),
            untags=tuple(untag or ()),
            caption=caption,
        )
        return await marking.mark(ids, wish, output)

    return run_work(work, output)
