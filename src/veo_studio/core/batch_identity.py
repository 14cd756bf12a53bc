"""What makes a batch the same one a second time: everything that decides what is sent, as it was said.

What is settled later (a service that is not connected today, a price) is no part of it, so that the same
command finds its own start again.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from veo_studio.core.batch_file import BatchFile, FileRow
from veo_studio.core.batch_pictures import PictureHeads
from veo_studio.core.batch_rows import BatchDefaults
from veo_studio.core.inputs import MAX_IMAGE_BYTES

_NAMED = re.compile(r"\{([^{}\n|]{1,80})\}")
_CHARS = 40


def digest_of(file: BatchFile, defaults: BatchDefaults, heads: PictureHeads) -> str:
    """Of the rows as the file says them with what they get besides; pictures count by what is in them.

    Neither the file's encoding nor the usual folder of clips makes a difference. Blocks where rows name
    pictures.
    """
    pictures = _Pictures(heads)
    config = {} if defaults.config is None else defaults.config.to_json()
    told = {
        "rows": [_row(row, defaults, config, pictures) for row in file.rows],
        "lists": _lists(file, defaults) if defaults.expands else None,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:_CHARS]


def _row(
    row: FileRow, defaults: BatchDefaults, config: Mapping[str, Any], pictures: _Pictures
) -> list[object]:
    cells = defaults.cells_of(row)
    if "output_dir" not in row.cells:
        # nothing of it is sent
        cells.pop("output_dir", None)
    model = None
    if not cells.get("model") and not cells.get("provider"):
        model = [defaults.model.provider, defaults.model.id]
    rest = {name: value for name, value in config.items() if not cells.get(name)}
    return [row.number, cells, model, rest, pictures.told(cells)]


def _lists(file: BatchFile, defaults: BatchDefaults) -> dict[str, list[str]]:
    """The lists that these prompts name: another one may change meanwhile."""
    prompts = {defaults.cells_of(row).get("prompt", "") for row in file.rows}
    named = {name.strip() for prompt in prompts for name in _NAMED.findall(prompt)}
    return {name: list(texts) for name, texts in defaults.lists.items() if name in named}


class _Pictures:
    """Every file is read once, however many rows name it."""

    def __init__(self, heads: PictureHeads) -> None:
        self._heads = heads
        self._read: dict[Path, str] = {}

    def told(self, cells: Mapping[str, str]) -> list[tuple[str, str]]:
        """Column and content of each picture of a row; its place where it cannot be read."""
        try:
            named = self._heads.named(cells)
        except ValueError:
            return []
        return [(column, self._content(path)) for column, _role, path in named]

    def _content(self, path: Path) -> str:
        if path not in self._read:
            self._read[path] = _digest(path) or str(path)
        return self._read[path]


def _digest(path: Path) -> str:
    """ "" for what is too large to be a picture, or no file that can be read."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > MAX_IMAGE_BYTES:
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return ""
