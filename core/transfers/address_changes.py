"""A person wants their seat under another address: asked for by them, decided by staff, done as a transfer."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.alerts import alerts
from core.errors import NotFound, TransferRefused
from core.leases import transfer_steps
from core.leases.notices import team_name, tell_holder
from core.leases.states import live_leases
from core.leases.transfer_steps import Wish
from core.rules.addresses import Address, read_address, refuse_address
from core.storage import row_claims
from core.storage import tables as t
from core.transfers import transfers
from core.transfers.transfers import Transfer

if TYPE_CHECKING:
    from core.service import Core


async def ask(core: Core, actor: Actor, lease_id: int, address: str) -> int:
    """Ask staff for another address on one's own lease; returns the id of the wish. A later wish replaces it.

    Raises: BadAddress, AddressNotAllowed, NotFound (not their lease), TransferRefused (the address is there already).
    """
    actor.require(Role.ANYONE)
    rules = core.settings.redemption
    wanted = read_address(address)
    refuse_address(wanted, rules.allowed_domains, rules.blocked)
    return await core.write(_ask, actor, lease_id, wanted, core.now())


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


def _ask(tx: sa.Connection, actor: Actor, lease_id: int, wanted: Address, now: datetime) -> int:
    lease = live_leases(tx, "", lease_id=lease_id)[0]
    if (lease.platform, lease.identity) != (actor.platform, actor.identity):
        raise NotFound(kind="lease", name=str(lease_id))
    _refuse_present(tx, lease, wanted)
    earlier = t.transfers.c.lease_id == lease_id
    replaced = row_claims.change(tx, t.transfers, earlier, expected="asked", state="cancelled", finished_at=now)
    for one in replaced.all():
        audit.record(tx, actor, "transfer.cancelled", "transfer", one.id, now, before={"state": "asked"})
    wish = tx.execute(
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
    audit.record(tx, actor, "transfer.asked", "transfer", wish, now, after={"lease": lease_id, "cause": "address"})
    facts = {"team": team_name(tx, lease.team_id), "transfer": wish, "lease": lease_id}
    alerts.raise_alert(tx, "system", f"address:{lease_id}", "info", "address_change_asked", facts, now)
    return int(wish)


def _approve(tx: sa.Connection, core: Core, actor: Actor, transfer_id: int, now: datetime) -> int:
    row = _asked(tx, transfer_id, now)
    audit.record(tx, actor, "transfer.approved", "transfer", transfer_id, now)
    alerts.end_condition(tx, "system", f"address:{row.lease_id}", now)
    return _change(tx, core, actor, row.lease_id, read_address(row.address), now)


def _change(tx: sa.Connection, core: Core, actor: Actor, lease_id: int, wanted: Address, now: datetime) -> int:
    lease = live_leases(tx, "", lease_id=lease_id)[0]
    _refuse_present(tx, lease, wanted)
    return transfer_steps.start(tx, core, actor, lease_id, Wish("address", address=wanted.original), now)


def _decline(tx: sa.Connection, core: Core, actor: Actor, transfer_id: int, now: datetime) -> None:
    row = _asked(tx, transfer_id, now)
    audit.record(tx, actor, "transfer.declined", "transfer", transfer_id, now)
    alerts.end_condition(tx, "system", f"address:{row.lease_id}", now)
    lease = tx.execute(sa.select(t.leases).where(t.leases.c.id == row.lease_id)).one()
    tell_holder(tx, core, lease, "address_change_declined", now, key=str(transfer_id))


def _asked(tx: sa.Connection, transfer_id: int, now: datetime) -> Any:
    """Close the wish, and return its row. Raises: NotFound."""
    asked = t.transfers.c.id == transfer_id
    row = row_claims.change(tx, t.transfers, asked, expected="asked", state="cancelled", finished_at=now).one_or_none()
    if row is None:
        raise NotFound(kind="transfer", name=str(transfer_id))
    return row


def _refuse_present(tx: sa.Connection, lease: Any, wanted: Address) -> None:
    if wanted.key == lease.address_key:
        raise TransferRefused(reason="same_address")
    present = sa.and_(
        t.leases.c.address_key == wanted.key, t.leases.c.team_id == lease.team_id, t.leases.c.status.in_(t.LIVE)
    )
    if tx.execute(sa.select(t.leases.c.id).where(present)).first() is not None:
        raise TransferRefused(reason="address_present")
