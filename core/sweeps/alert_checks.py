"""The conditions that staff should know of, each found by one look at the stored state.

A check returns what it finds now. Whatever one of its alerts was open for and is not found any more has ended.
"""

from __future__ import annotations

from collections import Counter
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
    few_free_level,
    overcommitted_level,
)
from core.rules.money import MICRO, amount_text
from core.rules.transfers import is_stuck
from core.storage import tables as t
from core.teams.quota import pool_quota
from core.upkeep.backups import has_place, last_backup

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class Found:
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
    check: Check
    ends: bool = True


NOTICES_LATE = 600.0
"""Seconds that a message may wait for somebody to send it."""

Check: TypeAlias = Callable[[sa.Connection, "Core", datetime], Iterator[Found]]


def team_capacity(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:  # noqa: ARG001 - one signature
    """Teams that are nearly or quite full. Filling team after team is how a pool is meant to work: while the pool
    as a whole has room, a full team is a warning at most.
    """
    occupied = sa.func.sum(sa.case((t.seats.c.state == "free", 0), else_=1))
    rows = tx.execute(
        sa.select(
            t.teams.c.id,
            t.teams.c.name,
            t.teams.c.pool_id,
            sa.func.count(t.seats.c.id).label("seats"),
            occupied.label("occupied"),
        )
        .join(t.seats, t.seats.c.team_id == t.teams.c.id)
        .where(t.teams.c.removed_at.is_(None), t.teams.c.enabled, t.teams.c.health == "healthy")
        .group_by(t.teams.c.id, t.teams.c.name, t.teams.c.pool_id)
    ).all()
    percents = core.settings.alerts.capacity_percent
    pool_seats: Counter[int] = Counter()
    pool_occupied: Counter[int] = Counter()
    for row in rows:
        pool_seats[row.pool_id] += int(row.seats)
        pool_occupied[row.pool_id] += int(row.occupied)
    for row in rows:
        level = capacity_level(row.occupied, row.seats, percents)
        if level is None:
            continue
        if capacity_level(pool_occupied[row.pool_id], pool_seats[row.pool_id], percents) is None:
            level = Level.WARNING
        facts = {"team": row.name, "occupied": row.occupied, "seats": row.seats}
        yield Found("team_capacity", f"team:{row.id}", level, "team_capacity", facts)


def pool_capacity(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:  # noqa: ARG001 - one signature
    """Pools that are nearly or quite full."""
    occupied = sa.func.sum(sa.case((t.seats.c.state == "free", 0), else_=1))
    rows = tx.execute(
        sa.select(t.pools.c.id, t.pools.c.name, sa.func.count(t.seats.c.id).label("seats"), occupied.label("occupied"))
        .join(t.seats, t.seats.c.pool_id == t.pools.c.id)
        .where(t.pools.c.enabled, t.seats.c.open)
        .group_by(t.pools.c.id, t.pools.c.name)
    )
    for row in rows:
        level = capacity_level(row.occupied, row.seats, core.settings.alerts.capacity_percent)
        if level is not None:
            facts = {"pool": row.name, "occupied": row.occupied, "seats": row.seats}
            yield Found("team_capacity", f"pool:{row.id}", level, "pool_capacity", facts)


def few_seats(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:
    """Pools with few seats left."""
    used = sa.select(t.teams.c.pool_id).where(t.teams.c.removed_at.is_(None))
    for pool in tx.execute(sa.select(t.pools).where(t.pools.c.enabled, t.pools.c.id.in_(used))).all():
        quota = pool_quota(tx, pool.id, now)
        few = few_free_level(quota.free_seats, core.settings.alerts.pool_free_seats)
        if few is not None:
            yield Found("team_capacity", f"free:{pool.id}", few, "pool_few_seats", _facts(pool, quota))


def overcommitted(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:  # noqa: ARG001 - one signature
    """Pools with more codes outstanding than seats."""
    for pool in tx.execute(sa.select(t.pools).where(t.pools.c.enabled)).all():
        quota = pool_quota(tx, pool.id, now)
        over = overcommitted_level(quota.unused_uses, quota.free_seats)
        if over is not None:
            yield Found("team_capacity", f"codes:{pool.id}", over, "pool_overcommitted", _facts(pool, quota))


def stuck_transfers(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:
    """Transfers that have stood still for too long."""
    live = t.transfers.c.state.in_(("planned", "inviting", "waiting", "removing"))
    rules = core.settings.transfers
    allowed, grace = timedelta(seconds=core.settings.alerts.stuck_transfer), timedelta(hours=rules.grace_hours)
    for row in tx.execute(sa.select(t.transfers).where(live)).all():
        since = row.grace_ends_at - grace if row.grace_ends_at is not None else row.created_at
        if is_stuck(since, now, allowed, grace, waiting=row.grace_ends_at is not None):
            facts = {"transfer": row.id, "state": row.state, "reason": row.reason}
            yield Found("transfer_failure", f"stuck:{row.lease_id}", Level.WARNING, "transfer_stuck", facts)


def expired_leases(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:
    """Memberships that are over and whose people are still there."""
    over = sa.and_(t.leases.c.status.in_(("invited", "active", "transferring")), t.leases.c.expires_at <= now)
    count = _count(tx, t.leases, over)
    if count > core.settings.alerts.expired_leases:
        yield Found("system", "leases:expired", Level.WARNING, "expired_leases", {"count": count})


def unclear_redemptions(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:
    """Redemptions that wait too long to be settled."""
    before = now - timedelta(seconds=core.settings.redemption.unclear_alert_after)
    old = sa.and_(t.redemptions.c.state.in_(("sending", "unclear")), t.redemptions.c.created_at < before)
    count = _count(tx, t.redemptions, old)
    if count:
        yield Found("provider", "redemptions:unclear", Level.ERROR, "redemptions_unclear", {"count": count})


def credentials(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:
    """Credentials that end soon."""
    ahead = timedelta(days=core.settings.health.credential_warning_days)
    soon = sa.and_(t.teams.c.removed_at.is_(None), t.teams.c.credential_expires_at <= now + ahead)
    for row in tx.execute(sa.select(t.teams).where(soon)).all():
        level = credential_level(row.credential_expires_at, now, ahead)
        if level is not None:
            facts = {"team": row.name, "until": row.credential_expires_at}
            yield Found("provider", f"credential:{row.id}", level, "credential_ends", facts)


def dead_notices(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:  # noqa: ARG001 - one signature
    """Messages that were given up within the last day."""
    # A person who blocked the bot is nobody's fault, and a cancelled announcement is somebody's wish.
    expected = sa.func.coalesce(t.notices.c.error, "").in_((deliveries.UNREACHABLE, "cancelled"))
    recent = sa.and_(t.notices.c.state == "dead", t.notices.c.created_at > now - timedelta(days=1))
    count = _count(tx, t.notices, sa.and_(recent, sa.not_(expected)))
    if count:
        yield Found("system", "notices:dead", Level.ERROR, "dead_notices", {"count": count})


def late_notices(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:  # noqa: ARG001 - one signature
    """Messages that nobody sends: no process serves their platform, or the platform is away."""
    waiting, age = deliveries.waiting(tx, now)
    if waiting and age > NOTICES_LATE:
        facts = {"count": sum(waiting.values()), "minutes": int(age // 60), "channels": ", ".join(sorted(waiting))}
        yield Found("system", "outbox:late", Level.ERROR, "notices_late", facts)


def ill_teams(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:  # noqa: ARG001 - one signature
    """Teams out of service; raised where they are taken out, and kept in sight here."""
    ill = sa.and_(t.teams.c.health != "healthy", t.teams.c.removed_at.is_(None), t.teams.c.enabled)
    for row in tx.execute(sa.select(t.teams).where(ill)).all():
        facts = {"team": row.name, "error": row.last_error}
        yield Found("provider", f"team:{row.id}", Level.ERROR, f"team_{row.health}", facts)


def slow_statements(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:  # noqa: ARG001 - one signature
    """Statements of this process that took too long since the last look."""
    slow = core.database.slow_statements.take()
    if slow:
        facts = {"count": len(slow), "slowest": round(max(slow), 1), "limit": core.database.slow_statements.limit}
        yield Found("database", "slow", Level.WARNING, "statements_slow", facts)


def database_size(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:  # noqa: ARG001 - one signature
    """A database that has grown beyond what was planned for."""
    if tx.dialect.name == "sqlite":
        pages = int(tx.exec_driver_sql("PRAGMA page_count").scalar_one())
        size = pages * int(tx.exec_driver_sql("PRAGMA page_size").scalar_one())
    else:
        size = int(tx.execute(sa.select(sa.func.pg_database_size(sa.func.current_database()))).scalar_one())
    megabytes = size // 1_000_000
    if megabytes > core.settings.alerts.database_megabytes:
        facts = {"megabytes": megabytes, "limit": core.settings.alerts.database_megabytes}
        yield Found("database", "size", Level.WARNING, "database_size", facts)


def clock_skew(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:
    """This machine's clock against the database's; where that is the same one, against the monotonic clock."""
    if tx.dialect.name != "sqlite":
        skew, title = core.clock.skew(now), "clock_skew"
    else:
        skew, title = core.clock.drift(), "clock_moved"
    seconds = round(skew.total_seconds(), 1)
    if abs(seconds) > core.settings.alerts.clock_skew:
        yield Found("system", "clock", Level.WARNING, title, {"seconds": seconds})


def journal_away(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:  # noqa: ARG001 - one signature
    """The journal takes no lines: an old backup could not be caught up with what happens now."""
    journal = core.database.journal
    if journal is not None and journal.away is not None:
        facts = {"directory": str(journal.directory), "error": journal.away}
        yield Found("system", "journal", Level.ERROR, "journal_away", facts)


def redis_away(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:  # noqa: ARG001 - one signature
    """Redis, as this process found it a moment ago."""
    if core.redis is not None and core.redis.away:
        yield Found("system", "redis", Level.WARNING, "redis_away", {})


def wrong_guesses(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:
    """A burst of wrong codes that is not over yet; it is raised where the codes are refused."""
    recent = sa.and_(t.attempts.c.kind == "all_guesses", t.attempts.c.window_started_at > now - timedelta(minutes=5))
    count = tx.execute(sa.select(sa.func.max(t.attempts.c.count)).where(recent)).scalar_one() or 0
    if count > core.settings.limits.wrong_codes_per_minute:
        yield Found("security", "wrong_codes", Level.WARNING, "wrong_code_burst", {"count": count})


def spent_budgets(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:
    """Upstreams that get no requests just now because their budget is used up: people are sent elsewhere or wait."""
    names = {}
    for team in tx.execute(sa.select(t.teams).where(t.teams.c.removed_at.is_(None), t.teams.c.paused_until > now)):
        for budget in core.budgets(team.provider, team.base_url, team.id):
            names[budget] = team.name if budget.team_id is not None else team.provider
    for budget in budgets.spent(tx, names, now):
        facts = {"upstream": names[budget], "limit": budget.limit}
        yield Found("provider", f"budget:{budget.scope}", Level.WARNING, "budget_spent", facts)


def late_sweeps(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:  # noqa: ARG001 - one signature
    """Sweeps that should have run long ago: no worker is up, or one hangs."""
    late = sa.and_(t.sweeps.c.paused.is_(False), t.sweeps.c.due_at < now - timedelta(hours=1))
    for row in tx.execute(sa.select(t.sweeps).where(late)).all():
        yield Found("system", f"late:{row.name}", Level.ERROR, "sweep_late", {"sweep": row.name})


def credit_outstanding(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:  # noqa: ARG001 - one signature
    """Pools that promise more credit than their limit allows: it was lowered after the codes were made."""
    for pool in limited_pools(tx):
        promised = outstanding(tx, pool.id, now)
        if promised > pool.credit_limit:
            facts = {"pool": pool.name, "outstanding": amount_text(promised), "limit": amount_text(pool.credit_limit)}
            yield Found("system", f"credit:{pool.id}", Level.WARNING, "credit_outstanding", facts)


def house_loss(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:
    """More billed by accounts within a day, and paid by nobody, than the operator expects."""
    lost = loss_since(tx, now - timedelta(days=1))
    if lost > core.settings.money.house_loss_alert * MICRO:
        yield Found("system", "house_loss", Level.WARNING, "house_loss", {"amount": amount_text(lost)})


def late_backup(tx: sa.Connection, core: Core, now: datetime) -> Iterator[Found]:
    """The last backup is too old, or there has never been one although the house is older than that."""
    if not core.settings.backups.enabled or not has_place(core):
        return
    since = last_backup(tx) or tx.execute(sa.select(sa.func.min(t.audit_log.c.at))).scalar()
    if since is not None and since < now - timedelta(hours=core.settings.backups.late_hours):
        hours = round((now - since).total_seconds() / 3600)
        yield Found("system", "backup", Level.ERROR, "backup_late", {"hours": hours})


FAMILIES: tuple[Family, ...] = (
    Family("team_capacity", "team:", team_capacity),
    Family("team_capacity", "pool:", pool_capacity),
    Family("team_capacity", "free:", few_seats),
    Family("team_capacity", "codes:", overcommitted),
    Family("transfer_failure", "stuck:", stuck_transfers),
    Family("system", "leases:", expired_leases),
    Family("provider", "redemptions:", unclear_redemptions),
    Family("provider", "credential:", credentials),
    Family("system", "notices:", dead_notices),
    Family("system", "outbox:", late_notices),
    Family("provider", "team:", ill_teams, ends=False),
    Family("provider", "budget:", spent_budgets),
    Family("database", "slow", slow_statements),
    Family("database", "size", database_size),
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
