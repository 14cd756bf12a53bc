"""The scripted Runway that serves a picture where one was asked for, and a clip where a clip was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.providers.servers.runway import KEY, RunwayServer
from tests.transport.clips import noise_clip
from tests.transport.file_server import FileServer
from tests.transport.pictures import noise_picture
from tests.transport.raw_server import Received, Reply, running


class FilmRunway(RunwayServer):
    """Everything that was paid for is in `bodies`, in its order."""

    async def foreign(self, received: Received, reply: Reply) -> None:
        name = received.path.removeprefix("/out/").partition(".")[0]
        task = self.tasks.get(name)
        if received.method == "GET" and task is not None and "image" in str(task.body["model"]):
            await FileServer(noise_picture())(received, reply)
        else:
            await super().foreign(received, reply)

    @property
    def bodies(self) -> list[Any]:
        return [received.json() for received in self.paid]

    @property
    def pictures(self) -> list[Any]:
        return [received.json() for received in self.paid if received.path == "/v1/text_to_image"]

    @property
    def clips(self) -> list[Any]:
        return [received.json() for received in self.paid if received.path == "/v1/image_to_video"]


@asynccontextmanager
async def film_runway(
    monkeypatch: pytest.MonkeyPatch, kind: type[FilmRunway] = FilmRunway
) -> AsyncIterator[FilmRunway]:
    """Connected: a studio that is opened inside has a key for it, and for nothing else."""
    server = kind(noise_clip())
    async with running(server.api) as api, running(server.foreign) as storage:
        server.raw, server.storage = api, storage
        for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("VEO_STUDIO_RUNWAY_URL", server.url)
        monkeypatch.setenv("RUNWAYML_API_SECRET", KEY)
        monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", "0.05")
        yield server
