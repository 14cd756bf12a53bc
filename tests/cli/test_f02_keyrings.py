"""F02: keyrings that hang, are locked or write plain text: the program works, and nothing is written."""

import keyring
import pytest

from tests.cli.conftest import PAID
from tests.core.test_secrets import LockedKeyring, PlaintextKeyring
from tests.faults import books
from tests.faults.google import refuse

HANGING = '''
import time
from keyring.backend import KeyringBackend

class Hanging(KeyringBackend):
    """A D-Bus that is dead: no call comes back."""
    priority = 9

    def get_password(self, service, username):
        time.sleep(600)

    set_password = delete_password = get_password
'''


@pytest.fixture
def use():
    previous = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(previous)


def test_one_that_hangs_does_not_hang_the_program(program, tmp_path):
    (tmp_path / "hanging_keyring.py").write_text(HANGING)
    program.env |= {
        "PYTHON_KEYRING_BACKEND": "hanging_keyring.Hanging",
        "PYTHONPATH": f"{program.env['PYTHONPATH']}:{tmp_path}",
        "GEMINI_API_KEY": books.KEY,
    }
    # `run` gives up long before the keyring would answer
    found = program.json("doctor")
    checks = {check["name"]: check for check in found["checks"]}
    assert "GEMINI_API_KEY" in checks["provider gemini"]["message"]
    assert program.run("models").stdout


@pytest.mark.parametrize("backend", [LockedKeyring, PlaintextKeyring])
def test_an_unusable_one_is_told_and_the_environment_works(
    use, google, here, here_json, program, monkeypatch, backend
):
    instance = backend()
    use(instance)
    monkeypatch.setenv("GEMINI_API_KEY", books.KEY)
    google.submit_default = refuse(400, "INVALID_ARGUMENT", "No such ratio")
    here("generate", "A kite", *PAID, code=3)
    assert google.submits[0].received.headers["x-goog-api-key"] == books.KEY
    checks = {check["name"]: check for check in here_json("doctor")["checks"]}
    assert "GEMINI_API_KEY" in checks["provider gemini"]["message"]
    if backend is PlaintextKeyring:
        assert checks["keyring"]["status"] == "warn"
        assert "does not keep keys safely" in checks["keyring"]["message"]
    assert getattr(instance, "kept", {}) == {}
    books.check_no_key([books.KEY], [program.home], {})


def test_one_forced_by_the_environment_that_does_not_exist(program):
    program.env["PYTHON_KEYRING_BACKEND"] = "nobody.Nothing"
    checks = {check["name"]: check for check in program.json("doctor")["checks"]}
    assert checks["keyring"]["status"] == "warn"
    assert "There is no key" in checks["provider gemini"]["message"]
