"""A receiver of webhooks on 127.0.0.1, written from docs/webhooks.md and nothing else of ours.

It checks the signature by its own HMAC, the age of the message, and tells doubles by the delivery's id.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.transport.raw_server import Received, Reply, running

SECRET = "a long secret of a test, with spaces: ä"
_MAX_AGE_S = 300

Step = Callable[["Receiver", Received, Reply], Awaitable[None]]


@dataclass
class Receiver:
    """`steps` are done in order, one for each message; after them what is signed well is taken."""

    secret: str = SECRET
    url: str = ""
    steps: list[Step] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    # what was taken, once each, by the delivery's id
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)
    doubles: int = 0

    async def answer(self, received: Received, reply: Reply) -> None:
        self.received.append(received)
        step = self.steps.pop(0) if self.steps else take
        await step(self, received, reply)

    def problem(self, received: Received) -> str:
        """Why this message is not believed; "" where it is."""
        headers = received.headers
        if received.method != "POST" or headers.get("content-type") != "application/json":
            return "no JSON"
        timestamp = headers.get("x-veo-timestamp", "")
        if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > _MAX_AGE_S:
            return "too old"
        signed = timestamp.encode() + b"." + received.body
        if headers.get("x-veo-signature") != f"v1={hmac_sha256(self.secret.encode(), signed)}":
            return "wrong signature"
        return ""

    def keep(self, received: Received) -> None:
        delivery = received.headers["x-veo-delivery"]
        if delivery in self.taken:
            self.doubles += 1
        else:
            self.taken[delivery] = received.json()


def hmac_sha256(key: bytes, message: bytes) -> str:
    """From RFC 2104 alone."""
    block = key if len(key) <= 64 else hashlib.sha256(key).digest()
    block = block.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in block) + inner).hexdigest()


async def take(receiver: Receiver, received: Received, reply: Reply) -> None:
    if problem := receiver.problem(received):
        await reply.json({"problem": problem}, status=401)
        return
    receiver.keep(received)
    await reply.json({}, status=202)


async def take_and_reset(receiver: Receiver, received: Received, reply: Reply) -> None:
    receiver.keep(received)
    await reply.reset()


def says(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Step:
    async def step(receiver: Receiver, received: Received, reply: Reply) -> None:
        await reply.head(status, {"Content-Length": str(len(body)), **(headers or {})})
        await reply.body(body)

    return step


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    one = Receiver()
    async with running(one.answer) as server:
        one.url = f"{server.url}/hooks/clips?from=veo"
        yield one


def as_json(received: Received) -> Any:
    return json.loads(received.body)
