"""Where somebody talks, and which conversation goes on there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.people.people import person_of
from core.storage import tables as t
from core.storage.chat_tables import conversations, message_places, messages, turns
from core.storage.database import dialect_insert
from core.storage.talk_rows import ConversationRow, MessageRow
from core.talk.contents import new_reference

if TYPE_CHECKING:
    from core.actors import Actor
    from core.service import Core


@dataclass(frozen=True, slots=True)
class Place:
    """A chat, with its topic. `recipient` is how the outbox writes it; in a group, several talk.

    `channel` is what the platform calls the chat in which its messages have their numbers.
    """

    platform: str
    chat: str
    recipient: str
    channel: str
    private: bool = True


def lock(tx: sa.Connection, place: Place) -> None:
    """Until the commit, nobody else begins, opens or asks anything here: in a group, several do so at once.

    Comes before everything else that a unit locks. On SQLite there is one writer anyway.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"talk:{place.platform}:{place.chat}"))))


def owner_of(tx: sa.Connection, actor: Actor, place: Place, now: datetime) -> int:
    """Whose the conversations of a place are: the person's, or nobody's in a group. Locks the place."""
    lock(tx, place)
    return person_of(tx, actor.platform, actor.identity, now) if place.private else 0


def current(tx: sa.Connection, owner: int, place: Place, *, lock: bool = False) -> ConversationRow | None:
    """The conversation that goes on here, or None."""
    statement = sa.select(conversations).where(
        conversations.c.platform == place.platform,
        conversations.c.place == place.chat,
        conversations.c.person_id == owner,
        conversations.c.is_current,
    )
    return tx.execute(statement.with_for_update() if lock else statement).one_or_none()


def begin(tx: sa.Connection, owner: int, place: Place, now: datetime, **values: Any) -> ConversationRow:
    """A new conversation, which goes on here from now on."""
    leave(tx, owner, place)
    row = {"person_id": owner, "platform": place.platform, "place": place.chat, "is_current": True, **values}
    row = {"reference": new_reference(), "created_at": now, "changed_at": now, **row}
    return tx.execute(sa.insert(conversations).values(**row).returning(conversations)).one()


def leave(tx: sa.Connection, owner: int, place: Place) -> None:
    """No conversation goes on here until another one begins or is opened."""
    tx.execute(
        sa.update(conversations)
        .where(
            conversations.c.platform == place.platform,
            conversations.c.place == place.chat,
            conversations.c.person_id == owner,
            conversations.c.is_current,
        )
        .values(is_current=False)
    )


def open_here(tx: sa.Connection, conversation_id: int, owner: int, place: Place, now: datetime) -> None:
    """Let one of the owner's conversations go on here, wherever it was before."""
    leave(tx, owner, place)
    here = {"platform": place.platform, "place": place.chat, "is_current": True, "archived_at": None}
    mine = (conversations.c.id == conversation_id, conversations.c.person_id == owner)
    tx.execute(sa.update(conversations).where(*mine).values(**here, changed_at=now))


def note_place(tx: sa.Connection, platform: str, chat: str, shown: str, message_id: int) -> None:
    """Remember in which message of a chat something was said, so that a reply to it finds its branch."""
    row = {"platform": platform, "chat": chat, "shown": shown, "message_id": message_id}
    statement = dialect_insert(message_places, tx).values(row)
    keys = ["platform", "chat", "shown"]
    tx.execute(statement.on_conflict_do_update(index_elements=keys, set_={"message_id": message_id}))


def said_there(tx: sa.Connection, place: Place, shown: str) -> MessageRow | None:
    """The row of the message that was shown there, or None."""
    there = sa.and_(
        message_places.c.platform == place.platform,
        message_places.c.chat == place.channel,
        message_places.c.shown == shown,
    )
    joined = sa.select(messages).join(message_places, message_places.c.message_id == messages.c.id)
    return tx.execute(joined.where(there)).one_or_none()


async def spoken_since(core: Core, actor: Actor, place: Place, moment: datetime) -> bool:
    """Was this person told anything here of its own accord since: an answer, also one that is still written, or news?"""
    return await core.read(_spoken_since, actor, place, moment)


def _spoken_since(tx: sa.Connection, actor: Actor, place: Place, moment: datetime) -> bool:
    answered = sa.select(turns.c.id).where(
        turns.c.platform == place.platform,
        turns.c.place == place.chat,
        turns.c.identity == actor.identity,
        sa.or_(turns.c.ended_at.is_(None), turns.c.ended_at >= moment),
    )
    told = sa.select(t.notices.c.id).where(
        t.notices.c.channel == place.platform,
        t.notices.c.recipient == place.recipient,
        t.notices.c.sent_at >= moment,
    )
    return any(tx.execute(one.limit(1)).first() is not None for one in (answered, told))
