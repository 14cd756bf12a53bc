"""Better words from the window: the panel over the form, the way out of a refusal, and the photo that becomes a clip.

Nothing is sent to a service without a click that says so. What is proposed goes into the form, where undo
takes it back; only `Animating` generates, and that button says what it costs.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QDialog, QPushButton, QWidget

from veo_studio.core.models import Generation, InputRole, MediaInput
from veo_studio.ui import error_text, shortcuts
from veo_studio.ui.animating import Animating
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.icons import icon
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.views.form import FormView

if TYPE_CHECKING:
    from veo_studio.core.enhance import Enhancers
    from veo_studio.ui.view_models.enhance_model import ReadPicture, Wish
    from veo_studio.ui.views.enhance import EnhanceDialog

_KEY = "enhance"


class Enhancing(QObject):
    """One per window; `show_form` brings the form into sight, `show_settings` those of the enhancer.

    Signals:
        opened(), closed(): the panel; when it is closed, what was used is in the form.
    """

    opened = pyqtSignal()
    closed = pyqtSignal()

    def __init__(
        self,
        window: QWidget,
        telling: Telling,
        show_form: Callable[[], None],
        show_settings: Callable[[], None],
        *,
        form: FormView,
        model: FormModel,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._show_form = show_form
        self._show_settings = show_settings
        self._form = form
        self._model = model
        self._enhancers: Enhancers | None = None
        self.dialog: EnhanceDialog | None = None
        self.link = QPushButton(tr("Enhance"))
        self.link.setObjectName("enhancePrompt")
        self.link.setIcon(icon("sparkle", "accent", 16))
        self.link.setProperty("link", True)
        shortcuts.bind_tip(
            self.link,
            "window.enhance",
            lambda key: tr("Propose better words; yours stay until you use them ({key})", key=key),
        )
        form.prompt_tools.addWidget(self.link)
        form.add_to_tab_order(self.link, after=form.prompt)
        self.link.clicked.connect(self.enhance)
        self.photos = Animating(self, telling, form=form, model=model)
        telling.offer({}, {error_text.EDIT_PROMPT: lambda chosen: self.help_refused(chosen[-1])})

    def open(self, enhancers: Enhancers) -> None:
        """The core is there."""
        self._enhancers = enhancers
        self.photos.open(enhancers)

    # the panel

    def enhance(self) -> None:
        """Ask for better words for the prompt in the form."""
        self._show_form()
        if self.dialog is not None:
            return
        if self._enhancers is None:
            self._say(tr("Your library is still being opened."))
            return
        wish = self.wish()
        if not wish.ask.prompt.strip() and wish.picture is None:
            self._form.edit_prompt()
            self._say(tr("Write a few words first: Enhance makes more of them."))
            return
        self._telling.notices_of("form").dismiss(_KEY)
        self._telling.run(self._enhance(self._enhancers, wish), "form")

    async def _enhance(self, enhancers: Enhancers, wish: Wish) -> None:
        from veo_studio.ui.view_models.enhance_model import EnhanceModel
        from veo_studio.ui.views.enhance import EnhanceDialog

        if self.dialog is None:
            model = EnhanceModel(enhancers, wish, self._telling.scope.spawn)
            model.ask()
            await self._decide(EnhanceDialog(model, self._window), self.put)

    def help_refused(self, generation: Generation) -> None:
        """Words that were refused: why, what it cost, and the smallest change that helps."""
        if self._enhancers is None or self.dialog is not None or self._form.is_taken():
            return
        self._telling.run(self._help_refused(self._enhancers, generation), "form")

    async def _help_refused(self, enhancers: Enhancers, generation: Generation) -> None:
        from veo_studio.core.enhance import EnhancerKind
        from veo_studio.ui.view_models.enhance_model import EnhanceModel
        from veo_studio.ui.views.enhance import EnhanceDialog
        from veo_studio.ui.views.enhance_head import RefusedHead

        if self.dialog is not None:
            return
        # opening this is no yes to sending the words anywhere: the rules begin, others on a click
        rules, wish = EnhancerKind.RULES, self._wish_of(generation)
        model = EnhanceModel(enhancers, wish, self._telling.scope.spawn, kind=rules)
        model.ask()
        model.choose_next(enhancers.chosen)

        def use(words: str) -> None:
            before = self._model.state()
            self._show_form()
            self._form.load(generation)
            self.put(words)
            brought = self._model.state()
            if before.prompt.strip() or before.inputs:
                self._telling.notices_of("form").show_notice(
                    tr("The changed words are in the form."),
                    key=_KEY,
                    action_text=tr("Undo"),
                    on_action=lambda: self._form.undo(before, brought),
                )

        dialog = EnhanceDialog(model, self._window, refused=RefusedHead(generation))
        await self._decide(dialog, use)

    async def _decide(self, dialog: EnhanceDialog, use: Callable[[str], None]) -> None:
        """Show it until the words are used or left."""
        self.dialog = dialog
        dialog.settings_requested.connect(self._on_settings_requested)
        asyncio.get_running_loop().call_soon(self.opened.emit)
        try:
            if await run_dialog(dialog) == QDialog.DialogCode.Accepted:
                use(dialog.model.text)
        finally:
            self.dialog = None
            self.closed.emit()

    def _on_settings_requested(self) -> None:
        if self.dialog is not None:
            self.dialog.reject()
        self._show_settings()

    # the form

    def put(self, words: str) -> None:
        """Into the prompt; undo brings the old words back.

        Only a template stays one: anywhere else, braces of a proposal are nothing but braces.
        """
        model = self._model
        original = model.original_prompt or model.prompt
        if not model.found.is_template:
            words = model.texts.original(words)
        self._form.prompt.replace_all(words)
        model.set_enhanced(original, words)
        self._form.edit_prompt()

    def wish(self) -> Wish:
        """What is asked for what the form makes."""
        from veo_studio.core.enhance import Ask
        from veo_studio.ui.view_models.enhance_model import Wish

        model = self._model
        found = model.found
        # a template is asked about as it stands, anything else as it is sent
        words = model.prompt if found.is_template or not found.texts else found.texts[0]
        ask = Ask.about(model.model, model.config(), words.strip())
        return Wish(ask, self._picture_of(model.inputs))

    def _wish_of(self, generation: Generation) -> Wish:
        from veo_studio.core.enhance import Ask
        from veo_studio.ui.view_models.enhance_model import Wish

        # its model may be gone by now: what was refused is told in the words of then
        ask = Ask(
            prompt=generation.prompt,
            kind=generation.kind,
            model_name=generation.model,
            seconds=generation.config.duration_s,
            refusal=generation.error or tr("refused by a safety system"),
        )
        return Wish(ask, self._picture_of(generation.config.inputs))

    def _picture_of(self, inputs: tuple[MediaInput, ...]) -> ReadPicture | None:
        """Reads the first frame, small; None where there is none."""
        first = next((one for one in inputs if one.role is InputRole.FIRST_FRAME), None)
        path = None if first is None else self._model.input_path(first)
        if path is None:
            return None
        from veo_studio.core.enhancing.photo import small_picture

        return functools.partial(asyncio.to_thread, small_picture, path)

    def _say(self, words: str) -> None:
        bar = self._telling.notices_of("form")
        bar.dismiss(_KEY)
        bar.show_notice(words, level="warn", key=_KEY)
