"""What a click on Make is about: the keys of what is missing, and what to do next with those of a run."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from veo_studio.core.models import ATTENTION_STATES, Generation, GenerationState
from veo_studio.core.storyboard.keys import SceneKey, read_key
from veo_studio.core.storyboard.models import Run, RunGoal, RunState, Scene, Step, Storyboard
from veo_studio.core.storyboard.requests import follows
from veo_studio.core.storyboard.standing import Standing, round_of

_S = GenerationState


def chosen_scenes(board: Storyboard, uuids: Collection[str] | None) -> list[Scene]:
    """In their order; all of them for None. LookupError for one that is not there."""
    if uuids is None:
        return list(board.scenes)
    for uuid in uuids:
        board.scene(uuid)
    wanted = set(uuids)
    return [scene for scene in board.scenes if scene.uuid in wanted]


def missing_keys(standing: Standing, goal: RunGoal, scenes: Iterable[Scene]) -> list[SceneKey]:
    """Of everything that these scenes still need for `goal`, each picture before its clips."""
    found: list[SceneKey] = []
    for scene in scenes:
        match goal:
            case RunGoal.REHEARSAL:
                found += standing.missing(scene, Step.REHEARSAL)
            case RunGoal.PICTURES:
                found += standing.missing(scene, Step.PICTURE)
            case RunGoal.FILM | RunGoal.CLIPS:
                if clips := standing.missing(scene, Step.CLIP):
                    found += [*standing.missing(scene, Step.PICTURE), *clips]
    return found


def obstacles(
    standing: Standing, goal: RunGoal, scenes: Iterable[Scene], keys: Collection[SceneKey]
) -> list[str]:
    """Why these scenes cannot get there, whatever it costs: sentences that name the scene."""
    planned = {(key.scene_uuid, key.step) for key in keys}
    found = []
    for scene in scenes:
        if goal is RunGoal.REHEARSAL:
            continue
        place = standing.board.place_of(scene.uuid) + 1
        wants_clip = goal is not RunGoal.PICTURES
        if wants_clip and standing.is_lost(scene, Step.CLIP):
            found.append(f"Scene {place}: {lost_words('clip')}")
        elif wants_clip and (scene.uuid, Step.CLIP) in planned:
            if problem := _no_first_frame(standing, scene, planned):
                found.append(f"Scene {place}: {problem}")
        elif not wants_clip and standing.is_lost(scene, Step.PICTURE):
            found.append(f"Scene {place}: {lost_words('picture')}")
    return found


def lost_words(thing: str) -> str:
    return (
        f"its {thing} is not where it was put. "
        f"Bring it back, choose another one, or make the {thing} anew."
    )


def _no_first_frame(standing: Standing, scene: Scene, planned: Collection[tuple[str, Step]]) -> str:
    before = follows(standing.board, scene)
    if before is None:
        return lost_words("picture") if standing.is_lost(scene, Step.PICTURE) else ""
    if standing.is_lost(before, Step.CLIP):
        return "it begins with the last picture of the scene before, whose clip is gone."
    comes = (before.uuid, Step.CLIP) in planned or standing.coming(before, Step.CLIP)
    if comes or standing.ready(before, Step.CLIP) is not None:
        return ""
    return (
        "it begins with the last picture of the scene before, which has no clip: make that one too."
    )


@dataclass
class Decision:
    """What to do for a run now: `asks` first, then it stands in `state` for `reason`."""

    asks: list[SceneKey] = field(default_factory=list)
    # going on at a provider, or in line for it
    active: int = 0
    # of those in line, their providers
    in_line: list[str] = field(default_factory=list)
    # coming as soon as something of the same run is there
    pending: int = 0
    # coming as soon as something is there that a run before this one asked for
    arriving: int = 0
    # scenes whose picture nobody has seen
    approvals: set[str] = field(default_factory=set)
    attention: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    done: int = 0

    @property
    def state(self) -> RunState:
        if self.asks or self.active or self.arriving:
            return RunState.RUNNING
        if self.approvals:
            return RunState.APPROVAL
        if self.attention:
            return RunState.WAITING
        if self.pending:
            return RunState.RUNNING
        return RunState.FAILED if self.failed else RunState.DONE

    @property
    def reason(self) -> str:
        match self.state:
            case RunState.APPROVAL:
                count = len(self.approvals)
                pictures = "1 picture waits" if count == 1 else f"{count} pictures wait"
                return f"{pictures} for your approval."
            case RunState.WAITING:
                return self.attention[0]
            case RunState.FAILED:
                more = len(self.failed) - 1
                return self.failed[0] + (f" And {more} more." if more else "")
        return ""


def decide(standing: Standing, run: Run) -> Decision:
    """Every key of the run: is it done, does it go on, may it be asked for now?"""
    decision = Decision()
    scenes = {scene.uuid: scene for scene in standing.board.scenes}
    open_keys: list[tuple[Scene, SceneKey]] = []
    for text in run.keys:
        key = read_key(text)
        scene = None if key is None else scenes.get(key.scene_uuid)
        if key is None or scene is None:
            continue  # the scene was deleted meanwhile: nothing more is asked for it
        if not _count_made(decision, standing, scene, text):
            is_wanted = key.round == round_of(scene.choices, key.step)
            if is_wanted and key in standing.missing(scene, key.step):
                open_keys.append((scene, key))
    coming = {(key.scene_uuid, key.step) for _, key in open_keys}
    order = {scene.uuid: place for place, scene in enumerate(standing.board.scenes)}
    for scene, key in sorted(open_keys, key=lambda pair: order[pair[0].uuid]):
        if key.step is Step.CLIP:
            _decide_clip(decision, standing, run, scene, key, coming)
        else:
            decision.asks.append(key)
    return decision


def _count_made(decision: Decision, standing: Standing, scene: Scene, key: str) -> bool:
    """What became of one that was asked for; False where it was not."""
    made = standing.of_key(key)
    if made is None:
        return False
    generation = made.generation
    reason = (generation.error or "").strip()
    if generation.state is _S.COMPLETED:
        decision.done += 1
        return True
    place = standing.board.place_of(scene.uuid) + 1
    if generation.state in ATTENTION_STATES:
        decision.attention.append(_undecided(place, generation))
    elif generation.state is _S.FAILED:
        decision.failed.append(f"Scene {place} failed: {reason or 'no reason was given.'}")
    elif generation.state is _S.CANCELLED:
        decision.failed.append(f"Scene {place} was cancelled.")
    else:
        decision.active += 1
        if generation.state is _S.PENDING:
            decision.in_line.append(generation.provider)
    return True


def _undecided(place: int, generation: Generation) -> str:
    reason = (generation.error or "").strip()
    return f"Scene {place} needs your decision: {reason or 'what became of it is not known.'}"


def _decide_clip(
    decision: Decision,
    standing: Standing,
    run: Run,
    scene: Scene,
    key: SceneKey,
    coming: set[tuple[str, Step]],
) -> None:
    place = standing.board.place_of(scene.uuid) + 1
    before = follows(standing.board, scene)
    source, step = (scene, Step.PICTURE) if before is None else (before, Step.CLIP)
    ready = standing.ready(source, step)
    thing = "picture" if before is None else "clip before it"
    if ready is not None and ready.generation.id in standing.gone:
        decision.attention.append(f"Scene {place}: the {thing} is not where it was put.")
    elif ready is not None:
        if before is None and _is_unseen(standing.board, scene, run):
            decision.approvals.add(scene.uuid)
        else:
            decision.asks.append(key)
    elif (source.uuid, step) in coming:
        decision.pending += 1
    elif on_its_way := standing.coming(source, step):
        # sent by a run before this one, which may have been cancelled: it is waited for
        undecided = [one.generation for one in on_its_way if one.needs_decision]
        if len(undecided) == len(on_its_way):
            place = standing.board.place_of(source.uuid) + 1
            decision.attention.append(_undecided(place, undecided[0]))
        else:
            decision.arriving += 1
    else:
        # nothing will come of it in this run
        coming.discard((scene.uuid, Step.CLIP))
        decision.failed.append(f"Scene {place}: there is no {thing} to begin with.")


def _is_unseen(board: Storyboard, scene: Scene, run: Run) -> bool:
    stops = board.scenario.stops_for_approval and run.goal is RunGoal.FILM
    return stops and not scene.choices.is_approved
