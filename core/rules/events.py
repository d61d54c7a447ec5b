"""What other systems are told: which lines of the audit log are events, and how an event is signed.

Signatures follow Standard Webhooks: HMAC-SHA-256 over id, time and body, so a receiver knows who sent it and that it is
not an old one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from core.command_errors import BadValue

EVENT_OF: Final[Mapping[str, str]] = {
    "redemption.invited": "seat.redeemed",
    "redemption.refused": "seat.refused",  # after the code and the seat were reserved
    "lease.active": "seat.joined",
    "transfer.done": "seat.moved",
    "lease.ended": "seat.ended",
    "batch.used_up": "codes.used_up",
    "alert.opened": "alert.opened",
    "alert.reopened": "alert.opened",
    "alert.resolved": "alert.resolved",
    "wallet.low": "wallet.low",
}
"""Lines of the audit log that are events: the place that writes the line decides what happened, and no other."""
EVENTS: Final = tuple(dict.fromkeys(EVENT_OF.values()))
TEST: Final = "hook.test"

PREFIX: Final = "whsec_"
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=2)
TRIES: Final = 23
"""Pauses start at 5 seconds, double, and stay at two hours: together a little over a day."""


def read_events(names: Iterable[str]) -> tuple[str, ...]:
    """The events that are meant, in their order; none given means all. A part before the dot means all of its kind.

    Raises: BadValue.
    """
    chosen: set[str] = set()
    for name in names:
        wanted = name.strip().casefold()
        found = {event for event in EVENTS if wanted in {event, event.partition(".")[0]}}
        if not found:
            raise BadValue(name="events", value=name[:40], examples=list(EVENTS))
        chosen |= found
    return tuple(event for event in EVENTS if event in chosen)


def pause_after(tries: int) -> timedelta:
    """How long to wait before the next try, after this many."""
    doubled: int = 1 << min(max(0, tries - 1), TRIES)
    return min(LONGEST_PAUSE, FIRST_PAUSE * doubled)


def signature(secret: str, identity: str, moment: int, body: bytes) -> str:
    """The value of `webhook-signature`. `moment` is in seconds since 1970."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = secret.encode()
    signed = hmac.digest(key, f"{identity}.{moment}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed).decode()}"
