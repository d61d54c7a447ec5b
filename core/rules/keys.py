"""The keys of programs: how they are written, and what each scope lets its bearer do.

`sk-ush-`, 40 symbols from a cryptographic source (238 bits), and four check symbols: a mistyped key, or one of another
system, is recognised without a look-up.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Final

from core.actors import Role

PREFIX: Final = "sk-ush-"
SYMBOLS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
BODY: Final = 40
CHECKS: Final = 4

SCOPES: Final[Mapping[str, Role]] = {
    "chat": Role.ANYONE,  # ask models, on the wallet of the key's person
    "redeem": Role.ANYONE,  # use codes, in the person's name
    "verify": Role.VIEWER,  # look codes up, which is no guess then
    "figures": Role.VIEWER,  # the figures and nothing else
    "viewer": Role.VIEWER,  # all that a viewer may read
    "operator": Role.OPERATOR,
    "admin": Role.ADMIN,
}
"""Each scope, and the role that the key's person needs for as long as it is to count."""
STAFF: Final = ("viewer", "operator", "admin")
"""Scopes that are roles."""

_SHAPE: Final = re.compile(f"{PREFIX}[{SYMBOLS}]{{{BODY + CHECKS}}}")


def whole_key(body: str) -> str:
    """The key around `body`, with its check symbols."""
    return f"{PREFIX}{body}{_checks(body)}"


def is_key(text: str) -> bool:
    """Can this be a key of ours? Nothing else is looked up."""
    if not _SHAPE.fullmatch(text):
        return False
    body = text[len(PREFIX) : -CHECKS]
    return text[-CHECKS:] == _checks(body)


def needed_role(scopes: Iterable[str]) -> Role:
    """The role that somebody needs to hold a key with all these scopes."""
    return max((SCOPES[scope] for scope in scopes), default=Role.ANYONE)


def scopes_left(scopes: Iterable[str], role: Role) -> frozenset[str]:
    """Which of a key's scopes count while its person has `role`."""
    return frozenset(scope for scope in scopes if scope in SCOPES and SCOPES[scope] <= role)


def role_of(scopes: Iterable[str]) -> Role:
    """The role in which a key acts: never more than its scopes allow."""
    return max((Role.named(scope) for scope in scopes if scope in STAFF), default=Role.ANYONE)


def _checks(body: str) -> str:
    number = int.from_bytes(hashlib.sha256(f"{PREFIX}{body}".encode()).digest()[:8], "big")
    symbols = []
    for _ in range(CHECKS):
        number, place = divmod(number, len(SYMBOLS))
        symbols.append(SYMBOLS[place])
    return "".join(symbols)
