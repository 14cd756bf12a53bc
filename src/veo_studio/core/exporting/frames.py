"""Decoded pictures upright, in the size and pixel format of an encoder, with their colours as they were."""

from __future__ import annotations

from typing import Any

from veo_studio.core.exporting.presets import Form

_HIGH_DEFINITION_PX = 720
PRORES_FORMAT = "yuv422p10le"
# AVColorRange, AVColorSpace, AVColorPrimaries and AVColorTransferCharacteristic: ITU-T H.273
_LIMITED, _FULL = 1, 2
_BT709 = 1
_UNKNOWN = 2
_RGB_SPACE = 0
_TURNS = {
    # counter-clockwise, as the display matrix counts
    90: (("transpose", "cclock"),),
    180: (("hflip", ""), ("vflip", "")),
    270: (("transpose", "clock"),),
}


def pixel_format(form: Form, source: Any) -> str:
    """The encoder's own; ten bits stay ten bits where players can show them."""
    if form is Form.PRORES:
        return PRORES_FORMAT
    depth = max((component.bits for component in source.components), default=8) if source else 8
    if depth > 8 and form in (Form.H265, Form.AV1, Form.VP9):
        return "yuv420p10le"
    return "yuv420p"


class FrameShaper:
    """`is_kept`: what does not fit is cut off (one line of an odd size) instead of resized."""

    def __init__(
        self, video: Any, size: tuple[int, int], pix_fmt: str, turn: int, *, is_kept: bool
    ) -> None:
        self._size = size
        self._format = pix_fmt
        self._steps = list(_TURNS.get(turn, ()))
        self._is_kept = is_kept
        self._graph: Any = None
        self._graph_for: tuple[Any, ...] = ()
        context = video.codec_context
        name = context.format.name if context.format else ""
        self._is_rgb = name.startswith(
            ("rgb", "bgr", "gbr", "pal8", "argb", "abgr", "0rgb", "0bgr")
        )
        is_full = context.color_range == _FULL or name.startswith("yuvj")
        self._range = _FULL if is_full and not self._is_rgb else _LIMITED
        # ProRes has no word for a full range: players take its numbers for the limited one
        self._made_range = _LIMITED if pix_fmt == PRORES_FORMAT else self._range
        self._space = _BT709 if self._is_rgb else int(context.colorspace)
        self._primaries = _BT709 if self._is_rgb else int(context.color_primaries)
        self._transfer = _BT709 if self._is_rgb else int(context.color_trc)
        if self._space in (_UNKNOWN, _RGB_SPACE):
            # files that do not say it mean what players take them for, judged by the size they had
            is_large = context.height >= _HIGH_DEFINITION_PX
            self._space = _BT709 if is_large else _UNKNOWN

    def colour(self, context: Any) -> None:
        """Say on an encoder what the numbers of its pictures mean."""
        context.color_range = self._made_range
        context.colorspace = self._space
        context.color_primaries = self._primaries
        context.color_trc = self._transfer

    def shaped(self, frame: Any) -> Any:
        for part in self._filtered(frame):
            frame = part
        if (frame.width, frame.height, frame.format.name) == (*self._size, self._format):
            return frame
        full_name = f"yuvj{self._format[3:]}"
        if (frame.width, frame.height, frame.format.name) == (*self._size, full_name):
            # the same bytes under an older name; the range says the rest
            return frame.reformat(format=self._format, src_color_range=_FULL, dst_color_range=_FULL)
        return frame.reformat(
            width=self._size[0],
            height=self._size[1],
            format=self._format,
            interpolation="LANCZOS",
            src_color_range=_FULL if self._is_rgb else self._range,
            dst_color_range=self._made_range,
            dst_colorspace=_BT709 if self._is_rgb else None,
        )

    def _filtered(self, frame: Any) -> list[Any]:
        steps = list(self._steps)
        turned = frame.width, frame.height
        if any(name == "transpose" for name, _ in steps):
            turned = turned[::-1]
        if self._is_kept and turned != self._size:
            width, height = min(turned[0], self._size[0]), min(turned[1], self._size[1])
            # from the top left, where the pixels are stored
            steps.append(("crop", f"{width}:{height}:0:0:exact=1"))
        if not steps:
            return []
        graph = self._graph_of(frame, steps)
        graph.vpush(frame)
        return [graph.vpull()]

    def _graph_of(self, frame: Any, steps: list[tuple[str, str]]) -> Any:
        import av.filter

        key = (frame.width, frame.height, frame.format.name, tuple(steps))
        if self._graph is None or self._graph_for != key:
            graph = av.filter.Graph()
            first = graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format,
                time_base=frame.time_base,
            )
            chain = [first, *(graph.add(name, words) for name, words in steps)]
            chain.append(graph.add("buffersink"))
            graph.link_nodes(*chain).configure()
            self._graph, self._graph_for = graph, key
        return self._graph
