"""What is heard: clips at their places, cross-fades, the soundtrack. Tones are told apart by their pitch."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from tests.exporting.clips import sound_s
from tests.film.conftest import clip, film
from veo_studio.core.errors import DownloadError, StorageError
from veo_studio.core.exporting.presets import Form
from veo_studio.core.exporting.tasks import Way
from veo_studio.core.film import making
from veo_studio.core.film.models import FilmFormat
from veo_studio.core.storyboard.models import Soundtrack

RATE_HZ = 48_000
# of the clips and of the soundtrack, and how loud both are
CLIP_HZ, TRACK_HZ, LOUD = 440, 1000, 0.4
ENCODED = FilmFormat(may_copy=False)
PLAIN = FilmFormat(Form.PRORES)
NEAR = 0.03


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds."""
    return write_tone(tmp_path_factory.mktemp("music") / "music.wav", 3.0)


def write_tone(path: Path, seconds: float, rate_hz: int = 44_100) -> Path:
    with av.open(str(path), "w") as made:
        stream = made.add_stream("pcm_s16le", rate=rate_hz, layout="mono")
        at = np.arange(round(rate_hz * seconds)) / rate_hz
        wave = np.sin(2 * np.pi * TRACK_HZ * at) * LOUD * 32767
        frame = av.AudioFrame.from_ndarray(
            wave.astype(np.int16).reshape(1, -1), format="s16", layout="mono"
        )
        frame.sample_rate = rate_hz
        made.mux(stream.encode(frame))
        made.mux(stream.encode(None))
    return path


def heard(path: Path) -> np.ndarray:
    """The left side of the whole sound."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE_HZ)
        blocks = [
            ready.to_ndarray()[0]
            for frame in container.decode(audio=0)
            for ready in resampler.resample(frame)
        ]
    return np.concatenate(blocks)


def loudness(sound: np.ndarray, from_s: float, to_s: float, hertz: int) -> float:
    """The height of the waves of one pitch."""
    part = sound[round(from_s * RATE_HZ) : round(to_s * RATE_HZ)]
    at = np.arange(len(part)) / RATE_HZ
    return float(abs(np.mean(part * np.exp(-2j * np.pi * hertz * at))) * 2)


def test_clips_are_heard_one_after_another(make, clips):
    made = make(film(clip(clips["a"]), clip(clips["mute"], 2), clip(clips["b"], 3)))
    assert made.way is Way.KEPT, "the picture is taken as it is whatever is done to the sound"
    assert made.notes == ("Scene 2: no sound.",)
    sound = heard(made.path)
    assert sound_s(made.path) == pytest.approx(4.0, abs=0.05)
    assert loudness(sound, 0.2, 1.8, CLIP_HZ) == pytest.approx(LOUD, abs=NEAR)
    assert loudness(sound, 2.2, 2.8, CLIP_HZ) < 0.01
    assert loudness(sound, 3.2, 3.8, CLIP_HZ) == pytest.approx(LOUD, abs=NEAR)


def test_the_sound_of_a_single_clip_is_taken_as_it_is(make, clips):
    made = make(film(clip(clips["a"])))
    assert made.way is Way.KEPT
    assert stored(made.path) == stored(clips["a"])


def stored(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def test_a_film_without_any_sound_has_none(make, clips):
    for form in (FilmFormat(), ENCODED):
        made = make(film(clip(clips["mute"]), clip(clips["mute"], 2)), form)
        assert made.audio_codec is None
        assert made.notes == ()


def test_sound_follows_the_cut_of_its_picture(make, clips, tmp_path):
    # a second of silence, then a second of sound
    half = make(film(clip(clips["mute"]), clip(clips["b"], 2)), PLAIN).path
    source = half.rename(tmp_path / "half.mov")
    sound = heard(make(film(clip(source, in_s=0.5, out_s=1.5)), PLAIN).path)
    assert len(sound) == RATE_HZ
    assert loudness(sound, 0.0, 0.48, CLIP_HZ) < 0.01
    assert loudness(sound, 0.52, 1.0, CLIP_HZ) == pytest.approx(LOUD, abs=NEAR)


def test_a_cross_fade_is_heard(make, clips, music, tmp_path):
    # a clip that sounds otherwise, so that both can be told apart
    other = make(
        film(clip(clips["mute"]), soundtrack=Soundtrack(music, fade_out_s=0)), PLAIN
    ).path.rename(tmp_path / "other.mov")
    made = make(film(clip(clips["a"]), clip(other, 2, fade_s=0.8)), PLAIN)
    sound = heard(made.path)
    assert len(sound) == round(2.2 * RATE_HZ)
    assert loudness(sound, 0.5, 1.2, CLIP_HZ) == pytest.approx(LOUD, abs=NEAR)
    assert loudness(sound, 0.5, 1.2, TRACK_HZ) < 0.01
    # in its middle each is as loud as the other
    assert loudness(sound, 1.55, 1.65, CLIP_HZ) == pytest.approx(LOUD * 0.7, abs=NEAR)
    assert loudness(sound, 1.55, 1.65, TRACK_HZ) == pytest.approx(LOUD * 0.7, abs=NEAR)
    assert loudness(sound, 2.02, 2.2, TRACK_HZ) == pytest.approx(LOUD, abs=NEAR)
    assert loudness(sound, 2.02, 2.2, CLIP_HZ) < 0.01


def test_the_soundtrack_has_its_volume_and_comes_and_goes(make, clips, music):
    track = Soundtrack(music, volume=0.5, fade_in_s=0.5, fade_out_s=1.0, clip_volume=0.25)
    made = make(film(clip(clips["a"]), clip(clips["b"], 2), soundtrack=track), PLAIN)
    sound = heard(made.path)
    assert loudness(sound, 0.2, 0.3, TRACK_HZ) == pytest.approx(LOUD * 0.5 * 0.5, abs=NEAR)
    assert loudness(sound, 0.6, 1.9, TRACK_HZ) == pytest.approx(LOUD * 0.5, abs=NEAR)
    assert loudness(sound, 2.45, 2.55, TRACK_HZ) == pytest.approx(LOUD * 0.5 * 0.5, abs=NEAR)
    assert loudness(sound, 2.95, 3.0, TRACK_HZ) < 0.02
    assert loudness(sound, 0.2, 1.8, CLIP_HZ) == pytest.approx(LOUD * 0.25, abs=NEAR)


def test_fades_longer_than_the_film_meet_at_the_full_volume(make, clips, music):
    track = Soundtrack(music, fade_in_s=6.0, fade_out_s=6.0, clip_volume=0.0)
    sound = heard(make(film(clip(clips["b"]), soundtrack=track), PLAIN).path)
    assert loudness(sound, 0.49, 0.51, TRACK_HZ) == pytest.approx(LOUD, abs=NEAR)
    assert loudness(sound, 0.24, 0.26, TRACK_HZ) == pytest.approx(LOUD * 0.5, abs=NEAR)
    assert loudness(sound, 0.74, 0.76, TRACK_HZ) == pytest.approx(LOUD * 0.5, abs=NEAR)


def test_a_soundtrack_alone(make, clips, music):
    track = Soundtrack(music, fade_out_s=0.0, clip_volume=0.0)
    made = make(film(clip(clips["b"]), soundtrack=track))
    assert made.way is Way.KEPT
    sound = heard(made.path)
    assert loudness(sound, 0.1, 0.9, TRACK_HZ) == pytest.approx(LOUD, abs=NEAR)
    assert loudness(sound, 0.1, 0.9, CLIP_HZ) < 0.01
    assert make(film(clip(clips["mute"]), soundtrack=track)).audio_codec == "aac"
    silent = Soundtrack(music, volume=0.0, clip_volume=0.0)
    assert make(film(clip(clips["b"]), soundtrack=silent)).audio_codec is None


def test_a_soundtrack_that_is_too_short_says_so(make, clips, tmp_path):
    short = write_tone(tmp_path / "short.wav", 1.0)
    track = Soundtrack(short, fade_out_s=0.5)
    made = make(film(clip(clips["mute"]), clip(clips["mute"], 2), soundtrack=track), PLAIN)
    assert made.notes == ("The soundtrack ends after 1.0 s, the film after 2.0 s.",)
    sound = heard(made.path)
    assert len(sound) == 2 * RATE_HZ
    assert loudness(sound, 0.1, 0.4, TRACK_HZ) == pytest.approx(LOUD, abs=NEAR)
    # it fades before its own end
    assert loudness(sound, 0.7, 0.8, TRACK_HZ) == pytest.approx(LOUD * 0.5, abs=NEAR)
    assert loudness(sound, 1.1, 1.9, TRACK_HZ) < 0.005


def test_loud_sounds_together_are_never_cut_off(make, clips, tmp_path):
    loud = make(
        film(clip(clips["b"]), soundtrack=Soundtrack(clips["b"], fade_out_s=0.0)), PLAIN
    ).path.rename(tmp_path / "loud.mov")
    # twice 0.4, together with as much again
    made = make(film(clip(loud), soundtrack=Soundtrack(loud, fade_out_s=0.0)), PLAIN)
    peak = np.abs(heard(made.path)).max()
    assert 0.85 < peak < 0.9999


def test_soundtracks_that_are_none(clips, tmp_path):
    one = clip(clips["b"])
    with pytest.raises(StorageError, match=r"The soundtrack gone\.wav is gone"):
        making.plan(film(one, soundtrack=Soundtrack(tmp_path / "gone.wav")), ENCODED)
    text = tmp_path / "text.wav"
    text.write_text("la la la")
    with pytest.raises(DownloadError, match=r"text\.wav cannot be read as sound"):
        making.plan(film(one, soundtrack=Soundtrack(text)), ENCODED)
    with pytest.raises(DownloadError, match=r"mute\.mp4 holds no sound"):
        making.plan(film(one, soundtrack=Soundtrack(clips["mute"])), ENCODED)
    with pytest.raises(ValueError, match="A volume is 0 to 1"):
        making.plan(film(one, soundtrack=Soundtrack(clips["b"], volume=3.0)), ENCODED)
