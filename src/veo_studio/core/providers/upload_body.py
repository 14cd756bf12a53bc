"""The bodies of uploads: a file as it is, or a form that ends with a file. Streamed, never in memory."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

# called with True where a read came to the end of the file; from a thread
OnRead = Callable[[bool], None]


class UploadBody(Protocol):
    def headers(self) -> Mapping[str, str]: ...

    def opened(self, on_read: OnRead) -> Any:
        """A context manager of what aiohttp sends; each read of the file means that it moved on."""
        ...


class _WatchedFile(io.BufferedReader):
    """A file that tells of every read: aiohttp reads on only when the line took what it had."""

    def __init__(self, path: Path, on_read: OnRead) -> None:
        super().__init__(io.FileIO(path))
        self._size = os.fstat(self.fileno()).st_size
        self._on_read = on_read

    def read(self, size: int | None = -1, /) -> bytes:
        chunk = super().read(size)
        self._on_read(self.tell() >= self._size)
        return chunk


@dataclass(frozen=True)
class FileBody:
    """The bytes of `path` and nothing else."""

    path: Path
    mime_type: str

    def headers(self) -> Mapping[str, str]:
        return {"Content-Type": self.mime_type}

    @contextmanager
    def opened(self, on_read: OnRead) -> Iterator[Any]:
        with _WatchedFile(self.path, on_read) as file:
            yield file


@dataclass(frozen=True)
class FormBody:
    """multipart/form-data: `fields` in their order, then the file as part `part` called `name`."""

    path: Path
    mime_type: str
    name: str
    part: str = "file"
    fields: Mapping[str, str] = field(default_factory=dict)

    def headers(self) -> Mapping[str, str]:
        return {}

    @contextmanager
    def opened(self, on_read: OnRead) -> Iterator[Any]:
        from aiohttp import FormData

        form = FormData(quote_fields=True)
        for name, value in self.fields.items():
            form.add_field(name, value)
        with _WatchedFile(self.path, on_read) as file:
            form.add_field(self.part, file, filename=self.name, content_type=self.mime_type)
            yield form
