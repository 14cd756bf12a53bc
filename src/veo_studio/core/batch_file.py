"""Files of many prompts: plain text, CSV and JSON Lines, read into rows of named cells. Pure and blocking.

Nothing here knows a model: a row is what somebody wrote, with the number that it has in the file.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from veo_studio.core.text_table import (
    delimiter_of,
    numbered_lines,
    plain_name,
    read_text,
    records_of,
)

COLUMNS = (
    "prompt",
    "model",
    "provider",
    "kind",
    "aspect_ratio",
    "duration",
    "resolution",
    "negative_prompt",
    "seed",
    "enable_audio",
    "samples",
    "takes",
    "first_frame",
    "last_frame",
    "references",
    "output_dir",
)
SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".txt")
MAX_BYTES = 32 * 1024 * 1024
MAX_ROWS = 10_000
# what people call them elsewhere, on our own command line too
_ALSO = {
    "aspect": "aspect_ratio", "ratio": "aspect_ratio", "seconds": "duration", "length": "duration",
    "negative": "negative_prompt", "audio": "enable_audio", "sound": "enable_audio",
    "image": "first_frame", "picture": "first_frame", "reference": "references", "count": "takes",
    "size": "resolution", "text": "prompt", "folder": "output_dir", "service": "provider",
}  # fmt: skip


@dataclass(frozen=True)
class FileRow:
    """One row. `number` is its line in a text file, its row in a spreadsheet (the names are row 1).

    `problem` says in a sentence why the row could not be read; its cells are what could be.
    """

    number: int
    cells: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class BatchFile:
    """A file as it was read; `columns` are those it has, in its order.

    `note` is one sentence for people where the file was not in UTF-8.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[FileRow, ...]
    note: str = ""


def read_batch(path: Path) -> BatchFile:
    """All of the file, or ValueError with a sentence. Blocks."""
    text, note = read_text(path, MAX_BYTES, f"a batch has at most {MAX_ROWS:,} rows")
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        columns, rows = _from_csv(text, path.name)
    elif suffix in (".jsonl", ".ndjson"):
        columns, rows = _from_json_lines(text, path.name)
    else:
        columns, rows = ("prompt",), _from_text(text, path.name)
    if not rows:
        raise ValueError(f"{path.name} has no rows: there is nothing to make.")
    return BatchFile(path, columns, tuple(rows), note)


def check_columns(names: Iterable[str], where: str) -> None:
    """ValueError that names what is known, and what was probably meant."""
    unknown = [name for name in names if name not in COLUMNS]
    if not unknown:
        return
    name = unknown[0]
    shown = name if len(name) <= 40 else f"{name[:39]}…"
    meant = _meant(name)
    hint = f" Did you mean {meant}?" if meant else ""
    raise ValueError(f"{where} has an unknown column: {shown}.{hint} Known: {', '.join(COLUMNS)}.")


def template() -> str:
    """A CSV file to begin with."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(("prompt", "aspect_ratio", "duration", "resolution", "seed", "takes"))
    writer.writerow(("A paper boat drifts down a rainy street at dusk", "16:9", 8, "720p", 42, 1))
    writer.writerow(("Two foxes play in fresh snow, slow push in", "9:16", "", "", "", 2))
    return file.getvalue()


# the three forms


def _from_text(text: str, name: str) -> list[FileRow]:
    rows = []
    for number, line in numbered_lines(text):
        prompt = line.strip()
        if prompt and not prompt.startswith("#"):
            rows.append(FileRow(number, {"prompt": prompt}))
            _check_count(rows, name)
    return rows


def _from_json_lines(text: str, name: str) -> tuple[tuple[str, ...], list[FileRow]]:
    rows: list[FileRow] = []
    seen: dict[str, None] = {"prompt": None}
    for number, line in numbered_lines(text):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
        except (ValueError, RecursionError):
            rows.append(FileRow(number, {}, "This line is not JSON."))
        else:
            rows.append(_json_row(number, given, name))
            seen.update(dict.fromkeys(rows[-1].cells))
        _check_count(rows, name)
    return tuple(seen), rows


def _json_row(number: int, given: Any, name: str) -> FileRow:
    if not isinstance(given, dict):
        return FileRow(number, {}, 'This line is no JSON object such as {"prompt": "..."}.')
    plain = {key: plain_name(key) for key in given}
    names = {name: key for key, name in plain.items()}
    check_columns(names, f"Line {number} of {name}")
    cells = {}
    problem = ""
    if len(names) < len(given):
        twice = next(name for key, name in plain.items() if names[name] != key)
        problem = f"This line has {twice} twice."
    for column, key in names.items():
        value = given[key]
        if isinstance(value, list) and column == "references":
            is_usable = all(isinstance(item, str) for item in value)
            words = _cell("|".join(value)) if is_usable else ""
        else:
            is_usable = value is None or isinstance(value, str | int | float)
            words = _cell(value) if is_usable else ""
        if not is_usable:
            problem = problem or f"{column} must be text, a number, true or false."
        if words:
            cells[column] = words
    return FileRow(number, cells, problem)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        # a lone surrogate cannot be stored or sent
        return str(value).strip().encode("utf-8", "replace").decode("utf-8")
    except ValueError:
        # a number of more digits than Python writes
        return "?"


def _from_csv(text: str, name: str) -> tuple[tuple[str, ...], list[FileRow]]:
    delimiter, text, first = delimiter_of(text, COLUMNS)
    records = records_of(text, delimiter, name)
    header: Sequence[str] = ()
    for record in records:
        first += 1
        if any(cell.strip() for cell in record):
            header = [plain_name(cell) for cell in record]
            break
    while header and not header[-1]:
        header = header[:-1]
    _check_header(header, name)
    rows: list[FileRow] = []
    for row_number, record in enumerate(records, start=first):
        cells = [cell.strip() for cell in record]
        if not any(cells):
            continue
        rows.append(_csv_row(row_number, header, cells))
        _check_count(rows, name)
    return tuple(header), rows


def _csv_row(number: int, header: Sequence[str], cells: Sequence[str]) -> FileRow:
    named = {name: cell for name, cell in zip(header, cells, strict=False) if cell}
    if any(cells[len(header) :]):
        return FileRow(
            number,
            named,
            f"This row has {len(cells)} cells, but there are {len(header)} columns. "
            'Put text with a separator in it between quotes (").',
        )
    return FileRow(number, named)


def _check_header(header: Sequence[str], name: str) -> None:
    if not header:
        raise ValueError(f"{name} is empty: its first row has to name the columns.")
    if not any(column in COLUMNS for column in header):
        check = difflib.get_close_matches(header[0], COLUMNS, n=1)
        if not check and not _meant(header[0]):
            raise ValueError(
                f"The first row of {name} has to name the columns: {', '.join(COLUMNS)}."
            )
    if "" in header:
        raise ValueError(f"Column {header.index('') + 1} of {name} has no name.")
    check_columns(header, name)
    if twice := next((column for column in header if list(header).count(column) > 1), ""):
        raise ValueError(f"{name} has the column {twice} twice.")
    if "prompt" not in header:
        raise ValueError(f"{name} has no column prompt.")


def _check_count(rows: Sequence[FileRow], name: str) -> None:
    if len(rows) > MAX_ROWS:
        raise ValueError(f"{name} has more than {MAX_ROWS:,} rows. Split it into several files.")


def _meant(name: str) -> str:
    if name in _ALSO:
        return _ALSO[name]
    close = difflib.get_close_matches(name, [*COLUMNS, *_ALSO], n=1, cutoff=0.7)
    return _ALSO.get(close[0], close[0]) if close else ""
