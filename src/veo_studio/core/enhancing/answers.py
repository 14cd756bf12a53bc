"""From what a text model said to a prompt, or to a sentence about why it is none.

Models wrap answers in JSON, fences, quotes and small talk, whatever they were told; that is taken off. What is
left has to be a prompt: the user's own stays where this raises.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from veo_studio.core.enhancing.asking import Ask, NothingToAdd
from veo_studio.core.plain import masked

MAX_CHARS = 16_000
_FENCE = re.compile(r"```[\w-]*\s*\n?(.*?)(?:```|\Z)", re.DOTALL)
_FIELDS = ("prompt", "enhanced_prompt", "improved_prompt", "rewritten_prompt", "text", "answer")
_FIELD = re.compile(r'"(?:\w*_)?prompt"\s*:\s*"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PREAMBLE = re.compile(
    r"(?i)\A(?:(?:sure(?: thing)?|certainly|of course|absolutely|okay|ok|great|yes|no problem)[.!,:]\s+)?"
    r"(?:(?:here(?:'s|’s| is| are| you go)|below is|this is|i(?:'ve|’ve| have) (?:rewritten|enhanced|improved))\b"
    r"[^\n:]{0,120}:\s*)?"
)
_LABEL = re.compile(
    r"(?i)\A[*_#>\s]*(?:(?:enhanced|improved|rewritten|final|new|video|image|revised)\s+)*(?:version of the )?"
    r"prompt[\s*_]*:[\s*_]*"
)
# what a line begins with that is no prompt any more; with everything below it
_AFTERWORD = re.compile(
    r"(?i)[*_]*(?:note|explanation|notes|changes|why this works|key (?:changes|elements))[*_\s]*:"
    r"|let me know\b|feel free\b|i hope\b|this (?:prompt|version|rewrite)\b|would you like\b|-{3,}"
)
_QUOTES = {'"': '"', "“": "”", "'": "'", "«": "»", "„": "“", "`": "`"}
_REFUSAL = re.compile(
    r"(?i)\A(?:i['’]?m (?:sorry|unable|not able)|i (?:am sorry|am unable|can(?:['’]t|not)|won['’]t|must decline|"
    r"apologi[sz]e)|sorry\b|unfortunately,? i|as an ai\b|i['’]?m just an ai|es tut mir leid|je suis désolé|"
    r"lo siento)"
)
_ABOUT = re.compile(
    r"(?i)\A(?:the|this|your) (?:idea|prompt|original|request|user|description|input)\b(?! (?:of|for) a\b)"
    r"|\A(?:you (?:could|can|should|might)|to (?:improve|enhance) (?:this|the|your)|what (?:kind|would|do)\b|"
    r"could you|can you|please (?:provide|share|give)|i (?:would|'d|’d|suggest|recommend|need|rewrote|changed|think)\b)"
)
_HTML = re.compile(
    r"(?i)<(?:!doctype|html|head|body|div|span|p|br|script|a|table|pre|h\d)\b[^<>]*>"
)
_BRACES = re.compile(r"\{[^{}]*\}")


def read_proposal(answer: str, ask: Ask) -> str:
    """The prompt inside `answer`. Raises NothingToAdd where it is the user's, ValueError where it is none."""
    if len(answer) > MAX_CHARS:
        # before any pattern looks at it
        raise ValueError(
            f"The service answered with {len(answer):,} characters, far more than a prompt has. Try again."
        )
    text = _unwrapped(masked(answer))
    if not text:
        raise ValueError(
            "The service answered without a prompt. Try again, or choose another model."
        )
    if _REFUSAL.match(text):
        raise ValueError(f"The service declined: {_shortened(text)}")
    if _HTML.search(text):
        raise ValueError("The service answered with a web page. Check its address.")
    if _ABOUT.match(text):
        raise ValueError(
            "The service wrote about the prompt instead of writing one. Try again, or choose another model."
        )
    if len(text) > ask.longest:
        raise ValueError(
            f"The service's prompt is too long: {len(text):,} characters, and the model takes "
            f"{ask.longest:,}. Try again."
        )
    if len(re.findall(r"\w", text)) < 3:
        raise ValueError(
            "The service answered without a prompt. Try again, or choose another model."
        )
    if " ".join(text.split()).casefold() == " ".join(ask.prompt.split()).casefold():
        raise NothingToAdd("The service found nothing to change.")
    if lost := Counter(_BRACES.findall(ask.prompt)) - Counter(_BRACES.findall(text)):
        raise ValueError(f"The service lost {next(iter(lost))} of your prompt. Try again.")
    return text


def _unwrapped(text: str) -> str:
    """Without JSON, fences, small talk and quotes, in whichever order they come."""
    text = text.strip()
    for _ in range(4):
        before = text
        if (fenced := _FENCE.search(text)) is not None and fenced[1].strip():
            text = fenced[1].strip()
        if (inner := _from_json(text)) is not None:
            text = inner.strip()
        text = _PREAMBLE.sub("", text, count=1).strip()
        text = _LABEL.sub("", text, count=1).strip()
        text = _without_afterword(text)
        text = _without_quotes(text)
        if text == before:
            break
    return re.sub(r"\n{3,}", "\n\n", text.replace("\r\n", "\n"))


def _without_afterword(text: str) -> str:
    """Line by line: a pattern over white space of many lines looks at each of them again and again."""
    lines = text.split("\n")
    for number, line in enumerate(lines[1:], 1):
        if _AFTERWORD.match(line.strip()):
            return "\n".join(lines[:number]).strip()
    return text.strip()


def _from_json(text: str) -> str | None:
    """The field that holds the prompt; None where `text` is no JSON."""
    start, end = text.find("{"), text.rfind("}")
    if not text.startswith(("{", "[", '"')) and not (start >= 0 and '"' in text[start:end]):
        return None
    for candidate in (text, text[start : end + 1]):
        try:
            value: Any = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        return _field(value)
    # cut off, or with line ends that JSON does not allow
    if (found := _FIELD.search(text)) is not None:
        try:
            return str(json.loads(f'"{found[1]}"', strict=False))
        except ValueError:
            return None
    return None


def _field(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and len(value) == 1:
        return _field(value[0])
    if isinstance(value, dict):
        for name in _FIELDS:
            if isinstance(value.get(name), str):
                return str(value[name])
        texts = [one for one in value.values() if isinstance(one, str)]
        if len(value) == 1 and texts:
            return texts[0]
        # some other object: an error, a tool call
        return ""
    return None


def _without_quotes(text: str) -> str:
    """Only where they are around the whole: a spoken line keeps its own."""
    for opening, closing in _QUOTES.items():
        inner = text[1:-1]
        is_around = len(text) > 1 and text[0] == opening and text[-1] == closing
        if is_around and opening not in inner and closing not in inner:
            return inner.strip()
    for mark in ("**", "__"):
        if (
            len(text) > 4
            and text.startswith(mark)
            and text.endswith(mark)
            and mark not in text[2:-2]
        ):
            return text[2:-2].strip()
    return text


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else f"{line[:199].rstrip()}…"
