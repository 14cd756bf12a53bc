from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from veo_studio.ui.theme import Theme
from veo_studio.ui.views.aspect_picker import AspectPicker
from veo_studio.ui.views.duration_field import DurationField
from veo_studio.ui.views.seed_field import MAX_SEED, SeedField

pytestmark = pytest.mark.usefixtures("theme")


@pytest.fixture
def picker(qtbot: QtBot, theme: Theme) -> AspectPicker:
    made = AspectPicker()
    qtbot.addWidget(made)
    made.set_options(["16:9", "9:16", "1:1"])
    made.resize(300, 30)
    made.show()
    return made


def test_a_click_chooses_a_shape(qtbot: QtBot, picker: AspectPicker) -> None:
    seen: list[str] = []
    picker.value_changed.connect(seen.append)
    assert picker.value == "16:9"
    qtbot.mouseClick(picker._buttons[2], Qt.MouseButton.LeftButton)
    assert (picker.value, seen) == ("1:1", ["1:1"])


def test_arrow_keys_move_between_shapes(qtbot: QtBot, picker: AspectPicker) -> None:
    picker.setFocus()
    qtbot.keyClick(picker._buttons[0], Qt.Key.Key_Right)
    assert picker.value == "9:16"
    qtbot.keyClick(picker._buttons[1], Qt.Key.Key_Left)
    assert picker.value == "16:9"


def test_new_options_keep_the_choice_when_they_can(picker: AspectPicker) -> None:
    picker.set_value("9:16")
    seen: list[str] = []
    picker.value_changed.connect(seen.append)
    picker.set_options(["16:9", "9:16"])
    assert (picker.value, seen) == ("9:16", [])
    picker.set_options(["4:3", "16:9"])
    assert (picker.value, seen) == ("4:3", ["4:3"])
    picker.set_value("2:1")
    assert picker.value == "4:3"


def test_shapes_are_named_for_those_who_cannot_see_them(picker: AspectPicker) -> None:
    assert [button.accessibleName() for button in picker._buttons] == [
        "Aspect ratio 16:9, wide",
        "Aspect ratio 9:16, tall",
        "Aspect ratio 1:1, square",
    ]


def test_shapes_go_together_where_there_is_no_room(picker: AspectPicker) -> None:
    assert all(button.is_shape_shown for button in picker._buttons)
    picker.resize(120, 30)
    assert not any(button.is_shape_shown for button in picker._buttons)


@pytest.fixture
def duration(qtbot: QtBot, theme: Theme) -> DurationField:
    made = DurationField()
    qtbot.addWidget(made)
    made.set_stops((4, 6, 8))
    made.resize(300, 30)
    made.show()
    return made


def test_the_slider_knows_only_the_stops(qtbot: QtBot, duration: DurationField) -> None:
    seen: list[int] = []
    duration.value_changed.connect(seen.append)
    duration.set_value(4)
    qtbot.keyClick(duration.slider, Qt.Key.Key_Right)
    assert (duration.value_s, duration.box.text(), seen) == (6, "6 s", [4, 6])


def test_a_typed_length_goes_to_the_nearest_stop(qtbot: QtBot, duration: DurationField) -> None:
    duration.box.setFocus()
    duration.box.selectAll()
    qtbot.keyClicks(duration.box, "5")
    qtbot.keyClick(duration.box, Qt.Key.Key_Return)
    assert duration.value_s == 4
    assert duration.box.text() == "4 s"
    qtbot.keyClick(duration.box, Qt.Key.Key_Up)
    assert duration.value_s == 6


def test_a_click_on_the_slider_goes_there(qtbot: QtBot, duration: DurationField) -> None:
    slider = duration.slider
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=slider.rect().center())
    assert duration.value_s == 6


def test_another_model_keeps_the_nearest_length(duration: DurationField) -> None:
    duration.set_value(6)
    seen: list[int] = []
    duration.value_changed.connect(seen.append)
    duration.set_stops((5, 10))
    assert (duration.value_s, seen) == (5, [5])
    with pytest.raises(ValueError, match="at least one"):
        duration.set_stops(())


def test_a_single_length_says_why_it_cannot_be_changed(duration: DurationField) -> None:
    duration.set_stops((8,))
    assert not duration.slider.isEnabled()
    assert duration.toolTip() == "This model makes clips of 8 s only."


@pytest.fixture
def seed(qtbot: QtBot, theme: Theme) -> SeedField:
    made = SeedField()
    qtbot.addWidget(made)
    made.show()
    return made


def test_an_empty_seed_is_random(seed: SeedField) -> None:
    assert seed.seed() is None
    seed.set_seed(0)
    assert seed.seed() == 0
    seed.set_seed(None)
    assert seed.seed() is None
    with pytest.raises(ValueError):
        seed.set_seed(MAX_SEED + 1)


def test_only_seeds_can_be_typed(qtbot: QtBot, seed: SeedField) -> None:
    qtbot.keyClicks(seed.edit, "-4x2147483648")
    assert seed.seed() == 421474836  # what went on being a seed
    seed.edit.clear()
    seed.edit.insert("\u0664")  # a digit, but not one of ours
    assert seed.seed() is None


def test_the_dice_draws_a_seed(qtbot: QtBot, seed: SeedField) -> None:
    with qtbot.waitSignal(seed.changed):
        qtbot.mouseClick(seed.dice, Qt.MouseButton.LeftButton)
    first = seed.seed()
    seed.roll()
    assert first is not None
    assert seed.seed() != first


def test_locking_nothing_draws_a_seed_to_keep(qtbot: QtBot, seed: SeedField) -> None:
    assert not seed.is_locked()
    qtbot.mouseClick(seed.lock, Qt.MouseButton.LeftButton)
    assert seed.is_locked()
    assert seed.seed() is not None
