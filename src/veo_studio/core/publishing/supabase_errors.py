"""What Supabase says when something went wrong; its real status is in the body, often under HTTP 400.

Source: Supabase Storage, "Error codes", read 2026-11-22.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from veo_studio.core.answers import ErrorKind
from veo_studio.core.errors import PublishError
from veo_studio.core.providers.words import plain, retry_after_s
from veo_studio.core.publishing.base import NotTaken, TryAgain
from veo_studio.core.publishing.store_wire import WireAnswer


@dataclass(frozen=True)
class SupabaseSaid:
    """An answer that may be no success; what it did not say is ""."""

    status: int
    error: str
    words: str
    retry_after_s: float | None

    @property
    def is_double(self) -> bool:
        return self.error in ("Duplicate", "KeyAlreadyExists", "BucketAlreadyExists") or (
            self.status == 409 and "already exists" in self.words
        )

    @property
    def is_no_bucket(self) -> bool:
        return self.error in ("Bucket not found", "NoSuchBucket") or (
            self.status == 404 and self.words.rstrip(".") == "Bucket not found"
        )

    @property
    def is_other_type(self) -> bool:
        return self.status == 415 or "mime type" in self.words

    def problem(self, bucket: str, *, is_no_bucket: bool = False) -> PublishError:
        told = f": {self.words.rstrip('.')}" if self.words else ""
        if is_no_bucket or self.is_no_bucket:
            return NotTaken(
                f"There is no bucket named {bucket}, and the key may not create one.",
                ErrorKind.NOT_FOUND,
                action="Create the bucket in the Supabase dashboard under Storage, private for videos "
                "and public for pictures.",
            )
        if self.status == 429:
            words = "Supabase asks to be slower."
            return TryAgain(words, ErrorKind.RATE_LIMITED, retry_after_s=self.retry_after_s)
        if self.status >= 500 or self.status in (408, 423):
            words = f"Supabase cannot do it now{told}."
            return TryAgain(words, ErrorKind.SERVER_ERROR, retry_after_s=self.retry_after_s)
        if self.status == 413 or "exceeded the maximum" in self.words:
            return NotTaken(
                "The file is larger than Supabase takes (50 MB on the free plan).",
                ErrorKind.INVALID_REQUEST,
                action="Deliver a smaller copy, or raise the limit in the project's storage settings.",
            )
        if "row-level security" in self.words:
            return NotTaken(
                f"The project's rules do not let this key write in the bucket {bucket}.",
                ErrorKind.AUTH,
                action="Add policies for INSERT, SELECT and DELETE on the bucket, or use a secret key.",
            )
        if "exp" in self.words and self.status in (400, 401, 403) and "jwt" in self.words.lower():
            return NotTaken(
                "The key of the Supabase project has expired.",
                ErrorKind.AUTH,
                action="Copy a new key from the project's API settings into the target.",
            )
        if self.status in (401, 403):
            return NotTaken(
                f"Supabase refuses the key{told}.",
                ErrorKind.AUTH,
                action="Copy the key anew from the project's API settings into the target.",
            )
        if self.status == 404:
            return NotTaken(
                f"Supabase does not find what was asked of it{told}.",
                ErrorKind.NOT_FOUND,
                action="Check the project's address in the target; deliver again what was deleted there.",
            )
        return NotTaken(
            f"Supabase refused (HTTP {self.status}{told}).",
            ErrorKind.INVALID_REQUEST,
            action="Check the target's settings with Test.",
        )


def said_by(answer: WireAnswer) -> SupabaseSaid:
    told = None if answer.is_good else answer.json()
    told = told if isinstance(told, dict) else {}
    status = str(told.get("statusCode", ""))
    is_status = re.fullmatch(r"[45]\d\d", status)
    error = told.get("code") if told.get("error") is None else told.get("error")
    return SupabaseSaid(
        int(status) if is_status else answer.status,
        plain(error)[:80],
        plain(told.get("message"))[:300],
        retry_after_s(answer.headers.get("Retry-After")),
    )
