"""What every test stands on: a home of its own, no key of the developer's, no waits from outside."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.fakes.copied_clips import MakeRender, copying_into

_FROM_OUTSIDE = (
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "RUNWAYML_API_SECRET",
    "KIE_API_KEY",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "VEO_STUDIO_OPENAI_URL",
    "VEO_STUDIO_ENHANCE_TIMEOUT",
    "VEO_STUDIO_GEMINI_URL",
    "VEO_STUDIO_VERTEX_PROJECT",
    "GOOGLE_CLOUD_LOCATION",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "VEO_STUDIO_VERTEX_URL",
    "VEO_STUDIO_VERTEX_BUCKET",
    "VEO_STUDIO_VERTEX_STORAGE_URL",
    "VEO_STUDIO_POLL_INTERVAL",
    "VEO_STUDIO_SUBMIT_TIMEOUT",
    "VEO_STUDIO_REHEARSAL_FAULT",
    "VEO_STUDIO_REHEARSAL_DELAY",
)


# a look through everything after so many tests
_ALL_AFTER = 100
_since_all = 0


def pytest_collection_finish() -> None:
    """The tests themselves stay; no look for garbage has to walk through them."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """Garbage goes between two tests, as it goes between two turns of the window's loop (`ui/garbage.py`).

    In the middle of one it could be a widget of the test before that is just being painted.
    """
    global _since_all
    gc.disable()
    done = yield
    _since_all = (_since_all + 1) % _ALL_AFTER
    gc.collect(1 if _since_all else 2)
    return done


@pytest.fixture(autouse=True)
def studio_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that VEO_STUDIO_HOME points to, for this test and the processes that it starts."""
    home = tmp_path / "home"
    monkeypatch.setenv("VEO_STUDIO_HOME", str(home))
    # a desktop's keyring must not answer for the test's
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    for name in _FROM_OUTSIDE:
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture(scope="session")
def make_copies(tmp_path_factory: pytest.TempPathFactory) -> MakeRender:
    """One folder of drawn clips for all test processes of this run."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    return copying_into(base / "drawn-clips")


@pytest.fixture
def clips_are_copied(make_copies: MakeRender, monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded engine draws one clip of each shape; see `tests/fakes/copied_clips.py`."""
    engine = "veo_studio.core.providers.rehearsal.interactions.RenderProcess"
    monkeypatch.setattr(engine, make_copies)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Captured text with a lone surrogate in it cannot travel from a test process to the next."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections
    ]
    return report
