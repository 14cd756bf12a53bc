"""What the user chose is on the disk soon after, not only when the program ends well."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path

import pytest

from tests.ui.parts.samples import Scope
from tests.ui.waiting import emitted
from tests.ui.window.conftest import Driver
from veo_studio.core.errors import StorageError
from veo_studio.core.paths import Paths
from veo_studio.core.settings import Settings
from veo_studio.core.task_scope import TaskScope
from veo_studio.ui.settings_keeper import SettingsKeeper


def stored(paths: Paths) -> dict[str, object]:
    return dict(json.loads(paths.settings.read_text()))


async def test_a_theme_and_a_prompt_survive_a_kill(driver: Driver, paths: Paths) -> None:
    keeper = driver.program._keeper
    driver.choose_text("A paper boat")
    while not paths.settings.exists() or stored(paths)["last_prompt"] != "A paper boat":
        await emitted(keeper.saved)
    driver.window.theme_actions["light"].trigger()
    while stored(paths)["theme"] != "light":
        await emitted(keeper.saved)
    assert "geometry" in stored(paths)["window_state"]  # type: ignore[operator]


async def test_many_changes_are_one_writing_outside_the_loop(qapp: object, tmp_path: Path) -> None:
    threads: list[int] = []

    class Watched(Settings):
        def save(self, path: Path) -> None:
            threads.append(threading.get_ident())
            super().save(path)

    settings = Watched()
    scope = TaskScope(lambda error: pytest.fail(repr(error)))
    keeper = SettingsKeeper(settings, tmp_path / "s.json", scope.spawn, lambda: None)
    settings.last_prompt = "before the folder is ours"
    keeper.save_soon()
    assert not keeper._timer.isActive()
    keeper.open()
    for number in range(100):
        settings.last_prompt = f"words {number}"
        keeper.save_soon()
    await emitted(keeper.saved)
    assert Settings.load(tmp_path / "s.json").last_prompt == "words 99"
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()
    keeper.stop()
    await scope.close()


async def test_a_late_thread_does_not_bring_back_what_is_old(qapp: object, tmp_path: Path) -> None:
    keeper = SettingsKeeper(Settings(), tmp_path / "s.json", Scope().spawn, lambda: None)
    old, keeper._settings.theme = Settings(theme="dark"), "light"
    keeper._asked = 1
    keeper.save_now()
    await asyncio.to_thread(keeper._write, old, 1)
    assert Settings.load(tmp_path / "s.json").theme == "light"


async def test_a_disk_that_refuses_is_told_once_and_tried_again(
    qapp: object, tmp_path: Path
) -> None:
    settings, told = Settings(), []
    path = tmp_path / "not there" / "s.json"
    scope = TaskScope(lambda error: pytest.fail(repr(error)))
    keeper = SettingsKeeper(settings, path, scope.spawn, lambda: None)
    keeper.failed.connect(told.append)
    keeper._is_open = True
    settings.theme = "dark"
    keeper.save_soon()
    await emitted(keeper.failed)
    path.parent.mkdir()
    keeper.save_soon()
    await emitted(keeper.saved)
    assert Settings.load(path).theme == "dark"
    assert [type(error) for error in told] == [StorageError]
    keeper.stop()
    await scope.close()
