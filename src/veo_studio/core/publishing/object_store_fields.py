"""What is filled in for each kind of object store."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from veo_studio.core.publishing.base import KindInfo, TargetField
from veo_studio.core.publishing.models import TargetKind
from veo_studio.core.publishing.own_address import PLAIN_HTTP
from veo_studio.core.publishing.store_wire import address_problem

# Google's clips are held in memory while they are sent
GOOGLE_MAX_BYTES = 1024 * 1024 * 1024
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]\Z")
_CONTAINER = re.compile(r"(\$root|[a-z0-9](-?[a-z0-9]){2,62})\Z")
_ACCOUNT = re.compile(r"[a-z0-9]{3,24}\Z")
_REGION = re.compile(r"[a-z0-9-]{1,40}\Z")
_PREFIX = re.compile(r"[A-Za-z0-9._~/-]{0,200}\Z")


def _bucket_problem(value: str) -> str:
    if _NAME.match(value) and ".." not in value:
        return ""
    return "A bucket's name has 3 to 63 small letters, digits, dots, dashes and underscores."


def _container_problem(value: str) -> str:
    if _CONTAINER.match(value) and len(value) <= 63:
        return ""
    return "A container's name has 3 to 63 small letters, digits and single dashes."


def prefix_problem(value: str) -> str:
    """What is wrong with a folder inside a bucket, as one sentence; "" where nothing is."""
    if _PREFIX.match(value) and not {".", ".."} & set(value.split("/")) and "//" not in value:
        return ""
    return "A folder's name has letters, digits, dots, dashes and slashes only."


def _account_problem(value: str) -> str:
    return (
        "" if _ACCOUNT.match(value) else "An account's name has 3 to 24 small letters and digits."
    )


def _region_problem(value: str) -> str:
    return "" if _REGION.match(value) else "A region looks like us-east-1."


def addresses_problem(options: Mapping[str, str]) -> str:
    """What is wrong with the addresses, as one sentence; "" where nothing is."""
    allows_plain = options.get("plain_http") == "yes"
    for name, label in (("endpoint", "Address"), ("public_url", "Public address")):
        value = options.get(name, "").strip()
        # the public address is only written into links: everybody may read what lies there
        is_plain_allowed = allows_plain or name == "public_url"
        if value and (problem := address_problem(value, is_plain_allowed)):
            return f"{label}: {problem}."
    return ""


def _azure_problem(options: Mapping[str, str]) -> str:
    """Links are signed for an account that the address has to name, in its host or before its path."""
    url, account = options.get("endpoint", "").strip(), options.get("account", "").strip()
    if problem := addresses_problem(options):
        return problem
    parts = urlsplit(url)
    if not url or account in parts.netloc or parts.path.rstrip("/") == f"/{account}":
        return ""
    return (
        f"Address of the store: it names the account {account} in its host or ends with /{account}."
    )


_PREFIX_FIELD = TargetField(
    "prefix",
    "Folder in it",
    "Put before every name, such as clips/2026. Empty: none.",
    is_required=False,
    check=prefix_problem,
)
_CREATE_FIELD = TargetField(
    "create",
    "Create it where it is missing",
    "It is created private. The key needs the right to do that.",
    is_required=False,
    default="yes",
    choices=(("yes", "Yes"), ("no", "No")),
)


def _public_fields(box: str, how: str, check: TargetField) -> tuple[TargetField, ...]:
    return (
        TargetField(
            "public_bucket",
            f"{box} for public pictures",
            f"Pictures go there, and everybody who has the link can see them. {how} "
            "Empty: pictures are as private as videos.",
            is_required=False,
            check=check.check,
        ),
        TargetField(
            "public_url",
            "Its public address",
            "Where everybody can read it, such as https://pictures.example.com. Empty: the store's own.",
            is_required=False,
            asks="url",
        ),
    )


_BUCKET_FIELD = TargetField(
    "bucket",
    "Bucket",
    "Videos are private there: others get links that end.",
    check=_bucket_problem,
)
_CONTAINER_FIELD = TargetField(
    "bucket",
    "Container",
    "Videos are private there: others get links that end.",
    check=_container_problem,
)

_S3 = KindInfo(
    TargetKind.S3,
    "S3-compatible store",
    "Amazon S3, Cloudflare R2, MinIO, Wasabi, Backblaze B2, Hetzner, Scaleway and others. Make a key that "
    "may read, write and delete in one bucket, and enter it here.",
    (
        _BUCKET_FIELD,
        TargetField(
            "region",
            "Region",
            "Where the bucket is, such as eu-central-1. For Cloudflare R2: auto.",
            default="us-east-1",
            check=_region_problem,
        ),
        TargetField(
            "endpoint",
            "Address of the store",
            "Empty for Amazon. For R2: https://ACCOUNT.r2.cloudflarestorage.com; for MinIO: its address.",
            is_required=False,
            asks="url",
        ),
        TargetField("access_key", "Access key ID"),
        TargetField("secret_key", "Secret access key", is_secret=True),
        TargetField(
            "session_token",
            "Session token",
            "Only for temporary keys: links end when the key ends, even before their time.",
            is_secret=True,
            is_required=False,
        ),
        _PREFIX_FIELD,
        *_public_fields(
            "Bucket", "Make that bucket public at the store: this program does not.", _BUCKET_FIELD
        ),
        _CREATE_FIELD,
        TargetField(
            "style",
            "Form of its addresses",
            "Nearly all stores take both; some want the bucket in the host's name.",
            is_required=False,
            default="path",
            choices=(("path", "host/bucket/name"), ("host", "bucket.host/name")),
        ),
        TargetField(
            "checksums",
            "Checksums of S3",
            "Turn them off for a store that does not know them: signatures still protect each part.",
            is_required=False,
            default="yes",
            choices=(("yes", "On"), ("no", "Off")),
        ),
        PLAIN_HTTP,
    ),
    can_link=True,
    can_remove=True,
    has_expiring_links=True,
    check=addresses_problem,
)
_GOOGLE = KindInfo(
    TargetKind.GOOGLE,
    "Google Cloud Storage",
    "Make a service account with the role Storage Object Admin on one bucket, and a key of the kind JSON "
    "for it: links can only be signed with such a key.",
    (
        _BUCKET_FIELD,
        TargetField(
            "key_file",
            "Key file",
            "The service account's JSON file. It is read when it is needed and copied nowhere.",
            asks="file",
        ),
        _PREFIX_FIELD,
        *_public_fields(
            "Bucket",
            "Make that bucket public in the console: this program does not.",
            _BUCKET_FIELD,
        ),
    ),
    can_link=True,
    can_remove=True,
    has_expiring_links=True,
    max_bytes=GOOGLE_MAX_BYTES,
    check=addresses_problem,
)
_AZURE = KindInfo(
    TargetKind.AZURE,
    "Azure Blob Storage",
    "Take the name of the storage account and one of its two keys from Access keys: links can only be "
    "signed with such a key.",
    (
        TargetField("account", "Storage account", check=_account_problem),
        TargetField("account_key", "Account key", is_secret=True),
        _CONTAINER_FIELD,
        _PREFIX_FIELD,
        *_public_fields(
            "Container",
            "Where it is missing it is created so that its pictures are public.",
            _CONTAINER_FIELD,
        ),
        _CREATE_FIELD,
        TargetField(
            "endpoint",
            "Address of the store",
            "Empty for https://ACCOUNT.blob.core.windows.net.",
            is_required=False,
            asks="url",
        ),
        PLAIN_HTTP,
    ),
    can_link=True,
    can_remove=True,
    has_expiring_links=True,
    check=_azure_problem,
)

INFO: Mapping[TargetKind, KindInfo] = MappingProxyType(
    {info.kind: info for info in (_S3, _GOOGLE, _AZURE)}
)
