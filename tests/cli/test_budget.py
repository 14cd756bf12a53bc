"""Budgets and the export of the wallet on the command line, and how faults are explained."""

import pytest


def test_budgets_are_shown_without_setting_one(here, here_json):
    shown = here("wallet", "budget")
    assert shown.stdout.split()[:3] == ["budget", "limit", "spent"]
    assert all(word in shown.stdout for word in ("today", "this month", "one click", "none"))
    assert "No budget is set" in shown.stderr
    here("wallet", "budget", "month", "25")
    budgets = {one["period"]: one for one in here_json("wallet", "budget")}
    assert list(budgets) == ["day", "month", "batch"]
    assert (budgets["month"]["limit_usd"], budgets["month"]["spent_usd"]) == (25, 0)
    assert budgets["day"]["limit_usd"] is None
    assert "$25.00" in here("wallet", "budget").stdout


@pytest.mark.parametrize("word", ["click", "Click", "batch"])
def test_one_click_has_a_word_that_people_use(here, here_json, word):
    here("wallet", "budget", word, "0.05")
    limits = {one["period"]: one["limit_usd"] for one in here_json("wallet", "budget")}
    assert limits == {"day": None, "month": None, "batch": 0.05}


def test_an_incomplete_or_unknown_budget_says_what_is_missing(program, here):
    assert "`veo-studio wallet budget day 5`" in here("wallet", "budget", "day", code=2).stderr
    assert "Known: day, month, click." in here("wallet", "budget", "year", "5", code=2).stderr
    assert not program.home.exists()


def test_the_help_explains_one_click(here):
    words = " ".join(here("wallet", "budget", "--help").stdout.replace("│", " ").split())
    assert "one click: all takes of one Generate together" in words


def test_a_budget_of_one_click_names_its_own_command(google, here):
    here("wallet", "budget", "click", "0.05")
    refused = here(
        "generate", "A kite", "--provider", "gemini", "--duration", "3", "--resolution", "360p",
        "--yes", code=4,
    )  # fmt: skip
    assert "`veo-studio wallet budget click AMOUNT`" in refused.stderr


def test_an_export_to_where_no_folder_is_says_what_to_do(here, tmp_path):
    missing = tmp_path / "none" / "wallet.csv"
    told = here("wallet", "export", str(missing), code=6).stderr
    assert told.strip() == (
        f"There is no folder {missing.parent}. Make it first, or choose another folder."
    )
    assert not missing.parent.exists()
    told = here("wallet", "export", str(tmp_path), "--yes", code=2).stderr
    assert f"Name a file in it, such as {tmp_path / 'wallet.csv'}." in told


def test_the_list_of_faults_explains_how_often_they_strike(here):
    told = here("rehearsal-server", "--fault", "help").stdout
    assert "KIND*N strikes N times" in told
    assert "KIND*always" in told
    assert "429:2*2,cut:50%" in told
