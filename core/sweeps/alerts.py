"""Running the checks: conditions that hold raise their alerts, conditions that are over end them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from core.alerts import alerts
from core.rounds import Round
from core.rules.alerts import Level
from core.storage import tables as t
from core.sweeps.alert_checks import FAMILIES, Family

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)


async def check(core: Core) -> Round:
    """Run every check, each in a transaction of its own. One that fails never stops the rest."""
    if core.redis is not None:
        await core.redis.look()
    found = ended = failed = 0
    for family in FAMILIES:
        try:
            raised, over = await core.write(run_family, core, family, core.now())
        except Exception:
            log.exception("alert_check_failed", check=family.check.__name__)
            failed += 1
            continue
        found += raised
        ended += over
    return Round({"conditions_hold": found, "ended": ended, "checks_failed": failed})


async def stands(core: Core, alert_id: int) -> bool:
    """Does the condition of an alert hold just now, as far as a check looks for it?"""
    return await core.read(_stands, core, alert_id, core.now())


def _stands(tx: sa.Connection, core: Core, alert_id: int, now: datetime) -> bool:
    alert = tx.execute(sa.select(t.alerts).where(t.alerts.c.id == alert_id)).one_or_none()
    if alert is None:
        return False
    mine = (one for one in FAMILIES if one.category == alert.category and alert.subject.startswith(one.prefix))
    return any(found.subject == alert.subject for one in mine for found in one.check(tx, core, now))


def run_family(tx: sa.Connection, core: Core, family: Family, now: datetime) -> tuple[int, int]:
    """Raise what one check finds and end what it finds no more. Returns how many of each."""
    holding = {found.subject: found for found in family.check(tx, core, now)}
    known = _resolved_by_hand(tx, family)
    for subject in known.keys() - holding.keys() if family.ends else ():
        alerts.end_condition(tx, family.category, subject, now)
    for found in holding.values():
        if found.level.rank <= known.get(found.subject, -1):
            continue
        alerts.raise_alert(tx, found.category, found.subject, found.level.value, found.title, found.facts, now)
    is_open = sa.and_(
        t.alerts.c.category == family.category,
        t.alerts.c.subject.startswith(family.prefix, autoescape=True),
        t.alerts.c.resolved_at.is_(None),
    )
    if not family.ends:
        return len(holding), 0
    over = set(tx.execute(sa.select(t.alerts.c.subject).where(is_open)).scalars()) - holding.keys()
    for subject in sorted(over):
        alerts.end_condition(tx, family.category, subject, now)
    return len(holding), len(over)


def _resolved_by_hand(tx: sa.Connection, family: Family) -> dict[str, int]:
    """Subjects whose alert somebody has closed while it held, and which have not been over since; with its level."""
    mine = sa.and_(
        t.alerts.c.category == family.category,
        t.alerts.c.subject.startswith(family.prefix, autoescape=True),
        t.alerts.c.resolved_at.is_not(None),
        t.alerts.c.resolved_by != alerts.BY_ITSELF,
        t.alerts.c.over_at.is_(None),
    )
    return {
        row.subject: Level(row.level).rank
        for row in tx.execute(sa.select(t.alerts).where(mine).order_by(t.alerts.c.id))
    }
