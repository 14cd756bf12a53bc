"""What a C2PA manifest store says about who signed it, read plainly: nothing is verified.

Every size in it was written by a stranger: nothing is followed deeper, longer or more often than the
limits here, and whatever does not fit raises ValueError. Sources: C2PA Technical Specification 2.2
(11.1 use of JUMBF, 13.2 digital signatures), ISO 19566-5, RFC 8949 (CBOR), RFC 9360 (x5chain), RFC 5280.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_MOST_BOXES = 2_000
_DEEPEST = 16
_MOST_ITEMS = 20_000
_X5CHAIN = (33, "x5chain")
# organisation before name: 2.5.4.10, 2.5.4.3
_NAMES = (b"\x55\x04\x0a", b"\x55\x04\x03")
_TEXTS = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}


@dataclass(frozen=True)
class Claim:
    """What the newest manifest claims; "" for what it does not say or cannot be read.

    `signer` is the organisation that the signer's certificate names, `generator` the program that made
    the claim, `source_type` the last part of the IPTC code for how the picture came to be.
    """

    signer: str = ""
    generator: str = ""
    source_type: str = ""


@dataclass(frozen=True)
class _Box:
    kind: bytes
    body: memoryview


def read_claim(store: bytes) -> Claim:
    """The claim of the active manifest, which is the last one. Raises ValueError for what is no store."""
    try:
        return _read_claim(store)
    except (IndexError, RecursionError, UnicodeError) as error:
        raise ValueError("the manifest store cannot be read") from error


def _read_claim(store: bytes) -> Claim:
    outer = next(_boxes(memoryview(store)), None)
    if outer is None or outer.kind != b"jumb" or _label(outer) != "c2pa":
        raise ValueError("this is no manifest store")
    manifests = [box for box in _boxes(outer.body) if box.kind == b"jumb"]
    if not manifests:
        raise ValueError("the manifest store is empty")
    signer = generator = source_type = ""
    for box in _boxes(manifests[-1].body):
        label = _label(box)
        if label.startswith("c2pa.claim"):
            generator = _generator(_content(box))
        elif label.startswith("c2pa.signature"):
            signer = _signer(_content(box))
        elif label.startswith("c2pa.assertions"):
            for assertion in _boxes(box.body):
                if _label(assertion).startswith("c2pa.actions"):
                    source_type = source_type or _source_type(_content(assertion))
    return Claim(signer, generator, source_type)


def _boxes(view: memoryview) -> Iterator[_Box]:
    """The boxes side by side in `view`; the last one that does not fit raises ValueError."""
    start = 0
    for _ in range(_MOST_BOXES):
        if start + 8 > len(view):
            return
        size, kind, head = (
            int.from_bytes(view[start : start + 4]),
            bytes(view[start + 4 : start + 8]),
            8,
        )
        if size == 1:
            size, head = int.from_bytes(view[start + 8 : start + 16]), 16
        elif size == 0:
            size = len(view) - start
        if size < head or start + size > len(view):
            raise ValueError("a box is larger than what it lies in")
        yield _Box(kind, view[start + head : start + size])
        start += size
    raise ValueError("there are too many boxes")


def _label(box: _Box) -> str:
    """The name in the description of a superbox; "" for anything else."""
    if box.kind != b"jumb":
        return ""
    first = next(_boxes(box.body), None)
    if first is None or first.kind != b"jumd" or len(first.body) < 18 or not first.body[16] & 2:
        return ""
    words, _, _ = bytes(first.body[17:273]).partition(b"\0")
    return words.decode("utf-8", "replace")


def _content(box: _Box) -> Any:
    """The first CBOR value of a superbox; None where it has none."""
    for inner in _boxes(box.body):
        if inner.kind == b"cbor":
            return _Cbor(inner.body).read()
    return None


def _generator(claim: Any) -> str:
    if not isinstance(claim, dict):
        return ""
    told = claim.get("claim_generator_info")
    first = told[0] if isinstance(told, list) and told else told
    if isinstance(first, dict) and isinstance(first.get("name"), str):
        version = first.get("version")
        return f"{first['name']} {version}" if isinstance(version, str) else str(first["name"])
    words = claim.get("claim_generator")
    return words if isinstance(words, str) else ""


def _source_type(actions: Any) -> str:
    listed = actions.get("actions") if isinstance(actions, dict) else None
    for action in listed if isinstance(listed, list) else ():
        found = action.get("digitalSourceType") if isinstance(action, dict) else None
        if isinstance(found, str):
            return found.rsplit("/", 1)[-1]
    return ""


def _signer(signature: Any) -> str:
    """Of COSE_Sign1: the first certificate of the chain is the signer's own."""
    if not isinstance(signature, list) or len(signature) != 4:
        return ""
    protected, unprotected = signature[:2]
    headers = [unprotected]
    if isinstance(protected, bytes):
        headers.insert(0, _Cbor(memoryview(protected)).read() if protected else {})
    for header in headers:
        for name in _X5CHAIN:
            chain = header.get(name) if isinstance(header, dict) else None
            first = chain[0] if isinstance(chain, list) and chain else chain
            if isinstance(first, bytes):
                return _subject(first)
    return ""


class _Cbor:
    """One value of RFC 8949, with a limit on its depth and its items."""

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self._at = 0
        self._left = _MOST_ITEMS

    def read(self, depth: int = 0) -> Any:
        """A value of Python's own; what has no such (floats, undefined) is None."""
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            raise ValueError("the value is too deep or too long")
        first = self._take(1)[0]
        major, more = first >> 5, first & 31
        if more == 31:
            return self._endless(major, depth)
        count = self._number(more)
        if major == 0:
            return count
        if major == 1:
            return -1 - count
        if major == 2:
            return bytes(self._take(count))
        if major == 3:
            return bytes(self._take(count)).decode("utf-8", "replace")
        if major == 4:
            return [self.read(depth + 1) for _ in range(self._items(count))]
        if major == 5:
            return dict(self._pair(depth) for _ in range(self._items(count)))
        if major == 6:
            return self.read(depth + 1)
        return {20: False, 21: True}.get(more)

    def _number(self, more: int) -> int:
        if more < 24:
            return more
        if more > 27:
            raise ValueError("a length makes no sense")
        return int.from_bytes(self._take(1 << (more - 24)))

    def _items(self, count: int) -> int:
        if count > self._left:
            raise ValueError("there are too many values")
        return count

    def _pair(self, depth: int) -> tuple[Any, Any]:
        name, value = self.read(depth + 1), self.read(depth + 1)
        # a key that Python cannot hold in a dict names nothing that is asked for here
        return (name if isinstance(name, str | int) else None), value

    def _endless(self, major: int, depth: int) -> Any:
        parts: list[Any] = []
        while self._view[self._at] != 0xFF:
            parts.append(self._pair(depth) if major == 5 else self.read(depth + 1))
        self._at += 1
        if major == 5:
            return dict(parts)
        if major == 2:
            return b"".join(part for part in parts if isinstance(part, bytes))
        if major == 3:
            return "".join(part for part in parts if isinstance(part, str))
        if major == 4:
            return parts
        raise ValueError("a value has no end")

    def _take(self, count: int) -> memoryview:
        taken = self._view[self._at : self._at + count]
        if len(taken) != count:
            raise ValueError("the value is cut short")
        self._at += count
        return taken


def _subject(certificate: bytes) -> str:
    """Whom an X.509 certificate is for: the organisation, else the name."""
    whole = _first(memoryview(certificate))
    body = _first(whole)
    fields = [part for part in _der(body) if part[0] != 0xA0]
    # serial number, algorithm, issuer, validity, subject
    found: dict[bytes, str] = {}
    for _, group in _der(fields[4][1]):
        for _, pair in _der(group):
            (_, name), (kind, words) = list(_der(pair))[:2]
            if kind in _TEXTS:
                found.setdefault(bytes(name), bytes(words).decode(_TEXTS[kind], "replace"))
    return next((found[name] for name in _NAMES if found.get(name)), "")


def _first(view: memoryview) -> memoryview:
    found = next(_der(view), None)
    if found is None:
        raise ValueError("a value is empty")
    return found[1]


def _der(view: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Tag and content of each value side by side."""
    at = 0
    for _ in range(_MOST_BOXES):
        if at >= len(view):
            return
        tag, size, at = view[at], view[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            if not 1 <= count <= 4:
                raise ValueError("a length makes no sense")
            size, at = int.from_bytes(view[at : at + count]), at + count
        if at + size > len(view):
            raise ValueError("a value is larger than what it lies in")
        yield tag, view[at : at + size]
        at += size
    raise ValueError("there are too many values")
