"""Running one command: its exit code and its one sentence, whatever happens."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from veo_studio.cli.terminal import ExitCode, Output, run_until_done
from veo_studio.core import log
from veo_studio.core.errors import StudioError
from veo_studio.core.paths import Paths, ensure_folder

_log = logging.getLogger(__name__)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]


def run_work(work: Callable[[], Coroutine[Any, Any, int]], output: Output) -> int:
    """Run the coroutine of one command to its end."""
    try:
        return run_until_done(work)
    except Exception as error:
        return failed(error, output)


def failed(error: Exception, output: Output) -> int:
    """One sentence for what the world or the user did; a log entry and one calm line for our bugs."""
    from veo_studio.cli.bad_input import BadInput

    if isinstance(error, StudioError):
        from veo_studio.cli.words import error_kind_of, error_sentence, exit_code_of

        output.error(error_sentence(error), error_kind_of(error))
        return exit_code_of(error)
    if isinstance(error, BadInput):
        output.error(str(error), "invalid_request")
        return ExitCode.BAD_INPUT
    # typer carries its own copy of click or uses the installed one; both have this.
    message = getattr(error, "format_message", None)
    if message is not None:
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "veo-studio"
        output.error(f"{message().rstrip('.')}. See `{command} --help`.", "invalid_request")
        return ExitCode.BAD_INPUT
    if isinstance(error, typer.Abort):
        return ExitCode.INTERRUPTED
    place = _keep_traceback(error)
    output.error(f"Something went wrong inside Veo Studio. {place}", "internal")
    return ExitCode.BUG


def _keep_traceback(error: Exception) -> str:
    try:
        paths = Paths.default()
        ensure_folder(paths.logs, is_private=True)
        log.configure(paths)
    except StudioError:
        return f"It was a {type(error).__name__}, and there is no log to keep the details in."
    _log.error("a command failed", exc_info=error)
    return f"The details are in {paths.log_file}."
