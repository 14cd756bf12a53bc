"""The details of a clip in words: sections of rows, each with what its copy button takes.

Rows that are not known yet are there with an ellipsis: what comes later moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from veo_studio.core.capabilities import ModelInfo
from veo_studio.core.models import (
    Generation,
    GenerationState,
    InputRole,
    MediaInput,
    Task,
    VideoConfig,
    WalletEntry,
)
from veo_studio.core.plain import masked
from veo_studio.ui.error_text import describe_generation
from veo_studio.ui.text import (
    charge_words,
    money_words,
    seconds_words,
    size_words,
    state_words,
    tr,
    tr_n,
)
from veo_studio.ui.view_models.details_marks import provenance_rows
from veo_studio.ui.view_models.details_rows import LATER, Row

if TYPE_CHECKING:
    from veo_studio.core.clip_details import FileFacts, StoredDetails

# characters of both prompts; to compare more would hold up the window
_MOST_COMPARED = 5000
_ROLES = {
    InputRole.FIRST_FRAME: "First frame",
    InputRole.LAST_FRAME: "Last frame",
    InputRole.REFERENCE: "Reference",
    InputRole.SOURCE: "Made from",
}
_TASKS = {
    Task.EDIT: "Changed from another clip",
    Task.EXTEND: "Another clip made longer",
    Task.UPSCALE: "Another clip made sharper",
}
_KINDS = {
    "grant": "Added",
    "charge": "Charged",
    "refund": "Refunded",
    "again": "Sent again",
    "correction": "Corrected",
}


@dataclass(frozen=True)
class Known:
    """All that is known by now; `stored` and `file` come after the generation itself."""

    generation: Generation
    model: ModelInfo | None = None
    provider_name: str = ""
    stored: StoredDetails | None = None
    file: FileFacts | None = None
    is_file_read: bool = False


@dataclass(frozen=True)
class Section:
    """`id` is what stays folded between two starts."""

    id: str
    title: str
    rows: tuple[Row, ...] = ()
    clips: tuple[Generation, ...] = field(default=())


def sections(known: Known) -> tuple[Section, ...]:
    """In the order in which they are shown; one without rows and clips is left out by the view."""
    made = (
        Section("state", tr("What happened"), tuple(_state(known.generation))),
        Section("prompt", tr("Prompt"), tuple(_prompt(known.generation))),
        Section("settings", tr("Settings"), tuple(_settings(known))),
        Section("from", tr("Made from"), tuple(_from(known)), _parents(known)),
        Section("made", tr("Made of it"), tuple(_made(known)), _children(known)),
        Section("takes", tr("Takes of this click"), (), _takes(known)),
        Section("money", tr("Price and charge"), tuple(_money(known))),
        Section("times", tr("Times"), tuple(_times(known.generation))),
        Section("attempts", tr("Attempts"), tuple(_attempts(known))),
        Section("file", tr("File"), tuple(_file(known))),
        Section("origin", tr("Where it comes from"), tuple(_origin(known))),
    )
    return tuple(one for one in made if one.rows or one.clips)


def moment(at: datetime | None) -> str:
    """Local date and time to the second."""
    return "" if at is None else at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _state(generation: Generation) -> Iterator[Row]:
    """Nothing for what went well or is under way."""
    if generation.state.is_active or generation.state is GenerationState.COMPLETED:
        return
    yield Row("happened", tr("In short"), describe_generation(generation).whole)
    if generation.error:
        yield Row("error", tr("The service's own words"), masked(generation.error))


def _prompt(generation: Generation) -> Iterator[Row]:
    config = generation.config
    yield Row("prompt", tr("As it was sent"), generation.prompt, is_long=True)
    if config.original_prompt:
        before = config.original_prompt
        yield Row("original", tr("As you wrote it"), before, is_long=True)
        if len(before) + len(generation.prompt) <= _MOST_COMPARED:
            what = tr("What the enhancement changed")
            yield Row("difference", what, generation.prompt, before=before)
    if config.negative_prompt:
        yield Row("negative", tr("Negative prompt"), config.negative_prompt, is_long=True)


def _settings(known: Known) -> Iterator[Row]:
    generation, config = known.generation, known.generation.config
    name = known.model.name if known.model is not None else generation.model
    yield Row("model", tr("Model"), name)
    if name != generation.model:
        yield Row("model id", tr("Name at the service"), generation.model)
    yield Row("provider", tr("Service"), known.provider_name or generation.provider)
    if config.task in _TASKS:
        yield Row("task", tr("Kind"), tr(_TASKS[config.task]))
    yield Row("aspect", tr("Aspect ratio"), config.aspect_ratio)
    if not generation.is_picture:
        yield Row("duration", tr("Duration asked for"), seconds_words(config.duration_s))
    yield Row("resolution", tr("Resolution"), config.resolution)
    yield from _able_settings(known, config)
    for number, item in enumerate(config.inputs):
        yield Row(f"input {number}", tr(_ROLES[item.role]), _input_words(item))
    if config.final is not None:
        final = config.final
        words = tr(
            "{length}, {resolution}",
            length=seconds_words(final.duration_s),
            resolution=final.resolution,
        )
        yield Row("final", tr("This is a draft of"), words)


def _able_settings(known: Known, config: VideoConfig) -> Iterator[Row]:
    """What not every model knows; of one that is gone from the catalogue, what is set."""
    able = known.model.capabilities if known.model is not None else None
    if config.seed is not None:
        yield Row("seed", tr("Seed"), str(config.seed))
    elif able is not None and able.has_seed:
        yield Row("seed", tr("Seed"), tr("drawn by the service"))
    if not known.generation.is_picture:
        sound = {True: tr("on"), False: tr("off"), None: tr("as the model does by itself")}
        yield Row("sound wish", tr("Sound asked for"), sound[config.enable_audio])
    if config.samples != 1:
        yield Row("samples", tr("Clips of one request"), str(config.samples))


def _input_words(item: MediaInput) -> str:
    parts = [masked(" ".join(item.name.split()))]
    if item.width_px and item.height_px:
        parts.append(f"{item.width_px} × {item.height_px}")
    if item.length_s:
        parts.append(seconds_words(item.length_s))
    parts.append(size_words(item.size_bytes))
    return " · ".join(parts)


# lineage


def _from(known: Known) -> Iterator[Row]:
    lost = known.stored.deleted_parents if known.stored is not None else 0
    if lost:
        words = tr_n(
            "{n} clip that it was made from was deleted.",
            "{n} clips that it was made from were deleted.",
            lost,
        )
        yield Row("lost parents", tr("Gone"), words)


def _made(known: Known) -> Iterator[Row]:
    if known.stored is None:
        return
    if known.stored.deleted_children:
        number = known.stored.deleted_children
        words = tr_n("{n} that was deleted", "{n} that were deleted", number)
        yield Row("lost children", tr("Gone"), words)
    if known.stored.more_children:
        words = tr_n("{n} more", "{n} more", known.stored.more_children)
        yield Row("more children", tr("Not shown"), words)


def _parents(known: Known) -> tuple[Generation, ...]:
    return known.stored.parents if known.stored is not None else ()


def _children(known: Known) -> tuple[Generation, ...]:
    return known.stored.children if known.stored is not None else ()


def _takes(known: Known) -> tuple[Generation, ...]:
    takes = known.stored.takes if known.stored is not None else ()
    return takes if len(takes) > 1 else ()


# money and time


def _money(known: Known) -> Iterator[Row]:
    generation = known.generation
    yield Row("charge", tr("Charge"), charge_words(generation.charge))
    estimate = generation.price_usd
    yield Row(
        "estimate",
        tr("Estimate of the click"),
        tr("no price known") if estimate is None else money_words(estimate),
    )
    if generation.cost_usd is not None:
        yield Row("cost", tr("Reported by the service"), money_words(generation.cost_usd))
    yield Row("tokens", tr("Tokens"), str(generation.tokens))
    for entry in known.stored.entries if known.stored is not None else ():
        yield Row(f"entry {entry.id}", moment(entry.at), entry_words(entry))


def entry_words(entry: WalletEntry) -> str:
    """Kind, tokens and money of one line of the wallet."""
    kind = _KINDS.get(entry.kind)
    parts = [tr(kind) if kind is not None else entry.kind]
    if entry.tokens:
        signed = f"{entry.tokens:+,}".replace("-", "\u2212")
        parts.append(tr_n("{signed} token", "{signed} tokens", abs(entry.tokens), signed=signed))
    if entry.cost_usd:
        parts.append(money_words(entry.cost_usd))
    return " · ".join(parts)


def _times(generation: Generation) -> Iterator[Row]:
    yield Row("asked", tr("Asked for"), moment(generation.created_at))
    sent = moment(generation.submitted_at)
    yield Row("sent", tr("Sent"), sent or tr("not yet"))
    is_over = generation.state.is_terminal
    ended = moment(generation.finished_at)
    yield Row("finished", tr("Finished"), ended or (tr("never") if is_over else tr("not yet")))
    if generation.submitted_at is not None and generation.finished_at is not None:
        took = (generation.finished_at - generation.submitted_at).total_seconds()
        yield Row("took", tr("Took"), seconds_words(took))
    if generation.next_attempt_at is not None and not is_over:
        yield Row("next", tr("Next attempt"), moment(generation.next_attempt_at))


def _attempts(known: Known) -> Iterator[Row]:
    if known.stored is None:
        return
    if not known.stored.attempts:
        words = tr("none: nothing was sent")
        if known.generation.state is not GenerationState.PENDING:
            yield Row("no attempts", tr("Attempts"), words)
        return
    for attempt in known.stored.attempts:
        parts = [masked(" ".join((attempt.outcome or tr("no outcome yet")).split()))]
        if attempt.http_status:
            parts.append(f"HTTP {attempt.http_status}")
        if attempt.finished_at is not None:
            took = (attempt.finished_at - attempt.started_at).total_seconds()
            parts.append(seconds_words(took) if took >= 1 else tr("under 1 s"))
        yield Row(f"attempt {attempt.id}", moment(attempt.started_at), " · ".join(parts))


# the file


def _file(known: Known) -> Iterator[Row]:
    generation, file = known.generation, known.file
    path = generation.video_path
    if path is None:
        return
    if file is not None and file.problem:
        yield Row("problem", tr("Problem"), file.problem)
    yield Row("path", tr("Path"), str(path))
    size = generation.size_bytes
    if file is not None and file.size_bytes is not None:
        size = file.size_bytes
    exact = "" if size is None else tr("{size} ({n} bytes)", size=size_words(size), n=f"{size:,}")
    yield Row("size", tr("Size"), exact or LATER)
    if generation.width_px and generation.height_px:
        yield Row("pixels", tr("Pixels"), f"{generation.width_px} × {generation.height_px}")
    if not generation.is_picture:
        yield from _media(known)
    yield Row("sha256", tr("SHA-256"), generation.sha256 or tr("not known"))


def _media(known: Known) -> Iterator[Row]:
    generation = known.generation
    media = known.file.media if known.file is not None else None
    later = LATER if not known.is_file_read else tr("not known")
    length = media.duration_s if media is not None and media.duration_s else generation.length_s
    yield Row("length", tr("Length"), tr("{s} s", s=f"{length:.2f}") if length else later)
    rate = tr("{n} per second", n=f"{media.fps:.4g}") if media is not None and media.fps else later
    yield Row("rate", tr("Pictures"), rate)
    yield Row(
        "video", tr("Picture codec"), codec(media.video_codec) if media is not None else later
    )
    sound = later
    if media is not None:
        sound = codec(media.audio_codec) if media.audio_codec else tr("none")
    elif generation.has_audio is not None and known.is_file_read:
        sound = tr("yes") if generation.has_audio else tr("none")
    yield Row("audio", tr("Sound"), sound)


_CODECS: Mapping[str, str] = {
    "h264": "H.264",
    "hevc": "H.265 (HEVC)",
    "av1": "AV1",
    "vp9": "VP9",
    "prores": "ProRes",
    "aac": "AAC",
    "opus": "Opus",
    "mp3": "MP3",
    "libdav1d": "AV1",
}


def codec(name: str) -> str:
    return _CODECS.get(name, name)


def _origin(known: Known) -> Iterator[Row]:
    if known.generation.video_path is not None:
        yield from provenance_rows(known.generation, known.file, is_read=known.is_file_read)


def state_line(generation: Generation) -> str:
    """Number and state in one line."""
    return tr(
        "Clip {number} · {state}" if not generation.is_picture else "Picture {number} · {state}",
        number=generation.id,
        state=state_words(generation.state),
    )
