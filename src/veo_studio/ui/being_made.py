"""What the form says after Generate: that it is being made, and what to do meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.events import EventKind, GenerationEvent
from veo_studio.core.models import Generation, GenerationState
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.queue_model import QueueModel
from veo_studio.ui.views.being_made import BeingMade
from veo_studio.ui.views.form import FormView

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings

# in `Settings.window_state`
_ANOTHER = "create_another"
_KEY = "cleared"


class MakingStatus(QObject):
    """One per window: counts what was asked for in the form, until all of it came or was put away.

    It shows nothing else and goes nowhere by itself.

    Signals:
        changed(): it says something else, or nothing more.
    """

    changed = pyqtSignal()

    def __init__(
        self,
        window: QObject,
        telling: Telling,
        settings: Settings,
        *,
        form: FormView,
        model: FormModel,
        queue: QueueModel,
        show_drafts: Callable[[], object],
        on_changed: Callable[[], object],
    ) -> None:
        """`on_changed`: something that is remembered between two starts is another one."""
        super().__init__(window)
        self._telling = telling
        self._settings = settings
        self._form = form
        self._model = model
        self._queue = queue
        self._on_changed = on_changed
        # how far each one is, 0.0-1.0, as long as it is not over
        self._under_way: dict[int, float] = {}
        # as they were heard of last
        self._known: dict[int, Generation] = {}
        # those that were over before the form heard that they are stored
        self._over: set[int] = set()
        # of those that are told about together
        self._asked = 0
        view = self.view = BeingMade()
        form.foot.put_first(view)
        place = form.foot.unblock
        for one in view.order():
            form.add_to_tab_order(one, before=place)
        view.show_clearing(self.is_clearing)
        view.drafts_clicked.connect(lambda: show_drafts())
        view.another_clicked.connect(self.create_another)
        view.closed.connect(self.put_away)
        view.clearing_chosen.connect(self._on_clearing_chosen)
        model.submitted.connect(self._on_submitted)
        queue.pauses_changed.connect(self._on_pauses)

    @property
    def is_clearing(self) -> bool:
        """Whether another one begins with an empty form."""
        return self._settings.window_state.get(_ANOTHER) == "clear"

    def on_event(self, event: GenerationEvent) -> None:
        """What happens to clips."""
        one = event.generation
        is_over = event.kind is EventKind.REMOVED or not one.state.is_active
        if one.id not in self._under_way:
            if is_over and event.kind is not EventKind.PROGRESS:
                self._over.add(one.id)
            return
        self._known[one.id] = one
        if is_over:
            del self._under_way[one.id]
        elif event.progress is not None:
            self._under_way[one.id] = event.progress.percent / 100
        self._show()

    def put_away(self) -> None:
        """The user has seen it; whatever is asked for next is told again."""
        self._under_way.clear()
        self._show()

    def create_another(self) -> None:
        """Go on in the form, as it is or empty; what was in it is one click away."""
        if self.is_clearing:
            before = self._model.state()
            self._model.clear_prompt()
            after = self._model.state()
            if after != before:
                self._telling.notices_of("form").show_notice(
                    tr("The form is cleared."),
                    key=_KEY,
                    action_text=tr("Undo"),
                    on_action=lambda: self._form.undo(before, after),
                    timeout_ms=15_000,
                )
            self._form.edit_prompt()
        else:
            self._form.focus_prompt()

    def _on_clearing_chosen(self, is_clearing: bool) -> None:
        self._settings.window_state[_ANOTHER] = "clear" if is_clearing else "keep"
        self._on_changed()

    def _on_submitted(self, generations: list[Generation]) -> None:
        if not self._under_way:
            self._asked = 0
            self._known.clear()
        for one in generations:
            self._known[one.id] = one
            if one.id not in self._over:
                self._asked += 1
                self._under_way[one.id] = 0.0
        # whatever ends from here on is heard of
        self._over.clear()
        self._show()

    def _on_pauses(self) -> None:
        if self._under_way:
            self._show()

    def _show(self) -> None:
        # also while another program is in front
        focus = self._form.window().focusWidget()  # type: ignore[union-attr]
        had_focus = focus is not None and self.view.isAncestorOf(focus)
        count = len(self._under_way)
        over = max(0, self._asked - count)
        fraction = (over + sum(self._under_way.values())) / max(1, self._asked)
        self.view.show_words(self._words(count) if count else "", min(1.0, fraction))
        if had_focus and not count:
            # Qt would give it to what comes next: the button that spends money
            self._form.edit_prompt()
        self.changed.emit()

    def _words(self, count: int) -> str:
        shown = [self._known[one] for one in self._under_way]
        kinds = {one.is_picture for one in shown}
        if all(self._is_held_back(one) for one in shown):
            return _waiting_words(kinds, count)
        if kinds == {True}:
            return tr_n("Your picture is being made.", "{n} pictures are being made.", count)
        if kinds == {False}:
            return tr_n("Your clip is being made.", "{n} clips are being made.", count)
        return tr("{n} clips and pictures are being made.", n=count)

    def _is_held_back(self, one: Generation) -> bool:
        return one.state is GenerationState.PENDING and self._queue.is_held_back(one)


def _waiting_words(kinds: set[bool], count: int) -> str:
    if kinds == {True}:
        return tr_n(
            "Your picture waits: the queue is paused.",
            "{n} pictures wait: the queue is paused.",
            count,
        )
    if kinds == {False}:
        return tr_n(
            "Your clip waits: the queue is paused.", "{n} clips wait: the queue is paused.", count
        )
    return tr("{n} clips and pictures wait: the queue is paused.", n=count)
