"""Asking a model: `claim → send → settle`, a short transaction, a stream in none, a short transaction.

No interleaving, kill or unclear stream spends a credit twice or one that is not there. What a killed process leaves
open is settled by `core.calls.sweep`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import IntegrityError

from core import telemetry
from core.actors import Actor
from core.calls import claims, sending, settling
from core.calls.claims import Weighed
from core.calls.orders import (
    NOBODY_HEARS,
    Also,
    Answer,
    CallClaim,
    CallClaimLost,
    CallOrder,
    CallState,
    Gone,
    Listener,
    OpenedCall,
)
from core.calls.running import Run, SoFar, Stopped, last_figures
from core.calls.settling import CallRecord, OpenCall
from core.crashpoints import crashpoint
from core.errors import Refusal, RequestKeyReused, TooMany
from core.heartbeat import broken_off_by, heartbeat
from core.people.people import person_of
from core.rules.endings import Delivered, Ending
from core.rules.money import micro_of
from core.service import answer_row, beside_row
from core.storage.row_claims import new_token
from core.storage.talk_rows import NamedCall
from core.storage.talk_tables import OPEN, calls, sources
from core.talk_errors import TooManyAtOnce
from core.vault import Undecipherable

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

LOOK = 0.2
"""Seconds between two looks at a call that another process works on."""


async def ask(
    core: Core,
    actor: Actor,
    order: CallOrder,
    *,
    payer: Actor | None = None,
    listener: Listener = NOBODY_HEARS,
    also: Also | None = None,
    wait: float = 30.0,
) -> Answer:
    """Ask a model one question in the name of `payer` (else the actor), and pass on what it says as it comes.

    Repeating `order.request_key` returns the first answer and charges nothing; while the first one is under way, it
    is waited for up to `wait` seconds. A refusal is an answer, too, and so is a failure: nothing was charged then. With
    `order.again` those two are none, and a repeat is asked anew.
    `also` commits together with the settlement. Raises: RequestKeyReused, and what the listener raises but for `Gone`;
    the call is settled before.
    """
    asked = await claims.weigh(core, order, payer or actor)
    crashpoint("C0")
    try:
        claim = await _claim(core, actor, asked)
    except RequestKeyReused:
        raise
    except Refusal as refusal:
        telemetry.count("usher_calls", outcome=refusal.key)
        return await _refused(core, asked, refusal)
    if not isinstance(claim, CallClaim):
        return await follow(core, int(claim), wait=wait)
    crashpoint("C1")
    answer = await _carry_out(core, claim, order, listener, also)
    crashpoint("C8")
    telemetry.count("usher_calls", outcome=answer.finish or answer.state)
    return answer


async def stop(core: Core, call_id: int) -> bool:
    """Ask the process that streams a call, wherever it runs, to end it. Returns whether it was open."""
    return await core.write(_want_stop, call_id, core.now())


async def follow(core: Core, call_id: int, *, wait: float) -> Answer:
    """The answer of a call that was made before, after staying with it for up to `wait` seconds.

    Whoever waits also works: a call whose process is silent is settled here.
    """
    until = asyncio.get_running_loop().time() + wait
    while True:
        answer, due_at = await core.read(_read, core, call_id)
        if answer.state in {"settled", "refused"}:
            return replace(answer, repeated=True)
        if due_at is not None and due_at <= core.now():
            await recover(core, call_id=call_id)
            continue
        if asyncio.get_running_loop().time() >= until:
            return replace(answer, repeated=True)
        await asyncio.sleep(LOOK)


async def earlier(core: Core, request_key: str) -> Answer | None:
    """What became of a call that was made before, after its process has been silent long enough; None if none was."""
    call_id = await core.read(_call_of, request_key)
    if call_id is None:
        return None
    talk = core.settings.talk
    return await follow(core, call_id, wait=talk.longest + talk.claim)


async def recover(core: Core, *, call_id: int | None = None, most: int = 50) -> int:
    """Settle calls whose process is silent, each in a transaction of its own. Returns how many were."""
    token = new_token()
    taken = await core.write(settling.take_over, core, token, core.now(), most=most, call_id=call_id)
    settled = 0
    for call in taken:
        try:
            await core.write(settling.settle_abandoned, core, call, token, core.now())
        except CallClaimLost:
            continue
        except Exception:
            # The claim runs out and the row is tried again; whatever is wrong with it is this row's alone.
            log.exception("call_recovery_failed", call=call.id)
            continue
        settled += 1
    return settled


async def _claim(core: Core, actor: Actor, asked: Weighed) -> CallClaim | int:
    """The claim, or the number of the call that this request key made before. Raises: Refusal."""
    token = new_token()
    for again in range(3):
        try:
            return await core.write(_claim_or_find, core, actor, asked, token, core.now(), again > 0)
        except IntegrityError as clash:
            # The key was used before, or in this very instant: now it shows.
            last = clash
        if asked.order.again:
            await core.write(claims.make_way, asked)
    raise AssertionError("a claim clashed three times") from last


def _claim_or_find(
    tx: sa.Connection, core: Core, actor: Actor, asked: Weighed, token: str, now: datetime, look_first: bool
) -> CallClaim | int:
    """A request key that was used before makes the insertion clash: most are new, so the first try does not look."""
    if look_first:
        earlier = claims.earlier(tx, asked)
        if earlier is not None:
            return int(earlier.id)
    try:
        return claims.claim_call(tx, core, actor, asked, token, now)
    except Refusal:
        if not look_first:
            earlier = claims.earlier(tx, asked)
            if earlier is not None and not (asked.order.again and claims.came_to_nothing(earlier)):
                return int(earlier.id)
        raise


async def _carry_out(core: Core, claim: CallClaim, order: CallOrder, listener: Listener, also: Also | None) -> Answer:
    """Send, and settle whatever comes of it; a process that is not killed leaves no call open."""
    run = Run(claim)
    failure: BaseException | None = None
    try:
        await listener.deliver(OpenedCall(claim.call_id, claim.model, claim.output_bound, claim.shortened))
        talk = core.settings.talk
        async with (
            broken_off_by(listener.stop, Stopped(), lambda: last_figures(core, run)),
            broken_off_by(listener.leave, Stopped("leaving")),
            heartbeat(min(talk.checkpoint, talk.claim / 3), lambda: _checkpoint(core, run)),
        ):
            await sending.send(core, run, order, listener.deliver)
    except Gone:
        run.ending = "left" if run.began else "left_early"
    except Stopped as stopped:
        ends: Mapping[bool, Ending] = {True: "stopped", False: "left_early"}
        if stopped.cause == "leaving":  # nobody wanted that: it costs what a broken answer costs
            ends = {True: "cut", False: "failed"}
        run.ending = run.ending or ends[run.began]
        run.reason = None if stopped.cause == "stop" else f"stopped_{stopped.cause}"
    except CallClaimLost:
        return await follow(core, claim.call_id, wait=5.0)
    except BaseException as error:  # noqa: BLE001 - whatever broke it off, the claim is settled first
        failure = error
        run.ending = run.ending or _ending_of(run, error)
    crashpoint("C9")
    # Whoever is cancelled here does not take the settlement along.
    answer = await asyncio.shield(_settle(core, run, also))
    if failure is not None:
        raise failure
    return answer


def _ending_of(run: Run, error: BaseException) -> Any:
    if isinstance(error, asyncio.CancelledError):
        return "left" if run.began else "left_early"
    run.reason = "internal"
    return "cut" if run.began else "failed"


async def _checkpoint(core: Core, run: Run) -> None:
    answer = None
    if run.bytes_out != run.kept and run.bytes_out <= settling.MOST_KEPT:
        answer = core.vault.encrypt(run.text, row=answer_row(run.claim.request_key))
    heard = SoFar(run.bytes_out, run.began, run.first_token_at, answer)
    try:
        await core.write(sending.checkpoint, core, run, heard, core.now())
    except Stopped:
        await last_figures(core, run)
        raise
    if answer is not None:
        run.kept = heard.bytes_out
    if heard.began:
        crashpoint("C6")


async def _settle(core: Core, run: Run, also: Also | None) -> Answer:
    claim = run.claim
    text = run.text
    kept = len(text) <= settling.MOST_KEPT and run.bytes_out <= settling.MOST_KEPT
    answer = core.vault.encrypt(text, row=answer_row(claim.request_key)) if text and kept else None
    along = along_with(run)
    beside = core.vault.encrypt(along, row=beside_row(claim.request_key)) if along and kept else None
    delivered = Delivered(
        ending=run.ending or "failed",
        sent=run.sent,
        input_bound=claim.input_bound,
        output_bound=claim.output_bound,
        bytes_in=claim.bytes_in,
        bytes_out=run.bytes_out,
        images=claim.images,
        image_tokens=core.settings.money.image_tokens,
        lost=run.lost,
        usage=run.usage,
    )

    def told(tx: sa.Connection, settled: Answer) -> None:
        if also is not None:
            also(tx, replace(settled, text=text, ended_by=run.ended_by, shortened=claim.shortened))

    try:
        low = micro_of(core.settings.money.low_wallet)
        settled = await core.write(_settle_own, run, delivered, (answer, beside), told, low, core.now())
    except CallClaimLost:
        return await follow(core, claim.call_id, wait=5.0)
    return replace(
        settled,
        text=text,
        ended_by=run.ended_by,
        shortened=claim.shortened,
        reasoning="".join(run.reasonings) or None,
        tool_calls=run.tools,
    )


def along_with(run: Run) -> str:
    """What an answer holds beside its text, for whoever repeats the request; nothing where that is the usual end."""
    along = {"ended_by": run.ended_by, "reasoning": "".join(run.reasonings) or None, "tool_calls": run.tools}
    usual = run.ended_by in {None, "stop"} and not run.reasonings and not run.tool_calls
    return "" if usual else json.dumps(along)


def _settle_own(
    tx: sa.Connection,
    run: Run,
    delivered: Delivered,
    kept: tuple[bytes | None, bytes | None],
    also: Also | None,
    low: int,
    now: datetime,
) -> Answer:
    record = CallRecord(run.source, run.first_token_at, *kept, run.reason, run.facts)
    return settling.settle_call(tx, OpenCall.of(run.claim), delivered, record, now, also=also, low=low)


async def _refused(core: Core, asked: Weighed, refusal: Refusal) -> Answer:
    """The answer to a refusal. One that time alone ends is not remembered: the same question may come again."""
    call_id = None
    if not isinstance(refusal, (TooMany, TooManyAtOnce)):
        try:
            call_id = await core.write(_note, core, asked, refusal, core.now())
        except IntegrityError:
            earlier = await core.read(claims.earlier, asked)
            if earlier is not None and not (asked.order.again and claims.came_to_nothing(earlier)):
                return await follow(core, int(earlier.id), wait=30.0)
    model = asked.order.model or core.settings.talk.default_model
    return Answer(call_id, "refused", model, reason=refusal.key, facts=refusal.facts)


def _note(tx: sa.Connection, core: Core, asked: Weighed, refusal: Refusal, now: datetime) -> int:
    person_id = person_of(tx, asked.payer.platform, asked.payer.identity, now)
    return settling.note_refused(tx, core, asked.order, asked.contents[0], person_id, refusal, now)


def _want_stop(tx: sa.Connection, call_id: int, now: datetime) -> bool:
    open_ = sa.and_(calls.c.id == call_id, calls.c.state.in_(OPEN))
    wanted = sa.func.coalesce(calls.c.stop_wanted_at, sa.literal(now, calls.c.stop_wanted_at.type))
    return tx.execute(sa.update(calls).where(open_).values(stop_wanted_at=wanted)).rowcount == 1


def _call_of(tx: sa.Connection, request_key: str) -> int | None:
    return tx.execute(sa.select(calls.c.id).where(calls.c.request_key == request_key)).scalar_one_or_none()


def _read(tx: sa.Connection, core: Core, call_id: int) -> tuple[Answer, datetime | None]:
    joined = sa.select(calls, sources.c.name.label("source")).outerjoin(sources, sources.c.id == calls.c.source_id)
    row = tx.execute(joined.where(calls.c.id == call_id)).one()
    return answer_of(core, row), row.due_at


def answer_of(core: Core, row: NamedCall) -> Answer:
    """The answer in a call's row, with its text where that is kept. `source` is the name of its source."""
    text = None
    if row.answer is not None:
        with suppress(Undecipherable):
            text = core.vault.decrypt(row.answer, row=answer_row(row.request_key))
    along: Mapping[str, Any] = {}
    if row.beside is not None:
        with suppress(Undecipherable):
            along = json.loads(core.vault.decrypt(row.beside, row=beside_row(row.request_key)))
    facts: Mapping[str, Any] = row.facts or {}
    return Answer(
        call_id=row.id,
        state=cast("CallState", row.state),
        model=row.model,
        text=text,
        source=row.source,
        finish=row.finish,
        reason=row.reason,
        facts=facts,
        claimed=row.claimed,
        charged=row.charged,
        absorbed=row.absorbed,
        estimated=row.estimated,
        shortened=row.shortened,
        tokens=settling.tokens_of(row.tokens_in, row.tokens_cached, row.tokens_out, row.tokens_reasoning),
        made_at=row.made_at,
        ended_at=row.ended_at,
        **along,
    )
