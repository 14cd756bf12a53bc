"""What a user can set about prompt enhancement: who proposes, which model, the chat server, the instructions."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from veo_studio.core.connecting import ProviderSettings
from veo_studio.core.enhance import EnhancerChoice, EnhancerKind, Enhancers
from veo_studio.core.enhancing.openai_text import OPENAI
from veo_studio.core.providers.connection import Connections
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings


@dataclass(frozen=True)
class ChatServerState:
    """How the chat server is reached: as `ProviderState` says it of the services of clips."""

    key_place: str
    own_address: str
    usual_address: str
    address_variable: str | None


class EnhancerSettings:
    """Changes are saved at once and hold for the next proposal."""

    def __init__(
        self,
        enhancers: Enhancers,
        providers: ProviderSettings,
        secrets: Secrets,
        settings: Settings,
        save: Callable[[], Awaitable[None]],
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._enhancers = enhancers
        self._providers = providers
        self._secrets = secrets
        self._settings = settings
        self._save = save
        self._connections = Connections({OPENAI.id: OPENAI}, secrets.key, settings, environ)

    # how it stands

    def choices(self) -> list[EnhancerChoice]:
        return self._enhancers.available()

    @property
    def chosen(self) -> EnhancerKind:
        """Who is asked now."""
        return self._enhancers.chosen

    @property
    def chosen_by_user(self) -> EnhancerKind | None:
        """None: whoever is ready."""
        return self._enhancers.chosen_by_user

    def own_model(self, kind: EnhancerKind) -> str:
        """The user's own; "" where the usual one is asked."""
        models = self._settings.enhancer.get("models")
        told = models.get(kind.value) if isinstance(models, dict) else None
        return told.strip() if isinstance(told, str) else ""

    def server(self) -> ChatServerState:
        return ChatServerState(
            key_place=self._secrets.place(OPENAI.id),
            own_address=self._settings.addresses.get(OPENAI.id, ""),
            usual_address=OPENAI.base_url,
            address_variable=self._connections.address_variable(OPENAI.id),
        )

    @property
    def system_prompt(self) -> str:
        """ "" for the usual instructions."""
        return self._enhancers.system_prompt

    async def keyring_problem(self) -> str:
        return await self._providers.keyring_problem()

    # what is changed; each raises StorageError where it cannot be saved

    async def choose(self, kind: EnhancerKind | None) -> None:
        self._enhancers.choose(kind)
        await self._save()

    async def set_model(self, kind: EnhancerKind, name: str) -> None:
        """ "" for the usual one."""
        self._enhancers.set_model(kind, name)
        await self._save()

    async def set_system_prompt(self, words: str) -> None:
        """ "" for the usual ones. Raises ValueError where they are too long."""
        self._enhancers.system_prompt = words
        await self._save()

    async def set_key(self, key: str) -> None:
        """Of the chat server. Raises ValueError for text that cannot be a key."""
        await self._providers.set_key(OPENAI.id, key)

    async def forget_key(self) -> None:
        await self._providers.forget_key(OPENAI.id)

    async def set_address(self, address: str, *, allows_plain_http: bool = False) -> None:
        """Of the chat server, "" for OpenAI's. Raises ValueError, PlainHttpAsked."""
        await self._providers.set_address(OPENAI.id, address, allows_plain_http=allows_plain_http)

    # testing

    async def check(self, kind: EnhancerKind) -> str:
        """Raises what `Enhancers.check` raises."""
        return await self._enhancers.check(kind)

    async def models(self, kind: EnhancerKind) -> list[str]:
        """Names for `set_model`; raises what `Enhancers.models` raises."""
        return await self._enhancers.models(kind)
