"""Which web addresses may be opened: what a provider names as a result is not trusted.

Own origins (the provider's base address) may be anything that was configured. Everything else has to
be https on a public host; only a provider on this machine may send us around on this machine.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from veo_studio.core.errors import DownloadError

_MAX_LENGTH = 8192
_DEFAULT_PORTS = {"https": 443, "http": 80}
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9.])?\Z")
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\U0010ffff\\<>\"^`{|}]")
# names that mean this machine or this network, whatever a resolver says
_LOCAL_NAMES = re.compile(
    r"(?i)(.*\.)?(localhost|local|localdomain|internal|intranet|lan|home\.arpa)\.?\Z"
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Address:
    """An http(s) address without user-info and without surprises in its spelling."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        return is_loopback(self.host)


def parse_address(url: str) -> Address:
    """Read an absolute http(s) address; raises DownloadError for everything else.

    The message never repeats the address: links carry signatures and tokens.
    """
    if len(url) > _MAX_LENGTH or _UNSAFE.search(url):
        raise _refused("it is no well-formed address")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _refused("it is no well-formed address") from None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS:
        raise _refused("it is not a web address")
    if "@" in parts.netloc:
        raise _refused("it carries a user name")
    if not host or not (_is_ip(host) or _HOST_NAME.match(host)):
        raise _refused("it names no host")
    if port == 0:
        raise _refused("it is no well-formed address")
    return Address(
        parts._replace(fragment="").geturl(), scheme, host, port or _DEFAULT_PORTS[scheme]
    )


def next_address(here: Address, location: str | None) -> Address:
    """Where a redirect leads; raises DownloadError where it leads nowhere."""
    if not location:
        raise _refused("the server redirects to nowhere")
    if _UNSAFE.search(location):
        raise _refused("it is no well-formed address")
    try:
        url = urljoin(here.url, location)
    except ValueError:
        raise _refused("it is no well-formed address") from None
    return parse_address(url)


def check_foreign(
    address: Address, own_origins: Collection[str], previous: Address | None = None
) -> None:
    """Raises DownloadError unless `address` may be opened without being one of `own_origins`."""
    if previous is not None and previous.scheme == "https" and address.scheme != "https":
        raise _refused("the server redirects from https to http")
    if address.origin in own_origins:
        return
    is_here = any(is_loopback(urlsplit(origin).hostname or "") for origin in own_origins)
    if is_here and address.is_loopback:
        return
    if address.scheme != "https":
        raise _refused("it is not https")
    if not is_public_name(address.host):
        raise _refused("it leads into a private network")


def base_problem(url: str, plain_http: Collection[str] = ()) -> str:
    """Why `url` cannot be the address of a provider, as a clause; "" where it can.

    Key, prompts and pictures go there: readable for nobody, except on this machine and where the
    user said so (`plain_http`, origins).
    """
    try:
        address = parse_address(url)
    except DownloadError:
        return "it is no web address"
    if "?" in url or "#" in url:
        return "it goes on after its path"
    is_allowed = address.is_loopback or address.origin in plain_http
    if address.scheme != "https" and not is_allowed:
        return "it has to be https, or the key would travel readable"
    return ""


def is_loopback(host: str) -> bool:
    """True for literal addresses of this machine and the name localhost."""
    if host.lower() == "localhost":
        return True
    return _is_ip(host) and _unwrapped(ipaddress.ip_address(host)).is_loopback


def is_loopback_address(url: str) -> bool:
    """True for a well-formed address on this machine."""
    try:
        return parse_address(url).is_loopback
    except DownloadError:
        return False


def is_public_name(host: str) -> bool:
    """False for private, loopback and link-local literals and names; names are resolved later."""
    if _is_ip(host):
        return is_public_ip(host)
    return "." in host.rstrip(".") and not _LOCAL_NAMES.match(host)


def is_public_ip(literal: str) -> bool:
    """True for an address of the open internet, also behind IPv6 wrappings of IPv4."""
    try:
        ip = _unwrapped(ipaddress.ip_address(literal.split("%")[0]))
    except ValueError:
        return False
    return ip.is_global and not ip.is_multicast


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _unwrapped(ip: _Ip) -> _Ip:
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return ip.ipv4_mapped
        if ip.sixtofour is not None:
            return ip.sixtofour
        if ip in _NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def _refused(reason: str) -> DownloadError:
    return DownloadError(f"The link to the result is not opened: {reason}.")
