"""The commands about what is there already: wallet, queue, and what needs the user's attention."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from veo_studio.cli.running import Json, Yes, run_work
from veo_studio.cli.terminal import ExitCode, Output

wallet_app = typer.Typer(
    help="Balance, budgets and the last entries; `wallet add N` adds tokens.",
)
queue_app = typer.Typer(help="What waits to be sent, and pauses.")

_NEGATIVE_TOO = {"ignore_unknown_options": True}
_Provider = Annotated[
    str, typer.Argument(help="Such as gemini; without it the whole queue.", show_default=False)
]


@wallet_app.callback(invoke_without_command=True)
def wallet(context: typer.Context, json: Json = False) -> int:
    """Balance, budgets and the last entries."""
    if context.invoked_subcommand is not None:
        return ExitCode.DONE
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import purse

        return await purse.show(output)

    return run_work(work, output)


@wallet_app.command("add", context_settings=_NEGATIVE_TOO)
def wallet_add(
    tokens: Annotated[str, typer.Argument(metavar="N", help="How many tokens.")],
    json: Json = False,
) -> int:
    """Add tokens to the wallet."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import purse

        return await purse.add(tokens, output)

    return run_work(work, output)


@wallet_app.command("budget", context_settings=_NEGATIVE_TOO)
def wallet_budget(
    period: Annotated[
        str,
        typer.Argument(
            metavar="day|month|click",
            help="A calendar day, a month, or one click: all takes of one Generate together.",
            show_default=False,
        ),
    ] = "",
    amount: Annotated[
        str,
        typer.Argument(
            metavar="AMOUNT|none", help="US dollars; none lifts the limit.", show_default=False
        ),
    ] = "",
    json: Json = False,
) -> int:
    """Show the budgets, or set or lift one. They hold for the window as well."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import purse

        return await (
            purse.set_budget(period, amount, output) if period else purse.show_budgets(output)
        )

    return run_work(work, output)


@wallet_app.command("export")
def wallet_export(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Where the entries go.")],
    yes: Yes = False,
    json: Json = False,
) -> int:
    """Write every entry as CSV, oldest first; asks before it replaces a file."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import purse

        return await purse.export(file, output, is_agreed=yes)

    return run_work(work, output)


@queue_app.callback(invoke_without_command=True)
def queue(context: typer.Context, json: Json = False) -> int:
    """What runs, what waits in which order, and what is paused."""
    if context.invoked_subcommand is not None:
        return ExitCode.DONE
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import waiting

        return await waiting.show(output)

    return run_work(work, output)


@queue_app.command("pause")
def queue_pause(provider: _Provider = "", json: Json = False) -> int:
    """Send nothing more, to one provider or to any; what was sent goes on."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import waiting

        return await waiting.pause(provider, output)

    return run_work(work, output)


@queue_app.command("resume")
def queue_resume(provider: _Provider = "", json: Json = False) -> int:
    """End a pause; `generate` and the window send again."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import waiting

        return await waiting.resume(provider, output)

    return run_work(work, output)


def attention(
    number: Annotated[
        int | None, typer.Argument(metavar="ID", help="Without it: the list.", min=1, max=2**63 - 1)
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Ask the provider what became of an unknown one.")
    ] = False,
    fetch: Annotated[bool, typer.Option("--fetch", help="Fetch a held clip again, free.")] = False,
    mark_failed: Annotated[
        bool, typer.Option("--mark-failed", help="Give it up; its tokens come back.")
    ] = False,
    send_again: Annotated[
        bool, typer.Option("--send-again", help="Send an unknown one again: may be billed twice.")
    ] = False,
    yes: Yes = False,
    json: Json = False,
) -> int:
    """What only you can decide: generations whose outcome is unknown, clips that cannot be fetched."""
    output = Output(is_json=json)
    asked = {
        "check": check, "collect": fetch, "mark_failed": mark_failed, "send_again": send_again,
    }  # fmt: skip

    async def work() -> int:
        from veo_studio.cli.attending import attend

        wanted = [name for name, is_wanted in asked.items() if is_wanted]
        return await attend(number, wanted, output, is_agreed=yes)

    return run_work(work, output)
