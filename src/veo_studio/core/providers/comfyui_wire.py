"""ComfyUI in our words: graphs, the queue, the history and its errors.

Source: ComfyUI's server.py and execution.py as of September 2026 (routes /prompt, /queue, /history,
/view, /upload/image), read 2026-11-21. Pure translation; nothing here waits or sends.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from veo_studio.core.errors import ProtocolError
from veo_studio.core.log import holds_secret
from veo_studio.core.models import (
    CancelledByProvider,
    Done,
    ErrorKind,
    GenerationKind,
    GenerationRequest,
    InputRole,
    PollResult,
    Refused,
    ResultRef,
    Running,
    Task,
)
from veo_studio.core.providers.comfyui_errors import text_of
from veo_studio.core.providers.words import plain
from veo_studio.core.workflows import Slot, Workflow

# An id becomes a part of an address.
_PROMPT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}\Z")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
# names of files there: a folder and a base name, nothing that climbs
_UNSAFE_NAME = re.compile(r"[\x00-\x1f\x7f\\:*?\"<>|\ud800-\udfff]|(^|/)\.\.?(/|\Z)|^/|//")
_VIDEO = (".mp4", ".m4v", ".mov")
_OTHER_VIDEO = (".webm", ".mkv", ".avi", ".gif", ".webp")
_MEMORY = re.compile(r"(?i)out ?of ?memory|allocation on device")
_VERSION = re.compile(r"v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})")
# the first release whose /interrupt surely stops the named work only (pull request 9607, September 2025)
_TARGETED_SINCE = (0, 3, 60)
# a release of August 2025, which surely keeps the id of the client; before July of it none did
_KEEPS_IDS_SINCE = (0, 3, 50)
_ROLE_FIELDS = {InputRole.FIRST_FRAME: "first_image", InputRole.LAST_FRAME: "last_image"}


def build_graph(
    workflow: Workflow, request: GenerationRequest, uploads: Sequence[str] = ()
) -> dict[str, Any]:
    """The template with this request in it; ValueError for what it has no place for."""
    config = request.config
    if request.kind is not GenerationKind.VIDEO or config.task is not Task.CREATE:
        raise ValueError("This workflow makes new videos only.")
    if config.samples != 1:
        raise ValueError("This workflow makes one clip per request.")
    if config.enable_audio:
        raise ValueError("This workflow makes no sound.")
    graph: dict[str, Any] = copy.deepcopy(dict(workflow.graph))
    values: dict[str, Any] = {"prompt": request.prompt, "fps": workflow.rules.fps}
    if config.negative_prompt:
        values["negative"] = config.negative_prompt
    if config.seed is not None:
        values["seed"] = config.seed
    pixels = workflow.rules.sizes.get((config.aspect_ratio, config.resolution))
    if pixels is None:
        raise ValueError(
            f"This workflow knows no size for {config.aspect_ratio} at {config.resolution}."
        )
    values["width"], values["height"] = pixels
    values["frames"] = workflow.rules.frames(config.duration_s)
    for item, name in zip(config.inputs, uploads, strict=True):
        field = _ROLE_FIELDS.get(item.role)
        if field is None:
            raise ValueError("This workflow takes a first and a last frame only.")
        values[field] = name
    needed = {"prompt", "negative", "seed", "first_image", "last_image"} & set(values)
    if missing := needed - set(workflow.fields):
        words = sorted(missing)[0].replace("_", " ")
        raise ValueError(f"This workflow has no place for the {words}.")
    for name, slots in workflow.fields.items():
        for slot in slots:
            if name in values:
                _put(graph, slot, values[name])
            elif name in ("first_image", "last_image"):
                _leave_out(graph, slot.node)
    return graph


def _put(graph: dict[str, Any], slot: Slot, value: Any) -> None:
    inputs = graph[slot.node]["inputs"]
    if slot.input == "fps" or isinstance(value, float):
        # a whole number stays one: some nodes take no others
        value = int(value) if value == int(value) and isinstance(inputs[slot.input], int) else value
    inputs[slot.input] = value


def _leave_out(graph: dict[str, Any], node: str) -> None:
    """Without a picture that was not given; what took it goes on without."""
    graph.pop(node, None)
    for other in graph.values():
        linked = [name for name, value in other["inputs"].items() if source_of(value) == node]
        for name in linked:
            del other["inputs"][name]


def source_of(value: Any) -> str | None:
    """The node that an input is linked to; None for a value of its own."""
    is_link = isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)
    return value[0] if is_link and isinstance(value[1], int) else None


def is_uuid(text: str) -> bool:
    """True for the only form of an id that every server takes."""
    return bool(_UUID.match(text))


def prompt_id(value: Any) -> str | None:
    """The id in an answer to a submit, or None if there is none that may be used."""
    found = value.get("prompt_id") if isinstance(value, dict) else None
    if not isinstance(found, str) or not _PROMPT_ID.match(found) or holds_secret(found):
        return None
    return found


def is_usable_id(text: str) -> bool:
    return bool(_PROMPT_ID.match(text))


# queue and history


@dataclass(frozen=True)
class Place:
    """Where a prompt is in the queue; `ahead` counts what is made before it."""

    is_running: bool
    ahead: int = 0


def place_of(queue: Any, wanted: str) -> Place | None:
    """Its place, or None where the queue does not have it; raises ProtocolError for what is no queue."""
    running = _prompt_ids(queue, "queue_running")
    if wanted in running:
        return Place(True)
    pending = _prompt_ids(queue, "queue_pending")
    # told in the order of a heap; the number of an item says when it is its turn
    for position, found in enumerate(pending):
        if found == wanted:
            return Place(False, len(running) + position)
    return None


def _prompt_ids(queue: Any, name: str) -> list[str]:
    items = queue.get(name) if isinstance(queue, dict) else None
    if not isinstance(items, list):
        raise ProtocolError("The answer is no queue.")
    listed = [item for item in items if isinstance(item, list) and len(item) > 1]
    listed.sort(key=lambda item: item[0] if isinstance(item[0], int | float) else 0)
    return [item[1] for item in listed if isinstance(item[1], str)]


def running_of(place: Place, fraction: float | None) -> Running:
    if place.is_running:
        return Running(fraction, "running")
    return Running(status=f"queued behind {place.ahead}", is_queued=True, is_held_back=True)


def read_history(history: Any, wanted: str, base_url: str) -> PollResult | None:
    """How a prompt ended, or None where it has not; raises ProtocolError for what is no history."""
    if not isinstance(history, dict):
        raise ProtocolError("The answer is no history.")
    entry = history.get(wanted)
    if entry is None:
        return None
    if not isinstance(entry, dict):
        raise ProtocolError("The history has an entry that is none.")
    status = entry.get("status")
    status = status if isinstance(status, dict) else {}
    if status.get("status_str") == "error":
        return _failed(status)
    return _ended(entry.get("outputs"), base_url)


def _failed(status: Mapping[str, Any]) -> PollResult:
    messages = status.get("messages")
    for message in reversed(messages if isinstance(messages, list) else []):
        if not isinstance(message, list) or len(message) != 2 or not isinstance(message[1], dict):
            continue
        kind, told = message
        if kind == "execution_interrupted":
            return CancelledByProvider()
        if kind == "execution_error":
            return _execution_error(told)
    return Refused(ErrorKind.GENERATION_FAILED, "ComfyUI stopped without a reason.")


def _execution_error(told: Mapping[str, Any]) -> Refused:
    kind, text = text_of(told, "exception_type"), text_of(told, "exception_message")
    node = text_of(told, "node_type") or "a node"
    if _MEMORY.search(f"{kind} {text}"):
        return Refused(
            ErrorKind.GENERATION_FAILED,
            f"The graphics card's memory was not enough for {node}. "
            "Choose a smaller size or a shorter clip.",
            kind or None,
        )
    words = text.rstrip(".") or kind or "it gave no reason"
    return Refused(ErrorKind.GENERATION_FAILED, f"{node} failed: {words}.", kind or None)


def traceback_of(history: Any, wanted: str) -> str:
    """Where in ComfyUI it failed, for the log; "" where it is not told."""
    entry = history.get(wanted) if isinstance(history, dict) else None
    status = entry.get("status") if isinstance(entry, dict) else None
    messages = status.get("messages") if isinstance(status, dict) else None
    for message in messages if isinstance(messages, list) else []:
        if isinstance(message, list) and len(message) == 2 and message[0] == "execution_error":
            lines = message[1].get("traceback") if isinstance(message[1], dict) else None
            if isinstance(lines, list):
                return plain("".join(line for line in lines if isinstance(line, str)))
    return ""


def _ended(outputs: Any, base_url: str) -> PollResult:
    files = list(_files(outputs))
    clips = [file for file in files if file.name.lower().endswith(_VIDEO)]
    kept = [file for file in clips if file.folder == "output"] or clips
    if kept:
        first, *more = [file.uri(base_url) for file in kept]
        return Done(ResultRef(first, "video/mp4", tuple(more)))
    others = [file.name for file in files if file.name.lower().endswith(_OTHER_VIDEO)]
    if others:
        suffix = others[0].rpartition(".")[2].lower()
        return Refused(
            ErrorKind.GENERATION_FAILED,
            f"The workflow saved a {suffix} file; set its save node to mp4. "
            "The file is in ComfyUI's output folder.",
        )
    return Refused(
        ErrorKind.GENERATION_FAILED,
        "The workflow ended without a video. It needs a node that saves one, such as SaveVideo.",
    )


@dataclass(frozen=True)
class _File:
    name: str
    subfolder: str
    folder: str

    def uri(self, base_url: str) -> str:
        named = {"filename": self.name, "subfolder": self.subfolder, "type": self.folder}
        return f"{base_url}/view?{urlencode(named)}"


def _files(outputs: Any) -> Iterator[_File]:
    """Every file that a node reports, under whatever name it lists them; unsafe names are none."""
    for node in outputs.values() if isinstance(outputs, dict) else ():
        for listed in node.values() if isinstance(node, dict) else ():
            for found in listed if isinstance(listed, list) else ():
                if not isinstance(found, dict):
                    continue
                name, subfolder = found.get("filename"), found.get("subfolder") or ""
                folder = found.get("type", "output")
                if (
                    isinstance(name, str)
                    and isinstance(subfolder, str)
                    and folder in ("output", "temp")
                    and safe_name(name)
                    and "/" not in name
                    and (not subfolder or safe_name(subfolder))
                ):
                    yield _File(name, subfolder, folder)


def safe_name(name: str) -> bool:
    """True for a relative name of a file or folder that stays where it is."""
    return 0 < len(name) <= 400 and not _UNSAFE_NAME.search(name) and not holds_secret(name)


def uploaded_name(value: Any) -> str | None:
    """What LoadImage calls an uploaded picture; the server may have chosen another name than ours."""
    if not isinstance(value, dict):
        return None
    name, subfolder = value.get("name"), value.get("subfolder") or ""
    if not isinstance(name, str) or not isinstance(subfolder, str):
        return None
    full = f"{subfolder.replace(chr(92), '/')}/{name}" if subfolder else name
    return full if safe_name(full) else None


# the server itself


def stops_only_named(system_stats: Any) -> bool:
    """True where /interrupt surely stops the work that it names and none else; in doubt it does not."""
    return _is_since(system_stats, _TARGETED_SINCE)


def keeps_ids(system_stats: Any) -> bool:
    """True where work surely has the id that it was sent with."""
    return _is_since(system_stats, _KEEPS_IDS_SINCE)


def _is_since(system_stats: Any, release: tuple[int, int, int]) -> bool:
    found = _VERSION.match(version_of(system_stats))
    return found is not None and tuple(map(int, found.groups())) >= release


def version_of(system_stats: Any) -> str:
    system = system_stats.get("system") if isinstance(system_stats, dict) else None
    return text_of(system, "comfyui_version")[:40] if isinstance(system, dict) else ""


def describe(system_stats: Any) -> str:
    """One sentence about the server that answered; raises ProtocolError where it is no ComfyUI."""
    if not isinstance(system_stats, dict) or not isinstance(system_stats.get("system"), dict):
        raise ProtocolError("Something else than ComfyUI answers at this address.")
    devices = system_stats.get("devices")
    first = next((one for one in devices if isinstance(one, dict)), {}) if isinstance(
        devices, list) else {}  # fmt: skip
    name, memory = text_of(first, "name")[:100], first.get("vram_total")
    words = f"ComfyUI {version_of(system_stats)} answers".replace("  ", " ")
    if name:
        words += f", on {name}"
        if isinstance(memory, int) and memory > 0:
            words += f" with {memory / 1024**3:.0f} GB"
    return f"{words}. Whether it has the models of a workflow, it tells when one is sent."
