"""`storyboard run` and `redo` spend nothing, in no run's name, before its price was agreed to."""

import asyncio

import pytest

from tests.storyboard.runway_films import film_runway

RUN = ("storyboard", "run", "1", "--resolution", "1280:720")


@pytest.fixture
def board(here, tmp_path):
    table = tmp_path / "one.csv"
    table.write_text("image,duration\nA harbour at dawn,2\n", encoding="utf-8")
    assert here("storyboard", "import", str(table)).stdout == "1\n"
    return table


async def test_an_earlier_run_waits_until_its_price_is_agreed_to(
    here, here_json, board, monkeypatch
):
    async with film_runway(monkeypatch) as server:

        async def told(*arguments, code=0):
            return (await asyncio.to_thread(here, *arguments, code=code)).stderr

        stopped = await told(*RUN, "--yes")
        assert "`veo-studio storyboard run 1`" in stopped
        await told("storyboard", "approve", "1")
        assert "1 clip: 10 tokens" in await told(*RUN, code=2)
        refused = await told("storyboard", "redo", "1", "1", "picture", code=2)
        assert "1 picture: 1 token" in refused
        assert "an earlier run goes on with 1 clip: 10 tokens" in refused
        assert "Add --yes" in refused
        # nor where it is refused for what another scene says
        board.write_text("image\n@anna on a pier\n", encoding="utf-8")
        await told("storyboard", "import", str(board), "--into", "1")
        assert "nothing was charged" in await told(*RUN, "--yes", code=2)
        assert len(server.paid) == 1
        # a rehearsal wakes nothing that is paid
        await told("storyboard", "run", "1", "--rehearse", "--scene", "1")
        assert len(server.paid) == 1
        assert "It goes on where it was" in await told(*RUN, "--yes", "--scene", "1")
        assert (len(server.pictures), len(server.clips)) == (1, 1)


def test_options_are_kept_once_the_price_is_agreed_to(here, here_json, board, monkeypatch):
    monkeypatch.setenv("RUNWAYML_API_SECRET", "key_0123456789")
    monkeypatch.setenv("VEO_STUDIO_RUNWAY_URL", "http://127.0.0.1:9")
    here(*RUN, code=2)
    assert here_json("storyboard", "show", "1")["resolution"] == ""
