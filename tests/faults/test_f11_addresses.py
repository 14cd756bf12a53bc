"""F11: an address that cannot be used is told at once, by every command, and nothing is charged."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.faults import books
from tests.faults.lab import WAIT_S, Lab
from tests.faults.processes import python

BAD = {
    "readable for everybody": "http://gateway.example.com/v1",
    "with a password": "https://user:secret-word@example.com",
    "no address": "gateway",
}


async def run(lab: Lab, *arguments: str, address: str) -> tuple[int | None, str, str]:
    process = await python("-m", "veo_studio", *arguments, VEO_STUDIO_GEMINI_URL=address)
    async with asyncio.timeout(WAIT_S):
        out, err = await process.communicate()
    lab.shown[" ".join(arguments)] = (out + err).decode()
    return process.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("how", BAD)
async def test_f11_the_command_line_says_so_before_anything_is_stored(lab: Lab, how: str) -> None:
    await lab.close()
    code, out, err = await run(lab, "generate", "A paper boat", "--yes", address=BAD[how])
    assert (code, out) == (2, "")
    assert "VEO_STUDIO_GEMINI_URL cannot be used" in err
    assert "secret-word" not in err
    assert books.rows(lab.paths.database, "SELECT * FROM generations") == []
    await lab.open()


async def test_f11_the_doctor_finds_it(lab: Lab) -> None:
    _, out, _ = await run(lab, "doctor", "--json", address=BAD["with a password"])
    (check,) = [check for check in json.loads(out)["checks"] if check["name"] == "address"]
    assert check["status"] == "fail"
    assert "VEO_STUDIO_GEMINI_URL cannot be used" in check["message"]
    assert "secret-word" not in out
