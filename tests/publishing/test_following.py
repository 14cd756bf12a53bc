"""What a terminal says while deliveries are followed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.publishing.conftest import Bench
from tests.publishing.scripted import a_clip
from veo_studio.cli.delivery_following import Waits
from veo_studio.cli.terminal import Output
from veo_studio.core.publishing.models import (
    DeliveryState,
    PublishingEvent,
    PublishingEventKind,
    TargetWish,
)


@pytest.mark.parametrize("is_json", [False, True])
async def test_each_wait_for_another_try_is_told_once(
    bench: Bench, capsys: pytest.CaptureFixture[str], is_json: bool
) -> None:
    clip = await a_clip(bench.studio)
    (asked,) = await bench.desk.deliver([clip.id], [TargetWish(bench.store_target.id)])
    waits = Waits({asked.id}, Output(is_json=is_json))
    for again_at in (60, 60, 120):
        waiting = replace(
            asked,
            state=DeliveryState.WAITING,
            reason="The folder is not there.",
            updated_at=asked.created_at + timedelta(seconds=again_at - 60),
            next_attempt_at=asked.created_at + timedelta(seconds=again_at),
        )
        waits.on_event(PublishingEvent(PublishingEventKind.DELIVERY, waiting))
        waits.on_event(PublishingEvent(PublishingEventKind.DELIVERY, replace(waiting, id=99)))
    one = f"{asked.target_name}: The folder is not there; again in 60 s."
    assert capsys.readouterr().err.splitlines() == ([] if is_json else [one, one])
