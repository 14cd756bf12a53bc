"""`export` and `free-space`: files out of the library, and what it takes on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from veo_studio.cli.running import Json, run_work
from veo_studio.cli.terminal import Output


def export(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="ID...",
            help="Numbers from the history. Without --to: one number and the file or folder of a "
            "copy with its recipe inside.",
            show_default=False,
        ),
    ],
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FOLDER", help="Where the files go.")
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help="copy, h264, h265, vp9, av1, prores, gif, still, or the name of a preset of yours."
        ),
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(
            help="The names, with {date} {time} {prompt} {model} {provider} {aspect} {duration} "
            "{resolution} {seed} {take} {rating} {id} {number}."
        ),
    ] = None,
    in_s: Annotated[float | None, typer.Option("--in", help="Cut: from this second on.")] = None,
    out_s: Annotated[float | None, typer.Option("--out", help="Cut: up to this second.")] = None,
    exact: Annotated[
        bool,
        typer.Option("--exact", help="Encode a cut copy anew even where it falls on key frames."),
    ] = False,
    sound: Annotated[
        bool | None, typer.Option("--sound/--no-sound", help="Keep the sound, or leave it out.")
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(help="keep, 1080p, 720p, or a box such as 800x600 that it fits in."),
    ] = None,
    quality: Annotated[
        str | None, typer.Option(help="best, good, small, or the encoder's own number.")
    ] = None,
    inside: Annotated[
        str | None,
        typer.Option(
            help="What is written into the file: as-it-is, recipe (prompt and settings), or nothing."
        ),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="Of ProRes 422: proxy, lt, standard, hq.")
    ] = None,
    width: Annotated[int | None, typer.Option(help="Of a GIF, in pixels.")] = None,
    fps: Annotated[int | None, typer.Option(help="Pictures a second of a GIF.")] = None,
    at: Annotated[float | None, typer.Option(help="The second of a still.")] = None,
    picture: Annotated[str | None, typer.Option(help="A still as png or jpg.")] = None,
    json: Json = False,
) -> int:
    """Copy, cut or convert clips; the originals stay as they are."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import exporting

        wish = exporting.Wish(
            preset=preset,
            template=template,
            in_s=in_s,
            out_s=out_s,
            is_exact=exact,
            has_sound=sound,
            size=size,
            quality=quality,
            inside=inside,
            profile=profile,
            gif_width_px=width,
            gif_fps=fps,
            still_at_s=at,
            still_kind=picture,
        )
        return await exporting.export(what, to, wish, output)

    return run_work(work, output)


def free_space(
    clear_caches: Annotated[
        bool, typer.Option("--clear-caches", help="Remove posters; they are made again.")
    ] = False,
    remove_inputs: Annotated[
        bool,
        typer.Option(
            "--remove-inputs", help="Remove pictures and clips that nothing is made from."
        ),
    ] = False,
    limit: Annotated[int, typer.Option(help="Lines of each list.", min=1, max=1_000_000)] = 20,
    json: Json = False,
) -> int:
    """What takes space: missing files, files without a row, the largest clips, caches."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import space

        return await space.show(
            output, limit=limit, is_clearing=clear_caches, is_removing=remove_inputs
        )

    return run_work(work, output)
