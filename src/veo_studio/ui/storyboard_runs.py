"""Making a storyboard from its tab: the run bar below the scenes, and the takes beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from veo_studio.core.models import BudgetPeriod, Generation
from veo_studio.ui.bridge import run_dialog
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr_n
from veo_studio.ui.views.clip_requests import ClipRequests

if TYPE_CHECKING:
    from veo_studio.core.storyboard.models import Step
    from veo_studio.core.storyboard.pricing import RunPrice
    from veo_studio.core.studio import Studio
    from veo_studio.ui.board_setup import BoardSetup
    from veo_studio.ui.scene_importing import SceneImporting
    from veo_studio.ui.storyboarding import Storyboarding
    from veo_studio.ui.view_models.clip_pictures import ClipPictures
    from veo_studio.ui.view_models.run_model import RunModel
    from veo_studio.ui.views.scene_takes import SceneTakes
    from veo_studio.ui.views.storyboard import StoryboardView
    from veo_studio.ui.views.storyboard_run import StoryboardRunBar
    from veo_studio.ui.views.storyboard_side import StoryboardSide

PANE = "storyboard"
# from so many generations on a click that costs is asked about first
_MANY = 4


class StoryboardRuns(QObject):
    """One per window; everything is made with the tab. `show_top_up` and `show_budget` lead to the wallet.

    Signals:
        answered(bool): the question before a run was, True where it may begin.
    """

    answered = pyqtSignal(bool)

    def __init__(
        self,
        storyboarding: Storyboarding,
        telling: Telling,
        *,
        requests: ClipRequests,
        show_top_up: Callable[[], None],
        show_budget: Callable[[BudgetPeriod], None],
    ) -> None:
        super().__init__(storyboarding)
        self._storyboarding = storyboarding
        self._telling = telling
        self._requests = requests
        self._show_top_up = show_top_up
        self._show_budget = show_budget
        self._studio: Studio | None = None
        self.model: RunModel | None = None
        self.bar: StoryboardRunBar | None = None
        self.takes: SceneTakes | None = None
        self.side: StoryboardSide | None = None
        self.setup: BoardSetup | None = None
        self.importing: SceneImporting | None = None
        self.pictures: ClipPictures | None = None
        self._is_asking = False
        storyboarding.made.connect(self._make)

    def open(self, studio: Studio) -> None:
        """The core is there."""
        self._studio = studio
        if self.model is not None:
            self._bind_core(studio)

    def close(self) -> None:
        """Follow nothing any longer; runs go on."""
        if self.model is not None:
            self.model.close()
        if self.pictures is not None:
            self.pictures.stop()

    def on_services_changed(self) -> None:
        """Other models can be used now, or their prices are other ones."""
        if self.setup is not None and self.model is not None:
            self.setup.offer_models()
            self.model.read_again()

    def on_wallet_edited(self) -> None:
        """Tokens or a budget were changed by hand: what was too dear may be possible now."""
        if self.model is not None:
            self.model.read_again()

    def _make(self, view: StoryboardView) -> None:
        # imported late, with the tab
        from veo_studio.ui.board_setup import BoardSetup
        from veo_studio.ui.scene_importing import SceneImporting
        from veo_studio.ui.view_models.clip_pictures import ClipPictures
        from veo_studio.ui.view_models.run_model import RunModel
        from veo_studio.ui.views.scene_takes import SceneTakes
        from veo_studio.ui.views.storyboard_run import StoryboardRunBar
        from veo_studio.ui.views.storyboard_side import StoryboardSide
        from veo_studio.ui.views.take_tile import PICTURE

        spawn = self._telling.scope.spawn
        self.model = RunModel(view.document, spawn, self)
        self.model.failed.connect(lambda error: self._telling.show_error(error, PANE))
        self.pictures = ClipPictures(None, spawn, self)
        self.pictures.set_size(PICTURE)
        self.bar = StoryboardRunBar(self.model)
        self.takes = SceneTakes(self.model, self.pictures)
        self.setup = BoardSetup(view, self._telling, self)
        self.importing = SceneImporting(view, self._telling, self)
        self.side = StoryboardSide(self.takes, self.setup.cast, self.setup.settings)
        # Tab goes through them in this order
        view.side_place.put(self.side, 1)
        view.run_place.put(self.bar)
        view.notices.stand_on(self.bar)
        self._bind_views(self.bar, self.takes)
        self._bind_page(view, self.setup)
        if self._studio is not None:
            self._bind_core(self._studio)

    def _bind_core(self, studio: Studio) -> None:
        from veo_studio.ui.storyboard_access import BoardRuns

        assert self.model is not None
        assert self.pictures is not None
        assert self.setup is not None
        self.pictures.maker = studio.thumbnails
        assert self.importing is not None
        self.setup.open(studio)
        self.importing.open(studio)
        self.model.open(BoardRuns(studio))

    def _bind_views(self, bar: StoryboardRunBar, takes: SceneTakes) -> None:
        bar.make_requested.connect(self.make)
        bar.rehearse_requested.connect(self.rehearse)
        bar.approve_requested.connect(self.approve_all)
        bar.go_on_requested.connect(lambda: self._run(self._need().go_on()))
        bar.cancel_requested.connect(lambda: self._run(self._need().cancel()))
        bar.top_up_requested.connect(self._show_top_up)
        bar.budget_requested.connect(self._show_budget)
        takes.chosen.connect(self._on_chosen)
        takes.approve_requested.connect(self._on_approve)
        takes.redo_requested.connect(self.redo)
        takes.compare_requested.connect(self._requests.compare_requested)
        takes.play_requested.connect(self._requests.play_requested)

    def _bind_page(self, view: StoryboardView, setup: BoardSetup) -> None:
        assert self.bar is not None
        assert self.takes is not None
        for command, button in (
            ("scenes.make", self.bar.make),
            ("scenes.rehearse", self.bar.rehearse),
            ("scenes.approve", self.bar.approve),
            ("scenes.new_picture", self.takes.redo_picture),
            ("scenes.new_take", self.takes.redo_clip),
        ):
            view.offer(command, button)
        for edit in (view.editor.picture, view.editor.motion):
            setup.complete(edit)
        view.looked_at.connect(self.look_at)
        self.look_at(view.list.current, view.list.selected())

    def _need(self) -> RunModel:
        assert self.model is not None, "nothing is asked for before the tab is made"
        return self.model

    def _run(self, work: object) -> None:
        self._telling.run(work, PANE)  # type: ignore[arg-type]

    # what the user does

    def look_at(self, scene_uuid: str | None, selected: tuple[str, ...]) -> None:
        """The scene that is edited, and those that are selected."""
        if self.model is not None and self.bar is not None:
            self.model.look_at(scene_uuid)
            self.bar.show_selected(selected)

    def make(self) -> None:
        """What is missing for the goal of now, at the price that is shown."""
        model = self._need()
        if model.blocked() is None and model.offered is not None and not self._is_asking:
            self._run(self._make_asked(model, model.offered))

    async def _make_asked(self, model: RunModel, price: RunPrice) -> None:
        if await self._is_agreed(price):
            await model.start()

    async def _is_agreed(self, price: RunPrice) -> bool:
        """Asked only where many things cost; a click on one thing is an answer already."""
        if price.is_free or price.count < _MANY:
            return True
        from veo_studio.ui.views.confirm_run import ConfirmRunDialog

        self._is_asking = True
        try:
            dialog = ConfirmRunDialog(price, self._storyboarding.view)
            is_agreed = await run_dialog(dialog) == ConfirmRunDialog.DialogCode.Accepted
        finally:
            self._is_asking = False
        self.answered.emit(is_agreed)
        return is_agreed

    def rehearse(self) -> None:
        """The whole storyboard as an animatic; free."""
        from veo_studio.core.storyboard.models import RunGoal

        self._run(self._need().start(RunGoal.REHEARSAL))

    def approve_all(self) -> None:
        model = self._need()
        if model.view is not None:
            uuids = [one.scene.uuid for one in model.view.awaiting_approval]
            self._run(self._approve(uuids))

    async def _approve(self, uuids: list[str]) -> None:
        await self._need().approve(uuids)
        bar = self._telling.notices_of(PANE)
        words = tr_n("{n} picture approved.", "{n} pictures approved.", len(uuids))
        bar.show_notice(words, level="ok", key="approved")

    def _on_approve(self, scene_uuid: str, is_approved: bool) -> None:
        self._run(self._need().approve([scene_uuid], is_approved=is_approved))

    def redo(self, step: Step) -> None:
        """A picture or a take more, at the price on the button."""
        self._run(self._need().redo(step))

    def _on_chosen(self, scene_uuid: str, generation: Generation) -> None:
        self._run(self._need().choose(scene_uuid, generation.id))
