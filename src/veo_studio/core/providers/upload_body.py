"""The bodies of uploads: a file as it is, or a form that ends with a file. Streamed, never in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


class UploadBody(Protocol):
    def headers(self) -> Mapping[str, str]: ...

    def opened(self) -> Any:
        """A context manager of what aiohttp sends."""
        ...


@dataclass(frozen=True)
class FileBody:
    """The bytes of `path` and nothing else."""

    path: Path
    mime_type: str

    def headers(self) -> Mapping[str, str]:
        return {"Content-Type": self.mime_type}

    @contextmanager
    def opened(self) -> Iterator[Any]:
        with self.path.open("rb") as file:
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
    def opened(self) -> Iterator[Any]:
        from aiohttp import FormData

        form = FormData(quote_fields=True)
        for name, value in self.fields.items():
            form.add_field(name, value)
        with self.path.open("rb") as file:
            form.add_field(self.part, file, filename=self.name, content_type=self.mime_type)
            yield form
