"""The commands about services; `providers.py` does the work."""

from __future__ import annotations

from typing import Annotated

import typer

from veo_studio.cli.running import Json, run_work
from veo_studio.cli.terminal import ExitCode, Output

providers_app = typer.Typer(
    help="The services: what is connected; `connect`, `test`, `address` set one up.",
)
_Id = Annotated[str, typer.Argument(metavar="ID", help="Such as gemini or runway.")]
_USUAL = typer.Option("--usual", help="Back to the usual one.")


@providers_app.callback(invoke_without_command=True)
def providers(context: typer.Context, json: Json = False) -> int:
    """Every service: whether it can be used, and what to do where it cannot."""
    if context.invoked_subcommand is not None:
        return ExitCode.DONE
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import providers

        return await providers.show(output)

    return run_work(work, output)


@providers_app.command("show")
def providers_show(provider: _Id, json: Json = False) -> int:
    """One service with everything that can be set."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import providers

        return await providers.show_one(provider, output)

    return run_work(work, output)


@providers_app.command("connect")
def providers_connect(
    provider: _Id,
    key_stdin: Annotated[
        bool, typer.Option("--key-stdin", help="Read the key from stdin instead of asking.")
    ] = False,
    json: Json = False,
) -> int:
    """Keep a key in the system's keyring. It is asked for, never an argument."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import providers

        return await providers.connect(provider, output, from_stdin=key_stdin)

    return run_work(work, output)


@providers_app.command("test")
def providers_test(provider: _Id, json: Json = False) -> int:
    """Ask the service for something free, and say what that proved."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import providers

        return await providers.test(provider, output)

    return run_work(work, output)


@providers_app.command("forget")
def providers_forget(provider: _Id, json: Json = False) -> int:
    """Take the key out of the keyring."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import providers

        return await providers.forget(provider, output)

    return run_work(work, output)


@providers_app.command("address")
def providers_address(
    provider: _Id,
    url: Annotated[str, typer.Argument(metavar="URL", show_default=False)] = "",
    plain_http: Annotated[
        bool, typer.Option("--plain-http", help="Agree to readable traffic with another machine.")
    ] = False,
    usual: Annotated[bool, _USUAL] = False,
    json: Json = False,
) -> int:
    """Where requests go: a gateway or a server of your own."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import providers
        from veo_studio.cli.bad_input import BadInput

        if bool(url.strip()) == usual:
            raise BadInput("Give an address, or --usual for the usual one.")
        return await providers.set_address(
            provider, url or None, output, allows_plain_http=plain_http
        )

    return run_work(work, output)


@providers_app.command("set")
def providers_set(
    provider: _Id,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as project.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help='"" takes it away.')],
    json: Json = False,
) -> int:
    """A setting beside key and address, such as the project of a cloud account."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import providers

        return await providers.set_option(provider, name, value, output)

    return run_work(work, output)


@providers_app.command("at-once", context_settings={"ignore_unknown_options": True})
def providers_at_once(
    provider: _Id,
    count: Annotated[str, typer.Argument(metavar="N", help="1 to 100.", show_default=False)] = "",
    usual: Annotated[bool, _USUAL] = False,
    json: Json = False,
) -> int:
    """How many generations run there together."""
    output = Output(is_json=json)

    async def work() -> int:
        from veo_studio.cli import providers
        from veo_studio.cli.bad_input import BadInput, whole_number

        if bool(count) == usual:
            raise BadInput("Give a number from 1 to 100, or --usual for the usual one.")
        number = whole_number(count, "The number") if count else None
        return await providers.set_at_once(provider, number, output)

    return run_work(work, output)
