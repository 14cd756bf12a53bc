"""Single frames of a clip as pictures of their own."""

from __future__ import annotations

from pathlib import Path

from veo_studio.core.errors import StorageError
from veo_studio.core.file_names import reserve_name
from veo_studio.core.stills import png, still


def save_frame(clip: Path, at_s: float) -> Path:
    """Write the frame that is seen at `at_s` beside its clip, in full size; where it is. Blocks.

    `20250105_143025_A_beautiful_sunset_over_at_3.48s.png`, never over another file.
    ValueError with a sentence for what cannot be read, StorageError.
    """
    content = png(still(clip, at_s))
    name = f"{clip.stem}_at_{at_s:.2f}s.png"
    try:
        while True:
            target = reserve_name(clip.parent, name)
            try:
                with target.open("xb") as file:
                    file.write(content)
            except FileExistsError:
                continue  # taken meanwhile
            except OSError:
                target.unlink(missing_ok=True)
                raise
            return target
    except OSError as error:
        raise StorageError(
            f"The frame cannot be written into {clip.parent} ({error.strerror})."
        ) from error
