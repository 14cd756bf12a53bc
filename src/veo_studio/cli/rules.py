"""`rules`: what is delivered by itself when it is finished."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from rich.text import Text

from veo_studio.cli.bad_input import BadInput, check_words, checking_input
from veo_studio.cli.listing import table_of
from veo_studio.cli.opening import open_studio, open_workplace, take_seat
from veo_studio.cli.targets import find_target
from veo_studio.cli.terminal import ExitCode, Output, plain
from veo_studio.core.json_view import moment
from veo_studio.core.models import GenerationKind
from veo_studio.core.publishing.desk import PublishingDesk
from veo_studio.core.publishing.models import Rule, TargetWish

_KINDS: dict[str, tuple[GenerationKind, ...]] = {
    "both": (),
    "video": (GenerationKind.VIDEO,),
    "image": (GenerationKind.IMAGE,),
}


@dataclass(frozen=True)
class Wish:
    """What `rules add` was asked for; empty `providers` and `models` mean all."""

    name: str
    targets: tuple[str, ...]
    kind: str = "both"
    providers: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    takes_rehearsals: bool = False


async def show_all(output: Output) -> int:
    """Oldest first."""
    async with open_studio(open_workplace(), is_scheduler=False) as studio:
        found = await studio.publishing.rules()
        names = {one.id: one.name for one in await studio.publishing.targets()}
    if output.is_json:
        output.json([_json(rule, names) for rule in found])
        return ExitCode.DONE
    if not found:
        output.say("There is no rule. Add one with: veo-studio rules add NAME --to TARGET")
        return ExitCode.DONE
    table = table_of("name", "state", "what", "to")
    for rule in found:
        targets = ", ".join(names.get(wish.target_id, "(deleted)") for wish in rule.targets)
        cells = (rule.name, "on" if rule.is_on else "off", _what(rule), targets)
        table.add_row(*(Text(plain(cell)) for cell in cells))
    output.table(table)
    return ExitCode.DONE


async def add(wish: Wish, output: Output) -> int:
    """Raises BadInput."""
    check_words("NAME", wish.name)
    if wish.kind not in _KINDS:
        raise BadInput(f"There is no kind {wish.kind!r}. Known: {', '.join(_KINDS)}.")
    async with _desk() as desk:
        known = await desk.targets()
        targets = [TargetWish(find_target(known, name).id) for name in wish.targets]
        with checking_input():
            rule = await desk.add_rule(
                wish.name,
                targets,
                kinds=_KINDS[wish.kind],
                providers=wish.providers,
                models=wish.models,
                takes_rehearsals=wish.takes_rehearsals,
            )
        names = {one.id: one.name for one in known}
    return _tell(rule, names, f"{rule.name}: from now on {_what(rule)}.", output)


async def switch(name: str, output: Output, *, is_on: bool) -> int:
    """Raises BadInput."""
    async with _desk() as desk:
        rule = _find(await desk.rules(), name)
        with checking_input():
            changed = await desk.change_rule(replace(rule, is_on=is_on))
        names = {one.id: one.name for one in await desk.targets()}
    return _tell(changed, names, f"{changed.name} is {'on' if is_on else 'off'}.", output)


async def delete(name: str, output: Output) -> int:
    """Raises BadInput."""
    async with _desk() as desk:
        rule = _find(await desk.rules(), name)
        await desk.delete_rule(rule.id)
        names = {one.id: one.name for one in await desk.targets()}
    return _tell(rule, names, f"{rule.name} is deleted.", output)


def _find(rules: list[Rule], name: str) -> Rule:
    wanted = name.strip().casefold()
    for rule in rules:
        if rule.name.casefold() == wanted:
            return rule
    known = ", ".join(rule.name for rule in rules)
    raise BadInput(f"There is no rule {name!r}." + (f" Known: {known}." if known else ""))


def _what(rule: Rule) -> str:
    kinds = {kind.value for kind in rule.kinds}
    what = {"video": "every clip", "image": "every picture"}
    words = what[kinds.pop()] if len(kinds) == 1 else "every clip and picture"
    if rule.models:
        words += f" of {', '.join(sorted(rule.models))}"
    if rule.providers:
        words += f" from {', '.join(sorted(rule.providers))}"
    return words + (", rehearsals too" if rule.takes_rehearsals else "")


def _json(rule: Rule, names: dict[int, str]) -> dict[str, Any]:
    return {
        "name": rule.name,
        "on": rule.is_on,
        "targets": [names.get(wish.target_id) for wish in rule.targets],
        "kinds": sorted(kind.value for kind in rule.kinds),
        "providers": sorted(rule.providers),
        "models": sorted(rule.models),
        "rehearsals": rule.takes_rehearsals,
        "since": moment(rule.since),
    }


def _tell(rule: Rule, names: dict[int, str], sentence: str, output: Output) -> int:
    if output.is_json:
        output.json(_json(rule, names))
    else:
        output.say(sentence)
    return ExitCode.DONE


@asynccontextmanager
async def _desk() -> AsyncIterator[PublishingDesk]:
    async with AsyncExitStack() as stack:
        seat = await take_seat(stack, open_workplace())
        yield seat.studio.publishing
