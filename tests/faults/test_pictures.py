"""Rows A02, C02, C12 and C13 of the fault matrix once more, for what is a picture and no clip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.picture_models import opened, picture_request
from tests.core.studios import settled
from tests.core.test_kill import finished, kill_at, ledger, start, stored
from tests.faults.disks import SMALL_BYTES, SmallDisk
from tests.transport.pictures import noise_picture
from veo_studio.core.download import sha256_of
from veo_studio.core.models import ErrorKind, GenerationState
from veo_studio.core.paths import Paths
from veo_studio.core.picture_file import check_picture
from veo_studio.core.retry import Backoff

_S = GenerationState
# noise: some 11 MB, more than the small disk holds
_WIDTH, _HEIGHT = 2200, 1700


@pytest.mark.parametrize(
    ("state", "seconds_later"),
    [("submitting", 0.0), ("processing", 0.0), ("downloading", 0.0), ("downloading", 0.02),
     ("completed", 0.0)],
)  # fmt: skip
async def test_a02_a_picture_survives_kill_9(state: str, seconds_later: float) -> None:
    process = await start("generate", "A paper boat", "--picture", "--json", "--yes")
    await kill_at(process, state, seconds_later)
    paths = Paths.default()
    code, pictures, errors = await finished(await start("collect", "--json"))
    assert code == 0, errors
    (made,) = await stored(paths)
    assert (made["status"], made["kind"]) == ("completed", "image"), (pictures, errors)
    (path,) = paths.outputs.glob("*.png")
    assert str(path) == made["video_path"]
    assert [one.name for one in paths.outputs.iterdir() if ".part" in one.name] == []
    check_picture(path)
    assert sha256_of(path) == made["sha256"]
    assert ledger(paths.database) == Counter(grant=1, charge=1)


@pytest.fixture
def small_disk() -> Iterator[SmallDisk]:
    disk = SmallDisk()
    yield disk
    disk.close()


async def test_c12_a_full_disk_holds_the_picture_until_there_is_room(
    small_disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "a-key-for-tests-0123456789")
    monkeypatch.setenv("VEO_STUDIO_POLL_INTERVAL", "0.02")
    monkeypatch.setattr(Backoff, "wait_s", lambda self, times, told_s=None: 0.01)
    content = noise_picture("png", _WIDTH, _HEIGHT)
    assert len(content) > SMALL_BYTES
    small_disk.mount(Paths.default().outputs)
    async with opened(content) as (studio, provider, _):
        held = await settled(studio, picture_request())
        assert (held.state, held.error_kind) == (_S.HELD, ErrorKind.STORAGE)
        assert files_in(studio.paths.outputs) == []
        small_disk.grow(8 * SMALL_BYTES)
        await studio.queue.collect([held.id])
        made = await studio.queue.wait(held.id)
        assert (made.state, made.width_px) == (_S.COMPLETED, _WIDTH)
        assert made.video_path is not None
        assert made.video_path.read_bytes() == content
        assert len(provider.sent) == 1
        assert sum(entry.tokens for entry in await studio.wallet.entries()
                   if entry.kind == "charge") == -1  # fmt: skip


def files_in(folder: Path) -> list[Path]:
    """What is finished, or pretends to be."""
    return [path for path in folder.iterdir() if not path.name.startswith(".")]
