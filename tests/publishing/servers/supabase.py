"""Supabase Storage as far as the program speaks to it: strict about keys, forms and doubles."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from tests.publishing.servers.store import Asked, Kept, Says, StoreServer

KEY = "a-key-of-tests-0123456789"
_BASE = "/storage/v1"


class SupabaseServer(StoreServer):
    """`public` are its public buckets; `may_create` and `may_delete` are rules of the project."""

    def __init__(self) -> None:
        super().__init__()
        self.public: set[str] = set()
        self.links: dict[str, tuple[str, int]] = {}
        self.may_create = True
        self.may_delete = True
        self.key = KEY

    def kind_of(self, method: str, path: str, query: Mapping[str, str]) -> str:
        path = path.removeprefix(_BASE)
        if path.startswith("/bucket"):
            return "create" if method == "POST" else "bucket"
        if path.startswith("/object/sign/"):
            return "sign" if method == "POST" else "signed"
        if path.startswith("/object/public/"):
            return "shown"
        return {"POST": "put", "HEAD": "head", "DELETE": "delete"}.get(method, method)

    def says(self, told: Says) -> web.Response:
        """As Supabase does: HTTP 400, and the status that it means inside."""
        status = 400 if told.status < 500 and told.status != 429 else told.status
        body = {"statusCode": str(told.status), "error": told.code, "message": told.message}
        return web.json_response(body, status=status, headers=dict(told.headers))

    def do(self, asked: Asked) -> web.Response:
        path = asked.path.removeprefix(_BASE)
        if asked.what == "signed":
            return self._signed(asked)
        if asked.what == "shown":
            return self._shown(path.removeprefix("/object/public/"))
        proof = (asked.headers.get("Authorization"), asked.headers.get("apikey"))
        if proof != (f"Bearer {self.key}", self.key):
            return self.says(Says(403, "Unauthorized", "Invalid Compact JWS"))
        if asked.what == "create":
            return self._create(json.loads(asked.body))
        if asked.what == "bucket":
            name = path.removeprefix("/bucket/")
            return web.json_response({"id": name, "public": name in self.public})
        path = path.removeprefix("/object/").removeprefix("sign/")
        bucket, _, name = path.partition("/")
        if bucket not in self.buckets:
            return self.says(Says(404, "Bucket not found", "Bucket not found"))
        answer: web.Response = getattr(self, f"_{asked.what}")(bucket, name, asked)
        return answer

    def _create(self, told: Any) -> web.Response:
        if not self.may_create:
            words = "new row violates row-level security policy"
            return self.says(Says(403, "Unauthorized", words))
        if told["id"] in self.buckets:
            return self.says(Says(409, "Duplicate", "The resource already exists"))
        self.buckets[told["id"]] = {}
        if told["public"]:
            self.public.add(told["id"])
        return web.json_response({"name": told["name"]})

    def _put(self, bucket: str, name: str, asked: Asked) -> web.Response:
        if asked.headers.get("x-upsert") != "false":
            self.complaints.append("put that would overwrite")
        told = re.fullmatch(
            r"multipart/form-data; boundary=(\S+)", asked.headers.get("Content-Type", "")
        )
        assert told is not None
        mark = b"--" + told[1].encode()
        first, cache, file, last = asked.body.split(mark)
        assert (first, last) == (b"", b"--\r\n")
        assert b'name="cacheControl"\r\n\r\n3600\r\n' in cache
        head, _, content = file.partition(b"\r\n\r\n")
        media_type = re.search(rb"Content-Type: (\S+)", head)
        assert media_type is not None
        assert b'name="file"; filename="' in head
        if name in self.buckets[bucket]:
            return self.says(Says(409, "Duplicate", "The resource already exists"))
        self.buckets[bucket][name] = Kept(
            content.removesuffix(b"\r\n"), {"Content-Type": media_type[1].decode()}
        )
        return web.json_response({"Id": "1", "Key": f"{bucket}/{name}"})

    def _head(self, bucket: str, name: str, asked: Asked) -> web.Response:
        kept = self.buckets[bucket].get(name)
        if kept is None:
            return web.Response(status=400)
        return web.Response(headers={**kept.headers, "Content-Length": str(len(kept.content))})

    def _sign(self, bucket: str, name: str, asked: Asked) -> web.Response:
        if name not in self.buckets[bucket]:
            return self.says(Says(404, "not_found", "Object not found"))
        token = secrets.token_urlsafe()
        self.links[token] = (f"{bucket}/{name}", int(json.loads(asked.body)["expiresIn"]))
        return web.json_response({"signedURL": f"/object/sign/{bucket}/{name}?token={token}"})

    def _signed(self, asked: Asked) -> web.Response:
        path, _ = self.links[asked.query["token"]]
        assert asked.path == f"{_BASE}/object/sign/{path}"
        return self._shown(path, is_signed=True)

    def _shown(self, path: str, *, is_signed: bool = False) -> web.Response:
        bucket, _, name = path.partition("/")
        if not is_signed and bucket not in self.public:
            return self.says(Says(404, "Bucket not found", "Bucket not found"))
        kept = self.buckets[bucket][name]
        return web.Response(body=kept.content, headers=kept.headers)

    def _delete(self, bucket: str, name: str, asked: Asked) -> web.Response:
        if self.may_delete:
            for prefix in json.loads(asked.body)["prefixes"]:
                self.buckets[bucket].pop(prefix, None)
        return web.json_response([])
