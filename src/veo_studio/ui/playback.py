"""Playing one clip: Qt's own player, or a silent one where the system lacks its libraries.

QtMultimedia is imported at the first clip, never at the start of the window.
"""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import (
    Q_ARG,
    QLoggingCategory,
    QMetaObject,
    QObject,
    Qt,
    QUrl,
    pyqtSignal,
    pyqtSlot,
)
from PyQt6.QtGui import QImage

if TYPE_CHECKING:
    from PyQt6.QtMultimedia import QMediaPlayer

_log = logging.getLogger(__name__)

_DEFAULT_FRAME_MS = 1000 / 24


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

    def set_looping(self, is_looping: bool) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the file; it can be moved or deleted when this returns."""
        raise NotImplementedError


def make_playback(parent: QObject) -> Playback:
    """The best playback this machine has. ImportError where there is none at all."""
    # The plugin describes every file it opens; warnings stay.
    QLoggingCategory.setFilterRules("qt.multimedia.*.info=false\nqt.multimedia.*.debug=false")
    try:
        return QtPlayback(parent)
    except ImportError as error:
        # A Linux without libpulse, for example: the picture is worth more than the sound.
        _log.warning("QtMultimedia cannot be used, clips play without sound: %s", error)
        return FramePlayback(parent)


class QtPlayback(Playback):
    """QMediaPlayer into a video sink, whose frames the view paints itself.

    Its commands wait for Qt's decoder threads, and PyQt keeps Python's lock while they do. A thread
    that then logs into a message handler of ours waits for that lock: both wait for ever. So
    every command goes through `_call`, which lets go of the lock.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        from PyQt6 import QtMultimedia

        self._qt = QtMultimedia
        self._player: QMediaPlayer = QtMultimedia.QMediaPlayer(self)
        self._sound = QtMultimedia.QAudioOutput(self)
        self._has_sound = False
        self._sink = QtMultimedia.QVideoSink(self)
        self._player.setVideoSink(self._sink)
        self._is_new = False
        self._picture: QImage | None = None
        self._sink.videoFrameChanged.connect(self._on_frame)
        self._player.positionChanged.connect(self._on_position)
        self._player.durationChanged.connect(self._on_duration)
        self._player.playbackStateChanged.connect(
            lambda _: self.playing_changed.emit(self.is_playing)
        )
        self._player.mediaStatusChanged.connect(self._on_status)
        self._player.errorOccurred.connect(self._on_error)

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
        return 1000 / rate if rate else _DEFAULT_FRAME_MS

    def picture(self) -> QImage | None:
        if self._is_new:
            self._is_new = False
            # A copy from the sink: the frame that comes with the signal is gone after the slot.
            image = self._sink.videoFrame().toImage()
            if not image.isNull():
                self._picture = image
        return self._picture

    def open(self, path: Path) -> None:
        self._is_new = False
        self._picture = None
        self._attach_sound()
        self._call("setSource", QUrl.fromLocalFile(str(path.absolute())))
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
        # Exactly at the start of a frame Qt 6.11 still shows the one before it.
        self._call("setPosition", position_ms + 1 if position_ms > 0 else 0)

    def set_rate(self, rate: float) -> None:
        self._call("setPlaybackRate", float(rate))

    def set_volume(self, volume: float) -> None:
        self._sound.setVolume(volume * volume)

    def set_muted(self, is_muted: bool) -> None:
        self._sound.setMuted(is_muted)

    def set_looping(self, is_looping: bool) -> None:
        loops = self._qt.QMediaPlayer.Loops
        self._player.setLoops((loops.Infinite if is_looping else loops.Once).value)

    def close(self) -> None:
        self._call("stop")
        self._call("setSource", QUrl())
        self._is_new = False
        self._picture = None
        self.picture_changed.emit()

    @pyqtSlot()
    def _on_frame(self) -> None:
        # A stop sends an empty frame; the last picture stays until another file is opened.
        if self._sink.videoFrame().isValid() and self._player.source().isValid():
            self._is_new = True
            self.picture_changed.emit()

    def _on_position(self, position_ms: int) -> None:
        self.position_changed.emit(int(position_ms))

    def _on_duration(self, duration_ms: int) -> None:
        self.duration_changed.emit(int(duration_ms))

    def _on_status(self, status: Any) -> None:
        if status is self._qt.QMediaPlayer.MediaStatus.EndOfMedia:
            self.ended.emit()

    def _on_error(self, _error: Any, words: str) -> None:
        self.failed.emit(words)


class FramePlayback(Playback):
    """Pictures without sound, decoded by PyAV in a thread of its own."""

    silence = "QtMultimedia"

    # Sent by the thread, taken on the window's thread: (open number, what).
    _arrived = pyqtSignal(int, str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        import av  # told here, not in the thread, when it is missing

        self._av = av
        self._picture: QImage | None = None
        self._position_ms = 0
        self._duration_ms = 0
        self._frame_ms = _DEFAULT_FRAME_MS
        self._number = 0
        self._thread: threading.Thread | None = None
        self._wake = threading.Condition()
        self._is_playing = False
        self._is_looping = False
        self._rate = 1.0
        self._seek_ms: int | None = None
        self._is_closing = False
        self._arrived.connect(self._on_arrived)

    @property
    def is_playing(self) -> bool:
        return self._is_playing

    @property
    def position_ms(self) -> int:
        return self._position_ms

    @property
    def duration_ms(self) -> int:
        return self._duration_ms

    @property
    def frame_ms(self) -> float:
        return self._frame_ms

    def picture(self) -> QImage | None:
        return self._picture

    def open(self, path: Path) -> None:
        self.close()
        self._number += 1
        self._is_closing = False
        self._is_playing = False
        self._seek_ms = 0
        self._thread = threading.Thread(
            target=self._run, args=(self._number, path), name="clip", daemon=True
        )
        self._thread.start()

    def play(self) -> None:
        if self._thread is None or self._is_playing:
            return
        with self._wake:
            if self._duration_ms and self._position_ms >= self._duration_ms - self._frame_ms:
                self._seek_ms = 0
            self._is_playing = True
            self._wake.notify_all()
        self.playing_changed.emit(True)

    def pause(self) -> None:
        if not self._is_playing:
            return
        with self._wake:
            self._is_playing = False
            self._wake.notify_all()
        self.playing_changed.emit(False)

    def seek(self, position_ms: int) -> None:
        with self._wake:
            self._seek_ms = max(0, min(position_ms, self._duration_ms or position_ms))
            self._wake.notify_all()
        self._position_ms = self._seek_ms or 0
        self.position_changed.emit(self._position_ms)

    def set_rate(self, rate: float) -> None:
        with self._wake:
            self._rate = rate
            self._wake.notify_all()

    def set_looping(self, is_looping: bool) -> None:
        self._is_looping = is_looping

    def close(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            with self._wake:
                self._is_closing = True
                self._wake.notify_all()
            thread.join(timeout=5)
        self._number += 1
        self._picture = None
        self._position_ms = self._duration_ms = 0
        if self._is_playing:
            self._is_playing = False
            self.playing_changed.emit(False)
        self.picture_changed.emit()

    # On the window's thread

    def _on_arrived(self, number: int, what: str, value: object) -> None:
        if number != self._number:
            return  # of a file that is closed by now
        if what == "picture":
            assert isinstance(value, tuple)
            self._picture, self._position_ms = value
            self.picture_changed.emit()
            self.position_changed.emit(self._position_ms)
        elif what == "facts":
            assert isinstance(value, tuple)
            self._duration_ms, self._frame_ms = value
            self.duration_changed.emit(self._duration_ms)
        elif what == "end":
            self._position_ms = self._duration_ms
            self.position_changed.emit(self._position_ms)
            self.playing_changed.emit(False)
            self.ended.emit()
        else:
            self.failed.emit(str(value))

    # On the clip's thread

    def _run(self, number: int, path: Path) -> None:
        try:
            with self._av.open(str(path)) as container:
                self._play_container(number, container)
        except Exception as error:
            # A decoder's errors are many classes; each means that this file does not play.
            self._tell(number, "failed", f"{type(error).__name__}: {error}")

    def _tell(self, number: int, what: str, value: object) -> None:
        try:
            self._arrived.emit(number, what, value)
        except RuntimeError:  # the window was deleted meanwhile: nobody listens
            self._is_closing = True

    def _play_container(self, number: int, container: Any) -> None:
        if not container.streams.video:
            raise ValueError("there is no picture in this file")
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        rate = float(stream.average_rate or 24)
        duration_ms = round(container.duration / 1000) if container.duration else 0
        self._tell(number, "facts", (duration_ms, 1000 / rate))
        frames = container.decode(stream)
        shown_at, shown_ms = time.monotonic(), 0.0
        while True:
            with self._wake:
                while not (self._is_playing or self._seek_ms is not None or self._is_closing):
                    self._wake.wait()
                    shown_at = time.monotonic()
                if self._is_closing:
                    return
                target_ms, self._seek_ms = self._seek_ms, None
            if target_ms is not None:
                container.seek(max(0, target_ms * 1000 - 1000), backward=True)
                frames = container.decode(stream)
            frame = next(frames, None)
            while target_ms is not None and frame is not None:
                if frame.time is None or frame.time * 1000 + 500 / rate >= target_ms:
                    break
                following = next(frames, None)
                if following is None:
                    break
                frame = following
            if frame is None:
                with self._wake:
                    if self._is_looping:
                        self._seek_ms = 0
                    else:
                        self._is_playing = False
                if not self._is_looping:
                    self._tell(number, "end", None)
                continue
            now_ms = (frame.time or 0.0) * 1000
            if target_ms is None:
                with self._wake:
                    due = shown_at + (now_ms - shown_ms) / 1000 / self._rate
                    wait_s = due - time.monotonic()
                    if wait_s > 0:
                        self._wake.wait_for(
                            lambda: self._is_closing or self._seek_ms is not None, timeout=wait_s
                        )
                    if self._is_closing:
                        return
                    if self._seek_ms is not None:
                        continue
                shown_at = max(due, time.monotonic() - 0.25)
            else:
                shown_at = time.monotonic()
            shown_ms = now_ms
            self._tell(number, "picture", (_image_of(frame), round(now_ms)))


def _image_of(frame: Any) -> QImage:
    """A decoded frame as a picture, no larger than a screen needs."""
    width, height = frame.width, frame.height
    if width * height > 1920 * 1200:
        scale = (1920 * 1080 / (width * height)) ** 0.5
        width, height = max(2, int(width * scale)) & ~1, max(2, int(height * scale)) & ~1
    array = frame.to_ndarray(format="bgra", width=width, height=height)
    data = array.tobytes()
    return QImage(data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()
