"""Subtitles as SubRip text (.srt), and where they stand in a film."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from veo_studio.core.film.models import Cue, PlacedClip
from veo_studio.core.text_table import read_text

MAX_BYTES = 2 * 1024 * 1024
MAX_CUES = 10_000
MAX_CUE_CHARS = 2000
_MOST_S = 100 * 3600.0
_MOMENT = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[,.](\d{1,3}))?"
_TIMES = re.compile(rf"\s*{_MOMENT}\s*-+>\s*{_MOMENT}(?:\s.*)?$")
# <i>, <font color=...>, {\an8}: other programs' looks
_LOOKS = re.compile(r"</?[a-zA-Z][^<>]{0,100}>|\{\\[^{}]{0,100}\}")


def read_srt(path: Path) -> tuple[Cue, ...]:
    """Blocks. Raises ValueError with a sentence, for a file that cannot be read as well."""
    text, _note = read_text(path, MAX_BYTES, f"a film has at most {MAX_CUES:,} subtitles")
    return cues_in(text)


def cues_in(text: str) -> tuple[Cue, ...]:
    """In the order of their beginnings, without looks; numbers may be missing.

    Raises ValueError with a sentence that names the line.
    """
    cues: list[Cue] = []
    for number, times, words in _blocks(text.replace("\r\n", "\n").split("\n")):
        start_s, end_s = _seconds(times.groups()[:4]), _seconds(times.groups()[4:])
        if end_s <= start_s:
            raise ValueError(f"Line {number}: the subtitle ends before it begins.")
        if end_s > _MOST_S:
            raise ValueError(f"Line {number}: the subtitle is later than any film.")
        plain = _plain("\n".join(words))
        if len(plain) > MAX_CUE_CHARS:
            raise ValueError(
                f"Line {number}: the subtitle is too long: at most {MAX_CUE_CHARS} characters."
            )
        if plain:
            cues.append(Cue(start_s, end_s, plain))
        if len(cues) > MAX_CUES:
            raise ValueError(f"There are too many subtitles: at most {MAX_CUES:,}.")
    if not cues:
        raise ValueError("There are no subtitles in this file.")
    return tuple(sorted(cues, key=lambda cue: (cue.start_s, cue.end_s)))


def write_srt(cues: Sequence[Cue]) -> str:
    """With the line ends that every player takes."""
    blocks: list[str] = []
    for cue in cues:
        # an empty line would end the subtitle
        lines = [line for line in cue.text.splitlines() if line.strip()]
        if lines:
            times = f"{_moment(cue.start_s)} --> {_moment(cue.end_s)}"
            blocks.append("\n".join((str(len(blocks) + 1), times, *lines)) + "\n")
    return "\n".join(blocks).replace("\n", "\r\n")


def cues_of(placed: Sequence[PlacedClip]) -> tuple[Cue, ...]:
    """The subtitles of a planned film; in a cross-fade one follows the other in its middle."""
    cues: list[Cue] = []
    for index, one in enumerate(placed):
        text = _plain(one.clip.subtitle)
        if not text:
            continue
        end_s = one.end_s
        if index + 1 < len(placed):
            end_s = placed[index + 1].start_s + placed[index + 1].fade_s / 2
        start_s = one.start_s + one.fade_s / 2
        if cues and cues[-1].text == text and start_s - cues[-1].end_s < 0.001:
            # the same words go on
            cues[-1] = Cue(cues[-1].start_s, end_s, text)
        else:
            cues.append(Cue(start_s, end_s, text))
    return tuple(cues)


def subtitles_for(
    cues: Sequence[Cue], placed: Sequence[PlacedClip]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A text for each clip, and sentences about cues that no clip can take.

    A clip takes what is seen over it longest; several follow each other as lines.
    """
    texts: list[list[str]] = [[] for _ in placed]
    problems = []
    for cue in cues:
        shares = [min(cue.end_s, one.end_s) - max(cue.start_s, one.start_s) for one in placed]
        best = max(range(len(placed)), key=lambda index: shares[index], default=None)
        if best is None or shares[best] <= 0:
            first = cue.text.splitlines()[0]
            problems.append(f"{_moment(cue.start_s)} is after the film: “{first[:60]}”")
        else:
            texts[best].append(cue.text)
    return tuple("\n".join(lines) for lines in texts), tuple(problems)


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, re.Match[str], list[str]]]:
    """The number of the line of times (from 1), the times, and the words below it."""
    block: tuple[int, re.Match[str], list[str]] | None = None
    for number, line in enumerate(lines, 1):
        if times := _TIMES.fullmatch(line):
            if block is not None:
                if block[2] and block[2][-1].strip().isdigit():
                    # the number of this one
                    block[2].pop()
                yield block
            block = number, times, []
        elif block is not None and "-->" not in line:
            block[2].append(line)
        elif line.strip() and not (block is None and line.strip().isdigit()):
            raise ValueError(
                f"Line {number}: here should be the times of a subtitle, as in "
                "00:00:01,000 --> 00:00:03,500."
            )
    if block is not None:
        yield block


def _seconds(groups: Sequence[str | None]) -> float:
    hours, minutes, seconds, part = groups
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole + int((part or "0").ljust(3, "0")) / 1000


def _moment(at_s: float) -> str:
    whole_ms = max(0, round(at_s * 1000))
    minutes, ms = divmod(whole_ms, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{ms // 1000:02d},{ms % 1000:03d}"


def _plain(text: str) -> str:
    """Without looks, control characters and empty lines."""
    lines = _LOOKS.sub("", text).splitlines()
    kept = (
        "".join(char for char in line if unicodedata.category(char) not in ("Cc", "Cs"))
        for line in lines
    )
    return "\n".join(" ".join(line.split()) for line in kept if line.strip())
