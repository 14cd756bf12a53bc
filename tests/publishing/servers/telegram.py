"""A strict Bot API server on 127.0.0.1: it takes what Telegram takes, and fails where a test says so.

Forms are read by Python's own mail parser, so that what is sent is judged by somebody else's eyes.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Any

from PIL import Image

TOKEN = "123456789:AAh-F4k3_T0kenOfATest-NeverSeen0123"
CHANNEL = {"id": -1001234, "type": "channel", "title": "Paper boats", "username": "paper_boats"}
GROUP = {"id": -77, "type": "group", "title": "Friends of boats"}
PERSON = {"id": 42, "type": "private", "first_name": "Ann", "username": "ann"}
_FILES = {"sendVideo": "video", "sendPhoto": "photo", "sendDocument": "document"}
_MAX_BYTES = 50_000_000


@dataclass(frozen=True)
class Part:
    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass
class Call:
    """One request; `body` is read by whoever wants it."""

    method: str
    path: str
    headers: Mapping[str, str]
    reader: asyncio.StreamReader = field(repr=False)
    writer: asyncio.StreamWriter = field(repr=False)
    read: bytes = b""

    @property
    def size(self) -> int:
        return int(self.headers.get("content-length", "0"))

    async def body(self) -> bytes:
        self.read += await self.reader.readexactly(self.size - len(self.read))
        return self.read

    async def fields(self) -> dict[str, Any]:
        """Values as text, files as `Part`."""
        body = await self.body()
        kind = self.headers.get("content-type", "")
        if kind.startswith("application/json"):
            told = json.loads(body)
            return {name: str(value) for name, value in told.items()}
        parsed = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
        assert parsed.is_multipart(), "neither JSON nor a form"
        found: dict[str, Any] = {}
        for part in parsed.get_payload():
            name = part.get_param("name", header="content-disposition")
            assert name not in found, f"{name} twice"
            content = part.get_payload(decode=True)
            called = part.get_filename()
            if called is None:
                found[name] = content.decode("utf-8")
            else:
                found[name] = Part(called, part.get_content_type(), content)
        return found

    async def answer(
        self, status: int, value: object, headers: Mapping[str, str] | None = None
    ) -> None:
        raw = value if isinstance(value, bytes) else json.dumps(value).encode()
        head = {"Content-Length": str(len(raw)), "Connection": "close", **(headers or {})}
        lines = [f"HTTP/1.1 {status} Word", *(f"{name}: {told}" for name, told in head.items())]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + raw)
        await self.writer.drain()

    async def refuse(self, status: int, words: str, **parameters: object) -> None:
        told: dict[str, object] = {"ok": False, "error_code": status, "description": words}
        if parameters:
            told["parameters"] = parameters
        await self.answer(status, told)

    def reset(self) -> None:
        """An RST: whatever was not read is lost on both sides."""
        sock: socket.socket = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@dataclass(frozen=True)
class Message:
    number: int
    chat: int
    method: str
    fields: dict[str, Any]


Step = Callable[["BotApi", Call], Awaitable[None]]


@dataclass
class BotApi:
    """`steps` are done in order, one for each message that is sent; after them everything is taken."""

    token: str = TOKEN
    chats: dict[str, dict[str, Any]] = field(default_factory=dict)
    member: dict[str, Any] = field(
        default_factory=lambda: {"status": "administrator", "can_post_messages": True}
    )
    max_bytes: int = _MAX_BYTES
    steps: list[Step] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    messages: dict[int, Message] = field(default_factory=dict)
    deleted: list[int] = field(default_factory=list)
    url: str = ""

    @property
    def methods(self) -> list[str]:
        return [call.path.rpartition("/")[2] for call in self.calls]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.rstrip("\r\n").split("\r\n")
            method, path, _ = first.split(" ", 2)
            headers = {
                name.lower(): value.strip()
                for name, _, value in (line.partition(":") for line in lines)
            }
            call = Call(method, path, headers, reader, writer)
            self.calls.append(call)
            await self._answer(call)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the program went away, or was killed
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, call: Call) -> None:
        found = re.fullmatch(r"/bot([^/]+)/([A-Za-z]+)", call.path)
        if found is None or not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", found[1]):
            await call.body()
            await call.refuse(404, "Not Found")
        elif found[1] != self.token:
            await call.body()
            await call.refuse(401, "Unauthorized")
        elif found[2].startswith("send"):
            step = self.steps.pop(0) if self.steps else accept
            await step(self, call)
        else:
            await self._told(call, found[2])

    async def _told(self, call: Call, method: str) -> None:
        fields = await call.fields()
        chat = self.chats.get(fields.get("chat_id", ""))
        if method == "getMe":
            await call.answer(200, ok({"id": 9, "is_bot": True, "username": "boat_bot"}))
        elif chat is None:
            await call.refuse(400, "Bad Request: chat not found")
        elif method == "getChat":
            await call.answer(200, ok(chat))
        elif method == "getChatMember":
            assert fields["user_id"] == "9"
            await call.answer(200, ok(self.member))
        elif method == "deleteMessage":
            number = int(fields["message_id"])
            if number not in self.messages:
                await call.refuse(400, "Bad Request: message to delete not found")
            else:
                self.deleted.append(number)
                del self.messages[number]
                await call.answer(200, ok(True))
        else:
            raise AssertionError(method)

    async def shown(self, call: Call) -> Message | str:
        """What is seen in the chat from now on, or why nothing is."""
        method = call.path.rpartition("/")[2]
        fields = await call.fields()
        chat = self.chats.get(fields["chat_id"])
        if chat is None:
            return "Bad Request: chat not found"
        if method == "sendMessage":
            assert 1 <= len(fields["text"]) <= 4096
        else:
            problem = _wrong_file(method, fields)
            if problem:
                return problem
        number = 100 + len(self.messages) + len(self.deleted)
        self.messages[number] = Message(number, chat["id"], method, fields)
        return self.messages[number]

    def result(self, message: Message) -> dict[str, Any]:
        chat = next(chat for chat in self.chats.values() if chat["id"] == message.chat)
        return ok({"message_id": message.number, "chat": chat, "video": {"file_id": "BAAC"}})


def ok(result: object) -> dict[str, Any]:
    return {"ok": True, "result": result}


def _wrong_file(method: str, fields: dict[str, Any]) -> str:
    file = fields[_FILES[method]]
    assert isinstance(file, Part), "a file part"
    assert file.content, "an empty file"
    if len(fields.get("caption", "")) > 1024:
        return "Bad Request: message caption is too long"
    assert "parse_mode" not in fields, "the caption is plain text"
    if "thumbnail" in fields:
        thumbnail = fields["thumbnail"]
        assert len(thumbnail.content) < 200_000
        with Image.open(io.BytesIO(thumbnail.content)) as picture:
            assert picture.format == "JPEG"
            assert max(picture.size) <= 320
    if method == "sendVideo":
        assert file.media_type == "video/mp4"
        assert fields["supports_streaming"] == "true"
        for name in ("width", "height", "duration"):
            assert name not in fields or int(fields[name]) > 0
    return ""


# steps


async def accept(api: BotApi, call: Call) -> None:
    if call.size > api.max_bytes + 10_000:
        await call.body()
        await call.refuse(413, "Request Entity Too Large")
        return
    shown = await api.shown(call)
    if isinstance(shown, Message):
        await call.answer(200, api.result(shown))
    else:
        await call.refuse(400, shown)


async def reset_after_sending(api: BotApi, call: Call) -> None:
    """The message is there, and nobody is told."""
    await api.shown(call)
    call.reset()


async def silent_after_sending(api: BotApi, call: Call) -> None:
    await api.shown(call)
    await asyncio.Event().wait()


def reset_within(size: int) -> Step:
    async def step(api: BotApi, call: Call) -> None:
        call.read = await call.reader.readexactly(size)
        call.reset()

    return step


def says(status: int, value: object, headers: Mapping[str, str] | None = None) -> Step:
    """Nothing is shown; any answer."""

    async def step(api: BotApi, call: Call) -> None:
        await call.body()
        await call.answer(status, value, headers)

    return step


def refuses(status: int, words: str, **parameters: object) -> Step:
    async def step(api: BotApi, call: Call) -> None:
        await call.body()
        await call.refuse(status, words, **parameters)

    return step


async def cut_answer(api: BotApi, call: Call) -> None:
    """The message is there; the answer breaks off."""
    shown = await api.shown(call)
    assert isinstance(shown, Message)
    raw = json.dumps(api.result(shown)).encode()
    call.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(raw) + raw[:20])
    await call.writer.drain()


def refuses_at_once(status: int, words: str) -> Step:
    """Before the clip has come, as a server does that looks at its length; the rest is thrown away."""

    async def step(api: BotApi, call: Call) -> None:
        await call.refuse(status, words)
        while await call.reader.read(1 << 16):
            pass

    return step


@asynccontextmanager
async def bot_api(**facts: Any) -> AsyncIterator[BotApi]:
    api = BotApi(**facts)
    for chat in (CHANNEL, GROUP, PERSON):
        api.chats[str(chat["id"])] = chat
        if "username" in chat:
            api.chats[f"@{chat['username']}"] = chat
    tasks: set[asyncio.Task[None]] = set()

    def on_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(api.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(on_connection, "127.0.0.1", 0)
    api.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield api
    finally:
        server.close()
        open_tasks = list(tasks)
        for task in open_tasks:
            task.cancel()
        results = await asyncio.gather(*open_tasks, return_exceptions=True)
        await server.wait_closed()
        for result in results:
            if isinstance(result, Exception):
                raise result
