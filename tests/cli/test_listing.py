"""`wallet`, `models`, `doctor`, help and version."""

from veo_studio import __version__


def test_tokens_are_added_and_listed(here, here_json):
    assert here_json("wallet")["balance"] == 100
    assert here("wallet", "add", "25").stdout == "125 tokens\n"
    assert here_json("wallet", "add", "5") == {"balance": 130}
    wallet = here_json("wallet")
    assert [entry["tokens"] for entry in wallet["entries"]] == [5, 25, 100]
    assert set(wallet["entries"][0]) == {
        "id", "kind", "tokens", "balance_after", "cost_usd", "at", "cause", "generation_id",
    }  # fmt: skip
    shown = here("wallet").stdout
    assert shown.startswith("130 tokens\n")
    assert "+25" in shown


def test_models_say_what_they_take_cost_and_need(here, here_json, monkeypatch):
    models = {model["id"]: model for model in here_json("models")}
    sketch, omni = models["rehearsal-1"], models["gemini-omni-1.2-flash"]
    assert sketch["is_ready"]
    assert sketch["durations_s"] == list(range(2, 61))
    assert "veo-3.1" in sketch["aliases"]
    assert not omni["is_ready"]
    assert "GEMINI_API_KEY" in omni["locked_reason"]
    assert omni["price_per_second_usd"]["720p"] == 0.07
    done = here("models")
    assert "free" in done.stdout
    assert "(locked)" in done.stdout
    assert "GEMINI_API_KEY" in done.stderr
    monkeypatch.setenv("GEMINI_API_KEY", "not-a-real-key")
    unlocked = here_json("models")
    assert all(model["is_ready"] for model in unlocked if model["provider"] == "gemini")


def test_an_empty_history_says_what_to_do(here, here_json):
    done = here("history")
    assert done.stdout == ""
    assert "veo-studio generate" in done.stderr
    assert here_json("history") == []


def test_nothing_to_collect_is_fine(here):
    done = here("collect")
    assert done.stdout == ""
    assert "Nothing is waiting" in done.stderr


def test_the_doctor_finds_a_healthy_program(program):
    program.run("wallet")
    report = program.json("doctor", env={"GEMINI_API_KEY": "not-a-real-key-0123"})
    checks = {check["name"]: check for check in report["checks"]}
    assert report["usable"]
    assert {name for name, check in checks.items() if check["status"] == "fail"} == set()
    assert "undamaged" in checks["database"]["message"]
    assert "environment" in checks["provider gemini"]["message"]
    assert "not-a-real-key-0123" not in str(report)
    assert checks["display"]["status"] == "warn"
    assert checks["codecs"]["status"] == "ok"
    assert checks["keyring"]["status"] == "warn"
    assert set(checks["codecs"]) == {"name", "status", "message", "advice"}


def test_the_doctor_says_what_is_broken_and_what_to_do(program, here, here_json):
    (program.home / "config").mkdir(parents=True)
    (program.home / "config" / "settings.json").write_text("{")
    (program.home / "data").mkdir()
    (program.home / "data" / "veo-studio.db").write_bytes(b"\x89PNG" + bytes(8000))
    (program.home / "outputs").write_text("a file in the way")
    report = here_json("doctor", code=6)
    checks = {check["name"]: check for check in report["checks"]}
    assert not report["usable"]
    assert checks["database"]["status"] == "fail"
    assert checks["folder outputs"]["status"] == "fail"
    assert checks["settings"]["status"] == "warn"
    assert all(check["advice"] for check in report["checks"] if check["status"] == "fail")
    # looking changes nothing
    assert (program.home / "config" / "settings.json").read_text() == "{"
    shown = here("doctor", code=6).stdout
    assert "fail" in shown


def test_version_and_help(here):
    assert here("--version").stdout == f"veo-studio {__version__}\n"
    for arguments in ([], ["generate"], ["wallet"], ["rehearsal-server"]):
        assert "Usage" in here(*arguments, "--help").stdout


def test_the_faults_are_explained(here):
    assert "slow-queue" in here("rehearsal-server", "--fault", "help").stdout
