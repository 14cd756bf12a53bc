"""F11: the key goes to the configured origin alone, and to no address that would show it."""

import os

import pytest

from tests.cli.conftest import PAID
from tests.faults import books
from tests.faults.google import redirect


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest",
        "http://example.com",
        "ftp://example.com",
        f"https://me:{books.KEY[:6]}@example.com",
        f"https://example.com/?key={books.KEY[:6]}",
        "file:///etc/passwd",
        "nonsense",
    ],
)
def test_an_address_that_cannot_be_a_provider_s(here, program, monkeypatch, address):
    monkeypatch.setenv("GEMINI_API_KEY", books.KEY)
    monkeypatch.setenv("VEO_STUDIO_GEMINI_URL", address)
    words = here("generate", "A kite", *PAID, code=2).stderr
    assert "VEO_STUDIO_GEMINI_URL cannot be used" in words
    # what is no address may be a key in the wrong place
    assert address not in words
    assert not program.home.exists()
    assert address not in here("doctor", code=6).stdout


def test_neither_a_proxy_nor_a_redirect_gets_the_key(google, second_google, here, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, second_google.url)
    monkeypatch.delenv("no_proxy", raising=False)
    google.download_default = redirect(f"{second_google.url}/v1/files/x:download")
    assert here("generate", "A kite", *PAID).stdout.endswith("_A_kite.mp4\n")
    assert [asked.received.method for asked in second_google.downloads] == ["GET"]
    google.submit_default = redirect(f"{second_google.url}/v1/interactions", 307)
    here("generate", "A kite", *PAID, code=None)
    assert second_google.submits == []
    key = os.environ["GEMINI_API_KEY"]
    for received in second_google.requests:
        assert key not in str(received)
    assert all(
        asked.received.headers["x-goog-api-key"] == key
        for asked in (*google.submits, *google.polls)
    )
