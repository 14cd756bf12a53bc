"""Better prompts: three services that propose one in place of the user's, and never change it themselves.

The embedded rules need nothing; Gemini needs its key; any server that speaks like OpenAI's needs an address.
What a service answers is checked before anybody sees it (`enhancing.answers`).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from veo_studio.core.capabilities import ProviderInfo
from veo_studio.core.enhancing.asking import Ask as Ask
from veo_studio.core.enhancing.asking import EnhancerKind as EnhancerKind
from veo_studio.core.enhancing.asking import NothingToAdd as NothingToAdd
from veo_studio.core.enhancing.asking import Proposal as Proposal
from veo_studio.core.enhancing.instructions import DEFAULT_SYSTEM_PROMPT as DEFAULT_SYSTEM_PROMPT
from veo_studio.core.enhancing.instructions import question, system_words
from veo_studio.core.enhancing.services import GEMINI_MODEL, OPENAI
from veo_studio.core.errors import AuthError, GenerationTimeoutError
from veo_studio.core.providers.addresses import is_loopback_address
from veo_studio.core.providers.connection import Connections, seconds_from
from veo_studio.core.settings import Settings

if TYPE_CHECKING:
    from veo_studio.core.enhancing.gemini_text import GeminiText
    from veo_studio.core.enhancing.openai_text import OpenAiText
    from veo_studio.core.enhancing.scene_proposals import SceneProposals
    from veo_studio.core.providers.http import HttpGateway

_T = TypeVar("_T")
LIMIT_S = 60.0
# a model on this computer may be loaded from the disk first
LOCAL_LIMIT_S = 180.0
_SPARE_S = 10.0
MAX_SYSTEM_PROMPT = 8000


@dataclass(frozen=True)
class EnhancerChoice:
    """One service: `reason` says how to unlock it where it is not ready, `model` which model is asked.

    `place` is where prompts go: "" for nowhere (this program), else the address.
    """

    kind: EnhancerKind
    name: str
    is_ready: bool
    reason: str
    sees_pictures: bool
    model: str = ""
    place: str = ""


class Enhancers:
    """Looks everything up anew at every call: keys, addresses and settings change while the program runs.

    `settings` is changed in memory only; whoever changes something here saves it. Key and address of
    "openai" are set like those of the other services (`ProviderSettings`).
    """

    def __init__(
        self,
        settings: Settings,
        keys: Callable[[str], str | None],
        gateway: Callable[[], Awaitable[HttpGateway]],
        providers: Mapping[str, ProviderInfo],
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._settings = settings
        self._gateway = gateway
        self._environ = environ
        self._gemini = providers["gemini"]
        known = {"gemini": self._gemini, OPENAI.id: OPENAI}
        self._connections = Connections(known, keys, settings, environ)

    def available(self) -> list[EnhancerChoice]:
        """All three, ready or not; the embedded rules always are."""
        return [self.choice(kind) for kind in EnhancerKind]

    def choice(self, kind: EnhancerKind) -> EnhancerChoice:
        if kind is EnhancerKind.RULES:
            return EnhancerChoice(kind, "Built-in rules", True, "", sees_pictures=False)
        info = self._gemini if kind is EnhancerKind.GEMINI else OPENAI
        reason = self._connections.problem(info.id)
        has_key = bool(self._connections.key(info.id))
        if not reason and not has_key and not self._is_own_server(kind):
            reason = info.key_help
        return EnhancerChoice(
            kind,
            info.name,
            not reason,
            reason,
            sees_pictures=True,
            model=self.model(kind),
            place=self._connections.address(info.id),
        )

    def _is_own_server(self, kind: EnhancerKind) -> bool:
        """A server of the user's own may need no key."""
        return kind is EnhancerKind.OPENAI and self._connections.is_told(OPENAI.id)

    @property
    def chosen(self) -> EnhancerKind:
        """The user's choice, else a server of their own, else Gemini; the rules where that is not ready.

        Nobody who chose a service finds their words at another one; `missing` says what is not ready.
        """
        wanted = self._wanted
        return wanted if self.choice(wanted).is_ready else EnhancerKind.RULES

    @property
    def missing(self) -> str:
        """One sentence where the rules stand in for what the user chose; "" where nothing was chosen."""
        choice = self.choice(self._wanted)
        is_chosen = self.chosen_by_user is not None or self._is_own_server(choice.kind)
        if choice.is_ready or not is_chosen:
            return ""
        return f"{choice.name} is not ready: the built-in rules are used. {choice.reason}"

    @property
    def _wanted(self) -> EnhancerKind:
        if (told := self.chosen_by_user) is not None:
            return told
        if self._is_own_server(EnhancerKind.OPENAI):
            return EnhancerKind.OPENAI
        return EnhancerKind.GEMINI

    def choose(self, kind: EnhancerKind | None) -> None:
        """None goes back to what is there by itself."""
        self._set("service", None if kind is None else kind.value)

    @property
    def chosen_by_user(self) -> EnhancerKind | None:
        told = self._settings.enhancer.get("service")
        return next((kind for kind in EnhancerKind if kind.value == told), None)

    def model(self, kind: EnhancerKind) -> str:
        """The model that is asked; "" where a server of one's own is to choose."""
        models = self._settings.enhancer.get("models")
        told = models.get(kind.value) if isinstance(models, dict) else None
        if isinstance(told, str) and told.strip():
            return told.strip()
        return GEMINI_MODEL if kind is EnhancerKind.GEMINI else ""

    def set_model(self, kind: EnhancerKind, name: str) -> None:
        """ "" for the usual one."""
        stored = self._settings.enhancer.get("models")
        models = dict(stored) if isinstance(stored, dict) else {}
        models.pop(kind.value, None)
        if name.strip():
            models[kind.value] = name.strip()[:200]
        self._set("models", models or None)

    @property
    def system_prompt(self) -> str:
        """What services are told; "" for `DEFAULT_SYSTEM_PROMPT`."""
        told = self._settings.enhancer.get("system_prompt")
        return told if isinstance(told, str) else ""

    @system_prompt.setter
    def system_prompt(self, words: str) -> None:
        if len(words) > MAX_SYSTEM_PROMPT:
            raise ValueError(f"The instructions are too long (max {MAX_SYSTEM_PROMPT} characters).")
        is_default = words.strip() in ("", DEFAULT_SYSTEM_PROMPT.strip())
        self._set("system_prompt", None if is_default else words)

    def limit_s(self, kind: EnhancerKind) -> float:
        """How long an answer may take: VEO_STUDIO_ENHANCE_TIMEOUT, settings, else by where it is made."""
        told = seconds_from(self._environ, "VEO_STUDIO_ENHANCE_TIMEOUT")
        stored = self._settings.enhancer.get("limit_s")
        if told is None and isinstance(stored, int | float) and not isinstance(stored, bool):
            told = float(stored) if 0 < stored < float("inf") else None
        if told is not None:
            return told
        is_here = kind is EnhancerKind.OPENAI and is_loopback_address(
            self._connections.address(OPENAI.id)
        )
        return LOCAL_LIMIT_S if is_here else LIMIT_S

    async def propose(self, ask: Ask, kind: EnhancerKind | None = None) -> Proposal:
        """A better prompt, or with `ask.refusal` one that is changed as little as possible.

        Cancel it at any time: nothing is stored. Raises NothingToAdd, ValueError where the answer is no
        prompt, AuthError where the service is not set up, GenerationTimeoutError, and what chat servers
        raise (`ChatClient.complete`).
        """
        kind = self.chosen if kind is None else kind
        if kind is EnhancerKind.RULES:
            # imported at their first use, like the services: the window does not wait for word lists
            from veo_studio.core.enhancing import rules

            proposal = rules.propose(ask)
            return replace(proposal, note=f"{self.missing} {proposal.note}".strip())
        if not ask.prompt.strip() and ask.picture is None:
            raise ValueError("Write a few words first: there is nothing to enhance.")
        return await self._timed(kind, self._asked(ask, kind))

    async def _asked(self, ask: Ask, kind: EnhancerKind) -> Proposal:
        from veo_studio.core.enhancing.answers import read_proposal

        service = await self._service(kind)
        words = system_words(ask, self.system_prompt)
        answer, saw_picture = await service.complete(words, question(ask), ask.picture)
        proposal = Proposal(read_proposal(answer, ask), kind)
        if ask.picture is not None and not saw_picture:
            note = "The photo was not looked at: this model takes no pictures."
            return replace(proposal, note=note)
        return proposal

    async def propose_scenes(self, text: str, kind: EnhancerKind | None = None) -> SceneProposals:
        """Scenes for a text. Cancel it at any time; raises what `propose` raises."""
        from veo_studio.core.enhancing import scene_proposals

        kind = self.chosen if kind is None else kind
        if kind is EnhancerKind.RULES:
            return await asyncio.to_thread(scene_proposals.by_rules, text, self.missing)
        return await self._timed(kind, self._asked_scenes(scene_proposals.question(text), kind))

    async def _asked_scenes(self, question: str, kind: EnhancerKind) -> SceneProposals:
        from veo_studio.core.enhancing import scene_proposals

        service = await self._service(kind)
        answer, _ = await service.complete(
            scene_proposals.SYSTEM,
            question,
            schema=scene_proposals.SCHEMA,
            max_tokens=scene_proposals.MAX_TOKENS,
        )
        return scene_proposals.read_scenes(answer, kind)

    async def check(self, kind: EnhancerKind) -> str:
        """Ask for something free; one sentence about what that proved. Raises what `propose` raises."""
        if kind is EnhancerKind.RULES:
            return "The built-in rules are part of the program: they need no connection."
        service = await self._service(kind)
        names = await self._timed(kind, service.models())
        name = self.choice(kind).name
        wanted = self.model(kind)
        if not names:
            raise ValueError(f"{name} answers, but has no model: load one there.")
        if wanted and wanted not in names:
            shown = ", ".join(names[:5])
            raise ValueError(f"{name} answers, but has no model {wanted!r}. It has {shown}.")
        used = wanted or names[0]
        return f"{name} answers and has {used}, one of {len(names)} models."

    async def models(self, kind: EnhancerKind) -> list[str]:
        """Names that `set_model` takes, as the service tells them; raises what `propose` raises."""
        if kind is EnhancerKind.RULES:
            return []
        service = await self._service(kind)
        return await self._timed(kind, service.models())

    async def _service(self, kind: EnhancerKind) -> GeminiText | OpenAiText:
        choice = self.choice(kind)
        provider_id = OPENAI.id if kind is EnhancerKind.OPENAI else "gemini"
        if not choice.is_ready:
            raise AuthError(choice.reason, provider=provider_id, action=None)
        connection = self._connections.of(provider_id)
        gateway = await self._gateway()
        # our own limit is for the whole, and ends first
        limit_s = self.limit_s(kind) + _SPARE_S
        if kind is EnhancerKind.OPENAI:
            from veo_studio.core.enhancing.openai_text import OpenAiText

            return OpenAiText(gateway, connection, choice.model, limit_s)
        from veo_studio.core.enhancing.gemini_text import GeminiText

        return GeminiText(gateway, connection, choice.model, limit_s)

    async def _timed(self, kind: EnhancerKind, work: Awaitable[_T]) -> _T:
        limit_s = self.limit_s(kind)
        try:
            async with asyncio.timeout(limit_s):
                return await work
        except TimeoutError:
            raise GenerationTimeoutError(
                f"{self.choice(kind).name} did not answer within {limit_s:g} seconds."
            ) from None

    def _set(self, name: str, value: object) -> None:
        if value is None:
            self._settings.enhancer.pop(name, None)
        else:
            self._settings.enhancer[name] = value
