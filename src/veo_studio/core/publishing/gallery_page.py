"""The page of a gallery: one file of HTML that needs nothing but the clips and pictures beside it.

Every word of it may come from outside, so nothing is put into it but escaped text. Style and script are
two files of ours, allowed by their hashes; the page itself may load nothing from elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from veo_studio.core.plain import plain
from veo_studio.core.publishing.gallery_list import Entry

PAGE_NAME = "index.html"
# by which a page of ours is known
MARK = '<meta name="generator" content="Veo Studio gallery">'
# of the words that name a link to who does not see the picture
_MAX_NAME_LENGTH = 120


def page(entries: Sequence[Entry], title: str, *, has_download: bool) -> bytes:
    """The whole page, with `entries` in this order."""
    style, script, frame = _parts()
    cards = "\n".join(_card(entry, number) for number, entry in enumerate(entries))
    filled = Template(frame).substitute(
        policy=_policy(style, script),
        mark=MARK,
        title=_text(title) or "Clips",
        style=style,
        script=script,
        count=_count(entries),
        shape=_shape(entries),
        download="yes" if has_download else "no",
        empty="" if entries else '<p class="empty">Nothing is published here yet.</p>',
        icon=_icon(entries),
        cards=cards,
    )
    return filled.encode("utf-8", "replace")


def _card(entry: Entry, number: int) -> str:
    caption = _text(entry.caption)
    date = entry.shown_at[:10]
    kind = "picture" if entry.is_picture else "clip"
    picture = _picture(entry)
    name = plain(entry.caption).strip()[:_MAX_NAME_LENGTH] or f"{kind} of {date}"
    # the first ones are seen at once
    loading = ' loading="lazy"' if number > 5 else ""
    parts = [f'<li class="card" id="c-{_text(entry.uuid)}">']
    does = "Open" if entry.is_picture else "Play"
    parts.append(
        f'<a class="frame" href="{_text(entry.clip)}" data-kind="{kind}"'
        f' aria-label="{does}: {_text(name)}">'
    )
    if picture:
        parts.append(f'<img src="{_text(picture)}" alt="" decoding="async"{loading}>')
    if not entry.is_picture:
        parts.append(f'<span class="length" aria-hidden="true">{_length(entry.length_s)}</span>')
    parts.append("</a>")
    if caption:
        parts.append(f'<p class="caption" dir="auto">{caption}</p>')
    tags = [_text(tag) for tag in entry.tags if plain(tag).strip()]
    if tags:
        items = "".join(f'<li dir="auto">{tag}</li>' for tag in tags)
        parts.append(f'<ul class="tags" aria-label="Tags">{items}</ul>')
    parts.append(
        f'<p class="facts"><time datetime="{_text(entry.shown_at)}">{_text(date)}</time></p>'
    )
    parts.append("</li>")
    return "".join(parts)


def _picture(entry: Entry) -> str:
    return entry.poster or (entry.clip if entry.is_picture else "")


def _icon(entries: Sequence[Entry]) -> str:
    """The newest cover; without one, browsers ask the host for an icon that is not ours."""
    picture = next((_picture(entry) for entry in entries if _picture(entry)), "")
    return f'<link rel="icon" href="{_text(picture)}">\n' if picture else ""


def _text(text: str) -> str:
    """Harmless between tags and inside quotes."""
    return escape(plain(text).strip(), quote=True)


def _length(length_s: float | None) -> str:
    if not length_s or not 0 < length_s < 360_000:
        return ""
    minutes, seconds = divmod(max(1, round(length_s)), 60)
    return f"{minutes}:{seconds:02d}"


def _count(entries: Sequence[Entry]) -> str:
    return "1 clip" if len(entries) == 1 else f"{len(entries):,} clips"


def _shape(entries: Sequence[Entry]) -> str:
    """What most of them are: every frame of the page has this shape, others are shown whole inside."""
    found = Counter(_shape_of(entry) for entry in entries)
    return found.most_common(1)[0][0] if found else "wide"


def _shape_of(entry: Entry) -> str:
    if not entry.width_px or not entry.height_px:
        return "wide"
    ratio = entry.width_px / entry.height_px
    return "wide" if ratio > 1.15 else "tall" if ratio < 0.87 else "square"


def _policy(style: str, script: str) -> str:
    # a page that is opened as a file has no origin of its own, so its pictures need "file:"
    own = "'self' file:"
    return (
        f"default-src 'none'; img-src {own}; media-src {own}; style-src {_hash(style)}; "
        f"script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _parts() -> tuple[str, str, str]:
    """Style, script and the frame around them. Blocks at its first call."""
    folder = files("veo_studio.core.publishing") / "gallery_files"
    style, script, frame = (
        (folder / name).read_text(encoding="utf-8") for name in ("page.css", "page.js", "page.html")
    )
    return style, script, frame
