"""Transaction 2 of a call: what it cost is paid, the rest goes back, the place is free, whatever happened in between."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM
from core.alerts import alerts
from core.calls.orders import Also, Answer, CallClaim, CallClaimLost, CallOrder
from core.credit import wallets
from core.credit.ledger import write_line
from core.credit.wallets import ClaimedPart
from core.errors import Refusal
from core.rules.endings import Bill, Delivered, settle
from core.rules.money import amount_text, micro_of
from core.rules.prices import Prices
from core.service import answer_row
from core.sources import health as source_health
from core.sources import rates, slots
from core.storage import row_claims
from core.storage.column_types import Json, Moment
from core.storage.guards import guard
from core.storage.prepared import Prepared
from core.storage.rows import SourceRow
from core.storage.talk_rows import CallRow
from core.storage.talk_tables import OPEN, call_attempts, calls, models, sources
from core.vault import Undecipherable

if TYPE_CHECKING:
    from core.service import Core

MOST_KEPT = 256 * 1024
"""Bytes of an answer that are kept for whoever repeats the request."""

_FIGURES = (
    "charged",
    "absorbed",
    "billed",
    "tokens_in",
    "tokens_cached",
    "tokens_out",
    "tokens_reasoning",
    "bytes_out",
)


def _of_somebody(said: Any) -> sa.ColumnElement[Any]:
    """What was said, unless the person has been forgotten since they asked."""
    return sa.case((calls.c.person_id.is_not(None), said))


def _settling(guarded: bool) -> Prepared:
    mine = (calls.c.claim == sa.bindparam("token"),) if guarded else ()
    values: dict[str, Any] = {name: sa.bindparam(f"new_{name}", type_=sa.BigInteger()) for name in _FIGURES}
    return Prepared(
        sa.update(calls)
        .where(calls.c.id == sa.bindparam("call"), calls.c.state.in_(OPEN), *mine)
        .values(
            state=sa.bindparam("new_state"),
            finish=sa.bindparam("new_finish"),
            reason=sa.bindparam("new_reason"),
            facts=sa.bindparam("new_facts", type_=Json()),
            estimated=sa.bindparam("new_estimated", type_=sa.Boolean()),
            source_id=sa.bindparam("new_source", type_=calls.c.source_id.type),
            first_token_at=sa.bindparam("new_first", type_=Moment()),
            answer=_of_somebody(sa.bindparam("new_answer", type_=sa.LargeBinary())),
            beside=_of_somebody(sa.bindparam("new_beside", type_=sa.LargeBinary())),
            ended_at=sa.bindparam("now", type_=Moment()),
            claim=None,
            due_at=None,
            **values,
        )
    )


_SETTLE = {guarded: _settling(guarded) for guarded in (True, False)}
_ATTEMPT = Prepared(
    sa.update(call_attempts)
    .where(call_attempts.c.call_id == sa.bindparam("call"), call_attempts.c.outcome == "sending")
    .values(
        outcome=sa.bindparam("new_outcome"),
        possible_loss=sa.bindparam("new_loss", type_=sa.Boolean()),
        reason=sa.bindparam("new_reason"),
        ended_at=sa.bindparam("now", type_=Moment()),
    )
)


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call under way, and the claim on it. `claimed` in micro-credits; `ratio` is the model's bytes a token.

    `own_only`: it was begun on the asker's own accounts, for nothing.
    """

    id: int
    token: str
    person_id: int | None
    model_id: int
    model: str
    prices: Prices
    claimed: int
    ratio: float
    only_part: ClaimedPart | None = None
    own_only: bool = False

    @classmethod
    def of(cls, claim: CallClaim) -> OpenCall:
        """The call that this process works on."""
        return cls(
            claim.call_id, claim.token, claim.person_id, claim.model_id, claim.model, claim.prices, claim.claimed,
            claim.ratio, claim.only_part, claim.own_only,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What is written down of a call beside its bill. `source` is the row of the one that was asked last.

    `answer` and `beside` are sealed; `reason` and `facts` say why there is no answer, or only a part of one.
    """

    source: SourceRow | None = None
    first_token_at: datetime | None = None
    answer: bytes | None = field(default=None, repr=False)
    beside: bytes | None = field(default=None, repr=False)
    reason: str | None = None
    facts: dict[str, Any] | None = None


def settle_call(
    tx: sa.Connection,
    call: OpenCall,
    delivered: Delivered,
    record: CallRecord,
    now: datetime,
    *,
    also: Also | None = None,
    low: int = 0,
) -> Answer:
    """End a call by the rule for its ending. `also` commits together with it.

    `low` is the credit below which other systems are told of it. Raises: CallClaimLost.
    """
    source = record.source
    bill = settle(call.prices, call.claimed, call.ratio, delivered)
    if source is not None and source.owner_id == call.person_id and (call.own_only or not source.shared):
        # Their own account has its own bill, also where it was lent to others while the question waited for it.
        bill = Bill(0, 0, 0, bill.estimated, False, bill.tokens_in, bill.tokens_out, bill.tokens_cached)
    values = {
        "call": call.id,
        "token": call.token,
        "now": now,
        "new_state": "settled",
        "new_finish": delivered.ending,
        "new_reason": record.reason,
        "new_facts": record.facts,
        "new_estimated": bill.estimated,
        "new_source": None if source is None else source.id,
        "new_first": record.first_token_at,
        "new_answer": record.answer,
        "new_beside": record.beside,
        **{f"new_{name}": getattr(bill, name, delivered.bytes_out) for name in _FIGURES},
    }
    if _SETTLE[bool(guard("call_fence", call))].run(tx, values) != 1:
        raise CallClaimLost
    if call.claimed:
        wallets.settle(tx, call.id, bill.charged, now, call.only_part, low=low)
    if bill.absorbed:
        write_line(tx, None, "absorb", bill.absorbed, now, call_id=call.id)
    slots.free_slots(tx, call.id)
    if delivered.sent:
        _end_attempt(tx, call.id, delivered, now)
    if source is not None and bill.billed:
        rates.note_spent(tx, source.id, bill.billed, now)
    if source is not None and delivered.ending in {"whole", "empty", "stopped", "left"}:
        source_health.note_success(tx, source, now)
    _tell_house(tx, call, bill, source, now)
    settled = Answer(
        call_id=call.id,
        state="settled",
        model=call.model,
        source=None if source is None else source.name,
        finish=delivered.ending,
        reason=record.reason,
        facts=record.facts or {},
        claimed=call.claimed,
        charged=bill.charged,
        absorbed=bill.absorbed,
        estimated=bill.estimated,
        tokens=tokens_of(bill.tokens_in, bill.tokens_cached, bill.tokens_out, bill.tokens_reasoning),
        ended_at=now,
    )
    if also is not None:
        also(tx, settled)
    return settled


def tokens_of(given: int, cached: int, out: int, reasoning: int) -> dict[str, int]:
    """Tokens of a call by what they were."""
    return {"input": given, "cached": cached, "output": out, "reasoning": reasoning}


def _end_attempt(tx: sa.Connection, call_id: int, delivered: Delivered, now: datetime) -> None:
    began = delivered.ending not in {"failed", "refused", "left_early"}
    outcome = "began" if began else "refused" if delivered.ending == "refused" else "unclear"
    loss = outcome == "unclear"
    _ATTEMPT.run(tx, {"call": call_id, "new_outcome": outcome, "new_loss": loss, "new_reason": None, "now": now})


def _tell_house(tx: sa.Connection, call: OpenCall, bill: Bill, source: SourceRow | None, now: datetime) -> None:
    """What staff should know: usage that nobody can believe, and what the house paid beyond a claim."""
    name = "" if source is None else source.name
    subject = f"source:{source.id}" if source is not None else f"model:{call.model_id}"
    if bill.doubted:
        facts = {"source": name, "model": call.model, "call": call.id}
        alerts.raise_alert(tx, "provider", f"usage:{subject}", "warning", "usage_doubted", facts, now)
    if bill.absorbed:
        facts = {"source": name, "model": call.model, "call": call.id, "amount": amount_text(bill.absorbed)}
        alerts.raise_alert(tx, "provider", f"absorbed:{subject}", "warning", "usage_absorbed", facts, now)


def note_refused(
    tx: sa.Connection,
    core: Core,
    order: CallOrder,
    content: bytes,
    person_id: int | None,
    refusal: Refusal,
    now: datetime,
) -> int:
    """Remember that a question was refused before anything was claimed, so that its repeat gets the same answer."""
    row = {
        "request_key": order.request_key,
        "content": content,
        "person_id": person_id,
        "key_id": order.key_id,
        "via": order.via,
        "model": (order.model or core.settings.talk.default_model)[:100],
        "state": "refused",
        "reason": refusal.key,
        "facts": dict(refusal.facts),
        "prices": {},
        "made_at": now,
        "ended_at": now,
    }
    return int(tx.execute(sa.insert(calls).values(**row).returning(calls.c.id)).scalar_one())


def take_over(
    tx: sa.Connection, core: Core, token: str, now: datetime, *, most: int = 50, call_id: int | None = None
) -> list[CallRow]:
    """Claim open calls whose process is silent, those first that have waited longest."""
    due = [calls.c.state.in_(OPEN), calls.c.due_at <= now]
    if call_id is not None:
        due.append(calls.c.id == call_id)
    until = now + timedelta(seconds=core.settings.talk.claim)
    return list(row_claims.claim_due(tx, calls, *due, until=until, order_by=[calls.c.due_at], most=most, claim=token))


def settle_abandoned(tx: sa.Connection, core: Core, call: CallRow, token: str, now: datetime) -> Answer:
    """Settle a call whose process died, by its last checkpoint. Raises: CallClaimLost."""
    assert call.model_id is not None, "an open call has its model"  # noqa: S101
    source = None
    if call.source_id is not None:
        source = tx.execute(sa.select(sources).where(sources.c.id == call.source_id)).one()
    ratio = tx.execute(sa.select(models.c.bytes_per_token).where(models.c.id == call.model_id)).scalar_one()
    streaming = call.state == "streaming" and _had_something(core, call)
    sent = call.state != "claimed"
    delivered = Delivered(
        ending="killed" if streaming else "failed",
        sent=sent,
        input_bound=call.input_bound,
        output_bound=call.output_bound,
        bytes_in=call.bytes_in,
        bytes_out=call.bytes_out,
        images=call.images,
        image_tokens=core.settings.money.image_tokens,
        # Asked and never heard of: the upstream may have read the question.
        lost=_losses(tx, call.id) + (1 if sent and not streaming else 0),
    )
    prices = Prices.of(call.prices)
    silent = OpenCall(
        call.id, token, call.person_id, call.model_id, call.model, prices, call.claimed, ratio, own_only=call.own_only
    )
    record = CallRecord(source, call.first_token_at, call.answer)
    if not streaming:
        record = replace(record, reason="upstream_failed", facts={"model": call.model, "late": False})
    answer = settle_call(tx, silent, delivered, record, now, low=micro_of(core.settings.money.low_wallet))
    after = {"finish": answer.finish, "charged": answer.charged}
    audit.record(tx, SYSTEM, "call.recovered", "call", call.id, now, after=after)
    return answer


def _had_something(core: Core, call: CallRow) -> bool:
    """Had anybody got anything by the last checkpoint?

    A first token may have come without a word yet, and a chat shows words alone, not what is thought before them:
    its question begins anew, and must not be paid for twice.
    """
    if call.via != "chat" or call.answer is None or not call.bytes_out:
        return bool(call.bytes_out)
    try:
        return bool(core.vault.decrypt(call.answer, row=answer_row(call.request_key)))
    except Undecipherable:
        return True


def _losses(tx: sa.Connection, call_id: int) -> int:
    lost = sa.and_(call_attempts.c.call_id == call_id, call_attempts.c.possible_loss)
    return int(tx.execute(sa.select(sa.func.count()).where(lost)).scalar_one())
