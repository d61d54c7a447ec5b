"""The report of a day, into every subscribed chat that wants one, at the hour of its readers; on Mondays that of the week.

Whether it was sent is a day on the subscription, claimed in the transaction that queues the message: no day is told
twice, whoever dies, and a day with nothing to tell is not looked at again for that chat.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog

from core import outbox
from core.rounds import Round
from core.storage import tables as t

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

INTERVAL: Final = 60.0
"""Seconds: a report is at most so late."""
MONDAY: Final = 0
WEEK: Final = 7


async def report(core: Core) -> Round:
    """Queue the reports that are due. A day on which nothing came, ends or waits is passed over in silence."""
    sent = 0
    for row in await core.read(_wanted):
        try:
            here = core.now().astimezone(ZoneInfo(row.timezone or core.settings.timezone))
            due = here.time() >= time.fromisoformat(row.report_at)
            if due and (row.reported_day is None or row.reported_day < here.toordinal()):
                sent += await core.write(_report, row.id, row.reported_day, here, core.now())
        except Exception:
            # Whatever is wrong with this chat, a zone that this machine does not know, is this chat's alone.
            log.exception("report_failed", subscription=row.id)
    return Round({"reports_sent": sent})


def figures(tx: sa.Connection, days: int, now: datetime) -> dict[str, int]:
    """What came in the last `days`, what ends within a week, and what waits for somebody's word."""

    def count(table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        return int(tx.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())

    since = now - timedelta(days=days)
    live = t.leases.c.status.in_(("invited", "active"))
    loud = t.alerts.c.level.in_(("error", "critical"))
    return {
        "redeemed": count(t.redemptions, t.redemptions.c.created_at > since, t.redemptions.c.state == "invited"),
        "joined": count(t.leases, t.leases.c.joined_at > since),
        "ended": count(t.leases, t.leases.c.status == "ended", t.leases.c.ended_at > since),
        "ending": count(
            t.leases, live, t.leases.c.expires_at > now, t.leases.c.expires_at <= now + timedelta(days=WEEK)
        ),
        "waiting": count(t.waitlist, t.waitlist.c.state == "waiting"),
        "wishes": count(t.code_requests, t.code_requests.c.state == "asked")
        + count(t.extension_requests, t.extension_requests.c.state == "asked")
        + count(t.transfers, t.transfers.c.state == "asked"),
        "alerts": count(t.alerts, t.alerts.c.resolved_at.is_(None), loud),
    }


def _wanted(tx: sa.Connection) -> list[Any]:
    wanted = (t.subscriptions.c.report_at.is_not(None), t.subscriptions.c.unreachable_since.is_(None))
    return list(tx.execute(sa.select(t.subscriptions).where(*wanted).order_by(t.subscriptions.c.id)))


def _report(tx: sa.Connection, subscription_id: int, before: int | None, here: datetime, now: datetime) -> bool:
    """Claim the day of one chat, and queue its report if there is anything to say."""
    mine = (t.subscriptions.c.id == subscription_id, t.subscriptions.c.reported_day.is_not_distinct_from(before))
    claimed = sa.update(t.subscriptions).where(*mine, t.subscriptions.c.report_at.is_not(None))
    row = tx.execute(claimed.values(reported_day=here.toordinal()).returning(t.subscriptions)).one_or_none()
    if row is None:
        return False
    days = WEEK if here.weekday() == MONDAY else 1
    found = figures(tx, days, now)
    if not any(found.values()):
        return False
    chat = outbox.in_chat(row.platform, row.chat_id)
    dedupe = f"report:{row.id}:{here.toordinal()}"
    facts = {**found, "days": days}
    outbox.put(tx, row.platform, chat, outbox.Notice("report", facts, language=row.language, dedupe=dedupe), now)
    return True
