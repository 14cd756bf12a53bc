"""The commands about better prompts; `enhancing.py` and `enhancer.py` do the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from veo_studio.cli.running import Json, run_work
from veo_studio.cli.terminal import ExitCode, Output

Service = Annotated[
    str, typer.Argument(metavar="SERVICE", help="rules, gemini or openai.", show_default=False)
]
enhancer_app = typer.Typer(
    help="Who enhances prompts: built-in rules, Gemini, or a chat server such as Ollama.",
)


def enhance(
    prompt: Annotated[str, typer.Argument(help="Your words.", show_default=False)] = "",
    image: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The first frame of the clip.")
    ] = None,
    service: Annotated[str | None, typer.Option(help="rules, gemini or openai.")] = None,
    picture: Annotated[bool, typer.Option("--picture", help="For a picture, not a clip.")] = False,
    model: Annotated[
        str | None, typer.Option(help="The model of `veo-studio models` that will get it.")
    ] = None,
    duration: Annotated[int | None, typer.Option(help="Seconds of the clip.")] = None,
    refused: Annotated[
        str | None,
        typer.Option(
            metavar="REASON", help="It was refused for this: change as few words as possible."
        ),
    ] = None,
    json: Json = False,
) -> int:
    """Propose a better prompt: on stdout, with the changes on stderr. Nothing is generated or stored."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import enhancing

        wish = enhancing.EnhanceWish(
            prompt=prompt,
            image=image,
            service=service,
            is_picture=picture,
            model=model,
            duration_s=duration,
            refusal=refused,
        )
        return await enhancing.enhance(wish, output)

    return run_work(work, output)


@enhancer_app.callback(invoke_without_command=True)
def enhancer(context: typer.Context, json: Json = False) -> int:
    """The three services: whether each is ready, its model, and where prompts go."""
    if context.invoked_subcommand is not None:
        return ExitCode.DONE
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import enhancer

        return await enhancer.show(output)

    return run_work(work, output)


@enhancer_app.command("use")
def enhancer_use(
    service: Service = "",
    usual: Annotated[bool, typer.Option("--usual", help="The best one that is ready.")] = False,
    json: Json = False,
) -> int:
    """Choose the service that is asked from now on."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import enhancer

        return await enhancer.use(service, output, is_usual=usual)

    return run_work(work, output)


@enhancer_app.command("model")
def enhancer_model(
    service: Service,
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)] = "",
    usual: Annotated[bool, typer.Option("--usual", help="Back to the usual one.")] = False,
    json: Json = False,
) -> int:
    """Choose the text model of a service; without a name its models are listed."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import enhancer

        return await enhancer.model(service, name, output, is_usual=usual)

    return run_work(work, output)


@enhancer_app.command("test")
def enhancer_test(service: Service = "", json: Json = False) -> int:
    """Ask the service for something free, and say what that proved."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import enhancer

        return await enhancer.test(service, output)

    return run_work(work, output)


@enhancer_app.command("instructions")
def enhancer_instructions(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Your own; - reads stdin.")
    ] = None,
    usual: Annotated[bool, typer.Option("--usual", help="Back to the usual ones.")] = False,
    json: Json = False,
) -> int:
    """Show what services are told before your words, or replace it."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import enhancer

        return await enhancer.instructions(file, output, is_usual=usual)

    return run_work(work, output)
