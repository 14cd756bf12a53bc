"""The commands about targets and rules; `targets.py` and `rules.py` do the work."""

from __future__ import annotations

from typing import Annotated

import typer

from veo_studio.cli.running import Json, Yes, run_work
from veo_studio.cli.terminal import ExitCode, Output

targets_app = typer.Typer(help="The places that clips go to; `add` and `test` set one up.")
rules_app = typer.Typer(help="What is delivered by itself when it is finished.")
Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="A field of `targets kinds`; repeatable."),
]
SecretsOnStdin = Annotated[
    bool,
    typer.Option(
        "--secrets-stdin", help="Read secrets from stdin, one FIELD=VALUE a line, and do not ask."
    ),
]


@targets_app.callback(invoke_without_command=True)
def targets(context: typer.Context, json: Json = False) -> int:
    """Every target, and whether something is missing."""
    if context.invoked_subcommand is not None:
        return ExitCode.DONE
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import targets

        return await targets.show_all(output)

    return run_work(work, output)


@targets_app.command("kinds")
def targets_kinds(json: Json = False) -> int:
    """What a target can be, and what each kind has to know."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import targets

        return await targets.show_kinds(output)

    return run_work(work, output)


@targets_app.command("add")
def targets_add(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="One of `targets kinds`.")],
    name: Name,
    values: Sets = None,
    secrets_stdin: SecretsOnStdin = False,
    json: Json = False,
) -> int:
    """Set one up. Secrets are asked for or read from stdin, and are kept in the system's keyring."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import targets

        return await targets.add(kind, name, values or [], output, from_stdin=secrets_stdin)

    return run_work(work, output)


@targets_app.command("change")
def targets_change(
    name: Name,
    values: Sets = None,
    new_name: Annotated[str | None, typer.Option("--name", help="Another name.")] = None,
    secrets: Annotated[bool, typer.Option("--secrets", help="Ask for its secrets anew.")] = False,
    secrets_stdin: SecretsOnStdin = False,
    json: Json = False,
) -> int:
    """What is not said stays as it is; --secrets-stdin with `FIELD=` takes an optional secret away."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import targets

        return await targets.change(
            name,
            values or [],
            new_name,
            output,
            asks_secrets=secrets,
            from_stdin=secrets_stdin,
        )

    return run_work(work, output)


@targets_app.command("test")
def targets_test(name: Name, json: Json = False) -> int:
    """Try key and place without sending a clip, and say what that proved."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import targets

        return await targets.test(name, output)

    return run_work(work, output)


@targets_app.command("delete")
def targets_delete(name: Name, yes: Yes = False, json: Json = False) -> int:
    """Nothing goes there any more; what was delivered stays there."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import targets

        return await targets.delete(name, output, is_agreed=yes)

    return run_work(work, output)


@rules_app.callback(invoke_without_command=True)
def rules(context: typer.Context, json: Json = False) -> int:
    """Every rule."""
    if context.invoked_subcommand is not None:
        return ExitCode.DONE
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import rules

        return await rules.show_all(output)

    return run_work(work, output)


@rules_app.command("add")
def rules_add(
    name: Name,
    to: Annotated[
        list[str], typer.Option("--to", metavar="TARGET", help="Repeatable.", show_default=False)
    ],
    kind: Annotated[str, typer.Option(help="video, image or both.")] = "both",
    provider: Annotated[list[str] | None, typer.Option(help="Only of this service.")] = None,
    model: Annotated[list[str] | None, typer.Option(help="Only of this model.")] = None,
    rehearsals: Annotated[
        bool, typer.Option("--rehearsals", help="Also what the rehearsal engine made.")
    ] = False,
    json: Json = False,
) -> int:
    """From now on, each clip that is finished goes to these targets."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import rules

        wish = rules.Wish(
            name, tuple(to), kind, tuple(provider or ()), tuple(model or ()), rehearsals
        )
        return await rules.add(wish, output)

    return run_work(work, output)


@rules_app.command("on")
def rules_on(name: Name, json: Json = False) -> int:
    """For what is finished from now on."""
    return _switch(name, json, is_on=True)


@rules_app.command("off")
def rules_off(name: Name, json: Json = False) -> int:
    """What waits already is still delivered."""
    return _switch(name, json, is_on=False)


@rules_app.command("delete")
def rules_delete(name: Name, json: Json = False) -> int:
    """What was delivered stays."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import rules

        return await rules.delete(name, output)

    return run_work(work, output)


def _switch(name: str, json: bool, *, is_on: bool) -> int:
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import rules

        return await rules.switch(name, output, is_on=is_on)

    return run_work(work, output)
