"""What is filled in for Supabase Storage."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from veo_studio.core.publishing.base import KindInfo, TargetField
from veo_studio.core.publishing.models import TargetKind
from veo_studio.core.publishing.object_store_fields import prefix_problem
from veo_studio.core.publishing.own_address import PLAIN_HTTP
from veo_studio.core.publishing.store_wire import address_problem

MEGABYTE = 1024 * 1024
_FREE_PLAN_MB = 50
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{0,98}[a-z0-9]\Z")


def _bucket_problem(value: str) -> str:
    if _BUCKET.match(value):
        return ""
    return "A bucket's name has small letters, digits, dots, dashes and underscores."


def _size_problem(value: str) -> str:
    if value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= 500_000:
        return ""
    return "This is a whole number of megabytes."


def _address_problem(options: Mapping[str, str]) -> str:
    value = options.get("url", "").strip()
    problem = address_problem(value, options.get("plain_http") == "yes") if value else ""
    return f"Address of the project: {problem}." if problem else ""


_SUPABASE = KindInfo(
    TargetKind.SUPABASE,
    "Supabase Storage",
    "Copy the project's address and a key from its API settings. A secret key (service_role) opens "
    "everything in the project; a publishable one needs policies for INSERT, SELECT and DELETE on both "
    "buckets.",
    (
        TargetField(
            "url", "Address of the project", "Such as https://abcd.supabase.co.", asks="url"
        ),
        TargetField("key", "Key", "Never give a secret key to others.", is_secret=True),
        TargetField(
            "video_bucket",
            "Bucket for videos",
            "Private: others get links that end. It is created where the key may do that.",
            default="video-files",
            check=_bucket_problem,
        ),
        TargetField(
            "pictures",
            "Pictures",
            is_required=False,
            default="public",
            choices=(
                ("public", "Everybody who has the link can see them"),
                ("private", "As private as videos"),
            ),
        ),
        TargetField(
            "picture_bucket",
            "Bucket for public pictures",
            "It is created public where it is missing and the key may do that.",
            default="generated-content",
            check=_bucket_problem,
        ),
        TargetField(
            "prefix",
            "Folder in it",
            "Put before every name, such as clips/2026. Empty: none.",
            is_required=False,
            check=prefix_problem,
        ),
        TargetField(
            "max_mb",
            "Largest file in MB",
            "50 on Supabase's free plan; paid plans can set more in the project's storage settings.",
            is_required=False,
            default=str(_FREE_PLAN_MB),
            asks="number",
            check=_size_problem,
        ),
        PLAIN_HTTP,
    ),
    can_link=True,
    can_remove=True,
    has_expiring_links=True,
    max_bytes=_FREE_PLAN_MB * MEGABYTE,
    check=_address_problem,
)

INFO: Mapping[TargetKind, KindInfo] = MappingProxyType({TargetKind.SUPABASE: _SUPABASE})
