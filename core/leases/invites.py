"""Inviting the holder of a held seat, whatever caused it: send, settle, and clear up what stayed unclear.

A lease in state `held` is an invite under way. Its `claim` says who may settle it, its `due_at` when somebody
else has to look: the row is the intent, committed before the call, and the fence after it. The caller of every
function here is a redemption or a transfer; what they gain or lose is settled in the same transaction.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

import sqlalchemy as sa
import structlog

from core import audit, telemetry
from core.actors import SYSTEM
from core.alerts import alerts
from core.crashpoints import crashpoint
from core.leases import records, redemption_steps, removal_plans, transfer_steps
from core.leases.claims import TEAM, Claim, ClaimLost, kept, note_sending
from core.leases.receipts import Receipt
from core.providers.protocol import ProviderAnswer, Standing, Unavailable, UnavailableReason, Unclear
from core.rules import settlement
from core.rules.addresses import key_of
from core.rules.settlement import Verdict
from core.storage import tables as t
from core.storage.column_types import Moment
from core.storage.commits import repeatable
from core.storage.guards import guard
from core.storage.prepared import Prepared
from core.storage.row_claims import change, changing, claim_due
from core.teams import health as team_health
from core.teams import seats as seat_actions

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)


COUNTED_FOR = timedelta(days=1)
"""Within this time, a second failure of the same address in the same team says nothing new about the team."""
_NO_CALL = "waiting for the lists"
_TEAM_REASONS = get_args(UnavailableReason)
"""Failures that say something about the team, and not about the address."""


async def send(core: Core, claim: Claim) -> Claim | Receipt | None:
    """Make the one upstream call of a fresh claim and settle what it answers.

    Returns the claim on the next team's seat where this one refused and another could be held in the same
    transaction, else the redemption's receipt; None if the lease is another's, or unclear and left to `clear_up`.
    Raises: ClaimLost.
    """
    crashpoint("K3")
    if core.now() >= claim.first_sent_at + timedelta(seconds=core.settings.redemption.claim):
        # Frozen since the reservation: somebody else has taken over, and may have proved that nothing was sent.
        raise ClaimLost
    provider = core.provider(claim.team)
    async with kept(core, claim):
        crashpoint("K4")
        with telemetry.timed("usher_stage_seconds", stage="invite"):
            answer = await provider.invite(claim.address)
        crashpoint("K5")
        if isinstance(answer, Unavailable) and answer.reason == "credential":
            answer = await _confirmed(core, claim, answer)
    verdict = settlement.judge(answer, maybe_sent=False)
    crashpoint("K6")
    with telemetry.timed("usher_stage_seconds", stage="settle"):
        return await core.write(settle, core, claim, verdict, core.now())


async def clear_up(core: Core, claim: Claim) -> Claim | Receipt | None:
    """Find out what became of an invite that may have been sent, by reading back and by repeating it.

    The same invite goes to the same team, never to another one, until it is proved applied or proved not
    applied: by a read-back that began later than the provider's list lag after the last possible sending.
    Returns as `send` does. Raises: ClaimLost.
    """
    if _gone_for_good(core, claim):
        return await core.write(settle, core, claim, Verdict("given_up", "gone"), core.now())
    provider = core.provider(claim.team)
    async with kept(core, claim):
        read_at = core.now()
        with telemetry.timed("usher_stage_seconds", stage="look_up"):
            standing = await provider.look_up(claim.address)
        crashpoint("K9")
        if isinstance(standing, Unavailable):
            verdict: Verdict | None = Verdict(
                "unclear", standing.reason, standing.detail, retry_after=standing.retry_after
            )
        elif isinstance(standing, Standing):
            verdict = settlement.judge_standing(standing, _sent_there(core, claim, standing))
        else:
            verdict = None
        lag = guard("list_lag", provider.properties.list_lag)
        sent_at = core.clock.at_latest(claim.last_sent_at)
        absent = isinstance(standing, Standing) and settlement.proves_absence(sent_at, sum(lag), read_at)
        if verdict is None and not absent and not provider.properties.idempotent_by_address:
            # A second invite would be a second invite there: wait until the lists can be believed.
            verdict = Verdict("unclear", None, _NO_CALL)
        if verdict is None:
            await core.write(note_sending, core, claim, core.now())
            answer = await provider.invite(claim.address)
            if isinstance(answer, Unavailable) and answer.reason == "credential":
                answer = await _confirmed(core, claim, answer)
            verdict = settlement.judge(answer, maybe_sent=not absent)
            if verdict.fate == "unclear" and not isinstance(answer, Unclear):
                # This repeat certainly did nothing, so the doubt is as old as it was.
                return await core.write(settle, core, claim, verdict, core.now(), claim.last_sent_at)
    return await core.write(settle, core, claim, verdict, core.now())


@cache
def _settling(guards: tuple[str, ...]) -> Prepared:
    """The fence: whoever lost the claim matches nothing. Built once, as it is on every redemption's way."""
    mine = (t.leases.c.claim == sa.bindparam("token"),) if guards else ()
    return Prepared(
        changing(
            t.leases,
            t.leases.c.id == sa.bindparam("lease"),
            *mine,
            expected="held",
            guarded_by="claim_fence",
            status=sa.bindparam("new_status"),
            invited_at=sa.bindparam("new_invited_at", type_=Moment()),
            invite_reference=sa.bindparam("new_reference"),
            ended_at=sa.bindparam("new_ended_at", type_=Moment()),
            # A wish to end it that came while it was under way stays.
            end_reason=sa.func.coalesce(sa.bindparam("new_end_reason", type_=sa.String()), t.leases.c.end_reason),
            claim=None,
            due_at=None,
        ).returning(t.leases)
    )


@repeatable
def settle(
    tx: sa.Connection,
    core: Core,
    claim: Claim,
    verdict: Verdict,
    now: datetime,
    sent_at: datetime | None = None,
) -> Claim | Receipt | None:
    """Write down what became of an invite, with everything that hangs on it, in one transaction.

    Returns the next team's claim, or the receipt of a redemption that is settled. Raises: ClaimLost when the
    claim was taken over or the lease is settled already (also by this very unit,
    run again after a lost connection); then nothing is changed.
    """
    if verdict.fate == "unclear":
        _leave_unclear(tx, core, claim, verdict, now, sent_at or now)
        return None
    if verdict.fate == "already_member" and _stays(tx, claim):
        verdict = replace(verdict, fate="invited")
    succeeded = verdict.fate == "invited"
    row = _settling(guard("claim_fence", "mine")).one_or_none(
        tx,
        {
            "lease": claim.lease_id,
            "token": claim.token,
            "new_status": "invited" if succeeded else "failed",
            "new_invited_at": now if succeeded else None,
            "new_reference": verdict.reference,
            "new_ended_at": None if succeeded else now,
            "new_end_reason": None if succeeded else verdict.reason,
        },
    )
    if row is None:
        raise ClaimLost
    if succeeded:
        records.note_seat(tx, row, claim.team, now)
        seat_actions.take(tx, claim.seat_id)
        team_health.note_success(tx, claim.team_id, now, invited=True)
        if verdict.remark is not None:
            subject, facts = f"team:{claim.team_id}:{verdict.remark}", {"team": claim.team.name}
            alerts.raise_alert(tx, "provider", subject, "warning", verdict.remark, facts, now)
    elif verdict.fate == "already_member":
        seat_actions.give_to_stranger(tx, claim.seat_id, row.address_key)
    else:
        seat_actions.give_back(tx, claim.seat_id)
        if verdict.reason == "full":
            seat_actions.learn_full(tx, claim.team_id)
        elif verdict.fate == "next_team":
            _note_failure(tx, core, claim, verdict, now)
    if not succeeded:
        removal_plans.take_up_again(tx, row, now)
    audit.record(
        tx,
        SYSTEM,
        f"lease.{row.status}",
        "lease",
        claim.lease_id,
        now,
        before={"status": "held"},
        after={"status": row.status, "team": claim.team_id, "seat": claim.seat_id, "reason": verdict.reason},
    )
    if row.transfer_id is not None:
        transfer_steps.invite_settled(tx, core, row, verdict, now)
        return None
    return redemption_steps.invite_settled(tx, core, row, claim, verdict, now)


def _stays(tx: sa.Connection, claim: Claim) -> bool:
    """A member who was to be taken out, and was left there for this seat: it is theirs."""
    return removal_plans.gave_way(tx, claim.team_id, key_of(claim.address), claim.first_sent_at) is not None


def take_over(
    tx: sa.Connection, core: Core, now: datetime, *, most: int = 50, lease_id: int | None = None, late: bool = True
) -> list[Claim]:
    """Claim invites that nobody is looking after: their owner died, or their next look is due.

    `late` has the outcome told by a notice; without it the caller answers the person.
    """
    if not guard("recovery", True):
        return []
    due = [t.leases.c.status == "held", t.leases.c.due_at <= now]
    if lease_id is not None:
        due.append(t.leases.c.id == lease_id)
    rows = claim_due(
        tx,
        t.leases,
        *due,
        until=now + timedelta(seconds=core.settings.redemption.claim),
        order_by=[t.leases.c.due_at],
        most=most,
        # An owner that died may have sent until its claim ran out.
        last_sent_at=sa.case((t.leases.c.unclear_since.is_(None), t.leases.c.due_at), else_=t.leases.c.last_sent_at),
        unclear_since=sa.func.coalesce(t.leases.c.unclear_since, sa.literal(now, t.leases.c.unclear_since.type)),
    )
    by_id = {team_id: TEAM.one(tx, {"team_id": team_id}) for team_id in {row.team_id for row in rows}}
    return [
        Claim(
            token=row.claim,
            lease_id=row.id,
            address=row.address,
            seat_id=row.seat_id,
            team_id=row.team_id,
            team=by_id[row.team_id],
            redemption_id=row.redemption_id,
            transfer_id=row.transfer_id,
            sends=row.sends,
            first_sent_at=row.first_sent_at,
            last_sent_at=row.last_sent_at,
            unclear_since=row.unclear_since,
            late=late,
        )
        for row in rows
    ]


def _leave_unclear(
    tx: sa.Connection,
    core: Core,
    claim: Claim,
    verdict: Verdict,
    now: datetime,
    sent_at: datetime,
) -> None:
    since = claim.unclear_since or now
    wait = settlement.look_again_after(since, now, core.settings.redemption.recovery_interval)
    if verdict.retry_after is not None:
        wait = max(wait, timedelta(seconds=verdict.retry_after))
    mine = (t.leases.c.id == claim.lease_id, t.leases.c.claim == claim.token)
    values: dict[str, Any] = {"claim": None, "due_at": now + wait, "unclear_since": since, "last_sent_at": sent_at}
    row = change(tx, t.leases, *mine, expected="held", **values).one_or_none()
    if row is None:
        raise ClaimLost
    if claim.unclear_since is None:
        audit.record(tx, SYSTEM, "lease.unclear", "lease", claim.lease_id, now, after={"team": claim.team_id})
    if row.redemption_id is not None and row.transfer_id is None:
        redemption_steps.invite_unclear(tx, row.redemption_id)
    if verdict.detail != _NO_CALL and (verdict.reason is None or verdict.reason in _TEAM_REASONS):
        _note_failure(tx, core, claim, verdict, now)


def _note_failure(tx: sa.Connection, core: Core, claim: Claim, verdict: Verdict, now: datetime) -> None:
    if verdict.fault == "person" and not _failed_here_before(tx, claim, now):
        # If one address fails, it may be due to the address; if several fail in a row, it is due to the team.
        verdict = replace(verdict, fault="team")
    opened = claim.team.breaker_opened
    team_health.note_failure(tx, core, claim.team_id, "invite", verdict, now, opened_when_asked=opened)


def _failed_here_before(tx: sa.Connection, claim: Claim, now: datetime) -> bool:
    """Whether this address has had its trouble with this team counted: in this invite, or in one of the last day."""
    if claim.unclear_since is not None:
        return True
    earlier = sa.select(t.leases.c.id).where(
        t.leases.c.team_id == claim.team_id,
        t.leases.c.address_key == key_of(claim.address),
        t.leases.c.status == "failed",
        t.leases.c.id != claim.lease_id,
        t.leases.c.ended_at > now - COUNTED_FOR,
    )
    return tx.execute(earlier.limit(1)).first() is not None


def _sent_there(core: Core, claim: Claim, standing: Standing) -> datetime | None:
    """When the invite was first sent, by the upstream's clock; None where a jump of ours hides how long ago that is."""
    now, sent_at = core.now(), claim.first_sent_at
    if sent_at > now or core.clock.at_latest(sent_at) > sent_at:
        return None
    return sent_at if standing.at is None else standing.at - (now - sent_at)


def _gone_for_good(core: Core, claim: Claim) -> bool:
    """Nobody can say any more whether the invite was applied, and it gives nobody a seat: its workspace is gone."""
    gone = claim.team.health == "gone" or claim.team.removed_at is not None
    since = claim.unclear_since or claim.first_sent_at
    return gone and core.now() >= since + timedelta(seconds=core.settings.redemption.gone_after)


async def _confirmed(core: Core, claim: Claim, answer: Unavailable) -> ProviderAnswer:
    """A rejected credential counts only when a second call rejects it too; else the invite is repeated once."""
    provider = core.provider(claim.team)
    again = await team_health.rejected_again(provider)
    if again is None:
        return await provider.invite(claim.address)
    if again.reason in {"credential", "gone"}:
        return answer
    return Unavailable("unreachable", "the credential was rejected once")


async def conclude(core: Core, claim: Claim) -> None:
    """Take one taken-over claim as far as it goes now; a following team's claim is sent at once."""
    following = await clear_up(core, claim)
    while isinstance(following, Claim):
        following = await send(core, following)
