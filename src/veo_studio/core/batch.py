"""A batch: every row of a file checked against its model as the form would, priced, and made into requests.

Nothing is stored here and nothing costs anything: `GenerationQueue.enqueue` takes all of it or nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from veo_studio.core.batch_file import BatchFile, FileRow
from veo_studio.core.batch_identity import digest_of
from veo_studio.core.batch_pictures import as_taken, take_in_all
from veo_studio.core.batch_rows import BatchDefaults, CheckedRow, RowChecker
from veo_studio.core.input_files import InputFiles
from veo_studio.core.models import GenerationRequest, VideoConfig
from veo_studio.core.paths import ensure_folder
from veo_studio.core.store.moves import MAX_WAITING

_KEY = "batch"


@dataclass(frozen=True)
class BatchTotal:
    """What a batch costs. `cost_usd` adds up what is known, `unknown` names models without a price."""

    rows: int = 0
    rows_with_problems: int = 0
    clips: int = 0
    # generations: one that makes several clips is one
    requests: int = 0
    tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    unknown: tuple[str, ...] = ()

    @property
    def price_usd(self) -> Decimal | None:
        """None where a price in it is not known."""
        return None if self.unknown else self.cost_usd

    @property
    def is_free(self) -> bool:
        return self.tokens == 0 and self.price_usd == 0


@dataclass(frozen=True)
class Batch:
    """A file with its rows as they are checked; another one comes of every change.

    `digest` is of what the file and the defaults say (`batch_identity`), whatever was changed in the rows
    since it was read: by it an earlier start is found.
    """

    file: BatchFile
    rows: tuple[CheckedRow, ...] = field(default=())
    digest: str = ""

    @cached_property
    def total(self) -> BatchTotal:
        good = [row for row in self.rows if not row.problems]
        unknown = dict.fromkeys(
            row.model.name for row in good if row.model is not None and row.cost_usd is None
        )
        return BatchTotal(
            rows=len(self.rows),
            rows_with_problems=len(self.rows) - len(good),
            clips=sum(row.count * row.config.samples for row in good),
            requests=sum(row.count for row in good),
            tokens=sum(row.tokens for row in good),
            cost_usd=sum((row.cost_usd or Decimal(0) for row in good), Decimal(0)),
            unknown=tuple(unknown),
        )

    def costs(self) -> list[Decimal | None]:
        """What each generation costs, for the budgets."""
        return [
            None if row.cost_usd is None else row.cost_usd / row.count
            for row in self.rows
            if not row.problems
            for _ in range(row.count)
        ]

    def too_large(self) -> str:
        """A sentence where it is more than the queue takes, however empty that is; else ""."""
        count = sum(row.count for row in self.rows)
        if count <= MAX_WAITING:
            return ""
        return (
            f"This batch makes {count:,} generations; the queue takes {MAX_WAITING:,} at once. "
            "Split it into several files."
        )

    def folders(self) -> list[Path]:
        """Where the rows want their clips, beside the usual folder."""
        return list(dict.fromkeys(row.output_dir for row in self.rows if row.output_dir))

    def requests(self, files: InputFiles, run: int = 1) -> list[GenerationRequest]:
        """All of them, pictures taken in, with keys that give the rows back. Blocks.

        `run` is 1 at the first time, another number where the same file is made again. Raises ValueError
        where a picture cannot be used any more or a row has problems, StorageError.
        """
        for row in self.rows:
            if row.problems:
                raise ValueError(f"Row {row.number}: {row.problems[0].sentence}")
        taken = take_in_all(files, (row.pictures for row in self.rows))
        batch_id = f"{self.digest}.{run}"
        found: list[GenerationRequest] = []
        for row in self.rows:
            config = replace(row.config, inputs=as_taken(row.pictures, taken))
            found += _requests_of(row, config, batch_id)
        return found


def _requests_of(row: CheckedRow, config: VideoConfig, batch_id: str) -> list[GenerationRequest]:
    """One per prompt and take; takes of one prompt belong together and differ in their seed."""
    assert row.model is not None
    seeds = row.model.capabilities.max_seed + 1
    made = []
    for place, prompt in enumerate(row.prompts):
        name = hashlib.sha256(f"{batch_id}:{row.number}:{place}".encode()).hexdigest()[:32]
        for take in range(row.takes):
            number = place * row.takes + take + 1
            seed = None if config.seed is None else (config.seed + take) % seeds
            made.append(
                GenerationRequest(
                    prompt=prompt,
                    provider=row.model.provider,
                    model=row.model.id,
                    config=replace(config, seed=seed),
                    kind=row.model.kind,
                    idempotency_key=f"{key_prefix(batch_id)}{row.number}:{number}",
                    take_group=name if row.takes > 1 else None,
                    take_number=take + 1,
                    output_dir=row.output_dir,
                )
            )
    return made


def key_prefix(batch_id: str) -> str:
    """What the keys of a batch begin with: `batch:DIGEST.RUN:`; row and number follow."""
    return f"{_KEY}:{batch_id}:"


def key_place(key: str) -> tuple[int, int]:
    """Row and number in the row, of a key of a batch."""
    row, number = key.split(":")[2:4]
    return int(row), int(number)


def check_file(
    file: BatchFile, checker: RowChecker, rows: Iterable[FileRow] | None = None
) -> Batch:
    """Every row checked and priced, or these in their place. Blocks where rows name pictures."""
    checked = tuple(checker.check(row) for row in (file.rows if rows is None else rows))
    return Batch(file, checked, digest_of(file, checker.defaults, checker.heads))


@asynccontextmanager
async def made_folders(folders: Iterable[Path]) -> AsyncIterator[None]:
    """These are there inside; where it ends with an error, those that were not there before go again."""
    made: list[Path] = []
    try:
        await asyncio.to_thread(_make, folders, made)
        yield
    except Exception:
        await asyncio.to_thread(_remove, made)
        raise


def _make(folders: Iterable[Path], made: list[Path]) -> None:
    for folder in folders:
        made += reversed([one for one in (folder, *folder.parents) if not one.exists()])
        ensure_folder(folder)


def _remove(folders: Sequence[Path]) -> None:
    for folder in reversed(folders):
        # what somebody put into it meanwhile stays
        with suppress(OSError):
            folder.rmdir()


def without(batch: Batch, numbers: Collection[int]) -> Batch:
    """Without the rows of these numbers."""
    return replace(batch, rows=tuple(row for row in batch.rows if row.number not in numbers))


def with_row(batch: Batch, place: int, row: CheckedRow) -> Batch:
    """With another row at this place in the list."""
    return replace(batch, rows=(*batch.rows[:place], row, *batch.rows[place + 1 :]))


def edited(row: CheckedRow, column: str, words: str) -> FileRow:
    """The row with another cell; one that could not be read counts as written anew."""
    cells = {name: cell for name, cell in row.cells.items() if name != column}
    if words.strip():
        cells[column] = words.strip()
    return FileRow(row.number, cells)


__all__ = [
    "Batch",
    "BatchDefaults",
    "BatchTotal",
    "CheckedRow",
    "RowChecker",
    "check_file",
    "edited",
    "key_place",
    "key_prefix",
    "made_folders",
    "with_row",
    "without",
]
