"""What a publisher gets: the clip as it lies there, its pictures, and a smaller copy where one is wanted."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import stat
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from veo_studio.core.answers import ErrorKind
from veo_studio.core.errors import StorageError
from veo_studio.core.file_names import file_name
from veo_studio.core.models import Generation
from veo_studio.core.paths import ensure_folder
from veo_studio.core.placing import sha256_of
from veo_studio.core.publishing.base import NotTaken, Publisher, TryAgain
from veo_studio.core.publishing.models import Delivery, Link, Parcel, Way
from veo_studio.core.publishing.smaller import Copy, smaller_copy
from veo_studio.core.thumbnails import Thumbnails

if TYPE_CHECKING:
    from veo_studio.core.exporting.exporter import Exporter

# a fresh link to where the clip of this delivery lies (`link_target_id`); raises TryAgain, NotTaken
LinkOf = Callable[[Delivery], Awaitable[Link]]

_THUMBNAIL_PX = 320
_THUMBNAIL_BYTES = 200_000
_MEDIA_TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
}
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._()-]{0,110}\.[A-Za-z0-9]{2,5}\Z")
_UUID = re.compile(r"[0-9a-fA-F-]{32,36}\Z")
_FIND_IT = "Find its file in the library (Locate), then send it again."


class Preparer:
    """What is made for deliveries lies in `folder`, in a private folder each; `exporter` is closed with this."""

    def __init__(self, folder: Path, thumbnails: Thumbnails, exporter: Exporter) -> None:
        self._folder = folder
        self._thumbnails = thumbnails
        self._exporter = exporter

    async def parcel(
        self, delivery: Delivery, generation: Generation, publisher: Publisher, link_of: LinkOf
    ) -> Parcel:
        """Everything that this delivery sends; what was made for it before is used again.

        Raises NotTaken for a file that is gone, damaged or changed, TryAgain for a full disk, and what
        `link_of` raises.
        """
        if not generation.has_file or generation.video_path is None:
            raise NotTaken("This clip is not finished.", ErrorKind.INVALID_REQUEST)
        folder = self._folder / delivery.uuid
        try:
            await asyncio.to_thread(ensure_folder, folder, is_private=True)
        except StorageError as error:
            raise TryAgain(error.message, ErrorKind.STORAGE, action=error.action) from error
        link = None
        if delivery.way is Way.LINK:
            # the file of a clip that lies elsewhere may be gone here
            link = await link_of(delivery)
            parcel = parcel_of(generation, delivery.uuid, link=link)
        else:
            found = await asyncio.to_thread(_checked, generation, generation.video_path)
            parcel = replace(
                parcel_of(generation, delivery.uuid),
                size_bytes=found.size_bytes,
                sha256=found.sha256,
            )
        if delivery.way is Way.SMALLER:
            parcel = await self._made_smaller(parcel, folder, publisher)
        poster = await self._thumbnails.ensure(
            generation.uuid, generation.video_path, generation.cover_at_s
        )
        pictures = await asyncio.to_thread(_pictures, poster, folder)
        return replace(parcel, poster=pictures[0], thumbnail=pictures[1])

    async def release(self, delivery_uuid: str) -> None:
        """The delivery is closed: what was made for it goes."""
        if _UUID.match(delivery_uuid):
            await asyncio.to_thread(_removed, self._folder / delivery_uuid)

    async def sweep(self, open_uuids: Collection[str]) -> None:
        """At the start: what was made for deliveries that are closed by now goes."""
        await asyncio.to_thread(_swept, self._folder, frozenset(open_uuids))

    async def close(self) -> None:
        """End what is being made, for good; nothing half made is left."""
        await self._exporter.close()

    async def _made_smaller(self, parcel: Parcel, folder: Path, publisher: Publisher) -> Parcel:
        max_bytes = publisher.max_bytes
        refusal = publisher.refusal(parcel)
        # a form of file that it does not show may be small enough, and is not taken all the same
        is_wanted = refusal is not None and Way.SMALLER in refusal.ways
        if not is_wanted and max_bytes is not None and parcel.size_bytes <= max_bytes:
            return parcel
        # named by what it was made of: a copy with this name is whole, and is this clip's
        stem = f"smaller-{parcel.sha256[:16]}-{max_bytes or 0}"
        copy = await asyncio.to_thread(_made_before, folder, stem)
        if copy is None:
            copy = await smaller_copy(self._exporter, parcel.file, folder, stem, max_bytes)
            is_smaller = max_bytes is not None or copy.size_bytes < parcel.size_bytes
            if not (is_smaller or is_wanted):
                await asyncio.to_thread(copy.file.unlink, missing_ok=True)
                return parcel
        return await asyncio.to_thread(_with_copy, parcel, copy)


def parcel_of(generation: Generation, delivery_uuid: str, link: Link | None = None) -> Parcel:
    """What is known of a clip without a look at its file: enough to ask a publisher for its refusal."""
    file = generation.video_path
    assert file is not None, "only a clip with a file is delivered"
    return Parcel(
        delivery_uuid=delivery_uuid,
        generation_id=generation.id,
        generation_uuid=generation.uuid,
        kind=generation.kind,
        file=file,
        name=_name_of(generation, file),
        media_type=_MEDIA_TYPES.get(file.suffix.lower(), "application/octet-stream"),
        size_bytes=generation.size_bytes or 0,
        sha256=generation.sha256 or "",
        caption=generation.caption,
        tags=generation.tags,
        prompt=generation.prompt,
        model=generation.model,
        created_at=generation.created_at,
        published_at=generation.published_at,
        width_px=generation.width_px,
        height_px=generation.height_px,
        length_s=generation.length_s,
        has_audio=generation.has_audio,
        link=link,
    )


def _name_of(generation: Generation, file: Path) -> str:
    """Its own where every system knows such names."""
    if _SAFE_NAME.match(file.name):
        return file.name
    at = generation.finished_at or generation.created_at
    extension = file.suffix[1:].lower()
    is_known = file.suffix.lower() in _MEDIA_TYPES
    return file_name(generation.prompt, at, extension if is_known else "bin")


@dataclass(frozen=True)
class _Found:
    size_bytes: int
    sha256: str


# in threads


def _checked(generation: Generation, file: Path) -> _Found:
    """That it is the very clip. Raises NotTaken."""
    try:
        facts = file.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise NotTaken(
            f"The file {file.name} is not where it was.", ErrorKind.NOT_FOUND, action=_FIND_IT
        ) from None
    except OSError as error:
        raise _cannot_be_read(file, error.strerror) from error
    if not stat.S_ISREG(facts.st_mode):
        raise NotTaken(f"{file.name} is no file.", ErrorKind.NOT_FOUND, action=_FIND_IT)
    if not facts.st_size:
        raise NotTaken(f"The file {file.name} is empty.", ErrorKind.STORAGE, action=_FIND_IT)
    try:
        digest = sha256_of(file)
    except StorageError as error:
        raise _cannot_be_read(file, None) from error
    if generation.sha256 is not None and digest != generation.sha256:
        raise NotTaken(
            f"The file {file.name} is not the one that was made: it changed, or is damaged.",
            ErrorKind.STORAGE,
            action="Find the right file in the library (Locate), or take this one for it there.",
        )
    return _Found(facts.st_size, digest)


def _cannot_be_read(file: Path, reason: str | None) -> NotTaken:
    words = f" ({reason})" if reason else ""
    return NotTaken(
        f"The file {file.name} cannot be read{words}.",
        ErrorKind.STORAGE,
        action="Plug in its drive or give yourself access to it, then send it again.",
    )


def _pictures(poster: Path | None, folder: Path) -> tuple[Path | None, Path | None]:
    """Poster and thumbnail of its own for a delivery: the cache may lose them at any time."""
    if poster is None:
        return None, None
    mine, small = folder / "poster.jpg", folder / "thumbnail.jpg"
    try:
        shutil.copyfile(poster, mine)
    except OSError:
        # a clip without its picture is a clip
        return None, None
    try:
        _shrink(mine, small)
    except Exception:
        # Pillow has many words for a picture that it cannot read
        return mine, None
    return mine, small


def _shrink(picture: Path, target: Path) -> None:
    from PIL import Image

    with Image.open(picture, formats=("JPEG",)) as image:
        image.thumbnail((_THUMBNAIL_PX, _THUMBNAIL_PX), Image.Resampling.LANCZOS)
        temporary = target.with_suffix(".tmp")
        for quality in (85, 60, 30):
            image.convert("RGB").save(temporary, "JPEG", quality=quality)
            if temporary.stat().st_size < _THUMBNAIL_BYTES:
                break
    os.replace(temporary, target)


def _made_before(folder: Path, stem: str) -> Copy | None:
    for suffix in (".mp4", ".jpg"):
        file = folder / f"{stem}{suffix}"
        with contextlib.suppress(OSError):
            return Copy(file, file.stat().st_size)
    return None


def _with_copy(parcel: Parcel, copy: Copy) -> Parcel:
    """Raises TryAgain where the copy is gone again."""
    try:
        digest = sha256_of(copy.file)
    except StorageError as error:
        raise TryAgain("The smaller copy is gone.", ErrorKind.STORAGE) from error
    return replace(
        parcel,
        file=copy.file,
        name=f"{Path(parcel.name).stem}{copy.file.suffix}",
        media_type=_MEDIA_TYPES[copy.file.suffix],
        size_bytes=copy.size_bytes,
        sha256=digest,
        width_px=copy.width_px,
        height_px=copy.height_px,
        length_s=copy.length_s or parcel.length_s,
    )


def _removed(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _swept(folder: Path, open_uuids: frozenset[str]) -> None:
    with contextlib.suppress(OSError):
        for one in list(folder.iterdir()):
            if _UUID.match(one.name) and one.name not in open_uuids and not one.is_symlink():
                _removed(one)
