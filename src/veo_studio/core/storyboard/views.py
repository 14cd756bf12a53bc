"""A storyboard as it stands: what each scene has, how far it is, and what there is to say about it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from veo_studio.core.models import Generation
from veo_studio.core.storyboard.models import Run, Scene, SceneState, Storyboard


@dataclass(frozen=True)
class SceneView:
    """`percent` 0-100 as the pipeline counts, `words` one short sentence of what goes on or is missing.

    `picture` and `take` are what stands for the scene now; `pictures` and `takes` everything that was
    made for it, the oldest first, whatever became of it. `problem` is a sentence where somebody has to
    do something.
    """

    scene: Scene
    # from 1
    number: int
    state: SceneState
    percent: int
    words: str
    picture: Generation | None = None
    take: Generation | None = None
    takes: tuple[Generation, ...] = ()
    pictures: tuple[Generation, ...] = ()
    rehearsal: Generation | None = None
    problem: str = ""

    @property
    def is_busy(self) -> bool:
        return self.state in (
            SceneState.WAITING,
            SceneState.MAKING_PICTURE,
            SceneState.MAKING_CLIP,
        )


@dataclass(frozen=True)
class BoardView:
    """`run` is the newest one, also when it is over. `percent` is that of all scenes together."""

    board: Storyboard
    scenes: tuple[SceneView, ...] = ()
    run: Run | None = None
    percent: int = 0

    def scene(self, uuid: str) -> SceneView:
        """Raises LookupError."""
        view = self._by_uuid.get(uuid)
        if view is None:
            raise LookupError("This scene is not in the storyboard any more.")
        return view

    @cached_property
    def _by_uuid(self) -> dict[str, SceneView]:
        return {view.scene.uuid: view for view in self.scenes}

    @property
    def is_running(self) -> bool:
        return self.run is not None and not self.run.state.is_over

    @property
    def is_rehearsed(self) -> bool:
        """True where every scene has its rehearsal."""
        return bool(self.scenes) and all(view.rehearsal is not None for view in self.scenes)

    @property
    def is_made(self) -> bool:
        """True where every scene has a take."""
        return bool(self.scenes) and all(view.take is not None for view in self.scenes)

    @property
    def awaiting_approval(self) -> tuple[SceneView, ...]:
        return tuple(view for view in self.scenes if view.state is SceneState.APPROVAL)
