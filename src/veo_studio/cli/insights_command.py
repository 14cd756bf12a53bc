"""`insights` and its options; `insights.py` does the work."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from veo_studio.cli.bad_input import BadInput
from veo_studio.cli.running import Json, run_work
from veo_studio.cli.terminal import Output
from veo_studio.core.insights import By

_Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", show_default=False)
]


def insights(
    days: Annotated[
        int | None, typer.Option(metavar="N", help="The last N days; without it everything.")
    ] = None,
    since: _Day = None,
    until: _Day = None,
    by: Annotated[By, typer.Option(help="What the rows are.")] = By.MODEL,
    provider: Annotated[str, typer.Option(help="Only this one.", show_default=False)] = "",
    model: Annotated[str, typer.Option(help="Only this one.", show_default=False)] = "",
    json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="The rows as CSV on stdout.")] = False,
) -> int:
    """What came of the work: success, times, tokens and money by model, provider or day."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli.insights import show

        if json and csv:
            raise BadInput("Choose --json or --csv.")
        return await show(
            output,
            days=days,
            since=since.date() if since else None,
            until=until.date() if until else None,
            by=by,
            provider=provider,
            model=model,
            is_csv=csv,
        )

    return run_work(work, output)
