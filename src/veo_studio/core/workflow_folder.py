"""The user's own workflow templates: a folder of files beside the model list."""

from __future__ import annotations

import json
import os
from pathlib import Path

from veo_studio.core.partial import storage_errors
from veo_studio.core.workflows import ID, SHIPPED_FOLDER, Workflow


def save_workflow(workflow: Workflow, folder: Path) -> Path:
    """Write a template of the user's, durably. Raises ValueError where the name is taken. Blocks."""
    target = folder / f"{workflow.id}.json"
    if target.exists() or (SHIPPED_FOLDER / target.name).exists():
        raise ValueError(
            f"There is a workflow called '{workflow.id}' already; choose another name."
        )
    content = json.dumps(workflow.to_json(), indent=1).encode("ascii")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)
    return target


def remove_workflow(name: str, folder: Path) -> Path:
    """Take a template of the user's away; ValueError where there is none of that name. Blocks."""
    path = folder / f"{name}.json"
    if not ID.match(name) or not path.is_file():
        if ID.match(name) and (SHIPPED_FOLDER / path.name).is_file():
            raise ValueError(f"'{name}' comes with Veo Studio and cannot be removed.")
        raise ValueError(f"There is no workflow of yours called '{name[:80]}'.")
    with storage_errors(folder):
        path.unlink()
    return path
