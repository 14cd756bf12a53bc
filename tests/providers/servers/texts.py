"""Text services on this computer: what Google's text models and chat servers answer, as scripts say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.providers.conformance.recorder import Recorded, Recorder, Reply

GEMINI_MODELS = {
    "models": [
        {"name": "models/gemini-3.8-flash", "supportedGenerationMethods": ["generateContent"]},
        {"name": "models/gemini-4-pro"},
        {"name": "models/gemini-embedding-2", "supportedGenerationMethods": ["embedContent"]},
        {"name": "models/gemini-3.1-flash-image"},
        {"name": 7},
        "text",
    ]
}


def gemini_says(*texts: str, reason: str = "STOP", thought: str = "") -> dict[str, Any]:
    """An answer of generateContent with these parts."""
    parts: list[dict[str, Any]] = [{"text": thought, "thought": True}] if thought else []
    parts += [{"text": text} for text in texts]
    content = {"role": "model", "parts": parts}
    return {"candidates": [{"content": content, "finishReason": reason}]}


def gemini_error(status: int, code: str, message: str, **more: Any) -> Reply:
    return Reply({"error": {"code": status, "status": code, "message": message, **more}}, status)


def chat_says(content: Any, reason: str = "stop", **message: Any) -> dict[str, Any]:
    """A chat completion."""
    said = {"role": "assistant", "content": content, **message}
    return {"choices": [{"index": 0, "message": said, "finish_reason": reason}]}


class Texts:
    """Says its replies in their order, the last one for ever; lists of models need no script.

    `is_silent`: it takes the question and never answers.
    """

    def __init__(self) -> None:
        self.replies = [Reply(gemini_says('{"prompt": "A cat."}'))]
        self.models: Any = GEMINI_MODELS
        self.is_silent = False
        self.asked = threading.Event()
        self.is_over = threading.Event()

    def says(self, *replies: Reply | dict[str, Any]) -> None:
        self.replies = [reply if isinstance(reply, Reply) else Reply(reply) for reply in replies]

    def __call__(self, request: Recorded) -> Reply:
        if request.method == "GET":
            return self.models if isinstance(self.models, Reply) else Reply(self.models)
        self.asked.set()
        if self.is_silent:
            self.is_over.wait(60)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@contextmanager
def serving(texts: Texts) -> Iterator[Recorder]:
    """Until the end of the block; who still waits gets an answer then."""
    with Recorder(texts) as recorder:
        try:
            yield recorder
        finally:
            texts.is_over.set()
