"""The database, the disk, Telegram: each goes away under a running bot and comes back, and nobody lends a hand.

Meanwhile people read something true, or nothing where nothing can be said; afterwards each has one answer.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from bots.outgoing.delivery import Delivery
from bots.telegram_bot.app import TelegramBot, open_bot
from bots.telegram_bot.sending import TelegramSender
from core import outbox
from core.clock import Clock, MovedClock
from tests.support.chats import telegram_settings, until
from tests.support.house import KEY, House, open_house
from tests.support.postgres import PostgresServer
from tests.support.processes import Processes
from tests.support.telegram.emulator import FakeTelegram, text_of

pytestmark = pytest.mark.slow


def environment(house: House, telegram: FakeTelegram) -> dict[str, str]:
    return {
        "USHER_DATABASE__URL": house.url,
        "USHER_VAULT__KEYS__k1": KEY,
        "USHER_TELEGRAM__TOKEN": telegram.token,
        "USHER_TELEGRAM__API_BASE": telegram.base,
        "USHER_SWEEPS__RECOVERY": "1",
    }


def said(key: str, **facts: Any) -> str:
    return words(Say(key, facts), Look("en", "plain", 10**6))


async def texts(telegram: FakeTelegram, user: int) -> list[str]:
    return [text_of(message) for message in await telegram.messages(user)]


async def redeemed(house: House, telegram: FakeTelegram, user: int, address: str, code: str) -> None:
    update = await telegram.say(f"{address} {code}", user_id=user)
    await telegram.answer_to(update, "Done")


async def inviting(house: House, number: int = 1) -> None:
    """Return when so many invites are under way."""

    async def there() -> bool:
        return await house.value("SELECT count(*) FROM leases WHERE status = 'held'") == number

    await until(there, 60, f"there were not {number} invites under way")


async def test_the_database_is_restarted(processes: Processes, postgres: PostgresServer):
    url = postgres.create_database()
    async with FakeTelegram() as telegram, open_house(url, latency_ms=500) as house:
        codes = await house.make_codes(3)
        running = processes.start("run", **environment(house, telegram))
        await redeemed(house, telegram, 1, "before@example.com", codes[0])
        during = await telegram.say(f"during@example.com {codes[1]}", user_id=2)
        await inviting(house)
        await asyncio.to_thread(postgres.stop, "immediate")
        after = await telegram.say(f"after@example.com {codes[2]}", user_id=3)
        for update in (during, after):
            await telegram.answer_to(update, said("answer-later"))
        await asyncio.to_thread(postgres.start)
        for update in (during, after):
            await telegram.answer_to(update, "Done")
        await _each_had_one_answer(house, telegram, ["before", "during", "after"])
        (await asyncio.to_thread(running.terminate)).expect(0)
    postgres.drop_database(url)


async def test_the_disk_is_full(sqlite_url: str, processes: Processes):
    """What the process may write in a file ends before its first page, as where a quota or a disk does."""
    async with FakeTelegram() as telegram, open_house(sqlite_url, latency_ms=500) as house:
        codes = await house.make_codes(3)
        running = processes.start("run", **environment(house, telegram))
        await redeemed(house, telegram, 1, "before@example.com", codes[0])
        during = await telegram.say(f"during@example.com {codes[1]}", user_id=2)
        await inviting(house)
        _, most = resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (32, resource.RLIM_INFINITY))
        after = await telegram.say(f"after@example.com {codes[2]}", user_id=3)
        for update in (during, after):
            await telegram.answer_to(update, said("answer-later"))
        assert running.alive
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (most, most))
        for update in (during, after):
            await telegram.answer_to(update, "Done")
        await _each_had_one_answer(house, telegram, ["before", "during", "after"])
        (await asyncio.to_thread(running.terminate)).expect(0)


async def test_telegram_is_away_for_ten_minutes(sqlite_url: str):
    """Nobody can be told anything then; nothing is given up, and everybody is answered when it is back."""
    clock = MovedClock(Clock().now())
    async with (
        FakeTelegram() as telegram,
        open_house(sqlite_url, clock=clock, latency_ms=300, telegram=telegram_settings(telegram)) as house,
        _answering(house) as sender,
    ):
        codes = await house.make_codes(3)
        await redeemed(house, telegram, 1, "before@example.com", codes[0])
        sender._patience = 0.5  # a number, so that ten minutes need not be waited for
        during = await telegram.say(f"during@example.com {codes[1]}", user_id=2)
        await inviting(house)
        async with telegram.outage("drop_before"):
            after = await telegram.say(f"after@example.com {codes[2]}", user_id=3)
            facts = {"address": "before@example.com", "team": "Workspace 1"}
            await house.core.write(outbox.put, "telegram", "1", outbox.Notice("transfer_done", facts), clock.now())
            await inviting(house, number=0)
            for _ in range(10):
                clock.move(minutes=1)
                await asyncio.sleep(0.8)
            assert not await house.value("SELECT count(*) FROM inbox WHERE state = 'dead'")
            assert await house.value("SELECT count(*) FROM inbox WHERE state = 'ready'")
            assert await house.value("SELECT state FROM notices") == "ready"
        moving = asyncio.create_task(_passing(clock))
        for update in (during, after):
            await telegram.answer_to(update, "Done")
        await telegram.wait_message(1, "The move is complete")
        moving.cancel()
        for user in (2, 3):
            assert len([text for text in await texts(telegram, user) if "Done" in text]) == 1
        assert sorted(address for _, address in house.invited()) == [
            f"{name}@example.com" for name in ("after", "before", "during")
        ]


@asynccontextmanager
async def _answering(house: House) -> AsyncIterator[TelegramSender]:
    """The bot and the outbox, and what they write with."""
    client, stop = open_bot(house.core), asyncio.Event()
    bot = TelegramBot(house.core, client, poll=1)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(bot.run(stop))
            group.create_task(Delivery(house.core, {"telegram": bot.sender}).run(stop))
            yield bot.sender
            stop.set()
    finally:
        await client.session.close()


async def _passing(clock: MovedClock) -> None:
    while True:
        await asyncio.sleep(0.2)
        clock.move(seconds=2)


async def _each_had_one_answer(house: House, telegram: FakeTelegram, names: list[str]) -> None:
    """And those who came while it was away read that they have to wait, and nothing else."""
    for user, name in enumerate(names, 1):
        *earlier, final = await texts(telegram, user)
        assert "Done" in final
        assert name in final
        assert earlier == ([] if name == "before" else [said("answer-later")])
    assert sorted(address for _, address in house.invited()) == sorted(f"{name}@example.com" for name in names)
    assert await house.value("SELECT sum(used) FROM codes") == len(names)
    assert await house.value("SELECT sum(reserved) FROM codes") == 0
