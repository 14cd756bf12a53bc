"""The same picture and sound in a new file: cut at key frames, without sound, with other words. Blocks."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from veo_studio.core.embedding import recipe_metadata
from veo_studio.core.errors import DownloadError
from veo_studio.core.exporting.presets import Inside
from veo_studio.core.exporting.sources import moments_of, opened, start_of
from veo_studio.core.exporting.tasks import Task, Tell
from veo_studio.core.log import redact

CONTAINERS = {
    ".mp4": "mp4",
    ".m4v": "mp4",
    ".mov": "mov",
    ".webm": "webm",
    ".mkv": "matroska",
    ".gif": "gif",
}
# what players and people read; everything else that a program noted stays behind
_KEPT_WORDS = ("title", "artist", "comment", "description", "copyright", "date")


def container_of(suffix: str) -> str:
    """Raises DownloadError for what no container is known for."""
    try:
        return CONTAINERS[suffix.lower()]
    except KeyError:
        raise DownloadError(f"Files that end in {suffix} cannot be written.") from None


def create(stack: ExitStack, task: Task, metadata: dict[str, str]) -> Any:
    """The new file, open for packets; on the part's name, which tells nothing about its form."""
    import av

    options = {}
    name = container_of(task.suffix)
    if name in ("mp4", "mov"):
        options["movflags"] = "faststart"
    if task.preset.inside is Inside.NOTHING:
        options["fflags"] = "+bitexact"
    made = av.open(str(task.part), mode="w", format=name, options=options)
    stack.enter_context(made)
    made.metadata.update(metadata)
    return made


def words_for(task: Task, old: Any) -> dict[str, str]:
    """Title, comment and description of the new file."""
    inside = task.preset.inside
    if inside is Inside.NOTHING:
        return {}
    kept = {
        name: redact(words) for name, words in old.metadata.items() if name.lower() in _KEPT_WORDS
    }
    if inside is Inside.RECIPE and task.recipe is not None:
        kept |= recipe_metadata(task.recipe)
    return kept


def keep_streams(task: Task, tell: Tell) -> None:
    """Write the packets between the two points; they are key frames or the clip's own ends."""
    with opened(task.source) as old:
        moments = moments_of(old, old.streams.video[0])
    in_s = out_s = None
    if task.in_s or task.out_s is not None:
        first_s, last_s = moments.cut(task.in_s, task.out_s)
        in_s = first_s if task.in_s else None
        out_s = None if task.out_s is None else last_s
    with ExitStack() as stack:
        old = stack.enter_context(opened(task.source))
        start_s = start_of(old)
        new = create(stack, task, words_for(task, old))
        streams = [old.streams.video[0]]
        if task.preset.has_sound and old.streams.audio:
            streams.append(old.streams.audio[0])
        kept = {stream.index: new.add_stream_from_template(stream) for stream in streams}
        whole_s = max((out_s or moments.end_s) - (in_s or 0.0), 0.001)
        for packet in old.demux(*streams):
            # the last ones of a file are empty
            if packet.dts is None or packet.pts is None:
                continue
            at_s = float(packet.pts * packet.time_base) - start_s
            is_video = packet.stream.type == "video"
            # a packet of sound that reaches over the cut comes along; players leave out what is before
            end_s = at_s if is_video else at_s + float((packet.duration or 0) * packet.time_base)
            if in_s is not None and end_s < in_s - (1e-4 if is_video else -1e-4):
                continue
            if out_s is not None and at_s > out_s - 1e-4:
                continue
            if in_s is not None:
                shift = round((in_s + start_s) / packet.time_base)
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            packet.stream = kept[packet.stream.index]
            new.mux(packet)
            if is_video:
                tell((at_s - (in_s or 0.0)) / whole_s)
