"""Presets (settings and prompt templates under a name) and named lists: the user's own and the shipped ones.

Everything here is a value: changes give a new one. `preset_file.py` reads and writes them.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from veo_studio.core.models import Generation, GenerationKind, VideoConfig
from veo_studio.core.prompt_lists import escaped

MAX_NAME_CHARS = 80
MAX_LIST_NAME_CHARS = 40
MAX_TEXT_CHARS = 2000
MAX_TEXTS = 1000
MAX_ENTRIES = 1000
_MOST_NAMES = 12
# the settings a preset can hold, by their public names (design: section 5)
_FIELDS = {
    "aspect_ratio": "aspect_ratio",
    "duration": "duration_s",
    "resolution": "resolution",
    "enable_audio": "enable_audio",
    "samples": "samples",
    "seed": "seed",
}


@dataclass(frozen=True)
class Preset:
    """Settings under a name; what is empty or None is left as it is where the preset is used.

    `prompt` is a template, "" for settings alone. `config` holds settings by their public names, the
    seed only where the user wanted it kept. `note` says in a few words what it is for.
    """

    name: str
    prompt: str = ""
    negative_prompt: str = ""
    provider: str = ""
    model: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    kind: GenerationKind = GenerationKind.VIDEO
    takes: int | None = None
    note: str = ""
    is_shipped: bool = False

    @classmethod
    def of(
        cls,
        name: str,
        prompt: str,
        provider: str,
        model: str,
        config: VideoConfig,
        *,
        kind: GenerationKind = GenerationKind.VIDEO,
        takes: int | None = None,
        keeps_seed: bool = False,
    ) -> Preset:
        """These settings, without what the clip is made from."""
        kept: dict[str, Any] = {}
        for public, own in _FIELDS.items():
            value = getattr(config, own)
            is_said = value is not None and (public != "samples" or value != 1)
            if is_said and (public != "seed" or keeps_seed):
                kept[public] = value
        if kind is GenerationKind.IMAGE:
            kept.pop("duration", None)
        return cls(name, prompt, config.negative_prompt, provider, model, kept, kind, takes)

    @classmethod
    def of_generation(cls, name: str, made: Generation, *, keeps_seed: bool = False) -> Preset:
        """The recipe of a stored one; its braces are meant."""
        return cls.of(
            name, escaped(made.prompt), made.provider, made.model, made.config, kind=made.kind,
            keeps_seed=keeps_seed,
        )  # fmt: skip

    def applied_to(self, config: VideoConfig) -> VideoConfig:
        """`config` with what the preset says; inputs stay."""
        said = {_FIELDS[name]: value for name, value in self.config.items() if name in _FIELDS}
        words = self.negative_prompt
        if not self.prompt and not words:
            # settings alone leave the words alone
            words = config.negative_prompt
        return replace(config, negative_prompt=words, **said)

    def to_json(self) -> dict[str, Any]:
        """As stored and printed; what is not said is left out."""
        stored: dict[str, Any] = {
            "name": self.name,
            "prompt": self.prompt,
            "negative_prompt": self.negative_prompt,
            "provider": self.provider,
            "model": self.model,
            "config": dict(self.config),
            "kind": self.kind.value,
            "takes": self.takes,
            "note": self.note,
        }
        return {name: value for name, value in stored.items() if value not in ("", None, {})}


@dataclass(frozen=True)
class NamedList:
    """Texts for `{name}` in a prompt."""

    name: str
    texts: tuple[str, ...]
    is_shipped: bool = False

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "texts": list(self.texts)}


E = TypeVar("E", bound=Preset | NamedList)


@dataclass(frozen=True)
class Shelf(Generic[E]):
    """Entries of one sort; `word` names the sort in sentences.

    Names differ in more than capital letters. One of the user's own takes the place of a shipped one
    of the same name; `hidden` are shipped ones that the user does not want to see.
    """

    word: str
    own: tuple[E, ...] = ()
    shipped: tuple[E, ...] = ()
    hidden: frozenset[str] = frozenset()
    most_chars: int = MAX_NAME_CHARS
    # between a name and the number that makes it another one
    joint: str = " "

    def every(self) -> tuple[E, ...]:
        """The user's own, then the shipped ones, also hidden ones."""
        taken = {key_of(entry.name) for entry in self.own}
        return (*self.own, *(entry for entry in self.shipped if key_of(entry.name) not in taken))

    def offered(self) -> tuple[E, ...]:
        return tuple(entry for entry in self.every() if not self.is_hidden(entry))

    def is_hidden(self, entry: E) -> bool:
        return entry.is_shipped and key_of(entry.name) in self.hidden

    def find(self, name: str) -> E | None:
        return next((entry for entry in self.every() if key_of(entry.name) == key_of(name)), None)

    def get(self, name: str) -> E:
        """ValueError names those that there are."""
        found = self.find(name)
        if found is None:
            names = [entry.name for entry in self.offered()]
            more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
            known = f" Known: {', '.join(names[:_MOST_NAMES])}{more}." if names else ""
            raise ValueError(f"There is no {self.word} called '{name[:MAX_NAME_CHARS]}'.{known}")
        return found

    def put(self, entry: E, *, instead_of: str = "") -> Shelf[E]:
        """With `entry` as one of the user's, in the place of `instead_of` where that is one.

        ValueError where another one of the user's has the name already, or where there are too many.
        """
        own = list(self.own)
        place = _index(own, instead_of)
        there = _index(own, entry.name)
        if there is not None and there != place:
            raise ValueError(f"There is a {self.word} called '{own[there].name}' already.")
        if place is not None:
            own[place] = entry
        elif len(own) >= MAX_ENTRIES:
            raise ValueError(f"There are {MAX_ENTRIES:,} of yours already. Delete one first.")
        else:
            own.append(entry)
        return replace(self, own=tuple(own))

    def without(self, name: str) -> Shelf[E]:
        """ValueError for a shipped one, which can be hidden, and for one that is not there."""
        entry = self.get(name)
        if entry.is_shipped:
            raise ValueError(
                f"'{entry.name}' comes with Veo Studio and cannot be deleted; it can be hidden."
            )
        return replace(self, own=tuple(one for one in self.own if one is not entry))

    def hide(self, name: str, *, is_hidden: bool = True) -> Shelf[E]:
        """Leave a shipped one out of what is offered, or offer it again."""
        entry = self.get(name)
        if not entry.is_shipped:
            raise ValueError(f"'{entry.name}' is yours: it can be deleted, but not hidden.")
        names = self.hidden - {key_of(name)}
        return replace(self, hidden=names | {key_of(name)} if is_hidden else names)

    def free_name(self, wanted: str, taken: Container[str] | None = None) -> str:
        """`wanted`, with a number where there is one of that name; `taken` are the keys of all names."""
        if taken is None:
            taken = {key_of(entry.name) for entry in self.every()}
        name, number = wanted, 1
        while key_of(name) in taken:
            number += 1
            tail = f"{self.joint}{number}"
            name = wanted[: self.most_chars - len(tail)] + tail
        return name


@dataclass(frozen=True)
class Library:
    """All presets and lists. `problems` are sentences about entries that could not be read.

    What could not be read is kept for the file in `left_out`, and `kept_aside` names a broken file
    that was replaced.
    """

    presets: Shelf[Preset] = field(default_factory=lambda: Shelf("preset"))
    lists: Shelf[NamedList] = field(
        default_factory=lambda: Shelf("list", most_chars=MAX_LIST_NAME_CHARS, joint="_")
    )
    problems: tuple[str, ...] = ()
    kept_aside: Path | None = None
    left_out: Mapping[str, tuple[Any, ...]] = field(default_factory=dict, repr=False)
    unknown: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def texts(self) -> dict[str, tuple[str, ...]]:
        """The lists as prompts use them."""
        return {one.name: one.texts for one in self.lists.offered()}


def key_of(name: str) -> str:
    """What two names have in common that are one."""
    return name.strip().casefold()


def _index(entries: list[E], name: str) -> int | None:
    return next(
        (n for n, one in enumerate(entries) if name and key_of(one.name) == key_of(name)), None
    )
