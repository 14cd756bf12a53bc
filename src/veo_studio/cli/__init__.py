"""The command line: the same engine and the same database as the window.

stdout carries the result, stderr the progress and the sentences. This module imports nothing heavy:
the commands themselves are in `commands.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    if list(arguments) == ["--version"]:
        from veo_studio import __version__

        sys.stdout.write(f"veo-studio {__version__}\n")
        return 0
    from veo_studio.cli.commands import run

    return run(list(arguments))


def sample(reason: str) -> int:
    """Make a sample clip in the terminal, where no window can be shown because of `reason`."""
    from veo_studio.cli.commands import run_sample

    return run_sample(reason)
