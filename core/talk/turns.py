"""A question and the answer in the making, as a row: whoever claims it answers it, whatever became of who asked before.

Keeping a question ends the handling of a chat's message, so that `/stop` and all that follows is heard meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import outbox
from core.errors import NotFound
from core.people.people import person_of
from core.rules.empty_text import says_nothing
from core.sources.models import open_model
from core.storage import row_claims
from core.storage.chat_tables import UNFINISHED, attachments, conversations, messages, turns
from core.storage.talk_rows import MessageRow, TurnRow
from core.talk import attached, branches, places, rewording, sponsors
from core.talk.contents import Said, new_reference, seal, seal_word, shortened
from core.talk.places import Place
from core.talk_errors import NothingAsked

if TYPE_CHECKING:
    from core.actors import Actor
    from core.service import Core

ANSWER = "answer"
"""The template of the notice that brings an answer; it holds the number of the turn and nothing else."""
GRACE = timedelta(seconds=15)
"""How long a settled answer is left to the process that painted it; what a killed one delays it by."""
TITLE_FROM = 60
"""Characters of the first question that a conversation without a title is called by."""
AGAIN_AFTER = timedelta(seconds=1)
"""How long a turn steps back while its person has as many answers under way as they may."""


@dataclass(frozen=True, slots=True)
class TurnWish:
    """What somebody asks, and where the answer is to go.

    `reply_to` and `message` are messages of the place, as its platform calls them: the one that is replied to, and the
    one that asks.
    """

    request_key: str
    place: Place
    language: str
    text: str = field(default="", repr=False)
    speaker: str | None = None
    reply_to: str = ""
    message: str = ""
    model: str | None = None
    payer: str | None = None
    attached: Sequence[attached.AttachedContent] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """A question that is kept. `before` is how many of the same conversation are answered first."""

    turn_id: int
    before: int
    repeated: bool = False


async def ask(core: Core, actor: Actor, wish: TurnWish) -> Kept:
    """Keep a question. The same request key finds the first one. Raises: NothingAsked."""
    if says_nothing(wish.text) and not wish.attached:
        raise NothingAsked
    files = (
        await asyncio.to_thread(attached.sealed, core.vault, wish.request_key, wish.attached) if wish.attached else ()
    )
    return await core.write(_ask, core, actor, wish, files, core.now())


async def again(core: Core, actor: Actor, wish: TurnWish, *, answer_id: int | None = None) -> Kept:
    """Ask the question of an answer (else of the last one) once more, by another model if the wish names one.

    In the place of an answer, another wording of a question may be named: then that is asked, and goes on from there.

    Raises: NotFound where nothing was asked yet, or there is no such model.
    """
    return await core.write(_again, actor, wish, answer_id, core.now())


async def go_on(core: Core, actor: Actor, wish: TurnWish, *, answer_id: int | None = None) -> Kept:
    """Let an answer (else the last one) be continued where it broke off. Raises: NotFound where there is none."""
    return await core.write(_go_on, actor, wish, answer_id, core.now())


async def stop(core: Core, actor: Actor, place: Place) -> int:
    """End the answers under way here, and forget the questions that wait. Returns how many there were."""
    count = await core.write(_stop, actor, place, core.now())
    core.answers_ended.ring()
    return count


def _ask(
    tx: sa.Connection, core: Core, actor: Actor, wish: TurnWish, files: Sequence[dict[str, Any]], now: datetime
) -> Kept:
    places.lock(tx, wish.place)
    if (found := kept(tx, wish.request_key)) is not None:
        return found
    person_id = person_of(tx, actor.platform, actor.identity, now)
    talk, question_id = keep_question(tx, core, wish, files, person_id, now)
    return keep_turn(tx, actor, wish, AnswerPlace(talk.id, question_id), person_id, now)


def keep_question(
    tx: sa.Connection,
    core: Core,
    wish: TurnWish,
    files: Sequence[dict[str, Any]],
    person_id: int,
    now: datetime,
    *,
    reference: str | None = None,
) -> tuple[Any, int]:
    """Write down what somebody asks, below what was said before. Returns the conversation, and the question's number."""
    talk, parent_id = _where(tx, person_id if wish.place.private else 0, wish, now)
    reference = reference or new_reference()
    question_id = tx.execute(
        sa.insert(messages)
        .values(
            reference=reference,
            conversation_id=talk.id,
            parent_id=parent_id,
            role="user",
            state="complete",
            person_id=person_id,
            content=seal(core.vault, reference, Said(wish.text, wish.speaker)),
            size=len(wish.text.encode("utf-8", "surrogatepass")) + attached.size_of(wish.attached),
            images=sum(one.kind == "image" for one in wish.attached),
            made_at=now,
        )
        .returning(messages.c.id)
    ).scalar_one()
    if files:
        tx.execute(sa.insert(attachments), [{**one, "message_id": question_id} for one in files])
    if wish.message:
        places.note_place(tx, wish.place.platform, wish.place.channel, wish.message, question_id)
    head: dict[str, Any] = {"head_id": question_id, "changed_at": now}
    if talk.title is None:
        named = wish.text or ", ".join(one.name for one in wish.attached)
        title = shortened(" ".join(named.split()), TITLE_FROM)
        head["title"] = seal_word(core.vault, "conversations", talk.reference, "title", title)
    tx.execute(sa.update(conversations).where(conversations.c.id == talk.id).values(**head))
    return talk, int(question_id)


def _where(tx: sa.Connection, owner: int, wish: TurnWish, now: datetime) -> tuple[Any, int | None]:
    """The conversation of a question, and the message that it stands below."""
    talk = places.current(tx, owner, wish.place, lock=True)
    said = places.said_there(tx, wish.place, wish.reply_to) if wish.reply_to else None
    of = sa.select(conversations).where(conversations.c.id == (0 if said is None else said.conversation_id))
    found = None if said is None else tx.execute(of.with_for_update()).one_or_none()
    if said is not None and found is not None:
        if found.person_id != owner:
            return places.begin(tx, owner, wish.place, now), None  # somebody else's: nothing of it is read
        if talk is None or talk.id != found.id:
            places.open_here(tx, found.id, owner, wish.place, now)
        below = said.id if said.role == "assistant" else branches.newest_answer(tx, said.id) or said.id
        return found, below
    if talk is None:
        talk = places.begin(tx, owner, wish.place, now)
    return talk, talk.head_id


@dataclass(frozen=True, slots=True)
class AnswerPlace:
    """Where an answer will stand: below the message `question_id`; the branch that ends in `from_id` is read first."""

    conversation_id: int
    question_id: int
    from_id: int | None = None


def keep_turn(
    tx: sa.Connection,
    actor: Actor,
    wish: TurnWish,
    place: AnswerPlace,
    person_id: int,
    now: datetime,
) -> Kept:
    """Keep what is to be answered. Raises: NotFound where the wish names no model that can be asked."""
    model = None if wish.model is None else open_model(tx, wish.model).name
    waiting = sa.and_(turns.c.conversation_id == place.conversation_id, turns.c.state.in_(UNFINISHED))
    before = tx.execute(sa.select(sa.func.count()).select_from(turns).where(waiting)).scalar_one()
    turn_id = tx.execute(
        sa.insert(turns)
        .values(
            request_key=wish.request_key,
            conversation_id=place.conversation_id,
            question_id=place.question_id,
            from_id=place.from_id,
            person_id=person_id,
            platform=actor.platform,
            identity=actor.identity,
            payer=wish.payer or sponsors.payer_of(tx, wish.place),
            place=wish.place.chat,
            recipient=wish.place.recipient,
            language=wish.language,
            model=model,
            state="waiting",
            due_at=now,
            made_at=now,
        )
        .returning(turns.c.id)
    ).scalar_one()
    return Kept(int(turn_id), int(before))


def kept(tx: sa.Connection, request_key: str) -> Kept | None:
    """What this request key has asked before, if it did."""
    found = tx.execute(sa.select(turns.c.id).where(turns.c.request_key == request_key)).scalar_one_or_none()
    return None if found is None else Kept(int(found), 0, repeated=True)


def _again(tx: sa.Connection, actor: Actor, wish: TurnWish, answer_id: int | None, now: datetime) -> Kept:
    places.lock(tx, wish.place)
    if (found := kept(tx, wish.request_key)) is not None:
        return found
    talk, person_id, head = _standing(tx, actor, wish.place, answer_id, now)
    if head is not None and answer_id is not None and head.role == "user":
        rewording.ask_that(tx, talk.id, head.id, now)
    while head is not None and head.role == "assistant":
        head = _message(tx, head.parent_id)
    if head is None:
        raise NotFound(kind="question", name="")
    return keep_turn(tx, actor, wish, AnswerPlace(talk.id, head.id, branches.read_first(tx, head.id)), person_id, now)


def _go_on(tx: sa.Connection, actor: Actor, wish: TurnWish, answer_id: int | None, now: datetime) -> Kept:
    places.lock(tx, wish.place)
    if (found := kept(tx, wish.request_key)) is not None:
        return found
    talk, person_id, head = _standing(tx, actor, wish.place, answer_id, now)
    if head is None or head.role != "assistant":
        raise NotFound(kind="answer", name="")
    return keep_turn(tx, actor, wish, AnswerPlace(talk.id, head.id), person_id, now)


def _standing(
    tx: sa.Connection, actor: Actor, place: Place, message_id: int | None, now: datetime
) -> tuple[Any, int, Any]:
    """The conversation, who asks, and the message that is meant: one of theirs, or the head. Raises: NotFound."""
    person_id = person_of(tx, actor.platform, actor.identity, now)
    owner = person_id if place.private else 0
    talk = places.current(tx, owner, place, lock=True)
    if message_id is None:
        if talk is None or talk.head_id is None:
            raise NotFound(kind="question", name="")
        return talk, person_id, _message(tx, talk.head_id)
    found = _message(tx, message_id)
    of = sa.select(conversations).where(conversations.c.id == (0 if found is None else found.conversation_id))
    theirs = tx.execute(of.with_for_update()).one_or_none()
    if theirs is None or theirs.person_id != owner or (not owner and theirs.place != place.chat):
        raise NotFound(kind="answer", name="")
    if talk is None or talk.id != theirs.id:
        places.open_here(tx, theirs.id, owner, place, now)
    return theirs, person_id, found


def _message(tx: sa.Connection, message_id: int | None) -> MessageRow | None:
    return tx.execute(sa.select(messages).where(messages.c.id == message_id)).one_or_none()


def _stop(tx: sa.Connection, actor: Actor, place: Place, now: datetime) -> int:
    here = sa.and_(turns.c.platform == place.platform, turns.c.place == place.chat)
    if place.private:
        here = sa.and_(here, turns.c.identity == actor.identity)
    waits = turns.c.state == "waiting"
    ended = {"state": "failed", "reason": "stopped", "ended_at": now, "claim": None}
    # In one statement: a turn that steps back, or is claimed, in this very moment is met in either state.
    to_be_stopped = sa.or_(waits, sa.and_(turns.c.state == "answering", turns.c.stop_wanted_at.is_(None)))
    values = {
        name: sa.case((waits, sa.literal(value, turns.c[name].type)), else_=turns.c[name])
        for name, value in ended.items()
    }
    return tx.execute(sa.update(turns).where(here, to_be_stopped).values(**values, stop_wanted_at=now)).rowcount


def is_due(tx: sa.Connection, platforms: Collection[str], now: datetime) -> bool:
    """Is there anything that `claim` might claim? Asked all the time, and mostly answered with no."""
    due = sa.and_(turns.c.state.in_(UNFINISHED), turns.c.due_at <= now, turns.c.platform.in_(list(platforms)))
    return tx.execute(sa.select(turns.c.id).where(due).limit(1)).first() is not None


def claim(
    tx: sa.Connection,
    core: Core,
    platforms: Collection[str],
    token: str,
    now: datetime,
    *,
    most: int,
    turn_id: int | None = None,
) -> Sequence[Any]:
    """Claim turns whose turn it is: of one conversation one at a time, in the order of asking.

    With `turn_id`, only that one and what is answered before it.
    """
    other = turns.alias("other")
    beside = sa.exists().where(
        other.c.conversation_id == turns.c.conversation_id,
        other.c.id != turns.c.id,
        sa.or_(other.c.state == "answering", sa.and_(other.c.state == "waiting", other.c.id < turns.c.id)),
    )
    due = [
        turns.c.state.in_(UNFINISHED),
        turns.c.due_at <= now,
        turns.c.platform.in_(list(platforms)),
        sa.or_(turns.c.state == "answering", ~beside),
    ]
    if turn_id is not None:
        # With those before it: where nobody else answers them, it would wait for ever.
        of = sa.select(turns.c.conversation_id).where(turns.c.id == turn_id).scalar_subquery()
        due += [turns.c.conversation_id == of, turns.c.id <= turn_id]
    until = now + timedelta(seconds=core.settings.talk.claim)
    values = {"state": "answering", "tries": turns.c.tries + 1}
    order = [turns.c.due_at, turns.c.id]
    return row_claims.claim_due(tx, turns, *due, until=until, order_by=order, most=most, claim=token, **values)


def renew(tx: sa.Connection, core: Core, token: str, running: Collection[int], now: datetime) -> None:
    """Keep the claims of what is being answered here."""
    until = now + timedelta(seconds=core.settings.talk.claim)
    mine = (turns.c.id.in_(list(running)), turns.c.claim == token, turns.c.state == "answering")
    tx.execute(sa.update(turns).where(*mine).values(due_at=until))


def to_be_stopped(tx: sa.Connection, running: Collection[int]) -> list[int]:
    """Which of these somebody wants to end, or has deleted with their conversation."""
    goes_on = sa.and_(turns.c.id.in_(list(running)), turns.c.stop_wanted_at.is_(None))
    return sorted({*running} - {*tx.execute(sa.select(turns.c.id).where(goes_on)).scalars()})


def hand_over(tx: sa.Connection, token: str, now: datetime) -> int:
    """Let others have at once what this process leaves behind."""
    mine = sa.and_(turns.c.claim == token, turns.c.state == "answering")
    return tx.execute(sa.update(turns).where(mine).values(due_at=now)).rowcount


def step_back(tx: sa.Connection, turn: TurnRow, token: str, now: datetime) -> bool:
    """Not yet: the person has as many answers under way as they may. False if the claim is lost."""
    mine = sa.and_(turns.c.id == turn.id, turns.c.claim == token, turns.c.state == "answering")
    later = {"state": "waiting", "claim": None, "due_at": now + AGAIN_AFTER}
    return tx.execute(sa.update(turns).where(mine).values(**later)).rowcount == 1


def end(tx: sa.Connection, /, turn: TurnRow, token: str, state: str, now: datetime, **values: Any) -> bool:
    """Write down how a turn ended, and queue the message that tells of it. False if the claim is lost."""
    mine = sa.and_(turns.c.id == turn.id, turns.c.claim == token, turns.c.state == "answering")
    ended = {"state": state, "ended_at": now, "claim": None, **values}
    painted = tx.execute(sa.update(turns).where(mine).values(**ended).returning(turns.c.shown)).one_or_none()
    if painted is None:
        return False
    if turn.platform in outbox.CHATS:
        outbox.put(
            tx,
            turn.platform,
            turn.recipient,
            outbox.Notice(
                ANSWER, {"turn": turn.id}, language=turn.language, dedupe=notice_of(turn.id), due_at=now + GRACE
            ),
            now,
            edits=painted.shown,
        )
    return True


def notice_of(turn_id: int) -> str:
    """The name of the notice that brings a turn's answer."""
    return f"answer:{turn_id}"


def note_painted(tx: sa.Connection, turn_id: int, shown: str) -> None:
    """The answer is being painted into this message, as the outbox refers to it: whoever goes on with the turn paints
    there as well, and the whole answer takes its place.
    """
    tx.execute(sa.update(turns).where(turns.c.id == turn_id).values(shown=shown))


def is_over(tx: sa.Connection, turn_id: int) -> bool:
    """Has it its answer, or a reason why there is none? True of one that is not there any more."""
    state = tx.execute(sa.select(turns.c.state).where(turns.c.id == turn_id)).scalar_one_or_none()
    return state not in UNFINISHED


def unseen(tx: sa.Connection, platform: str, identity: str) -> list[int]:
    """Answers that nobody has shown yet, where the asker has to come for them."""
    theirs = sa.and_(turns.c.platform == platform, turns.c.identity == identity, turns.c.shown.is_(None))
    return list(tx.execute(sa.select(turns.c.id).where(theirs).order_by(turns.c.id)).scalars())
