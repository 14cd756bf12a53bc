"""What the user wrote, as JSON and back: for the database and for files. Choices and ids are none of it.

Reading raises ValueError with a sentence, whatever it is given: a file may come from anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from veo_studio.core.models import MediaInput
from veo_studio.core.storyboard import limits
from veo_studio.core.storyboard.models import (
    DEFAULT_DURATION_S,
    CastMember,
    Cut,
    ModelRef,
    Scenario,
    Scene,
    SceneCut,
    Soundtrack,
)


def scenario_to_json(scenario: Scenario) -> dict[str, Any]:
    """Without the uuid."""
    return {
        "title": scenario.title,
        "resolution": scenario.resolution,
        "style": scenario.style,
        "seed": scenario.seed,
        "picture_model": _model_to_json(scenario.picture_model),
        "clip_model": _model_to_json(scenario.clip_model),
        "has_sound": scenario.has_sound,
        "stops_for_approval": scenario.stops_for_approval,
        "cast": [
            {"name": member.name, "note": member.note, "picture": member.picture.to_json()}
            for member in scenario.cast
        ],
        "soundtrack": _soundtrack_to_json(scenario.soundtrack),
        "has_burnt_titles": scenario.has_burnt_titles,
        "has_burnt_subtitles": scenario.has_burnt_subtitles,
    }


def scenario_from_json(stored: Any, uuid: str) -> Scenario:
    told = _object(stored, "The storyboard")
    cast = told.get("cast", [])
    if not isinstance(cast, list):
        raise ValueError("The cast has to be a list.")
    usual = Scenario(uuid, "")
    return limits.check_scenario(
        Scenario(
            uuid,
            told.get("title", ""),
            resolution=told.get("resolution", ""),
            style=told.get("style", ""),
            seed=told.get("seed"),
            picture_model=_model_from_json(told.get("picture_model")),
            clip_model=_model_from_json(told.get("clip_model")),
            has_sound=_switch(told, "has_sound", usual.has_sound),
            stops_for_approval=_switch(told, "stops_for_approval", usual.stops_for_approval),
            cast=tuple(_member_from_json(member) for member in cast),
            soundtrack=_soundtrack_from_json(told.get("soundtrack")),
            has_burnt_titles=_switch(told, "has_burnt_titles", usual.has_burnt_titles),
            has_burnt_subtitles=_switch(told, "has_burnt_subtitles", usual.has_burnt_subtitles),
        )
    )


def scene_to_json(scene: Scene) -> dict[str, Any]:
    """Without the uuid and the choices; one that cannot be read is what it was."""
    if scene.is_unread:
        raw: dict[str, Any] = json.loads(scene.raw)
        return raw
    cut = scene.cut
    return {
        "image_prompt": scene.image_prompt,
        "visual_prompt": scene.visual_prompt,
        "duration_s": scene.duration_s,
        "takes": scene.takes,
        "notes": scene.notes,
        "reference": None if scene.reference is None else scene.reference.to_json(),
        "follows": scene.follows,
        "cut": {
            "in_s": cut.in_s,
            "out_s": cut.out_s,
            "cut": cut.cut.value,
            "fade_s": cut.fade_s,
            "title": cut.title,
            "subtitle": cut.subtitle,
        },
    }


def scene_from_json(stored: Any, uuid: str) -> Scene:
    """Without choices."""
    told = _object(stored, "A scene")
    reference = told.get("reference")
    return limits.check_scene(
        Scene(
            uuid,
            image_prompt=told.get("image_prompt", ""),
            visual_prompt=told.get("visual_prompt", ""),
            duration_s=told.get("duration_s", DEFAULT_DURATION_S),
            takes=told.get("takes", 1),
            notes=told.get("notes", ""),
            reference=None if reference is None else _picture_from_json(reference),
            follows=_switch(told, "follows", False),
            cut=_cut_from_json(told.get("cut", {})),
        )
    )


def stored_scene(stored: Any, uuid: str) -> Scene:
    """As `scene_from_json`; one that cannot be read, as from a newer version, is empty and keeps it."""
    try:
        return scene_from_json(stored, uuid)
    except ValueError:
        return Scene(uuid, raw=json.dumps(stored))


def _cut_from_json(stored: Any) -> SceneCut:
    told = _object(stored, "The cut of a scene")
    usual = SceneCut()
    kind = told.get("cut", usual.cut.value)
    if kind not in [cut.value for cut in Cut]:
        raise ValueError("A scene begins with a cut or a cross_fade.")
    return SceneCut(
        in_s=told.get("in_s"),
        out_s=told.get("out_s"),
        cut=Cut(kind),
        fade_s=told.get("fade_s", usual.fade_s),
        title=told.get("title", ""),
        subtitle=told.get("subtitle", ""),
    )


def _member_from_json(stored: Any) -> CastMember:
    told = _object(stored, "Somebody of the cast")
    name = told.get("name")
    if not isinstance(name, str):
        raise ValueError("Somebody of the cast has no name.")
    return CastMember(name, _picture_from_json(told.get("picture")), told.get("note", ""))


def _picture_from_json(stored: Any) -> MediaInput:
    told = _object(stored, "A picture")
    try:
        picture = MediaInput.from_json(told)
        # a file name, for people; other texts are names of providers
        for words in (picture.name, picture.operation_id or "", picture.provider or ""):
            if limits.text(words, 512, "The name of a picture") != words:
                raise ValueError("a name holds what cannot be shown")
        for count in (picture.size_bytes, picture.width_px or 0, picture.height_px or 0):
            limits.whole(count, 0, 2**53, "A size")
        limits.whole(picture.generation_id or 0, 0, 2**63 - 1, "A number")
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError("A picture is not described as Veo Studio does it.") from error
    return picture


def _model_to_json(model: ModelRef | None) -> dict[str, str] | None:
    return None if model is None else {"provider": model.provider, "model": model.model}


def _model_from_json(stored: Any) -> ModelRef | None:
    if stored is None:
        return None
    told = _object(stored, "A model")
    model = ModelRef(told.get("provider", ""), told.get("model", ""))
    limits.check_model(model)
    return model


def _soundtrack_to_json(soundtrack: Soundtrack | None) -> dict[str, Any] | None:
    if soundtrack is None:
        return None
    return {
        "path": str(soundtrack.path),
        "volume": soundtrack.volume,
        "fade_in_s": soundtrack.fade_in_s,
        "fade_out_s": soundtrack.fade_out_s,
        "clip_volume": soundtrack.clip_volume,
    }


def _soundtrack_from_json(stored: Any) -> Soundtrack | None:
    if stored is None:
        return None
    told = _object(stored, "The soundtrack")
    path = told.get("path")
    if not isinstance(path, str) or not path.strip() or "\0" in path:
        raise ValueError("The soundtrack has no file.")
    usual = Soundtrack(Path(path))
    soundtrack = Soundtrack(
        Path(path),
        volume=told.get("volume", usual.volume),
        fade_in_s=told.get("fade_in_s", usual.fade_in_s),
        fade_out_s=told.get("fade_out_s", usual.fade_out_s),
        clip_volume=told.get("clip_volume", usual.clip_volume),
    )
    limits.check_soundtrack(soundtrack)
    return soundtrack


def _object(stored: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(stored, dict):
        raise ValueError(f"{what} is not described as Veo Studio does it.")
    return stored


def _switch(told: Mapping[str, Any], name: str, usual: bool) -> bool:
    value = told.get(name, usual)
    if not isinstance(value, bool):
        raise ValueError(f"{name} has to be true or false.")
    return value
