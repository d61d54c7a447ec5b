"""Codes of another system that kept nothing of them but a hash: they become real when somebody writes them.

Until then such a code's text is `sha256:` and the hash, which nobody can write, as no written code has a colon. The
other system hashed what it had printed; people write that with and without dashes, in capitals and in small letters.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM
from core.rules.codes import FOREIGN, CodeText
from core.service import FOREIGN_CODES, code_row
from core.storage import tables as t
from core.storage.commits import repeatable
from core.storage.database import dialect_insert
from core.vault import Vault

if TYPE_CHECKING:
    from core.service import Core

UNSEEN: Final = "????"
"""The last symbols of a code that nobody has written yet."""


def stored_text(sha256: str) -> str:
    """What stands for the text of a code of which only this hash is known, in hexadecimal digits."""
    return f"{FOREIGN}{sha256.lower()}"


def note_some(tx: sa.Connection, now: datetime) -> None:
    """There are such codes from now on."""
    statement = dialect_insert(t.facts, tx).on_conflict_do_nothing(index_elements=["name"])
    tx.execute(statement, {"name": FOREIGN_CODES, "value": True, "changed_at": now})


async def make_real(core: Core, codes: Sequence[CodeText]) -> None:
    """Give those of `codes` their text that were known by their hash alone. To be called before codes are looked up.

    Nothing is told by it, and nothing is used: whoever writes a code that does not exist changes nothing.
    """
    await core.shapes()
    if not core.has_foreign_codes:
        return
    for code in codes:
        if await core.read(_unseen, core.vault, code) is not None:
            await core.write(_make_real, core.vault, code, core.now())


def _unseen(tx: sa.Connection, vault: Vault, code: CodeText) -> int | None:
    for sha256 in hashes_of(code.display):
        known = vault.digests(stored_text(sha256))
        found = tx.execute(sa.select(t.codes.c.id).where(t.codes.c.digest.in_(known))).scalar()
        if found is not None:
            return int(found)
    return None


@repeatable
def _make_real(tx: sa.Connection, vault: Vault, code: CodeText, now: datetime) -> None:
    code_id = _unseen(tx, vault, code)
    if code_id is None:
        return
    # Another code that reads the same stays what it is: this one's holder is told of that one, as of any other text.
    taken = sa.exists().where(t.codes.c.digest.in_(vault.digests(code.canonical)))
    if tx.execute(sa.select(taken)).scalar_one():
        return
    digest = vault.digest(code.canonical)
    values = {"digest": digest, "cipher": vault.encrypt(code.display, row=code_row(digest)), "last4": code.last4}
    unseen = sa.and_(t.codes.c.id == code_id, t.codes.c.last4 == UNSEEN)
    if tx.execute(sa.update(t.codes).where(unseen).values(**values)).rowcount == 1:
        tx.execute(sa.update(t.redemptions).where(t.redemptions.c.code_id == code_id).values(code_last4=code.last4))
        audit.record(tx, SYSTEM, "code.became_real", "code", code_id, now)


def hashes_of(written: str) -> list[str]:
    """What the other system may have kept of a code that is written like this, the likeliest first."""
    gaps = (written, *(re.sub(r"[^0-9A-Za-z]+", joined, written.strip()) for joined in ("-", "")))
    spellings = [how for one in gaps for how in (one, one.upper(), one.lower())]
    return [hashlib.sha256(spelling.encode()).hexdigest() for spelling in dict.fromkeys(spellings)]
