"""What ComfyUI says in place of an answer: which node, which file, which value it does not have.

Source: ComfyUI's server.py and execution.py as of September 2026, `validate_prompt`, read 2026-11-21.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from veo_studio.core.models import ErrorKind
from veo_studio.core.providers.words import WireError as WireError
from veo_studio.core.providers.words import plain


def read_error(http_status: int, value: Any) -> WireError:
    """Sort an answer that is no success into our kinds (providers: section 11.4)."""
    kind = _kind(http_status)
    error = value.get("error") if isinstance(value, dict) else None
    if isinstance(error, str):
        # how servers before 2023 said it
        return WireError(True, kind, plain(error) or _bare(http_status))
    if not isinstance(error, dict):
        return WireError(False, kind, _bare(http_status))
    code = text_of(error, "type")
    node_errors = value.get("node_errors")
    sentences = [] if code == "missing_node_type" else list(_node_sentences(node_errors))
    if not sentences:
        sentences = [_missing_node(error) or _said(error) or _bare(http_status)]
    message = " ".join(dict.fromkeys(sentences[:3]))
    return WireError(True, kind, plain(message), code[:200] or None)


def _kind(http_status: int) -> ErrorKind:
    match http_status:
        case 401 | 403:
            return ErrorKind.AUTH
        case 404 | 410:
            return ErrorKind.NOT_FOUND
        case 408 | 504:
            return ErrorKind.TIMEOUT
        case 429:
            return ErrorKind.RATE_LIMITED
    return ErrorKind.SERVER_ERROR if http_status >= 500 else ErrorKind.INVALID_REQUEST


def _bare(http_status: int) -> str:
    if http_status in (401, 403):
        return f"The server refuses this program (HTTP {http_status}); it may want a login."
    if 300 <= http_status < 400:
        return "The server sends requests on to another address: set that one for ComfyUI."
    if http_status == 413:
        return "The request is larger than the server takes (its --max-upload-size)."
    return f"The answer was HTTP {http_status}."


def _missing_node(error: Mapping[str, Any]) -> str:
    extra = error.get("extra_info")
    name = text_of(extra, "class_type") if isinstance(extra, dict) else ""
    if error.get("type") not in ("missing_node_type", "invalid_prompt") or not name:
        return ""
    return (
        f"This ComfyUI has no node of the type {name}. Install the custom node that brings it, "
        "or update ComfyUI."
    )


def _node_sentences(node_errors: Any) -> Iterator[str]:
    for node in node_errors.values() if isinstance(node_errors, dict) else ():
        if not isinstance(node, dict) or not isinstance(node.get("errors"), list):
            continue
        kind = text_of(node, "class_type") or "A node"
        for error in node["errors"]:
            if isinstance(error, dict):
                yield _node_sentence(kind, error)


def _node_sentence(node: str, error: Mapping[str, Any]) -> str:
    extra = error.get("extra_info")
    extra = extra if isinstance(extra, dict) else {}
    name, value = text_of(extra, "input_name"), extra.get("received_value")
    if error.get("type") == "value_not_in_list" and isinstance(value, str) and value:
        if re.search(r"\.[A-Za-z0-9]{2,12}\Z", value):
            return (
                f"ComfyUI has no file {plain(value)[:200]} for {node}. "
                "Put it into the models folder there."
            )
        return f"{node} does not take {plain(value)[:200]!r} as {name or 'a value'}."
    return f"{node}: {_said(error)}"


def _said(error: Mapping[str, Any]) -> str:
    words = [text_of(error, "message").rstrip("."), text_of(error, "details").rstrip(".")]
    said = ": ".join(word[:300] for word in words if word)
    return f"{said}." if said else ""


def text_of(value: Mapping[str, Any], name: str) -> str:
    """A string of the server's, fit to be shown; "" for anything else."""
    found = value.get(name)
    return plain(found) if isinstance(found, str) else ""
