"""One file for an editing program, written whole or not at all. Everything here blocks.

`draft` reads every clip: the window lets a process of its own do it (`process.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from veo_studio.core.errors import StorageError
from veo_studio.core.film.models import Film
from veo_studio.core.handoff.cutting import Cuts, cut
from veo_studio.core.handoff.kinds import Drafted, Kind, Written
from veo_studio.core.handoff.media import MediaFacts, read_clip, read_sound
from veo_studio.core.whole_file import write_whole


def write_handoff(film: Film, path: Path, kind: Kind, *, replaces: bool = True) -> Written:
    """Write `path`, over what is there where it may be replaced, beside it otherwise.

    Raises ValueError with a sentence, StorageError for a file that is gone or a place that cannot be
    written, DownloadError for a file that cannot be read.
    """
    check_place(path)
    return place(draft(film, kind), path, replaces=replaces)


def check_place(path: Path) -> None:
    """Before any work is done for it. Raises StorageError."""
    if not path.parent.is_dir():
        raise StorageError(
            f"There is no folder {path.parent}.", action="Make it first, or choose another folder."
        )


def draft(film: Film, kind: Kind) -> Drafted:
    """The text of the file. Raises what `write_handoff` raises, but for the place."""
    film.check()
    known: dict[Path, MediaFacts] = {}
    for clip in film.clips:
        if clip.path not in known:
            known[clip.path] = read_clip(clip.path)
    media = [known[clip.path] for clip in film.clips]
    sound = None if film.soundtrack is None else read_sound(film.soundtrack.path)
    cuts = cut(film, media)
    return Drafted(
        _text_of(film, cuts, sound, kind),
        kind,
        len(cuts.placed),
        float(cuts.length / cuts.rate),
        (*cuts.notes, *_left_out(film, kind, sound, cuts)),
    )


def _text_of(film: Film, cuts: Cuts, sound: MediaFacts | None, kind: Kind) -> str:
    if kind is Kind.FCPXML:
        from veo_studio.core.handoff.final_cut import fcpxml_of

        return fcpxml_of(film, cuts, sound)
    if kind is Kind.EDL:
        from veo_studio.core.handoff.edl import edl_of

        return edl_of(film, cuts)
    import opentimelineio as otio

    from veo_studio.core.handoff.fcp7 import fcp7_of
    from veo_studio.core.handoff.timeline import timeline_of

    if kind is Kind.FCP7:
        return fcp7_of(film, cuts, sound)
    return str(otio.adapters.write_to_string(timeline_of(film, cuts, sound), "otio_json"))


def _left_out(
    film: Film, kind: Kind, sound: MediaFacts | None, cuts: Cuts
) -> Sequence[str]:  # fmt: skip
    """Sentences about what the file does not say."""
    notes = []
    has_words = any(one.title.strip() or one.subtitle.strip() for one in film.clips)
    if kind is Kind.EDL:
        if sound is not None or any(one.media.has_sound for one in cuts.placed):
            notes.append("An EDL holds pictures only: add the sound in the editor.")
        if has_words:
            notes.append("Titles and subtitles are comments in an EDL.")
    elif has_words:
        notes.append("Titles and subtitles are markers; save the subtitles as SRT as well.")
    if sound is not None and sound.duration_s * cuts.rate < cuts.length - 1:
        notes.append("The soundtrack ends before the film does.")
    return notes


def place(drafted: Drafted, path: Path, *, replaces: bool = True) -> Written:
    """All of it or the old file; see `write_whole`. Raises StorageError."""
    return Written(write_whole(path, drafted.text, replaces=replaces), drafted)
