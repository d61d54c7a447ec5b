"""Running the checks: conditions that hold raise their alerts, conditions that are over end them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from core.actions import alerts
from core.storage.tables import alerts as alerts_table
from core.sweeps.alert_checks import FAMILIES, Family

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)


async def check(core: Core) -> str:
    """Run every check, each in a transaction of its own. One that fails never stops the rest."""
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
    return f"{found} conditions hold, {ended} ended" + (f", {failed} checks failed" if failed else "")


def run_family(tx: sa.Connection, core: Core, family: Family, now: datetime) -> tuple[int, int]:
    """Raise what one check finds and end what it finds no more. Returns how many of each."""
    holding = {found.subject: found for found in family.check(tx, core, now)}
    for found in holding.values():
        alerts.raise_alert(tx, found.category, found.subject, found.level.value, found.title, found.facts, now)
    is_open = sa.and_(
        alerts_table.c.category == family.category,
        alerts_table.c.subject.startswith(family.prefix, autoescape=True),
        alerts_table.c.resolved_at.is_(None),
    )
    over = set(tx.execute(sa.select(alerts_table.c.subject).where(is_open)).scalars()) - holding.keys()
    for subject in sorted(over):
        alerts.end_condition(tx, family.category, subject, now)
    return len(holding), len(over)
