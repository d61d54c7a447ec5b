"""Reading each account: its models, what is left of its quotas, and whether its credential still works."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import sqlalchemy as sa
import structlog

from core.alerts import alerts
from core.models.protocol import CallUnavailable, Offers
from core.rounds import Round
from core.sources import health
from core.sources.lending import follow_lending
from core.storage.column_types import Moment
from core.storage.rows import SourceRow
from core.storage.talk_tables import models, source_models, sources
from core.vault import Undecipherable

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

TOGETHER = 20
"""Accounts read side by side."""

ReadSource: TypeAlias = Literal["read", "expired", "failed"]


async def read_sources(core: Core) -> Round:
    """Read every account whose last reading is older than the interval. A failing one delays no other."""
    counted: Counter[str] = Counter()
    places = asyncio.Semaphore(TOGETHER)

    async def read(source: SourceRow) -> None:
        async with places:
            counted[f"accounts_{await read_source(core, source)}"] += 1

    due = await core.write(_claim_due, core.now(), timedelta(seconds=core.settings.sources.check_interval))
    async with asyncio.TaskGroup() as group:
        for source in due:
            group.create_task(read(source))
    return Round(dict(counted))


async def read_source(core: Core, source: SourceRow) -> ReadSource:
    """Read one account, and note what it offers."""
    try:
        found = await core.source(source).offers()
        if isinstance(found, Offers):
            await core.write(_note_offers, core, source.id, found, core.now())
            return "read"
        if isinstance(found, CallUnavailable) and found.reason == "credential":
            again = await core.source(source).offers()
            if isinstance(again, CallUnavailable) and again.reason == "credential":
                await core.write(health.expire, core, source, again.detail, core.now())
                return "expired"
            return "failed"
        await core.write(health.note_failure, core, source.id, None, found, core.now())
    except Undecipherable:
        log.warning("credential_undecipherable", source=source.id)
    except Exception:
        log.exception("source_reading_failed", source=source.id)
    return "failed"


def _claim_due(tx: sa.Connection, now: datetime, interval: timedelta) -> list[Any]:
    """Claim the accounts to read: the process that moves an account's last reading on is the one that reads it."""
    due = sa.or_(sources.c.checked_at.is_(None), sources.c.checked_at <= sa.literal(now - interval, Moment()))
    which = sa.and_(sources.c.removed_at.is_(None), sources.c.enabled, due)
    return list(tx.execute(sa.update(sources).where(which).values(checked_at=now).returning(sources)))


def _note_offers(tx: sa.Connection, core: Core, source_id: int, found: Offers, now: datetime) -> None:
    row = tx.execute(sa.select(sources).where(sources.c.id == source_id)).one()
    if row.health == "expired" or row.failures:
        health.restore(tx, source_id, now, rested=False)
    offered = {offer.model: offer for offer in found.models}
    mine = sa.select(source_models, models.c.name.label("model")).join(models, models.c.id == source_models.c.model_id)
    low: list[tuple[float, str]] = []
    for one in tx.execute(mine.where(source_models.c.source_id == source_id)).all():
        offer = offered.get(one.upstream_name)
        if offer is None:
            # A complete list without it: nobody is sent there for this model until it is back.
            values: dict[str, Any] = {"fraction": 0.0, "resets_at": now + health.NO_MODEL}
        else:
            values = {"fraction": offer.fraction, "resets_at": offer.resets_at}
            if offer.fraction is not None and offer.fraction < core.settings.sources.low_fraction:
                low.append((offer.fraction, one.model))
        tx.execute(sa.update(source_models).where(source_models.c.id == one.id).values(read_at=now, **values))
    if row.shared:
        follow_lending(tx, core.settings.sources, row.owner_id, now)
    subject = f"source_quota:{source_id}"
    if low:
        percent = round(core.settings.sources.low_fraction * 100)
        facts = {"source": row.name, "model": min(low)[1], "percent": percent}
        alerts.raise_alert(tx, "provider", subject, "warning", "source_low", facts, now)
    else:
        alerts.end_condition(tx, "provider", subject, now)
