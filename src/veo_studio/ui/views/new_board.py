"""Asks what a new storyboard is called and which shape its film has."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PyQt6.QtWidgets import QWidget

from veo_studio.core.storyboard.sizes import RESOLUTIONS
from veo_studio.ui.board_keeping import FIRST_RESOLUTION
from veo_studio.ui.text import plain_tool_tip, tr
from veo_studio.ui.views.labels import field_label
from veo_studio.ui.views.name_dialog import NameDialog
from veo_studio.ui.views.scenario_settings import resolution_words
from veo_studio.ui.views.segments import Option, Segments

# of the fields: a small window and large letters stack the shapes
_MOST_PX = 600
_SHAPES = {
    "1280:720": "16:9",
    "720:1280": "9:16",
    "960:960": "1:1",
    "1104:832": "4:3",
    "832:1104": "3:4",
    "1584:672": "21:9",
    "1280:768": "5:3",
    "768:1280": "3:5",
}


class NewBoardDialog(NameDialog):
    """`create(name, resolution)` makes the storyboard; see `NameDialog` for `run`."""

    def __init__(
        self,
        create: Callable[[str, str], Coroutine[Any, Any, object]],
        run: Callable[[Coroutine[Any, Any, None]], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            tr("New storyboard"), tr("My film"), tr("&Begin"),
            lambda name: create(name, self.resolution), run, parent,
        )  # fmt: skip
        self.resolution = FIRST_RESOLUTION
        self.shape = Segments()
        self.shape.setAccessibleName(tr("Shape of the film"))
        known = sorted(RESOLUTIONS, key=list(_SHAPES).index)
        self.shape.show_options(
            [Option(one, _SHAPES[one], tip=plain_tool_tip(resolution_words(one))) for one in known],
            FIRST_RESOLUTION,
        )
        # side by side where the letters allow it
        widest_px = max(one.needed_px() for one in self.shape.buttons) * len(known)
        self.field.setMinimumWidth(max(self.field.minimumWidth(), min(_MOST_PX, widest_px + 8)))
        self.shape.chosen.connect(self._on_shape)
        self.form.addRow(field_label(tr("&Shape"), self.shape.buttons[0]), self.shape)

    def _on_shape(self, resolution: str) -> None:
        self.resolution = resolution
