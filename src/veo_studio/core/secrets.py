"""API keys, and the secrets of targets: the system's keyring first, then the environment.

Never a file or the database.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from veo_studio.core.log import redact, register_secret

_log = logging.getLogger(__name__)

SERVICE = "veo-studio"
LIMIT_S = 3.0

ENVIRONMENT: Mapping[str, tuple[str, ...]] = {
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "runway": ("RUNWAYML_API_SECRET",),
    "kie": ("KIE_API_KEY",),
    "openai": ("OPENAI_API_KEY",),
}

# names of secrets of targets: see `Target.secret_name`
_TARGET = "target-"
_TARGET_VARIABLES = "VEO_STUDIO_TARGET_"
# a key file of a service account has some 2,400
_MOST_TARGET_CHARS = 65_536

_NO_KEYRING = "This system has no keyring."

KeySource = Literal["session", "keyring", "environment"]


def register_environment(environ: Mapping[str, str] = os.environ) -> None:
    """Take every key that the environment holds out of logs and messages, used or not."""
    for name in (name for names in ENVIRONMENT.values() for name in names):
        if value := environ.get(name):
            register_secret(value)
    for name, value in environ.items():
        if name.startswith(_TARGET_VARIABLES):
            register_secret(value)


@dataclass(frozen=True)
class KeyringStatus:
    """What the keyring is good for: `problem` is a sentence, empty where keys can be kept."""

    name: str
    can_store: bool
    problem: str


class Secrets:
    """The keys of this user, each looked up once; those of targets at each question.

    A target's have the names that `Target.secret_name` gives.

    A keyring can hang for half a minute on a dead D-Bus, so every call to it runs in a daemon thread
    and is given up after `limit_s`; from then on the keyring counts as absent. Keys that it does not
    take are held in memory until the program ends.
    """

    def __init__(
        self, *, environ: Mapping[str, str] | None = None, limit_s: float = LIMIT_S
    ) -> None:
        self._environ = os.environ if environ is None else environ
        self._limit_s = limit_s
        self._session: dict[str, str] = {}
        self._stored: dict[str, str | None] = {}
        self._problem = ""
        self._keyring = _KeyringThread()

    def preload(self) -> None:
        """Start the keyring without waiting for it, so that the first `key` finds it warm."""
        self._keyring.start()

    def key(self, provider_id: str) -> str | None:
        """The key to use for `provider_id`, or None. May wait for the keyring, at most 3 s once."""
        return self._find(provider_id)[0]

    def source(self, provider_id: str) -> KeySource | None:
        """Where `key` comes from."""
        return self._find(provider_id)[1]

    def place(self, provider_id: str) -> str:
        """Where `key` comes from, in words for people; "" where there is none."""
        source = self.source(provider_id)
        if source == "environment":
            return f"the environment variable {self._variable(provider_id)}"
        return {"keyring": "the keyring", "session": "this session"}.get(source or "", "")

    def unusable_variables(self, provider_id: str) -> list[str]:
        """Names of variables that are set and cannot be keys."""
        told = {
            name: self._environ.get(name, "").strip() for name in ENVIRONMENT.get(provider_id, ())
        }
        return [name for name, value in told.items() if value and not _is_plausible(value)]

    def set_key(self, provider_id: str, value: str) -> KeySource:
        """Keep `value` in the keyring, or for this session where no safe keyring takes it.

        Raises ValueError for text that cannot be a key.
        """
        value = value.strip()
        self.check_key(provider_id, value)
        register_secret(value)
        status = self.keyring_status()
        if status.can_store:
            try:
                self._call(
                    lambda backend: _writer_of(backend).set_password(SERVICE, provider_id, value)
                )
            except _KeyringFailed as failure:
                _log.warning("the keyring did not take the key for %s: %s", provider_id, failure)
            else:
                self._session.pop(provider_id, None)
                self._stored[provider_id] = value
                return "keyring"
        self._session[provider_id] = value
        return "session"

    def check_key(self, provider_id: str, value: str) -> None:
        """Raises ValueError for text that `set_key` would refuse; asks no keyring."""
        if not _is_right(provider_id, value.strip()):
            raise ValueError(
                "This cannot be kept as a secret: it is empty or far too long."
                if provider_id.startswith(_TARGET)
                else "This is not a key: it is empty or has spaces or unusual characters."
            )

    def delete_key(self, provider_id: str) -> None:
        """Forget the key of this session and of the keyring; the environment stays as it is."""
        self._session.pop(provider_id, None)
        if self._stored_key(provider_id) is None:
            return
        try:
            self._call(lambda backend: backend.delete_password(SERVICE, provider_id))
        except _KeyringFailed as failure:
            _log.warning("the keyring did not delete the key for %s: %s", provider_id, failure)
        else:
            self._stored[provider_id] = None

    def keyring_status(self) -> KeyringStatus:
        """Whether keys can be kept, and why not."""
        try:
            name, is_safe = self._call(_describe)
        except _KeyringFailed as failure:
            return KeyringStatus("none", can_store=False, problem=str(failure))
        if name == "fail keyring":
            return KeyringStatus("none", can_store=False, problem=_NO_KEYRING)
        if not is_safe:
            return KeyringStatus(
                name,
                can_store=False,
                problem=f"{name} does not keep keys safely, so nothing is written to it.",
            )
        return KeyringStatus(name, can_store=True, problem="")

    def _find(self, provider_id: str) -> tuple[str | None, KeySource | None]:
        if provider_id in self._session:
            return self._session[provider_id], "session"
        if provider_id not in ENVIRONMENT and not provider_id.startswith(_TARGET):
            return None, None
        stored = self._stored_key(provider_id)
        if stored is not None:
            return stored, "keyring"
        if provider_id not in ENVIRONMENT:
            # the variable of a target has the target's name in it
            return None, None
        for name in ENVIRONMENT[provider_id]:
            register_secret(self._environ.get(name, ""))
        for name in self.unusable_variables(provider_id):
            _log.warning("%s is set but cannot be a key; it is not used", name)
        if variable := self._variable(provider_id):
            return self._environ[variable].strip(), "environment"
        return None, None

    def _variable(self, provider_id: str) -> str | None:
        """The first variable that holds a key."""
        for name in ENVIRONMENT[provider_id]:
            if _is_plausible(self._environ.get(name, "").strip()):
                return name
        return None

    def _stored_key(self, provider_id: str) -> str | None:
        # another program of this user may have given a target another secret meanwhile
        if provider_id not in self._stored or provider_id.startswith(_TARGET):
            try:
                value = self._call(lambda backend: backend.get_password(SERVICE, provider_id))
            except _KeyringFailed as failure:
                _log.info("no key from the keyring: %s", failure)
                value = None
            value = value.strip() if isinstance(value, str) else None
            if value:
                register_secret(value)
            is_usable = value is not None and _is_right(provider_id, value)
            self._stored[provider_id] = value if is_usable else None
        return self._stored[provider_id]

    def _call(self, action: Callable[[Any], Any]) -> Any:
        if self._problem:
            raise _KeyringFailed(self._problem)
        try:
            return self._keyring.call(action, self._limit_s)
        except _KeyringHangs:
            # Not asked again: the next question would wait as long.
            self._problem = f"The keyring did not answer within {self._limit_s:g} seconds."
            raise _KeyringFailed(self._problem) from None


def _is_plausible(value: str) -> bool:
    """A key travels in a header: printable ASCII without spaces."""
    return bool(value) and value.isascii() and value.isprintable() and " " not in value


def _is_right(name: str, value: str) -> bool:
    """A target may be told a passphrase or the text of a key file in secret."""
    if not name.startswith(_TARGET):
        return _is_plausible(value)
    return bool(value) and len(value) <= _MOST_TARGET_CHARS and "\0" not in value


class _KeyringFailed(Exception):
    """The keyring said no; the message is one sentence."""


class _KeyringHangs(Exception):
    """The keyring did not answer in time."""


class _KeyringThread:
    """One daemon thread that owns the keyring; a backend that hangs never holds up the exit."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[_Call] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="keyring", daemon=True)
                self._thread.start()

    def call(self, action: Callable[[Any], Any], limit_s: float) -> Any:
        self.start()
        call = _Call(action)
        self._calls.put(call)
        if not call.is_done.wait(limit_s):
            raise _KeyringHangs
        if call.error is not None:
            raise _KeyringFailed(_sentence(call.error)) from None
        return call.answer

    def _run(self) -> None:
        backend: Any = None
        problem: Exception | None = None
        try:
            import keyring

            backend = keyring.get_keyring()
        # Backends are other people's plug-ins: what they raise is not ours to list.
        except Exception as error:
            problem = error
        while True:
            call = self._calls.get()
            try:
                if problem is not None:
                    raise problem
                call.answer = call.action(backend)
            except Exception as error:
                call.error = error
            call.is_done.set()


class _Call:
    def __init__(self, action: Callable[[Any], Any]) -> None:
        self.action = action
        self.answer: Any = None
        self.error: Exception | None = None
        self.is_done = threading.Event()


def _writer_of(backend: Any) -> Any:
    """The one that a key is written to: the chainer of several falls back to the next, safe or not."""
    members = getattr(backend, "backends", None)
    if type(backend).__module__ == "keyring.backends.chainer" and members:
        return members[0]
    return backend


def _describe(backend: Any) -> tuple[str, bool]:
    """The backend's name, and whether it keeps keys where others cannot read them."""
    backend = _writer_of(backend)
    module, name = type(backend).__module__, type(backend).__name__
    is_unsafe = (
        module.startswith(("keyring.backends.null", "keyring.backends.fail", "keyrings.alt"))
        or "plaintext" in name.lower()
        or getattr(backend, "priority", 0) <= 0
    )
    return f"{module.removeprefix('keyring.backends.')} keyring", not is_unsafe


def _sentence(error: Exception) -> str:
    text = redact(" ".join(str(error).split())) or type(error).__name__
    if type(error).__name__ == "NoKeyringError":
        return _NO_KEYRING
    return f"The keyring failed: {text[:200].rstrip('.')}."
