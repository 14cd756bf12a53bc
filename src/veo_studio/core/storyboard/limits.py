"""What the fields of a storyboard can hold. Every check raises ValueError with a sentence for people."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

from veo_studio.core.models import MediaInput
from veo_studio.core.plain import plain
from veo_studio.core.storyboard.models import (
    MAX_NOTES,
    MAX_TAKES,
    MAX_TITLE,
    CastMember,
    ModelRef,
    Scenario,
    Scene,
    SceneCut,
    Soundtrack,
)
from veo_studio.core.storyboard.names import MAX_NAME, folded, is_name
from veo_studio.core.video_config import PICTURE_TYPES

MIN_DURATION_S = 2
MAX_DURATION_S = 60
# what a field holds; what a model takes is less, and a problem of the scene that can be mended
MAX_PROMPT = 10_000
MAX_STYLE = 1000
MAX_CAST = 50
MAX_SEED = 2**32 - 1
MAX_FADE_S = 10.0
_MAX_MOMENT_S = 24 * 3600.0
_RESOLUTION = re.compile(r"([1-9][0-9]{1,4}):([1-9][0-9]{1,4})\Z")
_MODEL = re.compile(r"[A-Za-z0-9._:/@+-]{1,128}\Z")


def check_scene(scene: Scene) -> Scene:
    """`scene` with texts that can be stored and shown."""
    whole(scene.duration_s, MIN_DURATION_S, MAX_DURATION_S, "The length of a scene", " seconds")
    whole(scene.takes, 1, MAX_TAKES, "The number of takes")
    if scene.reference is not None:
        check_picture(scene.reference)
    return replace(
        scene,
        image_prompt=text(scene.image_prompt, MAX_PROMPT, "The picture prompt"),
        visual_prompt=text(scene.visual_prompt, MAX_PROMPT, "The motion prompt"),
        notes=text(scene.notes, MAX_NOTES, "The note"),
        follows=bool(scene.follows),
        cut=check_cut(scene.cut),
    )


def check_cut(cut: SceneCut) -> SceneCut:
    for moment in (cut.in_s, cut.out_s):
        if moment is not None:
            number(moment, 0.0, _MAX_MOMENT_S, "A moment of a clip", " seconds")
    if cut.in_s is not None and cut.out_s is not None and cut.in_s >= cut.out_s:
        raise ValueError("A clip has to end after it begins.")
    number(cut.fade_s, 0.0, MAX_FADE_S, "A cross-fade", " seconds")
    return replace(
        cut,
        title=text(cut.title, MAX_TITLE, "The title"),
        subtitle=text(cut.subtitle, MAX_NOTES, "The subtitle"),
    )


def check_scenario(scenario: Scenario) -> Scenario:
    """`scenario` with texts that can be stored and shown."""
    title = " ".join(text(scenario.title, MAX_TITLE, "The title").split())
    if not title:
        raise ValueError("A storyboard needs a title.")
    check_resolution(scenario.resolution)
    if scenario.seed is not None:
        whole(scenario.seed, 0, MAX_SEED, "The seed")
    for model in (scenario.picture_model, scenario.clip_model):
        check_model(model)
    if scenario.soundtrack is not None:
        check_soundtrack(scenario.soundtrack)
    return replace(
        scenario,
        title=title,
        style=text(scenario.style, MAX_STYLE, "The style line"),
        cast=check_cast(scenario.cast),
    )


def check_resolution(resolution: str) -> None:
    """ "" for none."""
    if resolution == "":
        return
    found = _RESOLUTION.match(resolution) if isinstance(resolution, str) else None
    if found is None:
        raise ValueError("A resolution is WIDTH:HEIGHT in pixels, such as 1280:720.")
    if max(map(int, found.groups())) > 16384:
        raise ValueError("A resolution has at most 16384 pixels on a side.")


def check_model(model: ModelRef | None) -> None:
    if model is None:
        return
    for name in (model.provider, model.model):
        if not isinstance(name, str) or not _MODEL.match(name):
            raise ValueError("A model is named by letters, digits and . _ : / @ + -.")


def check_soundtrack(soundtrack: Soundtrack) -> None:
    for volume in (soundtrack.volume, soundtrack.clip_volume):
        number(volume, 0.0, 1.0, "A volume", "")
    for fade_s in (soundtrack.fade_in_s, soundtrack.fade_out_s):
        number(fade_s, 0.0, 60.0, "A fade of the sound", " seconds")
    text(str(soundtrack.path), 4096, "The name of the sound file")


def check_cast(cast: tuple[CastMember, ...]) -> tuple[CastMember, ...]:
    if len(cast) > MAX_CAST:
        raise ValueError(f"A cast has at most {MAX_CAST} pictures.")
    taken: set[str] = set()
    for member in cast:
        if not is_name(member.name):
            raise ValueError(
                f"A name of the cast is 1 to {MAX_NAME} letters, digits and _, without spaces."
            )
        if folded(member.name) in taken:
            raise ValueError(f"There is a @{member.name} in the cast already.")
        taken.add(folded(member.name))
        check_picture(member.picture)
    return tuple(
        replace(member, note=text(member.note, MAX_NOTES, "The note of a picture"))
        for member in cast
    )


def check_picture(picture: MediaInput) -> None:
    picture.check_place()
    if picture.mime_type not in PICTURE_TYPES:
        raise ValueError("A reference has to be a picture: PNG, JPEG or WebP.")


def text(words: str, longest: int, what: str) -> str:
    """Without what acts on a terminal or cannot be stored. `longest` in characters."""
    if not isinstance(words, str):
        raise ValueError(f"{what} has to be text.")
    clean = plain(words.replace("\r\n", "\n").replace("\r", "\n"))
    if len(clean) > longest:
        raise ValueError(f"{what} is too long (max {longest} characters).")
    return clean


def whole(value: Any, least: int, most: int, what: str, unit: str = "") -> None:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{what} is a whole number from {least} to {most}{unit}.")


def number(value: Any, least: float, most: float, what: str, unit: str) -> None:
    if type(value) not in (int, float) or not math.isfinite(value) or not least <= value <= most:
        raise ValueError(f"{what} is from {least:g} to {most:g}{unit}.")
