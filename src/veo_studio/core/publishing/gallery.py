"""Delivery into a gallery: a folder with a page that shows the clips, for a browser or any web host.

It shows what is published. Whoever keeps it in step needs two calls, and both may be repeated:
`send` puts a clip on the page, or gives one that is there its new caption, tags and cover;
`remove` takes it off. `refresh` writes the page anew after the target's own options changed.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from veo_studio.core.publishing.base import KindInfo, OnProgress, Options, TargetField
from veo_studio.core.publishing.folder import folder_of, folder_problem
from veo_studio.core.publishing.models import Link, Parcel, Receipt, Refusal, TargetKind

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

    def __init__(self, folder: Path, title: str = "Clips", has_download: bool = False) -> None:
        self._folder = folder
        self._title = title
        self._has_download = has_download

    async def check(self) -> str:
        raise NotImplementedError

    def refusal(self, parcel: Parcel) -> Refusal | None:
        """A file that browsers do not show."""
        raise NotImplementedError

    async def send(self, parcel: Parcel, on_progress: OnProgress) -> Receipt:
        """`facts`: `path` of the page and the clip's `uuid`."""
        raise NotImplementedError

    async def link(self, receipt: Receipt, valid_for: timedelta) -> Link | None:
        """There is none: nobody knows where the folder is shown."""
        return None

    async def remove(self, receipt: Receipt) -> None:
        """Off the page first, then from the folder."""
        raise NotImplementedError

    async def refresh(self) -> None:
        """Write the page anew from its list, with the options as they are now. Raises as `send`."""
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing is held."""
