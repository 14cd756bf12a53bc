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
from collections.abc import Coroutine
from pathlib import Path

from scene_list import SCENES, SIZES, Scene

from veo_studio.app import Program, _application
from veo_studio.core.catalog import Catalog
from veo_studio.core.paths import Paths
from veo_studio.core.providers.rehearsal.faults import parse_faults
from veo_studio.core.providers.rehearsal.server import RehearsalServer
from veo_studio.core.settings import Settings
from veo_studio.ui.event_loop import EventLoop
from veo_studio.ui.theme import Theme

ROOT = Path(__file__).resolve().parent.parent
_LIMIT_S = 240.0


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
