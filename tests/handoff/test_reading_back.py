"""A hand-off is read back: the same clips, moments, rates, sounds and files."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.exporting.clips import write_clip
from tests.handoff.conftest import Clips
from tests.handoff.reading import Found, clips_of, fades_of, path_of, read_back, tracks
from veo_studio.core.film.models import Film, FilmClip
from veo_studio.core.handoff.kinds import Kind
from veo_studio.core.handoff.writing import write_handoff


def written(film: Film, folder: Path, kind: Kind) -> Path:
    return write_handoff(film, folder / f"film{kind.suffix}", kind).path


def expected(clips: Clips) -> list[Found]:
    """Each clip without its halves of the cross-fades."""
    return [
        Found("Scene 'one'", clips.first, 0, 0, 42, 24, 48),
        Found("Scene 2", clips.silent, 42, 18, 15, 24, 48),
        Found("Scene 3", clips.third, 57, 3, 45, 24, 48),
        Found("Scene 4", clips.first, 102, 24, 24, 24, 48),
    ]


@pytest.mark.parametrize("kind", [Kind.OTIO, Kind.FCPXML, Kind.FCP7])
def test_clips_points_rates_and_files_are_the_films(
    kind: Kind, film: Film, clips: Clips, tmp_path: Path
) -> None:
    timeline = read_back(written(film, tmp_path, kind), kind)
    assert timeline.name == film.title
    pictures = next(
        track for track in timeline.tracks if clips_of(track)[0].name == "Scene 'one'"
    )  # fmt: skip
    assert clips_of(pictures) == expected(clips)
    assert pictures.duration().value == 126


@pytest.mark.parametrize("kind", [Kind.OTIO, Kind.FCP7])
def test_a_cross_fade_lies_around_its_cut_with_enough_of_both_clips(
    kind: Kind, film: Film, tmp_path: Path
) -> None:
    (pictures,) = tracks(read_back(written(film, tmp_path, kind), kind), "Video")
    assert fades_of(pictures) == [(6, 6), (3, 3)]


@pytest.mark.parametrize("kind", [Kind.OTIO, Kind.FCP7])
def test_sound_is_there_and_a_silent_clip_is_a_gap(
    kind: Kind, film: Film, clips: Clips, tmp_path: Path
) -> None:
    sound, music = tracks(read_back(written(film, tmp_path, kind), kind), "Audio")
    scenes = expected(clips)
    assert clips_of(sound) == [scenes[0], scenes[2], scenes[3]]
    (track,) = clips_of(music)
    assert (track.path, track.at, track.start, track.length) == (clips.sound, 0, 0, 126)


@pytest.mark.parametrize("kind", [Kind.OTIO, Kind.FCPXML, Kind.FCP7])
def test_titles_and_subtitles_are_markers(kind: Kind, film: Film, tmp_path: Path) -> None:
    timeline = read_back(written(film, tmp_path, kind), kind)
    marks = {
        clip.name: [mark.name for mark in clip.markers]
        for clip in timeline.find_clips()
        if len(clip.markers)
    }
    assert marks == {"Scene 2": ["Title: Hello world", "Subtitle: She says <hello>."]}


def test_an_edl_has_record_and_source_times_and_the_names_of_the_files(
    film: Film, clips: Clips, tmp_path: Path
) -> None:
    path = written(film, tmp_path, Kind.EDL)
    (pictures,) = tracks(read_back(path, Kind.EDL, rate=24), "Video")
    # an EDL begins a cross-fade where the later clip begins to be seen
    assert [(one.at, one.start, one.length) for one in clips_of(pictures)] == [
        (0, 0, 36),
        (36, 12, 18),
        (54, 0, 48),
        (102, 24, 24),
    ]
    assert fades_of(pictures) == [(0, 12), (0, 6)]
    text = path.read_text()
    lines = text.splitlines()
    assert lines[1] == "FCM: NON-DROP FRAME"
    assert f"* FROM CLIP NAME:  {clips.first.name}" in lines
    assert f"* TO CLIP NAME:  {clips.silent.name}" in lines
    assert "* SUBTITLE: She says <hello>." in lines
    reels = [line.split()[1] for line in lines if line[:3].isdigit()]
    assert reels == ["R001", "R001", "R002", "R002", "R003", "R001"]
    found = [path_of(line.partition("FILE: ")[2]) for line in lines if " FILE: " in line]
    assert set(found) == {clips.first, clips.silent, clips.third}


def test_fcpxml_has_cross_fades_sizes_sound_and_volumes(
    film: Film, clips: Clips, tmp_path: Path
) -> None:
    root = ElementTree.fromstring(written(film, tmp_path, Kind.FCPXML).read_text())
    spine = root.find("project/sequence/spine")
    assert spine is not None
    assert [item.tag for item in spine] == [
        "asset-clip", "transition", "asset-clip", "transition", "asset-clip", "asset-clip",
    ]  # fmt: skip
    fades = [(one.get("offset"), one.get("duration")) for one in spine.findall("transition")]
    assert fades == [("3/2s", "1/2s"), ("9/4s", "1/4s")]
    (form,) = root.findall("resources/format")
    assert (form.get("width"), form.get("height"), form.get("frameDuration")) == (
        "96", "64", "1/24s",
    )  # fmt: skip
    assets = {path_of(one.get("src", "")): one for one in root.findall("resources/asset")}
    assert set(assets) == {clips.first, clips.silent, clips.third, clips.sound}
    sounding = {path: one.get("hasAudio") == "1" for path, one in assets.items()}
    assert [path for path, has_sound in sounding.items() if not has_sound] == [clips.silent]
    music = spine.find("asset-clip/asset-clip")
    assert music is not None
    assert (music.get("lane"), music.get("duration")) == ("-1", "21/4s")
    volume = music.find("adjust-volume")
    assert volume is not None
    assert volume.get("amount") == "-6.021dB"
    assert [one.tag for one in volume.findall("param/*")] == ["fadeIn", "fadeOut"]
    ids = [one.get("id") for one in root.findall("resources/*")]
    assert {item.get("ref") for item in root.iter("asset-clip")} <= set(ids)
    assert len(set(ids)) == len(ids)


def test_fcp7_has_the_size_and_the_volumes(film: Film, tmp_path: Path) -> None:
    root = ElementTree.fromstring(written(film, tmp_path, Kind.FCP7).read_text())
    size = root.find(".//sequence/media/video/format/samplecharacteristics")
    assert size is not None
    assert (size.findtext("width"), size.findtext("height")) == ("96", "64")
    levels = [one for one in root.iter("parameter") if one.findtext("parameterid") == "level"]
    assert [one.findtext("value") for one in levels[:3]] == ["0.8"] * 3
    points = [(one.findtext("when"), one.findtext("value")) for one in levels[3].iter("keyframe")]
    assert points == [("0", "0"), ("12", "0.5"), ("102", "0.5"), ("126", "0")]
    # each file once, with its length and its rate; the others only name it
    whole = [one for one in root.iter("file") if one.find("pathurl") is not None]
    assert [one.findtext("duration") for one in whole] == ["48", "48", "48", "144"]
    assert {one.findtext("rate/timebase") for one in whole} == {"24"}


@pytest.mark.parametrize(
    ("fade_in_s", "fade_out_s", "points", "fades"),
    [
        (20.0, 10.0, [("0", "0"), ("84", "0.5"), ("126", "0")], ["7/2s", "7/4s"]),
        (0.0, 60.0, [("0", "0.5"), ("126", "0")], ["21/4s"]),
        (60.0, 0.0, [("0", "0"), ("126", "0.5")], ["21/4s"]),
    ],
)
def test_fades_longer_than_the_film_are_shorter_in_proportion(
    film: Film,
    tmp_path: Path,
    fade_in_s: float,
    fade_out_s: float,
    points: list[tuple[str, str]],
    fades: list[str],
) -> None:
    assert film.soundtrack is not None
    track = replace(film.soundtrack, fade_in_s=fade_in_s, fade_out_s=fade_out_s)
    film = replace(film, soundtrack=track)
    root = ElementTree.fromstring(written(film, tmp_path, Kind.FCP7).read_text())
    found = [(one.findtext("when"), one.findtext("value")) for one in root.iter("keyframe")]
    assert found == points
    root = ElementTree.fromstring(written(film, tmp_path, Kind.FCPXML).read_text())
    assert [one.get("duration") for one in root.findall(".//adjust-volume/param/*")] == fades


def test_otio_says_which_generation_a_clip_is(film: Film, tmp_path: Path) -> None:
    timeline = read_back(written(film, tmp_path, Kind.OTIO), Kind.OTIO)
    first = next(iter(timeline.find_clips()))
    assert first.metadata["veo_studio"]["generation_id"] == 7


@pytest.mark.parametrize("kind", list(Kind))
def test_clips_of_two_rates_meet_at_whole_pictures(
    kind: Kind, clips: Clips, tmp_path: Path
) -> None:
    film = Film("Two", (FilmClip(clips.first, "One"), FilmClip(clips.pal, "Two", in_s=0.52)))
    made = write_handoff(film, tmp_path / f"two{kind.suffix}", kind)
    assert "different frame rates" in made.notes[0]
    assert made.drafted.duration_s == 83 / 24
    if kind is Kind.FCPXML:
        # the library's reader counts in the file's rate; the file itself is exact
        root = ElementTree.fromstring(made.path.read_text())
        found = [
            (one.get("offset"), one.get("duration"), one.get("start"))
            for one in root.findall("project/sequence/spine/asset-clip")
        ]
        assert found == [("0s", "2s", "0s"), ("2s", "35/24s", "13/25s")]
        rates = {one.get("frameDuration") for one in root.findall("resources/format")}
        assert rates == {"1/24s", "1/25s"}
        return
    options = {"rate": 24} if kind is Kind.EDL else {}
    pictures = tracks(read_back(made.path, kind, **options), "Video")[0]
    assert [(one.at, one.length) for one in clips_of(pictures)] == [(0, 48), (48, 35)]


@pytest.mark.parametrize(
    ("rate", "shown"),
    [(Fraction(30000, 1001), "1001/30000s"), (Fraction(24000, 1001), "1001/24000s")],
)
def test_ntsc_rates_stay_exact(
    rate: Fraction, shown: str, clips: Clips, tmp_path: Path
) -> None:  # fmt: skip
    film = Film("NTSC", (FilmClip(clips.first, "One"), FilmClip(clips.third, "Two")), rate=rate)
    root = ElementTree.fromstring(written(film, tmp_path, Kind.FCPXML).read_text())
    sequence = root.find("project/sequence")
    assert sequence is not None
    forms = {one.get("id"): one.get("frameDuration") for one in root.findall("resources/format")}
    assert forms[sequence.get("format")] == shown
    timeline = read_back(written(film, tmp_path, Kind.FCP7), Kind.FCP7)
    (pictures,) = tracks(timeline, "Video")
    assert [one.rate for one in clips_of(pictures)] == pytest.approx([float(rate)] * 2)
    text = written(film, tmp_path, Kind.EDL).read_text()
    is_drop = rate == Fraction(30000, 1001)
    assert text.splitlines()[1] == f"FCM: {'' if is_drop else 'NON-'}DROP FRAME"


def test_a_rate_that_no_editor_knows_becomes_the_next_one(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "slow.mp4", fps=16, seconds=1.0)
    made = write_handoff(Film("Slow", (FilmClip(clip, "One"),)), tmp_path / "slow.edl", Kind.EDL)
    assert "16 pictures a second, which editors do not know; the timeline has 24" in made.notes[0]
    (pictures,) = tracks(read_back(made.path, Kind.EDL, rate=24), "Video")
    assert [(one.at, one.length) for one in clips_of(pictures)] == [(0, 24)]


def test_a_cross_fade_is_no_longer_than_its_clips_allow(clips: Clips, tmp_path: Path) -> None:
    film = Film(
        "Long",
        (
            FilmClip(clips.first, "One", out_s=0.5),
            FilmClip(clips.third, "Two", fade_s=5.0),
            FilmClip(clips.silent, "Three", fade_s=5.0),
        ),
    )
    (pictures,) = tracks(read_back(written(film, tmp_path, Kind.OTIO), Kind.OTIO), "Video")
    assert fades_of(pictures) == [(5, 5), (18, 18)]
    assert all(one.length >= 1 for one in clips_of(pictures))
    assert pictures.duration().value == 12 + 48 + 48 - 10 - 36


def test_names_from_outside_break_no_file(clips: Clips, tmp_path: Path) -> None:
    nasty = "\x00\x1b[31m]]>\n001  AX V C 00:00:00:00\u202e<x a='1'>&amp;\ufffe"
    film = Film(nasty, (FilmClip(clips.first, nasty, title=nasty, subtitle=nasty),))
    for kind in Kind:
        path = written(film, tmp_path, kind)
        timeline = read_back(path, kind, **({"rate": 24} if kind is Kind.EDL else {}))
        pictures = tracks(timeline, "Video")[0]
        assert [one.path for one in clips_of(pictures)] == [clips.first]
    lines = (tmp_path / "film.edl").read_text().splitlines()
    assert [line for line in lines if line[:3].isdigit()] == [
        "001  R001     V     C        00:00:00:00 00:00:02:00 00:00:00:00 00:00:02:00"
    ]


def test_two_hundred_clips(clips: Clips, tmp_path: Path) -> None:
    film = Film("Long", tuple(FilmClip(clips.first, f"Scene {n}", fade_s=0.25) for n in range(200)))
    for kind in Kind:
        timeline = read_back(
            written(film, tmp_path, kind), kind, **({"rate": 24} if kind is Kind.EDL else {})
        )
        assert len(clips_of(tracks(timeline, "Video")[0])) == 200


def test_the_soundtrack_alone_sounds_where_all_clips_are_silent(
    film: Film, clips: Clips, tmp_path: Path
) -> None:
    silent = replace(film, clips=(FilmClip(clips.silent, "One"),))
    (music,) = tracks(read_back(written(silent, tmp_path, Kind.FCP7), Kind.FCP7), "Audio")
    assert [one.path for one in clips_of(music)] == [clips.sound]
