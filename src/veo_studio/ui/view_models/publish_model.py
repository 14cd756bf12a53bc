"""What the publish dialog holds: caption, tags and cover of each clip, the targets, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.library_query import MAX_TAGS, clean_tags
from veo_studio.core.models import Generation
from veo_studio.core.publishing.base import KindInfo
from veo_studio.core.publishing.models import (
    MAX_CAPTION_LENGTH,
    PublishWish,
    Refusal,
    Target,
    TargetKind,
    TargetWish,
    Way,
)
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.view_models.publish_when import WrongMoment, first_offer, planned

Spawn = Callable[..., object]
Now = Callable[[], datetime]
# what these show can be a link to a clip that lies elsewhere
TAKE_LINKS = frozenset({TargetKind.TELEGRAM, TargetKind.WEBHOOK})


class Mode(Enum):
    """What is asked: publish, deliver without publishing, or change what is said of a published clip."""

    PUBLISH = "publish"
    DELIVER = "deliver"
    EDIT = "edit"


class PublishDesk(Protocol):
    """What the dialog needs of the core."""

    async def targets(self) -> Sequence[Target]: ...

    async def refusals(
        self, generation_ids: Sequence[int], targets: Sequence[TargetWish]
    ) -> Mapping[tuple[int, int], Refusal]: ...


@dataclass
class ClipWords:
    """What is said about one clip; `tags` as they were typed, `cover_at_s` in seconds."""

    generation: Generation
    caption: str
    tags: str
    cover_at_s: float | None

    @property
    def length_s(self) -> float:
        return self.generation.length_s or float(self.generation.config.duration_s)


@dataclass(frozen=True)
class Chosen:
    """A target that is ticked; `way` None while nothing says how a refused clip gets there."""

    way: Way | None = None
    link_target_id: int | None = None


class PublishModel(QObject):
    """Signals:
    changed(): something else is to be shown.
    clip_changed(): another clip is looked at, or its words came from elsewhere than its fields.
    """

    changed = pyqtSignal()
    clip_changed = pyqtSignal()

    def __init__(
        self,
        generations: Sequence[Generation],
        desk: PublishDesk,
        spawn: Spawn,
        info_of: Callable[[TargetKind], KindInfo],
        *,
        mode: Mode = Mode.PUBLISH,
        left_out: int = 0,
        now: Now = lambda: datetime.now(UTC),
        parent: QObject | None = None,
    ) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope."""
        super().__init__(parent)
        self.mode = mode
        self.clips = [
            ClipWords(one, one.caption, ", ".join(one.tags), one.cover_at_s) for one in generations
        ]
        # so many more were chosen, and have no file
        self.left_out = left_out
        self._desk = desk
        self._spawn = spawn
        self._info_of = info_of
        self.now = now
        self._at = 0
        self.targets: list[Target] = []
        self.is_read = False
        self.chosen: dict[int, Chosen] = {}
        self.refusals: dict[tuple[int, int], Refusal] = {}
        self.local_at: datetime | None = None
        self.refused = ""
        self.is_busy = False
        self._looked = 0

    # clips

    @property
    def place(self) -> int:
        return self._at

    @property
    def clip(self) -> ClipWords:
        return self.clips[self._at]

    def step(self, by: int) -> None:
        """To the next or previous clip; stays at the ends."""
        wanted = min(len(self.clips) - 1, max(0, self._at + by))
        if wanted != self._at:
            self._at = wanted
            self.clip_changed.emit()
            self.changed.emit()

    def set_caption(self, words: str) -> None:
        self.clip.caption = words
        self._edited()

    def set_tags(self, words: str) -> None:
        self.clip.tags = words
        self._edited()

    def set_cover(self, at_s: float | None) -> None:
        self.clip.cover_at_s = at_s
        self._edited()

    def same_for_all(self) -> None:
        """Caption and tags of this clip for every one of them."""
        here = self.clip
        for other in self.clips:
            other.caption, other.tags = here.caption, here.tags
        self._edited()

    def caption_limit(self) -> tuple[int, str]:
        """So many characters at most, and the target that says so ("" where it is the program)."""
        least, who = MAX_CAPTION_LENGTH, ""
        for target in self.ticked():
            most = self.info(target).max_caption
            if most is not None and most < least:
                least, who = most, target.name
        return least, who

    # targets

    def read(self, choose: int | None = None) -> None:
        """Read the targets anew, and tick the one with the id `choose`."""
        self._spawn(self._read(choose), name="publish: targets")

    async def _read(self, choose: int | None) -> None:
        self.targets = list(await self._desk.targets())
        known = {target.id for target in self.targets}
        self.chosen = {id_: chosen for id_, chosen in self.chosen.items() if id_ in known}
        if choose in known and choose is not None:
            self.chosen.setdefault(choose, Chosen())
        self.is_read = True
        self._edited()
        await self._look()

    def info(self, target: Target) -> KindInfo:
        return self._info_of(target.kind)

    def ticked(self) -> list[Target]:
        return [target for target in self.targets if target.id in self.chosen]

    def tick(self, target_id: int, is_on: bool) -> None:
        if is_on:
            self.chosen.setdefault(target_id, Chosen())
        else:
            self.chosen.pop(target_id, None)
        self._edited()
        self._spawn(self._look(), name="publish: refusals")

    def set_way(self, target_id: int, way: Way) -> None:
        if target_id in self.chosen:
            store = self.chosen[target_id].link_target_id
            stores = self.stores(target_id)
            if way is Way.LINK and store is None and stores:
                store = stores[0].id
            self.chosen[target_id] = Chosen(way, store if way is Way.LINK else None)
            self._edited()

    def set_store(self, target_id: int, store_id: int) -> None:
        if target_id in self.chosen:
            self.chosen[target_id] = Chosen(Way.LINK, store_id)
            self._edited()

    def stores(self, target_id: int) -> list[Target]:
        """Where a link can lead to."""
        return [one for one in self.targets if one.id != target_id and self.info(one).can_link]

    def refused_by(self, target_id: int) -> list[tuple[ClipWords, Refusal]]:
        found = ((clip, self.refusals.get((clip.generation.id, target_id))) for clip in self.clips)
        return [(clip, refusal) for clip, refusal in found if refusal is not None]

    def ways(self, target: Target) -> list[Way]:
        """What there is to choose from; nothing where it just goes there."""
        if target.id not in self.chosen:
            return []
        refused = self.refused_by(target.id)
        if refused:
            return [way for way in Way if any(way in refusal.ways for _, refusal in refused)]
        if target.kind in TAKE_LINKS and self.stores(target.id):
            return [Way.AS_IS, Way.LINK]
        return []

    def way(self, target: Target) -> Way | None:
        """What is chosen among `ways`."""
        chosen = self.chosen.get(target.id, Chosen()).way
        ways = self.ways(target)
        if chosen in ways:
            return chosen
        return Way.AS_IS if Way.AS_IS in ways else None

    async def _look(self) -> None:
        """Ask what the ticked targets would not take as it is."""
        self._looked += 1
        number = self._looked
        wishes = [TargetWish(target.id) for target in self.ticked()]
        found: Mapping[tuple[int, int], Refusal] = {}
        if wishes:
            ids = [clip.generation.id for clip in self.clips]
            found = await self._desk.refusals(ids, wishes)
        if number == self._looked:
            self.refusals = dict(found)
            self.changed.emit()

    # when

    def set_planned(self, is_planned: bool) -> None:
        self.local_at = first_offer(self.now()) if is_planned else None
        self._edited()

    def set_local_at(self, local: datetime) -> None:
        if self.local_at is not None:
            self.local_at = local
            self._edited()

    def moment(self) -> datetime | None:
        """The aware moment; None is now. Raises WrongMoment."""
        return None if self.local_at is None else planned(self.local_at, self.now())

    # the wish

    @property
    def problem(self) -> str:
        """Why it cannot be done as it stands; "" where it can."""
        return (
            self.refused or self._clip_problem() or self._target_problem() or self._when_problem()
        )

    def refuse(self, sentence: str) -> None:
        """The core did not take it; shown until something is changed."""
        self.refused = sentence
        self.changed.emit()

    def set_busy(self, is_busy: bool) -> None:
        self.is_busy = is_busy
        self.changed.emit()

    def wishes(self) -> list[PublishWish]:
        """Raises ValueError with a sentence."""
        if problem := self.problem:
            raise ValueError(problem)
        at = self.moment()
        return [self._wish(clip, at) for clip in self.clips]

    def target_wishes(self, clip: ClipWords) -> tuple[TargetWish, ...]:
        return tuple(self._target_wish(clip, target) for target in self.ticked())

    def _wish(self, clip: ClipWords, at: datetime | None) -> PublishWish:
        generation = clip.generation
        tags = tuple(_typed_tags(clip.tags))
        # what is left as it is must not be put back later over what was changed meanwhile
        return PublishWish(
            generation.id,
            caption=None if clip.caption == generation.caption else clip.caption,
            tags=None if tags == generation.tags else tags,
            cover_at_s=None if clip.cover_at_s == generation.cover_at_s else clip.cover_at_s,
            targets=() if self.mode is Mode.EDIT else self.target_wishes(clip),
            at=at,
        )

    def _target_wish(self, clip: ClipWords, target: Target) -> TargetWish:
        is_refused = (clip.generation.id, target.id) in self.refusals
        way = self.way(target) or Way.AS_IS
        if not is_refused and self.refused_by(target.id):
            # only what is too large travels otherwise
            way = Way.AS_IS
        store = self.chosen[target.id].link_target_id if way is Way.LINK else None
        return TargetWish(target.id, way, store)

    def _clip_problem(self) -> str:
        if self.mode is Mode.DELIVER:
            return ""
        most, who = self.caption_limit()
        for number, clip in enumerate(self.clips, 1):
            problem = ""
            if len(clip.caption) > most:
                problem = _too_long(len(clip.caption), most, who)
            else:
                try:
                    if len(clean_tags(_typed_tags(clip.tags))) > MAX_TAGS:
                        problem = tr("A clip has at most {n} tags.", n=MAX_TAGS)
                except ValueError as error:
                    problem = str(error)
            if problem:
                several = len(self.clips) > 1
                return tr("Clip {n}: {problem}", n=number, problem=problem) if several else problem
        return ""

    def _target_problem(self) -> str:
        if self.mode is Mode.DELIVER and not self.chosen:
            return tr("Choose where it goes.") if self.targets else tr("There is no target yet.")
        for target in self.ticked():
            refused = self.refused_by(target.id)
            way = self.way(target)
            if refused and not self.ways(target):
                return f"{target.name}: {refused[0][1].sentence}"
            if refused and way is None:
                return tr("Choose how {name} gets what it does not take.", name=target.name)
            if way is Way.LINK and self.chosen[target.id].link_target_id is None:
                return tr(
                    "A link leads to a store, and there is none yet. Set one up under New target."
                )
        return ""

    def _when_problem(self) -> str:
        try:
            self.moment()
        except WrongMoment as error:
            return str(error)
        return ""

    def _edited(self) -> None:
        self.refused = ""
        self.changed.emit()


def _typed_tags(words: str) -> list[str]:
    return [part.strip() for part in words.replace("\n", ",").split(",") if part.strip()]


def _too_long(length: int, most: int, who: str) -> str:
    over = length - most
    if who:
        return tr_n(
            "The caption is {n} character too long for {who}.",
            "The caption is {n} characters too long for {who}.",
            over,
            who=who,
        )
    return tr_n(
        "The caption is {n} character too long.", "The caption is {n} characters too long.", over
    )
