"""How each of Runway's models wants to be asked: its sizes, and where it takes pictures and clips.

What a model can do and what it costs is in the catalogue; here is how that is said on the wire.
Source: request types of runwayml 5.24.0, read 2026-11-20. Ratios are width:height in pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from veo_studio.core.capabilities import ModelInfo
from veo_studio.core.models import InputMode

# the shape is that of the picture or clip that is worked on, and nothing about it is sent
AUTO = "auto"
# (resolution, aspect ratio) -> fields of the body
Sizes = Mapping[tuple[str, str], Mapping[str, str]]


def _pixels(**by_resolution: str) -> Sizes:
    """`_720p="16:9 1280:720, ..."`: one `ratio` for each pair."""
    return {
        (resolution.lstrip("_"), pair.split()[0]): {"ratio": pair.split()[1]}
        for resolution, pairs in by_resolution.items()
        for pair in pairs.split(",")
    }


def _named(resolutions: str, aspects: str) -> Sizes:
    """Both by their names."""
    return {
        (resolution, aspect): {"resolution": resolution, "ratio": aspect}
        for resolution in resolutions.split()
        for aspect in aspects.split()
    }


def _resolution_only(resolutions: str) -> Sizes:
    return {(size, AUTO): {"resolution": size} for size in resolutions.split()}


def _follows_picture(resolutions: str) -> Sizes:
    return {(size, AUTO): {"ratio": f"auto_{size}"} for size in resolutions.split()}


def _unsaid(resolution: str) -> Sizes:
    """Neither is a field: the model or the picture decides."""
    return {(resolution, AUTO): {}}


@dataclass(frozen=True)
class Form:
    """How one model is asked. `sizes` are the usual ones, `sizes_in` those of a mode where they differ.

    `clip_field` is where the clip goes that is worked on, `says_task` whether `mode` says what becomes
    of it. `places_frames`: a picture without a position would be a mere reference.
    `edit_fields` go with every edit; `edits_sound`: the audio switch holds for work on clips, too.
    """

    sizes: Sizes
    sizes_in: Mapping[InputMode, Sizes] = field(default_factory=dict)
    clip_field: str = ""
    says_task: bool = False
    places_frames: bool = False
    edit_fields: Mapping[str, str] = field(default_factory=dict)
    edits_sound: bool = False

    def size(self, mode: InputMode, resolution: str, aspect_ratio: str) -> Mapping[str, str] | None:
        """The fields that say the size; None for a pair that the model does not make."""
        if mode is InputMode.EDIT:
            # shape and size are the clip's own, whatever was chosen before
            return self.sizes_in.get(mode, {}).get((resolution, AUTO), {})
        return self.sizes_in.get(mode, self.sizes).get((resolution, aspect_ratio))


_FIRST, _FRAMES = InputMode.FIRST_FRAME, InputMode.FRAMES
_EDIT, _EXTEND = InputMode.EDIT, InputMode.EXTEND

_GEN4 = _pixels(
    _720p="16:9 1280:720, 9:16 720:1280, 1:1 960:960, 4:3 1104:832, 3:4 832:1104, 21:9 1584:672"
)
_VEO = Form(_pixels(_720p="16:9 1280:720, 9:16 720:1280", _1080p="16:9 1920:1080, 9:16 1080:1920"))

_SEEDANCE_720P = (
    "21:9 1470:630, 16:9 1280:720, 4:3 1112:834, 1:1 960:960, 3:4 834:1112, 9:16 720:1280"
)
_SEEDANCE_1080P = (
    "21:9 2206:946, 16:9 1920:1080, 4:3 1664:1248, 1:1 1440:1440, 3:4 1248:1664, 9:16 1080:1920"
)
_SEEDANCE_4K = (
    "21:9 3840:1646, 16:9 3840:2160, 4:3 3840:2880, 1:1 3840:3840, 3:4 2880:3840, 9:16 2160:3840"
)
_SEEDANCE_480P = "21:9 992:432, 16:9 864:496, 4:3 752:560, 1:1 640:640, 3:4 560:752, 9:16 496:864"
_SEEDANCE_25_480P = (
    "21:9 992:432, 16:9 854:480, 4:3 752:560, 1:1 640:640, 3:4 560:752, 9:16 480:854"
)
_SEEDANCE_SMALL = Form(_pixels(_480p=_SEEDANCE_480P, _720p=_SEEDANCE_720P), places_frames=True)

_WAN = Form(
    _pixels(
        _480p="16:9 832:480, 4:3 720:544, 1:1 624:624, 3:4 544:720, 9:16 480:832",
        _720p="16:9 1280:720, 4:3 1104:832, 1:1 960:960, 3:4 832:1104, 9:16 720:1280",
        _1080p="16:9 1920:1080, 4:3 1648:1248, 1:1 1440:1440, 3:4 1248:1648, 9:16 1080:1920",
    ),
    {_FIRST: _follows_picture("480p 720p 1080p"), _FRAMES: _follows_picture("480p 720p 1080p")},
    places_frames=True,
)

_KLING_720P = _pixels(_720p="16:9 1280:720, 9:16 720:1280, 1:1 960:960")
_KLING_1080P = _pixels(_1080p="16:9 1920:1080, 9:16 1080:1920, 1:1 1440:1440")
_KLING_4K = _pixels(_4k="16:9 3840:2160, 9:16 2160:3840, 1:1 2880:2880")


def _kling(sizes: Sizes, resolution: str, clip_field: str = "") -> Form:
    """With two frames the shape is that of the first."""
    return Form(sizes, {_FRAMES: _unsaid(resolution)}, clip_field=clip_field)


# Which of the two prices a ratio has is told for the usual shapes only: the others, those of about a
# thousand lines, are counted as the larger ones, and 2112:912 is near those.
_GEN4_IMAGE = Form(
    _pixels(
        _720p="16:9 1280:720, 9:16 720:1280, 1:1 720:720, 4:3 960:720, 3:4 720:960, 21:9 1680:720",
        _1080p="16:9 1920:1080, 9:16 1080:1920, 1:1 1080:1080, 4:3 1440:1080, 3:4 1080:1440,"
        " 21:9 2112:912",
        _1k="16:9 1360:768, 9:16 1080:1920, 1:1 1024:1024, 4:3 1168:880, 3:4 1080:1440,"
        " 21:9 1808:768",
    )
)

_GROK_ASPECTS = "1:1 16:9 9:16 4:3 3:4 3:2 2:3"

FORMS: Mapping[str, Form] = {
    "gen4.5": Form(_GEN4, {InputMode.TEXT: _pixels(_720p="16:9 1280:720, 9:16 720:1280")}),
    "gen4_turbo": Form(_GEN4),
    "aleph2": Form(_unsaid(AUTO), clip_field="videoUri"),
    "veo3.1": _VEO,
    "veo3.1_fast": _VEO,
    "gemini_omni_flash": Form(_pixels(_720p="16:9 1280:720, 9:16 720:1280"), clip_field="videoUri"),
    "gemini_omni_flash_1.1": Form(
        _pixels(
            _360p="16:9 640:360, 9:16 360:640",
            _720p="16:9 1280:720, 9:16 720:1280",
            _1080p="16:9 1920:1080, 9:16 1080:1920",
            _4k="16:9 3840:2160, 9:16 2160:3840",
        ),
        {_EXTEND: _unsaid(AUTO)},
        clip_field="videoUri",
        says_task=True,
    ),
    "seedance2": Form(
        _pixels(
            _480p=_SEEDANCE_480P,
            _720p=_SEEDANCE_720P,
            _1080p=_SEEDANCE_1080P,
            _4k=_SEEDANCE_4K,
        ),
        places_frames=True,
    ),
    "seedance2_fast": _SEEDANCE_SMALL,
    "seedance2_mini": _SEEDANCE_SMALL,
    "seedance2_5": Form(
        _pixels(_480p=_SEEDANCE_25_480P, _720p=_SEEDANCE_720P, _1080p=_SEEDANCE_1080P),
        {_EXTEND: _unsaid(AUTO)},
        clip_field="promptVideo",
        says_task=True,
        places_frames=True,
        # an edit that names a length is refused
        edit_fields={"duration": AUTO},
        edits_sound=True,
    ),
    "kling2.5_turbo_pro": Form(
        _pixels(
            _720p="16:9 1280:720, 1:1 720:720, 9:16 720:1280",
            _1080p="16:9 1920:1080, 1:1 1440:1440, 9:16 1080:1920",
        ),
        {_FIRST: _unsaid(AUTO), _FRAMES: _unsaid(AUTO)},
    ),
    "kling3.0_standard": _kling(_KLING_720P, "720p"),
    "kling3.0_pro": _kling(_KLING_1080P, "1080p"),
    "kling3.0_4k": _kling(_KLING_4K, "4k"),
    "klingO3_standard": _kling(_KLING_720P, "720p", "promptVideo"),
    "klingO3_pro": _kling(_KLING_1080P, "1080p", "promptVideo"),
    "klingO3_4k": _kling(_KLING_4K, "4k", "promptVideo"),
    "kling_4": Form(
        _pixels(
            _720p="16:9 1280:720, 9:16 720:1280, 1:1 940:940, 21:9 1460:624",
            _1080p="16:9 1920:1080, 9:16 1080:1920, 1:1 1440:1440, 21:9 2200:940",
        ),
        {
            _FIRST: _follows_picture("720p 1080p"),
            _FRAMES: _follows_picture("720p 1080p"),
            _EDIT: _follows_picture("720p 1080p"),
        },
        clip_field="videoUri",
    ),
    "hailuo3": Form(_named("768p 2k", "21:9 16:9 4:3 1:1 3:4 9:16"), places_frames=True),
    "h3_max": Form(_resolution_only("480p 768p")),
    "happyhorse_1_0": Form(
        _pixels(
            _720p="16:9 1280:720, 9:16 720:1280, 1:1 960:960, 4:3 1108:832, 3:4 832:1108",
            _1080p="16:9 1920:1080, 9:16 1080:1920, 1:1 1440:1440, 4:3 1662:1248, 3:4 1248:1662",
        ),
        {_FIRST: _resolution_only("720p 1080p")},
    ),
    "wan3": _WAN,
    "wan3_prime": _WAN,
    "grok_imagine_1_5": Form(
        _named("480p 720p 1080p", _GROK_ASPECTS),
        {
            _FIRST: _resolution_only("480p 720p 1080p"),
            InputMode.REFERENCES: _named("480p 720p", _GROK_ASPECTS),
        },
    ),
    "grok_imagine_1_5_lite": Form(
        _pixels(
            _480p="16:9 848:480, 9:16 480:848, 1:1 480:480, 4:3 640:480, 3:4 480:640,"
            " 3:2 720:480, 2:3 480:720",
            _720p="16:9 1280:720, 9:16 720:1280, 1:1 720:720, 4:3 960:720, 3:4 720:960,"
            " 3:2 1088:720, 2:3 720:1088",
            _1080p="16:9 1904:1072, 9:16 1072:1904, 1:1 1424:1424, 4:3 1648:1232, 3:4 1232:1648,"
            " 3:2 1744:1152, 2:3 1152:1744",
        ),
        {_FIRST: _follows_picture("480p 720p 1080p")},
    ),
    "gen4_image": _GEN4_IMAGE,
    "gen4_image_turbo": _GEN4_IMAGE,
}


def form_of(model: ModelInfo) -> Form:
    """A model that only the user's own list knows is asked like the most usual ones of its kind."""
    return FORMS.get(model.id, _GEN4_IMAGE if model.makes_pictures else _VEO)
