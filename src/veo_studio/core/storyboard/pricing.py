"""What a run costs before it begins: what is missing, and nothing else."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from veo_studio.core.capabilities import AudioSupport, ModelInfo
from veo_studio.core.errors import BudgetError, NotEnoughTokens
from veo_studio.core.models import InputMode
from veo_studio.core.store import books, budgets, ledger
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.store.storyboard_reserved import Reserved, reserved
from veo_studio.core.storyboard import checks
from veo_studio.core.storyboard.asking import Asking
from veo_studio.core.storyboard.choosing import BoardModels
from veo_studio.core.storyboard.keys import SceneKey
from veo_studio.core.storyboard.models import RunGoal, Scene, Step, Storyboard
from veo_studio.core.storyboard.planning import chosen_scenes, missing_keys, obstacles
from veo_studio.core.storyboard.requests import length_s
from veo_studio.core.storyboard.sizes import Size, clip_settings, picture_settings, resolution_of
from veo_studio.core.storyboard.standing import Standing

if TYPE_CHECKING:
    from veo_studio.core.studio import Studio


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


@dataclass(frozen=True)
class Priced:
    """A price with what it is of."""

    price: RunPrice
    keys: tuple[SceneKey, ...]
    scenes: tuple[Scene, ...]
    items: tuple[NewGeneration, ...]


class Pricing:
    def __init__(self, studio: Studio, asking: Asking) -> None:
        self._studio = studio
        self._asking = asking

    async def price(
        self, standing: Standing, goal: RunGoal, scene_uuids: Collection[str] | None = None
    ) -> Priced:
        """Stores nothing. LookupError for a scene that is not there."""
        models = self._asking.models(standing.board.scenario)
        scenes = chosen_scenes(standing.board, scene_uuids)
        priced = await asyncio.to_thread(self._price, standing, goal, scenes, models)
        if priced.price.problems:
            return priced
        try:
            kept = await self.check_money(priced.items)
        except BudgetError as error:
            words = f"{error.message} {error.action or ''}".strip()
            return _replaced(priced, shortage=words)
        return _replaced(priced, notes=(*priced.price.notes, f"{kept.words}.")) if kept else priced

    async def check_money(self, items: Sequence[NewGeneration]) -> Reserved:
        """Whether all of it can be paid: raises NotEnoughTokens, BudgetExceeded.

        What other runs still have to ask for is theirs; how much that is.
        """
        if not any(item.is_priced or item.price_usd is None for item in items):
            return Reserved()
        tokens, _ = self._asking.costs(items)
        now = self._studio.clock.now()
        keys = [item.request.idempotency_key or "" for item in items]
        costs = [item.price_usd for item in items]

        def work(connection: Connection) -> Reserved:
            balance = ledger.balance(connection)
            kept = reserved(connection, keys)
            if tokens and tokens + kept.tokens > balance:
                words = kept.words if kept.tokens else ""
                raise NotEnoughTokens(needed=tokens, balance=balance, kept=words)
            budgets.check(connection, costs, now, reserved_usd=kept.cost_usd)
            return kept

        return await self._studio.database.read(work)

    async def check_books(self, items: Sequence[NewGeneration]) -> None:
        """Raises LedgerDamaged where nothing may be spent."""
        if any(item.is_priced for item in items):
            await self._studio.database.write(books.require_sound)

    def _price(
        self, standing: Standing, goal: RunGoal, scenes: Sequence[Scene], models: BoardModels
    ) -> Priced:
        board = standing.board
        keys = missing_keys(standing, goal, scenes)
        problems = self._problems(standing, goal, scenes, keys)
        items: list[NewGeneration] = []
        refused: dict[str, None] = {}
        for key in keys:
            try:
                request = self._asking.request(board, board.scene(key.scene_uuid), key, models)
                items.append(self._asking.priced(request))
            except ValueError as error:
                place = board.place_of(key.scene_uuid) + 1
                is_of_all = str(error) in (models.picture_problem, models.clip_problem)
                refused[str(error) if is_of_all else f"Scene {place}: {error}"] = None
        tokens, cost_usd = self._asking.costs(items)
        steps = Counter(key.step for key in keys)
        price = RunPrice(
            goal,
            tokens,
            cost_usd,
            steps[Step.PICTURE],
            steps[Step.CLIP],
            steps[Step.REHEARSAL],
            sum(standing.ready(scene, Step.PICTURE) is not None for scene in scenes),
            sum(standing.ready(scene, Step.CLIP) is not None for scene in scenes),
            # what the words lack is told once, not also as what a model says of it
            problems=tuple(problems or refused),
            notes=tuple(notes(board, goal, scenes, keys, models)),
            picture_model="" if models.picture is None else models.picture.name,
            clip_model="" if models.clip is None else models.clip.name,
        )
        return Priced(price, tuple(keys), tuple(scenes), tuple(items))

    def _problems(
        self,
        standing: Standing,
        goal: RunGoal,
        scenes: Sequence[Scene],
        keys: Sequence[SceneKey],
    ) -> list[str]:
        board = standing.board
        if not board.scenes:
            return ["This storyboard has no scenes yet."]
        wanted = {key.scene_uuid for key in keys}
        found = obstacles(standing, goal, scenes, keys)
        for scene in scenes:
            if scene.uuid in wanted or (not scene.has_prompts and _has_nothing(standing, scene)):
                place = board.place_of(scene.uuid) + 1
                sentences = checks.problems(board, scene, self._asking.has_file)
                found += [f"Scene {place}: {sentence}" for sentence in sentences]
        return found


def _has_nothing(standing: Standing, scene: Scene) -> bool:
    return standing.shown(scene, Step.CLIP) is None and standing.shown(scene, Step.PICTURE) is None


def _replaced(priced: Priced, **changed: Any) -> Priced:
    return replace(priced, price=replace(priced.price, **changed))


def notes(
    board: Storyboard,
    goal: RunGoal,
    scenes: Sequence[Scene],
    keys: Collection[SceneKey],
    models: BoardModels,
) -> list[str]:
    """What is made otherwise than it is written: sizes, lengths, sound, seeds."""
    found: list[str] = []
    resolution, sentence = resolution_of(board.scenario.resolution)
    steps = {key.step for key in keys}
    if sentence:
        found.append(sentence)
    picture_size: Size | None = None
    if Step.PICTURE in steps and models.picture is not None:
        picture_size = picture_settings(resolution, models.picture)
        found.append(picture_size.sentence)
        found.append(_seed_note(board, models.picture))
    clip = models.rehearsal if goal is RunGoal.REHEARSAL else models.clip
    if steps & {Step.CLIP, Step.REHEARSAL} and clip is not None:
        size = clip_settings(resolution, clip)
        if goal is not RunGoal.REHEARSAL:
            found.append(size.sentence)
            found.append(_sound_note(board, clip))
        found.append(_seed_note(board, clip))
        asked = {key.scene_uuid for key in keys if key.step is not Step.PICTURE}
        found += _length_notes([scene for scene in scenes if scene.uuid in asked], clip)
        if picture_size is not None and _is_cut(picture_size, size):
            found.append(f"Each picture is cut to the shape of its clip, {size.words}.")
    return list(dict.fromkeys(one for one in found if one))


def _is_cut(picture: Size, clip: Size) -> bool:
    if not (picture.width_px and picture.height_px and clip.width_px and clip.height_px):
        return False
    shapes = picture.width_px / picture.height_px, clip.width_px / clip.height_px
    return abs(shapes[0] / shapes[1] - 1) > 0.02


def _seed_note(board: Storyboard, model: ModelInfo) -> str:
    if board.scenario.seed is None or model.capabilities.has_seed:
        return ""
    return f"{model.name} takes no seed."


def _sound_note(board: Storyboard, model: ModelInfo) -> str:
    audio = model.capabilities.in_mode(InputMode.FIRST_FRAME).audio
    if board.scenario.has_sound and audio is AudioSupport.NEVER:
        return f"{model.name} makes no sound."
    if not board.scenario.has_sound and audio is AudioSupport.ALWAYS:
        return f"{model.name} always makes sound: turn the clips down in the film."
    return ""


def _length_notes(scenes: Sequence[Scene], model: ModelInfo) -> list[str]:
    able = model.capabilities.in_mode(InputMode.FIRST_FRAME)
    changed = Counter(
        (scene.duration_s, made)
        for scene in scenes
        if (made := length_s(scene.duration_s, able)) != scene.duration_s
    )
    return [
        f"{model.name} makes clips of {able.durations_in_words()}: {wanted} s become {made} s"
        f" ({count} scene{'' if count == 1 else 's'})."
        for (wanted, made), count in sorted(changed.items())
    ]
