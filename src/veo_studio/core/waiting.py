"""The line of generations that wait to be sent, in memory as it is stored."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterator, Set

from veo_studio.core.models import Generation


class WaitingLine:
    """In order of priority, place and age; the same order as `store/line.py` reads.

    It is kept in order, because every click puts or removes one of up to a thousand.
    """

    def __init__(self) -> None:
        self._generations: dict[int, Generation] = {}
        self._places: list[tuple[int, int, int]] = []
        self._per_provider: Counter[str] = Counter()
        self._ids: tuple[int, ...] | None = None

    @property
    def ids(self) -> tuple[int, ...]:
        """In the order in which they will start."""
        if self._ids is None:
            self._ids = tuple(generation_id for _, _, generation_id in self._places)
        return self._ids

    @property
    def providers(self) -> Set[str]:
        """Those that anything waits for."""
        return self._per_provider.keys()

    def __contains__(self, generation_id: int) -> bool:
        return generation_id in self._generations

    def __iter__(self) -> Iterator[Generation]:
        return (self._generations[generation_id] for generation_id in self.ids)

    def __len__(self) -> int:
        return len(self._generations)

    def get(self, generation_id: int) -> Generation | None:
        return self._generations.get(generation_id)

    def put(self, generation: Generation) -> None:
        """Add one, or take over what changed about it."""
        self.remove(generation.id)
        self._generations[generation.id] = generation
        insort(self._places, _place(generation))
        self._per_provider[generation.provider] += 1
        self._ids = None

    def remove(self, generation_id: int) -> None:
        if (known := self._generations.pop(generation_id, None)) is None:
            return
        del self._places[bisect_left(self._places, _place(known))]
        self._per_provider[known.provider] -= 1
        if not self._per_provider[known.provider]:
            del self._per_provider[known.provider]
        self._ids = None


def _place(generation: Generation) -> tuple[int, int, int]:
    return (-generation.priority, generation.queue_position, generation.id)
