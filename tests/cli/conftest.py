"""The command line is tested as what it is: a program with arguments, two streams and an exit code."""

import asyncio
import json
import logging
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.clock import FastClock
from tests.faults.google import Google
from tests.transport.clips import noise_clip
from veo_studio.cli import main
from veo_studio.core import log

ROOT = Path(__file__).parents[2]


class Program:
    """`veo-studio` on one data folder, with nothing of this machine's environment."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home / "user"),
            "VEO_STUDIO_HOME": str(home),
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "VEO_STUDIO_POLL_INTERVAL": "0.05",
        }

    def command(self, *arguments):
        return [sys.executable, "-W", "error", "-m", "veo_studio", *arguments]

    def run(self, *arguments, code=0, timeout=180, env=None, **options):
        """Run to the end; the exit code must be `code`, and no traceback may be seen."""
        done = subprocess.run(
            self.command(*arguments),
            env={**self.env, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            **options,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode == code, f"{done.returncode}: {done.stdout}\n{done.stderr}"
        return done

    def json(self, *arguments, code=0, **options):
        return json.loads(self.run(*arguments, "--json", code=code, **options).stdout)

    def start(self, *arguments, env=None, **options):
        return subprocess.Popen(
            self.command(*arguments),
            env={**self.env, **(env or {})},
            **{
                "stdin": subprocess.DEVNULL,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                "text": True,
                **options,
            },
        )


@pytest.fixture(autouse=True)
def no_clip_is_drawn_twice(clips_are_copied):
    """What `clips_are_copied` does, for all of this folder."""


@pytest.fixture
def program(tmp_path):
    return Program(tmp_path / "home")


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One folder for the tests of a module that do not mind each other."""
    return Program(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def here(program, monkeypatch, capsys):
    """The same program in this process: as good as one of its own for what starts nothing."""
    for name, value in program.env.items():
        if name not in ("PATH", "PYTHONPATH"):
            monkeypatch.setenv(name, value)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    level = logging.getLogger().level

    def run(*arguments, code=0):
        found = main(arguments)
        seen = capsys.readouterr()
        assert code in (None, found), f"{found}: {seen.out}\n{seen.err}"
        return subprocess.CompletedProcess(arguments, found, seen.out, seen.err)

    yield run
    log.close()
    logging.getLogger().setLevel(level)


@pytest.fixture
def here_json(here):
    return lambda *arguments, code=0: json.loads(here(*arguments, "--json", code=code).stdout)


PAID = ("--provider", "gemini", "--duration", "3", "--resolution", "360p", "--yes")


@contextmanager
def scripted_google():
    """A scripted provider in a thread of its own: a program in this process has a loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="google")
    thread.start()

    def done(work):
        return asyncio.run_coroutine_threadsafe(work, loop).result(20)

    async def make():
        return Google(noise_clip(), FastClock(speed=1))

    try:
        server = done(make())
        done(server.start())
        yield server
        done(server.stop())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()


@pytest.fixture
def google(monkeypatch):
    """Google, as far as the program knows."""
    with scripted_google() as server:
        monkeypatch.setenv("VEO_STUDIO_GEMINI_URL", server.url)
        monkeypatch.setenv("GEMINI_API_KEY", "not-a-real-key-0123456789")
        yield server


@pytest.fixture
def second_google():
    """Another host."""
    with scripted_google() as server:
        yield server


def read_until(stream, words):
    """Lines of `stream` until one holds `words`."""
    lines = []
    for line in stream:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError(f"{words!r} never came: {''.join(lines)}")


@pytest.fixture(name="read_until")
def _read_until():
    return read_until
