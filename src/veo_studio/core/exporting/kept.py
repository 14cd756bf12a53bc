"""The user's own export presets and last choices, in one JSON file that people may edit."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from veo_studio.core.exporting.names import DEFAULT_TEMPLATE, check_template
from veo_studio.core.exporting.presets import BUILT_IN, MOST_NAME_CHARS, ExportPreset
from veo_studio.core.partial import storage_errors

_log = logging.getLogger(__name__)
_MOST_BYTES = 1024 * 1024
MOST_PRESETS = 100


@dataclass(frozen=True)
class ExportChoices:
    """What the dialog begins with, and what it can choose from beside the built-in ones."""

    preset: ExportPreset = BUILT_IN[0]
    template: str = DEFAULT_TEMPLATE
    folder: Path | None = None
    own: tuple[ExportPreset, ...] = field(default=())

    @property
    def presets(self) -> tuple[ExportPreset, ...]:
        return (*BUILT_IN, *self.own)

    def with_own(self, preset: ExportPreset) -> ExportChoices:
        """Saved under its name, in the place of one of that name. Raises ValueError with a sentence."""
        name = " ".join(preset.name.split())
        if not name:
            raise ValueError("A preset needs a name.")
        if len(name) > MOST_NAME_CHARS:
            raise ValueError(f"The name of a preset has at most {MOST_NAME_CHARS} characters.")
        if any(name.casefold() == one.name.casefold() for one in BUILT_IN):
            raise ValueError(f"There is a built-in preset {name}. Choose another name.")
        preset.check()
        kept = tuple(one for one in self.own if one.name.casefold() != name.casefold())
        if len(kept) >= MOST_PRESETS:
            raise ValueError(f"There are {MOST_PRESETS} presets already. Delete one first.")
        return replace(self, own=(*kept, replace(preset, name=name)))

    def without_own(self, name: str) -> ExportChoices:
        return replace(self, own=tuple(one for one in self.own if one.name != name))


def load(path: Path) -> ExportChoices:
    """A missing file gives the defaults; what is not usable in it costs only itself. Blocks."""
    try:
        with path.open("rb") as file:
            stored = json.loads(file.read(_MOST_BYTES))
    except FileNotFoundError:
        return ExportChoices()
    except (OSError, ValueError, RecursionError) as error:
        _log.warning("the export presets cannot be read: %s", error)
        return ExportChoices()
    if not isinstance(stored, dict):
        return ExportChoices()
    own = stored.get("own")
    choices = ExportChoices(own=tuple(_presets(own if isinstance(own, list) else [])))
    template, folder = stored.get("template"), stored.get("folder")
    if isinstance(template, str):
        try:
            check_template(template)
            choices = replace(choices, template=template)
        except ValueError as error:
            _log.warning("the kept name for exports is not usable: %s", error)
    if isinstance(folder, str) and folder and "\0" not in folder:
        choices = replace(choices, folder=Path(folder))
    if last := _presets([stored.get("last")]):
        choices = replace(choices, preset=last[0])
    return choices


def save(path: Path, choices: ExportChoices) -> None:
    """Replace the file as a whole. Blocks. Raises StorageError."""
    stored: dict[str, Any] = {
        "template": choices.template,
        "folder": None if choices.folder is None else str(choices.folder),
        "last": choices.preset.to_json(),
        "own": [preset.to_json() for preset in choices.own],
    }
    fresh = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with storage_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            fresh.write_text(json.dumps(stored, indent=2), encoding="ascii")
            os.chmod(fresh, 0o600)
            os.replace(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)


def _presets(stored: list[object]) -> list[ExportPreset]:
    found = []
    for one in stored[:MOST_PRESETS]:
        try:
            found.append(ExportPreset.from_json(one))
        except (ValueError, TypeError) as error:
            _log.warning("an export preset is not usable: %s", error)
    return found
