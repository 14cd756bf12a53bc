"""Files of many prompts: every form and encoding, and what is wrong with one in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from veo_studio.core.batch_file import COLUMNS, MAX_ROWS, BatchFile, read_batch, template

KITE, BOAT = "A red kite", "Ein Boot für später, im Regen"


def read(folder: Path, name: str, content: str | bytes) -> BatchFile:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_batch(path)


def rows(file: BatchFile) -> list[tuple[int, dict[str, str]]]:
    return [(row.number, dict(row.cells)) for row in file.rows]


def test_text_has_a_prompt_per_line_without_blank_lines_and_remarks(tmp_path: Path) -> None:
    file = read(tmp_path, "a.txt", f"# my kites\n\n  {KITE}  \r\n\r\n # later\n{BOAT}")
    assert rows(file) == [(3, {"prompt": KITE}), (6, {"prompt": BOAT})]
    assert file.columns == ("prompt",)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_a_table_is_read_whatever_separates_its_cells(
    tmp_path: Path, separator: str, name: str
) -> None:
    content = "\r\n".join(
        separator.join(cells)
        for cells in (
            ("Prompt", " duration", "Aspect Ratio", "", ""),
            (f'"{BOAT}; \t""{KITE}"""', "8", "", "", ""),
            ("", "", "", "", ""),
            (KITE, "", "9:16"),
        )
    )
    file = read(tmp_path, name, content)
    assert file.columns == ("prompt", "duration", "aspect_ratio")
    assert rows(file) == [
        (2, {"prompt": f'{BOAT}; \t"{KITE}"', "duration": "8"}),
        (4, {"prompt": KITE, "aspect_ratio": "9:16"}),
    ]


def test_a_prompt_of_several_lines_is_one_row_as_in_a_spreadsheet(tmp_path: Path) -> None:
    file = read(tmp_path, "a.csv", f'sep=;\r\nprompt;seed\r\n"first\r\nsecond";1\r\n{KITE};2\r\n')
    assert rows(file) == [
        (3, {"prompt": "first\r\nsecond", "seed": "1"}),
        (4, {"prompt": KITE, "seed": "2"}),
    ]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl"])
def test_every_usual_encoding_gives_the_same_words(
    tmp_path: Path, encoding: str, name: str
) -> None:
    content = {
        "a.txt": f"{BOAT}\r\n",
        "a.csv": f'prompt\r\n"{BOAT}"\r\n',
        "a.jsonl": json.dumps({"prompt": BOAT}, ensure_ascii=False) + "\r\n",
    }[name]
    file = read(tmp_path, name, content.encode(encoding))
    assert [row.cells["prompt"] for row in file.rows] == [BOAT]
    assert ("Windows-1252" in file.note) is (encoding == "cp1252")


def test_json_lines_have_the_same_names(tmp_path: Path) -> None:
    lines = [
        json.dumps({"prompt": KITE, "duration": 8, "enable_audio": False, "seed": None}),
        "",
        json.dumps({"prompt": BOAT, "references": ["a.png", "b.png"], "Aspect-Ratio": "1:1"}),
        "{broken",
        "[1]",
        json.dumps({"prompt": {"text": KITE}, "seed": 3}),
        "[" * 100_000,
        '{"prompt": "a \\ud800 b"}',
    ]
    file = read(tmp_path, "a.jsonl", "\n".join(lines))
    assert file.columns == (
        "prompt", "duration", "enable_audio", "references", "aspect_ratio", "seed",
    )  # fmt: skip
    found = {row.number: row for row in file.rows}
    assert found[1].cells == {"prompt": KITE, "duration": "8", "enable_audio": "false"}
    assert found[3].cells == {"prompt": BOAT, "references": "a.png|b.png", "aspect_ratio": "1:1"}
    assert found[4].problem == "This line is not JSON."
    assert found[5].problem.startswith("This line is no JSON object")
    assert found[6].problem == "prompt must be text, a number, true or false."
    assert found[6].cells == {"seed": "3"}
    assert found[7].problem == "This line is not JSON."
    assert found[8].cells == {"prompt": "a ? b"}


def test_a_row_with_too_many_cells_is_told_with_its_number(tmp_path: Path) -> None:
    file = read(tmp_path, "a.csv", f"prompt,seed\n{KITE},1,\nA boat, in the rain,2\n")
    good, bad = file.rows
    assert (good.number, good.problem) == (2, "")
    assert bad.number == 3
    assert "3 cells, but there are 2 columns" in bad.problem


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", "prompt,durations\nx,1\n", "Did you mean duration? Known: prompt, model"),
        ("a.csv", "prompt,aspect\nx,1\n", "unknown column: aspect. Did you mean aspect_ratio?"),
        ("a.csv", "prompt,weather\nx,1\n", "unknown column: weather. Known: prompt"),
        ("a.csv", "promt\nx\n", "unknown column: promt. Did you mean prompt?"),
        ("a.csv", "prompt,seed,seed\nx,1,1\n", "has the column seed twice"),
        ("a.csv", "prompt,,seed\nx,1,1\n", "Column 2 of a.csv has no name"),
        ("a.csv", "seed,duration\n1,8\n", "a.csv has no column prompt"),
        ("a.csv", "A red kite over the dunes\nAnother\n", "has to name the columns: prompt"),
        ("a.csv", "", "a.csv is empty"),
        ("a.csv", "prompt\n\n\n", "a.csv has no rows"),
        ("a.csv", 'prompt\nA kite\n"A boat\nthat never ends\n', "from line 3 on do not match"),
        ("a.csv", f'prompt\n"{"x" * 30_000}"\n', "is too long"),
        ("a.txt", "# only remarks\n", "a.txt has no rows"),
        ("a.jsonl", '{"prompt": "x", "audio": true}', "Line 1 of a.jsonl has an unknown column"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no text file"),
        ("a.csv", b"prompt\nA \0 kite\n", "zero bytes"),
        ("a.txt", b"\xff\xfeA\x00\x00\xd8", "not text in UTF-8, UTF-16 or Windows-1252"),
        ("a.txt", b"caf\xe9 \x81\x8d", "not text in UTF-8"),
        ("a.txt", "a kite\n" * (MAX_ROWS + 1), "more than 10,000 rows"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_sentence(
    tmp_path: Path, name: str, content: str | bytes, sentence: str
) -> None:
    with pytest.raises(ValueError) as caught:
        read(tmp_path, name, content)
    assert sentence in str(caught.value)


def test_a_file_of_100_mb_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(100 * 1024**2)
    with pytest.raises(ValueError, match=r"huge\.csv is larger than 32 MB"):
        read_batch(path)


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="There is no file"):
        read_batch(tmp_path / "missing.csv")
    with pytest.raises(ValueError, match="There is no file"):
        read_batch(tmp_path)


def test_as_many_rows_as_are_allowed_are_read(tmp_path: Path) -> None:
    assert len(read(tmp_path, "a.txt", "a kite\n" * MAX_ROWS).rows) == MAX_ROWS


def test_the_template_is_a_file_that_can_be_read(tmp_path: Path) -> None:
    file = read(tmp_path, "a.csv", template())
    assert len(file.rows) == 2
    assert set(file.columns) <= set(COLUMNS)


def test_a_name_that_stands_twice_in_a_line_is_a_mistake(tmp_path: Path) -> None:
    file = read(tmp_path, "a.jsonl", '{"Prompt": "A kite", "prompt": "A boat"}\n')
    assert file.rows[0].problem == "This line has prompt twice."
