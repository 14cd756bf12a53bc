"""The services as their settings show them: how each stands, and what is done about it.

No widgets here. What is refused is raised: ValueError with a sentence for a field, StudioError for all else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.connecting import ProviderSettings, ProviderState
from veo_studio.core.errors import AuthError, StudioError
from veo_studio.core.models import Pause, PauseKind
from veo_studio.core.providers.base import ConnectionReport
from veo_studio.core.workflows import load_workflows
from veo_studio.ui import error_text
from veo_studio.ui.text import tr

# runs a task in the owner's scope: spawn(coroutine, name=...)
Spawn = Callable[..., Any]


class Standing(Enum):
    """How a service stands, in the order of what is told first."""

    NOT_CONNECTED = "not_connected"
    REFUSED = "refused"
    PAUSED = "paused"
    READY = "ready"


# word, icon and colour of each; never colour alone
_LOOKS: Mapping[Standing, tuple[str, str, str]] = {
    Standing.NOT_CONNECTED: ("not connected", "dash", "dim"),
    Standing.REFUSED: ("key refused", "warning", "warn"),
    Standing.PAUSED: ("paused", "pause", "accent"),
    Standing.READY: ("ready", "check", "ok"),
}


@dataclass(frozen=True)
class Look:
    """A standing for the eye: `words` beside icon `icon` in the colour `token`."""

    words: str
    icon: str
    token: str


@dataclass(frozen=True)
class Trial:
    """A test of the connection: with neither `report` nor `problem` it is still under way."""

    report: ConnectionReport | None = None
    problem: str = ""
    is_refused: bool = False

    @property
    def is_running(self) -> bool:
        return self.report is None and not self.problem


class ServicesModel(QObject):
    """One per window, made when the settings are opened for the first time.

    Signals:
        changed(id): this service stands differently.
        connected(id): key, address or option of this service is another one.
        workflows_changed(): other ComfyUI workflows are listed.
    """

    changed = pyqtSignal(str)
    connected = pyqtSignal(str)
    workflows_changed = pyqtSignal()

    def __init__(
        self,
        settings: ProviderSettings,
        pauses: Callable[[], Mapping[str, Pause]],
        spawn: Spawn,
        parent: QObject | None = None,
        *,
        workflows: Path | None = None,
    ) -> None:
        """`workflows` is the folder of the user's own."""
        super().__init__(parent)
        self._settings = settings
        self._pauses = pauses
        self._spawn = spawn
        self._trials: dict[str, Trial] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        # two fields left at once are stored one after the other
        self._storing = asyncio.Lock()
        self._keyring_problem = ""
        self._workflow_folder = workflows
        # name, and whether it is the user's own
        self.workflows: list[tuple[str, bool]] = []
        self.workflow_problems: list[str] = []
        spawn(self._ask_keyring(), name="services: keyring")
        self.read_workflows()

    async def _ask_keyring(self) -> None:
        self._keyring_problem = await self._settings.keyring_problem()
        self.refresh()

    def read_workflows(self) -> None:
        """Look again which there are."""
        self._spawn(self._read_workflows(), name="services: workflows")

    async def _read_workflows(self) -> None:
        found, problems = await asyncio.to_thread(load_workflows, self._workflow_folder)
        self.workflows = [
            (one.model().name, one.path is not None and one.path.parent == self._workflow_folder)
            for one in found
        ]
        self.workflow_problems = problems
        self.workflows_changed.emit()

    # what is shown

    def ids(self) -> list[str]:
        return [state.info.id for state in self._settings.states()]

    def state(self, provider_id: str) -> ProviderState:
        return self._settings.state(provider_id)

    def trial(self, provider_id: str) -> Trial | None:
        """The last test, as long as it says something about what is set now."""
        return self._trials.get(provider_id)

    def standing(self, provider_id: str) -> Standing:
        if not self.state(provider_id).is_ready:
            return Standing.NOT_CONNECTED
        pause = self._pauses().get(provider_id)
        trial = self._trials.get(provider_id)
        if (pause is not None and pause.kind is PauseKind.KEY) or (trial and trial.is_refused):
            return Standing.REFUSED
        return Standing.READY if pause is None else Standing.PAUSED

    def look(self, provider_id: str) -> Look:
        words, icon, token = _LOOKS[self.standing(provider_id)]
        if self.standing(provider_id) is Standing.REFUSED and not self.needs_key(provider_id):
            words = "refused"
        return Look(tr(words), icon, token)

    def needs_key(self, provider_id: str) -> bool:
        return self.state(provider_id).info.needs_key

    def missing(self, provider_id: str) -> str:
        """What stands between this service and the first clip, in one sentence; "" where nothing does."""
        state = self.state(provider_id)
        if state.is_ready:
            return ""
        if not state.address and state.info.needs_address:
            return tr("Start your server and type its address.")
        for option in state.info.options:
            if option.is_required and option.name not in state.options:
                return tr("{label} is needed: fill it in.", label=option.label)
        if state.info.needs_key and not state.key_place:
            return tr("A key is needed: get one from the service and paste it.")
        return state.reason

    def kept_words(self, provider_id: str) -> str:
        """Where the key is, or would be, kept."""
        place = self.state(provider_id).key_place
        until = tr("until the program ends")
        if self._keyring_problem:
            until = tr("{until}: {why}", until=until, why=_clause(self._keyring_problem))
        if place == "the keyring":
            return tr("The key is in the keyring of your system.")
        if place == "this session":
            return tr("The key is kept {until}.", until=until)
        if place:
            return tr(
                "The key comes from {place}. One that is saved here is used instead.", place=place
            )
        if self._keyring_problem:
            return tr("A key is only kept {until}.", until=until)
        return tr("A key is kept in the keyring of your system, never in a file.")

    def may_remove_key(self, provider_id: str) -> bool:
        """What the environment says, only the environment can take back."""
        return self.state(provider_id).key_place in ("the keyring", "this session")

    # what the user does

    async def set_key(self, provider_id: str, key: str) -> None:
        await self._stored(provider_id, self._settings.set_key(provider_id, key))

    async def forget_key(self, provider_id: str) -> None:
        await self._stored(provider_id, self._settings.forget_key(provider_id))
        if self.state(provider_id).key_place == "the keyring":
            raise ValueError(tr("The keyring did not let go of the key: remove it there."))

    async def set_address(
        self, provider_id: str, address: str, *, allows_plain_http: bool = False
    ) -> None:
        """Raises PlainHttpAsked, a ValueError, where the user has to say yes first."""
        work = self._settings.set_address(provider_id, address, allows_plain_http=allows_plain_http)
        await self._stored(provider_id, work)

    async def set_option(self, provider_id: str, name: str, value: str) -> None:
        await self._stored(provider_id, self._settings.set_option(provider_id, name, value))

    async def set_at_once(self, provider_id: str, count: int) -> None:
        usual = self.state(provider_id).info.concurrency
        async with self._storing:
            await self._settings.set_at_once(provider_id, None if count == usual else count)
        self.changed.emit(provider_id)

    async def _stored(self, provider_id: str, work: Awaitable[object]) -> None:
        try:
            async with self._storing:
                await work
        except ValueError:
            # nothing was changed
            raise
        except StudioError:
            self.changed.emit(provider_id)
            raise
        # what a test proved, it proved of the settings before
        self.cancel_test(provider_id)
        self._trials.pop(provider_id, None)
        self.connected.emit(provider_id)
        self.changed.emit(provider_id)

    # testing

    def start_test(self, provider_id: str) -> None:
        """Ask the service for something free; another click while it is asked does nothing."""
        if provider_id not in self._tasks:
            self._trials[provider_id] = Trial()
            work: Coroutine[Any, Any, None] = self._test(provider_id)
            self._tasks[provider_id] = self._spawn(work, name=f"services: test {provider_id}")
            self.changed.emit(provider_id)

    def cancel_test(self, provider_id: str) -> None:
        task = self._tasks.pop(provider_id, None)
        if task is not None:
            task.cancel()
            self._trials.pop(provider_id, None)
            self.changed.emit(provider_id)

    def cancel_tests(self) -> None:
        for provider_id in list(self._tasks):
            self.cancel_test(provider_id)

    async def _test(self, provider_id: str) -> None:
        try:
            trial = Trial(report=await self._settings.test(provider_id))
        except AuthError as error:
            trial = Trial(problem=self._refusal(provider_id, error), is_refused=True)
        except StudioError as error:
            trial = Trial(problem=error_text.describe(error).whole)
        except ValueError as error:
            trial = Trial(problem=error_text.quoted(str(error)))
        finally:
            # a cancelled one may have been followed by another already
            if self._tasks.get(provider_id) is asyncio.current_task():
                del self._tasks[provider_id]
        self._trials[provider_id] = trial
        self.changed.emit(provider_id)

    def _refusal(self, provider_id: str, error: AuthError) -> str:
        text = error_text.describe(error)
        if error.action or not self.needs_key(provider_id):
            return text.whole
        next_step = tr("It may be mistyped, expired or for something else: paste another one.")
        return f"{text.happened} {next_step}"

    def refresh(self) -> None:
        """Something outside may have changed: a pause, the environment, the keyring."""
        for provider_id in self.ids():
            self.changed.emit(provider_id)


def _clause(sentence: str) -> str:
    """A sentence as the end of another one; names keep their capitals."""
    words = sentence.rstrip(".")
    first = words.split(" ", 1)[0]
    return words[:1].lower() + words[1:] if first in ("The", "This") else words
