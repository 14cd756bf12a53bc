"""The frame that the player shows: to a file, to the clipboard, or as where the next clip begins."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QGuiApplication, QImage

from veo_studio.core.grabs import save_frame
from veo_studio.core.stills import png, still
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr
from veo_studio.ui.views.clip_requests import ClipRequests
from veo_studio.ui.views.player import PlayerView
from veo_studio.ui.views.player_keys import FrameUse

_KEY = "frame"


class Grabbing(QObject):
    """One per window."""

    def __init__(
        self, window: QObject, telling: Telling, *, player: PlayerView, requests: ClipRequests
    ) -> None:
        super().__init__(window)
        self._telling = telling
        self._player = player
        self._requests = requests
        player.frame_requested.connect(self._on_wanted)

    def _on_wanted(self, use: FrameUse) -> None:
        path, at_s, generation = self._player.path, self._player.frame_s, self._player.generation
        if path is None:
            return
        if use is FrameUse.START:
            if generation is not None:
                self._player.leave_full_screen()
                self._player.pause()
                self._requests.frame_requested.emit(generation, at_s)
        elif use is FrameUse.COPY:
            self._telling.run(self._copy(path, at_s), "queue")
        else:
            self._telling.run(self._save(path, at_s), "queue")

    async def _save(self, path: Path, at_s: float) -> None:
        saved = await asyncio.to_thread(save_frame, path, at_s)
        words = tr("Frame saved as {name}.", name=saved.name)
        self._player.say(words)
        bar = self._telling.notices_of("queue")
        bar.dismiss(_KEY)
        bar.show_notice(
            words,
            level="ok",
            key=_KEY,
            action_text=tr("Show in folder"),
            on_action=lambda: self._telling.run(self._reveal(saved), "queue"),
            timeout_ms=12_000,
        )

    async def _reveal(self, path: Path) -> None:
        from veo_studio.ui.file_manager import show_in_file_manager

        show_in_file_manager(path)

    async def _copy(self, path: Path, at_s: float) -> None:
        content = await asyncio.to_thread(lambda: png(still(path, at_s)))
        image = await asyncio.to_thread(QImage.fromData, content)
        QGuiApplication.clipboard().setImage(image)
        words = tr("Frame copied.")
        self._player.say(words)
        self._telling.say_copied(words)
