"""The house in figures: codes, people, seats and what happened lately.

Everything comes from maintained figures (`figures`, `team_figures`, the folded columns of `batches`) plus the few
differences that are not folded yet, or from an index: a million codes cost no more than a thousand.
"""

from __future__ import annotations

import statistics as arithmetic
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from core.actors import Actor, Role
from core.errors import NotFound
from core.storage import tables as t
from core.storage.names import name_key
from core.teams.quota import IS_UNDER_WAY
from core.teams.seat_counts import STANDING, day_of, seats_of

if TYPE_CHECKING:
    from core.service import Core

TEAMS_SHOWN = 12
UNFOLDED_TEAMS = 200
"""Teams whose seats changed since the last folding, counted anew for every asker."""
ACCEPTANCES = 100
"""Latest acceptances of a window that its median is taken of."""
BATCHES_SHOWN = 5
TREND = ("redeemed", "joined")
LONGEST = 366
"""Most days of a window."""


@dataclass(frozen=True, slots=True)
class CodeFigures:
    """Codes, and their uses by what became of them: the four add up to `uses`, but for those under way."""

    codes: int = 0
    uses: int = 0
    unused: int = 0
    used: int = 0
    expired: int = 0
    disabled: int = 0


@dataclass(frozen=True, slots=True)
class SeatFigures:
    """Seats by what they are; `closed` ones are free, but of a team that is disabled or not healthy."""

    free: int = 0
    closed: int = 0
    held: int = 0
    taken: int = 0

    @property
    def total(self) -> int:
        return self.free + self.closed + self.held + self.taken

    @property
    def share(self) -> float:
        """How much is used, 0…1."""
        return (self.held + self.taken) / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class PoolFigures:
    """One pool. `generatable` is how many uses may still be generated of codes that give seats."""

    pool: str
    codes: CodeFigures
    seats: SeatFigures
    pending: int
    members: int
    generatable: int


@dataclass(frozen=True, slots=True)
class TeamFigures:
    """One team's seats."""

    team: str
    pool: str
    seats: SeatFigures


@dataclass(frozen=True, slots=True)
class Day:
    """One day in the configured time zone."""

    day: date
    redeemed: int
    joined: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where uses come from: a platform, or a batch with its label."""

    name: str
    count: int
    batch: int | None = None


@dataclass(frozen=True, slots=True)
class Statistics:
    """All of it, at one moment, for one pool or for all.

    Standing figures: codes, seats, pending, members, pools, fullest (the fullest teams) of teams, alerts_open.
    Over all time: redeemed_ever, people_ever (distinct addresses), invited_ever, joined_ever. In the window of so many `days`: redeemed,
    people (who redeemed for the first time), refused, invited, accepted (of those invited in it), joined,
    median_seconds from invite to acceptance (of the latest 100), trend, platforms. Whatever the window: batches
    (the most used), alerts (raised or seen again within 24 hours, by level).
    """

    at: datetime
    days: int
    since: datetime
    pool: str | None
    codes: CodeFigures
    seats: SeatFigures
    pending: int
    members: int
    redeemed_ever: int
    people_ever: int
    invited_ever: int
    joined_ever: int
    redeemed: int
    people: int
    refused: int
    invited: int
    accepted: int
    joined: int
    median_seconds: float | None
    trend: Sequence[Day]
    pools: Sequence[PoolFigures]
    teams: int
    fullest: Sequence[TeamFigures]
    platforms: Sequence[Source]
    batches: Sequence[Source]
    alerts: dict[str, int]
    alerts_open: int

    @property
    def acceptance(self) -> float | None:
        """The share of the window's invites that were accepted, 0…1."""
        return self.accepted / self.invited if self.invited else None


async def statistics(core: Core, actor: Actor, *, days: int = 7, pool: str | None = None) -> Statistics:
    """The figures of the last `days` days, today included. Raises: NotAllowed, NotFound (the pool)."""
    actor.require(Role.VIEWER)
    days = max(1, min(days, LONGEST))
    return await core.read(_statistics, core.now(), days, pool, ZoneInfo(core.settings.timezone))


def _statistics(tx: sa.Connection, now: datetime, days: int, pool: str | None, zone: ZoneInfo) -> Statistics:
    names = {
        row.id: str(row.name)
        for row in tx.execute(
            sa.select(t.pools.c.id, t.pools.c.name).where(t.pools.c.removed_at.is_(None)).order_by(t.pools.c.name)
        )
    }
    if pool is not None:
        names = {key: name for key, name in names.items() if name_key(name) == name_key(pool)}
        if not names:
            raise NotFound(kind="pool", name=pool)
    pool_id = next(iter(names)) if pool is not None else None
    first = now.astimezone(zone).date() - timedelta(days=days - 1)
    since = datetime.combine(first, time(), zone).astimezone(UTC)
    standing = _standing(tx)
    by_pool = _codes(tx, now)
    lines = [_pool(name, standing.get(key, Counter()), by_pool.get(key, Counter())) for key, name in names.items()]
    ever = sum((standing.get(key, Counter()) for key in (names if pool_id else standing)), Counter[str]())
    happened, trend = _window(tx, since, first, days, pool_id, zone)
    number, fullest = _fullest(tx, pool_id)
    levels, still_open = _alerts(tx, now)
    return Statistics(
        at=now,
        days=days,
        since=since,
        pool=names[pool_id] if pool_id is not None else None,
        codes=_code_figures(sum((by_pool.get(key, Counter()) for key in names), Counter[str]())),
        seats=_seat_figures(ever),
        pending=ever["leases.invited"],
        members=ever["leases.active"] + ever["leases.transferring"],
        redeemed_ever=ever["redeemed"],
        people_ever=ever["people"],
        invited_ever=ever["invited"],
        joined_ever=ever["joined"],
        redeemed=happened["redeemed"],
        people=happened["people"],
        refused=happened["refused"],
        invited=happened["invited"],
        accepted=happened["accepted"],
        joined=happened["joined"],
        median_seconds=_median(tx, since, pool_id),
        trend=trend,
        pools=lines,
        teams=number,
        fullest=fullest,
        platforms=[
            Source(name.removeprefix("from."), count)
            for name, count in happened.most_common()
            if name.startswith("from.") and count
        ],
        batches=_best_batches(tx, pool_id),
        alerts=levels,
        alerts_open=still_open,
    )


def _standing(tx: sa.Connection) -> dict[int, Counter[str]]:
    """By pool: what is now, and what happened over all time."""
    both = sa.union_all(
        sa.select(t.figures.c.pool_id, t.figures.c.name, t.figures.c.amount).where(t.figures.c.day == STANDING),
        sa.select(t.figure_changes.c.pool_id, t.figure_changes.c.name, t.figure_changes.c.amount),
    ).subquery()
    found: dict[int, Counter[str]] = {}
    total = sa.func.sum(both.c.amount)
    for pool_id, name, amount in tx.execute(sa.select(both.c.pool_id, both.c.name, total).group_by(*both.c[:2])):
        found.setdefault(int(pool_id), Counter())[name] += int(amount)
    return found


def _window(
    tx: sa.Connection, since: datetime, first: date, days: int, pool_id: int | None, zone: ZoneInfo
) -> tuple[Counter[str], list[Day]]:
    """What happened since then, summed up, and day by day."""

    def counted(table: sa.Table, column: sa.Column[int], start: int, *, folded: bool) -> sa.Select[Any]:
        # Only what the trend shows is wanted by the day.
        moment = sa.case((table.c.name.in_(TREND), column), else_=STANDING).label("moment")
        chosen = sa.select(moment, table.c.name, sa.func.sum(table.c.amount), sa.literal(folded)).where(column >= start)
        if pool_id is not None:
            chosen = chosen.where(table.c.pool_id == pool_id)
        return chosen.group_by(moment, table.c.name)

    # One statement, so that nothing is folded between two readings.
    both = sa.union_all(
        counted(t.figures, t.figures.c.day, first.toordinal(), folded=True),
        counted(t.figure_changes, t.figure_changes.c.hour, int(since.timestamp()) // 3600, folded=False),
    )
    totals: Counter[str] = Counter()
    daily: Counter[tuple[int, str]] = Counter()
    for moment, name, amount, folded in tx.execute(both):
        totals[name] += int(amount)
        daily[moment if folded or not moment else day_of(moment, zone), name] += int(amount)
    series = [first + timedelta(days=number) for number in range(days)]
    return totals, [Day(day, daily[day.toordinal(), "redeemed"], daily[day.toordinal(), "joined"]) for day in series]


def _codes(tx: sa.Connection, now: datetime) -> dict[int, Counter[str]]:
    """By pool: codes, uses, used, voided, the uses of expired batches that nobody used, and the unused ones of codes
    that need no seat.
    """
    names = ("codes", "uses", "used", "voided")
    columns = [t.batches.c.pool_id, t.batches.c.expires_at, t.batches.c.gives]
    both = sa.union_all(
        sa.select(*columns, *(t.batches.c[name] for name in names)),
        sa.select(*columns, *(t.batch_changes.c[name] for name in names)).join(
            t.batches, t.batches.c.id == t.batch_changes.c.batch_id
        ),
    ).subquery()
    late = sa.and_(both.c.expires_at.is_not(None), both.c.expires_at <= now)
    left = both.c.uses - both.c.used - both.c.voided
    sums = [sa.func.coalesce(sa.func.sum(both.c[name]), 0).label(name) for name in names]
    expired = sa.func.coalesce(sa.func.sum(sa.case((late, left), else_=0)), 0).label("expired")
    gift = sa.and_(both.c.gives != "seat", sa.not_(sa.func.coalesce(late, sa.false())))
    gifts = sa.func.coalesce(sa.func.sum(sa.case((gift, left), else_=0)), 0).label("gifts")
    found = {
        row.pool_id: Counter({name: int(getattr(row, name)) for name in (*names, "expired", "gifts")})
        for row in tx.execute(sa.select(both.c.pool_id, *sums, expired, gifts).group_by(both.c.pool_id))
    }
    under_way = (
        sa.select(t.batches.c.pool_id, sa.func.count().label("number"))
        .select_from(t.redemptions)
        .join(t.codes, t.codes.c.id == t.redemptions.c.code_id)
        .join(t.batches, t.batches.c.id == t.codes.c.batch_id)
        .where(IS_UNDER_WAY)
        .group_by(t.batches.c.pool_id)
    )
    for row in tx.execute(under_way):
        found.setdefault(row.pool_id, Counter())["reserved"] = row.number
    return found


def _code_figures(counted: Counter[str]) -> CodeFigures:
    gone = counted["used"] + counted["voided"] + counted["expired"] + counted["reserved"]
    return CodeFigures(
        codes=counted["codes"],
        uses=counted["uses"],
        unused=counted["uses"] - gone,
        used=counted["used"],
        expired=counted["expired"],
        disabled=counted["voided"],
    )


def _seat_figures(counted: Counter[str]) -> SeatFigures:
    return SeatFigures(*(counted[f"seats.{kind}"] for kind in ("free", "closed", "held", "taken")))


def _pool(name: str, standing: Counter[str], counted: Counter[str]) -> PoolFigures:
    made = _code_figures(counted)
    return PoolFigures(
        pool=name,
        codes=made,
        seats=_seat_figures(standing),
        pending=standing["leases.invited"],
        members=standing["leases.active"] + standing["leases.transferring"],
        generatable=standing["seats.free"] - (made.unused - counted["gifts"]),
    )


def _fullest(tx: sa.Connection, pool_id: int | None) -> tuple[int, list[TeamFigures]]:
    """How many teams have seats, and the fullest of them; what is not folded yet is counted."""
    mine = [] if pool_id is None else [t.team_figures.c.pool_id == pool_id]
    number = tx.execute(sa.select(sa.func.count()).select_from(t.team_figures).where(*mine)).scalar_one()
    ranked = sa.select(t.team_figures).where(*mine).order_by(t.team_figures.c.share.desc()).limit(TEAMS_SHOWN)
    known = {line["team_id"]: dict(line) for line in tx.execute(ranked).mappings()}
    changed = sa.select(t.figure_changes.c.team_id).where(t.figure_changes.c.team_id.is_not(None)).distinct()
    fresh = list(tx.execute(changed.limit(UNFOLDED_TEAMS)).scalars())
    if fresh:
        present = seats_of(tx, fresh)
        folded = tx.execute(
            sa.select(sa.func.count()).select_from(t.team_figures).where(*mine, t.team_figures.c.team_id.in_(fresh))
        ).scalar_one()
        now_there = {key: line for key, line in present.items() if pool_id in {None, line["pool_id"]}}
        number += len(now_there) - folded
        known = {key: line for key, line in known.items() if key not in fresh} | now_there
    best = sorted(known.values(), key=lambda line: (-line["share"], line["team_id"]))[:TEAMS_SHOWN]
    names = {
        row.id: row
        for row in tx.execute(
            sa.select(t.teams.c.id, t.teams.c.name, t.pools.c.name.label("pool"))
            .join(t.pools, t.pools.c.id == t.teams.c.pool_id)
            .where(t.teams.c.id.in_([line["team_id"] for line in best]))
        )
    }
    shown = [(names[line["team_id"]], line) for line in best if line["team_id"] in names]
    kinds = ("free", "closed", "held", "taken")
    return int(number), [
        TeamFigures(row.name, row.pool, SeatFigures(*(line[kind] for kind in kinds))) for row, line in shown
    ]


def _median(tx: sa.Connection, since: datetime, pool_id: int | None) -> float | None:
    # Written so that SQLite looks along joined_at: nearly every lease was made by no transfer.
    not_moved = sa.func.coalesce(t.leases.c.transfer_id, 0) == 0
    latest = sa.select(t.leases.c.invited_at, t.leases.c.joined_at).where(
        t.leases.c.joined_at >= since, t.leases.c.joined_at.is_not(None), not_moved
    )
    if pool_id is not None:
        latest = latest.where(t.leases.c.pool_id == pool_id)
    rows = tx.execute(latest.order_by(t.leases.c.joined_at.desc()).limit(ACCEPTANCES)).all()
    waits = [max(0.0, (row.joined_at - row.invited_at).total_seconds()) for row in rows if row.invited_at is not None]
    return arithmetic.median(waits) if waits else None


def _best_batches(tx: sa.Connection, pool_id: int | None) -> list[Source]:
    changed = (
        sa.select(t.batch_changes.c.batch_id, sa.func.sum(t.batch_changes.c.used).label("used"))
        .group_by(t.batch_changes.c.batch_id)
        .subquery()
    )
    used = (t.batches.c.used + sa.func.coalesce(changed.c.used, 0)).label("number")
    statement = (
        sa.select(t.batches.c.id, t.batches.c.label, used)
        .outerjoin(changed, changed.c.batch_id == t.batches.c.id)
        .where(used > 0)
        .order_by(used.desc(), t.batches.c.id)
        .limit(BATCHES_SHOWN)
    )
    if pool_id is not None:
        statement = statement.where(t.batches.c.pool_id == pool_id)
    return [Source(row.label, int(row.number), row.id) for row in tx.execute(statement)]


def _alerts(tx: sa.Connection, now: datetime) -> tuple[dict[str, int], int]:
    recent = sa.select(t.alerts.c.level, sa.func.count()).where(t.alerts.c.created_at > now - timedelta(hours=24))
    levels = {level: int(number) for level, number in tx.execute(recent.group_by(t.alerts.c.level))}
    still = sa.select(sa.func.count()).where(t.alerts.c.resolved_at.is_(None)).select_from(t.alerts)
    return levels, int(tx.execute(still).scalar_one())
