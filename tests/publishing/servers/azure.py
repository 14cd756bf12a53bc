"""A strict Azure Blob Storage: it checks Shared Key, signed links, conditions, blocks and MD5."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from aiohttp import web

from tests.publishing.servers.store import Asked, Kept, Says, StoreServer

ACCOUNT = "accountoftests"
KEY = b64encode(b"a key of an account of tests").decode()
_PLACED = (
    "content-encoding", "content-language", "content-length", "content-md5", "content-type", "date",
    "if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range",
)  # fmt: skip


class AzureServer(StoreServer):
    """Containers are its buckets, below the account's name as in Azurite; `blocks` were not joined yet."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: dict[tuple[str, str], dict[str, bytes]] = {}
        self.public: set[str] = set()
        self.allows_public = True
        self.clock_shift = timedelta(0)

    @property
    def address(self) -> str:
        return f"{self.url}/{ACCOUNT}"

    def kind_of(self, method: str, path: str, query: Mapping[str, str]) -> str:
        if query.get("restype") == "container":
            return "create"
        if method == "PUT":
            return {"block": "block", "blocklist": "join"}.get(query.get("comp", ""), "put")
        return method.lower()

    def says(self, told: Says) -> web.Response:
        answer = super().says(told)
        if told.code:
            answer.headers["x-ms-error-code"] = told.code
        return answer

    def do(self, asked: Asked) -> web.Response:
        if (refused := self._refused(asked)) is not None:
            return self.says(refused)
        container, _, key = asked.path.removeprefix(f"/{ACCOUNT}/").strip("/").partition("/")
        if asked.what == "create":
            return self._create(container, asked)
        if container not in self.buckets:
            return self.says(Says(404, "ContainerNotFound", "The container does not exist"))
        answer: web.Response = getattr(self, f"_{asked.what}")(container, key, asked)
        return answer

    def _create(self, container: str, asked: Asked) -> web.Response:
        access = asked.headers.get("x-ms-blob-public-access")
        if access and not self.allows_public:
            return self.says(
                Says(409, "PublicAccessNotPermitted", "Public access is not permitted")
            )
        if container in self.buckets:
            return self.says(Says(409, "ContainerAlreadyExists", "The container already exists"))
        self.buckets[container] = {}
        if access == "blob":
            self.public.add(container)
        return web.Response(status=201)

    def _put(self, container: str, key: str, asked: Asked) -> web.Response:
        if asked.headers.get("x-ms-blob-type") != "BlockBlob":
            return self.says(Says(400, "MissingRequiredHeader", "x-ms-blob-type"))
        return self._kept(container, key, asked, asked.body)

    def _block(self, container: str, key: str, asked: Asked) -> web.Response:
        digest = b64encode(hashlib.md5(asked.body).digest()).decode()
        if asked.headers.get("content-md5") != digest:
            return self.says(Says(400, "Md5Mismatch", "The MD5 is another one"))
        self.blocks.setdefault((container, key), {})[asked.query["blockid"]] = asked.body
        return web.Response(status=201)

    def _join(self, container: str, key: str, asked: Asked) -> web.Response:
        blocks = self.blocks.get((container, key), {})
        names = re.findall(r"<Latest>([^<]+)</Latest>", asked.body.decode())
        if any(name not in blocks for name in names):
            return self.says(Says(400, "InvalidBlockList", "The block list is invalid"))
        content = b"".join(blocks[name] for name in names)
        answer = self._kept(container, key, asked, content)
        if answer.status == 201:
            del self.blocks[container, key]
        return answer

    def _kept(self, container: str, key: str, asked: Asked, content: bytes) -> web.Response:
        if asked.headers.get("if-none-match") != "*":
            self.complaints.append(f"{asked.what} without a condition")
        elif key in self.buckets[container]:
            return self.says(Says(409, "BlobAlreadyExists", "The specified blob already exists"))
        low = {name.lower(): value for name, value in asked.headers.items()}
        digest = b64encode(hashlib.md5(content).digest()).decode()
        headers = {
            "Content-Type": low.get("x-ms-blob-content-type", ""),
            "Content-Disposition": low.get("x-ms-blob-content-disposition", ""),
            # Azure believes what it is told of joined blocks
            "Content-MD5": low.get("x-ms-blob-content-md5", digest),
        }
        headers |= {name: value for name, value in low.items() if name.startswith("x-ms-meta-")}
        self.buckets[container][key] = Kept(content, headers)
        return web.Response(status=201, headers={"ETag": '"0x1"'})

    def _head(self, container: str, key: str, asked: Asked) -> web.Response:
        kept = self.buckets[container].get(key)
        if kept is None:
            return web.Response(status=404, headers={"x-ms-error-code": "BlobNotFound"})
        return web.Response(headers={**kept.headers, "Content-Length": str(len(kept.content))})

    def _get(self, container: str, key: str, asked: Asked) -> web.Response:
        kept = self.buckets[container].get(key)
        if kept is None:
            return self.says(Says(404, "BlobNotFound", "The specified blob does not exist"))
        return web.Response(body=kept.content, headers=kept.headers)

    def _delete(self, container: str, key: str, asked: Asked) -> web.Response:
        if self.buckets[container].pop(key, None) is None:
            return self.says(Says(404, "BlobNotFound", "The specified blob does not exist"))
        return web.Response(status=202)

    def _refused(self, asked: Asked) -> Says | None:
        if "sig" in asked.query:
            return self._link_refused(asked)
        headers = {name.lower(): value for name, value in asked.headers.items()}
        placed = {**headers}
        if placed.get("content-length") == "0":
            placed["content-length"] = ""
        told = headers.get("x-ms-date") or headers.get("date", "")
        if "x-ms-date" in headers:
            placed["date"] = ""
        own = sorted(name for name in headers if name.startswith("x-ms-"))
        text = "\n".join(
            [
                asked.method,
                *(placed.get(name, "") for name in _PLACED),
                *(f"{name}:{headers[name]}" for name in own),
                f"/{ACCOUNT}{urlsplit(asked.raw_path).path}",
                *(f"{name}:{asked.query[name]}" for name in sorted(asked.query)),
            ]
        )
        if headers.get("authorization") != f"SharedKey {ACCOUNT}:{_signed(text)}":
            return Says(403, "AuthenticationFailed", "Server failed to authenticate the request")
        if abs(datetime.now(UTC) + self.clock_shift - parsedate_to_datetime(told)) > timedelta(
            minutes=15
        ):
            return Says(
                403,
                "AuthenticationFailed",
                "Server failed to authenticate the request",
                more="<AuthenticationErrorDetail>Request date header too old: 'x'"
                "</AuthenticationErrorDetail>",
            )
        return None

    def _link_refused(self, asked: Asked) -> Says | None:
        told = asked.query
        text = "\n".join(
            [
                told["sp"], told["st"], told["se"], f"/blob{asked.path}", "", "",
                "", told["sv"], told["sr"], "", "", "", "", "", "", "",
            ]
        )  # fmt: skip
        until = datetime.fromisoformat(told["se"])
        is_late = datetime.now(UTC) + self.clock_shift > until
        if is_late or told["sp"] != "r" or asked.method != "GET" or told["sig"] != _signed(text):
            return Says(403, "AuthenticationFailed", "Server failed to authenticate the request")
        return None


def _signed(text: str) -> str:
    return b64encode(hmac.new(b64decode(KEY), text.encode(), hashlib.sha256).digest()).decode()
