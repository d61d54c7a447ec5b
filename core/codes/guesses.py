"""What follows when somebody tries a code that does not exist."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import attempts, audit
from core.actors import Actor
from core.alerts import alerts
from core.people.personal import forgotten_content
from core.rules.codes import CodeText
from core.storage import tables as t
from core.vault import Vault

if TYPE_CHECKING:
    from core.service import Core


def contents_of(vault: Vault, address_key: str, canonical: str) -> list[bytes]:
    """What an address with a code stands for, under every key of the vault, the active one first."""
    address = f"{address_key}\n".encode()
    return [hashlib.sha256(address + digest).digest() for digest in vault.digests(canonical)]


async def settle_wrong_code(core: Core, actor: Actor, address_key: str | None, code: CodeText) -> None:
    """A counted look-up found no code that can be used: it was a guess, unless it is the holder's own code.

    Whoever had themselves forgotten and writes the same address and code again is told what is true for a stranger,
    but has guessed nothing.
    """
    await core.write(_settle, core, actor, address_key, code, core.now())


def _settle(
    tx: sa.Connection, core: Core, actor: Actor, address_key: str | None, code: CodeText, now: datetime
) -> None:
    if address_key is not None:
        contents = forgotten_content(core.vault, contents_of(core.vault, address_key, code.canonical))
        own = (
            sa.select(t.redemptions.c.id)
            .join(t.codes, t.codes.c.id == t.redemptions.c.code_id)
            .where(t.codes.c.digest.in_(core.vault.digests(code.canonical)), t.redemptions.c.content.in_(contents))
        )
        if tx.execute(own.limit(1)).first() is not None:
            attempts.return_guess(tx, actor)
            return
    note_wrong_code(tx, core, actor, now)


def note_wrong_code(tx: sa.Connection, core: Core, actor: Actor, now: datetime) -> None:
    """A guess was wrong: lock its maker at the limit, and alert staff to a burst of them."""
    limits = core.settings.limits
    until = attempts.punish_guess(tx, actor, limits, now)
    if until is not None:
        after = {"for": "wrong_codes", "until": until.isoformat()}
        audit.record(tx, actor, "identity.locked", "identity", None, now, after=after)
    burst = attempts.count_wrong_code(tx, now)
    if burst > limits.wrong_codes_per_minute:
        alerts.raise_alert(tx, "security", "wrong_codes", "warning", "wrong_code_burst", {"count": burst}, now)
