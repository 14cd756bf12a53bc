"""What a broken exchange means: whether the request can have arrived, and what that says about money."""

from __future__ import annotations

import ssl

from veo_studio.core.errors import NotSent, OutcomeUnknown, ProviderError, ProviderUnavailable
from veo_studio.core.models import ErrorKind


def broken_exchange() -> tuple[type[Exception], ...]:
    from aiohttp import ClientError

    return (ClientError, TimeoutError, OSError)


def translated(error: Exception, is_paid: bool, *, is_cut: bool = False) -> ProviderError:
    """What a broken exchange says about the request.

    Everything after a connection stands may have been read by the server. Without a connection
    (DNS, refused, TLS, proxy, connecting too slowly) nothing can have been, and a paid request whose
    end never left (`is_cut`) is none that anybody could accept.
    """
    import aiohttp

    match error:
        case aiohttp.ClientConnectorDNSError():
            return NotSent("The provider's address cannot be found; is this computer online?")
        case aiohttp.ClientConnectorCertificateError() | ssl.SSLCertVerificationError():
            return NotSent("The provider's certificate cannot be verified; nothing was sent.")
        case aiohttp.ClientConnectorSSLError():
            return NotSent("No secure connection to the provider; nothing was sent.")
        case aiohttp.ClientHttpProxyError():
            return NotSent(f"The proxy refused the connection (HTTP {error.status}).")
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return NotSent("No connection to the provider; nothing was sent.")
    is_late = isinstance(error, TimeoutError)
    words = (
        "The provider did not answer in time."
        if is_late
        else "The connection to the provider broke."
    )
    if is_paid and is_cut:
        return NotSent("The connection broke before the request was sent whole.")
    if is_paid:
        return OutcomeUnknown(f"{words} The request may have arrived and may be billed.")
    return ProviderUnavailable(words, kind=ErrorKind.TIMEOUT if is_late else ErrorKind.NETWORK)
