"""Exports through the window: the dialog, the row with Cancel, the notice at the end, and what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from PyQt6.QtCore import QStandardPaths, Qt
from PyQt6.QtWidgets import QApplication, QFileDialog

from tests.exporting.clips import write_clip
from tests.fakes.generations import a_generation
from tests.ui.waiting import Opening
from tests.ui.waiting import becomes as becomes_in
from tests.ui.window.conftest import Driver, running
from veo_studio.core.exporting import kept
from veo_studio.core.exporting.presets import Form, Inside, Quality, Size, built_in
from veo_studio.core.models import Generation, GenerationState
from veo_studio.core.paths import Paths
from veo_studio.core.placing import sha256_of
from veo_studio.ui.views.export import ExportDialog, PresetName

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


async def becomes(is_so: Callable[[], bool], *signals: object, timeout_s: float = 60.0) -> None:
    """Patiently: processes start on machines that have other work, too."""
    await becomes_in(is_so, *signals, timeout_s=timeout_s)


@pytest.fixture
async def out(paths: Paths, tmp_path: Path) -> Path:
    """Where the next export goes, as if it had been chosen before."""
    folder = tmp_path / "out"
    folder.mkdir()
    paths.ensure()
    kept.save(paths.exporting, kept.ExportChoices(folder=folder, template="{number}_{prompt}"))
    return folder


@pytest.fixture
async def driver(
    qapp: QApplication, paths: Paths, out: Path, no_task_left: None
) -> AsyncIterator[Driver]:
    async with running(paths) as made:
        yield made


@pytest.fixture
def clip(tmp_path: Path) -> Generation:
    """Two seconds, a key frame every half second."""
    path = write_clip(tmp_path / "clip.mp4")
    return finished(path, prompt="A paper boat", length_s=2.0)


@pytest.fixture
def long_clip(tmp_path: Path) -> Generation:
    """Minutes of work for the encoder that these tests give it to, whatever the machine."""
    size = (640, 360)
    path = write_clip(tmp_path / "long.mp4", seconds=40, fps=25, size=size, has_sound=False)
    return finished(path, prompt="Long")


def finished(path: Path, **fields: object) -> Generation:
    return a_generation(
        id=77, state=GenerationState.COMPLETED, video_path=path, size_bytes=5, **fields
    )


async def opened(driver: Driver, *clips: Generation) -> ExportDialog:
    opening = Opening(ExportDialog)
    driver.window.requests.export_files_requested.emit(list(clips))
    dialog = await asyncio.wait_for(opening.shown, 60)
    assert isinstance(dialog, ExportDialog)
    return dialog


async def named(dialog: ExportDialog) -> None:
    """Until its names are there, and what is in the clip."""
    model = dialog.model
    await becomes(
        lambda: bool(model.names) and (model.single is None or model.facts is not None),
        model.changed,
    )


async def told(driver: Driver) -> str:
    bar = driver.window.history_notices
    await becomes(lambda: bar.notice("export") is not None, bar.shown, timeout_s=60)
    return bar.notice("export").text


async def test_a_cut_clip_by_keys_alone(driver: Driver, clip, out: Path, paths: Paths):
    before = sha256_of(clip.video_path)
    exporting = driver.window.library_tools.exporting
    exporting._chosen = lambda: [clip]
    opening = Opening(ExportDialog)
    driver.window.acts.export.trigger()
    dialog = await asyncio.wait_for(opening.shown, 60)
    await named(dialog)
    assert dialog.names.text() == "01_A_paper_boat.mp4"
    assert dialog.way.text() == "Byte for byte, with its content credentials."
    dialog.cut.click()
    dialog.out_at.setValue(1.1)
    await becomes(lambda: "encoded anew" in dialog.way.text(), dialog.model.changed)
    dialog.presets.setCurrentIndex(1)
    dialog.presets.activated.emit(1)
    dialog.fields.sound.click()
    await named(dialog)
    assert dialog.yes.isEnabled()
    driver.click(dialog.yes)
    assert await told(driver) == "01_A_paper_boat.mp4 is exported."
    [made] = out.iterdir()
    assert made.name == "01_A_paper_boat.mp4"
    assert sha256_of(clip.video_path) == before
    choices = kept.load(paths.exporting)
    assert choices.preset == replace(built_in(Form.H264), has_sound=False)
    assert choices.folder == out
    assert exporting.bar.isHidden()


async def test_the_export_keys_are_free_and_shown(driver: Driver, clip):
    keys = [one.toString() for one in driver.window.acts.export.shortcuts()]
    assert keys == ["Ctrl+Shift+E"]
    words = [
        action.text().replace("&", "")
        for action in driver.window.history.actions_for([clip])
        if action is not None
    ]
    assert any(one.startswith("Export…") and "Ctrl+Shift+E" in one for one in words)
    driver.window.acts.export.trigger()
    assert "Select a clip first, then export it." in driver.notices


async def test_cancel_ends_it_and_leaves_nothing(driver: Driver, long_clip, out: Path):
    dialog = await opened(driver, long_clip)
    dialog.model.choose(replace(built_in(Form.VP9), rate=1))
    await named(dialog)
    driver.click(dialog.yes)
    exporting = driver.window.library_tools.exporting
    await becomes(lambda: exporting.bar is not None and exporting.bar.bar.value() > 0,
                  *await ticking(driver), timeout_s=120)  # fmt: skip
    assert exporting.bar.isVisible()
    assert exporting.bar.words.text == "Exporting 01_Long.webm"
    # nothing is blocked: the next thing can be asked for
    driver.choose_text("Something else meanwhile")
    assert driver.window.form_model.can_submit
    driver.click(exporting.bar.cancel)
    assert "nothing unfinished is left" in await told(driver)
    assert list(out.iterdir()) == []
    assert exporting.bar.isHidden()


async def ticking(driver: Driver) -> tuple[object, ...]:
    """A signal that comes again and again while something is waited for that has none."""
    from PyQt6.QtCore import QTimer

    timer = QTimer(driver.window)
    timer.start(50)
    return (timer.timeout,)


async def test_several_with_one_that_is_gone(driver: Driver, clip, out: Path, tmp_path: Path):
    gone = a_generation(
        id=78, state=GenerationState.COMPLETED, video_path=tmp_path / "gone.mp4", prompt="Gone"
    )
    dialog = await opened(driver, gone, clip)
    await named(dialog)
    assert dialog.heading.text() == "Export 2 files"
    assert dialog.cut.isHidden()
    assert dialog.names.text().splitlines() == ["01_Gone.mp4", "02_A_paper_boat.mp4"]
    driver.click(dialog.yes)
    words = await told(driver)
    assert words.startswith("1 of 2 files are exported.")
    assert "gone.mp4 is gone" in words
    assert [path.name for path in out.iterdir()] == ["02_A_paper_boat.mp4"]


async def test_closing_the_window_ends_an_export(
    qapp, paths: Paths, out: Path, long_clip, no_task_left
):
    async with running(paths) as driver:
        dialog = await opened(driver, long_clip)
        dialog.model.choose(replace(built_in(Form.VP9), rate=1))
        await named(dialog)
        driver.click(dialog.yes)
        exporting = driver.window.library_tools.exporting
        await becomes(lambda: exporting.bar is not None and exporting.bar.bar.value() > 0,
                      *await ticking(driver), timeout_s=120)  # fmt: skip
    assert list(out.iterdir()) == []
    assert not paths.exports.exists() or list(paths.exports.iterdir()) == []


async def test_many_are_named_and_those_without_a_file_are_counted(driver: Driver, clip, out: Path):
    many = [replace(clip, id=number) for number in range(1, 6)]
    waiting = [a_generation(id=number) for number in range(10, 12)]
    dialog = await opened(driver, *waiting, *many)
    await named(dialog)
    assert dialog.heading.text() == "Export 5 files"
    assert dialog.names.text().endswith("03_A_paper_boat.mp4\nand 2 more")
    assert dialog.problem.text() == ""
    assert dialog.yes.isEnabled()
    assert dialog.left_out.text() == "2 of the selected have no file and are left out."
    dialog.reject()


async def test_a_fresh_account_is_offered_a_folder_that_is_there(
    driver: Driver, clip, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    kept.save(paths.exporting, kept.ExportChoices())
    location = QStandardPaths.StandardLocation
    places = {
        location.MoviesLocation: tmp_path / "none",
        location.DocumentsLocation: tmp_path / "papers",
    }
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda place: str(places[place]))
    places[location.DocumentsLocation].mkdir()
    dialog = await opened(driver, clip)
    await named(dialog)
    assert dialog.model.folder == tmp_path / "papers"
    assert dialog.yes.isEnabled()
    dialog.reject()


async def test_wrong_names_and_a_missing_folder_are_told_before(driver: Driver, clip, out: Path):
    dialog = await opened(driver, clip)
    await named(dialog)
    dialog.template.clear()
    driver.type("{nope}", dialog.template)
    await becomes(lambda: "no variable {nope}" in dialog.problem.text(), dialog.model.changed)
    assert not dialog.yes.isEnabled()
    dialog.template.clear()
    driver.type("../x_", dialog.template)
    dialog._insert("id")
    await becomes(lambda: dialog.names.text() == f"x_{clip.id}.mp4", dialog.model.changed)
    dialog.model.set_folder(out / "none")
    await becomes(lambda: "folder is not there" in dialog.problem.text(), dialog.model.changed)
    assert not dialog.yes.isEnabled()
    opening = Opening(QFileDialog)
    driver.click(dialog.choose)
    chooser = await asyncio.wait_for(opening.shown, 60)
    # Qt's own check of what was typed may ask with a loop of its own
    chooser.selectedFiles = lambda: [str(out)]
    chooser.done(QFileDialog.DialogCode.Accepted)
    await becomes(lambda: dialog.yes.isEnabled(), dialog.model.changed)
    assert dialog.model.folder == out
    dialog.reject()


async def test_a_preset_of_ones_own_is_kept_and_deleted(driver: Driver, clip, paths: Paths):
    dialog = await opened(driver, clip)
    await named(dialog)
    dialog.model.choose(built_in(Form.H264))
    fields = dialog.fields
    fields.size_of.setCurrentIndex(2)
    fields.size_of.activated.emit(2)
    fields.quality.buttons[2].click()
    fields.inside.setCurrentIndex(1)
    fields.inside.activated.emit(1)
    opening = Opening(PresetName)
    driver.click(dialog.save)
    asking = await asyncio.wait_for(opening.shown, 60)
    driver.type("For the web", asking.field)
    driver.click(asking.yes)
    await becomes(lambda: dialog.model.is_own, dialog.model.changed)
    await becomes(lambda: bool(kept.load(paths.exporting).own), *await ticking(driver))
    [own] = kept.load(paths.exporting).own
    assert (own.name, own.size, own.quality, own.inside) == (
        "For the web", Size.P720, Quality.SMALL, Inside.RECIPE,
    )  # fmt: skip
    assert dialog.presets.currentText() == "For the web"
    assert dialog.remove.isVisible()
    driver.click(dialog.remove)
    await becomes(lambda: not kept.load(paths.exporting).own, *await ticking(driver))
    assert not dialog.remove.isVisible()
    dialog.reject()


async def test_what_cannot_be_made_here_is_locked_with_its_reason(driver: Driver, clip):
    dialog = await opened(driver, clip)
    await named(dialog)
    dialog.model.locked[Form.PRORES] = "This installation of PyAV has no encoder prores_ks."
    dialog.model.choose(built_in(Form.PRORES))
    await becomes(lambda: "no encoder prores_ks" in dialog.problem.text(), dialog.model.changed)
    assert not dialog.yes.isEnabled()
    number = next(
        at for at in range(dialog.presets.count())
        if dialog.presets.itemData(at) == built_in(Form.PRORES)
    )  # fmt: skip
    item = dialog.presets.model().item(number)
    assert not item.isEnabled()
    assert "prores_ks" in item.toolTip()
    dialog.reject()


async def test_a_copy_that_plays_lies_beside_the_clip(driver: Driver, clip):
    driver.window.player.copy_that_plays_requested.emit(clip)
    assert await told(driver) == f"{clip.video_path.stem}_plays.mp4 is exported."
    assert clip.video_path.with_name(f"{clip.video_path.stem}_plays.mp4").is_file()


async def test_what_a_kill_left_is_gone_after_the_start(
    qapp, paths: Paths, out: Path, no_task_left
):
    part = out / f".veo-studio-{'a' * 32}.part"
    part.write_bytes(b"half")
    paths.exports.mkdir(parents=True)
    (paths.exports / "old.json").write_text(f'["{part}"]')
    async with running(paths) as driver:
        await becomes(lambda: not part.exists(), *await ticking(driver))


async def test_the_range_of_the_player_is_offered(driver: Driver, clip):
    exporting = driver.window.library_tools.exporting
    exporting._player = SimpleNamespace(generation=clip, in_ms=500, out_ms=1500)
    dialog = await opened(driver, clip)
    await named(dialog)
    assert dialog.cut.isChecked()
    assert (dialog.in_at.value(), dialog.out_at.value()) == (0.5, 1.5)
    assert dialog.way.text() == "Both ends are key frames: cut without encoding anew."
    dialog.in_at.setValue(0.7)
    await becomes(lambda: "not both ends are key frames" in dialog.way.text(), dialog.model.changed)
    dialog.reject()
    await becomes(lambda: exporting.dialog is None, *await ticking(driver))
    other = replace(clip, id=clip.id + 1)
    dialog = await opened(driver, other)
    await named(dialog)
    assert not dialog.cut.isChecked()
    dialog.reject()
