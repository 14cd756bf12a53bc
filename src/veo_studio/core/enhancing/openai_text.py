"""OpenAI and every server that speaks like it (Ollama, llama.cpp) as an enhancer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from veo_studio.core.enhancing.instructions import SCHEMA
from veo_studio.core.enhancing.services import OPENAI as OPENAI
from veo_studio.core.errors import (
    ContentRefused,
    InvalidRequest,
    NotFoundError,
    ProviderError,
    ProviderUnavailable,
)
from veo_studio.core.providers.chat import PROVIDER, ChatClient, Picture
from veo_studio.core.providers.connection import Connection
from veo_studio.core.providers.http import HttpGateway

# local models think aloud, and that counts
_MAX_TOKENS = 4096


class OpenAiText:
    """One server; the model "" is the first one that it lists."""

    def __init__(
        self, gateway: HttpGateway, connection: Connection, model: str, timeout_s: float = 30.0
    ) -> None:
        self._gateway = gateway
        self._connection = connection
        self._model = model
        self._timeout_s = timeout_s

    def _client(self, model: str) -> ChatClient:
        connection = self._connection
        return ChatClient(
            self._gateway,
            connection.base_url,
            model,
            connection.key,
            allows_plain_http=connection.allows_plain_http,
            timeout_s=self._timeout_s,
        )

    async def complete(
        self,
        system: str,
        user: str,
        picture: Picture | None = None,
        *,
        schema: Mapping[str, Any] = SCHEMA,
        max_tokens: int = _MAX_TOKENS,
    ) -> tuple[str, bool]:
        """The answer, and whether the picture was looked at; raises what `ChatClient.complete` raises."""
        client = self._client(await self._name())
        if picture is not None:
            try:
                answer = await client.complete(
                    system, user, picture, schema=schema, max_tokens=max_tokens
                )
                return answer, True
            except (InvalidRequest, ProviderUnavailable) as error:
                if not _may_be_blind(error):
                    raise
        answer = await client.complete(system, user, schema=schema, max_tokens=max_tokens)
        return answer, False

    async def models(self) -> list[str]:
        """See `ChatClient.models`."""
        return await self._client(self._model).models()

    async def _name(self) -> str:
        if self._model:
            return self._model
        names = await self.models()
        if self._connection.base_url == OPENAI.base_url or not names:
            # a list of a hundred, of which the first is anything
            raise InvalidRequest(
                "No model is chosen for the chat server.",
                provider=PROVIDER,
                action="Choose one: Settings > Enhancer, or `veo-studio enhancer model openai NAME`.",
            )
        return names[0]


def _may_be_blind(error: ProviderError) -> bool:
    """Models without eyes answer 400, and some servers 500, for a picture."""
    if isinstance(error, NotFoundError | ContentRefused):
        return False
    return error.status in (400, 415, 422, 500)
