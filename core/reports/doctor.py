"""Every promise about the stored state, as a query that finds nothing when it is kept.

A *breach* is a promise broken; a *warning* is legal, and something staff should look at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

import sqlalchemy as sa

from core.actors import Actor, Role
from core.codes.credit_quota import limited_pools, outstanding
from core.reports import server_checks
from core.reports.credit_checks import CREDIT
from core.reports.doctor_checks import CHECKS, Check
from core.reports.doctor_taken import TAKEN
from core.reports.people_checks import PEOPLE
from core.reports.place_checks import PLACES
from core.reports.talk_checks import TALK
from core.rules.money import amount_text
from core.storage.column_types import Moment
from core.teams.pool_report import pool_lines

if TYPE_CHECKING:
    from core.service import Core

EVERY = (*CHECKS, *PLACES, *TAKEN, *PEOPLE, *CREDIT, *TALK)
"""All checks that are queries."""

Severity: TypeAlias = Literal["breach", "warning"]

FORSAKEN = timedelta(hours=48)
"""Twice the usual time until an invite into a workspace that is gone counts as not made."""
AHEAD = timedelta(hours=2)
"""Twice the longest that an upstream may ask us to wait; nothing that is under way is put off for longer."""
OVERDUE = timedelta(minutes=5)
"""How long something may be due without anybody looking at it: ten recovery intervals."""

SHOWN = 5
"""Offenders named in a finding's detail."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's outcome. `breaches` counts only broken promises; a warning's count is in `warnings`."""

    name: str
    promise: str
    breaches: int
    warnings: int
    detail: str

    @classmethod
    def of(cls, name: str, promise: str, told: Sequence[str], *, warning: bool = False, aside: str = "") -> Finding:
        """One offender a line, the first of which are shown; `aside` is said where there is none."""
        detail = "; ".join(told[:SHOWN]) + (" …" if len(told) > SHOWN else "") or aside
        return cls(name, promise, 0 if warning else len(told), len(told) if warning else 0, detail)


async def examine(core: Core, actor: Actor) -> list[Finding]:
    """Run every check, each at one moment. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    found = await core.read(findings, core.now())
    if not core.database.is_sqlite:
        found += await core.read(_server, core.settings.database.lock_timeout)
    if core.redis is not None:
        there = await core.redis.look()
        detail = "" if there else "dialogues are in the database, and each process counts messages for itself"
        found.append(Finding("redis_reachable", "the configured Redis answers", 0, 0 if there else 1, detail))
    return found


def findings(tx: sa.Connection, now: datetime) -> list[Finding]:
    """Every check's outcome, in the order of `EVERY`, the quotas of seats and of credit last."""
    return [*(_run(tx, check, now) for check in EVERY), _quota(tx, now), _credit(tx, now)]


def _server(tx: sa.Connection, lock_timeout: float) -> list[Finding]:
    """What a PostgreSQL server is set to. Legal, and nothing that Usher can change."""
    looked = (
        (server_checks.KEEPS, server_checks.keeping_faults(tx)),
        (server_checks.ENDS, server_checks.waiting_faults(tx, lock_timeout)),
    )
    return [Finding(*name, 0, int(bool(faults)), "; ".join(faults)) for name, faults in looked]


def moments(now: datetime) -> dict[str, datetime]:
    """What the checks measure by, by the names that stand in their queries."""
    return {
        "now": now,
        "late": now - OVERDUE,
        "old": now - timedelta(hours=1),
        "forsaken": now - FORSAKEN,
        "ahead": now + AHEAD,
    }


def _run(tx: sa.Connection, check: Check, now: datetime) -> Finding:
    def asked(text: str) -> sa.TextClause:
        used = [sa.bindparam(name, at, type_=Moment()) for name, at in moments(now).items() if f":{name}" in text]
        return sa.text(text).bindparams(*used)

    count = int(tx.execute(asked(f"SELECT count(*) FROM ({check.offenders}) AS offenders")).scalar_one())  # noqa: S608 - our own queries
    detail = ""
    if count:
        ids = tx.execute(asked(f"{check.offenders} LIMIT {SHOWN}")).scalars().all()
        detail = f"{check.subject} {', '.join(str(one) for one in ids)}{' …' if count > SHOWN else ''}"
    breaches = count if check.severity == "breach" else 0
    return Finding(check.name, check.promise, breaches, count - breaches, detail)


def _quota(tx: sa.Connection, now: datetime) -> Finding:
    """More unused uses than free seats is legal after teams shrank; nothing more can be generated meanwhile."""
    short: Sequence[str] = [f"{pool.name} {pool.generatable}" for pool in pool_lines(tx, now) if pool.generatable < 0]
    detail = f"pool {', '.join(short[:SHOWN])}" if short else ""
    return Finding("quota_not_negative", "every unused use has a free seat", 0, len(short), detail)


def _credit(tx: sa.Connection, now: datetime) -> Finding:
    """More credit promised than the limit is legal after the limit was lowered; no more can be generated meanwhile."""
    over = [
        f"{pool.name} {amount_text(promised)} of {amount_text(pool.credit_limit)}"
        for pool in limited_pools(tx)
        if (promised := outstanding(tx, pool.id, now)) > pool.credit_limit
    ]
    detail = f"pool {', '.join(over[:SHOWN])}" if over else ""
    return Finding("credit_within_limit", "codes promise no more credit than their pool may", 0, len(over), detail)
