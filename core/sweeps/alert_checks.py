"""The conditions that staff should know of, each found by one look at the stored state.

A check returns what it finds now. Whatever one of its alerts was open for and is not found any more has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa

from core import budgets
from core.codes.credit_quota import limited_pools, outstanding
from core.credit.report import loss_since
from core.notices import deliveries
from core.rules.alerts import (
    Level,
    capacity_level,
    credential_level,
    overcommitted_level,
    room_level,
)
from core.rules.allocation import Policy
from core.rules.money import MICRO, amount_text
from core.rules.transfers import is_stuck
from core.storage import tables as t
from core.sweeps.intervals import is_late
from core.teams.quota import pool_quota
from core.upkeep.backups import has_place, last_backup

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class FoundCondition:
    """One condition that holds. `facts` hold names and numbers, never an address or a code."""

    category: str
    subject: str
    level: Level
    title: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Family:
    """A check and the open alerts that it answers for: those of `category` whose subject begins with `prefix`.

    `ends` is False where somebody else notices that the condition is over.
    """

    category: str
    prefix: str
    check: AlertCheck
    ends: bool = True


TEAMS_NAMED = 5
"""Full teams that the alert of their pool names; the others are counted."""
NOTICES_LATE = 600.0
"""Seconds that a message may wait for somebody to send it."""

AlertCheck: TypeAlias = Callable[[sa.Connection, "Core", datetime], Iterator[FoundCondition]]


def team_capacity(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:
    """Teams that are nearly or quite full, where that is a condition of its own.

    It is where unused codes lead to this team only. Else what matters is the pool's room: filling team after team is
    how most pools work, and where a pool as a whole is short, its own alert names its full teams.
    """
    percents = core.settings.alerts.capacity_percent
    rows = tx.execute(_occupation(t.seats.c.team_id)).all()
    short = {one.pool for one in _rooms(tx, core, now) if one.level is not None}
    bound = _bound_uses(tx, now)
    for row in rows:
        level = capacity_level(row.occupied, row.seats, percents)
        uses = bound.get(row.team_id, 0)
        ordered = row.policy == Policy.FILL_FIRST
        if level is None or not (uses or (not ordered and row.pool_id not in short)):
            continue
        facts = {"team": row.name, "occupied": row.occupied, "seats": row.seats, "uses": uses}
        full = row.occupied >= row.seats
        level = min(level, Level.ERROR if uses and full else Level.WARNING, key=lambda one: one.rank)
        yield FoundCondition(
            "team_capacity", f"team:{row.team_id}", level, "team_full" if full else "team_capacity", facts
        )


def pool_capacity(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:
    """Pools that are short of seats: nearly full, with few seats left, or with none. One alert for all of it."""
    for room in _rooms(tx, core, now):
        if room.level is None:
            continue
        facts = {"pool": room.name, "free": room.free, "occupied": room.seats - room.free, "seats": room.seats}
        facts |= {"teams": room.full[:TEAMS_NAMED], "full": len(room.full)}
        title = "pool_full" if not room.free else "pool_capacity" if room.nearly else "pool_few_seats"
        yield FoundCondition("team_capacity", f"pool:{room.pool}", room.level, title, facts)


@dataclass(frozen=True, slots=True)
class _Room:
    """The seats of a pool that are open to new people; `full` names its teams without a free one."""

    pool: int
    name: str
    free: int
    seats: int
    full: list[str]
    nearly: bool
    level: Level | None


def _rooms(tx: sa.Connection, core: Core, now: datetime) -> Iterator[_Room]:
    rules = core.settings.alerts
    open_seats: dict[int, int] = {}
    full: dict[int, list[str]] = {}
    for row in tx.execute(_occupation(t.seats.c.team_id).where(t.seats.c.open).order_by(t.teams.c.name)):
        open_seats[row.pool_id] = open_seats.get(row.pool_id, 0) + int(row.seats)
        if row.occupied >= row.seats:
            full.setdefault(row.pool_id, []).append(row.name)
    used = sa.select(t.teams.c.pool_id).where(t.teams.c.removed_at.is_(None))
    for pool in tx.execute(sa.select(t.pools).where(t.pools.c.enabled, t.pools.c.id.in_(used))).all():
        free, seats = pool_quota(tx, pool.id, now).free_seats, open_seats.get(pool.id, 0)
        level = room_level(free, seats, rules.capacity_percent, rules.pool_free_seats)
        nearly = capacity_level(seats - free, seats, rules.capacity_percent) is not None
        yield _Room(pool.id, pool.name, free, seats, full.get(pool.id, []), nearly, level)


def _occupation(by: sa.ColumnElement[int]) -> sa.Select[Any]:
    """The seats of each team that serves, and how many of them somebody has."""
    occupied = sa.func.sum(sa.case((t.seats.c.state == "free", 0), else_=1))
    kept = (by, t.teams.c.name, t.teams.c.pool_id, t.pools.c.policy)
    return (
        sa.select(*kept, sa.func.count(t.seats.c.id).label("seats"), occupied.label("occupied"))
        .join(t.teams, t.teams.c.id == t.seats.c.team_id)
        .join(t.pools, t.pools.c.id == t.teams.c.pool_id)
        .where(t.teams.c.removed_at.is_(None), t.teams.c.enabled, t.teams.c.health == "healthy")
        .group_by(*kept)
    )


def _bound_uses(tx: sa.Connection, now: datetime) -> dict[int, int]:
    """By team: the unused uses of active codes that lead nowhere else."""
    left = t.codes.c.max_uses - t.codes.c.used - t.codes.c.reserved
    rows = tx.execute(
        sa.select(t.batches.c.team_id, sa.func.sum(left).label("uses"))
        .join(t.codes, t.codes.c.batch_id == t.batches.c.id)
        .where(
            t.batches.c.team_id.is_not(None),
            t.codes.c.status == "active",
            sa.or_(t.batches.c.expires_at.is_(None), t.batches.c.expires_at > now),
        )
        .group_by(t.batches.c.team_id)
    )
    return {row.team_id: int(row.uses) for row in rows if row.uses}


def overcommitted(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:  # noqa: ARG001 - one signature
    """Pools with more codes outstanding than seats."""
    for pool in tx.execute(sa.select(t.pools).where(t.pools.c.enabled)).all():
        quota = pool_quota(tx, pool.id, now)
        over = overcommitted_level(quota.unused_uses, quota.free_seats)
        if over is not None:
            yield FoundCondition("team_capacity", f"codes:{pool.id}", over, "pool_overcommitted", _facts(pool, quota))


def stuck_transfers(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:
    """Transfers that have stood still for too long."""
    live = t.transfers.c.state.in_(("planned", "inviting", "waiting", "removing"))
    rules = core.settings.transfers
    allowed, grace = timedelta(seconds=core.settings.alerts.stuck_transfer), timedelta(hours=rules.grace_hours)
    for row in tx.execute(sa.select(t.transfers).where(live)).all():
        since = row.grace_ends_at - grace if row.grace_ends_at is not None else row.created_at
        if is_stuck(since, now, allowed, grace, waiting=row.grace_ends_at is not None):
            facts = {"transfer": row.id, "state": row.state, "reason": row.reason}
            yield FoundCondition("transfer_failure", f"stuck:{row.lease_id}", Level.WARNING, "transfer_stuck", facts)


def address_wishes(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:  # noqa: ARG001 - one signature
    """People who wait for somebody's word about another address; raised where they ask, and kept in sight here."""
    asked = sa.select(t.transfers, t.teams.c.name.label("team")).join(t.leases, t.leases.c.id == t.transfers.c.lease_id)
    waiting = asked.join(t.teams, t.teams.c.id == t.leases.c.team_id).where(t.transfers.c.state == "asked")
    for row in tx.execute(waiting).all():
        facts = {"team": row.team, "transfer": row.id, "lease": row.lease_id}
        yield FoundCondition("system", f"address:{row.id}", Level.INFO, "address_change_asked", facts)


def expired_leases(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:
    """Memberships that are over and whose people are still there."""
    over = sa.and_(t.leases.c.status.in_(("invited", "active", "transferring")), t.leases.c.expires_at <= now)
    count = _count(tx, t.leases, over)
    if count > core.settings.alerts.expired_leases:
        yield FoundCondition("system", "leases:expired", Level.WARNING, "expired_leases", {"count": count})


def unclear_redemptions(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:
    """Redemptions that wait too long to be settled."""
    before = now - timedelta(seconds=core.settings.redemption.unclear_alert_after)
    old = sa.and_(t.redemptions.c.state.in_(("sending", "unclear")), t.redemptions.c.created_at < before)
    count = _count(tx, t.redemptions, old)
    if count:
        yield FoundCondition("provider", "redemptions:unclear", Level.ERROR, "redemptions_unclear", {"count": count})


def credentials(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:
    """Credentials that end soon."""
    ahead = timedelta(days=core.settings.health.credential_warning_days)
    soon = sa.and_(t.teams.c.removed_at.is_(None), t.teams.c.credential_expires_at <= now + ahead)
    for row in tx.execute(sa.select(t.teams).where(soon)).all():
        level = credential_level(row.credential_expires_at, now, ahead)
        if level is not None:
            facts = {"team": row.name, "until": row.credential_expires_at}
            yield FoundCondition("provider", f"credential:{row.id}", level, "credential_ends", facts)


def dead_notices(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:  # noqa: ARG001 - one signature
    """Messages that were given up within the last day."""
    # A person who blocked the bot is nobody's fault, and a cancelled announcement is somebody's wish.
    expected = sa.func.coalesce(t.notices.c.error, "").in_((deliveries.UNREACHABLE, "cancelled"))
    recent = sa.and_(t.notices.c.state == "dead", t.notices.c.created_at > now - timedelta(days=1))
    count = _count(tx, t.notices, sa.and_(recent, sa.not_(expected)))
    if count:
        yield FoundCondition("system", "notices:dead", Level.ERROR, "dead_notices", {"count": count})


def late_notices(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:  # noqa: ARG001 - one signature
    """Messages that nobody sends: no process serves their platform, or the platform is away."""
    waiting, age = deliveries.waiting(tx, now)
    if waiting and age > NOTICES_LATE:
        facts = {"count": sum(waiting.values()), "minutes": int(age // 60), "channels": ", ".join(sorted(waiting))}
        yield FoundCondition("system", "outbox:late", Level.ERROR, "notices_late", facts)


def ill_teams(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:  # noqa: ARG001 - one signature
    """Teams out of service; raised where they are taken out, and kept in sight here."""
    ill = sa.and_(t.teams.c.health != "healthy", t.teams.c.removed_at.is_(None), t.teams.c.enabled)
    for row in tx.execute(sa.select(t.teams).where(ill)).all():
        facts = {"team": row.name, "error": row.last_error}
        yield FoundCondition("provider", f"team:{row.id}", Level.ERROR, f"team_{row.health}", facts)


def slow_statements(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:  # noqa: ARG001 - one signature
    """Statements of this process that took too long since the last look."""
    slow = core.database.slow_statements.take()
    if slow:
        facts = {"count": len(slow), "slowest": round(max(slow), 1), "limit": core.database.slow_statements.limit}
        yield FoundCondition("database", "slow", Level.WARNING, "statements_slow", facts)


def database_size(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:  # noqa: ARG001 - one signature
    """A database that has grown beyond what was planned for."""
    if tx.dialect.name == "sqlite":
        pages = int(tx.exec_driver_sql("PRAGMA page_count").scalar_one())
        size = pages * int(tx.exec_driver_sql("PRAGMA page_size").scalar_one())
    else:
        size = int(tx.execute(sa.select(sa.func.pg_database_size(sa.func.current_database()))).scalar_one())
    megabytes = size // 1_000_000
    if megabytes > core.settings.alerts.database_megabytes:
        facts = {"megabytes": megabytes, "limit": core.settings.alerts.database_megabytes}
        yield FoundCondition("database", "size", Level.WARNING, "database_size", facts)


def table_rows(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:  # noqa: ARG001 - one signature
    """Tables with more rows than were planned for, largest first. What PostgreSQL says is its own estimate."""
    limit = core.settings.alerts.table_rows
    large = {name: count for name, count in _rows_of_tables(tx, limit) if count > limit}
    if large:
        tables = sorted(large, key=lambda name: -large[name])
        facts = {"table": tables[0], "count": large[tables[0]], "limit": limit, "tables": tables}
        yield FoundCondition("database", "rows", Level.WARNING, "table_rows", facts)


def _rows_of_tables(tx: sa.Connection, limit: int) -> Iterator[tuple[str, int]]:
    """The tables with their rows; on SQLite only those whose last row's number is beyond the limit are counted."""
    tables = t.pools.metadata.tables
    if tx.dialect.name != "sqlite":
        known = sa.text("SELECT relname, reltuples FROM pg_class WHERE relkind = 'r' AND oid = to_regclass(relname)")
        yield from ((name, int(count)) for name, count in tx.execute(known) if name in tables)
        return
    last: sa.ColumnElement[int] = sa.func.coalesce(sa.func.max(sa.literal_column("rowid")), 0)
    for name, table in tables.items():
        if tx.execute(sa.select(last).select_from(table)).scalar_one() > limit:
            yield name, _count(tx, table, sa.true())


def clock_skew(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:
    """This machine's clock against the database's; where that is the same one, against the monotonic clock."""
    if tx.dialect.name != "sqlite":
        skew, title = core.clock.skew(now), "clock_skew"
    else:
        skew, title = core.clock.drift(), "clock_moved"
    seconds = round(skew.total_seconds(), 1)
    if abs(seconds) > core.settings.alerts.clock_skew:
        yield FoundCondition("system", "clock", Level.WARNING, title, {"seconds": seconds})


def journal_away(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:  # noqa: ARG001 - one signature
    """The journal takes no lines: an old backup could not be caught up with what happens now."""
    journal = core.database.journal
    if journal is not None and journal.away is not None:
        facts = {"directory": str(journal.directory), "error": journal.away}
        yield FoundCondition("system", "journal", Level.ERROR, "journal_away", facts)


def redis_away(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:  # noqa: ARG001 - one signature
    """Redis, as this process found it a moment ago."""
    if core.redis is not None and core.redis.away:
        yield FoundCondition("system", "redis", Level.WARNING, "redis_away", {})


def wrong_guesses(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:
    """A burst of wrong codes that is not over yet; it is raised where the codes are refused."""
    recent = sa.and_(t.attempts.c.kind == "all_guesses", t.attempts.c.window_started_at > now - timedelta(minutes=5))
    count = tx.execute(sa.select(sa.func.max(t.attempts.c.count)).where(recent)).scalar_one() or 0
    if count > core.settings.limits.wrong_codes_per_minute:
        yield FoundCondition("security", "wrong_codes", Level.WARNING, "wrong_code_burst", {"count": count})


def spent_budgets(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:
    """Upstreams that get no requests just now because their budget is used up: people are sent elsewhere or wait."""
    names = {}
    for team in tx.execute(sa.select(t.teams).where(t.teams.c.removed_at.is_(None), t.teams.c.paused_until > now)):
        for budget in core.budgets(team.provider, team.base_url, team.id):
            names[budget] = team.name if budget.team_id is not None else team.provider
    for budget in budgets.spent(tx, names, now):
        facts = {"upstream": names[budget], "limit": budget.limit}
        yield FoundCondition("provider", f"budget:{budget.scope}", Level.WARNING, "budget_spent", facts)


def late_sweeps(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:
    """Sweeps that should have run by now: no worker is up, or one hangs."""
    for row in tx.execute(sa.select(t.sweeps)).all():
        if is_late(row, core.settings, now):
            yield FoundCondition("system", f"late:{row.name}", Level.ERROR, "sweep_late", {"sweep": row.name})


def credit_outstanding(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:  # noqa: ARG001 - one signature
    """Pools that promise more credit than their limit allows: it was lowered after the codes were made."""
    for pool in limited_pools(tx):
        promised = outstanding(tx, pool.id, now)
        if promised > pool.credit_limit:
            facts = {"pool": pool.name, "outstanding": amount_text(promised), "limit": amount_text(pool.credit_limit)}
            yield FoundCondition("system", f"credit:{pool.id}", Level.WARNING, "credit_outstanding", facts)


def house_loss(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:
    """More billed by accounts within a day, and paid by nobody, than the operator expects."""
    lost = loss_since(tx, now - timedelta(days=1))
    if lost > core.settings.money.house_loss_alert * MICRO:
        yield FoundCondition("system", "house_loss", Level.WARNING, "house_loss", {"amount": amount_text(lost)})


def late_backup(tx: sa.Connection, core: Core, now: datetime) -> Iterator[FoundCondition]:
    """The last backup is too old, or there has never been one although the house is older than that."""
    if not core.settings.backups.enabled or not has_place(core):
        return
    since = last_backup(tx, now) or tx.execute(sa.select(sa.func.min(t.audit_log.c.at))).scalar()
    if since is not None and since < now - timedelta(hours=core.settings.backups.late_hours):
        hours = round((now - since).total_seconds() / 3600)
        yield FoundCondition("system", "backup", Level.ERROR, "backup_late", {"hours": hours})


FAMILIES: tuple[Family, ...] = (
    Family("team_capacity", "team:", team_capacity),
    Family("team_capacity", "pool:", pool_capacity),
    Family("team_capacity", "codes:", overcommitted),
    Family("transfer_failure", "stuck:", stuck_transfers),
    Family("system", "address:", address_wishes),
    Family("system", "leases:", expired_leases),
    Family("provider", "redemptions:", unclear_redemptions),
    Family("provider", "credential:", credentials),
    Family("system", "notices:", dead_notices),
    Family("system", "outbox:", late_notices),
    Family("provider", "team:", ill_teams, ends=False),
    Family("provider", "budget:", spent_budgets),
    Family("database", "slow", slow_statements),
    Family("database", "size", database_size),
    Family("database", "rows", table_rows),
    Family("system", "clock", clock_skew),
    Family("system", "journal", journal_away),
    Family("system", "redis", redis_away),
    Family("security", "wrong_codes", wrong_guesses),
    Family("system", "late:", late_sweeps),
    Family("system", "credit:", credit_outstanding),
    Family("system", "house_loss", house_loss),
    Family("system", "backup", late_backup),
)


def _facts(pool: Any, quota: Any) -> dict[str, Any]:
    return {"pool": pool.name, "free": quota.free_seats, "unused": quota.unused_uses}


def _count(tx: sa.Connection, table: sa.Table, which: sa.ColumnElement[bool]) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(table).where(which)).scalar_one())
