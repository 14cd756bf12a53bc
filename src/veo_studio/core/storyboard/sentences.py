"""A text as sentences: rules, no language model, for any language that ends them with a mark."""

from __future__ import annotations

import re

# not behind these: they end in a stop and end no sentence
_SHORT = re.compile(
    r"(?i)(?:\b(?:mr|mrs|ms|dr|prof|st|sr|jr|vs|etc|e\.g|i\.e|no|nr|ca|approx|bzw|z\.b|d\.h|u\.a)|\b[A-Z])\.\Z"
)
# only from the first mark of several: a row of them that ends nothing is read once
_END = re.compile(r"(?<![.!?…])[.!?…]+[\"'”’»)\]]*(?=\s|\Z)|[。！？]+[」』”]*")


def sentences(text: str) -> list[str]:
    """Without spaces around them; what is between two of them is one space."""
    text = " ".join(text.split())
    found: list[str] = []
    start = 0
    for end in _END.finditer(text):
        if _SHORT.search(text[max(start, end.end() - 12) : end.end()]):
            continue
        # 2.5 or a.m. in the middle: the next one begins with a small letter
        rest = text[end.end() : end.end() + 2].lstrip()
        if end[0].startswith(".") and rest[:1].islower():
            continue
        if candidate := text[start : end.end()].strip():
            found.append(candidate)
        start = end.end()
    if text[start:].strip():
        found.append(text[start:].strip())
    return found


def groups(parts: list[str], most_words: int) -> list[str]:
    """Sentences put together in their order, as many as have `most_words` at most."""
    found: list[str] = []
    words = 0
    for part in parts:
        count = word_count(part)
        if found and words + count <= most_words:
            found[-1] = f"{found[-1]} {part}"
            words += count
        else:
            found.append(part)
            words = count
    return found


def word_count(text: str) -> int:
    """Letters of languages without spaces count as half a word."""
    wide = len(re.findall(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", text))
    return len(text.split()) + wide // 2
