"""Finding what was said: a person's own messages are opened one by one, on a thread where nobody waits for it.

They are stored encrypted, so there is no index; substring, in any case, and Chinese needs no words.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.people.report import identities_of, of_identities
from core.storage import tables as t
from core.storage.chat_tables import conversations, messages
from core.talk.contents import SUMMARISE, unseal, unseal_word

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
    rows = await core.read(_sealed, actor)
    shown = await asyncio.to_thread(_look, core, rows, words.casefold())
    if not shown:
        return []
    about = await core.read(_about, list(shown))
    return [_found(core, row, shown[row.id]) for row in about]


def _sealed(tx: sa.Connection, actor: Actor) -> list[Any]:
    """The ciphertexts, in no order: sorting them together with what they hold would take longer than opening them."""
    persons = sa.select(t.identities.c.person_id).where(of_identities(t.identities, identities_of(tx, actor)))
    talks = sa.select(conversations.c.id).where(conversations.c.person_id.in_(persons))
    mine = sa.select(messages.c.id).where(messages.c.conversation_id.in_(talks))
    newest = mine.order_by(messages.c.id.desc()).limit(NEWEST)
    sealed = sa.select(messages.c.id, messages.c.reference, messages.c.content)
    return list(tx.execute(sealed.where(messages.c.id.in_(newest))))


def _look(core: Core, rows: list[Any], words: str) -> dict[int, str]:
    """What is shown of each message that holds the words, by its number; the newest first."""
    shown: dict[int, str] = {}
    for row in sorted(rows, key=attrgetter("id"), reverse=True):
        text = unseal(core.vault, row).text
        at = (text.lower() if text.isascii() else text.casefold()).find(words)  # the same, and a third of the time
        if at < 0 or text == SUMMARISE:
            continue
        start, end = max(0, at - AROUND), at + len(words) + AROUND
        part = " ".join(text[start:end].split())
        shown[row.id] = ("…" if start else "") + part + ("…" if end < len(text) else "")
        if len(shown) == MOST_FOUND:
            break
    return shown


def _about(tx: sa.Connection, numbers: list[int]) -> list[Any]:
    of = sa.select(
        messages.c.id,
        messages.c.conversation_id,
        messages.c.role,
        messages.c.made_at,
        conversations.c.title,
        conversations.c.reference.label("talk"),
    ).join(conversations, conversations.c.id == messages.c.conversation_id)
    return list(tx.execute(of.where(messages.c.id.in_(numbers)).order_by(messages.c.id.desc())))


def _found(core: Core, row: Any, shown: str) -> FoundMessage:
    title = unseal_word(core.vault, "conversations", row.talk, "title", row.title)
    return FoundMessage(row.id, row.conversation_id, title, row.role, shown, row.made_at)
