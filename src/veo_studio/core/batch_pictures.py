"""The pictures that a batch names: looked at by their head while it is checked, taken in when it starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from veo_studio.core.clean_media import MAX_PIXELS
from veo_studio.core.input_files import InputFiles
from veo_studio.core.inputs import MAX_IMAGE_BYTES, take_in_picture
from veo_studio.core.models import InputRole, MediaInput

_COLUMNS = {
    "first_frame": InputRole.FIRST_FRAME,
    "last_frame": InputRole.LAST_FRAME,
    "references": InputRole.REFERENCE,
}
# stands for the content until the picture is taken in
_NOT_YET = "0" * 64
_MIME_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg", "WEBP": "image/webp"}


class PictureHeads:
    """Every file is opened once, however many rows name it. `folder` is where relative names begin."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[tuple[Path, int, int], tuple[str, int, int]] = {}

    def named(self, cells: Mapping[str, str]) -> list[tuple[str, InputRole, Path]]:
        """Column, role and file of each picture of a row."""
        found = []
        for column, role in _COLUMNS.items():
            names = cells.get(column, "")
            parts = names.split("|") if role is InputRole.REFERENCE else [names]
            found += [(column, role, self.path(part.strip())) for part in parts if part.strip()]
        return found

    def path(self, name: str) -> Path:
        """ValueError for what cannot be the name of a file."""
        if "\0" in name:
            raise ValueError(f"{name!r} is no name of a file.")
        return (
            self._folder / Path(name).expanduser() if name.startswith("~") else self._folder / name
        )

    def look(self, path: Path, role: InputRole) -> MediaInput:
        """What stands for the picture while nothing is taken in; ValueError with a sentence. Blocks."""
        try:
            facts = path.stat()
        except OSError as error:
            raise ValueError(f"There is no file {path}.") from error
        key = (path, facts.st_mtime_ns, facts.st_size)
        if key not in self._seen:
            if facts.st_size > MAX_IMAGE_BYTES:
                raise ValueError(f"{path.name} is larger than {MAX_IMAGE_BYTES // 1024**2} MB.")
            self._seen[key] = _head(path)
        mime_type, width, height = self._seen[key]
        return MediaInput(
            role, _NOT_YET, mime_type, facts.st_size, path.name, width_px=width, height_px=height
        )


def _head(path: Path) -> tuple[str, int, int]:
    """Type and size; nothing of the picture itself is decoded."""
    from PIL import Image, UnidentifiedImageError

    name = path.name
    if not path.is_file():
        raise ValueError(f"{name} is no file.")
    try:
        with Image.open(path, formats=("PNG", "JPEG", "WEBP")) as image:
            form, width, height = str(image.format), image.width, image.height
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(f"{name} has far too many pixels.") from error
    except UnidentifiedImageError as error:
        raise ValueError(f"{name} is no PNG, JPEG or WebP picture.") from error
    except PermissionError as error:
        raise ValueError(f"{name} cannot be opened: {error.strerror}.") from error
    except Exception as error:
        # a damaged file makes Pillow raise nearly everything that Python has
        raise ValueError(f"{name} is damaged: it cannot be read as a picture.") from error
    if width * height > MAX_PIXELS:
        raise ValueError(f"{name} has more than {MAX_PIXELS // 10**6} million pixels.")
    return _MIME_TYPES[form], width, height


def take_in_all(
    files: InputFiles, rows: Iterable[Sequence[tuple[InputRole, Path]]]
) -> dict[Path, MediaInput]:
    """Take in every picture of these rows once. Blocks; raises ValueError, StorageError."""
    taken: dict[Path, MediaInput] = {}
    for pictures in rows:
        for role, path in pictures:
            if path not in taken:
                taken[path] = take_in_picture(files, path, role)
    return taken


def as_taken(
    pictures: Iterable[tuple[InputRole, Path]], taken: Mapping[Path, MediaInput]
) -> tuple[MediaInput, ...]:
    """The inputs of one row."""
    return tuple(replace(taken[path], role=role) for role, path in pictures)
