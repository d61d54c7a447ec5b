"""The outbox: in order per chat, at least once, by any process, and nobody waits for somebody else's trouble."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from bots.messages.rendering import Look, render
from bots.outgoing.delivery import Delivery
from bots.outgoing.posting import NotNow, Post, Unreachable
from core import outbox
from core.actors import SYSTEM, Actor, Role
from core.alerts import alerts, subscriptions
from core.alerts.report import alert_list
from core.alerts.subscriptions import AlertWish
from core.clock import MovedClock
from core.notices import deliveries
from core.people import people
from core.rules.hours import DailyHours
from core.service import Core, open_core
from core.storage import tables as t
from tests.support.house import settings_for

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ADMIN = Actor("telegram", "1", Role.ADMIN)


class Desk:
    """A platform that answers as a test wants: `trouble` maps a recipient to what is raised, once per entry."""

    def __init__(self) -> None:
        self.sent: list[Post] = []
        self.trouble: dict[str, list[Exception]] = defaultdict(list)
        self.under_way = 0
        self.side_by_side = 0
        self.pause = 0.0
        self.gate: asyncio.Event | None = None

    async def post(self, post: Post) -> str | None:
        self.under_way += 1
        self.side_by_side = max(self.side_by_side, self.under_way)
        try:
            await asyncio.sleep(self.pause)
            if self.gate is not None:
                await self.gate.wait()
            if self.trouble[post.recipient]:
                raise self.trouble[post.recipient].pop(0)
            self.sent.append(post)
            return f"{post.recipient}:{len(self.sent)}"
        finally:
            self.under_way -= 1

    def texts(self, recipient: str | None = None) -> list[str]:
        look = Look("en", "plain", 10**6)
        return [
            "\n".join(render(post.reply, look).texts)
            for post in self.sent
            if recipient is None or post.recipient == recipient
        ]


@pytest.fixture
def clock():
    return MovedClock(NOON)


@pytest.fixture
async def core(database_url: str, clock: MovedClock):
    async with open_core(settings_for(database_url), clock=clock) as opened:
        yield opened


async def put(core: Core, recipient: str, code: str, channel: str = "telegram", **more) -> None:
    facts = {"address": "ann@example.com", "team": "Alpha", "code": code}
    await core.write(outbox.put, channel, recipient, outbox.Notice("invited", facts, **more), core.now())


async def rows(core: Core) -> list:
    return await core.read(lambda tx: list(tx.execute(sa.select(t.notices).order_by(t.notices.c.id))))


async def test_messages_of_one_chat_keep_their_order_and_chats_do_not_wait_for_each_other(core: Core):
    desk = Desk()
    desk.pause = 0.01
    for number in range(10):
        for chat in ("7", "8", "9"):
            await put(core, chat, f"{number:04}")
    assert await Delivery(core, {"telegram": desk}).run_once() == 30
    for chat in ("7", "8", "9"):
        told = [post.facts["code"] for post in desk.sent if post.recipient == chat]
        assert told == [f"{number:04}" for number in range(10)]
    assert desk.side_by_side == 3
    assert {row.state for row in await rows(core)} == {"sent"}


async def test_two_processes_send_everything_once(database_url: str):
    async with open_core(settings_for(database_url)) as one, open_core(settings_for(database_url)) as other:
        desk = Desk()
        desk.pause = 0.005
        for number in range(40):
            await put(one, str(number % 5), f"{number:04}")
        counts = await asyncio.gather(*(Delivery(core, {"telegram": desk}).run_once() for core in (one, other)))
        assert sum(counts) == 40
        assert sorted(post.facts["code"] for post in desk.sent) == [f"{number:04}" for number in range(40)]
        for chat in map(str, range(5)):
            told = [post.facts["code"] for post in desk.sent if post.recipient == chat]
            assert told == sorted(told)


async def test_a_pause_that_the_platform_asks_for_is_kept_and_costs_nothing(core: Core, clock: MovedClock):
    desk = Desk()
    desk.trouble["7"] = [NotNow(42.0)] * 20
    for code in ("0001", "0002"):
        await put(core, "7", code)
    await put(core, "8", "0003")
    delivery = Delivery(core, {"telegram": desk})
    for _ in range(20):
        await delivery.run_once()
        assert [post.recipient for post in desk.sent] == ["8"]
        [first, *_] = await rows(core)
        assert first.due_at == clock.now() + timedelta(seconds=42)
        clock.move(seconds=42)
    await delivery.run_once()
    assert [post.facts["code"] for post in desk.sent] == ["0003", "0001", "0002"]


async def test_a_failure_is_tried_again_later_and_in_the_end_given_up_with_an_alert(core: Core, clock: MovedClock):
    desk = Desk()
    desk.trouble["7"] = [RuntimeError("broken")] * 100
    await put(core, "7", "0001")
    await put(core, "7", "0002")
    delivery = Delivery(core, {"telegram": desk})
    for _ in range(deliveries.MOST_TRIES):
        await delivery.run_once()
        clock.move(minutes=5)
    dead, waiting, *_ = await rows(core)
    assert (dead.state, dead.tries, dead.error) == ("dead", deliveries.MOST_TRIES, "RuntimeError")
    assert waiting.state == "ready"
    desk.trouble["7"] = []
    await delivery.run_once()
    assert [post.facts["code"] for post in desk.sent] == ["0002"]
    opened = await alert_list(core, SYSTEM)
    assert [one.title for one in opened.lines] == ["notice_dead"]


async def test_a_notice_without_words_is_given_up_at_once(core: Core):
    await core.write(outbox.put, "telegram", "7", outbox.Notice("no_such_text", {}), core.now())
    await put(core, "7", "0001")
    desk = Desk()
    await Delivery(core, {"telegram": desk}).run_once()
    assert [row.state for row in await rows(core) if row.channel == "telegram"] == ["dead", "sent"]


async def test_whoever_blocked_the_bot_is_left_alone_until_they_write_again(core: Core, clock: MovedClock):
    await people.recognise(core, "telegram", "7", chat_id="7")
    desk = Desk()
    desk.trouble["7"] = [Unreachable()]
    delivery = Delivery(core, {"telegram": desk})
    for code in ("0001", "0002"):
        await put(core, "7", code)
        await delivery.run_once()
    assert desk.sent == []
    assert [row.error for row in await rows(core)] == ["unreachable", "unreachable"]
    silent = await core.read(lambda tx: tx.execute(sa.select(t.identities.c.unreachable_since)).scalar_one())
    assert silent == clock.now()
    await people.recognise(core, "telegram", "7", chat_id="7")
    await put(core, "7", "0003")
    await delivery.run_once()
    assert [post.facts["code"] for post in desk.sent] == ["0003"]


async def test_a_staff_chat_that_is_gone_is_reported_in_the_others(core: Core):
    for chat in ("-1", "-2"):
        await subscriptions.subscribe(core, ADMIN, "telegram", chat, AlertWish())
    desk = Desk()
    desk.trouble["-1"] = [Unreachable()]
    await core.write(alerts.raise_alert, "provider", "team:1", "error", "team_expired", {"team": "A"}, core.now())
    await Delivery(core, {"telegram": desk}).run_once()
    assert len(desk.texts("-2")) == 2
    assert any("I can no longer send to the chat" in text and "-1" in text for text in desk.texts("-2"))


async def test_an_alert_is_pushed_and_its_message_follows_it(core: Core, clock: MovedClock):
    await subscriptions.subscribe(core, ADMIN, "telegram", "-1", AlertWish(language="en"))
    desk = Desk()
    delivery = Delivery(core, {"telegram": desk})
    facts = {"team": "Alpha", "error": "credential"}
    alert_id = await core.write(alerts.raise_alert, "provider", "team:1", "error", "team_expired", facts, core.now())
    await delivery.run_once()
    [message] = desk.sent
    assert [button.command for row in message.reply.buttons for button in row] == [
        "import", "cleanup", "resolve", "mute", "check", "alerts",
    ]  # fmt: skip
    assert all(button.nonce and button.owner == "*" for row in message.reply.buttons for button in row)
    assert "Alpha" in desk.texts()[0]
    [kept] = await core.read(lambda tx: tx.execute(sa.select(t.alert_messages)).all())
    assert (kept.chat_id, kept.message_ref) == ("-1", "-1:1")
    await alerts.resolve(core, Actor("telegram", "5", Role.OPERATOR), alert_id)
    await delivery.run_once()
    assert desk.sent[1].edit == "-1:1"
    assert "Resolved by telegram:5" in desk.texts()[1]
    assert desk.sent[1].reply.buttons == ()


async def test_resolving_while_the_message_is_on_its_way_still_changes_it(core: Core):
    await subscriptions.subscribe(core, ADMIN, "telegram", "-1", AlertWish())
    desk = Desk()
    desk.gate = asyncio.Event()
    delivery = Delivery(core, {"telegram": desk})
    alert_id = await core.write(
        alerts.raise_alert, "provider", "team:1", "error", "team_expired", {"team": "A"}, core.now()
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(delivery.run_once())
        while not desk.under_way:  # noqa: ASYNC110 - the platform knows nothing of this test's events
            await asyncio.sleep(0.01)
        await alerts.resolve(core, SYSTEM, alert_id)
        desk.gate.set()
    await delivery.run_once()
    assert [post.edit for post in desk.sent] == [None, "-1:1"]


async def test_what_is_over_before_the_quiet_hours_end_is_not_sent(core: Core, clock: MovedClock):
    wish = AlertWish(quiet=DailyHours(time(11), time(14)))
    await subscriptions.subscribe(core, ADMIN, "telegram", "-1", wish)
    desk = Desk()
    delivery = Delivery(core, {"telegram": desk})
    for subject in ("team:1", "team:2"):
        facts = {"team": subject}
        await core.write(alerts.raise_alert, "provider", subject, "warning", "team_expired", facts, core.now())
    await delivery.run_once()
    assert desk.sent == []
    await core.write(alerts.raise_alert, "provider", "team:3", "error", "team_expired", {"team": "x"}, core.now())
    await delivery.run_once()
    assert len(desk.sent) == 1, "an error does not wait behind what is held back"
    await core.write(alerts.end_condition, "provider", "team:1", core.now())
    clock.move(hours=2)
    await delivery.run_once()
    assert [post.facts["alert"] for post in desk.sent] == [3, 2]


async def test_flapping_edits_a_message_now_and_then_and_sends_one(core: Core, clock: MovedClock):
    await subscriptions.subscribe(core, ADMIN, "telegram", "-1", AlertWish())
    desk = Desk()
    delivery = Delivery(core, {"telegram": desk})
    for _ in range(100):
        facts = {"team": "Alpha", "error": ""}
        await core.write(alerts.raise_alert, "provider", "team:1", "error", "team_expired", facts, core.now())
        await delivery.run_once()
        clock.move(milliseconds=100)
        await core.write(alerts.end_condition, "provider", "team:1", core.now())
        await delivery.run_once()
        clock.move(milliseconds=100)
    clock.move(seconds=5)
    await delivery.run_once()
    assert len([post for post in desk.sent if post.edit is None]) == 1
    assert len([post for post in desk.sent if post.edit]) <= 8
    [alert] = (await alert_list(core, SYSTEM, state="any")).lines
    assert alert.count == 100
    assert "Resolved by the system" in desk.texts()[-1]


async def test_a_slow_platform_delays_no_other(core: Core):
    slow, quick = Desk(), Desk()
    slow.gate = asyncio.Event()
    stop = asyncio.Event()
    for number in range(60):
        await put(core, str(number), "0001")
    await put(core, "1", "0002", "discord")
    async with asyncio.timeout(240), asyncio.TaskGroup() as group:
        group.create_task(Delivery(core, {"telegram": slow, "discord": quick}).run(stop))
        while not quick.sent or not slow.under_way:  # noqa: ASYNC110 - the platform knows no events
            await asyncio.sleep(0.02)
        assert slow.side_by_side <= 20
        slow.gate.set()
        while len(slow.sent) < 60:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.02)
        stop.set()


async def test_a_claim_is_kept_while_the_platform_takes_its_time(core: Core, clock: MovedClock):
    await put(core, "7", "0001")
    [due] = await core.write(deliveries.claim_due, ["telegram"], core.now(), most=5)
    clock.move(seconds=20)
    assert await core.write(deliveries.renew, due, core.now())
    clock.move(seconds=20)
    assert await core.write(deliveries.claim_due, ["telegram"], core.now(), most=5) == []
    clock.move(seconds=20)
    [again] = await core.write(deliveries.claim_due, ["telegram"], core.now(), most=5)
    assert not await core.write(deliveries.note_sent, due, "late", core.now())
    assert await core.write(deliveries.note_sent, again, "now", core.now())
