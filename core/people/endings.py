"""Ending what somebody could still come in by: tokens, links, buttons, dialogues, drafts, subscriptions and keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.storage import tables as t
from core.storage.row_claims import change
from core.storage.talk_tables import keys

FOR_STAFF = ("alert", "job")
"""Notices that somebody gets for being staff."""


def end_access(tx: sa.Connection, actor: Actor, pairs: Sequence[tuple[str, str]], now: datetime) -> None:
    """Nothing that was handed to or made by these identities (platform, identity) opens anything from now on.

    Dialogues may also be elsewhere: whoever calls this clears `core.dialogues` after the commit.
    """
    names = [f"{platform}:{identity}" for platform, identity in pairs]
    tx.execute(sa.delete(t.staff_tokens).where(t.staff_tokens.c.maker.in_(names), t.staff_tokens.c.used_at.is_(None)))
    sides = sa.or_(t.links.c.maker.in_(names), t.links.c.joiner.in_(names))
    _ = change(tx, t.links, sides, expected=("open", "agreed"), state="ended", ended_at=now).count
    tx.execute(sa.delete(t.buttons).where(t.buttons.c.owner.in_(names)))
    tx.execute(sa.delete(t.dialogues).where(t.dialogues.c.identity.in_(names)))
    tx.execute(sa.delete(t.drafts).where(t.drafts.c.owner.in_(names)))
    _end_subscriptions(tx, actor, pairs, names, now)
    _end_keys(tx, actor, pairs, now)


def _end_keys(tx: sa.Connection, actor: Actor, pairs: Sequence[tuple[str, str]], now: datetime) -> None:
    """Keys that needed a role go with it, and do not come back with another one."""
    mine = sa.or_(*(sa.and_(t.identities.c.platform == one, t.identities.c.identity == other) for one, other in pairs))
    for person_id in tx.execute(sa.select(t.identities.c.person_id).where(mine).distinct()).scalars().all():
        end_keys_above(tx, actor, person_id, Role.ANYONE, now)


def end_keys_above(tx: sa.Connection, actor: Actor, person_id: int, role: Role, now: datetime) -> None:
    """Revoke the keys of a person that need more than `role`."""
    above = [one.label for one in Role if one > role]
    live = sa.and_(keys.c.person_id == person_id, keys.c.role.in_(above), keys.c.state != "revoked")
    gone = sa.update(keys).where(live).values(state="revoked").returning(keys.c.id)
    for key_id in tx.execute(gone).scalars().all():
        audit.record(tx, actor, "key.state", "key", key_id, now, after={"state": "revoked"})


def _end_subscriptions(
    tx: sa.Connection, actor: Actor, pairs: Sequence[tuple[str, str]], names: list[str], now: datetime
) -> None:
    """Theirs are those they made, and those into their private chats; what waits to be pushed there goes, too."""
    places = private_chats(tx, pairs)
    here = sa.or_(*(_of(t.subscriptions, platform, chat) for platform, chat in places))
    gone = tx.execute(
        sa.delete(t.subscriptions)
        .where(sa.or_(t.subscriptions.c.maker.in_(names), here))
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
