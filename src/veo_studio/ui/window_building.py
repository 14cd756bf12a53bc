"""How the window is built: its panes, what works behind them, and what its actions do.

In slices, so that the loop comes round between them: the frame is on the screen by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from veo_studio.ui import error_text
from veo_studio.ui.arrivals import Arrivals
from veo_studio.ui.beginning import Beginning
from veo_studio.ui.clip_commands import ClipCommands
from veo_studio.ui.drafts import Drafts
from veo_studio.ui.errands import Errands
from veo_studio.ui.exploring import Exploring
from veo_studio.ui.form_tools import FormTools
from veo_studio.ui.library_tools import LibraryTools
from veo_studio.ui.menus import WindowActions, WindowMenus, on
from veo_studio.ui.notices import NoticeBar
from veo_studio.ui.once_more import OnceMore
from veo_studio.ui.pane_switches import PaneSwitches
from veo_studio.ui.publishing import Publishing
from veo_studio.ui.queue_control import QueueControls
from veo_studio.ui.services import Services
from veo_studio.ui.steady_playback import steady_playback
from veo_studio.ui.storyboard_runs import StoryboardRuns
from veo_studio.ui.storyboarding import Storyboarding
from veo_studio.ui.telling import Telling
from veo_studio.ui.theme import Theme
from veo_studio.ui.theme_choice import ThemeChoice
from veo_studio.ui.view_models.form_editing import FormEditing
from veo_studio.ui.view_models.form_model import FormModel
from veo_studio.ui.view_models.library_model import LibraryModel
from veo_studio.ui.view_models.queue_model import QueueModel
from veo_studio.ui.view_models.work_watcher import WorkWatcher
from veo_studio.ui.views.form import FormView
from veo_studio.ui.views.player import PlayerView
from veo_studio.ui.views.queue import QueueView
from veo_studio.ui.views.text_to_video import FORM, HISTORY, PLAYER, QUEUE
from veo_studio.ui.wallet_control import WalletControl
from veo_studio.ui.window_commands import WindowCommands
from veo_studio.ui.window_status import WindowStatus

if TYPE_CHECKING:
    from veo_studio.core.settings import Settings
    from veo_studio.ui.main_window import MainWindow


def build(
    window: MainWindow,
    *,
    theme: Theme,
    settings: Settings,
    form: FormModel,
    queue: QueueModel,
    library: LibraryModel,
    new_list: Callable[[], LibraryModel],
    outputs: Path,
    logs: Path,
) -> Iterator[None]:
    """The last step of `MainWindow`, which shows the history by now; each piece takes milliseconds.

    `new_list` gives another list over the library, for a page of its own.
    """
    window.form_model = form
    window.queue_model = queue
    window.library_model = library
    window.form = FormView(form)
    window.panes.put(FORM, window.form)
    yield
    window.player = PlayerView(playback_of=steady_playback)
    window.panes.put(PLAYER, window.player)
    window.queue = QueueView(queue)
    window.panes.put(QUEUE, window.queue)
    window.panes.set_targets(
        {
            FORM: window.form.prompt,
            PLAYER: window.player,
            QUEUE: window.queue.rows,
            HISTORY: window.history.list,
        }
    )
    yield
    _add_controllers(window, settings, outputs, logs)
    yield
    _add_tools(window, settings)
    _add_publishing(window, settings, new_list)
    yield
    _add_menus(window)
    _bind(window, settings)
    yield
    window.memory.restore(window.player)
    window.themes = ThemeChoice(window, window.acts, theme, settings, window.settings_changed.emit)
    window.status = WindowStatus(
        window, window.acts, window.header, form=form, queue=queue, publishing=window.publishing
    )
    window.begin()


def _add_controllers(window: MainWindow, settings: Settings, outputs: Path, logs: Path) -> None:
    """What works behind the panes."""
    form, form_model, player, history = (
        window.form,
        window.form_model,
        window.player,
        window.history,
    )
    window.history_notices = NoticeBar(history)
    telling = window.telling = Telling(
        window,
        (
            ("queue", window.queue, window.queue.notices),
            ("form", form, form.notices),
            ("history", history, window.history_notices),
        ),
        window.scope,
    )
    window.notifications = telling.notifications
    window.watcher = WorkWatcher(window)
    window.clips = ClipCommands(
        window,
        telling,
        window.panes,
        form=form,
        player=player,
        history=history,
        form_model=form_model,
    )
    window.once_more = OnceMore(window, telling, player=player, history=history)
    window.arrivals = Arrivals(
        telling,
        window.watcher,
        window.once_more,
        window.come_forward,
        window.pages,
        player=player,
        history=history,
        is_comparing=lambda: window.library_tools.comparing.view is not None,
    )
    window.editing = FormEditing(form_model, window)
    window.queue_controls = QueueControls(
        window,
        telling,
        window.panes,
        form=form,
        queue=window.queue,
        history=history,
        model=window.queue_model,
        editing=window.editing,
    )
    window.services = Services(
        window, telling, form=form, form_model=form_model, queue=window.queue_model
    )
    window.beginning = Beginning(
        window,
        settings,
        form=form,
        form_model=form_model,
        player=player,
        history=window.history_model,
        connect_service=window.services.show,
    )
    window.errands = Errands(
        window,
        telling,
        settings,
        outputs=outputs,
        logs=logs,
        on_changed=window.settings_changed.emit,
    )


def _add_tools(window: MainWindow, settings: Settings) -> None:
    """What helps to fill the form, and what works on the clips of the library."""
    window.wallet = WalletControl(
        window,
        window.telling,
        window.panes,
        form=window.form,
        form_model=window.form_model,
        history=window.history,
        player=window.player,
    )
    window.wallet_button = window.header.wallet
    window.tools = FormTools(
        window,
        window.telling,
        settings,
        window.panes,
        window.pages,
        window.tabs,
        form=window.form,
        model=window.form_model,
        history=window.history,
        editing=window.editing,
        services=window.services,
        wallet=window.wallet,
        on_changed=window.settings_changed.emit,
    )
    window.library_tools = LibraryTools(
        window,
        window.telling,
        settings,
        window.pages,
        window.panes,
        model=window.library_model,
        history=window.history,
        player=window.player,
        requests=window.requests,
        on_changed=window.settings_changed.emit,
    )
    window.storyboarding = Storyboarding(window, window.telling, settings, window.pages)
    runs = StoryboardRuns(
        window.storyboarding,
        window.telling,
        requests=window.requests,
        show_top_up=window.wallet.show_top_up,
        show_budget=window.wallet.show_budget,
    )
    window.storyboarding.add(runs)
    window.services.changed.connect(runs.on_services_changed)
    window.wallet.model.edited.connect(runs.on_wallet_edited)


def _add_publishing(
    window: MainWindow, settings: Settings, new_list: Callable[[], LibraryModel]
) -> None:
    """Drafts, what is published, and the places where it goes."""
    changed = window.settings_changed.emit
    telling, pages, requests = window.telling, window.pages, window.requests
    window.publishing = Publishing(
        window, telling, settings, pages, requests=requests, on_changed=changed
    )
    window.drafts = Drafts(
        window,
        telling,
        settings,
        pages,
        requests=requests,
        library=window.library_tools,
        player=window.player,
        form=window.form,
        form_model=window.form_model,
        queue=window.queue_model,
        new_list=new_list,
        retry=window.once_more.retry,
        publishing=window.publishing,
        on_changed=changed,
    )
    window.exploring = Exploring(
        window,
        telling,
        settings,
        pages,
        requests=requests,
        tools=window.library_tools,
        new_list=new_list,
        edit_caption=window.publishing.edit_caption,
        on_changed=changed,
    )


def _add_menus(window: MainWindow) -> None:
    acts = window.acts = WindowActions(window)
    window.pane_actions = acts.panes
    window.theme_actions = acts.themes
    window.menus = WindowMenus(
        window,
        acts,
        menus=window.menu_titles,
        playback=window.player.actions_for_menu(),
        telling=window.telling,
        clip_actions=lambda: window.library_tools.clip_actions(),
        queue_actions=window.queue.current_actions,
        scene_actions=lambda: window.storyboarding.menu_actions(),
    )
    window.clip_menu = window.menus.clip
    window.header.gear.setMenu(window.menus.settings)
    window.commands = WindowCommands(
        window,
        window.telling,
        window.panes,
        window.pages,
        library=window.library_tools,
        storyboarding=window.storyboarding,
        drafts=window.drafts,
        publishing=window.publishing,
        form=window.form,
        model=window.form_model,
        editing=window.editing,
        queue=window.queue,
        queue_controls=window.queue_controls,
        history=window.history,
    )


def _bind(window: MainWindow, settings: Settings) -> None:
    acts, commands, errands, tools = window.acts, window.commands, window.errands, window.tools
    for action, do_it in (
        (acts.new_prompt, commands.new_prompt),
        (acts.open_outputs, errands.open_outputs),
        (acts.choose_outputs, errands.choose_outputs),
        (acts.quit, window.close),
        (acts.generate, commands.generate),
        (acts.enhance, tools.enhancing.enhance),
        (acts.focus_prompt, commands.focus_prompt),
        (acts.presets, tools.presets.show_menu),
        (acts.focus_search, commands.focus_search),
        (acts.pause_queue, window.queue.toggle_pause),
        (acts.clear_waiting, window.queue.clear_requested.emit),
        (acts.show_attention, commands.show_attention),
        (acts.next_tab, lambda: tools.tabs.step(1)),
        (acts.previous_tab, lambda: tools.tabs.step(-1)),
        (acts.next_pane, lambda: commands.cycle(1)),
        (acts.previous_pane, lambda: commands.cycle(-1)),
        (acts.details, window.library_tools.show_details),
        (acts.wallet, window.show_wallet),
        (acts.shelf, window.library_tools.shelf.toggle),
        (acts.batch, tools.batches.show),
        (acts.export, window.library_tools.export),
        (acts.free_space, window.library_tools.freeing.show),
        (acts.deliveries, window.publishing.show_deliveries),
        (acts.targets, window.publishing.show_targets),
        (acts.rules, window.publishing.show_rules),
        (acts.settings, window.services.show),
        (acts.shortcuts, errands.show_shortcuts),
        (acts.open_logs, errands.open_logs),
        (acts.about, errands.show_about),
    ):
        on(action, do_it)
    for number, action in enumerate(acts.tabs):
        on(action, partial(tools.tabs.go_to, number))
    tools.recipes.bind_switch(acts.recipes)
    window.arrivals.bind_switch(acts.notify, settings, window.settings_changed.emit)
    window.library_tools.shelf.shown.connect(acts.shelf.setChecked)
    window.switches = PaneSwitches(window, window.panes, window.pages, window.header, acts.panes)
    _bind_panes(window)


def _bind_panes(window: MainWindow) -> None:
    errands, services = window.errands, window.services
    window.telling.offer(
        {
            error_text.OPEN_WALLET: lambda _about: window.show_wallet(),
            error_text.OPEN_SETTINGS: services.show_for,
            error_text.CHOOSE_FOLDER: lambda _about: errands.choose_outputs(),
        },
        {},
    )
    window.queue.key_requested.connect(services.show_service)
    services.changed.connect(window.settings_changed)
    services.wallet_requested.connect(window.show_wallet)
    window.beginning.ended.connect(window.settings_changed)
    window.form.generate_requested.connect(window.commands.generate)
    window.wallet_button.clicked.connect(window.acts.wallet.trigger)
    window.header.attention.clicked.connect(window.acts.show_attention.trigger)
    window.queue.copy_prompt_requested.connect(window.clips.copy_prompt)
    window.requests.write_requested.connect(window.commands.focus_prompt)
    window.watcher.money_moved.connect(
        lambda: window.telling.run(window.form_model.refresh_balance(), "form")
    )
    window.form_model.changed.connect(window.settings_changed)
    window.memory.watch(window.settings_changed, window.player)
