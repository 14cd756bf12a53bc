"""Words about making a storyboard: what is asked for, what it costs, what goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from veo_studio.core.plain import masked
from veo_studio.core.storyboard.models import RunGoal, RunState, SceneState
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.view_models.form_price import price_words

if TYPE_CHECKING:
    from veo_studio.core.storyboard.pricing import RunPrice
    from veo_studio.core.storyboard.views import BoardView, SceneView

GOALS = (RunGoal.FILM, RunGoal.PICTURES, RunGoal.CLIPS)


def goal_words(goal: RunGoal) -> str:
    return {
        RunGoal.FILM: tr("Pictures and clips"),
        RunGoal.PICTURES: tr("Pictures only"),
        RunGoal.CLIPS: tr("Clips only"),
        RunGoal.REHEARSAL: tr("Rehearsal"),
    }[goal]


def count_words(price: RunPrice) -> str:
    """`10 pictures and 10 clips`; "" for nothing."""
    return things_words(price.pictures, price.clips, price.rehearsals)


def things_words(pictures: int, clips: int, rehearsals: int = 0) -> str:
    parts = []
    for count, one, many in (
        (pictures, "{shown} picture", "{shown} pictures"),
        (clips, "{shown} clip", "{shown} clips"),
        (rehearsals, "{shown} rehearsal", "{shown} rehearsals"),
    ):
        if count:
            parts.append(tr_n(one, many, count, shown=f"{count:,}"))
    return tr(" and ").join(parts)


def make_words(price: RunPrice | None, *, is_rehearsed: bool) -> str:
    """What the main button does."""
    things = "" if price is None else count_words(price)
    if price is not None and price.is_free and things:
        # without a paid service it is a rehearsal, whatever was rehearsed before
        return tr("M&ake {things} (rehearsal)", things=things)
    if is_rehearsed:
        return tr("M&ake it real: {things}", things=things) if things else tr("M&ake it real")
    return tr("M&ake {things}", things=things) if things else tr("M&ake")


def cost_line(price: RunPrice | None) -> str:
    """`110 tokens · about $5.60`, `Free`, or that nothing is missing."""
    if price is None:
        return ""
    if not price.count:
        return "" if price.problems else tr("Nothing is missing: nothing is paid.")
    return tr("Free rehearsal") if price.is_free else price_words(price)


def again_line(price: RunPrice, scenes: int) -> str:
    """`1 scene changed since it was made: make it again for 10 tokens.`"""
    return tr_n(
        "{n} scene changed since it was made: make it again for {cost}.",
        "{n} scenes changed since they were made: make them again for {cost}.",
        scenes,
        cost=tr("nothing") if price.is_free else price_words(price),
    )


def again_words(scenes: int) -> str:
    """What the main button does then."""
    return tr_n("M&ake {n} scene again", "M&ake {n} scenes again", scenes)


def kept_words(price: RunPrice) -> str:
    """What is not paid again."""
    kept = things_words(price.kept_pictures, price.kept_clips)
    return tr("There already, and not paid again: {things}.", things=kept) if kept else ""


def detail_words(price: RunPrice | None) -> str:
    """Below the price: what is kept, and what differs from what is written."""
    if price is None:
        return ""
    return " ".join(filter(None, (kept_words(price), *(masked(note) for note in price.notes))))


def run_words(view: BoardView) -> tuple[str, str]:
    """What goes on, and more of it in small letters."""
    run = view.run
    if run is None:
        return "", ""
    count = len(view.awaiting_approval)
    # what was approved just now is made before the run says so
    if run.state is RunState.APPROVAL and count:
        words = tr_n(
            "{n} picture is ready to be looked at.",
            "{n} pictures are ready to be looked at.",
            count,
        )
        return words, tr("Clips are made of what you approve; any picture can be made anew first.")
    if run.state is RunState.WAITING:
        return tr("This run waits."), masked(run.reason)
    chosen = [one for one in view.scenes if one.scene.uuid in run.scene_uuids] or view.scenes
    words = _made_words(chosen, run.goal)
    busy = next((one for one in chosen if one.is_busy), None)
    more = "" if busy is None else scene_line(busy)
    return words, more


def _made_words(chosen: Sequence[SceneView], goal: RunGoal) -> str:
    """`10 pictures, 4 clips of 10`: what there is of what the run is for."""
    all_of = len(chosen)
    if goal is RunGoal.REHEARSAL:
        ready = sum(one.rehearsal is not None and not one.is_busy for one in chosen)
        return tr("{ready} of {all} rehearsals ready", ready=ready, all=all_of)
    pictures = sum(
        one.picture is not None and one.state is not SceneState.MAKING_PICTURE for one in chosen
    )
    if goal is RunGoal.PICTURES:
        return tr("{ready} of {all} pictures ready", ready=pictures, all=all_of)
    clips = sum(
        one.state is SceneState.DONE or (one.state is SceneState.CHANGED and one.take is not None)
        for one in chosen
    )
    ready_clips = tr_n("{n} clip of {all}", "{n} clips of {all}", clips, all=all_of)
    return ", ".join(filter(None, (things_words(pictures, 0), ready_clips)))


def ending_words(view: BoardView) -> str:
    """What became of the last run, where something is left to do; else ""."""
    run = view.run
    if run is None or not run.state.is_over:
        return ""
    if run.state is RunState.CANCELLED:
        words = tr("The last run was cancelled; what was made stays.")
        return " ".join(filter(None, (words, _arriving_words(view))))
    if run.state is RunState.FAILED:
        failed = sum(one.state is SceneState.FAILED for one in view.scenes)
        if failed:
            return tr_n(
                "{n} scene failed. Make asks for what is missing.",
                "{n} scenes failed. Make asks for what is missing.",
                failed,
            )
        return masked(run.reason)
    return ""


def _arriving_words(view: BoardView) -> str:
    """What was sent before the cancel; a run that begins now waits for it."""
    arriving = sum(one.is_busy for one in view.scenes)
    return tr_n(
        "{n} scene still arrives: it was sent already, and is not paid again.",
        "{n} scenes still arrive: they were sent already, and are not paid again.",
        arriving,
    ) if arriving else ""  # fmt: skip


def scene_line(view: SceneView) -> str:
    """`Scene 4: generating the clip`."""
    return tr("Scene {n}: {words}", n=view.number, words=masked(view.words))


def state_words(state: SceneState) -> str:
    """A word or two for the heading of a scene."""
    return {
        SceneState.EMPTY: tr("nothing written"),
        SceneState.READY: tr("not made yet"),
        SceneState.WAITING: tr("waiting"),
        SceneState.MAKING_PICTURE: tr("making the picture"),
        SceneState.APPROVAL: tr("to be looked at"),
        SceneState.MAKING_CLIP: tr("making the clip"),
        SceneState.DONE: tr("ready"),
        SceneState.CHANGED: tr("changed since"),
        SceneState.MISSING: tr("file missing"),
        SceneState.FAILED: tr("failed"),
        SceneState.ATTENTION: tr("needs attention"),
    }[state]
