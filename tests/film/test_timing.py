"""Where clips stand, in whole pictures."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from veo_studio.core.film.timing import Span, spans_of


def test_a_cross_fade_lies_over_both_clips():
    assert spans_of([2.0, 1.0, 3.0], [0.0, 0.4, 0.0], Fraction(10)) == (
        Span(0, 20, 0), Span(16, 10, 4), Span(26, 30, 0),
    )  # fmt: skip


def test_the_first_clip_has_nothing_to_be_faded_with():
    assert spans_of([1.0], [5.0], Fraction(25)) == (Span(0, 25, 0),)


def test_a_fade_is_as_long_as_its_clips_allow():
    # of nine pictures that are free eight are an even number; then one is left of the second
    assert spans_of([1.0, 1.0, 1.0], [0, 9.0, 9.0], Fraction(10)) == (
        Span(0, 10, 0), Span(2, 10, 8), Span(12, 10, 0),
    )  # fmt: skip


@given(
    st.lists(st.tuples(st.floats(0.01, 60), st.floats(0, 10)), min_size=1, max_size=20),
    st.sampled_from([Fraction(24000, 1001), Fraction(24), Fraction(30), Fraction(120)]),
)
def test_every_picture_belongs_to_one_clip_or_to_two_that_are_faded(clips, rate):
    spans = spans_of([length for length, _ in clips], [fade for _, fade in clips], rate)
    assert spans[0].first == 0
    for before, after in pairwise(spans):
        assert after.first == before.end - after.fade
        assert after.fade % 2 == 0
        # what is faded with the one before is never faded with the next one too
        assert before.fade + after.fade < before.count
        assert after.fade < after.count
