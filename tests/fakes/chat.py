"""A chat server on loopback that says its replies in their order, the last one for ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.providers.conformance.recorder import Recorded, Recorder, Reply

KEY = "sk-a-key-for-tests-that-must-not-leak"
_LIMIT_S = 60.0


def completion(content: Any, reason: str = "stop") -> Reply:
    said = {"role": "assistant", "content": content}
    return Reply({"choices": [{"index": 0, "message": said, "finish_reason": reason}]})


def refusal(status: int, words: str) -> Reply:
    return Reply({"error": {"message": words}}, status)


class ChatServer:
    """Knobs: `replies`, `models`; while `is_held`, it answers nobody. Counter: `asked`."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [completion("A red kite over the dunes, slow push in.")]
        self.models = ["llama3.2", "gemma3"]
        self.asked: list[Recorded] = []
        self.url = ""
        self._free = threading.Event()
        self._free.set()

    def hold(self) -> None:
        self._free.clear()

    def release(self) -> None:
        self._free.set()

    def __call__(self, request: Recorded) -> Reply:
        if request.path.endswith("/models"):
            return Reply({"data": [{"id": name} for name in self.models]})
        self.asked.append(request)
        self._free.wait(_LIMIT_S)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def words_of(self, number: int = -1) -> tuple[str, Any]:
        """Instructions and question of one request."""
        system, user = self.asked[number].body["messages"]
        return system["content"], user["content"]


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    script = ChatServer()
    with Recorder(script) as recorder:
        script.url = f"{recorder.url}/v1"
        try:
            yield script
        finally:
            script.release()
