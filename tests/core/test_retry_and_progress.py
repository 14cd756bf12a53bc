"""Pure decisions: when to ask again, and what to show meanwhile."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from veo_studio.core.generators.progress import ProgressTracker, TypicalTimes
from veo_studio.core.models import PollPacing, Running, Stage
from veo_studio.core.retry import Backoff, PollSchedule, quantile

GOOGLE = PollPacing(first_s=15, interval_s=10, deadline_s=1200, retention_h=48)


def test_the_two_classic_waits_are_two_and_four_seconds_with_jitter() -> None:
    backoff = Backoff()
    for _ in range(50):
        assert 1.0 <= backoff.wait_s(1) <= 2.0
        assert 2.0 <= backoff.wait_s(2) <= 4.0
        assert 30.0 <= backoff.wait_s(50) <= 60.0


def test_what_the_provider_told_wins() -> None:
    assert Backoff().wait_s(1, told_s=7) == 7
    assert Backoff().wait_s(1, told_s=0) >= 1.0


def test_polling_follows_the_provider_and_slows_down_after_its_deadline() -> None:
    schedule = PollSchedule(GOOGLE)
    assert schedule.wait_s(0, age_s=0) == 15
    assert schedule.wait_s(0, age_s=9) == 6
    assert schedule.wait_s(0, age_s=5000) == 0
    assert schedule.wait_s(3, age_s=60) == 10
    assert schedule.wait_s(3, age_s=60, failures=1) == 20
    assert schedule.wait_s(3, age_s=60, failures=9) == 60
    assert schedule.wait_s(9, age_s=4000) == 60
    assert not schedule.is_past_retention(47 * 3600)
    assert schedule.is_past_retention(48 * 3600 + 1)


def test_a_caller_may_ask_more_rarely_but_not_more_often() -> None:
    assert PollSchedule(GOOGLE, min_interval_s=2).wait_s(1, 30) == 10
    assert PollSchedule(GOOGLE, min_interval_s=30).wait_s(1, 30) == 30
    assert PollSchedule(GOOGLE, interval_override_s=0.1).wait_s(1, 30) == 0.1


def test_quantiles() -> None:
    assert quantile([], 0.5) is None
    assert quantile([3, 1, 2], 0.5) == 2
    assert quantile([5], 0.9) == 5


@given(
    st.lists(
        st.tuples(st.floats(0, 10_000), st.none() | st.floats(0, 1.5), st.booleans()),
        min_size=1,
        max_size=30,
    )
)
def test_progress_never_falls_and_never_passes_80_before_done(
    polls: list[tuple[float, float | None, bool]],
) -> None:
    tracker = ProgressTracker(TypicalTimes(40, 90))
    shown = [tracker.starting(), tracker.submitting(), tracker.accepted()]
    for elapsed_s, fraction, is_queued in polls:
        shown.append(tracker.processing(elapsed_s, Running(fraction, is_queued=is_queued)))
    percents = [progress.percent for progress in shown]
    assert percents == sorted(percents)
    assert percents[-1] <= 80
    assert all(p.is_estimate == (f is None) for p, (_, f, _q) in zip(shown[3:], polls, strict=True))
    assert [tracker.downloading(1, 2, None).percent, tracker.complete().percent] == [90, 100]


def test_the_words_follow_the_bar_and_say_when_it_takes_long() -> None:
    tracker = ProgressTracker(TypicalTimes(40, 90))
    words = [tracker.processing(elapsed_s).status for elapsed_s in (0, 15, 30, 39, 91)]
    assert words == [
        "Initializing",
        "Generating frames",
        "Rendering video",
        "Finalizing",
        "Taking longer than usual",
    ]
    assert tracker.processing(10).remaining_s == 30
    assert tracker.processing(10).stage is Stage.PROCESSING


def test_what_waits_for_its_turn_at_the_provider_does_not_move() -> None:
    tracker = ProgressTracker(TypicalTimes(40, 90))
    waiting = [tracker.processing(elapsed_s, Running(is_queued=True)) for elapsed_s in (0, 30)]
    assert [progress.percent for progress in waiting] == [20, 20]
    assert waiting[-1].status == "Waiting for its turn at the provider"
