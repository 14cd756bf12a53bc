"""The commands that make a stored generation once more."""

from __future__ import annotations

from typing import Annotated

import typer

from veo_studio.cli.running import Json, Yes, run_work
from veo_studio.cli.terminal import Output

_Number = Annotated[
    int, typer.Argument(metavar="ID", help="From `veo-studio history`.", min=1, max=2**63 - 1)
]


def again(
    number: _Number,
    similar: Annotated[
        bool, typer.Option("--similar", help="The same words with another seed.")
    ] = False,
    vary: Annotated[
        str | None,
        typer.Option(metavar="WHAT", help="Also other words for camera, light, weather or mood."),
    ] = None,
    prompt: Annotated[
        str | None, typer.Option(metavar="TEXT", help="These words, all else the same.")
    ] = None,
    count: Annotated[int, typer.Option(help="How many takes, 1 to 8.")] = 1,
    pay_again: Annotated[
        bool,
        typer.Option("--pay-again", help="Do not look whether the old clip can still be fetched."),
    ] = False,
    yes: Yes = False,
    json: Json = False,
) -> int:
    """Make one again: the very same, or similar. A paid clip that can still be fetched is fetched."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import repeating

        return await repeating.again(
            number,
            output,
            is_similar=similar,
            vary=vary,
            prompt=prompt,
            count=count,
            is_price_accepted=yes,
            pays_again=pay_again,
        )

    return run_work(work, output)


def final(number: _Number, yes: Yes = False, json: Json = False) -> int:
    """Make a draft at full quality: the same words, seed and pictures."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import repeating

        return await repeating.final(number, output, is_price_accepted=yes)

    return run_work(work, output)
