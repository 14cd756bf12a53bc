"""Signing in to Google Cloud: the library's own exchange against a scripted sign-in."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Self

import pytest

from tests.providers.servers import vertex
from tests.providers.servers.vertex import connected, credentials_file, refuse
from tests.transport.clips import noise_clip
from veo_studio.core import log
from veo_studio.core.errors import AuthError, NotSent, ProviderUnavailable
from veo_studio.core.models import Done, GenerationRequest, VideoConfig
from veo_studio.core.providers import google_sign_in
from veo_studio.core.providers.google_sign_in import GoogleSignIn, missing_part

REQUEST = GenerationRequest("A kite", "vertex", "veo-3.1-generate-001", VideoConfig(seed=7))


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


async def test_one_sign_in_serves_many_requests(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        headers = await asyncio.gather(*(case.provider.credentials() for _ in range(8)))
    assert len(case.vertex.tokens) == 1
    assert {told["Authorization"] for told in headers} == {f"Bearer {case.vertex.tokens[0]}"}


async def test_a_token_with_less_than_five_minutes_left_is_renewed(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        case.vertex.expires_in_s = 299
        first = await case.provider.credentials()
        case.vertex.expires_in_s = 330
        second = await case.provider.credentials()
        third = await case.provider.credentials()
    assert first != second == third
    assert len(case.vertex.tokens) == 2


async def test_a_paid_request_with_a_token_that_was_taken_back_is_not_repeated_at_once(
    tmp_path: Path,
) -> None:
    async with connected(tmp_path) as case:
        await case.provider.credentials()
        case.vertex.revoked.update(case.vertex.tokens)
        with pytest.raises(ProviderUnavailable, match="new one"):
            await case.provider.submit(case.provider.build_body(REQUEST), attempt_uuid="a")
        assert (len(case.vertex.tokens), case.vertex.accepted) == (2, [])
        operation = await case.provider.submit(case.provider.build_body(REQUEST), attempt_uuid="b")
    assert len(case.vertex.tokens) == 2
    assert case.vertex.accepted == [operation.operation_id]


async def test_a_new_token_that_is_refused_too_is_the_accounts_fault(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        case.vertex.submit_steps.extend([refuse(401, "UNAUTHENTICATED")] * 2)
        with pytest.raises(ProviderUnavailable):
            await case.provider.submit(case.provider.build_body(REQUEST), attempt_uuid="a")
        with pytest.raises(AuthError):
            await case.provider.submit(case.provider.build_body(REQUEST), attempt_uuid="b")
        operation = await case.provider.submit(case.provider.build_body(REQUEST), attempt_uuid="c")
        case.vertex.poll_steps.extend([refuse(401, "UNAUTHENTICATED")] * 2)
        with pytest.raises(AuthError):
            await case.provider.poll(operation)
    assert len(case.vertex.polls) == 2


async def test_a_free_request_is_asked_again_with_a_new_token(tmp_path: Path) -> None:
    clip = noise_clip()
    async with connected(tmp_path, clip, bucket="gs://films") as case:
        operation = await case.provider.submit(case.provider.build_body(REQUEST), attempt_uuid="a")
        case.vertex.revoked.update(case.vertex.tokens)
        answer = await case.provider.poll(operation)
        assert isinstance(answer, Done)
        case.vertex.revoked.update(case.vertex.tokens)
        async with case.provider.open_result(answer.result, 0, None) as body:
            assert b"".join([chunk async for chunk in body.chunks]) == clip
    assert len(case.vertex.tokens) == 3
    assert len(case.vertex.submits) == 1


@pytest.mark.parametrize("jump_s", [-7200.0, 7200.0])
async def test_an_old_token_is_renewed_whatever_a_clock_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump_s: float
) -> None:
    """An hour passes by one of the two clocks; the other is set back, or stands still."""
    async with connected(tmp_path) as case:
        first = await case.provider.credentials()
        assert await case.provider.credentials() == first
        passed = time.monotonic() + 3600

        class Set(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Self:
                return super().now(tz) + timedelta(seconds=jump_s)

        monkeypatch.setattr(google_sign_in, "datetime", Set)
        if jump_s < 0:
            monkeypatch.setattr(google_sign_in.time, "monotonic", lambda: passed)
        assert await case.provider.credentials() != first


async def test_a_token_that_was_replaced_is_no_secret_any_more(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        case.vertex.expires_in_s = 200
        for _ in range(4):
            await case.provider.credentials()
    assert [log.holds_secret(token) for token in case.vertex.tokens] == [False, False, True, True]


async def test_signing_in_comes_before_the_submit_is_stored_as_sent(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        await case.provider.prepare()
        assert len(case.vertex.tokens) == 1
        await case.provider.submit(case.provider.build_body(REQUEST), attempt_uuid="a")
    assert len(case.vertex.tokens) == 1


async def test_a_refused_sign_in_is_told_in_googles_short_words(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        refused = {"error": "invalid_grant", "error_description": "Account not found"}
        case.vertex.token_steps.append(vertex.answer(refused, 400))
        with pytest.raises(AuthError) as caught:
            await case.provider.submit(case.provider.build_body(REQUEST), attempt_uuid="a")
    assert "(invalid_grant: Account not found)" in caught.value.message
    assert "Settings" in caught.value.message
    assert case.vertex.submits == []


async def test_a_sign_in_that_cannot_be_reached_sends_nothing(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        path = credentials_file(tmp_path, "http://127.0.0.1:9")
        provider = case.another(credentials_file=str(path))
        with pytest.raises(NotSent):
            await provider.submit(provider.build_body(REQUEST), attempt_uuid="a")
    assert case.vertex.submits == []


async def test_an_overloaded_sign_in_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the library's own pauses between its tries
    monkeypatch.setattr("google.auth._exponential_backoff.time.sleep", lambda _seconds: None)
    async with connected(tmp_path) as case:
        case.vertex.token_steps.extend([refuse(503, "UNAVAILABLE")] * 10)
        with pytest.raises(NotSent):
            await case.provider.credentials()


def _text(path: Path) -> None:
    path.write_text("no json")


def _list(path: Path) -> None:
    path.write_text("[]")


def _gone(path: Path) -> None:
    path.unlink()


def _huge(path: Path) -> None:
    path.write_bytes(b" " * 200_000)


def _changed(**changes: Any) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return change


BROKEN = {
    "no json": _text,
    "a list": _list,
    "gone": _gone,
    "far too large": _huge,
    "no type": _changed(type="something"),
    "no key": _changed(private_key="-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"),
    "a number for a key": _changed(private_key=7),
    "readable sign-in": _changed(token_uri="http://example.com/token"),
    "no sign-in": _changed(token_uri="file:///etc/passwd"),
}


@pytest.mark.parametrize("how", BROKEN)
async def test_a_broken_credentials_file_is_named_and_nothing_is_sent(
    tmp_path: Path, how: str
) -> None:
    async with connected(tmp_path) as case:
        BROKEN[how](tmp_path / "service-account.json")
        with pytest.raises(AuthError) as caught:
            await case.provider.submit(case.provider.build_body(REQUEST), attempt_uuid="a")
    assert "service-account.json" in caught.value.message
    assert "PRIVATE KEY" not in caught.value.message
    assert case.vertex.requests == []


async def test_a_computer_that_is_not_signed_in_is_told_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    with pytest.raises(AuthError, match="gcloud auth application-default login"):
        await GoogleSignIn("", "vertex").headers()


async def test_a_persons_own_sign_in_names_who_pays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected(tmp_path) as case:
        endpoint = f"{case.vertex.url}/token"
        monkeypatch.setattr("google.oauth2.credentials._GOOGLE_OAUTH2_TOKEN_ENDPOINT", endpoint)

        async def personal(call: vertex.Call) -> None:
            assert b"grant_type=refresh_token" in call.received.body
            await call.says({"access_token": "ya29.personal-0123456789", "expires_in": 3600})

        case.vertex.token_steps.append(personal)
        told = {
            "type": "authorized_user",
            "client_id": "a-client",
            "client_secret": "a-client-secret-0123",
            "refresh_token": "a-refresh-token-0123",
            "quota_project_id": "who-pays",
        }
        path = tmp_path / "personal.json"
        path.write_text(json.dumps(told))
        headers = await GoogleSignIn(str(path), "vertex").headers()
    assert headers["x-goog-user-project"] == "who-pays"
    assert log.holds_secret("a-refresh-token-0123")
    assert log.holds_secret("a-client-secret-0123")


async def test_a_token_never_appears_in_text_of_ours(tmp_path: Path) -> None:
    async with connected(tmp_path) as case:
        await case.provider.credentials()
        (token,) = case.vertex.tokens
        assert token not in log.redact(f"the token {token} was sent")
        case.vertex.submit_steps.append(refuse(400, "INVALID_ARGUMENT", f"Bad token {token}."))
        with pytest.raises(Exception, match="redacted") as caught:
            await case.provider.submit(case.provider.build_body(REQUEST), attempt_uuid="a")
    assert token not in str(caught.value)


def test_without_googles_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing_part() == ""
    monkeypatch.setitem(sys.modules, "google.auth", None)
    assert "pip install 'veo-studio[vertex]'" in missing_part()
