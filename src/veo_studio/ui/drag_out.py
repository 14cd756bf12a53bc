"""Dragging finished clips out into editors and file managers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

from PyQt6.QtCore import QMimeData, QPoint, QRectF, Qt, QUrl
from PyQt6.QtGui import QDrag, QPainter, QPen, QPixmap
from PyQt6.QtWidgets import QApplication, QWidget

from veo_studio.core.models import Generation
from veo_studio.ui import theme
from veo_studio.ui.icons import paint_icon
from veo_studio.ui.text import tr

_WIDTH_PX, _HEIGHT_PX = 128, 72
# each one is looked for on the disk while the pointer is held
MOST_FILES = 500

ThumbnailOf = Callable[[Generation], QPixmap | None]


class ClipMime(QMimeData):
    """What a drag of ours carries: files for other programs, and for ourselves which clips they are.

    Inside one process a drop is handed this very object.
    """

    def __init__(self, paths: Sequence[Path], generations: Sequence[Generation] = ()) -> None:
        super().__init__()
        self.generations = tuple(generations)
        self.setUrls([QUrl.fromLocalFile(str(path.absolute())) for path in paths])


def with_files(generations: Iterable[Generation]) -> list[Generation]:
    """Those that are completed and whose file is still on the disk; `MOST_FILES` are looked for."""
    finished = (one for one in generations if one.has_file)
    return [
        one
        for one in islice(finished, MOST_FILES)
        if one.video_path is not None and one.video_path.is_file()
    ]


def draggable(generations: Iterable[Generation]) -> list[Path]:
    """Their files; see `with_files`."""
    return [one.video_path for one in with_files(generations) if one.video_path is not None]


def mime_of(paths: Sequence[Path]) -> QMimeData:
    """Local file URLs and nothing else: editors that see text beside them insert the text."""
    return ClipMime(paths)


def has_moved_enough(start: QPoint, now: QPoint) -> bool:
    """True when a pressed pointer has moved as far as the system calls a drag."""
    return (now - start).manhattanLength() >= QApplication.startDragDistance()


def drag_picture(thumbnail: QPixmap | None, count: int, ratio: float) -> QPixmap:
    """What hangs under the pointer: the first clip's picture, and how many there are."""
    colors = theme.tokens()
    margin = 8
    picture = QPixmap(round((_WIDTH_PX + margin) * ratio), round((_HEIGHT_PX + margin) * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    frame = QRectF(0.5, margin + 0.5, _WIDTH_PX - 1, _HEIGHT_PX - 1)
    painter.setPen(QPen(colors.color("accent"), 1))
    painter.setBrush(colors.color("raised"))
    painter.drawRoundedRect(frame, 4, 4)
    inner = frame.adjusted(2, 2, -2, -2)
    if thumbnail is not None and not thumbnail.isNull():
        size = thumbnail.deviceIndependentSize()
        scale = min(inner.width() / size.width(), inner.height() / size.height())
        target = QRectF(0, 0, size.width() * scale, size.height() * scale)
        target.moveCenter(inner.center())
        painter.drawPixmap(target, thumbnail, QRectF(thumbnail.rect()))
    else:
        mark = QRectF(0, 0, 28, 28)
        mark.moveCenter(inner.center())
        paint_icon(painter, "film", mark, colors.color("dim"))
    if count > 1:
        text = str(count)
        font = theme.secondary_text_font()
        painter.setFont(font)
        width = max(20.0, painter.fontMetrics().horizontalAdvance(text) + 12.0)
        badge = QRectF(_WIDTH_PX + margin - width, 0, width, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("accent"))
        painter.drawRoundedRect(badge, 10, 10)
        painter.setPen(colors.color("on_accent"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    return picture


def make_drag(
    widget: QWidget,
    paths: Sequence[Path],
    thumbnail: QPixmap | None,
    generations: Sequence[Generation] = (),
) -> QDrag:
    """A drag of these files that is ready to start."""
    drag = QDrag(widget)
    drag.setMimeData(ClipMime(paths, generations))
    drag.setPixmap(drag_picture(thumbnail, len(paths), widget.devicePixelRatioF()))
    drag.setHotSpot(QPoint(_WIDTH_PX // 4, _HEIGHT_PX // 2))
    return drag


def drag_out(
    widget: QWidget,
    generations: Sequence[Generation],
    thumbnails: ThumbnailOf | None = None,
) -> bool:
    """Drag the files of `generations`; returns True when a target took them. See `drag_files`."""
    there = with_files(generations)
    paths = [one.video_path for one in there if one.video_path is not None]
    if not paths:
        return False
    thumbnail = thumbnails(there[0]) if thumbnails is not None else None
    return drag_files(widget, paths, thumbnail, there)


def drag_files(
    widget: QWidget,
    paths: Sequence[Path],
    thumbnail: QPixmap | None = None,
    generations: Sequence[Generation] = (),
) -> bool:
    """Drag these files; returns True when a target took them.

    Call it from a mouse event and from nowhere else. `QDrag.exec` is the one nested event loop that
    Qt leaves no way around. Inside it qasync goes on: its timers and notifiers are plain Qt events,
    so tasks keep running while the user drags. That holds only as long as no task is on the stack:
    a task that called this would be the current one until the drop, and asyncio refuses to enter
    another ("Cannot enter into task ... while another task ... is being executed"), which loses the
    other one's wake-up for good. A mouse event comes straight from the loop, so nothing is on the
    stack there. Copy only: a clip that was paid for never leaves our folder by a drag.
    Source: github.com/CabbageDevelopment/qasync issue 59.
    """
    if _is_inside_a_task():
        raise RuntimeError("A drag was started inside a task; start it from a mouse event.")
    drag = make_drag(widget, paths, thumbnail, generations)
    taken = drag.exec(Qt.DropAction.CopyAction, Qt.DropAction.CopyAction)
    return taken is Qt.DropAction.CopyAction


def _is_inside_a_task() -> bool:
    try:
        return asyncio.current_task() is not None
    except RuntimeError:  # no loop runs
        return False


def why_not(generations: Sequence[Generation]) -> str:
    """Why nothing can be dragged, for a tooltip; "" when something can."""
    if draggable(generations):
        return ""
    if any(generation.has_file for generation in generations):
        return tr("The file is no longer in its place.")
    return tr("Only what is finished can be dragged.")
