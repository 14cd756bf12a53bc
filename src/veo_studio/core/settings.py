"""What the program remembers between two starts, in one JSON file that people may edit."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import math
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from veo_studio.core.errors import DiskFull, StorageError

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

THEMES = ("system", "light", "dark")
_MAX_BYTES = 4 * 1024 * 1024


@dataclass
class Settings:
    """Choices of the user and the state of the window; never keys.

    `output_dir` None means the default outputs folder. `concurrency` maps a provider to how many of
    its generations run at once. `addresses` maps a provider to a base address of the user's own,
    `plain_http` maps a provider to the origin (scheme, host, port) to which the user allowed readable
    traffic with it, and `options` holds what else a provider has to know. `enhancer` holds `service`,
    `models` by service, `system_prompt` and `limit_s` (`enhance.Enhancers`). `window_state` holds Qt's own
    states as base64 text. `player_volume` is a fraction. `notifies`: the system tells what ended while
    the window is not in front. `writes_recipes`: each new clip gets its recipe
    beside it. `shortcuts` maps a command to the keyboard's keys that the user gave it. `kept_aside` names
    the broken file that `load` replaced, for one notice.
    """

    theme: str = "system"
    output_dir: Path | None = None
    last_model: str | None = None
    last_config: dict[str, Any] = field(default_factory=dict)
    last_prompt: str = ""
    concurrency: dict[str, int] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    plain_http: dict[str, str] = field(default_factory=dict)
    options: dict[str, dict[str, str]] = field(default_factory=dict)
    enhancer: dict[str, Any] = field(default_factory=dict)
    window_state: dict[str, str] = field(default_factory=dict)
    player_volume: float = 1.0
    player_loop: bool = False
    notifies: bool = True
    writes_recipes: bool = True
    shortcuts: dict[str, list[str]] = field(default_factory=dict)
    unknown: dict[str, Any] = field(default_factory=dict, repr=False)
    kept_aside: Path | None = field(default=None, compare=False, repr=False)

    @classmethod
    def load(cls, path: Path) -> Settings:
        """Read `path`; a missing file gives the defaults, a broken one is kept aside first.

        Raises StorageError where the file exists and cannot be read or moved.
        """
        try:
            with open(path, "rb") as file:
                content = file.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            return cls()
        except OSError as error:
            raise _file_error(path, "read", error) from error
        try:
            if len(content) > _MAX_BYTES:
                raise ValueError("too large")
            stored = json.loads(content)
            if not isinstance(stored, dict):
                raise ValueError("not an object")
        except (ValueError, RecursionError) as error:
            aside = _keep_aside(path)
            _log.warning("settings are not readable (%s); kept as %s", error, aside.name)
            return cls(kept_aside=aside)
        return cls._from_json(stored)

    @classmethod
    def _from_json(cls, stored: dict[str, Any]) -> Settings:
        """Take what has the right type; a wrong value costs only itself."""
        settings = cls()
        for name, value in stored.items():
            reader = _READERS.get(name)
            if reader is None:
                settings.unknown[name] = value
                continue
            try:
                setattr(settings, name, reader(value))
            except (TypeError, ValueError):
                _log.warning("setting %s is not usable and was left at its default", name)
        return settings

    def to_json(self) -> dict[str, Any]:
        """As stored; what a newer version wrote is kept."""
        return {
            **self.unknown,
            "theme": self.theme,
            "output_dir": None if self.output_dir is None else str(self.output_dir),
            "last_model": self.last_model,
            "last_config": self.last_config,
            "last_prompt": self.last_prompt,
            "concurrency": self.concurrency,
            "addresses": self.addresses,
            "plain_http": self.plain_http,
            "options": self.options,
            "enhancer": self.enhancer,
            "window_state": self.window_state,
            "player_volume": self.player_volume,
            "player_loop": self.player_loop,
            "notifies": self.notifies,
            "writes_recipes": self.writes_recipes,
            "shortcuts": self.shortcuts,
        }

    def save(self, path: Path) -> None:
        """Replace `path` as a whole; after a crash it is the old file or the new one.

        Raises StorageError; the old file is then untouched.
        """
        # ensure_ascii keeps lone surrogates of a pasted prompt writable.
        content = json.dumps(self.to_json(), indent=2).encode("ascii") + b"\n"
        target = Path(os.path.realpath(path))  # a link into somebody's dotfiles stays a link
        part = target.with_name(f".{target.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        try:
            try:
                with open(os.open(part, flags, 0o600), "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(part, target)
            except BaseException:
                with contextlib.suppress(OSError):
                    part.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise _file_error(path, "written", error) from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _optional_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _theme(value: Any) -> str:
    if value not in THEMES:
        raise ValueError
    return str(value)


def _folder(value: Any) -> Path | None:
    if value is None or value == "":
        return None
    folder = Path(_text(value))
    if not folder.is_absolute():
        raise ValueError
    return folder


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return dict(value)


def _each(value: Any, reader: Callable[[Any], _T]) -> dict[str, _T]:
    """A wrong value of a table costs only itself: the others may say where a key goes."""
    read = {}
    for name, one in _object(value).items():
        try:
            read[name] = reader(one)
        except (TypeError, ValueError):
            _log.warning("a value for %s in the settings is not usable and was left out", name[:80])
    return read


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError
    return value


def _counts(value: Any) -> dict[str, int]:
    return _each(value, _count)


def _texts(value: Any) -> dict[str, str]:
    return _each(value, _text)


def _texts_by_name(value: Any) -> dict[str, dict[str, str]]:
    return _each(value, _texts)


def _several_texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise TypeError
    return [_text(one) for one in value]


def _keys(value: Any) -> dict[str, list[str]]:
    return _each(value, _several_texts)


def _fraction(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError
    return min(1.0, max(0.0, float(value)))


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


_READERS = {
    "theme": _theme,
    "output_dir": _folder,
    "last_model": _optional_text,
    "last_config": _object,
    "last_prompt": _text,
    "concurrency": _counts,
    "addresses": _texts,
    "plain_http": _texts,
    "options": _texts_by_name,
    "enhancer": _object,
    "window_state": _texts,
    "player_volume": _fraction,
    "player_loop": _switch,
    "notifies": _switch,
    "writes_recipes": _switch,
    "shortcuts": _keys,
}


def _keep_aside(path: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    aside = path.with_name(f"{path.stem}.broken-{stamp}{path.suffix}")
    try:
        os.rename(path, aside)
    except OSError as error:
        raise _file_error(path, "moved aside", error) from error
    return aside


def _file_error(path: Path, verb: str, error: OSError) -> StorageError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"There is no room left to write the settings file {path}.")
    reason = (error.strerror or str(error)).rstrip(".")
    return StorageError(
        f"The settings file {path} cannot be {verb} ({reason}).",
        action="Give yourself access to the file and its folder.",
    )
