"""What files carry about where they come from; they are strangers' files."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core import provenance_files as files
from veo_studio.core.errors import StorageError
from veo_studio.core.jumbf import Claim, read_claim
from veo_studio.core.provenance import Provenance, has_synthid, provenance_of

_XMP = (
    b"<rdf:Description Iptc4xmpExt:DigitalSourceType="
    b'"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/>'
)


def read(folder: Path, name: str, content: bytes) -> Provenance:
    path = folder / name
    path.write_bytes(content)
    return provenance_of(path)


@pytest.mark.parametrize("name", files.MAKERS)
def test_credentials_tell_who_signed_them(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, name, files.MAKERS[name](files.store()))
    assert found.credentials == Claim(
        "Example Studio", "Example Maker 2", "trainedAlgorithmicMedia"
    )
    assert found.source_type == ""
    assert not found.has_recipe


@pytest.mark.parametrize("name", files.MAKERS)
def test_xmp_tells_how_a_picture_came_to_be(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, name, files.MAKERS[name](None, _XMP))
    assert found == Provenance(source_type="trainedAlgorithmicMedia")


@pytest.mark.parametrize("name", files.MAKERS)
def test_a_file_without_any_carries_none(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, name, files.MAKERS[name](None)) == Provenance()


def test_a_certificate_without_an_organisation_has_a_name(tmp_path: Path) -> None:
    found = read(tmp_path, "clip.mp4", files.mp4(files.store(organisation="")))
    assert found.credentials is not None
    assert found.credentials.signer == "Signer 1"


def test_credentials_that_cannot_be_read_are_there_all_the_same(tmp_path: Path) -> None:
    found = read(tmp_path, "clip.mp4", files.mp4(b"\0\0\0\x10jumb" + b"\xff" * 40))
    assert found.credentials == Claim()


def test_words_of_strangers_act_on_nothing(tmp_path: Path) -> None:
    words = "Evil\x1b[31m\u202e <b>Studio</b>\n" + "x" * 500
    found = read(tmp_path, "clip.mp4", files.mp4(files.store(organisation=words)))
    assert found.credentials is not None
    assert found.credentials.signer.startswith("Evil <b>Studio</b> x")
    assert len(found.credentials.signer) == 120


def test_a_file_that_is_not_there_is_an_error_of_the_world(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"clip\.mp4 cannot be read"):
        provenance_of(tmp_path / "clip.mp4")


def test_other_files_carry_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "notes.txt", b"hello") == Provenance()
    assert read(tmp_path, "empty.mp4", b"") == Provenance()


@pytest.mark.parametrize(
    "lie",
    [
        b"\x7f\xff\xff\xffuuid" + files.C2PA,
        b"\0\0\0\x01uuid" + b"\xff" * 8 + files.C2PA,
        b"\0\0\0\x04uuid" + files.C2PA,
        files.box(b"uuid", files.C2PA),
        files.box(b"uuid"),
    ],
)
def test_sizes_that_lie_are_not_believed(tmp_path: Path, lie: bytes) -> None:
    content = files.box(b"ftyp", b"isom\0\0\0\0") + lie
    assert read(tmp_path, "clip.mp4", content).credentials in (None, Claim())


def test_a_part_that_is_too_large_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with path.open("wb") as file:
        file.write(files.box(b"ftyp", b"isom\0\0\0\0"))
        file.write((1 << 30).to_bytes(4) + b"uuid" + files.C2PA)
        # as long as it says, without its bytes on the disk
        file.truncate(16 + (1 << 30))
    assert provenance_of(path).credentials is None


def test_boxes_in_boxes_have_an_end() -> None:
    deep = b""
    for _ in range(5_000):
        deep = b"\x81" + deep
    claim = files.superbox("c2pa.claim", files.box(b"cbor", deep))
    with pytest.raises(ValueError, match="too deep"):
        read_claim(files.superbox("c2pa", files.superbox("urn:1", claim)))


def test_lists_that_never_end_have_an_end() -> None:
    for endless in (b"\x9f" * 40, b"\x9b" + b"\xff" * 8, b"\x9f" + b"\x01" * 30_000):
        claim = files.superbox("c2pa.claim", files.box(b"cbor", endless))
        with pytest.raises(ValueError, match=r"\w"):
            read_claim(files.superbox("c2pa", files.superbox("urn:1", claim)))


def test_what_google_documents_is_said_of_google_alone() -> None:
    assert has_synthid("gemini")
    assert has_synthid("vertex")
    assert not has_synthid("rehearsal")
    assert not has_synthid("runway")


_SEEDS = [make(files.store(), _XMP) for make in files.MAKERS.values()]
_FUZZ = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@_FUZZ
@given(st.sampled_from(_SEEDS), st.data())
def test_no_damage_to_a_file_is_an_error(tmp_path: Path, seed: bytes, data: st.DataObject) -> None:
    content = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.sampled_from((0, 1, 0x7F, 0x80, 0xFF)))
    cut = data.draw(st.integers(0, len(content)))
    assert isinstance(read(tmp_path, "file.bin", bytes(content[:cut])), Provenance)


@_FUZZ
@given(st.binary(max_size=300))
def test_no_bytes_are_more_than_a_value_error(content: bytes) -> None:
    for store in (content, files.superbox("c2pa", files.superbox("urn:1", content))):
        with contextlib.suppress(ValueError):
            assert isinstance(read_claim(store), Claim)


@_FUZZ
@given(st.binary(max_size=300))
def test_no_claim_is_more_than_a_value_error(content: bytes) -> None:
    parts = [
        files.superbox(label, files.box(b"cbor", content))
        for label in ("c2pa.claim", "c2pa.signature")
    ]
    chain = files.cbor([b"", {33: content}, b"", b""])
    parts.append(files.superbox("c2pa.signature", files.box(b"cbor", chain)))
    for part in parts:
        with contextlib.suppress(ValueError):
            assert isinstance(read_claim(files.superbox("c2pa", files.superbox("u", part))), Claim)
