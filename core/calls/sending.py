"""Between the two transactions of a call: a source is chosen and asked, and what it says is passed on.

Before the first token another source may take over, none is asked twice; after it, none may. The attempt is committed
before a byte leaves.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from core.calls import line
from core.calls.claims import banned
from core.calls.orders import CallClaimLost, CallOrder, Deliver, Waiting
from core.calls.pictures import with_pictures
from core.calls.running import Run, SoFar, Stopped
from core.crashpoints import crashpoint
from core.models.protocol import (
    AllSaid,
    Began,
    Broke,
    CallRefused,
    CallUnavailable,
    CallUnclear,
    Finished,
    Question,
    Reasoning,
    Sent,
    Text,
    ToolCall,
    Usage,
)
from core.rules.endings import Used
from core.sources import health as source_health
from core.sources import slots
from core.storage import tables as t
from core.storage.column_types import Moment
from core.storage.guards import guard
from core.storage.prepared import Prepared
from core.storage.rows import SourceRow
from core.storage.talk_rows import CandidateRow
from core.storage.talk_tables import OPEN, call_attempts, calls, keys, sources
from core.talk_errors import AllBusy, NoSource, PictureNotFetched, UpstreamFailed, UpstreamRefused
from core.vault import Undecipherable

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

LOOK_AGAIN = 0.25
"""Seconds between two looks for a free place."""


async def send(core: Core, run: Run, order: CallOrder, deliver: Deliver) -> None:
    """Ask sources until one answers, and deliver what it says. How it ended stands in `run`.

    Raises: CallClaimLost, and whatever `deliver` raises.
    """
    try:
        order = await with_pictures(core, order)
    except PictureNotFetched as refusal:
        run.ending, run.reason, run.facts = "failed", refusal.key, dict(refusal.facts)
        return
    tried: list[int] = []
    unclear_left = core.settings.sources.unclear_tries
    line_ends = _now() + (core.settings.talk.wait_in_line if order.wait is None else order.wait)
    failure: CallUnavailable | CallUnclear | None = None
    while len(tried) < core.settings.sources.tries:
        run.source = None
        try:
            source = await _next_source(core, run, tried, deliver, line_ends)
        except (NoSource, AllBusy) as none_left:
            if failure is None:
                run.ending, run.reason, run.facts = "failed", none_left.key, dict(none_left.facts)
                return
            break
        run.source = source
        tried.append(source.id)
        run.number = len(tried)
        run.sent = False
        crashpoint("C3")
        failure = await _ask(core, run, source, order, deliver)
        if failure is None:
            return
        await core.write(_end_attempt, core, run, source.id, failure, core.now())
        if isinstance(failure, CallUnavailable) and failure.reason == "credential":
            await _confirm_credential(core, source)
        if isinstance(failure, CallUnclear):
            run.lost += 1
            unclear_left -= 1
            if unclear_left < 0:
                break
    late = isinstance(failure, CallUnclear) and failure.late
    run.ending, run.reason, run.facts = "failed", UpstreamFailed.key, {"model": run.claim.model, "late": late}
    run.source = None


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _next_source(core: Core, run: Run, tried: list[int], deliver: Deliver, line_ends: float) -> CandidateRow:
    """The next source with a place for this call. Raises: NoSource, AllBusy, CallClaimLost."""
    told: int | None = None
    while True:
        found = await core.write(_begin_attempt, core, run, tried, core.now())
        if not isinstance(found, int):
            return found
        if _now() >= line_ends:
            raise AllBusy(model=run.claim.model)
        if found != told:
            told = found
            await deliver(Waiting(found))
        await asyncio.sleep(LOOK_AGAIN)


async def _ask(
    core: Core, run: Run, source: CandidateRow, order: CallOrder, deliver: Deliver
) -> CallUnavailable | CallUnclear | None:
    """One source is asked. Returns why it did not answer, or None when the call has its ending."""
    claim = run.claim
    question = Question(
        model=source.upstream_name,
        messages=order.messages,
        most_output=claim.output_bound,
        output_parameter=claim.output_parameter,
        options=order.options,
        user=core.vault.digest(f"person:{claim.person_id}").hex()[:32],
        sound=order.sound,
    )
    try:
        upstream = core.source(source)
    except Undecipherable:
        log.warning("credential_undecipherable", source=source.id)
        return CallUnavailable("credential", "its key is gone")
    async with aclosing(upstream.ask(question)) as events:
        async for event in events:
            if isinstance(event, (Text, Reasoning, ToolCall)):
                run.bytes_out += _remember(run, event)
                await deliver(event)
            elif isinstance(event, Sent):
                run.sent = True
                crashpoint("C4")
            elif isinstance(event, Began):
                run.began = True
                run.first_token_at = core.now()
                crashpoint("C5")
            elif isinstance(event, AllSaid):
                run.all_said = True
            elif isinstance(event, Usage):
                run.usage = Used(event.input, event.output, event.cached, event.reasoning)  # the last one counts
            elif isinstance(event, (CallUnavailable, CallUnclear)):
                if isinstance(event, CallUnavailable) and event.abuse:
                    await core.write(source_health.note_abuse, source, event.abuse, question.user, core.now())
                run.sent = isinstance(event, CallUnclear)
                run.usage = None
                return event
            elif isinstance(event, Broke) and not guard("first_token", event):
                return CallUnclear(event.detail)
            else:
                _end(run, event)
                if isinstance(event, CallRefused) and event.abuse:
                    await core.write(source_health.note_abuse, source, event.abuse, question.user, core.now())
    crashpoint("C7")
    return None


def _remember(run: Run, event: Text | Reasoning | ToolCall) -> int:
    """Keep what was delivered; returns its bytes."""
    if isinstance(event, Text):
        run.texts.append(event.text)
        return len(event.text.encode("utf-8", "surrogatepass"))
    if isinstance(event, Reasoning):
        run.reasonings.append(event.text)
        return len(event.text.encode("utf-8", "surrogatepass"))
    kept = run.tool_calls.setdefault(event.index, {"id": "", "name": "", "arguments": ""})
    kept["id"] = event.id or kept["id"]
    kept["name"] = event.name or kept["name"]
    kept["arguments"] += event.arguments
    return len((event.arguments + (event.name or "")).encode("utf-8", "surrogatepass"))


def _end(run: Run, event: Finished | CallRefused | Broke) -> None:
    if isinstance(event, Finished):
        run.ending = "whole" if run.began else "empty"
        run.ended_by = event.reason
        if run.ending == "empty":
            run.reason = "filtered" if event.reason == "filtered" else "empty_answer"
    elif isinstance(event, CallRefused):
        run.ending = "refused"
        run.reason = UpstreamRefused.key
        run.facts = {"reason": event.reason, "parameter": event.parameter or ""}
    else:
        run.ending = "cut"
        run.reason = "upstream_broken"


async def _confirm_credential(core: Core, source: SourceRow) -> None:
    """A rejected credential is believed after a second call that costs nothing says the same."""
    try:
        again = await core.source(source).offers()
    except Undecipherable:
        again = CallUnavailable("credential", "its key is gone")
    if isinstance(again, CallUnavailable) and again.reason == "credential":
        await core.write(source_health.expire, core, source, again.detail, core.now())


_ATTEMPT = Prepared(sa.insert(call_attempts))
_SENDING = Prepared(
    sa.update(calls)
    .where(calls.c.id == sa.bindparam("call"), calls.c.claim == sa.bindparam("token"), calls.c.state.in_(OPEN))
    .values(
        state="sending",
        source_id=sa.bindparam("source", type_=calls.c.source_id.type),
        attempts=sa.bindparam("number"),
        due_at=sa.bindparam("due", type_=Moment()),
    )
)
_ENDED = Prepared(
    sa.update(call_attempts)
    .where(
        call_attempts.c.call_id == sa.bindparam("call"),
        call_attempts.c.number == sa.bindparam("attempt"),
        call_attempts.c.outcome == "sending",
    )
    .values(
        outcome=sa.bindparam("new_outcome"),
        reason=sa.bindparam("new_reason"),
        possible_loss=sa.bindparam("new_loss", type_=sa.Boolean()),
        ended_at=sa.bindparam("now", type_=Moment()),
    )
)


def _begin_attempt(tx: sa.Connection, core: Core, run: Run, tried: list[int], now: datetime) -> CandidateRow | int:
    """Take a place at a source and note the intent: the source's row, or how many wait before this call.

    Raises: NoSource, CallClaimLost.
    """
    claim = run.claim
    found = slots.fitting(tx, claim.model_id, claim.person_id, now, own_only=claim.own_only)
    found = [row for row in found if row.id not in tried]
    if not found:
        raise NoSource(model=claim.model)
    ahead = line.ahead(tx, core.settings.talk, claim, now)
    if ahead >= slots.free_places(found):
        # Who came before takes what is free; one's own account is nobody else's.
        found = [row for row in found if slots.is_own(row, claim.person_id)]
    in_order = slots.by_policy(found, core.settings.sources, claim.person_id, claim.prefers)
    source = slots.claim_slot(tx, core, claim.call_id, in_order, claim.input_bound + claim.output_bound, now)
    if source is None:
        return ahead
    number = len(tried) + 1
    due = now + timedelta(seconds=core.settings.talk.claim)
    if guard("attempt_row", source):
        values = {"call": claim.call_id, "token": claim.token, "source": source.id, "number": number, "due": due}
        if _SENDING.run(tx, values) != 1:
            raise CallClaimLost
        row = {"call_id": claim.call_id, "number": number, "source_id": source.id, "outcome": "sending"}
        _ATTEMPT.run(tx, {**row, "possible_loss": False, "sent_at": now})
    crashpoint("C2")
    return source


def _end_attempt(
    tx: sa.Connection, core: Core, run: Run, source_id: int, failure: CallUnavailable | CallUnclear, now: datetime
) -> None:
    """The source did not answer: its place is free, and what that says of it is noted."""
    claim = run.claim
    slots.free_slots(tx, claim.call_id)
    unclear = isinstance(failure, CallUnclear)
    values = {
        "call": claim.call_id,
        "attempt": run.number,
        "new_outcome": "unclear" if unclear else "unavailable",
        "new_reason": failure.reason if isinstance(failure, CallUnavailable) else "unclear",
        "new_loss": unclear,
        "now": now,
    }
    _ENDED.run(tx, values)
    if not (isinstance(failure, CallUnavailable) and failure.reason == "credential"):
        source_health.note_failure(tx, core, source_id, claim.model_id, failure, now)


_CHECKPOINT = Prepared(
    sa.update(calls)
    .where(calls.c.id == sa.bindparam("call"), calls.c.claim == sa.bindparam("token"), calls.c.state.in_(OPEN))
    .values(
        due_at=sa.bindparam("due", type_=Moment()),
        state=sa.case((sa.bindparam("streams", type_=sa.Boolean()), "streaming"), else_=calls.c.state),
        bytes_out=sa.bindparam("new_bytes", type_=sa.BigInteger()),
        first_token_at=sa.bindparam("first", type_=Moment()),
        answer=sa.func.coalesce(sa.bindparam("new_answer", type_=sa.LargeBinary()), calls.c.answer),
    )
    .returning(calls.c.stop_wanted_at, calls.c.source_id)
)
_STANDING = Prepared(
    sa.select(
        sa.select(t.people.c.standing)
        .where(t.people.c.id == sa.bindparam("person_id"))
        .scalar_subquery()
        .label("standing"),
        sa.select(keys.c.state).where(keys.c.id == sa.bindparam("key_id")).scalar_subquery().label("key_state"),
        sa.select(sources.c.enabled)
        .where(sources.c.id == sa.bindparam("source_id"), sources.c.removed_at.is_(None))
        .scalar_subquery()
        .label("enabled"),
        banned(sa.bindparam("person_id", type_=t.people.c.id.type), sa.bindparam("now", type_=Moment())).label(
            "banned"
        ),
    )
)


def checkpoint(tx: sa.Connection, core: Core, run: Run, heard: SoFar, now: datetime) -> None:
    """Renew the claim, note what was heard, and see whether the call may go on.

    Raises: CallClaimLost; Stopped when somebody asked for it, or the person, key or source was taken out of service.
    """
    claim = run.claim
    due = now + timedelta(seconds=core.settings.talk.claim)
    row = _CHECKPOINT.one_or_none(
        tx,
        {
            "call": claim.call_id,
            "token": claim.token,
            "due": due,
            "streams": heard.began,
            "new_bytes": heard.bytes_out,
            "first": heard.first_token_at,
            "new_answer": heard.answer,
        },
    )
    if row is None:
        raise CallClaimLost
    slots.hold(tx, claim.call_id, due)
    if row.stop_wanted_at is not None:
        raise Stopped
    asked = {"person_id": claim.person_id, "key_id": claim.key_id, "source_id": row.source_id, "now": now}
    standing = _STANDING.one(tx, asked)
    if standing.standing != "active" or standing.banned:
        raise Stopped("suspended")
    if claim.key_id is not None and standing.key_state != "active":
        raise Stopped("key")
    if row.source_id is not None and run.source is not None and not standing.enabled:
        raise Stopped("source")
