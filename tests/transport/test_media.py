from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.transport.clips import coloured
from veo_studio.core import media
from veo_studio.core.errors import DownloadError, StorageError
from veo_studio.core.mp4 import CutShort, check_mp4

# the box walk


def test_a_real_video_is_whole(video_file: Path) -> None:
    check_mp4(video_file)


def box(kind: bytes, payload: bytes = b"", size: int | None = None) -> bytes:
    return (8 + len(payload) if size is None else size).to_bytes(4, "big") + kind + payload


FTYP = box(b"ftyp", b"isom\0\0\0\0")
WHOLE = FTYP + box(b"moov", b"m" * 20) + box(b"mdat", b"d" * 20)
LARGE = FTYP + box(b"moov") + box(b"mdat", (16 + 3).to_bytes(8, "big") + b"abc", size=1)
OPEN_END = FTYP + box(b"moov") + box(b"mdat", b"d" * 20, size=0)


@pytest.mark.parametrize("content", [WHOLE, LARGE, OPEN_END, WHOLE + box(b"free")])
def test_boxes_that_end_with_the_file_are_whole(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    check_mp4(tmp_path / "a.mp4")


@pytest.mark.parametrize("length", range(1, len(WHOLE)))
def test_c03_every_shorter_file_is_cut_short(tmp_path: Path, length: int) -> None:
    (tmp_path / "a.mp4").write_bytes(WHOLE[:length])
    with pytest.raises(CutShort):
        check_mp4(tmp_path / "a.mp4")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>nothing here</html>",
        box(b"moov") + FTYP + box(b"mdat"),
        FTYP + box(b"moov", size=7) + box(b"mdat"),
        FTYP + box(b"\0\1\2\3") + box(b"moov") + box(b"mdat"),
        FTYP + box(b"mdat", (15).to_bytes(8, "big"), size=1) + box(b"moov"),
        FTYP + box(b"moov") + box(b"mdat", (2**64 - 1).to_bytes(8, "big"), size=1),
        WHOLE + b"\0",
        FTYP + box(b"moov"),
    ],
)
def test_c05_what_is_no_whole_video_is_seen(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(DownloadError):
        check_mp4(tmp_path / "a.mp4")


def test_a_missing_file_is_a_storage_error(tmp_path: Path) -> None:
    for call in (check_mp4, media.probe):
        with pytest.raises(StorageError):
            call(tmp_path / "missing.mp4")


# facts


def test_a_file_says_what_is_in_it(video_file: Path) -> None:
    facts = media.probe(video_file)
    assert (facts.width_px, facts.height_px) == (320, 180)
    assert facts.duration_s == pytest.approx(2.0, abs=0.1)
    assert facts.fps == pytest.approx(20)
    assert (facts.video_codec, facts.audio_codec, facts.has_audio) == ("h264", "aac", True)


def test_a_silent_file_says_so(tmp_path: Path) -> None:
    facts = media.probe(coloured(tmp_path / "a.mp4", 64, 48))
    assert facts.has_audio is False
    assert facts.audio_codec is None


def test_c17_a_damaged_file_never_does_more_than_lack_facts(clip: bytes, tmp_path: Path) -> None:
    """Flips in the moov, where all of the structure is; some files stay readable."""
    moov = clip.rindex(b"moov")
    path = tmp_path / "a.mp4"
    for seed in range(150):
        draw = random.Random(seed)
        damaged = bytearray(clip)
        for _ in range(1 + seed % 20):
            damaged[draw.randrange(moov, len(damaged))] = draw.randrange(256)
        path.write_bytes(damaged)
        try:
            facts = media.probe(path)
        except DownloadError:
            continue
        assert facts.width_px > 0
