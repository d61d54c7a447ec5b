"""Which chats are told of alerts: by level, by category, and when they want quiet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from core import audit, outbox
from core.actors import Actor, Role
from core.alerts import alerts
from core.errors import BadChoice, NotFound
from core.rules.alerts import Category, Level
from core.rules.hours import DailyHours
from core.storage import tables as t
from core.storage.database import dialect_insert

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class AlertWish:
    """What a chat wants to hear. No `categories` are all of them; `quiet` holds back levels below error.

    `report_at` is when the report of the day comes, by the clock of `zone`; never without it. Where that hour has
    passed today, the first one comes tomorrow.
    """

    level: Level = Level.WARNING
    categories: frozenset[Category] = frozenset()
    quiet: DailyHours | None = None
    language: str | None = None
    report_at: time | None = None
    zone: str | None = None


async def subscribe(core: Core, actor: Actor, platform: str, chat_id: str, wish: AlertWish) -> int:
    """Push alerts into this chat from now on; a chat that was subscribed gets the new wish. Returns its id.

    Raises: NotAllowed; BadChoice for a platform that nothing can be pushed to.
    """
    actor.require(Role.ADMIN)
    if platform not in outbox.CHATS:
        raise BadChoice(name="platform", value=platform[:20], choices=list(outbox.CHATS))
    return await core.write(_subscribe, actor, platform, chat_id, wish, core.now())


async def unsubscribe(core: Core, actor: Actor, platform: str, chat_id: str) -> None:
    """Push nothing more into this chat. Raises: NotAllowed, NotFound if it was not subscribed."""
    actor.require(Role.ADMIN)
    await core.write(_unsubscribe, actor, platform, chat_id, core.now())


def chat_unreachable(tx: sa.Connection, platform: str, chat_id: str, now: datetime) -> None:
    """The platform lets nothing more into this chat: stop pushing there, and tell the other chats once."""
    mine = _of(platform, chat_id)
    silent = tx.execute(
        sa.update(t.subscriptions)
        .where(mine, t.subscriptions.c.unreachable_since.is_(None))
        .values(unreachable_since=now)
        .returning(t.subscriptions.c.id)
    ).scalar_one_or_none()
    if silent is not None:
        facts = {"platform": platform, "chat": chat_id}
        alerts.raise_alert(tx, "system", f"chat:{platform}:{chat_id}", "warning", "chat_unreachable", facts, now)


def _subscribe(tx: sa.Connection, actor: Actor, platform: str, chat_id: str, wish: AlertWish, now: datetime) -> int:
    before = tx.execute(sa.select(t.subscriptions).where(_of(platform, chat_id))).one_or_none()
    values: dict[str, Any] = {
        "level": wish.level.value,
        "categories": sorted(category.value for category in wish.categories),
        "language": wish.language,
        "quiet_from": f"{wish.quiet.start:%H:%M}" if wish.quiet else None,
        "quiet_to": f"{wish.quiet.end:%H:%M}" if wish.quiet else None,
        "timezone": wish.quiet.zone if wish.quiet else wish.zone,
        "report_at": f"{wish.report_at:%H:%M}" if wish.report_at is not None else None,
        "maker": actor.key,
        "unreachable_since": None,
    }
    if wish.report_at is not None and not _asked_before(before, values):
        here = now.astimezone(ZoneInfo(values["timezone"] or "UTC"))
        # Nobody asked for one at this moment. None is sent twice a day, whatever hour it is moved to.
        values["reported_day"] = here.toordinal() if here.time() >= wish.report_at else None
    subscription_id: int = tx.execute(
        dialect_insert(t.subscriptions, tx)
        .values(platform=platform, chat_id=chat_id, created_at=now, **values)
        .on_conflict_do_update(index_elements=["platform", "chat_id"], set_=values)
        .returning(t.subscriptions.c.id)
    ).scalar_one()
    alerts.end_condition(tx, "system", f"chat:{platform}:{chat_id}", now)
    audit.record(
        tx,
        actor,
        "subscription.set",
        "subscription",
        subscription_id,
        now,
        before={"level": before.level, "categories": before.categories} if before else None,
        after={"platform": platform, "level": values["level"], "categories": values["categories"]},
    )
    return subscription_id


def _asked_before(before: Any, values: dict[str, Any]) -> bool:
    """The report came at this hour already."""
    return before is not None and (before.report_at, before.timezone) == (values["report_at"], values["timezone"])


def _unsubscribe(tx: sa.Connection, actor: Actor, platform: str, chat_id: str, now: datetime) -> None:
    gone = tx.execute(
        sa.delete(t.subscriptions)
        .where(_of(platform, chat_id))
        .returning(t.subscriptions.c.id, t.subscriptions.c.level)
    ).one_or_none()
    if gone is None:
        raise NotFound(kind="subscription", name="")
    alerts.end_condition(tx, "system", f"chat:{platform}:{chat_id}", now)
    audit.record(tx, actor, "subscription.ended", "subscription", gone.id, now, before={"level": gone.level})


def _of(platform: str, chat_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(t.subscriptions.c.platform == platform, t.subscriptions.c.chat_id == chat_id)
