"""Prompt enhancement as its settings show it: who proposes, how each is reached, and a test.

No widgets here. What is refused is raised: ValueError with a sentence for a field, StudioError for all else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.enhance import DEFAULT_SYSTEM_PROMPT, EnhancerChoice, EnhancerKind
from veo_studio.core.enhancing.setting_up import ChatServerState, EnhancerSettings
from veo_studio.core.errors import StudioError
from veo_studio.core.providers.base import ConnectionReport
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.enhance_words import problem_of
from veo_studio.ui.view_models.services_model import Look, Trial

# runs a task in the owner's scope: spawn(coroutine, name=...)
Spawn = Callable[..., Any]


@dataclass(frozen=True)
class Preset:
    """A server that many have, and where it usually is."""

    name: str
    address: str


# the first is where an empty address leads
PRESETS = (
    Preset("OpenAI", "https://api.openai.com/v1"),
    Preset("Ollama", "http://localhost:11434/v1"),
    Preset("llama.cpp", "http://localhost:8080/v1"),
)


class EnhancerSettingsModel(QObject):
    """One per window, made when the settings are opened for the first time.

    Signals:
        changed(): something stands differently.
        connected(): key or address of the chat server is another one.
    """

    changed = pyqtSignal()
    connected = pyqtSignal()

    def __init__(
        self, settings: EnhancerSettings, spawn: Spawn, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._spawn = spawn
        self._trials: dict[EnhancerKind, Trial] = {}
        self._task: asyncio.Task[None] | None = None
        self._testing: EnhancerKind | None = None
        # two fields left at once are stored one after the other
        self._storing = asyncio.Lock()
        self._keyring_problem = ""
        # as the service told them in the last test
        self.model_names: dict[EnhancerKind, list[str]] = {}
        spawn(self._ask_keyring(), name="enhancer: keyring")

    async def _ask_keyring(self) -> None:
        self._keyring_problem = await self._settings.keyring_problem()
        self.changed.emit()

    # what is shown

    def choices(self) -> list[EnhancerChoice]:
        return self._settings.choices()

    def choice(self, kind: EnhancerKind) -> EnhancerChoice:
        return next(one for one in self.choices() if one.kind is kind)

    @property
    def by_user(self) -> EnhancerKind | None:
        """None: whoever is ready."""
        return self._settings.chosen_by_user

    @property
    def in_use(self) -> EnhancerKind:
        return self._settings.chosen

    @property
    def shown(self) -> EnhancerKind:
        """Whose settings stand on the page."""
        return self.by_user or self.in_use

    def look(self) -> Look:
        """How it stands, for the list of services."""
        if self.by_user is not None and self.by_user is not self.in_use:
            return Look(tr("not set up"), "dash", "dim")
        return Look(self.choice(self.in_use).name, "check", "ok")

    def standing_words(self) -> str:
        """What happens now when Enhance is clicked."""
        used = self.choice(self.in_use)
        if self.by_user is None or self.by_user is self.in_use:
            if self.by_user is None:
                return tr("{name} proposes, because it is ready.", name=used.name)
            return ""
        wanted = self.choice(self.by_user)
        return tr(
            "{wanted} is not set up, so {used} proposes until it is.",
            wanted=wanted.name,
            used=used.name,
        )

    def server(self) -> ChatServerState:
        return self._settings.server()

    def own_model(self, kind: EnhancerKind) -> str:
        return self._settings.own_model(kind)

    def model_words(self, kind: EnhancerKind) -> str:
        """What an empty field means."""
        if self.own_model(kind):
            return tr("Test the connection to see which models there are.")
        if kind is EnhancerKind.GEMINI:
            return tr("Usually {model}.", model=self.choice(kind).model)
        if not self.server().own_address and not self.server().address_variable:
            return tr("OpenAI needs a name here: test the connection to see which there are.")
        return tr("Without a name, the first model of the server is asked.")

    def kept_words(self) -> str:
        """Where the key of the chat server is, or would be, kept."""
        place = self.server().key_place
        if place == "the keyring":
            return tr("The key is in the keyring of your system.")
        if place == "this session":
            return tr("The key is kept until the program ends.")
        if place:
            return tr(
                "The key comes from {place}. One that is saved here is used instead.", place=place
            )
        if self._keyring_problem:
            return tr("A key is only kept until the program ends. Servers of your own need none.")
        return tr("A key is kept in the keyring of your system. Servers of your own need none.")

    def may_remove_key(self) -> bool:
        """What the environment says, only the environment can take back."""
        return self.server().key_place in ("the keyring", "this session")

    @property
    def instructions(self) -> str:
        return self._settings.system_prompt or DEFAULT_SYSTEM_PROMPT

    @property
    def has_own_instructions(self) -> bool:
        return bool(self._settings.system_prompt)

    def trial(self, kind: EnhancerKind) -> Trial | None:
        """The last test, as long as it says something about what is set now."""
        return self._trials.get(kind)

    # what the user does

    async def choose(self, kind: EnhancerKind | None) -> None:
        await self._stored(self._settings.choose(kind))

    async def set_model(self, kind: EnhancerKind, name: str) -> None:
        await self._stored(self._settings.set_model(kind, name), kind)

    async def set_instructions(self, words: str) -> None:
        await self._stored(self._settings.set_system_prompt(words))

    async def restore_instructions(self) -> None:
        await self.set_instructions("")

    async def set_key(self, key: str) -> None:
        await self._stored(self._settings.set_key(key), EnhancerKind.OPENAI)

    async def forget_key(self) -> None:
        await self._stored(self._settings.forget_key(), EnhancerKind.OPENAI)
        if self.server().key_place == "the keyring":
            raise ValueError(tr("The keyring did not let go of the key: remove it there."))

    async def set_address(self, address: str, *, allows_plain_http: bool = False) -> None:
        """Raises PlainHttpAsked, a ValueError, where the user has to say yes first."""
        work = self._settings.set_address(address, allows_plain_http=allows_plain_http)
        await self._stored(work, EnhancerKind.OPENAI)

    async def _stored(self, work: Awaitable[object], kind: EnhancerKind | None = None) -> None:
        """What a test proved of `kind`, it proved of the settings before."""
        async with self._storing:
            await work
        if kind is not None:
            if self._testing is kind:
                self.cancel_test()
            self._trials.pop(kind, None)
        self.connected.emit()
        self.changed.emit()

    # testing

    def start_test(self, kind: EnhancerKind) -> None:
        """Ask for something free; another click while somebody is asked does nothing."""
        if self._task is None:
            self._trials[kind] = Trial()
            self._testing = kind
            self._task = self._spawn(self._test(kind), name="enhancer: test")
            self.changed.emit()

    def cancel_test(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            if self._testing is not None:
                self._trials.pop(self._testing, None)
            self._testing = None
            self.changed.emit()

    async def _test(self, kind: EnhancerKind) -> None:
        try:
            self.model_names[kind] = await self._settings.models(kind)
            trial = Trial(report=ConnectionReport(await self._settings.check(kind)))
        except (StudioError, ValueError) as error:
            trial = Trial(problem=problem_of(error, self.choice(kind).name).words)
        finally:
            # a cancelled one may have been followed by another already
            if self._task is asyncio.current_task():
                self._task, self._testing = None, None
        self._trials[kind] = trial
        self.changed.emit()
