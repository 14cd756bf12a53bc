"""The prompts that come of the words in the form: its lists, its variables, and which one is too long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from veo_studio.core.capabilities import ModelInfo
from veo_studio.core.prompt_lists import MAX_PROMPTS, PromptLists, escaped, number_words
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.form_requests import problem_of

Lists = Mapping[str, Sequence[str]]
# what is typed into a variable; kept for so many names between two starts
MAX_VALUE_CHARS = 1000
_MOST_VALUES = 100
_BEGINNING_CHARS = 40


@dataclass(frozen=True)
class Prompts:
    """What comes of one prompt.

    `count` is how many there are, `texts` holds them, none where something is `missing` or where they
    are too many; `problem` says that in a sentence.
    """

    count: int
    texts: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    problem: str = ""
    is_template: bool = False

    @property
    def longest_chars(self) -> int:
        return max((len(text.strip()) for text in self.texts), default=0)


class FormPrompts:
    """What fills the braces. While `is_literal`, they are braces and nothing else."""

    def __init__(self) -> None:
        self.is_literal = False
        self._lists: Lists = {}
        self._values: dict[str, str] = {}
        self._found: tuple[tuple[object, ...], Prompts] | None = None

    @property
    def lists(self) -> Lists:
        return self._lists

    @property
    def values(self) -> Mapping[str, str]:
        """By the name of the variable, also those that the prompt of now does not use."""
        return self._values

    def set_lists(self, lists: Lists) -> None:
        self._lists, self._found = dict(lists), None

    def set_values(self, values: Mapping[str, str]) -> None:
        """The last ones where there are too many."""
        self._values, self._found = dict(list(values.items())[-_MOST_VALUES:]), None

    def set_value(self, name: str, text: str) -> None:
        left = {other: kept for other, kept in self._values.items() if other != name}
        self.set_values({**left, name: text[:MAX_VALUE_CHARS]} if text else left)

    def of(self, prompt: str) -> Prompts:
        """Found once for each state of words, lists and variables."""
        key = (prompt, self.is_literal)
        if self._found is None or self._found[0] != key:
            self._found = (key, self._expanded(prompt))
        return self._found[1]

    def original(self, stored: str) -> str:
        """A stored prompt as the words of the form that make exactly that."""
        return stored if self.is_literal else escaped(stored)

    def _expanded(self, prompt: str) -> Prompts:
        if self.is_literal:
            return Prompts(1, (prompt,))
        # a list that came later is not hidden by what was once typed under its name
        values = {name: text for name, text in self._values.items() if name not in self._lists}
        found = PromptLists(prompt, self._lists, values)
        problem = ""
        if found.missing:
            names = ", ".join(f"{{{name}}}" for name in found.missing)
            problem = tr("Fill in {names} under the prompt.", names=names)
        elif not (problem := too_many_words(found.count)):
            problem = _problem(found)
        texts = () if problem else tuple(found.expand())
        is_template = bool(found.variables) or found.count > 1
        return Prompts(found.count, texts, found.variables, found.missing, problem, is_template)


def _problem(found: PromptLists) -> str:
    try:
        found.check()
    except ValueError as error:
        return str(error)
    return ""


def too_many_words(prompts: int, takes: int = 1) -> str:
    """Why so many are not made at once; "" where they are."""
    if prompts * takes <= MAX_PROMPTS:
        return ""
    most = f"{MAX_PROMPTS:,}"
    if prompts > MAX_PROMPTS:
        return tr(
            "These lists make {n} prompts; at most {most} go at once. Shorten a list.",
            n=number_words(prompts),
            most=most,
        )
    return tr(
        "{n} prompts with {takes} takes are {clips} clips; at most {most} go at once. "
        "Choose fewer takes, or shorten a list.",
        n=f"{prompts:,}",
        takes=takes,
        clips=f"{prompts * takes:,}",
        most=most,
    )


def problem_of_all(texts: Sequence[str], model: ModelInfo) -> str:
    """The core's own sentence about the first prompt that cannot be sent, and which one it is; or ""."""
    for number, text in enumerate(texts, 1):
        problem = problem_of(text, model)
        if not problem:
            continue
        if len(texts) == 1:
            return problem
        beginning = " ".join(text.split())
        if len(beginning) > _BEGINNING_CHARS:
            beginning = f"{beginning[:_BEGINNING_CHARS].rstrip()}…"
        return tr(
            "{problem}: number {n} of {all}, “{beginning}”.",
            problem=problem.rstrip("."),
            n=number,
            all=len(texts),
            beginning=beginning,
        )
    return ""
