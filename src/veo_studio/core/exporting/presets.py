"""What an exported file is to be: its form, size, quality, sound, and what is written into it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any

MOST_NAME_CHARS = 60
MOST_PX = 8192
LEAST_PX = 16


class Form(Enum):
    """The kinds of files that can be made."""

    COPY = "copy"
    H264 = "h264"
    H265 = "h265"
    VP9 = "vp9"
    AV1 = "av1"
    PRORES = "prores"
    GIF = "gif"
    STILL = "still"

    @property
    def is_clip(self) -> bool:
        """True where picture and sound are encoded anew."""
        return self in ENCODERS and self is not Form.GIF


class Size(Enum):
    """How large the picture becomes; nothing is ever made larger than it is."""

    KEEP = "keep"
    P1080 = "1080p"
    P720 = "720p"
    # inside `width_px` x `height_px`, in its own shape
    FIT = "fit"


class Quality(Enum):
    BEST = "best"
    GOOD = "good"
    SMALL = "small"


class Inside(Enum):
    """What is written into the file beside picture and sound."""

    # a copy keeps every byte, content credentials as well; other forms keep title and comment
    AS_IT_IS = "as_it_is"
    RECIPE = "recipe"
    NOTHING = "nothing"


class ProRes(Enum):
    """The profiles of ProRes 422, by the numbers of the encoder."""

    PROXY = "proxy"
    LT = "lt"
    STANDARD = "standard"
    HQ = "hq"


# the encoder of each form, of picture and of sound
ENCODERS: Mapping[Form, str] = {
    Form.H264: "libx264",
    Form.H265: "libx265",
    Form.VP9: "libvpx-vp9",
    Form.AV1: "libsvtav1",
    Form.PRORES: "prores_ks",
    Form.GIF: "gif",
}
SOUND_ENCODERS: Mapping[Form, str] = {
    Form.H264: "aac",
    Form.H265: "aac",
    Form.AV1: "aac",
    Form.VP9: "libopus",
    Form.PRORES: "pcm_s16le",
}
_SUFFIXES: Mapping[Form, str] = {
    Form.H264: ".mp4",
    Form.H265: ".mp4",
    Form.VP9: ".webm",
    Form.AV1: ".mp4",
    Form.PRORES: ".mov",
    Form.GIF: ".gif",
}
# constant rate factors: best, good, small
RATES: Mapping[Form, tuple[int, int, int]] = {
    Form.H264: (17, 21, 26),
    Form.H265: (19, 24, 29),
    Form.VP9: (24, 31, 38),
    Form.AV1: (24, 32, 42),
}
MOST_RATE: Mapping[Form, int] = {Form.H264: 51, Form.H265: 51, Form.VP9: 63, Form.AV1: 63}
GIF_RATES = (5, 10, 12, 15, 20, 25)
STILL_KINDS = ("png", "jpg")


@dataclass(frozen=True)
class ExportPreset:
    """Everything about the file but its name, place and cut.

    `rate` overrides the number behind `quality` (lower is better); `width_px` and `height_px` belong to
    `Size.FIT`; `is_fast`: a cut may be made without encoding anew where it falls on key frames.
    """

    name: str
    form: Form
    quality: Quality = Quality.GOOD
    rate: int | None = None
    size: Size = Size.KEEP
    width_px: int = 1280
    height_px: int = 1280
    has_sound: bool = True
    inside: Inside = Inside.AS_IT_IS
    is_fast: bool = True
    prores: ProRes = ProRes.STANDARD
    gif_width_px: int = 480
    gif_fps: int = 12
    still_kind: str = "png"
    # None: the in point, or else the middle
    still_at_s: float | None = None

    @property
    def crf(self) -> int | None:
        """The number that the encoder gets; None where it takes none."""
        rates = RATES.get(self.form)
        if rates is None:
            return None
        return self.rate if self.rate is not None else rates[list(Quality).index(self.quality)]

    def suffix(self, source_suffix: str) -> str:
        """How the file's name ends."""
        if self.form is Form.COPY:
            return source_suffix.lower()
        return f".{self.still_kind}" if self.form is Form.STILL else _SUFFIXES[self.form]

    def check(self) -> None:
        """Raises ValueError with a sentence for what makes no sense."""
        if self.rate is not None and not 0 <= self.rate <= MOST_RATE.get(self.form, 63):
            raise ValueError(f"The quality number is 0 to {MOST_RATE.get(self.form, 63)}.")
        for px in (self.width_px, self.height_px, self.gif_width_px):
            if not LEAST_PX <= px <= MOST_PX:
                raise ValueError(f"A size is {LEAST_PX} to {MOST_PX} pixels.")
        if self.gif_fps not in GIF_RATES:
            raise ValueError(
                f"A GIF has {', '.join(map(str, GIF_RATES))} pictures a second, not {self.gif_fps}."
            )
        if self.still_kind not in STILL_KINDS:
            raise ValueError("A still is a PNG or JPEG picture.")
        if self.still_at_s is not None and not 0 <= self.still_at_s < 1e6:
            raise ValueError("The moment of a still lies inside the clip.")

    def to_json(self) -> dict[str, Any]:
        stored: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            stored[one.name] = value.value if isinstance(value, Enum) else value
        return stored

    @classmethod
    def from_json(cls, stored: object) -> ExportPreset:
        """Raises ValueError for anything else than what `to_json` gives."""
        if not isinstance(stored, dict):
            raise ValueError("This is no preset.")
        kinds: dict[str, type[Enum]] = {
            "form": Form, "quality": Quality, "size": Size, "inside": Inside, "prores": ProRes,
        }  # fmt: skip
        known = {one.name for one in fields(cls)}
        values: dict[str, Any] = {}
        for name, value in stored.items():
            if name not in known:
                continue  # of a newer version
            values[name] = kinds[name](value) if name in kinds else value
        numbers = ("width_px", "height_px", "gif_width_px", "gif_fps")
        are_right = (
            isinstance(values.get("name"), str)
            and isinstance(values.get("form"), Form)
            and all(_is_whole(values.get(name, 0)) for name in numbers)
            and (values.get("rate") is None or _is_whole(values["rate"]))
            and all(isinstance(values.get(name, True), bool) for name in ("has_sound", "is_fast"))
            and isinstance(values.get("still_kind", ""), str)
            and (
                values.get("still_at_s") is None
                or (
                    isinstance(values["still_at_s"], int | float)
                    and values["still_at_s"] is not True
                )
            )
        )
        if not are_right:
            raise ValueError("This preset is damaged.")
        preset = cls(**values)
        if not preset.name.strip() or len(preset.name) > MOST_NAME_CHARS:
            raise ValueError("This preset has no usable name.")
        preset.check()
        return preset


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


BUILT_IN: tuple[ExportPreset, ...] = (
    ExportPreset("Copy", Form.COPY),
    ExportPreset("H.264 (plays everywhere)", Form.H264),
    ExportPreset("H.265 (smaller)", Form.H265),
    ExportPreset("VP9 (WebM)", Form.VP9),
    ExportPreset("AV1 (smallest)", Form.AV1),
    ExportPreset("ProRes 422 (for editing)", Form.PRORES),
    ExportPreset("GIF", Form.GIF),
    ExportPreset("Still picture", Form.STILL),
)
# what a player without this codec is given
PLAYS = replace(BUILT_IN[1], name="Copy that plays", quality=Quality.BEST)


def built_in(form: Form) -> ExportPreset:
    return next(preset for preset in BUILT_IN if preset.form is form)


@functools.cache
def locked_reason(form: Form) -> str:
    """Why files of this form cannot be made here; "" where they can. Imports PyAV: run it in a thread."""
    encoder = ENCODERS.get(form)
    if encoder is None:
        return ""
    import av

    for name in filter(None, (encoder, SOUND_ENCODERS.get(form))):
        try:
            av.codec.Codec(name, "w")
        except ValueError:  # also what PyAV raises for a name that it does not know
            return f"This installation of PyAV has no encoder {name}."
    return ""
