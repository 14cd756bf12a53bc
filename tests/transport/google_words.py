"""What Google says, for servers that say it."""

from __future__ import annotations

from typing import Any

from tests.transport.raw_server import Received, Reply, Script
from veo_studio.core.models import Operation

OPERATION = Operation("gemini", "v1_abc", "gemini-omni-1.2-flash")
RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "11s"}
DAILY = {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    "violations": [{"quotaId": "GenerateRequestsPerDayPerProject"}],
}
KEY_INVALID = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}


def says(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Script:
    async def script(received: Received, reply: Reply) -> None:
        await reply.json(value, status, headers)

    return script


def html(status: int) -> Script:
    async def script(received: Received, reply: Reply) -> None:
        await reply.head(status, {"Content-Type": "text/html", "Content-Length": "6"})
        await reply.body(b"<html>")

    return script


def google(code: int, status: str = "", message: str = "It failed.", *details: Any) -> Any:
    return {"error": {"code": code, "status": status, "message": message, "details": list(details)}}
