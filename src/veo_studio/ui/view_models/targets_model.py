"""The targets as their dialog shows them: those that are stored, and what is typed about each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.errors import StudioError
from veo_studio.core.plain import masked
from veo_studio.core.publishing.base import KindInfo, TargetField
from veo_studio.core.publishing.models import Target, TargetKind
from veo_studio.ui.text import tr

Spawn = Callable[..., object]


class TargetDesk(Protocol):
    """What the dialog needs of the core."""

    async def targets(self) -> Sequence[Target]: ...

    async def add_target(
        self,
        name: str,
        kind: TargetKind,
        options: Mapping[str, str],
        secrets: Mapping[str, str],
    ) -> Target: ...

    async def change_target(
        self,
        target_id: int,
        *,
        name: str | None = None,
        options: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> Target: ...

    async def delete_target(self, target_id: int) -> Target: ...

    async def restore_target(self, target_id: int) -> Target: ...

    async def check_target(
        self,
        kind: TargetKind,
        options: Mapping[str, str],
        secrets: Mapping[str, str],
        target_id: int | None = None,
    ) -> str: ...

    def has_secret(self, target: Target, option: str) -> bool: ...


@dataclass
class TargetDraft:
    """What is typed about one target; `stored` None for a new one. Secrets that were not typed stay,
    except `removed_secrets`."""

    info: KindInfo
    stored: Target | None = None
    name: str = ""
    options: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    kept_secrets: frozenset[str] = frozenset()
    removed_secrets: set[str] = field(default_factory=set)
    # what a new one is called before anybody types
    offered_name: str = ""

    @property
    def is_changed(self) -> bool:
        if self.given_secrets():
            return True
        if self.stored is None:
            defaults = {one.name: one.default for one in self.info.fields if not one.is_secret}
            return self.name != self.offered_name or any(
                value != defaults.get(name, "") for name, value in self.options.items()
            )
        was = _whole(self.info, self.stored.options)
        return self.name != self.stored.name or self.options != was

    def value(self, one: TargetField) -> str:
        return (self.secrets if one.is_secret else self.options).get(one.name, "")

    def problem_of(self, one: TargetField) -> str:
        """What is wrong with what is typed, "" where nothing is; what is missing is said elsewhere."""
        value = self.value(one)
        return one.check(value) if value and one.check is not None else ""

    def missing(self) -> list[str]:
        """The labels of what has to be filled in yet."""
        labels = [] if self.name.strip() else [tr("Name")]
        for one in self.info.fields:
            is_kept = one.is_secret and one.name in self.kept_secrets
            if one.is_required and not is_kept and not self.value(one):
                labels.append(one.label)
        return labels

    def problem(self) -> str:
        """Why it cannot be saved; "" where it can."""
        if missing := self.missing():
            return tr("Still missing: {what}.", what=", ".join(missing))
        for one in self.info.fields:
            if problem := self.problem_of(one):
                return problem
        return self._check_problem()

    def test_problem(self) -> str:
        """Why it cannot be tested: a name is not needed for that."""
        return replace(self, name="x").problem()

    def _check_problem(self) -> str:
        if self.info.check is None:
            return ""
        # secrets that are kept and not shown are taken as given
        kept = dict.fromkeys(self.kept_secrets, "kept")
        return self.info.check({**self.options, **kept, **self.given_secrets()})

    def given_secrets(self) -> dict[str, str]:
        """An empty one shall go."""
        typed = {name: value for name, value in self.secrets.items() if value}
        return {**dict.fromkeys(self.removed_secrets, ""), **typed}


@dataclass
class Trial:
    """A test that runs or ran; `proved` or `problem` once it did."""

    is_running: bool = False
    proved: str = ""
    problem: str = ""


class TargetsModel(QObject):
    """Signals:
    listed(): other targets are there, or they are called otherwise.
    tested(): a test began or ended.
    """

    listed = pyqtSignal()
    tested = pyqtSignal()

    def __init__(
        self,
        desk: TargetDesk,
        kinds: Sequence[KindInfo],
        spawn: Spawn,
        parent: QObject | None = None,
    ) -> None:
        """`spawn(coroutine, name=...)` runs a task in the owner's scope."""
        super().__init__(parent)
        self._desk = desk
        self._spawn = spawn
        self.kinds = tuple(kinds)
        self._infos = {info.kind: info for info in kinds}
        self.targets: list[Target] = []
        self.is_read = False
        # the newest that was added here
        self.added: int | None = None
        self._trial = Trial()
        self._trial_task: asyncio.Task[None] | None = None

    async def read(self) -> None:
        self.targets = list(await self._desk.targets())
        self.is_read = True
        self.listed.emit()

    def info(self, kind: TargetKind) -> KindInfo:
        return self._infos[kind]

    async def new(self, kind: TargetKind) -> TargetDraft:
        info = self._infos[kind]
        taken = {target.name.casefold() for target in self.targets}
        name = _free_name(info.label, taken)
        return TargetDraft(info, None, name, _whole(info, {}), offered_name=name)

    async def draft(self, target: Target) -> TargetDraft:
        """What is stored, to be changed; which secrets are kept is asked of the keyring, in a thread."""
        info = self._infos[target.kind]
        names = [one.name for one in info.fields if one.is_secret]

        def kept() -> frozenset[str]:
            return frozenset(name for name in names if self._desk.has_secret(target, name))

        secrets = await asyncio.to_thread(kept) if names else frozenset()
        options = _whole(info, target.options)
        return TargetDraft(info, target, target.name, options, {}, secrets)

    async def save(self, draft: TargetDraft) -> Target:
        """Raises ValueError with a sentence."""
        if problem := draft.problem():
            raise ValueError(problem)
        name, secrets = draft.name.strip(), draft.given_secrets()
        if draft.stored is None:
            saved = await self._desk.add_target(name, draft.info.kind, draft.options, secrets)
            self.added = saved.id
        else:
            saved = await self._desk.change_target(
                draft.stored.id, name=name, options=draft.options, secrets=secrets
            )
        await self.read()
        return saved

    async def delete(self, target: Target) -> None:
        await self._desk.delete_target(target.id)
        if self.added == target.id:
            self.added = None
        await self.read()

    async def restore(self, target: Target) -> None:
        await self._desk.restore_target(target.id)
        await self.read()

    # testing

    @property
    def trial(self) -> Trial:
        return self._trial

    def test(self, draft: TargetDraft) -> None:
        """Try what is typed, saved or not."""
        self.stop_test()
        self._trial = Trial(is_running=True)
        task = self._spawn(self._test(draft, self._trial), name="publish: test of a target")
        self._trial_task = task if isinstance(task, asyncio.Task) else None
        self.tested.emit()

    def stop_test(self) -> None:
        """What was proved before is of no account any more."""
        if self._trial_task is not None:
            self._trial_task.cancel()
            self._trial_task = None
        if self._trial != Trial():
            self._trial = Trial()
            self.tested.emit()

    async def _test(self, draft: TargetDraft, trial: Trial) -> None:
        stored = draft.stored.id if draft.stored is not None else None
        try:
            trial.proved = await self._desk.check_target(
                draft.info.kind, dict(draft.options), draft.given_secrets(), stored
            )
        except StudioError as error:
            # no clip was on its way: what went wrong, and what to do about it
            reason = " ".join(filter(None, (masked(error.message), masked(error.action or ""))))
            trial.problem = tr("The test failed. {reason}", reason=reason)
        except (ValueError, LookupError) as error:
            trial.problem = masked(str(error))
        finally:
            trial.is_running = False
        if trial is self._trial:
            self.tested.emit()


def _whole(info: KindInfo, options: Mapping[str, str]) -> dict[str, str]:
    """Every option that is no secret, with its default where nothing is stored; others stay as well."""
    known = {one.name: one.default for one in info.fields if not one.is_secret}
    return {**known, **options}


def _free_name(label: str, taken: set[str]) -> str:
    if label.casefold() not in taken:
        return label
    number = 2
    while f"{label} {number}".casefold() in taken:
        number += 1
    return f"{label} {number}"
