"""Which addresses inside private networks an upstream may have: none, unless the configuration names them.

Whoever may add a team or a source writes an address that this machine then connects to. Without this check it could be
the machine itself, its neighbours, or the service that tells a rented machine its own secrets (169.254.169.254).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Final
from urllib.parse import urlsplit

WHY = "inside a private network, and not named in upstream.private_hosts"


_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")
"""The prefix by which an IPv6-only network reaches IPv4 addresses (NAT64, RFC 6052): public ones, and its neighbours
too.
"""
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@lru_cache(maxsize=4096)
def is_loopback(url: str | None) -> bool:
    """Whether an upstream is on this machine: a sandbox, or a gateway of the operator's own."""
    return url is not None and refuse_address(url) is None and urlsplit(url).hostname in _LOOPBACK


@lru_cache(maxsize=4096)
def refuse_address(url: str) -> str | None:
    """Why requests may not go to `url`, or None: https only, plain http on loopback, no credentials in it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "not an address"
    if not host or any(map(str.isspace, url)) or parts.username is not None or parts.password is not None:
        return "not an address"
    if parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK):
        return None
    return "https is required"


def host_of(url: str) -> str | None:
    """The host that `url` names, or None where it names none."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def is_private(address: str) -> bool:
    """Is this IP address anything but a public one?"""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    reached = _reached(parsed)
    unused = reached.is_multicast or reached.is_reserved or getattr(reached, "is_site_local", False)
    return unused or not reached.is_global


def _reached(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, where a translator or a tunnel leads there; else the address
    itself.
    """
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def refuse_private(url: str, allowed: Collection[str]) -> str | None:
    """Why requests may not go to `url` as written, or None; names are checked again when they are resolved."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if host in allowed:
        return None
    local = host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
    return WHY if local or is_private(host) or _is_number(host) else None


def _is_number(host: str) -> bool:
    """`2130706433` and `0x7f.1` mean this machine to a resolver that knows the old spellings."""
    try:
        return is_private(socket.inet_ntoa(socket.inet_aton(host)))
    except OSError:
        return False
