"""How far ComfyUI's graphs are, as its websocket tells it; a convenience, never the truth.

Source: ComfyUI's server.py and execution.py as of September 2026, "websocket", read 2026-11-21.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections import OrderedDict
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from veo_studio.core.errors import StudioError
from veo_studio.core.providers.http import HttpGateway
from veo_studio.core.task_scope import TaskScope

_log = logging.getLogger(__name__)
_FIRST_AGAIN_S = 0.5
_LONGEST_AGAIN_S = 30.0
# more than one adapter ever has under way
_MOST = 200


class GraphProgress:
    """One graph: every node has the same share, and what was reached is never taken back."""

    def __init__(self, nodes: Collection[str]) -> None:
        self._shares = dict.fromkeys(nodes, 0.0)
        self._current: str | None = None
        self._reached: float | None = None

    @property
    def fraction(self) -> float | None:
        """0.0 to 1.0, or None while nothing was told."""
        return self._reached

    def take(self, kind: str, data: Mapping[str, Any]) -> None:
        """One message about this graph; unknown kinds say nothing."""
        match kind:
            case "execution_start":
                pass
            case "execution_cached":
                nodes = data.get("nodes")
                for node in nodes if isinstance(nodes, list) else ():
                    self._share(node, 1.0)
            case "executing":
                self._share(self._current, 1.0)
                node = data.get("node")
                self._current = node if isinstance(node, str) else None
            case "progress":
                self._share(data.get("node"), _ratio(data))
            case "progress_state":
                nodes = data.get("nodes")
                for node, state in nodes.items() if isinstance(nodes, dict) else ():
                    if isinstance(state, dict):
                        is_done = state.get("state") == "finished"
                        self._share(node, 1.0 if is_done else _ratio(state))
            case "executed":
                self._share(data.get("node"), 1.0)
            case "execution_success":
                for node in self._shares:
                    self._share(node, 1.0)
            case _:
                return
        total = sum(self._shares.values()) / max(1, len(self._shares))
        self._reached = min(1.0, max(self._reached or 0.0, total))

    def _share(self, node: Any, ratio: float) -> None:
        if isinstance(node, str) and node in self._shares:
            self._shares[node] = max(self._shares[node], ratio)


def _ratio(told: Mapping[str, Any]) -> float:
    value, most = told.get("value"), told.get("max")
    if not isinstance(value, int | float) or not isinstance(most, int | float):
        return 0.0
    if not (math.isfinite(value) and math.isfinite(most)) or most <= 0:
        return 0.0
    return min(1.0, max(0.0, value / most))


class ProgressSocket:
    """One websocket, opened at its first use and again whenever it breaks, until `close`."""

    def __init__(self, gateway: HttpGateway, url: str) -> None:
        self._gateway = gateway
        self._url = url
        self._tasks = TaskScope()
        self._graphs: OrderedDict[str, GraphProgress] = OrderedDict()
        self._is_started = False
        self._is_open = self._is_closed = False
        # the last try has ended one way or the other; and: somebody waits for another one
        self._has_tried = asyncio.Event()
        self._is_wanted = asyncio.Event()

    def expect(self, prompt_id: str, nodes: Collection[str]) -> None:
        """Messages about this one will come."""
        self._graphs[prompt_id] = GraphProgress(nodes)
        while len(self._graphs) > _MOST:
            self._graphs.popitem(last=False)

    def rename(self, before: str, now: str) -> None:
        if before in self._graphs:
            self._graphs[now] = self._graphs.pop(before)

    def forget(self, prompt_id: str) -> None:
        self._graphs.pop(prompt_id, None)

    def fraction(self, prompt_id: str) -> float | None:
        graph = self._graphs.get(prompt_id)
        return None if graph is None else graph.fraction

    async def open(self, within_s: float) -> None:
        """Connect before a submit, because nothing is told twice; without a line there is no progress."""
        if self._is_closed:
            return
        if not self._is_started:
            self._is_started = True
            self._tasks.spawn(self._listen(), "progress of ComfyUI")
        elif not self._is_open:
            self._has_tried.clear()
            self._is_wanted.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._has_tried.wait()

    async def close(self) -> None:
        """For good: whoever still holds the adapter goes on without progress."""
        self._is_closed = True
        await self._tasks.close()

    async def _listen(self) -> None:
        wait_s = _FIRST_AGAIN_S
        while True:
            self._is_wanted.clear()
            try:
                async with self._gateway.open_socket(self._url) as messages:
                    async for text in messages:
                        # its first message comes at once: then it knows us
                        self._is_open = True
                        self._has_tried.set()
                        wait_s = _FIRST_AGAIN_S
                        self._take(text)
            except StudioError as error:
                _log.info("ComfyUI tells no progress: %s", error.message)
            finally:
                self._is_open = False
                self._has_tried.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._is_wanted.wait()
            wait_s = min(2 * wait_s, _LONGEST_AGAIN_S)

    def _take(self, text: str) -> None:
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            return
        data = message.get("data") if isinstance(message, dict) else None
        kind = message.get("type") if isinstance(message, dict) else None
        if not isinstance(data, dict) or not isinstance(kind, str):
            return
        graph = self._graphs.get(str(data.get("prompt_id")))
        if graph is not None:
            graph.take(kind, data)
