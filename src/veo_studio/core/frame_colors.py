"""How a decoded picture of a clip becomes RGB: in the colours that players show."""

from __future__ import annotations

from typing import Any

_HIGH_DEFINITION_PX = 720


def color_arguments(frame: Any) -> dict[str, Any]:
    """For `reformat` of PyAV."""
    from av.video.reformatter import ColorRange, Colorspace

    # the numbers of H.273, table 4
    spaces = {
        1: Colorspace.ITU709,
        5: Colorspace.ITU601,
        6: Colorspace.ITU601,
        7: Colorspace.SMPTE240M,
        9: Colorspace.BT2020,
    }
    # files that do not say it mean what players take it for
    is_large = frame.height >= _HIGH_DEFINITION_PX
    usual = Colorspace.ITU709 if is_large else Colorspace.ITU601
    is_full = frame.color_range == ColorRange.JPEG
    return {
        "src_colorspace": spaces.get(int(frame.colorspace), usual),
        "src_color_range": ColorRange.JPEG if is_full else ColorRange.MPEG,
        "dst_color_range": ColorRange.JPEG,
    }
