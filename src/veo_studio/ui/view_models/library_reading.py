"""Reads the rows around what views look at, in small pieces, the ones in sight first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from veo_studio.core.models import Generation
from veo_studio.ui.view_models.clip_pictures import Spawn
from veo_studio.ui.view_models.row_window import RowWindow

# decoding a row takes a tenth of a millisecond of the interpreter, which the window waits for
_PIECE = 50
_AHEAD = 120
_MOST_LOADED = 2_000
_MOST_HELD = 500
_BREATH_MS = 1
_REST_MS = 100

Range = tuple[int, int]


class BlockReader(QObject):
    """One reading at a time; what came into sight meanwhile comes next.

    Signals:
        arrived(list): these generations are loaded now.
    """

    arrived = pyqtSignal(list)

    def __init__(
        self,
        window: RowWindow,
        by_ids: Callable[[Sequence[int]], Awaitable[list[Generation]]],
        spawn: Spawn,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._by_ids = by_ids
        self._spawn = spawn
        self._seen: dict[int, Range] = {}
        self._held: dict[int, tuple[int, ...]] = {}
        self._is_reading = False
        self._is_broken = False
        self._is_stopped = False
        # deleted by another process: asked for once
        self._lost: set[int] = set()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self.read)
        self._breath = QTimer(self)
        self._breath.setSingleShot(True)
        self._breath.setInterval(_BREATH_MS)
        self._breath.timeout.connect(self.read)

    def see(self, viewer: int, seen: Range | None) -> None:
        """These rows are in sight of that view; None: it looks away."""
        self._seen.pop(viewer, None)
        if seen is not None:
            self._seen[viewer] = seen  # the last one is the one that looks now
            self._rest.start()
            self.read()

    def hold(self, viewer: int, ids: Collection[int]) -> None:
        """Keep these rows, in sight or not, as long as there are not too many of them."""
        self._held[viewer] = tuple(ids) if len(ids) <= _MOST_HELD else ()
        if ids:
            self.read()

    def forget(self, viewer: int) -> None:
        self._seen.pop(viewer, None)
        self._held.pop(viewer, None)

    def begin_anew(self) -> None:
        """Another list, or another try after the store failed."""
        self._is_broken = False
        self._lost.clear()

    def stop(self) -> None:
        """The answer on its way comes to nothing."""
        self._is_stopped = True

    def read(self) -> None:
        """Start reading what is wanted most, if anything is."""
        if self._is_reading or self._is_broken or self._is_stopped:
            return
        wanted = self._wanted()
        if wanted:
            self._is_reading = True
            self._spawn(self._read(wanted), name="library: rows")

    def _wanted(self) -> list[int]:
        window, lost = self._window, self._lost
        # a hand that still scrolls needs the next page, and not yet what lies further away
        for share in (0, 1) if self._rest.isActive() else (0, 1, None):
            for first, last in reversed(self._seen.values()):
                around = _AHEAD if share is None else share * (last - first + 1)
                missing = window.missing(first - around, last + around)
                if missing and (missing := [one for one in missing if one not in lost]):
                    return missing[:_PIECE]
        for ids in self._held.values():
            if missing := [one for one in ids if window.get(one) is None and one not in lost]:
                return missing[:_PIECE]
        # what is new is compared with the row at the top
        return [one for one in window.missing(0, 0) if one not in lost]

    async def _read(self, ids: list[int]) -> None:
        try:
            rows = await self._by_ids(ids)
        except BaseException:
            # a view asks again at every scroll: without this a broken disk would be asked for ever
            self._is_broken = True
            raise
        finally:
            self._is_reading = False
        if self._is_stopped:
            return
        found = [row for row in rows if self._window.row_of(row.id) is not None]
        self._lost.update(set(ids) - {row.id for row in rows})
        # what an event told meanwhile is newer than what was read
        fresh = [row for row in found if self._window.get(row.id) is None]
        self._window.put(fresh)
        if self._window.loaded_count > _MOST_LOADED:
            self._let_go()
        if fresh:
            self.arrived.emit(fresh)
        self._breath.start()

    def _let_go(self) -> None:
        each = _MOST_LOADED // 2 // max(1, len(self._seen))
        ranges = [(0, 0)]
        for first, last in self._seen.values():
            around = max(_AHEAD, (each - (last - first)) // 2)
            ranges.append((first - around, last + around))
        held = {one for ids in self._held.values() for one in ids}
        self._window.keep(ranges, held)
