"""Answering a turn: the branch as a question to a model, and its answer as a message, committed with what it cost.

A killed process leaves the turn to another one. What had been shown by then is kept as interrupted; a turn that had
shown nothing begins anew, once. One that was left in good order costs nothing and begins anew as often as that happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.calls import calls as asking
from core.calls.orders import Also, Answer, CallOrder, Listener
from core.credit import plans
from core.credit.grants import read_identity
from core.errors import RequestKeyReused
from core.people.people import recognise
from core.people.talk_privacy import NOBODY
from core.rules import windows
from core.sources.models import talks
from core.storage import tables as t
from core.storage.chat_tables import conversations, messages, turns
from core.storage.names import name_key
from core.storage.talk_rows import AttachmentRow, ConversationRow, MessageRow, TurnRow
from core.storage.talk_tables import models
from core.talk import attached, branches, hearing, places
from core.talk import turns as turning
from core.talk.contents import Said, new_reference, seal, unseal, unseal_word
from core.talk_errors import SponsorGone, TooManyAtOnce

if TYPE_CHECKING:
    from core.actors import Actor
    from core.service import Core

BEGUN_ANEW = 2
"""Calls of one turn: the first, and one more where a killed process had shown nothing; those left in good order beside."""
LEFT = "stopped_leaving"
"""Why a call has ended whose process was asked to stop."""
STATES = {"whole": "complete", "stopped": "stopped"}
"""How an answer is kept, by how its call ended; else it is interrupted."""
CONTINUE = "Your last answer broke off. Continue exactly where it ends, without repeating anything."
SEVERAL = "Several people talk with you here. Each of their messages begins with the name of who wrote it."


@dataclass(frozen=True, slots=True)
class PreparedTurn:
    """A turn as a question: `left_out` messages did not fit into the model's context, and `history` of those before the
    last could be done without.
    """

    model: str | None
    messages: list[dict[str, Any]]
    left_out: int
    history: int


async def answer(core: Core, turn: TurnRow, token: str, listener: Listener) -> bool:
    """Answer a claimed turn to its end. Returns whether it is over; else it waits for another try."""
    actor = await recognise(core, turn.platform, turn.identity)
    payer = actor if turn.payer in {None, NOBODY} else read_identity(turn.payer)
    unheard = await hearing.write_down(core, turn, token, actor, payer, listener)
    if unheard is not None:
        return unheard
    begun = 0
    for number in count(1):
        key = f"turn:{turn.request_key}:{number}"
        found = await asking.earlier(core, key)
        if found is None and (not turn.person_id or turn.payer == NOBODY):
            # Whoever asked, or pays, is forgotten: nobody asks, and nobody is made known again.
            reason = SponsorGone.key if turn.person_id else "stopped"
            return await core.write(turning.end, turn, token, "failed", core.now(), reason=reason)
        if found is None:
            prepared = await _prepared(core, turn, payer)
            if prepared is None:
                return True
            sponsored = turn.payer is not None
            order = CallOrder(
                key,
                prepared.messages,
                "chat",
                prepared.model,
                turn_id=turn.id,
                sponsored=sponsored,
                history=prepared.history,
            )

            def also(tx: sa.Connection, settled: Answer, left_out: int = prepared.left_out) -> None:
                _ = _settle(tx, core, turn, token, _Outcome(settled, left_out, listener.stopped), core.now())

            found = await _asked(core, actor, order, payer, listener, also)
        begun += found.reason != LEFT
        if found.repeated and _began_nothing(found) and begun < BEGUN_ANEW and not listener.stopped:
            continue
        if found.state not in {"settled", "refused"}:
            await core.write(turning.step_back, turn, token, core.now())
            return False
        if found.reason == TooManyAtOnce.key and found.call_id is None:
            if not listener.stopped:
                await core.write(turning.step_back, turn, token, core.now())
                return False
            found = replace(found, reason="stopped")
        outcome = _Outcome(found, 0, listener.stopped)
        return await core.write(_settle, core, turn, token, outcome, core.now())
    raise AssertionError("a turn has a last call")


def _began_nothing(found: Answer) -> bool:
    """Did its process end before it had shown anything? A failure that its own process saw has ended the turn."""
    return (found.finish in {"failed", "left_early", "killed"} or found.reason == LEFT) and not found.text


async def _asked(core: Core, actor: Actor, order: CallOrder, payer: Actor, listener: Listener, also: Also) -> Answer:
    try:
        return await asking.ask(core, actor, order, payer=payer, listener=listener, also=also)
    except RequestKeyReused:
        # What is asked has changed since a killed process asked it: what became of that counts.
        found = await asking.earlier(core, order.request_key)
        assert found is not None, "the key was used"  # noqa: S101
        return found


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of a turn: how its call stands, how many messages were left out, whether the person has ended it."""

    found: Answer
    left_out: int
    stopped: bool


def _settle(tx: sa.Connection, core: Core, turn: TurnRow, token: str, outcome: _Outcome, now: datetime) -> bool:
    """Write down what came of a turn: the answer as a message, or why there is none. Nothing if the claim is lost.

    Returns whether it is over: a process that is being stopped before the first word leaves it to the next one.
    """
    found, left_out = outcome.found, outcome.left_out
    text = found.text or ""
    if not text:
        left = found.reason == LEFT or (found.finish in {"left_early", "left"} and found.reason is None)
        if left and not outcome.stopped and not found.repeated:
            return False
        reason = found.reason or ("stopped" if found.finish == "stopped" else "empty_answer")
        reason = "stopped" if left else reason
        facts = dict(found.facts) if found.reason else {}
        facts |= {"charged": found.charged} if found.charged else {}
        _ = turning.end(tx, turn, token, "failed", now, reason=reason, facts=facts, call_id=found.call_id)
        return True
    told = {"estimated": found.estimated, "charged": found.charged, "shortened": found.shortened, "left_out": left_out}
    cut = {"cut": True} if found.ended_by == "length" else {}
    facts = {name: value for name, value in told.items() if value} | cut
    if not turning.end(tx, turn, token, "done", now, reason=found.reason, facts=facts, call_id=found.call_id):
        return True
    reference = new_reference()
    parent = tx.execute(sa.select(messages).where(messages.c.id == turn.question_id)).one_or_none()
    if parent is None:
        return True  # deleted meanwhile, with its conversation
    answer_id = tx.execute(
        sa.insert(messages)
        .values(
            reference=reference,
            conversation_id=parent.conversation_id,
            parent_id=parent.id,
            role="assistant",
            state=STATES.get(found.finish or "", "interrupted"),
            content=seal(core.vault, reference, Said(text)),
            size=len(text.encode("utf-8", "surrogatepass")),
            model=found.model,
            call_id=found.call_id,
            version=len(branches.versions(tx, parent.id)) + 1,
            made_at=now,
        )
        .returning(messages.c.id)
    ).scalar_one()
    tx.execute(sa.update(turns).where(turns.c.id == turn.id).values(answer_id=answer_id))
    siblings = sa.select(messages.c.id).where(messages.c.parent_id == parent.id, messages.c.id != answer_id)
    talk = sa.and_(
        conversations.c.id == parent.conversation_id,
        sa.or_(conversations.c.head_id == parent.id, conversations.c.head_id.in_(siblings)),
    )
    tx.execute(sa.update(conversations).where(talk).values(head_id=answer_id, changed_at=now))
    if left_out:
        which = conversations.c.id == parent.conversation_id
        tx.execute(sa.update(conversations).where(which).values(left_out_told=True))
    return True


@dataclass(frozen=True, slots=True)
class _Read:
    """What is known of a turn before it is written out: rows, still sealed. `sees`: the model takes pictures."""

    talk: ConversationRow
    rows: Sequence[MessageRow]
    files: Mapping[int, Sequence[AttachmentRow]]
    left_out: int
    instructions: str
    sees: bool


async def _prepared(core: Core, turn: TurnRow, payer: Actor) -> PreparedTurn | None:
    """The question of a turn as it is sent: instructions, what fits of the branch, and what is asked.

    None where it was deleted meanwhile, with its conversation.
    """
    read = await core.write(_read, core, turn, payer, core.now())
    if read is None:
        return None
    if not read.files:
        return _written(core, turn, read)
    return await asyncio.to_thread(_written, core, turn, read)  # it may be megabytes


def _read(tx: sa.Connection, core: Core, turn: TurnRow, payer: Actor, now: datetime) -> _Read | None:
    talk = tx.execute(sa.select(conversations).where(conversations.c.id == turn.conversation_id)).one_or_none()
    rows = _branch(tx, turn)
    if talk is None or not rows:
        return None
    instructions = "\n\n".join(
        one
        for one in (
            core.settings.talk.instructions,
            SEVERAL if not talk.person_id else "",
            unseal_word(core.vault, "conversations", talk.reference, "instructions", talk.instructions),
        )
        if one
    )
    room, sees = _room(tx, core, turn.model or talk.model, payer, now)
    spare = room - windows.tokens(
        len(instructions.encode()), 0, bytes_per_token=core.settings.money.claim_bytes_per_token, image_tokens=0
    )
    left_out = len(rows) - windows.newest_fitting([_tokens(core, row) for row in rows], spare)
    files = attached.read_with(tx, [row.id for row in rows[left_out:] if row.role == "user"])
    return _Read(talk, rows[left_out:], files, left_out, instructions, sees)


def _written(core: Core, turn: TurnRow, read: _Read) -> PreparedTurn:
    talk, rows, left_out, instructions = read.talk, read.rows, read.left_out, read.instructions
    asked: list[dict[str, Any]] = [{"role": "system", "content": instructions}] if instructions else []
    if left_out:
        asked.append({"role": "system", "content": f"[{left_out} earlier messages of this conversation are left out]"})
    for row in rows:
        one = unseal(core.vault, row)
        text = f"{one.speaker}: {one.text}" if one.speaker else one.text
        if row.role == "assistant" and asked and asked[-1]["role"] == "assistant":
            asked[-1]["content"] += text  # it had been continued
            continue
        # What is asked about goes along in any case: a model that takes no pictures refuses it then.
        came = read.files.get(row.id, ())
        shows = read.sees or row is rows[-1]
        asked.append({"role": row.role, "content": attached.with_files(core.vault, text, came, sees=shows)})
    # Neither a summary nor the rest of an answer is anything without what was said before.
    history = sum(one["role"] != "system" for one in asked) - 1
    if rows and rows[-1].role == "assistant":
        asked.append({"role": "user", "content": CONTINUE})
        history = 0
    if turn.from_id is not None:
        history = 0
    return PreparedTurn(turn.model or talk.model, asked, 0 if talk.left_out_told else left_out, history)


def _branch(tx: sa.Connection, turn: TurnRow) -> list[MessageRow]:
    """What is read before the answer; nothing where that was deleted. A question that was asked while the one before
    it was answered stands below that answer from now on, and below what got no answer none does.
    """
    question = tx.execute(sa.select(messages).where(messages.c.id == turn.question_id)).one_or_none()
    if question is None:
        return []
    if question.role == "user" and (above := branches.answer_above(tx, question)) != question.parent_id:
        tx.execute(sa.update(messages).where(messages.c.id == question.id).values(parent_id=above))
    return branches.answered([*branches.branch(tx, turn.from_id), *branches.branch(tx, turn.question_id)])


def _tokens(core: Core, row: MessageRow) -> int:
    money = core.settings.money
    return windows.tokens(
        row.size, row.images, bytes_per_token=money.claim_bytes_per_token, image_tokens=money.image_tokens
    )


def _room(tx: sa.Connection, core: Core, name: str | None, payer: Actor, now: datetime) -> tuple[int, bool]:
    """Tokens that the question may have with this model and the payer's plan, and whether it takes pictures."""
    of = sa.select(t.people.c.id, t.people.c.default_model).join(
        t.identities, t.identities.c.person_id == t.people.c.id
    )
    person = tx.execute(
        of.where(t.identities.c.platform == payer.platform, t.identities.c.identity == payer.identity)
    ).one_or_none()
    wanted = name or (person.default_model if person else None) or core.settings.talk.default_model
    named = sa.select(models).where(talks(core)).order_by(models.c.id).limit(1)
    row = tx.execute(named.where(models.c.name_key == name_key(wanted)) if wanted else named).one_or_none()
    if row is None:
        return 0, False
    plan = plans.plan_of(tx, person.id if person else 0, now)
    context = min(row.context, plan.context or row.context)
    return windows.room(context, min(row.max_output, plan.most_output or row.max_output)), "image" in row.sees


def release(tx: sa.Connection, turn_id: int, shown: str | None, now: datetime) -> None:
    """The painter has put its brush down: the answer may leave now, in place of the message `shown` if there is one."""
    values = {"due_at": now} | ({"message_ref": shown} if shown else {})
    held = sa.and_(
        t.notices.c.dedupe == turning.notice_of(turn_id), t.notices.c.state == "ready", t.notices.c.tries == 0
    )
    tx.execute(sa.update(t.notices).where(held).values(**values))


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """A turn that is over, as it is shown. `versions` are the answers to its question, `number` which one this is.

    `mixed`: they are of several models, so that it matters whose each is. `below` is the message that the answer was to
    stand below: a question, or an answer that was to go on. `summed` is the conversation that a summary was asked of.
    """

    turn_id: int
    state: str
    text: str
    message_id: int | None
    message_state: str
    model: str
    reason: str | None
    facts: dict[str, Any]
    number: int
    versions: tuple[int, ...]
    mixed: bool
    asker: str
    private: bool
    sponsored: bool
    below: int
    goes_on: bool
    summed: int | None


async def shown(core: Core, turn_id: int) -> ShownTurn | None:
    """What is to be shown of a turn; None where it, or its conversation, was deleted."""
    return await core.read(_shown, core, turn_id)


async def version(core: Core, actor: Actor, answer_id: int) -> ShownTurn | None:
    """One of several answers, as it is shown to who asked; None where it was not given in a chat of theirs."""
    turn_id = await core.read(_turn_of, answer_id)
    found = None if turn_id is None else await shown(core, turn_id)
    return found if found is not None and found.asker == actor.key else None


def _turn_of(tx: sa.Connection, answer_id: int) -> int | None:
    return tx.execute(sa.select(turns.c.id).where(turns.c.answer_id == answer_id)).scalar_one_or_none()


def _shown(tx: sa.Connection, core: Core, turn_id: int) -> ShownTurn | None:
    turn = tx.execute(sa.select(turns).where(turns.c.id == turn_id)).one_or_none()
    if turn is None:
        return None
    message = tx.execute(sa.select(messages).where(messages.c.id == turn.answer_id)).one_or_none()
    below = tx.execute(sa.select(messages.c.role).where(messages.c.id == turn.question_id)).one()
    summed = sa.select(messages.c.conversation_id).where(messages.c.id == turn.from_id)
    given = branches.versions(tx, turn.question_id)
    owner = tx.execute(
        sa.select(conversations.c.person_id).where(conversations.c.id == turn.conversation_id)
    ).scalar_one()
    return ShownTurn(
        turn_id=turn.id,
        state=turn.state,
        text="" if message is None else unseal(core.vault, message).text,
        message_id=None if message is None else message.id,
        message_state="" if message is None else message.state,
        model="" if message is None else message.model,
        reason=turn.reason,
        facts=dict(turn.facts or {}),
        number=given.index(message.id) + 1 if message is not None and message.id in given else 0,
        versions=tuple(given),
        mixed=len(given) > 1 and len(branches.models_of(tx, given)) > 1,
        asker=f"{turn.platform}:{turn.identity}",
        private=bool(owner),
        sponsored=turn.payer is not None,
        below=turn.question_id,
        goes_on=below.role == "assistant",
        summed=None if turn.from_id is None else tx.execute(summed).scalar_one_or_none(),
    )


async def note_shown(core: Core, turn_id: int, platform: str, chat: str, where: str) -> None:
    """An answer stands in this message of a chat: a reply to it goes on from there."""
    await core.write(_note_shown, turn_id, platform, chat, where)


def _note_shown(tx: sa.Connection, turn_id: int, platform: str, chat: str, where: str) -> None:
    answer_id = tx.execute(sa.select(turns.c.answer_id).where(turns.c.id == turn_id)).scalar_one_or_none()
    tx.execute(sa.update(turns).where(turns.c.id == turn_id).values(shown=where))
    if answer_id is not None:
        places.note_place(tx, platform, chat, where, answer_id)
