"""What a program finds in a hand-off, through the library's own adapters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import opentimelineio as otio

from veo_studio.core.handoff.kinds import Kind

ADAPTERS = {
    Kind.OTIO: "otio_json",
    Kind.FCPXML: "fcpx_xml",
    Kind.FCP7: "fcp_xml",
    Kind.EDL: "cmx_3600",
}


@dataclass(frozen=True)
class Found:
    """A clip as it was read: pictures at `rate` a second; `at` is where it stands in the timeline."""

    name: str
    path: Path
    at: float
    start: float
    length: float
    rate: float
    available: float | None


def read_back(path: Path, kind: Kind, **options: Any) -> Any:
    """The timeline of a file."""
    found = otio.adapters.read_from_file(str(path), adapter_name=ADAPTERS[kind], **options)
    assert isinstance(found, otio.schema.Timeline)
    return found


def clips_of(track: Any) -> list[Found]:
    return [found_of(track, item) for item in track if isinstance(item, otio.schema.Clip)]


def found_of(track: Any, clip: Any) -> Found:
    media = clip.media_reference
    assert isinstance(media, otio.schema.ExternalReference)
    source = clip.source_range
    return Found(
        clip.name,
        path_of(media.target_url),
        track.range_of_child(clip).start_time.value,
        source.start_time.value,
        source.duration.value,
        source.duration.rate,
        None if media.available_range is None else media.available_range.duration.value,
    )


def path_of(url: str) -> Path:
    """The file that a program opens for it."""
    parts = urlsplit(url)
    assert parts.scheme == "file"
    assert parts.netloc in ("", "localhost")
    return Path(unquote(parts.path))


def fades_of(track: Any) -> list[tuple[float, float]]:
    """Pictures before and after the cut."""
    return [
        (one.in_offset.value, one.out_offset.value)
        for one in track
        if isinstance(one, otio.schema.Transition)
    ]


def tracks(timeline: Any, kind: str) -> list[Any]:
    return [track for track in timeline.tracks if track.kind == kind]
