"""The report of a day comes at its readers' hour, once, and not at all where there is nothing to say."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

from bots.commands.staff import reports
from core.clock import MovedClock
from core.sweeps import daily
from tests.support.desk import EACH_ON_ONE, Desk
from tests.support.house import House, open_house

TUESDAY = datetime(2026, 3, 3, 6, 30, tzinfo=UTC)


async def queued(house: House) -> list[int]:
    rows = await house.rows("SELECT facts FROM notices WHERE template = 'report' ORDER BY id")
    return [(json.loads(row.facts) if isinstance(row.facts, str) else row.facts)["days"] for row in rows]


@EACH_ON_ONE
async def test_a_day_is_told_once_at_the_readers_hour_and_only_if_there_is_something(
    database_url: str, language: str
) -> None:
    clock = MovedClock(TUESDAY)
    async with open_house(database_url, clock=clock) as house:
        desk = Desk(house, language=language)
        said = await desk.say("/subscribe warning report=08:00 zone=Europe/Berlin")
        assert desk.words("subscription-report", at="08:00", zone="Europe/Berlin") in said
        [line] = await house.rows("SELECT report_at, timezone FROM subscriptions")
        assert tuple(line) == ("08:00", "Europe/Berlin")
        # Half past seven there; then eight, but nothing came in, ends or waits.
        await daily.report(house.core)
        clock.move(minutes=31)
        await daily.report(house.core)
        assert await queued(house) == []
        [code] = await house.make_codes()
        await house.redeem("anna@example.com", code, key="a")
        await daily.report(house.core)
        assert await queued(house) == []  # this day has been looked at
        clock.move(hours=24)
        await house.execute(
            "UPDATE redemptions SET created_at = created_at + "
            + ("3600000000" if house.core.database.is_sqlite else "interval '1 hour'")
        )
        await asyncio.gather(*(daily.report(house.core) for _ in range(4)))
        assert await queued(house) == [1]
        # On Monday it is the week's.
        clock.move(hours=5 * 24)
        await daily.report(house.core)
        assert await queued(house) == [1, 7]
        await desk.say("/subscribe report=off")
        clock.move(hours=24)
        await daily.report(house.core)
        assert len(await queued(house)) == 2


async def test_it_says_what_came_what_ends_and_what_needs_somebody(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        facts = {"redeemed": 3, "joined": 2, "ended": 1, "ending": 1, "waiting": 0, "wishes": 2, "alerts": 1, "days": 1}
        reply = await reports.pushed(house.core, facts, "en", None)
        assert (reply.key, [item.key for item in reply.items]) == (
            "report-daily",
            ["report-came", "report-ending", "report-wishes", "report-alerts"],
        )
        assert [button.command for [button] in reply.buttons] == ["requests", "alerts"]
        [code] = await house.make_codes()
        await house.redeem("anna@example.com", code, key="a")
        weekly = await reports.pushed(house.core, {**facts, "days": 7}, "zh-CN", "Asia/Shanghai")
        assert (weekly.key, [file.image for file in weekly.files]) == ("report-weekly", [True] * 3)


async def test_a_chat_whose_zone_nobody_knows_keeps_no_other_one_waiting(sqlite_url: str) -> None:
    clock = MovedClock(TUESDAY)
    async with open_house(sqlite_url, clock=clock) as house:
        for number in (1, 2):
            await Desk(house, identity=f"{number}").say("/subscribe warning report=05:00 zone=UTC")
        await house.execute("UPDATE subscriptions SET timezone = 'Atlantis/Harbour' WHERE id = 1")
        [code] = await house.make_codes()
        clock.move(hours=24)
        await house.redeem("anna@example.com", code, key="a")
        assert (await daily.report(house.core)).facts == {"reports_sent": 1}
        assert await queued(house) == [1]


async def test_who_asks_after_its_hour_gets_none_at_once(sqlite_url: str) -> None:
    clock = MovedClock(TUESDAY)
    async with open_house(sqlite_url, clock=clock) as house:
        desk = Desk(house)
        [code] = await house.make_codes()
        await house.redeem("anna@example.com", code, key="a")
        # Half past seven in the morning there: seven has passed, eight has not.
        await desk.say("/subscribe warning report=07:00 zone=Europe/Berlin")
        await daily.report(house.core)
        assert await queued(house) == []
        for later in ("08:00", "08:30"):
            await desk.say(f"/subscribe report={later}")
            clock.move(minutes=31)
            await daily.report(house.core)
            assert await queued(house) == [1]  # the first one moves it to this day, and none comes twice


async def test_a_zone_alone_moves_the_hour(sqlite_url: str) -> None:
    async with open_house(sqlite_url, clock=MovedClock(TUESDAY)) as house:
        desk = Desk(house)
        await desk.say("/subscribe warning report=08:00 zone=Europe/Berlin")
        assert desk.words("subscription-report", at="08:00", zone="Asia/Tokyo") in await desk.say(
            "/subscribe zone=Asia/Tokyo"
        )
