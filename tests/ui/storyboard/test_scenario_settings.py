"""What holds for all scenes: the fields, what they ask for, and the words below them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from veo_studio.core.catalog import Catalog
from veo_studio.core.models import GenerationKind
from veo_studio.core.storyboard.models import ModelRef, Scenario
from veo_studio.core.storyboard.sizes import RESOLUTIONS
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.form_parts import ModelChoice
from veo_studio.ui.views.scenario_settings import ScenarioSettings, SettingWords

CATALOG = Catalog.load()
SCENARIO = Scenario("u", "The lighthouse")


def choices(kind: GenerationKind) -> list[ModelChoice]:
    return [
        ModelChoice(model, CATALOG.providers[model.provider].name,
                    None if model.provider == "rehearsal" else "Connect it in Settings.")
        for model in CATALOG.of_kind(kind)
    ]  # fmt: skip


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme) -> ScenarioSettings:
    made = ScenarioSettings()
    pictures, clips = choices(GenerationKind.IMAGE), choices(GenerationKind.VIDEO)
    made.offer(RESOLUTIONS, pictures, pictures[0].model, clips, clips[0].model)
    made.show_scenario(SCENARIO)
    qtbot.addWidget(made)
    made.resize(320, 640)
    with qtbot.waitExposed(made):
        made.show()
    return made


def entries(panel: ScenarioSettings) -> list[str]:
    return [panel.resolution.itemText(at) for at in range(panel.resolution.count())]


def test_all_resolutions_are_offered_and_none_is_called_by_what_it_becomes(
    panel: ScenarioSettings,
) -> None:
    assert len(entries(panel)) == 9
    assert entries(panel)[:3] == [
        "Not chosen (720 × 1280)",
        "1280 × 720, wide",
        "720 × 1280, upright",
    ]
    assert panel.resolution.currentText() == "Not chosen (720 × 1280)"


def test_a_choice_asks_for_one_field(panel: ScenarioSettings, qtbot: QtBot) -> None:
    panel.resolution.setFocus()
    with qtbot.waitSignal(panel.changed) as asked:
        QTest.keyClick(panel.resolution, Qt.Key.Key_Down)
        panel.resolution.activated.emit(panel.resolution.currentIndex())
    assert asked.args[1] == {"resolution": "1280:720"}


def test_a_resolution_of_another_program_is_kept(panel: ScenarioSettings) -> None:
    panel.show_scenario(replace(SCENARIO, resolution="640:640"))
    assert panel.resolution.currentText() == "640 × 640, square"
    panel.show_scenario(SCENARIO)
    assert "640 × 640, square" not in entries(panel)


def test_what_is_shown_is_no_change(panel: ScenarioSettings, qtbot: QtBot) -> None:
    other = Scenario(
        "u", "t", resolution="960:960", style="soft light", seed=7, has_sound=False,
        stops_for_approval=False, clip_model=ModelRef("rehearsal", "rehearsal-1"),
    )  # fmt: skip
    with qtbot.assertNotEmitted(panel.changed):
        panel.show_scenario(other)
        panel.show_scenario(None)
        panel.show_scenario(SCENARIO)
    assert panel.style_line.toPlainText() == ""
    assert panel.seed.seed() is None


def test_typing_the_style_line_is_one_step(panel: ScenarioSettings, qtbot: QtBot) -> None:
    panel.style_line.setFocus()
    with qtbot.waitSignal(panel.changed) as asked:
        QTest.keyClicks(panel.style_line, "s")
    assert asked.args == ["Write the style line", {"style": "s"}, "style"]


def test_seed_sound_and_approval(panel: ScenarioSettings, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.changed) as asked:
        panel.seed.edit.setText("42")
    assert asked.args[1] == {"seed": 42}
    with qtbot.waitSignal(panel.changed) as asked:
        panel.has_sound.click()
    assert asked.args[1] == {"has_sound": False}
    with qtbot.waitSignal(panel.changed) as asked:
        panel.stops.click()
    assert asked.args[1] == {"stops_for_approval": False}


def test_a_locked_model_says_how_to_unlock_it(panel: ScenarioSettings) -> None:
    field = panel.clip_model
    names = [field.itemText(at) for at in range(field.count())]
    assert names[0].startswith("Usual: ")
    model = CATALOG.find("gen4_turbo", "runway")
    at = names.index(model.name)
    flags = field.model().index(at, 0).flags()
    assert not flags & Qt.ItemFlag.ItemIsSelectable
    assert "Connect it" in str(field.itemData(at, Qt.ItemDataRole.ToolTipRole))


def test_words_stand_below_their_field(panel: ScenarioSettings) -> None:
    panel.show_words(SettingWords("No resolution is chosen.", "Made in 1 × 1.", ""))
    assert panel.resolution_words.isVisible()
    assert panel.picture_words.text() == "Made in 1 × 1."
    assert not panel.clip_words.isVisible()
