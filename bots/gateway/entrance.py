"""Who comes in: where from, for which host, with which key, and with how much in their hands."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final

from aiohttp import web

from bots.gateway.problems import invalid
from core.calls.bearers import Bearer, find_bearer
from core.providers.private_places import host_of
from core.talk_errors import KeyUnknown

if TYPE_CHECKING:
    from core.service import Core
    from core.talk_settings import GatewaySettings

MOST_KEY: Final = 200
"""Characters of an Idempotency-Key."""
BEARER: Final = web.RequestKey("bearer", Bearer)


async def bearer_of(core: Core, request: web.Request, scope: str) -> Bearer:
    """Who shows the key of this request, which has `scope`. Raises: Refusal."""
    shown = request.headers.getall("Authorization", [])
    scheme, _, key = shown[0].partition(" ") if len(shown) == 1 else ("", "", "")
    if scheme.casefold() != "bearer":
        raise KeyUnknown
    bearer = await find_bearer(core, key.strip(), address_of(core.settings.gateway, request))
    request[BEARER] = bearer
    bearer.require(scope)
    return bearer


def address_of(settings: GatewaySettings, request: web.Request) -> str:
    """The network that a request came from: one address, or of the long ones the half that one customer has.

    The word of the servers in front is taken, as far as they are named in the settings, and of nobody else.
    """
    found = _parsed(request.remote or "")
    trusted = [ipaddress.ip_network(one, strict=False) for one in settings.behind]
    hops = [hop.strip() for line in request.headers.getall("X-Forwarded-For", []) for hop in line.split(",")]
    while hops and found is not None and any(found in network for network in trusted):
        found = _parsed(hops.pop())
    if found is None:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def refuse_host(settings: GatewaySettings, request: web.Request) -> None:
    """A page that makes its own name point here must not be able to ask. Raises: Problem."""
    if not settings.public_url:
        return
    name = (host_of(f"//{request.host}") or "").casefold()
    if name not in {(host_of(settings.public_url) or "").casefold(), settings.host.casefold()}:
        raise invalid("unknown_host", "There is nothing here under that name.", status=421)


def idempotency_key_of(request: web.Request) -> str | None:
    """The name that the client gave this request, so that it is done once. Raises: Problem."""
    given = request.headers.getall("Idempotency-Key", [])
    if len(given) > 1 or (given and not (0 < len(given[0]) <= MOST_KEY and given[0].isprintable())):
        raise invalid("invalid_value", f"An Idempotency-Key has 1 to {MOST_KEY} characters.", "Idempotency-Key")
    return given[0] if given else None


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address as servers write it: some with the port, and long ones in brackets then."""
    bare = _WITH_PORT.fullmatch(text)
    try:
        found = ipaddress.ip_address((bare[1] or bare[2] if bare else text).partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


_WITH_PORT: Final = re.compile(r"(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?", re.ASCII)
