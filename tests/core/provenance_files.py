"""Files with content credentials, made by hand: nothing of them is signed, nothing is read that is."""

from __future__ import annotations

import zlib
from typing import Any


def cbor(value: Any) -> bytes:
    """RFC 8949 for the few kinds that a manifest needs."""
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(cbor(one) for one in value)
    if isinstance(value, dict):
        pairs = (cbor(name) + cbor(one) for name, one in value.items())
        return _head(5, len(value)) + b"".join(pairs)
    assert isinstance(value, int)
    return _head(0, value) if value >= 0 else _head(1, -1 - value)


def _head(major: int, count: int) -> bytes:
    if count < 24:
        return bytes([major << 5 | count])
    if count < 256:
        return bytes([major << 5 | 24, count])
    return bytes([major << 5 | 26]) + count.to_bytes(4)


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    return bytes([tag, 0x82]) + len(body).to_bytes(2) + body


def certificate(organisation: str, name: str = "Signer 1") -> bytes:
    """Only its shape is one of X.509."""

    def named(oid: bytes, words: str) -> bytes:
        return der(0x31, der(0x30, der(0x06, oid), der(0x0C, words.encode())))

    issuer = der(0x30, named(b"\x55\x04\x0a", "Some authority"))
    parts = [named(b"\x55\x04\x03", name)]
    if organisation:
        parts.append(named(b"\x55\x04\x0a", organisation))
    version, serial, dates = der(0xA0, der(0x02, b"\x02")), der(0x02, b"\x07"), der(0x30)
    body = der(0x30, version, serial, der(0x30), issuer, dates, der(0x30, *parts))
    return der(0x30, body, der(0x30), der(0x03, b"\0"))


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return (len(body) + 8).to_bytes(4) + kind + body


def superbox(label: str, *parts: bytes) -> bytes:
    return box(b"jumb", box(b"jumd", b"\0" * 16, b"\x03", label.encode(), b"\0"), *parts)


def store(
    *,
    organisation: str = "Example Studio",
    generator: str = "Example Maker",
    source_type: str = "trainedAlgorithmicMedia",
) -> bytes:
    """A manifest store with one manifest."""
    link = f"http://cv.iptc.org/newscodes/digitalsourcetype/{source_type}"
    actions = {"actions": [{"action": "c2pa.created", "digitalSourceType": link}]}
    chain = {1: -7, 33: [certificate(organisation), certificate("Authority")]}
    return superbox(
        "c2pa",
        superbox(
            "urn:c2pa:1",
            superbox("c2pa.assertions", superbox("c2pa.actions.v2", box(b"cbor", cbor(actions)))),
            superbox(
                "c2pa.claim.v2",
                box(b"cbor", cbor({"claim_generator_info": {"name": generator, "version": "2"}})),
            ),
            superbox("c2pa.signature", box(b"cbor", cbor([cbor(chain), {}, b"", b"\0" * 64]))),
        ),
    )


C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def mp4(manifests: bytes | None, xmp: bytes = b"") -> bytes:
    parts = [box(b"ftyp", b"isom\0\0\0\0")]
    if manifests is not None:
        parts.append(box(b"uuid", C2PA, b"\0" * 4, b"manifest\0", b"\0" * 8, manifests))
    if xmp:
        parts.append(box(b"uuid", XMP, xmp))
    return b"".join([*parts, box(b"moov"), box(b"mdat", b"\0" * 32)])


def png(manifests: bytes | None, xmp: bytes = b"") -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)

    parts = [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", b"\0\0\0\1\0\0\0\1\x08\0\0\0\0")]
    if manifests is not None:
        parts.append(chunk(b"caBX", manifests))
    if xmp:
        parts.append(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp))
    return b"".join([*parts, chunk(b"IDAT", zlib.compress(b"\0\0")), chunk(b"IEND", b"")])


def jpeg(manifests: bytes | None, xmp: bytes = b"", *, piece: int = 400) -> bytes:
    """The store in several segments, as one of more than 64 kB has to be."""

    def segment(marker: int, body: bytes) -> bytes:
        return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2) + body

    parts = [b"\xff\xd8"]
    if xmp:
        parts.append(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp))
    if manifests is not None:
        head, body = manifests[:8], manifests[8:]
        pieces = [body[at : at + piece] for at in range(0, len(body), piece)]
        for number, part in enumerate(pieces, 1):
            parts.append(segment(0xEB, b"JP\0\x01" + number.to_bytes(4) + head + part))
    return b"".join([*parts, b"\xff\xda\0\x02", b"\xff\xd9"])


def webp(manifests: bytes | None, xmp: bytes = b"") -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return kind + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)

    parts = [chunk(b"VP8 ", b"\0" * 10)]
    if xmp:
        parts.append(chunk(b"XMP ", xmp))
    if manifests is not None:
        parts.append(chunk(b"C2PA", manifests))
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


MAKERS = {"clip.mp4": mp4, "picture.png": png, "photo.jpg": jpeg, "picture.webp": webp}
