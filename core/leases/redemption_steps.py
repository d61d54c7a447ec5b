"""What the settling of an invite means for the redemption behind it: the use, the next team, the person told.

The transactions of `core.leases.invites` end here, as those of a transfer end in `transfer_steps`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NoReturn

import sqlalchemy as sa

from core import audit, outbox
from core.actors import SYSTEM, Role
from core.codes import uses as code_uses
from core.errors import AddressRefusedUpstream, NoSeats, Refusal, TeamUnavailable
from core.leases import records
from core.leases.claims import Claim, ClaimLost, hold, team_of
from core.leases.receipts import OTHERS, UNDER_WAY, Receipt
from core.people import people
from core.rules.allocation import Policy
from core.rules.settlement import Verdict
from core.storage import tables as t
from core.storage.column_types import Json, Moment
from core.storage.prepared import Prepared
from core.storage.row_claims import change, changing
from core.storage.rows import LeaseRow, RedemptionRow
from core.teams import seats as seat_actions

if TYPE_CHECKING:
    from core.service import Core

_SETTLE = Prepared(
    changing(
        t.redemptions,
        t.redemptions.c.id == sa.bindparam("redemption"),
        expected=UNDER_WAY,
        state=sa.bindparam("new_state"),
        reason=sa.bindparam("new_reason"),
        facts=sa.bindparam("new_facts", type_=Json),
        lease_id=sa.bindparam("new_lease"),
        settled_at=sa.bindparam("now", type_=Moment()),
    ).returning(t.redemptions)
)


def invite_settled(
    tx: sa.Connection, core: Core, lease: LeaseRow, claim: Claim, verdict: Verdict, now: datetime
) -> Claim | Receipt:
    """The invite of a redemption's lease is settled: use the code, or try the next team, or give the use back."""
    if verdict.fate == "next_team":
        following = _next_team(tx, core, lease, claim, now)
        if following is not None:
            return following
    state, reason, facts = verdict.fate, None, None
    if verdict.fate not in {"invited", "already_member"}:
        refusal = _final_refusal(tx, lease, verdict)
        state, reason, facts = "refused", refusal.key, refusal.facts
    if state == "already_member" and not _by_staff(tx, core, lease):
        # The upstream says so of an address that nobody has proved to be theirs.
        facts = dict(OTHERS)
    if lease.redemption_id is None:
        raise AssertionError(f"lease {lease.id} is no redemption's")

    def is_settled() -> NoReturn:
        raise ClaimLost

    settled = _SETTLE.later(
        tx,
        {
            "redemption": lease.redemption_id,
            "new_state": state,
            "new_reason": reason,
            "new_facts": facts,
            "new_lease": None if state == "refused" else lease.id,
            "now": now,
        },
        otherwise=is_settled,
    )
    used = code_uses.confirm_use(tx, lease.redemption_id) if state == "invited" else None
    after = {"state": state, "reason": reason, "lease": lease.id}
    audit.record(tx, SYSTEM, f"redemption.{state}", "redemption", lease.redemption_id, now, after=after)
    redemption = settled.one()
    if used is None:
        code_uses.return_use(tx, redemption.code_id)
    else:
        records.note_use(tx, redemption, used.one().digest, now)
    _tell(tx, core, redemption, claim, now)
    return Receipt(
        redemption_id=redemption.id,
        state=redemption.state,
        reason=reason,
        address=redemption.address,
        code_last4=redemption.code_last4,
        team=None if state == "refused" or facts == OTHERS else claim.team.name,
        pool=claim.team.pool,
        invited_at=lease.invited_at,
        joined_at=lease.joined_at,
        expires_at=lease.expires_at,
        term=lease.term,
        facts=facts or {},
    )


def _by_staff(tx: sa.Connection, core: Core, lease: LeaseRow) -> bool:
    asked = sa.select(t.redemptions).where(t.redemptions.c.id == lease.redemption_id)
    asker = tx.execute(asked).one()  # who is not the holder, where staff seat somebody
    key = f"{asker.platform}:{asker.identity}"
    return people.role_now(tx, core.settings.staff.owners, key) >= Role.OPERATOR


def invite_unclear(tx: sa.Connection, redemption_id: int) -> None:
    """Its invite's effect is unknown: neither the code nor the seat is free, and the person will be told."""
    change(tx, t.redemptions, t.redemptions.c.id == redemption_id, expected=UNDER_WAY, state="unclear").one()


def _next_team(tx: sa.Connection, core: Core, lease: LeaseRow, claim: Claim, now: datetime) -> Claim | None:
    """Hold a seat in a team that was not asked yet, for a general code, within the limits of trying."""
    rules = core.settings.redemption
    redemption = tx.execute(sa.select(t.redemptions).where(t.redemptions.c.id == lease.redemption_id)).one()
    source = tx.execute(
        sa.select(t.batches.c.pool_id, t.batches.c.team_id, t.pools.c.policy)
        .join(t.codes, t.codes.c.batch_id == t.batches.c.id)
        .join(t.pools, t.pools.c.id == t.batches.c.pool_id)
        .where(t.codes.c.id == redemption.code_id)
    ).one()
    tried = tx.execute(sa.select(t.leases.c.team_id).where(t.leases.c.redemption_id == redemption.id)).scalars().all()
    too_late = now >= redemption.created_at + timedelta(seconds=rules.code_lock)
    if (
        source.team_id is not None
        or redemption.chosen_team_id is not None
        or len(tried) >= rules.teams_tried
        or too_late
    ):
        return None
    seat = seat_actions.claim_seat(
        tx,
        seat_actions.SeatWanted(
            pool_id=source.pool_id,
            team_id=None,
            policy=Policy(source.policy),
            excluded=tried,
            address_key=lease.address_key,
            hold=timedelta(seconds=rules.seat_hold),
        ),
        now,
    )
    if seat is None:
        return None
    kept = ("address", "address_key", "pool_id", "redemption_id", "term", "auto_transfer", "temporary")
    holder = {name: getattr(lease, name) for name in (*kept, "platform", "identity", "language")}
    team = team_of(tx, seat, lease.address_key, now)
    following = hold(tx, core, team, now, late=claim.late, **holder)
    audit.record(
        tx,
        SYSTEM,
        "redemption.next_team",
        "redemption",
        redemption.id,
        now,
        before={"lease": lease.id, "team": lease.team_id},
        after={"lease": following.lease_id, "team": seat.team_id},
    )
    return following


def _final_refusal(tx: sa.Connection, lease: LeaseRow, verdict: Verdict) -> Refusal:
    if verdict.fate == "refused":
        return AddressRefusedUpstream()
    bound_to = (
        sa.select(sa.func.coalesce(t.redemptions.c.chosen_team_id, t.batches.c.team_id))
        .select_from(t.batches)
        .join(t.codes, t.codes.c.batch_id == t.batches.c.id)
        .join(t.redemptions, t.redemptions.c.code_id == t.codes.c.id)
        .where(t.redemptions.c.id == lease.redemption_id)
    )
    return nothing_to_give(tx, lease.pool_id, tx.execute(bound_to).scalar_one())


def nothing_to_give(tx: sa.Connection, pool_id: int, team_id: int | None) -> Refusal:
    """Why there is no seat just now: all are taken, or the teams that have one cannot serve."""
    pool = tx.execute(
        sa.select(t.pool_shown.label("name"), t.pools.c.waitlist_open).where(t.pools.c.id == pool_id)
    ).one()
    if seat_actions.any_free(tx, pool_id=pool_id, team_id=team_id):
        return TeamUnavailable(pool=pool.name)
    return NoSeats(pool=pool.name, waitlist=pool.waitlist_open)


def late_notice(redemption_id: int) -> str:
    """The name of the notice of an outcome that came after the answer."""
    return f"redemption:{redemption_id}:late"


def _tell(tx: sa.Connection, core: Core, redemption: RedemptionRow, claim: Claim, now: datetime) -> None:
    """Mail the invited person; tell the chat only what its own answer could not say any more."""
    template = "redemption_refused" if redemption.state == "refused" else redemption.state
    team = "" if redemption.facts == OTHERS else claim.team.name
    facts = {"address": redemption.address, "team": team, "code": redemption.code_last4}
    if redemption.reason is not None:
        facts["reason"] = redemption.reason
    language = redemption.language
    if template == "invited" and core.settings.mail.host:
        key = f"invited:{claim.lease_id}:mail"
        outbox.put(tx, "mail", redemption.address, outbox.Notice("invited", facts, language=language, dedupe=key), now)
    if claim.late:
        late = outbox.Notice(template, facts, language=language, dedupe=late_notice(redemption.id))
        outbox.tell(tx, redemption.platform, redemption.identity, late, now)
