"""One download: a file, its server, the adapter, and where it goes."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.transport.file_server import FileServer
from tests.transport.raw_server import RawServer
from veo_studio.core import download
from veo_studio.core.errors import DownloadError, ProviderUnavailable, StudioError
from veo_studio.core.models import ResultRef

TRIES = 12


class Case:
    """One file at one server, and where it goes."""

    def __init__(self, raw: RawServer, files: FileServer, provider: Any, folder: Path) -> None:
        self.raw = raw
        self.files = files
        self.provider = provider
        self.folder = folder
        self.part = folder / ".uuid.part"

    async def fetch(self, **settings: Any) -> download.Fetched:
        result = ResultRef(f"{self.raw.url}/v1/files/a:download?alt=media")
        return await download.fetch(self.provider, result, self.part, **settings)

    async def fetch_in_the_end(self) -> tuple[download.Fetched, list[StudioError]]:
        """As the generator does: again after each error, within reason."""
        errors: list[StudioError] = []
        for _ in range(TRIES):
            try:
                return await self.fetch(), errors
            except (DownloadError, ProviderUnavailable) as error:
                errors.append(error)
        raise errors[-1]

    @property
    def is_clean(self) -> bool:
        return not any(self.folder.iterdir())


Start = Callable[[FileServer], "contextlib.AbstractAsyncContextManager[Case]"]


def check(fetched: download.Fetched, content: bytes) -> None:
    assert fetched.path.read_bytes() == content
    assert fetched.size_bytes == len(content)
    assert fetched.sha256 == hashlib.sha256(content).hexdigest()
