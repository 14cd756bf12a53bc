"""`batch` end to end: all or nothing, twice the same file, results, limits, Ctrl+C, two programs at once."""

import csv
import json
import os
import signal

import pytest
from PIL import Image

from tests.cli.conftest import PAID
from tests.faults.google import done, run_on

OPTIONS = ("--duration", "2", "--resolution", "480p")
TOKENS = 10


@pytest.fixture
def write(tmp_path):
    def work(name, content):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return work


def results_of(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_becomes_a_clip_and_the_results_say_which(here, here_json, write, tmp_path):
    file = write("a.csv", "prompt,takes,seed\nA red kite,2,5\n=A boat,,\n")
    out = tmp_path / "results.csv"
    made = here("batch", file, *OPTIONS, "--results", str(out))
    paths = made.stdout.splitlines()
    assert len(paths) == 3
    assert all(os.path.isfile(path) for path in paths)
    assert "3 of 3 are ready." in made.stderr
    rows = results_of(out)
    assert list(rows[0]) == [
        "prompt", "takes", "id", "status", "path", "error", "tokens", "cost_usd", "seed",
    ]  # fmt: skip
    assert [row["path"] for row in rows] == paths
    assert [row["seed"] for row in rows[:2]] == ["5", "6"]
    assert {row["status"] for row in rows} == {"completed"}
    # a spreadsheet would take it for a formula
    assert rows[2]["prompt"] == "'=A boat"
    assert rows[2]["seed"].isdigit()

    # the same file a second time is noticed: nothing is made, and the results are written once more
    out.unlink()
    again = here("batch", file, *OPTIONS, "--results", str(out))
    assert "This file was started before" in again.stderr
    assert again.stdout.splitlines() == paths
    assert [row["path"] for row in results_of(out)] == paths
    assert len(here_json("history")) == 3
    document = here_json("batch", file, *OPTIONS, "--again")
    assert document["batch"].endswith(".2")
    assert [len(row["generations"]) for row in document["rows"]] == [2, 1]
    assert len(here_json("history")) == 6


def test_text_and_json_lines_are_files_of_prompts_too(here, here_json, write):
    assert (
        len(here("batch", write("a.txt", "# two\nA kite\nA boat\n"), *OPTIONS).stdout.splitlines())
        == 2
    )
    lines = '{"prompt": "A {red|blue} fox", "duration": 3}\n'
    document = here_json("batch", write("a.jsonl", lines), *OPTIONS, "--expand")
    (row,) = document["rows"]
    assert [one["prompt"] for one in row["generations"]] == ["A red fox", "A blue fox"]
    assert row["config"]["duration"] == 3


def test_a_dry_run_shows_rows_and_price_and_stores_nothing(here, here_json, write, google):
    file = write("a.csv", "prompt,takes\nA red kite,2\nA boat,1\n")
    shown = here("batch", file, *PAID, "--dry-run")
    assert "A red kite" in shown.stdout
    assert f"3 clips of 2 rows: {3 * TOKENS} tokens and about $" in shown.stderr
    document = here_json("batch", file, *PAID, "--dry-run")
    assert (document["batch"], document["clips"], document["tokens"]) == (None, 3, 3 * TOKENS)
    assert document["price_usd"] > 0
    assert here_json("history") == []
    assert here_json("wallet")["balance"] == 100


def test_rows_with_mistakes_are_all_told_and_nothing_is_made(here, here_json, write):
    file = write("a.csv", "prompt,duration,seed\nA kite,,\nab,99,\nA boat,3,x\nA, b, c, d\n")
    told = here("batch", file, code=2)
    assert told.stdout == ""
    for words in (
        "Row 3, prompt: Prompt too short",
        "Row 3, duration: ",
        "Row 4, seed: ",
        "Row 5: This row has 4 cells, but there are 3 columns.",
        "3 rows have mistakes, so nothing was sent",
    ):
        assert words in told.stderr
    document = here_json("batch", file, "--dry-run", code=2)
    assert [len(row["errors"]) for row in document["rows"]] == [0, 2, 1, 1]
    assert document["rows"][1]["errors"][0]["column"] == "prompt"
    assert here_json("history") == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "prompt,durations\nx,1\n", "Did you mean duration?"),
        ("a.csv", b"PK\3\4\0\0\0", "Save the sheet as CSV"),
        ("a.txt", "", "has no rows"),
        ("none.csv", None, "There is no file"),
    ],
)
def test_a_file_that_cannot_be_meant_leaves_nothing_behind(
    here, write, program, tmp_path, name, content, words
):
    file = str(tmp_path / name) if content is None else write(name, content)
    assert words in here("batch", file, code=2).stderr
    assert not program.home.exists()


def test_results_that_could_not_be_written_are_told_before_anything(here, write, program, tmp_path):
    file = write("a.txt", "A kite\n")
    missing = str(tmp_path / "none" / "out.csv")
    assert "cannot be written" in here("batch", file, "--results", missing, code=2).stderr
    assert "replace the file itself" in here("batch", file, "--results", file, code=2).stderr
    assert not program.home.exists()


def test_an_option_that_is_wrong_for_all_rows_is_told_once(here, write):
    file = write("a.txt", "A kite\nA boat\n")
    told = here("batch", file, "--model", "veo-9", code=2).stderr
    assert told.count("Unknown model 'veo-9'") == 1


def test_what_costs_needs_a_yes_and_is_charged_as_a_whole(here, here_json, write, google):
    file = write("a.txt", "A kite\nA boat\n")
    refused = here("batch", file, *PAID[:-1], code=2)
    assert f"This takes {2 * TOKENS} tokens and about $" in refused.stderr
    assert "Add --yes" in refused.stderr
    assert not google.accepted
    assert here("batch", file, *PAID).stdout.count(".mp4\n") == 2
    assert here_json("wallet")["balance"] == 100 - 2 * TOKENS
    # twice the same command pays once
    here("batch", file, *PAID)
    assert len(google.accepted) == 2
    assert here_json("wallet")["balance"] == 100 - 2 * TOKENS


def test_a_budget_or_the_wallet_stops_all_of_it(here, here_json, write, google):
    file = write("a.txt", "A kite\nA boat\nA fox\n")
    here("wallet", "budget", "day", "0.20")
    for more in ((), ("--dry-run",)):
        told = here("batch", file, *PAID, *more, code=4)
        assert "`veo-studio wallet budget day AMOUNT`" in told.stderr
    here("wallet", "budget", "day", "none")
    many = write("b.txt", "A kite\n" * 11)
    assert "wallet" in here("batch", many, *PAID, code=4).stderr
    assert here_json("history") == []
    assert not google.accepted


def test_more_than_the_queue_takes_is_refused_as_a_whole(here, here_json, write):
    file = write("a.txt", "".join(f"A kite {number}\n" for number in range(10_000)))
    for more in ((), ("--dry-run",)):
        told = here("batch", file, *more, code=4)
        assert "makes 10,000 generations; the queue takes 1,000 at once" in told.stderr
    assert here_json("history") == []


def test_a_paused_queue_takes_no_batch(here, here_json, write):
    here("queue", "pause")
    assert "paused" in here("batch", write("a.txt", "A kite\n"), code=4).stderr
    assert here_json("history") == []


@pytest.fixture
def at_google(google, program):
    """Google, as far as the programs that are started know: nothing is drawn."""
    names = ("VEO_STUDIO_GEMINI_URL", "GEMINI_API_KEY")
    program.env |= {name: os.environ[name] for name in names}
    return google


def test_an_interrupted_batch_goes_on_with_the_same_command(
    at_google, program, write, read_until, tmp_path
):
    at_google.poll_default = run_on
    file = write("a.txt", "A kite\nA boat\nA fox\n")
    out = tmp_path / "out.csv"
    running = program.start("batch", file, *PAID, "--results", str(out))
    read_until(running.stderr, "is running")
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert "The same command goes on with them" in err
    assert "Traceback" not in err
    assert len(results_of(out)) == 3
    at_google.poll_default = done
    finished = program.run("batch", file, *PAID, "--results", str(out))
    assert finished.stdout.count(".mp4\n") == 3
    assert {row["status"] for row in results_of(out)} == {"completed"}
    assert len(at_google.accepted) == 3


def test_an_interrupted_second_start_goes_on_too(at_google, program, write, read_until):
    """`--again` says that the same command goes on with what was interrupted: it pays once."""
    file = write("a.txt", "A kite\nA boat\n")
    program.run("batch", file, *PAID)
    at_google.poll_default = run_on
    running = program.start("batch", file, *PAID, "--again")
    read_until(running.stderr, "is running")
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert "The same command goes on with them" in err
    at_google.poll_default = done
    going_on = program.json("batch", file, *PAID, "--again")
    assert going_on["batch"].endswith(".2")
    assert len(at_google.accepted) == 4
    # at its end it is made once more
    assert program.json("batch", file, *PAID, "--again")["batch"].endswith(".3")
    assert len(at_google.accepted) == 6


def test_other_options_make_another_batch(here, here_json, write):
    file = write("a.txt", "A kite\n")
    first = here_json("batch", file, *OPTIONS)
    other = here_json("batch", file, *OPTIONS, "--count", "2", "--seed", "7")
    assert other["batch"] != first["batch"]
    assert [one["config"]["seed"] for one in other["rows"][0]["generations"]] == [7, 8]
    # the folder of the clips is nothing that is sent
    same = here_json("batch", file, *OPTIONS, "--output-dir", "elsewhere")
    assert same["batch"] == first["batch"]
    assert len(here_json("history")) == 3


def test_the_document_of_a_batch_of_before_is_as_it_was_made(here_json, write):
    document = here_json("batch", write("a.txt", "A kite\n"), *OPTIONS)
    (row,) = document["rows"]
    assert row["config"]["seed"] == row["generations"][0]["config"]["seed"]
    assert document["clips"] == row["clips"] == 1


def test_the_same_words_beside_other_pictures_are_another_batch(here_json, tmp_path):
    batches = []
    for name, colour in (("s1", "red"), ("s2", "blue"), ("s3", "red")):
        folder = tmp_path / name
        folder.mkdir()
        Image.new("RGB", (640, 360), colour).save(folder / "start.png")
        file = folder / "p.csv"
        file.write_text("prompt,first_frame\nIt moves,start.png\n")
        batches.append(here_json("batch", str(file), *OPTIONS)["batch"])
    # a folder that was moved or copied holds the same batch
    assert batches[0] == batches[2] != batches[1]
    assert len(here_json("history")) == 2


def test_results_never_go_through_a_link(here, write, tmp_path):
    file = write("c.csv", "prompt\nA kite\n")
    link = tmp_path / "link.csv"
    link.symlink_to(file)
    told = here("batch", str(link), *OPTIONS, "--results", file, code=2)
    assert "replace the file itself" in told.stderr
    told = here("batch", file, *OPTIONS, "--results", str(link), code=2)
    assert "is a link" in told.stderr
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "is no file" in here("batch", file, "--results", str(pipe), code=2).stderr
    assert "is no file" in here("batch", file, "--results", str(tmp_path), code=2).stderr
    assert "There is no file" in here("batch", str(pipe), code=2).stderr
    nowhere = here("batch", file, *OPTIONS, "--results", "/proc/r.csv", code=2)
    assert "cannot be written" in nowhere.stderr
    both = here("batch", file, "--dry-run", "--results", str(tmp_path / "r.csv"), code=2)
    assert "leave --results out" in both.stderr
    with open(file) as left:
        assert left.read() == "prompt\nA kite\n"


def test_what_was_made_is_told_also_where_the_results_cannot_be_written(
    at_google, program, write, read_until, tmp_path
):
    at_google.poll_default = run_on
    file = write("a.txt", "A kite\n")
    folder = tmp_path / "out"
    folder.mkdir()
    running = program.start("batch", file, *PAID, "--json", "--results", str(folder / "r.csv"))
    read_until(running.stderr, "is running")
    folder.rmdir()
    at_google.poll_default = done
    out, err = running.communicate(timeout=60)
    assert running.returncode == 6, err
    assert json.loads(out)["rows"][0]["generations"][0]["status"] == "completed"
    assert "The results could not be written." in err
    folder.mkdir()
    program.run("batch", file, *PAID, "--results", str(folder / "r.csv"))
    assert len(results_of(folder / "r.csv")) == len(at_google.accepted) == 1


def test_beside_another_program_the_rows_are_queued_there(
    at_google, program, write, here_json, read_until
):
    at_google.poll_default = run_on
    first = program.start("generate", "The first", *PAID)
    read_until(first.stderr, "Accepted")
    second = program.start("batch", write("a.txt", "A kite\nA boat\n"), *PAID, "--json")
    read_until(second.stderr, "following it")
    assert {one["status"] for one in here_json("history")} >= {"pending"}
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=60)
    at_google.poll_default = done
    out, err = second.communicate(timeout=60)
    assert second.returncode == 0, err
    rows = json.loads(out)["rows"]
    assert [row["generations"][0]["status"] for row in rows] == ["completed", "completed"]
    assert len(at_google.accepted) == 3


def test_a_variable_that_no_list_fills_is_a_mistake_of_its_row(here_json, write):
    row = here_json("batch", write("a.txt", "A kite, {nothing}\n"), "--expand", "--dry-run", code=2)
    assert "Fill in {nothing}" in row["rows"][0]["errors"][0]["error"]
