"""What a clip is made from, as commands of the form: pictures taken in, cut anew, put into their places.

While a picture is being read or cut, `is_preparing` keeps the form from sending the one before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject

from veo_studio.core.catalog import Catalog, ModelInfo
from veo_studio.core.errors import StorageError
from veo_studio.core.fitting import settle
from veo_studio.core.framing import Frame, Framing
from veo_studio.core.models import (
    Generation,
    GenerationKind,
    InputMode,
    InputRole,
    MediaInput,
    Task,
)
from veo_studio.ui.text import tr
from veo_studio.ui.view_models import form_framing
from veo_studio.ui.view_models.form_framing import FRAME_ROLES, ShapeNote, frame_for
from veo_studio.ui.view_models.form_inputs import (
    model_for,
    slots,
    tasks_of,
    with_input,
    without_input,
)
from veo_studio.ui.view_models.form_parts import FormServices, FormTab, Sheet
from veo_studio.ui.view_models.form_tabs import FormTabs

TakeIn = Callable[[Frame | None], Awaitable[MediaInput]]


class FormPictures(FormTabs):
    """Everything here is remembered as `meant`, whatever the model of now takes of it."""

    def __init__(self, catalog: Catalog, parent: QObject | None = None) -> None:
        super().__init__(catalog, parent)
        self._services: FormServices | None = None
        self._is_refitting = False
        self._reframing = asyncio.Lock()

    # bringing pictures in

    async def add_picture(
        self, path: Path, role: InputRole, instead: MediaInput | None = None
    ) -> None:
        """Raises ValueError with a sentence for what is no usable picture, StorageError."""
        if (services := self._services) is not None:
            await self._add(lambda frame: services.take_in(path, role, frame), role, instead)

    async def add_bytes(
        self, content: bytes, name: str, role: InputRole, instead: MediaInput | None = None
    ) -> None:
        """A picture that is no file, such as one of the clipboard; raises what `add_picture` does."""
        if (services := self._services) is not None:
            await self._add(
                lambda frame: services.take_in_bytes(content, name, role, frame), role, instead
            )

    async def add_generation(
        self,
        generation: Generation,
        role: InputRole,
        instead: MediaInput | None = None,
        at_s: float | None = None,
    ) -> None:
        """A picture of the library, or the frame of a clip at so many seconds (None: its last one).

        Raises what `add_picture` does.
        """
        if (services := self._services) is not None:
            await self._add(
                lambda frame: services.take_in_made(generation, role, frame, at_s), role, instead
            )

    async def _add(self, take_in: TakeIn, role: InputRole, instead: MediaInput | None) -> None:
        # in the tab that the picture goes to; cut anew there if that has another shape
        frame = form_framing.first_frame(role, self.aspect_ratio)
        with _Working(self) as sheet:
            item = await take_in(frame)
        if sheet is self.sheet:
            self._put_in(item, instead)
        else:
            sheet.late.append(lambda: self._put_in_late(item, instead))

    def _put_in_late(self, item: MediaInput, instead: MediaInput | None) -> None:
        """As `_put_in`, when nobody waits for it any more."""
        try:
            self._put_in(item, instead)
        except ValueError as error:
            self.refitted.emit(str(error))

    def _put_in(self, item: MediaInput, instead: MediaInput | None) -> None:
        """Into its place; what cannot be used together with it goes, and is said to."""
        before = self.inputs if self.tab is FormTab.PICTURES else self.meant
        said = []
        if self.meant_task is not Task.CREATE:
            # a picture does not go together with the clip; what that took the place of does
            before, self.put_aside = self.put_aside, ()
            said.append(tr("without the clip"))
        if instead is not None and instead in before:
            now = tuple(item if one == instead else one for one in before)
        else:
            now = with_input(before, item)
        if any(one.role is InputRole.REFERENCE for one in before) and item.role in FRAME_ROLES:
            said.append(tr("without the reference pictures"))
        if any(one.role in FRAME_ROLES for one in before) and item.role not in FRAME_ROLES:
            said.append(tr("without the frames"))
        self._turn_to_inputs(now, Task.CREATE, said)

    def place_for(self, count: int = 1) -> InputRole:
        """Where pictures go that nobody chose a place for: the first empty one, references for several."""
        tab, task = FormTab.PICTURES, self.meant_task
        model = self.model if self.tab is tab else self.model_for(tab, GenerationKind.VIDEO)
        inputs = self.inputs if self.tab is tab else self.meant
        if task is not Task.CREATE or model is None:
            return InputRole.FIRST_FRAME
        empty = [one.role for one in slots(model, inputs, task) if one.item is None]
        if count > 1 and InputRole.REFERENCE in empty:
            return InputRole.REFERENCE
        return next(iter(empty), InputRole.FIRST_FRAME)

    def has_room_for_reference(self) -> bool:
        """The model of now takes one more."""
        most = self.model.capabilities.max_images(InputMode.REFERENCES)
        return len(self.config().inputs_of(InputRole.REFERENCE)) < most

    async def work_on(self, generation: Generation, task: Task) -> None:
        """Edit, extend or sharpen a clip of the library; raises ValueError where no model can."""
        if self._services is None:
            return
        model = model_for(self._unlocked(), task, self.model, generation.provider, generation.model)
        if model is None:
            raise ValueError(tr("No model can do this to a clip."))
        with _Working(self) as sheet:
            item = await self._services.take_in_clip(generation)
        self.do_in(sheet, lambda: self._work_on(generation, task, model, item))

    def _work_on(
        self, generation: Generation, task: Task, model: ModelInfo, item: MediaInput
    ) -> None:
        before = self.model
        if self.meant_task is Task.CREATE:
            self.put_aside = self.meant
        self.takes = 1
        self.aspect_ratio = generation.config.aspect_ratio
        self.mean((item,), task)
        said = []
        if before is not model:
            said.append(tr("model {before} → {now}", before=before.name, now=model.name))
        if self.put_aside:
            said.append(tr("your pictures come back when the clip is removed"))
        config = replace(self.config(), inputs=(item,), task=task)
        self.duration_s = settle(model, config).duration_s
        self._turn_to(FormTab.PICTURES, GenerationKind.VIDEO, model, said)

    def tasks_of(self, generation: Generation) -> list[Task]:
        """What a connected model can make of a finished clip."""
        if generation.kind is not GenerationKind.VIDEO:
            return []
        return tasks_of(self._unlocked(), generation)

    # what is there

    def remove_input(self, item: MediaInput) -> None:
        if item.role is InputRole.SOURCE:
            # what was there before the clip was chosen
            left, self.put_aside = self.put_aside, ()
            self.mean(left, Task.CREATE)
            self._turn_to(self.tab, self.kind)
        else:
            self._use(without_input(self.inputs, item))

    def swap_frames(self) -> None:
        """The first frame becomes the last one, and the other way round."""
        others = {
            InputRole.FIRST_FRAME: InputRole.LAST_FRAME,
            InputRole.LAST_FRAME: InputRole.FIRST_FRAME,
        }
        if len(self.config().inputs_of(InputRole.LAST_FRAME)) == 1:
            self._use([replace(one, role=others.get(one.role, one.role)) for one in self.inputs])

    def _use(self, inputs: Sequence[MediaInput]) -> None:
        self.mean(tuple(inputs), Task.CREATE)
        self._turn_to(self.tab, self.kind, self.model)

    def input_path(self, item: MediaInput) -> Path | None:
        """Where the picture is; None before the core is open."""
        return None if self._services is None else self._services.input_path(item)

    def whole_path(self, item: MediaInput) -> Path | None:
        """Where the picture is that this one was cut from; None where it is not kept."""
        return None if self._services is None else self._services.whole_path(item)

    # shapes

    @property
    def is_preparing(self) -> bool:
        """A picture is being read or cut."""
        return self.sheet.at_work > 0 or bool(self.stale_frames())

    def stale_frames(self) -> list[MediaInput]:
        """Those that have to be cut anew before they can be used."""
        return form_framing.stale(self.inputs, self.aspect_ratio)

    def shape_note(self, item: MediaInput) -> ShapeNote | None:
        """What to say about a picture of another shape than the clip."""
        if self._services is None:
            return None
        whole = self._services.whole_size(item)
        return form_framing.shape_note(item, whole, self.aspect_ratio, self.able.aspect_ratios)

    async def set_framing(self, item: MediaInput, how: Framing) -> None:
        """Crop, fit or leave it; raises what `add_picture` does."""
        await self.reframe(item, frame_for(item.role, self.aspect_ratio, how, item.frame))

    async def reframe(self, item: MediaInput, frame: Frame | None) -> None:
        """Cut it anew from the whole picture; None leaves that as it is. Raises as `add_picture`."""
        if self._services is None:
            return
        with _Working(self) as sheet:
            # one after the other: the last one asked for is the one that stays
            async with self._reframing:
                shown = self.inputs if sheet is self.sheet else ()
                now = next((one for one in shown if _is_same(one, item)), item)
                if now.frame != frame:
                    cut = await self._services.reframe(now, frame)
                    self.do_in(sheet, lambda: self._exchange(now, cut))

    async def refit_frames(self) -> None:
        """Bring every frame to the clip's shape of now; one that cannot be stays whole.

        Raises ValueError, StorageError.
        """
        if self._is_refitting or self._services is None:
            return
        self._is_refitting = True
        try:
            while found := self.stale_frames():
                item, sheet = found[0], self.sheet
                assert item.frame is not None
                frame = replace(item.frame, aspect_ratio=self.aspect_ratio)
                try:
                    await self.reframe(item, frame)
                except (ValueError, StorageError):
                    # or the next look at it would try again, for ever
                    whole = replace(item, frame=None)
                    self.do_in(sheet, partial(self._exchange, item, whole))
                    raise
        finally:
            self._is_refitting = False

    def _exchange(self, old: MediaInput, new: MediaInput) -> None:
        """Nothing where it is not there any more."""
        self.inputs = tuple(new if one == old else one for one in self.inputs)
        self.meant = tuple(new if one == old else one for one in self.meant)
        self.changed.emit()


def _is_same(one: MediaInput, other: MediaInput) -> bool:
    """The same picture in the same place, whatever shape it was brought to."""
    return one.role is other.role and (one.original or one.sha256) == (
        other.original or other.sha256
    )


class _Working:
    """Keeps `is_preparing` true for the form of now, and says when that begins and ends."""

    def __init__(self, form: FormPictures) -> None:
        self._form = form
        self._sheet = form.sheet

    def __enter__(self) -> Sheet:
        self._sheet.at_work += 1
        self._form.changed.emit()
        return self._sheet

    def __exit__(self, *_: object) -> None:
        self._sheet.at_work -= 1
        self._form.changed.emit()
