"""What the worker does with one task: look, choose the gentlest way, write, read back. Blocks."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from veo_studio.core.errors import DownloadError, StorageError
from veo_studio.core.exporting import cutting, encoding, pictures
from veo_studio.core.exporting.presets import Form, Inside
from veo_studio.core.exporting.sources import SourceFacts, look_at
from veo_studio.core.exporting.tasks import Made, Task, Tell, Way, way_of
from veo_studio.core.media import probe
from veo_studio.core.picture_file import is_picture_name

_COPY_BYTES = 1024 * 1024
# what may be missing at the end of a whole file: the last picture and a packet of sound
_MISSING_S = 0.25


def make(task: Task, tell: Tell) -> Made:
    """Write `task.part` and prove that it is whole.

    Raises DownloadError for a source that cannot be read, StorageError, ValueError with a sentence, and
    whatever the libraries raise.
    """
    task.check()
    facts = look_at(task.source)
    way = way_of(task.preset, facts, task.in_s, task.out_s)
    notes: list[str] = []
    form = task.preset.form
    if form is Form.STILL:
        pictures.write_still(task)
    elif facts.is_picture:
        way = _picture(task, way, notes)
    elif way is Way.COPIED:
        _copy(task, tell)
    elif way is Way.KEPT:
        cutting.keep_streams(task, tell)
    elif form is Form.GIF:
        pictures.write_gif(task, tell)
    else:
        encoding.encode(task, tell)
    tell(1.0)
    return _read_back(task, way, facts, tuple(notes))


def _picture(task: Task, way: Way, notes: list[str]) -> Way:
    if task.preset.form is not Form.COPY:
        notes.append("A picture was copied as it is.")
    if way is Way.KEPT:
        if task.preset.inside is Inside.RECIPE and task.source.suffix.lower() == ".webp":
            notes.append("A WebP picture has no room for its recipe.")
        else:
            pictures.write_picture(task)
            return Way.KEPT
    _copy(task, lambda _done: None)
    return Way.COPIED


def _copy(task: Task, tell: Tell) -> None:
    """Byte for byte, with everything that its provider signed."""
    done, size = 0, max(1, task.source.stat().st_size)
    with task.source.open("rb") as source, task.part.open("r+b") as part:
        while chunk := source.read(_COPY_BYTES):
            part.write(chunk)
            done += len(chunk)
            tell(done / size)
    if done != size and size > 1:
        raise StorageError(f"{task.source.name} changed while it was copied.")


def _read_back(task: Task, way: Way, facts: SourceFacts, notes: tuple[str, ...]) -> Made:
    """Raises StorageError where the file is not what it should be."""
    size_bytes = task.part.stat().st_size
    if is_picture_name(Path(f"x{task.suffix}")) or task.suffix == ".gif":
        try:
            width, height = pictures.size_of_picture(task.part)
        except Exception as error:
            raise _not_whole() from error
        duration_s = _length(task.part) if task.suffix == ".gif" else 0.0
        return Made(way, size_bytes, width, height, duration_s, task.suffix[1:], None, notes)
    if way is Way.COPIED:
        # whatever it is, it is the same
        return Made(
            way, size_bytes, facts.width_px, facts.height_px, facts.duration_s, facts.video_codec,
            facts.audio_codec, notes,
        )  # fmt: skip
    try:
        found = probe(task.part)
    except DownloadError as error:
        raise _not_whole() from error
    wanted_s = min(task.out_s or facts.duration_s, facts.duration_s) - (task.in_s or 0.0)
    has_sound = task.preset.has_sound and facts.audio_codec is not None
    step_s = 2 / facts.fps if facts.fps else 0.1
    is_short = found.duration_s < wanted_s - max(_MISSING_S, step_s, wanted_s * 0.02)
    if is_short and not _is_cut_off(task.source, facts):
        raise _not_whole()
    if found.has_audio is not has_sound:
        raise _not_whole()
    return Made(
        way, size_bytes, found.width_px, found.height_px, found.duration_s, found.video_codec,
        found.audio_codec, notes,
    )  # fmt: skip


def _is_cut_off(source: Path, facts: SourceFacts) -> bool:
    """A source that promises more than it holds: as much of it as there is was taken."""
    import av

    last_s = 0.0
    with suppress(av.error.FFmpegError), av.open(str(source)) as container:
        for frame in container.decode(video=0):
            last_s = frame.time or last_s
    return last_s < facts.duration_s - _MISSING_S


def _length(path: Path) -> float:
    import av

    with av.open(str(path)) as container:
        return (container.duration or 0) / 1_000_000


def _not_whole() -> StorageError:
    return StorageError("What was written could not be read back, so it was thrown away.")
