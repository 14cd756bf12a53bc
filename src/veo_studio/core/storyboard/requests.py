"""A scene as requests: for its picture, for its clip, for its rehearsal.

What is written in the scene and in the scenario goes through here and nowhere else, so that the price,
the run and "is this still what it was made from" agree. ValueError with a sentence where it cannot be.
"""

from __future__ import annotations

from dataclasses import replace

from veo_studio.core.capabilities import AudioSupport, Capabilities, ModelInfo
from veo_studio.core.models import (
    GenerationRequest,
    InputMode,
    InputRole,
    MediaInput,
    VideoConfig,
)
from veo_studio.core.storyboard.casting import CastWords, in_words, styled, with_pictures
from veo_studio.core.storyboard.keys import SceneKey
from veo_studio.core.storyboard.models import Scene, Storyboard
from veo_studio.core.storyboard.sizes import clip_settings, picture_settings, resolution_of

# of a round, more than it will ever have takes: those of a failed one are numbered on
_ROUND_SEEDS = 1000
# stands for a first frame that is still to be made: what is priced has one
UNMADE = MediaInput(InputRole.FIRST_FRAME, "0" * 64, "image/png", 1, "picture.png")


def follows(board: Storyboard, scene: Scene) -> Scene | None:
    """The scene whose last picture this one begins with; None where it has a picture of its own."""
    if not scene.follows:
        return None
    place = board.place_of(scene.uuid)
    return board.scenes[place - 1] if place else None


def picture_words(board: Storyboard, scene: Scene, model: ModelInfo) -> CastWords:
    text = styled(scene.image_prompt.strip() or scene.visual_prompt.strip(), board.scenario.style)
    return with_pictures(text, board.scenario.cast, model, scene.reference)


def picture_size(board: Storyboard, model: ModelInfo, said: CastWords) -> tuple[str, str]:
    """Shape and size in the model's words. ValueError with a sentence."""
    mode = InputMode.REFERENCES if said.pictures else InputMode.TEXT
    size = picture_settings(resolution_of(board.scenario.resolution)[0], model, mode)
    return size.aspect_ratio, size.resolution


def clip_words(board: Storyboard, scene: Scene) -> str:
    text = styled(scene.visual_prompt.strip() or scene.image_prompt.strip(), board.scenario.style)
    return in_words(text, board.scenario.cast)


def picture_request(
    board: Storyboard, scene: Scene, model: ModelInfo, key: SceneKey
) -> GenerationRequest:
    said = picture_words(board, scene, model)
    aspect_ratio, resolution = picture_size(board, model, said)
    config = VideoConfig(
        aspect_ratio=aspect_ratio,
        duration_s=0,
        resolution=resolution,
        seed=_seed(board, model.capabilities, key),
        inputs=said.pictures,
    )
    return _request(said.words, model, config, key)


def clip_request(
    board: Storyboard, scene: Scene, model: ModelInfo, key: SceneKey, first: MediaInput = UNMADE
) -> GenerationRequest:
    return _clip(board, scene, model, key, (replace(first, role=InputRole.FIRST_FRAME),))


def rehearsal_request(
    board: Storyboard,
    scene: Scene,
    model: ModelInfo,
    key: SceneKey,
    first: MediaInput | None = None,
) -> GenerationRequest:
    """Free, and exactly as long as the scene; with its picture where there is one."""
    inputs = () if first is None else (replace(first, role=InputRole.FIRST_FRAME),)
    request = _clip(board, scene, model, key, inputs)
    # it is for the timing: the smallest size is made in the shortest time
    smallest = model.capabilities.resolutions[0]
    return replace(request, config=replace(request.config, resolution=smallest))


def _clip(
    board: Storyboard,
    scene: Scene,
    model: ModelInfo,
    key: SceneKey,
    inputs: tuple[MediaInput, ...],
) -> GenerationRequest:
    mode = InputMode.FIRST_FRAME if inputs else InputMode.TEXT
    able = model.capabilities.in_mode(mode)
    resolution, _ = resolution_of(board.scenario.resolution)
    size = clip_settings(resolution, model, mode)
    audio = board.scenario.has_sound if able.audio is AudioSupport.SWITCHABLE else None
    config = VideoConfig(
        aspect_ratio=size.aspect_ratio,
        duration_s=length_s(scene.duration_s, able),
        resolution=size.resolution,
        seed=_seed(board, able, key),
        enable_audio=audio,
        inputs=inputs,
    )
    return _request(clip_words(board, scene), model, config, key)


def length_s(wanted_s: int, able: Capabilities) -> int:
    """The shortest length that is long enough, for a clip can be cut; else the longest."""
    return min(
        (stop for stop in able.durations_s if stop >= wanted_s),
        default=max(able.durations_s, default=wanted_s),
    )


def _seed(board: Storyboard, able: Capabilities, key: SceneKey) -> int | None:
    """The same for all scenes; further takes and rounds are told apart by the numbers after it."""
    seed = board.scenario.seed
    if seed is None or not able.has_seed:
        return None
    further: int = key.round * _ROUND_SEEDS + key.take - 1
    return (seed + further) % (able.max_seed + 1)


def _request(words: str, model: ModelInfo, config: VideoConfig, key: SceneKey) -> GenerationRequest:
    return GenerationRequest(
        prompt=words,
        provider=model.provider,
        model=model.id,
        config=config,
        kind=model.kind,
        idempotency_key=str(key),
        take_group=key.take_group,
        take_number=key.take,
    )
