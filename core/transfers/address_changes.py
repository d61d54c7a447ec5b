"""A person wants their seat under another address: asked for by them, decided by staff, done as a transfer.

An invitation that nobody has accepted yet needs nobody's word: the new address is invited instead of the old one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import attempts, audit
from core.actors import Actor, Role
from core.alerts import alerts
from core.errors import NotFound, TransferRefused
from core.leases import transfer_steps
from core.leases.ending import drop_wishes
from core.leases.notices import team_name, tell_holder
from core.leases.states import live_leases, own_lease
from core.leases.transfer_steps import TransferWish
from core.rules.addresses import Address, read_address, refuse_address
from core.storage import row_claims
from core.storage import tables as t
from core.storage.rows import LeaseRow
from core.transfers import transfers
from core.transfers.transfers import Transfer

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class AddressWish:
    """A wish for another address. `at_once`: it is being done, as nobody had accepted the invitation."""

    transfer_id: int
    at_once: bool


@dataclass(frozen=True, slots=True)
class Wished:
    """A wish that waits for staff: from which address to which, in which team."""

    id: int
    lease_id: int
    address: str
    wanted: str
    team: str
    pool: str
    created_at: datetime


async def ask(core: Core, actor: Actor, lease_id: int, address: str) -> AddressWish:
    """Ask for another address on one's own lease. A later wish replaces it.

    Staff decide, unless nobody has accepted the invitation yet: that is done at once, as often as one may redeem.
    Raises: BadAddress, AddressNotAllowed, NotFound (not their lease), TransferRefused (the address is there already),
    LeaseRefused, TooManyAttempts.
    """
    actor.require(Role.ANYONE)
    rules = core.settings.redemption
    wanted = read_address(address)
    refuse_address(wanted, rules.allowed_domains, rules.blocked)
    asked = await core.write(_ask, core, actor, lease_id, wanted, core.now())
    if asked.at_once:
        await transfers.advance(core, asked.transfer_id)
    return asked


async def wishes(core: Core, actor: Actor) -> list[Wished]:
    """Who waits for a decision about another address, the longest first. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    return await core.read(_wishes)


async def approve(core: Core, actor: Actor, transfer_id: int) -> Transfer:
    """Let the new address be invited, and the old one go when it has joined.

    In the same team where it has a seat, else in another one: the person is somewhere all the time.
    Raises: NotAllowed, NotFound, TransferRefused, LeaseRefused.
    """
    actor.require(Role.OPERATOR)
    started = await core.write(_approve, core, actor, transfer_id, core.now())
    await transfers.advance(core, started)
    return await core.read(transfers.read_transfer, started)


async def change(core: Core, actor: Actor, lease_id: int, address: str) -> Transfer:
    """Staff change an address at once. Raises: NotAllowed, BadAddress, NotFound, TransferRefused, LeaseRefused."""
    actor.require(Role.OPERATOR)
    wanted = read_address(address)
    started = await core.write(_change, core, actor, lease_id, wanted, core.now())
    await transfers.advance(core, started)
    return await core.read(transfers.read_transfer, started)


async def decline(core: Core, actor: Actor, transfer_id: int) -> None:
    """Turn a wish down. Raises: NotAllowed, NotFound."""
    actor.require(Role.OPERATOR)
    await core.write(_decline, core, actor, transfer_id, core.now())


def _wishes(tx: sa.Connection) -> list[Wished]:
    rows = tx.execute(
        sa.select(
            t.transfers.c.id,
            t.transfers.c.lease_id,
            t.transfers.c.address.label("wanted"),
            t.transfers.c.created_at,
            t.leases.c.address,
            t.teams.c.name.label("team"),
            t.pools.c.name.label("pool"),
        )
        .join(t.leases, t.leases.c.id == t.transfers.c.lease_id)
        .join(t.teams, t.teams.c.id == t.leases.c.team_id)
        .join(t.pools, t.pools.c.id == t.leases.c.pool_id)
        .where(t.transfers.c.state == "asked")
        .order_by(t.transfers.c.id)
    )
    return [Wished(row.id, row.lease_id, row.address, row.wanted, row.team, row.pool, row.created_at) for row in rows]


def _ask(tx: sa.Connection, core: Core, actor: Actor, lease_id: int, wanted: Address, now: datetime) -> AddressWish:
    lease = own_lease(tx, actor, lease_id)
    _refuse_present(tx, lease, wanted)
    if lease.status == "invited" and lease.joined_at is None:
        if actor.role < Role.OPERATOR:
            attempts.claim_attempt(tx, actor, core.settings.limits, now)
        wish = TransferWish("address", forced=True, skip_acceptance=True, address=wanted.original)
        return AddressWish(transfer_steps.start(tx, core, actor, lease_id, wish, now), at_once=True)
    drop_wishes(tx, actor, lease_id, now)
    asked = tx.execute(
        sa.insert(t.transfers)
        .values(
            lease_id=lease_id,
            address=wanted.original,
            cause="address",
            state="asked",
            requested_by=actor.key,
            created_at=now,
        )
        .returning(t.transfers.c.id)
    ).scalar_one()
    audit.record(tx, actor, "transfer.asked", "transfer", asked, now, after={"lease": lease_id, "cause": "address"})
    facts = {"team": team_name(tx, lease.team_id), "transfer": asked, "lease": lease_id}
    alerts.raise_alert(tx, "system", f"address:{asked}", "info", "address_change_asked", facts, now)
    return AddressWish(int(asked), at_once=False)


def _approve(tx: sa.Connection, core: Core, actor: Actor, transfer_id: int, now: datetime) -> int:
    row = _asked(tx, transfer_id, now)
    audit.record(tx, actor, "transfer.approved", "transfer", transfer_id, now)
    alerts.end_condition(tx, "system", f"address:{transfer_id}", now)
    return _change(tx, core, actor, row.lease_id, read_address(row.address), now)


def _change(tx: sa.Connection, core: Core, actor: Actor, lease_id: int, wanted: Address, now: datetime) -> int:
    lease = live_leases(tx, "", lease_id=lease_id)[0]
    _refuse_present(tx, lease, wanted)
    drop_wishes(tx, actor, lease_id, now)
    return transfer_steps.start(tx, core, actor, lease_id, TransferWish("address", address=wanted.original), now)


def _decline(tx: sa.Connection, core: Core, actor: Actor, transfer_id: int, now: datetime) -> None:
    row = _asked(tx, transfer_id, now)
    audit.record(tx, actor, "transfer.declined", "transfer", transfer_id, now)
    alerts.end_condition(tx, "system", f"address:{transfer_id}", now)
    lease = tx.execute(sa.select(t.leases).where(t.leases.c.id == row.lease_id)).one()
    tell_holder(tx, core, lease, "address_change_declined", now, key=str(transfer_id))


def _asked(tx: sa.Connection, transfer_id: int, now: datetime) -> Any:
    """Close the wish, and return its row. Raises: NotFound."""
    asked = t.transfers.c.id == transfer_id
    row = row_claims.change(tx, t.transfers, asked, expected="asked", state="cancelled", finished_at=now).one_or_none()
    if row is None:
        raise NotFound(kind="transfer", name=str(transfer_id))
    return row


def _refuse_present(tx: sa.Connection, lease: LeaseRow, wanted: Address) -> None:
    if wanted.key == lease.address_key:
        raise TransferRefused(reason="same_address")
    present = sa.and_(
        t.leases.c.address_key == wanted.key, t.leases.c.team_id == lease.team_id, t.leases.c.status.in_(t.LIVE)
    )
    if tx.execute(sa.select(t.leases.c.id).where(present)).first() is not None:
        raise TransferRefused(reason="address_present")
