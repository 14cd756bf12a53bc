"""What the form is made of: what it asks of the core, and what a user has set in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Protocol

from veo_studio.core.catalog import AudioSupport, ModelInfo
from veo_studio.core.framing import Frame
from veo_studio.core.models import (
    BudgetState,
    Generation,
    GenerationKind,
    GenerationRequest,
    InputRole,
    MediaInput,
    Task,
    VideoConfig,
)
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_price import PriceEstimateLike


class FormTab(Enum):
    """Text to Video, and Image to Video."""

    TEXT = "text"
    PICTURES = "pictures"


class FormServices(Protocol):
    """What the form needs of the core once it is open."""

    async def enqueue(self, requests: Sequence[GenerationRequest]) -> list[Generation]: ...
    async def balance(self) -> int: ...
    async def budgets(self) -> list[BudgetState]: ...
    def estimate(self, model: ModelInfo, config: VideoConfig, takes: int) -> PriceEstimateLike: ...
    def locked_reason(self, provider_id: str) -> str | None: ...
    def output_dir(self) -> Path | None: ...
    async def take_in(
        self, path: Path, role: InputRole, frame: Frame | None = None
    ) -> MediaInput: ...
    async def take_in_bytes(
        self, content: bytes, name: str, role: InputRole, frame: Frame | None = None
    ) -> MediaInput: ...
    async def take_in_made(
        self,
        generation: Generation,
        role: InputRole,
        frame: Frame | None = None,
        at_s: float | None = None,
    ) -> MediaInput: ...
    async def reframe(self, item: MediaInput, frame: Frame | None) -> MediaInput: ...
    def whole_path(self, item: MediaInput) -> Path | None: ...
    def whole_size(self, item: MediaInput) -> tuple[int, int] | None: ...
    async def take_in_clip(self, generation: Generation) -> MediaInput: ...
    def input_path(self, item: MediaInput) -> Path: ...
    async def seconds_taken(self, provider: str, model: str) -> list[float]: ...


@dataclass(frozen=True)
class Enhanced:
    """Words that took the place of the user's own, and the user's own."""

    original: str
    words: str

    def original_of(self, prompt: str) -> str:
        """The user's own words behind `prompt`; "" where it has become something else."""
        now, before = _words(prompt), _words(self.words)
        if prompt.strip() == self.original.strip() or not now:
            return ""
        return self.original if len(now & before) * 3 >= len(now) else ""


def _words(prompt: str) -> frozenset[str]:
    return frozenset(prompt.casefold().split())


class Sheet:
    """One form that is being filled in: the user's own, or that of a waiting one.

    What was begun for it and is done when another one is shown waits here until it is back.
    """

    def __init__(self) -> None:
        self.at_work = 0
        self.late: list[Callable[[], None]] = []


@dataclass(frozen=True)
class FormState:
    """Everything that a user has set, to be put back later."""

    model: ModelInfo
    prompt: str
    negative_prompt: str
    takes: int
    seed: int | None
    is_seed_locked: bool
    wants_sound: bool
    aspect_ratio: str
    duration_s: int
    resolution: str
    inputs: tuple[MediaInput, ...] = ()
    task: Task = Task.CREATE
    samples: int = 1
    is_draft: bool = False
    enhanced: Enhanced | None = None
    tab: FormTab = FormTab.TEXT
    kind: GenerationKind = GenerationKind.VIDEO
    # what comes back in Image to Video, and when the clip that is worked on is removed
    meant: tuple[MediaInput, ...] = ()
    meant_task: Task = Task.CREATE
    put_aside: tuple[MediaInput, ...] = ()
    # which form this is, whatever is in it
    sheet: Sheet = field(default_factory=Sheet, compare=False)


@dataclass(frozen=True)
class ModelChoice:
    """One line of the model list; `locked` says how to unlock it."""

    model: ModelInfo
    provider_name: str
    locked: str | None


def price_source_words(model: ModelInfo) -> str:
    """Where the price comes from and of when it is."""
    if not model.price_source:
        return ""
    if model.price_date is None:
        return tr("Price: {source}.", source=model.price_source)
    return tr(
        "Price of {date}: {source}.", date=model.price_date.isoformat(), source=model.price_source
    )


def sound_words(audio: AudioSupport) -> str:
    """What is said where there is nothing to choose."""
    return {
        AudioSupport.ALWAYS: tr("This model always makes sound."),
        AudioSupport.NEVER: tr("This model makes no sound."),
        AudioSupport.SWITCHABLE: "",
    }[audio]
