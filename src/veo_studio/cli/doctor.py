"""`doctor`: what works here, what does not, and what to do about it. Changes nothing."""

from __future__ import annotations

import asyncio
import importlib.metadata
import io
import json
import logging
import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from rich.table import Table
from rich.text import Text

from veo_studio import __version__
from veo_studio.cli.bad_input import BadInput, check_environment
from veo_studio.cli.display import display_problem, library_problem
from veo_studio.cli.doctor_check import Check
from veo_studio.cli.doctor_folders import folder_checks, scheduler_checks
from veo_studio.cli.doctor_library import library_checks
from veo_studio.cli.doctor_providers import provider_checks
from veo_studio.cli.doctor_storage import backup_checks
from veo_studio.cli.terminal import ExitCode, Output, plain
from veo_studio.core.log import redact
from veo_studio.core.paths import Paths
from veo_studio.core.secrets import Secrets

_log = logging.getLogger(__name__)

_PACKAGES = ("PyQt6", "aiohttp", "SQLAlchemy", "av", "Pillow", "keyring")


async def doctor(output: Output) -> int:
    """Print every check; 0 where the program can be used, else 6."""
    checks = await asyncio.to_thread(lambda: list(all_checks(Paths.default(), Secrets())))
    is_usable = not any(check.status == "fail" for check in checks)
    if output.is_json:
        output.json({"usable": is_usable, "checks": [asdict(check) for check in checks]})
    else:
        styles = {"ok": "green", "warn": "yellow", "fail": "bold red"}
        table = Table(box=None, pad_edge=False, show_header=False)
        for column in ("status", "name", "message"):
            table.add_column(column, overflow="fold")
        for check in checks:
            words = f"{check.message} {check.advice}".strip()
            table.add_row(
                Text(check.status, style=styles[check.status]), check.name, Text(plain(words))
            )
        output.table(table)
    return ExitCode.DONE if is_usable else ExitCode.STORAGE


def all_checks(paths: Paths, secrets: Secrets) -> Iterator[Check]:
    """A check that breaks is itself a finding, and the others still run."""
    groups: tuple[tuple[str, Callable[[], Iterable[Check]]], ...] = (
        ("program", _program),
        ("folders", lambda: folder_checks(paths)),
        ("database", lambda: library_checks(paths.database)),
        ("backups", lambda: backup_checks(paths)),
        ("scheduler", lambda: scheduler_checks(paths.lock)),
        ("settings", lambda: _settings(paths.settings)),
        ("services", lambda: provider_checks(paths, secrets)),
        ("environment", _variables),
        ("codecs", _codecs),
        ("display", _display),
    )
    for name, group in groups:
        try:
            yield from group()
        except Exception as error:
            _log.exception("the check of %s failed", name)
            yield Check(
                name, "fail", redact(f"This could not be checked: {type(error).__name__}: {error}.")
            )


def _program() -> Iterator[Check]:
    versions = ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)
    yield Check(
        "program",
        "ok",
        f"Veo Studio {__version__} on {platform.system()} {platform.machine()} "
        f"(Python {platform.python_version()}, {versions}).",
    )
    missing = [name for name in _PACKAGES if _version(name) == "missing"]
    if missing and not getattr(sys, "frozen", False):
        yield Check(
            "packages",
            "fail",
            f"Parts are missing: {', '.join(missing)}.",
            "Install Veo Studio again.",
        )


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _settings(path: Path) -> Iterator[Check]:
    try:
        is_good = isinstance(json.loads(path.read_bytes()), dict)
    except FileNotFoundError:
        yield Check("settings", "ok", "Nothing was set yet: everything is as it comes.")
        return
    except OSError as error:
        yield Check(
            "settings",
            "fail",
            f"Your settings in {path} cannot be read ({error.strerror}).",
            "Give yourself the right to read that file.",
        )
        return
    except (ValueError, RecursionError):
        is_good = False
    if is_good:
        yield Check("settings", "ok", f"Your settings are in {path}.")
    else:
        yield Check(
            "settings", "warn", f"Your settings in {path} are damaged.",
            "The next start keeps that file beside and begins with fresh settings."
        )  # fmt: skip


def _variables() -> Iterator[Check]:
    try:
        check_environment()
    except BadInput as error:
        yield Check("environment", "fail", str(error), "Correct or unset it.")


def _codecs() -> Iterator[Check]:
    """Writes a real clip: that an encoder is listed does not mean that it works."""
    import av
    from av.audio.frame import AudioFrame
    from av.video.frame import VideoFrame

    target = io.BytesIO()
    try:
        with av.open(target, "w", format="mp4") as container:
            picture = container.add_stream("libx264", rate=24)
            picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
            sound = container.add_stream("aac", rate=48_000)
            sound.layout = "stereo"
            frame = VideoFrame(64, 64, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.pts = 0
            noise = AudioFrame(format="fltp", layout="stereo", samples=1024)
            for channel in noise.planes:
                channel.update(bytes(channel.buffer_size))
            noise.sample_rate, noise.pts = 48_000, 0
            container.mux(picture.encode(frame))
            container.mux(sound.encode(noise))
            container.mux(picture.encode(None))
            container.mux(sound.encode(None))
    except (av.FFmpegError, ValueError) as error:
        yield Check(
            "codecs",
            "fail",
            f"Video (H.264) and sound (AAC) cannot be made: {error}.",
            "Install Veo Studio again.",
        )
        return
    yield Check("codecs", "ok", "Video (H.264) and sound (AAC) can be made.")


def _display() -> Iterator[Check]:
    problem = display_problem()
    if problem:
        yield Check(
            "display",
            "warn",
            f"No window can be shown ({problem}).",
            "The commands work all the same.",
        )
    else:
        yield Check("display", "ok", "A window can be shown.")
    libraries = library_problem()
    if libraries:
        yield Check("qt libraries", "warn" if problem else "fail", libraries)
    else:
        yield Check("qt libraries", "ok", "The system has everything that the window needs.")
