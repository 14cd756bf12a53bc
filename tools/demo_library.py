"""Fill a data folder with a believable library: `demo_library.py COUNT FOLDER`.

FOLDER is laid out as VEO_STUDIO_HOME lays it out. Two years of generations in every state that waits
for nobody or for the user, with a wallet that adds up. The newest 300 completed ones have real clips,
drawn by the rehearsal renderer (a few distinct ones, copied); older completed rows name a file in the
outputs folder that is not there. Benchmarks, screenshots and scale tests all use it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from veo_studio.core import media
from veo_studio.core.catalog import Catalog, ModelInfo
from veo_studio.core.errors import StudioError
from veo_studio.core.file_names import file_name
from veo_studio.core.models import Charge, ErrorKind, GenerationState, VideoConfig
from veo_studio.core.paths import Paths
from veo_studio.core.providers.rehearsal.spec import RenderSpec, frame_size
from veo_studio.core.providers.rehearsal.worker import RenderProcess
from veo_studio.core.store import books, ledger
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import POSITION_STEP
from veo_studio.core.store.tables import generations, state_changes, wallet_entries
from veo_studio.core.wallet import Wallet

_S = GenerationState

SEED = 2026
NEWEST_AT = datetime(2026, 11, 20, 17, 42, tzinfo=UTC)
SPAN = timedelta(days=730)
WITH_CLIPS = 300
DISTINCT_CLIPS = 18
_OMNI_1_2_FROM = datetime(2026, 10, 22, tzinfo=UTC)
_TOP_UP_TOKENS = 200
_LOWEST_BALANCE_TOKENS = 90
_CHUNK = 5_000
# what the database fills by itself is not written
_OWN_COLUMNS = [
    column.name
    for column in generations.columns
    if column.computed is None and column.server_default is None
]

# Shown by their clips: prompt, aspect ratio, seconds.
_SHOTS: Sequence[tuple[str, str, int]] = (
    (
        "A paper boat drifts down a rain-filled gutter at dusk, low tracking shot, neon on wet asphalt",
        "16:9",
        3,
    ),
    (
        "Two foxes cross a snowy railway line at first light, long lens, breath in the cold air",
        "16:9",
        4,
    ),
    ("A red kite over a harbour, the camera tilts up from the nets to the sky", "9:16", 3),
    ("Close-up of hands folding a letter by candlelight, shallow focus, 35 mm grain", "4:3", 2),
    ("A lighthouse in a storm, waves over the rail, slow push in, teal and amber", "16:9", 3),
    ("Night market in Taipei seen through steam, handheld, faces lit by paper lanterns", "9:16", 4),
    (
        "A tram climbs a Lisbon street, morning fog, the bell rings once, wide static frame",
        "16:9",
        3,
    ),
    ("Macro: a drop of ink opens in water, black on white, ultra slow motion", "1:1", 2),
    ("An old astronomer opens the dome, stars wheel overhead, time-lapse, deep blue", "16:9", 4),
    (
        "A boy runs through a field of tall wheat, backlit, drone follows at shoulder height",
        "16:9",
        3,
    ),
    ("Desert road at noon, heat haze, a lone motorcycle grows from the horizon", "16:9", 3),
    (
        "A ballet dancer turns in an empty warehouse, dust in shafts of light, slow dolly right",
        "9:16",
        3,
    ),
    ("Underwater cathedral of kelp, a seal spirals toward the lens, green light", "16:9", 2),
    ("Rainy window of a night train, city lights smear past, a face in reflection", "4:3", 3),
    ("A baker pulls bread from a wood oven, sparks, warm tungsten, over-the-shoulder", "1:1", 3),
    ("Aerial pull back over terraced rice fields at sunset, mirrors of water, mist", "16:9", 4),
    ("A fox mask on a shrine step, first snow falls, locked-off frame, quiet", "9:16", 2),
    ("Vintage convertible through a pine forest, dappled sun, crane shot rising", "16:9", 3),
    ("A violinist on a rooftop at blue hour, pigeons scatter, orbit left", "1:1", 3),
    ("Cargo ship in pack ice, polar sunset, helicopter shot, long shadows", "16:9", 3),
    ("Child's chalk drawing comes alive on a pavement, top-down, stop-motion look", "1:1", 2),
    ("A diver steps off the ten-metre board, frozen mid-air, high-speed camera", "9:16", 2),
    ("Field hospital tent at night, lamplight, wind on canvas, slow pan left", "16:9", 4),
    ("Harvest festival bonfire, dancers in silhouette, sparks rise into the stars", "16:9", 3),
)

_SUBJECTS = (
    "an elderly watchmaker", "a stray dog with one white ear", "a young fencer", "a flock of starlings",
    "a yellow submarine toy", "a firefighter", "twin sisters in raincoats", "a jazz trumpeter",
    "a courier on a cargo bike", "a white stallion", "a street magician", "an astronaut without a helmet",
    "a fisherman and his son", "a robot gardener", "a marathon runner", "a porcelain doll",
    "a chess player", "a mountain goat", "a lighthouse keeper", "a tango couple",
    "a beekeeper", "a paper dragon", "a subway violinist", "a red fox", "a glassblower",
    "a hot-air balloon", "a bride in boots", "a lone surfer", "a clockwork owl", "a river otter",
    "a ferry captain", "a child with a lantern", "a sand-covered piano", "an abandoned carousel",
    "a calligrapher", "a herd of reindeer", "a stunt driver", "a widow in black", "a vintage diner",
    "a koi pond",
)  # fmt: skip
_ACTIONS = (
    "turns slowly toward the lens", "walks away down the corridor", "laughs and looks up", "waits for a train",
    "dances alone", "crosses a rope bridge", "opens an unmarked door", "runs through shallow water",
    "stands still while the crowd blurs past", "climbs a spiral staircase", "lets go of a balloon",
    "reads a letter aloud", "disappears into smoke", "repairs a broken radio", "watches the tide come in",
    "rises from the fog", "leaps across rooftops", "falls asleep at the table", "draws on a fogged window",
    "lights the last candle", "is reflected in a puddle", "sheds a winter coat", "whispers to a horse",
    "sails past the breakwater",
)  # fmt: skip
_PLACES = (
    "in a flooded library", "on the salt flats of Uyuni", "in a Kyoto alley", "under the Brooklyn Bridge",
    "at an empty petrol station", "in a greenhouse full of ferns", "on a Scottish moor", "in a 1970s kitchen",
    "inside a glacier cave", "on the deck of an icebreaker", "in a Marrakesh courtyard", "on a night ferry",
    "in a brutalist stairwell", "at the edge of a volcano", "in a wheat field near Arles", "on a film set",
    "in a market hall in Łódź", "on the Amalfi coast road", "in a deserted shopping mall", "at a bus stop in rain",
    "in a birch forest", "on the roof of a parking garage", "in an opera box", "in a São Paulo barber shop",
)  # fmt: skip
_LIGHTS = (
    "golden hour", "hard noon sun", "sodium street light", "overcast and soft", "moonlight through blinds",
    "neon pink and cyan", "a single practical lamp", "lightning", "candlelight", "blue hour",
    "volumetric shafts of dust", "northern lights", "car headlights", "window light from the left",
)  # fmt: skip
_CAMERAS = (
    "slow dolly in", "handheld, 28 mm", "locked-off wide", "drone orbit", "steadicam from behind",
    "whip pan", "crane up", "macro, focus pull", "anamorphic, lens flare", "tracking left to right",
    "over-the-shoulder", "dutch angle", "one continuous take", "vertigo zoom", "low angle, 18 mm",
    "top-down", "rack focus to the background", "slow motion, 120 fps",
)  # fmt: skip
_LOOKS = (
    "Kodak 2383 print", "16 mm grain", "bleach bypass", "watercolour animation", "documentary realism",
    "film noir", "pastel symmetry", "VHS, 1991", "claymation", "high-key commercial", "teal and orange",
    "silent-film sepia", "ink wash", "photoreal, 8K detail", "desaturated, cold",
)  # fmt: skip
_ELSEWHERE = (
    "夜の渋谷、雨に濡れた交差点をゆっくり横切る傘、ネオンの反射",
    "Ein alter Straßenmusiker spielt Akkordeon, Gegenlicht, langsame Kamerafahrt",
    "Une vieille dame donne à manger aux pigeons, lumière d'hiver, plan fixe",
    "Девочка с красным шаром бежит по набережной, закат, длинный фокус",
    "Un tranvía amarillo sube la cuesta al amanecer, cámara en mano",
    "一只纸船漂过雨后的小巷，黄昏，低角度跟拍",
)
_AVOID = (
    "",
    "",
    "",
    "text, watermark, logo",
    "blurry, low quality",
    "extra fingers, distorted faces",
)
_NOTES = (
    "No dialogue; only wind and distant traffic.",
    "Keep the horizon level and the subject in the left third until the last second.",
    "The first frame must match the last frame of the previous shot: same coat, same rain, same hour.",
    "Wardrobe is muted, nothing red except the umbrella.",
    "Let the shot breathe for a beat before anything moves, then follow the movement without cutting.",
    "Reference: morning light of the location stills, day 4.",
)


@dataclass(frozen=True)
class _Failure:
    kind: ErrorKind
    cause: str
    words: str
    weight: int
    is_accepted: bool = False
    """True where the provider took the request before it failed."""


_FAILURES = (
    _Failure(ErrorKind.CONTENT_FILTERED, "ended by the provider",
             "The video was blocked because it may show a real person.", 30, True),
    _Failure(ErrorKind.GENERATION_FAILED, "ended by the provider",
             "The service could not make this video. Try again or change the prompt.", 20, True),
    _Failure(ErrorKind.INVALID_REQUEST, "refused by the provider",
             "Request contains an invalid argument: duration.", 8),
    _Failure(ErrorKind.QUOTA_EXCEEDED, "refused by the provider",
             "You exceeded your current quota, please check your plan and billing details.", 12),
    _Failure(ErrorKind.INSUFFICIENT_CREDITS, "refused by the provider",
             "Your prepayment credits are depleted.", 5),
    _Failure(ErrorKind.RATE_LIMITED, "given up after retries",
             "Too many requests: please slow down.", 8),
    _Failure(ErrorKind.SERVER_ERROR, "given up after retries", "The model is overloaded.", 7),
    _Failure(ErrorKind.AUTH, "refused by the provider",
             "API key not valid. Please pass a valid API key.", 4),
    _Failure(ErrorKind.NETWORK, "given up after retries",
             "No connection to generativelanguage.googleapis.com.", 4),
    _Failure(ErrorKind.NOT_FOUND, "the provider no longer knows it",
             "The provider does not know this operation.", 1, True),
    _Failure(ErrorKind.TIMEOUT, "the provider's retention ended",
             "The provider no longer keeps this result.", 1, True),
)  # fmt: skip

_ATTENTION = (
    (_S.HELD, ErrorKind.DOWNLOAD_FAILED, "the result cannot be stored now",
     "The file's size differs from what the provider announced."),
    (_S.UNKNOWN, ErrorKind.SUBMIT_UNKNOWN, "the answer was lost",
     "The connection broke after the request was sent. It may have been billed."),
    (_S.HELD, ErrorKind.STORAGE, "the result cannot be stored now",
     "The disk that holds the outputs folder is full."),
    (_S.HELD, ErrorKind.AUTH, "the provider refused the key", "API key not valid."),
    (_S.UNKNOWN, ErrorKind.SUBMIT_UNKNOWN, "the program ended while sending",
     "The program ended before the answer came. It may have been billed."),
)  # fmt: skip


@dataclass(frozen=True)
class Filled:
    """What was put into the folder."""

    generations: int
    clips: int
    balance_tokens: int
    rows_s: float
    """Seconds for the rows alone, without drawing and copying clips."""


@dataclass(frozen=True)
class _Clip:
    """One drawn file that several generations share."""

    prompt: str
    provider: str
    config: VideoConfig
    path: Path
    size_bytes: int
    sha256: str
    facts: media.MediaFacts


@dataclass(frozen=True)
class _Plan:
    """What one row will be, before the wallet and the files are settled."""

    id: int
    at: datetime
    state: GenerationState
    provider: str
    prompt: str
    config: VideoConfig
    clip: _Clip | None = None
    failure: _Failure | None = None
    attention: int | None = None
    is_sent: bool = True
    take_group: str | None = None
    take_number: int = 1


def fill(
    home: Path,
    count: int,
    *,
    with_clips: int = WITH_CLIPS,
    distinct: int = DISTINCT_CLIPS,
    seed: int = SEED,
    newest_at: datetime = NEWEST_AT,
    tell: Callable[[str], None] = lambda _words: None,
) -> Filled:
    """Put `count` generations below `home`; the same arguments make the same library.

    Raises ValueError for a bad number or a library that already holds generations, StudioError for a
    folder that cannot be used.
    """
    if count < 1:
        raise ValueError("COUNT must be 1 or more.")
    paths = Paths.below(home)
    paths.ensure()
    database = Database.open(paths.database)
    try:
        database.acquire_scheduler()
        if database.write_now(_rows_in) > 0:
            raise ValueError(f"{paths.database} already holds generations; name an empty folder.")
        draw = random.Random(seed)
        moments = _moments(draw, count, newest_at)
        with tempfile.TemporaryDirectory(dir=paths.cache) as folder:
            clips: list[_Clip] = []
            if with_clips and distinct:
                tell(f"drawing {min(distinct, len(_SHOTS), with_clips, count)} clips")
                clips = _draw_clips(Path(folder), min(distinct, with_clips, count))
            plans = list(_plans(draw, moments, clips, with_clips))
            tell(f"copying {sum(plan.clip is not None for plan in plans)} clips")
            names = _names(paths.outputs, plans)
            for plan in plans:
                if plan.clip is not None:
                    shutil.copyfile(plan.clip.path, names[plan.id])
        tell(f"writing {count} rows")
        started = time.monotonic()
        catalog = Catalog.load()
        balance = database.write_now(
            lambda connection: _write(connection, draw, plans, names, catalog, tell)
        )
        return Filled(
            generations=count,
            clips=sum(plan.clip is not None for plan in plans),
            balance_tokens=balance,
            rows_s=time.monotonic() - started,
        )
    finally:
        database.close()


def _rows_in(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(generations)).scalar_one()


def _moments(draw: random.Random, count: int, newest_at: datetime) -> list[datetime]:
    """Working days with busier last months, oldest first; the last one is `newest_at`."""
    day = timedelta(days=1)
    found: list[datetime] = []
    while len(found) < count - 1:
        # the square root makes recent days busier
        back = SPAN * (1 - draw.random() ** 0.5)
        noon = (newest_at - back).replace(hour=0, minute=0, second=0, microsecond=0)
        if noon.weekday() >= 5 and draw.random() < 0.6:
            continue
        at = noon + day * min(max(draw.gauss(0.62, 0.14), 0.02), 0.99)
        if newest_at - SPAN <= at < newest_at:
            found.append(at)
    return [*sorted(found), newest_at]


def _draw_clips(folder: Path, distinct: int) -> list[_Clip]:
    def one(number: int) -> _Clip:
        prompt, aspect, seconds = _SHOTS[number]
        # every third one as if a service had made it, at a size that the service sells
        is_paid = number % 3 == 1 and aspect in ("16:9", "9:16")
        config = VideoConfig(
            aspect_ratio=aspect,
            duration_s=max(3, seconds) if is_paid else seconds,
            resolution="360p" if is_paid else "480p",
            seed=1_000 + 37 * number,
            enable_audio=None if is_paid else True,
        )
        width, height = frame_size(config.aspect_ratio, config.resolution)
        path = folder / f"{number}.mp4"
        spec = RenderSpec(
            prompt, config.seed or 0, width, height, config.duration_s, has_audio=True
        )
        rendered = RenderProcess(spec, path).run()
        assert rendered is not None, "nobody cancels it"
        return _Clip(
            prompt,
            "gemini" if is_paid else "rehearsal",
            config,
            path,
            rendered.size_bytes,
            rendered.sha256,
            media.probe(path),
        )

    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        return list(threads.map(one, range(min(distinct, len(_SHOTS)))))


def _plans(
    draw: random.Random, moments: Sequence[datetime], clips: Sequence[_Clip], with_clips: int
) -> Iterator[_Plan]:
    """All rows, newest first while clips are handed out, given back in no particular order."""
    count = len(moments)
    attention = _attention_at(count)
    clips_left = with_clips if clips else 0
    handed_out = 0
    take: _Plan | None = None
    takes_left = 0
    for number in range(count - 1, -1, -1):
        at = moments[number]
        plan = _Plan(number + 1, at, _S.COMPLETED, "gemini", "", VideoConfig())
        rank = count - 1 - number
        if rank in attention:
            prompt, config = _prompt(draw), _gemini_config(draw)
            yield replace(
                plan,
                state=_ATTENTION[attention[rank]][0],
                prompt=prompt,
                config=config,
                attention=attention[rank],
            )
            continue
        luck = draw.random()
        is_completed = rank == 0 or luck < 0.9
        if is_completed and clips_left:
            first_round = handed_out < len(clips)
            clip = clips[handed_out] if first_round else draw.choice(clips)
            handed_out += 1
            clips_left -= 1
            yield replace(
                plan, provider=clip.provider, prompt=clip.prompt, config=clip.config, clip=clip
            )
            continue
        if take is not None and takes_left:
            takes_left -= 1
            plan = replace(
                plan,
                provider=take.provider,
                prompt=take.prompt,
                config=replace(take.config, seed=draw.randrange(2**31)),
                take_group=take.take_group,
                take_number=takes_left + 1,
            )
        else:
            is_rehearsal = draw.random() < 0.35
            plan = replace(
                plan,
                provider="rehearsal" if is_rehearsal else "gemini",
                prompt=_prompt(draw),
                config=_rehearsal_config(draw) if is_rehearsal else _gemini_config(draw),
            )
            take = None
            if draw.random() < 0.12:
                takes_left = draw.randint(1, 3)
                plan = replace(plan, take_group=str(_uuid(draw)), take_number=takes_left + 1)
                take = plan
        if is_completed:
            yield plan
        elif luck < 0.96:
            weights = [failure.weight for failure in _FAILURES]
            failure = draw.choices(_FAILURES, weights)[0]
            yield replace(plan, state=_S.FAILED, failure=failure)
        else:
            yield replace(plan, state=_S.CANCELLED, is_sent=draw.random() < 0.5)


def _attention_at(count: int) -> dict[int, int]:
    """Which of the newest rows wait for the user: a person has a handful of them, never thousands."""
    return {
        rank: number
        for number, rank in enumerate((4, 9, 23, 61, 140))
        if rank < min(count, WITH_CLIPS)
    }


def _prompt(draw: random.Random) -> str:
    luck = draw.random()
    if luck < 0.02:
        return f"{draw.choice(_ELSEWHERE)}, {draw.choice(_CAMERAS)}"
    subject, action = draw.choice(_SUBJECTS), draw.choice(_ACTIONS)
    sentence = f"{subject[0].upper()}{subject[1:]} {action} {draw.choice(_PLACES)}"
    if luck < 0.10:
        return sentence
    words = [sentence, draw.choice(_LIGHTS), draw.choice(_CAMERAS), draw.choice(_LOOKS)]
    if luck < 0.16:
        words.append(f"scene {draw.randint(1, 60)} take {draw.randint(1, 9)}")
    text = ", ".join(words)
    if luck > 0.90:
        text += ". " + " ".join(draw.sample(_NOTES, draw.randint(1, len(_NOTES))))
    return text


def _rehearsal_config(draw: random.Random) -> VideoConfig:
    return VideoConfig(
        aspect_ratio=draw.choice(("16:9", "16:9", "16:9", "9:16", "1:1", "4:3")),
        duration_s=draw.choice((2, 3, 4, 5, 5, 8, 8, 10, 15, 30, 60)),
        resolution=draw.choice(("480p", "720p", "720p", "1080p", "4k")),
        negative_prompt=draw.choice(_AVOID),
        seed=draw.randrange(2**31),
        enable_audio=draw.random() < 0.7,
    )


def _gemini_config(draw: random.Random) -> VideoConfig:
    return VideoConfig(
        aspect_ratio=draw.choice(("16:9", "16:9", "9:16")),
        duration_s=draw.choice((3, 4, 5, 6, 8, 8, 8, 10)),
        resolution=draw.choice(("360p", "720p", "720p", "720p", "1080p", "4k")),
        seed=draw.randrange(2**31),
    )


def _names(outputs: Path, plans: Sequence[_Plan]) -> dict[int, Path]:
    """Every completed row's own file name."""
    taken: set[str] = set()
    names: dict[int, Path] = {}
    for plan in plans:
        if plan.state is not _S.COMPLETED:
            continue
        name = file_name(plan.prompt, plan.at)
        number = 2
        while name.casefold() in taken:
            stem = Path(file_name(plan.prompt, plan.at)).stem
            name = f"{stem}_{number}.mp4"
            number += 1
        taken.add(name.casefold())
        names[plan.id] = outputs / name
    return names


def _write(
    connection: Connection,
    draw: random.Random,
    plans: Sequence[_Plan],
    names: Mapping[int, Path],
    catalog: Catalog,
    tell: Callable[[str], None],
) -> int:
    """All rows in one transaction; returns the balance."""
    wallet = _WalletWriter(connection)
    rows: list[dict[str, Any]] = []
    moves: list[dict[str, Any]] = []
    ordered = sorted(plans, key=lambda plan: plan.id)
    for plan in ordered:
        model = _model_of(catalog, plan)
        row = _row(draw, plan, model, names.get(plan.id))
        rows.append(row)
        if plan.id > len(ordered) - WITH_CLIPS:
            moves.extend(_moves(plan, row))
        is_refunded = row["tokens"] >= 0 and (plan.state is _S.FAILED or not plan.is_sent)
        wallet.charge(plan, row, is_refunded)
        if len(rows) == _CHUNK:
            _flush(connection, rows, moves, wallet)
            tell(f"{plan.id} of {len(ordered)} rows")
    _flush(connection, rows, moves, wallet)
    if problems := books.audit(connection):
        raise SystemExit(f"The demo library contradicts itself: {problems}")
    return ledger.balance(connection)


def _flush(
    connection: Connection,
    rows: list[dict[str, Any]],
    moves: list[dict[str, Any]],
    wallet: _WalletWriter,
) -> None:
    # in this order: the others point to generations
    for table, waiting in (
        (generations, rows),
        (state_changes, moves),
        (wallet_entries, wallet.entries),
    ):
        if waiting:
            connection.execute(table.insert(), waiting)
            waiting.clear()


class _WalletWriter:
    """Charges and refunds as the ledger would have written them, topped up before it runs dry."""

    def __init__(self, connection: Connection) -> None:
        self.entries: list[dict[str, Any]] = []
        self._balance = ledger.balance(connection)
        newest = connection.execute(select(func.max(wallet_entries.c.id))).scalar()
        self._next_id = int(newest or 0) + 1

    def charge(self, plan: _Plan, row: Mapping[str, Any], is_refunded: bool) -> None:
        tokens = row["tokens"]
        if self._balance - tokens < _LOWEST_BALANCE_TOKENS:
            self._append("grant", _TOP_UP_TOKENS, plan.at, "topped up")
        cost = ledger.micros(row["price_usd"])
        charged = self._append(
            "charge", -tokens, plan.at, f"video {plan.id}", plan.id, cost_micros=-cost
        )
        if is_refunded:
            self._append(
                "refund", tokens, row["finished_at"], row["state_cause"], plan.id, charged,
                cost_micros=cost, booked_at=plan.at,
            )  # fmt: skip

    def _append(
        self,
        kind: str,
        tokens: int,
        at: datetime,
        cause: str,
        generation_id: int | None = None,
        refund_of: int | None = None,
        cost_micros: int = 0,
        booked_at: datetime | None = None,
    ) -> int:
        self._balance += tokens
        entry_id = self._next_id
        self._next_id += 1
        self.entries.append(
            {
                "id": entry_id,
                "kind": kind,
                "tokens": tokens,
                "balance_after": self._balance,
                "generation_id": generation_id,
                "refund_of": refund_of,
                "at": at,
                "cause": cause,
                "cost_micros": cost_micros,
                "booked_at": booked_at or at,
            }
        )
        return entry_id


def _model_of(catalog: Catalog, plan: _Plan) -> ModelInfo:
    if plan.provider == "rehearsal":
        return catalog.find("rehearsal-1", "rehearsal")
    name = "gemini-omni-1.2-flash" if plan.at >= _OMNI_1_2_FROM else "gemini-omni-1.1-flash"
    return catalog.find(name, "gemini")


def _row(draw: random.Random, plan: _Plan, model: ModelInfo, path: Path | None) -> dict[str, Any]:
    catalog_price = Wallet.estimate(model, plan.config)
    sent_at = plan.at + timedelta(seconds=draw.uniform(0.1, 90 if draw.random() < 0.1 else 2))
    took_s = draw.lognormvariate(4.1, 0.45) if model.tokens else draw.uniform(2, 9)
    ended_at = sent_at + timedelta(seconds=took_s)
    row: dict[str, Any] = dict.fromkeys(_OWN_COLUMNS)
    row.update(
        id=plan.id,
        uuid=str(_uuid(draw)),
        kind="video",
        provider=plan.provider,
        model=model.id,
        prompt=plan.prompt,
        config=plan.config.to_json(),
        state=plan.state.value,
        state_cause="file in its place",
        tokens=catalog_price.tokens,
        price_usd=catalog_price.cost_usd,
        queue_position=plan.id * POSITION_STEP,
        priority=0,
        take_group=plan.take_group,
        take_number=plan.take_number,
        created_at=plan.at,
        submitted_at=sent_at,
        finished_at=ended_at,
        updated_at=ended_at,
    )
    is_accepted = plan.state is not _S.UNKNOWN and plan.is_sent
    if plan.failure is not None:
        is_accepted = plan.failure.is_accepted
        row.update(
            state_cause=plan.failure.cause,
            error=plan.failure.words,
            error_kind=plan.failure.kind.value,
        )
    elif plan.state is _S.CANCELLED:
        row.update(state_cause="cancelled by the user")
    elif plan.attention is not None:
        _state, kind, cause, words = _ATTENTION[plan.attention]
        row.update(state_cause=cause, error=words, error_kind=kind.value, finished_at=None)
    elif path is not None:
        _describe_file(draw, plan, path, row)
    if is_accepted:
        row["operation_id"] = f"demo-{row['uuid']}"
        if plan.state in (_S.COMPLETED, _S.HELD):
            row["result"] = {"uri": f"https://demo.invalid/{row['uuid']}", "mime_type": "video/mp4"}
    else:
        row["submitted_at"] = None
    row["charge"] = _charge(plan, catalog_price.tokens).value
    return row


def _charge(plan: _Plan, tokens: int) -> Charge:
    if tokens == 0 or plan.state is _S.FAILED or not plan.is_sent:
        return Charge.NOT_CHARGED
    return Charge.UNKNOWN if plan.state is _S.UNKNOWN else Charge.CHARGED


def _describe_file(draw: random.Random, plan: _Plan, path: Path, row: dict[str, Any]) -> None:
    row.update(video_path=str(path), target_path=str(path))
    if plan.clip is not None:
        facts = plan.clip.facts
        row.update(
            size_bytes=plan.clip.size_bytes,
            sha256=plan.clip.sha256,
            width_px=facts.width_px,
            height_px=facts.height_px,
            length_s=facts.duration_s,
            has_audio=facts.has_audio,
        )
        return
    width, height = frame_size(plan.config.aspect_ratio, plan.config.resolution)
    length_s = float(plan.config.duration_s)
    row.update(
        size_bytes=int(width * height * length_s * draw.uniform(0.25, 0.6)),
        sha256=hashlib.sha256(path.name.encode()).hexdigest(),
        width_px=width,
        height_px=height,
        length_s=length_s,
        has_audio=plan.config.enable_audio is not False,
    )


def _moves(plan: _Plan, row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The state changes that led to the row, with their times."""
    end = (plan.state, row["updated_at"], row["state_cause"])
    steps: list[tuple[GenerationState, datetime, str]] = [(_S.PENDING, plan.at, "asked for")]
    sent_at = row["submitted_at"] or plan.at + timedelta(seconds=0.3)
    if plan.is_sent:
        steps.append((_S.SUBMITTING, sent_at, "sent to the provider"))
        if row["operation_id"] is not None:
            answered_at = sent_at + timedelta(seconds=0.8)
            steps.append((_S.PROCESSING, answered_at, "accepted by the provider"))
    # what the provider still had to deliver was being fetched before it arrived or was held
    if row["result"] is not None and row["error_kind"] != ErrorKind.AUTH.value:
        done_at = row["updated_at"] - timedelta(seconds=0.4)
        steps.append((_S.DOWNLOADING, done_at, "done at the provider"))
    if plan.failure is not None and plan.failure.cause == "given up after retries":
        steps.append((_S.PENDING, sent_at + timedelta(seconds=0.6), "not accepted yet"))
    before: GenerationState | None = None
    for state, at, cause in (*steps, end):
        yield {
            "generation_id": plan.id,
            "from_state": before.value if before else None,
            "to_state": state.value,
            "at": at,
            "cause": cause,
        }
        before = state


def _uuid(draw: random.Random) -> uuid.UUID:
    return uuid.UUID(int=draw.getrandbits(128), version=4)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="demo_library.py",
        description="Fill a data folder (as VEO_STUDIO_HOME lays it out) with COUNT varied generations "
        "over two years. The newest completed ones have real clips, drawn once by the rehearsal "
        "renderer and copied; older completed rows name files in the outputs folder that do not exist.",
    )
    parser.add_argument("count", metavar="COUNT", type=int, help="how many generations")
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="an empty or a new folder")
    parser.add_argument(
        "--clips", type=int, default=WITH_CLIPS, help="how many get a real clip (%(default)s)"
    )
    parser.add_argument(
        "--distinct", type=int, default=DISTINCT_CLIPS,
        help=f"how many different clips are drawn, at most {len(_SHOTS)} (%(default)s)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=SEED, help="another number, another library")
    parser.add_argument(
        "--newest", type=_moment, default=NEWEST_AT, metavar="DATE",
        help="when the newest one was made, as ISO date or time (%(default)s)",
    )  # fmt: skip
    given = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        filled = fill(
            given.folder,
            given.count,
            with_clips=given.clips,
            distinct=given.distinct,
            seed=given.seed,
            newest_at=given.newest,
            tell=lambda words: print(words, file=sys.stderr),
        )
    except (ValueError, StudioError) as error:
        print(error, file=sys.stderr)
        return 2
    print(
        f"{filled.generations} generations, {filled.clips} clips, {filled.balance_tokens} tokens "
        f"in {time.monotonic() - started:.1f} s (rows {filled.rows_s:.1f} s)"
    )
    return 0


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main())
