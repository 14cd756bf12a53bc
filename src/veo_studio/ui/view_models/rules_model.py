"""The rules that deliver what is finished, as their dialogs show them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.models import GenerationKind
from veo_studio.core.publishing.base import KindInfo
from veo_studio.core.publishing.models import Rule, Target, TargetKind, TargetWish, Way
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.publish_model import TAKE_LINKS
from veo_studio.ui.view_models.publish_words import plain_line, way_words

_REHEARSAL = "rehearsal"


class RuleDesk(Protocol):
    """What the dialog needs of the core."""

    async def rules(self) -> Sequence[Rule]: ...

    async def targets(self) -> Sequence[Target]: ...

    async def add_rule(
        self,
        name: str,
        targets: Sequence[TargetWish],
        *,
        kinds: Collection[GenerationKind] = (),
        providers: Collection[str] = (),
        models: Collection[str] = (),
        takes_rehearsals: bool = False,
        is_on: bool = True,
    ) -> Rule: ...

    async def change_rule(self, rule: Rule) -> Rule: ...

    async def delete_rule(self, rule_id: int) -> Rule: ...

    async def restore_rule(self, rule_id: int) -> Rule: ...


@dataclass(frozen=True)
class Wanted:
    """What a rule shall do; empty sets mean all."""

    name: str
    targets: tuple[TargetWish, ...]
    kinds: frozenset[GenerationKind] = frozenset()
    providers: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    takes_rehearsals: bool = False

    @property
    def problem(self) -> str:
        if not self.name.strip():
            return tr("Give it a name.")
        return "" if self.targets else tr("Choose where the clips go.")


@dataclass(frozen=True)
class Sources:
    """What clips are made by: names by id, and the models of each service."""

    providers: Mapping[str, str]
    models: Mapping[str, Mapping[str, str]]

    def listed(self) -> list[tuple[str, str, Mapping[str, str]]]:
        """Id, name and models of each service; rehearsals are asked for apart."""
        return [
            (one, name, self.models.get(one, {}))
            for one, name in self.providers.items()
            if one != _REHEARSAL
        ]

    def narrowed(
        self, providers: Collection[str], models: Collection[str]
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Whole services and single models, as a rule has them: a clip has to fit both of its sets."""
        if not models:
            return frozenset(providers), frozenset()
        found_providers, found_models = set(providers), set(models)
        for provider, names in self.models.items():
            if provider in providers:
                found_models.update(names)
            elif found_models & set(names):
                found_providers.add(provider)
        return frozenset(found_providers), frozenset(found_models)

    def is_whole(self, rule: Rule, provider: str) -> bool:
        """True where the rule takes all of this service."""
        if provider not in rule.providers:
            return False
        return not rule.models or set(self.models.get(provider, {})) <= rule.models

    def words(self, rule: Rule) -> list[str]:
        """The names of what the rule is narrowed to."""
        whole = [one for one in sorted(rule.providers) if self.is_whole(rule, one)]
        covered = {model for one in whole for model in self.models.get(one, {})}
        single = [one for one in sorted(rule.models) if one not in covered]
        return [self.providers.get(one, one) for one in whole] + list(map(self._model_name, single))

    def _model_name(self, model_id: str) -> str:
        for names in self.models.values():
            if model_id in names:
                return names[model_id]
        return model_id


class RulesModel(QObject):
    """Signals:
    listed(): other rules are there.
    """

    listed = pyqtSignal()

    def __init__(
        self,
        desk: RuleDesk,
        kinds: Mapping[TargetKind, KindInfo],
        sources: Sources,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._kinds = kinds
        self.sources = sources
        self.rules: list[Rule] = []
        self.targets: list[Target] = []
        self.is_read = False

    async def read(self) -> None:
        self.targets = list(await self._desk.targets())
        self.rules = list(await self._desk.rules())
        self.is_read = True
        self.listed.emit()

    def ways(self, target: Target) -> list[tuple[str, TargetWish]]:
        """How clips can get there, in words; the first is the usual one."""
        found = [(way_words(Way.AS_IS), TargetWish(target.id))]
        info = self._kinds[target.kind]
        if info.max_bytes is not None:
            found.append((way_words(Way.SMALLER), TargetWish(target.id, Way.SMALLER)))
        if target.kind in TAKE_LINKS:
            found += [
                (
                    tr("A link to it in {store}", store=plain_line(store.name)),
                    TargetWish(target.id, Way.LINK, store.id),
                )
                for store in self.targets
                if store.id != target.id and self._kinds[store.kind].can_link
            ]
        return found

    def words(self, rule: Rule) -> str:
        """What it does, in a line."""
        names = {target.id: plain_line(target.name) for target in self.targets}
        places = [names.get(wish.target_id, tr("a deleted target")) for wish in rule.targets]
        return tr("{what} \u2192 {where}", what=self._what(rule), where=", ".join(places))

    def _what(self, rule: Rule) -> str:
        things = {
            frozenset({GenerationKind.VIDEO}): tr("Every finished video"),
            frozenset({GenerationKind.IMAGE}): tr("Every finished picture"),
        }.get(rule.kinds, tr("Every finished clip and picture"))
        of = self.sources.words(rule)
        parts = [things, tr("of {names}", names=", ".join(of)) if of else ""]
        if rule.takes_rehearsals:
            parts.append(tr("rehearsals too"))
        return ", ".join(part for part in parts if part)

    async def save(self, wanted: Wanted, rule: Rule | None) -> Rule:
        """A new one where there is no `rule`. Raises ValueError with a sentence."""
        if wanted.problem:
            raise ValueError(wanted.problem)
        name = wanted.name.strip()
        if rule is None:
            saved = await self._desk.add_rule(
                name,
                wanted.targets,
                kinds=wanted.kinds,
                providers=wanted.providers,
                models=wanted.models,
                takes_rehearsals=wanted.takes_rehearsals,
            )
        else:
            saved = await self._desk.change_rule(
                replace(
                    rule,
                    name=name,
                    targets=wanted.targets,
                    kinds=wanted.kinds,
                    providers=wanted.providers,
                    models=wanted.models,
                    takes_rehearsals=wanted.takes_rehearsals,
                )
            )
        await self.read()
        return saved

    async def switch(self, rule: Rule, is_on: bool) -> None:
        """On: for what is finished from now on."""
        try:
            await self._desk.change_rule(replace(rule, is_on=is_on))
        finally:
            await self.read()

    async def delete(self, rule: Rule) -> None:
        await self._desk.delete_rule(rule.id)
        await self.read()

    async def restore(self, rule: Rule) -> None:
        await self._desk.restore_rule(rule.id)
        await self.read()
