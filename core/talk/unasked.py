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
from core.storage.chat_tables import messages, turns
from core.talk import attached, places
from core.talk.turns import AnswerPlace, Kept, TurnWish, keep_question, keep_turn, kept

if TYPE_CHECKING:
    from core.actors import Actor
    from core.service import Core


async def keep(core: Core, actor: Actor, wish: TurnWish) -> None:
    """Keep a question without asking it. The same request key keeps it once."""
    files = (
        await asyncio.to_thread(attached.sealed, core.vault, wish.request_key, wish.attached) if wish.attached else ()
    )
    await core.write(_keep, core, actor, wish, files, core.now())


async def ask_kept(core: Core, actor: Actor, wish: TurnWish) -> Kept | None:
    """Ask what was kept here since the last answer, in its order. Returns the last of it, or None where nothing was."""
    return await core.write(_ask_kept, actor, wish, core.now())


def _keep(
    tx: sa.Connection, core: Core, actor: Actor, wish: TurnWish, files: Sequence[dict[str, Any]], now: datetime
) -> None:
    places.lock(tx, wish.place)
    reference = hashlib.sha256(f"kept:{wish.request_key}".encode()).hexdigest()[:32]
    if tx.execute(sa.select(messages.c.id).where(messages.c.reference == reference)).first() is not None:
        return
    person_id = person_of(tx, actor.platform, actor.identity, now)
    keep_question(tx, core, wish, files, person_id, now, reference=reference)


def _ask_kept(tx: sa.Connection, actor: Actor, wish: TurnWish, now: datetime) -> Kept | None:
    owner = places.owner_of(tx, actor, wish.place, now)
    person_id = person_of(tx, actor.platform, actor.identity, now)
    if (before := kept(tx, wish.request_key)) is not None:
        return before
    talk = places.current(tx, owner, wish.place, lock=True)
    waiting: list[Any] = []
    at = None if talk is None else talk.head_id
    while at is not None:
        unasked = ~sa.exists().where(turns.c.question_id == messages.c.id)
        found = tx.execute(sa.select(messages).where(messages.c.id == at, messages.c.role == "user", unasked))
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
