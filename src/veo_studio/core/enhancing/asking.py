"""What an enhancer is asked, and what it proposes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from veo_studio.core.capabilities import AudioSupport, ModelInfo
from veo_studio.core.models import GenerationKind, Task, VideoConfig

if TYPE_CHECKING:
    from veo_studio.core.providers.chat import Picture

LONGEST = 2000


class EnhancerKind(Enum):
    RULES = "rules"
    GEMINI = "gemini"
    OPENAI = "openai"


class NothingToAdd(ValueError):
    """The service found nothing that it could make better: the prompt stays as it is."""


@dataclass(frozen=True)
class Ask:
    """A prompt that is to become better; `picture` is the first frame of the clip.

    With `refusal` (the provider's reason) the smallest change is wanted that avoids it. `seconds` is 0
    for a picture. `longest` is what the model takes, in characters. `task`: the words say what is done to
    a clip that is there.
    """

    prompt: str
    kind: GenerationKind
    model_name: str
    seconds: int
    picture: Picture | None = None
    refusal: str = ""
    has_sound: bool = False
    longest: int = LONGEST
    task: Task = Task.CREATE

    @classmethod
    def about(
        cls,
        model: ModelInfo,
        config: VideoConfig,
        prompt: str,
        *,
        picture: Picture | None = None,
        refusal: str = "",
    ) -> Ask:
        """For what `model` is going to make with `config`."""
        able = model.capabilities.in_mode(config.mode)
        sounds = {
            AudioSupport.NEVER: False,
            AudioSupport.ALWAYS: True,
            AudioSupport.SWITCHABLE: config.enable_audio is not False,
        }
        return cls(
            prompt=prompt,
            kind=model.kind,
            model_name=model.name,
            seconds=0 if model.makes_pictures else config.duration_s,
            picture=picture,
            refusal=refusal,
            has_sound=sounds[able.audio] and not model.makes_pictures,
            longest=min(LONGEST, able.max_prompt_units or LONGEST),
            task=config.task,
        )


@dataclass(frozen=True)
class Proposal:
    """A prompt in place of the user's; `note` is one sentence about how it came about, or ""."""

    prompt: str
    by: EnhancerKind
    note: str = ""
