"""The names for why something failed; imports nothing, for every error does."""

from __future__ import annotations

from enum import Enum


class ErrorKind(Enum):
    """Why a generation failed or waits; finer than the public `error_type`."""

    AUTH = "auth"
    INSUFFICIENT_CREDITS = "insufficient_credits"
    QUOTA_EXCEEDED = "quota_exceeded"
    RATE_LIMITED = "rate_limited"
    INVALID_REQUEST = "invalid_request"
    CONTENT_FILTERED = "content_filtered"
    GENERATION_FAILED = "generation_failed"
    TIMEOUT = "timeout"
    NETWORK = "network"
    NOT_FOUND = "not_found"
    SERVER_ERROR = "server_error"
    SUBMIT_UNKNOWN = "submit_unknown"
    DOWNLOAD_FAILED = "download_failed"
    STORAGE = "storage"
    BUDGET = "budget"


class ErrorType(Enum):
    """The public API's coarse `error_type`."""

    QUOTA_EXCEEDED = "quota_exceeded"
    TIMEOUT = "timeout"
    GENERATION_FAILED = "generation_failed"
    UNKNOWN = "unknown"


_ERROR_TYPES = {
    ErrorKind.INSUFFICIENT_CREDITS: ErrorType.QUOTA_EXCEEDED,
    ErrorKind.QUOTA_EXCEEDED: ErrorType.QUOTA_EXCEEDED,
    ErrorKind.RATE_LIMITED: ErrorType.QUOTA_EXCEEDED,
    ErrorKind.TIMEOUT: ErrorType.TIMEOUT,
    ErrorKind.CONTENT_FILTERED: ErrorType.GENERATION_FAILED,
    ErrorKind.GENERATION_FAILED: ErrorType.GENERATION_FAILED,
    ErrorKind.INVALID_REQUEST: ErrorType.GENERATION_FAILED,
}


def error_type_of(kind: ErrorKind) -> ErrorType:
    """Fold a finer kind into the public API's four."""
    return _ERROR_TYPES.get(kind, ErrorType.UNKNOWN)
