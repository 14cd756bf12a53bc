"""Rows against their models: values, defaults, pictures, prices, and every mistake with its column."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from veo_studio.core.batch import Batch, check_file, edited, made_folders, without
from veo_studio.core.batch_file import BatchFile, FileRow
from veo_studio.core.batch_identity import digest_of
from veo_studio.core.batch_pictures import PictureHeads
from veo_studio.core.batch_results import guarded
from veo_studio.core.batch_rows import BatchDefaults, CheckedRow, RowChecker
from veo_studio.core.catalog import Catalog
from veo_studio.core.errors import QueueFull
from veo_studio.core.input_files import InputFiles
from veo_studio.core.models import GenerationKind, InputMode, InputRole, VideoConfig

CATALOG = Catalog.load()
REHEARSAL = CATALOG.find("rehearsal-1", "rehearsal")
OMNI = CATALOG.find("gemini-omni-1.2-flash", "gemini")
Check = Callable[..., CheckedRow]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """One row in a file of `tmp_path`; every provider is connected but runway."""

    def work(cells: Mapping[str, str], defaults: BatchDefaults | None = None) -> CheckedRow:
        checker = RowChecker(
            CATALOG,
            defaults or BatchDefaults(REHEARSAL),
            tmp_path,
            lambda name: "Add a key in Settings." if name == "runway" else None,
        )
        return checker.check(FileRow(7, {"prompt": "A red kite", **cells}))

    return work


def batch_of(rows: list[CheckedRow], folder: Path) -> Batch:
    file = BatchFile(folder / "a.csv", ("prompt",), tuple(FileRow(r.number, r.cells) for r in rows))
    return Batch(file, tuple(rows))


def test_a_row_with_a_prompt_alone_gets_the_models_defaults(check: Check) -> None:
    row = check({})
    assert row.problems == ()
    assert row.model == REHEARSAL
    assert row.config == REHEARSAL.default_config()
    assert (row.count, row.tokens, row.cost_usd) == (1, 0, Decimal(0))


def test_what_a_row_says_wins_over_the_form_and_the_form_over_the_model(check: Check) -> None:
    form = VideoConfig("9:16", 5, "480p", "rain", seed=3)
    row = check(
        {"duration": "4.0", "seed": "42", "takes": "3", "resolution": "720P"},
        BatchDefaults(REHEARSAL, config=form),
    )
    assert row.problems == ()
    assert row.config == VideoConfig("9:16", 4, "720p", "rain", seed=42)
    assert row.count == 3


def test_the_forms_settings_are_brought_to_what_the_rows_model_can_do(check: Check) -> None:
    form = VideoConfig("1:1", 59, "4k", "rain", seed=3)
    row = check({"model": OMNI.id, "provider": "gemini"}, BatchDefaults(REHEARSAL, config=form))
    assert row.problems == ()
    assert row.config.duration_s in OMNI.capabilities.durations_s
    assert row.config.aspect_ratio in OMNI.capabilities.aspect_ratios
    assert row.tokens == OMNI.tokens
    assert row.cost_usd == OMNI.estimate(row.config)


def test_options_stand_for_missing_cells(check: Check) -> None:
    defaults = BatchDefaults(REHEARSAL, {"duration": "6", "negative_prompt": "rain"})
    assert check({}, defaults).config.duration_s == 6
    assert check({"duration": "3"}, defaults).config.duration_s == 3
    assert check({"duration": "3"}, defaults).config.negative_prompt == "rain"


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ({"prompt": ""}, "prompt", "Prompt cannot be empty"),
        ({"prompt": "ab"}, "prompt", "Prompt too short"),
        ({"prompt": "x" * 2001}, "prompt", "Prompt too long"),
        ({"model": "veo-9"}, "model", "Unknown model 'veo-9'"),
        ({"model": "gen4.5"}, "model", "Gen-4.5 cannot be used yet. Add a key in Settings."),
        ({"provider": "nobody"}, "provider", "There is no provider 'nobody'"),
        ({"provider": "runway"}, "provider", "cannot be used yet"),
        ({"kind": "song"}, "kind", "The kind is video or picture, not song."),
        ({"model": "rehearsal-1", "kind": "picture"}, "kind", "makes clips"),
        ({"aspect_ratio": "5:4"}, "aspect_ratio", "not 5:4"),
        ({"duration": "61"}, "duration", "from 2 to 60, not 61"),
        ({"duration": "four"}, "duration", "whole number"),
        ({"duration": "9" * 5000}, "duration", "whole number"),
        ({"resolution": "8k"}, "resolution", "not 8k"),
        ({"seed": "-1"}, "seed", "The seed must be"),
        ({"seed": "4.5"}, "seed", "not 4.5"),
        ({"enable_audio": "maybe"}, "enable_audio", "Write true or false, not maybe."),
        ({"takes": "9"}, "takes", "from 1 to 8, not 9"),
        ({"samples": "3"}, "samples", "one clip per request"),
        ({"first_frame": "missing.png"}, "first_frame", "There is no file"),
        ({"first_frame": "note.txt"}, "first_frame", "no PNG, JPEG or WebP picture"),
        ({"references": "red.png|missing.png"}, "references", "There is no file"),
        ({"last_frame": "red.png"}, "last_frame", "A last frame needs a first frame."),
        ({"output_dir": "note.txt"}, "output_dir", "note.txt is no folder."),
    ],
)
def test_a_mistake_is_told_with_its_column(
    check: Check, tmp_path: Path, cells: dict[str, str], column: str, sentence: str
) -> None:
    (tmp_path / "note.txt").write_text("no picture")
    Image.new("RGB", (64, 36), "red").save(tmp_path / "red.png")
    row = check(cells)
    assert [one.column for one in row.problems] == [column]
    assert sentence in row.problem_of(column)
    assert (row.count, row.tokens) == (0, 0)


def test_every_mistake_of_a_row_is_told(check: Check) -> None:
    row = check({"prompt": "", "duration": "61", "aspect_ratio": "5:4", "takes": "0"})
    assert {one.column for one in row.problems} == {"prompt", "duration", "aspect_ratio", "takes"}


def test_a_row_that_could_not_be_read_is_right_once_it_is_written_anew(check: Check) -> None:
    checker = RowChecker(CATALOG, BatchDefaults(REHEARSAL), Path(), lambda _: None)
    row = checker.check(FileRow(3, {}, "This line is not JSON."))
    assert row.problems[0].sentence == "This line is not JSON."
    mended = checker.check(edited(row, "prompt", "A red kite"))
    assert mended.problems == ()
    assert mended.number == 3


def test_pictures_are_looked_at_first_and_taken_in_once_at_the_start(
    check: Check, tmp_path: Path
) -> None:
    Image.new("RGB", (64, 36), "red").save(tmp_path / "red.png")
    files = InputFiles(tmp_path / "kept")
    rows = [check({"first_frame": "red.png"}) for _ in range(3)]
    assert rows[0].problems == ()
    assert rows[0].config.mode is InputMode.FIRST_FRAME
    assert not files.folder.exists()
    requests = batch_of(rows, tmp_path).requests(files)
    assert len(list(files.folder.iterdir())) == 1
    (item,) = requests[0].config.inputs
    assert item.role is InputRole.FIRST_FRAME
    assert files.path(item).is_file()


def test_a_picture_of_too_many_pixels_is_refused_by_its_head(check: Check, tmp_path: Path) -> None:
    small = tmp_path / "small.png"
    Image.new("RGB", (8, 8)).save(small)
    content = bytearray(small.read_bytes())
    import zlib

    content[16:24] = (100_000).to_bytes(4) + (100_000).to_bytes(4)
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4)
    (tmp_path / "bomb.png").write_bytes(content)
    (one,) = check({"first_frame": "bomb.png"}).problems
    assert "pixels" in one.sentence


def test_lists_in_prompts_are_made_of_only_where_that_is_asked_for(check: Check) -> None:
    cells = {"prompt": "A {red|blue} kite", "takes": "2"}
    plain = check(cells)
    assert plain.prompts == ("A {red|blue} kite",)
    row = check(cells, BatchDefaults(REHEARSAL, expands=True))
    assert row.prompts == ("A red kite", "A blue kite")
    assert row.count == 4
    missing = check({"prompt": "A {kind} kite"}, BatchDefaults(REHEARSAL, expands=True))
    assert "Fill in {kind}" in missing.problem_of("prompt")


def test_takes_belong_together_and_keys_give_the_rows_back(check: Check, tmp_path: Path) -> None:
    row = check({"takes": "3", "seed": "5", "output_dir": "clips"})
    batch = batch_of([row], tmp_path)
    requests = batch.requests(InputFiles(tmp_path))
    assert [one.config.seed for one in requests] == [5, 6, 7]
    assert [one.take_number for one in requests] == [1, 2, 3]
    assert len({one.take_group for one in requests}) == 1
    assert requests[0].output_dir == tmp_path / "clips"
    keys = [one.idempotency_key for one in requests]
    assert keys == [f"batch:{batch.digest}.1:7:{number}" for number in (1, 2, 3)]
    again = batch.requests(InputFiles(tmp_path), run=2)
    assert {one.idempotency_key for one in again}.isdisjoint(keys)
    assert all(len(str(key)) <= 128 for key in keys)


def test_the_total_adds_up_and_names_what_has_no_price(check: Check, tmp_path: Path) -> None:
    wan = next(m for m in CATALOG.of_kind(GenerationKind.VIDEO) if m.provider == "gemini")
    rows = [check({"model": wan.id, "provider": wan.provider, "takes": "2"}), check({}),
            check({"duration": "61"})]  # fmt: skip
    total = batch_of(rows, tmp_path).total
    assert (total.rows, total.rows_with_problems, total.clips) == (3, 1, 3)
    assert total.tokens == 2 * wan.tokens
    one = wan.estimate(rows[0].config)
    assert one is not None
    assert total.price_usd == 2 * one
    assert len(batch_of(rows, tmp_path).costs()) == 3


def test_more_than_the_queue_takes_is_told(check: Check, tmp_path: Path) -> None:
    row = check({"takes": "8"})
    fits = batch_of([row] * 125, tmp_path)
    assert fits.too_large() == ""
    words = batch_of([row] * 126, tmp_path).too_large()
    assert words.startswith("This batch makes 1,008 generations; the queue takes 1,000 at once.")
    assert without(fits, {7}).rows == ()


def test_a_thousand_rows_are_checked_and_priced_in_a_second(tmp_path: Path) -> None:
    """The figure is in docs/benchmarks.md; here is room for a machine that is busy."""
    file = BatchFile(
        tmp_path / "a.csv",
        ("prompt", "seed"),
        tuple(FileRow(n, {"prompt": f"A red kite {n}", "seed": str(n)}) for n in range(1000)),
    )
    started = time.process_time()
    checker = RowChecker(CATALOG, BatchDefaults(OMNI), tmp_path, lambda _: None)
    total = check_file(file, checker).total
    assert total.clips + total.rows_with_problems == 1000
    assert time.process_time() - started < 3.0


def test_the_length_of_a_picture_is_a_mistake_where_the_row_says_it(check: Check) -> None:
    row = check({"kind": "picture", "duration": "8"})
    assert row.problem_of("duration") == "A picture has no length: leave the cell empty."
    assert not check({"kind": "picture"}, BatchDefaults(REHEARSAL, {"duration": "8"})).problems


def test_what_decides_what_is_sent_decides_which_batch_it_is(tmp_path: Path) -> None:
    file = BatchFile(tmp_path / "a.csv", ("prompt",), (FileRow(2, {"prompt": "A {size} kite"}),))

    def digest(**told: Any) -> str:
        defaults = BatchDefaults(**{"model": REHEARSAL, **told})
        return digest_of(file, defaults, PictureHeads(tmp_path))

    form, lists = VideoConfig(seed=3), {"size": ("big", "small")}
    others = [
        digest(),
        digest(model=OMNI),
        digest(cells={"takes": "2"}),
        digest(config=form),
        digest(config=replace(form, aspect_ratio="9:16")),
        digest(expands=True),
        digest(expands=True, lists=lists),
    ]
    assert len(set(others)) == len(others)
    assert digest(output_dir=tmp_path) == digest(lists=lists) == digest()
    assert digest(expands=True, lists={**lists, "unused": ("x",)}) == others[-1]
    # what is settled by the row itself or by an option makes the default model no difference
    named = {"model": "rehearsal-1"}
    assert digest(cells=named) == digest(cells=named, model=OMNI)


async def test_folders_of_a_batch_that_is_refused_go_again(tmp_path: Path) -> None:
    there, new = tmp_path / "there", tmp_path / "new" / "deep"
    there.mkdir()
    with pytest.raises(QueueFull):
        async with made_folders([there, new]):
            assert new.is_dir()
            raise QueueFull(1000)
    assert there.is_dir()
    assert not new.parent.exists()
    async with made_folders([new]):
        pass
    assert new.is_dir()


@pytest.mark.parametrize("words", ["=1", "+1", "-1", "@A1", "|calc", "%0", "\uff1d1+1", "\n=1"])
def test_no_spreadsheet_takes_words_for_a_formula(words: str) -> None:
    assert guarded(words) == f"'{words}"
