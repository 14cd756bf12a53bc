"""Settings against what a model can do: refused with a sentence, or brought to the nearest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from veo_studio.core.capabilities import AudioSupport, Capabilities, ModelInfo, both
from veo_studio.core.models import InputMode, InputRole, MediaInput, Task, VideoConfig

MIN_DURATION_S = 2
MAX_DURATION_S = 60
# how large resolutions are: where one is not offered, the nearest is taken
LINES = {"360p": 360, "480p": 480, "720p": 720, "768p": 768, "1k": 1024, "1080p": 1080, "2k": 1440,
          "4k": 2160}  # fmt: skip
_MODE_WORDS = {
    InputMode.TEXT: "a clip from words alone",
    InputMode.FIRST_FRAME: "a first frame",
    InputMode.FRAMES: "a first and a last frame",
    InputMode.REFERENCES: "reference pictures",
    InputMode.EDIT: "a clip to edit",
    InputMode.EXTEND: "a clip to extend",
    InputMode.UPSCALE: "a clip to make sharper",
}


def check(model: ModelInfo, config: VideoConfig) -> None:
    """ValueError that names what the model does accept."""
    _check_inputs(model, config)
    able = model.capabilities.in_mode(config.mode)
    if not able.follows_source(config.mode):
        _check_size(model, able, config)
    elif config.resolution not in able.resolutions:
        raise ValueError(_resolutions(model.name, able, config))
    shape = able.shape_of(config)
    if shape is not None and config.aspect_ratio != shape:
        raise ValueError(f"The clip to extend is {shape}; choose that aspect ratio.")
    if config.negative_prompt and not able.has_negative_prompt:
        raise ValueError(
            f"{model.name} has no negative prompt. Write what to avoid into the prompt."
        )
    if config.seed is not None and not able.has_seed:
        raise ValueError(f"{model.name} takes no seed.")
    if config.seed is not None and not 0 <= config.seed <= able.max_seed:
        raise ValueError(f"The seed must be between 0 and {able.max_seed}.")
    if config.enable_audio is False and able.audio is AudioSupport.ALWAYS:
        raise ValueError(f"{model.name} always makes sound; it cannot be switched off.")
    if config.enable_audio is True and able.audio is AudioSupport.NEVER:
        raise ValueError(f"{model.name} makes no sound.")
    if not 1 <= config.samples <= able.max_samples:
        most = f"at most {able.max_samples} clips" if able.max_samples > 1 else "one clip"
        raise ValueError(f"{model.name} makes {most} per request.")


def settle(model: ModelInfo, config: VideoConfig) -> VideoConfig:
    """Where length is that of the clip that is worked on, say it: price and history need it."""
    return model.settled(config)


def check_prompt_length(model: ModelInfo, prompt: str) -> None:
    """ValueError where the service takes less than this program does."""
    limit = model.capabilities.max_prompt_units
    units = len(prompt.encode("utf-16-le")) // 2
    if limit is not None and units > limit:
        raise ValueError(f"{model.name} takes prompts of at most {limit} characters, not {units}.")


def _check_size(model: ModelInfo, able: Capabilities, config: VideoConfig) -> None:
    name = model.name
    if not model.makes_pictures:
        _check_duration(name, able, config)
    if config.aspect_ratio not in able.aspect_ratios:
        raise ValueError(
            f"{name} accepts the aspect ratios {both(able.aspect_ratios)}, not {config.aspect_ratio}."
        )
    if config.resolution not in able.resolutions:
        raise ValueError(_resolutions(name, able, config))


def _check_duration(name: str, able: Capabilities, config: VideoConfig) -> None:
    if not MIN_DURATION_S <= config.duration_s <= MAX_DURATION_S:
        raise ValueError(f"Duration must be between {MIN_DURATION_S} and {MAX_DURATION_S} seconds")
    if config.duration_s not in able.durations_s:
        raise ValueError(
            f"{name} makes clips of {able.durations_in_words()}, not {config.duration_s}."
        )


def _resolutions(name: str, able: Capabilities, config: VideoConfig) -> str:
    return f"{name} accepts the resolutions {both(able.resolutions)}, not {config.resolution}."


def _check_inputs(model: ModelInfo, config: VideoConfig) -> None:
    mode = config.mode
    modes = model.capabilities.modes
    if mode not in modes:
        if mode is InputMode.TEXT:
            raise ValueError(f"{model.name} needs {_MODE_WORDS[next(iter(modes))]}.")
        raise ValueError(f"{model.name} does not take {_MODE_WORDS[mode]}.")
    counts = {role: len(config.inputs_of(role)) for role in InputRole}
    frames = counts[InputRole.FIRST_FRAME] + counts[InputRole.LAST_FRAME]
    if max(counts[InputRole.FIRST_FRAME], counts[InputRole.LAST_FRAME]) > 1:
        raise ValueError("There is one first frame and one last frame.")
    if mode is InputMode.FRAMES and not counts[InputRole.FIRST_FRAME]:
        raise ValueError("A last frame needs a first frame.")
    if frames and counts[InputRole.REFERENCE]:
        raise ValueError("Frames and reference pictures cannot be used together.")
    works_on_clip = mode in (InputMode.EDIT, InputMode.EXTEND, InputMode.UPSCALE)
    most = model.capabilities.max_images(mode if works_on_clip else InputMode.REFERENCES)
    if works_on_clip and (frames or (counts[InputRole.REFERENCE] and not most)):
        raise ValueError(f"For {_MODE_WORDS[mode]}, give {model.name} that clip and no pictures.")
    if counts[InputRole.REFERENCE] > most:
        raise ValueError(f"{model.name} takes at most {most} reference pictures.")
    if works_on_clip != (counts[InputRole.SOURCE] == 1):
        raise ValueError(f"This needs {_MODE_WORDS[mode]}.")
    longest = modes[mode].max_source_s
    source = config.source
    if longest is not None and source is not None and (source.length_s or 0) > longest + 0.5:
        raise ValueError(f"{model.name} takes clips of at most {longest} seconds for this.")


def fit(model: ModelInfo, config: VideoConfig) -> tuple[VideoConfig, list[str]]:
    """Keep what `model` can do and bring the rest to its nearest; the words say what changed."""
    changes: list[str] = []
    fitted = _fit_inputs(model, config, changes)
    able = model.capabilities.in_mode(fitted.mode)
    if not able.follows_source(fitted.mode):
        fitted = _fit_size(model, able, fitted, changes)
    shape = able.shape_of(fitted)
    if shape is not None and fitted.aspect_ratio != shape:
        changes.append(f"aspect {fitted.aspect_ratio} → {shape}")
        fitted = replace(fitted, aspect_ratio=shape)
    fitted = _fit_resolution(able, fitted, changes)
    if config.negative_prompt and not able.has_negative_prompt:
        fitted = replace(fitted, negative_prompt="")
        changes.append("no negative prompt")
    if config.seed is not None and not able.has_seed:
        fitted = replace(fitted, seed=None)
        changes.append("no seed")
    elif config.seed is not None and not 0 <= config.seed <= able.max_seed:
        fitted = replace(fitted, seed=config.seed % (able.max_seed + 1))
        changes.append("another seed")
    if able.audio is not AudioSupport.SWITCHABLE and config.enable_audio is not None:
        fitted = replace(fitted, enable_audio=None)
        if config.enable_audio is not (able.audio is AudioSupport.ALWAYS):
            changes.append("always with sound" if able.audio is AudioSupport.ALWAYS else "no sound")
    samples = min(max(1, config.samples), able.max_samples)
    if config.samples != samples:
        fitted = replace(fitted, samples=samples)
        changes.append(f"clips per request {config.samples} → {samples}")
    return fitted, changes


def _fit_inputs(model: ModelInfo, config: VideoConfig, changes: list[str]) -> VideoConfig:
    """Without the pictures that `model` takes nothing of; a last frame goes before a first one does."""
    able = model.capabilities
    config = _fit_together(able, config, changes)
    if config.mode in able.modes:
        most = able.max_images(InputMode.REFERENCES)
        count = len(config.inputs_of(InputRole.REFERENCE))
        if config.task is Task.CREATE and count > most:
            changes.append(f"reference pictures {count} → {most}")
            return replace(config, inputs=_at_most(config.inputs, {InputRole.REFERENCE: most}))
        return config
    if config.mode is InputMode.FRAMES and InputMode.FIRST_FRAME in able.modes:
        changes.append("no last frame")
        return replace(config, inputs=_at_most(config.inputs, {InputRole.LAST_FRAME: 0}))
    if config.inputs:
        changes.append(f"without {_MODE_WORDS[config.mode]}")
        return replace(config, inputs=(), task=Task.CREATE)
    return config


def _fit_together(able: Capabilities, config: VideoConfig, changes: list[str]) -> VideoConfig:
    """No model takes a clip beside frames, or frames beside references, or two of what there is one of."""
    if config.task is not Task.CREATE and config.source is None:
        changes.append(f"without {_MODE_WORDS[config.mode]}")
        config = replace(config, task=Task.CREATE)
    most = dict.fromkeys(InputRole, 0)
    if config.task is not Task.CREATE:
        most[InputRole.SOURCE] = 1
        if config.mode in able.modes:
            most[InputRole.REFERENCE] = able.max_images(config.mode)
    elif config.inputs_of(InputRole.FIRST_FRAME):
        most[InputRole.FIRST_FRAME] = most[InputRole.LAST_FRAME] = 1
    else:
        del most[InputRole.REFERENCE]
    kept = _at_most(config.inputs, most)
    if len(kept) == len(config.inputs):
        return config
    changes.append("without what does not go together")
    return replace(config, inputs=kept)


def _at_most(
    inputs: tuple[MediaInput, ...], most: Mapping[InputRole, int]
) -> tuple[MediaInput, ...]:
    """The first ones of each role; the same picture given twice is two of them."""
    kept: list[MediaInput] = []
    for item in inputs:
        if sum(other.role is item.role for other in kept) < most.get(item.role, len(inputs)):
            kept.append(item)
    return tuple(kept)


def _fit_size(
    model: ModelInfo, able: Capabilities, config: VideoConfig, changes: list[str]
) -> VideoConfig:
    fitted = model.settled(config)
    if not model.makes_pictures and not config.duration_s:
        # from a picture to a clip: nobody chose a length yet
        fitted = replace(fitted, duration_s=able.default_duration_s)
    elif not model.makes_pictures and config.duration_s not in able.durations_s:
        nearest = min(able.durations_s, key=lambda stop: (abs(stop - config.duration_s), stop))
        fitted = replace(fitted, duration_s=nearest)
        changes.append(f"duration {config.duration_s} s → {nearest} s")
    if config.aspect_ratio not in able.aspect_ratios:
        fitted = replace(fitted, aspect_ratio=able.default_aspect_ratio)
        changes.append(f"aspect {config.aspect_ratio} → {able.default_aspect_ratio}")
    return fitted


def _fit_resolution(able: Capabilities, config: VideoConfig, changes: list[str]) -> VideoConfig:
    if config.resolution in able.resolutions:
        return config
    lines = LINES.get(config.resolution, 720)
    nearest = min(able.resolutions, key=lambda size: abs(LINES.get(size, 720) - lines))
    changes.append(f"resolution {config.resolution} → {nearest}")
    return replace(config, resolution=nearest)
