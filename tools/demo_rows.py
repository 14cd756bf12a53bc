"""The rows of the demo library as the program would have stored them."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tools.demo_plans import Plan, uuid_of
from tools.demo_words import ATTENTION
from veo_studio.core.catalog import Catalog, ModelInfo
from veo_studio.core.models import Charge, ErrorKind, GenerationState
from veo_studio.core.providers.rehearsal.spec import frame_size
from veo_studio.core.store.moves import POSITION_STEP
from veo_studio.core.store.tables import generations
from veo_studio.core.wallet import Wallet

_S = GenerationState
_OMNI_1_2_FROM = datetime(2026, 10, 22, tzinfo=UTC)
# what the database fills by itself is not written
OWN_COLUMNS = [
    column.name
    for column in generations.columns
    if column.computed is None and column.server_default is None
]


def model_of(catalog: Catalog, plan: Plan) -> ModelInfo:
    if plan.provider == "rehearsal":
        return catalog.find("rehearsal-1", "rehearsal")
    name = "gemini-omni-1.2-flash" if plan.at >= _OMNI_1_2_FROM else "gemini-omni-1.1-flash"
    return catalog.find(name, "gemini")


def row_of(draw: random.Random, plan: Plan, model: ModelInfo, path: Path | None) -> dict[str, Any]:
    catalog_price = Wallet.estimate(model, plan.config)
    sent_at = plan.at + timedelta(seconds=draw.uniform(0.1, 90 if draw.random() < 0.1 else 2))
    took_s = draw.lognormvariate(4.1, 0.45) if model.tokens else draw.uniform(2, 9)
    ended_at = sent_at + timedelta(seconds=took_s)
    row: dict[str, Any] = dict.fromkeys(OWN_COLUMNS)
    row.update(
        id=plan.id,
        uuid=str(uuid_of(draw)),
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
        _state, kind, cause, words = ATTENTION[plan.attention]
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


def _charge(plan: Plan, tokens: int) -> Charge:
    if tokens == 0 or plan.state is _S.FAILED or not plan.is_sent:
        return Charge.NOT_CHARGED
    return Charge.UNKNOWN if plan.state is _S.UNKNOWN else Charge.CHARGED


def _describe_file(draw: random.Random, plan: Plan, path: Path, row: dict[str, Any]) -> None:
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


def moves_of(plan: Plan, row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
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
