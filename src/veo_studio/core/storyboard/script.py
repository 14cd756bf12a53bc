"""Scenes of a script: paragraphs, numbered shots, screenplays and Markdown, by rules alone.

A paragraph is a scene; a long one is several, and a text of one paragraph is a scene for each sentence.
What a scene is called, how long it is and what is said in it is understood where it is written the way
people write it: `Scene 2:`, `INT. KITCHEN - NIGHT`, `[8 s]`, `Notes: ...`, `ANNA: "Come in."`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from veo_studio.core.enhancing import spoken_words
from veo_studio.core.plain import plain
from veo_studio.core.storyboard.drafts import SceneDraft
from veo_studio.core.storyboard.limits import MAX_DURATION_S, MAX_PROMPT, MIN_DURATION_S
from veo_studio.core.storyboard.models import DEFAULT_DURATION_S, MAX_NOTES, MAX_SCENES, MAX_TITLE
from veo_studio.core.storyboard.sentences import groups, sentences, word_count
from veo_studio.core.text_table import read_text

TABLES = (".csv", ".tsv")
SUFFIXES = (*TABLES, ".txt", ".md", ".markdown", ".fountain")
MAX_CHARS = 1_000_000
_MAX_BYTES = 4 * 1024 * 1024
_SPACES = "\t\n\r\f\v"
# a stray one may come from an old word processor; a picture read as letters is full of them
_MOST_CONTROLS = 8
# a paragraph of more is several scenes, of as many each at most
_LONG_WORDS = 90
_SCENE_WORDS = 50
# how fast people speak
_WORDS_PER_S = 2.5

_RULE = re.compile(r"[-*_=~](?:[ \t]?[-*_=~]){2,}\Z")
_HEADING = re.compile(r"(#{1,6})\s")
_NAMED = re.compile(r"(?i)(?:title|titel|titre)\s*:\s*(.+)")
# no sentence: it ends in a letter or a number
_HEADLINE = re.compile(r"[^\W_].{0,78}[^\W_][\"”’)]?\Z")
_HEADLINE_WORDS = 10
_NUMBER = re.compile(
    r"(?i)(?:(?:scene|shot|szene|einstellung|sc[eè]ne|plan|escena|toma|scena)\s*#?\s*\d{1,4}[a-z]?\b\s*[.:)\-–—]*"
    r"|\d{1,4}\s*[.):](?=\s)|[-*•–]\s)\s*"
)
_SLUG = re.compile(r"(?:INT|EXT|EST|INT\.?/EXT|EXT\.?/INT|I/E)[. ]+(.+)\Z")
_TRANSITION = re.compile(
    r"(?:FADE (?:IN|OUT|TO BLACK)|(?:SMASH |MATCH |JUMP )?CUT TO(?: BLACK)?|DISSOLVE TO|THE END|END)\s*[:.]?\Z"
)
_LABEL = re.compile(
    r"(?i)(?P<name>picture|image|still|frame|bild|visual|motion|video|action|camera|bewegung|notes?|notiz|"
    r"subtitles?|caption|narration|narrator|voice[- ]?over|v\.?o\.?|dialog(?:ue)?|text|untertitel|"
    r"duration|length|dauer)\s*[:=]\s*(?P<words>.*)\Z",
    re.DOTALL,
)
# somebody's name in capitals, and perhaps how they speak
_WHO = r"[^\W\d_a-z][^\Wa-z]*(?: [^\W\d_a-z][^\Wa-z]*){0,3}(?:\s*\([^()]{1,40}\))?"
_SPEAKER = re.compile(rf"{_WHO}\s*:\s+(?P<words>\S.*)\Z", re.DOTALL)
_CUE = re.compile(rf"{_WHO}\Z")
_SECONDS = re.compile(
    r"(?i)[\[(]\s*(?:duration:?\s*)?(\d{1,3})(?:[.,]\d)?\s*(?:s|sec|secs|seconds?|sek|sekunden?|\")\s*[\])]"
)
_PLAIN_SECONDS = re.compile(
    r"(?i)\s*(\d{1,3})(?:[.,]\d)?\s*(?:s|sec|secs|seconds?|sek|sekunden?)?\s*\Z"
)
_KINDS = {
    "picture": "image", "image": "image", "still": "image", "frame": "image", "bild": "image",
    "visual": "motion", "motion": "motion", "video": "motion", "action": "motion",
    "camera": "motion", "bewegung": "motion", "note": "notes", "notes": "notes", "notiz": "notes",
    "duration": "duration", "length": "duration", "dauer": "duration",
}  # fmt: skip


@dataclass
class _Shot:
    """A scene while it is read."""

    seen: list[str] = field(default_factory=list)
    image: list[str] = field(default_factory=list)
    motion: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)
    place: str = ""
    duration_s: int | None = None

    @property
    def has_words(self) -> bool:
        return bool(self.seen or self.image or self.motion)


def scenes_of_script(text: str) -> list[SceneDraft]:
    """ValueError with a sentence where there are none, or more than a storyboard has."""
    if len(text) > MAX_CHARS:
        raise ValueError(f"This text is too long: {MAX_CHARS:,} characters are the most.")
    shots = list(_shots(plain(text.replace("\r\n", "\n").replace("\r", "\n"))))
    if len(shots) == 1:
        shots = _by_sentence(shots[0], 1)
    found = [draft for shot in shots for draft in _drafts(shot)]
    if not found:
        raise ValueError("This text has no scenes: write a paragraph for each of them.")
    if len(found) > MAX_SCENES:
        raise ValueError(
            f"This text has {len(found):,} scenes; a storyboard has at most {MAX_SCENES:,}. "
            "Split it into several files."
        )
    for number, draft in enumerate(found, 1):
        _check_lengths(number, draft)
    return found


def _check_lengths(number: int, draft: SceneDraft) -> None:
    """Nothing of a script is left out without a word."""
    for words, most, name in (
        (draft.image_prompt, MAX_PROMPT, "a prompt"),
        (draft.visual_prompt, MAX_PROMPT, "a prompt"),
        (draft.notes, MAX_NOTES, "the notes"),
        (draft.subtitle, MAX_NOTES, "what is said"),
    ):
        if len(words) > most:
            raise ValueError(
                f"Scene {number} of this text is too long: {most:,} characters are the most for "
                f"{name}, and here are {len(words):,}. Write it as several paragraphs."
            )


def scenes_of_file(path: Path) -> list[SceneDraft]:
    """Of a table (.csv, .tsv) or else a script. Blocks. ValueError with a sentence."""
    if path.suffix.lower() in TABLES:
        from veo_studio.core.storyboard.scene_table import scenes_of_csv

        return scenes_of_csv(path)
    return scenes_of_script(text_of_file(path))


def title_of_script(text: str) -> str:
    """What its first line calls it: `# ` as in Markdown, `Title: `, or a headline; "" where it does not."""
    first = next((line.strip() for line in plain(text[:2000]).splitlines() if line.strip()), "")
    words = _title(first)
    if words is None and _HEADLINE.match(first):
        blocks = _paragraphs(plain(text[:MAX_CHARS].replace("\r", "\n")))
        return first[:MAX_TITLE] if _is_headline(blocks) else ""
    return " ".join((words or "").split())[:MAX_TITLE]


def title_of_file(path: Path) -> str:
    """As `title_of_script`; "" for a table. Blocks. ValueError with a sentence."""
    if path.suffix.lower() in TABLES:
        return ""
    return title_of_script(text_of_file(path))


def text_of_file(path: Path) -> str:
    """In any common encoding. Blocks. ValueError with a sentence, also for what is no prose."""
    text, _note = read_text(path, _MAX_BYTES, f"a script has at most {MAX_CHARS:,} characters")
    if _is_data(text):
        raise ValueError(
            f"{path.name} is data for programs (JSON), no script: a script is plain text, "
            "a paragraph for each scene."
        )
    if sum(character < " " and character not in _SPACES for character in text) > _MOST_CONTROLS:
        raise ValueError(f"{path.name} is no text file.")
    return text


def _is_data(text: str) -> bool:
    """A text can begin with a bracket, as `[8 s]`; only what is JSON as a whole is meant here."""
    if not text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return False
    try:
        json.loads(text.lstrip("\ufeff"))
    except RecursionError:
        return True
    except ValueError:
        return False
    return True


def _shots(text: str) -> Iterator[_Shot]:
    """A shot for each paragraph that shows something; what belongs to one is kept with it."""
    shot = _Shot()
    place = ""
    for block in _blocks(text):
        read = _read_block(block)
        if shot.has_words and (_begins_anew(block) or read.seen or read.image):
            yield shot
            shot = _Shot()
        place = shot.place = read.place or place
        _join(shot, read)
    if shot.has_words:
        yield shot


def _heading(line: str) -> str | None:
    """The words of a Markdown heading; None for what is none."""
    found = _HEADING.match(line)
    return line[found.end() :].strip().rstrip("#").rstrip() if found else None


def _title(line: str) -> str | None:
    """What a line calls the whole; None where it does not."""
    if (heading := _HEADING.match(line)) is not None:
        return _heading(line) if heading[1] == "#" else None
    named = _NAMED.match(line)
    return named[1] if named else None


def _paragraphs(text: str) -> list[list[str]]:
    """Their lines, with whatever the whole is called."""
    lines = [line.strip() for line in text.split("\n")]
    blocks: list[list[str]] = [[]]
    for line in lines:
        if not line or _RULE.match(line) or _TRANSITION.match(line):
            blocks.append([])
        elif _HEADING.match(line) or _NUMBER.match(line) or _SLUG.match(line):
            blocks.append([line])
        else:
            blocks[-1].append(line)
    return [block for block in blocks if block]


def _is_headline(blocks: list[list[str]]) -> bool:
    """The first line alone is a headline: everything else is sentences, or marked as a scene."""
    if len(blocks) < 2 or len(blocks[0]) != 1 or not _HEADLINE.match(blocks[0][0]):
        return False
    line = blocks[0][0]
    is_other = _begins_anew(blocks[0]) or _LABEL.match(line) or _SPEAKER.match(line)
    if is_other or word_count(line) > _HEADLINE_WORDS or _SECONDS.search(line):
        return False
    return all(
        _begins_anew(block) or len(block) > 1 or not _HEADLINE.match(block[-1])
        for block in blocks[1:]
    )


def _blocks(text: str) -> Iterator[list[str]]:
    """Paragraphs as their lines. Without any empty line, each line is one, unless they are a wrapped text."""
    blocks = _paragraphs(text)
    if _is_headline(blocks):
        blocks = blocks[1:]
    elif blocks and _title(blocks[0][0]) is not None:
        # what the whole is called
        blocks[0] = blocks[0][1:]
        blocks = [block for block in blocks if block]
    if len(blocks) == 1 and len(blocks[0]) > 1 and _are_sentences(blocks[0]):
        return iter([[line] for line in blocks[0]])
    return iter(blocks)


def _are_sentences(lines: list[str]) -> bool:
    """A wrapped text breaks off in the middle of most of them."""
    if any(_LABEL.match(line) for line in lines):
        return False
    ended = sum(line[-1] in ".!?…。！？:;\"'”’)]" for line in lines)
    return ended * 2 > len(lines) or all(len(line) < 40 and not line[0].islower() for line in lines)


def _begins_anew(block: list[str]) -> bool:
    return bool(_HEADING.match(block[0]) or _NUMBER.match(block[0]) or _SLUG.match(block[0]))


def _read_block(lines: list[str]) -> _Shot:
    shot = _Shot()
    rest = list(lines)
    if (heading := _heading(rest[0])) is not None:
        number = _NUMBER.match(heading)
        named = heading[number.end() :] if number else heading
        if named:
            shot.notes.append(_timed(shot, named))
        rest = rest[1:]
    elif (slug := _SLUG.match(rest[0])) is not None:
        shot.place = _place(slug[1])
        shot.notes.append(" ".join(rest[0].split()))
        rest = rest[1:]
    elif (number := _NUMBER.match(rest[0])) is not None:
        rest[0] = rest[0][number.end() :]
    _read_lines(shot, [line for line in rest if line])
    return shot


def _read_lines(shot: _Shot, lines: list[str]) -> None:
    if len(lines) > 1 and _CUE.match(lines[0]) and not _LABEL.match(lines[0]):
        # a name in capitals, and below it what that person says
        shot.spoken += [line for line in lines[1:] if not re.fullmatch(r"\(.*\)", line)]
        return
    joined: list[str] = []
    target = shot.seen
    for line in lines:
        label = _LABEL.match(line)
        speaker = None if label else _SPEAKER.match(line)
        if label is None and speaker is None:
            joined.append(line)
            continue
        _put(target, joined)
        target = shot.spoken if speaker else _target(shot, label["name"])  # type: ignore[index]
        joined = [(speaker or label)["words"]]  # type: ignore[index]
        if label and _KINDS.get(label["name"].lower()) == "duration":
            found = _PLAIN_SECONDS.match(joined[0])
            shot.duration_s = _seconds(int(found[1])) if found else None
            target, joined = shot.seen, []
    _put(target, joined)
    for texts in (shot.seen, shot.image, shot.motion):
        texts[:] = [timed for words in texts if (timed := _timed(shot, words))]


def _put(target: list[str], lines: list[str]) -> None:
    words = " ".join(" ".join(lines).split())
    if words:
        target.append(words)


def _target(shot: _Shot, name: str) -> list[str]:
    kinds = {"image": shot.image, "motion": shot.motion, "notes": shot.notes}
    return kinds.get(_KINDS.get(name.lower(), ""), shot.spoken)


def _timed(shot: _Shot, words: str) -> str:
    """`words` without the seconds in brackets, which become those of the shot."""
    if (found := _SECONDS.search(words)) is not None:
        shot.duration_s = _seconds(int(found[1]))
        words = f"{words[: found.start()]} {words[found.end() :]}"
    return " ".join(words.split())


def _join(shot: _Shot, read: _Shot) -> None:
    for name in ("seen", "image", "motion", "notes", "spoken"):
        getattr(shot, name).extend(getattr(read, name))
    shot.duration_s = read.duration_s or shot.duration_s


def _place(words: str) -> str:
    """`KITCHEN - NIGHT` as `Kitchen, night`."""
    parts = [part.strip(" .") for part in re.split(r" [-–—] ", " ".join(words.split()))]
    told = ", ".join(part for part in parts if part)
    return told.capitalize() if told.isupper() else told


def _by_sentence(shot: _Shot, most_words: int) -> list[_Shot]:
    """A whole text in one paragraph: a scene for each sentence, the first with what else was told."""
    if shot.image or shot.motion or len(shot.seen) != 1:
        return [shot]
    parts = groups(sentences(shot.seen[0]), most_words)
    # a remark about the camera is no scene of its own
    together: list[list[str]] = []
    for part in parts:
        if together and (word_count(part) < 3 or _is_direction(part)):
            together[-1].append(part)
        else:
            together.append([part])
    joined = [" ".join(some) for some in together]
    first = replace(shot, seen=joined[:1])
    return [first, *(_Shot(seen=[part], place=shot.place) for part in joined[1:])]


def _drafts(shot: _Shot) -> Iterator[SceneDraft]:
    parts = [shot]
    if len(shot.seen) == 1 and word_count(shot.seen[0]) > _LONG_WORDS:
        parts = _by_sentence(shot, _SCENE_WORDS)
    for part in parts:
        seen = " ".join(part.seen)
        image = " ".join(part.image) or _still(seen) or " ".join(part.motion)
        if part.place and part.place.casefold() not in image.casefold():
            image = f"{part.place}. {image}"
        spoken = "\n".join(part.spoken).strip()
        yield SceneDraft(
            image_prompt=image,
            visual_prompt=" ".join(part.motion) or seen or image,
            duration_s=part.duration_s or _needed_s(spoken),
            notes="\n".join(part.notes),
            subtitle=spoken,
        )


def _still(words: str) -> str:
    """What of it a picture can show: without camera moves and sounds, if anything is left then."""
    parts = sentences(words)
    return " ".join(part for part in parts if not _is_direction(part)) or words


def _is_direction(sentence: str) -> bool:
    """Short, and about nothing but how it is filmed or what is heard."""
    if word_count(sentence) > 12:
        return False
    return bool(spoken_words.CAMERA.search(sentence) or spoken_words.SOUND.search(sentence))


def _needed_s(spoken: str) -> int:
    """Long enough to say it."""
    return max(DEFAULT_DURATION_S, _seconds(round(word_count(spoken) / _WORDS_PER_S) + 1))


def _seconds(told: int) -> int:
    return max(MIN_DURATION_S, min(told, MAX_DURATION_S))
