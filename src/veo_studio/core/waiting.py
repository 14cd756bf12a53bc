"""The line of generations that wait to be sent, in memory as it is stored."""

from __future__ import annotations

from collections.abc import Iterator

from veo_studio.core.models import Generation


class WaitingLine:
    """In order of priority, place and age; the same order as `store/line.py` reads."""

    def __init__(self) -> None:
        self._generations: dict[int, Generation] = {}
        self._ids: tuple[int, ...] | None = None

    @property
    def ids(self) -> tuple[int, ...]:
        """In the order in which they will start."""
        if self._ids is None:
            ordered = sorted(
                self._generations.values(),
                key=lambda entry: (-entry.priority, entry.queue_position, entry.id),
            )
            self._ids = tuple(entry.id for entry in ordered)
        return self._ids

    def __contains__(self, generation_id: int) -> bool:
        return generation_id in self._generations

    def __iter__(self) -> Iterator[Generation]:
        return (self._generations[generation_id] for generation_id in self.ids)

    def __len__(self) -> int:
        return len(self._generations)

    def put(self, generation: Generation) -> None:
        """Add one, or take over what changed about it."""
        self._generations[generation.id] = generation
        self._ids = None

    def remove(self, generation_id: int) -> None:
        if self._generations.pop(generation_id, None) is not None:
            self._ids = None
