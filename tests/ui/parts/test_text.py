from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from veo_studio.core.models import Charge, GenerationState, Progress, Stage
from veo_studio.ui import text

NOW = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-30), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(hours=24), "yesterday"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=40), "31 Jan"),
        (timedelta(days=400), "5 Feb 2025"),
    ],
)
def test_ages_are_short(age: timedelta, words: str) -> None:
    assert text.ago(NOW - age, now=NOW) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0 s"),
        (8, "8 s"),
        (59.6, "1 min"),
        (65, "1 min 5 s"),
        (3600, "1 h"),
        (7380, "2 h 3 min"),
    ],
)
def test_lengths_have_their_units(seconds: float, words: str) -> None:
    assert text.seconds_words(seconds) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (640_000, "640 kB"),
        (999_600, "1.0 MB"),
        (4_200_000, "4.2 MB"),
        (123_456_789, "123 MB"),
        (5 * 10**12, "5.0 TB"),
    ],
)
def test_sizes_are_those_of_file_managers(size: int, words: str) -> None:
    assert text.size_words(size) == words


def test_every_state_and_charge_has_words() -> None:
    assert len({text.state_words(state) for state in GenerationState}) == len(GenerationState)
    assert [text.charge_words(charge) for charge in Charge] == [
        "not charged",
        "charged",
        "charge unknown",
    ]


def test_a_sentence_with_a_hole_is_a_mistake() -> None:
    assert text.tr("{a} and {b}", a=1, b="{b}") == "1 and {b}"
    with pytest.raises(KeyError):
        text.tr("{a} and {b}", a=1)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "a few seconds left"),
        (38, "about 40 s left"),
        (61, "about 1 min left"),
        (150, "about 2 min left"),
    ],
)
def test_estimates_are_round(seconds: float, words: str) -> None:
    assert text.estimate_words(seconds) == words


def test_progress_tells_bytes_and_estimate() -> None:
    progress = Progress(
        92, Stage.DOWNLOADING, "Downloading", False, 30, bytes_done=3_000_000, bytes_total=8_200_000
    )
    assert text.progress_words(progress) == "Downloading · 3.0 MB of 8.2 MB · about 30 s left"


def test_positions_look_like_a_clock() -> None:
    assert [text.clock(at) for at in (0, 8.9, 65, 3723)] == ["0:00", "0:08", "1:05", "1:02:03"]


def test_markup_in_a_tool_tip_stays_text() -> None:
    assert text.plain_tool_tip("<b>a</b>\nb & c") == (
        '<p style="margin: 0">&lt;b&gt;a&lt;/b&gt;</p><p style="margin: 0">b &amp; c</p>'
    )


def test_money_is_said_in_cents_or_finer() -> None:
    assert text.money_words(Decimal("0.56")) == "$0.56"
    assert text.money_words(Decimal("-1204")) == "\u2212$1,204.00"
    assert text.money_words(Decimal("0.0042")) == "$0.0042"
    assert text.money_words(Decimal(0)) == "$0.00"


def test_every_charge_has_a_badge_and_a_meaning() -> None:
    for charge in Charge:
        words = text.charge_words(charge)
        assert text.charge_meaning(charge).lower().startswith(f"{words}:")
