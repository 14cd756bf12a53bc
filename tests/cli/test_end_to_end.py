"""Every service from the terminal alone: set up with `providers`, a clip, its price before, its cost after, Cancel."""

from __future__ import annotations

import asyncio
import importlib
import io
import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keyring
import pytest

from tests.cli.keyrings import keep_keys
from tests.providers.servers import kie, runway, vertex
from tests.providers.servers.comfyui import serving_in_thread
from tests.transport.clips import noise_clip
from veo_studio.core.providers.rehearsal.faults import parse_faults
from veo_studio.core.providers.rehearsal.server import RehearsalServer

KEY = "AIza-a-key-of-nobody-0123456789"


@dataclass
class Service:
    """A scripted service that finishes nothing before `release`; `setup` are the words after `providers`."""

    setup: tuple[tuple[str, ...], ...]
    release: Callable[[], None]
    clip: bytes | None
    key: str = ""


@dataclass(frozen=True)
class Case:
    """`price` is what is said before; `cost_usd` what the service reports, None where it tells nothing."""

    provider: str
    serving: Callable[[Path], AbstractContextManager[Service]]
    asked: tuple[str, ...]
    price: str
    cost_usd: float | None
    cancels: str


@contextmanager
def loop_in_thread(name: str) -> Iterator[Callable[[Any], Any]]:
    """Runs coroutines for a program in this process, which has a loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name=name)
    thread.start()
    try:
        yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


@contextmanager
def google(folder: Path) -> Iterator[Service]:
    """The rehearsal engine in its place; the first clip never ends."""
    with loop_in_thread("google") as done:
        engine = RehearsalServer(
            folder / "engine", faults=parse_faults("never*1"), required_api_key=KEY
        )
        done(engine.start())
        try:
            setup = (
                ("address", "gemini", engine.base_url),
                ("connect", "gemini", "--key-stdin"),
            )
            yield Service(setup, lambda: None, None, KEY)
        finally:
            done(engine.close())


@contextmanager
def runway_there(folder: Path) -> Iterator[Service]:
    with runway.runway_in_thread(noise_clip()) as server:
        server.states = [runway.running_state(0.5)]

        def release() -> None:
            server.states = [runway.succeeded(150)]

        setup = (("connect", "runway", "--key-stdin"), ("address", "runway", server.url))
        yield Service(setup, release, server.clip, runway.KEY)
        assert len(server.paid) == 2


@contextmanager
def kie_there(folder: Path) -> Iterator[Service]:
    with kie.kie_in_thread(noise_clip()) as server:
        # longer than the test looks
        server.poll_steps.extend([kie.veo(0)] * 5_000)
        setup = (
            ("connect", "kie", "--key-stdin"),
            ("address", "kie", server.url),
            ("set", "kie", "upload_url", server.upload_host.url),
        )
        yield Service(setup, server.poll_steps.clear, server.clip, kie.KEY)
        assert len(server.paid) == 2


@contextmanager
def vertex_there(folder: Path) -> Iterator[Service]:
    with loop_in_thread("vertex") as done:
        server = vertex.Vertex(noise_clip())
        server.poll_default = vertex.run_on
        done(server.start())
        try:

            def release() -> None:
                server.poll_default = vertex.done_in_bucket

            file = vertex.credentials_file(folder, server.url)
            setup = (
                ("address", "vertex", server.url),
                ("set", "vertex", "project", vertex.PROJECT),
                ("set", "vertex", "credentials_file", str(file)),
                ("set", "vertex", "storage_url", server.url),
            )
            yield Service(setup, release, server.files.content)
            assert len(server.submits) == 2
            assert server.strays == []
        finally:
            done(server.stop())


@contextmanager
def comfyui_there(folder: Path) -> Iterator[Service]:
    with serving_in_thread(noise_clip()) as comfy:
        comfy.makes_at_once = False

        def release() -> None:
            comfy.makes_at_once = True

        yield Service((("address", "comfyui", comfy.url),), release, comfy.clip)
        assert len(comfy.submits) == 2
        assert comfy.strays == []
        assert comfy.stopped_foreign == []


CASES = (
    Case(
        "gemini", google, ("--duration", "3", "--resolution", "360p"), "about $0.07 at Google Gemini",
        0.069, "Google stops the work",
    ),
    Case(
        "runway", runway_there, ("--model", "veo3.1", "--duration", "4", "--no-audio"),
        "about $0.80 at Runway", 1.5, "Runway stops the work",
    ),
    Case(
        "kie", kie_there, ("--model", "veo3", "--duration", "4"), "about $1.25 at KIE.AI", 1.25,
        "Cancel only stops waiting",
    ),
    Case(
        "vertex", vertex_there, ("--model", "veo-3.1", "--duration", "4"), "about $1.60 at Google Cloud",
        None, "Cancel only stops waiting",
    ),
    Case(
        "comfyui", comfyui_there, ("--model", "wan-2.2-text", "--duration", "3"), "", None,
        "nobody else's",
    ),
)  # fmt: skip


@pytest.fixture
def keys(program, tmp_path, monkeypatch):
    """The same working keyring here and in programs of their own."""
    path = keep_keys(program, tmp_path)
    monkeypatch.setenv("KEPT_KEYS", str(path))
    monkeypatch.syspath_prepend(tmp_path)
    previous = keyring.get_keyring()
    keyring.set_keyring(importlib.import_module("kept_keyring").Kept())
    yield path
    keyring.set_keyring(previous)


@pytest.mark.parametrize("case", CASES, ids=[case.provider for case in CASES])
def test_a_service_from_key_to_clip(
    case, keys, here, here_json, program, read_until, tmp_path, monkeypatch
):
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    asked = ("generate", "A paper boat", "--provider", case.provider, *case.asked)
    with case.serving(tmp_path) as service:
        for words in service.setup:
            monkeypatch.setattr("sys.stdin", io.StringIO(f"{service.key}\n"))
            here("providers", *words)
        assert here_json("providers", "show", case.provider)["is_ready"]
        assert here_json("providers", "test", case.provider)["proved"]
        if case.price:
            # the price comes before anything is stored
            assert case.price in here(*asked, code=2).stderr
            assert here_json("history") == []

        running = program.start(*asked, "--yes")
        read_until(running.stderr, "Accepted")
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
        assert (running.returncode, out) == (130, ""), err
        (left,) = here_json("queue")["running"]
        if case.price:
            assert case.cancels in here("cancel", str(left["id"]), code=2).stderr
        ended = here("cancel", str(left["id"]), "--yes", "--json")
        assert case.cancels in ended.stderr
        assert json.loads(ended.stdout)["status"] == "cancelled"
        assert "nothing to cancel" in here("cancel", str(left["id"]), code=2).stderr

        service.release()
        done = here(*asked, "--yes", "--json")
        made = json.loads(done.stdout)
        assert made["status"] == "completed"
        content = Path(made["video_path"]).read_bytes()
        assert content == service.clip if service.clip else content[4:8] == b"ftyp"
        assert case.price in done.stderr
        if case.cost_usd is not None:
            assert made["cost_usd"] == pytest.approx(case.cost_usd, rel=0.05)
            assert f"It cost ${made['cost_usd']:.2f} at" in done.stderr
        assert not service.key or service.key not in done.stdout + done.stderr + err
    for path in program.home.rglob("*"):
        assert not service.key or path.is_dir() or service.key.encode() not in path.read_bytes()


@pytest.fixture
def connected(keys, here, tmp_path, monkeypatch):
    """Set a service up as a user does; it finishes everything."""

    @contextmanager
    def connect(serving):
        with serving(tmp_path) as service:
            for words in service.setup:
                monkeypatch.setattr("sys.stdin", io.StringIO(f"{service.key}\n"))
                here("providers", *words)
            service.release()
            yield service

    return connect


def test_one_request_makes_several_clips(connected, here, here_json):
    asked = (
        "generate",
        "A paper boat",
        "--provider",
        "vertex",
        "--model",
        "veo-3.1",
        "--duration",
        "4",
    )
    with connected(vertex_there):
        assert "about $3.20" in here(*asked, "--samples", "2", code=2).stderr
        made = here_json(*asked, "--samples", "2", "--yes")
        assert [clip["status"] for clip in made] == ["completed", "completed"]
        assert len({clip["video_path"] for clip in made}) == 2
        assert [clip["tokens"] for clip in made] == [20, 0]
        paths = here(*asked, "--samples", "3", "--yes").stdout.splitlines()
        assert len({path for path in paths if Path(path).is_file()}) == 3
        assert "at most 4 clips" in here(*asked, "--samples", "5", "--yes", code=2).stderr


def test_a_clip_is_made_sharper_under_its_own_words(connected, here, here_json):
    asked = ("generate", "A paper boat", "--provider", "kie", "--model", "veo3", "--duration", "4")
    with connected(kie_there) as service:
        made = here_json(*asked, "--yes")
        # free there: nothing is asked about
        sharper = here_json(
            "generate", "--upscale", str(made["id"]), "--resolution", "1080p", "--yes"
        )
        assert (sharper["status"], sharper["prompt"]) == ("completed", "A paper boat")
        assert (sharper["config"]["task"], sharper["model"]) == ("upscale", "veo3-upgrade")
        assert Path(sharper["video_path"]).is_file()
        here(*asked, "--yes")
        assert service.key
