"""What a connection that broke, or was never made, says of the request that it was to carry."""

from __future__ import annotations

from core.providers.protocol import TIMED_OUT, Failure, Unavailable, Unclear


def meaning_of(error: Exception) -> Failure:
    """Whether the request can have reached the upstream.

    The transport reports a reset in mid-answer under the same name as a refused connection
    (both come out as httpx.ConnectTimeout), so its cause is what decides.
    """
    import aiohttp
    import httpx

    cause = error.__cause__ or error
    if isinstance(cause, aiohttp.ClientConnectorCertificateError):
        why = getattr(cause.certificate_error, "verify_message", "") or "not trusted"
        return Unavailable("untrusted", f"its certificate is not trusted by this machine: {why}"[:200])
    if isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return Unavailable("unreachable", type(cause).__name__)
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | aiohttp.InvalidURL):
        return Unavailable("unreachable", "not an address")
    if isinstance(error, TimeoutError) or isinstance(cause, TimeoutError):
        return Unclear(TIMED_OUT)
    return Unclear(f"connection broke ({type(cause).__name__})")
