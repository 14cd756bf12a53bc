"""Tables as CSV files: RFC 4180 with a byte-order mark, which spreadsheets need to see UTF-8."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from veo_studio.core.errors import StorageError
from veo_studio.core.whole_file import write_whole

# what a spreadsheet takes for the beginning of a formula
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> object:
    """`value` as a cell: None is empty, and text that a spreadsheet would calculate stays text."""
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The whole table, with a line of column names."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """All of it or the old file: under another name first. Raises StorageError. Blocks."""
    if not path.parent.is_dir():
        raise StorageError(
            f"There is no folder {path.parent}.", action="Make it first, or choose another folder."
        )
    write_whole(path, csv_text(columns, rows).encode("utf-8-sig"))
