from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.conftest import SMALL, Client, Finished, Open, until
from veo_studio.core.providers.rehearsal import vault
from veo_studio.core.providers.rehearsal.spec import RenderSpec
from veo_studio.core.providers.rehearsal.worker import RenderError, RenderProcess

LONG = {**SMALL, "duration": "60s"}
SRC = Path(__file__).resolve().parents[2] / "src"

STARTER = """
import asyncio, sys
from pathlib import Path
from veo_studio.core.providers.rehearsal.server import RehearsalServer

async def main():
    server = RehearsalServer(Path(sys.argv[1]))
    await server.start()
    print(server.base_url, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())  # without a main guard, as in a user's script
"""


def children(pid: int) -> list[int]:
    """Processes whose parent is `pid`, from the kernel itself: a bare system has no `ps`."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")  # any thread may have started it
    return [int(number) for task in tasks for number in task.read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


async def test_closing_is_prompt_and_the_next_start_goes_on(
    open_engine: Open, rendered: Finished
) -> None:
    first = await open_engine()
    await first.accepted(response_format=LONG)
    interaction = await first.accepted(labels={"attempt": "a1"})
    waiting = await first.accepted(response_format=LONG)
    await asyncio.sleep(0.3)
    began = time.monotonic()
    await first.server.close()
    assert time.monotonic() - began < 1
    second = await open_engine()
    assert second.server.base_url != first.server.base_url
    assert (await second.get("/rehearsal/attempts/a1"))[1]["id"] == interaction
    for other in (await ids(second)) - {interaction}:
        await second.post(f"/v1/interactions/{other}/cancel")
    assert (await second.poll(waiting))[1]["status"] == "cancelled"
    link = await second.link(interaction)
    assert link.startswith(second.server.base_url)
    assert await second.download(link) == rendered.content


async def ids(client: Client) -> set[str]:
    folder = Path(client.server._vault.folder) / "interactions"
    return {path.stem for path in folder.glob("*.json")}


async def test_a_finished_clip_has_a_link_on_todays_port(
    open_engine: Open, finished: Finished
) -> None:
    for _ in range(2):
        client = await open_engine(finished.folder)
        link = await client.link(finished.interaction)
        assert link.startswith(client.server.base_url)
        assert await client.download(link) == finished.content


async def test_a_lost_file_is_rendered_again(open_engine: Open, finished: Finished) -> None:
    (finished.folder / "files" / f"{finished.interaction}.mp4").unlink()
    client = await open_engine(finished.folder)
    assert await client.download(await client.link(finished.interaction)) == finished.content


async def test_half_written_and_foreign_files_do_no_harm(
    open_engine: Open, finished: Finished
) -> None:
    records = finished.folder / "interactions"
    (records / "v1_half.json").write_bytes(b'{"id": "v1_ha')
    (records / "v1_new.json.tmp").write_bytes(b"")
    (records / "v1_other.json").write_text(json.dumps({"id": "v1_other"}))
    (finished.folder / "files" / "v1_x.mp4.part").write_bytes(b"part")
    client = await open_engine(finished.folder)
    assert (await client.poll(finished.interaction))[1]["status"] == "completed"
    assert not list(finished.folder.rglob("*.part"))
    assert not list(finished.folder.rglob("*.tmp"))


async def test_a_clip_older_than_two_days_is_gone(open_engine: Open, finished: Finished) -> None:
    path = finished.folder / "interactions" / f"{finished.interaction}.json"
    record = json.loads(path.read_text())
    record["updated_s"] -= vault.KEEP_S + 1
    path.write_text(json.dumps(record))
    client = await open_engine(finished.folder)
    assert (await client.poll(finished.interaction))[0] == 404
    assert not list(finished.folder.rglob("*.mp4"))


async def test_the_oldest_clip_makes_room(
    open_engine: Open, finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault, "MAX_CACHE_BYTES", len(finished.content) + 10)
    client = await open_engine(finished.folder)
    newer = await client.accepted()
    assert (await client.done(newer))["status"] == "completed"
    await until(lambda: client.server._interactions.get(finished.interaction) is None)
    assert (await client.poll(finished.interaction))[0] == 404
    assert (await client.poll(newer))[0] == 200


async def test_a_worker_that_dies_fails_its_generation_only(client: Client) -> None:
    interaction = await client.accepted(response_format=LONG)
    live = client.server._interactions.find(interaction)
    os.kill(await until(lambda: live.process and live.process.pid), signal.SIGKILL)
    answer = await client.done(interaction)
    assert answer["status"] == "failed"
    assert "stopped unexpectedly" in answer["errors"][0]["message"]
    assert (await client.done(await client.accepted()))["status"] == "completed"


def test_a_render_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    spec = RenderSpec("a boat", 1, 640, 360, 2.0)
    with pytest.raises(RenderError, match="renderer failed"):
        RenderProcess(spec, tmp_path / "missing" / "x.mp4").run()


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL and ps are POSIX")
async def test_a_killed_program_takes_its_worker_with_it_and_resumes(
    open_engine: Open, tmp_path: Path, rendered: Finished
) -> None:
    script = tmp_path / "program.py"
    script.write_text(STARTER)
    folder = tmp_path / "engine"
    program = await asyncio.create_subprocess_exec(
        sys.executable, str(script), str(folder),
        env={**os.environ, "PYTHONPATH": str(SRC)}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert program.stdout is not None
        base_url = (await program.stdout.readline()).decode().strip()
        here: Any = await open_engine(tmp_path / "unused")
        remote = Client(here.session, _At(base_url))  # type: ignore[arg-type]
        interaction = await remote.accepted()
        # the worker and multiprocessing's own tracker
        workers = await until(lambda: len(found := children(program.pid)) > 1 and found)
        program.kill()
        await program.wait()
        await until(lambda: not any(is_alive(pid) for pid in workers))
    finally:
        with contextlib.suppress(ProcessLookupError):
            program.kill()
        program._transport.close()  # type: ignore[attr-defined]
    client = await open_engine(folder)
    assert await client.download(await client.link(interaction)) == rendered.content


class _At:
    """An engine in another process."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
