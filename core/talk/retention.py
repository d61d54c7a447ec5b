"""Forgetting what was said longer ago than `talk.messages_days`, in small bites; 0 keeps it until somebody deletes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.people.talk_privacy import delete_conversations
from core.rounds import Round
from core.storage.chat_tables import (
    UNFINISHED,
    attachments,
    conversations,
    message_places,
    messages,
    shares,
    turns,
)

if TYPE_CHECKING:
    from core.service import Core

BITE = 500
"""Messages deleted in one transaction: nobody waits for a clean-up."""


async def forget_old(core: Core) -> Round:
    """Delete messages, with files, turns and links that show them, and conversations in which nothing is left."""
    days = core.settings.talk.messages_days
    if not days:
        return Round({"messages_forgotten": 0})
    before = core.now() - timedelta(days=days)
    forgotten = 0
    while True:
        done = await core.write(_forget_messages, before)
        forgotten += done
        if done < BITE:
            break
    while await core.write(_forget_empty, before) == BITE:
        pass
    return Round({"messages_forgotten": forgotten})


def _forget_messages(tx: sa.Connection, before: datetime) -> int:
    """One bite, the oldest first. What a question that still waits reads is kept until it is answered."""
    asked = turns.alias("asked")
    waits = sa.exists().where(asked.c.conversation_id == messages.c.conversation_id, asked.c.state.in_(UNFINISHED))
    old = sa.select(messages.c.id).where(messages.c.made_at < before, ~waits).order_by(messages.c.id).limit(BITE)
    gone = list(tx.execute(old).scalars())
    tx.execute(sa.delete(turns).where(sa.or_(turns.c.question_id.in_(gone), turns.c.answer_id.in_(gone))))
    tx.execute(sa.delete(shares).where(shares.c.head_id.in_(gone)))
    tx.execute(sa.delete(message_places).where(message_places.c.message_id.in_(gone)))
    tx.execute(sa.delete(attachments).where(attachments.c.message_id.in_(gone)))
    tx.execute(sa.update(messages).where(messages.c.parent_id.in_(gone)).values(parent_id=None))
    tx.execute(sa.update(conversations).where(conversations.c.head_id.in_(gone)).values(head_id=None))
    return tx.execute(sa.delete(messages).where(messages.c.id.in_(gone))).rowcount


def _forget_empty(tx: sa.Connection, before: datetime) -> int:
    said = sa.exists().where(messages.c.conversation_id == conversations.c.id)
    asked = sa.exists().where(turns.c.conversation_id == conversations.c.id)
    empty = sa.select(conversations.c.id).where(conversations.c.changed_at < before, ~said, ~asked).limit(BITE)
    gone = list(tx.execute(empty.with_for_update()).scalars())
    delete_conversations(tx, gone)
    return len(gone)
