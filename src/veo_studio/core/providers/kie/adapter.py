"""The `Provider` for KIE.AI.

Source: docs.kie.ai, read 2026-11-20. Stateless apart from what it measured and saw itself: the cost
of submits, and since when it has asked for a free upgrade. Retry, time and storage are the generator's.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from veo_studio.core.errors import (
    AuthError,
    DownloadError,
    InvalidRequest,
    LinkExpired,
    NotFoundError,
    ProtocolError,
    ProviderError,
)
from veo_studio.core.log import holds_secret
from veo_studio.core.models import (
    CancelOutcome,
    Done,
    ErrorKind,
    GenerationRequest,
    InputRole,
    MediaInput,
    Operation,
    PollResult,
    Refused,
    ResultRef,
    Running,
    VideoConfig,
)
from veo_studio.core.providers.adapter import Adapter, AdapterTools
from veo_studio.core.providers.addresses import base_problem, check_foreign, parse_address
from veo_studio.core.providers.base import Body, ConnectionReport
from veo_studio.core.providers.http import JsonAnswer
from veo_studio.core.providers.kie import answers as wire
from veo_studio.core.providers.kie import requests as outgoing
from veo_studio.core.providers.kie.balance import BalanceMeter
from veo_studio.core.providers.upload_body import FormBody

_KEY = re.compile(r"[\x21-\x7e]{1,512}\Z")
_KIE_HOST = "api.kie.ai"
# KIE's own host for files; the same key opens it
_UPLOAD_URL = "https://kieai.redpandaai.co"
# the free upgrade has no state but "not ready": so long at most, by a clock that does not jump
_FREE_UPGRADE_S = 900.0
# a difference of the balance beyond so many times the price has other reasons
_PLAUSIBLE_TIMES = 4
_PLAUSIBLE_USD = Decimal(25)
_ACTIONS = {
    ErrorKind.INSUFFICIENT_CREDITS: "Buy credits at kie.ai/billing, then generate again.",
    ErrorKind.QUOTA_EXCEEDED: "Raise the limit of this key at kie.ai/api-key, or use another key.",
    ErrorKind.NOT_FOUND: "The model may be retired: choose another one.",
}


class KieProvider(Adapter):
    """Raises InvalidRequest for a base address that cannot be used."""

    def __init__(self, tools: AdapterTools) -> None:
        super().__init__(tools)
        told = tools.connection.options.get("upload_url", "").rstrip("/")
        # whoever has KIE behind an address of their own must not see their key go past it
        is_kie_itself = parse_address(self.base_url).host == _KIE_HOST
        self._upload_url = told or (_UPLOAD_URL if is_kie_itself else self.base_url)
        self._meter = BalanceMeter(self._credits)
        self._upgrades_since: dict[str, float] = {}

    def bearer(self) -> dict[str, str]:
        if self._key is not None and not _KEY.match(self._key):
            raise AuthError("The key holds characters that no key has.", provider=self.id)
        return super().bearer()

    async def close(self) -> None:
        await self._meter.close()

    async def check_connection(self) -> ConnectionReport:
        """Ask for the balance, which is free."""
        credits = await self._credits()
        return ConnectionReport(
            "KIE accepted the key and told the balance.", wire.balance_words(credits)
        )

    # inputs

    async def upload(self, item: MediaInput, path: Path) -> str:
        """Bring a picture to KIE's host for files; a clip that KIE made stays where it is."""
        if item.role is InputRole.SOURCE:
            return outgoing.marker_of(item)
        if item.size_bytes > self.tools.info.upload_mb * 1024**2:
            limit = f"{self.tools.info.upload_mb} MB"
            raise InvalidRequest(
                f"{item.name} is larger than KIE takes ({limit}).", provider=self.id
            )
        # the base address was looked at when this was made
        problem = "" if self._upload_url == self.base_url else base_problem(self._upload_url)
        if problem:
            raise InvalidRequest(f"The upload address cannot be used: {problem}.", provider=self.id)
        origin = parse_address(self._upload_url).origin
        # the user's own name for the file is nobody's business
        name = f"{item.sha256[:24]}{path.suffix}"
        fields = {"uploadPath": "veo-studio", "fileName": name}
        try:
            answer = await self.tools.gateway.send_file(
                f"{self._upload_url}/api/file-stream-upload",
                FormBody(path, item.mime_type, name, "file", fields),
                headers=self.bearer(),
                own_origins=frozenset({origin}),
            )
        except ProviderError as error:
            error.provider = self.id
            raise
        verdict = wire.judge(answer)
        if not verdict.is_fine:
            self._raise_for_upload(verdict)
        try:
            link = wire.read_link(wire.data_of(answer).get("downloadUrl"))
            check_foreign(parse_address(link), frozenset({origin, self.origin}))
        except (DownloadError, ProtocolError):
            words = "KIE stored the file without a usable link."
            raise ProtocolError(words, provider=self.id) from None
        return link

    def _raise_for_upload(self, verdict: wire.Verdict) -> NoReturn:
        # a 403 that is not KIE's own speaks of the way there and not of the key
        is_page = verdict.code == 403 and not verdict.is_own
        if is_page or verdict.code in (400, 404, 405, 413, 415, 422):
            words = f"KIE did not take the file: {verdict.message}"
            raise InvalidRequest(words, provider=self.id, status=verdict.code)
        self._raise_for(verdict)

    # submit

    def build_body(self, request: GenerationRequest, uploads: Sequence[str] = ()) -> dict[str, Any]:
        return outgoing.build_body(request, uploads)

    async def prepare(self) -> None:
        """Read the balance, so that the cost of the submit can be told."""
        self.bearer()
        await self._meter.prepare()

    async def submit(self, body: Mapping[str, Any], *, attempt_uuid: str) -> Operation:
        """Send the paid request once; KIE takes no label of ours. See `Provider.submit`."""
        call = outgoing.call_of(body)
        if not call.is_paid:
            self._meter.skip()
            return await self._send(call, body, attempt_uuid)
        # before anything is asked with it: a missing key is no unknown balance
        self.bearer()
        most = self._most_credits(body)
        reading = self._meter.before()
        try:
            operation = await self._send(call, body, attempt_uuid)
        except BaseException:
            self._meter.drop(reading)
            raise
        self._meter.after(reading, operation.operation_id, most)
        return operation

    async def _send(
        self, call: outgoing.Call, body: Mapping[str, Any], attempt_uuid: str
    ) -> Operation:
        method = "GET" if call.body is None else "POST"
        answer = await self.ask(method, call.path, call.body, is_paid=call.is_paid)
        verdict = wire.judge(answer)
        data = wire.data_of(answer)
        model = str(body.get("model", ""))
        if "taskId" not in body:
            if not verdict.is_fine:
                self._raise_for_submit(verdict, answer)
            name = wire.task_id(data.get("taskId"))
            if name is None:
                raise self.unknown(answer, "KIE answered without a usable task.")
            return Operation(self.id, name, model, datetime.now(UTC))
        link = _link_at_once(data) if call.is_paid and verdict.is_own else ""
        if not verdict.is_fine and not link and (call.is_paid or not verdict.is_still_working):
            self._raise_for_upgrade(verdict, answer, call)
        # without a task of its own an upgrade is asked for by that of the clip
        task = wire.task_id(data.get("taskId")) if call.is_paid else None
        name = outgoing.upgrade_id(
            task or str(body["taskId"]), str(body["resolution"]), attempt_uuid, link
        )
        return Operation(self.id, name, model, datetime.now(UTC))

    def _raise_for_submit(self, verdict: wire.Verdict, answer: JsonAnswer) -> NoReturn:
        # a proxy's 503 may come from behind the door, KIE's own does not
        is_later = verdict.code in wire.LATER_CODES and verdict.is_own
        if is_later or verdict.code == 429 or verdict.code in wire.REFUSED_CODES:
            raise self.refused(
                verdict.kind,
                verdict.message,
                status=verdict.code,
                retry_after_s=verdict.retry_after_s,
                action=_ACTIONS.get(verdict.kind),
            )
        raise self.unknown(answer, verdict.message)

    def _raise_for_upgrade(
        self, verdict: wire.Verdict, answer: JsonAnswer, call: outgoing.Call
    ) -> NoReturn:
        if verdict.is_unknown_task:
            words = f"KIE has no such Veo clip any more: {verdict.message}"
            raise NotFoundError(words, provider=self.id, status=verdict.code)
        if call.is_paid and verdict.speaks_of_work:
            # a second request for the same, or this one that was accepted: nobody can say
            raise self.unknown(answer, verdict.message)
        is_decided = verdict.code == 429 or verdict.code in wire.REFUSED_CODES
        if call.is_paid or is_decided:
            self._raise_for_submit(verdict, answer)
        # a free question that was not answered may be asked again
        raise self.refused(
            ErrorKind.SERVER_ERROR,
            verdict.message,
            status=verdict.code,
            retry_after_s=verdict.retry_after_s,
        )

    # poll

    async def poll(self, operation: Operation) -> PollResult:
        try:
            answer = await self._polled(operation)
        except ProviderError as error:
            error.provider = self.id
            raise
        if isinstance(answer, Done) and answer.cost_usd is None:
            # what KIE itself tells wins over what the balance tells
            taken = await self._meter.taken(operation.operation_id)
            if taken is not None:
                return replace(answer, cost_usd=taken * wire.CREDIT_USD)
        return answer

    async def cancel(self, operation: Operation) -> CancelOutcome:
        """KIE has no such call: the clip goes on and is billed."""
        return CancelOutcome.UNSUPPORTED

    async def _polled(self, operation: Operation) -> PollResult:
        upgrade = outgoing.upgrade_of(operation.operation_id)
        if upgrade is not None:
            return await self._poll_upgrade(operation, upgrade)
        name = wire.task_id(operation.operation_id)
        if name is None:
            raise ProtocolError("The stored operation has no usable name.")
        verdict, data = await self._record(operation.model, name)
        return _decide(verdict, data, operation.model)

    async def _record(self, model: str, name: str) -> tuple[wire.Verdict, Mapping[str, Any]]:
        answer = await self.ask("GET", outgoing.record_path(model, name))
        verdict = wire.judge(answer)
        data = wire.data_of(answer)
        if verdict.is_fine:
            told = data.get("taskId")
            if told is not None and told != name:
                raise ProtocolError("KIE answered for another task.")
        elif verdict.code != 501 or not verdict.is_own:
            self._raise_for(verdict)
        return verdict, data

    async def _poll_upgrade(self, operation: Operation, upgrade: outgoing.Upgrade) -> PollResult:
        """Only ever asked about: the paid request is never repeated."""
        if upgrade.link:
            return Done(ResultRef(upgrade.link))
        if upgrade.resolution == "1080p":
            return await self._poll_1080p(operation.operation_id, upgrade.task)
        verdict, data = await self._record("veo", upgrade.task)
        answer = _decide(verdict, data, "veo")
        is_first_clip = not outgoing.is_dedicated(operation, upgrade) and not wire.is_4k(data)
        if isinstance(answer, Done) and is_first_clip:
            # paid for: how long that may take is the catalogue's to say
            return Running(status="4k is being made")
        return answer

    async def _poll_1080p(self, name: str, task: str) -> PollResult:
        """Not 200 means "still working", for a quarter of an hour."""
        since = self._upgrades_since.setdefault(name, time.monotonic())
        answer = await self._ask_for_1080p(task)
        if isinstance(answer, Running) and time.monotonic() - since >= _FREE_UPGRADE_S:
            words = "KIE has not made 1080p of this clip within 15 minutes."
            answer = Refused(ErrorKind.GENERATION_FAILED, f"{words} {answer.status}".strip())
        if not isinstance(answer, Running):
            self._upgrades_since.pop(name, None)
        return answer

    async def _ask_for_1080p(self, task: str) -> PollResult:
        answer = await self.ask("GET", outgoing.upgrade_path(task))
        verdict = wire.judge(answer)
        if not verdict.is_own or verdict.kind in (ErrorKind.AUTH, ErrorKind.RATE_LIMITED):
            self._raise_for(verdict)
        if verdict.is_fine and (link := wire.upgraded_link(wire.data_of(answer))):
            return Done(ResultRef(link), cost_usd=Decimal(0))
        return Running(status="" if verdict.is_fine else verdict.message)

    def _raise_for(self, verdict: wire.Verdict) -> NoReturn:
        """For everything but a submit: what is no clear answer says nothing about the generation."""
        is_told = verdict.kind in (ErrorKind.AUTH, ErrorKind.RATE_LIMITED)
        if verdict.is_unknown_task:
            raise NotFoundError(verdict.message, provider=self.id, status=verdict.code)
        if verdict.code >= 500 or verdict.code in (408, 455) or is_told:
            kind = verdict.kind if is_told else ErrorKind.SERVER_ERROR
            raise self.refused(
                kind,
                verdict.message,
                status=verdict.code,
                retry_after_s=verdict.retry_after_s,
            )
        raise ProtocolError(verdict.message, provider=self.id, status=verdict.code)

    # money

    async def _credits(self) -> Decimal:
        answer = await self.ask("GET", "/api/v1/chat/credit")
        verdict = wire.judge(answer)
        if not verdict.is_fine:
            self._raise_for(verdict)
        credits = wire.credits_of(answer.json.get("data"))
        if credits is None:
            raise ProtocolError("KIE's answer tells no balance.", provider=self.id)
        return credits

    def _most_credits(self, body: Mapping[str, Any]) -> Decimal:
        """What one submit can have taken at most; more is somebody else's on the same account."""
        settings = body.get("input", body)
        model = self.tools.model(str(body.get("model", "")))
        if "taskId" in body:
            model = self.tools.model("veo3-upgrade")
        config = VideoConfig(
            resolution=str(settings["resolution"]), duration_s=int(settings.get("duration", 5))
        )
        price = model.prices.estimate(config) if model is not None else None
        most_usd = _PLAUSIBLE_USD if not price else price * _PLAUSIBLE_TIMES
        return most_usd / wire.CREDIT_USD

    # result

    @asynccontextmanager
    async def _opened(
        self, result: ResultRef, offset: int, validator: str | None
    ) -> AsyncIterator[Body]:
        """Without our key. A link that ended is exchanged for one that lives 20 minutes."""
        async with AsyncExitStack() as stack:
            try:
                opened = super()._opened(result, offset, validator)
                body = await stack.enter_async_context(opened)
            except LinkExpired:
                fresh = replace(result, uri=await self._fresh_link(result.uri))
                opened = super()._opened(fresh, offset, validator)
                body = await stack.enter_async_context(opened)
            yield body

    async def _fresh_link(self, uri: str) -> str:
        """Raises LinkExpired where KIE has none."""
        try:
            answer = await self.ask("POST", "/api/v1/common/download-url", {"url": uri})
            if wire.judge(answer).is_fine and isinstance(answer.json, dict):
                link = answer.json.get("data")
                if isinstance(link, str) and link and not holds_secret(link):
                    return link
        except ProviderError:
            pass
        raise LinkExpired("The link to the result no longer works.")


def _link_at_once(data: Mapping[str, Any]) -> str:
    """Of an upgrade that was there already, "" for none that may be kept: accepted all the same."""
    try:
        return wire.upgraded_link(data)
    except ProtocolError:
        return ""


def _decide(verdict: wire.Verdict, data: Mapping[str, Any], model: str) -> PollResult:
    if not verdict.is_fine:
        return Refused(
            ErrorKind.GENERATION_FAILED, verdict.message, str(verdict.code), may_be_billed=True
        )
    return wire.read_veo(data) if outgoing.is_veo(model) else wire.read_job(data)
