"""The rehearsal engine: Google's Interactions protocol on loopback, answered with animatics.

An accepted interaction is on the disk before its answer leaves, so the program may be killed at any
moment: the next start renders what is unfinished again, to the same bytes. Links are made when they
are asked for, because the port changes with every start.

Extensions that Google lacks: `generation_config.rehearsal`, and `GET /rehearsal/attempts/{uuid}`,
which tells a client that lost the answer to a submit whether its request arrived.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from veo_studio.core.providers.rehearsal.api import Api
from veo_studio.core.providers.rehearsal.door import Door, RecordedRequest
from veo_studio.core.providers.rehearsal.downloads import Downloads
from veo_studio.core.providers.rehearsal.faults import Fault, FaultKind, FaultPlan
from veo_studio.core.providers.rehearsal.interactions import Interactions
from veo_studio.core.providers.rehearsal.links import Links
from veo_studio.core.providers.rehearsal.threads import Threads
from veo_studio.core.providers.rehearsal.uploads import Uploads
from veo_studio.core.providers.rehearsal.vault import Vault

_MAX_BODY_BYTES = 256 * 1024**2
_VERSION = "/{version:v1(?:beta|alpha)?}"


class RehearsalServer:
    """One engine over one folder; also an async context manager.

    `faults` strike as `faults.FAULT_HELP` says. `delay_s` is the least time from accepting to done.
    Without `required_api_key` any key and no key are good.
    """

    def __init__(
        self,
        folder: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: Sequence[Fault] = (),
        delay_s: float | None = None,
        required_api_key: str | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._plan = FaultPlan(faults)
        self._vault = Vault(folder)
        self._threads = Threads()
        self._links = Links()
        self._is_open = False
        self._door = Door(host, self._plan, required_api_key)
        self._interactions = Interactions(self._vault, self._plan, self._threads, delay_s or 0.0)
        self._uploads = Uploads(self._vault, self._threads, self._links)
        self._downloads = Downloads(
            self._interactions, self._vault, self._plan, self._threads, self._links
        )
        self._runners: list[web.AppRunner] = []

    @property
    def base_url(self) -> str:
        """Where clients find it; empty before the start."""
        return self._links.base_url

    @property
    def requests(self) -> deque[RecordedRequest]:
        """The latest requests, oldest first."""
        return self._door.requests

    @property
    def accepted_count(self) -> int:
        """How many submits were accepted since this engine was made."""
        return self._interactions.accepted_count

    def fraction(self, interaction_id: str) -> float | None:
        """How much of a render is done, 0-1; the wire has no such field."""
        live = self._interactions.get(interaction_id)
        return None if live is None else live.fraction

    async def start(self) -> None:
        """Bind, read the folder and go on with what is unfinished. Raises OSError."""
        self._is_open = True
        self._threads.open()
        self._interactions.open()
        try:
            records = await self._threads.run(self._vault.open)
            self._links.base_url = await self._listen(self._service(), self._port)
            if self._plan.has(FaultKind.REDIRECT):
                self._links.storage_url = await self._listen(self._storage(), 0)
        except BaseException:
            await self.close()
            raise
        await self._interactions.resume(records)

    async def close(self) -> None:
        """Stop at once; what is unfinished goes on at the next start."""
        if not self._is_open:
            return
        self._is_open = False
        await self._interactions.close()
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()
        await self._threads.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def _listen(self, app: web.Application, port: int) -> str:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        self._runners.append(runner)
        site = web.TCPSite(runner, self._host, port)
        await site.start()
        host, bound = runner.addresses[0][:2]
        name = f"[{host}]" if ":" in host else host
        return f"http://{name}:{bound}"

    def _service(self) -> web.Application:
        api = Api(
            self._interactions, self._uploads, self._vault, self._plan, self._threads, self._links
        )
        app = web.Application(middlewares=[self._door.api], client_max_size=_MAX_BODY_BYTES)
        one = _VERSION + "/interactions/{id:[A-Za-z0-9_-]+}"
        file = _VERSION + "/files/{file:[a-z0-9]+}"
        app.add_routes(
            [
                web.post(_VERSION + "/interactions", api.submit),
                web.get(one, api.poll),
                web.post(one + "/cancel", api.cancel),
                web.delete(one, api.forget),
                web.get(file, api.file),
                web.get(file + ":download", self._downloads.download),
                web.get(_VERSION + "/models", api.models),
                web.get(_VERSION + "/models/{model}", api.model),
                web.post("/upload" + _VERSION + "/files", self._uploads.receive),
                web.get("/rehearsal/attempts/{attempt}", api.attempt),
            ]
        )
        return app

    def _storage(self) -> web.Application:
        app = web.Application(middlewares=[self._door.storage])
        app.add_routes(
            [web.get("/storage/{file:[a-z0-9]+}.{suffix:mp4|png}", self._downloads.stored)]
        )
        return app
