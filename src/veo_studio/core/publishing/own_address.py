"""What the user sets a target up with: addresses (https, this machine, or readable by consent), secrets."""

from __future__ import annotations

from collections.abc import Mapping

from veo_studio.core.answers import ErrorKind
from veo_studio.core.errors import DownloadError
from veo_studio.core.providers.addresses import parse_address
from veo_studio.core.publishing.base import NotTaken, TargetField

YES = "yes"

# the user's word that what is sent to an http address may be read on its way
PLAIN_HTTP = TargetField(
    "plain_http",
    "Unencrypted http",
    "Only for a server in your own network. Everybody on the way can read key and clip.",
    is_required=False,
    default="no",
    choices=(("no", "Never"), (YES, "Allow it for this address")),
)


def address_problem(value: str) -> str:
    """Why this is no address to send to; "" where it is one."""
    try:
        parse_address(value)
    except DownloadError:
        return "This is no web address: it begins with https:// and names a server."
    if "#" in value:
        return "An address of a server has no # in it."
    return ""


def readable_problem(filled: Mapping[str, str], name: str) -> str:
    """What is wrong with http for the address in the field `name`; "" where nothing is."""
    value = filled.get(name, "").strip()
    if not value or address_problem(value):
        return ""
    address = parse_address(value)
    if address.scheme == "https" or address.is_loopback or filled.get(PLAIN_HTTP.name) == YES:
        return ""
    return (
        "This address is http: everybody on the way can read what is sent. "
        f'Use https, or allow it under "{PLAIN_HTTP.label}".'
    )


def without(secret: str) -> NotTaken:
    """A target whose secret nobody here knows: "The signing secret is not known here."."""
    return NotTaken(
        f"The {secret} is not known here.",
        ErrorKind.AUTH,
        action="Type it into the target again. Without a keyring it is forgotten when the program ends.",
    )
