"""Where clips stand in a film that has whole pictures at one rate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

_T = TypeVar("_T", bound=Hashable)


@dataclass(frozen=True)
class Span:
    """In pictures of the film: the clip is seen from `first`, for `count`, the first `fade` over the one before."""

    first: int
    count: int
    fade: int

    @property
    def end(self) -> int:
        """The first picture after it."""
        return self.first + self.count


def spans_of(
    lengths_s: Sequence[float], fades_s: Sequence[float], rate: Fraction
) -> tuple[Span, ...]:
    """Cross-fades are of even numbers of pictures, as editors have half of them on each side of a cut.

    One that is longer than its clips becomes as long as they allow: two of them never meet.
    """
    counts = [max(1, round(length_s * rate)) for length_s in lengths_s]
    spans: list[Span] = []
    at = 0
    for index, count in enumerate(counts):
        fade = 0
        if index:
            # a picture of each clip stays alone
            most = min(counts[index - 1] - spans[-1].fade, count) - 1
            fade = max(0, min(2 * round(fades_s[index] * rate / 2), most // 2 * 2))
        spans.append(Span(at - fade, count, fade))
        at = spans[-1].end
    return tuple(spans)


def most_common(sizes_or_rates: Iterable[_T]) -> _T:
    """What most clips have; of those that are equally many, the first one's."""
    return Counter(sizes_or_rates).most_common(1)[0][0]
