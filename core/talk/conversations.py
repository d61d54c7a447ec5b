"""Beginning, finding and keeping conversations. All of it is the person's own; a group has one, which is everybody's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.errors import NotFound
from core.people.people import person_of
from core.people.talk_privacy import delete_conversations
from core.rules.prices import Prices
from core.storage import tables as t
from core.storage.chat_tables import conversations, messages
from core.storage.talk_rows import ConversationRow, SealedTitle
from core.storage.talk_tables import models
from core.talk import branches, places, turns
from core.talk.contents import SUMMARISE, Said, new_reference, seal, seal_word, unseal_word
from core.talk.places import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.actors import Actor
    from core.service import Core

LONGEST_TITLE = 80
LONGEST_INSTRUCTIONS = 4_000
MOST_LISTED = 200
SUMMARY_TOKENS = 1_000
"""Tokens that a summary is reckoned with."""


@dataclass(frozen=True, slots=True)
class ConversationLine:
    """One conversation in a list."""

    id: int
    title: str = field(repr=False)
    model: str | None
    changed_at: datetime
    pinned: bool
    archived: bool
    here: bool
    messages: int


async def begin(core: Core, actor: Actor, place: Place, title: str | None = None) -> None:
    """Let a new conversation go on here; the one before it stays where it can be found.

    Doing it again before anything was said begins no second one.
    """
    await core.write(_begin, core, actor, place, title, core.now())


async def summary_price(core: Core, actor: Actor, place: Place, model: str) -> int:
    """Micro-credits that a summary of the present conversation may cost with this model. Raises: NotFound."""
    return await core.read(_summary_price, core, actor, place, model)


async def begin_from(core: Core, actor: Actor, wish: turns.TurnWish) -> turns.Kept:
    """Begin a conversation with a summary of the one that goes on here. Raises: NotFound where nothing was answered."""
    return await core.write(_begin_from, core, actor, wish, core.now())


async def chat_list(
    core: Core, actor: Actor, place: Place, words: str | None = None, *, archived: bool = False
) -> list[ConversationLine]:
    """The person's conversations, pinned ones first, then the newest; `words` are looked for in their titles.

    Archived ones are found by words, or asked for alone; those in which nothing was said, and that have no title, are not shown.
    """
    return await core.read(_list, core, actor, place, words, archived)


async def archived_count(core: Core, actor: Actor) -> int:
    """How many of the person's conversations are archived."""
    return await core.read(_archived_count, actor)


async def chat_page(core: Core, actor: Actor, place: Place, number: int) -> ConversationLine:
    """One of the person's conversations. Raises: NotFound."""
    return await core.read(_page, core, actor, place, number)


async def number_here(core: Core, actor: Actor, place: Place) -> int | None:
    """The number of the conversation that goes on here, if one does."""
    talk = await core.read(here, actor, place)
    return None if talk is None else int(talk.id)


async def open_chat(core: Core, actor: Actor, place: Place, number: int) -> None:
    """Let one of the person's conversations go on here. Raises: NotFound."""
    await core.write(_open, actor, place, number, core.now())


async def rename(core: Core, actor: Actor, number: int, title: str) -> None:
    """Raises: NotFound."""
    await core.write(_rename, core, actor, number, title, core.now())


async def pin(core: Core, actor: Actor, number: int, on: bool) -> None:
    """Let a conversation stand first, or in its place again. Raises: NotFound."""
    await core.write(_put, actor, number, core.now(), pinned=on)


async def archive(core: Core, actor: Actor, number: int, on: bool) -> None:
    """Take a conversation out of the list, or back into it. Raises: NotFound."""
    now = core.now()
    await core.write(_put, actor, number, now, archived_at=now if on else None, is_current=False)


async def delete(core: Core, actor: Actor, number: int) -> None:
    """Delete a conversation with all that was said in it, and every share of it. Raises: NotFound."""
    await core.write(_delete, actor, number, core.now())
    core.answers_ended.ring()


async def instructions(core: Core, actor: Actor, place: Place) -> str:
    """What the conversation here begins with; empty for nothing."""
    return await core.read(_instructions, core, actor, place)


async def instruct(core: Core, actor: Actor, place: Place, text: str | None) -> None:
    """Let the conversation here begin with this; None for nothing."""
    await core.write(_instruct, core, actor, place, text, core.now())


async def go_back(core: Core, actor: Actor, place: Place, answer_id: int) -> None:
    """Let the conversation go on behind this answer, and open it here. Raises: NotFound."""
    await core.write(_go_back, actor, place, answer_id, core.now())


def seal_title(core: Core, reference: str, title: str) -> bytes:
    """The ciphertext of a title."""
    return seal_word(core.vault, "conversations", reference, "title", title[:LONGEST_TITLE])


def title_of(core: Core, talk: SealedTitle) -> str:
    """The title of a row of `conversations`."""
    return unseal_word(core.vault, "conversations", talk.reference, "title", talk.title)


def mine(tx: sa.Connection, actor: Actor, number: int) -> ConversationRow:
    """One of the person's conversations, locked. Raises: NotFound."""
    theirs = sa.and_(conversations.c.id == number, conversations.c.person_id == _person(actor))
    row = tx.execute(sa.select(conversations).where(theirs).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(kind="conversation", name=str(number))
    return row


def _person(actor: Actor) -> sa.ScalarSelect[Any]:
    who = sa.and_(t.identities.c.platform == actor.platform, t.identities.c.identity == actor.identity)
    return sa.select(t.identities.c.person_id).where(who).scalar_subquery()


def here(tx: sa.Connection, actor: Actor, place: Place) -> ConversationRow | None:
    """The conversation that goes on here, or None; nobody is made known by asking."""
    if not place.private:
        return places.current(tx, 0, place)
    person_id = tx.execute(sa.select(_person(actor))).scalar_one()
    return None if person_id is None else places.current(tx, person_id, place)


def _begin(
    tx: sa.Connection, core: Core, actor: Actor, place: Place, title: str | None, now: datetime
) -> ConversationRow:
    owner = places.owner_of(tx, actor, place, now)
    talk = places.current(tx, owner, place, lock=True)
    reference = new_reference()
    named = {} if title is None else {"title": seal_title(core, reference, title)}
    if talk is not None and talk.head_id is None and title is None:
        return talk
    return places.begin(tx, owner, place, now, reference=reference, **named)


def _summary_price(tx: sa.Connection, core: Core, actor: Actor, place: Place, model: str) -> int:
    talk = here(tx, actor, place)
    if talk is None or talk.head_id is None:
        raise NotFound(kind="question", name="")
    row = tx.execute(sa.select(models).where(models.c.name == model)).one()
    read = branches.answered(branches.branch(tx, talk.head_id))
    if not any(one.role == "assistant" for one in read):
        raise NotFound(kind="summary", name="")
    size = sum(one.size for one in read if one.role == "assistant" or one is not read[-1])
    prices = Prices(row.price_input, row.price_cached, row.price_output, row.price_call, row.price_image)
    return prices.cost(min(row.context, round(size / core.settings.money.claim_bytes_per_token)), SUMMARY_TOKENS)


def _begin_from(tx: sa.Connection, core: Core, actor: Actor, wish: turns.TurnWish, now: datetime) -> turns.Kept:
    places.lock(tx, wish.place)
    if (kept := turns.kept(tx, wish.request_key)) is not None:
        return kept
    person_id = person_of(tx, actor.platform, actor.identity, now)
    owner = person_id if wish.place.private else 0
    before = places.current(tx, owner, wish.place, lock=True)
    if before is None or before.head_id is None:
        raise NotFound(kind="question", name="")
    if not any(one.role == "assistant" for one in branches.branch(tx, before.head_id)):
        raise NotFound(kind="summary", name="")  # a model would be paid for making one up
    reference = new_reference()
    named = {"title": seal_title(core, reference, title_of(core, before)), "model": before.model}
    talk = places.begin(tx, owner, wish.place, now, reference=reference, **named)
    name = new_reference()
    question_id = tx.execute(
        sa.insert(messages)
        .values(
            reference=name,
            conversation_id=talk.id,
            role="user",
            state="complete",
            person_id=person_id,
            content=seal(core.vault, name, Said(SUMMARISE)),
            size=len(SUMMARISE),
            made_at=now,
        )
        .returning(messages.c.id)
    ).scalar_one()
    tx.execute(sa.update(conversations).where(conversations.c.id == talk.id).values(head_id=question_id))
    below = turns.AnswerPlace(talk.id, question_id, before.head_id)
    return turns.keep_turn(tx, actor, wish, below, person_id, now)


def _lines(
    tx: sa.Connection, core: Core, actor: Actor, place: Place, *which: sa.ColumnElement[bool]
) -> list[ConversationLine]:
    said = sa.select(sa.func.count()).where(messages.c.conversation_id == conversations.c.id).scalar_subquery()
    rows: Sequence[Any] = tx.execute(
        sa.select(conversations, said.label("said"))
        .where(conversations.c.person_id == _person(actor), *which)
        .order_by(conversations.c.pinned.desc(), conversations.c.changed_at.desc(), conversations.c.id.desc())
    ).all()
    now_here = here(tx, actor, place)
    return [
        ConversationLine(
            id=row.id,
            title=title_of(core, row),
            model=row.model,
            changed_at=row.changed_at,
            pinned=row.pinned,
            archived=row.archived_at is not None,
            here=now_here is not None and now_here.id == row.id,
            messages=row.said,
        )
        for row in rows
    ]


def _archived_count(tx: sa.Connection, actor: Actor) -> int:
    away = sa.and_(conversations.c.person_id == _person(actor), conversations.c.archived_at.is_not(None))
    return int(tx.execute(sa.select(sa.func.count()).select_from(conversations).where(away)).scalar_one())


def _list(
    tx: sa.Connection, core: Core, actor: Actor, place: Place, words: str | None, archived: bool
) -> list[ConversationLine]:
    if archived:
        return _lines(tx, core, actor, place, conversations.c.archived_at.is_not(None))[:MOST_LISTED]
    if words is None:
        found = _lines(tx, core, actor, place, conversations.c.archived_at.is_(None))
        return [one for one in found if one.messages or one.title or one.here][:MOST_LISTED]
    wanted = words.casefold()
    return [one for one in _lines(tx, core, actor, place) if wanted in one.title.casefold()][:MOST_LISTED]


def _page(tx: sa.Connection, core: Core, actor: Actor, place: Place, number: int) -> ConversationLine:
    found = _lines(tx, core, actor, place, conversations.c.id == number)
    if not found:
        raise NotFound(kind="conversation", name=str(number))
    return found[0]


def _open(tx: sa.Connection, actor: Actor, place: Place, number: int, now: datetime) -> None:
    places.lock(tx, place)
    row = mine(tx, actor, number)
    places.open_here(tx, row.id, row.person_id, place, now)


def _rename(tx: sa.Connection, core: Core, actor: Actor, number: int, title: str, now: datetime) -> None:
    row = mine(tx, actor, number)
    values = {"title": seal_title(core, row.reference, title), "changed_at": now}
    tx.execute(sa.update(conversations).where(conversations.c.id == row.id).values(**values))


def _put(tx: sa.Connection, /, actor: Actor, number: int, now: datetime, **values: Any) -> None:
    row = mine(tx, actor, number)
    tx.execute(sa.update(conversations).where(conversations.c.id == row.id).values(changed_at=now, **values))


def _delete(tx: sa.Connection, actor: Actor, number: int, now: datetime) -> None:  # noqa: ARG001 - as the others
    delete_conversations(tx, [mine(tx, actor, number).id])


def _instructions(tx: sa.Connection, core: Core, actor: Actor, place: Place) -> str:
    talk = here(tx, actor, place)
    if talk is None:
        return ""
    return unseal_word(core.vault, "conversations", talk.reference, "instructions", talk.instructions)


def _instruct(tx: sa.Connection, core: Core, actor: Actor, place: Place, text: str | None, now: datetime) -> None:
    owner = places.owner_of(tx, actor, place, now)
    talk = places.current(tx, owner, place, lock=True) or places.begin(tx, owner, place, now)
    sealed = None
    if text:
        kept = text[:LONGEST_INSTRUCTIONS]
        sealed = seal_word(core.vault, "conversations", talk.reference, "instructions", kept)
    tx.execute(sa.update(conversations).where(conversations.c.id == talk.id).values(instructions=sealed))


def _go_back(tx: sa.Connection, actor: Actor, place: Place, answer_id: int, now: datetime) -> None:
    places.lock(tx, place)
    found = tx.execute(sa.select(messages.c.conversation_id).where(messages.c.id == answer_id)).scalar_one_or_none()
    if not place.private:
        talk = places.current(tx, 0, place, lock=True)
        if talk is None or talk.id != found:
            raise NotFound(kind="answer", name="")
    else:
        talk = mine(tx, actor, found or 0)
        if not talk.is_current or talk.place != place.chat:
            places.open_here(tx, talk.id, talk.person_id, place, now)
    tx.execute(sa.update(conversations).where(conversations.c.id == talk.id).values(head_id=answer_id, changed_at=now))
