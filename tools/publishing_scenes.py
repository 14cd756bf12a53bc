"""Publishing: the dialog, targets, deliveries, what is planned, and rules; see `screenshots.py`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PyQt6.QtWidgets import QWidget

from veo_studio.app import Program
from veo_studio.core.answers import ErrorKind
from veo_studio.core.models import Generation, GenerationKind
from veo_studio.core.publishing import kinds
from veo_studio.core.publishing.base import KindInfo, MaybeSent, NotTaken, OnProgress, Options
from veo_studio.core.publishing.models import (
    Link,
    Parcel,
    PublishWish,
    Receipt,
    Refusal,
    Target,
    TargetKind,
    TargetWish,
)
from veo_studio.core.studio import Studio

_LIMIT_S = 240.0
_PROMPTS = (
    "A paper boat drifts down a rainy street at dusk, camera low over the water",
    "Two foxes play in fresh snow under an aurora",
    "A lighthouse in a storm, waves over the rocks, slow push in",
    "A red kite over the dunes at golden hour",
)
_CAPTIONS = (
    "Rain again. The boat does not mind.",
    "First snow, and nobody has to go to work.",
    "",
    "The last evening of the summer.",
)


# for as long as the program runs, which shows one scene
_standing_in = ExitStack()


class _Place:
    """A service of a picture: it answers at once what the picture shows."""

    repeats_harmlessly = True

    def __init__(self, kind: TargetKind, options: Options) -> None:
        self._kind = kind
        self._name = options["bucket"] or options["chat"]

    async def check(self) -> str:
        return f"The key is good, and {self._name} can be written."

    def refusal(self, parcel: Parcel) -> Refusal | None:
        return None

    async def send(self, parcel: Parcel, on_progress: OnProgress) -> Receipt:
        if self._kind is not TargetKind.TELEGRAM:
            until = datetime.now(UTC) + timedelta(minutes=42)
            key = f"clips/{parcel.name}"
            return Receipt(f"{self._name}/{key}", {"key": key}, link_until=until)
        if "foxes" in parcel.prompt:
            raise MaybeSent(
                "The line broke after the whole clip was sent, before Telegram answered."
            )
        if "kite" in parcel.prompt:
            raise NotTaken(
                "The bot may not write in this channel.",
                ErrorKind.AUTH,
                action="Make it an administrator of the channel, then try again.",
            )
        return Receipt("Paper boats", {"message": "42"})

    async def link(self, receipt: Receipt, valid_for: timedelta) -> Link | None:
        return Link("https://store.example/clip?signature=…", datetime.now(UTC) + valid_for)

    async def remove(self, receipt: Receipt) -> None:
        """Nothing is there."""

    async def close(self) -> None:
        """Nothing is held."""


# the scenes


async def publish(program: Program) -> None:
    """One clip with its words, for a folder and a channel."""
    _studio, clips, targets = await _prepared(program)
    program.window.publishing.publish([clips[0]])
    asking = program.window.publishing.asking
    await _until(lambda: asking.dialog is not None and asking.dialog.model.is_read)
    dialog = asking.dialog
    assert dialog is not None
    assert dialog.clip is not None
    assert dialog.targets is not None
    dialog.clip.caption.setPlainText(_CAPTIONS[0])
    dialog.clip.tags.insert("rain, paper, boat")
    dialog.clip.tags.textEdited.emit(dialog.clip.tags.text())
    dialog.clip.cover.slider.setValue(600)
    for name in ("Dropbox folder", "Paper boats"):
        dialog.targets.rows[targets[name].id].tick.click()
    await asyncio.sleep(1.0)
    dialog.clip.caption.setFocus()


async def publish_first(program: Program) -> None:
    """Several clips at once, nobody has set up a target yet."""
    clips = await _clips(program)
    program.window.publishing.publish(clips[:3])
    asking = program.window.publishing.asking
    await _until(lambda: asking.dialog is not None and asking.dialog.model.is_read)
    assert asking.dialog is not None
    assert asking.dialog.moment is not None
    asking.dialog.moment.later.click()
    await asyncio.sleep(1.0)


async def targets(program: Program) -> None:
    """A bucket, tested."""
    _studio, _made, known = await _prepared(program)
    dialog = await _targets_dialog(program)
    dialog.select(known["Clips in the cloud"].id)
    await _until(lambda: dialog.page is not None and dialog.page.draft.name == "Clips in the cloud")
    assert dialog.page is not None
    dialog.page.test.click()
    await _until(lambda: bool(dialog.model.trial.proved or dialog.model.trial.problem))
    await asyncio.sleep(0.3)


async def target_kinds(program: Program) -> None:
    """What a new one can be."""
    program.window.beginning.end()
    await _targets_dialog(program)


async def target_new(program: Program) -> None:
    """A bot that is being set up."""
    program.window.beginning.end()
    dialog = await _targets_dialog(program)
    next(one for one in dialog.kinds.buttons if one.objectName() == "kind-telegram").click()
    await _until(lambda: dialog.page is not None)


async def deliveries(program: Program) -> None:
    """One that failed, one of which nobody knows, and several that arrived."""
    studio, clips, known = await _prepared(program)
    channel, store = known["Paper boats"], known["Clips in the cloud"]
    folder = known["Dropbox folder"]
    for clip, caption in zip(clips, _CAPTIONS, strict=True):
        wishes = (TargetWish(folder.id), TargetWish(store.id), TargetWish(channel.id))
        wishes = wishes if clip is not clips[2] else wishes[1:]
        await studio.publishing.publish([PublishWish(clip.id, caption, targets=wishes)])
    await _settled(studio)
    program.window.publishing.show_deliveries()
    delivering = program.window.publishing.delivering
    await _until(lambda: delivering.dialog is not None and delivering.dialog.rows.is_loaded)
    dialog = delivering.dialog
    assert dialog is not None
    rows = dialog.rows
    for row in range(rows.rowCount()):
        found = rows.row(rows.index(row, 0))
        if found is not None and found.delivery.state.value == "maybe_sent":
            dialog.list.setCurrentIndex(rows.index(row, 0))
    await asyncio.sleep(2.0)
    dialog.notices.clear()


async def delivered(program: Program) -> None:
    """One that lies in a store, with its link."""
    await deliveries(program)
    dialog = program.window.publishing.delivering.dialog
    assert dialog is not None
    rows = dialog.rows
    for row in range(rows.rowCount()):
        found = rows.row(rows.index(row, 0))
        if found is not None and found.delivery.kind is TargetKind.S3:
            dialog.list.setCurrentIndex(rows.index(row, 0))
            break
    await asyncio.sleep(0.5)


async def planned(program: Program) -> None:
    """Two clips for later."""
    studio, clips, known = await _prepared(program)
    day = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for number, clip in enumerate(clips[:2]):
        due = day + timedelta(days=1 + number, hours=number)
        wish = PublishWish(clip.id, _CAPTIONS[number], at=due)
        if number:
            wish = PublishWish(
                clip.id, _CAPTIONS[1], targets=(TargetWish(known["Paper boats"].id),), at=due
            )
        await studio.publishing.publish([wish])
    delivering = program.window.publishing.delivering
    delivering.show_planned()
    await _until(lambda: delivering.dialog is not None and delivering.dialog.planned.is_loaded)
    await asyncio.sleep(1.5)


async def rules(program: Program) -> None:
    """Two rules, one of them switched off."""
    studio, _made, known = await _prepared(program)
    desk = studio.publishing
    folder = TargetWish(known["Dropbox folder"].id)
    await desk.add_rule("Everything to the desk", [folder], takes_rehearsals=True)
    rule = await desk.add_rule(
        "Veo to the channel",
        [TargetWish(known["Paper boats"].id)],
        kinds=[GenerationKind.VIDEO],
        providers=["gemini"],
        is_on=False,
    )
    assert not rule.is_on
    program.window.publishing.show_rules()
    setting = program.window.publishing.rules
    await _until(lambda: setting.dialog is not None and bool(setting.dialog.rows))


async def rule(program: Program) -> None:
    """A rule that is being made."""
    await rules(program)
    setting = program.window.publishing.rules
    assert setting.dialog is not None
    setting.dialog.rows[0].change.click()
    await _until(lambda: setting.editing is not None)


# what is in the pictures


def publish_dialog(program: Program) -> QWidget:
    dialog = program.window.publishing.asking.dialog
    assert dialog is not None
    return dialog


def targets_dialog(program: Program) -> QWidget:
    dialog = program.window.publishing.targets.dialog
    assert dialog is not None
    return dialog


def deliveries_dialog(program: Program) -> QWidget:
    dialog = program.window.publishing.delivering.dialog
    assert dialog is not None
    return dialog


def rules_dialog(program: Program) -> QWidget:
    dialog = program.window.publishing.rules.dialog
    assert dialog is not None
    return dialog


def rule_dialog(program: Program) -> QWidget:
    dialog = program.window.publishing.rules.editing
    assert dialog is not None
    return dialog


# how they are made


async def _prepared(program: Program) -> tuple[Studio, list[Generation], Mapping[str, Target]]:
    """Four clips, a folder, a bucket and a channel; the services answer from this program."""
    clips = await _clips(program)
    studio = program.studio
    assert studio is not None
    _stand_in(TargetKind.S3)
    _stand_in(TargetKind.TELEGRAM)
    folder = Path(os.environ["VEO_STUDIO_HOME"]) / "Dropbox"
    folder.mkdir(exist_ok=True)
    desk = studio.publishing
    bucket = {"bucket": "paper-boats", "region": "eu-central-1"}
    bucket["access_key"] = "AKIAEXAMPLEEXAMPLE00"
    keys = {"secret_key": "no-key-" * 6}
    token = "123456789:" + "AAexample_of_a_token_that_is_none_00"
    channel = {"chat": "@paper_boats"}
    made = [
        await desk.add_target("Dropbox folder", TargetKind.FOLDER, {"folder": str(folder)}, {}),
        await desk.add_target("Clips in the cloud", TargetKind.S3, bucket, keys),
        await desk.add_target("Paper boats", TargetKind.TELEGRAM, channel, {"token": token}),
    ]
    return studio, clips, {target.name: target for target in made}


def _stand_in(kind: TargetKind) -> None:
    """No service is asked for a picture."""
    info: KindInfo = kinds.info_of(kind)
    _standing_in.enter_context(kinds.made_by(info, _Place))


async def _clips(program: Program) -> list[Generation]:
    program.window.beginning.end()
    form, studio = program.form, program.studio
    assert studio is not None
    form.use_rehearsal()
    form.set_duration(2)
    form.set_resolution("480p")
    asked = []
    for prompt in _PROMPTS:
        form.set_prompt(prompt)
        asked += await form.submit()
    made = []
    async with asyncio.timeout(_LIMIT_S):
        for one in asked:
            made.append(await studio.queue.wait(one.id))
    form.set_prompt("")
    return made


async def _targets_dialog(program: Program):  # type: ignore[no-untyped-def]
    setting = program.window.publishing.targets
    setting.show()
    await _until(lambda: setting.dialog is not None and setting.dialog.isVisible())
    return setting.dialog


async def _settled(studio: Studio) -> None:
    async with asyncio.timeout(_LIMIT_S):
        while (await studio.publishing.counts()).open_deliveries:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(_LIMIT_S):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
