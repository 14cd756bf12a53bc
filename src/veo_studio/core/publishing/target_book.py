"""Targets as people set them up: what they need is checked, and their secrets are kept in the keyring."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Mapping

from veo_studio.core.answers import ErrorKind
from veo_studio.core.errors import PublishError
from veo_studio.core.log import register_secret
from veo_studio.core.publishing.base import (
    KindInfo,
    NotTaken,
    Publisher,
    ShowsPublished,
    TargetField,
)
from veo_studio.core.publishing.kinds import info_of, publisher_for
from veo_studio.core.publishing.models import Delivery, Target, TargetKind
from veo_studio.core.secrets import Secrets
from veo_studio.core.store.publishing import PublishingRepository

_log = logging.getLogger(__name__)


def variable_of(target: Target, option: str) -> str:
    """The environment variable that holds a secret where there is no keyring."""
    return variable_named(target.name, option)


def variable_named(name: str, option: str) -> str:
    """The same of a target that is about to be called `name`."""
    name = re.sub(r"[^A-Z0-9]", "_", f"{name.strip()}_{option}".upper())
    return f"VEO_STUDIO_TARGET_{name}"


class TargetBook:
    def __init__(self, repository: PublishingRepository, secrets: Secrets) -> None:
        self._repository = repository
        self._secrets = secrets
        # targets and options that have a value, as they were looked up last
        self._has: dict[tuple[int, str], bool] = {}

    async def all(self) -> list[Target]:
        targets = await self._repository.targets()
        await asyncio.to_thread(self._look_up, targets)
        return targets

    def has_secret(self, target: Target, option: str) -> bool:
        return self._has.get((target.id, option), False)

    async def add(
        self,
        name: str,
        kind: TargetKind,
        options: Mapping[str, str],
        secrets: Mapping[str, str],
    ) -> Target:
        """Its secrets are kept, or there is no target."""
        info = await asyncio.to_thread(info_of, kind)
        named = _variables(name, info)
        known = {
            option for option, variable in named.items() if os.environ.get(variable, "").strip()
        }
        options, secrets = _checked(info, options, secrets, frozenset(known), named)
        target = await self._repository.add_target(name, kind, options)
        try:
            await self._keep(target, {name: value for name, value in secrets.items() if value})
        except BaseException:
            await self._repository.forget_target(target.id)
            raise
        await asyncio.to_thread(self._look_up, [target])
        return target

    async def change(
        self,
        target_id: int,
        name: str | None,
        options: Mapping[str, str] | None,
        secrets: Mapping[str, str] | None,
    ) -> Target:
        """All of it or nothing. A secret that is left out stays; an empty one is taken away."""
        before = await self._repository.target(target_id)
        info = await asyncio.to_thread(info_of, before.kind)
        known = await asyncio.to_thread(self._known, before, info)
        checked, new = _checked(
            info,
            before.options if options is None else options,
            secrets or {},
            frozenset(known),
            _variables(before.name, info),
        )
        target = await self._repository.change_target(
            target_id, name, None if options is None else checked
        )
        try:
            await self._keep(target, new)
        except Exception:
            # not where somebody no longer waits: the keyring is still being written then
            await self._repository.change_target(target_id, before.name, before.options)
            raise
        await asyncio.to_thread(self._look_up, [target])
        if target.kind.follows_publication and target.options != before.options:
            await self._refresh(target_id)
        return target

    async def check(
        self,
        kind: TargetKind,
        options: Mapping[str, str],
        secrets: Mapping[str, str],
        target_id: int | None,
    ) -> str:
        """One sentence of what was proved. Raises PublishError, ValueError."""
        info = await asyncio.to_thread(info_of, kind)
        stored: dict[str, str] = {}
        variables: Mapping[str, str] = {}
        if target_id is not None:
            target = await self._repository.target(target_id)
            stored = await asyncio.to_thread(self._known, target, info)
            variables = _variables(target.name, info)
        options, new = _checked(info, options, secrets, frozenset(stored), variables)
        for value in filter(None, new.values()):
            register_secret(value)
        publisher = await asyncio.to_thread(publisher_for, kind, options, {**stored, **new})
        try:
            return await publisher.check()
        finally:
            await publisher.close()

    async def publisher(self, delivery: Delivery) -> Publisher:
        """For what was delivered or will be; also where its target is deleted by now.

        Whoever asks closes it. Raises NotTaken.
        """
        return await self.publisher_of(delivery.target_id)

    async def publisher_of(self, target_id: int) -> Publisher:
        target = await self._repository.target(target_id, is_deleted=True)

        def make() -> Publisher:
            info = info_of(target.kind)
            known = self._known(target, info)
            for field in info.fields:
                if field.is_secret and field.is_required and field.name not in known:
                    raise _without(target, field)
            return publisher_for(target.kind, target.options, known)

        return await asyncio.to_thread(make)

    async def _refresh(self, target_id: int) -> None:
        """What is shown there gets the new options now; where that fails, with the next clip."""
        try:
            publisher = await self.publisher_of(target_id)
            try:
                if isinstance(publisher, ShowsPublished):
                    await publisher.refresh()
            finally:
                await publisher.close()
        except PublishError as error:
            _log.info("target %d is shown as it was: %s", target_id, error.message)

    async def _keep(self, target: Target, secrets: Mapping[str, str]) -> None:
        """Empty ones are taken away. Raises ValueError, before anything is kept."""

        def keep() -> None:
            new = {name: value for name, value in secrets.items() if value}
            for name, value in new.items():
                self._secrets.check_key(target.secret_name(name), value)
            for name in secrets.keys() - new.keys():
                self._take_away(target, name)
            for name, value in new.items():
                self._secrets.set_key(target.secret_name(name), value)

        await asyncio.to_thread(keep)

    def _take_away(self, target: Target, option: str) -> None:
        label = {field.name: field.label for field in info_of(target.kind).fields}[option]
        variable = variable_of(target, option)
        if os.environ.get(variable, "").strip():
            raise ValueError(f"{label} comes from {variable}: take it out of the environment.")
        self._secrets.delete_key(target.secret_name(option))
        if self._secrets.key(target.secret_name(option)) is not None:
            raise ValueError(f"The keyring did not take away {label}. Unlock it and try again.")

    def _look_up(self, targets: list[Target]) -> None:
        for target in targets:
            info = info_of(target.kind)
            known = self._known(target, info)
            for field in info.fields:
                if field.is_secret:
                    self._has[target.id, field.name] = field.name in known

    def _known(self, target: Target, info: KindInfo) -> dict[str, str]:
        """Its secrets; may wait for the keyring."""
        known: dict[str, str] = {}
        for field in info.fields:
            if not field.is_secret:
                continue
            stored = self._secrets.key(target.secret_name(field.name))
            value = stored or os.environ.get(variable_of(target, field.name), "").strip()
            if value:
                register_secret(value)
                known[field.name] = value
        return known


def _without(target: Target, field: TargetField) -> NotTaken:
    variable = variable_of(target, field.name)
    return NotTaken(
        f"{field.label} of {target.name} is not known here.",
        ErrorKind.AUTH,
        action=f"Type it into the target again; where there is no keyring, put it into {variable}.",
    )


def _variables(name: str, info: KindInfo) -> dict[str, str]:
    secrets = (field.name for field in info.fields if field.is_secret)
    return {option: variable_named(name, option) for option in secrets}


def _checked(
    info: KindInfo,
    options: Mapping[str, str],
    secrets: Mapping[str, str],
    known_secrets: frozenset[str],
    variables: Mapping[str, str] | None = None,
) -> tuple[dict[str, str], dict[str, str]]:
    """What is stored of both, nothing unknown: an empty secret is one that was told to go.

    `variables` hold secrets where there is no keyring. ValueError with all that is wrong.
    """
    fields = {field.name: field for field in info.fields}
    for name in (*options, *secrets):
        if name not in fields:
            raise ValueError(f"{info.label} has no option {name!r}.")
    problems: list[str] = []
    kept: dict[str, str] = {}
    new: dict[str, str] = {}
    for name, field in fields.items():
        value = (secrets if field.is_secret else options).get(name, "").strip()
        if field.is_secret and name in options:
            raise ValueError(f"{field.label} is a secret: it is not kept with the options.")
        is_told_to_go = field.is_secret and name in secrets and not value
        is_known = name in known_secrets and not is_told_to_go
        if value:
            (new if field.is_secret else kept)[name] = value
        elif is_told_to_go and not field.is_required:
            new[name] = ""
        elif field.is_required and not field.default and not is_known:
            variable = (variables or {}).get(name)
            elsewhere = f" Where there is no keyring, put it into {variable}." if variable else ""
            problems.append(f"{field.label} is missing.{elsewhere}")
            continue
        if value and field.choices and value not in {choice for choice, _words in field.choices}:
            problems.append(f"{field.label} cannot be {value!r}.")
        elif value and field.check is not None and (wrong := field.check(value)):
            problems.append(wrong)
    if not problems and info.check is not None:
        defaults = {field.name: field.default for field in info.fields if field.default}
        if wrong := info.check({**defaults, **kept, **new}):
            problems.append(wrong)
    if problems:
        raise ValueError("\n".join(problems))
    return kept, new
