"""What is exported, as what, under which names and where to; the dialog shows and changes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.errors import StudioError
from veo_studio.core.exporting.exporter import ExportJob
from veo_studio.core.exporting.jobs import jobs_for
from veo_studio.core.exporting.kept import ExportChoices
from veo_studio.core.exporting.names import check_template, preview
from veo_studio.core.exporting.presets import ExportPreset, Form
from veo_studio.core.exporting.sources import SourceFacts
from veo_studio.core.exporting.tasks import Way, check_cut, way_of
from veo_studio.core.models import Generation
from veo_studio.ui.text import seconds_words, size_words, tr, tr_n

_SHOWN_NAMES = 3


class Looks(Protocol):
    """What is asked of the core's exporter before anything is made."""

    async def look(self, source: Path) -> SourceFacts: ...
    async def locked(self, form: Form) -> str: ...


class ExportModel(QObject):
    """One per dialog.

    Signals:
        changed(): anything that is shown may be another thing.
    """

    changed = pyqtSignal()

    def __init__(
        self,
        generations: Sequence[Generation],
        choices: ExportChoices,
        looks: Looks,
        spawn: Callable[..., object],
        *,
        folder: Path,
        in_s: float | None = None,
        out_s: float | None = None,
        parent: QObject | None = None,
    ) -> None:
        """`folder` is where files go while nothing else was chosen."""
        super().__init__(parent)
        self.generations = [one for one in generations if one.has_file]
        self.left_out = len(generations) - len(self.generations)
        self.choices = choices
        self.preset = choices.preset
        self.template = choices.template
        self.folder = choices.folder or folder
        self.in_s, self.out_s = in_s, out_s
        self.is_cut = in_s is not None or out_s is not None
        self.facts: SourceFacts | None = None
        # why a form cannot be made here, where that is so
        self.locked: dict[Form, str] = {}
        self.names: list[str] = []
        self.problem = ""
        self._looks = looks
        self._spawn = spawn
        self._turn = 0
        self._is_closed = False

    def close(self) -> None:
        """The dialog is gone: answers that still come are for nobody."""
        self._is_closed = True

    @property
    def single(self) -> Generation | None:
        """The clip, where it is one: only then can it be cut."""
        one = self.generations[0] if len(self.generations) == 1 else None
        return None if one is None or one.is_picture else one

    @property
    def length_s(self) -> float:
        if self.facts is not None and self.facts.duration_s:
            return self.facts.duration_s
        one = self.single
        return 0.0 if one is None else float(one.length_s or one.config.duration_s or 0)

    @property
    def has_clips(self) -> bool:
        return any(not one.is_picture for one in self.generations)

    @property
    def cut(self) -> tuple[float | None, float | None]:
        return (self.in_s, self.out_s) if self.is_cut and self.single is not None else (None, None)

    def load(self) -> None:
        """Ask what a form and a clip are like; what was not answered yet is offered."""
        self._spawn(self._load(), name="export: look")
        self.refresh()

    async def _load(self) -> None:
        if (one := self.single) is not None and one.video_path is not None:
            try:
                self.facts = await self._looks.look(one.video_path)
            except StudioError as error:
                self.problem = error.message
            self._tell()
        for form in Form:
            if self._is_closed:
                return
            if reason := await self._looks.locked(form):
                self.locked[form] = reason
                self._tell()

    def _tell(self) -> None:
        if not self._is_closed:
            self.changed.emit()

    # choosing

    def choose(self, preset: ExportPreset) -> None:
        """Another preset, or the same with something else in it."""
        self.preset = preset
        self.refresh()

    def change(self, **values: Any) -> None:
        self.choose(replace(self.preset, **values))

    def set_template(self, template: str) -> None:
        self.template = template
        self.refresh()

    def set_folder(self, folder: Path) -> None:
        self.folder = folder
        self.refresh()

    def set_cut(self, is_cut: bool, in_s: float | None, out_s: float | None) -> None:
        self.is_cut, self.in_s, self.out_s = is_cut, in_s, out_s
        self.refresh()

    def save_own(self, name: str) -> None:
        """Keep what is chosen under a name. Raises ValueError with a sentence."""
        self.choices = self.choices.with_own(replace(self.preset, name=name))
        self.preset = self.choices.own[-1]
        self.changed.emit()

    def remove_own(self) -> None:
        self.choices = self.choices.without_own(self.preset.name)
        self.refresh()

    @property
    def is_own(self) -> bool:
        return any(one.name == self.preset.name for one in self.choices.own)

    def kept(self) -> ExportChoices:
        """What the next dialog begins with."""
        return replace(self.choices, preset=self.preset, template=self.template, folder=self.folder)

    # telling

    def refresh(self) -> None:
        """Look at the names anew, in a thread: whether one is taken stands on the disk."""
        self._turn += 1
        self.changed.emit()
        self._spawn(self._name(self._turn), name="export: names")

    async def _name(self, turn: int) -> None:
        names, problem = await asyncio.to_thread(self._preview)
        # another change may have come meanwhile
        if turn == self._turn:
            self.names, self.problem = names, problem
            self._tell()

    def _preview(self) -> tuple[list[str], str]:
        if not self.generations:
            return [], tr("None of these has a file.")
        try:
            self.preset.check()
            if self.is_cut and self.single is not None:
                check_cut(self.in_s, self.out_s)
            check_template(self.template)
        except ValueError as error:
            return [], str(error)
        # any other ValueError is no sentence for the user
        try:
            names = preview(
                self.template,
                self.generations,
                [self._suffix(one) for one in self.generations[:_SHOWN_NAMES]],
                self.folder if self.folder.is_dir() else None,
                _SHOWN_NAMES,
            )
        except StudioError as error:
            return [], error.message
        if not self.folder.is_dir():
            return names, tr("The folder is not there. Choose another one.")
        return names, self.locked.get(self.preset.form, "")

    def _suffix(self, one: Generation) -> str:
        assert one.video_path is not None
        return ExportJob(one.video_path, self.folder, "", self.preset).suffix

    def way_words(self) -> str:
        """What becomes of the picture: kept, or encoded anew."""
        facts = self.facts
        if self.preset.form is Form.STILL or not self.has_clips:
            return ""
        if self.preset.form is not Form.COPY:
            return tr("Encoded anew; content credentials of the original do not come along.")
        if facts is None:
            return ""
        way = way_of(self.preset, facts, *self.cut)
        if way is Way.COPIED:
            return tr("Byte for byte, with its content credentials.")
        if way is Way.KEPT and self.is_cut:
            return tr("Both ends are key frames: cut without encoding anew.")
        if way is Way.KEPT:
            return tr("Picture and sound stay as they are; nothing is encoded anew.")
        if self.preset.is_fast:
            return tr("The cut is exact: not both ends are key frames, so it is encoded anew.")
        return tr("The cut is exact: it is encoded anew.")

    def source_words(self) -> str:
        """What is exported, in one line."""
        pictures = sum(one.is_picture for one in self.generations)
        clips = len(self.generations) - pictures
        size = size_words(sum(one.size_bytes or 0 for one in self.generations))
        if len(self.generations) == 1:
            one = self.generations[0]
            name = "" if one.video_path is None else one.video_path.name
            if one.is_picture or not self.length_s:
                return tr("{name}, {size}", name=name, size=size)
            length = seconds_words(self.length_s)
            return tr("{name}, {length}, {size}", name=name, length=length, size=size)
        parts = []
        if clips:
            parts.append(tr_n("{n} clip", "{n} clips", clips))
        if pictures:
            parts.append(tr_n("{n} picture", "{n} pictures", pictures))
        if pictures and clips and self.preset.form not in (Form.COPY, Form.STILL):
            parts.append(tr("pictures are copied as they are"))
        return ", ".join([*parts, size])

    def left_out_words(self) -> str:
        """How many of what was selected cannot be exported; "" where all can."""
        count = f"{self.left_out:,}".replace(",", "\u202f")
        if not self.left_out:
            return ""
        return tr_n(
            "{count} of the selected has no file and is left out.",
            "{count} of the selected have no file and are left out.",
            self.left_out,
            count=count,
        )

    async def jobs(self) -> list[ExportJob]:
        """Raises ValueError with a sentence."""
        in_s, out_s = self.cut
        return await asyncio.to_thread(
            lambda: jobs_for(
                self.generations,
                self.preset,
                self.template,
                self.folder,
                in_s=in_s,
                out_s=out_s,
            )
        )
