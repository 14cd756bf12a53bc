"""The deliveries beside the window: their list, and what is done about one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QEvent, QObject, QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices, QGuiApplication
from PyQt6.QtWidgets import QDialog, QWidget

from veo_studio.core.errors import StudioError
from veo_studio.core.events import GenerationEvent
from veo_studio.core.models import Generation
from veo_studio.core.plain import masked
from veo_studio.ui import error_text
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.dialogs import Question
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr

if TYPE_CHECKING:
    from veo_studio.core.publishing.models import Delivery, PublishingEvent
    from veo_studio.core.studio import Studio
    from veo_studio.ui.planning import Planning
    from veo_studio.ui.view_models.clip_pictures import ClipPictures
    from veo_studio.ui.view_models.delivery_acts import Act
    from veo_studio.ui.view_models.delivery_rows import DeliveryRow
    from veo_studio.ui.views.deliveries import DeliveriesDialog

PANE = "history"
OpenPage = Callable[[QUrl], bool]


class Delivering(QObject):
    """One per window; its list is made when it is asked for.

    Signals:
        targets_requested(): the dialog of the targets.
        clip_requested(Generation): show this clip.
    """

    targets_requested = pyqtSignal()
    clip_requested = pyqtSignal(object)

    def __init__(
        self,
        window: QWidget,
        telling: Telling,
        studio: Callable[[], Studio],
        open_page: OpenPage = QDesktopServices.openUrl,
    ) -> None:
        """`studio` raises ValueError while the core is not there."""
        super().__init__(window)
        self._window = window
        self._telling = telling
        self._studio = studio
        self._open_page = open_page
        self._pictures: ClipPictures | None = None
        self.dialog: DeliveriesDialog | None = None
        self.planning: Planning | None = None
        # which delivery the tries below belong to
        self._tries: tuple[int, str] = (0, "")
        self._read: tuple[int, datetime] | None = None
        window.installEventFilter(self)

    # what is asked for

    def show(self, generation_id: int | None = None) -> None:
        """All of them, or those of one clip."""
        self._telling.run(self._show(generation_id=generation_id), PANE)

    def show_attention(self) -> None:
        """Those that somebody has to decide about."""
        self._telling.run(self._show(is_attention=True), PANE)

    def show_planned(self) -> None:
        self._telling.run(self._show(is_planned=True), PANE)

    async def _show(
        self,
        *,
        generation_id: int | None = None,
        is_attention: bool = False,
        is_planned: bool = False,
    ) -> None:
        dialog = await self._made()
        from veo_studio.ui.view_models.delivery_rows import ATTENTION
        from veo_studio.ui.views.deliveries import PLANNED, SENT

        dialog.show_states(ATTENTION if is_attention else None, generation_id)
        dialog.planned.load()
        dialog.come_forward(PLANNED if is_planned else SENT)

    async def _made(self) -> DeliveriesDialog:
        if self.dialog is not None:
            return self.dialog
        studio = self._studio()
        # imported late: the window is up before anybody looks at them
        from veo_studio.core.publishing.kinds import all_kinds
        from veo_studio.ui.delegates.delivery_delegate import PICTURE
        from veo_studio.ui.planning import Planning
        from veo_studio.ui.view_models.clip_pictures import ClipPictures
        from veo_studio.ui.view_models.delivery_rows import DeliveryRows
        from veo_studio.ui.view_models.planned_rows import PlannedRows
        from veo_studio.ui.views.deliveries import DeliveriesDialog

        await asyncio.to_thread(all_kinds)
        if self.dialog is not None:
            # two clicks: the other one has made it meanwhile
            return self.dialog
        spawn, desk = self._telling.scope.spawn, studio.publishing
        pictures = self._pictures = ClipPictures(studio.thumbnails, spawn, self)
        pictures.set_size(PICTURE)
        rows = DeliveryRows(desk, studio.library, pictures, spawn, self)
        planned = PlannedRows(desk, studio.library, pictures, spawn, self)
        dialog = self.dialog = DeliveriesDialog(rows, planned, self._window)
        self.planning = Planning(dialog, self._telling, desk, self)
        dialog.selected.connect(self._on_selected)
        dialog.opened.connect(self._on_opened)
        dialog.targets_requested.connect(self.targets_requested)
        dialog.details.act_requested.connect(self._on_act)
        return dialog

    def on_news(self, event: PublishingEvent) -> None:
        """Something happened to a delivery or to a plan."""
        dialog = self.dialog
        if dialog is None:
            return
        dialog.rows.on_event(event)
        if event.schedule is not None:
            dialog.planned.load()

    def on_event(self, event: GenerationEvent) -> None:
        if self.dialog is not None:
            self.dialog.rows.on_generation(event.generation)

    def close(self) -> None:
        if self._pictures is not None:
            self._pictures.stop()
        if self.dialog is not None:
            self.dialog.close()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        # minimized is not left; the list does not outlive the window
        is_hidden = event is not None and event.type() is QEvent.Type.Hide
        if is_hidden and not event.spontaneous() and self.dialog is not None:  # type: ignore[union-attr]
            self.dialog.close()
        return False

    # the selected one

    def _row(self) -> DeliveryRow | None:
        dialog = self.dialog
        if dialog is None or dialog.view is not dialog.list:
            return None
        return dialog.rows.row(dialog.current())

    def _on_opened(self) -> None:
        # what another program did meanwhile is not told
        if self.dialog is not None and self.dialog.rows.is_loaded:
            self.dialog.rows.load()

    def _on_selected(self) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        if dialog.view is dialog.plans:
            assert self.planning is not None
            self.planning.show_selected()
            return
        row = self._row()
        dialog.details_room.setVisible(row is not None)
        if row is None:
            return
        self._show_details(dialog, row)
        read = (row.delivery.id, row.delivery.updated_at)
        if read != self._read:
            # words are told anew by the second, what is stored is not
            self._read = read
            self._telling.run(self._read_more(row.delivery), PANE)

    def _show_details(self, dialog: DeliveriesDialog, row: DeliveryRow) -> None:
        from veo_studio.core.publishing.kinds import info_of
        from veo_studio.ui.view_models.delivery_acts import acts_of
        from veo_studio.ui.view_models.publish_words import (
            clip_words,
            delivery_lines,
            delivery_look,
        )

        delivery, info = row.delivery, info_of(row.delivery.kind)
        shown, tries = self._tries
        dialog.details.show_item(
            clip_words(row.generation, delivery.generation_id),
            delivery_look(delivery),
            delivery_lines(delivery, info.label, datetime.now(UTC)),
            tries if shown == delivery.id else "",
            acts_of(delivery, info, dialog.stores),
        )

    async def _read_more(self, delivery: Delivery) -> None:
        """The tries so far, and the stores that a link can lead to."""
        from veo_studio.core.publishing.kinds import info_of
        from veo_studio.ui.view_models.publish_words import tries_words

        dialog, desk = self.dialog, self._studio().publishing
        if dialog is None:
            return
        attempts = await desk.attempts(delivery.id)
        stores = [one for one in await desk.targets() if info_of(one.kind).can_link]
        row = self._row()
        if self.dialog is dialog and row is not None and row.delivery.id == delivery.id:
            self._tries = (delivery.id, tries_words(attempts))
            dialog.stores = stores
            self._show_details(dialog, row)

    # what is done about it

    def _on_act(self, act: Act) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        if dialog.view is dialog.plans:
            assert self.planning is not None
            self._run(self.planning.act(act))
        elif (row := self._row()) is not None:
            self._run(self._act(act, row.delivery, row.generation))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._telling.run(self._told(work), PANE)

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        """What is refused is said where it was asked for."""
        try:
            await work
        except StudioError as error:
            self._say(error_text.describe(error).whole, "bad")
        except (ValueError, LookupError) as error:
            self._say(masked(str(error)), "warn")

    def _say(self, words: str, level: str) -> None:
        if self.dialog is not None:
            notices = self.dialog.notices
            notices.dismiss("said")
            notices.show_notice(words, level=level, key="said")  # type: ignore[arg-type]

    async def _act(self, act: Act, delivery: Delivery, generation: Generation | None) -> None:
        from veo_studio.core.publishing.models import DeliveryState, Way
        from veo_studio.ui.view_models.delivery_acts import Deed

        desk = self._studio().publishing
        match act.deed:
            case Deed.AGAIN:
                if delivery.state is DeliveryState.MAYBE_SENT and not await self._is_sure(
                    tr("Send it again?"),
                    tr(
                        "It may have arrived at {name}. If it did, it is there twice then.",
                        name=delivery.target_name,
                    ),
                    tr("&Send again"),
                ):
                    return
                await desk.again(delivery.id)
            case Deed.SMALLER:
                await desk.again(delivery.id, Way.SMALLER)
            case Deed.AS_LINK:
                assert isinstance(act.value, int)
                await desk.again(delivery.id, Way.LINK, act.value)
            case Deed.ARRIVED:
                await desk.arrived(delivery.id)
            case Deed.CANCEL:
                await desk.cancel(delivery.id)
            case Deed.COPY_LINK:
                await self._copy_link(delivery, act)
            case Deed.REMOVE:
                await self._remove(delivery)
            case Deed.OPEN:
                self._open(delivery)
            case Deed.SHOW_CLIP:
                self._show_clip(generation)

    async def _is_sure(self, heading: str, words: str, do_it: str) -> bool:
        question = Question(heading, words, do_it, tr("&Leave it as it is"), self.dialog)
        return await run_dialog(question) == QDialog.DialogCode.Accepted

    async def _copy_link(self, delivery: Delivery, act: Act) -> None:
        from veo_studio.core.publishing.models import LINK_FOR
        from veo_studio.ui.view_models.publish_words import link_time_words

        valid_for = act.value if isinstance(act.value, timedelta) else LINK_FOR
        link = await self._studio().publishing.link(delivery.id, valid_for)
        clipboard = QGuiApplication.clipboard()
        if link is None or clipboard is None:
            self._say(tr("There is no link to it."), "warn")
            return
        clipboard.setText(link.url)
        if link.until is None:
            self._say(tr("Link copied. It works for good."), "ok")
            return
        left_s = (link.until - datetime.now(UTC)).total_seconds()
        # just made: the second that is over already is no news
        words = link_time_words(left_s + 1)
        self._say(tr("Link copied. It works for {time}.", time=words), "ok")

    async def _remove(self, delivery: Delivery) -> None:
        sure = await self._is_sure(
            tr("Remove it there?"),
            tr(
                "The clip is taken away at {name}. The one in your library stays.",
                name=delivery.target_name,
            ),
            tr("&Remove it there"),
        )
        if sure:
            await self._studio().publishing.remove_there(delivery.id)
            self._say(tr("Removed at {name}.", name=delivery.target_name), "ok")

    def _open(self, delivery: Delivery) -> None:
        from veo_studio.core.publishing.models import TargetKind
        from veo_studio.ui.file_manager import show_in_file_manager
        from veo_studio.ui.view_models.delivery_acts import place_to_open

        place = place_to_open(delivery)
        if delivery.kind is TargetKind.FOLDER:
            show_in_file_manager(Path(place))
            return
        is_path = delivery.kind is TargetKind.GALLERY
        url = QUrl.fromLocalFile(place) if is_path else QUrl(place)
        if not self._open_page(url):
            self._say(tr("The system cannot open {page}.", page=place), "warn")

    def _show_clip(self, generation: Generation | None) -> None:
        if generation is None:
            self._say(tr("This clip was deleted; its deliveries stay in this list."), "info")
            return
        self._window.raise_()
        self._window.activateWindow()
        self.clip_requested.emit(generation)
