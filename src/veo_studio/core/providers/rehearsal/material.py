"""What a submit brings along: which picture is what, and the clip that is edited or extended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from veo_studio.core.providers.rehearsal import wire
from veo_studio.core.providers.rehearsal.interactions import Interactions
from veo_studio.core.providers.rehearsal.spec import ASPECT_RATIOS, MAX_DURATION_S
from veo_studio.core.providers.rehearsal.threads import Threads
from veo_studio.core.providers.rehearsal.uploads import Uploads
from veo_studio.core.providers.rehearsal.vault import Material, Vault


@dataclass(frozen=True)
class Gathering:
    """Stores everything under names of its own, so that a render never looks for what is gone."""

    interactions: Interactions
    uploads: Uploads
    vault: Vault
    threads: Threads

    async def gather(self, submit: wire.Submit) -> Material:
        """Raises WireError for what is not there, is no clip or would be too long."""
        first, last, references = wire.roles(submit)
        if submit.task in ("edit", "extend"):
            return await self._clip(submit)
        return Material(
            first_frame=None if first is None else await self.uploads.keep(first),
            last_frame=None if last is None else await self.uploads.keep(last),
            references=[await self.uploads.keep(image) for image in references],
            duration_s=submit.duration_s,
            aspect_ratio=submit.aspect_ratio,
        )

    async def _clip(self, submit: wire.Submit) -> Material:
        if submit.previous_id is not None:
            live = self.interactions.get(submit.previous_id)
            if live is None:
                raise wire.not_found("previous_interaction_id: interaction not found.")
            is_there = await self.threads.run(self.vault.has_file, live.record)
            if live.record.is_picture or not is_there:
                raise wire.invalid("previous_interaction_id: the interaction has no video.")
            name = await self.threads.run(self.vault.keep_video, live.record)
        elif len(submit.videos) == 1:
            name = await self.uploads.keep(submit.videos[0])
        else:
            raise wire.invalid(f"input: task {submit.task} needs one video.")
        try:
            source_s, width, height = await self.threads.run(_probe, self.vault.input_path(name))
        except ValueError as error:
            raise wire.invalid(f"input.video: {error}.") from error
        total_s = source_s + (submit.duration_s if submit.task == "extend" else 0)
        if total_s > MAX_DURATION_S + 0.5:
            raise wire.invalid(f"input.video: the result would be longer than {MAX_DURATION_S} s.")
        shape = width / height
        return Material(
            source=name,
            source_s=source_s,
            task=submit.task or "",
            duration_s=total_s,
            aspect_ratio=submit.aspect_ratio
            if submit.task == "extend"
            else min(ASPECT_RATIOS, key=lambda ratio: abs(float(ASPECT_RATIOS[ratio]) - shape)),
        )


def _probe(path: Path) -> tuple[float, int, int]:
    # brings PyAV with it, which the window must not wait for
    from veo_studio.core.providers.rehearsal.footage import probe_clip

    return probe_clip(path)
