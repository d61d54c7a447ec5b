"""A question that its asker has written otherwise in the meantime: kept beside the first wording, until it is asked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.people.people import person_of
from core.storage.chat_tables import conversations, messages, turns
from core.talk import attached, branches, places
from core.talk.contents import Said, new_reference, seal, unseal
from core.talk.places import Place

if TYPE_CHECKING:
    from core.actors import Actor
    from core.service import Core


async def reword(core: Core, actor: Actor, place: Place, shown: str, text: str, speaker: str | None) -> int | None:
    """Keep other words for the question in the message `shown`. Returns what `turns.again` asks them by.

    None where it is not the asker's last question here, or says the same as before. However often the message is
    changed, its newest wording is the one that is asked.
    """
    return await core.write(_reword, core, actor, place, shown, Said(text, speaker), core.now())


def _reword(
    tx: sa.Connection, core: Core, actor: Actor, place: Place, shown: str, said: Said, now: datetime
) -> int | None:
    owner = places.owner_of(tx, actor, place, now)
    person_id = person_of(tx, actor.platform, actor.identity, now)
    talk = places.current(tx, owner, place, lock=True)
    first = places.said_there(tx, place, shown)
    if talk is None or first is None or first.conversation_id != talk.id or first.person_id != person_id:
        return None
    last = next((one for one in reversed(branches.branch(tx, talk.head_id)) if one.role == "user"), None)
    beside = (first.conversation_id, first.parent_id, person_id)
    if last is None or (last.conversation_id, last.parent_id, last.person_id) != beside:
        return None
    if unseal(core.vault, last).text == said.text:
        return None
    # What came with the first wording comes with every other one.
    before = len(unseal(core.vault, first).text.encode("utf-8", "surrogatepass"))
    size = first.size - before + len(said.text.encode("utf-8", "surrogatepass"))
    unasked = sa.and_(
        messages.c.conversation_id == talk.id,
        messages.c.parent_id.is_not_distinct_from(first.parent_id),
        messages.c.role == "user",
        messages.c.person_id == person_id,
        ~sa.exists().where(turns.c.question_id == messages.c.id),
    )
    kept = tx.execute(sa.select(messages).where(unasked).order_by(messages.c.id.desc()).limit(1)).one_or_none()
    if kept is not None:
        content = seal(core.vault, kept.reference, said)
        tx.execute(sa.update(messages).where(messages.c.id == kept.id).values(content=content, size=size))
        return int(kept.id)
    reference = new_reference()
    row = {
        "reference": reference,
        "conversation_id": talk.id,
        "parent_id": first.parent_id,
        "role": "user",
        "state": "complete",
        "person_id": person_id,
        "content": seal(core.vault, reference, said),
        "size": size,
        "images": first.images,
        "made_at": now,
    }
    number = int(tx.execute(sa.insert(messages).values(**row).returning(messages.c.id)).scalar_one())
    attached.copy_to(tx, core.vault, first.id, number)
    return number


def ask_that(tx: sa.Connection, conversation_id: int, question_id: int, now: datetime) -> None:
    """Let the conversation go on at another wording of its question; one that was asked before stays where it is."""
    asked = sa.exists().where(turns.c.question_id == question_id)
    talk = conversations.c.id == conversation_id
    tx.execute(sa.update(conversations).where(talk, ~asked).values(head_id=question_id, changed_at=now))
