"""What stores say when something went wrong, as what a delivery can do about it.

S3, Google's XML interface and Azure answer with XML of the same shape; some answers have no body at all.
Source: Amazon S3 API reference, "Error responses"; Azure, "Blob service error codes", read 2026-11-22.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from http import HTTPStatus

from veo_studio.core.answers import ErrorKind
from veo_studio.core.errors import PublishError
from veo_studio.core.providers.words import plain, retry_after_s
from veo_studio.core.publishing.base import NotTaken, TryAgain

# obstore tells of an answer as text: its status, then its body, then its own insides
_OBSTORE_ANSWER = re.compile(
    r"status code: (\d{3})[^:\n]*: ?(.*?)(?:\n\nDebug source:|\Z)", re.DOTALL
)
_MAX_WORDS = 300

_SKEWED = frozenset({"RequestTimeTooSkewed", "RequestExpired"})
# Azure calls it a wrong key, and says in a detail what it was
_OLD_DATE = re.compile(r"(?i)date header too old")
_EXPIRED = frozenset({"ExpiredToken", "TokenRefreshRequired", "ExpiredAuthenticationToken"})
_NO_BUCKET = frozenset({"NoSuchBucket", "ContainerNotFound", "ContainerBeingDeleted"})
_ELSEWHERE = frozenset(
    {"PermanentRedirect", "TemporaryRedirect", "Redirect", "IllegalLocationConstraintException"}
)
_LATER = frozenset(
    {
        "SlowDown", "ServerBusy", "InternalError", "ServiceUnavailable", "RequestTimeout",
        "OperationTimedOut", "TooManyRequests", "rateLimitExceeded", "OperationAborted",
        # two at once for one name: the later one sees what became of the first
        "ConditionalRequestConflict", "NoSuchUpload", "InvalidPart",
    }
)  # fmt: skip
_DAMAGED = frozenset(
    {
        "BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch",
        "Md5Mismatch", "IncompleteBody",
    }
)  # fmt: skip
_KEY = frozenset(
    {"InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthenticationFailed", "InvalidToken"}
)
_THERE = frozenset({"BlobAlreadyExists", "PreconditionFailed", "ObjectAlreadyExists"})
_TOO_LARGE = frozenset({"EntityTooLarge", "RequestBodyTooLarge"})
_FULL = frozenset({"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "StorageFull"})


@dataclass(frozen=True)
class Said:
    """An answer that is no success; what it did not say is ""."""

    status: int
    code: str = ""
    words: str = ""
    region: str = ""
    retry_after_s: float | None = None

    @property
    def is_there_already(self) -> bool:
        return self.status == 412 or (self.status == 409 and self.code in _THERE)

    @property
    def is_no_bucket(self) -> bool:
        return self.code in _NO_BUCKET


@dataclass(frozen=True)
class Place:
    """What the sentences name: the store's kind of box and its name, and the region asked for."""

    bucket: str
    box: str = "bucket"
    region: str = ""


def said_by(status: int, headers: Mapping[str, str], body: str) -> Said:
    """Read an answer of a store."""
    code = _of_xml(body, "Code") or headers.get("x-ms-error-code", "")
    if _OLD_DATE.search(_of_xml(body, "AuthenticationErrorDetail")):
        code = "RequestTimeTooSkewed"
    return Said(
        status,
        code[:80],
        plain(_of_xml(body, "Message"))[:_MAX_WORDS],
        _region(headers.get("x-amz-bucket-region") or _of_xml(body, "Region")),
        retry_after_s(headers.get("Retry-After")),
    )


def said_in(told: str) -> Said | None:
    """What the store said, where an error of obstore's carries its answer."""
    found = _OBSTORE_ANSWER.search(told)
    return said_by(int(found[1]), {}, found[2]) if found else None


def problem_of(said: Said, place: Place) -> PublishError:
    """The answer in words, and whether trying again can help."""
    name, box = place.bucket, place.box
    if said.code in _SKEWED:
        return NotTaken(
            "The clock of this computer is wrong: the store refuses requests whose time differs from "
            "its own by more than 15 minutes.",
            ErrorKind.AUTH,
            action="Set this computer's date, time and time zone, then deliver it again.",
        )
    if said.region and said.region != place.region and said.status in (301, 307, 400, 403):
        return NotTaken(
            f"The {box} {name} is in the region {said.region}, and this target says "
            f"{place.region or 'none'}.",
            ErrorKind.INVALID_REQUEST,
            action=f"Set the target's region to {said.region}, then deliver it again.",
        )
    if said.status in (301, 307, 308) or said.code in _ELSEWHERE:
        return NotTaken(
            f"The {box} {name} is in another region or at another address.",
            ErrorKind.INVALID_REQUEST,
            action=f"Look up the region of the {box} and set it in the target.",
        )
    if said.code in _EXPIRED:
        return NotTaken(
            "The store's key has expired.",
            ErrorKind.AUTH,
            action="Make a new key at the store and enter it in the target.",
        )
    if said.is_no_bucket:
        return NotTaken(
            f"There is no {box} named {name}.",
            ErrorKind.NOT_FOUND,
            action=f"Create the {box} at the store, or correct its name in the target.",
        )
    return _later(said) or _refused(said, place)


def _later(said: Said) -> TryAgain | None:
    if said.code in _DAMAGED:
        return TryAgain("The clip arrived damaged and was not kept.", ErrorKind.NETWORK)
    if said.status == 429 or said.code in ("SlowDown", "ServerBusy"):
        return TryAgain(
            "The store asks to be slower.",
            ErrorKind.RATE_LIMITED,
            retry_after_s=said.retry_after_s,
        )
    if said.status in (408, 500, 502, 503, 504) or said.code in _LATER:
        return TryAgain(
            f"The store cannot do it now{_told(said)}.",
            ErrorKind.SERVER_ERROR,
            retry_after_s=said.retry_after_s,
        )
    return None


def _refused(said: Said, place: Place) -> NotTaken:
    if said.code in _KEY or said.status == 401:
        return NotTaken(
            f"The store does not know this key{_told(said)}.",
            ErrorKind.AUTH,
            action="Enter the key anew in the target; copy both of its parts whole.",
        )
    if said.code in _FULL or said.status == 507:
        return NotTaken(
            "The store has no room left.",
            ErrorKind.QUOTA_EXCEEDED,
            action="Make room at the store, then deliver it again.",
        )
    if said.code in _TOO_LARGE or said.status == 413:
        return NotTaken(
            "The store does not take files of this size.",
            ErrorKind.INVALID_REQUEST,
            action="Deliver a smaller copy.",
        )
    if said.status == 403:
        return NotTaken(
            f"The key may not do this in the {place.box} {place.bucket}{_told(said)}.",
            ErrorKind.AUTH,
            action="Allow the key to read, write and delete there, or use another one.",
        )
    if said.status == HTTPStatus.NOT_IMPLEMENTED:
        return NotTaken(
            f"The store does not know something that this program asks of it{_told(said)}.",
            ErrorKind.INVALID_REQUEST,
            action="Turn the target's checksums off, then deliver it again.",
        )
    if said.status == 404:
        return NotTaken(
            f"The store does not find the {place.box} {place.bucket} or what was asked of it.",
            ErrorKind.NOT_FOUND,
            action="Check address and name in the target's settings.",
        )
    return NotTaken(
        f"The store refused (HTTP {said.status}{_told(said)}).",
        ErrorKind.INVALID_REQUEST,
        action="Check the target's settings with Test.",
    )


def _told(said: Said) -> str:
    """The store's own words, where it has some."""
    words = said.words.rstrip(".") or plain(said.code)
    return f": {words}" if words else ""


def _of_xml(body: str, name: str) -> str:
    found = re.search(rf"<{name}>([^<]{{1,2000}})</{name}>", body[:20_000])
    return unescape(found[1]).strip() if found else ""


def _region(told: str) -> str:
    return told if re.fullmatch(r"[a-z0-9-]{1,40}", told) else ""
