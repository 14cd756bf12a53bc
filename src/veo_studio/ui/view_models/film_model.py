"""The film of a storyboard: which clips follow each other, cut where; the page shows and changes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.film.assembling import film_of
from veo_studio.core.film.models import Film
from veo_studio.core.film.timing import spans_of
from veo_studio.core.models import Generation
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.models import Cut, Scene, SceneCut, Soundtrack, Storyboard
from veo_studio.core.storyboard.views import SceneView
from veo_studio.ui.film_decks import Shot, Track
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.view_models.storyboard_model import BoardDocument

# no clip of the film is shorter
LEAST_S = 0.1
_MILLISECONDS = Fraction(1000)


@dataclass(frozen=True)
class FilmItem:
    """A clip of the film. `in_s` and `out_s` are moments of its file, `start_s` is one of the film.

    `fade_s` is how long it lies over the end of the one before, as the clips allow it.
    """

    scene: Scene
    number: int
    take: Generation
    path: Path
    length_s: float
    in_s: float
    out_s: float
    start_s: float
    fade_s: float
    is_rehearsal: bool

    @property
    def uuid(self) -> str:
        return self.scene.uuid

    @property
    def shown_s(self) -> float:
        return self.out_s - self.in_s

    @property
    def end_s(self) -> float:
        """Of the film."""
        return self.start_s + self.shown_s

    @property
    def is_trimmed(self) -> bool:
        return self.scene.cut.in_s is not None or self.scene.cut.out_s is not None


class FilmModel(QObject):
    """One per page; shows what the document holds.

    Signals:
        changed(): anything that is shown may be another thing.
        selected_changed(): another clip is the one that is edited.
    """

    changed = pyqtSignal()
    selected_changed = pyqtSignal()

    def __init__(self, document: BoardDocument, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.items: tuple[FilmItem, ...] = ()
        self._selected = ""
        document.opened.connect(self._read)
        document.board_changed.connect(self._read)
        document.view_changed.connect(self._read)
        self._read()

    def close(self) -> None:
        """The page goes; the document stays."""
        self.document.opened.disconnect(self._read)
        self.document.board_changed.disconnect(self._read)
        self.document.view_changed.disconnect(self._read)

    # what there is

    @property
    def length_s(self) -> float:
        return self.items[-1].end_s if self.items else 0.0

    @property
    def soundtrack(self) -> Soundtrack | None:
        board = self.document.board
        return None if board is None else board.scenario.soundtrack

    @property
    def title(self) -> str:
        board = self.document.board
        return "" if board is None else board.scenario.title

    @property
    def selected(self) -> FilmItem | None:
        return next((one for one in self.items if one.uuid == self._selected), None)

    def at(self, film_s: float) -> FilmItem | None:
        """The clip that is seen then; in a cross-fade the later one."""
        found = [one for one in self.items if one.start_s <= film_s]
        return found[-1] if found else None

    def film(self) -> tuple[Film, tuple[str, ...]]:
        """Raises ValueError with a sentence where there is nothing to make it from."""
        board, view = self.document.board, self.document.view
        if board is None or view is None:
            raise ValueError(tr("There are no takes yet. Make the clips of the scenes first."))
        return film_of(board, view)

    def shots(self) -> list[Shot]:
        """The clips for playing."""
        return [
            Shot(
                item.path,
                round(item.in_s * 1000),
                round(item.out_s * 1000),
                round(item.start_s * 1000),
                round(item.fade_s * 1000),
            )
            for item in self.items
        ]

    def track(self) -> Track | None:
        """The soundtrack for playing."""
        track = self.soundtrack
        if track is None:
            return None
        return Track(
            track.path,
            track.volume,
            round(track.fade_in_s * 1000),
            round(track.fade_out_s * 1000),
            track.clip_volume,
        )

    def missing_words(self) -> str:
        """Which scenes are not in the film; "" where all are."""
        board = self.document.board
        if board is None or not self.items:
            return ""
        shown = {one.uuid for one in self.items}
        missing = [
            str(number) for number, scene in enumerate(board.scenes, 1) if scene.uuid not in shown
        ]
        rehearsed = sum(one.is_rehearsal for one in self.items)
        parts = []
        if missing:
            names = ", ".join(missing[:8]) + (", \u2026" if len(missing) > 8 else "")
            parts.append(
                tr_n(
                    "Scene {names} has no clip yet and is left out.",
                    "Scenes {names} have no clips yet and are left out.",
                    len(missing),
                    names=names,
                )
            )
        if rehearsed:
            parts.append(
                tr_n(
                    "{n} scene is shown by its rehearsal.",
                    "{n} scenes are shown by their rehearsals.",
                    rehearsed,
                )
            )
        return " ".join(parts)

    # what the user does

    def select(self, uuid: str) -> None:
        if uuid != self._selected and any(one.uuid == uuid for one in self.items):
            self._selected = uuid
            self.selected_changed.emit()

    def step(self, by: int) -> None:
        """The clip before or after the selected one."""
        places = [one.uuid for one in self.items]
        if places:
            at = places.index(self._selected) if self._selected in places else 0
            self.select(places[max(0, min(len(places) - 1, at + by))])

    def trim(self, uuid: str, in_s: float, out_s: float) -> None:
        """Moments of its file; the file's own ends are no trim. Never shorter than `LEAST_S`."""
        item = self._item(uuid)
        in_s = round(max(0.0, min(in_s, item.length_s - LEAST_S)), 3)
        out_s = round(min(item.length_s, max(out_s, in_s + LEAST_S)), 3)
        self._change(
            uuid,
            tr("Trim"),
            "trim",
            in_s=in_s if in_s > 0 else None,
            out_s=out_s if out_s < item.length_s - 0.0005 else None,
        )

    def untrim(self, uuid: str) -> None:
        """The whole take."""
        self._change(uuid, tr("Show the whole take"), "", in_s=None, out_s=None)

    def set_cut(self, uuid: str, cut: Cut) -> None:
        words = tr("Cross-fade") if cut is Cut.CROSS_FADE else tr("Cut")
        self._change(uuid, words, "", cut=cut)

    def set_fade(self, uuid: str, fade_s: float) -> None:
        self._change(uuid, tr("Length of the cross-fade"), "fade", fade_s=round(fade_s, 3))

    def set_title(self, uuid: str, words: str) -> None:
        self._change(uuid, tr("Title"), "title", title=words)

    def set_subtitle(self, uuid: str, words: str) -> None:
        self._change(uuid, tr("Subtitle"), "subtitle", subtitle=words)

    def move(self, uuid: str, place: int) -> None:
        """Before the clip that is at `place` now; as many as there are clips: to the end."""
        board = self._board()
        others = [one for one in self.items if one.uuid != uuid]
        before = sum(one.uuid != uuid for one in self.items[:place])
        if before < len(others):
            to = board.place_of(others[before].uuid)
        else:
            to = board.place_of(others[-1].uuid) + 1 if others else 0
        self.document.edit(tr("Move the scene"), edits.move_scenes(board, [uuid], to))

    def move_by(self, uuid: str, by: int) -> None:
        """One place earlier or later."""
        places = [one.uuid for one in self.items]
        if uuid in places:
            place = places.index(uuid)
            goal = place + by if by < 0 else place + by + 1
            if 0 <= goal <= len(places):
                self.move(uuid, goal)

    def set_soundtrack(self, path: Path | None) -> None:
        """Another file keeps volume and fades; None takes it away."""
        before = self.soundtrack
        after = None
        if path is not None:
            after = Soundtrack(path) if before is None else replace(before, path=path)
        words = tr("Soundtrack") if path is not None else tr("Remove the soundtrack")
        self.document.edit(words, edits.change_scenario(self._board(), soundtrack=after))

    def change_soundtrack(self, **fields: Any) -> None:
        track = self.soundtrack
        if track is not None:
            board = edits.change_scenario(self._board(), soundtrack=replace(track, **fields))
            self.document.edit(tr("Soundtrack"), board, field=f"soundtrack {sorted(fields)}")

    def set_subtitles(self, texts: Sequence[str]) -> None:
        """One text for each clip, in one step of undo."""
        board = self._board()
        for item, text in zip(self.items, texts, strict=True):
            cut = replace(board.scene(item.uuid).cut, subtitle=text)
            board = edits.change_scene(board, item.uuid, cut=cut)
        self.document.edit(tr("Subtitles from a file"), board)

    @property
    def has_burnt_titles(self) -> bool:
        board = self.document.board
        return board is not None and board.scenario.has_burnt_titles

    def set_burnt(self, *, titles: bool, subtitles: bool) -> None:
        """Whether they are drawn into the picture of an exported film."""
        now = self._board().scenario
        if (now.has_burnt_titles, now.has_burnt_subtitles) == (titles, subtitles):
            return
        board = edits.change_scenario(
            self._board(), has_burnt_titles=titles, has_burnt_subtitles=subtitles
        )
        self.document.edit(tr("Titles of the film"), board)

    def _change(self, uuid: str, words: str, field: str, **fields: Any) -> None:
        board = self._board()
        cut = replace(board.scene(uuid).cut, **fields)
        name = f"film {field} {uuid}" if field else ""
        self.document.edit(words, edits.change_scene(board, uuid, cut=cut), field=name)

    def _board(self) -> Storyboard:
        board = self.document.board
        if board is None:
            raise LookupError(tr("No storyboard is open."))
        return board

    def _item(self, uuid: str) -> FilmItem:
        item = next((one for one in self.items if one.uuid == uuid), None)
        if item is None:
            raise LookupError(tr("This clip is not in the film any more."))
        return item

    # reading

    def _read(self) -> None:
        board, view = self.document.board, self.document.view
        views = {} if view is None else {one.scene.uuid: one for one in view.scenes}
        found = []
        for number, scene in enumerate(() if board is None else board.scenes, 1):
            take, is_rehearsal = _take_of(views.get(scene.uuid))
            if take is not None and take.video_path is not None:
                found.append((number, scene, take, take.video_path, is_rehearsal))
        ranges = [_range(scene.cut, _length_s(take, scene)) for _, scene, take, _, _ in found]
        fades = [
            one[1].cut.fade_s if one[1].cut.cut is Cut.CROSS_FADE and place else 0.0
            for place, one in enumerate(found)
        ]
        spans = spans_of([end - begin for begin, end in ranges], fades, _MILLISECONDS)
        self.items = tuple(
            FilmItem(
                scene,
                number,
                take,
                path,
                _length_s(take, scene),
                *cut,
                start_s=span.first / 1000,
                fade_s=span.fade / 1000,
                is_rehearsal=is_rehearsal,
            )
            for (number, scene, take, path, is_rehearsal), cut, span in zip(
                found, ranges, spans, strict=True
            )
        )
        if self.items and self.selected is None:
            self._selected = self.items[0].uuid
            self.selected_changed.emit()
        self.changed.emit()


def _take_of(view: SceneView | None) -> tuple[Generation | None, bool]:
    """What stands for a scene, and whether it is only its rehearsal."""
    if view is None:
        return None, False
    if view.take is not None and view.take.has_file:
        return view.take, False
    if view.take is None and view.rehearsal is not None and view.rehearsal.has_file:
        return view.rehearsal, True
    return None, False


def _length_s(take: Generation, scene: Scene) -> float:
    return take.length_s or float(scene.duration_s)


def _range(cut: SceneCut, length_s: float) -> tuple[float, float]:
    """What is seen of a file; a trim of a longer take that was there before is brought inside."""
    out_s = min(length_s, cut.out_s) if cut.out_s is not None else length_s
    in_s = min(cut.in_s or 0.0, max(0.0, out_s - LEAST_S))
    return in_s, max(out_s, in_s + min(LEAST_S, length_s))
