"""Scenes of a table: a row each, columns named as people name them. Blocks where it is given a file."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from veo_studio.core.plain import plain
from veo_studio.core.storyboard.drafts import SceneDraft
from veo_studio.core.storyboard.limits import MAX_DURATION_S, MAX_PROMPT, MIN_DURATION_S
from veo_studio.core.storyboard.models import DEFAULT_DURATION_S, MAX_NOTES, MAX_SCENES
from veo_studio.core.text_table import delimiter_of, plain_name, read_text, records_of

COLUMNS = ("image_prompt", "visual_prompt", "duration", "notes", "subtitle")
_ALSO = {
    "image": "image_prompt", "picture": "image_prompt", "picture_prompt": "image_prompt",
    "still": "image_prompt", "description": "image_prompt", "scene": "image_prompt",
    "visual": "visual_prompt", "motion": "visual_prompt", "motion_prompt": "visual_prompt",
    "video": "visual_prompt", "video_prompt": "visual_prompt", "prompt": "visual_prompt",
    "action": "visual_prompt", "seconds": "duration", "duration_s": "duration",
    "length": "duration", "note": "notes", "comment": "notes", "text": "subtitle",
    "subtitles": "subtitle", "caption": "subtitle", "dialogue": "subtitle",
    "narration": "subtitle", "voice_over": "subtitle", "voiceover": "subtitle",
}  # fmt: skip
# a number of the row says nothing: the order does
_LEFT_OUT = frozenset({"", "number", "no", "nr", "#", "id"})
_MAX_BYTES = 16 * 1024 * 1024
_LONGEST = {
    "image_prompt": MAX_PROMPT,
    "visual_prompt": MAX_PROMPT,
    "notes": MAX_NOTES,
    "subtitle": MAX_NOTES,
}


def scenes_of_csv(source: Path | str) -> list[SceneDraft]:
    """Of a file, or of the text of one. All rows, or ValueError with a sentence that names the row."""
    if isinstance(source, Path):
        limit = f"a storyboard has at most {MAX_SCENES:,} scenes"
        text, _note = read_text(source, _MAX_BYTES, limit)
        name = source.name
    else:
        text, name = source, "The table"
    delimiter, text, row = delimiter_of(text, (*COLUMNS, *_ALSO))
    header: list[str] = []
    drafts: list[SceneDraft] = []
    for record in records_of(text, delimiter, name):
        row += 1
        cells = [plain(cell).strip() for cell in record]
        if not any(cells):
            continue
        if not header:
            header = _header(cells, name)
        else:
            drafts.append(_draft(header, cells, f"Row {row - 1} of {name}"))
        if len(drafts) > MAX_SCENES:
            raise ValueError(f"{name} has more than {MAX_SCENES:,} scenes. Split it.")
    if not drafts:
        raise ValueError(
            f"{name} has no scenes: its first row names the columns, then one row each."
        )
    return drafts


def _header(cells: Sequence[str], name: str) -> list[str]:
    header = []
    for cell in cells:
        plain_cell = plain_name(cell)
        column = _ALSO.get(plain_cell, plain_cell)
        if column in _LEFT_OUT:
            column = ""
        elif column not in COLUMNS:
            close = difflib.get_close_matches(plain_cell, [*COLUMNS, *_ALSO], n=1, cutoff=0.7)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise ValueError(
                f"{name} has an unknown column: {cell[:40]}.{hint} Known: {', '.join(COLUMNS)}."
            )
        elif column in header:
            raise ValueError(f"{name} has the column {column} twice.")
        header.append(column)
    if not {"image_prompt", "visual_prompt"} & set(header):
        raise ValueError(f"{name} has no column image_prompt or visual_prompt.")
    return header


def _draft(header: Sequence[str], cells: Sequence[str], row: str) -> SceneDraft:
    if any(cells[len(header) :]):
        raise ValueError(
            f"{row} has {len(cells)} cells, but there are {len(header)} columns. "
            'Put text with a separator in it between quotes (").'
        )
    told = {name: cell for name, cell in zip(header, cells, strict=False) if name and cell}
    for name, longest in _LONGEST.items():
        if len(told.get(name, "")) > longest:
            raise ValueError(f"{row}: {name} is too long (max {longest} characters).")
    if "image_prompt" not in told and "visual_prompt" not in told:
        raise ValueError(f"{row} has no prompt: fill image_prompt or visual_prompt.")
    return SceneDraft(
        image_prompt=told.get("image_prompt", ""),
        visual_prompt=told.get("visual_prompt", ""),
        duration_s=_seconds(told.get("duration", ""), row),
        notes=told.get("notes", ""),
        subtitle=told.get("subtitle", ""),
    )


def _seconds(words: str, row: str) -> int:
    if not words:
        return DEFAULT_DURATION_S
    try:
        seconds = float(words.lower().removesuffix("s").strip().replace(",", "."))
        if not MIN_DURATION_S <= seconds <= MAX_DURATION_S:
            raise ValueError
    except ValueError:
        raise ValueError(
            f"{row}: the duration is {MIN_DURATION_S} to {MAX_DURATION_S} seconds, not {words[:20]}."
        ) from None
    return round(seconds)
