"""Delivery into a gallery: a folder with a page that shows the clips, for a browser or any web host.

It shows what is published. Whoever keeps it in step needs two calls, and both may be repeated:
`send` puts a clip on the page, or gives one that is there its new caption, tags and cover;
`remove` takes it off. `refresh` writes the page anew after the target's own options changed.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from veo_studio.core.answers import ErrorKind
from veo_studio.core.crash import crash_point
from veo_studio.core.errors import StorageError
from veo_studio.core.models import GenerationKind
from veo_studio.core.placing import sha256_of
from veo_studio.core.publishing.base import KindInfo, NotTaken, OnProgress, Options, TargetField
from veo_studio.core.publishing.copying import Work, check_place, in_thread, try_place
from veo_studio.core.publishing.folder import folder_of, folder_problem
from veo_studio.core.publishing.gallery_folder import GalleryFolder
from veo_studio.core.publishing.gallery_list import (
    PICTURE_SUFFIXES,
    VIDEO_SUFFIXES,
    GalleryList,
    entry_of,
)
from veo_studio.core.publishing.gallery_page import PAGE_NAME, page
from veo_studio.core.publishing.models import (
    Link,
    Parcel,
    Receipt,
    Refusal,
    TargetKind,
    Way,
)

INFO = {
    TargetKind.GALLERY: KindInfo(
        kind=TargetKind.GALLERY,
        label="Gallery",
        about="A web page in a folder: open it in a browser, or put the folder on any web host.",
        fields=(
            TargetField(
                "folder",
                "Folder",
                help="An empty folder of its own, or one that is a gallery already.",
                asks="folder",
                check=folder_problem,
            ),
            TargetField("title", "Title of the page", is_required=False, default="Clips"),
            TargetField(
                "download",
                "Download button",
                help="The clips can be saved by whoever sees the page, with or without a button.",
                is_required=False,
                default="no",
                choices=(("no", "No"), ("yes", "Yes")),
            ),
        ),
        can_remove=True,
    )
}


def make(kind: TargetKind, options: Options) -> GalleryPublisher:
    """Raises NotTaken where the folder is no path."""
    return GalleryPublisher(folder_of(options), options["title"], options["download"] == "yes")


class GalleryPublisher:
    """One entry for each clip, known by the clip's uuid."""

    repeats_harmlessly = True
    max_bytes: int | None = None

    def __init__(self, folder: Path, title: str = "Clips", has_download: bool = False) -> None:
        self._folder = folder
        self._title = title
        self._has_download = has_download

    async def check(self) -> str:
        """Makes nothing."""

        def look(_work: Work) -> int | None:
            try_place(self._folder)
            gallery = GalleryFolder(self._folder)
            is_one = gallery.is_ours()
            found = gallery.opened()
            return len(found.entries) if is_one else None

        count = await in_thread(look)
        if count is None:
            return "The folder is empty: the gallery begins there with the first clip."
        return f"The gallery is there and shows {'1 clip' if count == 1 else f'{count:,} clips'}."

    def refusal(self, parcel: Parcel) -> Refusal | None:
        """A file that browsers do not show."""
        suffix = _suffix(parcel)
        if suffix in VIDEO_SUFFIXES + PICTURE_SUFFIXES:
            return None
        ways = () if parcel.kind is GenerationKind.IMAGE else (Way.SMALLER,)
        return Refusal(f"Browsers do not show {suffix[1:].upper() or 'such'} files.", ways)

    async def send(self, parcel: Parcel, on_progress: OnProgress) -> Receipt:
        """`facts`: `path` of the page and the clip's `uuid`."""
        if refused := self.refusal(parcel):
            raise NotTaken(refused.sentence, ErrorKind.INVALID_REQUEST)
        await in_thread(lambda work: self._put(parcel, work), on_progress)
        path = str(self._folder / PAGE_NAME)
        return Receipt(path, {"path": path, "uuid": parcel.generation_uuid})

    async def link(self, receipt: Receipt, valid_for: timedelta) -> Link | None:
        """There is none: nobody knows where the folder is shown."""
        return None

    async def remove(self, receipt: Receipt) -> None:
        """Off the page first, then from the folder."""
        # where it was delivered to: the target may have another folder by now
        path, uuid = receipt.facts.get("path"), receipt.facts["uuid"]
        folder = Path(path).parent if path else self._folder
        await in_thread(lambda work: self._take(folder, uuid, work))

    async def refresh(self) -> None:
        """Write the page anew from its list, with the options as they are now. Raises as `send`."""
        await in_thread(self._refresh)

    async def close(self) -> None:
        """Nothing is held."""

    def _put(self, parcel: Parcel, work: Work) -> None:
        check_place(self._folder)
        # a folder that is not ours is left without a trace
        GalleryFolder(self._folder).opened()
        poster_sha256 = sha256_of(parcel.poster) if parcel.poster else None
        entry = entry_of(parcel, _suffix(parcel), poster_sha256)
        with GalleryFolder(self._folder).locked(work) as gallery:
            before = gallery.opened()
            gallery.begin()
            gallery.save(before.expecting(entry.files))
            crash_point("gallery-noted")
            try:
                if parcel.poster is not None and poster_sha256 is not None:
                    gallery.bring(parcel.poster, entry.poster, poster_sha256)
                gallery.bring(parcel.file, entry.clip, parcel.sha256, work.told)
                crash_point("gallery-copied")
                work.told(parcel.size_bytes, parcel.size_bytes)
            except BaseException:
                # the page never showed them
                with suppress(StorageError):
                    gallery.clear(entry.files - before.files - before.pending, before)
                raise
            try:
                self._change(gallery, before.having(entry))
            except BaseException:
                # which page stands is not known: the next change clears away what it does not show
                with suppress(StorageError):
                    gallery.save(before.expecting(entry.files))
                raise

    def _take(self, folder: Path, uuid: str, work: Work) -> None:
        check_place(folder)
        if not GalleryFolder(folder).is_ours():
            return
        with GalleryFolder(folder).locked(work) as gallery:
            self._change(gallery, gallery.opened().without(uuid))

    def _refresh(self, work: Work) -> None:
        check_place(self._folder)
        if not GalleryFolder(self._folder).is_ours():
            return
        with GalleryFolder(self._folder).locked(work) as gallery:
            self._change(gallery, gallery.opened())

    def _change(self, gallery: GalleryFolder, wanted: GalleryList) -> None:
        """Each step leaves a page whose files are there; all of them together may be repeated."""
        gallery.save(wanted)
        crash_point("gallery-listed")
        gallery.show(page(wanted.newest_first(), self._title, has_download=self._has_download))
        crash_point("gallery-page")
        # the page stands: what is not deleted now is by the next change
        with suppress(StorageError):
            gallery.clear(wanted.pending, wanted.cleared())
        crash_point("gallery-cleared")


def _suffix(parcel: Parcel) -> str:
    return Path(parcel.name).suffix.lower()
