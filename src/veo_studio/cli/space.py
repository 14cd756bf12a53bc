"""`free-space`: the lists of the window's page, for scripts and people without a display."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.text import Text

from veo_studio.cli.listing import shortened, table_of
from veo_studio.cli.opening import open_database, open_workplace
from veo_studio.cli.terminal import ExitCode, Output, plain
from veo_studio.cli.words import size_words
from veo_studio.core.free_space import FreeSpace, Space
from veo_studio.core.store.free_space import FileRows

_TAKES = {
    "caches": "posters and other caches",
    "inputs": "pictures and clips that were made from",
    "backups": "backups",
    "rehearsal": "the rehearsal engine",
    "logs": "logs",
    "library": "the library itself",
}


async def show(output: Output, *, limit: int, is_clearing: bool, is_removing: bool) -> int:
    """Look, do what was asked for, and tell. Raises StudioError."""
    workplace = open_workplace()
    outputs = workplace.settings.output_dir or workplace.paths.outputs
    freed = 0
    async with open_database(workplace) as database:
        space = FreeSpace(FileRows(database), workplace.paths, outputs)
        found = await space.look()
        if is_clearing:
            freed += await space.clear_caches()
        if is_removing:
            freed += await space.remove_inputs(found.taken("inputs").removable)
        if is_clearing or is_removing:
            found = await space.look()
    if output.is_json:
        output.json(_json(found, freed))
        return ExitCode.DONE
    _tell(found, limit, output)
    if is_clearing or is_removing:
        output.say(f"{size_words(freed)} are free now.")
    return ExitCode.DONE


def _json(found: Space, freed: int) -> dict[str, Any]:
    def files(listed: Sequence[Any]) -> list[dict[str, Any]]:
        return [
            {"id": one.generation_id, "path": str(one.path), "size_bytes": one.size_bytes}
            for one in listed
        ]

    return {
        "clips": {"count": found.clips_count, "size_bytes": found.clips_bytes},
        "missing": files(found.gone),
        "without_row": [
            {"path": str(one.path), "size_bytes": one.size_bytes} for one in found.strays
        ],
        "largest": files(found.largest),
        "takes": {
            one.name: {
                "count": one.count,
                "size_bytes": one.size_bytes,
                "removable_bytes": one.removable_bytes,
            }
            for one in found.takes
        },
        "freed_bytes": freed,
    }


def _tell(found: Space, limit: int, output: Output) -> None:
    output.text(f"{_count(found.clips_count, 'clip')}: {size_words(found.clips_bytes)}.")
    _list(
        "Their files are gone",
        [(str(one.generation_id), one.size_bytes, one.path, one.prompt) for one in found.gone],
        limit, output,
    )  # fmt: skip
    _list(
        "Files without a row",
        [("", one.size_bytes, one.path, "") for one in found.strays],
        limit, output,
    )  # fmt: skip
    _list(
        "The largest clips",
        [(str(one.generation_id), one.size_bytes, one.path, one.prompt) for one in found.largest],
        limit, output,
    )  # fmt: skip
    for one in found.takes:
        words = f"{size_words(one.size_bytes)}: {_TAKES[one.name]}"
        if one.name == "inputs" and one.removable:
            words += (
                f"; {size_words(one.removable_bytes)} of them used by nothing (--remove-inputs)"
            )
        elif one.name == "caches" and one.removable:
            words += " (--clear-caches)"
        output.text(f"{words}.")


def _list(
    title: str, rows: Sequence[tuple[str, int, Path, str]], limit: int, output: Output
) -> None:
    if not rows:
        return
    output.text(f"{title}: {len(rows)}.")
    table = table_of("id", "size", "prompt", "path")
    table.columns[3].overflow = "fold"
    for number, size, path, prompt in rows[:limit]:
        cells = (number, size_words(size), shortened(prompt, 60), str(path))
        table.add_row(*(Text(plain(cell)) for cell in cells))
    output.table(table)


def _count(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
