"""The commands about presets and lists; `preset_work.py` does the work."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from veo_studio.cli.running import Json, run_work
from veo_studio.cli.terminal import ExitCode, Output

presets_app = typer.Typer(help="Prompts and settings under a name, for `generate --preset`.")
lists_app = typer.Typer(help="Texts under a name, for {name} in a prompt.")
Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
File = Annotated[Path, typer.Argument(metavar="FILE", show_default=False)]
Replacing = Annotated[bool, typer.Option("--replace", help="Take the place of one of that name.")]


def _run(json: bool, work: Callable[[Any, Output], Coroutine[Any, Any, int]]) -> int:
    output = Output(is_json=json)

    async def done() -> int:
        from veo_studio.cli import preset_work

        return await work(preset_work, output)

    return run_work(done, output)


@presets_app.callback(invoke_without_command=True)
def presets(context: typer.Context, json: Json = False) -> int:
    """Yours and those that come with Veo Studio."""
    if context.invoked_subcommand is not None:
        return ExitCode.DONE
    return _run(json, lambda work, output: work.show_all("presets", output))


@presets_app.command("list")
def presets_list(json: Json = False) -> int:
    """Yours and those that come with Veo Studio."""
    return _run(json, lambda work, output: work.show_all("presets", output))


@presets_app.command("show")
def presets_show(name: Name, json: Json = False) -> int:
    """One preset with its prompt and its variables."""
    return _run(json, lambda work, output: work.show("presets", name, output))


@presets_app.command("save")
def presets_save(
    name: Name,
    prompt: Annotated[str, typer.Option(help="With {variables} and {a|b}; none: settings.")] = "",
    negative: Annotated[str, typer.Option(help="What must not be seen.")] = "",
    model: Annotated[str | None, typer.Option(help="A model of `veo-studio models`.")] = None,
    provider: Annotated[str | None, typer.Option(help="Where that model is.")] = None,
    aspect: Annotated[str | None, typer.Option(help="Such as 16:9.")] = None,
    duration: Annotated[int | None, typer.Option(help="Seconds.")] = None,
    resolution: Annotated[str | None, typer.Option(help="Such as 720p.")] = None,
    seed: Annotated[int | None, typer.Option(help="Only where it is wanted every time.")] = None,
    audio: Annotated[
        bool | None, typer.Option("--audio/--no-audio", help="With or without sound.")
    ] = None,
    count: Annotated[int | None, typer.Option(help="How many takes.")] = None,
    picture: Annotated[bool, typer.Option("--picture", help="For pictures.")] = False,
    replace: Replacing = False,
    json: Json = False,
) -> int:
    """Keep a prompt or settings; what is not said stays as it is where the preset is used."""
    config = {
        "aspect_ratio": aspect, "duration": duration, "resolution": resolution, "seed": seed,
        "enable_audio": audio,
    }  # fmt: skip
    entry = {
        "name": name,
        "prompt": prompt,
        "negative_prompt": negative,
        "config": {key: value for key, value in config.items() if value is not None},
        "kind": "image" if picture else "video",
        "takes": count,
    }
    return _run(
        json,
        lambda work, output: work.save_preset(entry, model, provider, output, is_replacing=replace),
    )


@presets_app.command("delete")
def presets_delete(name: Name, json: Json = False) -> int:
    """Delete one of yours; one that comes with Veo Studio is hidden (`show` finds it still)."""
    return _run(json, lambda work, output: work.delete("presets", name, output))


@presets_app.command("import")
def presets_import(file: File, json: Json = False) -> int:
    """Take in presets and lists of an exported file; what is there already is left out."""
    return _run(json, lambda work, output: work.import_presets(file, output))


@presets_app.command("export")
def presets_export(
    file: File,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME ...]", show_default=False)
    ] = None,
    replace: Replacing = False,
    json: Json = False,
) -> int:
    """Write these, or all presets and lists of yours, into one file."""
    return _run(
        json,
        lambda work, output: work.export_presets(file, names or [], output, is_replacing=replace),
    )


@lists_app.callback(invoke_without_command=True)
def lists(context: typer.Context, json: Json = False) -> int:
    """Yours and those that come with Veo Studio."""
    if context.invoked_subcommand is not None:
        return ExitCode.DONE
    return _run(json, lambda work, output: work.show_all("lists", output))


@lists_app.command("list")
def lists_list(json: Json = False) -> int:
    """Yours and those that come with Veo Studio."""
    return _run(json, lambda work, output: work.show_all("lists", output))


@lists_app.command("show")
def lists_show(name: Name, json: Json = False) -> int:
    """The texts of one list, one on each line."""
    return _run(json, lambda work, output: work.show("lists", name, output))


@lists_app.command("save")
def lists_save(
    name: Name,
    texts: Annotated[list[str], typer.Argument(metavar="TEXT ...", show_default=False)],
    replace: Replacing = False,
    json: Json = False,
) -> int:
    """Keep texts under a name."""
    return _run(
        json, lambda work, output: work.save_list(name, texts, output, is_replacing=replace)
    )


@lists_app.command("delete")
def lists_delete(name: Name, json: Json = False) -> int:
    """Delete one of yours; one that comes with Veo Studio is hidden."""
    return _run(json, lambda work, output: work.delete("lists", name, output))


@lists_app.command("import")
def lists_import(
    file: File,
    name: Annotated[
        str, typer.Option(help="What it is called; else the file's name.", show_default=False)
    ] = "",
    json: Json = False,
) -> int:
    """A list from a text file, one text on each line."""
    return _run(json, lambda work, output: work.import_list(file, name, output))


@lists_app.command("export")
def lists_export(name: Name, file: File, replace: Replacing = False, json: Json = False) -> int:
    """Write a list into a text file, one text on each line."""
    return _run(
        json, lambda work, output: work.export_list(name, file, output, is_replacing=replace)
    )
