"""The commands about publishing; `publishing.py` and `delivering.py` do the work."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from veo_studio.cli.running import Json, Yes, run_work
from veo_studio.cli.terminal import ExitCode, Output

_NUMBER: dict[str, Any] = {"min": 1, "max": 2**63 - 1}
Clips = Annotated[
    list[int],
    typer.Argument(
        metavar="ID...", help="Numbers of `veo-studio drafts`.", show_default=False, **_NUMBER
    ),
]
Number = Annotated[
    int,
    typer.Argument(
        metavar="ID", help="From `veo-studio deliveries`.", show_default=False, **_NUMBER
    ),
]
To = Annotated[
    list[str] | None,
    typer.Option("--to", metavar="TARGET", help="A target of `targets`; repeatable."),
]
Smaller = Annotated[
    bool,
    typer.Option("--smaller", help="A smaller copy where a target takes no file of that size."),
]
LinkOf = Annotated[
    str | None,
    typer.Option(
        "--link", metavar="STORE", help="Put it into this store and send a signed link to it."
    ),
]
Limit = Annotated[int, typer.Option(help="Rows at most.")]
NoWait = Annotated[
    bool, typer.Option("--no-wait", help="Leave the deliveries to an open window or to `deliveries run`.")
]  # fmt: skip

deliveries_app = typer.Typer(help="Where clips went, and what became of it.")
schedules_app = typer.Typer(help="What is published later.")


def publish(
    ids: Clips,
    caption: Annotated[str | None, typer.Option(help="What is shown with it.")] = None,
    tag: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="In place of its tags; repeatable.")
    ] = None,
    cover: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0, help="The moment of the clip that is its cover."),
    ] = None,
    to: To = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help='Later: "2026-12-24 18:00", 18:00, or with +01:00.'),
    ] = None,
    smaller: Smaller = False,
    link: LinkOf = None,
    no_wait: NoWait = False,
    json: Json = False,
) -> int:
    """Publish finished clips: they leave the drafts, come into the feed, and go to their targets."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import publishing

        wish = publishing.Wish(
            tuple(ids),
            caption=caption,
            tags=None if tag is None else tuple(tag),
            cover_at_s=cover,
            targets=tuple(to or ()),
            at=at,
            is_smaller=smaller,
            link_store=link,
            waits=not no_wait,
        )
        return await publishing.publish(wish, output)

    return run_work(work, output)


def unpublish(ids: Clips, json: Json = False) -> int:
    """Back to the drafts; galleries drop them, other copies stay where they are."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import publishing

        return await publishing.unpublish(ids, output)

    return run_work(work, output)


def deliver(
    ids: Clips,
    to: To = None,
    smaller: Smaller = False,
    link: LinkOf = None,
    no_wait: NoWait = False,
    json: Json = False,
) -> int:
    """Take clips to targets without publishing them."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import publishing

        wish = publishing.Wish(
            tuple(ids),
            targets=tuple(to or ()),
            is_smaller=smaller,
            link_store=link,
            waits=not no_wait,
        )
        return await publishing.deliver(wish, output)

    return run_work(work, output)


def drafts(
    state: Annotated[
        str | None,
        typer.Option(help="pending, processing, ready, attention or failed."),
    ] = None,
    limit: Limit = 20,
    json: Json = False,
) -> int:
    """What was made and is not published, the newest first."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import publishing

        return await publishing.drafts(state, limit, output)

    return run_work(work, output)


@deliveries_app.callback(invoke_without_command=True)
def deliveries(
    context: typer.Context,
    state: Annotated[
        str | None,
        typer.Option(help="waiting, sending, delivered, failed, maybe-sent or cancelled."),
    ] = None,
    clip: Annotated[
        int | None, typer.Option(metavar="ID", help="Of this clip alone.", **_NUMBER)
    ] = None,
    limit: Limit = 20,
    json: Json = False,
) -> int:
    """Where clips went, when, and what became of it."""
    if context.invoked_subcommand is not None:
        return ExitCode.DONE
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import delivering

        return await delivering.show_all(state, clip, limit, output)

    return run_work(work, output)


@deliveries_app.command("show")
def deliveries_show(number: Number, json: Json = False) -> int:
    """One delivery with every try."""
    return _run(json, lambda work, output: work.show(number, output))


@deliveries_app.command("again")
def deliveries_again(
    number: Number,
    smaller: Smaller = False,
    link: LinkOf = None,
    yes: Yes = False,
    json: Json = False,
) -> int:
    """Try one that failed, was cancelled, or may have arrived, once more."""
    return _run(
        json,
        lambda work, output: work.again(
            number, output, is_smaller=smaller, link_store=link, is_agreed=yes
        ),
    )


@deliveries_app.command("arrived")
def deliveries_arrived(number: Number, json: Json = False) -> int:
    """You saw it there: one that may have been sent counts as delivered."""
    return _run(json, lambda work, output: work.arrived(number, output))


@deliveries_app.command("cancel")
def deliveries_cancel(number: Number, json: Json = False) -> int:
    """One that waits, or that you give up."""
    return _run(json, lambda work, output: work.cancel(number, output))


@deliveries_app.command("link")
def deliveries_link(
    number: Number,
    valid_for: Annotated[
        str, typer.Option("--for", metavar="TIME", help="Such as 1h, 24h or 7d (the most).")
    ] = "1h",
    json: Json = False,
) -> int:
    """A fresh link to a delivered clip, on stdout. Whoever has it can see the clip."""
    return _run(json, lambda work, output: work.link(number, valid_for, output))


@deliveries_app.command("remove")
def deliveries_remove(number: Number, yes: Yes = False, json: Json = False) -> int:
    """Take a delivered clip away from its target; the clip itself stays."""
    return _run(json, lambda work, output: work.remove(number, output, is_agreed=yes))


@deliveries_app.command("run")
def deliveries_run(json: Json = False) -> int:
    """Deliver what waits and publish what is due, then end: for a timer of the system."""
    return _run(json, lambda work, output: work.run_all(output))


@schedules_app.callback(invoke_without_command=True)
def schedules(context: typer.Context, json: Json = False) -> int:
    """What is published when."""
    if context.invoked_subcommand is not None:
        return ExitCode.DONE
    return _run(json, lambda work, output: work.show_schedules(output))


@schedules_app.command("cancel")
def schedules_cancel(
    number: Annotated[
        int,
        typer.Argument(
            metavar="ID", help="From `veo-studio schedules`.", show_default=False, **_NUMBER
        ),
    ],
    json: Json = False,
) -> int:
    """The clip stays a draft."""
    return _run(json, lambda work, output: work.cancel_schedule(number, output))


def _run(json: bool, work: Callable[[Any, Output], Coroutine[Any, Any, int]]) -> int:
    output = Output(is_json=json)

    async def done() -> int:
        from veo_studio.cli import delivering

        return await work(delivering, output)

    return run_work(done, output)
