"""What a kill leaves on the disk is gone after the next start, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.studios import SHORT, open_studio, sketch
from veo_studio.core.models import GenerationRequest, GenerationState
from veo_studio.core.store.moves import NewGeneration

S = GenerationState


@pytest.mark.parametrize("has_own_folder", [False, True])
async def test_i13_the_part_of_one_that_has_ended_is_removed(
    tmp_path: Path, has_own_folder: bool
) -> None:
    """Killed after the end was stored and before the part was removed."""
    folder = tmp_path / "elsewhere" if has_own_folder else None
    sketched = sketch()
    request = GenerationRequest(
        sketched.prompt, sketched.provider, sketched.model, SHORT, output_dir=folder
    )
    async with open_studio() as studio:
        ended, live = await studio.generations.create([NewGeneration(request, 0, None)] * 2)
        await studio.generations.move(ended.id, S.CANCELLED, "killed right after this")
        outputs = folder or studio.paths.outputs
        outputs.mkdir(exist_ok=True)
        for uuid in (ended.uuid, live.uuid, "of-somebody-else"):
            (outputs / f".{uuid}.part").write_bytes(b"half a clip")
            (outputs / f".{uuid}.part.json").write_text("{}")
        (outputs / ".hidden").touch()
    async with open_studio() as studio:
        await studio.queue.recover()
    left = {path.name for path in outputs.iterdir()}
    kept = {
        f".{uuid}.part{end}" for uuid in (live.uuid, "of-somebody-else") for end in ("", ".json")
    }
    assert left == kept | {".hidden"}
