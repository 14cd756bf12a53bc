"""Text and tables from files of the user's: any common encoding, CSV with any common separator. Blocks."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection, Iterator
from pathlib import Path

# a cell far longer than any prompt: where a quote was never closed, the rest of the file is one
_MAX_CELL_CHARS = 20_000
_DELIMITERS = ",;\t"
# without a mark at its beginning, text in UTF-16 has a zero at every second place
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text(path: Path, max_bytes: int, limit: str) -> tuple[str, str]:
    """The text, and a sentence where it was not in UTF-8. ValueError with a sentence for anything else.

    `limit` says how much fits, after "is larger than 32 MB; ".
    """
    return _decoded(_content(path, max_bytes, limit), path.name)


def _content(path: Path, max_bytes: int, limit: str) -> bytes:
    try:
        if not path.is_file():
            raise ValueError(f"There is no file {path}.")
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise ValueError(f"{path.name} cannot be opened: {reason}.") from error
    if len(content) > max_bytes:
        raise ValueError(f"{path.name} is larger than {max_bytes // 1024**2} MB; {limit}.")
    return content


def _decoded(content: bytes, name: str) -> tuple[str, str]:
    """The text, and a sentence where it was not in UTF-8."""
    if content.startswith(b"PK\x03\x04"):
        raise ValueError(f"{name} is a workbook or an archive. Save the sheet as CSV.")
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strictly(content, encoding, name), ""
    half = len(content) // 2
    for encoding, zeros in (("utf-16-le", content[1::2]), ("utf-16-be", content[0::2])):
        # of plain letters every second byte is zero
        if half and zeros.count(0) > half * 0.6:
            return _strictly(content, encoding, name), ""
    if b"\0" in content:
        raise ValueError(f"{name} is no text file: it has zero bytes in it.")
    try:
        return content.decode("utf-8"), ""
    except UnicodeDecodeError:
        text = _strictly(content, "cp1252", name)
        return text, f"{name} is not in UTF-8; it was read as Windows-1252."


def _strictly(content: bytes, encoding: str, name: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{name} is not text in UTF-8, UTF-16 or Windows-1252. Save it as UTF-8."
        ) from error
    if "\0" in text:
        raise ValueError(f"{name} is no text file: it has zero bytes in it.")
    return text


def records_of(text: str, delimiter: str, name: str) -> Iterator[list[str]]:
    """Row by row; ValueError with a sentence about quotes that do not match."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begin = 1
    try:
        for record in reader:
            begin = reader.line_num + 1
            if max(map(len, record), default=0) > _MAX_CELL_CHARS:
                raise ValueError(
                    f"A cell that ends in line {reader.line_num} of {name} is too long. "
                    'Is a quote (") missing?'
                )
            yield record
    except csv.Error as error:
        raise ValueError(
            f'In {name} the quotes (") from line {begin} on do not match. '
            "Double the quotes that belong to the text."
        ) from error


def delimiter_of(text: str, columns: Collection[str]) -> tuple[str, str, int]:
    """What separates the cells, the text that they are in, and the row that this begins with."""
    first = 1
    if text[:4].lower() == "sep=" and len(text) > 4 and text[4] in _DELIMITERS:
        # a spreadsheet's own line; it counts as a row there
        told = text[4]
        return told, text[5:].lstrip("\r\n"), 2
    head = text.lstrip("\r\n")
    line = head.splitlines()[0] if head else ""

    def known(delimiter: str) -> tuple[int, int]:
        names = [plain_name(cell.strip('"')) for cell in line.split(delimiter)]
        return sum(name in columns for name in names), len(names)

    return max(_DELIMITERS, key=known), text, first


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """As an editor counts them: JSON and prompts may hold characters that Python takes for line ends."""
    return enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1)


def plain_name(name: str) -> str:
    """As columns are named: small, with _ between words."""
    return "_".join(name.strip().lower().replace("-", " ").split())
