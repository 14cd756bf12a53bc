"""Decoded pictures made alike: upright, in the film's size with black around them, in its colours. Blocks."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from veo_studio.core.errors import DownloadError
from veo_studio.core.exporting.sources import opened, start_of
from veo_studio.core.film.facts import ClipFacts
from veo_studio.core.film.models import PlacedClip

Plane = NDArray[Any]
# two moments closer than this are one: players count whole milliseconds
_SAME_S = 0.0015
_BEFORE_S = 0.5
_LIMITED = 1
# counter-clockwise, as the display matrix counts
_TURNS = {90: "transpose=cclock", 180: "hflip,vflip", 270: "transpose=clock"}
_MATRICES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020ncl", 4: "fcc"}


@dataclass(frozen=True)
class Look:
    """What every picture of the film is like; `space` is one of ITU-T H.273, its range the limited one."""

    width_px: int
    height_px: int
    pix_fmt: str
    space: int


def box_of(facts: ClipFacts, look: Look) -> tuple[int, int]:
    """How large the clip's picture stands in the film's, of even numbers."""
    if facts.has_shape_of(look.width_px, look.height_px):
        return look.width_px, look.height_px
    shape, wanted = facts.width_px / facts.height_px, look.width_px / look.height_px
    if shape < wanted:
        return max(2, round(look.height_px * shape / 2) * 2), look.height_px
    return look.width_px, max(2, round(look.width_px / shape / 2) * 2)


def planes_of(frame: Any) -> list[Plane]:
    """Its planes as arrays (rows, columns) that write into the frame."""
    is_deep = any(component.bits > 8 for component in frame.format.components)
    kind = np.uint16 if is_deep else np.uint8
    found = []
    for plane in frame.planes:
        row = plane.line_size // (2 if is_deep else 1)
        found.append(
            np.frombuffer(plane, kind).reshape(plane.height, row)[:, : plane.width]
        )  # fmt: skip
    return found


def copy_of(frame: Any) -> Any:
    """One that may be drawn on: decoders and encoders hold the others."""
    import av

    made = av.VideoFrame(frame.width, frame.height, frame.format.name)
    for old, new in zip(planes_of(frame), planes_of(made), strict=True):
        new[...] = old
    return made


def mixed(old: Any, new: Any, amount: float) -> Any:
    """A picture between two of one look; `amount` 0.0-1.0 is how much of it is `new`."""
    import av

    made = av.VideoFrame(old.width, old.height, old.format.name)
    weight = np.uint32(round(amount * 256))
    for before, after, target in zip(planes_of(old), planes_of(new), planes_of(made), strict=True):
        wide = before.astype(np.uint32) * (256 - weight) + after.astype(np.uint32) * weight
        target[...] = (wide + 128) >> 8
    return made


class Fitter:
    """Makes frames of one clip fit; those that do already are given back as they are."""

    def __init__(self, facts: ClipFacts, look: Look) -> None:
        self._facts, self._look = facts, look
        self._graph: Any = None
        self._graph_for: tuple[Any, ...] = ()

    def fitted(self, frame: Any) -> Any:
        look, facts = self._look, self._facts
        is_alike = (
            (frame.width, frame.height, frame.format.name)
            == (look.width_px, look.height_px, look.pix_fmt)
            and facts.space == look.space
            and not facts.is_full
            and not facts.turn
        )  # fmt: skip
        if is_alike:
            return frame
        graph = self._graph_of(frame)
        graph.vpush(frame)
        return graph.vpull()

    def _graph_of(self, frame: Any) -> Any:
        import av.filter

        key = (frame.width, frame.height, frame.format.name)
        if self._graph is None or self._graph_for != key:
            graph = av.filter.Graph()
            first = graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format,
                time_base=frame.time_base or Fraction(1, 1000),
            )
            chain = [first]
            for name, words in self._steps():
                chain.append(graph.add(name, words))
            chain.append(graph.add("buffersink"))
            graph.link_nodes(*chain).configure()
            self._graph, self._graph_for = graph, key
        return self._graph

    def _steps(self) -> Iterator[tuple[str, str]]:
        look, facts = self._look, self._facts
        for step in filter(None, _TURNS.get(facts.turn, "").split(",")):
            name, _, words = step.partition("=")
            yield name, words
        width, height = box_of(facts, look)
        old = "full" if facts.is_full else "limited"
        yield (
            "scale",
            (
                f"{width}:{height}:flags=lanczos+accurate_rnd:in_range={old}:out_range=limited"
                f":in_color_matrix={_MATRICES.get(facts.space, 'bt709')}"
                f":out_color_matrix={_MATRICES.get(look.space, 'bt709')}"
            ),
        )
        yield "format", look.pix_fmt
        if (width, height) != (look.width_px, look.height_px):
            left, top = (look.width_px - width) // 4 * 2, (look.height_px - height) // 4 * 2
            yield "pad", f"{look.width_px}:{look.height_px}:{left}:{top}:black"
        yield "setsar", "1"


class ClipPictures:
    """The pictures of one placed clip at the film's rate, from the first to the last."""

    def __init__(
        self, stack: ExitStack, placed: PlacedClip, facts: ClipFacts, look: Look, rate: Fraction
    ) -> None:
        self._container = stack.enter_context(opened(placed.clip.path))
        self._placed, self._rate = placed, rate
        self._fitter = Fitter(facts, look)
        self._start_s = start_of(self._container)
        # a picture in the middle could not be read
        self.is_damaged = False
        self._frames = self._decoded()
        self._next = next(self._frames, None)
        if self._next is None:
            self.close()
            raise DownloadError(
                f"{placed.clip.name}: {placed.clip.path.name} may be damaged: no picture can be read."
            )
        self._current: Any = None
        self._fitted: Any = None

    def picture(self, number: int) -> Any:
        """The one that is seen at picture `number` of this clip; numbers only grow. Not to be drawn on."""
        at_s = self._placed.in_s + number / float(self._rate)
        while self._next is not None and (
            self._current is None or self._time_of(self._next) <= at_s + _SAME_S
        ):
            self._current, self._fitted = self._next, None
            self._next = next(self._frames, None)
        if self._fitted is None:
            self._fitted = self._fitter.fitted(self._current)
        return self._fitted

    def close(self) -> None:
        self._frames.close()
        self._container.close()

    def _time_of(self, frame: Any) -> float:
        return (frame.time or 0.0) - self._start_s

    def _decoded(self) -> Generator[Any, None, None]:
        """What can be read of it between its two ends; a picture that cannot be is left out."""
        import av

        video = self._container.streams.video[0]
        video.thread_type = "AUTO"
        in_s, out_s = self._placed.in_s, self._placed.out_s
        if in_s > 0:
            at_s = self._start_s + max(0.0, in_s - _BEFORE_S)
            self._container.seek(round(at_s * 1_000_000))
        packets = self._container.demux(video)
        while True:
            try:
                packet = next(packets, None)
                frames = [] if packet is None else packet.decode()
            except av.error.FFmpegError:
                self.is_damaged = True
                continue
            if packet is None:
                return
            for frame in frames:
                at_s = self._time_of(frame)
                if at_s >= out_s - _SAME_S:
                    return
                if at_s >= in_s - _SAME_S:
                    yield frame
