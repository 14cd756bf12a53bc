"""Rules as people write them: which finished clips go where by themselves. They are applied in the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from veo_studio.core.models import GenerationKind
from veo_studio.core.publishing.models import Rule, TargetWish


def new_rule(
    name: str,
    targets: Sequence[TargetWish],
    since: datetime,
    *,
    kinds: Collection[GenerationKind] = (),
    providers: Collection[str] = (),
    models: Collection[str] = (),
    takes_rehearsals: bool = False,
    is_on: bool = True,
) -> Rule:
    """ValueError where it would ask for nothing, or for one thing twice."""
    rule = Rule(
        id=0,
        name=name,
        targets=tuple(targets),
        since=since,
        is_on=is_on,
        kinds=frozenset(kinds),
        providers=frozenset(providers),
        models=frozenset(models),
        takes_rehearsals=takes_rehearsals,
    )
    return checked(rule)


def checked(rule: Rule) -> Rule:
    """Each target once. ValueError for a rule without one."""
    known: dict[int, TargetWish] = {}
    for wish in rule.targets:
        known.setdefault(wish.target_id, wish)
    if not known:
        raise ValueError("A rule needs a target: choose one.")
    return replace(rule, targets=tuple(known.values()))
