"""F02: keyrings that are absent, broken, hanging or unsafe; and where a key comes from."""

import threading

import keyring
import keyring.backend
import keyring.errors
import pytest
from keyring.backends import null

from veo_studio.core import log
from veo_studio.core.log import redact
from veo_studio.core.secrets import Secrets, register_environment


class SafeKeyring(keyring.backend.KeyringBackend):
    """Keeps keys in memory, as a working system keyring would."""

    priority = 5

    def __init__(self):
        super().__init__()
        self.kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        if (service, username) not in self.kept:
            raise keyring.errors.PasswordDeleteError("not found")
        del self.kept[service, username]


class PlaintextKeyring(SafeKeyring):
    """Has the name of the backend that writes to a text file."""


class LockedKeyring(SafeKeyring):
    def get_password(self, service, username):
        raise keyring.errors.KeyringLocked("Failed to unlock the collection!")

    set_password = get_password


class HangingKeyring(SafeKeyring):
    """Answers when `let_go` is set: a D-Bus that is dead."""

    def __init__(self):
        super().__init__()
        self.let_go = threading.Event()
        self.calls = 0

    def get_password(self, service, username):
        self.calls += 1
        self.let_go.wait(30)


@pytest.fixture
def use(monkeypatch):
    monkeypatch.setattr(log, "_secrets", {})
    previous = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(previous)


def test_the_keyring_comes_before_the_environment(use):
    backend = SafeKeyring()
    use(backend)
    secrets = Secrets(environ={"GEMINI_API_KEY": "from-environment"})
    assert secrets.key("gemini") == "from-environment"
    assert secrets.source("gemini") == "environment"
    assert secrets.set_key("gemini", " from-keyring\n") == "keyring"
    assert backend.kept == {("veo-studio", "gemini"): "from-keyring"}
    assert Secrets(environ={"GEMINI_API_KEY": "x"}).key("gemini") == "from-keyring"
    assert secrets.source("gemini") == "keyring"
    secrets.delete_key("gemini")
    secrets.delete_key("gemini")
    assert backend.kept == {}
    assert secrets.key("gemini") == "from-environment"


def test_names_in_the_environment(use):
    use(SafeKeyring())
    assert Secrets(environ={"GOOGLE_API_KEY": "g"}).key("gemini") == "g"
    assert Secrets(environ={"GOOGLE_API_KEY": "g", "GEMINI_API_KEY": "m"}).key("gemini") == "m"
    assert Secrets(environ={"RUNWAYML_API_SECRET": "r"}).key("runway") == "r"
    assert Secrets(environ={"KIE_API_KEY": "k"}).key("kie") == "k"
    secrets = Secrets(environ={"GEMINI_API_KEY": "  ", "KIE_API_KEY": "two words"})
    assert secrets.key("gemini") is None
    assert secrets.source("gemini") is None
    assert secrets.key("kie") is None
    assert secrets.key("rehearsal") is None
    assert secrets.key("nobody") is None


def test_every_key_that_was_seen_is_redacted(use):
    backend = SafeKeyring()
    backend.kept["veo-studio", "kie"] = "keyring-key-0123"
    use(backend)
    secrets = Secrets(environ={"GEMINI_API_KEY": "environment-key-0123"})
    secrets.key("gemini")
    secrets.key("kie")
    secrets.set_key("runway", "session-key-0123")
    line = "environment-key-0123 keyring-key-0123 session-key-0123"
    assert redact(line) == "[redacted] [redacted] [redacted]"


@pytest.mark.parametrize("backend", [PlaintextKeyring, null.Keyring, LockedKeyring])
def test_nothing_is_written_where_keys_are_not_safe(use, backend, caplog):
    instance = backend()
    use(instance)
    secrets = Secrets(environ={})
    assert secrets.set_key("gemini", "secret-key-0123") == "session"
    assert secrets.key("gemini") == "secret-key-0123"
    assert secrets.source("gemini") == "session"
    assert getattr(instance, "kept", {}) == {}
    assert "secret-key-0123" not in caplog.text
    secrets.delete_key("gemini")
    assert secrets.key("gemini") is None


def test_the_status_says_why_keys_cannot_be_kept(use):
    use(SafeKeyring())
    assert Secrets(environ={}).keyring_status().can_store
    use(PlaintextKeyring())
    status = Secrets(environ={}).keyring_status()
    assert not status.can_store
    assert "does not keep keys safely" in status.problem


def test_no_keyring_at_all(use):
    from keyring.backends import fail

    use(fail.Keyring())
    secrets = Secrets(environ={"KIE_API_KEY": "k"})
    assert secrets.key("kie") == "k"
    assert not secrets.keyring_status().can_store
    assert secrets.set_key("kie", "other") == "session"


def test_a_hanging_keyring_costs_the_limit_once(use):
    backend = HangingKeyring()
    use(backend)
    secrets = Secrets(environ={"GEMINI_API_KEY": "g"}, limit_s=0.05)
    assert secrets.key("gemini") == "g"
    assert secrets.key("kie") is None
    assert secrets.set_key("kie", "session-key") == "session"
    assert backend.calls == 1
    assert "did not answer within" in secrets.keyring_status().problem
    backend.let_go.set()


def test_text_that_cannot_be_a_key_is_refused(use):
    use(SafeKeyring())
    for value in ("", "  ", "two words", "clé", "a\nb", "a\0b"):
        with pytest.raises(ValueError, match="not a key"):
            Secrets(environ={}).set_key("gemini", value)


# secrets of targets

KEY_FILE = (
    '{"type": "service_account", "private_key_id": "0123456789abcdef0123", '
    '"private_key": "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqh\\nkiG9w0BAQEF\\n'
    '-----END PRIVATE KEY-----\\n", "client_email": "me@example.iam"}'
)


@pytest.mark.parametrize("value", ["a pass phrase, with ä and spaces", KEY_FILE, "12345:AAbb"])
def test_a_target_may_be_told_any_text_in_secret(use, value):
    kept = SafeKeyring()
    use(kept)
    assert Secrets(environ={}).set_key("target-7-token", value) == "keyring"
    assert kept.kept == {("veo-studio", "target-7-token"): value}
    assert Secrets(environ={}).key("target-7-token") == value
    assert Secrets(environ={}).place("target-7-token") == "the keyring"


@pytest.mark.parametrize("value", ["", "  ", "a\0b", "x" * 70_000])
def test_nothing_and_far_too_much_is_no_secret_of_a_target(use, value):
    kept = SafeKeyring()
    use(kept)
    with pytest.raises(ValueError, match="cannot be kept"):
        Secrets(environ={}).set_key("target-7-token", value)
    assert not kept.kept


def test_a_secret_that_another_program_changed_is_seen_at_once(use):
    use(SafeKeyring())
    window, command = Secrets(environ={}), Secrets(environ={})
    assert window.key("target-7-token") is None
    command.set_key("target-7-token", "the first secret")
    assert window.key("target-7-token") == "the first secret"
    command.set_key("target-7-token", "the second secret")
    assert window.key("target-7-token") == "the second secret"
    command.delete_key("target-7-token")
    assert window.key("target-7-token") is None


def test_without_a_keyring_a_targets_secret_is_kept_for_the_session(use):
    use(PlaintextKeyring())
    secrets = Secrets(environ={})
    assert secrets.set_key("target-7-token", "for this session") == "session"
    assert secrets.key("target-7-token") == "for this session"
    assert Secrets(environ={}).key("target-7-token") is None


def test_of_a_key_file_what_is_secret_is_taken_out_of_logs(use):
    use(SafeKeyring())
    Secrets(environ={}).set_key("target-7-key", KEY_FILE)
    shown = redact(f"refused: {KEY_FILE}")
    assert "0123456789abcdef" not in shown
    assert "MIIEvQ" not in shown
    assert "kiG9w0" not in shown
    # all of them begin like this
    assert redact('{"type": "service_account"') == '{"type": "service_account"'


def test_secrets_of_targets_in_the_environment_are_registered(use):
    use(SafeKeyring())
    register_environment({"VEO_STUDIO_TARGET_MY_BOT_TOKEN": "an-unusual-secret-of-mine"})
    assert "unusual" not in redact("token an-unusual-secret-of-mine here")
