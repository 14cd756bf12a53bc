"""Pictures of the window for the documentation: `screenshots.py [FOLDER]` (default docs/images).

Every state is made by driving the program: the real window, core and database, with the rehearsal
engine's own delays and faults. Nothing is painted for the picture. Drawn offscreen, so that the same
machine always gives the same sizes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path

import details_scenes
import drafts_scenes
import enhance_scenes
import explore_scenes
import exporting_scenes
import insights_scenes
import library_scenes
import once_more_scenes
import photo_scenes
import picture_scenes
import publishing_scenes
import recipe_scenes
import shelf_scenes
import storyboard_scenes
import watching_scenes
from PyQt6.QtWidgets import QWidget

from veo_studio.app import Program, _application
from veo_studio.core.catalog import Catalog
from veo_studio.core.events import GenerationEvent
from veo_studio.core.models import BudgetPeriod, GenerationState
from veo_studio.core.paths import Paths
from veo_studio.core.presets import NamedList
from veo_studio.core.providers.rehearsal.faults import parse_faults
from veo_studio.core.providers.rehearsal.server import RehearsalServer
from veo_studio.core.settings import Settings
from veo_studio.ui.event_loop import EventLoop
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.form_parts import ModelChoice

ROOT = Path(__file__).resolve().parent.parent
SIZES = ((1280, 800), (1920, 1080), (800, 600))
PROMPTS = (
    "A paper boat drifts down a rainy street at dusk, camera low over the water",
    "Two foxes play in fresh snow under an aurora",
    "A lighthouse in a storm, waves over the rocks, slow push in",
    "A red kite over the dunes at golden hour",
)
_LIMIT_S = 240.0


@dataclass(frozen=True)
class Scene:
    """One state: how the engine behaves, how many clips there are before, and what is done."""

    name: str
    act: Callable[[Program], Awaitable[None]]
    environment: dict[str, str]
    clips: int = 0
    sizes: tuple[tuple[int, int], ...] = SIZES
    # faults of an engine that stands in for Google, which cannot tell whether a request arrived
    google: str | None = None
    # what is in the picture
    shown: Callable[[Program], QWidget] = lambda program: program.window


async def nothing(program: Program) -> None:
    """An empty library."""


async def decline(program: Program) -> None:
    """An empty library of somebody who knows how to begin."""
    program.window.beginning.end()


async def work(program: Program) -> None:
    """Three running, two waiting, one finished clip in the player."""
    program.form.set_prompt(PROMPTS[0])
    await program.form.submit()
    await until(program, lambda event: event.generation.has_file)
    for prompt, takes in ((PROMPTS[1], 1), (PROMPTS[2], 2), (PROMPTS[3], 2)):
        program.form.set_prompt(prompt)
        program.form.set_takes(takes)
        await program.form.submit()
    reached = 45
    await until(program, lambda e: e.progress is not None and e.progress.percent >= reached)


async def failure(program: Program) -> None:
    """Two clips that the engine's safety system refuses."""
    program.form.set_prompt(PROMPTS[2])
    program.form.set_takes(2)
    ends = {GenerationState.FAILED}
    first = asyncio.ensure_future(until(program, lambda e: e.generation.state in ends, count=2))
    await program.form.submit()
    await first


async def attention(program: Program) -> None:
    """Two whose outcome is unknown, one finished clip, and a paused queue in which three wait."""
    program.form.choose(next(one.model for one in program.form.choices() if not is_free(one)))
    program.form.set_prompt(PROMPTS[2])
    program.form.set_takes(2)
    lost = {GenerationState.UNKNOWN}
    both = asyncio.ensure_future(until(program, lambda e: e.generation.state in lost, count=2))
    await program.form.submit()
    await both
    program.form.use_rehearsal()
    program.form.set_prompt(PROMPTS[0])
    program.form.set_takes(1)
    finished = asyncio.ensure_future(until(program, lambda e: e.generation.has_file))
    await program.form.submit()
    await finished
    assert program.studio is not None
    await program.studio.queue.pause()
    for prompt, takes in ((PROMPTS[1], 1), (PROMPTS[3], 2)):
        program.form.set_prompt(prompt)
        program.form.set_takes(takes)
        await program.form.submit()
    program.queue.flush()
    await _pictured(program)


async def _pictured(program: Program, most: int = 14) -> None:
    """The first rows of the history have their thumbnails, which a process of its own makes."""
    model = program.history
    found = [model.generation(model.index(row, 0)) for row in range(min(most, model.rowCount()))]
    clips = [one for one in found if one is not None and one.has_file]
    async with asyncio.timeout(_LIMIT_S):
        while not all(model.pixmap_of(one) for one in clips):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def is_free(choice: ModelChoice) -> bool:
    return choice.model.provider == "rehearsal"


async def wallet(program: Program) -> None:
    """The wallet over a library that was paid for, with a budget for a day and for a month."""
    model = program.window.wallet.model
    await model.set_budget(BudgetPeriod.DAY, "5")
    await model.set_budget(BudgetPeriod.MONTH, "60")
    program.window.show_wallet()
    entries = model.entries
    if not entries.rowCount():
        filled = asyncio.get_running_loop().create_future()
        entries.loaded.connect(lambda *_: filled.done() or filled.set_result(None))
        await asyncio.wait_for(filled, _LIMIT_S)


def wallet_window(program: Program) -> QWidget:
    dialog = program.window.wallet.dialog
    assert dialog is not None
    return dialog


async def library(program: Program) -> None:
    """Five hundred clips, one of them in the player."""
    index = program.history.index(0, 0)
    row = 0
    while (generation := program.history.generation(index)) is None or not generation.has_file:
        row += 1
        index = program.history.index(row, 0)
    program.window.history.select(generation.id)
    program.window.player.show_generation(generation)
    # as many rows in sight as in the largest picture
    program.window.resize(*SIZES[1])
    await _pictured(program)


async def services(program: Program) -> None:
    """The settings of the services, with Google connected and tested: the engine stands in its place."""
    program.window.services.show_service("gemini")
    dialog = program.window.services.dialog
    assert dialog is not None
    tested = asyncio.get_running_loop().create_future()

    def look(name: str) -> None:
        trial = dialog.model.trial(name)
        if trial is not None and not trial.is_running and not tested.done():
            tested.set_result(None)

    dialog.model.changed.connect(look)
    dialog.page.trial.test.click()
    await asyncio.wait_for(tested, _LIMIT_S)


def services_window(program: Program) -> QWidget:
    dialog = program.window.services.dialog
    assert dialog is not None
    return dialog


async def models(program: Program) -> None:
    """The models side by side, for the clip in the form."""
    program.window.services.compare()
    async with asyncio.timeout(_LIMIT_S):
        while program.window.services.table is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def models_window(program: Program) -> QWidget:
    table = program.window.services.table
    assert table is not None
    return table


async def presets(program: Program) -> None:
    """A prompt with a variable and two lists, and all the prompts that come of it with their price."""
    program.window.beginning.end()
    program.form.choose(next(one.model for one in program.form.choices() if not is_free(one)))
    await program.window.tools.presets.presets.put(NamedList("light", ("golden hour", "blue hour")))
    program.form.set_prompt("{subject} by the sea, {light}, {slow push in|locked-off camera}")
    program.form.set_value("subject", "A red kite")
    program.form.set_takes(2)
    under = program.window.tools.presets.under_prompt
    under.preview.head.click()
    program.window.form.scroller.ensureWidgetVisible(under)


async def preset_dialog(program: Program) -> None:
    """A list of the user's own in the dialog of presets and lists."""
    control = program.window.tools.presets
    await control.presets.put(NamedList("places", ("a harbour", "a rooftop", "a forest clearing")))
    opened = asyncio.get_running_loop().create_future()
    control.dialog_opened.connect(lambda: opened.done() or opened.set_result(None))
    control.manage()
    await asyncio.wait_for(opened, _LIMIT_S)
    assert control.dialog is not None
    control.dialog.tabs.setCurrentWidget(control.dialog.lists)


def preset_window(program: Program) -> QWidget:
    dialog = program.window.tools.presets.dialog
    assert dialog is not None
    return dialog


BATCH = """prompt,model,aspect_ratio,duration,seed,takes
A paper boat drifts down a rainy street at dusk,rehearsal-1,16:9,8,42,2
Two foxes play in fresh snow under an aurora,gemini-omni-1.2-flash,9:16,,,1
"A lighthouse in a storm, waves over the rocks, slow push in",gemini-omni-1.2-flash,16:9,8,,3
A red kite over the dunes at golden hour,rehearsal-1,5:4,8,7,1
A harbour wakes up under low fog,gemini-omni-1.2-flash,16:9,99,,
Paper lanterns rise over a lake,rehearsal-1,1:1,4,,
"""


async def batch(program: Program) -> None:
    """A file of six prompts of which two have mistakes, over a budget for the day."""
    path = Path(os.environ["VEO_STUDIO_HOME"]) / "spring-campaign.csv"
    path.write_text(BATCH, encoding="utf-8")
    await program.window.wallet.model.set_budget(BudgetPeriod.DAY, "5")
    program.window.tools.batches.show_file(path)
    dialog = program.window.tools.batches.dialog
    assert dialog is not None
    read = asyncio.get_running_loop().create_future()
    model = dialog.model
    model.changed.connect(lambda: model.total.rows and (read.done() or read.set_result(None)))
    await asyncio.wait_for(read, _LIMIT_S)
    dialog.rows.go_to(3)


def batch_window(program: Program) -> QWidget:
    dialog = program.window.tools.batches.dialog
    assert dialog is not None
    return dialog


SCENES = (
    # an empty library begins with the two offers
    Scene("first-run", nothing, {}, sizes=(SIZES[0], SIZES[2])),
    Scene("empty", decline, {}),
    Scene("services", services, {}, sizes=SIZES[:1], google="never", shown=services_window),
    Scene("enhance", enhance_scenes.enhance, {}, sizes=((720, 580),), shown=enhance_scenes.panel),
    Scene(
        "refused",
        enhance_scenes.refused,
        {"VEO_STUDIO_REHEARSAL_FAULT": "refuse"},
        sizes=((720, 620),),
        shown=enhance_scenes.panel,
    ),
    Scene("animate", enhance_scenes.animate, {}, sizes=(SIZES[0], SIZES[2])),
    Scene("photo", photo_scenes.photo, {}, sizes=(SIZES[0], SIZES[2])),
    Scene("photo-crop", photo_scenes.crop, {}, sizes=((640, 560),), shown=photo_scenes.crop_dialog),
    Scene("picture", photo_scenes.picture, {}, sizes=SIZES[:1], google="never"),
    Scene("pictures", picture_scenes.pictures, {}, sizes=(SIZES[0], SIZES[2])),
    Scene("insights", insights_scenes.insights, {}, clips=1500),
    Scene("insights-models", insights_scenes.models, {}, sizes=SIZES[:1], clips=1500),
    Scene("recipe", recipe_scenes.dropped, {}, sizes=(SIZES[0], SIZES[2])),
    Scene("recipe-drop", recipe_scenes.hovering, {}, sizes=SIZES[:1]),
    Scene(
        "export",
        exporting_scenes.export,
        {},
        sizes=((620, 540), (540, 420)),
        shown=exporting_scenes.export_dialog,
    ),
    Scene(
        "export-many",
        exporting_scenes.many,
        {},
        sizes=((620, 460),),
        shown=exporting_scenes.export_dialog,
    ),
    Scene("export-running", exporting_scenes.running, {}, sizes=(SIZES[0], SIZES[2])),
    Scene(
        "free-space",
        exporting_scenes.space,
        {},
        sizes=((860, 560),),
        shown=exporting_scenes.space_dialog,
    ),
    Scene("enhancer", enhance_scenes.settings, {}, sizes=((880, 760),), shown=services_window),
    Scene("models", models, {}, sizes=SIZES[:1], shown=models_window),
    Scene("presets", presets, {}, sizes=(SIZES[0], SIZES[2]), google="never"),
    Scene("preset-dialog", preset_dialog, {}, sizes=((780, 560),), shown=preset_window),
    Scene("batch", batch, {}, sizes=SIZES[:1], google="never", shown=batch_window),
    Scene("takes", once_more_scenes.takes, {}, sizes=SIZES[:1]),
    Scene(
        "similar",
        once_more_scenes.similar,
        {},
        sizes=((520, 430),),
        google="",
        shown=once_more_scenes.similar_dialog,
    ),
    Scene("draft", once_more_scenes.draft, {}, sizes=SIZES[:1], google=""),
    Scene("watching", watching_scenes.watching, {}, sizes=(SIZES[0], SIZES[2])),
    Scene(
        "compare-two",
        watching_scenes.compare_two,
        {},
        sizes=(SIZES[0], SIZES[2]),
        google="",
        shown=watching_scenes.compare_window,
    ),
    Scene(
        "compare-four",
        watching_scenes.compare_four,
        {},
        sizes=SIZES[:2],
        google="",
        shown=watching_scenes.compare_window,
    ),
    Scene("running", work, {"VEO_STUDIO_REHEARSAL_DELAY": "4"}),
    Scene("failure", failure, {"VEO_STUDIO_REHEARSAL_FAULT": "refuse"}),
    Scene("attention", attention, {}, sizes=SIZES[:1], google="reset*2"),
    Scene("library", library, {}, clips=500),
    Scene("library-tab", library_scenes.tab, {}, clips=500),
    Scene("library-filters", library_scenes.filters, {}, clips=500, sizes=SIZES[:1]),
    Scene("library-chosen", library_scenes.chosen, {}, clips=500, sizes=SIZES[:1]),
    Scene("drafts", drafts_scenes.tab, {"VEO_STUDIO_REHEARSAL_DELAY": "20"}, clips=60),
    Scene("drafts-chosen", drafts_scenes.chosen, {}, clips=60, sizes=SIZES[:1]),
    Scene("drafts-failed", drafts_scenes.failed, {}, clips=120, sizes=SIZES[:1]),
    Scene("drafts-empty", drafts_scenes.empty, {}, sizes=SIZES[:1]),
    Scene(
        "being-made",
        drafts_scenes.being_made,
        {"VEO_STUDIO_REHEARSAL_DELAY": "20"},
        sizes=(SIZES[0], SIZES[2]),
    ),
    Scene("explore", explore_scenes.explore, {}, clips=120),
    Scene("explore-viewer", explore_scenes.viewer, {}, clips=120, sizes=(SIZES[0], SIZES[2])),
    Scene("explore-empty", explore_scenes.empty, {}, sizes=SIZES[:1]),
    Scene(
        "publish",
        publishing_scenes.publish,
        {},
        sizes=((720, 620), (560, 460)),
        shown=publishing_scenes.publish_dialog,
    ),
    Scene(
        "publish-first",
        publishing_scenes.publish_first,
        {},
        sizes=((720, 640),),
        shown=publishing_scenes.publish_dialog,
    ),
    Scene(
        "targets",
        publishing_scenes.targets,
        {},
        sizes=((860, 600), (640, 480)),
        shown=publishing_scenes.targets_dialog,
    ),
    Scene(
        "target-kinds",
        publishing_scenes.target_kinds,
        {},
        sizes=((860, 600),),
        shown=publishing_scenes.targets_dialog,
    ),
    Scene(
        "deliveries",
        publishing_scenes.deliveries,
        {},
        sizes=((820, 600), (560, 440)),
        shown=publishing_scenes.deliveries_dialog,
    ),
    Scene(
        "planned",
        publishing_scenes.planned,
        {},
        sizes=((820, 600),),
        shown=publishing_scenes.deliveries_dialog,
    ),
    Scene(
        "rules",
        publishing_scenes.rules,
        {},
        sizes=((620, 420),),
        shown=publishing_scenes.rules_dialog,
    ),
    Scene(
        "details",
        details_scenes.details,
        {},
        clips=60,
        sizes=((400, 1100),),
        shown=details_scenes.details_window,
    ),
    Scene(
        "shortcuts",
        details_scenes.shortcuts,
        {},
        sizes=((640, 640),),
        shown=details_scenes.shortcuts_window,
    ),
    Scene(
        "shelf",
        shelf_scenes.shelf,
        {},
        clips=60,
        sizes=((300, 420), (200, 240)),
        shown=shelf_scenes.shelf_window,
    ),
    Scene(
        "shelf-empty",
        shelf_scenes.empty_shelf,
        {},
        sizes=((300, 240),),
        shown=shelf_scenes.shelf_window,
    ),
    Scene("missing-files", shelf_scenes.missing, {}, clips=60, sizes=(SIZES[0], SIZES[2])),
    Scene(
        "storyboard",
        storyboard_scenes.written,
        {},
        sizes=(SIZES[0], SIZES[2]),
        google="refuse*1",
    ),
    Scene("storyboard-approval", storyboard_scenes.approval, {}, sizes=SIZES[:1]),
    Scene(
        "storyboard-import",
        storyboard_scenes.importing,
        {},
        sizes=((1040, 680),),
        shown=storyboard_scenes.import_dialog,
    ),
    Scene("storyboard-cast", storyboard_scenes.cast, {}, sizes=SIZES[:1]),
    Scene("storyboard-settings", storyboard_scenes.settings, {}, sizes=SIZES[:1], google=""),
    Scene("film", storyboard_scenes.film, {}, sizes=(SIZES[0], SIZES[2])),
    Scene(
        "film-export",
        storyboard_scenes.film_export,
        {},
        sizes=((560, 480),),
        shown=storyboard_scenes.export_dialog,
    ),
    Scene("wallet", wallet, {}, clips=500, sizes=((900, 680),), shown=wallet_window),
)


async def until(
    program: Program, is_so: Callable[[GenerationEvent], bool], *, count: int = 1
) -> None:
    """Wait for the `count`-th event that is so."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    left = count

    def listen(event: GenerationEvent) -> None:
        nonlocal left
        if is_so(event):
            left -= 1
            if left == 0 and not done.done():
                done.set_result(None)

    assert program.studio is not None
    unsubscribe = program.studio.events.subscribe(listen)
    try:
        await asyncio.wait_for(done, _LIMIT_S)
    finally:
        unsubscribe()


async def show(program: Program, scene: Scene, folder: Path, theme: str) -> None:
    """Bring the window into the state and take its pictures at every size."""
    ended = asyncio.ensure_future(program.main())
    opened = asyncio.get_running_loop().create_future()
    program.opened.connect(lambda: opened.done() or opened.set_result(None))
    await asyncio.wait({ended, opened}, return_when=asyncio.FIRST_COMPLETED, timeout=_LIMIT_S)
    if program.history.total != scene.clips:
        counted = asyncio.get_running_loop().create_future()
        program.history.total_changed.connect(lambda n: counted.done() or counted.set_result(n))
        await asyncio.wait_for(counted, _LIMIT_S)
    await scene.act(program)
    program.window.player.pause()
    for width, height in scene.sizes:
        shown = scene.shown(program)
        shown.resize(width, height)
        await asyncio.sleep(0.5)  # panes settle, thumbnails of new rows arrive
        path = folder / f"{scene.name}-{theme}-{width}x{height}.png"
        if (scene.name, width) == ("running", SIZES[0][0]):
            path = folder / f"window-{theme}.png"  # the README's picture
        shown.grab().save(str(path))
        print(path)
    program.window.close()
    await ended


def one(scene: Scene, folder: Path, theme_name: str, home: Path) -> None:
    """One scene in one theme, in this process."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.update(scene.environment)
    paths = Paths.below(home)
    os.environ["VEO_STUDIO_HOME"] = str(home)
    paths.ensure()
    app = _application()
    settings = Settings.load(paths.settings)
    theme = Theme()
    theme.apply(app, theme_name)
    settings.theme = theme_name
    program = Program(paths, settings, Catalog.load(paths.user_catalog), theme)
    program.window.resize(*SIZES[0])
    program.window.show()
    with asyncio.Runner(loop_factory=lambda: EventLoop(app)) as runner:
        runner.run(serve(scene, home, show(program, scene, folder, theme_name)))


async def serve(scene: Scene, home: Path, showing: Coroutine[None, None, None]) -> None:
    """Run `showing`, with an engine in Google's place where the scene asks for one."""
    if scene.google is None:
        await showing
        return
    async with RehearsalServer(home / "google", faults=parse_faults(scene.google)) as server:
        os.environ["VEO_STUDIO_GEMINI_URL"] = server.base_url
        os.environ["GEMINI_API_KEY"] = "no-key"
        await showing


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--scene", choices=[scene.name for scene in SCENES])
    parser.add_argument("--theme", choices=("dark", "light"))
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    told = parser.parse_args()
    told.folder.mkdir(parents=True, exist_ok=True)
    chosen = [scene for scene in SCENES if told.scene in (None, scene.name)]
    themes = (told.theme,) if told.theme else ("dark", "light")
    if told.home is not None:
        one(chosen[0], told.folder, themes[0], told.home)
        return 0
    for scene in chosen:
        for theme in themes:
            # each in a process and a library of its own: no state leaks into the next picture
            with tempfile.TemporaryDirectory(prefix="veo-studio-pictures-") as home:
                if scene.clips:
                    fill = [sys.executable, str(ROOT / "tools" / "demo_library.py")]
                    subprocess.run([*fill, str(scene.clips), home], check=True, stdout=2)
                again = [sys.executable, __file__, str(told.folder), "--home", home]
                again += ["--scene", scene.name, "--theme", theme]
                subprocess.run(again, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
