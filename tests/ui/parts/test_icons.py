from __future__ import annotations

import subprocess
import sys

import pytest
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QIcon, QImage
from PyQt6.QtWidgets import QApplication

from veo_studio.ui import icons
from veo_studio.ui.theme import DARK, LIGHT, Theme


def _ink(image: QImage) -> set[str]:
    """Colours of the opaque pixels."""
    return {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }


@pytest.mark.parametrize("name", sorted(icons.NAMES))
def test_every_name_has_a_shape_within_its_square(qapp: QApplication, name: str) -> None:
    shape = icons.outline(name).boundingRect()
    assert not shape.isEmpty()
    assert shape.left() >= 0
    assert shape.top() >= 0
    assert shape.right() <= 1
    assert shape.bottom() <= 1


def test_an_icon_takes_the_colours_of_a_new_theme(theme: Theme, qapp: QApplication) -> None:
    stop = icons.icon("play", "accent")
    assert _ink(stop.pixmap(QSize(64, 64)).toImage()) == {DARK.accent}
    theme.apply(qapp, "light")
    assert _ink(stop.pixmap(QSize(64, 64)).toImage()) == {LIGHT.accent}


def test_a_checked_icon_looks_different(theme: Theme) -> None:
    lock = icons.icon("unlock", "dim", on_name="lock", on_token="accent")
    off = lock.pixmap(QSize(64, 64), QIcon.Mode.Normal, QIcon.State.Off).toImage()
    on = lock.pixmap(QSize(64, 64), QIcon.Mode.Normal, QIcon.State.On).toImage()
    assert _ink(off) == {DARK.dim}
    assert _ink(on) == {DARK.accent}


def test_unknown_names_are_a_mistake(qapp: QApplication) -> None:
    with pytest.raises(KeyError):
        icons.icon("unicorn")
    with pytest.raises(ValueError, match="no colour token"):
        icons.icon("play", "pink")


def test_the_icon_of_the_program_has_small_and_large_pictures(qapp: QApplication) -> None:
    sizes = {size.width() for size in icons.app_icon().availableSizes()}
    assert {16, 32, 256} <= sizes
    assert not icons.app_icon().pixmap(QSize(16, 16)).isNull()


def test_icons_do_not_load_the_icon_package() -> None:
    code = (
        "import sys; from PyQt6.QtWidgets import QApplication; app = QApplication([]);"
        "from veo_studio.ui import icons; icons.pixmap('play');"
        "assert 'qtawesome' not in sys.modules; assert 'PyQt6.QtMultimedia' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
