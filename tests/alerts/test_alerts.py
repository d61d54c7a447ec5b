"""One open alert per category and subject, and who is told what about it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from core.actors import Actor, Role
from core.alerts import alerts, subscriptions
from core.alerts.report import alert, alert_list, subscription_list
from core.alerts.subscriptions import AlertWish
from core.clock import MovedClock
from core.errors import BadChoice, NotAllowed, NotFound
from core.rules.alerts import Category, Level
from core.rules.hours import DailyHours
from core.service import Core, open_core
from core.storage import tables as t
from tests.support.house import settings_for

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ADMIN = Actor("telegram", "1", Role.ADMIN)
OPERATOR = Actor("telegram", "2", Role.OPERATOR)
VIEWER = Actor("telegram", "3", Role.VIEWER)


@pytest.fixture
def clock():
    return MovedClock(NOON)


@pytest.fixture
async def core(database_url: str, clock: MovedClock):
    async with open_core(settings_for(database_url), clock=clock) as opened:
        yield opened


async def raised(core: Core, level: str = "warning", subject: str = "team:1", category: str = "provider") -> int:
    facts = {"team": "alpha", "error": "credential"}
    return await core.write(alerts.raise_alert, category, subject, level, "team_expired", facts, core.now())


async def over(core: Core, subject: str = "team:1") -> bool:
    return await core.write(alerts.end_condition, "provider", subject, core.now())


async def queued(core: Core, channel: str = "telegram") -> list:
    def ask(tx: sa.Connection):
        return tx.execute(sa.select(t.notices).where(t.notices.c.channel == channel).order_by(t.notices.c.id)).all()

    return await core.read(ask)


async def pushed(core: Core, alert_id: int, ref: str = "m1", chat: str = "-100") -> None:
    """As if the first message about the alert had been sent."""

    def note(tx: sa.Connection) -> None:
        tx.execute(sa.update(t.notices).where(t.notices.c.message_ref.is_(None)).values(state="sent", tries=1))
        values = {"alert_id": alert_id, "platform": "telegram", "chat_id": chat, "message_ref": ref}
        tx.execute(sa.insert(t.alert_messages).values(**values, sent_at=core.now()))

    await core.write(note)


async def test_a_condition_seen_a_hundred_times_is_one_alert_and_one_message(core: Core):
    await subscriptions.subscribe(core, ADMIN, "telegram", "-100", AlertWish())
    ids = {await raised(core) for _ in range(100)}
    assert len(ids) == 1
    shown = await alert(core, VIEWER, ids.pop())
    assert (shown.count, shown.level) == (100, "warning")
    assert len(await queued(core)) == 1


async def test_a_condition_that_flaps_a_hundred_times_is_one_alert_counted_a_hundred(core: Core, clock: MovedClock):
    await subscriptions.subscribe(core, ADMIN, "telegram", "-100", AlertWish())
    first = await raised(core)
    await pushed(core, first)
    for _ in range(99):
        clock.move(seconds=1)
        assert await over(core)
        assert not await over(core)
        clock.move(seconds=1)
        assert await raised(core) == first
    everything = await alert_list(core, VIEWER, state="any")
    assert [(one.count, one.resolved_at) for one in everything.lines] == [(100, None)]
    sent = await queued(core)
    assert len([one for one in sent if one.message_ref is None]) == 1
    # While nobody sends, all the changes of one message wait as one edit.
    assert len([one for one in sent if one.message_ref is not None]) == 1


async def test_one_that_comes_back_much_later_is_a_new_alert(core: Core, clock: MovedClock):
    first = await raised(core)
    await over(core)
    clock.move(minutes=16)
    assert await raised(core) != first


async def test_one_that_somebody_resolved_is_not_opened_again(core: Core):
    first = await raised(core)
    await alerts.resolve(core, OPERATOR, first)
    assert await raised(core) != first


async def test_escalation_tells_again_and_the_level_never_falls(core: Core):
    await subscriptions.subscribe(core, ADMIN, "telegram", "-100", AlertWish())
    alert_id = await raised(core, "warning")
    await pushed(core, alert_id)
    for level in ("error", "warning", "critical", "info", "critical"):
        assert await raised(core, level) == alert_id
        await pushed(core, alert_id, ref=f"m-{level}")
    assert (await alert(core, VIEWER, alert_id)).level == "critical"
    assert len([one for one in await queued(core) if one.message_ref is None]) == 3
    for_operators = await queued(core, "operators")
    assert [one.facts["level"] for one in for_operators] == ["warning", "error", "critical"]


async def test_a_chat_hears_its_level_and_its_categories_only(core: Core):
    await subscriptions.subscribe(core, ADMIN, "telegram", "-1", AlertWish(level=Level.ERROR))
    only_security = AlertWish(level=Level.INFO, categories=frozenset({Category.SECURITY}))
    await subscriptions.subscribe(core, ADMIN, "discord", "77", only_security)
    await raised(core, "warning", "a")
    await raised(core, "error", "b")
    await raised(core, "info", "c", "security")
    assert [(one.recipient, one.facts["alert"]) for one in await queued(core)] == [("-1", 2)]
    assert [(one.recipient, one.facts["alert"]) for one in await queued(core, "discord")] == [("#77", 3)]


async def test_quiet_hours_hold_back_what_is_below_error(core: Core, clock: MovedClock):
    night = AlertWish(quiet=DailyHours(time(20), time(7), "Asia/Shanghai"))  # it is 20:00 there
    await subscriptions.subscribe(core, ADMIN, "telegram", "-100", night)
    alert_id = await raised(core, "warning")
    [held] = await queued(core)
    assert held.due_at == datetime(2026, 11, 21, 23, tzinfo=UTC)
    clock.move(hours=1)
    await raised(core, "error")
    [brought_forward] = await queued(core)
    assert (brought_forward.id, brought_forward.due_at) == (held.id, clock.now())
    assert (await alert(core, VIEWER, alert_id)).count == 2


async def test_a_resolved_alert_changes_every_pushed_message(core: Core):
    alert_id = await raised(core)
    for chat, ref in (("-1", "10"), ("-2", "20")):
        await pushed(core, alert_id, ref, chat)
    done = await alerts.resolve(core, OPERATOR, alert_id)
    assert (done.by, done.again) == ("telegram:2", False)
    edits = [(one.recipient, one.message_ref, one.template) for one in await queued(core)]
    assert edits == [("-1", "10", "alert"), ("-2", "20", "alert")]
    again = await alerts.resolve(core, ADMIN, alert_id)
    assert (again.by, again.again) == ("telegram:2", True)
    assert len(await queued(core)) == 2


async def test_muting_holds_back_what_waits_and_the_next_escalation(core: Core, clock: MovedClock):
    await subscriptions.subscribe(core, ADMIN, "telegram", "-100", AlertWish())
    alert_id = await raised(core)
    until = await alerts.mute(core, OPERATOR, alert_id)
    assert until == clock.now() + timedelta(hours=1)
    assert [one.due_at for one in await queued(core)] == [until]
    await pushed(core, alert_id)
    await raised(core, "error")
    assert [one.due_at for one in await queued(core) if one.message_ref is None][-1] == until
    await raised(core, "critical")
    assert [one.due_at for one in await queued(core) if one.message_ref is None][-1] == clock.now()


async def test_the_list_is_sorted_by_loudness_and_filtered(core: Core):
    for number, level in enumerate(("info", "critical", "warning")):
        await raised(core, level, f"s{number}")
    await alerts.resolve(core, OPERATOR, await raised(core, "error", "gone", "security"))
    opened = await alert_list(core, VIEWER)
    assert [one.level for one in opened.lines] == ["critical", "warning", "info"]
    assert (await alert_list(core, VIEWER, level="warning")).total == 2
    assert (await alert_list(core, VIEWER, category="security")).total == 0
    assert (await alert_list(core, VIEWER, state="resolved")).total == 1
    assert len((await alert_list(core, VIEWER, state="any", most=2)).lines) == 2


async def test_who_may_do_what(core: Core):
    alert_id = await raised(core)
    with pytest.raises(NotAllowed):
        await alert_list(core, Actor("telegram", "9"))
    with pytest.raises(NotAllowed):
        await alerts.resolve(core, VIEWER, alert_id)
    with pytest.raises(NotAllowed):
        await alerts.mute(core, VIEWER, alert_id)
    with pytest.raises(NotAllowed):
        await subscriptions.subscribe(core, OPERATOR, "telegram", "-1", AlertWish())
    with pytest.raises(NotFound):
        await alerts.resolve(core, OPERATOR, 999)
    with pytest.raises(BadChoice):
        await subscriptions.subscribe(core, ADMIN, "terminal", "here", AlertWish())
    with pytest.raises(NotFound):
        await subscriptions.unsubscribe(core, ADMIN, "telegram", "-1")


async def test_a_chat_that_locked_us_out_is_reported_to_the_others_once(core: Core):
    for chat in ("-1", "-2"):
        await subscriptions.subscribe(core, ADMIN, "telegram", chat, AlertWish())
    for _ in range(3):
        await core.write(subscriptions.chat_unreachable, "telegram", "-1", core.now())
    assert [one.recipient for one in await queued(core)] == ["-2"]
    await raised(core, "critical")
    assert {one.recipient for one in await queued(core)} == {"-2"}
    await subscriptions.subscribe(core, ADMIN, "telegram", "-1", AlertWish())
    assert not [one for one in (await alert_list(core, VIEWER)).lines if one.title == "chat_unreachable"]


async def test_a_subscription_ends(core: Core):
    await subscriptions.subscribe(core, ADMIN, "telegram", "-1", AlertWish(level=Level.ERROR))
    assert [(one.chat_id, one.level) for one in await subscription_list(core, VIEWER)] == [("-1", "error")]
    await subscriptions.unsubscribe(core, ADMIN, "telegram", "-1")
    assert await subscription_list(core, VIEWER) == []


async def test_many_at_once_are_one_open_alert(core: Core):
    import asyncio

    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(raised(core))
            group.create_task(over(core))
    opened = await core.read(lambda tx: tx.execute(sa.select(sa.func.sum(t.alerts.c.count))).scalar_one())
    assert opened == 20
    assert (await alert_list(core, VIEWER, state="any")).total == 1
