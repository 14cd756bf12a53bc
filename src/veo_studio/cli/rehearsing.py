"""`rehearsal-server`: the embedded engine on its own, for practice and for other programs' tests."""

from __future__ import annotations

import asyncio
import errno
import tempfile
from contextlib import ExitStack
from pathlib import Path

from veo_studio.cli.bad_input import BadInput, checking_input
from veo_studio.cli.opening import open_workplace
from veo_studio.cli.terminal import ExitCode, Output
from veo_studio.core.errors import StorageError
from veo_studio.core.providers.rehearsal.faults import FAULT_GRAMMAR, FAULT_HELP, parse_faults
from veo_studio.core.providers.rehearsal.server import RehearsalServer


async def serve(port: int, delay_s: float | None, fault: str, output: Output) -> int:
    """Serve until Ctrl+C. Raises BadInput for bad input, StorageError."""
    if fault == "help":
        for kind, meaning in FAULT_HELP.items():
            output.text(f"{kind:16} {meaning}")
        output.text("")
        for line in FAULT_GRAMMAR:
            output.text(line)
        return ExitCode.DONE
    if not 0 <= port <= 65535:
        raise BadInput("The port must be between 0 (any free one) and 65535.")
    if delay_s is not None and not 0 <= delay_s <= 24 * 3600:
        raise BadInput("The delay must be between 0 and 86400 seconds.")
    with checking_input():
        faults = parse_faults(fault)
    workplace = open_workplace()
    with ExitStack() as stack:
        if port:
            # The same port again finds its earlier generations again.
            folder = workplace.paths.data / "rehearsal-server" / str(port)
        else:
            folder = Path(
                stack.enter_context(
                    tempfile.TemporaryDirectory(
                        prefix="rehearsal-server-",
                        dir=workplace.paths.data,
                        ignore_cleanup_errors=True,
                    )
                )
            )
        server = RehearsalServer(folder, port=port, faults=faults, delay_s=delay_s)
        try:
            await server.start()
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                raise BadInput(f"The port {port} cannot be used: choose another one.") from error
            raise StorageError(f"The rehearsal server cannot start: {error.strerror}.") from error
        try:
            output.text(server.base_url)
            output.say("Rehearsal server: free, local, never an AI result. Ctrl+C ends it.")
            output.say(
                f"Try it: VEO_STUDIO_GEMINI_URL={server.base_url} GEMINI_API_KEY=anything "
                'veo-studio generate --provider gemini --yes "A paper boat in the rain"'
            )
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            # Ctrl+C is how this command ends.
            return ExitCode.DONE
        finally:
            await server.close()
    return ExitCode.DONE
