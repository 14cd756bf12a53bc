"""The core as running a storyboard needs it; imported with the tab, after the window is up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from veo_studio.core.enhance import EnhancerKind, Enhancers
from veo_studio.core.inputs import take_in_bytes, take_in_picture
from veo_studio.core.models import BudgetState, GenerationKind, InputRole, MediaInput
from veo_studio.core.storyboard.models import Run, RunGoal, Step, Storyboard
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_parts import ModelChoice
from veo_studio.ui.view_models.scene_import_model import SplitWay

if TYPE_CHECKING:
    from veo_studio.core.storyboard.drafts import SceneDraft
    from veo_studio.core.storyboard.pricing import RunPrice
    from veo_studio.core.storyboard.views import BoardView
    from veo_studio.core.studio import Studio
    from veo_studio.ui.given import Given


class BoardRuns:
    """`RunServices` of the real core."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._runner = studio.storyboards.runner

    def subscribe(self, listener: Callable[[str], None]) -> Callable[[], None]:
        return self._runner.subscribe(listener)

    def subscribe_money(self, listener: Callable[[], None]) -> Callable[[], None]:
        return self._studio.queue.subscribe(listener)

    async def view_of(self, board: Storyboard) -> BoardView:
        return await self._runner.view_of(board)

    async def price(
        self, board: Storyboard, goal: RunGoal, scene_uuids: Collection[str] | None = None
    ) -> RunPrice:
        return await self._runner.price(board, goal, scene_uuids)

    async def price_of_redo(self, board: Storyboard, scene_uuid: str, step: Step) -> RunPrice:
        return await self._runner.price_of_redo(board, scene_uuid, step)

    async def start(
        self, board: Storyboard, goal: RunGoal, scene_uuids: Collection[str] | None = None
    ) -> Run:
        return await self._runner.start(board, goal, scene_uuids)

    async def redo(self, scenario_uuid: str, scene_uuid: str, step: Step) -> Run:
        return await self._runner.redo(scenario_uuid, scene_uuid, step)

    async def approve(
        self,
        scenario_uuid: str,
        scene_uuids: Collection[str] | None = None,
        is_approved: bool = True,
    ) -> Storyboard:
        return await self._runner.approve(scenario_uuid, scene_uuids, is_approved)

    async def choose_take(
        self, scenario_uuid: str, scene_uuid: str, generation_id: int
    ) -> Storyboard:
        return await self._runner.choose_take(scenario_uuid, scene_uuid, generation_id)

    async def cancel(self, run: Run) -> Run:
        return await self._runner.cancel(run)

    async def balance(self) -> int:
        return await self._studio.wallet.balance()

    async def budgets(self) -> list[BudgetState]:
        return await self._studio.wallet.budgets()


class BoardTexts:
    """`SceneSource` of the real core: files are read in threads, services asked as for better prompts."""

    def __init__(self, enhancers: Enhancers) -> None:
        self._enhancers = enhancers

    def ways(self) -> list[SplitWay]:
        return [
            SplitWay(one.kind, tr(one.name), one.is_ready, one.reason, one.place)
            for one in self._enhancers.available()
        ]

    def usual(self) -> EnhancerKind:
        return self._enhancers.chosen

    async def split(self, text: str, way: SplitWay) -> tuple[Sequence[SceneDraft], str]:
        proposals = await self._enhancers.propose_scenes(text, way.kind)
        return proposals.drafts, proposals.note

    async def read_text(self, path: Path) -> str:
        from veo_studio.core.text_table import read_text

        limit = tr("that is no script")
        text, _note = await asyncio.to_thread(read_text, path, _MOST_SCRIPT_BYTES, limit)
        return text

    async def read_table(self, path: Path) -> Sequence[SceneDraft]:
        from veo_studio.core.storyboard.scene_table import scenes_of_csv

        return await asyncio.to_thread(scenes_of_csv, path)


_MOST_SCRIPT_BYTES = 4 * 1024 * 1024


class BoardPictures:
    """Pictures of the cast: copied into the program's own folder, so that they stay."""

    def __init__(self, studio: Studio) -> None:
        self._files = studio.client.files

    async def take_in(self, given: Given) -> list[tuple[str, MediaInput]]:
        """Name and picture of each; raises ValueError with a sentence, StorageError."""
        role = InputRole.REFERENCE
        if given.paths:
            return [
                (path.name, await asyncio.to_thread(take_in_picture, self._files, path, role))
                for path in given.paths
            ]
        if given.is_link:
            raise ValueError(
                tr("This is only a link. Save the picture first, then drop the file here.")
            )
        content = await asyncio.to_thread(given.content)
        name = tr("picture") + given.suffix
        return [(name, await asyncio.to_thread(take_in_bytes, self._files, content, name, role))]

    def path_of(self, item: MediaInput) -> Path | None:
        try:
            return self._files.path(item)
        except ValueError:
            return None


def model_choices(studio: Studio, kind: GenerationKind) -> list[ModelChoice]:
    """What makes clips, or pictures, with how to unlock what is locked."""
    found = []
    for model in studio.catalog.of_kind(kind):
        available = studio.providers.availability(model.provider)
        name = studio.catalog.providers[model.provider].name
        locked = None if available.is_ready else available.reason
        found.append(ModelChoice(model, name, locked))
    return found
