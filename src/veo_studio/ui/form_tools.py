"""Everything that helps to fill the form: tabs, pictures, recipes, drops, better words, presets, batches."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QMainWindow, QTabBar

from veo_studio.ui.batching import Batches
from veo_studio.ui.enhancing import Enhancing
from veo_studio.ui.form_tab_bar import FormTabBar
from veo_studio.ui.made_from import MadeFrom
from veo_studio.ui.presets import Presets
from veo_studio.ui.recipes import Recipes
from veo_studio.ui.services import Services
from veo_studio.ui.telling import Telling
from veo_studio.ui.view_models.form_editing import FormEditing
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.views.form import FormView
from veo_studio.ui.views.history import HistoryView
from veo_studio.ui.views.text_to_video import FORM, TextToVideoView
from veo_studio.ui.wallet_control import WalletControl
from veo_studio.ui.window_drops import WindowDrops
from veo_studio.ui.window_pages import WindowPages

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings


class FormTools:
    """One per window, made last: each tool is a controller of its own that brings the form into sight."""

    def __init__(
        self,
        window: QMainWindow,
        telling: Telling,
        settings: Settings,
        panes: TextToVideoView,
        pages: WindowPages,
        tabs: QTabBar,
        *,
        form: FormView,
        model: FormModel,
        history: HistoryView,
        editing: FormEditing,
        services: Services,
        wallet: WalletControl,
        on_changed: Callable[[], object],
    ) -> None:
        show_form = partial(panes.set_wanted, FORM, True)
        self.tabs = FormTabBar(window, tabs, model, pages, show_form)
        self.made_from = MadeFrom(
            window, telling, show_form, form=form, model=model, history=history.model
        )
        self.recipes = Recipes(
            window,
            telling,
            settings,
            show_form,
            form=form,
            model=model,
            history=history,
            is_editing=lambda: editing.is_on,
            on_changed=on_changed,
        )
        self.drops = WindowDrops(window, form, self.recipes.load, show_form)
        self.enhancing = Enhancing(
            window, telling, show_form, services.show_enhancer, form=form, model=model
        )
        self.presets = Presets(window, telling, show_form, form=form, model=model)
        self.batches = Batches(
            window,
            telling,
            form_model=model,
            show_top_up=wallet.show_top_up,
            show_budget=wallet.show_budget,
        )
        history.requests.tasks_of = model.tasks_of
        history.work_requested.connect(self.made_from.work_on)
        history.words_requested.connect(self.enhancing.help_refused)
        history.picture_requested.connect(self.made_from.use)
        history.frame_requested.connect(self.made_from.use_frame)
