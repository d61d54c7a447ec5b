"""What happened: redemptions and the audit log, newest first, by any filters together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.actors import Actor, Role
from core.errors import NotFound
from core.rules.addresses import Address, key_of
from core.storage import tables as t
from core.storage.names import is_called

if TYPE_CHECKING:
    from core.service import Core

MOST = 1_000
STATES = ("sending", "unclear", "invited", "already_member", "refused")


@dataclass(frozen=True, slots=True)
class RedemptionLine:
    """One redemption with the lease that came of it: `team` is where it was then, `team_now` where it is by now."""

    id: int
    at: datetime
    settled_at: datetime | None
    address: str
    code_last4: str
    pool: str | None
    team: str | None
    team_now: str | None
    state: str
    reason: str | None
    platform: str
    identity: str
    lease_id: int | None
    lease_status: str | None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the audit log."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    subject_id: int | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


async def was_meant(core: Core, address: Address) -> bool:
    """Was a seat asked for with this address before, by whomever? Then it is no slip of the finger, or was said so."""
    return await core.read(_was_meant, address.key)


@dataclass(frozen=True, slots=True)
class RedemptionFilter:
    """Which redemptions, by all that is said."""

    state: str | None = None
    pool: str | None = None
    address: str | None = None
    since: datetime | None = None


async def redemption_list(
    core: Core, actor: Actor, wanted: RedemptionFilter, *, before: int | None = None, most: int = 50
) -> list[RedemptionLine]:
    """Redemptions, newest first, from before the one with id `before`. Raises: NotAllowed, NotFound (the pool)."""
    actor.require(Role.VIEWER)
    where: list[sa.ColumnElement[bool]] = []
    if wanted.state is not None:
        where.append(t.redemptions.c.state == wanted.state)
    if wanted.address is not None:
        where.append(t.redemptions.c.address_key == key_of(wanted.address))
    if wanted.since is not None:
        where.append(t.redemptions.c.created_at >= wanted.since)
    if before is not None:
        where.append(t.redemptions.c.id < before)
    return await core.read(_redemptions, where, wanted.pool, min(most, MOST))


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines of the audit log, by all that is said.

    `who` is an actor (`telegram:42`, or only a platform or an identity), `action` a whole action or its first word
    (`team`), `subject` a kind of row with or without its number (`batch`, `batch 3`).
    """

    who: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None


async def audit_list(
    core: Core, actor: Actor, wanted: AuditFilter, *, before: int | None = None, most: int = 50
) -> list[AuditLine]:
    """The audit log, newest first, from before the line with id `before`. Raises: NotAllowed."""
    actor.require(Role.ADMIN)
    where: list[sa.ColumnElement[bool]] = []
    if wanted.who is not None:
        who = wanted.who.strip()
        one = t.audit_log.c.actor == who if ":" in who else t.audit_log.c.actor.endswith(f":{who}", autoescape=True)
        where.append(sa.or_(one, t.audit_log.c.actor.startswith(f"{who}:", autoescape=True)))
    if wanted.action is not None:
        action = wanted.action.strip().lower()
        where.append(
            sa.or_(t.audit_log.c.action == action, t.audit_log.c.action.startswith(f"{action}.", autoescape=True))
        )
    if wanted.subject is not None:
        kind, number = split_subject(wanted.subject)
        where.append(t.audit_log.c.subject == kind)
        if number is not None:
            where.append(t.audit_log.c.subject_id == number)
    if wanted.since is not None:
        where.append(t.audit_log.c.at >= wanted.since)
    if before is not None:
        where.append(t.audit_log.c.id < before)
    return await core.read(_audit, where, min(most, MOST))


def split_subject(text: str) -> tuple[str, int | None]:
    """`batch 3`, `batch:3` or `batch#3` as its kind and number."""
    found = re.fullmatch(r"([^\W\d]+)[\s:#]*(\d{1,18})?", text.strip().lower())
    return (found[1], int(found[2]) if found[2] else None) if found else (text.strip().lower(), None)


def _redemptions(
    tx: sa.Connection, where: list[sa.ColumnElement[bool]], pool: str | None, most: int
) -> list[RedemptionLine]:
    if pool is not None:
        named = sa.select(t.pools.c.id).where(is_called(t.pools, pool))
        pool_id = tx.execute(named).scalar_one_or_none()
        if pool_id is None:
            raise NotFound(kind="pool", name=pool)
        where = [*where, t.redemptions.c.pool_id == pool_id]
    return redemption_lines(tx, where, most)


def redemption_lines(tx: sa.Connection, where: list[sa.ColumnElement[bool]], most: int) -> list[RedemptionLine]:
    """Redemptions that fit, newest first."""
    tried = t.leases.alias("tried")
    latest = sa.select(sa.func.max(tried.c.id)).where(tried.c.redemption_id == t.redemptions.c.id)
    lease_id = sa.func.coalesce(t.redemptions.c.lease_id, latest.correlate(t.redemptions).scalar_subquery())
    # A move makes another lease and hands the redemption on to it. Where it all began is the latest lease of the same
    # use that no move has made, or for somebody who had a seat already, that was there at the time.
    then, place = t.leases.alias("then"), t.teams.alias("place")
    began = sa.case(
        (t.redemptions.c.state == "already_member", then.c.created_at <= t.redemptions.c.created_at),
        else_=then.c.transfer_id.is_(None),
    )
    of_then = (
        sa.select(place.c.name)
        .join(then, then.c.team_id == place.c.id)
        .where(then.c.redemption_id == t.leases.c.redemption_id, began)
        .order_by(then.c.id.desc())
        .limit(1)
        .correlate(t.leases, t.redemptions)
        .scalar_subquery()
    )
    rows = tx.execute(
        sa.select(
            t.redemptions,
            t.pools.c.name.label("pool"),
            t.teams.c.name.label("team_now"),
            sa.func.coalesce(of_then, t.teams.c.name).label("team"),
            t.leases.c.id.label("lease"),
            t.leases.c.status.label("lease_status"),
        )
        .select_from(t.redemptions)
        .outerjoin(t.leases, t.leases.c.id == lease_id)
        .outerjoin(t.teams, t.teams.c.id == t.leases.c.team_id)
        .outerjoin(t.pools, t.pools.c.id == t.redemptions.c.pool_id)
        .where(*where)
        .order_by(t.redemptions.c.id.desc())
        .limit(most)
    )
    return [
        RedemptionLine(
            id=row.id,
            at=row.created_at,
            settled_at=row.settled_at,
            address=row.address,
            code_last4=row.code_last4,
            pool=row.pool,
            team=row.team,
            team_now=row.team_now,
            state=row.state,
            reason=row.reason,
            platform=row.platform,
            identity=row.identity,
            lease_id=row.lease,
            lease_status=row.lease_status,
        )
        for row in rows
    ]


def _audit(tx: sa.Connection, where: list[sa.ColumnElement[bool]], most: int) -> list[AuditLine]:
    rows = tx.execute(sa.select(t.audit_log).where(*where).order_by(t.audit_log.c.id.desc()).limit(most))
    return [
        AuditLine(row.id, row.at, row.actor, row.action, row.subject, row.subject_id, row.before or {}, row.after or {})
        for row in rows
    ]


def _was_meant(tx: sa.Connection, address_key: str) -> bool:
    known = (
        sa.select(table.c.id).where(table.c.address_key == address_key).limit(1) for table in (t.leases, t.redemptions)
    )
    return any(tx.execute(one).first() is not None for one in known)
