"""What is stored of a person's conversations: to be taken along, and to be erased.

In a group a conversation is everybody's: there, what the person said goes, and what others said stays.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from core.rules.money import amount_text
from core.storage.chat_tables import (
    attachments,
    conversations,
    message_places,
    messages,
    shares,
    sponsors,
    turns,
)
from core.vault import Undecipherable, Vault

NOBODY = "erased"
"""Who asks, or pays, in the place of whoever is forgotten."""
TOGETHER = 500
"""Messages whose files are looked for at once."""


def export_talk(tx: sa.Connection, vault: Vault, person_id: int) -> dict[str, Any]:
    """Conversations with all that was said in them, what was said in groups, and what is shared, as JSON values."""
    mine = tx.execute(sa.select(conversations).where(conversations.c.person_id == person_id).order_by("id")).all()
    in_groups = sa.and_(messages.c.person_id == person_id, messages.c.conversation_id.not_in([one.id for one in mine]))
    shared = sa.select(shares).where(shares.c.person_id == person_id).order_by(shares.c.id)
    return {
        "conversations": [
            {
                "title": _opened(vault, one.title, f"conversations:{one.reference}:title"),
                "instructions": _opened(vault, one.instructions, f"conversations:{one.reference}:instructions"),
                "model": one.model,
                "begun": one.created_at.isoformat(),
                "messages": _said(tx, vault, messages.c.conversation_id == one.id),
            }
            for one in mine
        ],
        "said_in_groups": _said(tx, vault, in_groups),
        "sponsored": [
            {"platform": one.platform, "place": one.place, "daily_limit": amount_text(one.daily_limit)}
            for one in tx.execute(sa.select(sponsors).where(sponsors.c.person_id == person_id))
        ],
        "shares": [
            {"ends_with": one.last4, "until": one.expires_at.isoformat(), "openings": one.openings}
            for one in tx.execute(shared)
        ],
    }


def join_talk(tx: sa.Connection, former: int, into: int) -> None:
    """Two people are one from now on: what the former one talked is the other's."""
    for table in (conversations, messages, turns, sponsors, shares):
        tx.execute(sa.update(table).where(table.c.person_id == former).values(person_id=into))


def move_talk(tx: sa.Connection, platform: str, old: str, new: str) -> None:
    """A group has another id: what goes on there, who pays and what is still to be answered follow.

    What went on under the new id already goes on; a topic keeps its number, and a message does not.
    """
    there = conversations.alias("there")
    begun = sa.exists().where(there.c.platform == platform, there.c.place == new, there.c.person_id == 0)
    left = (conversations.c.platform == platform, conversations.c.place == old, begun)
    tx.execute(sa.update(conversations).where(*left).values(is_current=False))
    other = sponsors.alias("other")
    paid = sa.exists().where(other.c.platform == platform, other.c.place == new)
    tx.execute(sa.delete(sponsors).where(sponsors.c.platform == platform, sponsors.c.place == old, paid))
    for table, column in (
        (conversations, conversations.c.place),
        (turns, turns.c.place),
        (turns, turns.c.recipient),
        (sponsors, sponsors.c.place),
    ):
        moved = sa.or_(column == old, column.startswith(f"{old}/", autoescape=True))
        values = {column.name: sa.literal(new).concat(sa.func.substr(column, len(old) + 1))}
        tx.execute(sa.update(table).where(table.c.platform == platform, moved).values(values))


def forget_talk(tx: sa.Connection, person_id: int, identities: Sequence[str]) -> int:
    """Let go of a person's conversations, and of what they said in groups. Returns how many rows were theirs."""
    theirs = list(
        tx.execute(sa.select(conversations.c.id).where(conversations.c.person_id == person_id).with_for_update())
        .scalars()
        .all()
    )
    rows = delete_conversations(tx, theirs)
    said = list(tx.execute(sa.select(messages.c.id).where(messages.c.person_id == person_id)).scalars())
    tx.execute(sa.delete(attachments).where(attachments.c.message_id.in_(said)))
    emptied = {"content": b"", "size": 0, "images": 0, "person_id": 0}
    rows += tx.execute(sa.update(messages).where(messages.c.person_id == person_id).values(**emptied)).rowcount
    tx.execute(sa.update(turns).where(turns.c.payer.in_(identities)).values(payer=NOBODY))
    nobody = {"person_id": 0, "identity": NOBODY}
    rows += tx.execute(sa.update(turns).where(turns.c.person_id == person_id).values(**nobody)).rowcount
    rows += tx.execute(sa.delete(sponsors).where(sponsors.c.person_id == person_id)).rowcount
    rows += tx.execute(sa.delete(shares).where(shares.c.person_id == person_id)).rowcount
    return rows


def delete_conversations(tx: sa.Connection, which: Sequence[int]) -> int:
    """Delete conversations with everything in them. Returns how many messages that were."""
    said = sa.select(messages.c.id).where(messages.c.conversation_id.in_(which))
    tx.execute(sa.delete(turns).where(turns.c.conversation_id.in_(which)))
    tx.execute(sa.delete(shares).where(shares.c.conversation_id.in_(which)))
    tx.execute(sa.delete(message_places).where(message_places.c.message_id.in_(said)))
    tx.execute(sa.delete(attachments).where(attachments.c.message_id.in_(said)))
    deleted = tx.execute(sa.delete(messages).where(messages.c.conversation_id.in_(which))).rowcount
    tx.execute(sa.delete(conversations).where(conversations.c.id.in_(which)))
    return deleted


def _said(tx: sa.Connection, vault: Vault, which: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    rows = tx.execute(sa.select(messages).where(which).order_by(messages.c.id)).all()
    files = _files(tx, vault, [row.id for row in rows])
    said = []
    for row in rows:
        content = _opened(vault, row.content, f"messages:{row.reference}:content")
        text = json.loads(content)["text"] if content else ""
        along = {"files": files[row.id]} if row.id in files else {}
        said.append({"by": row.role, "model": row.model, "text": text, "at": row.made_at.isoformat(), **along})
    return said


def _files(tx: sa.Connection, vault: Vault, which: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """What came with messages: its name and how large it is; text as it is, anything else as base64."""
    found: dict[int, list[dict[str, Any]]] = {}
    of = sa.select(attachments).order_by(attachments.c.id)
    for start in range(0, len(which), TOGETHER):
        for row in tx.execute(of.where(attachments.c.message_id.in_(which[start : start + TOGETHER]))):
            texts = {
                name: _opened(vault, getattr(row, name), f"attachments:{row.reference}:{name}")
                for name in ("name", "content")
            }
            found.setdefault(row.message_id, []).append({"kind": row.kind, "size": row.size, **texts})
    return found


def _opened(vault: Vault, cipher: bytes | None, row: str) -> str | None:
    if cipher is None:
        return None
    try:
        return vault.decrypt(cipher, row=row)
    except Undecipherable:
        return None
