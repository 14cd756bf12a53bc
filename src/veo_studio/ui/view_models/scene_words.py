"""How a scene is named and where it stands, in words, a shape and a colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veo_studio.core.storyboard.models import Scene, SceneState
from veo_studio.ui.text import seconds_words, tr, tr_n

if TYPE_CHECKING:
    from veo_studio.core.storyboard.views import SceneView

_S = SceneState
# shape and colour token; a ring is filled by the percent
STATE_LOOKS: dict[SceneState, tuple[str, str]] = {
    _S.EMPTY: ("dash", "dim"),
    _S.READY: ("ring", "dim"),
    _S.WAITING: ("clock", "dim"),
    _S.MAKING_PICTURE: ("ring", "accent"),
    _S.APPROVAL: ("eye", "accent"),
    _S.MAKING_CLIP: ("ring", "accent"),
    _S.DONE: ("check", "ok"),
    _S.CHANGED: ("edit", "warn"),
    _S.MISSING: ("missing", "warn"),
    _S.FAILED: ("cross", "bad"),
    _S.ATTENTION: ("warning", "warn"),
}


def state_of(scene: Scene, view: SceneView | None) -> SceneState:
    """Before anybody has looked at its generations, what is written says it."""
    if view is not None:
        return view.state
    return _S.READY if scene.has_prompts else _S.EMPTY


def is_only_rehearsed(view: SceneView | None) -> bool:
    """There is an animatic of it, and nothing that is meant to stay."""
    return (
        view is not None
        and view.state is _S.READY
        and view.rehearsal is not None
        and view.picture is None
    )


def state_words(state: SceneState, percent: int = 0, *, is_rehearsed: bool = False) -> str:
    """One to three words for a badge."""
    if is_rehearsed:
        return tr("rehearsed")
    if state is _S.MAKING_PICTURE:
        return tr("picture {n} %", n=percent)
    if state is _S.MAKING_CLIP:
        return tr("clip {n} %", n=percent)
    return {
        _S.EMPTY: tr("empty"),
        _S.READY: tr("to make"),
        _S.WAITING: tr("waiting"),
        _S.APPROVAL: tr("approve?"),
        _S.DONE: tr("ready"),
        _S.CHANGED: tr("changed"),
        _S.MISSING: tr("missing"),
        _S.FAILED: tr("failed"),
        _S.ATTENTION: tr("needs you"),
    }[state]


def prompt_of(scene: Scene) -> str:
    """What a row says of it: the picture, else the motion, on one line."""
    return " ".join((scene.image_prompt.strip() or scene.visual_prompt).split())


def facts_of(scene: Scene) -> str:
    """The dim line of a row: length, takes, where its picture comes from."""
    parts = [seconds_words(scene.duration_s)]
    if scene.takes > 1:
        parts.append(tr_n("{n} take", "{n} takes", scene.takes))
    if scene.follows:
        parts.append(tr("goes on"))
    elif scene.reference is not None:
        parts.append(tr("reference"))
    return " \u00b7 ".join(parts)
