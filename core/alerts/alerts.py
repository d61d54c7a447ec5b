"""Alerts: one open row per category and subject, however often its condition is seen.

Opening and escalating tell every subscribed chat, in the caller's own transaction. A condition that ends resolves
its alert; one that comes back soon after opens the same alert again, so that flapping counts up and tells nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core import audit, outbox
from core.actors import SYSTEM, Actor, Role
from core.errors import NotFound
from core.rules.alerts import Category, Change, Level, change_of, deliver_at, wants
from core.rules.hours import DailyHours
from core.storage import tables as t
from core.storage.database import dialect_insert

if TYPE_CHECKING:
    from core.service import Core

LEVELS = ("info", "warning", "error", "critical")
CALM = timedelta(minutes=15)
"""How long a condition stays away before its return is a new alert instead of the old one once more."""
EDIT_AFTER = timedelta(seconds=3)
"""How long a change that nobody made by hand waits, so that a flapping condition edits a message once and not often."""
OPERATORS = "operators"
"""Channel and recipient of what goes to the operator channels; which those are stands in the settings."""
BY_ITSELF = SYSTEM.key


@dataclass(frozen=True, slots=True)
class Resolution:
    """`again`: somebody, or the end of the condition, had resolved it before."""

    alert_id: int
    by: str
    again: bool


def raise_alert(
    tx: sa.Connection,
    category: str,
    subject: str,
    level: str,
    title: str,
    facts: Mapping[str, Any],
    now: datetime,
) -> int:
    """Open an alert, or count the open one up and raise its level. Returns its id.

    `title` is the key of its text; `facts` (JSON values) fill it. They never hold an address or a code: alerts are
    shown in groups. The level follows the condition. Subscribed chats are told of a new alert and of a raised level,
    each level once a day at most, and of nothing else; what they were told is corrected where it has eased.
    """
    seen = {"title": title, "facts": dict(facts), "last_seen_at": now}
    for _ in range(5):
        row = _present(tx, category, subject, now)
        if row is not None:
            if _see_again(tx, row, Level(level), seen, now):
                return int(row.id)
            continue
        new = {"category": category, "subject": subject, "level": level, "created_at": now, "count": 1, **seen}
        statement = dialect_insert(t.alerts, tx).on_conflict_do_nothing(
            index_elements=["category", "subject"], index_where=sa.text("resolved_at IS NULL")
        )
        alert_id = tx.execute(statement.returning(t.alerts.c.id), new).scalar_one_or_none()
        if alert_id is not None:
            audit.record(tx, SYSTEM, "alert.opened", "alert", alert_id, now, after={"level": level, "title": title})
            _push(tx, alert_id, category, Level(level), None, now)
            return int(alert_id)
    raise AssertionError(f"the alert {category} {subject} is opened and resolved without end")


def end_condition(tx: sa.Connection, category: str, subject: str, now: datetime) -> bool:
    """The condition is over: resolve its open alert, if there is one, in nobody's name. Returns whether there was.

    What somebody has closed before while it held may be raised again from now on.
    """
    closed = sa.and_(t.alerts.c.resolved_at.is_not(None), t.alerts.c.over_at.is_(None))
    subject_of = sa.and_(t.alerts.c.category == category, t.alerts.c.subject == subject)
    tx.execute(sa.update(t.alerts).where(subject_of, closed).values(over_at=now))
    ended = tx.execute(
        sa.update(t.alerts)
        .where(t.alerts.c.category == category, t.alerts.c.subject == subject, t.alerts.c.resolved_at.is_(None))
        .values(resolved_at=now, resolved_by=BY_ITSELF, over_at=now)
        .returning(t.alerts.c.id)
    ).scalar_one_or_none()
    if ended is None:
        return False
    audit.record(tx, SYSTEM, "alert.resolved", "alert", ended, now)
    show_change(tx, ended, now, after=EDIT_AFTER)
    return True


async def resolve(core: Core, actor: Actor, alert_id: int) -> Resolution:
    """Close an alert in the actor's name; resolving it again changes nothing. Raises: NotAllowed, NotFound."""
    actor.require(Role.OPERATOR)
    return await core.write(_resolve, actor, alert_id, core.now())


async def mute(core: Core, actor: Actor, alert_id: int, hours: float = 1.0) -> datetime:
    """Push nothing below critical about this alert until then. Returns until when. Raises: NotAllowed, NotFound."""
    actor.require(Role.OPERATOR)
    now = core.now()
    return await core.write(_mute, actor, alert_id, now + timedelta(hours=hours), now)


def show_change(tx: sa.Connection, alert_id: int, now: datetime, *, after: timedelta = timedelta(0)) -> None:
    """Have every pushed message of this alert say how it stands."""
    rows = tx.execute(sa.select(t.alert_messages).where(t.alert_messages.c.alert_id == alert_id))
    for row in rows.all():
        outbox.put_edit(
            tx,
            row.platform,
            outbox.in_chat(row.platform, row.chat_id),
            outbox.Notice("alert", {"alert": alert_id}, due_at=now + after),
            now,
            edits=row.message_ref,
        )


def _present(tx: sa.Connection, category: str, subject: str, now: datetime) -> Any:
    """The open alert of the subject, or the one that resolved itself a short while ago; locked."""
    which = sa.and_(t.alerts.c.category == category, t.alerts.c.subject == subject)
    opened = sa.select(t.alerts).where(which, t.alerts.c.resolved_at.is_(None)).with_for_update()
    row = tx.execute(opened).one_or_none()
    if row is not None:
        return row
    if tx.dialect.name == "postgresql":
        # Only one transaction at a time opens alerts of a subject; SQLite has one writer anyway.
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"alert:{category}:{subject}"))))
    # Whatever its state: one that is opened again in this moment is waited for, and seen as it is then.
    latest = tx.execute(
        sa.select(t.alerts).where(which).order_by(t.alerts.c.id.desc()).limit(1).with_for_update()
    ).one_or_none()
    if latest is None or latest.resolved_at is None:
        return latest
    calm = latest.resolved_by == BY_ITSELF and latest.resolved_at > now - CALM
    return latest if calm else None


def _see_again(tx: sa.Connection, row: Any, found: Level, seen: Mapping[str, Any], now: datetime) -> bool:
    """Count an alert up, open it again where it had resolved itself. False if it has changed meanwhile."""
    change = change_of(Level(row.level), found)
    values = {**seen, "count": t.alerts.c.count + 1, "resolved_at": None, "resolved_by": None, "over_at": None}
    if change in {Change.ESCALATE, Change.EASE}:
        values["level"] = found.value
    same = t.alerts.c.resolved_at.is_(None) if row.resolved_at is None else t.alerts.c.resolved_at == row.resolved_at
    statement = sa.update(t.alerts).where(t.alerts.c.id == row.id, same).values(**values)
    try:
        with tx.begin_nested() if row.resolved_at is not None else nullcontext():
            if tx.execute(statement).rowcount != 1:
                return False
    except IntegrityError:
        return False  # another transaction has opened a new one in the same moment
    if row.resolved_at is not None:
        audit.record(tx, SYSTEM, "alert.reopened", "alert", row.id, now, after={"count": row.count + 1})
        show_change(tx, row.id, now, after=EDIT_AFTER)
    levels = {"before": {"level": row.level}, "after": {"level": found.value}}
    if change is Change.EASE:
        audit.record(tx, SYSTEM, "alert.eased", "alert", row.id, now, **levels)
        show_change(tx, row.id, now, after=EDIT_AFTER)
    if change is Change.ESCALATE:
        audit.record(tx, SYSTEM, "alert.escalated", "alert", row.id, now, **levels)
        _push(tx, row.id, row.category, found, row.muted_until, now)
    return True


def _push(
    tx: sa.Connection, alert_id: int, category: str, level: Level, muted_until: datetime | None, now: datetime
) -> None:
    """Queue the alert for every chat that wants it and for the operator channels, once per level."""
    facts = {"alert": alert_id}
    reachable = (
        sa.select(t.subscriptions).where(t.subscriptions.c.unreachable_since.is_(None)).order_by(t.subscriptions.c.id)
    )
    for row in tx.execute(reachable).all():
        chosen = frozenset(Category(name) for name in row.categories)
        if not wants(level, Category(category), Level(row.level), chosen):
            continue
        chat = outbox.in_chat(row.platform, row.chat_id)
        due_at = deliver_at(level, now, quiet=quiet_hours(row), muted_until=muted_until)
        # What waits for the end of quiet hours is shown as the alert stands then: one message is enough.
        held = sa.and_(_queued(alert_id), t.notices.c.channel == row.platform, t.notices.c.recipient == chat)
        if tx.execute(sa.update(t.notices).where(held).values(due_at=due_at)).rowcount:
            continue
        dedupe = f"alert:{alert_id}:{level}:{row.id}:{now:%Y%m%d}"
        outbox.put(
            tx,
            row.platform,
            chat,
            outbox.Notice("alert", facts, language=row.language, dedupe=dedupe, due_at=due_at),
            now,
        )
    due_at = deliver_at(level, now, muted_until=muted_until)
    dedupe = f"alert:{alert_id}:{level}:{OPERATORS}:{now:%Y%m%d}"
    outbox.put(
        tx,
        OPERATORS,
        OPERATORS,
        outbox.Notice("alert", {**facts, "level": level.value}, dedupe=dedupe, due_at=due_at),
        now,
    )


def quiet_hours(row: Any) -> DailyHours | None:
    """When a subscription wants quiet, by its own clock."""
    if row.quiet_from is None or row.quiet_to is None:
        return None
    zone = row.timezone or "UTC"
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = "UTC"
    return DailyHours(time.fromisoformat(row.quiet_from), time.fromisoformat(row.quiet_to), zone)


def _resolve(tx: sa.Connection, actor: Actor, alert_id: int, now: datetime) -> Resolution:
    closed = tx.execute(
        sa.update(t.alerts)
        .where(t.alerts.c.id == alert_id, t.alerts.c.resolved_at.is_(None))
        .values(resolved_at=now, resolved_by=actor.key)
    )
    if closed.rowcount != 1:
        by = tx.execute(sa.select(t.alerts.c.resolved_by).where(t.alerts.c.id == alert_id)).scalar_one_or_none()
        if by is None:
            raise NotFound(kind="alert", name=str(alert_id))
        return Resolution(alert_id, by, again=True)
    audit.record(tx, actor, "alert.resolved", "alert", alert_id, now)
    show_change(tx, alert_id, now)
    return Resolution(alert_id, actor.key, again=False)


def _mute(tx: sa.Connection, actor: Actor, alert_id: int, until: datetime, now: datetime) -> datetime:
    row = tx.execute(
        sa.update(t.alerts)
        .where(t.alerts.c.id == alert_id, t.alerts.c.resolved_at.is_(None))
        .values(muted_until=until)
        .returning(t.alerts.c.level)
    ).one_or_none()
    if row is None:
        raise NotFound(kind="alert", name=str(alert_id))
    if Level(row.level) < Level.CRITICAL:
        _hold_back(tx, alert_id, until)
    audit.record(tx, actor, "alert.muted", "alert", alert_id, now, after={"until": until.isoformat()})
    show_change(tx, alert_id, now)
    return until


def _hold_back(tx: sa.Connection, alert_id: int, until: datetime) -> None:
    """What is queued about the alert and not yet begun waits, too."""
    earlier = sa.and_(_queued(alert_id), t.notices.c.due_at < until)
    tx.execute(sa.update(t.notices).where(earlier).values(due_at=until))


def _queued(alert_id: int) -> sa.ColumnElement[bool]:
    """The new messages about an alert that nobody has begun to send."""
    mine = t.notices.c.dedupe.like(f"alert:{alert_id}:%")
    return sa.and_(t.notices.c.state == "ready", t.notices.c.tries == 0, t.notices.c.template == "alert", mine)
