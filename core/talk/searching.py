"""Finding what was said: a person's own messages are opened one by one, on a thread where nobody waits for it.

They are stored encrypted, so there is no index; substring, in any case, and Chinese needs no words.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.people.report import identities_of, of_identities
from core.storage import tables as t
from core.storage.chat_tables import conversations, messages
from core.talk.contents import unseal, unseal_word

if TYPE_CHECKING:
    from core.actors import Actor
    from core.service import Core

NEWEST = 20_000
"""Messages that are looked through, the newest first."""
MOST_FOUND = 20
AROUND = 60
"""Characters shown on each side of what was found."""


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """One message that holds the words, with what stands around them."""

    message_id: int
    conversation_id: int
    title: str = field(repr=False)
    role: str
    text: str = field(repr=False)
    at: datetime


async def search(core: Core, actor: Actor, words: str) -> list[FoundMessage]:
    """The newest of the person's messages that hold these words."""
    rows = await core.read(_rows, actor)
    return await asyncio.to_thread(_look, core, rows, words.casefold())


def _rows(tx: sa.Connection, actor: Actor) -> list[Any]:
    persons = sa.select(t.identities.c.person_id).where(of_identities(t.identities, identities_of(tx, actor)))
    of = sa.select(
        messages.c.id,
        messages.c.reference,
        messages.c.content,
        messages.c.conversation_id,
        messages.c.role,
        messages.c.made_at,
        conversations.c.title,
        conversations.c.reference.label("talk"),
    ).join(conversations, conversations.c.id == messages.c.conversation_id)
    mine = of.where(conversations.c.person_id.in_(persons))
    return list(tx.execute(mine.order_by(messages.c.id.desc()).limit(NEWEST)))


def _look(core: Core, rows: list[Any], words: str) -> list[FoundMessage]:
    found: list[FoundMessage] = []
    for row in rows:
        text = unseal(core.vault, row).text
        at = text.casefold().find(words)
        if at < 0:
            continue
        start, end = max(0, at - AROUND), at + len(words) + AROUND
        shown = ("…" if start else "") + " ".join(text[start:end].split()) + ("…" if end < len(text) else "")
        title = unseal_word(core.vault, "conversations", row.talk, "title", row.title)
        found.append(FoundMessage(row.id, row.conversation_id, title, row.role, shown, row.made_at))
        if len(found) == MOST_FOUND:
            break
    return found
