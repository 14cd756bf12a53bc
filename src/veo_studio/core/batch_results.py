"""What became of a batch: its generations by row, and the file that says so."""

from __future__ import annotations

import csv
import os
import stat
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from veo_studio.core.batch import key_place, key_prefix
from veo_studio.core.errors import StorageError
from veo_studio.core.models import ACTIVE_STATES, Generation, GenerationRequest, GenerationState
from veo_studio.core.partial import storage_errors
from veo_studio.core.plain import masked
from veo_studio.core.store import batches
from veo_studio.core.store.batches import KeyedGeneration
from veo_studio.core.store.repositories import GenerationRepository

RESULT_COLUMNS = ("id", "status", "path", "error", "tokens", "cost_usd", "seed")
# the wide ones count as the narrow ones in some spreadsheets
_FORMULAS = ("=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
_NOT_STARTED = "not started"


@dataclass(frozen=True)
class BatchRun:
    """One start of a file: when it was, and its generations by row."""

    number: int
    started_at: datetime
    keyed: tuple[KeyedGeneration, ...]

    @property
    def generations(self) -> list[Generation]:
        return [one.generation for one in self.keyed]

    @property
    def is_at_its_end(self) -> bool:
        """False while something of it waits or runs, be it for the user."""
        return not any(
            one.state in ACTIVE_STATES or one.state is GenerationState.HELD
            for one in self.generations
        )

    def by_row(self) -> dict[int, list[Generation]]:
        """By the number of the row in the file, in the order of their takes."""
        found: dict[int, list[Generation]] = {}
        for one in sorted(self.keyed, key=lambda one: key_place(one.key)):
            found.setdefault(key_place(one.key)[0], []).append(one.generation)
        return found

    def requests(self) -> list[GenerationRequest]:
        """As they were asked for, keys and all: asked for again they pay for nothing."""
        return [replace(one.generation.to_request(), idempotency_key=one.key) for one in self.keyed]


async def last_run(repository: GenerationRepository, digest: str) -> BatchRun | None:
    """The newest start of the file with this digest; None where there was none."""
    begun = key_prefix(digest)[:-1] + "."
    runs = await repository.database.read(lambda connection: batches.runs(connection, begun))
    if not runs:
        return None
    return await run_of(repository, digest, max(runs))


async def run_of(repository: GenerationRepository, digest: str, number: int) -> BatchRun | None:
    """One start as it stands now."""
    prefix = key_prefix(f"{digest}.{number}")
    keyed = await repository.database.read(
        lambda connection: batches.beginning_with(connection, prefix)
    )
    if not keyed:
        return None
    return BatchRun(number, min(one.generation.created_at for one in keyed), tuple(keyed))


async def further_clips(
    repository: GenerationRepository, generations: Iterable[Generation]
) -> dict[int, list[Generation]]:
    """The further clips of requests that made several, by the id of the first one."""
    found: dict[int, list[Generation]] = {}
    for first in generations:
        for number in range(2, first.config.samples + 1):
            if (clip := await repository.sample(first, number)) is not None:
                found.setdefault(first.id, []).append(clip)
    return found


def check_target(path: Path, source: Path) -> None:
    """That results can be written to `path`, and replace neither `source` nor what is no file. Blocks.

    ValueError with a sentence.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror or error}.") from error
    else:
        if stat.S_ISLNK(found.st_mode):
            raise ValueError(f"{path.name} is a link. Name the file itself for the results.")
        if not stat.S_ISREG(found.st_mode):
            raise ValueError(f"{path} cannot be written: it is no file.")
        with suppress(OSError):
            if os.path.samefile(path, source):
                raise ValueError("The results would replace the file itself; choose another name.")
    if not path.parent.is_dir():
        raise ValueError(f"{path} cannot be written: there is no folder {path.parent}.")
    part = _part_of(path)
    try:
        # permissions alone do not say it: the file system may be read-only, or none
        part.open("x").close()
        part.unlink()
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror or error}.") from error


def _part_of(path: Path) -> Path:
    return path.with_name(f".{uuid.uuid4().hex}.part")


def write_results(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[tuple[int, Mapping[str, str]]],
    made: Mapping[int, Sequence[Generation]],
    further: Mapping[int, Sequence[Generation]] | None = None,
) -> int:
    """Write the columns of the file and what came of each row, a line per clip; returns how many lines.

    All of it or the old file. `rows` are number and cells. Raises StorageError. Blocks.
    """
    if not path.parent.is_dir():
        raise StorageError(
            f"There is no folder {path.parent}.", action="Make it first, or choose another folder."
        )
    own = [column for column in columns if column not in RESULT_COLUMNS]
    lines = list(_lines(own, rows, made, further or {}))
    part = _part_of(path)
    with storage_errors(path.parent):
        try:
            with part.open("x", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow((*own, *RESULT_COLUMNS))
                writer.writerows(lines)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    return len(lines)


def _lines(
    columns: Sequence[str],
    rows: Iterable[tuple[int, Mapping[str, str]]],
    made: Mapping[int, Sequence[Generation]],
    further: Mapping[int, Sequence[Generation]],
) -> Iterator[tuple[object, ...]]:
    for number, cells in rows:
        given = tuple(guarded(cells.get(column, "")) for column in columns)
        generations = made.get(number, ())
        if not generations:
            yield (*given, "", _NOT_STARTED, "", "", "", "", guarded(cells.get("seed", "")))
        for first in generations:
            yield (*given, *_result(first))
            for clip in further.get(first.id, ()):
                yield (*given, *_result(clip))


def _result(generation: Generation) -> tuple[object, ...]:
    seed = generation.config.seed
    return (
        generation.id,
        generation.state.value,
        "" if generation.video_path is None else guarded(str(generation.video_path)),
        "" if generation.error is None else guarded(masked(generation.error)),
        generation.tokens,
        _amount(generation.cost_usd if generation.cost_usd is not None else generation.price_usd),
        "" if seed is None else seed,
    )


def _amount(usd: Decimal | None) -> str:
    return "" if usd is None else f"{usd:.6f}"


def guarded(words: str) -> str:
    """A spreadsheet would take some beginnings for a formula."""
    return f"'{words}" if words.startswith(_FORMULAS) else words
