"""The menu bar's titles: on the screen with the window's frame, before there is anything in the menus."""

from __future__ import annotations

from PyQt6.QtWidgets import QMenu, QMenuBar

from veo_studio.ui.text import tr

FILE, GENERATE, QUEUE, CLIP = "file", "generate", "queue", "clip"
SCENES, VIEW, PLAYBACK, WALLET, HELP = "scenes", "view", "playback", "wallet", "help"


def add_menus(bar: QMenuBar) -> dict[str, QMenu]:
    """Empty ones, from left to right."""
    made: dict[str, QMenu] = {}
    for name, words in (
        (FILE, tr("&File")),
        # no letter that a field or button of the form has: such a key needs two presses
        (GENERATE, tr("G&enerate")),
        (QUEUE, tr("&Queue")),
        (CLIP, tr("&Clip")),
        (SCENES, tr("Stor&yboard")),
        (VIEW, tr("&View")),
        (PLAYBACK, tr("Play&back")),
        (WALLET, tr("&Wallet")),
        (HELP, tr("&Help")),
    ):
        menu = bar.addMenu(words)
        assert menu is not None
        made[name] = menu
    return made
