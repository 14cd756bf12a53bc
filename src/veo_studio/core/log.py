"""The log file, and the one place that takes secrets out of text.

`redact` is for everything that leaves the program as text: log lines, stored provider answers,
"Copy details". It knows the keys that were registered, in the forms in which they leak (plain,
URL-quoted, base64, hex, UTF-16, cut after 20 characters), and the usual shapes of credentials.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import io
import json
import logging
import logging.handlers
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from veo_studio.core.errors import DiskFull, StorageError
from veo_studio.core.paths import Paths

MARK = "[redacted]"
_HEAD_LENGTH = 20
# how every JSON web token begins, and every token of Google's sign-in
_SIGNED = ("eyJ", "ya29.")
_MIN_SECRET_LENGTH = 8
_MAX_BYTES = 2 * 1024 * 1024
_BACKUPS = 3

# of each secret: what is taken out (its beginning is enough), and what is surely the secret itself
_secrets: dict[str, re.Pattern[str]] = {}
_whole: dict[str, re.Pattern[str]] = {}

_SECRET_NAME = re.compile("(?i)key|secret|token|password")
_VALUE = r"[^\s\"'&,;<>\\]+"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # Headers and fields, in any notation: `Name: value`, `'name': 'value'`, name=value.
    (
        re.compile(
            r"(?i)\b((?:proxy-)?authorization|x-goog-api-key|x-api-key|api[-_]?(?:key|secret)|apikey"
            r"|client[-_]?secret|account[-_]?key|x-veo-signature|(?:set-)?cookie)"
            r"(\\?[\"']?\s*[:=,]\s*(?:b(?=[\"']))?\\?[\"']?)((?:bearer|basic|token|key)\s+)?"
            + _VALUE
        ),
        rf"\1\2\3{MARK}",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{12,}"), rf"\1 {MARK}"),
    (re.compile(r"(?i)\b(sharedkey(?:lite)?)\s+[^\s\"']+:[A-Za-z0-9+/=]{12,}"), rf"\1 {MARK}"),
    # Parts of a signature as Amazon's header has them, and a webhook's.
    (re.compile(r"\b(Credential|Signature)=[A-Za-z0-9/+%._-]{12,}"), rf"\1={MARK}"),
    (re.compile(r"\bv1=[0-9a-fA-F]{16,}"), f"v1={MARK}"),
    # Addresses of Telegram's Bot API have the token in their path.
    (
        re.compile(r"(?i)(/(?:file/)?bot)[0-9]{3,20}(?::|%(?:25)*3a)[0-9A-Za-z_%-]+"),
        rf"\1{MARK}",
    ),
    (
        re.compile(
            r"(?<![0-9A-Za-z])[0-9]{6,14}(?::|%(?:25)*3[aA])[0-9A-Za-z_-]{34,64}(?![0-9A-Za-z])"
        ),
        MARK,
    ),
    # Signed links and tokens in addresses and forms.
    (
        re.compile(
            r"(?i)([?&;]|%3f|%26)(key|sig|signature|policy|se|sk[ot]id|_?jwt|x-amz-[a-z-]{1,40}|x-goog-[a-z-]{1,40}"
            r"|googleaccessid|awsaccesskeyid|[a-z_-]{0,40}token)(=|%3d)" + _VALUE
        ),
        rf"\1\2\3{MARK}",
    ),
    (
        re.compile(
            r"(?i)\b((?:[a-z]{1,20}[-_]){0,3}token|_jwt|x-amz-[a-z-]{1,40})(=|\\?[\"']\s*:\s*\\?[\"'])"
            + _VALUE
        ),
        rf"\1\2{MARK}",
    ),
    # Keys by their shape.
    (re.compile(r"AIza[0-9A-Za-z_-]{16,}"), MARK),
    (re.compile(r"\bAQ\.[0-9A-Za-z_-]{20,}"), MARK),
    (re.compile(r"\bya29\.[0-9A-Za-z_-]{10,}"), MARK),
    (re.compile(r"\bsk-[0-9A-Za-z_-]{16,}"), MARK),
    (re.compile(r"\bkey_[0-9a-f]{32,}"), MARK),
    (re.compile(r"\beyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]+\.[0-9A-Za-z_-]*"), MARK),
    (
        re.compile(
            r"(?s)-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?"
            r"(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)"
        ),
        MARK,
    ),
    # Embedded pictures and the like: no secret is needed to make them useless in a log.
    (
        re.compile(
            r"(?<![A-Za-z0-9+/_-])(?=[A-Za-z0-9+/_-]{256})(?=[A-Za-z0-9+/_-]*[a-z])"
            r"(?=[A-Za-z0-9+/_-]*[A-Z])(?=[A-Za-z0-9+/_-]*[0-9])[A-Za-z0-9+/_-]{256,}={0,2}"
        ),
        "[base64 left out]",
    ),
)


def register_secret(value: str) -> None:
    """Take `value` out of everything that `redact` sees from now on.

    Less than 8 characters are not registered: they would black out ordinary words. Of the text of a key
    file that is what is secret in it: all of them begin alike.
    """
    value = value.strip()
    if value.startswith("{") and (parts := _secrets_in(value)):
        for part in parts:
            register_secret(part)
        return
    if len(value) >= _MIN_SECRET_LENGTH and value not in _secrets:
        _secrets[value] = _pattern_of(value, _HEAD_LENGTH)
        # signed tokens begin alike, and so do the signed links of results
        is_signed = value.startswith(_SIGNED)
        _whole[value] = _pattern_of(value, len(value) if is_signed else _HEAD_LENGTH)


def _secrets_in(key_file: str) -> list[str]:
    """The values of a JSON object that are named as secrets; a private key is known by its shape."""
    try:
        told = json.loads(key_file)
    except (ValueError, RecursionError):
        return []
    return [
        value
        for name, value in (told.items() if isinstance(told, dict) else ())
        if isinstance(value, str)
        and _SECRET_NAME.search(name)
        and not value.startswith(("-----BEGIN", "{"))
    ]


def forget_secret(value: str) -> None:
    """`value` opens nothing any more: text need not be searched for it."""
    _secrets.pop(value.strip(), None)
    _whole.pop(value.strip(), None)


def redact(text: str) -> str:
    """`text` without keys, tokens and signed links; everything else stays as it was."""
    for pattern in tuple(_secrets.values()):
        text = pattern.sub(MARK, text)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def holds_secret(text: str) -> bool:
    """True where `text` has a registered secret in any of its forms: it must not be kept or used.

    Of a signed token only the whole counts: all of one kind begin alike.
    """
    return any(pattern.search(text) for pattern in tuple(_whole.values()))


def _pattern_of(secret: str, length: int) -> re.Pattern[str]:
    """All forms of the first `length` characters, with whatever of the same alphabet follows them."""
    head = secret[:length]
    raw = head.encode("utf-8", "surrogatepass")
    # Each character as itself, behind a JSON backslash, or quoted once or more; UTF-16 shows
    # as NULs between the characters, or as their escapes.
    nul = r"(?:\x00|\\x00|\\u0000|%00)?"
    chars = [
        rf"(?:\\?{re.escape(char)}|%(?:25)*(?i:{char.encode('utf-8', 'surrogatepass').hex()}))"
        if char.isascii()
        else re.escape(char)
        for char in secret
    ]
    plain, rest = nul.join(chars[:length]), nul.join(["", *chars[length:]])
    forms = [rf"{plain}(?:{rest})?(?:[0-9A-Za-z_.%\x00-]|\\x00|\\u0000)*"]
    hexed = r"(?:[ :-]|\\x|\\\\x|, ?0x)?".join(f"{byte:02x}" for byte in raw)
    forms.append(rf"(?i:{hexed})(?:(?:[ :-]|\\x)?[0-9a-fA-F]{{2}})*")
    wide = "00[ :-]?".join(f"{byte:02x}[ :-]?" for byte in raw)
    forms.append(rf"(?i:{wide})[0-9a-fA-F]*")
    for source in (raw, head.encode("utf-16-le", "surrogatepass")):
        for shift in range(3):
            core = _base64_core(source, shift)
            if len(core) >= _MIN_SECRET_LENGTH:
                both = "".join({"+": "[+-]", "/": "[/_]"}.get(char, char) for char in core)
                forms.append(both + r"[A-Za-z0-9+/_-]*={0,2}")
    return re.compile("|".join(f"(?:{form})" for form in forms))


def _base64_core(raw: bytes, shift: int) -> str:
    """The characters of base64 that depend on `raw` alone when it starts `shift` bytes into a group."""
    encoded = base64.b64encode(b"\0" * shift + raw).decode("ascii")
    start = (0, 2, 3)[shift]
    left_over = (shift + len(raw)) % 3
    end = len(encoded) - (0, 3, 2)[left_over]
    return encoded[start:end]


class RedactingFormatter(logging.Formatter):
    """Redacts the whole formatted record, traceback included; times are UTC."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def format(self, record: logging.LogRecord) -> str:
        return _CONTROLS.sub(_escaped, redact(super().format(record)))


# A log is read in terminals: escapes of a prompt or a provider must not act there.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def _escaped(match: re.Match[str]) -> str:
    return ascii(match.group())[1:-1]


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """A rotating file of mode 0600 that never follows a link and never raises at its caller."""

    def _open(self) -> io.TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(self.baseFilename, flags, 0o600)
        with contextlib.suppress(AttributeError, OSError):
            os.fchmod(descriptor, 0o600)
        return open(descriptor, "a", encoding="utf-8", errors="backslashreplace")

    def handleError(self, record: logging.LogRecord) -> None:
        """A full disk must not turn every log line into a traceback on stderr."""


_handler: logging.Handler | None = None


def configure(paths: Paths, level: int = logging.INFO) -> None:
    """Send records of `level` and above to the rotating log file; a second call replaces the first.

    Raises StorageError where the file cannot be opened.
    """
    global _handler
    try:
        handler = _PrivateFile(paths.log_file, maxBytes=_MAX_BYTES, backupCount=_BACKUPS)
    except OSError as error:
        raise _open_error(paths.log_file, error) from error
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    close()
    root.addHandler(handler)
    root.setLevel(level)
    # Their DEBUG records are one line per packet or per query.
    for noisy in ("PIL", "asyncio", "sqlalchemy", "alembic", "keyring"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))
    _handler = handler


def close() -> None:
    """Let go of the log file."""
    global _handler
    if _handler is not None:
        logging.getLogger().removeHandler(_handler)
        _handler.close()
        _handler = None


def _open_error(path: Path, error: OSError) -> StorageError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"There is no room left for the log file {path}.")
    reason = (error.strerror or str(error)).rstrip(".")
    return StorageError(
        f"The log file {path} cannot be written ({reason}).",
        action="Give yourself access to the file and its folder.",
    )
