"""A waiting generation in the form: changed and put back into the line, or left as it was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.errors import NoLongerWaiting
from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Generation, GenerationRequest, GenerationState
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.form_parts import FormState

Edit = Callable[[int, GenerationRequest], Awaitable[Generation]]


class FormEditing(QObject):
    """One per form.

    Signals:
        changed(): another generation is edited, or none any more.
        lost(generation, state): it was sent or ended before it was saved. Its recipe stays in the
            form; `state` is what was there before, for `FormModel.put`.
        saved(generation): the new row that took its place.
    """

    changed = pyqtSignal()
    lost = pyqtSignal(object, object)
    saved = pyqtSignal(object)

    def __init__(self, form: FormModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._form = form
        self._edit: Edit | None = None
        self._before: FormState | None = None
        self._is_saving = False
        self.generation: Generation | None = None

    def open(self, edit: Edit) -> None:
        self._edit = edit

    @property
    def is_on(self) -> bool:
        return self.generation is not None

    def start(self, generation: Generation) -> None:
        """Bring its recipe into the form; what was being written there comes back afterwards."""
        if self.generation is None:
            self._before = self._form.state()
        self.generation = generation
        self._form.begin_edit(generation)
        self.changed.emit()

    async def save(self) -> Generation | None:
        """Put the changed one in the old one's place. Raises what the queue raises.

        None where the prompt was refused, or where it was sent meanwhile.
        """
        old = self.generation
        if old is None or self._edit is None or self._is_saving:
            return None
        if not self._form.can_submit or not self._form.is_prompt_good():
            return None
        (new,) = self._form.requests()
        request = replace(
            new,
            take_group=old.take_group,
            take_number=old.take_number,
            output_dir=old.output_dir,
        )
        self._is_saving = True
        try:
            stored = await self._edit(old.id, request)
        except NoLongerWaiting:
            self._lose(old)
            return None
        finally:
            self._is_saving = False
        self.keep()
        self.saved.emit(stored)
        return stored

    def keep(self) -> None:
        """Leave it as it was, and the form as it was before."""
        if self.generation is None:
            return
        before = self._before
        self._end()
        if before is not None:
            self._form.put(before)
        self.changed.emit()

    def on_event(self, event: GenerationEvent) -> None:
        """Take one event of the stream."""
        old = self.generation
        if old is None or self._is_saving or event.generation.id != old.id:
            return
        is_waiting = event.generation.state is GenerationState.PENDING
        if event.kind is EventKind.REMOVED or not is_waiting:
            self._lose(event.generation)

    def _lose(self, generation: Generation) -> None:
        before = self._before
        self._end()
        self.changed.emit()
        self.lost.emit(generation, before)

    def _end(self) -> None:
        self.generation = self._before = None
        self._form.end_edit()
