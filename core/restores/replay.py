"""Doing again, from the journal, what a restored database has forgotten: seats given, uses used, terms, ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM
from core.leases import invites, records
from core.leases.claims import seize
from core.leases.closing import close_lease
from core.leases.offers import offer_ended
from core.leases.states import MOVING
from core.restores.outcome import Reconciled
from core.rules.settlement import Verdict
from core.storage import row_claims
from core.storage import tables as t
from core.teams import seats as seat_actions

if TYPE_CHECKING:
    from core.service import Core

_MOMENTS = ("created_at", "invited_at", "joined_at", "expires_at")
OFFER = "offer_expired"


@dataclass(slots=True)
class Story:
    """All that the journal tells of one lease."""

    lease_id: int
    seat: Mapping[str, Any] | None = None
    use: Mapping[str, Any] | None = None
    end: Mapping[str, Any] | None = None
    until: list[datetime | None] = field(default_factory=list)

    @property
    def uses(self) -> bool:
        """Whether the use is used: that of an offer which nobody accepted went back to the code."""
        return self.use is not None and not (self.end is not None and self.end["reason"] == OFFER)


def stories(lines: Iterable[Mapping[str, Any]]) -> list[Story]:
    """The lines by lease, in the order in which the leases first come up."""
    found: dict[int, Story] = {}
    for line in lines:
        if "lease" not in line:
            continue
        story = found.setdefault(line["lease"], Story(line["lease"]))
        if line["kind"] == "until":
            story.until.append(None if line["until"] is None else datetime.fromisoformat(line["until"]))
        elif line["kind"] in {"seat", "use", "end"}:
            setattr(story, line["kind"], line)
    return list(found.values())


def replay(tx: sa.Connection, core: Core, told: Iterable[Story], outcome: Reconciled, now: datetime) -> None:
    """Bring every lease that the journal tells of to where the journal leaves it."""
    told = list(told)
    for story in told:
        _settle_held(tx, core, story, outcome, now)
    for story in told:
        row = tx.execute(sa.select(t.leases).where(t.leases.c.id == story.lease_id)).one_or_none()
        if row is None and story.seat is not None:
            row = _make_again(tx, story, story.seat, outcome, now)
        if row is None:
            continue
        if story.until and row.status in t.LIVE:
            tx.execute(
                sa.update(t.leases).where(t.leases.c.id == row.id).values(expires_at=story.until[-1], warned_at=None)
            )
            outcome.note("term_restored", address=row.address)
        if story.end is not None and row.status in t.LIVE:
            _end(tx, core, row, story.end["reason"], outcome, now)
    for story in told:
        _follow_moves(tx, story)
        _follow_transfer(tx, core, story, now)


def _settle_held(tx: sa.Connection, core: Core, story: Story, outcome: Reconciled, now: datetime) -> None:
    """The backup was made while the invite was under way; it was applied."""
    if story.seat is None:
        return
    claim = seize(tx, core, story.lease_id, now)
    if claim is not None:
        invites.settle(tx, core, claim, Verdict("invited", reference=None), now)
        outcome.note("invite_settled", address=claim.address, team=claim.team.name)


def _make_again(tx: sa.Connection, story: Story, seat: Mapping[str, Any], outcome: Reconciled, now: datetime) -> Any:
    kept = dict(seat["row"])
    for name in _MOMENTS:
        kept[name] = None if kept[name] is None else datetime.fromisoformat(kept[name])
    provider, external_id = seat["team"]
    named = sa.and_(t.teams.c.provider == provider, t.teams.c.external_id == external_id)
    team = tx.execute(sa.select(t.teams).where(named)).one_or_none()
    if team is None:
        outcome.note("team_unknown", address=kept["address"], team=external_id)
        if story.use is not None and story.uses:
            _void(tx, story.use, outcome)
        return None
    ended = story.end is not None
    values = {**kept, "id": story.lease_id, "team_id": team.id, "pool_id": team.pool_id, "transfer_id": None}
    values |= {"redemption_id": None, "first_sent_at": kept["invited_at"], "last_sent_at": kept["invited_at"]}
    present = sa.and_(
        t.leases.c.team_id == team.id, t.leases.c.address_key == kept["address_key"], t.leases.c.status.in_(t.LIVE)
    )
    if not ended and tx.execute(sa.select(t.leases.c.id).where(present)).first() is not None:
        ended = True  # a later lease of the same person is there already
    if ended:
        reason = story.end["reason"] if story.end is not None else "gone"
        at = story.end["at"] if story.end is not None else now
        values |= {"status": "ended", "seat_id": None, "ended_at": at, "end_reason": reason}
    else:
        seat_id = seat_actions.take_from_stranger(tx, team.id, kept["address_key"])
        if seat_id is None:
            seat_actions.seat_stranger(tx, team.id, kept["address_key"])
            seat_id = seat_actions.take_from_stranger(tx, team.id, kept["address_key"])
        values |= {"status": "active" if kept["joined_at"] else "invited", "seat_id": seat_id}
    if story.use is not None and story.uses:
        values["redemption_id"] = _use(tx, story.use, outcome, now)
    row = tx.execute(sa.insert(t.leases).values(**values).returning(t.leases)).one()
    if values["redemption_id"] is not None:
        mine = sa.and_(t.redemptions.c.id == values["redemption_id"], t.redemptions.c.lease_id.is_(None))
        tx.execute(sa.update(t.redemptions).where(mine).values(lease_id=row.id))
    outcome.note("seat_restored" if not ended else "seat_ended", address=row.address, team=team.name)
    audit.record(tx, SYSTEM, "lease.restored", "lease", row.id, now, after={"status": row.status, "team": team.id})
    records.note_seat(tx, row, team, now)
    if ended:
        records.note_end(tx, row, now)
    return row


def _use(tx: sa.Connection, use: Mapping[str, Any], outcome: Reconciled, now: datetime) -> int | None:
    """Note the use of a code; the id of its redemption, or None where the code is not known (any more)."""
    code = _code(tx, use)
    if code is None:
        outcome.note("use_noted", address=use["row"]["address"], detail="unknown code")
        return None
    known = tx.execute(
        sa.select(t.redemptions).where(
            sa.or_(
                t.redemptions.c.request_key == use["row"]["request_key"],
                sa.and_(
                    t.redemptions.c.code_id == code.id,
                    t.redemptions.c.address_key == use["row"]["address_key"],
                    t.redemptions.c.state.in_(("sending", "unclear", "invited")),
                ),
            )
        )
    ).first()
    if known is not None:
        return int(known.id) if known.state == "invited" else None
    left = sa.and_(t.codes.c.id == code.id, t.codes.c.used + t.codes.c.reserved < t.codes.c.max_uses)
    if tx.execute(sa.update(t.codes).where(left).values(used=t.codes.c.used + 1)).rowcount != 1:
        return None
    tx.execute(sa.insert(t.batch_changes).values(batch_id=code.batch_id, used=1, voided=-int(code.status != "active")))
    kept = dict(use["row"])
    kept["content"] = bytes.fromhex(kept["content"])
    kept["created_at"] = datetime.fromisoformat(kept["created_at"])
    pool = sa.select(t.batches.c.pool_id).where(t.batches.c.id == code.batch_id).scalar_subquery()
    values = {**kept, "id": use["redemption"], "code_id": code.id, "pool_id": pool, "state": "invited"}
    values["settled_at"] = use["at"]
    if tx.execute(sa.select(t.redemptions.c.id).where(t.redemptions.c.id == use["redemption"])).first() is not None:
        del values["id"]
    made = int(tx.execute(sa.insert(t.redemptions).values(**values).returning(t.redemptions.c.id)).scalar_one())
    facts = {"code": code.id, "lease": use["lease"]}
    for action in ("redemption.reserved", "redemption.invited"):
        audit.record(tx, SYSTEM, action, "redemption", made, now, after={**facts, "from": "journal"})
    outcome.note("use_noted", address=kept["address"], detail=kept["code_last4"])
    return made


def _void(tx: sa.Connection, use: Mapping[str, Any], outcome: Reconciled) -> None:
    """The code was used for a seat in a team that is not known here: it is not to be redeemed again."""
    code = _code(tx, use)
    if code is None or code.status != "active":
        return
    row_claims.change(tx, t.codes, t.codes.c.id == code.id, expected="active", status="disabled").one()
    unused = code.max_uses - code.used - code.reserved
    tx.execute(sa.insert(t.batch_changes).values(batch_id=code.batch_id, voided=unused))
    outcome.note("use_noted", address=use["row"]["address"], detail=use["row"]["code_last4"])


def _code(tx: sa.Connection, use: Mapping[str, Any]) -> Any:
    return code_of(tx, use["digest"], use["code"], use["row"]["code_last4"])


def code_of(tx: sa.Connection, digest: str, number: int, last4: str) -> Any:
    """A code by its digest; where the vault's key has changed meanwhile, by its number and its last symbols."""
    by_digest = sa.select(t.codes).where(t.codes.c.digest == bytes.fromhex(digest))
    numbered = sa.select(t.codes).where(t.codes.c.id == number, t.codes.c.last4 == last4)
    return tx.execute(by_digest).one_or_none() or tx.execute(numbered).one_or_none()


def _end(tx: sa.Connection, core: Core, row: Any, reason: str, outcome: Reconciled, now: datetime) -> None:
    """It has ended since the backup, and its person was told so then."""
    ended = close_lease(tx, row, reason, now)
    if ended is None:
        return
    if reason == OFFER:
        offer_ended(tx, core, ended, now)
    outcome.note("seat_ended", address=row.address)


def _follow_moves(tx: sa.Connection, story: Story) -> None:
    """The redemption of somebody who was moved is where they are now."""
    redemption = None if story.seat is None or story.end is not None else story.seat["row"]["redemption_id"]
    if redemption is None:
        return
    live = sa.select(t.leases.c.id).where(t.leases.c.id == story.lease_id, t.leases.c.status.in_(t.LIVE))
    if tx.execute(live).first() is None:
        return
    elsewhere = sa.select(t.leases.c.id).where(t.leases.c.status.in_(t.LIVE))
    moved = sa.and_(
        t.redemptions.c.id == redemption, t.redemptions.c.state == "invited", t.redemptions.c.lease_id.not_in(elsewhere)
    )
    if tx.execute(sa.update(t.redemptions).where(moved).values(lease_id=story.lease_id)).rowcount:
        tx.execute(sa.update(t.leases).where(t.leases.c.id == story.lease_id).values(redemption_id=redemption))


def _follow_transfer(tx: sa.Connection, core: Core, story: Story, now: datetime) -> None:
    """A move that the backup had only begun led to this lease; its person is there, and perhaps no longer where they were."""
    number = None if story.seat is None else story.seat["row"]["transfer_id"]
    begun = sa.and_(t.transfers.c.id == number, t.transfers.c.target_lease_id.is_(None))
    move = None if number is None else tx.execute(sa.select(t.transfers).where(begun)).one_or_none()
    here = tx.execute(sa.select(t.leases.c.id).where(t.leases.c.id == story.lease_id)).first()
    if move is None or here is None:
        return
    left = sa.select(t.leases.c.id).where(t.leases.c.id == move.lease_id, t.leases.c.status == "ended")
    there: dict[str, Any] = {"state": "done", "finished_at": now, "due_at": None}
    if tx.execute(left).first() is None:
        grace = now + timedelta(hours=core.settings.transfers.grace_hours)
        there = {"state": "waiting", "grace_ends_at": grace, "due_at": now}
    expected = (*MOVING, "cancelled")
    moved = row_claims.change(
        tx, t.transfers, begun, expected=expected, target_lease_id=story.lease_id, claim=None, reason=None, **there
    )
    if moved.one_or_none() is not None:
        tx.execute(sa.update(t.leases).where(t.leases.c.id == story.lease_id).values(transfer_id=number))
