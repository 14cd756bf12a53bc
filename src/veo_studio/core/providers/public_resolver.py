"""A resolver that knows no private network: for hosts that somebody else named.

Imported at first use, because it brings aiohttp with it.
"""

from __future__ import annotations

import socket

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

from veo_studio.core.providers.addresses import is_public_ip


class PrivateAddressError(OSError):
    """A public name led to an address of this machine or this network."""


class PublicResolver(AbstractResolver):
    """Resolves as usual and raises PrivateAddressError unless every answer is a public address."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        # all of them: whoever mixes the two kinds is trying something
        if not all(is_public_ip(entry["host"]) for entry in found):
            raise PrivateAddressError(None, "a public name leads into a private network")
        return found

    async def close(self) -> None:
        await self._resolver.close()
