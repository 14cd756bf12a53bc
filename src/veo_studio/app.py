"""The window's composition root: what is built, in which order, and how it all ends.

The order is for the eye: application, theme, the window's frame on the screen; then the newest clips, then
the rest of the window, and only then the core. Each step imports what it needs: whatever is imported at the
top of this module, or of what it imports, the first paint waits for.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import logging
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QApplication

from veo_studio.core import log
from veo_studio.core.errors import DatabaseDamaged, FolderInUse, StorageError
from veo_studio.core.paths import Paths
from veo_studio.core.settings import Settings
from veo_studio.ui.bridge import catch_slot_errors
from veo_studio.ui.event_loop import EventLoop
from veo_studio.ui.garbage import collect_from_now_on
from veo_studio.ui.icons import app_icon
from veo_studio.ui.later import Later
from veo_studio.ui.main_window import MainWindow
from veo_studio.ui.single_instance import SecondStarts, ask_to_show
from veo_studio.ui.start_problem import RESTORE, tell_early, tell_start_problem
from veo_studio.ui.start_steps import first_clips, names_in, rest_of_the_window, turns
from veo_studio.ui.stop_signals import stop_signals
from veo_studio.ui.taking_apart import take_apart
from veo_studio.ui.theme import Theme

if TYPE_CHECKING:
    from veo_studio.core.catalog import Catalog
    from veo_studio.core.studio import Studio
    from veo_studio.ui.settings_keeper import SettingsKeeper
    from veo_studio.ui.view_models.form_model import FormModel
    from veo_studio.ui.view_models.library_model import LibraryModel
    from veo_studio.ui.view_models.queue_model import QueueModel

_CLOSE_LIMIT_S = 1.9
_log = logging.getLogger(__name__)


def run_window(paths: Paths) -> int:
    """Show the window and stay until it is closed; the exit code of the program.

    6 where the folders or the database cannot be used: one sentence on stderr and in a small window.
    0 as well where a window on this folder is open already: it comes to the front.
    """
    if ask_to_show(paths.data):
        return _say_shown()
    early: list[BaseException] = []
    restore_hook = catch_slot_errors(lambda error: tell_early(early, error))
    try:
        app = _application()
        theme = Theme()
        try:
            paths.ensure()
            log.configure(paths)
            settings = Settings.load(paths.settings)
        except StorageError as error:
            theme.apply(app, "system")
            return _run(app, functools.partial(tell_start_problem, error))
        theme.apply(app, cast(Any, settings.theme))
        while True:
            program = Program(paths, settings, None, theme)
            if (code := _run_program(app, program)) != RESTORE:
                return code
            # everything of the first program is closed by now
            from veo_studio.core.store.restoring import restore

            try:
                restore(paths.database, program.backup)
            except StorageError as error:
                return _run(app, functools.partial(tell_start_problem, error))
    finally:
        restore_hook()


def _run_program(app: QApplication, program: Program) -> int:
    program.opened.connect(collect_from_now_on)
    restore_hook = catch_slot_errors(program.window.show_bug)
    try:
        program.window.show()
        return _run(app, program.main)
    finally:
        # what goes wrong from here on has no window to be shown in
        restore_hook()
        take_apart()


class Program(QObject):
    """The window and the core from the first paint to the last write."""

    # the core is open and bound
    opened = pyqtSignal()

    # from the first clips on
    history: LibraryModel
    # the rest of what the window shows
    form: FormModel
    queue: QueueModel
    clips: LibraryModel
    _keeper: SettingsKeeper

    def __init__(
        self, paths: Paths, settings: Settings, catalog: Catalog | None, theme: Theme
    ) -> None:
        """Without a `catalog` the window is a frame until `main` has seen it painted."""
        super().__init__()
        self._paths = paths
        self._settings = settings
        self._theme = theme
        self.studio: Studio | None = None
        # the newest good one, where the library turned out to be damaged
        self.backup = Path()
        self._unsubscribe: list[Callable[[], None]] = []
        self._second_starts = SecondStarts(self)
        self.library = Later()
        self.window = MainWindow(settings)
        if catalog is not None:
            self._show_history(names_in(catalog))
            for _ in self._building(catalog):
                pass

    def _show_history(self, model_names: Mapping[str, str]) -> None:
        self.history = self._list_of_clips(model_names)
        self.window.show_history(self.history)

    def _building(self, catalog: Catalog) -> Iterator[None]:
        """The rest of the window, in pieces of milliseconds."""
        from veo_studio.ui.settings_keeper import SettingsKeeper
        from veo_studio.ui.view_models.form_model import FormModel
        from veo_studio.ui.view_models.queue_model import QueueModel
        from veo_studio.ui.window_building import build

        self.form = FormModel(catalog)
        self.form.restore(self._settings)
        self.queue = QueueModel(
            provider_names={one.id: one.name for one in catalog.providers.values()}
        )
        names = names_in(catalog)
        self.history.set_model_names(names)
        # reads nothing before the Library tab is shown
        self.clips = self._list_of_clips(names)
        window, settings, paths = self.window, self._settings, self._paths
        yield
        yield from build(
            window,
            theme=self._theme,
            settings=settings,
            form=self.form,
            queue=self.queue,
            library=self.clips,
            new_list=lambda: self._list_of_clips(names),
            outputs=paths.outputs,
            logs=paths.logs,
        )
        self._keeper = SettingsKeeper(settings, paths.settings, self._spawn, window.collect, self)
        window.settings_changed.connect(self._keeper.save_soon)
        self._keeper.watch_sizes(window, window.form, window.queue, window.history)
        self._keeper.failed.connect(lambda error: window.telling.show_error(error, "form"))

    def _list_of_clips(self, model_names: Mapping[str, str]) -> LibraryModel:
        from veo_studio.ui.view_models.library_model import LibraryModel

        return LibraryModel(self.library, self.library, self._spawn, model_names=model_names)

    def _spawn(self, work: Coroutine[Any, Any, Any], *, name: str) -> object:
        return self.window.scope.spawn(work, name=name)

    async def main(self) -> int:
        """Open the core behind the window, wait for the end, put everything away."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._on_loop_error)
        closing: asyncio.Future[None] = loop.create_future()

        def close() -> None:
            if not closing.done():
                closing.set_result(None)

        self.window.close_requested.connect(close)
        with stop_signals(close):
            opening = loop.create_task(self._open(), name="opening the library")
            try:
                await asyncio.wait({opening, closing}, return_when=asyncio.FIRST_COMPLETED)
                if opening.done() and (error := opening.exception()) is not None:
                    if not isinstance(error, StorageError):
                        raise error
                    self.window.hide()
                    # somebody who started at the same moment may not have listened before
                    if isinstance(error, FolderInUse) and await asyncio.to_thread(
                        ask_to_show, self._paths.data, is_there=True
                    ):
                        return _say_shown()
                    if isinstance(error, DatabaseDamaged) and error.backup is not None:
                        self.backup = error.backup
                    return await tell_start_problem(error)
                await closing
                return 0
            finally:
                await self._close(opening)

    async def _open(self) -> None:
        window = self.window
        await _first_paint(window)
        if not window.is_whole:
            await self._build()
        await asyncio.to_thread(importlib.import_module, "veo_studio.core.studio")
        from veo_studio.core.secrets import Secrets
        from veo_studio.core.studio import Studio

        secrets = Secrets()
        secrets.preload()
        studio = await Studio.open(self._paths, self._settings, secrets, has_window=True)
        self.studio = studio
        self._keeper.open()
        self._second_starts.show_requested.connect(window.come_forward)
        self._second_starts.listen(self._paths.data)
        await self._bind(studio)
        # a keyring may take seconds to answer; the history is on the screen by now
        await asyncio.to_thread(studio.providers.ready)
        from veo_studio.ui.core_access import FormServices

        await self.form.open(FormServices(studio))
        window.beginning.offer(await studio.generations.count())
        self.opened.emit()

    async def _build(self) -> None:
        """Behind the painted frame: the newest clips first, then the rest. Raises StorageError."""
        known = self.window.memory.model_names()
        newest, names = await asyncio.to_thread(first_clips, self._paths, known)
        self._show_history(names)
        self.history.show_early(newest)
        # they are painted before anything else is done
        await turns(2)
        catalog = await asyncio.to_thread(rest_of_the_window, self._paths)
        for _ in self._building(catalog):
            await turns(1)

    async def _bind(self, studio: Studio) -> None:
        from veo_studio.core.connecting import ProviderSettings
        from veo_studio.core.enhancing.setting_up import EnhancerSettings
        from veo_studio.core.models import ACTIVE_STATES, ATTENTION_STATES
        from veo_studio.core.store.drafts import DraftReader
        from veo_studio.ui.view_models.library_commands import LibraryCommands
        from veo_studio.ui.view_models.queue_commands import QueueCommands

        window = self.window
        self.library.open(studio.library, studio.thumbnails)
        window.open(
            commands=LibraryCommands(
                studio.queue,
                studio.generations,
                studio.events.emit,
                price_of=studio.price_of,
                tries_of=DraftReader(studio.database).tries,
            ),
            queue=QueueCommands(studio.queue, self.queue),
            wallet=studio.wallet,
            providers=studio.catalog.providers,
        )
        providers = ProviderSettings(
            studio.catalog,
            studio.secrets,
            self._settings,
            self._paths.settings,
            studio.providers,
            changed=studio.queue.key_changed,
            save=self._keeper.write,
        )
        window.tools.enhancing.open(studio.enhancers)
        window.tools.recipes.open(studio.generations.by_digest, studio.client.files)
        window.tools.batches.open(studio)
        window.library_tools.open(studio)
        window.storyboarding.open(studio)
        window.publishing.open(studio)
        window.drafts.open(studio)
        enhancer = EnhancerSettings(
            studio.enhancers, providers, studio.secrets, self._settings, self._keeper.write
        )
        window.services.open(providers, self._paths.workflows, studio.catalog.add, enhancer)
        await window.tools.presets.open(self._paths.presets)
        await studio.queue.recover()
        stored = await studio.generations.in_states(ACTIVE_STATES | ATTENTION_STATES)
        # no await between reading and listening: nothing may happen unseen
        self._unsubscribe.append(self.queue.open(studio.queue, stored))
        for listener in (
            self.queue.on_event,
            self.history.on_event,
            window.library_tools.on_event,
            window.watcher.on_event,
            window.wallet.model.on_event,
            window.editing.on_event,
            *(one.on_event for one in (window.publishing, window.drafts, window.exploring)),
        ):
            self._unsubscribe.append(studio.events.subscribe(listener))
        # budgets and tokens may have been changed on the command line
        for look in (window.watcher.money_moved.emit, window.wallet.model.refresh_soon):
            self._unsubscribe.append(studio.queue.subscribe(look))
        await studio.queue.resume()
        window.show_resumed(sum(generation.state in ACTIVE_STATES for generation in stored))
        if self._settings.kept_aside is not None:
            window.notices_of("form").show_notice(
                f"The settings file was damaged; it is kept as {self._settings.kept_aside.name}.",
                level="warn",
            )
        # what they ask for stands in the line behind what was there before
        await asyncio.to_thread(importlib.import_module, "veo_studio.core.storyboard.boards")
        await studio.storyboards.resume()
        await asyncio.to_thread(importlib.import_module, "veo_studio.core.publishing.desk")
        window.publishing.follow(studio.publishing)
        await studio.publishing.resume()

    async def _close(self, opening: asyncio.Task[None]) -> None:
        """Everything that still runs stays stored and goes on at the next start."""
        window = self.window
        was_open = self.studio is not None
        self._second_starts.close()
        window.remember()
        window.hide()
        if window.is_whole:
            self._keeper.stop()
            window.notifications.close()
            window.player.release()
            window.library_tools.comparing.close()
            # an open that is half done would leave the database behind
            await asyncio.wait({opening}, timeout=_CLOSE_LIMIT_S)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        if window.is_whole:
            for part in (window.exploring, window.drafts, window.publishing):
                part.close()
            await window.storyboarding.close()
        await window.scope.close()
        if self.studio is not None:
            try:
                await asyncio.wait_for(self.studio.close(), _CLOSE_LIMIT_S)
            except TimeoutError:
                _log.warning("closing took longer than %.1f s", _CLOSE_LIMIT_S)
        if was_open:
            try:
                self._keeper.save_now()
            except StorageError as error:
                _log.warning("%s", error.message)
                print(error.message, file=sys.stderr)  # noqa: T201

    def _on_loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is None:
            _log.error("event loop: %s", context.get("message"))
        else:
            self.window.show_bug(error)


def _say_shown() -> int:
    print("Veo Studio is open already; its window was brought to the front.", file=sys.stderr)  # noqa: T201
    return 0


def _application() -> QApplication:
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    app.setApplicationName("veo-studio")
    app.setApplicationDisplayName("Veo Studio")
    app.setDesktopFileName("veo-studio")
    app.setWindowIcon(app_icon())
    return app


def _run(app: QApplication, main: Callable[[], Any]) -> int:
    with asyncio.Runner(loop_factory=lambda: EventLoop(app)) as runner:
        return int(runner.run(main()))


async def _first_paint(window: MainWindow) -> None:
    """Until the window was on the screen; on platforms that paint nothing, a second.

    Qt paints in the loop's first turn, before any task runs, so that has mostly happened already.
    """
    if window.was_painted:
        return
    painted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_painted() -> None:
        if not painted.done():
            painted.set_result(None)

    window.painted.connect(on_painted)
    with suppress(TimeoutError):
        async with asyncio.timeout(1.0):
            await painted
