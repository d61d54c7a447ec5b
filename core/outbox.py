"""Messages that must reach someone: rows that commit with the change they tell of, sent afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.storage import tables as t
from core.storage.database import dialect_insert
from core.storage.prepared import Prepared

CHATS = ("telegram", "discord")
"""Platforms a notice can be pushed to. A terminal reads its answers at once and gets none."""

HOOK = "hook"
"""The channel to addresses of other systems; its recipients are `HOOK/SUBJECT`, so that each subject keeps its order."""


VANISH = "vanish"
"""The template of the notice that takes a message away: it holds a secret, which has been copied by then."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be told. `template` names its text, `facts` (JSON values) fill it; the same `dedupe` is queued once.

    Without a `language` it is the recipient's. `due_at` holds it back until then.
    """

    template: str
    facts: Mapping[str, Any]
    language: str | None = None
    dedupe: str | None = None
    due_at: datetime | None = None


def put(
    tx: sa.Connection, channel: str, recipient: str, notice: Notice, now: datetime, *, edits: str | None = None
) -> None:
    """Queue a notice. `recipient` is a person's identity, or a chat as `in_chat` writes it.

    `edits` is the reference of a sent message, which the notice takes the place of.
    """
    statement = dialect_insert(t.notices, tx)
    if notice.dedupe is not None:
        statement = statement.on_conflict_do_nothing(index_elements=["dedupe"])
    tx.execute(
        statement,
        {
            "channel": channel,
            "recipient": recipient,
            "template": notice.template,
            "facts": dict(notice.facts),
            "language": notice.language,
            "dedupe": notice.dedupe,
            "state": "ready",
            "due_at": notice.due_at or now,
            "message_ref": edits,
            "created_at": now,
        },
    )


def withdraw(tx: sa.Connection, dedupe: str) -> None:
    """Take back a notice that nobody has begun to send: what it tells is being told in another way."""
    tx.execute(
        sa.delete(t.notices).where(t.notices.c.dedupe == dedupe, t.notices.c.state == "ready", t.notices.c.tries == 0)
    )


def put_edit(tx: sa.Connection, channel: str, recipient: str, notice: Notice, now: datetime, *, edits: str) -> None:
    """Queue a change of a sent message whose words are made when it goes out.

    One that waits already is enough for any number of changes; it comes forward to the earlier `due_at`.
    """
    waiting = sa.and_(
        t.notices.c.channel == channel,
        t.notices.c.recipient == recipient,
        t.notices.c.state == "ready",
        t.notices.c.message_ref == edits,
        t.notices.c.tries == 0,
    )
    due = notice.due_at or now
    # A bare value in a CASE has no type of ours, and SQLite would store it as text.
    wanted = sa.literal(due, t.notices.c.due_at.type)
    earlier = sa.case((t.notices.c.due_at > due, wanted), else_=t.notices.c.due_at)
    if tx.execute(sa.update(t.notices).where(waiting).values(due_at=earlier)).rowcount == 0:
        put(tx, channel, recipient, notice, now, edits=edits)


def emit(tx: sa.Connection, event: str, subject: str, subject_id: int, now: datetime, *, line: str) -> None:
    """Queue an event for every address that wants it. What it says of its subject is looked up when it goes out.

    Events of one `line` go out one after the other.
    """
    facts = {"event": event, "subject": subject, "id": subject_id, "at": now}
    row = {"event": event, "wanted": f",{event},", "line": f"/{line}", "facts": facts, "now": now}
    _EMIT.later(tx, row, otherwise=_nobody_listens)


def _nobody_listens() -> None:
    """As in most houses."""


def _emitting() -> Prepared:
    columns = t.notices.c
    now = sa.bindparam("now", type_=columns.due_at.type)
    wants = sa.or_(t.hooks.c.events == "", ("," + t.hooks.c.events + ",").contains(sa.bindparam("wanted")))
    rows = sa.select(
        sa.literal(HOOK),
        sa.cast(t.hooks.c.id, sa.String) + sa.bindparam("line", type_=sa.String()),
        sa.bindparam("event", type_=sa.String()),
        sa.bindparam("facts", type_=columns.facts.type),
        sa.literal("ready", columns.state.type),
        sa.literal(0),
        now,
        now,
    ).where(t.hooks.c.state == "active", wants)
    names = ["channel", "recipient", "template", "facts", "state", "tries", "due_at", "created_at"]
    return Prepared(sa.insert(t.notices).from_select(names, rows))


_EMIT = _emitting()


def in_chat(platform: str, chat_id: str) -> str:
    """A group, topic or channel as a recipient. On Discord its id could as well be a person's: there it gets a mark."""
    return f"#{chat_id}" if platform == "discord" else chat_id


def chat_of(recipient: str) -> str:
    """The id of the chat behind a recipient."""
    return recipient.removeprefix("#")


def tell(tx: sa.Connection, platform: str | None, identity: str | None, notice: Notice, now: datetime) -> None:
    """Queue a notice into a person's private chat, where the platform has one."""
    if platform in CHATS and identity:
        put(tx, platform, identity, notice, now)
