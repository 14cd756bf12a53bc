"""Rows that follow each other are told together."""

from __future__ import annotations

import pytest

from veo_studio.ui.view_models.row_runs import runs_of


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], []),
        ([0], [range(0, 1)]),
        ([3, 1, 2], [range(1, 4)]),
        ([5, 0, 1, 9, 8], [range(0, 2), range(5, 6), range(8, 10)]),
        ([4, 4, 5], [range(4, 6)]),
    ],
)
def test_rows_that_follow_each_other_are_one_run(rows: list[int], told: list[range]) -> None:
    assert list(runs_of(iter(rows))) == told
