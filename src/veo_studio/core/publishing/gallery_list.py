"""What a gallery shows: its entries, as they stand in `veo-gallery.json` beside the page.

The list lies in a folder that anybody may have changed, so it is read as text from outside: a name in it
never leads out of the folder. It holds nothing that the page does not show.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from veo_studio.core.answers import ErrorKind
from veo_studio.core.models import GenerationKind
from veo_studio.core.publishing.base import NotTaken
from veo_studio.core.publishing.models import Parcel

LIST_NAME = "veo-gallery.json"
VERSION = 1
MAX_LIST_BYTES = 64 * 1024 * 1024
CLIPS, THUMBS = "clips", "thumbs"
# what browsers show
VIDEO_SUFFIXES = (".mp4", ".m4v", ".webm")
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_UUID = re.compile(r"[0-9A-Za-z-]{8,64}")
_FILE = re.compile(
    rf"(?:{CLIPS}|{THUMBS})/[0-9A-Za-z-]{{8,64}}-[0-9a-f]{{8}}"
    rf"(?:{'|'.join(re.escape(suffix) for suffix in VIDEO_SUFFIXES + PICTURE_SUFFIXES)})"
)


@dataclass(frozen=True)
class Entry:
    """One clip. `clip` and `poster` are paths below the gallery's folder, `poster` "" where there is none.

    `shown_at` is an ISO moment: when it was published, or made where it is not.
    """

    uuid: str
    kind: str
    clip: str
    poster: str
    caption: str
    tags: tuple[str, ...]
    shown_at: str
    width_px: int | None = None
    height_px: int | None = None
    length_s: float | None = None

    @property
    def is_picture(self) -> bool:
        return self.kind == GenerationKind.IMAGE.value

    @property
    def files(self) -> frozenset[str]:
        return frozenset(name for name in (self.clip, self.poster) if name)


@dataclass(frozen=True)
class GalleryList:
    """`pending` are files of ours that belong to no entry: about to be one's, or to be deleted."""

    entries: tuple[Entry, ...] = ()
    pending: frozenset[str] = frozenset()

    @property
    def files(self) -> frozenset[str]:
        return frozenset(name for entry in self.entries for name in entry.files)

    def expecting(self, names: Iterable[str]) -> GalleryList:
        """Before these files are made: whatever happens then, they are known to be ours."""
        return replace(self, pending=(self.pending | frozenset(names)) - self.files)

    def having(self, entry: Entry) -> GalleryList:
        """With this one, in the place of the one of the same clip."""
        return self._with((*self._others(entry.uuid), entry))

    def without(self, uuid: str) -> GalleryList:
        return self._with(self._others(uuid))

    def cleared(self) -> GalleryList:
        return replace(self, pending=frozenset())

    def newest_first(self) -> list[Entry]:
        return sorted(self.entries, key=lambda one: (one.shown_at, one.uuid), reverse=True)

    def _others(self, uuid: str) -> tuple[Entry, ...]:
        return tuple(one for one in self.entries if one.uuid != uuid)

    def _with(self, entries: tuple[Entry, ...]) -> GalleryList:
        changed = GalleryList(entries)
        return replace(changed, pending=(self.pending | self.files) - changed.files)


def entry_of(parcel: Parcel, suffix: str, poster_sha256: str | None) -> Entry:
    """Names hold a piece of what is inside, so that an old page never shows a new file, nor a host's cache."""
    # sorted as text
    shown_at = (parcel.published_at or parcel.created_at).astimezone(UTC)
    return Entry(
        uuid=parcel.generation_uuid,
        kind=parcel.kind.value,
        clip=f"{CLIPS}/{parcel.generation_uuid}-{parcel.sha256[:8]}{suffix}",
        poster=f"{THUMBS}/{parcel.generation_uuid}-{poster_sha256[:8]}.jpg"
        if poster_sha256
        else "",
        caption=parcel.caption,
        tags=parcel.tags,
        shown_at=shown_at.isoformat(timespec="microseconds"),
        width_px=parcel.width_px,
        height_px=parcel.height_px,
        length_s=parcel.length_s,
    )


def written(gallery: GalleryList) -> bytes:
    found = {
        "what": "A gallery of Veo Studio: the page is made from this list. Please leave it here.",
        "version": VERSION,
        "clips": [asdict(one) for one in gallery.newest_first()],
        "pending": sorted(gallery.pending),
    }
    return json.dumps(found, indent=1).encode("ascii") + b"\n"


def read(content: bytes) -> GalleryList:
    """Raises NotTaken for what is no list of ours, and for one of a newer program."""
    try:
        found = json.loads(content)
        version = found["version"]
        if isinstance(version, int) and version > VERSION:
            raise NotTaken(
                "This gallery was made by a newer version of Veo Studio.",
                ErrorKind.STORAGE,
                action="Update Veo Studio, or choose an empty folder.",
            )
        entries = tuple(_entry(one) for one in found["clips"])
        pending = frozenset(_file(name) for name in found["pending"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotTaken(
            f"The list of the gallery ({LIST_NAME}) is damaged.",
            ErrorKind.STORAGE,
            action="Put a good copy of that file back, or choose an empty folder for the gallery.",
        ) from None
    if len({one.uuid for one in entries}) < len(entries):
        entries = tuple({one.uuid: one for one in entries}.values())
    return GalleryList(entries, pending)


_NAMES = {field.name for field in fields(Entry)}


def _entry(found: Any) -> Entry:
    """Raises ValueError, KeyError and TypeError for anything odd."""
    values = {name: found[name] for name in _NAMES}
    texts = (values["kind"], values["caption"], *values["tags"], values["shown_at"])
    if not all(isinstance(text, str) for text in texts) or not _UUID.fullmatch(values["uuid"]):
        raise ValueError
    datetime.fromisoformat(values["shown_at"])
    for name in ("width_px", "height_px", "length_s"):
        if values[name] is not None:
            values[name] = float(values[name]) if name == "length_s" else int(values[name])
    values["clip"] = _file(values["clip"])
    values["poster"] = _file(values["poster"]) if values["poster"] else ""
    return Entry(**{**values, "tags": tuple(values["tags"])})


def _file(name: Any) -> str:
    if not isinstance(name, str) or not _FILE.fullmatch(name):
        raise ValueError
    return name
