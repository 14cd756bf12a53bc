"""What the user asked `generate` for, and the requests that come of it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from veo_studio.cli.bad_input import (
    BadInput,
    check_environment,
    check_storable,
    checking_input,
    every_provider,
)
from veo_studio.cli.from_recipe import once_more
from veo_studio.cli.pictures import check_fit, frame_for, take_in, with_file
from veo_studio.core.capabilities import ModelInfo, both, either
from veo_studio.core.catalog import MAX_DURATION_S, MIN_DURATION_S
from veo_studio.core.drafting import draft_of
from veo_studio.core.fitting import settle
from veo_studio.core.generators.requests import check_prompt, check_request
from veo_studio.core.models import (
    Generation,
    GenerationKind,
    GenerationRequest,
    InputMode,
    InputRole,
    Task,
    VideoConfig,
)
from veo_studio.core.presets import Preset
from veo_studio.core.studio import Studio

MAX_TAKES = 8
_MOST_NAMES = 5
# what a model does, and what one does not
_DEEDS_WITH_PICTURES = {
    InputMode.TEXT: ("makes a picture from words alone", "make a picture from words alone"),
    InputMode.REFERENCES: (
        "makes a picture from reference pictures",
        "make a picture from reference pictures",
    ),
}
_DEEDS = {
    InputMode.TEXT: ("makes a clip from words alone", "make a clip from words alone"),
    InputMode.FIRST_FRAME: ("takes a first frame", "take a first frame"),
    InputMode.FRAMES: ("takes a first and a last frame", "take a first and a last frame"),
    InputMode.REFERENCES: ("takes reference pictures", "take reference pictures"),
    InputMode.EDIT: ("edits a clip", "edit a clip"),
    InputMode.EXTEND: ("extends a clip", "extend a clip"),
    InputMode.UPSCALE: ("makes a clip sharper", "make a clip sharper"),
}


@dataclass(frozen=True)
class Wish:
    """What the user typed; None means the model's own default, `source` is the number of a clip."""

    prompt: str
    model: str | None = None
    provider: str | None = None
    aspect: str | None = None
    duration_s: int | None = None
    resolution: str | None = None
    negative: str | None = None
    seed: int | None = None
    audio: bool | None = None
    image: Path | None = None
    last_frame: Path | None = None
    fit: str | None = None
    """None where nothing was said: the service then decides about pictures of another shape."""
    continues: int | None = None
    """The number of the clip whose last picture is the first frame."""
    references: tuple[Path, ...] = ()
    task: Task = Task.CREATE
    source: int | None = None
    samples: int | None = None
    count: int = 1
    is_count_told: bool = False
    preset_name: str | None = None
    preset: Preset | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    """What is given for the variables of the prompt."""
    prompts: tuple[str, ...] = ()
    """What comes of the prompt with its lists; none where it is not the user's own."""
    is_dry_run: bool = False
    is_draft: bool = False
    is_enhanced: bool = False
    output_dir: Path | None = None
    is_price_accepted: bool = False
    # a clip, or what lies beside one: what is not said here is as it says
    recipe: Path | None = None
    made_as: VideoConfig | None = None
    # a picture instead of a clip; a model that makes pictures needs no telling
    is_picture: bool = False

    @property
    def kind(self) -> GenerationKind:
        """What is looked for where no model is named."""
        return GenerationKind.IMAGE if self.is_picture else GenerationKind.VIDEO

    @property
    def pictures(self) -> tuple[tuple[InputRole, Path], ...]:
        frames = ((InputRole.FIRST_FRAME, self.image), (InputRole.LAST_FRAME, self.last_frame))
        named = [(role, path) for role, path in frames if path is not None]
        return (*named, *((InputRole.REFERENCE, path) for path in self.references))

    @property
    def has_first_frame(self) -> bool:
        return self.image is not None or self.continues is not None

    @property
    def mode(self) -> InputMode:
        if self.made_as is not None:
            return self.made_as.mode
        if self.task is not Task.CREATE:
            return InputMode(self.task.value)
        if self.last_frame is not None:
            return InputMode.FRAMES
        if self.has_first_frame:
            return InputMode.FIRST_FRAME
        return InputMode.REFERENCES if self.references else InputMode.TEXT


def task_of(edit: int | None, extend: int | None, upscale: int | None) -> tuple[Task, int | None]:
    """What is done to which clip; BadInput where more than one thing is asked for."""
    asked = [
        (task, number)
        for task, number in ((Task.EDIT, edit), (Task.EXTEND, extend), (Task.UPSCALE, upscale))
        if number is not None
    ]
    if len(asked) > 1:
        options = " and ".join(f"--{task.value}" for task, _ in asked)
        raise BadInput(f"{options} exclude each other. Choose one.")
    return asked[0] if asked else (Task.CREATE, None)


def check_before_opening(wish: Wish) -> None:
    """What needs no folder and no catalogue, so that a typing mistake leaves nothing behind."""
    # without words a clip is made sharper under its own
    needs_words = wish.task is not Task.UPSCALE and wish.recipe is None
    if not wish.prompts and (needs_words or wish.prompt.strip()):
        with checking_input():
            check_prompt(wish.prompt)
    if wish.duration_s is not None and not MIN_DURATION_S <= wish.duration_s <= MAX_DURATION_S:
        raise BadInput(f"Duration must be between {MIN_DURATION_S} and {MAX_DURATION_S} seconds")
    if not 1 <= wish.count <= MAX_TAKES:
        raise BadInput(f"The number of takes must be between 1 and {MAX_TAKES}.")
    if wish.samples is not None and wish.samples < 1:
        raise BadInput("The number of samples must be 1 or more.")
    if wish.is_picture:
        _refuse_what_is_of_clips(wish)
    if wish.source is not None and (wish.pictures or wish.has_first_frame):
        raise BadInput(f"--{wish.task.value} works on a clip: leave the pictures out.")
    if wish.continues is not None and wish.image is not None:
        raise BadInput("--continue and --image both give the first frame. Choose one.")
    if wish.last_frame is not None and not wish.has_first_frame:
        raise BadInput("A last frame needs a first frame: add --image FILE.")
    if wish.fit is not None:
        check_fit(wish.fit)
        if not wish.has_first_frame:
            raise BadInput("--fit is for the frames of a clip: add --image FILE.")
    if wish.references and wish.has_first_frame:
        raise BadInput("Frames and reference pictures cannot be used together.")
    files = [path for _, path in wish.pictures]
    for path in files if wish.recipe is None else [*files, wish.recipe]:
        if not path.is_file():
            raise BadInput(f"There is no file {path}.")
    if wish.output_dir is not None:
        check_storable(absolute(wish.output_dir), "The folder of --output-dir")
    known = every_provider()
    check_environment([wish.provider] if wish.provider in known else known)


def _refuse_what_is_of_clips(wish: Wish) -> None:
    """A picture has no length, sound or frames, and is not made of a clip."""
    told = (
        ("--duration", wish.duration_s is not None),
        ("--audio" if wish.audio else "--no-audio", wish.audio is not None),
        ("--image", wish.image is not None),
        ("--last-frame", wish.last_frame is not None),
        ("--continue", wish.continues is not None),
        (f"--{wish.task.value}", wish.task is not Task.CREATE),
    )
    options = [option for option, is_told in told if is_told]
    if not options:
        return
    words = "is for clips: leave it out" if len(options) == 1 else "are for clips: leave them out"
    hint = " A picture to go by is given with --reference FILE." if wish.image else ""
    raise BadInput(f"{both(options)} {words} for a picture.{hint}")


async def source_of(studio: Studio, wish: Wish) -> Generation | None:
    """The clip that is worked on. Raises BadInput where it is none, or has no file."""
    if wish.source is None:
        return None
    generation = await with_file(studio, wish.source)
    if generation.kind is GenerationKind.IMAGE:
        raise BadInput(
            f"Generation {generation.id} is a picture: --{wish.task.value} needs a clip."
        )
    return generation


def choose_model(studio: Studio, wish: Wish, source: Generation | None = None) -> ModelInfo:
    """The model by name, or the first that is connected and able; ValueError says how to get one."""
    ready = studio.providers.ready()
    if wish.model is not None:
        model = studio.catalog.find(wish.model, wish.provider, ready=ready)
        if model.makes_pictures:
            _refuse_what_is_of_clips(wish)
        elif wish.is_picture:
            raise ValueError(
                f"{model.name} makes clips: leave --picture out, or name another model."
            )
    else:
        model = _default_model(studio, wish, source)
    available = studio.providers.availability(model.provider)
    if not available.is_ready:
        raise ValueError(
            f"{model.name} cannot be used yet. {available.reason} "
            "In the terminal: `veo-studio providers`."
        )
    if wish.mode not in model.capabilities.modes:
        able = _able_words(studio, model.kind, wish.mode)
        raise ValueError(f"{_unable(model, wish.mode)} {able}".strip())
    return model


def _default_model(studio: Studio, wish: Wish, source: Generation | None) -> ModelInfo:
    provider, mode = wish.provider, wish.mode
    if provider is not None and provider not in studio.catalog.providers:
        known = ", ".join(studio.catalog.providers)
        raise ValueError(f"There is no provider {provider!r}. Known: {known}.")
    if provider is None and (problems := studio.providers.problems()):
        # whoever set up a service must not get a rehearsal without a word
        raise ValueError(problems[0])
    every = studio.catalog.of_kind(wish.kind)
    offered = [model for model in every if provider in (None, model.provider)]
    if not offered and provider is not None:
        name = studio.catalog.providers[provider].name
        if wish.is_picture:
            raise ValueError(f"{name} makes no pictures. {_able_words(studio, wish.kind, mode)}")
        raise ValueError(f"{name} has no models yet.")
    able = [model for model in offered if mode in model.capabilities.modes]
    ready = studio.providers.ready()
    if provider is not None:
        return (able or offered)[0]
    home = source.provider if source is not None else None
    # where the clip was made it need not be brought again
    ranked = sorted(
        (model for model in able if model.provider in ready),
        key=lambda model: (model.provider != home, model.provider == "rehearsal"),
    )
    if not ranked:
        able_words = _able_words(studio, wish.kind, mode)
        raise ValueError(f"No connected service {_deeds(wish.kind, mode)[0]}. {able_words}".strip())
    return ranked[0]


def _deeds(kind: GenerationKind, mode: InputMode) -> tuple[str, str]:
    words = _DEEDS_WITH_PICTURES if kind is GenerationKind.IMAGE else _DEEDS
    return words.get(mode, _DEEDS[mode])


def _unable(model: ModelInfo, mode: InputMode) -> str:
    words = f"{model.name} does not {_deeds(model.kind, mode)[1]}"
    if mode is InputMode.TEXT:
        words += f": it {_deeds(model.kind, next(iter(model.capabilities.modes)))[0]}"
    return f"{words}."


def _able_words(studio: Studio, kind: GenerationKind, mode: InputMode) -> str:
    """Which models can, the connected ones first; else the services to connect."""
    ready = studio.providers.ready()
    able = [m for m in studio.catalog.of_kind(kind) if mode in m.capabilities.modes]
    able.sort(key=lambda model: model.provider == "rehearsal")
    names = [model.id for model in able if model.provider in ready]
    if names:
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        listed = ", ".join(names[:_MOST_NAMES]) + more if more else either(names)
        return f"Choose {listed}; `veo-studio models` shows what each one takes."
    services = dict.fromkeys(studio.catalog.providers[model.provider].name for model in able)
    if not services:
        return ""
    return f"Connect {either(services)}; `veo-studio providers` says how."


async def build_requests(
    studio: Studio, model: ModelInfo, wish: Wish, source: Generation | None = None
) -> list[GenerationRequest]:
    """One request per prompt and take, pictures and clip taken in; with a seed given, each take has
    the next one.

    ValueError names what the model accepts. StorageError where an input cannot be kept.
    """
    shaped = _config(model, wish, source) if wish.made_as is None else once_more(wish, wish.made_as)
    continued = None if wish.continues is None else await with_file(studio, wish.continues)
    frame = frame_for(wish.fit, shaped.aspect_ratio, model.name)
    inputs = await take_in(studio, wish.pictures, frame, continued=continued, source=source)
    config = settle(model, replace(shaped, inputs=(*shaped.inputs, *inputs)))
    studio.catalog.check(model, config)
    if wish.is_draft:
        config = draft_of(model, config)
    prompts: tuple[str, ...] = wish.prompts or (wish.prompt,)
    if not prompts[0].strip() and source is not None:
        prompts = (source.prompt,)
    groups = [uuid.uuid4().hex if wish.count > 1 else None for _ in prompts]
    most_seeds = model.capabilities.max_seed + 1
    return [
        check_request(
            studio.catalog,
            GenerationRequest(
                prompt=prompt,
                provider=model.provider,
                model=model.id,
                config=config
                if config.seed is None
                else replace(config, seed=(config.seed + number) % most_seeds),
                idempotency_key=uuid.uuid4().hex,
                take_group=group,
                take_number=number + 1,
                output_dir=None if wish.output_dir is None else absolute(wish.output_dir),
            ),
        )
        for prompt, group in zip(prompts, groups, strict=True)
        for number in range(wish.count)
    ]


def _config(model: ModelInfo, wish: Wish, source: Generation | None) -> VideoConfig:
    """Without what it is made from."""
    mode = wish.mode
    able = model.capabilities.in_mode(mode)
    aspect, size = able.default_aspect_ratio, able.default_resolution
    if able.follows_source(mode):
        for option, told in (("--duration", wish.duration_s), ("--aspect", wish.aspect)):
            if told is not None:
                raise ValueError(
                    f"{model.name} keeps the length and shape of the clip: leave {option} out."
                )
    if source is not None:
        before = source.config
        if able.follows_source(mode) or before.aspect_ratio in able.aspect_ratios:
            aspect = before.aspect_ratio
        if mode is not InputMode.UPSCALE and before.resolution in able.resolutions:
            size = before.resolution
    return VideoConfig(
        aspect_ratio=wish.aspect or aspect,
        duration_s=able.default_duration_s if wish.duration_s is None else wish.duration_s,
        resolution=(wish.resolution or size).lower(),
        negative_prompt=wish.negative or "",
        seed=wish.seed,
        enable_audio=wish.audio,
        task=wish.task,
        samples=1 if wish.samples is None else wish.samples,
    )


def absolute(folder: Path) -> Path:
    """Without following links: the folder is kept as it was named."""
    return Path(os.path.abspath(folder))
