"""Websockets: the user's own server and no other, whatever it answers."""

from __future__ import annotations

import pytest

from tests.transport.raw_server import Received, Reply, running
from veo_studio.core.errors import ProviderUnavailable
from veo_studio.core.providers.http import HttpGateway


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("is_foreign", [True, False])
async def test_c07_a_websocket_is_not_redirected(
    gateway: HttpGateway, status: int, is_foreign: bool
) -> None:
    async def elsewhere(received: Received, reply: Reply) -> None:
        await reply.json({})

    async with running(elsewhere) as other:

        async def script(received: Received, reply: Reply) -> None:
            target = f"{other.url}/latest/meta-data" if is_foreign else "/other"
            await reply.head(status, {"Location": target, "Content-Length": "0"})

        async with running(script) as api:
            with pytest.raises(ProviderUnavailable):
                async with gateway.open_socket(f"{api.url}/ws?clientId=x") as messages:
                    async for _ in messages:
                        pass
        assert other.requests == []
        assert len(api.requests) == 1
