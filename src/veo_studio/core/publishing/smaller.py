"""A copy of a clip that is surely below a size: bits and picture are chosen by its length, and measured."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from veo_studio.core.answers import ErrorKind
from veo_studio.core.errors import DiskFull, StorageError, StudioError
from veo_studio.core.publishing.base import NotTaken, TryAgain

if TYPE_CHECKING:
    from veo_studio.core.exporting.exporter import Exporter, ExportJob, ExportResult
    from veo_studio.core.exporting.sources import SourceFacts

# stereo as the exporter encodes it, and what the file says about its packets
_SOUND_BITS_S = 192_000
_FILE_BITS_S = 20_000
# of the limit, so that nothing that is not counted here goes beyond it
_TAKEN = 0.94
# the encoder may be a second ahead of its rate
_AHEAD_S = 1.0
# fewer bits than this are no picture
_LEAST_BITS_S = 40_000
# a picture with fewer bits for each of its points is better shown smaller
_BITS_PER_POINT = 0.05
_LEAST_PX = 96
# of what the first try was allowed
_SECOND_TRY = 0.6
_PICTURE_SIDES_PX = (2560, 1280)


@dataclass(frozen=True)
class Copy:
    """A smaller copy as it was read back."""

    file: Path
    size_bytes: int
    width_px: int | None = None
    height_px: int | None = None
    length_s: float | None = None
    has_audio: bool | None = None


async def smaller_copy(
    exporter: Exporter, source: Path, folder: Path, stem: str, max_bytes: int | None
) -> Copy:
    """Make it in `folder`, below `max_bytes` (None: just smaller). Raises NotTaken, TryAgain."""
    try:
        facts = await exporter.look(source)
    except StudioError as error:
        raise _unreadable(error) from error
    for share in (1.0, _SECOND_TRY):
        job = _job(facts, source, folder, stem, max_bytes, share)
        result = (await exporter.run([job]))[0]
        copy = _copy_of(result)
        if max_bytes is None or copy.size_bytes <= max_bytes:
            return copy
        await asyncio.to_thread(copy.file.unlink, missing_ok=True)
    assert max_bytes is not None
    raise _too_long(max_bytes)


def _job(
    facts: SourceFacts,
    source: Path,
    folder: Path,
    stem: str,
    max_bytes: int | None,
    share: float,
) -> ExportJob:
    from veo_studio.core.exporting.exporter import ExportJob
    from veo_studio.core.exporting.presets import ExportPreset, Form, Quality, Size

    if facts.is_picture:
        side = _PICTURE_SIDES_PX[0 if share == 1.0 else 1]
        preset = ExportPreset(
            "Smaller", Form.STILL, Quality.GOOD if share == 1.0 else Quality.SMALL,
            size=Size.FIT, width_px=side, height_px=side, still_kind="jpg",
        )  # fmt: skip
        return ExportJob(source, folder, stem, preset)
    if max_bytes is None:
        preset = ExportPreset("Smaller", Form.H264, Quality.SMALL, size=Size.P720)
        return ExportJob(source, folder, stem, preset, length_s=facts.duration_s)
    bits_s = int(picture_bits_s(facts.duration_s, max_bytes, facts.audio_codec is not None) * share)
    if bits_s < _LEAST_BITS_S:
        raise _too_long(max_bytes)
    width_px, height_px = _size(facts, bits_s)
    preset = ExportPreset(
        "Smaller", Form.H264, Quality.GOOD,
        size=Size.FIT, width_px=width_px, height_px=height_px,
    )  # fmt: skip
    return ExportJob(source, folder, stem, preset, length_s=facts.duration_s, most_bits_s=bits_s)


def picture_bits_s(length_s: float, max_bytes: int, has_sound: bool) -> float:
    """What the picture may take a second so that the whole file stays below `max_bytes`."""
    whole = max_bytes * 8 * _TAKEN
    beside_s = _FILE_BITS_S + (_SOUND_BITS_S if has_sound else 0)
    return (whole - beside_s * length_s) / (length_s + _AHEAD_S)


def _size(facts: SourceFacts, bits_s: int) -> tuple[int, int]:
    """As large as the bits are enough for."""
    points_s = facts.width_px * facts.height_px * max(1.0, facts.fps or 25.0)
    scale = min(1.0, math.sqrt(bits_s / (_BITS_PER_POINT * points_s)))
    return (
        max(_LEAST_PX, math.ceil(facts.width_px * scale)),
        max(_LEAST_PX, math.ceil(facts.height_px * scale)),
    )


def _copy_of(result: ExportResult) -> Copy:
    """Raises NotTaken, TryAgain where there is none."""
    error = result.error
    if isinstance(error, DiskFull):
        raise TryAgain(
            "There is no room for the smaller copy.",
            ErrorKind.STORAGE,
            action="Make room on the disk.",
        )
    if isinstance(error, StudioError | ValueError):
        raise _unreadable(error)
    if error is not None:
        raise error
    if result.path is None or result.made is None:
        raise TryAgain("The smaller copy was not finished.", ErrorKind.STORAGE)
    made = result.made
    return Copy(
        result.path,
        made.size_bytes,
        made.width_px,
        made.height_px,
        made.duration_s or None,
        made.audio_codec is not None if made.duration_s else None,
    )


def _unreadable(error: Exception) -> NotTaken | TryAgain:
    from veo_studio.core.exporting.tasks import Unreadable

    if isinstance(error, StorageError) and not isinstance(error, Unreadable):
        return TryAgain(error.message, ErrorKind.STORAGE, action=error.action)
    words = error.message if isinstance(error, StudioError) else str(error)
    return NotTaken(
        f"No smaller copy can be made. {words}",
        ErrorKind.STORAGE,
        action="Find the clip's file in the library, or send it as it is.",
    )


def _too_long(max_bytes: int) -> NotTaken:
    return NotTaken(
        f"The clip is too long for a copy below {max_bytes / 1e6:,.0f} MB.",
        ErrorKind.INVALID_REQUEST,
        action="Cut it in the export, or send a link to it where the target takes links.",
    )
