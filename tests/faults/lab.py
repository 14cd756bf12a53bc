"""The real core on a real data folder, against a scripted provider, on a clock of the test's."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.faults import books
from tests.faults.clock import SCALE, FastClock
from tests.faults.google import Google
from tests.transport.raw_server import RawServer, Received, Reply, Script, running
from veo_studio.core.errors import StudioError
from veo_studio.core.generators.text_to_video import TextToVideoGenerator
from veo_studio.core.generators.tools import RunTools
from veo_studio.core.models import (
    Charge,
    Choice,
    ErrorKind,
    Generation,
    GenerationRequest,
    GenerationState,
    VideoConfig,
)
from veo_studio.core.paths import Paths
from veo_studio.core.retry import Backoff
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings
from veo_studio.core.studio import Studio

S = GenerationState
WAIT_S = 20 * SCALE
_QUICK = Backoff(first_s=0.02, longest_s=0.2)


class QuickGenerator(TextToVideoGenerator):
    """The real one with other waits: `changes` are fields of its `RunTools`, None for its own."""

    changes: dict[str, Any]

    def tools(self) -> RunTools:
        kept = {name: value for name, value in self.changes.items() if value is not None}
        return replace(super().tools(), **kept)


class Lab:
    """One data folder, one provider, and the clock of both."""

    def __init__(self, home: Path, google: Google, clock: FastClock) -> None:
        self.home = home
        self.google = google
        self.clock = clock
        # all that were ever in use
        self.keys = [books.KEY]
        self.tools: dict[str, Any] = {"backoff": _QUICK}
        self.strangers: list[RawServer] = []
        # requests to the own host that must not carry the key, after a detour elsewhere
        self.without_key: list[Received] = []
        # files in the output folder that are not ours
        self.expected_files: set[Path] = set()
        # explicit "send again" clicks
        self.sent_again = 0
        # texts that a user would see
        self.shown: dict[str, str] = {}
        self._studio: Studio | None = None
        self._servers = AsyncExitStack()

    @property
    def studio(self) -> Studio:
        assert self._studio is not None, "the lab is closed"
        return self._studio

    @property
    def paths(self) -> Paths:
        return Paths.default()

    # life

    async def open(self, *, resume: bool = False) -> Studio:
        lab = self

        class LabStudio(Studio):
            def __init__(self, *arguments: Any) -> None:
                super().__init__(*arguments, lab.clock)

        # `Studio` makes this class and no other; read when it runs, so that a test may change it
        QuickGenerator.changes = self.tools
        self._studio = await LabStudio.open(self.paths, Settings(), Secrets())
        if resume:
            await self._studio.queue.resume()
        return self._studio

    async def close(self) -> None:
        if self._studio is not None:
            studio, self._studio = self._studio, None
            await studio.close()

    async def restart(self) -> Studio:
        await self.close()
        return await self.open(resume=True)

    async def end(self) -> None:
        await self.close()
        await self._servers.aclose()
        await self.google.stop()

    async def stranger(self, script: Script) -> RawServer:
        """Another host (another port of this one), which must never see the key."""
        raw = await self._servers.enter_async_context(running(script))
        self.strangers.append(raw)
        return raw

    # work

    def request(self, prompt: str = "A paper boat", **fields: Any) -> GenerationRequest:
        config = VideoConfig("16:9", 3, "360p", "", 7)
        return GenerationRequest(prompt, "gemini", "gemini-omni-1.2-flash", config, **fields)

    async def enqueue(self, count: int = 1, **fields: Any) -> list[Generation]:
        return await self.studio.queue.enqueue([self.request(**fields) for _ in range(count)])

    async def make(self, **fields: Any) -> Generation:
        """One generation, until it needs nobody or a user."""
        (generation,) = await self.enqueue(**fields)
        return await self.rest(generation)

    async def make_all(self, count: int) -> list[Generation]:
        made = await self.enqueue(count)
        return [await self.rest(generation) for generation in made]

    async def rest(self, generation: Generation) -> Generation:
        async with asyncio.timeout(WAIT_S):
            return await self.studio.queue.wait(generation.id)

    async def get(self, generation: Generation) -> Generation:
        return await self.studio.generations.get(generation.id)

    async def reach(self, generation: Generation, *states: GenerationState) -> Generation:
        """Wait until it is in one of these states."""

        async def stored() -> bool:
            return (await self.get(generation)).state in states

        await self.until(stored)
        return await self.get(generation)

    async def put_back(self, *generations: Generation) -> None:
        """Wait until a submit of one of them was not accepted and the row says so."""

        async def waits() -> bool:
            last = [(await self.states(generation))[-2:] for generation in generations]
            return ["submitting", "pending"] in last

        await self.until(waits)

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait until `condition`, which may be a coroutine function, is true; events wake it."""
        changed = asyncio.Event()
        leave = [
            self.studio.events.subscribe(lambda _event: changed.set()),
            self.studio.queue.subscribe(changed.set),
        ]
        try:
            async with asyncio.timeout(WAIT_S):
                while True:
                    found = condition()
                    if await found if asyncio.iscoroutine(found) else found:
                        return
                    changed.clear()
                    # what happens at the provider makes no event of ours
                    with suppress(TimeoutError):
                        await asyncio.wait_for(changed.wait(), 0.01)
        finally:
            for unsubscribe in leave:
                unsubscribe()

    async def leap(self, seconds: float) -> None:
        """So much time passes now, for everything that has begun to wait."""
        await asyncio.sleep(0.02)
        self.clock.leap(seconds)

    async def states(self, generation: Generation) -> list[str]:
        changes = await self.studio.generations.state_changes(generation.id)
        return [change.to_state.value for change in changes]

    async def kinds(self, generation: Generation) -> list[str]:
        """Of its wallet entries, oldest first."""
        entries = await self.studio.wallet.entries(10_000)
        return [entry.kind for entry in reversed(entries) if entry.generation_id == generation.id]

    def files(self) -> list[Path]:
        """Visible ones in the output folder, apart from recipes."""
        visible = (path for path in self.paths.outputs.iterdir() if path.name[0] != ".")
        return sorted(path for path in visible if path.suffix != ".json")

    def parts(self, uuid: str = "") -> list[Path]:
        """Of one generation or of all; a recipe that is being written right now is none of a clip."""
        found = self.paths.outputs.glob(f".{uuid}*")
        return sorted(path for path in found if not path.name.endswith("-0.part"))

    # outcomes, by the codes of the fault matrix

    async def is_completed(self, generation: Generation, content: bytes | None = None) -> None:
        """C: one charge, exactly one file, byte for byte what the provider serves."""
        stored = await self.get(generation)
        assert stored.state is S.COMPLETED, (stored.state, stored.error)
        assert stored.charge is Charge.CHARGED
        assert await self.kinds(stored) == ["charge"]
        assert stored.video_path is not None
        found = stored.video_path.read_bytes()
        assert found == (self.google.files.content if content is None else content)
        assert stored.sha256 == hashlib.sha256(found).hexdigest()
        assert not self.parts(stored.uuid)

    async def is_refunded(
        self, generation: Generation, *, may_be_billed: bool = False
    ) -> Generation:
        """R: failed, one refund, no file, a reason; `may_be_billed` where the provider had a result."""
        stored = await self.get(generation)
        assert stored.state is S.FAILED, (stored.state, stored.error)
        allowed = {Charge.NOT_CHARGED} | ({Charge.UNKNOWN} if may_be_billed else set())
        assert stored.charge in allowed
        assert await self.kinds(stored) == ["charge", "refund"]
        assert stored.video_path is None
        assert stored.error
        assert stored.error_kind is not None
        assert not list(self.paths.outputs.glob(f".{stored.uuid}*"))
        return stored

    async def is_queued(self, generation: Generation) -> Generation:
        """Q: going on by itself, charged once; what waits knows until when."""
        stored = await self.get(generation)
        assert stored.state.is_active, (stored.state, stored.error)
        assert await self.kinds(stored) == ["charge"]
        if stored.state is S.PENDING and stored.error:
            assert stored.next_attempt_at is not None
        return stored

    async def is_unknown(self, generation: Generation) -> Generation:
        """U: charged, never sent again by itself, with real choices."""
        stored = await self.get(generation)
        assert stored.state is S.UNKNOWN, (stored.state, stored.error)
        assert stored.charge is Charge.UNKNOWN
        assert stored.error_kind is ErrorKind.SUBMIT_UNKNOWN
        assert await self.kinds(stored) == ["charge"]
        choices = self.studio.queue.choices(stored)
        assert {Choice.MARK_FAILED, Choice.SEND_AGAIN} <= set(choices)
        assert len(await self.studio.generations.attempts(stored.id)) == 1
        return stored

    async def is_held(self, generation: Generation) -> Generation:
        """H: charged, nothing lost, a reason, a button."""
        stored = await self.get(generation)
        assert stored.state is S.HELD, (stored.state, stored.error)
        assert stored.charge is Charge.CHARGED
        assert stored.error
        assert await self.kinds(stored) == ["charge"]
        assert Choice.COLLECT in self.studio.queue.choices(stored)
        return stored

    # what holds after every test

    async def check(self) -> None:
        """Money, disk and wire; the words of every row are kept for the search for the key."""
        for generation in await self._everything():
            self.shown[f"error of {generation.id}"] = f"{generation.error} {generation}"
        for attempt in books.rows(self.paths.database, "SELECT * FROM attempts"):
            self.shown[f"attempt {attempt['id']}"] = str(attempt)
        self.check_wire()

    def check_files(self) -> None:
        """After the studio is closed: what is stored is sound and whole."""
        database = self.paths.database
        if not database.exists():
            return
        books.check_database(database)
        books.check_money(database)
        books.check_operations(database, self.google.accepted, self.sent_again)
        books.check_disk(database, self.paths.outputs, self.expected_files)

    def check_wire(self) -> None:
        """I19: the key in one header at its own provider, and nowhere else."""
        if not self.google.expects_strays:
            assert self.google.strays == [], "asked for what no client of ours should ask"
        for request in self.google.requests:
            key = request.headers.get("x-goog-api-key")
            assert (key is None) if request in self.without_key else key in self.keys
            assert "authorization" not in request.headers
            self._has_no_key(request, {"x-goog-api-key"})
        for stranger in self.strangers:
            for request in stranger.requests:
                self._has_no_key(request, set())

    def _has_no_key(self, request: Received, allowed: set[str]) -> None:
        rest = [value for name, value in request.headers.items() if name not in allowed]
        seen = " ".join([request.path, *rest]).encode() + request.body
        for key in self.keys:
            for form, pattern in books.forms_of(key).items():
                assert pattern not in seen, f"the key ({form}) went out in {request.path[:100]}"

    async def _everything(self) -> list[Generation]:
        try:
            return await self.studio.generations.page(limit=10_000)
        except StudioError:
            return []


async def nothing_here(received: Received, reply: Reply) -> None:
    """The script of a stranger that has nothing."""
    await reply.head(404, {"Content-Length": "0"})
