"""What is in a video file.

PyAV is imported at the first call.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from veo_studio.core.errors import DownloadError, StorageError


@dataclass(frozen=True)
class MediaFacts:
    """What a video file says about itself; `duration_s` and `fps` are 0 where it does not."""

    width_px: int
    height_px: int
    duration_s: float
    fps: float
    has_audio: bool
    video_codec: str
    audio_codec: str | None


def probe(path: Path) -> MediaFacts:
    """Read the file's own description. Blocks: run it in a thread.

    Raises DownloadError for a file that may be damaged, StorageError where it cannot be read.
    """
    import av

    try:
        with av.open(str(path), mode="r") as container:
            if not container.streams.video:
                raise DownloadError("The file may be damaged: it holds no picture.")
            video = container.streams.video[0]
            audio = container.streams.audio[0] if container.streams.audio else None
            width, height = video.codec_context.width, video.codec_context.height
            if not (width > 0 and height > 0):
                raise DownloadError("The file may be damaged: its picture has no size.")
            if container.duration is not None:
                duration_s = container.duration / av.time_base
            elif video.duration is not None and video.time_base is not None:
                duration_s = float(video.duration * video.time_base)
            else:
                duration_s = 0.0
            return MediaFacts(
                width_px=width,
                height_px=height,
                duration_s=max(0.0, duration_s),
                fps=float(video.average_rate or 0),
                has_audio=audio is not None,
                video_codec=video.codec_context.name,
                audio_codec=audio.codec_context.name if audio is not None else None,
            )
    except DownloadError:
        raise
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise StorageError(f"{path.name} cannot be read ({error.strerror}).") from error
    except Exception as error:
        # PyAV raises what libav says as a dozen classes, and its own bugs on broken files besides.
        raise DownloadError(f"The file may be damaged ({type(error).__name__}).") from error
