"""A webhook: one signed JSON message per clip to an address of the user's.

What a receiver has to check is written in docs/publishing.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from veo_studio.core.publishing.base import KindInfo, Options, Publisher, TargetField
from veo_studio.core.publishing.models import TargetKind
from veo_studio.core.publishing.own_address import PLAIN_HTTP, address_problem, readable_problem

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
    raise NotImplementedError
