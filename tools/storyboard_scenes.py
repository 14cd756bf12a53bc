"""The Storyboard tab and its film: written, approved, imported, set up, and exported; see `screenshots.py`."""

from __future__ import annotations

import asyncio
import math
import os
import wave
from array import array
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtWidgets import QWidget

from veo_studio.app import Program
from veo_studio.core.models import GenerationKind
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.models import (
    Cut,
    ModelRef,
    RunGoal,
    RunState,
    Scene,
    SceneCut,
    Soundtrack,
    Step,
    Storyboard,
)
from veo_studio.ui.filming import Filming
from veo_studio.ui.given import Given
from veo_studio.ui.storyboard_runs import StoryboardRuns
from veo_studio.ui.view_models.run_model import RunModel
from veo_studio.ui.views.film import FilmPage
from veo_studio.ui.views.storyboard import StoryboardView
from veo_studio.ui.views.storyboard_bar import FILM
from veo_studio.ui.window_pages import STORYBOARD

_LIMIT_S = 400.0
_TITLE = "The kite and the fox"
_STYLE = "Hand-drawn, soft light, paper texture"
# how they are called, and what their pictures show
_CAST = (
    ("Mara", "Portrait of a girl with a yellow scarf"),
    ("kite", "A red kite in the summer sky"),
    ("fox", "A fox between the trees"),
)
# what is seen at first, what moves then, seconds
_STORY = (
    ("@Mara on a hill at dawn, the @kite in her hands", "She runs, the @kite takes off", 4),
    ("The @kite over a wide field at noon", "It climbs, its tail draws circles", 3),
    ("A @fox at the edge of the forest, morning mist", "It looks up, its ears turn", 4),
    ("The city from above, the @kite between its towers", "Slow turn around the @kite", 3),
    ("A wet street in the rain, @Mara under an umbrella", "The camera runs beside her", 3),
    ("A harbour in the evening, sailing ships and gulls", "The gulls rise all at once", 3),
    ("A lighthouse in a storm, waves over the rocks", "The string of the @kite tears", 4),
    ("Snow on the mountains, the @kite far away", "It sinks behind the summit", 3),
    ("Dunes in the desert under the moon", "A shadow moves over the sand", 3),
    ("A cabin in the woods, stars, @Mara and the @fox", "Slow pull back, the light goes out", 5),
)
_SCRIPT = """A girl stands on a hill at dawn and holds a red kite. She runs, and the kite takes off.

Over a wide field the kite climbs. Its tail draws circles on the sky.

At the edge of the forest a fox looks up. Its ears turn to the sound.

The city lies far below. The kite goes between its towers.

Rain. The girl runs along a wet street under her umbrella.

In the harbour the gulls rise all at once.

A lighthouse in a storm. The string tears.

Snow on the mountains. The kite sinks behind the summit.

Dunes under the moon. A shadow moves over the sand.

A cabin in the woods. The girl and the fox sit before it, and the kite lies between them.
"""
_REHEARSED = {
    "picture_model": ModelRef("rehearsal", "rehearsal-picture"),
    "clip_model": ModelRef("rehearsal", "rehearsal-1"),
}


# the scenes


async def written(program: Program) -> None:
    """Ten scenes: most have takes, one has other words since, one was refused, others are new."""
    runs = await _begun(program)
    first = await _stored(program, _ten()[:7])
    await _made(runs)
    await _another_take(program, runs, first.scenes[2])
    document = program.window.storyboarding.document
    other = "The camera stands, she runs out of the picture"
    board = edits.change_scene(_board(program), first.scenes[4].uuid, visual_prompt=other)
    board = edits.add_scenes(board, _ten()[7:])
    # from here on by a service that costs, at its own size
    board = edits.change_scenario(board, picture_model=None, clip_model=None, resolution="1280:720")
    document.edit("Go on", board)
    await document.flush()
    model = _model(runs)
    model.set_scenes((board.scenes[5].uuid,))
    _view(program).list.choose(board.scenes[5].uuid)
    await model.redo(Step.CLIP)
    await _until(lambda: _is_at(runs, RunState.FAILED))
    model.set_scenes(None)
    _view(program).list.choose(first.scenes[2].uuid)
    await _settled(program, runs)


async def approval(program: Program) -> None:
    """All pictures are there; the run waits until somebody has looked at them."""
    runs = await _begun(program)
    board = await _stored(program, _ten())
    await _model(runs).start(RunGoal.FILM)
    await _until(lambda: _is_at(runs, RunState.APPROVAL))
    _view(program).list.choose(board.scenes[0].uuid)
    await _settled(program, runs)


async def importing(program: Program) -> None:
    """A script of ten paragraphs, and the table that is made of it."""
    runs = await _begun(program, cast=False)
    asked = runs.importing
    assert asked is not None
    path = _home() / "the-kite-and-the-fox.txt"
    path.write_text(_SCRIPT, encoding="utf-8")
    asked.show(path)
    dialog = asked.dialog
    assert dialog is not None
    await _until(lambda: bool(dialog.text.toPlainText()))
    dialog.split.click()
    await _until(lambda: dialog.model.drafts.rowCount() == len(_STORY))
    await asyncio.sleep(0.5)


async def cast(program: Program) -> None:
    """Three of the cast, and the scenes that call them."""
    runs = await _begun(program)
    await _stored(program, _ten())
    await _beside(program, runs, 1)


async def settings(program: Program) -> None:
    """What holds for all scenes, with what either model makes of the resolution."""
    runs = await _begun(program)
    board = await _stored(program, _ten())
    free = edits.change_scenario(
        board, resolution="1584:672", picture_model=None, clip_model=None, seed=42
    )
    program.window.storyboarding.document.edit("Models", free)
    await _beside(program, runs, 2)


async def film(program: Program) -> None:
    """Ten clips with a title, a subtitle, trims, a cross-fade and a soundtrack."""
    page = await _film(program)
    page.model.select(page.model.items[4].uuid)
    page.seek(page.model.items[4].start_s + 1.5)
    await asyncio.sleep(2.0)  # its picture, and those of the strip
    _view(program).notices.clear()


async def film_export(program: Program) -> None:
    """How the film is made, and what stands against taking the clips as they are."""
    page = await _film(program)
    page.export.click()
    exporting = _filming(program).exporting
    await _until(lambda: exporting.dialog is not None and exporting.dialog.yes.isEnabled())
    folder = _home() / "Films"
    folder.mkdir()
    dialog = exporting.dialog
    assert dialog is not None
    dialog.set_folder(folder)
    await asyncio.sleep(2.0)  # planned anew


def import_dialog(program: Program) -> QWidget:
    asked = _runs(program).importing
    assert asked is not None
    assert asked.dialog is not None
    return asked.dialog


def export_dialog(program: Program) -> QWidget:
    dialog = _filming(program).exporting.dialog
    assert dialog is not None
    return dialog


# how they are made


async def _begun(program: Program, *, cast: bool = True) -> StoryboardRuns:
    """A storyboard with its cast, and no scene yet."""
    program.window.beginning.end()
    portraits = await _portraits(program) if cast else []
    view = program.window.pages.page(STORYBOARD)
    program.window.pages.show(STORYBOARD)
    assert isinstance(view, StoryboardView)
    storyboarding = program.window.storyboarding
    keeping = storyboarding.keeping
    assert keeping is not None
    await _until(lambda: keeping.is_read)
    await keeping.create(_TITLE)
    runs = _runs(program)
    assert runs.setup is not None
    if portraits:
        runs.setup.cast.pictures_given.emit(Given(tuple(portraits)))
        await _until(lambda: len(_board(program).scenario.cast) == len(portraits))
    return runs


async def _portraits(program: Program) -> list[Path]:
    """Pictures of the cast, by the free engine, under the names they are called by."""
    form, studio = program.form, program.studio
    assert studio is not None
    form.use_rehearsal()
    form.set_kind(GenerationKind.IMAGE)
    found = []
    for name, words in _CAST:
        form.set_prompt(words)
        (asked,) = await form.submit()
        async with asyncio.timeout(_LIMIT_S):
            made = (await studio.queue.wait(asked.id)).video_path
        assert made is not None
        path = _home() / f"{name}{made.suffix}"
        path.write_bytes(made.read_bytes())
        found.append(path)
    form.set_kind(GenerationKind.VIDEO)
    form.set_prompt("")
    return found


def _ten() -> list[Scene]:
    return [
        edits.new_scene(image_prompt=picture, visual_prompt=motion, duration_s=seconds)
        for picture, motion, seconds in _STORY
    ]


async def _stored(program: Program, scenes: list[Scene]) -> Storyboard:
    """Made by the rehearsal engine: what is drawn costs nothing."""
    document = program.window.storyboarding.document
    board = edits.add_scenes(_board(program), scenes)
    board = edits.change_scenario(board, resolution="854:480", style=_STYLE, seed=7, **_REHEARSED)
    document.edit("Scenes", board)
    _view(program).list.choose(scenes[0].uuid)
    await document.flush()
    return _board(program)


async def _made(runs: StoryboardRuns) -> None:
    """Pictures, and clips when they are approved."""
    model = _model(runs)
    await model.start(RunGoal.FILM)
    await _until(lambda: _is_at(runs, RunState.APPROVAL))
    await model.approve()
    await _until(lambda: _is_at(runs, RunState.DONE))


async def _another_take(program: Program, runs: StoryboardRuns, scene: Scene) -> None:
    model = _model(runs)
    _view(program).list.choose(scene.uuid)
    await model.redo(Step.CLIP)

    def is_made() -> bool:
        view = program.window.storyboarding.document.view
        found = [one for one in view.scenes if one.scene.uuid == scene.uuid] if view else []
        return bool(found) and len(found[0].takes) > 1 and not model.is_running

    await _until(is_made)


async def _film(program: Program) -> FilmPage:
    runs = await _begun(program)
    await _stored(program, _ten())
    await _made(runs)
    board = _board(program)
    cuts = {
        0: SceneCut(title=_TITLE),
        2: SceneCut(in_s=0.75),
        4: SceneCut(cut=Cut.CROSS_FADE, fade_s=0.5, subtitle="Nobody else was out that day."),
        7: SceneCut(out_s=2.0),
        9: SceneCut(cut=Cut.CROSS_FADE, fade_s=1.0, title="The end"),
    }
    for place, cut in cuts.items():
        board = edits.change_scene(board, board.scenes[place].uuid, cut=cut)
    path = await asyncio.to_thread(_tone, _home() / "over the hills.wav")
    board = edits.change_scenario(board, soundtrack=Soundtrack(path, volume=0.6))
    program.window.storyboarding.document.edit("Cut", board)
    _view(program).show_part(FILM)
    page = _filming(program).page
    assert page is not None
    await _until(lambda: len(page.model.items) == len(_STORY))
    await asyncio.sleep(2.0)  # the strip has its pictures
    return page


def _tone(path: Path) -> Path:
    rate, seconds = 16_000, 30
    wanted = (math.sin(at / rate * math.tau * 220) * 6000 for at in range(rate * seconds))
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(array("h", map(int, wanted)).tobytes())
    return path


async def _beside(program: Program, runs: StoryboardRuns, tab: int) -> None:
    """One of the tabs beside the scenes in sight."""
    assert runs.side is not None
    runs.side.setCurrentIndex(tab)
    _view(program).list.choose(_board(program).scenes[0].uuid)
    await _settled(program, runs)


async def _settled(program: Program, runs: StoryboardRuns) -> None:
    """Stored, priced, and the small pictures were made."""
    model, document = _model(runs), program.window.storyboarding.document
    await _until(lambda: not document.is_dirty and not model.is_stale)
    await asyncio.sleep(3.0)
    view = _view(program)
    view.notices.clear()  # what was made on the way here
    view.list.setFocus()


def _home() -> Path:
    return Path(os.environ["VEO_STUDIO_HOME"])


def _view(program: Program) -> StoryboardView:
    view = program.window.storyboarding.view
    assert view is not None
    return view


def _board(program: Program) -> Storyboard:
    board = program.window.storyboarding.document.board
    assert board is not None
    return board


def _runs(program: Program) -> StoryboardRuns:
    runs = program.window.storyboarding.findChild(StoryboardRuns)
    assert runs is not None
    return runs


def _filming(program: Program) -> Filming:
    filming = program.window.storyboarding.filming
    assert filming is not None
    return filming


def _model(runs: StoryboardRuns) -> RunModel:
    assert runs.model is not None
    return runs.model


def _is_at(runs: StoryboardRuns, state: RunState) -> bool:
    run = _model(runs).run
    return run is not None and run.state is state


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(_LIMIT_S):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
