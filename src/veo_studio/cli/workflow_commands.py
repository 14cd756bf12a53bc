"""The commands about ComfyUI workflows; `workflows.py` does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from veo_studio.cli.running import Json, run_work
from veo_studio.cli.terminal import ExitCode, Output

workflows_app = typer.Typer(help="ComfyUI workflows that are models here; `import` adds your own.")


def _place(words: str) -> typer.models.OptionInfo:
    return typer.Option(metavar="NODE.input", help=words, show_default=False)  # type: ignore[no-any-return]


@workflows_app.callback(invoke_without_command=True)
def workflows(context: typer.Context, json: Json = False) -> int:
    """The shipped workflows and your own, with what each of them makes."""
    if context.invoked_subcommand is not None:
        return ExitCode.DONE
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli.workflows import show

        return await show(output)

    return run_work(work, output)


@workflows_app.command("import")
def workflows_import(
    file: Annotated[Path, typer.Argument(metavar="FILE.json", help="From Export (API).")],
    name: Annotated[
        str | None, typer.Option(help="What it is called; else the file's name.")
    ] = None,
    prompt: Annotated[str | None, _place("Where the prompt goes.")] = None,
    negative: Annotated[str | None, _place("Where the negative prompt goes, or none.")] = None,
    seed: Annotated[str | None, _place("Where the seed goes, or none.")] = None,
    width: Annotated[str | None, _place("Where the width goes, or none.")] = None,
    height: Annotated[str | None, _place("Where the height goes, or none.")] = None,
    frames: Annotated[str | None, _place("Where the number of frames goes, or none.")] = None,
    fps: Annotated[str | None, _place("Where frames per second go, or none.")] = None,
    first_image: Annotated[str | None, _place("Which node loads the first frame.")] = None,
    last_image: Annotated[str | None, _place("Which node loads the last frame.")] = None,
    frame_rule: Annotated[
        str | None, typer.Option(help="Which numbers of frames the model makes, such as 4n+1.")
    ] = None,
    longest: Annotated[
        int | None, typer.Option(help="Seconds of the longest clip.", min=2, max=60)
    ] = None,
    picture_optional: Annotated[
        bool, typer.Option("--picture-optional", help="It also works without its pictures.")
    ] = False,
    json: Json = False,
) -> int:
    """Make a model of an exported workflow; what is not said is guessed, and told."""
    output = Output(is_json=json)
    places = {
        "prompt": prompt, "negative": negative, "seed": seed, "width": width, "height": height,
        "frames": frames, "fps": fps, "first_image": first_image, "last_image": last_image,
    }  # fmt: skip

    async def work() -> int:
        from veo_studio.cli.workflows import Wish, take

        told = {name: place for name, place in places.items() if place is not None}
        wish = Wish(file, name, told, frame_rule, longest, picture_optional)
        return await take(wish, output)

    return run_work(work, output)


@workflows_app.command("remove")
def workflows_remove(
    name: Annotated[str, typer.Argument(metavar="ID", help="Of a workflow of yours.")],
    json: Json = False,
) -> int:
    """Take one of your workflows away; its clips stay."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli.workflows import remove

        return await remove(name, output)

    return run_work(work, output)
