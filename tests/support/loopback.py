"""Keeps tests on this machine: connecting or resolving anywhere else fails, and is remembered.

An audit hook sees every connect of the process, whichever library makes it. What it stops is also noted,
because the code under test may well take the error for an unavailable provider and carry on.
"""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

attempts: list[str] = []
"""What was stopped since somebody last looked."""


class LeftTheMachine(OSError):
    """A test tried to reach another machine."""


def install() -> None:
    """Watch from now until the process ends; an audit hook cannot be taken out again."""
    sys.addaudithook(_refuse_strangers)


def _refuse_strangers(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[-1]
        # Unix sockets have a path for an address, and connected sockets send to nobody in particular.
        host = address[0] if isinstance(address, tuple) and address else None
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0]
    else:
        return
    if host is None or _is_local(host):
        return
    attempts.append(f"{event} {host}")
    raise LeftTheMachine(f"tests stay on loopback: {event} {host!r}")


def _is_local(host: Any) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if name in {"", "localhost"} or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
