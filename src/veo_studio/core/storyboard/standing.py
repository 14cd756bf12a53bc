"""What there is of a storyboard already, and what is missing: from the generations under its keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from veo_studio.core.models import ATTENTION_STATES, Generation, GenerationState
from veo_studio.core.store.batches import KeyedGeneration
from veo_studio.core.storyboard.keys import SceneKey, read_key
from veo_studio.core.storyboard.models import Choices, Scene, Step, Storyboard
from veo_studio.core.storyboard.requests import clip_words, follows

_S = GenerationState
_REHEARSAL = "rehearsal"


def round_of(choices: Choices, step: Step) -> int:
    """The round that counts now."""
    if step is Step.PICTURE:
        return choices.picture_round
    return choices.clip_round if step is Step.CLIP else choices.rehearsal_round


def chosen_id(choices: Choices, step: Step) -> int | None:
    if step is Step.PICTURE:
        return choices.picture_id
    return choices.take_id if step is Step.CLIP else choices.rehearsal_id


def is_lost_rehearsal(generation: Generation) -> bool:
    """Nobody knows what became of it, and nobody is asked: it is made here, for nothing."""
    is_free = generation.provider == _REHEARSAL and not generation.is_priced
    return is_free and generation.state is _S.UNKNOWN


@dataclass(frozen=True)
class Made:
    """A generation with what it was asked for as."""

    key: SceneKey
    generation: Generation
    is_deleted: bool = False

    @property
    def is_there(self) -> bool:
        """Complete; whether its file still lies where it was put is another question."""
        return self.generation.has_file and not self.is_deleted

    @property
    def is_coming(self) -> bool:
        """It goes on, or waits for a decision: it may have been paid for."""
        return not self.generation.state.is_terminal and not is_lost_rehearsal(self.generation)

    @property
    def needs_decision(self) -> bool:
        """Nothing of it goes on before a person has decided."""
        return self.generation.state in ATTENTION_STATES


class Standing:
    """`gone` are ids of generations whose file is not where it was put."""

    def __init__(
        self, board: Storyboard, keyed: Iterable[KeyedGeneration], gone: Set[int] = frozenset()
    ) -> None:
        self.board = board
        self.gone = gone
        self._by_id: dict[int, Made] = {}
        self._by_key: dict[str, Made] = {}
        self._by_step: dict[tuple[str, Step], list[Made]] = {}
        self._by_round: dict[tuple[str, Step, int], list[Made]] = {}
        for one in keyed:
            key = read_key(one.key) or SceneKey("", "", Step.CLIP, 0, 0)
            made = Made(key, one.generation, one.is_deleted)
            self._by_id[one.generation.id] = made
            if key.scenario_uuid == board.scenario.uuid:
                self._by_key[one.key] = made
                self._by_step.setdefault((key.scene_uuid, key.step), []).append(made)
                in_round = self._by_round.setdefault((key.scene_uuid, key.step, key.round), [])
                in_round.append(made)

    def of_key(self, key: str) -> Made | None:
        return self._by_key.get(key)

    def all_of(self, scene: Scene, step: Step) -> list[Made]:
        """Everything that was asked for, the oldest first; with what was chosen from elsewhere."""
        found = list(self._by_step.get((scene.uuid, step), ()))
        chosen = self.chosen(scene, step)
        if chosen is not None and chosen not in found:
            found.insert(0, chosen)
        return found

    def in_round(self, scene: Scene, step: Step) -> Sequence[Made]:
        """What was asked for in the round that counts now."""
        return self._by_round.get((scene.uuid, step, round_of(scene.choices, step)), ())

    def chosen(self, scene: Scene, step: Step) -> Made | None:
        """What somebody or a run chose; None where it is not known any more."""
        number = chosen_id(scene.choices, step)
        return None if number is None else self._by_id.get(number)

    def ready(self, scene: Scene, step: Step) -> Made | None:
        """What the next step can be made from: what is chosen, else what this round has brought."""
        chosen = self.chosen(scene, step)
        if chosen is not None:
            return chosen if chosen.is_there else None
        there = [made for made in self.in_round(scene, step) if made.is_there]
        if not there:
            return None
        # of pictures and rehearsals the last one was wanted; of takes the first stands until one is chosen
        return there[0] if step is Step.CLIP else there[-1]

    def shown(self, scene: Scene, step: Step) -> Made | None:
        """What stands for the scene: as `ready`, else the newest of an earlier round."""
        if (made := self.ready(scene, step)) is not None:
            return made
        there = [made for made in self.all_of(scene, step) if made.is_there]
        return there[-1] if there else None

    def is_lost(self, scene: Scene, step: Step) -> bool:
        """Something was chosen, and it is not there any more."""
        if chosen_id(scene.choices, step) is not None:
            chosen = self.chosen(scene, step)
            return chosen is None or not chosen.is_there or chosen.generation.id in self.gone
        made = self.ready(scene, step)
        if made is not None:
            return made.generation.id in self.gone
        here = self.in_round(scene, step)
        # what is deleted now was there before
        return any(one.generation.has_file for one in here) and not self.coming(scene, step)

    def coming(self, scene: Scene, step: Step) -> list[Made]:
        return [made for made in self.in_round(scene, step) if made.is_coming]

    def missing(self, scene: Scene, step: Step) -> list[SceneKey]:
        """The keys of what is still to be asked for, so that the scene has all that it wants of `step`.

        Empty for a lost one: what was paid for is not made again unless somebody asks for that.
        """
        is_lost = self.is_lost(scene, step)
        if is_lost and step is not Step.REHEARSAL:
            return []
        if step is Step.PICTURE and follows(self.board, scene) is not None:
            return []
        here = self.in_round(scene, step)
        good = sum(made.is_there or made.is_coming for made in here)
        chosen = self.chosen(scene, step)
        if step is not Step.REHEARSAL:
            # what was paid for and then deleted is made again only when somebody asks for it
            good += sum(made.generation.has_file and not made.is_there for made in here)
        if chosen is not None and chosen not in here:
            good += 1
        wanted = scene.takes if step is Step.CLIP else 1
        if step is Step.REHEARSAL and good and (is_lost or self._is_old_rehearsal(scene)):
            good = 0
        last = max((made.key.take for made in here), default=0)
        number = round_of(scene.choices, step)
        return [
            SceneKey(self.board.scenario.uuid, scene.uuid, step, number, last + 1 + one)
            for one in range(max(0, wanted - good))
        ]

    def _is_old_rehearsal(self, scene: Scene) -> bool:
        """It costs nothing, so one of other words or another length is made anew without a question."""
        if self.coming(scene, Step.REHEARSAL):
            return False
        made = self.ready(scene, Step.REHEARSAL)
        if made is None:
            return True
        told = made.generation
        return (told.prompt, told.config.duration_s) != (
            clip_words(self.board, scene),
            scene.duration_s,
        )

    def shown_generations(self) -> Iterator[Generation]:
        """Those whose files matter."""
        for scene in self.board.scenes:
            for step in Step:
                if (made := self.shown(scene, step)) is not None:
                    yield made.generation
