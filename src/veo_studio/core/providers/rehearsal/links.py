"""Links to what the engine holds; made when they are asked for, because ports change."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Links:
    """The addresses are empty until the engine listens."""

    base_url: str = ""
    storage_url: str = ""

    def file(self, file_id: str) -> str:
        return f"{self.base_url}/v1beta/files/{file_id}"

    def download(self, file_id: str) -> str:
        return f"{self.file(file_id)}:download?alt=media"

    def stored(self, file_id: str, suffix: str) -> str:
        """Where a redirected download goes."""
        return f"{self.storage_url}/storage/{file_id}{suffix}"

    def upload(self, version: str, upload_id: str) -> str:
        return f"{self.base_url}/upload/{version}/files?upload_id={upload_id}"
