"""`storyboard` and its commands; the work is in `storyboards.py`, `storyboard_running.py`, `storyboard_export.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from veo_studio.cli.running import Json, Yes, run_work
from veo_studio.cli.terminal import Output

storyboard_app = typer.Typer(
    help="Films in scenes. BOARD is a number or title of `storyboard list`, or a file: a .veostory, "
    "a script (.txt, .md, .fountain) or a table (.csv), which is taken in once.",
    no_args_is_help=True,
)
Board = Annotated[str, typer.Argument(metavar="BOARD", show_default=False)]
_SCENE: dict[str, Any] = {"metavar": "SCENE", "min": 1, "max": 1000, "show_default": False}
Model = Annotated[str | None, typer.Option(help="For clips: one of `veo-studio models`.")]
PictureModel = Annotated[str | None, typer.Option(help="For pictures: one of `veo-studio models`.")]
Resolution = Annotated[
    str | None, typer.Option(metavar="WIDTH:HEIGHT", help="Of the clips, such as 1280:720.")
]
Rehearse = Annotated[
    bool, typer.Option("--rehearse", help="Through the rehearsal engine: free, as an animatic.")
]
PicturesOnly = Annotated[bool, typer.Option("--pictures-only", help="No clips yet.")]
Scenes = Annotated[
    list[int] | None,
    typer.Option("--scene", metavar="SCENE", min=1, max=1000, help="Only this one; repeatable."),
]


@storyboard_app.command("list")
def list_boards(json: Json = False) -> int:
    """Every storyboard, the one that was changed last first."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import storyboards

        return await storyboards.list_all(output)

    return run_work(work, output)


@storyboard_app.command()
def new(
    title: Annotated[str, typer.Argument(metavar="TITLE", show_default=False)],
    resolution: Resolution = None,
    json: Json = False,
) -> int:
    """An empty storyboard."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import storyboards

        return await storyboards.new(title, resolution or "", output)

    return run_work(work, output)


@storyboard_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    title: Annotated[str | None, typer.Option(help="Instead of that of the file.")] = None,
    into: Annotated[
        str | None, typer.Option(metavar="BOARD", help="Add the scenes to this storyboard.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="With --into: in place of all its scenes.")
    ] = False,
    ask: Annotated[
        bool, typer.Option("--ask", help="Let the text model of `enhancer` propose the scenes.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Also a file that was taken in before.")
    ] = False,
    yes: Yes = False,
    json: Json = False,
) -> int:
    """Take in a .veostory, a script or a table; nothing is made yet."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import storyboards

        wish = storyboards.ImportWish(file, title, into, replace, ask, again, yes)
        return await storyboards.take_in(wish, output)

    return run_work(work, output)


@storyboard_app.command()
def show(board: Board, json: Json = False) -> int:
    """The scenes of a storyboard, and how far each is."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import storyboards

        return await storyboards.show(board, output)

    return run_work(work, output)


@storyboard_app.command()
def price(
    board: Board,
    rehearse: Rehearse = False,
    pictures_only: PicturesOnly = False,
    scene: Scenes = None,
    json: Json = False,
) -> int:
    """What a run would make and cost: only what is missing. Stores and sends nothing."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import storyboard_running as running

        wish = running.RunWish(board, rehearse, pictures_only, scenes=tuple(scene or ()))
        return await running.price(wish, output)

    return run_work(work, output)


@storyboard_app.command()
def run(
    board: Board,
    rehearse: Rehearse = False,
    pictures_only: PicturesOnly = False,
    approve: Annotated[
        bool, typer.Option("--approve", help="Make clips of the pictures without a stop.")
    ] = False,
    scene: Scenes = None,
    model: Model = None,
    picture_model: PictureModel = None,
    resolution: Resolution = None,
    json: Json = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Agree to the price.")] = False,
) -> int:
    """Make what is missing: pictures, then clips. The same command again goes on, whatever ended it."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import storyboard_running as running

        wish = running.RunWish(
            board,
            rehearse,
            pictures_only,
            is_approved=approve,
            scenes=tuple(scene or ()),
            model=model,
            picture_model=picture_model,
            resolution=resolution,
            is_price_accepted=yes,
        )
        return await running.run(wish, output)

    return run_work(work, output)


@storyboard_app.command()
def approve(
    board: Board,
    scenes: Annotated[list[int] | None, typer.Argument(**_SCENE)] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take the approval back.")] = False,
    json: Json = False,
) -> int:
    """The pictures of these scenes are good, without numbers all; `storyboard run` makes the clips."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import storyboard_running as running

        return await running.approve(board, tuple(scenes or ()), output, is_approved=not undo)

    return run_work(work, output)


@storyboard_app.command()
def redo(
    board: Board,
    scene: Annotated[int, typer.Argument(**_SCENE)],
    what: Annotated[str, typer.Argument(metavar="picture|clip|rehearsal", show_default=False)],
    json: Json = False,
    yes: Yes = False,
) -> int:
    """Make one step of a scene once more; what was there stays in the library."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import storyboard_running as running

        return await running.redo(board, scene, what, output, is_agreed=yes)

    return run_work(work, output)


@storyboard_app.command()
def export(
    board: Board,
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT",
            help=".mp4 or .mov: the film; .otio, .fcpxml, .xml, .edl: for editors; .srt; .veostory.",
            show_default=False,
        ),
    ],
    codec: Annotated[
        str | None, typer.Option(help="Of a film: h264, h265 (.mp4) or prores (.mov).")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of a file of that name.")
    ] = False,
    json: Json = False,
) -> int:
    """Write the film of the chosen takes, or a file that tells an editor about it."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import storyboard_export

        return await storyboard_export.export(board, out, codec, output, is_replacing=replace)

    return run_work(work, output)


@storyboard_app.command()
def delete(board: Board, yes: Yes = False, json: Json = False) -> int:
    """The storyboard alone: its pictures and clips stay in the library."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import storyboards

        return await storyboards.delete(board, output, is_agreed=yes)

    return run_work(work, output)
