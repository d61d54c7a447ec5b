"""Alerts and subscriptions as staff see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import sqlalchemy as sa

from core.actors import Actor, Role
from core.errors import NotFound
from core.rules.alerts import Level
from core.storage import tables as t

if TYPE_CHECKING:
    from core.service import Core

AlertState: TypeAlias = Literal["open", "resolved", "any"]


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert. `title` is the key of its text and `facts` fill it; `subject` is what it is about, as `team:7`."""

    id: int
    category: str
    subject: str
    level: str
    title: str
    facts: Mapping[str, Any]
    created_at: datetime
    last_seen_at: datetime
    count: int
    muted_until: datetime | None
    resolved_at: datetime | None
    resolved_by: str | None


@dataclass(frozen=True, slots=True)
class AlertList:
    """The loudest and latest first. `total` counts all that fit the filter, also those that are not in `lines`."""

    lines: list[AlertLine]
    total: int


@dataclass(frozen=True, slots=True)
class SubscriptionLine:
    """One chat that is told of alerts; no `categories` are all of them."""

    platform: str
    chat_id: str
    level: str
    categories: list[str]
    language: str | None
    quiet: str | None
    timezone: str | None
    maker: str
    unreachable_since: datetime | None
    report_at: str | None = None


async def alert_list(
    core: Core,
    actor: Actor,
    *,
    state: AlertState = "open",
    level: str | None = None,
    category: str | None = None,
    most: int | None = None,
) -> AlertList:
    """Alerts from `level` upwards, of one category or all; open ones by default. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    shown = core.settings.alerts.shown if most is None else most
    return await core.read(_list, state, level, category, shown)


async def alert(core: Core, actor: Actor, alert_id: int) -> AlertLine:
    """One alert with everything about it. Raises: NotAllowed, NotFound."""
    actor.require(Role.VIEWER)
    found = await core.read(find_alert, alert_id)
    if found is None:
        raise NotFound(kind="alert", name=str(alert_id))
    return found


async def subscription_list(core: Core, actor: Actor) -> list[SubscriptionLine]:
    """Every subscribed chat. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    return await core.read(_subscriptions)


async def subscription(core: Core, platform: str, chat_id: str) -> SubscriptionLine | None:
    """What this chat wants to hear, if it is subscribed."""
    return next((one for one in await core.read(_subscriptions, platform, chat_id)), None)


def find_alert(tx: sa.Connection, alert_id: int) -> AlertLine | None:
    """The alert of that id."""
    row = tx.execute(sa.select(t.alerts).where(t.alerts.c.id == alert_id)).one_or_none()
    return None if row is None else _line(row)


def _list(tx: sa.Connection, state: AlertState, level: str | None, category: str | None, most: int) -> AlertList:
    where: list[sa.ColumnElement[bool]] = []
    if state == "open":
        where.append(t.alerts.c.resolved_at.is_(None))
    elif state == "resolved":
        where.append(t.alerts.c.resolved_at.is_not(None))
    if level is not None:
        where.append(t.alerts.c.level.in_([one.value for one in Level if one >= level]))
    if category is not None:
        where.append(t.alerts.c.category == category)
    rank = sa.case({one.value: one.rank for one in Level}, value=t.alerts.c.level)
    order = [t.alerts.c.last_seen_at.desc(), t.alerts.c.id.desc()]
    if state == "open":
        order.insert(0, rank.desc())
    total = tx.execute(sa.select(sa.func.count()).select_from(t.alerts).where(*where)).scalar_one()
    rows = tx.execute(sa.select(t.alerts).where(*where).order_by(*order).limit(most))
    return AlertList([_line(row) for row in rows], int(total))


def _line(row: Any) -> AlertLine:
    return AlertLine(
        id=row.id,
        category=row.category,
        subject=row.subject,
        level=row.level,
        title=row.title,
        facts=row.facts,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        count=row.count,
        muted_until=row.muted_until,
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
    )


def _subscriptions(
    tx: sa.Connection, platform: str | None = None, chat_id: str | None = None
) -> list[SubscriptionLine]:
    statement = sa.select(t.subscriptions).order_by(t.subscriptions.c.platform, t.subscriptions.c.chat_id)
    if platform is not None:
        statement = statement.where(t.subscriptions.c.platform == platform, t.subscriptions.c.chat_id == chat_id)
    return [
        SubscriptionLine(
            platform=row.platform,
            chat_id=row.chat_id,
            level=row.level,
            categories=list(row.categories),
            language=row.language,
            quiet=f"{row.quiet_from}-{row.quiet_to}" if row.quiet_from else None,
            timezone=row.timezone,
            maker=row.maker,
            unreachable_since=row.unreachable_since,
            report_at=row.report_at,
        )
        for row in tx.execute(statement)
    ]
