"""`publish`, `drafts`, `deliveries`, `targets`, `rules` and `schedules`, from the words to the files."""

import json
import signal
import sqlite3
import subprocess
from contextlib import closing

import pytest

from tests.cli.keyrings import keep_keys

PROMPT = "A paper boat in the rain"


@pytest.fixture
def clip(here_json):
    """A finished clip of the rehearsal engine."""
    return here_json("generate", PROMPT, "--duration", "2", "--resolution", "480p")["id"]


@pytest.fixture
def folder(tmp_path, here):
    place = tmp_path / "nas"
    place.mkdir()
    here("targets", "add", "folder", "The NAS", "--set", f"folder={place}")
    return place


def rows(program, query):
    with closing(sqlite3.connect(program.home / "data" / "veo-studio.db")) as connection:
        return connection.execute(query).fetchall()


def test_a_clip_is_a_draft_until_it_is_published(clip, here, here_json):
    assert [one["id"] for one in here_json("drafts")] == [clip]
    assert [one["id"] for one in here_json("drafts", "--state", "ready")] == [clip]
    assert here_json("drafts", "--state", "failed") == []
    assert PROMPT in here("drafts").stdout
    done = here_json("publish", str(clip), "--caption", "Opening shot", "--tag", "rain")
    assert done[0]["caption"] == "Opening shot"
    assert done[0]["tags"] == ["rain"]
    assert done[0]["published_at"].endswith("Z")
    assert done[0]["deliveries"] == []
    assert here_json("drafts") == []
    assert here("unpublish", str(clip)).stdout == f"{clip}: a draft again\n"
    [draft] = here_json("drafts")
    assert (draft["id"], draft["caption"]) == (clip, "Opening shot")


def test_a_clip_goes_to_a_folder_and_the_list_says_where(clip, folder, here, here_json):
    [done] = here_json("publish", str(clip), "--caption", "Boat", "--to", "the nas")
    [delivery] = done["deliveries"]
    assert delivery["status"] == "delivered"
    assert delivery["target"] == "The NAS"
    [file] = folder.glob("*.mp4")
    assert file.stat().st_size == done["size_bytes"]
    assert [one["id"] for one in here_json("deliveries")] == [delivery["id"]]
    assert here_json("deliveries", "--state", "failed") == []
    shown = here_json("deliveries", "show", str(delivery["id"]))
    assert [one["outcome"] for one in shown["tries"]] == ["delivered"]
    listed = here("deliveries").stdout
    assert "delivered" in listed
    assert "Boat" in listed
    here("deliveries", "remove", str(delivery["id"]), "--yes")
    assert list(folder.glob("*.mp4")) == []


def test_deliver_does_not_publish(clip, folder, here, here_json):
    [delivery] = here_json("deliver", str(clip), "--to", "The NAS")
    assert delivery["status"] == "delivered"
    assert [one["id"] for one in here_json("drafts")] == [clip]


def test_a_failed_delivery_says_why_ends_with_code_3_and_is_repeated(
    clip, folder, here, here_json, program
):
    ledger = rows(program, "SELECT * FROM wallet_entries")
    folder.rmdir()
    folder.write_text("a file where the folder was")
    [done] = here_json("publish", str(clip), "--to", "The NAS", code=3)
    [delivery] = done["deliveries"]
    assert delivery["status"] == "failed"
    assert delivery["reason"]
    folder.unlink()
    folder.mkdir()
    again = here_json("deliveries", "again", str(delivery["id"]))
    assert again["status"] == "delivered"
    assert rows(program, "SELECT count(*) FROM generations") == [(1,)]
    assert rows(program, "SELECT * FROM wallet_entries") == ledger


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("publish", "99"), "99"),
        (("publish", "1", "--to", "nowhere"), "no target 'nowhere'"),
        (("publish", "1", "--at", "yesterday"), "is no time"),
        (("publish", "1", "--at", "2020-01-01 10:00"), "has passed"),
        (("publish", "1", "--at", "2099-01-01"), 'no time of day. Write it as "2099-01-01 18:00"'),
        (("publish", "1", "--caption", "x" * 2201), "2,200"),
        (("publish", "1", "--smaller"), "--to"),
        (("publish", "1", "--to", "x", "--smaller", "--link", "y"), "not both"),
        (("drafts", "--state", "done"), "Known: pending"),
        (("deliver", "1"), "--to TARGET"),
        (("deliveries", "--state", "lost"), "maybe-sent"),
        (("deliveries", "show", "7"), "no delivery 7"),
        (("deliveries", "again", "7"), "no delivery 7"),
        (("deliveries", "link", "1", "--for", "30d"), "7 days"),
        (("targets", "add", "ftp", "Old"), "Known: folder"),
        (("targets", "add", "folder", "X", "--set", "colour=red"), "no field 'colour'"),
        (("targets", "add", "telegram", "X", "--set", "token=1:abc"), "is a secret"),
        (("targets", "test", "nowhere"), "no target 'nowhere'"),
        (
            ("targets", "add", "telegram", "My news", "--set", "chat=@films"),
            "put it into VEO_STUDIO_TARGET_MY_NEWS_TOKEN",
        ),
        (("rules", "add", "R", "--to", "nowhere"), "no target 'nowhere'"),
        (("rules", "off", "R"), "no rule 'R'"),
        (("schedules", "cancel", "5"), "no schedule 5"),
    ],
)
def test_what_cannot_be_meant_is_said_in_one_sentence(arguments, words, here, program):
    done = here(*arguments, code=2)
    assert words in done.stderr
    assert done.stdout == ""


def test_a_clip_that_is_planned_is_published_when_it_is_due(clip, folder, here, here_json, program):
    [planned] = here_json(
        "publish", str(clip), "--caption", "Later", "--to", "The NAS", "--at", "2099-01-01 10:00"
    )
    assert planned["status"] == "planned"
    assert [one["id"] for one in here_json("drafts")] == [clip]
    assert [one["clip"] for one in here_json("schedules")] == [clip]
    shown = here("schedules").stdout
    assert "Later" in shown
    assert "The NAS" in shown
    # its time passes while nothing is open
    with (
        closing(sqlite3.connect(program.home / "data" / "veo-studio.db")) as connection,
        connection,
    ):
        connection.execute("UPDATE schedules SET due_at = '2026-01-01T10:00:00.000000+00:00'")
    [delivery] = here_json("deliveries", "run")
    assert delivery["status"] == "delivered"
    assert delivery["origin"] == "schedule"
    assert len(list(folder.glob("*.mp4"))) == 1
    assert here_json("drafts") == []
    assert here_json("schedules") == []
    assert here_json("deliveries", "run") == []


def test_a_planned_one_can_be_called_off(clip, here, here_json):
    [planned] = here_json("publish", str(clip), "--at", "2099-01-01 10:00")
    assert "stays a draft" in here("schedules", "cancel", str(planned["id"])).stderr
    assert here_json("schedules") == []


def test_a_rule_delivers_what_is_finished_from_now_on(clip, folder, here, here_json):
    here("rules", "add", "Everything", "--to", "The NAS", "--rehearsals")
    assert "on" in here("rules").stdout
    [rule] = here_json("rules")
    assert (rule["on"], rule["targets"], rule["rehearsals"]) == (True, ["The NAS"], True)
    made = here_json("generate", "Another boat", "--duration", "2", "--resolution", "480p")["id"]
    here("deliveries", "run")
    [delivery] = here_json("deliveries")
    assert (delivery["clip"], delivery["origin"], delivery["status"]) == (made, "rule", "delivered")
    assert here_json("rules", "off", "everything")["on"] is False
    here("rules", "delete", "Everything")
    assert here_json("rules") == []


def test_targets_are_listed_with_what_is_missing_and_never_with_a_secret(here, here_json, folder):
    [target] = here_json("targets")
    assert (target["kind"], target["missing"]) == ("folder", [])
    proved = here_json("targets", "test", "The NAS")["proved"]
    assert proved
    here("targets", "change", "The NAS", "--name", "Archive")
    assert [one["name"] for one in here_json("targets")] == ["Archive"]
    kinds = {one["kind"] for one in here_json("targets", "kinds")}
    assert kinds == {
        "folder", "gallery", "s3", "google", "azure", "supabase", "telegram", "webhook"
    }  # fmt: skip
    assert "telegram:" in here("targets", "kinds").stdout
    here("targets", "delete", "Archive", "--yes")
    assert here_json("targets") == []


def test_a_folder_that_is_not_there_is_told_when_it_is_set_up_and_tested(here, here_json, folder):
    folder.rmdir()
    added = here("targets", "add", "folder", "NAS2", "--set", f"folder={folder}").stderr
    assert "NAS2 is set up." in added
    assert f"There is no folder {folder} now: its disk may not be plugged in." in added
    tested = here("targets", "test", "NAS2", code=3).stderr
    assert tested.startswith("The test of NAS2 failed: ")
    assert "delivered" not in tested


@pytest.mark.parametrize("step", ["prepared", "sending", "sent"])
def test_kill_9_in_each_step_of_a_delivery_leaves_one_file(step, clip, folder, program, here_json):
    killed = subprocess.run(
        program.command("publish", str(clip), "--to", "The NAS"),
        env={**program.env, "VEO_STUDIO_CRASH": f"deliver-{step}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
    )
    assert killed.returncode == -signal.SIGKILL
    assert here_json("drafts") == []
    [delivery] = here_json("deliveries", "run")
    assert delivery["status"] == "delivered"
    assert len(list(folder.glob("*.mp4"))) == 1
    assert [path.name for path in folder.iterdir() if path.suffix != ".mp4"] == []


def test_secrets_come_from_stdin_and_are_seen_nowhere(program, tmp_path):
    secret = "4711:" + "AbCdEfGhIjKlMnOpQrStUvWxYz012345678"
    done = subprocess.run(
        program.command("targets", "add", "telegram", "Channel", "--set", "chat=@films",
                        "--secrets-stdin", "--json"),
        env=program.env, input=f"token={secret}\n", capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["name"] == "Channel"
    seen = done.stdout + done.stderr
    for file in program.home.rglob("*"):
        if file.is_file():
            seen += file.read_bytes().decode("utf-8", "replace")
    assert secret not in seen
    assert secret.partition(":")[2] not in seen
    # without a keyring it is gone with the program
    tested = program.run("targets", "test", "Channel", code=2)
    assert "put it into VEO_STUDIO_TARGET_CHANNEL_TOKEN" in tested.stderr


def test_an_optional_secret_is_taken_away_on_stdin(program, here, here_json, tmp_path):
    kept = keep_keys(program, tmp_path)

    def told(*args, words):
        return subprocess.run(
            program.command("targets", *args, "--secrets-stdin"),
            env=program.env, input=words, capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    sets = [f"--set={one}" for one in ("bucket=films", "region=eu-west-1", "access_key=AKIA123456")]
    key, token = "k" * 40, "t" * 40
    done = told("add", "s3", "Films", *sets, words=f"secret_key={key}\nsession_token={token}\n")
    assert done.returncode == 0, done.stderr
    assert set(json.loads(kept.read_text()).values()) == {key, token}
    # a line that says nothing takes nothing away
    assert told("change", "Films", words="session_token\n").returncode != 0
    assert told("change", "Films", words="secret_key=\n").returncode != 0
    assert set(json.loads(kept.read_text()).values()) == {key, token}
    done = told("change", "Films", words="session_token=\n")
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip() == "Films is changed."
    assert set(json.loads(kept.read_text()).values()) == {key}
