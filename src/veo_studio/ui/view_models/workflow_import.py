"""Making a model of an exported ComfyUI workflow: what was guessed of it, and what the user corrects."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.errors import StudioError
from veo_studio.core.plain import plain
from veo_studio.core.workflow_draft import Draft, draft_of, lengths_in_words, shapes_of
from veo_studio.core.workflow_fields import candidates, title_of, value_at
from veo_studio.core.workflow_folder import save_workflow
from veo_studio.core.workflows import (
    FIELDS,
    MAX_FILE_BYTES,
    Graph,
    Slot,
    Workflow,
    graph_from,
    parse_json,
)
from veo_studio.ui.text import tr, tr_n

Places = tuple[Slot, ...]
Spawn = Callable[[Coroutine[Any, Any, Any], str], object]
_SHOWN_VALUE = 40


@dataclass(frozen=True)
class Choice:
    """One way to answer where a field goes; no places is the answer that it has none."""

    places: Places
    words: str


@dataclass(frozen=True)
class FieldRow:
    """One field of ours with everything that could hold it in this graph."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    chosen: int
    is_guessed: bool


class WorkflowImportModel(QObject):
    """`draft` is None until a file was read.

    Signals:
        changed(): file, draft or problem changed.
        imported(workflow): it is stored, and a model from now on.
    """

    changed = pyqtSignal()
    imported = pyqtSignal(object)

    def __init__(self, folder: Path, spawn: Spawn, parent: QObject | None = None) -> None:
        """`folder` is where the user's templates lie; `spawn` runs a coroutine as a task."""
        super().__init__(parent)
        self._folder = folder
        self._spawn = spawn
        self._refused = ""
        self.file: Path | None = None
        self.draft: Draft | None = None
        self.is_busy = False

    # commands

    def read(self, file: Path) -> None:
        """Look into an exported workflow."""
        if not self.is_busy:
            self._set_busy(True)
            self._spawn(self._read(file), "read a workflow")

    def choose(self, name: str, places: Places) -> None:
        """The field `name` goes there, or nowhere."""
        draft = self._drafted().with_field(name, *places)
        if {"width", "height"} & {name}:
            has_places = {"width", "height"} <= set(draft.fields)
            draft = replace(draft, sizes=shapes_of(draft.guess, has_places=has_places))
        self._set(draft)

    def set_name(self, name: str) -> None:
        self._set(replace(self._drafted(), name=name))

    def set_frame_rule(self, rule: str) -> None:
        self._set(replace(self._drafted(), frame_rule=rule))

    def set_fps(self, fps: float) -> None:
        self._set(replace(self._drafted(), fps=fps))

    def set_longest(self, seconds: int) -> None:
        self._set(replace(self._drafted(), longest_s=seconds))

    def set_pictures_optional(self, are_optional: bool) -> None:
        self._set(replace(self._drafted(), are_pictures_optional=are_optional))

    def set_shape(self, aspect: str, is_offered: bool) -> None:
        draft = self._drafted()
        every = self.shapes()
        kept = [
            name for name in every
            if (is_offered if name == aspect else name in draft.sizes)
        ]  # fmt: skip
        self._set(replace(draft, sizes={name: every[name] for name in kept}))

    def save(self) -> None:
        """Store it as a template; `imported` or a problem follows."""
        if not self.is_busy and self.draft is not None:
            self._set_busy(True)
            self._spawn(self._save(self.draft), "import a workflow")

    # what is shown

    def problem(self) -> str:
        """Why it cannot be imported as it is, as a sentence; "" where it can."""
        if self._refused:
            return self._refused
        if self.draft is None:
            return ""
        try:
            self.draft.build()
        except ValueError as error:
            words = str(error).rstrip(".")
            return f"{words[:1].upper()}{words[1:]}."
        return ""

    def can_save(self) -> bool:
        return self.draft is not None and not self.is_busy and not self.problem()

    def rows(self) -> list[FieldRow]:
        return [self._row(name) for name in FIELDS] if self.draft is not None else []

    def shapes(self) -> dict[str, tuple[int, int]]:
        """All that could be offered, in pixels."""
        draft = self._drafted()
        has_places = {"width", "height"} <= set(draft.fields)
        return shapes_of(draft.guess, has_places=has_places)

    def lengths_words(self) -> str:
        """Which lengths will be offered, and what they really become."""
        draft = self._drafted()
        if "frames" not in draft.fields:
            return tr("One length: the workflow always makes the same number of frames.")
        try:
            return lengths_in_words(draft)
        except ValueError:
            return ""

    def takes_words(self) -> str:
        """What the model will be made from."""
        words = {
            "text": tr("words alone"),
            "first_frame": tr("a first frame"),
            "frames": tr("a first and a last frame"),
        }
        return tr(
            "Makes clips from {modes}.", modes=", ".join(words[m] for m in self._drafted().modes)
        )

    # inside

    async def _read(self, file: Path) -> None:
        draft = None
        try:
            draft = await asyncio.to_thread(_draft_from, file)
            self._refused = ""
        except ValueError as error:
            self._refused = f"{file.name}: {error}"
        finally:
            self.file, self.draft = file, draft
            self._set_busy(False)

    async def _save(self, draft: Draft) -> None:
        workflow: Workflow | None = None
        try:
            built = draft.build()
            path = await asyncio.to_thread(save_workflow, built, self._folder)
            workflow = replace(built, path=path)
        except StudioError as error:
            self._refused = error.message
        except ValueError as error:
            self._refused = str(error)
        finally:
            self._set_busy(False)
        if workflow is not None:
            self.imported.emit(workflow)

    def _row(self, name: str) -> FieldRow:
        draft = self._drafted()
        guessed = draft.guess.fields.get(name, ())
        chosen = draft.fields.get(name, ())
        places: dict[Places, None] = dict.fromkeys([guessed, chosen] if guessed else [chosen])
        places |= dict.fromkeys((slot,) for slot in candidates(draft.graph, name))
        places.pop((), None)
        listed = [*places, *([()] if name != "prompt" else [])]
        if chosen not in listed:
            listed.append(chosen)
        choices = tuple(Choice(found, _place_words(draft.graph, found)) for found in listed)
        is_guessed = bool(guessed) and chosen == guessed
        return FieldRow(name, _label(name), choices, listed.index(chosen), is_guessed)

    def _drafted(self) -> Draft:
        assert self.draft is not None, "a file was read"
        return self.draft

    def _set(self, draft: Draft) -> None:
        if draft != self.draft:
            self.draft = draft
            self._refused = ""
            self.changed.emit()

    def _set_busy(self, is_busy: bool) -> None:
        self.is_busy = is_busy
        self.changed.emit()


def _draft_from(file: Path) -> Draft:
    try:
        with file.open("rb") as stream:
            graph = graph_from(parse_json(stream.read(MAX_FILE_BYTES + 1)))
    except OSError as error:
        raise ValueError(tr("It cannot be read ({reason}).", reason=error.strerror)) from error
    return draft_of(graph, file.stem)


def _place_words(graph: Graph, places: Places) -> str:
    """'KSampler (3), seed: 7' so that people find the node in ComfyUI."""
    if not places:
        return tr("No place for it")
    slot, *more = places
    value = " ".join(plain(str(value_at(graph, slot))[:400]).split())
    shown = value if len(value) <= _SHOWN_VALUE else value[: _SHOWN_VALUE - 1] + "…"
    words = f"{title_of(graph, slot.node)} ({slot.node}), {slot.input}"
    words = f"{words}: {shown}" if shown else words
    return words + tr_n(" and {n} more", " and {n} more", len(more)) if more else words


def _label(name: str) -> str:
    return {
        "prompt": tr("&Prompt"),
        "negative": tr("&Negative prompt"),
        "seed": tr("&Seed"),
        "width": tr("&Width"),
        "height": tr("&Height"),
        "frames": tr("Number of &frames"),
        "fps": tr("Frames per secon&d"),
        "first_image": tr("First fra&me"),
        "last_image": tr("&Last frame"),
    }[name]
