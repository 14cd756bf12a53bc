"""Signing in to Google Cloud: short-lived tokens, made by Google's own library in a thread.

The library is an optional part of this program and imported at the first use only.
Source: google-auth, "User guide"; OAuth 2.0 for service accounts, read 2026-11-20.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib.util
import json
import math
import time
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from veo_studio.core.errors import AuthError, NotSent, ProviderError
from veo_studio.core.log import forget_secret, register_secret
from veo_studio.core.providers.addresses import base_problem
from veo_studio.core.providers.words import plain

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
# a request that starts with less left could arrive too late
_MIN_LEFT_S = 300.0
# Google's library alone would wait two minutes for a host that is silent
_TIMEOUT_S = 20.0
_MAX_FILE_BYTES = 100_000
_OTHER_KINDS = (
    "external_account",
    "external_account_authorized_user",
    "impersonated_service_account",
)
_AGAIN = "Choose another credentials file in Settings > Services, or sign in to Google Cloud anew."
_HOW = (
    "Choose a service account's file in Settings > Services, or run "
    "'gcloud auth application-default login'."
)


def missing_part() -> str:
    """What has to be installed before anybody can sign in, in one sentence; "" where it is there."""
    try:
        found = importlib.util.find_spec("google.auth") and importlib.util.find_spec("requests")
    except (ImportError, ValueError):
        found = None
    if found:
        return ""
    return (
        "Signing in to Google Cloud needs a part of this program that is not installed: "
        "run pip install 'veo-studio[vertex]', then start again."
    )


class GoogleSignIn:
    """Tokens of one account; `file` is its credentials file, "" for what the computer is signed in with."""

    def __init__(self, file: str, provider_id: str) -> None:
        self._file = file
        self._provider_id = provider_id
        self._credentials: Any = None
        # the token's end by a clock that nobody sets
        self._ends_s = 0.0
        # it was made because another one was refused, and has not been accepted yet
        self._is_in_doubt = False
        # the last is in use, the one before it may be in an answer that is on its way
        self._tokens: deque[str] = deque()
        # of two requests that find an old token, one gets the new one and the other waits for it
        self._lock = asyncio.Lock()

    async def headers(self) -> Mapping[str, str]:
        """The credential for a request that starts now.

        Raises AuthError where Google or the file says no, NotSent where Google cannot be reached.
        """
        async with self._lock:
            if not self._is_fresh():
                self._credentials = await asyncio.to_thread(self._refreshed, self._credentials)
            headers = {"Authorization": f"Bearer {self._credentials.token}"}
            payer = getattr(self._credentials, "quota_project_id", None)
            return headers | ({"x-goog-user-project": str(payer)} if payer else {})

    def forget(self) -> None:
        """The service refused the token: the next request signs in anew, from the file."""
        self._credentials = None
        self._is_in_doubt = False

    def accept(self) -> None:
        """The service took the token."""
        self._is_in_doubt = False

    async def renew(self, refused: Mapping[str, str]) -> bool:
        """The service refused these headers, maybe before their time: sign in anew, at once.

        False where they were themselves made for such a reason: then it is the account. Raises what
        `headers` raises.
        """
        async with self._lock:
            now = self._credentials
            if now is None:
                return False
            if f"Bearer {now.token}" != refused.get("Authorization"):
                return True  # somebody else was quicker
            was_in_doubt = self._is_in_doubt
            self.forget()
            if was_in_doubt:
                return False
            self._credentials = await asyncio.to_thread(self._refreshed, None)
            self._is_in_doubt = True
            return True

    def _is_fresh(self) -> bool:
        credentials = self._credentials
        if credentials is None or not credentials.token:
            return False
        # that clock may have stood while the computer slept, the other one may have been set
        left_s = min(self._ends_s - time.monotonic(), _left_s(credentials))
        return left_s >= _MIN_LEFT_S

    def _refreshed(self, credentials: Any) -> Any:
        """Sign in; blocks."""
        if words := missing_part():
            raise AuthError(words, provider=self._provider_id)
        with self._in_our_words():
            from google.auth.transport.requests import Request

            if credentials is None:
                credentials = self._from_file() if self._file else _of_this_computer()
            credentials.refresh(functools.partial(Request(), timeout=_TIMEOUT_S))
        self._ends_s = time.monotonic() + _left_s(credentials)
        self._keep_secret(str(credentials.token))
        return credentials

    def _keep_secret(self, token: str) -> None:
        """What has been replaced opens nothing; every text would be searched for all of them."""
        register_secret(token)
        if token not in self._tokens:
            self._tokens.append(token)
        while len(self._tokens) > 2:
            forget_secret(self._tokens.popleft())

    def _from_file(self) -> Any:
        told = _read(Path(self._file).expanduser())
        for name in ("client_secret", "refresh_token"):
            if isinstance(told.get(name), str):
                register_secret(told[name])
        for name in ("token_uri", "token_url"):
            if name in told and (problem := base_problem(str(told[name]))):
                # what is sent there is as good as a password
                raise ValueError(f"its {name} cannot be used: {problem}")
        return _credentials_of(told)

    @contextlib.contextmanager
    def _in_our_words(self) -> Iterator[None]:
        """What the library raises, as ours; its own words can hold a whole answer."""
        from google.auth import exceptions

        name = Path(self._file).name if self._file else ""
        try:
            yield
        except exceptions.TransportError as error:
            raise self._unreachable() from error
        except exceptions.RefreshError as error:
            if error.retryable:
                raise self._unreachable() from error
            reason = _reason(error)
            raise self._refused(f"Google refused the sign-in{reason}.", _AGAIN) from error
        except exceptions.DefaultCredentialsError as error:
            if self._file:
                words = f"The credentials file {name} cannot be used."
                raise self._refused(words, _AGAIN) from error
            words = "This computer is not signed in to Google Cloud."
            raise self._refused(words, _HOW) from error
        except OSError as error:
            reason = error.strerror or "it cannot be read"
            words = f"The credentials file {name} cannot be opened: {reason}."
            raise self._refused(words, _AGAIN) from error
        except (ValueError, TypeError, KeyError, exceptions.GoogleAuthError) as error:
            # a private key that is none ends in half a dozen different errors of two libraries
            words = f"The credentials file {name} is damaged or of an unknown form."
            raise self._refused(words, _AGAIN) from error

    def _refused(self, words: str, action: str) -> AuthError:
        return AuthError(f"{words} {action}", provider=self._provider_id)

    def _unreachable(self) -> ProviderError:
        return NotSent(
            "Google's sign-in cannot be reached; nothing was sent.", provider=self._provider_id
        )


def _left_s(credentials: Any) -> float:
    """Seconds to a token's end, by the clock of the wall."""
    expiry: datetime | None = credentials.expiry
    if expiry is None:
        return math.inf
    return (expiry.replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()


def _of_this_computer() -> Any:
    import google.auth

    credentials, _ = google.auth.default(scopes=[_SCOPE])
    return credentials


def _credentials_of(told: dict[str, Any]) -> Any:
    import google.auth
    from google.oauth2 import credentials, service_account

    # the library has no types here
    of_service: Any = service_account.Credentials
    of_person: Any = credentials.Credentials
    # what computers at other clouds and companies sign in with
    of_others: Any = google.auth.load_credentials_from_dict
    match told.get("type"):
        case "service_account":
            return of_service.from_service_account_info(told, scopes=[_SCOPE])
        case "authorized_user":
            return of_person.from_authorized_user_info(told, scopes=[_SCOPE])
    if told.get("type") not in _OTHER_KINDS:
        raise ValueError("an unknown kind of account")
    return of_others(told, scopes=[_SCOPE])[0]


def _read(file: Path) -> dict[str, Any]:
    with file.open("rb") as opened:
        content = opened.read(_MAX_FILE_BYTES + 1)
    if len(content) > _MAX_FILE_BYTES:
        raise ValueError("far too large")
    told = json.loads(content)
    if not isinstance(told, dict):
        raise ValueError("no object")
    return told


def _reason(error: Exception) -> str:
    """OAuth's own short reason, such as "invalid_grant: Account not found", behind a colon."""
    answer = next((part for part in error.args if isinstance(part, dict)), {})
    words = [answer.get("error"), answer.get("error_description")]
    told = plain(": ".join(word for word in words if isinstance(word, str)))[:300]
    return f" ({told.rstrip('.')})" if told else ""
