"""A publisher that does what a test has written down, and clips that are finished and were paid for."""

from __future__ import annotations

import asyncio
import atexit
import functools
import hashlib
import json
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.fakes.generations import NOON
from tests.transport.clips import coloured
from veo_studio.core.catalog import Catalog
from veo_studio.core.clock import SYSTEM_CLOCK, Clock
from veo_studio.core.models import Generation, GenerationRequest, GenerationState, VideoConfig
from veo_studio.core.paths import Paths
from veo_studio.core.publishing import kinds
from veo_studio.core.publishing.base import (
    KindInfo,
    OnProgress,
    Options,
    Publisher,
    TargetField,
)
from veo_studio.core.publishing.models import (
    Delivery,
    Link,
    Parcel,
    Receipt,
    Refusal,
    Target,
    TargetKind,
    Way,
)
from veo_studio.core.publishing.preparing import LinkOf, parcel_of
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings
from veo_studio.core.store import moves
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import NewGeneration
from veo_studio.core.studio import Studio

Step = Callable[[Parcel, OnProgress], Awaitable[Receipt | None]]
# what deliveries must never touch, whatever becomes of them
MONEY = ("generations", "state_changes", "attempts", "wallet_entries", "budgets", "library")


@dataclass
class Place:
    """What stands behind the scripted publishers of one kind: what arrived there, and what comes next.

    `steps` are done in order, one for each send; after them everything is taken. An error of it is raised.
    """

    kind: TargetKind = TargetKind.S3
    repeats_harmlessly: bool = True
    max_bytes: int | None = None
    steps: list[Exception | Step] = field(default_factory=list)
    link_problem: Exception | None = None
    removal_problem: Exception | None = None
    arrived: list[Parcel] = field(default_factory=list)
    removed: list[Receipt] = field(default_factory=list)
    options: list[dict[str, str]] = field(default_factory=list)
    links: int = 0
    made: int = 0
    closed: int = 0
    at_once: int = 0
    most_at_once: int = 0

    @property
    def info(self) -> KindInfo:
        return KindInfo(
            self.kind,
            "Scripted",
            "A place of a test.",
            (
                TargetField("room", "Room"),
                TargetField("size", "Size", is_required=False, choices=(("s", "S"), ("l", "L"))),
                TargetField("key", "Key", is_secret=True, is_required=False),
            ),
            can_link=self.kind is TargetKind.S3,
            can_remove=True,
            max_bytes=self.max_bytes,
        )

    def make(self, kind: TargetKind, options: Options) -> ScriptedPublisher:
        self.made += 1
        self.options.append({name: options[name] for name in ("room", "size", "key")})
        return ScriptedPublisher(self)


class ScriptedPublisher:
    def __init__(self, place: Place) -> None:
        self._place = place
        self.repeats_harmlessly = place.repeats_harmlessly
        self.max_bytes = place.max_bytes

    async def check(self) -> str:
        return "The room is there."

    def refusal(self, parcel: Parcel) -> Refusal | None:
        limit = self._place.max_bytes
        if limit is None or parcel.size_bytes <= limit:
            return None
        return Refusal(f"It takes {limit} bytes at most.")

    async def send(self, parcel: Parcel, on_progress: OnProgress) -> Receipt:
        place = self._place
        place.at_once += 1
        place.most_at_once = max(place.most_at_once, place.at_once)
        try:
            receipt = None
            if place.steps:
                step = place.steps.pop(0)
                if isinstance(step, Exception):
                    raise step
                receipt = await step(parcel, on_progress)
            on_progress(parcel.size_bytes, parcel.size_bytes)
            place.arrived.append(parcel)
            return receipt or Receipt("Room 1", {"name": parcel.delivery_uuid})
        finally:
            place.at_once -= 1

    async def link(self, receipt: Receipt, valid_for: timedelta) -> Link | None:
        if self._place.link_problem is not None:
            raise self._place.link_problem
        if self._place.kind is not TargetKind.S3:
            return None
        self._place.links += 1
        url = f"https://store.example/{receipt.facts['name']}?signature={self._place.links}"
        return Link(url, NOON + valid_for)

    async def remove(self, receipt: Receipt) -> None:
        if self._place.removal_problem is not None:
            raise self._place.removal_problem
        self._place.removed.append(receipt)

    async def close(self) -> None:
        self._place.closed += 1


class PlainPreparer:
    """Parcels without pictures, which need no process that decodes; counts what was given back."""

    def __init__(self) -> None:
        self.released: list[str] = []
        self.problem: Exception | None = None

    async def parcel(
        self, delivery: Delivery, generation: Generation, publisher: Publisher, link_of: LinkOf
    ) -> Parcel:
        if self.problem is not None:
            raise self.problem
        link = await link_of(delivery) if delivery.way is Way.LINK else None
        return parcel_of(generation, delivery.uuid, link)

    async def release(self, delivery_uuid: str) -> None:
        self.released.append(delivery_uuid)

    async def sweep(self, open_uuids: Collection[str]) -> None: ...


@contextmanager
def plugged(*places: Place) -> Iterator[None]:
    """These stand for their kinds."""
    if not places:
        yield
        return
    with kinds.made_by(places[0].info, places[0].make), plugged(*places[1:]):
        yield


@asynccontextmanager
async def studio_with(
    clock: Clock = SYSTEM_CLOCK, *, is_scheduler: bool = True
) -> AsyncIterator[Studio]:
    """As `Studio.open`, by another clock."""
    paths = Paths.default()
    paths.ensure()
    if not paths.database.exists():
        # to make one takes longer than most tests
        await asyncio.to_thread(shutil.copyfile, _empty_library(), paths.database)
    database = await asyncio.to_thread(Database.open, paths.database)
    if is_scheduler:
        database.acquire_scheduler()
    catalog = Catalog.load(paths.user_catalog)
    studio = Studio(paths, Settings(), Secrets(environ={}), catalog, database, clock)
    await studio.client.__aenter__()
    studio.publishing.preparer = PlainPreparer()  # type: ignore[assignment]
    try:
        yield studio
    finally:
        await studio.close()


@functools.cache
def _empty_library() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="veo-studio-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Database.open(folder / "veo-studio.db").close()
    return folder / "veo-studio.db"


async def a_clip(studio: Studio, prompt: str = "A paper boat", **fields: Any) -> Generation:
    """Finished, paid for, and on the disk; `fields` are columns that are others."""
    return await studio.database.write(lambda c: finished(c, studio.paths.outputs, prompt, fields))


@functools.cache
def _small_clip() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return coloured(Path(folder) / "clip.mp4", 128, 72).read_bytes()


def finished(connection: Any, outputs: Path, prompt: str, fields: dict[str, Any]) -> Generation:
    at = moves.utc_now()
    provider = fields.pop("provider", "gemini")
    model = fields.pop("model", "gemini-omni-1.2-flash")
    request = GenerationRequest(prompt, provider, model, VideoConfig())
    tokens = 0 if provider == "rehearsal" else 1
    price = Decimal("0.56") if tokens else None
    (new,) = moves.create(connection, [NewGeneration(request, tokens, price)], at)
    attempt = moves.begin_attempt(connection, new.id, {}, "0" * 64, at)
    name = f"operations/{new.id}"
    connection.exec_driver_sql(
        "UPDATE attempts SET operation_id = ? WHERE id = ?", (name, attempt.id)
    )
    go = moves.move
    go(connection, new.id, GenerationState.PROCESSING, "accepted", at, operation_id=name)
    go(connection, new.id, GenerationState.DOWNLOADING, "ready", at)
    path = outputs / f"{new.id}.mp4"
    if not path.exists():
        path.write_bytes(_small_clip())
    content = path.read_bytes()
    facts: dict[str, Any] = {
        "video_path": str(path),
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "length_s": 3.0,
        "width_px": 128,
        "height_px": 72,
        "has_audio": False,
        "finished_at": at,
        **fields,
    }
    return go(connection, new.id, GenerationState.COMPLETED, "stored", at, **facts)


async def a_target(studio: Studio, place: Place, name: str = "") -> Target:
    return await studio.publishing.add_target(
        name or f"My {place.kind.value}", place.kind, {"room": "1"}, {}
    )


def money() -> str:
    """All rows of the tables that no delivery may touch, as one text."""
    with closing(sqlite3.connect(f"{Paths.default().database.as_uri()}?mode=ro", uri=True)) as file:
        rows = {name: list(file.execute(f"SELECT * FROM {name}")) for name in MONEY}
    return json.dumps(rows, indent=0)


async def closed(studio: Studio, delivery_id: int) -> Delivery:
    """Once the program does nothing more about it."""
    async with asyncio.timeout(60):
        while True:
            one = await studio.publishing.wait(delivery_id)
            if not one.state.is_open:
                return one
            await asyncio.sleep(0.02)


async def eventually(is_so: Callable[[], Any]) -> Any:
    """Until a condition holds; its value."""
    async with asyncio.timeout(60):
        while True:
            found = is_so()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(0.01)
