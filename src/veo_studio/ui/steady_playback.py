"""A player whose threads cannot lock the window up.

Qt's ffmpeg threads drop their connections to our QAudioOutput and QVideoSink when a clip is closed.
They hold Qt's connection lock while the binding asks, under Python's own lock, whether Python
overrides `disconnectNotify`. The window's thread holds Python's lock and waits for Qt's as soon as a
slot of ours runs in that moment: both wait for ever, about once in thirty closed clips (PyQt 6.11,
Qt 6.11.2). The binding asks once per object and method and remembers the answer, so it is asked here,
on the window's own thread, before any other thread knows the objects.
"""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtBoundSignal
from PyQt6.QtWidgets import QWidget

from veo_studio.ui.playback import Playback, QtPlayback, make_playback, quiet_plugin


def steady_playback(owner: QWidget) -> Playback:
    """`make_playback`, with nothing left for other threads to ask Python about."""
    playback = make_playback(owner)
    _answer_all(playback)
    return playback


def steady_sound(owner: QWidget) -> QtPlayback:
    """What plays the sound of clips and no pictures. ImportError where QtMultimedia cannot be used."""
    quiet_plugin()
    playback = QtPlayback(owner, has_picture=False)
    _answer_all(playback)
    return playback


def _answer_all(playback: Playback) -> None:
    for part in (playback, *playback.findChildren(QObject)):
        _answer_now(part)


def _answer_now(part: QObject) -> None:
    """Connect and disconnect once: the binding looks `connectNotify` and `disconnectNotify` up."""

    def nothing(*_values: object) -> None:
        pass

    signal: pyqtBoundSignal = part.objectNameChanged
    signal.connect(nothing)
    signal.disconnect(nothing)
