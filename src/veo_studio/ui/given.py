"""Pictures that a drop or the clipboard brings: files, the picture itself, or only a link to one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QBuffer, QIODevice, QMimeData
from PyQt6.QtGui import QImage

from veo_studio.ui.view_models.form_inputs import is_picture, may_be_picture

_RAW = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}
RECIPE_SUFFIXES = (".mp4", ".json")


@dataclass(frozen=True)
class Given:
    """Files, or the content of one picture: `raw` in a format of ours, else `image`. `is_link`: neither,
    only an address on the web.
    """

    paths: tuple[Path, ...] = ()
    raw: bytes = b""
    suffix: str = ".png"
    image: QImage | None = None
    is_link: bool = False

    def content(self) -> bytes:
        """As a file would hold it. Blocks for a large picture."""
        if self.raw or self.image is None:
            return self.raw
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self.image.save(buffer, "PNG")
        return bytes(buffer.data().data())


def recipe_in(mime: QMimeData | None) -> Path | None:
    """The first local clip or recipe, which brings its settings; None where there is none."""
    if mime is None or not mime.hasUrls():
        return None
    local = (Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile())
    return next((path for path in local if path.suffix.lower() in RECIPE_SUFFIXES), None)


def given_in(mime: QMimeData | None, *, into_text: bool = False) -> Given | None:
    """What picture there is, None where there is none; `into_text` leaves everything else to the text."""
    if mime is None:
        return None
    local = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    may_be = is_picture if into_text else may_be_picture
    if paths := tuple(path for path in local if may_be(path)):
        return Given(paths)
    # a program that copies words often adds a picture of them
    if local or (into_text and mime.hasFormat("text/plain") and mime.text().strip()):
        return None
    for kind, suffix in _RAW.items():
        if mime.hasFormat(kind) and (raw := bytes(mime.data(kind).data())):
            return Given(raw=raw, suffix=suffix)
    image = mime.imageData() if mime.hasImage() else None
    if isinstance(image, QImage) and not image.isNull():
        return Given(image=image)
    is_link = any(url.scheme() in ("http", "https") for url in mime.urls())
    return Given(is_link=True) if is_link and not into_text else None
