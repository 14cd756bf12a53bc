"""`restore`: a backup in the place of the database; what was there is kept aside."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from veo_studio.cli.bad_input import BadInput
from veo_studio.cli.doctor_storage import difference_words
from veo_studio.cli.opening import open_database, open_workplace
from veo_studio.cli.terminal import ExitCode, Output, can_ask
from veo_studio.cli.words import ago, size_words
from veo_studio.core.errors import StorageError, StudioError
from veo_studio.core.paths import Paths
from veo_studio.core.store import backups, opening, restoring, soundness
from veo_studio.core.store.restoring import Differences
from veo_studio.core.wallet import Wallet


async def restore(wanted: str | None, *, is_agreed: bool, output: Output) -> int:
    """Put the backup `wanted` (a name, a path, or None for the newest good one) in place, if agreed."""
    workplace = open_workplace()
    paths = workplace.paths
    backup, at = await asyncio.to_thread(_chosen, paths, wanted)
    size = size_words(backup.stat().st_size)
    output.say(f"{backup} was made {ago(at)} ({at.astimezone():%Y-%m-%d %H:%M}) and has {size}.")
    if await asyncio.to_thread(_is_sound, paths.database):
        output.say(
            "The present database is sound; what was stored since the backup would leave the lists."
        )
    if not is_agreed:
        if not can_ask():
            raise BadInput("The present database would be kept aside. Add --yes to agree.")
        if not output.ask("Put it in the place of the database? The present one is kept aside."):
            output.say("Nothing was changed.")
            return ExitCode.DONE
    aside = await asyncio.to_thread(restoring.restore, paths.database, backup)
    # opened as a start opens it: an older backup is brought up to date here
    async with open_database(workplace) as database:
        balance = await Wallet(database).balance()
    found = await asyncio.to_thread(
        restoring.differences, paths.database, paths.journal, [paths.outputs]
    )
    if aside is not None:
        output.say(f"The file that was there is kept as {aside}.")
    output.say(f"The wallet holds {balance} tokens.")
    for line in difference_words(found):
        output.say(line)
    if found:
        output.say("Nothing of this is charged again.")
    if output.is_json:
        output.json(
            {
                "status": "restored",
                "database": str(paths.database),
                "backup": str(backup),
                "backup_at": at.isoformat(),
                "kept_aside": None if aside is None else str(aside),
                "balance": balance,
                "differences": _as_json(found),
            }
        )
    else:
        output.path(paths.database)
    return ExitCode.DONE


def _chosen(paths: Paths, wanted: str | None) -> tuple[Path, datetime]:
    if wanted is None:
        good = backups.newest_good(paths.database)
        if good is None:
            raise StorageError(
                f"There is no good backup in {paths.backups}.",
                action="Name the file of a backup: `veo-studio restore FILE`.",
            )
        return good.path, good.at
    for known in backups.backups_in(paths.backups):
        if wanted in (known.path.name, known.path.stem):
            return known.path, known.at
    path = Path(wanted).expanduser().absolute()
    if not path.is_file():
        raise BadInput(f"There is no backup {wanted}: neither in {paths.backups} nor as a file.")
    return path, datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _is_sound(path: Path) -> bool:
    try:
        if not opening.examine(path):
            return False
        with soundness.reading(path) as connection:
            return not soundness.file_problems(connection)
    except (StudioError, sqlite3.Error):
        return False


def _as_json(found: Differences) -> dict[str, Any]:
    def plain(values: dict[str, Any]) -> dict[str, Any]:
        return {
            name: str(value) if isinstance(value, Path) else value for name, value in values.items()
        }

    return {
        "files": [plain(asdict(one)) for one in found.files],
        "operations": [plain(asdict(one)) for one in found.operations],
    }
