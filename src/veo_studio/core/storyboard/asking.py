"""From keys to generations: requests with their pictures, priced, and handed to the queue."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from veo_studio.core.errors import StudioError
from veo_studio.core.framing import Frame, Framing, has_other_shape
from veo_studio.core.generators.requests import check_request
from veo_studio.core.inputs import take_in_frame, take_in_picture
from veo_studio.core.models import Generation, GenerationRequest, InputRole, MediaInput
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.storyboard.checks import UNREAD
from veo_studio.core.storyboard.choosing import BoardModels, models_of
from veo_studio.core.storyboard.keys import SceneKey
from veo_studio.core.storyboard.models import Scenario, Scene, Step, Storyboard
from veo_studio.core.storyboard.requests import (
    clip_request,
    follows,
    picture_request,
    rehearsal_request,
)
from veo_studio.core.storyboard.standing import Standing

if TYPE_CHECKING:
    from veo_studio.core.studio import Studio


class Asking:
    """What the catalogue, the wallet and the queue of a studio say to a storyboard."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._files = studio.client.files

    def models(self, scenario: Scenario) -> BoardModels:
        def locked(provider: str) -> str:
            available = self._studio.providers.availability(provider)
            return "" if available.is_ready else available.reason

        return models_of(scenario, self._studio.catalog, locked)

    def has_file(self, item: MediaInput) -> bool:
        """Blocks."""
        try:
            return self._files.path(item).is_file()
        except ValueError:
            return False

    def priced(self, request: GenerationRequest) -> NewGeneration:
        """Checked against its model; ValueError with a sentence."""
        checked = check_request(self._studio.catalog, request)
        model = self._studio.catalog.find(checked.model, checked.provider)
        price = self._studio.wallet.estimate(model, checked.config)
        return NewGeneration(checked, price.tokens, price.cost_usd)

    def request(
        self, board: Storyboard, scene: Scene, key: SceneKey, models: BoardModels
    ) -> GenerationRequest:
        """As it will be asked for, with a first frame that stands for one still to be made."""
        if scene.is_unread:
            raise ValueError(UNREAD)
        match key.step:
            case Step.PICTURE:
                if models.picture is None:
                    raise ValueError(models.picture_problem or "There is no model for pictures.")
                return picture_request(board, scene, models.picture, key)
            case Step.CLIP:
                if models.clip is None:
                    raise ValueError(models.clip_problem or "There is no model for clips.")
                return clip_request(board, scene, models.clip, key)
            case Step.REHEARSAL:
                return rehearsal_request(board, scene, models.rehearsal, key)

    async def prices(self, board: Storyboard, keys: Collection[SceneKey]) -> list[NewGeneration]:
        """What each would cost now, without those that cannot be made as things are."""
        models = self.models(board.scenario)

        def work() -> list[NewGeneration]:
            found = []
            for key in keys:
                with suppress(ValueError, StudioError):
                    request = self.request(board, board.scene(key.scene_uuid), key, models)
                    found.append(self.priced(request))
            return found

        return await asyncio.to_thread(work)

    async def prepare(
        self, standing: Standing, keys: Collection[SceneKey]
    ) -> tuple[list[GenerationRequest], list[str]]:
        """Requests with their real first frames, and a sentence for each that cannot be made."""
        models = self.models(standing.board.scenario)
        return await asyncio.to_thread(self._prepare, standing, keys, models)

    def _prepare(
        self, standing: Standing, keys: Collection[SceneKey], models: BoardModels
    ) -> tuple[list[GenerationRequest], list[str]]:
        requests, problems = [], []
        board = standing.board
        frames: dict[str, MediaInput | None] = {}
        for key in keys:
            scene = board.scene(key.scene_uuid)
            try:
                request = self.request(board, scene, key, models)
                if key.step is not Step.PICTURE:
                    if scene.uuid not in frames:
                        frames[scene.uuid] = self._first_frame(standing, scene, key.step, request)
                    request = _with_first(request, frames[scene.uuid])
                check_request(self._studio.catalog, request)
            except (ValueError, StudioError) as error:
                problems.append(f"Scene {board.place_of(scene.uuid) + 1}: {error}")
            else:
                requests.append(request)
        return requests, problems

    def _first_frame(
        self, standing: Standing, scene: Scene, step: Step, request: GenerationRequest
    ) -> MediaInput | None:
        """None for a rehearsal of a scene that has no picture yet."""
        is_rehearsal = step is Step.REHEARSAL
        before = follows(standing.board, scene)
        source = Step.PICTURE
        if before is not None:
            source = Step.REHEARSAL if is_rehearsal else Step.CLIP
        made = standing.ready(before or scene, source)
        if made is None or made.generation.video_path is None:
            if is_rehearsal:
                return None
            raise ValueError("there is nothing to begin with yet.")
        generation, path = made.generation, made.generation.video_path
        if is_rehearsal and (before is not None or not path.is_file()):
            # rehearsals are made beside each other: none waits for another one
            return None
        shape = request.config.aspect_ratio
        make = self._last_frame if before is not None else self._picture
        item = make(generation, path, None)
        frame = _frame(shape, item.width_px, item.height_px)
        return item if frame is None else make(generation, path, frame)

    def _last_frame(self, generation: Generation, path: Path, frame: Frame | None) -> MediaInput:
        role = InputRole.FIRST_FRAME
        return take_in_frame(self._files, path, role, at="last", made_by=generation, frame=frame)

    def _picture(self, generation: Generation, path: Path, frame: Frame | None) -> MediaInput:
        item = take_in_picture(self._files, path, InputRole.FIRST_FRAME, frame)
        return replace(item, generation_id=generation.id)

    async def ask(self, requests: Sequence[GenerationRequest]) -> list[Generation]:
        """All of them or none; what is stored under a key already is not paid again.

        Raises ValueError, NotEnoughTokens, BudgetExceeded, QueueFull, LedgerDamaged, StorageError.
        """
        studio = self._studio
        if studio.database.is_scheduler:
            return await studio.queue.enqueue(requests)
        # the scheduler of this folder is another program: it takes up what is stored
        for provider in dict.fromkeys(request.provider for request in requests):
            available = studio.providers.availability(provider)
            if not available.is_ready:
                raise ValueError(available.reason)
        return await studio.generations.create([self.priced(request) for request in requests])

    def costs(self, items: Sequence[NewGeneration]) -> tuple[int, Decimal | None]:
        """Tokens, and dollars where all prices are known."""
        tokens = sum(item.tokens for item in items)
        known = [item.price_usd for item in items if item.price_usd is not None]
        return tokens, sum(known, Decimal(0)) if len(known) == len(items) else None


def _with_first(request: GenerationRequest, first: MediaInput | None) -> GenerationRequest:
    inputs = () if first is None else (first,)
    return replace(request, config=replace(request.config, inputs=inputs))


def _frame(shape: str, width_px: int | None, height_px: int | None) -> Frame | None:
    """How a picture is cut where its shape is not that of the clip."""
    if not width_px or not height_px or not has_other_shape(width_px, height_px, shape):
        return None
    return Frame(shape, Framing.CROP)
