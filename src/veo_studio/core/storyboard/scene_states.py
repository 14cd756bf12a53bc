"""Where each scene stands, in a state, a percentage and one sentence; nothing of it is stored.

The percentages are those of the pipeline: 5 initializing, 15 reading configuration and prompts, 35
generating the picture, 40 storing it, 70 generating the clip, 75 storing it, 95 saving results, 100.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from veo_studio.core.capabilities import ModelInfo
from veo_studio.core.catalog import Catalog
from veo_studio.core.models import ATTENTION_STATES, Generation, GenerationState, Progress
from veo_studio.core.storyboard.checks import UNREAD
from veo_studio.core.storyboard.keys import read_key
from veo_studio.core.storyboard.models import (
    Run,
    RunGoal,
    RunState,
    Scene,
    SceneState,
    Step,
)
from veo_studio.core.storyboard.requests import (
    clip_words,
    follows,
    length_s,
    picture_size,
    picture_words,
)
from veo_studio.core.storyboard.standing import Made, Standing, chosen_id
from veo_studio.core.storyboard.views import BoardView as BoardView
from veo_studio.core.storyboard.views import SceneView as SceneView

_S = GenerationState
_READING = "Reading configuration and prompts"
_THINGS = {Step.PICTURE: "picture", Step.CLIP: "clip", Step.REHEARSAL: "rehearsal"}
# of a run's progress: what comes before and after the provider's own work
_SUBMITTED, _FINISHED = 10, 80

ProgressOf = Callable[[int], Progress | None]


@dataclass(frozen=True)
class _Told:
    state: SceneState
    percent: int
    words: str
    problem: str = ""


def view_of(
    standing: Standing,
    progress_of: ProgressOf,
    *,
    catalog: Catalog | None = None,
    runs: Sequence[Run] = (),
    last_run: Run | None = None,
) -> BoardView:
    """The whole of it. `runs` are those that are not over."""
    board = standing.board
    run = max(runs, key=lambda one: one.id, default=last_run)
    planned: dict[str, list[Run]] = {}
    for one in runs:
        for key in one.keys:
            planned.setdefault(key, []).append(one)
    teller = _Teller(standing, progress_of, planned, catalog)
    scenes = tuple(teller.view(number, scene) for number, scene in enumerate(board.scenes, 1))
    return BoardView(board, scenes, run, _percent(scenes, run))


def _percent(scenes: Sequence[SceneView], run: Run | None) -> int:
    of_run: Sequence[SceneView] = ()
    if run is not None and not run.state.is_over:
        wanted = set(run.scene_uuids)
        of_run = [view for view in scenes if view.scene.uuid in wanted]
        if run.goal is RunGoal.PICTURES:
            shares = [min(100, view.percent * 100 // 40) for view in of_run]
            return sum(shares) // len(shares) if shares else 0
    counted = of_run or scenes
    return sum(view.percent for view in counted) // len(counted) if counted else 0


class _Teller:
    def __init__(
        self,
        standing: Standing,
        progress_of: ProgressOf,
        planned: dict[str, list[Run]],
        catalog: Catalog | None,
    ) -> None:
        self._standing = standing
        self._board = standing.board
        self._progress_of = progress_of
        self._planned = planned
        self._catalog = catalog
        unasked = [read_key(key) for key in planned if standing.of_key(key) is None]
        self._unasked = {(key.scene_uuid, key.step) for key in unasked if key is not None}

    def view(self, number: int, scene: Scene) -> SceneView:
        told = self._busy(scene) or self._waits(scene) or self._rests(scene)
        here = self._standing
        picture, take = here.shown(scene, Step.PICTURE), here.shown(scene, Step.CLIP)
        rehearsal = here.shown(scene, Step.REHEARSAL)
        return SceneView(
            scene,
            number,
            told.state,
            told.percent,
            told.words,
            picture=_of(picture),
            take=_of(take),
            takes=tuple(
                made.generation for made in here.all_of(scene, Step.CLIP) if not made.is_deleted
            ),
            pictures=tuple(
                made.generation for made in here.all_of(scene, Step.PICTURE) if not made.is_deleted
            ),
            rehearsal=_of(rehearsal),
            problem=told.problem,
        )

    def _busy(self, scene: Scene) -> _Told | None:
        """Something of it goes on, or waits for a person."""
        for step in (Step.CLIP, Step.REHEARSAL, Step.PICTURE):
            coming = self._standing.coming(scene, step)
            for made in coming:
                if made.generation.state in ATTENTION_STATES:
                    reason = made.generation.error or "What became of it is not known."
                    words = f"The {_THINGS[step]} needs your decision"
                    percent = 15 if step is Step.PICTURE else 40
                    return _Told(SceneState.ATTENTION, percent, words, reason)
            if coming:
                done = sum(made.is_there for made in self._standing.in_round(scene, step))
                return self._making(step, coming, done)
        return None

    def _making(self, step: Step, coming: Sequence[Made], done: int) -> _Told:
        told = [self._one(step, made.generation) for made in coming]
        first = min(told, key=lambda one: one.percent)
        if len(coming) + done == 1:
            return first
        # takes are made beside each other: what is there counts for as much as what is coming
        ready = 75 if step is Step.CLIP else first.percent
        percent = (sum(one.percent for one in told) + ready * done) // (len(told) + done)
        words = f"{first.words} ({done} of {len(coming) + done} ready)"
        return _Told(first.state, percent, words, first.problem)

    def _one(self, step: Step, generation: Generation) -> _Told:
        is_picture = step is Step.PICTURE
        state = SceneState.MAKING_PICTURE if is_picture else SceneState.MAKING_CLIP
        begin, end, store = (15, 35, 40) if is_picture else (40, 70, 75)
        thing = _THINGS[step]
        match generation.state:
            case _S.PENDING:
                percent = 5 if is_picture else begin
                words = "Initializing" if is_picture else f"The {thing} waits for its turn"
                return _Told(state, percent, generation.error or words)
            case _S.SUBMITTING:
                return _Told(state, begin, _READING)
            case _S.DOWNLOADING:
                return _Told(state, store, f"Storing the {thing}")
        progress = self._progress_of(generation.id)
        done = (
            0.0 if progress is None else (progress.percent - _SUBMITTED) / (_FINISHED - _SUBMITTED)
        )
        percent = begin + int((end - begin) * min(1.0, max(0.0, done)))
        return _Told(state, percent, f"Generating the {thing}")

    def _waits(self, scene: Scene) -> _Told | None:
        """A run is about to ask for something of it."""
        for step in (Step.PICTURE, Step.CLIP, Step.REHEARSAL):
            if (scene.uuid, step) not in self._unasked:
                continue
            for key in self._standing.missing(scene, step):
                runs = self._planned.get(str(key), [])
                if not runs:
                    continue
                waiting = [run for run in runs if run.state is RunState.WAITING]
                percent = 5 if step is Step.PICTURE else 40
                if waiting and len(waiting) == len(runs):
                    reason = waiting[-1].reason
                    return _Told(SceneState.WAITING, percent, "Waits", reason)
                if step is Step.CLIP and self._needs_approval(scene, runs):
                    return _Told(SceneState.APPROVAL, 40, self._asks_for_approval(scene))
                return _Told(SceneState.WAITING, percent, self._waits_for(scene, step))
        return None

    def _needs_approval(self, scene: Scene, runs: Sequence[Run]) -> bool:
        is_asked = self._board.scenario.stops_for_approval and not scene.choices.is_approved
        stops = all(run.goal is RunGoal.FILM for run in runs)
        has_picture = self._standing.ready(scene, Step.PICTURE) is not None
        return is_asked and stops and has_picture and follows(self._board, scene) is None

    def _asks_for_approval(self, scene: Scene) -> str:
        picture = self._standing.ready(scene, Step.PICTURE)
        if picture is not None and (difference := self._picture_differs(scene, picture)):
            return f"{difference}: approve it anyway, or make it anew"
        return "Its picture waits for your approval"

    def _waits_for(self, scene: Scene, step: Step) -> str:
        before = follows(self._board, scene)
        if step is Step.CLIP and before is not None:
            return f"Waits for the clip of scene {self._board.place_of(before.uuid) + 1}"
        return f"The {_THINGS[step]} waits for its turn"

    def _rests(self, scene: Scene) -> _Told:
        """Nothing goes on with it: by its clip, else by its picture, else by its words."""
        here = self._standing
        take = here.ready(scene, Step.CLIP)
        if here.is_lost(scene, Step.CLIP):
            return _Told(SceneState.MISSING, 40, "Its clip is gone", self._lost(scene, Step.CLIP))
        if take is not None:
            return self._with_take(scene, take)
        if (failed := self._failure(scene, Step.CLIP)) is not None:
            return _failed("clip", 40, failed)
        if here.shown(scene, Step.CLIP) is not None:
            return _Told(SceneState.DONE, 100, "An earlier clip stands for it")
        if follows(self._board, scene) is None:
            if here.is_lost(scene, Step.PICTURE):
                lost = self._lost(scene, Step.PICTURE)
                return _Told(SceneState.MISSING, 0, "Its picture is gone", lost)
            picture = here.ready(scene, Step.PICTURE)
            if picture is not None:
                return self._with_picture(scene, picture)
            if (failed := self._failure(scene, Step.PICTURE)) is not None:
                return _failed("picture", 15, failed)
        if scene.is_unread:
            return _Told(SceneState.EMPTY, 0, "Cannot be read", UNREAD)
        if not scene.has_prompts:
            return _Told(SceneState.EMPTY, 0, "No prompt yet")
        if (failed := self._failure(scene, Step.REHEARSAL)) is not None:
            return _failed("rehearsal", 0, failed)
        if here.shown(scene, Step.REHEARSAL) is not None:
            return _Told(SceneState.READY, 0, "Rehearsed")
        return _Told(SceneState.READY, 0, "Not made yet")

    def _with_take(self, scene: Scene, take: Made) -> _Told:
        if (
            self._standing.in_round(scene, Step.CLIP)
            and chosen_id(scene.choices, Step.CLIP) is None
        ):
            saving = any(
                str(made.key) in self._planned for made in self._standing.in_round(scene, Step.CLIP)
            )
            if saving:
                return _Told(SceneState.MAKING_CLIP, 95, "Saving results")
        if difference := self._clip_differs(scene, take.generation):
            return _Told(SceneState.CHANGED, 100, difference)
        picture = self._standing.ready(scene, Step.PICTURE)
        has_own = picture is not None and follows(self._board, scene) is None
        if picture is not None and has_own and (changed := self._picture_differs(scene, picture)):
            return _Told(SceneState.CHANGED, 100, changed)
        return _Told(SceneState.DONE, 100, "Done")

    def _with_picture(self, scene: Scene, picture: Made) -> _Told:
        if difference := self._picture_differs(scene, picture):
            return _Told(SceneState.CHANGED, 40, difference)
        if self._board.scenario.stops_for_approval and not scene.choices.is_approved:
            return _Told(SceneState.APPROVAL, 40, "Its picture waits for your approval")
        return _Told(SceneState.READY, 40, "The picture is there")

    def _failure(self, scene: Scene, step: Step) -> str | None:
        """Why the last try of this round came to nothing; None where it did not."""
        here = self._standing.in_round(scene, step)
        if not here or here[-1].generation.state is not _S.FAILED:
            return None
        return here[-1].generation.error or "It failed without a reason."

    def _lost(self, scene: Scene, step: Step) -> str:
        made = self._standing.chosen(scene, step) or self._standing.ready(scene, step)
        where = made.generation.video_path if made is not None else None
        name = f" ({where.name})" if where is not None else ""
        thing = _THINGS[step]
        return (
            f"The {thing} of this scene is not where it was put{name}. "
            f"Bring it back, choose another one, or make the {thing} anew."
        )

    def _model(self, generation: Generation) -> ModelInfo | None:
        catalog = self._catalog
        return None if catalog is None else catalog.get(generation.provider, generation.model)

    def _clip_differs(self, scene: Scene, take: Generation) -> str:
        if take.prompt != clip_words(self._board, scene):
            return "The clip was made from other words"
        model = self._model(take)
        if model is not None:
            able = model.capabilities.in_mode(take.config.mode)
            if take.config.duration_s != length_s(scene.duration_s, able):
                return f"The clip was made {take.config.duration_s} s long"
        first = next((one.generation_id for one in take.config.inputs if one.generation_id), None)
        before = follows(self._board, scene)
        source = self._standing.ready(
            before or scene, Step.PICTURE if before is None else Step.CLIP
        )
        if first is not None and source is not None and first != source.generation.id:
            whose = "picture" if before is None else "clip before it"
            return f"The clip was made from another {whose}"
        return ""

    def _picture_differs(self, scene: Scene, made: Made) -> str:
        """Of what it was made from; "" where it is the scene's, or somebody chose it from elsewhere."""
        picture = made.generation
        model = self._model(picture)
        if model is None or not made.key.scene_uuid:
            return ""
        try:
            said = picture_words(self._board, scene, model)
            size = picture_size(self._board, model, said)
        except ValueError:
            return "The picture was made from other words"
        if picture.prompt != said.words:
            return "The picture was made from other words"
        given = tuple(one.sha256 for one in picture.config.inputs)
        if given != tuple(one.sha256 for one in said.pictures):
            return "The picture was made after other pictures"
        if (picture.config.aspect_ratio, picture.config.resolution) != size:
            return "The picture was made in another size"
        return ""


def _failed(thing: str, percent: int, reason: str) -> _Told:
    return _Told(SceneState.FAILED, percent, f"The {thing} failed", reason)


def _of(made: Made | None) -> Generation | None:
    return None if made is None else made.generation
