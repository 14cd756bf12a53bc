"""F01: a key never reaches the log, in none of the forms in which keys leak."""

import base64
import logging
import os
import stat
from urllib.parse import quote

import pytest

from veo_studio.core import log
from veo_studio.core.errors import StorageError
from veo_studio.core.log import configure, holds_secret, redact, register_secret
from veo_studio.core.paths import Paths

# Not the shape of any provider's key, so that only the registration can find it.
SECRET = "zQ7/pL+9x=Wd-3Rm_T5vK8bN2cYhJ4fGs6"


@pytest.fixture(autouse=True)
def _only_our_secret(monkeypatch):
    monkeypatch.setattr(log, "_secrets", {})
    monkeypatch.setattr(log, "_whole", {})
    register_secret(SECRET)


@pytest.fixture
def log_file(tmp_path):
    paths = Paths.below(tmp_path)
    paths.ensure()
    root = logging.getLogger()
    level = root.level
    configure(paths, logging.DEBUG)
    yield paths.log_file
    log.close()
    root.setLevel(level)


FORMS = {
    "plain": SECRET,
    "first 20": SECRET[:20],
    "quoted": quote(SECRET, safe=""),
    "quoted twice": quote(quote(SECRET, safe=""), safe=""),
    "quoted lower": quote(SECRET, safe="").replace("%2F", "%2f").replace("%2B", "%2b"),
    "json slash": SECRET.replace("/", "\\/"),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 url": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "base64 of 20": base64.b64encode(SECRET[:20].encode()).decode(),
    "basic": base64.b64encode(f"me:{SECRET}".encode()).decode(),
    "basic shifted": base64.b64encode(f"user:{SECRET}:x".encode()).decode(),
    "hex": SECRET.encode().hex(),
    "HEX": SECRET.encode().hex().upper(),
    "hex spaced": SECRET.encode().hex(" "),
    "hex colons": SECRET.encode().hex(":"),
    "hex escapes": "".join(f"\\x{byte:02x}" for byte in SECRET.encode()),
    "utf-16 text": SECRET.encode("utf-16-le").decode("latin-1"),
    "utf-16 repr": repr(SECRET.encode("utf-16-le")),
    "utf-16 hex": SECRET.encode("utf-16-le").hex(),
    "utf-16 base64": base64.b64encode(SECRET.encode("utf-16-le")).decode(),
    "repr": repr({"key": SECRET}),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_registered_key_is_taken_out_in_every_form(form):
    cleaned = redact(f"before {FORMS[form]} then")
    assert "[redacted]" in cleaned
    assert cleaned.startswith("before ")
    assert cleaned.endswith(" then")
    # Neither the key, nor its beginning, nor its end in that form.
    body = FORMS[form].strip("b'\"{}ky: ")
    assert body[:12] not in cleaned
    assert body[-12:] not in cleaned


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        ("x-goog-api-key: abc123def", "abc123def"),
        ("{'x-goog-api-key': 'abc123def'}", "abc123def"),
        ("('X-Goog-Api-Key', 'abc123def')", "abc123def"),
        ('{"Authorization": "Bearer abc123def"}', "abc123def"),
        ("Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("https://x.test/v1?key=abc123def&alt=sse", "abc123def"),
        ("https://x.test/f?X-Amz-Signature=abc123def&x=1", "abc123def"),
        ("https://x.test/f?X-Goog-Credential=abc123def", "abc123def"),
        ("https://x.test/f.mp4?_jwt=abc123def", "abc123def"),
        ("https://x.test/?access_token=abc123def", "abc123def"),
        ("token=abc123def", "abc123def"),
        ('"refresh_token": "abc123def"', "abc123def"),
        ("AIza" + "Sy" + "A1b2C3d4E5f6G7h8I9j0", "A1b2C3d4"),
        ("sk-" + "proj-A1b2C3d4E5f6G7h8", "A1b2C3d4"),
        ("eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.c2ln", "hbGciOi"),
        # places that clips are delivered to
        ("POST /bot123456789:AAabcd_efgh-1234/sendVideo", "AAabcd"),
        ("https://api.telegram.org/file/bot123456789:AAabcd_efgh/videos/1.mp4", "AAabcd"),
        ("https://x.test/bot123456789%3AAAabcd_efgh-1234/getMe", "AAabcd"),
        ("token is 1234567890:" + "AAh5_x-Yz" * 4, "AAh5_x"),
        ("https://x.test/f?se=2026-11-22T04%3A00%3A00Z&sp=r&sv=2026&x=1", "2026-11-22"),
        ("https://x.test/f?sv=2026&sr=b&sig=abc%2Bdef%3D", "abc%2Bdef"),
        ("https://x.test/object/sign/video-files/a.mp4?token=abc123def", "abc123def"),
        ("https://x.test/f?GoogleAccessId=me&Expires=1&Signature=abc123def", "abc123def"),
        ("https://x.test/f?AWSAccessKeyId=AKIA&Signature=abc123def&Expires=1", "abc123def"),
        ("X-Veo-Signature: v1=0123456789abcdef0123", "0123456789"),
        ("signed v1=0123456789abcdef0123", "0123456789"),
        (
            "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE123/20261122/us-east-1/s3/aws4_request, "
            "SignedHeaders=host, Signature=0123456789abcdef0123",
            "0123456789",
        ),
        ("Credential=AKIAEXAMPLE123/20261122/us-east-1/s3/aws4_request", "AKIA"),
        ("SharedKey myaccount:c2lnbmF0dXJlLW9mLW1pbmU=", "c2lnbmF0"),
        ("AccountKey=c2VjcmV0LWtleQ==;EndpointSuffix=x", "c2VjcmV0"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQIB\n-----END PRIVATE KEY-----", "MIIEvQ"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEvQIB", "MIIEvQ"),
        ("data " + base64.b64encode(os.urandom(400)).decode(), None),
    ],
)
def test_the_usual_shapes_of_credentials_are_taken_out(line, hidden):
    cleaned = redact(line)
    assert cleaned != line
    if hidden is not None:
        assert hidden not in cleaned


@pytest.mark.parametrize(
    "line",
    [
        "charged 10 tokens, 90 left",
        "GET https://x.test/v1/models/veo?alt=sse&pageSize=5 200",
        "the key light is warm, the token bear sits",
        "sha256 " + "0123456789abcdef" * 4,
        "12:30:45 the bot123 said: 20 clips, ratio 16:9, at 2026-11-22T04:00:00Z",
        "/robots:are_welcome and seasons of Signature=none",
        "/home/ann/Videos/Veo Studio/20250105_143025_A_beautiful_sunset_over.mp4",
    ],
)
def test_ordinary_lines_stay_as_they_are(line):
    assert redact(line) == line


def test_short_words_are_not_registered():
    register_secret("test")
    assert redact("a test of tests") == "a test of tests"


def test_the_log_file_is_private_and_holds_no_key_even_in_tracebacks(log_file):
    logger = logging.getLogger("veo_studio.test")
    try:
        raise ValueError(f"bad header {SECRET}")
    except ValueError:
        logger.exception("request with %s failed", SECRET)
    logger.debug("prompt \x1b[31mred\x07 \ud800 %s", {"x-goog-api-key": SECRET})
    text = log_file.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert SECRET[:20] not in text
    assert "\x1b" not in text
    assert "\\x1b[31m" in text
    if os.name == "posix":
        assert stat.S_IMODE(log_file.stat().st_mode) == 0o600


def test_the_file_rotates_and_stays_private(log_file, monkeypatch):
    monkeypatch.setattr(log._handler, "maxBytes", 1000)
    for number in range(100):
        logging.getLogger("veo_studio.test").info("line %d", number)
    names = sorted(path.name for path in log_file.parent.iterdir())
    assert names == [log_file.name, *(f"{log_file.name}.{n}" for n in (1, 2, 3))]
    if os.name == "posix":
        modes = {stat.S_IMODE(path.stat().st_mode) for path in log_file.parent.iterdir()}
        assert modes == {0o600}


def test_a_log_file_that_cannot_be_opened_is_one_sentence(tmp_path):
    paths = Paths.below(tmp_path)
    paths.log_file.mkdir(parents=True)
    with pytest.raises(StorageError, match=r"log file .* cannot be written"):
        configure(paths)


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_a_planted_link_is_not_followed(tmp_path):
    paths = Paths.below(tmp_path)
    paths.ensure()
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    paths.log_file.symlink_to(victim)
    with pytest.raises(StorageError):
        configure(paths)
    assert victim.read_text() == "untouched"


@pytest.mark.parametrize("name", [name for name in FORMS if "20" not in name])
def test_a_text_that_holds_the_whole_secret_is_not_kept(name):
    assert holds_secret(f"https://a.example/?x={FORMS[name]}&y=1")


def test_links_that_begin_like_a_key_are_kept():
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    register_secret(f"{head}.eyJrZXkiOjF9.c2lnbmF0dXJlLW9mLXRoZS1rZXk")
    link = f"https://cdn.example.com/a.mp4?_jwt={head}.eyJjbGlwIjoxfQ.b3RoZXItc2lnbmF0dXJl"
    assert not holds_secret(link)
    assert "b3RoZXI" not in redact(link)
    assert holds_secret(f"https://a.example/{head}.eyJrZXkiOjF9.c2lnbmF0dXJlLW9mLXRoZS1rZXk")


def test_a_secret_that_was_replaced_is_not_searched_for():
    register_secret("another-secret-of-before")
    log.forget_secret("another-secret-of-before")
    assert not holds_secret("another-secret-of-before")
    assert redact("another-secret-of-before") == "another-secret-of-before"
    assert holds_secret(SECRET)
