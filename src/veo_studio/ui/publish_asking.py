"""The publish dialog and what follows from it: publishing, delivering, another caption, unpublishing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QWidget

from veo_studio.core.errors import StudioError
from veo_studio.core.models import Generation
from veo_studio.core.plain import masked
from veo_studio.ui import error_text
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.view_models.publish_words import plain_line
from veo_studio.ui.window_pages import EXPLORE, WindowPages

if TYPE_CHECKING:
    from veo_studio.core.publishing.desk import PublishingDesk
    from veo_studio.core.publishing.models import Delivery, PublishWish, TargetWish
    from veo_studio.ui.target_setting import TargetSetting
    from veo_studio.ui.view_models.publish_model import Mode, PublishModel
    from veo_studio.ui.views.publish_dialog import PublishDialog

PANE = "history"
_KEY = "publish"
# of so many clips it is said where they are
_LOOKED_AT = 50


class PublishAsking(QObject):
    """One per window.

    Signals:
        deliveries_requested(), planned_requested(): the user wants to see them.
    """

    deliveries_requested = pyqtSignal()
    planned_requested = pyqtSignal()

    def __init__(
        self,
        window: QWidget,
        telling: Telling,
        pages: WindowPages,
        targets: TargetSetting,
        desk: Callable[[], PublishingDesk],
    ) -> None:
        """`desk` raises ValueError while the core is not there."""
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._pages = pages
        self._targets = targets
        self._desk = desk
        self.dialog: PublishDialog | None = None

    # what is asked for

    def publish(self, chosen: Sequence[Generation]) -> None:
        from veo_studio.ui.view_models.publish_model import Mode

        self._open(chosen, Mode.PUBLISH)

    def deliver(self, chosen: Sequence[Generation]) -> None:
        from veo_studio.ui.view_models.publish_model import Mode

        self._open(chosen, Mode.DELIVER)

    def edit(self, chosen: Sequence[Generation]) -> None:
        from veo_studio.ui.view_models.publish_model import Mode

        self._open(chosen, Mode.EDIT)

    def unpublish(self, chosen: Sequence[Generation]) -> None:
        published = [one for one in chosen if one.published_at is not None]
        if published:
            self._telling.run(self._unpublish(published), PANE)

    # the dialog

    def _open(self, chosen: Sequence[Generation], mode: Mode) -> None:
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        finished = [one for one in chosen if one.has_file]
        if not finished:
            self._telling.notices_of(PANE).show_notice(
                tr("Only a finished clip can be published. Select one first."), key=_KEY
            )
            return
        self._telling.run(self._ask(finished, mode, len(chosen) - len(finished)), PANE)

    async def _ask(self, finished: list[Generation], mode: Mode, left_out: int) -> None:
        # imported late: the window is up before anybody publishes something
        from veo_studio.core.publishing.kinds import info_of
        from veo_studio.ui.view_models.cover_frames import CoverFrames
        from veo_studio.ui.view_models.publish_model import PublishModel
        from veo_studio.ui.views.publish_dialog import PublishDialog

        spawn = self._telling.scope.spawn
        model = PublishModel(finished, self._desk(), spawn, info_of, mode=mode, left_out=left_out)
        frames = CoverFrames(spawn)
        dialog = self.dialog = PublishDialog(model, frames, self._window)
        dialog.wanted.connect(self._on_wanted)
        dialog.new_target_requested.connect(self._on_new_target)
        dialog.targets_requested.connect(self._on_targets)
        model.read()
        try:
            await run_dialog(dialog)
        finally:
            frames.close()
            self.dialog = None
            frames.deleteLater()
            model.deleteLater()

    def _on_new_target(self) -> None:
        if self.dialog is not None:
            self._telling.run(self._set_up(self.dialog, is_new=True), PANE)

    def _on_targets(self) -> None:
        if self.dialog is not None:
            self._telling.run(self._set_up(self.dialog, is_new=False), PANE)

    async def _set_up(self, dialog: PublishDialog, *, is_new: bool) -> None:
        """To the targets and back: what was typed is in the model meanwhile."""
        added = await self._targets.ask(dialog, is_new=is_new)
        if self.dialog is dialog:
            dialog.model.read(added)

    def _on_wanted(self) -> None:
        if self.dialog is not None and not self.dialog.model.is_busy:
            self._telling.run(self._do(self.dialog), PANE)

    async def _do(self, dialog: PublishDialog) -> None:
        from veo_studio.ui.view_models.publish_model import Mode

        model = dialog.model
        model.set_busy(True)
        try:
            if model.mode is Mode.DELIVER:
                await self._deliver(model)
            else:
                wishes = model.wishes()
                made = await self._desk().publish(wishes)
                self._tell(model, wishes, made)
        except StudioError as error:
            self._refuse(dialog, error_text.describe(error).whole)
        except (ValueError, LookupError) as error:
            self._refuse(dialog, masked(str(error)))
        else:
            if self.dialog is dialog:
                dialog.accept()

    def _refuse(self, dialog: PublishDialog, sentence: str) -> None:
        if self.dialog is dialog:
            dialog.model.is_busy = False
            dialog.model.refuse(sentence)

    async def _deliver(self, model: PublishModel) -> None:
        if model.problem:
            raise ValueError(model.problem)
        # those that go the same way go together
        groups: dict[tuple[TargetWish, ...], list[int]] = {}
        for clip in model.clips:
            groups.setdefault(model.target_wishes(clip), []).append(clip.generation.id)
        count = 0
        for wishes, ids in groups.items():
            try:
                count += len(await self._desk().deliver(ids, wishes))
            except (StudioError, ValueError, LookupError) as error:
                if not count:
                    raise
                # asked once more, what is on its way would go there twice
                self._telling.show_error(error, PANE)
                break
        self._on_its_way(count)

    # telling

    def _tell(
        self, model: PublishModel, wishes: Sequence[PublishWish], made: Sequence[Generation]
    ) -> None:
        from veo_studio.ui.view_models.publish_model import Mode
        from veo_studio.ui.view_models.publish_when import moment_words

        count, at = len(wishes), wishes[0].at
        if model.mode is Mode.EDIT:
            words, action, do_it = tr_n("Saved.", "{n} clips saved.", count), None, None
        elif at is not None:
            words = tr_n(
                "Planned for {when}.", "{n} clips are planned for {when}.", count,
                when=moment_words(at),
            )  # fmt: skip
            action, do_it = tr("Show what is planned"), self.planned_requested.emit
        elif model.chosen:
            words = tr_n(
                "Published, and on its way to {targets}.",
                "{n} clips are published, and on their way to {targets}.",
                count,
                targets=_names(model),
            )
            action, do_it = tr("Show deliveries"), self.deliveries_requested.emit
        else:
            words = tr_n("Published: it is under Explore.", "{n} clips are published.", count)
            action, do_it = tr("Show"), self._show_explore
        self._notice(words, action, do_it)

    def _on_its_way(self, count: int) -> None:
        self._notice(
            tr_n("The clip is on its way.", "{n} deliveries are on their way.", count),
            tr("Show deliveries"),
            self.deliveries_requested.emit,
        )

    def _notice(self, words: str, action: str | None, do_it: Callable[[], None] | None) -> None:
        self._telling.dismiss_everywhere(_KEY)
        self._telling.notices_of(PANE).show_notice(
            words, level="ok", key=_KEY, action_text=action, on_action=do_it, timeout_ms=12_000
        )

    def _show_explore(self) -> None:
        self._pages.show(EXPLORE)

    # unpublishing

    async def _unpublish(self, published: list[Generation]) -> None:
        desk, ids = self._desk(), [one.id for one in published]
        there = await _where(desk, ids)
        after = await desk.unpublish(ids)
        self._telling.dismiss_everywhere(_KEY)
        words = [tr_n("Back in Drafts.", "{n} clips are back in Drafts.", len(published))]
        if len(ids) > _LOOKED_AT:
            words.append(tr("What was delivered elsewhere stays there."))
        if leaves := _listed({one.target_name for one in there if one.kind.follows_publication}):
            words.append(tr_n("It leaves {names}.", "They leave {names}.", len(ids), names=leaves))
        if kept := _listed({one.target_name for one in there if not one.kind.follows_publication}):
            words.append(tr("What was delivered stays at {names}.", names=kept))
        self._telling.notices_of(PANE).show_notice(
            " ".join(words),
            key=_KEY,
            action_text=tr("Undo"),
            on_action=lambda: self._telling.run(self._undo(published, after), PANE),
            timeout_ms=15_000,
        )

    async def _undo(self, published: list[Generation], after: list[Generation]) -> None:
        await self._desk().undo_unpublish(published, after)


def _names(model: PublishModel) -> str:
    names = [target.name for target in model.ticked()]
    if len(names) <= 2:
        return tr(" and ").join(names)
    return tr("{n} targets", n=len(names))


async def _where(desk: PublishingDesk, ids: list[int]) -> list[Delivery]:
    """What lies somewhere of these clips."""
    from veo_studio.core.publishing.models import DeliveryState

    found: list[Delivery] = []
    for number in ids if len(ids) <= _LOOKED_AT else []:
        found += await desk.deliveries(generation_id=number, states={DeliveryState.DELIVERED})
    return [one for one in found if one.removed_at is None]


def _listed(names: set[str]) -> str:
    return ", ".join(plain_line(name) for name in sorted(names, key=str.casefold))
