"""What the queue pane asks for: told before it costs, done by `QueueCommands`, and told afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PyQt6.QtCore import QObject, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QDialog, QWidget

from veo_studio.core.capabilities import ProviderInfo
from veo_studio.core.models import Choice, Generation, GenerationState
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.dialogs import Question
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import thing_words, tr, tr_n
from veo_studio.ui.view_models.form_editing import FormEditing
from veo_studio.ui.view_models.form_parts import FormState
from veo_studio.ui.view_models.queue_commands import QueueCommands, Stop
from veo_studio.ui.view_models.queue_model import QueueModel
from veo_studio.ui.view_models.queue_words import number_words, price_words
from veo_studio.ui.views.form import FormView
from veo_studio.ui.views.history import HistoryView
from veo_studio.ui.views.queue import QueueView
from veo_studio.ui.views.text_to_video import FORM, TextToVideoView

OpenPage = Callable[[QUrl], bool]


class QueueControls(QObject):
    """Bound to the signals of queue, history and form; `open` gives it the core."""

    def __init__(
        self,
        window: QWidget,
        telling: Telling,
        panes: TextToVideoView,
        *,
        form: FormView,
        queue: QueueView,
        history: HistoryView,
        model: QueueModel,
        editing: FormEditing,
        open_page: OpenPage = QDesktopServices.openUrl,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._panes = panes
        self._form = form
        self._model = model
        self._editing = editing
        self._open_page = open_page
        self._commands: QueueCommands | None = None
        self._providers: Mapping[str, ProviderInfo] = {}
        queue.cancel_requested.connect(self.cancel)
        history.cancel_requested.connect(self.cancel)
        queue.choice_requested.connect(self.choose)
        history.choice_requested.connect(self.choose)
        history.requests.choices_of = model.attention.choices
        history.requests.provider_name_of = model.provider_name
        queue.finished.play_requested.connect(history.play_requested)
        queue.finished.shelf_requested.connect(history.shelf_requested)
        queue.finished.list.pixmap_of = history.model.pixmap_of
        queue.edit_requested.connect(self.edit)
        queue.clear_requested.connect(lambda: telling.run(self._clear(), "queue"))
        queue.move_requested.connect(lambda one, before: self._do(lambda q: q.move(one, before)))
        queue.run_next_requested.connect(lambda one: self._do(lambda q: q.run_next(one)))
        queue.pause_requested.connect(lambda name: self._do(lambda q: q.pause(name)))
        queue.resume_requested.connect(lambda name: self._do(lambda q: q.resume(name)))
        queue.key_retried.connect(lambda name: self._do(lambda q: q.try_key_again(name)))
        form.save_requested.connect(self.save_edit)
        form.keep_requested.connect(editing.keep)
        editing.changed.connect(lambda: form.show_editing(editing.generation))
        editing.lost.connect(self._on_edit_lost)
        editing.saved.connect(self._on_edit_saved)

    def open(self, commands: QueueCommands, providers: Mapping[str, ProviderInfo]) -> None:
        """The core is there."""
        self._commands = commands
        self._providers = providers
        self._editing.open(commands.edit)

    def _need(self) -> QueueCommands:
        if self._commands is None:
            raise ValueError(tr("Your library is still being opened."))
        return self._commands

    def _do(self, work: Callable[[QueueCommands], object]) -> None:
        async def done() -> None:
            await work(self._need())  # type: ignore[misc]

        self._telling.run(done(), "queue")

    async def _asked(self, dialog: QDialog) -> bool:
        return await run_dialog(dialog) == QDialog.DialogCode.Accepted

    # stopping

    def cancel(self, generation: Generation) -> None:
        self._telling.run(self._cancel(generation), "queue")

    async def _cancel(self, generation: Generation) -> None:
        commands = self._need()
        meaning = commands.what_a_stop_means(generation)
        if meaning is Stop.PAID and not await self._asked(self._stop_question(generation)):
            return
        ended = await commands.cancel(generation)
        notices = self._telling.notices_of("queue")
        if ended.state is GenerationState.CANCELLED and meaning is Stop.REFUND:
            notices.show_notice(
                tr("Cancelled. {price} came back.", price=_tokens(ended.tokens)),
                key="cancelled",
                repeated_text=tr("Cancelled. {price} came back.", price=_tokens(ended.tokens)),
                timeout_ms=4000,
            )
        elif ended.state.is_active:
            notices.show_notice(
                tr("The provider had finished it already. It is paid for, so it arrives."),
                key=f"late:{ended.id}",
            )

    def _stop_question(self, generation: Generation) -> Question:
        price = price_words([generation])
        info = self._providers.get(generation.provider)
        words = tr(
            "It was sent to {provider} and stays charged here ({price}), also when it is stopped. "
            "Let it finish, and the {thing} is yours.",
            provider=self._model.provider_name(generation.provider),
            price=price,
            thing=thing_words(generation),
        )
        return Question(
            tr("It is already paid for"),
            # what a stop does there is known of each service, and differs
            " ".join(filter(None, (words, info.cancel_help if info is not None else ""))),
            tr("&Stop and discard"),
            tr("&Let it finish"),
            self._window,
        )

    async def _clear(self) -> None:
        commands = self._need()
        waiting = self._model.waiting
        if not waiting:
            return
        count = number_words(len(waiting))
        tokens = sum(generation.tokens for generation in waiting)
        comes_back = (
            tr("{tokens} come back to the wallet.", tokens=_tokens(tokens))
            if tokens
            else tr("They have cost nothing.")
        )
        question = Question(
            tr_n("Cancel {n} waiting generation?", "Cancel {count} waiting generations?",
                 len(waiting), count=count),
            tr("{comes_back} What runs now goes on.", comes_back=comes_back),
            tr("&Cancel what waits"),
            tr("&Keep it"),
            self._window,
        )  # fmt: skip
        if not await self._asked(question):
            return
        done = await commands.clear_waiting(waiting)
        back = sum(generation.tokens for generation in done)
        words = tr_n("{n} generation cancelled.", "{count} generations cancelled.",
                     len(done), count=number_words(len(done)))  # fmt: skip
        if back:
            words += " " + tr("{tokens} came back.", tokens=_tokens(back))
        self._telling.notices_of("queue").show_notice(words, key="cleared")

    # what needs attention

    def choose(self, generation: Generation, choice: Choice) -> None:
        if choice is Choice.OPEN_PROVIDER:
            self._open_provider(generation)
        else:
            self._telling.run(self._choose(generation, choice), "queue")

    def _open_provider(self, generation: Generation) -> None:
        info = self._providers.get(generation.provider)
        page = "" if info is None else info.usage_page
        if not page or not self._open_page(QUrl(page)):
            self._telling.notices_of("queue").show_notice(
                tr("The system cannot open {page}.", page=page), level="warn"
            )

    async def _choose(self, generation: Generation, choice: Choice) -> None:
        commands = self._need()
        question = self._question_about(generation, choice)
        if question is not None and not await self._asked(question):
            return
        await commands.choose(generation, choice)
        if choice is Choice.MARK_FAILED and generation.tokens:
            self._telling.notices_of("queue").show_notice(
                tr("Marked as failed. {tokens} came back.", tokens=_tokens(generation.tokens)),
                key=f"failed:{generation.id}",
            )

    def _question_about(self, generation: Generation, choice: Choice) -> Question | None:
        provider = self._model.provider_name(generation.provider)
        if choice is Choice.SEND_AGAIN:
            cost = (
                tr("Sending it again costs about ${cost} more.", cost=f"{generation.price_usd:.2f}")
                if generation.price_usd
                else tr("What it costs is not known.")
            )
            return Question(
                tr("Send it again?"),
                tr(
                    "{provider} may have taken it the first time: then it is billed twice. {cost} "
                    "No more tokens are taken.",
                    provider=provider,
                    cost=cost,
                ),
                tr("&Send again"),
                tr("&Do not send"),
                self._window,
            )
        if choice is Choice.MARK_FAILED and generation.state is GenerationState.HELD:
            return Question(
                tr("Give up a finished {thing}?", thing=thing_words(generation)),
                tr(
                    "The {thing} is made and waits at {provider}. As failed it is never fetched; "
                    "{provider} may bill it all the same.",
                    provider=provider,
                    thing=thing_words(generation),
                ),
                tr("&Mark as failed"),
                tr("&Keep trying"),
                self._window,
            )
        if choice is Choice.MARK_FAILED:
            return Question(
                tr("Mark it as failed?"),
                tr(
                    "{tokens} come back. {provider} may have made it and may still bill it: the money "
                    "stays counted in your budget. This cannot be undone.",
                    tokens=_tokens(generation.tokens),
                    provider=provider,
                ),
                tr("&Mark as failed"),
                tr("&Leave it"),
                self._window,
            )
        return None

    # editing

    def edit(self, generation: Generation) -> None:
        self._panes.set_wanted(FORM, True)
        self._editing.start(generation)

    def save_edit(self) -> None:
        self._telling.run(self._editing.save(), "form")

    def _on_edit_saved(self, generation: Generation) -> None:
        self._telling.notices_of("form").show_notice(
            tr("Saved. It keeps its place in the line."), level="ok", key="edited"
        )

    def _on_edit_lost(self, generation: Generation, before: FormState | None) -> None:
        words = (
            tr("It is gone, so it cannot be changed any more.")
            if generation.state.is_terminal
            else tr("It was sent a moment ago, so it cannot be changed any more.")
        )
        self._telling.notices_of("form").show_notice(
            words,
            level="warn",
            key="edit lost",
            action_text=tr("Bring my prompt back") if before is not None else None,
            on_action=(lambda: self._form.put(before)) if before is not None else None,
        )


def _tokens(number: int) -> str:
    return tr_n("{n} token", "{shown} tokens", number, shown=number_words(number))
