"""The commands and their options; each one hands over to the module that does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from veo_studio import __version__
from veo_studio.cli.batch_command import batch
from veo_studio.cli.enhance_commands import enhance, enhancer_app
from veo_studio.cli.export_commands import export, free_space
from veo_studio.cli.history_commands import history, mark
from veo_studio.cli.insights_command import insights
from veo_studio.cli.library_commands import attention, queue_app, wallet_app
from veo_studio.cli.preset_commands import lists_app, presets_app
from veo_studio.cli.provider_commands import providers_app
from veo_studio.cli.publish_commands import (
    deliver,
    deliveries_app,
    drafts,
    publish,
    schedules_app,
    unpublish,
)
from veo_studio.cli.repeat_commands import again, final
from veo_studio.cli.running import Json, Yes, failed
from veo_studio.cli.running import run_work as _run
from veo_studio.cli.storyboard_commands import storyboard_app
from veo_studio.cli.target_commands import rules_app, targets_app
from veo_studio.cli.terminal import ExitCode, Output
from veo_studio.cli.workflow_commands import workflows_app
from veo_studio.core.secrets import register_environment

# as large as a row number can be
_NUMBER: dict[str, Any] = {"min": 1, "max": 2**63 - 1}
app = typer.Typer(
    name="veo-studio",
    help="Make AI video: without a command the window opens.",
    epilog=(
        "Exit codes: 0 done, 1 a fault of the program, 2 bad input, 3 the provider failed, "
        "4 budget, tokens or queue, 5 outcome unknown, held or still running, 6 storage, 130 interrupted."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(wallet_app, name="wallet")
app.add_typer(queue_app, name="queue")
app.add_typer(providers_app, name="providers")
app.add_typer(workflows_app, name="workflows")
app.add_typer(enhancer_app, name="enhancer")
app.add_typer(presets_app, name="presets")
app.add_typer(lists_app, name="lists")
app.add_typer(storyboard_app, name="storyboard")
app.command()(history)
app.command()(mark)
app.command()(attention)
app.command()(enhance)
app.command()(batch)
app.command()(again)
app.command()(final)
app.command()(export)
app.command("free-space")(free_space)
app.command()(insights)
app.command()(drafts)
app.command()(publish)
app.command()(unpublish)
app.command()(deliver)
app.add_typer(deliveries_app, name="deliveries")
app.add_typer(schedules_app, name="schedules")
app.add_typer(targets_app, name="targets")
app.add_typer(rules_app, name="rules")


def run(arguments: list[str]) -> int:
    """Run one command line; returns the exit code, whatever happens."""
    # also from what a library says about the arguments
    register_environment()
    output = Output(is_json="--json" in arguments)
    try:
        code = app(arguments, prog_name="veo-studio", standalone_mode=False)
    except Exception as error:
        return failed(error, output)
    return code if isinstance(code, int) else ExitCode.DONE


def run_sample(reason: str) -> int:
    """The sample clip of a start without a display."""

    async def work() -> int:
        from veo_studio.cli.generating import make_sample

        return await make_sample(reason)

    return _run(work, Output())


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        Output().text(f"veo-studio {__version__}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


@app.command()
def generate(
    prompt: Annotated[str, typer.Argument(help="What is seen, in words.", show_default=False)] = "",
    model: Annotated[str | None, typer.Option(help="A model of `veo-studio models`.")] = None,
    provider: Annotated[
        str | None, typer.Option(help="Such as gemini, or rehearsal (free).")
    ] = None,
    aspect: Annotated[str | None, typer.Option(help="Such as 16:9.")] = None,
    duration: Annotated[int | None, typer.Option(help="Seconds.")] = None,
    resolution: Annotated[str | None, typer.Option(help="Such as 720p.")] = None,
    negative: Annotated[str | None, typer.Option(help="What must not be seen.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same clip.")] = None,
    audio: Annotated[
        bool | None, typer.Option("--audio/--no-audio", help="With or without sound.")
    ] = None,
    image: Annotated[Path | None, typer.Option(metavar="FILE", help="The first frame.")] = None,
    last_frame: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The last frame, with --image.")
    ] = None,
    recipe: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A clip or its recipe: all that is not said here is as it says."
        ),
    ] = None,
    fit: Annotated[
        str | None,
        typer.Option(
            help="Pictures of another shape than the clip: keep, crop, or pad (blurred borders)."
        ),
    ] = None,
    continue_: Annotated[
        int | None,
        typer.Option(
            "--continue", metavar="ID", help="Begin with the last picture of this clip.", **_NUMBER
        ),
    ] = None,
    reference: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A picture of who or what is seen; may be repeated."),
    ] = None,
    picture: Annotated[
        bool, typer.Option("--picture", help="Make a picture instead of a clip.")
    ] = False,
    edit: Annotated[
        int | None, typer.Option(metavar="ID", help="Change this clip of yours.", **_NUMBER)
    ] = None,
    extend: Annotated[
        int | None, typer.Option(metavar="ID", help="Go on where this clip ends.", **_NUMBER)
    ] = None,
    upscale: Annotated[
        int | None, typer.Option(metavar="ID", help="Make this clip sharper.", **_NUMBER)
    ] = None,
    samples: Annotated[
        int | None, typer.Option(help="How many clips one request makes, where a model can.")
    ] = None,
    count: Annotated[int | None, typer.Option(help="How many takes, 1 to 8.")] = None,
    preset: Annotated[
        str | None, typer.Option(metavar="NAME", help="Prompt and settings of `presets`.")
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=TEXT", help="For {name} in the prompt; repeatable."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the prompts and the price; send nothing.")
    ] = False,
    draft: Annotated[
        bool, typer.Option("--draft", help="As cheap as the model can; `final ID` makes it good.")
    ] = False,
    enhanced: Annotated[
        bool, typer.Option("--enhance", help="Propose a better prompt first, and show it.")
    ] = False,
    output_dir: Annotated[Path | None, typer.Option(help="Where the clip goes.")] = None,
    json: Json = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Agree to the price.")] = False,
) -> int:
    """Make a clip or a picture and print its path."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import generating, wishes
        from veo_studio.cli.templates import values_of

        task, source = wishes.task_of(edit, extend, upscale)
        wish = wishes.Wish(
            prompt=prompt,
            model=model,
            provider=provider,
            aspect=aspect,
            duration_s=duration,
            resolution=resolution,
            negative=negative,
            seed=seed,
            audio=audio,
            image=image,
            last_frame=last_frame,
            recipe=recipe,
            fit=fit,
            continues=continue_,
            references=tuple(reference or ()),
            task=task,
            source=source,
            samples=samples,
            count=1 if count is None else count,
            is_count_told=count is not None,
            preset_name=preset,
            values=values_of(values or ()),
            is_dry_run=dry_run,
            is_draft=draft,
            output_dir=output_dir,
            is_price_accepted=yes,
            is_enhanced=enhanced,
            is_picture=picture,
        )
        return await generating.generate(wish, output)

    return _run(work, output)


@app.command()
def collect(
    ids: Annotated[
        list[int] | None, typer.Argument(help="Numbers from the history.", min=1, max=2**63 - 1)
    ] = None,
    json: Json = False,
) -> int:
    """Fetch what the providers have ready; never submits anything that costs."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import generating

        return await generating.collect(ids or [], output)

    return _run(work, output)


@app.command()
def cancel(
    number: Annotated[
        int, typer.Argument(metavar="ID", help="From `veo-studio queue`.", **_NUMBER)
    ],
    yes: Yes = False,
    json: Json = False,
) -> int:
    """End what waits or runs; says before what that means for the money."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import cancelling

        return await cancelling.cancel(number, output, is_agreed=yes)

    return _run(work, output)


@app.command()
def models(json: Json = False) -> int:
    """Every model: what it accepts, what it costs, how to unlock it."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import model_list

        return await model_list.models(output)

    return _run(work, output)


@app.command("rehearsal-server")
def rehearsal_server(
    port: Annotated[int, typer.Option(help="0 takes any free port.")] = 0,
    delay: Annotated[float | None, typer.Option(help="Seconds from accepting to done.")] = None,
    fault: Annotated[
        str,
        typer.Option(
            help="Faults to practise, such as 429:7*2 (twice) or cut:50%; `help` lists them."
        ),
    ] = "",
) -> int:
    """Serve the rehearsal engine until Ctrl+C; prints its address."""
    output = Output()

    async def work() -> int:
        from veo_studio.cli import rehearsing

        return await rehearsing.serve(port, delay, fault, output)

    return _run(work, output)


@app.command()
def doctor(json: Json = False) -> int:
    """Keys, folders, database, codecs, display: what works and what to do."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli.doctor import doctor as examine

        return await examine(output)

    return _run(work, output)


@app.command()
def restore(
    backup: Annotated[
        str | None, typer.Argument(help="Its name or file; without it the newest good one.")
    ] = None,
    yes: Yes = False,
    json: Json = False,
) -> int:
    """Put a backup in the place of the database; the present file is kept aside."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import restoring

        return await restoring.restore(backup, is_agreed=yes, output=output)

    return _run(work, output)
