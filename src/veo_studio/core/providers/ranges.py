"""Parts of files over HTTP: what to ask for, and whether the answer is what was asked.

Source: RFC 9110, sections 8.8 (validators), 13.1.5 (If-Range) and 14 (ranges); RFC 9530 (digests).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

from veo_studio.core.errors import DownloadError
from veo_studio.core.log import holds_secret, redact
from veo_studio.core.providers.base import Body, RangeRefused
from veo_studio.core.providers.http import StreamAnswer

_STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e]{1,256}"\Z')
_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)\Z")
_UNSATISFIED = re.compile(r"bytes \*/(\d{1,15})\Z")
_LENGTH = re.compile(r"[0-9]{1,15}\Z")
# each of them is about the whole file, also on an answer with a part of it
_DIGESTS = (
    ("sha256", "Repr-Digest", re.compile(r"(?i)\bsha-256=:([A-Za-z0-9+/]{43}=):")),
    ("sha256", "Digest", re.compile(r"(?i)\bsha-256=([A-Za-z0-9+/]{43}=)")),
    ("md5", "X-Goog-Hash", re.compile(r"(?i)\bmd5=([A-Za-z0-9+/]{22}==)")),
)


def range_headers(offset: int, validator: str | None) -> dict[str, str]:
    """Headers that ask for the rest from `offset` on; none where two answers could be different files."""
    if offset <= 0 or validator is None or not _STRONG_ETAG.match(validator):
        return {}
    return {"Range": f"bytes={offset}-", "If-Range": validator}


def range_refused(answer: StreamAnswer) -> RangeRefused:
    """The error for a 416."""
    match = _UNSATISFIED.match(answer.headers.get("Content-Range", ""))
    total = int(match[1]) if match else None
    return RangeRefused("The server has no such part of the file.", total_bytes=total)


def body_of(answer: StreamAnswer, asked: int) -> Body:
    """A 200 or 206 as a `Body`; `asked` is the offset that was asked for.

    Raises RangeRefused for another part than that, DownloadError for one that is not named.
    """
    headers = answer.headers
    etag = headers.get("ETag", "")
    if not _STRONG_ETAG.match(etag) or holds_secret(etag):
        etag = ""  # it is stored beside the part
    length = headers.get("Content-Length", "")
    announced = int(length) if _LENGTH.match(length) else None
    offset = 0
    total = announced
    if answer.status == 206:
        match = _CONTENT_RANGE.match(headers.get("Content-Range", ""))
        if match is None:
            raise DownloadError("The server sent a part of the file without saying which.")
        offset, last = int(match[1]), int(match[2])
        total = None if match[3] == "*" else int(match[3])
        is_lie = last < offset or (total is not None and last >= total)
        if offset != asked or is_lie or announced not in (None, last - offset + 1):
            raise RangeRefused("The server sent another part of the file than it was asked for.")
    return Body(
        status=answer.status,
        offset=offset,
        total_bytes=total,
        validator=etag or None,
        content_type=redact(headers.get("Content-Type", "").split(";")[0].strip()).lower(),
        chunks=answer.chunks(),
        encoding=headers.get("Content-Encoding", "").strip().lower().replace("identity", ""),
        digests=_digests(headers),
    )


def _digests(headers: Mapping[str, str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for algorithm, header, pattern in _DIGESTS:
        match = pattern.search(headers.get(header, "")[:1000])
        if match is None:
            continue
        try:
            found[algorithm] = base64.b64decode(match[1], validate=True)
        except binascii.Error:
            continue
    return found
