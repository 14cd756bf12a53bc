"""The lab: opened before each test, and searched afterwards for everything that must never be."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.faults import books
from tests.faults.clock import SCALE, FastClock
from tests.faults.google import Google
from tests.faults.lab import Lab, QuickGenerator
from tests.transport.clips import noise_clip
from veo_studio.core import log
from veo_studio.core.paths import Paths
from veo_studio.core.providers.http import HttpGateway


@pytest.fixture(scope="session")
def clip() -> bytes:
    """A real mp4 of some 2 MB."""
    return noise_clip()


@pytest.fixture
def provider_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quick polls, a short submit, and no proxy of the machine's."""
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GEMINI_API_KEY", books.KEY)
    monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", "0.02")
    monkeypatch.setenv("VEO_STUDIO_SUBMIT_TIMEOUT", str(10 * SCALE))
    monkeypatch.setattr("veo_studio.core.studio.TextToVideoGenerator", QuickGenerator)


@pytest.fixture
def logged(provider_settings: None) -> Iterator[None]:
    """The program's own log, with every word that it has."""
    paths = Paths.default()
    paths.ensure()
    log.configure(paths, logging.DEBUG)
    yield
    log.close()
    logging.getLogger().setLevel(logging.WARNING)


@pytest.fixture
def quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """What costs nothing is given up after 0.3 s without an answer, not after 30 s."""
    limits = HttpGateway.request_json.__kwdefaults__
    monkeypatch.setitem(limits, "timeout_s", 0.3 * SCALE)


@pytest.fixture
async def lab(
    clip: bytes,
    studio_home: Path,
    logged: None,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> AsyncIterator[Lab]:
    """The core, open, and its provider; afterwards money, disk, wire and secrets are checked."""
    clock = FastClock()
    google = Google(clip, clock)
    await google.start()
    monkeypatch.setenv("VEO_STUDIO_GEMINI_URL", google.url)
    lab = Lab(studio_home, google, clock)
    try:
        await lab.open()
        await lab.studio.wallet.grant(900, "for the test")
        yield lab
        await lab.check()
        # while the write-ahead log is still there
        books.check_no_key(lab.keys, [studio_home], {})
    finally:
        await lab.end()
    lab.check_files()
    log.close()
    captured = capfd.readouterr()
    texts = {"stdout": captured.out, "stderr": captured.err, **lab.shown}
    books.check_no_key(lab.keys, [studio_home], texts)
