"""What a monitoring system reads: the standing figures of the database, without anybody's name or address in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.storage import tables as t
from core.storage.talk_tables import OPEN, calls, sources

CHANNELS = ("telegram", "discord", "mail", "operators")
LEVELS = ("info", "warning", "error", "critical")
SEATS = ("free", "held", "taken")
HEALTH = ("healthy", "expired", "gone")


@dataclass(frozen=True, slots=True)
class Gauged:
    """One reading of the gauge `name`. Times are ages or times left in seconds."""

    name: str
    value: float
    labels: dict[str, str] = field(default_factory=dict)


def read_gauges(tx: sa.Connection, now: datetime) -> list[Gauged]:
    """Every gauge that stands for rows. One that has nothing to be the age of is not there, or 0 where that says it."""
    parts = (_seats, _pools, _teams, _people, _unclear, _models, _messages, _upkeep)
    return [one for part in parts for one in part(tx, now)]


def _seats(tx: sa.Connection, _: datetime) -> Iterator[Gauged]:
    for state, number in _counted(tx, t.seats.c.state, SEATS).items():
        yield Gauged("usher_seats", number, {"state": state})


def _pools(tx: sa.Connection, _: datetime) -> Iterator[Gauged]:
    there = sa.select(t.pools.c.id, t.pools.c.name).where(t.pools.c.removed_at.is_(None))
    names = {row.id: row.name for row in tx.execute(there)}
    by_state = sa.select(t.seats.c.pool_id, t.seats.c.state, sa.func.count().label("n"))
    seats = {
        (row.pool_id, row.state): row.n for row in tx.execute(by_state.group_by(t.seats.c.pool_id, t.seats.c.state))
    }
    sums = sa.select(
        t.batches.c.pool_id,
        sa.func.sum(t.batches.c.used).label("used"),
        sa.func.sum(t.batches.c.uses - t.batches.c.used - t.batches.c.voided).label("unused"),
    ).group_by(t.batches.c.pool_id)
    uses = {row.pool_id: row for row in tx.execute(sums)}
    places = sa.select(t.waitlist.c.pool_id, sa.func.count().label("n")).where(t.waitlist.c.state == "waiting")
    waiting = {row.pool_id: row.n for row in tx.execute(places.group_by(t.waitlist.c.pool_id))}
    for number, name in names.items():
        for state in SEATS:
            yield Gauged("usher_pool_seats", seats.get((number, state), 0), {"pool": name, "state": state})
        row = uses.get(number)
        for state in ("used", "unused"):
            value = int(getattr(row, state)) if row is not None else 0
            yield Gauged("usher_pool_code_uses", value, {"pool": name, "state": state})
        yield Gauged("usher_waiting_places", waiting.get(number, 0), {"pool": name})


def _teams(tx: sa.Connection, now: datetime) -> Iterator[Gauged]:
    there = t.teams.c.removed_at.is_(None)
    for health, number in _counted(tx, t.teams.c.health, HEALTH, there).items():
        yield Gauged("usher_teams", number, {"health": health})
    soonest = tx.execute(sa.select(sa.func.min(t.teams.c.credential_expires_at)).where(there)).scalar()
    if soonest is not None:
        yield Gauged("usher_credential_left_seconds", (soonest - now).total_seconds())


def _people(tx: sa.Connection, now: datetime) -> Iterator[Gauged]:
    over = sa.and_(t.leases.c.status.in_(("invited", "active", "transferring")), t.leases.c.expires_at <= now)
    yield Gauged("usher_expired_leases", _number(tx, t.leases, over))
    # What counts as stuck is decided once, by the check that raises the alert.
    stuck = sa.and_(t.alerts.c.subject.startswith("stuck:"), t.alerts.c.resolved_at.is_(None))
    yield Gauged("usher_stuck_transfers", _number(tx, t.alerts, stuck))


def _unclear(tx: sa.Connection, now: datetime) -> Iterator[Gauged]:
    since = t.leases.c.unclear_since
    unclear = sa.and_(t.leases.c.status == "held", since.is_not(None))
    row = tx.execute(sa.select(sa.func.count(), sa.func.min(since)).where(unclear)).one()
    yield Gauged("usher_unclear_redemptions", row[0])
    yield Gauged("usher_unclear_age_seconds", (now - row[1]).total_seconds() if row[1] is not None else 0)


def _models(tx: sa.Connection, now: datetime) -> Iterator[Gauged]:
    there = sources.c.removed_at.is_(None)
    for health, number in _counted(tx, sources.c.health, HEALTH, there).items():
        yield Gauged("usher_sources", number, {"health": health})
    row = tx.execute(sa.select(sa.func.count(), sa.func.min(calls.c.made_at)).where(calls.c.state.in_(OPEN))).one()
    yield Gauged("usher_open_calls", row[0])
    yield Gauged("usher_open_call_age_seconds", (now - row[1]).total_seconds() if row[1] is not None else 0)


def _messages(tx: sa.Connection, now: datetime) -> Iterator[Gauged]:
    waiting = t.notices.c.state == "ready"
    for channel, number in _counted(tx, t.notices.c.channel, CHANNELS, waiting).items():
        yield Gauged("usher_outbox_depth", number, {"channel": channel})
    # A notice that waits for its hour, or for the end of the quiet ones, is not late.
    tried = sa.select(sa.func.min(t.notices.c.created_at)).where(waiting, t.notices.c.tries > 0)
    fresh = sa.select(sa.func.min(t.notices.c.due_at)).where(waiting, t.notices.c.tries == 0, t.notices.c.due_at <= now)
    since = [moment for query in (tried, fresh) if (moment := tx.execute(query).scalar()) is not None]
    yield Gauged("usher_outbox_age_seconds", max((now - min(since)).total_seconds(), 0) if since else 0)
    yield Gauged("usher_dead_notices", _number(tx, t.notices, t.notices.c.state == "dead"))
    yield Gauged("usher_inbox_depth", _number(tx, t.inbox, t.inbox.c.state == "ready"))


def _upkeep(tx: sa.Connection, now: datetime) -> Iterator[Gauged]:
    for level, number in _counted(tx, t.alerts.c.level, LEVELS, t.alerts.c.resolved_at.is_(None)).items():
        yield Gauged("usher_open_alerts", number, {"level": level})
    finished = sa.select(t.sweeps.c.name, t.sweeps.c.finished_at).where(t.sweeps.c.finished_at.is_not(None))
    for row in tx.execute(finished):
        yield Gauged("usher_sweep_age_seconds", (now - row.finished_at).total_seconds(), {"sweep": row.name})
    backup = sa.select(sa.func.max(t.audit_log.c.at)).where(t.audit_log.c.subject == "backup")
    last = tx.execute(backup).scalar()
    if last is not None:
        yield Gauged("usher_backup_age_seconds", (now - last).total_seconds())


def _counted(tx: sa.Connection, key: Any, known: tuple[str, ...], *where: sa.ColumnElement[bool]) -> dict[str, int]:
    """How many rows there are by `key`; those that are `known` also where there are none."""
    rows = tx.execute(sa.select(key, sa.func.count()).where(*where).group_by(key))
    return dict.fromkeys(known, 0) | {str(name): int(number) for name, number in rows}


def _number(tx: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())
