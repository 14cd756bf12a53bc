"""`batch` and its options; the work is in `batch.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from veo_studio.cli.running import Json, run_work
from veo_studio.cli.terminal import Output


def batch(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Prompts: .txt, .csv or .jsonl.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check and price every row; send nothing.")
    ] = False,
    results: Annotated[
        Path | None, typer.Option(metavar="OUT.csv", help="Write what came of every row.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Make a file that was started before once more.")
    ] = False,
    expand: Annotated[
        bool, typer.Option("--expand", help="Make every prompt of lists such as {red|blue}.")
    ] = False,
    model: Annotated[str | None, typer.Option(help="For rows that name none.")] = None,
    provider: Annotated[str | None, typer.Option(help="For rows that name none.")] = None,
    aspect: Annotated[str | None, typer.Option(help="For rows without: such as 16:9.")] = None,
    duration: Annotated[int | None, typer.Option(help="For rows without: seconds.")] = None,
    resolution: Annotated[str | None, typer.Option(help="For rows without: such as 720p.")] = None,
    negative: Annotated[
        str | None, typer.Option(help="For rows without: what must not be seen.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="For rows without.")] = None,
    audio: Annotated[
        bool | None, typer.Option("--audio/--no-audio", help="For rows without.")
    ] = None,
    count: Annotated[int | None, typer.Option(help="For rows without: takes, 1 to 8.")] = None,
    output_dir: Annotated[
        Path | None, typer.Option(help="For rows without: where the clips go.")
    ] = None,
    json: Json = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Agree to the price.")] = False,
) -> int:
    """Make a clip of every row of a file: all of them or, where something is wrong, none."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import batch as batches

        told = {
            "model": model,
            "provider": provider,
            "aspect_ratio": aspect,
            "duration": duration,
            "resolution": resolution,
            "negative_prompt": negative,
            "seed": seed,
            "enable_audio": None if audio is None else str(audio).lower(),
            "takes": count,
            "output_dir": None if output_dir is None else output_dir.absolute(),
        }
        wish = batches.BatchWish(
            file,
            {name: str(value) for name, value in told.items() if value is not None},
            is_dry_run=dry_run,
            is_again=again,
            expands=expand,
            results=results,
            is_price_accepted=yes,
        )
        return await batches.batch(wish, output)

    return run_work(work, output)
