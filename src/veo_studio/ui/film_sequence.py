"""Playing clips back to back: while one plays, the next one stands ready at its first picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QWidget

from veo_studio.ui.film_decks import Deck, Shot, SoundDeck, Track
from veo_studio.ui.playback import Playback
from veo_studio.ui.steady_playback import steady_playback, steady_sound

# how often the position is told and volumes follow their fades
_TICK_MS = 40
# a picture that begins this near to the end of its clip is after it
_NEAR_MS = 1.0


class FilmSequence(QObject):
    """Positions are milliseconds of the film.

    Signals:
        picture_changed(): `pictures` are others.
        position_changed(int): in ms of the film.
        playing_changed(bool): it plays, or no longer.
        place_changed(int): another shot is shown.
        ended(): the end of the film was reached.
        failed(int): the shot at this place cannot be played.
    """

    picture_changed = pyqtSignal()
    position_changed = pyqtSignal(int)
    playing_changed = pyqtSignal(bool)
    place_changed = pyqtSignal(int)
    ended = pyqtSignal()
    failed = pyqtSignal(int)

    def __init__(
        self,
        owner: QWidget,
        *,
        make: Callable[[QWidget], Playback] = steady_playback,
        make_sound: Callable[[QWidget], Playback] = steady_sound,
    ) -> None:
        super().__init__(owner)
        self._owner = owner
        self._make = make
        self._shots: tuple[Shot, ...] = ()
        self._track: Track | None = None
        self._decks: list[Deck] = []
        self._sound = SoundDeck(owner, make_sound)
        self._place = -1
        self._at_ms = 0.0
        self._is_playing = False
        self._is_muted = False
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._on_tick)
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._go_on)
        self._turn_to: list[Deck] = []
        self._sending = QTimer(self)
        self._sending.setSingleShot(True)
        self._sending.setInterval(0)
        self._sending.timeout.connect(self._send)

    # asking

    @property
    def is_playing(self) -> bool:
        return self._is_playing

    @property
    def is_muted(self) -> bool:
        return self._is_muted

    @property
    def duration_ms(self) -> int:
        return self._shots[-1].end_ms if self._shots else 0

    @property
    def position_ms(self) -> int:
        return round(self._at_ms)

    @property
    def place(self) -> int:
        """Of the shot that is shown; -1 where there is none."""
        return self._place

    def pictures(self) -> list[tuple[QImage, float]]:
        """What is seen, the lowest first, with how much of it covers what is below."""
        if not 0 <= self._place < len(self._shots):
            return []
        seen: list[tuple[QImage, float]] = []
        now = self._deck(self._place)
        image = None if now is None else now.playback.picture()
        if image is not None:
            seen.append((image, 1.0))
        share = self._fade_share()
        following = self._deck(self._place + 1)
        if share > 0 and following is not None:
            image = following.playback.picture()
            if image is not None:
                seen.append((image, share if seen else 1.0))
        return seen

    # telling

    def set_shots(self, shots: Sequence[Shot]) -> None:
        """Another film; it stands where it stood, as far as that is in it."""
        shots = tuple(shots)
        if shots == self._shots:
            return
        self._shots = shots
        for deck in self._decks:
            deck.place = -1
        if not shots:
            self._stop()
            self.close()
            return
        self.seek(min(self.position_ms, self.duration_ms))

    def set_track(self, track: Track | None) -> None:
        """The soundtrack as it is to sound."""
        if track == self._track:
            return
        self._track = track
        self._set_volumes()
        if self._is_playing:
            self._start_sound()
        elif track is None:
            self._sound.close()

    def play(self) -> None:
        if not self._shots or self._is_playing:
            return
        if self._at_ms >= self.duration_ms - _NEAR_MS:
            self.seek(0)
        self._is_playing = True
        self._tick.start()
        self._resume()
        self._start_sound()
        self.playing_changed.emit(True)

    def pause(self) -> None:
        self._stop()

    def seek(self, position_ms: float) -> None:
        """To this moment of the film; playing goes on."""
        if not self._shots:
            return
        at_ms = max(0.0, min(float(position_ms), float(self.duration_ms)))
        place = max(
            (number for number, shot in enumerate(self._shots) if shot.start_ms <= at_ms), default=0
        )
        # in a cross-fade the earlier one leads until it ends
        if place and at_ms < self._shots[place - 1].end_ms:
            place -= 1
        self._at_ms = at_ms
        self._show(place)
        if self._is_playing:
            self._resume()
            self._start_sound()
        self.position_changed.emit(self.position_ms)
        self.picture_changed.emit()

    def set_muted(self, is_muted: bool) -> None:
        """Silence for clips and soundtrack."""
        self._is_muted = is_muted
        self._set_volumes()

    def close(self) -> None:
        """Let go of every file; it can be used again."""
        self._stop()
        self._turn.stop()
        for deck in self._decks:
            deck.let_go()
        self._sound.close()
        self._shots = ()
        self._at_ms = 0.0
        self._set_place(-1)
        self.picture_changed.emit()

    # the two players

    def _deck(self, place: int) -> Deck | None:
        return next((deck for deck in self._decks if deck.place == place), None)

    def _made(self) -> list[Deck]:
        while len(self._decks) < 2:
            deck = Deck(self._make(self._owner))
            playback = deck.playback
            playback.picture_changed.connect(partial(self._on_picture, deck))
            playback.ended.connect(partial(self._on_ended, deck))
            playback.failed.connect(partial(self._on_failed, deck))
            self._decks.append(deck)
        return self._decks

    def _load(self, place: int, at_ms: float, keep: int) -> Deck:
        """The player with this shot, at this moment of the film; the one with `keep` stays."""
        shot = self._shots[place]
        deck = self._deck(place)
        if deck is None:
            free = [one for one in self._made() if one.place != keep or keep == -1]
            # one that has the file already needs not open it again
            deck = next((one for one in free if one.path == shot.path), free[0])
            deck.place = place
        wanted_ms = round(shot.in_ms + min(max(0.0, at_ms - shot.start_ms), shot.out_ms))
        deck.wanted_ms = min(wanted_ms, max(shot.in_ms, shot.out_ms - 1))
        if deck.path != shot.path:
            deck.path, deck.is_open = shot.path, False
            deck.playback.open(shot.path)
        elif deck.is_open:
            deck.seek(is_playing=self._is_playing)
        return deck

    def _show(self, place: int) -> None:
        """This shot now; the one after it is made ready."""
        self._load(place, self._at_ms, -1)
        if place + 1 < len(self._shots):
            self._load(place + 1, self._at_ms, place)
        for deck in self._decks:
            if deck.place not in (place, place + 1):
                deck.place = -1
                if deck.playback.is_playing:
                    deck.playback.pause()
        self._set_place(place)
        self._set_volumes()

    def _set_place(self, place: int) -> None:
        if place != self._place:
            self._place = place
            self.place_changed.emit(place)

    def _resume(self) -> None:
        """What is to be seen runs, the other one waits."""
        now, following = self._deck(self._place), self._deck(self._place + 1)
        if now is not None and now.is_open:
            now.playback.play()
        if following is not None and following.is_open:
            if self._is_fading():
                following.playback.play()
            elif following.playback.is_playing:
                following.playback.pause()

    def _is_fading(self) -> bool:
        following = self._place + 1
        return following < len(self._shots) and self._at_ms >= self._shots[following].start_ms

    def _fade_share(self) -> float:
        """How much the next shot covers this one, 0.0-1.0."""
        following = self._place + 1
        if following >= len(self._shots) or not self._shots[following].fade_ms:
            return 0.0
        shot = self._shots[following]
        return max(0.0, min(1.0, (self._at_ms - shot.start_ms) / shot.fade_ms))

    # what the players tell

    def _on_picture(self, deck: Deck) -> None:
        if not deck.is_open and deck.path is not None and deck.playback.picture() is not None:
            # only a player that shows something goes where it is sent
            deck.is_open = True
            self._turn_to.append(deck)
            self._sending.start()
        if deck.place < 0 or deck.place not in (self._place, self._place + 1):
            return
        if deck.place == self._place and self._is_playing and deck.wanted_ms is None:
            self._follow(deck)
        self.picture_changed.emit()

    def _send(self) -> None:
        """Players that have opened their file meanwhile: not from within the signal of a picture."""
        decks, self._turn_to = self._turn_to, []
        for deck in decks:
            if deck.is_open and deck.place >= 0:
                deck.seek(is_playing=self._is_playing)
        if decks and self._is_playing:
            self._resume()

    def _follow(self, deck: Deck) -> None:
        """The picture of now says where the film is."""
        shot = self._shots[deck.place]
        at_ms = deck.playback.picture_ms
        if not deck.is_there(at_ms):
            return
        if at_ms >= shot.out_ms - _NEAR_MS:
            # not from within the signal of its own picture
            self._turn.start()
            return
        if at_ms >= shot.in_ms - deck.playback.frame_ms:
            self._at_ms = shot.start_ms + max(0.0, at_ms - shot.in_ms)

    def _on_ended(self, deck: Deck) -> None:
        if deck.place == self._place and self._is_playing:
            self._turn.start()

    def _on_failed(self, deck: Deck, _words: str) -> None:
        place = deck.place
        if place >= 0 and place == self._place:
            self._stop()
            self.failed.emit(place)

    def _go_on(self) -> None:
        """This shot is over: the next one, which is ready, goes on from where it is."""
        if not self._is_playing or not 0 <= self._place < len(self._shots):
            return
        done = self._deck(self._place)
        if self._place + 1 >= len(self._shots):
            self._at_ms = float(self.duration_ms)
            self._stop()
            self.position_changed.emit(self.position_ms)
            self.ended.emit()
            return
        self._at_ms = float(max(self._at_ms, self._shots[self._place].end_ms))
        if done is not None:
            done.playback.pause()
        self._set_place(self._place + 1)
        self._resume()
        self._set_volumes()
        if self._place + 1 < len(self._shots):
            self._load(self._place + 1, self._at_ms, self._place)
        self.picture_changed.emit()

    def _stop(self) -> None:
        was_playing, self._is_playing = self._is_playing, False
        self._tick.stop()
        self._turn.stop()
        for deck in self._decks:
            if deck.playback.is_playing:
                deck.playback.pause()
        self._sound.pause()
        if was_playing:
            self.playing_changed.emit(False)

    def _on_tick(self) -> None:
        following = self._deck(self._place + 1)
        is_waiting = following is not None and following.is_open
        if is_waiting and self._is_fading() and not following.playback.is_playing:  # type: ignore[union-attr]
            following.playback.play()  # type: ignore[union-attr]
        for deck in self._decks:
            deck.tick()
        self._set_volumes()
        self.position_changed.emit(self.position_ms)

    # sound

    def _set_volumes(self) -> None:
        """Gains are of amplitudes, players take what the ear hears: the root of it."""
        share = self._fade_share()
        clip_gain = 1.0 if self._track is None else self._track.clip_volume
        for deck in self._decks:
            gain = clip_gain * (share if deck.place == self._place + 1 else 1.0 - share)
            deck.playback.set_volume(math.sqrt(gain))
            deck.playback.set_muted(self._is_muted)
        if self._track is not None:
            gain = self._track.volume_at(self._at_ms, self.duration_ms)
            self._sound.set_volume(gain, is_muted=self._is_muted)

    def _start_sound(self) -> None:
        if self._track is None:
            self._sound.close()
            return
        self._sound.play(self._track.path, self._at_ms)
        self._set_volumes()
