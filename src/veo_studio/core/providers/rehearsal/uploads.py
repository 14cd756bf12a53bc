"""Pictures that clients send: uploaded as files beforehand, or inside a submit."""

from __future__ import annotations

import base64
import json
import re
import secrets
import time
from typing import Any

from aiohttp import web

from veo_studio.core.providers.rehearsal import wire
from veo_studio.core.providers.rehearsal.answers import upload_object
from veo_studio.core.providers.rehearsal.links import Links
from veo_studio.core.providers.rehearsal.threads import Threads
from veo_studio.core.providers.rehearsal.vault import Upload, Vault


class Uploads:
    """Google's resumable protocol; the files are known until the engine ends."""

    def __init__(self, vault: Vault, threads: Threads, links: Links) -> None:
        self._vault = vault
        self._threads = threads
        self._links = links
        self._uploads: dict[str, Upload] = {}

    def describe(self, name: str) -> dict[str, Any] | None:
        """The file object of an upload; None when there is none of this name."""
        upload = self._uploads.get(name)
        return None if upload is None else self._object(upload)

    async def keep(self, image: dict[str, str]) -> str:
        """Name of the stored input; raises WireError for a link to a file that is not here."""
        if "data" in image:
            name = secrets.token_hex(16)
            content = base64.b64decode(image["data"])
            await self._threads.run(self._vault.save_input, name, content)
            return name
        match = re.search(r"files/([a-z0-9]+)", image["uri"])
        if match is None or not await self._threads.run(self._vault.input_path(match[1]).is_file):
            raise wire.invalid("input.image.uri: the file does not exist or is not ACTIVE.")
        return match[1]

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Handles `start`, then `upload` in one or more parts, then `finalize`."""
        commands = request.headers.get("X-Goog-Upload-Command", "").replace(" ", "").split(",")
        if "start" in commands:
            return await self._start(request)
        upload = self._uploads.get(request.query.get("upload_id", ""))
        if upload is None:
            raise wire.not_found("The upload does not exist.")
        await self._append(upload, request)
        if "finalize" not in commands:
            return web.Response(
                headers={
                    "X-Goog-Upload-Status": "active",
                    "X-Goog-Upload-Size-Received": str(upload.size_bytes),
                }
            )
        upload.is_complete = True
        return web.json_response(
            {"file": self._object(upload)}, headers={"X-Goog-Upload-Status": "final"}
        )

    async def _append(self, upload: Upload, request: web.Request) -> None:
        path = self._vault.input_path(upload.id)
        offset = request.headers.get("X-Goog-Upload-Offset", "0")
        content = await request.read()
        held = (await self._threads.run(path.stat)).st_size
        if not offset.isdigit() or int(offset) != held:
            raise wire.invalid(f"X-Goog-Upload-Offset: {held} is expected.")
        with await self._threads.run(open, path, "ab") as stream:
            await self._threads.run(stream.write, content)
        upload.size_bytes = held + len(content)

    async def _start(self, request: web.Request) -> web.StreamResponse:
        try:
            described = json.loads(await request.read() or b"{}").get("file", {})
            display_name = str(described.get("display_name") or described.get("displayName") or "")
            mime_type = described.get("mime_type") or described.get("mimeType")
        except (ValueError, AttributeError) as error:
            raise wire.invalid("Invalid JSON payload received.") from error
        upload = Upload(
            id=secrets.token_hex(16),
            mime_type=str(
                mime_type
                or request.headers.get("X-Goog-Upload-Header-Content-Type")
                or "application/octet-stream"
            ),
            display_name=display_name,
            size_bytes=0,
            created_s=time.time(),
        )
        await self._threads.run(self._vault.save_input, upload.id, b"")
        self._uploads[upload.id] = upload
        link = self._links.upload(request.match_info["version"], upload.id)
        return web.json_response(
            {}, headers={"X-Goog-Upload-URL": link, "X-Goog-Upload-Status": "active"}
        )

    def _object(self, upload: Upload) -> dict[str, Any]:
        # the answer to an upload says that it is still processed, as at the real service
        is_active = upload.is_complete and upload.has_been_seen
        upload.has_been_seen = upload.has_been_seen or upload.is_complete
        return upload_object(upload, self._links, is_active=is_active)
