"""The smallest change of a refused prompt that the embedded rules know: words for milder words.

Nothing is added and nothing is reworded. What remains can still be refused: a provider's rules are its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from veo_studio.core.enhancing.asking import Ask, EnhancerKind, NothingToAdd, Proposal
from veo_studio.core.enhancing.milder_words import GROUPS, REASONS, Group, Swap

_NOTHING = (
    "The built-in rules found no word that the refusal is likely to be about. "
    "Reword the prompt, or let a connected service propose a change."
)
_NAMES = re.compile(r"\b[A-ZÀ-Þ][\w'’-]+(?: (?:[A-Z]\.|[A-ZÀ-Þ][\w'’-]+))+")
# what names of places begin or end with
_PLACE = re.compile(
    r"\b(?:New|San|Los|Las|Mount|Lake|North|South|East|West|Great|Golden|Hong|Rio|Saint|St|The|Sound)\b"
    r"|\b(?:Street|Avenue|Bridge|Tower|Park|River|Sea|Ocean|Beach|Island|City|Mountains?|Desert|Canyon|"
    r"Square|Station|Castle|Palace|Bay|Valley|Forest|Coast)\b"
)
_DETERMINERS = re.compile(r"(?i)\b(?:a|an|the|this|that|his|her|their|its|my|your|our)\s+\Z")
_ARTICLE = re.compile(r"(?i)\b(an?)(\s+)\Z")


def milder(ask: Ask) -> Proposal:
    """The prompt with its risky words exchanged, and which ones. Raises NothingToAdd."""
    told = [name for name, pattern in REASONS if pattern.search(ask.refusal)]
    text, changes = ask.prompt, list[str]()
    for names in (told, [group.name for group in GROUPS]):
        text, changes = _exchanged(ask.prompt, (one for one in GROUPS if one.name in names))
        if not changes and names is told and "people" in told:
            text, changes = _without_names(ask.prompt)
        if changes:
            break
    if not changes or text == ask.prompt:
        raise NothingToAdd(_NOTHING)
    if len(text) > ask.longest or not text.strip():
        raise NothingToAdd(_NOTHING)
    return Proposal(text, EnhancerKind.RULES, f"Changed: {'; '.join(dict.fromkeys(changes))}.")


def _exchanged(prompt: str, groups: Iterable[Group]) -> tuple[str, list[str]]:
    changes: list[str] = []
    for group in groups:
        for swap in group.swaps:
            prompt, found = _swapped(prompt, swap)
            changes += found
    return prompt, changes


def _swapped(prompt: str, swap: Swap) -> tuple[str, list[str]]:
    changes: list[str] = []
    done = 0
    parts: list[str] = []
    for match in swap.pattern.finditer(prompt):
        parts.append(prompt[done : match.start()])
        done = match.end()
        before = "".join(parts)
        words = match.expand(swap.instead)
        changes.append(f"{match[0]} became {words}" if words else f"{match[0]} was removed")
        parts[:] = [_joined(before, words)]
        if not words:
            # the gap that it leaves is closed, without touching what the user wrote elsewhere
            rest = prompt[done:]
            stripped = rest.lstrip(" ")
            parts[0] = parts[0].rstrip(" ")
            if not stripped or stripped[0] in ".,;:!?\n":
                parts[0] = parts[0].rstrip(",;")
            done += len(rest) - len(stripped)
            if parts[0] and stripped and stripped[0] not in ".,;:!?\n":
                parts[0] += " "
    return "".join(parts) + prompt[done:], changes


def _joined(before: str, words: str) -> str:
    """`words` after `before`, with the one article that is right."""
    if words.startswith(("a ", "an ")) and _DETERMINERS.search(before):
        words = words.partition(" ")[2]
    article = _ARTICLE.search(before)
    if article is not None and words:
        right = "an" if words[0].lower() in "aeiou" else "a"
        if article[1][0].isupper():
            right = right.capitalize()
        before = before[: article.start()] + right + article[2]
    starts = not before.strip() or before.rstrip()[-1] in ".!?"
    return before + (words[:1].upper() + words[1:] if starts else words)


def _without_names(prompt: str) -> tuple[str, list[str]]:
    """Names of people that no table knows: two capitals in a row that are no place."""
    names = [match[0] for match in _NAMES.finditer(prompt) if not _PLACE.search(match[0])]
    changes: list[str] = []
    for name in _once(names):
        swap = Swap(re.compile(rf"\b{re.escape(name)}\b"), "a person")
        prompt, found = _swapped(prompt, swap)
        changes += found
    return prompt, changes


def _once(names: Iterable[str]) -> Iterator[str]:
    yield from dict.fromkeys(names)
