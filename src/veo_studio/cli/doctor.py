"""`doctor`: what works here, what does not, and what to do about it. Changes nothing."""

from __future__ import annotations

import asyncio
import importlib.metadata
import io
import json
import logging
import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from rich.table import Table
from rich.text import Text

from veo_studio import __version__
from veo_studio.cli.display import display_problem, library_problem
from veo_studio.cli.terminal import ExitCode, Output, plain
from veo_studio.cli.words import size_words
from veo_studio.core.catalog import Catalog
from veo_studio.core.errors import StudioError
from veo_studio.core.paths import HOME_VARIABLE, Paths, ensure_folder
from veo_studio.core.providers.addresses import base_problem
from veo_studio.core.secrets import Secrets
from veo_studio.core.store.tables import APPLICATION_ID, SCHEMA_VERSION

_log = logging.getLogger(__name__)

_LOW_BYTES = 1_000_000_000
_TOO_LOW_BYTES = 50_000_000
_ADDRESSES = ("GEMINI", "RUNWAY", "KIE", "VERTEX")
_PACKAGES = ("PyQt6", "aiohttp", "SQLAlchemy", "av", "Pillow", "keyring")

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Check:
    """One line; `advice` is empty where there is nothing to do."""

    name: str
    status: Status
    message: str
    advice: str = ""


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
        ("folders", lambda: _folders(paths)),
        ("database", lambda: _database(paths.database)),
        ("scheduler", lambda: _scheduler(paths.lock)),
        ("settings", lambda: _settings(paths.settings)),
        ("keys", lambda: _keys(paths, secrets)),
        ("codecs", _codecs),
        ("display", _display),
    )
    for name, group in groups:
        try:
            yield from group()
        except Exception as error:
            _log.exception("the check of %s failed", name)
            yield Check(
                name, "fail", f"This could not be checked: {type(error).__name__}: {error}."
            )


def _program() -> Iterator[Check]:
    versions = ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)
    yield Check(
        "program",
        "ok",
        f"Veo Studio {__version__}, Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}, {versions}.",
    )
    missing = [name for name in _PACKAGES if _version(name) == "missing"]
    if missing and not getattr(sys, "frozen", False):
        yield Check(
            "packages", "fail", f"Not installed: {', '.join(missing)}.", "Install Veo Studio again."
        )


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _folders(paths: Paths) -> Iterator[Check]:
    home = os.environ.get(HOME_VARIABLE)
    if home:
        yield Check("home", "ok", f"{HOME_VARIABLE} puts everything below {paths.data.parent}.")
    for name, folder in paths.folders().items():
        try:
            ensure_folder(folder, is_private=folder != paths.outputs)
        except StudioError as error:
            yield Check(f"folder {name}", "fail", error.message, error.action or "")
            continue
        free = shutil.disk_usage(folder).free
        message = f"{folder} is writable, {size_words(free)} free."
        if free < _TOO_LOW_BYTES:
            yield Check(f"folder {name}", "fail", message, "Free some space.")
        elif free < _LOW_BYTES:
            yield Check(f"folder {name}", "warn", message, "Free some space before long.")
        else:
            yield Check(f"folder {name}", "ok", message)


def _database(path: Path) -> Iterator[Check]:
    if not path.exists():
        yield Check("database", "ok", f"{path} does not exist yet; the first start makes it.")
        return
    aside = "Close Veo Studio, move the file away and restore a backup."
    try:
        with closing(
            sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)
        ) as connection:
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            application = int(connection.execute("PRAGMA application_id").fetchone()[0])
            findings = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
    except sqlite3.Error as error:
        yield Check("database", "fail", f"{path} cannot be read: {error}.", aside)
        return
    size = size_words(path.stat().st_size)
    if application not in (0, APPLICATION_ID):
        yield Check("database", "fail", f"{path} belongs to another program.", aside)
    elif findings != ["ok"]:
        yield Check("database", "fail", f"{path} is damaged: {findings[0]}.", aside)
    elif version > SCHEMA_VERSION:
        yield Check(
            "database",
            "fail",
            f"{path} has version {version}; this program knows {SCHEMA_VERSION}.",
            "Install the newer Veo Studio that wrote it.",
        )
    else:
        older = "" if version == SCHEMA_VERSION else "; the next start brings it up to date"
        yield Check("database", "ok", f"{path} is sound, version {version}, {size}{older}.")


def _scheduler(lock: Path) -> Iterator[Check]:
    from filelock import FileLock, Timeout

    if not lock.exists():
        yield Check("scheduler", "ok", "No Veo Studio works on this folder.")
        return
    try:
        with FileLock(lock, timeout=0, is_singleton=False):
            yield Check("scheduler", "ok", "No Veo Studio works on this folder.")
    except Timeout:
        holder = _holder_of(lock)
        words = f"process {holder}" if holder else "another process"
        yield Check("scheduler", "ok", f"A Veo Studio ({words}) works on this folder.")


def _holder_of(lock: Path) -> int | None:
    """The process that holds a lock on the file, where the system tells (Linux)."""
    try:
        inode = lock.stat().st_ino
        for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
            fields = line.split()
            if len(fields) > 5 and fields[5].endswith(f":{inode}"):
                return int(fields[4])
    except (OSError, ValueError):
        pass
    return None


def _settings(path: Path) -> Iterator[Check]:
    try:
        is_good = isinstance(json.loads(path.read_bytes()), dict)
    except FileNotFoundError:
        yield Check("settings", "ok", "No settings file yet: the defaults are used.")
        return
    except OSError as error:
        yield Check(
            "settings", "fail", f"{path} cannot be read ({error.strerror}).", "Make it readable."
        )
        return
    except (ValueError, RecursionError):
        is_good = False
    if is_good:
        yield Check("settings", "ok", f"{path} is readable.")
    else:
        yield Check(
            "settings", "warn", f"{path} is broken.",
            "The next start keeps it aside and uses the defaults."
        )  # fmt: skip


def _keys(paths: Paths, secrets: Secrets) -> Iterator[Check]:
    try:
        catalog = Catalog.load(paths.user_catalog)
    except StudioError as error:
        yield Check("catalogue", "fail", error.message, "Correct the file or move it away.")
        return
    status = secrets.keyring_status()
    if status.can_store:
        yield Check("keyring", "ok", f"Keys are kept in the {status.name}.")
    else:
        yield Check(
            "keyring", "warn", status.problem, "Keys from the environment work all the same."
        )
    for provider in catalog.providers.values():
        if not provider.needs_key:
            yield Check(f"provider {provider.id}", "ok", f"{provider.name} needs no key.")
        elif (source := secrets.source(provider.id)) is not None:
            yield Check(f"provider {provider.id}", "ok", f"The key comes from the {source}.")
        else:
            yield Check(f"provider {provider.id}", "warn", "There is no key.", provider.key_help)
    for name in _ADDRESSES:
        variable = f"VEO_STUDIO_{name}_URL"
        if not (address := os.environ.get(variable, "").strip()):
            continue
        if problem := base_problem(address):
            # not repeated: what is no address may be a key in the wrong place
            yield Check(
                "address", "fail", f"{variable} cannot be used: {problem}.", "Correct or unset it."
            )
        else:
            yield Check("address", "warn", f"{variable} sends requests to {address}.")


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
            "codecs", "fail", f"H.264 and AAC cannot be written: {error}.", "Install PyAV again."
        )
        return
    yield Check("codecs", "ok", "H.264 and AAC can be written.")


def _display() -> Iterator[Check]:
    problem = display_problem()
    if problem:
        yield Check(
            "display", "warn", f"No window can be shown ({problem}).", "The command line works."
        )
    else:
        yield Check("display", "ok", "A window can be shown.")
    libraries = library_problem()
    if libraries:
        yield Check("qt libraries", "warn" if problem else "fail", libraries)
    else:
        yield Check("qt libraries", "ok", "Every system library that Qt needs is there.")
