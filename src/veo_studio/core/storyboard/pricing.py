"""What a run costs before it begins: what is missing, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from veo_studio.core.storyboard.models import RunGoal


@dataclass(frozen=True)
class RunPrice:
    """What one click on Make would ask for.

    `cost_usd` is None where a price in it is not known. `pictures`, `clips` and `rehearsals` are how many
    generations are asked for; 0 of all is nothing to do. `problems` are sentences about scenes that
    cannot be made: nothing begins before they are mended. `shortage` says why tokens or a budget do not
    allow it, "" where they do. `notes` say what differs from what is written: sizes, lengths, seeds.
    """

    goal: RunGoal
    tokens: int = 0
    cost_usd: Decimal | None = Decimal(0)
    pictures: int = 0
    clips: int = 0
    rehearsals: int = 0
    # they are there already, and are not paid again
    kept_pictures: int = 0
    kept_clips: int = 0
    problems: tuple[str, ...] = ()
    shortage: str = ""
    notes: tuple[str, ...] = ()
    picture_model: str = ""
    clip_model: str = ""

    @property
    def count(self) -> int:
        return self.pictures + self.clips + self.rehearsals

    @property
    def is_free(self) -> bool:
        return self.tokens == 0 and self.cost_usd == 0

    @property
    def is_possible(self) -> bool:
        """True where a click would begin something."""
        return self.count > 0 and not self.problems and not self.shortage
