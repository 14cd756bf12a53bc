"""Ten scenes of a script to a film by command line, with kill -9 on the way: nothing is paid twice."""

import asyncio
import signal
import sqlite3
import subprocess
from collections import Counter
from contextlib import closing
from xml.etree import ElementTree

import av
import opentimelineio as otio
import pytest

from tests.providers.servers.runway import KEY
from tests.storyboard.runway_films import film_runway
from veo_studio.core.settings import Settings

SENTENCES = (
    "A harbour lies in the fog. Boats rock at the pier. A girl walks along the wall. She carries a "
    "red lantern. A dog runs ahead of her. Gulls rise from the water. The tower stands on the rocks. "
    "Its light begins to turn. A ship comes out of the fog. The girl waves her lantern."
)


@pytest.fixture
def script(tmp_path):
    file = tmp_path / "ten scenes.txt"
    shots = SENTENCES.replace(". ", ". [2 s]\n\n")
    file.write_text(f"{shots} [2 s]", encoding="utf-8")
    return str(file)


def rows(program, query):
    with closing(sqlite3.connect(program.home / "data" / "veo-studio.db")) as connection:
        return connection.execute(query).fetchall()


def in_scenes(program, kinds):
    """How often each thing of each scene was asked for; all of it is complete, or the test fails."""
    asked = rows(program, "SELECT idempotency_key, state FROM generations")
    assert {state for _, state in asked} == {"completed"}
    return Counter(key.split(":")[3] for key, _ in asked) == kinds and len(set(asked)) == len(asked)


def read_back(film, fcpxml, count):
    """The film can be decoded to its end, and an editor finds as many clips as there are scenes."""
    with av.open(str(film)) as container:
        length_s = container.duration / av.time_base
        pictures = sum(1 for _ in container.decode(video=0))
    assert pictures > count
    assert length_s > count
    assert len(ElementTree.parse(fcpxml).getroot().findall(".//spine/asset-clip")) == count
    timeline = otio.adapters.read_from_file(str(fcpxml.with_suffix(".otio")))
    (video, *_) = timeline.video_tracks()
    assert len(list(video.find_clips())) == count


def exported(here, folder, board):
    for name in ("film.mp4", "film.fcpxml", "film.otio"):
        here("storyboard", "export", board, str(folder / name))
    read_back(folder / "film.mp4", folder / "film.fcpxml", 10)


def killed(program, step, *arguments):
    """One generation at a time: of another one that is just being sent nobody could know what became of it."""
    settings = program.home / "config" / "settings.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    Settings(concurrency={"runway": 1, "rehearsal": 1}).save(settings)
    # what it was just starting may say on the same stream that nobody told it what to do
    done = subprocess.run(
        program.command(*arguments),
        env={**program.env, "VEO_STUDIO_CRASH": step},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    settings.unlink()


def test_a_killed_rehearsal_goes_on_to_the_film(program, here, here_json, script, tmp_path):
    run = ("storyboard", "run", script, "--approve", "--resolution", "854:480")
    # once the run is stored; when the third picture was accepted
    killed(program, "S02", *run)
    killed(program, "K09:3", *run)
    done = here_json(*run)
    assert [scene["state"] for scene in done["scenes"]] == ["done"] * 10
    assert in_scenes(program, {"picture": 10, "clip": 10})
    exported(here, tmp_path, script)


async def test_a_killed_run_at_runway_pays_for_nothing_twice(
    program, here, here_json, script, tmp_path, monkeypatch
):
    run = ("storyboard", "run", script, "--yes", "--resolution", "1280:720")
    async with film_runway(monkeypatch) as server:
        program.env |= {"VEO_STUDIO_RUNWAY_URL": server.url, "RUNWAYML_API_SECRET": KEY}
        await asyncio.to_thread(here, "wallet", "add", "100")
        # when the third picture was accepted; it stops before the clips; then with the second one of these
        await asyncio.to_thread(killed, program, "K09:3", *run)
        stopped = await asyncio.to_thread(here, *run)
        assert len(stopped.stdout.splitlines()) == 10
        assert (len(server.pictures), len(server.clips)) == (10, 0)
        await asyncio.to_thread(here, "storyboard", "approve", script)
        await asyncio.to_thread(killed, program, "K09:2", *run)
        done = await asyncio.to_thread(here_json, *run)
        assert done["run"]["state"] == "done"
        assert (len(server.pictures), len(server.clips)) == (10, 10)
        assert in_scenes(program, {"picture": 10, "clip": 10})
        # a picture is a token, a clip is ten, and each was charged once
        charged = "SELECT count(*), sum(tokens) FROM wallet_entries WHERE kind = 'charge'"
        assert rows(program, charged) == [(20, -110)]
        await asyncio.to_thread(exported, here, tmp_path, script)
        assert len(server.bodies) == 20
