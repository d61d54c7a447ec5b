"""Questions that came before anybody had chosen who answers: kept as they are, and asked once a model is chosen."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.people.people import person_of
from core.sources.models import open_model
from core.storage import tables as t
from core.storage.chat_tables import conversations, messages, turns
from core.talk import attached, places
from core.talk.turns import AnswerPlace, Kept, TurnWish, keep_question, keep_turn, kept
from core.talk_errors import QuestionAsked

if TYPE_CHECKING:
    from core.actors import Actor
    from core.service import Core


UNASKED = ~sa.exists().where(turns.c.question_id == messages.c.id)
"""Of a message: nobody has asked it yet."""


async def keep(core: Core, actor: Actor, wish: TurnWish) -> int:
    """Keep a question without asking it, and return its number. The same request key keeps it once."""
    files = (
        await asyncio.to_thread(attached.sealed, core.vault, wish.request_key, wish.attached) if wish.attached else ()
    )
    return await core.write(_keep, core, actor, wish, files, core.now())


async def ask_kept(core: Core, actor: Actor, wish: TurnWish) -> Kept | None:
    """Ask what was kept here since the last answer, in its order. Returns the last of it, or None where nothing was."""
    return await core.write(_ask_kept, actor, wish, core.now())


async def ask_one(core: Core, actor: Actor, wish: TurnWish, question_id: int) -> Kept | None:
    """Ask one question that the actor asked here and that was kept, of the model of the wish. Where they have chosen
    none so far, it answers them from now on. None where it is no question of theirs.

    Raises: NotFound where there is no such model, QuestionAsked where it waits no more: one choice, one answer.
    """
    return await core.write(_ask_one, actor, wish, question_id, core.now())


def _ask_one(tx: sa.Connection, actor: Actor, wish: TurnWish, question_id: int, now: datetime) -> Kept | None:
    owner = places.owner_of(tx, actor, wish.place, now)
    if (before := kept(tx, wish.request_key)) is not None:
        return before
    person_id = person_of(tx, actor.platform, actor.identity, now)
    here = sa.and_(
        conversations.c.platform == wish.place.platform,
        conversations.c.place == wish.place.chat,
        conversations.c.person_id == owner,
    )
    theirs = sa.and_(messages.c.id == question_id, messages.c.role == "user", messages.c.person_id == person_id)
    found = sa.select(messages, UNASKED.label("waits")).join(
        conversations, conversations.c.id == messages.c.conversation_id
    )
    row = tx.execute(found.where(here, theirs)).one_or_none()
    if row is None:
        return None
    if not row.waits:
        raise QuestionAsked
    asked = keep_turn(tx, actor, wish, AnswerPlace(row.conversation_id, row.id), person_id, now)
    mine = sa.and_(t.people.c.id == person_id, t.people.c.default_model.is_(None))
    tx.execute(sa.update(t.people).where(mine).values(default_model=open_model(tx, wish.model or "").name))
    return asked


def _keep(
    tx: sa.Connection, core: Core, actor: Actor, wish: TurnWish, files: Sequence[dict[str, Any]], now: datetime
) -> int:
    places.lock(tx, wish.place)
    reference = hashlib.sha256(f"kept:{wish.request_key}".encode()).hexdigest()[:32]
    before = tx.execute(sa.select(messages.c.id).where(messages.c.reference == reference)).scalar_one_or_none()
    if before is not None:
        return int(before)
    person_id = person_of(tx, actor.platform, actor.identity, now)
    return keep_question(tx, core, wish, files, person_id, now, reference=reference)[1]


def _ask_kept(tx: sa.Connection, actor: Actor, wish: TurnWish, now: datetime) -> Kept | None:
    owner = places.owner_of(tx, actor, wish.place, now)
    person_id = person_of(tx, actor.platform, actor.identity, now)
    if (before := kept(tx, wish.request_key)) is not None:
        return before
    talk = places.current(tx, owner, wish.place, lock=True)
    if talk is None:
        return None
    waiting: list[Any] = []
    at = talk.head_id
    while at is not None:
        found = tx.execute(sa.select(messages).where(messages.c.id == at, messages.c.role == "user", UNASKED))
        row = found.one_or_none()
        if row is None:
            break
        waiting.insert(0, row)
        at = row.parent_id
    asked: Kept | None = None
    for number, row in enumerate(waiting, start=1):
        last = number == len(waiting)
        one = wish if last else replace(wish, request_key=f"{wish.request_key}:{number}")
        asked = keep_turn(tx, actor, one, AnswerPlace(talk.id, row.id), person_id, now)
    return asked
