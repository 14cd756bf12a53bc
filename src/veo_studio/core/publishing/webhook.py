"""A webhook: one signed JSON message per clip to an address of the user's.

What a receiver has to check is written in docs/webhooks.md.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from veo_studio.core.answers import ErrorKind
from veo_studio.core.log import register_secret
from veo_studio.core.providers.addresses import parse_address
from veo_studio.core.providers.words import retry_after_s
from veo_studio.core.publishing.base import (
    KindInfo,
    NotTaken,
    OnProgress,
    Options,
    Publisher,
    TargetField,
    TryAgain,
)
from veo_studio.core.publishing.models import Link, Parcel, Receipt, Refusal, TargetKind
from veo_studio.core.publishing.own_address import (
    PLAIN_HTTP,
    address_problem,
    readable_problem,
    without,
)
from veo_studio.core.publishing.sending import Answer, NoAnswer, Wire, at_least_a_second

_LEAST_SECRET = 16


def _secret_problem(value: str) -> str:
    if len(value) >= _LEAST_SECRET:
        return ""
    return f"A signing secret has at least {_LEAST_SECRET} characters; the receiver knows the same one."


INFO: Mapping[TargetKind, KindInfo] = {
    TargetKind.WEBHOOK: KindInfo(
        TargetKind.WEBHOOK,
        label="Webhook",
        about="A signed JSON message to a program of yours: facts of the clip, caption, tags, and a "
        "link where the clip is delivered as one. The clip itself is not in it.",
        fields=(
            TargetField(
                "url",
                "Address",
                "It gets a POST for each clip. Answers from 200 to 299 mean that it was taken.",
                asks="url",
                check=address_problem,
            ),
            TargetField(
                "secret",
                "Signing secret",
                "Each message is signed with it (HMAC-SHA256), so that your program knows who sent it.",
                is_secret=True,
                check=_secret_problem,
            ),
            PLAIN_HTTP,
        ),
        check=lambda filled: readable_problem(filled, "url"),
    )
}


def make(kind: TargetKind, options: Options) -> Publisher:
    """Raises NotTaken where something has to be filled in."""
    url, secret = options["url"].strip(), options["secret"]
    if not secret:
        raise without("signing secret")
    problem = (
        address_problem(url)
        or _secret_problem(secret)
        or readable_problem({"url": url, "plain_http": options["plain_http"]}, "url")
    )
    if problem:
        raise NotTaken(problem, ErrorKind.INVALID_REQUEST, action="Edit the target.")
    register_secret(secret)
    return Webhook(url, secret)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Of one message: the receiver makes the same from what it got, and compares."""
    signed = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={signed.hexdigest()}"


class Webhook:
    """A receiver tells doubles by the delivery's id, so a lost answer does no harm."""

    repeats_harmlessly = True
    max_bytes: int | None = None

    def __init__(self, url: str, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._url = url
        self._secret = secret
        self._clock = clock
        self._host = parse_address(url).host
        self._wire = Wire(self._host)

    async def check(self) -> str:
        await self._post(str(uuid.uuid4()), {"version": 1, "event": "test"})
        return f"{self._host} took a signed test message."

    def refusal(self, parcel: Parcel) -> Refusal | None:
        return None

    async def send(self, parcel: Parcel, on_progress: OnProgress) -> Receipt:
        message = {
            "version": 1,
            "event": "clip",
            "delivery_id": parcel.delivery_uuid,
            **facts_of(parcel),
        }
        await self._post(parcel.delivery_uuid, message, on_progress)
        return Receipt(
            f"Webhook at {self._host}",
            {"host": self._host},
            link_until=None if parcel.link is None else parcel.link.until,
        )

    async def link(self, receipt: Receipt, valid_for: timedelta) -> Link | None:
        return None

    async def remove(self, receipt: Receipt) -> None:
        raise NotTaken("What a webhook was told cannot be taken back.", ErrorKind.INVALID_REQUEST)

    async def close(self) -> None:
        await self._wire.close()

    async def _post(
        self,
        delivery_id: str,
        message: Mapping[str, object],
        on_progress: OnProgress = lambda _done, _size: None,
    ) -> None:
        body = json.dumps(message, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
        timestamp = str(int(self._clock()))
        headers = {
            "X-Veo-Delivery": delivery_id,
            "X-Veo-Timestamp": timestamp,
            "X-Veo-Signature": signature(self._secret, timestamp, body),
        }
        try:
            answer = await self._wire.ask(
                "POST", self._url, headers=headers, body=body, on_progress=on_progress
            )
        except NoAnswer as error:
            raise TryAgain(error.sentence, error.kind) from None
        _check(answer, self._host)

    def __repr__(self) -> str:
        return f"<Webhook at {self._host}>"


def facts_of(parcel: Parcel) -> dict[str, object]:
    """What is told about a clip; moments in UTC, lengths in seconds."""
    link = parcel.link
    return {
        "clip": {
            "id": parcel.generation_uuid,
            "kind": parcel.kind.value,
            "name": parcel.name,
            "media_type": parcel.media_type,
            "size_bytes": parcel.size_bytes,
            "sha256": parcel.sha256,
            "width_px": parcel.width_px,
            "height_px": parcel.height_px,
            "length_s": parcel.length_s,
            "has_audio": parcel.has_audio,
            "model": parcel.model,
            "prompt": parcel.prompt,
            "created_at": _moment(parcel.created_at),
            "published_at": _moment(parcel.published_at),
        },
        "caption": parcel.caption,
        "tags": list(parcel.tags),
        "link": None if link is None else {"url": link.url, "until": _moment(link.until)},
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _check(answer: Answer, host: str) -> None:
    """Raises TryAgain, NotTaken unless it was taken."""
    status = answer.status
    if 200 <= status < 300:
        return
    if status in (408, 425, 429) or status >= 500:
        raise TryAgain(
            f"{host} cannot take it now (HTTP {status}).",
            ErrorKind.RATE_LIMITED if status == 429 else ErrorKind.SERVER_ERROR,
            retry_after_s=at_least_a_second(retry_after_s(answer.headers.get("Retry-After"))),
        )
    if 300 <= status < 400:
        raise NotTaken(
            f"{host} sends to another address (HTTP {status}); nothing is sent there.",
            ErrorKind.INVALID_REQUEST,
            action="Put the final address into the target.",
        )
    kinds = {401: ErrorKind.AUTH, 403: ErrorKind.AUTH, 404: ErrorKind.NOT_FOUND}
    kinds[410] = ErrorKind.NOT_FOUND
    actions = {
        ErrorKind.AUTH: "Check that both sides have the same signing secret.",
        ErrorKind.NOT_FOUND: "Check the address of the target.",
    }
    kind = kinds.get(status, ErrorKind.INVALID_REQUEST)
    raise NotTaken(
        f"{host} did not take it (HTTP {status}).",
        kind,
        action=actions.get(kind, "Look into the log of the receiving program."),
    )
