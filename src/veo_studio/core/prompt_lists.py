"""Many prompts from one: `{red|blue} kite`, named lists, and templates with {subject}.

`{a|b}` is a list in place. `{name}` is a named list of the user's where there is one, else a variable
that has to be filled in. `{{` and `}}` are the braces themselves; anything else in braces (a prompt
written as JSON) is left as it is. Pure text, no files.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

# as many as may wait in the queue
MAX_PROMPTS = 1000
# no prompt is that long: what is longer is not looked through, and refused as too long
MAX_TEMPLATE_CHARS = 20_000
_PART = re.compile(r"\{\{|\}\}|\{([^{}\n]*)\}")
_NAME = re.compile(r"[^\W\d_][\w-]{0,39}\Z")
# more digits than anybody reads
_MOST_SAID = 10**9


@dataclass(frozen=True)
class _Slot:
    """A place with several texts; `name` is "" for a list in place."""

    name: str
    choices: tuple[str, ...]


class PromptLists:
    """One prompt with its named `lists` and filled-in `values` (a value wins over a list).

    The same name has the same text everywhere in a prompt. What stands in a list or a value is text
    and is not looked through again.
    """

    def __init__(
        self,
        prompt: str,
        lists: Mapping[str, Sequence[str]] | None = None,
        values: Mapping[str, str] | None = None,
    ) -> None:
        self._parts: list[str | _Slot] = []
        self._variables: dict[str, None] = {}
        self._missing: dict[str, None] = {}
        # `{{` that wait for their `}}`; without one it is the end of nested JSON
        self._open = 0
        known = lists or {}
        filled = {name: text for name, text in (values or {}).items() if text.strip()}
        start = 0
        is_read = len(prompt) <= MAX_TEMPLATE_CHARS
        for found in _PART.finditer(prompt) if is_read else ():
            self._parts.append(prompt[start : found.start()])
            start = found.end()
            self._parts.append(self._read(found, known, filled))
        self._parts.append(prompt[start:])

    @property
    def variables(self) -> tuple[str, ...]:
        """Names that are no list, filled in or not, in their order."""
        return tuple(self._variables)

    @property
    def missing(self) -> tuple[str, ...]:
        """Variables that have no text yet, in their order."""
        return tuple(self._missing)

    @property
    def count(self) -> int:
        """How many prompts come of it; found without making them."""
        return math.prod(len(slot.choices) for slot in self._dimensions())

    @property
    def longest_chars(self) -> int:
        """No prompt is longer; found without making them."""
        longest = [
            part if isinstance(part, str) else max(part.choices, key=len) for part in self._parts
        ]
        return sum(map(len, longest))

    def expand(self) -> Iterator[str]:
        """Every prompt, the last list changing fastest. Missing variables stay as they were written."""
        dimensions = self._dimensions()
        for chosen in itertools.product(*(slot.choices for slot in dimensions)):
            texts = {_key(slot): text for slot, text in zip(dimensions, chosen, strict=True)}
            yield "".join(
                part if isinstance(part, str) else texts[_key(part)] for part in self._parts
            )

    def check(self) -> None:
        """ValueError with a sentence for variables without text, and for far too much."""
        if self.missing:
            names = ", ".join(f"{{{name}}}" for name in self.missing)
            raise ValueError(f"Fill in {names}, or write {{{{ and }}}} for braces that are meant.")
        if self.count > MAX_PROMPTS:
            raise ValueError(
                f"These lists make {number_words(self.count)} prompts; "
                f"at most {MAX_PROMPTS:,} go at once."
            )
        if self.count > 1 and self.longest_chars > MAX_TEMPLATE_CHARS:
            raise ValueError(
                f"These lists make prompts of up to {self.longest_chars:,} characters. Shorten them."
            )

    def _read(
        self, found: re.Match[str], lists: Mapping[str, Sequence[str]], values: Mapping[str, str]
    ) -> str | _Slot:
        if found.group() == "{{":
            self._open += 1
            return "{"
        if found.group() == "}}":
            if not self._open:
                return "}}"
            self._open -= 1
            return "}"
        inner = found.group(1)
        if "|" in inner and '"' not in inner:
            return _Slot("", tuple(choice.strip() for choice in inner.split("|")))
        name = inner.strip()
        if not is_name(name):
            return found.group()
        if lists.get(name) and name not in values:
            return _Slot(name, tuple(lists[name]))
        self._variables[name] = None
        if name in values:
            return values[name].strip()
        self._missing[name] = None
        return found.group()

    def _dimensions(self) -> list[_Slot]:
        """The places that vary: a named list once, however often it stands there."""
        seen: dict[object, _Slot] = {}
        for part in self._parts:
            if isinstance(part, _Slot):
                seen.setdefault(_key(part), part)
        return list(seen.values())


def _key(slot: _Slot) -> object:
    return slot.name or id(slot)


def is_name(name: str) -> bool:
    """True for what can name a list or a variable: a letter, then letters, digits, - and _."""
    return _NAME.match(name) is not None


def number_words(count: int) -> str:
    """`1,024`, and in words where nobody counts any more."""
    return f"{count:,}" if count <= _MOST_SAID else "more than a billion"


def expanded(
    prompt: str,
    lists: Mapping[str, Sequence[str]] | None = None,
    values: Mapping[str, str] | None = None,
) -> list[str]:
    """Every prompt; ValueError with a sentence for variables without text, and for far too many."""
    found = PromptLists(prompt, lists, values)
    found.check()
    return list(found.expand())


def escaped(text: str) -> str:
    """`text` as a prompt that expands to exactly that, whatever lists there are.

    What is read as it stands (most of JSON) stays as it is.
    """
    found = PromptLists(text)
    if not found.variables and found.count == 1 and next(found.expand()) == text:
        return text
    written, still_open = [], 0
    for sign in text:
        if sign == "{":
            still_open += 1
            written.append("{{")
        elif sign == "}" and still_open:
            still_open -= 1
            written.append("}}")
        else:
            written.append(sign)
    return "".join(written)
