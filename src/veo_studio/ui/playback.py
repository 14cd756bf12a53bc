"""Playing one clip: with Qt's own player, or with `frame_playback` where the system lacks its libraries.

QtMultimedia is imported at the first clip, never at the start of the window.
"""

from __future__ import annotations

import importlib
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import (
    Q_ARG,
    QFile,
    QLoggingCategory,
    QMetaObject,
    QObject,
    Qt,
    QThreadPool,
    QTimer,
    QUrl,
    pyqtSignal,
    pyqtSlot,
)
from PyQt6.QtGui import QImage

from veo_studio.ui.shuttle import frame_at

if TYPE_CHECKING:
    from PyQt6.QtMultimedia import QMediaPlayer

_log = logging.getLogger(__name__)

DEFAULT_FRAME_MS = 1000 / 24
# for the first picture, on a machine with much else to do
_PATIENCE_MS = 5000
_CALLED_OFF_MS = 5000


class Playback(QObject):
    """One clip, open or not. Positions and lengths are milliseconds.

    Signals:
        picture_changed(): `picture` is another one.
        position_changed(int), duration_changed(int): in ms.
        playing_changed(bool): it plays, or no longer.
        ended(): the end was reached and it does not loop.
        failed(str): the file cannot be played; plain text for the log, not for people.
    """

    picture_changed = pyqtSignal()
    position_changed = pyqtSignal(int)
    duration_changed = pyqtSignal(int)
    playing_changed = pyqtSignal(bool)
    ended = pyqtSignal()
    failed = pyqtSignal(str)

    # Why there is no sound; "" where there is.
    silence = ""
    # takes negative rates
    plays_backwards = False

    @property
    def is_playing(self) -> bool:
        raise NotImplementedError

    @property
    def position_ms(self) -> int:
        raise NotImplementedError

    @property
    def duration_ms(self) -> int:
        raise NotImplementedError

    @property
    def frame_ms(self) -> float:
        """How long one frame is shown."""
        raise NotImplementedError

    @property
    def picture_ms(self) -> float:
        """The moment in the clip at which the picture of now begins."""
        raise NotImplementedError

    def picture(self) -> QImage | None:
        """The picture now; made when asked for, so that a hidden player costs nothing."""
        raise NotImplementedError

    def open(self, path: Path) -> None:
        """Open `path` and show its first picture."""
        raise NotImplementedError

    def play(self) -> None:
        raise NotImplementedError

    def pause(self) -> None:
        raise NotImplementedError

    def seek(self, position_ms: int) -> None:
        raise NotImplementedError

    def set_rate(self, rate: float) -> None:
        raise NotImplementedError

    def set_volume(self, volume: float) -> None:
        """0.0-1.0 as the ear hears it."""

    def set_muted(self, is_muted: bool) -> None:
        """Silence without touching the volume."""

    def set_loop(self, is_looping: bool, in_ms: int | None, out_ms: int | None) -> None:
        """Begin again at the end, or between these moments; None: the start, the end."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the file; it can be moved or deleted when this returns."""
        raise NotImplementedError


def make_playback(parent: QObject) -> Playback:
    """The best playback this machine has. ImportError where there is none at all."""
    quiet_plugin()
    try:
        return QtPlayback(parent)
    except ImportError as error:
        # A Linux without libpulse, for example: the picture is worth more than the sound.
        _log.warning("QtMultimedia cannot be used, clips play without sound: %s", error)
        from veo_studio.ui.frame_playback import FramePlayback

        return FramePlayback(parent)


def is_multimedia_loaded() -> bool:
    return "PyQt6.QtMultimedia" in sys.modules


def load_multimedia() -> None:
    """Raises ImportError where it cannot be used. On the window's own thread only."""
    importlib.import_module("PyQt6.QtMultimedia")


def quiet_plugin() -> None:
    """The plugin describes every file it opens; warnings stay."""
    QLoggingCategory.setFilterRules("qt.multimedia.*.info=false\nqt.multimedia.*.debug=false")


class QtPlayback(Playback):
    """QMediaPlayer into a video sink, whose frames the view paints itself.

    Its commands wait for Qt's decoder threads, and PyQt keeps Python's lock while they do. A thread
    that then logs into a message handler of ours waits for that lock: both wait for ever. So
    every command goes through `_call`, which lets go of the lock.
    """

    def __init__(self, parent: QObject | None = None, *, has_picture: bool = True) -> None:
        """Without `has_picture` it plays the sound only, and no picture is decoded."""
        super().__init__(parent)
        from PyQt6 import QtMultimedia

        self._qt = QtMultimedia
        self._player: QMediaPlayer = QtMultimedia.QMediaPlayer(self)
        self._sound = QtMultimedia.QAudioOutput(self)
        self._has_sound = False
        self._sink = QtMultimedia.QVideoSink(self)
        self._has_picture = has_picture
        if has_picture:
            self._player.setVideoSink(self._sink)
        self._is_new = False
        self._picture: QImage | None = None
        self._picture_ms = 0.0
        # looped between these; None: the whole clip, or no loop
        self._range: tuple[int, int | None] | None = None
        self._is_returning = False
        # a decoder that is missing is told by nothing but pictures that never come
        self._has_shown = False
        self._file: QFile | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._on_no_picture)
        self._sink.videoFrameChanged.connect(self._on_frame)
        self._player.positionChanged.connect(self._on_position)
        self._player.durationChanged.connect(self._on_duration)
        self._player.playbackStateChanged.connect(
            lambda _: self.playing_changed.emit(self.is_playing)
        )
        self._player.mediaStatusChanged.connect(self._on_status)
        self._player.errorOccurred.connect(self._on_error)

    @property
    def can_be_heard(self) -> bool:
        """There is something that sound comes out of."""
        return self._has_sound

    @property
    def is_playing(self) -> bool:
        return self._player.playbackState() is self._qt.QMediaPlayer.PlaybackState.PlayingState

    @property
    def position_ms(self) -> int:
        return self._player.position()

    @property
    def duration_ms(self) -> int:
        return self._player.duration()

    @property
    def frame_ms(self) -> float:
        rate = self._player.metaData().value(self._qt.QMediaMetaData.Key.VideoFrameRate)
        return 1000 / rate if rate else DEFAULT_FRAME_MS

    @property
    def picture_ms(self) -> float:
        self.picture()
        return self._picture_ms

    def picture(self) -> QImage | None:
        if self._is_new:
            self._is_new = False
            # A copy from the sink: the frame that comes with the signal is gone after the slot.
            frame = self._sink.videoFrame()
            image = frame.toImage()
            if not image.isNull():
                self._picture = image
                self._picture_ms = max(0.0, frame.startTime() / 1000)
        return self._picture

    def open(self, path: Path) -> None:
        if self._file is not None:
            self._unload()
        self._is_new = self._is_returning = self._has_shown = False
        self._picture = None
        self._picture_ms = 0.0
        if self._has_picture:
            self._patience.start()
        self._attach_sound()
        self._file = QFile(str(path), self)
        if not self._file.open(QFile.OpenModeFlag.ReadOnly):
            self._patience.stop()
            self.failed.emit(self._file.errorString())
            return
        # a file of ours: what Qt still has of it later cannot keep it from being moved
        self._player.setSourceDevice(self._file, QUrl.fromLocalFile(str(path.absolute())))
        self._call("pause")  # shows the first picture

    def _attach_sound(self) -> None:
        # Without a device every clip would start with a warning, and nothing would be heard.
        has_device = not self._qt.QMediaDevices.defaultAudioOutput().isNull()
        if has_device and not self._has_sound:
            self._has_sound = True
            self._player.setAudioOutput(self._sound)

    def _call(self, command: str, *values: Any) -> None:
        """A slot of the player, run here and now without Python's lock."""
        arguments = [
            Q_ARG("qlonglong" if type(value) is int else type(value), value) for value in values
        ]
        direct = Qt.ConnectionType.DirectConnection
        QMetaObject.invokeMethod(self._player, command, direct, *arguments)

    def play(self) -> None:
        self._call("play")

    def pause(self) -> None:
        self._call("pause")

    def seek(self, position_ms: int) -> None:
        is_stopped = (
            self._player.playbackState() is self._qt.QMediaPlayer.PlaybackState.StoppedState
        )
        if is_stopped:
            self._call("pause")  # at the end it is stopped, and a stopped player shows no frames
        # Exactly at the start of a frame Qt 6.11 still shows the one before it; a moment later in
        # any other place would make the last moment of a frame the first of the next.
        frame_ms = self.frame_ms
        is_start = 0 < position_ms < frame_at(position_ms, frame_ms) * frame_ms + 1
        self._call("setPosition", position_ms + 1 if is_start else position_ms)

    def set_rate(self, rate: float) -> None:
        self._call("setPlaybackRate", float(rate))

    def set_volume(self, volume: float) -> None:
        self._sound.setVolume(volume * volume)

    def set_muted(self, is_muted: bool) -> None:
        self._sound.setMuted(is_muted)

    def set_loop(self, is_looping: bool, in_ms: int | None, out_ms: int | None) -> None:
        has_range = in_ms is not None or out_ms is not None
        self._range = (in_ms or 0, out_ms) if is_looping and has_range else None
        self._is_returning = False
        loops = self._qt.QMediaPlayer.Loops
        is_whole = is_looping and not has_range
        self._player.setLoops((loops.Infinite if is_whole else loops.Once).value)

    def _return(self) -> None:
        """To the start of the range that is looped."""
        if self._range is not None and self._is_returning:
            self.seek(self._range[0])
            self._call("play")

    def close(self) -> None:
        self._patience.stop()
        self._unload()
        self._is_new = self._is_returning = False
        self._picture = None
        self.picture_changed.emit()

    def _unload(self) -> None:
        is_loading = self._player.mediaStatus() is self._qt.QMediaPlayer.MediaStatus.LoadingMedia
        self._call("stop")
        self._call("setSource", QUrl())
        if is_loading:
            # Qt 6.11 calls the opening off and does not wait for its thread
            QThreadPool.globalInstance().waitForDone(_CALLED_OFF_MS)
        file, self._file = self._file, None
        if file is not None:
            file.close()
            file.deleteLater()

    @pyqtSlot()
    def _on_frame(self) -> None:
        # A stop sends an empty frame; the last picture stays until another file is opened.
        frame = self._sink.videoFrame()
        if not frame.isValid() or not self._player.source().isValid():
            return
        self._has_shown = True
        self._patience.stop()
        if self.is_playing and self._range is not None and self._range[1] is not None:
            is_beyond = frame.startTime() / 1000 >= self._range[1] - 1
            if is_beyond and not self._is_returning:
                self._is_returning = True
                # not from within the signal of its own frame
                QTimer.singleShot(0, self._return)
            self._is_returning = is_beyond
            if is_beyond:
                return
        self._is_new = True
        self.picture_changed.emit()

    def _on_position(self, position_ms: int) -> None:
        self.position_changed.emit(int(position_ms))

    def _on_duration(self, duration_ms: int) -> None:
        self.duration_changed.emit(int(duration_ms))

    def _on_status(self, status: Any) -> None:
        if status is not self._qt.QMediaPlayer.MediaStatus.EndOfMedia:
            return
        if self._has_picture and not self._has_shown:
            self._on_no_picture()
            return
        if self._range is not None:
            self._is_returning = True
            QTimer.singleShot(0, self._return)
        else:
            self.ended.emit()

    def _on_no_picture(self) -> None:
        if self._player.source().isValid() and not self._has_shown:
            self._patience.stop()
            self.failed.emit("no picture came")

    def _on_error(self, _error: Any, words: str) -> None:
        self.failed.emit(words)
