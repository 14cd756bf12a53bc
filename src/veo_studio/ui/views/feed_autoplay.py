"""Which card of the feed plays: one of which at least half is in sight, and nothing behind anything."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QPoint, QTimer

from veo_studio.core.models import Generation
from veo_studio.ui.feed_playback import FeedPlayback
from veo_studio.ui.views.feed_list import FeedList
from veo_studio.ui.views.in_front import InFront

# a clip that is only passed on the way to another one is not opened
_REST_MS = 220
# of its picture
_LEAST_SEEN = 0.5
# a file that is about to leave is gone by then, or stays
_LEAVES_WITHIN_MS = 5000


class FeedAutoplay(QObject):
    """Plays for one `FeedList`. Whatever its reasons, a clip that may not play stops at once.

    `playback` has the decoder; `playing_id` is what plays now, None where nothing does.
    """

    def __init__(self, view: FeedList) -> None:
        super().__init__(view)
        self._view = view
        self.playback = FeedPlayback(self)
        self._is_on = True
        # a viewer lies over the feed
        self._is_covered = False
        self._id: int | None = None
        # where the last one was stopped, so that it goes on there
        self._stopped: tuple[int, float] | None = None
        # those that cannot be played, until they are other files
        self._bad: dict[int, object] = {}
        # their files are about to be moved or deleted
        self._leaving: set[int] = set()
        self._front = InFront(view)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._begin)
        self._left = QTimer(self)
        self._left.setSingleShot(True)
        self._left.setInterval(_LEAVES_WITHIN_MS)
        self._left.timeout.connect(self._on_left)
        self.playback.picture_changed.connect(self._on_picture)
        self.playback.failed.connect(self._on_failed)
        view.looked.connect(self.look)
        self._front.changed.connect(self.look)

    # told from outside

    @property
    def playing_id(self) -> int | None:
        return self._id

    @property
    def is_on(self) -> bool:
        return self._is_on

    def set_on(self, is_on: bool) -> None:
        """Off: covers stand still, and a click plays."""
        if is_on != self._is_on:
            self._is_on = is_on
            self.look()

    def set_covered(self, is_covered: bool) -> None:
        """Something lies over the feed: nothing plays behind it."""
        if is_covered != self._is_covered:
            self._is_covered = is_covered
            self.look()

    def let_go(self, ids: set[int]) -> None:
        """The files of these can be moved or deleted when this returns; none is opened meanwhile."""
        self._leaving |= ids
        self._left.start()
        # of one that was left a moment ago nobody remembers which it was
        is_unsure = self.playback.path is None and self.playback.holds_file
        if self._id in ids or is_unsure:
            self._forget_live()
            self._stopped = self._id = None
            self._view.card.is_playing = False
            self.playback.release()
        self.wake()

    def has_changed(self, generation_id: int) -> None:
        """What was about to happen to its file has happened."""
        if generation_id in self._leaving:
            self._leaving.discard(generation_id)
            self.wake()

    def _on_left(self) -> None:
        self._leaving.clear()
        self.wake()

    def close(self) -> None:
        """The program ends."""
        self._is_on = False
        self._front.stop()
        for timer in (self._rest, self._left):
            timer.stop()
        self._id = None
        self.playback.release()

    # which one

    @property
    def may_play(self) -> bool:
        return self._is_on and not self._is_covered and self._front.is_so

    def seen_of(self, row: int) -> float:
        """How much of its picture is in sight, 0.0-1.0."""
        picture, view = self._view.picture_rect(row), self._view.viewport()
        if picture.isEmpty() or view is None:
            return 0.0
        seen = picture.intersected(view.rect())
        return seen.width() * seen.height() / (picture.width() * picture.height())

    def look(self) -> None:
        """Something moved: what plays may not any more, and when all rests another one begins."""
        if self._id is not None:
            row = self._row_of(self._id)
            if row is None or self.seen_of(row) < _LEAST_SEEN:
                self._stop(keeps_picture=row is not None and self.seen_of(row) > 0)
            elif not self.may_play:
                self._stop(keeps_picture=True)
        elif (shown := self._view.card.live_id) is not None and self._row_of(shown) is None:
            self._forget_live()
        if self.may_play:
            self._rest.start()
        else:
            self._rest.stop()

    def wake(self) -> None:
        """A card has other facts: where nothing plays yet, it may be the one. Nothing moved."""
        if self._id is None and not self._rest.isActive() and self.may_play:
            self._rest.start()

    def _begin(self) -> None:
        if not self.may_play:
            return
        row = self.best()
        clips = self._view.clips
        one = None if row is None or clips is None else clips.generation(clips.index(row, 0))
        if one is None or one.id == self._id or one.video_path is None:
            return
        self._stop(keeps_picture=False)
        self._id = one.id
        ratio = self._view.devicePixelRatioF()
        assert row is not None
        self.playback.set_box(self._view.picture_rect(row).size() * ratio)
        stopped = self._stopped
        from_ms = stopped[1] if stopped is not None and stopped[0] == one.id else 0.0
        if stopped is None or stopped[0] != one.id:
            self._forget_live()
        self.playback.play(one.video_path, from_ms)

    def best(self) -> int | None:
        """The row that should play: under the pointer, else chosen, else what plays, else the middle."""
        rows = [row for row in self._view.rows_in_sight() if self._can_play(row)]
        if not rows:
            return None
        wanted = [self._view.hover.row]
        if self._view.has_focus():
            wanted.append(self._view.currentIndex().row())
        if self._id is not None and (row := self._row_of(self._id)) is not None:
            wanted.append(row)
        for row in wanted:
            if row in rows:
                return row
        area = self._view.viewport().rect()

        def far(row: int) -> tuple[float, int, int]:
            apart: QPoint = self._view.picture_rect(row).center() - area.center()
            return -round(self.seen_of(row), 1), abs(apart.y()), row

        return min(rows, key=far)

    def _can_play(self, row: int) -> bool:
        clips = self._view.clips
        one = None if clips is None else clips.generation(clips.index(row, 0))
        if one is None or not one.has_file or one.is_picture or one.id in self._leaving:
            return False
        if self.seen_of(row) < _LEAST_SEEN:
            return False
        return self._bad.get(one.id) != _file_of(one)

    def _row_of(self, generation_id: int) -> int | None:
        """Its row, if it is in sight."""
        clips = self._view.clips
        if clips is None:
            return None
        rows = self._view.rows_in_sight()
        return next((row for row in rows if clips.id_at(row) == generation_id), None)

    # what is shown

    def _stop(self, *, keeps_picture: bool) -> None:
        if self._id is None:
            return
        stopped, self._id = self._id, None
        self._view.card.is_playing = False
        self._stopped = (stopped, self.playback.position_ms) if keeps_picture else None
        self.playback.leave()
        if not keeps_picture:
            self._forget_live()
        else:
            self._update(stopped)

    def _forget_live(self) -> None:
        shown = self._view.card.live_id
        if shown is not None:
            self._view.card.show_cover()
            self._update(shown)

    def _on_picture(self) -> None:
        image = self.playback.picture()
        if self._id is None or image is None or image.isNull():
            return
        self._view.card.is_playing = True
        self._view.card.show_live(self._id, image, self._view.devicePixelRatioF())
        self._update(self._id)

    def _update(self, generation_id: int) -> None:
        row = self._row_of(generation_id)
        if row is not None:
            self._view.viewport().update(self._view.picture_rect(row))

    def _on_failed(self, _reason: str) -> None:
        clips, bad = self._view.clips, self._id
        self._id = None
        self._view.card.is_playing = False
        self._forget_live()
        row = self._row_of(bad) if bad is not None else None
        one = (
            clips.generation(clips.index(row, 0)) if clips is not None and row is not None else None
        )
        if one is not None:
            self._bad[one.id] = _file_of(one)
        self._rest.start()


def _file_of(generation: Generation) -> object:
    return generation.video_path, generation.size_bytes, generation.sha256
