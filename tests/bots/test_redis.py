"""An optional Redis holds what chats were asked and counts messages; it may go, hang, and come back empty."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from pydantic import ValidationError
from redis.asyncio import Redis, from_url
from structlog.testing import capture_logs

from bots.app import serve
from bots.commands.dialogue import Dialogue, keep_dialogue, open_dialogue
from bots.incoming.flood import MESSAGES, Flood
from core.actors import SYSTEM, Actor, Role
from core.alerts.report import alert_list
from core.people.privacy import erase_person
from core.reports.doctor import examine
from core.service import Core, open_core
from core.settings import RedisSettings
from core.storage.dialogues import _put_unless_later
from core.storage.redis_link import RedisAway
from core.sweeps import alerts
from tests.support.chats import LANGUAGES, Chat, TelegramDriver, open_chat, telegram_settings, until
from tests.support.house import KEY, House, open_house, settings_for
from tests.support.processes import Processes
from tests.support.redis import RedisServer
from tests.support.telegram.emulator import FakeTelegram, text_of

ME = "me@example.com"
TEAM = "Workspace 1"
CANARY = "sk-canary-credential-0123456789"
PATIENT = 60.0
"""Seconds for a Redis that is there: no busy machine makes it one that is away."""
PERSON = "telegram:7"


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with RedisServer() as started:
        yield started


@asynccontextmanager
async def opened(
    url: str, server: RedisServer, *, platform: str = "telegram", language: str = "en"
) -> AsyncIterator[Chat]:
    """A chat with a bot that has a Redis, and somebody who looks after it, as in every process that serves."""
    async with FakeTelegram() as telegram:
        sections: dict[str, Any] = {"telegram": telegram_settings(telegram), "language": language}
        async with open_house(url, **sections, redis={"url": server.url, "timeout": PATIENT}) as house:
            stop = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                assert house.core.redis is not None
                group.create_task(house.core.redis.watch(stop))
                async with open_chat(platform, house, language=language, telegram=telegram) as chat:
                    yield chat
                stop.set()


@asynccontextmanager
async def cores(url: str, server: RedisServer) -> AsyncIterator[list[Core]]:
    """Two processes on one database and one Redis."""
    settings = settings_for(url, redis={"url": server.url, "timeout": PATIENT})
    async with open_core(settings) as first, open_core(settings) as second:
        yield [first, second]


async def known(core: Core, *, away: bool) -> None:
    """Return when the process has noticed."""

    async def noticed() -> bool:
        return core.redis is not None and core.redis.away is away

    await until(noticed, 60, f"away is not {away}")


def freeze(server: RedisServer, core: Core, seconds: float) -> None:
    """From now on Redis hangs, and is not waited for as long as one that a busy machine keeps waiting."""
    assert core.redis is not None
    core.redis._timeout = seconds
    server.freeze()


async def thaw(server: RedisServer, core: Core) -> None:
    assert core.redis is not None
    core.redis._timeout = PATIENT
    server.thaw()
    await until(core.redis.look, 60, "Redis is not back")


async def everything(server: RedisServer) -> dict[bytes, bytes]:
    """All that Redis holds, as anybody reads it who gets at it."""
    redis: Redis = from_url(server.url)
    try:
        return {key: key + bytes(await redis.dump(key) or b"") async for key in redis.scan_iter()}
    finally:
        await redis.aclose()


async def rows(house: House) -> int:
    return int(await house.value("SELECT count(*) FROM dialogues"))


@pytest.mark.parametrize("platform", ["telegram", "terminal"])
async def test_question_by_question_with_nothing_readable_in_redis(sqlite_url: str, server: RedisServer, platform: str):
    async with opened(sqlite_url, server, platform=platform) as chat:
        [code] = await chat.house.make_codes()
        asked = chat.words("ask-codes", address=ME, count=0)
        assert chat.words("ask-redeem-address", address="", count=0) in await chat.say("/redeem")
        assert asked in await chat.say(ME)
        held = await everything(server)
        assert await rows(chat.house) == 0
        assert b"usher:dialogue:" in b"".join(held)
        await chat.restart()
        assert chat.words("redeemed-invited", address=ME, team=TEAM) in await chat.say(code)
        core = chat.house.core
        await keep_dialogue(core, PERSON, "1", None, Dialogue("addteam", "pool", {"credential": CANARY, "code": code}))
        seen = b"".join([*held.values(), *(await everything(server)).values()]).lower()
        for secret in (ME, code, code.replace("-", ""), CANARY):
            assert secret.lower().encode() not in seen
        assert await rows(chat.house) == 0


async def test_what_is_in_redis_ends_by_itself(sqlite_url: str, server: RedisServer):
    async with cores(sqlite_url, server) as [core, _]:
        await keep_dialogue(core, PERSON, "1", None, Dialogue("redeem", "address"))
        redis: Redis = from_url(server.url)
        try:
            left = {key: await redis.ttl(key) async for key in redis.scan_iter("usher:dialogue:*")}
        finally:
            await redis.aclose()
        assert len(left) == 1
        assert all(0 < seconds <= 24 * 3600 for seconds in left.values())
        core.clock.set(core.now() + timedelta(hours=25))
        assert await open_dialogue(core, PERSON, "2") is None


@pytest.mark.slow
async def test_another_process_goes_on_where_a_killed_one_was(
    sqlite_url: str, server: RedisServer, processes: Processes
):
    async with opened(sqlite_url, server) as chat:
        assert isinstance(chat, TelegramDriver)
        await chat.stop()
        [code] = await chat.house.make_codes()
        first = processes.start(
            "run",
            USHER_DATABASE__URL=chat.house.url,
            USHER_VAULT__KEYS__k1=KEY,
            USHER_TELEGRAM__TOKEN=chat.telegram.token,
            USHER_TELEGRAM__API_BASE=chat.telegram.base,
            USHER_REDIS__URL=server.url,
            USHER_REDIS__TIMEOUT=str(PATIENT),
        )
        await chat.telegram.ask("/redeem")
        await asyncio.to_thread(first.kill)
        assert await rows(chat.house) == 0
        await chat.start()
        assert chat.words("ask-codes", address=ME, count=0) in await chat.say(ME)
        assert chat.words("redeemed-invited", address=ME, team=TEAM) in await chat.say(code)


async def test_two_processes_count_together(sqlite_url: str, server: RedisServer):
    async with cores(sqlite_url, server) as processes:
        floods = [Flood(core.redis) for core in processes]
        admitted = [await floods[number % 2].admits(PERSON) for number in range(MESSAGES.amount + 4)]
        assert admitted == [True] * MESSAGES.amount + [False] * 4
        assert [await flood.deserves_a_word(PERSON) for flood in floods] == [True, False]
        assert await floods[1].admits("telegram:8")
        redis: Redis = from_url(server.url)
        try:
            assert 0 < await redis.pttl(f"usher:{MESSAGES.name}:{PERSON}") <= MESSAGES.seconds * 1000
        finally:
            await redis.aclose()


async def test_without_redis_each_process_counts_for_itself(sqlite_url: str, server: RedisServer):
    async with cores(sqlite_url, server) as processes:
        server.kill()
        for flood in [Flood(core.redis) for core in processes]:
            admitted = [await flood.admits(PERSON) for _ in range(MESSAGES.amount + 4)]
            # The window moves on where a machine takes seconds for this; a limit there is all the same.
            assert admitted[: MESSAGES.amount] == [True] * MESSAGES.amount
            assert not all(admitted)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_gone_in_the_middle_of_a_dialogue(sqlite_url: str, server: RedisServer, language: str):
    async with opened(sqlite_url, server, language=language) as chat:
        core = chat.house.core
        [code] = await chat.house.make_codes()
        await chat.say("/language")
        server.kill()
        # Told once, truly, and that it has to begin again; nothing that was said is taken for an answer later.
        assert await chat.say("en") == chat.words("dialogue-lost")
        assert await chat.say("hm") == chat.words("not-understood")
        await known(core, away=True)
        assert chat.words("ask-redeem-address", address="", count=0) in await chat.say("/redeem")
        assert await rows(chat.house) == 1
        # It goes on where it is, also when Redis is back, and is there alone from then on.
        server.start()
        await known(core, away=False)
        assert chat.words("ask-codes", address=ME, count=0) in await chat.say(ME)
        assert await rows(chat.house) == 0
        assert chat.words("redeemed-invited", address=ME, team=TEAM) in await chat.say(code)
        assert [address for _, address in chat.house.invited()] == [ME]


async def test_come_back_empty_before_anybody_noticed(sqlite_url: str, server: RedisServer):
    async with opened(sqlite_url, server) as chat:
        [code] = await chat.house.make_codes()
        await chat.say("/language")
        server.kill()
        server.start()
        await known(chat.house.core, away=False)
        assert await chat.say("en") == chat.words("dialogue-lost")
        assert await chat.say("hm") == chat.words("not-understood")
        # Half a wish is asked for its other half, as ever.
        assert chat.words("ask-codes", address=ME, count=0) in await chat.say(ME)
        assert chat.words("redeemed-invited", address=ME, team=TEAM) in await chat.say(code)


@pytest.mark.slow
async def test_a_hanging_redis_is_waited_for_once(sqlite_url: str, server: RedisServer):
    wait = 4.0
    async with opened(sqlite_url, server) as chat:
        [code] = await chat.house.make_codes()
        await chat.say("/language")
        freeze(server, chat.house.core, wait)
        began = time.monotonic()
        assert await chat.say("en") == chat.words("dialogue-lost")
        for _ in range(10):
            assert await chat.say("hm") == chat.words("not-understood")
        assert chat.words("redeemed-invited", address=ME, team=TEAM) in await chat.say(f"{ME} {code}")
        # Each of the twelve asks Redis twice and more: were they all to wait, it would take twice as long at least.
        assert time.monotonic() - began < 12 * wait
        assert chat.house.core.redis is not None
        assert chat.house.core.redis.away
        # It comes back with all it held, also the question that the person was told to forget.
        await thaw(server, chat.house.core)
        assert await chat.say("zh-CN") == chat.words("not-understood")
        assert await rows(chat.house) == 0


async def test_what_was_read_from_redis_is_kept_without_it(sqlite_url: str, server: RedisServer):
    """Redis goes between question and answer of one event, and the event is brought again, there and back."""
    asked, answered = Dialogue("redeem", "address"), Dialogue("redeem", "codes", {"address": ME})
    async with cores(sqlite_url, server) as [first, second]:
        await keep_dialogue(first, PERSON, "1", None, asked)
        assert await open_dialogue(second, PERSON, "2") == asked
        server.kill()
        await keep_dialogue(second, PERSON, "2", asked, answered)
        assert await open_dialogue(first, PERSON, "2") == asked
        assert await open_dialogue(first, PERSON, "3") == answered
        server.start()
        for core in (first, second):
            assert core.redis is not None
            assert await core.redis.look()
            assert await open_dialogue(core, PERSON, "2") == asked
            assert await open_dialogue(core, PERSON, "3") == answered


async def test_a_late_command_undoes_nothing_and_a_slow_clock_is_heard(sqlite_url: str, server: RedisServer):
    asked, answered = Dialogue("redeem", "address"), Dialogue("redeem", "codes", {"address": ME})
    async with cores(sqlite_url, server) as [first, second]:
        second.clock.set(first.now() - timedelta(minutes=5))
        await keep_dialogue(first, PERSON, "1", None, asked)
        await keep_dialogue(second, PERSON, "2", asked, answered)
        assert await open_dialogue(first, PERSON, "3") == answered
        redis: Redis = from_url(server.url)
        try:
            late = (first.now() - timedelta(minutes=1)).isoformat(timespec="microseconds")
            assert await _put_unless_later(redis, PERSON, late, b"late") is not None
        finally:
            await redis.aclose()
        assert await open_dialogue(first, PERSON, "3") == answered


@pytest.mark.parametrize("away", [False, True])
async def test_erased_there_too(sqlite_url: str, server: RedisServer, away: bool):
    async with cores(sqlite_url, server) as [core, _]:
        await keep_dialogue(core, PERSON, "1", None, Dialogue("redeem", "codes", {"address": ME}))
        if away:
            freeze(server, core, 0.5)
            assert core.redis is not None
            assert not await core.redis.look()
        await erase_person(core, Actor("telegram", "7", Role.ANYONE))
        await thaw(server, core)
        assert await open_dialogue(core, PERSON, "2") is None


async def test_a_question_of_before_the_outage_does_not_come_back(sqlite_url: str, server: RedisServer):
    """Whoever sent a whole wish meanwhile, which needs no dialogue, has left the old question behind as well."""
    async with cores(sqlite_url, server) as [core, _]:
        await keep_dialogue(core, PERSON, "1", None, Dialogue("redeem", "address"))
        freeze(server, core, 0.5)
        assert await open_dialogue(core, PERSON, "2") is None
        await thaw(server, core)
        assert await open_dialogue(core, PERSON, "3") is None


async def test_down_at_the_start_is_told_once_and_over_by_itself(sqlite_url: str, server: RedisServer):
    server.kill()
    port = server.port
    async with FakeTelegram() as telegram:
        sections: dict[str, Any] = {
            "telegram": telegram_settings(telegram),
            "redis": {"url": server.url, "timeout": PATIENT},
            "web": {"enabled": True, "port": 0, "metrics_port": 0},
        }
        with capture_logs() as logged:
            async with open_house(sqlite_url, **sections) as house, asyncio.TaskGroup() as group:
                stop = asyncio.Event()
                group.create_task(serve(house.core, stop=stop))

                def listening(event: str = "metrics_listening") -> list[Any]:
                    return [line for line in logged if line["event"] == event]

                await known(house.core, away=True)
                await until(_truth(listening), 60, "the web server did not start")
                base = f"http://127.0.0.1:{listening('web_listening')[0]['port']}"
                metrics = f"http://127.0.0.1:{listening()[0]['port']}/metrics"
                assert await _fetched(f"{base}/health/ready") == '{"status": "degraded", "without": "redis"}'
                assert "usher_redis_up 0.0" in await _fetched(metrics)
                asked = await telegram.ask("/redeem")
                assert "e-mail" in text_of(asked)
                assert 'usher_redis_fallbacks_total{use="dialogue"}' in await _fetched(metrics)
                await alerts.check(house.core)
                await alerts.check(house.core)
                assert await _alert(house) == [("warning", 2)]
                assert await _warned(house) == 1
                server.port = port
                server.start()
                await known(house.core, away=False)
                assert await _fetched(f"{base}/health/ready") == '{"status": "ready"}'
                assert "usher_redis_up 1.0" in await _fetched(metrics)
                await alerts.check(house.core)
                assert await _alert(house) == []
                assert await _warned(house) == 0
                stop.set()
    assert [line["log_level"] for line in logged if line["event"] == "redis_unavailable"] == ["warning"]
    assert len([line for line in logged if line["event"] == "redis_back"]) == 1


async def test_where_nobody_looks_a_question_finds_out(sqlite_url: str, server: RedisServer):
    async with cores(sqlite_url, server) as [core, _]:
        link = core.redis
        assert link is not None
        server.kill()
        with pytest.raises(RedisAway):
            await link.ask(_ping)
        server.start()
        with pytest.raises(RedisAway):  # not asked: it was away a moment ago
            await link.ask(_ping)
        link._next_try = 0.0
        await link.ask(_ping)
        assert not link.away


@pytest.mark.parametrize("url", ["localhost:6379", "http://localhost", "redis://localhost:port/0", ""])
def test_an_address_that_is_none_stops_the_start(url: str):
    with pytest.raises(ValidationError, match="redis://host:6379/0"):
        RedisSettings(url=url)


async def _ping(redis: Redis) -> None:
    await redis.set("usher:test", 1)


def _truth(found: Any) -> Any:
    async def ask() -> bool:
        return bool(found())

    return ask


async def _fetched(url: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert response.status == 200
        return await response.text()


async def _alert(house: House) -> list[tuple[str, int]]:
    found = await alert_list(house.core, SYSTEM)
    return [(one.level, one.count) for one in found.lines if one.title == "redis_away"]


async def _warned(house: House) -> int:
    return sum(one.warnings for one in await examine(house.core, SYSTEM) if one.name == "redis_reachable")
