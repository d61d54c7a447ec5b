"""Ending what somebody could still come in by: tokens, links, buttons, dialogues, drafts and subscriptions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core import audit
from core.actors import Actor
from core.storage import tables as t
from core.storage.row_claims import change

FOR_STAFF = ("alert", "job")
"""Notices that somebody gets for being staff."""


def end_access(tx: sa.Connection, actor: Actor, pairs: Sequence[tuple[str, str]], now: datetime) -> None:
    """Nothing that was handed to or made by these identities (platform, identity) opens anything from now on.

    Dialogues may also be elsewhere: whoever calls this clears `core.dialogues` after the commit.
    """
    keys = [f"{platform}:{identity}" for platform, identity in pairs]
    tx.execute(sa.delete(t.staff_tokens).where(t.staff_tokens.c.maker.in_(keys), t.staff_tokens.c.used_at.is_(None)))
    sides = sa.or_(t.links.c.maker.in_(keys), t.links.c.joiner.in_(keys))
    _ = change(tx, t.links, sides, expected=("open", "agreed"), state="ended", ended_at=now).count
    tx.execute(sa.delete(t.buttons).where(t.buttons.c.owner.in_(keys)))
    tx.execute(sa.delete(t.dialogues).where(t.dialogues.c.identity.in_(keys)))
    tx.execute(sa.delete(t.drafts).where(t.drafts.c.owner.in_(keys)))
    _end_subscriptions(tx, actor, pairs, keys, now)


def _end_subscriptions(
    tx: sa.Connection, actor: Actor, pairs: Sequence[tuple[str, str]], keys: list[str], now: datetime
) -> None:
    """Theirs are those they made, and those into their private chats; what waits to be pushed there goes, too."""
    places = private_chats(tx, pairs)
    here = sa.or_(*(_of(t.subscriptions, platform, chat) for platform, chat in places))
    gone = tx.execute(
        sa.delete(t.subscriptions)
        .where(sa.or_(t.subscriptions.c.maker.in_(keys), here))
        .returning(t.subscriptions.c.id, t.subscriptions.c.level)
    ).all()
    for row in gone:
        audit.record(tx, actor, "subscription.ended", "subscription", row.id, now, before={"level": row.level})
    tx.execute(sa.delete(t.alert_messages).where(sa.or_(*(_of(t.alert_messages, *place) for place in places))))
    for platform, chat in places:
        waiting = sa.and_(t.notices.c.channel == platform, t.notices.c.recipient == chat, t.notices.c.state == "ready")
        tx.execute(sa.delete(t.notices).where(waiting, t.notices.c.template.in_(FOR_STAFF)))


def private_chats(tx: sa.Connection, pairs: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Where these people are written to; on most platforms the chat has the person's own number."""
    mine = sa.or_(*(sa.and_(t.identities.c.platform == one, t.identities.c.identity == other) for one, other in pairs))
    known = tx.execute(
        sa.select(t.identities.c.platform, t.identities.c.chat_id).where(mine, t.identities.c.chat_id != "")
    )
    return {*pairs, *((row.platform, row.chat_id) for row in known)}


def _of(table: sa.Table, platform: str, chat: str) -> sa.ColumnElement[Any]:
    return sa.and_(table.c.platform == platform, table.c.chat_id == chat)
