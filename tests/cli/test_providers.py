"""`providers`: setting up a service without a window; keys travel on stdin and lie in the keyring alone."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty

import keyring
import pytest
from rich.console import Console

from tests.cli.conftest import ROOT
from tests.cli.keyrings import keep_keys
from tests.core.test_secrets import SafeKeyring
from tests.providers.servers.comfyui import serving_in_thread
from tests.transport.clips import noise_clip
from veo_studio.cli.model_list import made_from, price_words, table_of_provider
from veo_studio.core.catalog import Catalog
from veo_studio.core.paths import Paths
from veo_studio.core.store.database import Database

KEY = "AIza-a-key-that-is-never-shown-0123"
ADDRESS = "https://gateway.example.com/google"


@pytest.fixture
def safe():
    """A keyring that works."""
    previous = keyring.get_keyring()
    made = SafeKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(previous)


@pytest.fixture
def pipe(monkeypatch):
    """Text on stdin, as from a pipe."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


@pytest.fixture
def state(here_json):
    return lambda name: next(each for each in here_json("providers") if each["id"] == name)


def stored(program):
    return json.loads((program.home / "config" / "settings.json").read_text())


def test_the_list_says_what_is_there_and_how_to_get_the_rest(here, here_json):
    done = here("providers")
    for command in ("connect gemini", "connect runway", "set vertex project", "connect kie",
                    "address comfyui URL"):  # fmt: skip
        assert f"`veo-studio providers {command}" in done.stderr
    states = here_json("providers")
    assert [each["id"] for each in states] == list(Catalog.load().providers)
    assert [each["id"] for each in states if each["is_ready"]] == ["rehearsal"]
    assert not next(each for each in states if each["id"] == "kie")["can_cancel"]
    assert "the clip is billed" in here("providers", "show", "vertex").stdout
    assert here_json("providers", "show", "runway")["at_once"] == 2


def test_a_key_is_piped_in_kept_and_forgotten(here, here_json, safe, pipe, program, state):
    pipe(f"{KEY}\n")
    done = here("providers", "connect", "gemini", "--key-stdin")
    assert done.stdout == "The key for Google Gemini is in the keyring.\n"
    assert safe.kept == {("veo-studio", "gemini"): KEY}
    assert state("gemini")["key_place"] == "the keyring"
    assert state("gemini")["is_ready"]
    assert "keyring" in here("providers", "show", "gemini").stdout
    for path in program.home.rglob("*"):
        assert path.is_dir() or KEY.encode() not in path.read_bytes()
    assert (
        here("providers", "forget", "gemini").stdout
        == "The keyring has no key for Google Gemini.\n"
    )
    assert safe.kept == {}
    assert not state("gemini")["is_ready"]


@pytest.mark.parametrize("text", ["", "\n", "two words", "one\ntwo\n", "schlüssel", "a\x00b"])
def test_what_cannot_be_a_key_is_refused_and_not_repeated(here, safe, pipe, text):
    pipe(text)
    done = here("providers", "connect", "gemini", "--key-stdin", code=2)
    assert "This is not a key" in done.stderr
    assert safe.kept == {}
    assert not text.strip() or text.strip() not in done.stderr


def test_a_key_as_an_argument_is_refused_and_not_repeated(here, safe):
    done = here("providers", "connect", "gemini", KEY, code=2)
    assert safe.kept == {}
    assert "unexpected" in done.stderr


def test_without_a_terminal_or_a_keyring_it_says_what_to_do(here, safe, pipe):
    pipe(KEY)
    assert "--key-stdin" in here("providers", "connect", "gemini", code=2).stderr
    assert "providers set vertex project" in here("providers", "connect", "vertex", code=2).stderr
    assert "providers address comfyui" in here("providers", "connect", "comfyui", code=2).stderr
    keyring.set_keyring(keyring.backends.null.Keyring())
    words = here("providers", "connect", "gemini", "--key-stdin", code=6).stderr
    assert "cannot be kept" in words
    assert "Set GEMINI_API_KEY instead." in words
    assert KEY not in words


def test_an_address_is_set_told_and_taken_away(here, program, state, report):
    done = here("providers", "address", "gemini", ADDRESS)
    assert done.stdout == f"Requests to Google Gemini go to {ADDRESS}.\n"
    assert stored(program)["addresses"] == {"gemini": ADDRESS}
    assert state("gemini")["address"] == ADDRESS
    assert ADDRESS in report()["address"]["message"]
    here("providers", "address", "gemini", "--usual")
    assert stored(program)["addresses"] == {}
    assert not state("gemini")["is_own_address"]
    here("providers", "address", "gemini", code=2)
    here("providers", "address", "gemini", ADDRESS, "--usual", code=2)


@pytest.fixture
def report(here_json):
    return lambda code=0: {
        check["name"]: check for check in here_json("doctor", code=code)["checks"]
    }


@pytest.mark.parametrize(
    "address", ["gateway.example.com", "ftp://example.com", "https://me:x@example.com", "https://"]
)
def test_what_is_no_address_changes_nothing(here, program, address):
    done = here("providers", "address", "kie", address, code=2)
    assert "address" in done.stderr
    assert "me:x" not in done.stderr
    assert not (program.home / "config" / "settings.json").exists()


def test_readable_traffic_needs_a_yes(here, program, state):
    asked = ("providers", "address", "comfyui", "http://192.168.1.20:8188")
    done = here(*asked, code=2)
    assert "not encrypted" in done.stderr
    assert "--plain-http" in done.stderr
    here(*asked, "--plain-http")
    assert stored(program)["plain_http"] == {"comfyui": "http://192.168.1.20:8188"}
    assert state("comfyui")["is_ready"]
    # this machine is nobody else's
    here("providers", "address", "comfyui", "http://127.0.0.1:8188")


@pytest.mark.parametrize(
    "instead", ["https://pictures.example", "http://127.0.0.1:8188", "--usual"]
)
def test_the_yes_to_readable_traffic_is_for_one_service_and_one_address(here, program, instead):
    plain = "http://192.168.1.20:8188"
    here("providers", "address", "comfyui", plain, "--plain-http")
    assert "not encrypted" in here("providers", "address", "kie", plain, code=2).stderr
    here("providers", "address", "comfyui", instead)
    assert stored(program)["plain_http"] == {}
    assert "not encrypted" in here("providers", "address", "comfyui", plain, code=2).stderr


def test_settings_and_how_many_at_once(here, program, state, monkeypatch):
    assert here("providers", "set", "vertex", "project", "my-films").stdout == "project: my-films\n"
    assert state("vertex")["options"]["project"]["value"] == "my-films"
    assert "It has project," in here("providers", "set", "vertex", "colour", "red", code=2).stderr
    assert "It has none" in here("providers", "set", "gemini", "colour", "red", code=2).stderr
    here("providers", "set", "vertex", "project", "")
    assert stored(program)["options"]["vertex"] == {}
    assert here("providers", "at-once", "kie", "7").stdout == "KIE.AI: 7 at once\n"
    assert state("kie")["at_once"] == 7
    here("providers", "at-once", "kie", "--usual")
    assert state("kie")["at_once"] == 5
    for wrong in ("0", "101", "many", "-1"):
        assert "number" in here("providers", "at-once", "kie", wrong, code=2).stderr


def test_a_window_that_is_open_keeps_its_settings(here, safe, pipe, program):
    here("wallet")
    database = Database.open(Paths.default().database)
    try:
        database.acquire_scheduler()
        done = here("providers", "address", "gemini", ADDRESS, code=6)
        assert "Settings > Services" in done.stderr
        assert not (program.home / "config" / "settings.json").exists()
        # the keyring is nobody's file
        pipe(KEY)
        here("providers", "connect", "gemini", "--key-stdin")
    finally:
        database.close()


def test_a_service_is_tested_with_what_is_set_up(here, here_json):
    assert "address comfyui" in here("providers", "test", "comfyui", code=2).stderr
    assert "no provider 'nobody'" in here("providers", "test", "nobody", code=2).stderr
    with serving_in_thread(noise_clip()) as comfy:
        here("providers", "address", "comfyui", comfy.url)
        told = here_json("providers", "test", "comfyui")
        assert told["provider"] == "comfyui"
        assert comfy.version in told["proved"]
        assert here("providers", "test", "comfyui").stdout.startswith(told["proved"])
        assert comfy.submits == []
    failed = here("providers", "test", "comfyui", "--json", code=3)
    assert json.loads(failed.stdout)["status"] == "error"


def test_the_doctor_has_a_line_for_every_service(here, report):
    here("providers", "address", "comfyui", "http://127.0.0.1:8188")
    here("providers", "address", "runway", ADDRESS)
    checks = report()
    assert checks["provider comfyui"]["status"] == "ok"
    assert "connect runway" in checks["provider runway"]["advice"]
    assert "set vertex project" in checks["provider vertex"]["advice"]


def test_a_settings_file_with_a_bad_address_is_found(report, program):
    (program.home / "config").mkdir(parents=True)
    settings = {"addresses": {"kie": "http://example.com"}}
    (program.home / "config" / "settings.json").write_text(json.dumps(settings))
    check = report(code=6)["address"]
    assert "The address of KIE.AI cannot be used" in check["message"]
    assert "address kie --usual" in check["advice"]


def test_models_fit_a_terminal_of_80_columns():
    catalog = Catalog.load()
    screen = Console(file=io.StringIO(), width=80)
    for key, info in catalog.providers.items():
        offered = [model for model in catalog.models if model.provider == key]
        screen.print(table_of_provider(info, offered, is_ready=True))
    shown = screen.file.getvalue()
    assert max(map(len, shown.splitlines())) <= 80
    for model in catalog.models:
        assert f"{model.id} " in shown


def test_models_tell_every_way_to_ask_and_every_price(here_json):
    models = {(model["provider"], model["id"]): model for model in here_json("models")}
    veo = models["vertex", "veo-3.1-generate-001"]
    assert veo["price_per_second_silent_usd"]["720p"] == 0.2
    assert veo["max_samples"] == 4
    assert veo["modes"]["references"]["durations_s"] == [8]
    assert models["kie", "veo3"]["price_per_clip_usd"] == {"720p": 1.25, "1080p": 1.275}
    assert models["runway", "aleph2"]["modes"]["edit"]["follows_source"]
    assert models["gemini", "gemini-omni-1.2-flash"]["max_references"] == 6


def test_the_documentation_has_every_model_and_its_price():
    words = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")
    for model in Catalog.load().models:
        if model.tokens:
            line = next(line for line in words.splitlines() if line.startswith(f"| `{model.id}` |"))
            assert f"| {price_words(model)} | {model.price_date or ''} |" in line
            assert f"| {', '.join(made_from(model.capabilities))} |" in line


@pytest.mark.skipif(os.name != "posix", reason="a terminal of POSIX")
def test_a_key_that_is_typed_is_not_shown(program, tmp_path):
    kept = keep_keys(program, tmp_path)
    ours, theirs = pty.openpty()
    running = program.start(
        "providers", "connect", "gemini", stdin=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    seen = b""
    while b"is not shown" not in seen:
        seen += os.read(ours, 1000)
    os.write(ours, f"{KEY}\n".encode())
    out, _ = running.communicate(timeout=30)
    with contextlib.suppress(OSError):  # the other end is gone
        while more := os.read(ours, 1000):
            seen += more
    os.close(ours)
    assert running.returncode == 0, seen
    assert "is in the keyring" in out
    assert b"aistudio.google.com" in seen
    assert KEY.encode() not in seen
    assert KEY in kept.read_text()
