"""The durable inbox: nothing lost, nothing twice, in order per chat, and one bad row stops none of the others."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bots.outgoing.pacing import Pace, Paces, Window
from core.notices.inbox import Handle, Inbox, Later
from core.notices.inbox_rows import OLDEST, Begun, PlatformEvent, store
from core.service import Core, open_core
from core.storage import tables as t
from tests.support.chats import until
from tests.support.house import settings_for


async def nothing(_: Begun) -> None:
    """Nobody to say sorry to."""


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Core]:
    async with open_core(settings_for(url)) as core:
        yield core


@asynccontextmanager
async def running(core: Core, handle: Handle, *, give_up: Handle = nothing, inboxes: int = 1) -> AsyncIterator[Inbox]:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for _ in range(inboxes):
            inbox = Inbox(core, "tg:1:", handle, give_up=give_up, handlers=8, first_pause=0.001)
            group.create_task(inbox.run(stop))
        yield inbox
        stop.set()


def events(count: int, lanes: int, *, start: int = 0) -> list[PlatformEvent]:
    return [PlatformEvent(f"tg:1:{start + n}", f"telegram:{n % lanes}", str(start + n)) for n in range(count)]


async def test_every_event_once_and_each_lane_in_order(database_url: str):
    seen: dict[str, list[int]] = defaultdict(list)

    async def handle(row: Begun) -> None:
        await asyncio.sleep(0.001)
        seen[row.lane].append(int(row.payload))

    async with opened(database_url) as core:
        for start in (0, 20, 40):
            assert await store(core, events(20, 4, start=start)) == 20
        assert await store(core, events(60, 4)) == 0, "the same events again are no new ones"
        async with running(core, handle, inboxes=3):
            await until(lambda: _count(seen, 60), 60, "not all were handled")
    assert all(numbers == sorted(numbers) for numbers in seen.values())
    assert sorted(number for numbers in seen.values() for number in numbers) == list(range(60))


async def test_what_is_taken_is_begun_by_the_same_commit_and_each_lane_goes_on_in_order(database_url: str):
    seen: dict[str, list[int]] = defaultdict(list)
    under_way: dict[str, int] = defaultdict(int)

    async def handle(row: Begun) -> None:
        under_way[row.lane] += 1
        assert under_way[row.lane] == 1
        assert not row.repeated
        await asyncio.sleep(0.001)
        seen[row.lane].append(int(row.payload))
        under_way[row.lane] -= 1

    async with opened(database_url) as core:
        async with running(core, handle) as inbox:
            for start in (0, 20, 40):  # more than there are handlers, several for each chat
                await inbox.take(events(20, 4, start=start))
                await inbox.take(events(20, 4, start=start))
            await until(lambda: _count(seen, 60), 60, "not all were handled")
        assert all(numbers == sorted(numbers) for numbers in seen.values())
        assert sorted(number for numbers in seen.values() for number in numbers) == list(range(60))
        # What is taken while nobody handles anything is only kept.
        await inbox.take(events(4, 4, start=60))
        async with running(core, handle):
            await until(lambda: _count(seen, 64), 60, "what was taken too late is lost")
    assert await _rows(database_url, "SELECT DISTINCT state, claim FROM inbox") == [("done", None)]


async def test_what_is_taken_during_a_look_for_others_rows_does_not_wait_for_it(sqlite_url: str):
    seen: dict[str, list[int]] = defaultdict(list)
    looking, go_on = threading.Event(), threading.Event()

    async def handle(row: Begun) -> None:
        seen[row.lane].append(int(row.payload))

    def halt(statement: str) -> None:
        if statement.startswith("SELECT inbox.key") and "earlier" in statement:
            looking.set()
            go_on.wait(60)

    async with opened(sqlite_url) as core:
        core.database.slow_statements.before = halt
        async with running(core, handle) as inbox:
            try:
                await asyncio.to_thread(looking.wait, 60)
                await inbox.take(events(4, 4))
                await until(lambda: _count(seen, 4), 60, "they wait for the look")
            finally:
                go_on.set()


async def _count(seen: dict[str, list[int]], wanted: int) -> bool:
    return sum(map(len, seen.values())) >= wanted


async def test_one_poisoned_row_is_given_up_and_stops_nobody(database_url: str):
    handled: list[str] = []
    sorry: list[str] = []

    async def handle(row: Begun) -> None:
        if row.key == "tg:1:0":
            raise RuntimeError("poison")
        handled.append(row.key)

    async def give_up(row: Begun) -> None:
        sorry.append(row.key)

    async with opened(database_url) as core:
        await store(core, events(8, 2))
        async with running(core, handle, give_up=give_up):
            await until(lambda: _long(handled, 7), 60, "the others were not handled")
    assert sorry == ["tg:1:0"]
    assert sorted(handled) == [f"tg:1:{n}" for n in range(1, 8)]
    assert await _rows(database_url, "SELECT title FROM alerts") == [("update_dead",)]
    assert await _rows(database_url, "SELECT state FROM inbox WHERE key = 'tg:1:0'") == [("dead",)]


async def test_later_costs_no_try_and_is_known_as_a_repeat(database_url: str):
    begun: list[bool] = []

    async def handle(row: Begun) -> None:
        begun.append(row.repeated)
        if len(begun) < 10:
            raise Later(0.01)

    async with opened(database_url) as core:
        await store(core, events(1, 1))
        async with running(core, handle):
            await until(lambda: _long(begun, 10), 60, "it was not begun again")
    assert begun == [False] + [True] * 9
    assert await _rows(database_url, "SELECT state, length(payload) FROM inbox") == [("done", 0)]


async def test_a_platform_that_is_away_for_days_is_waited_for_no_longer(database_url: str):
    begun: list[str] = []
    sorry: list[str] = []

    async def handle(row: Begun) -> None:
        begun.append(row.key)
        raise Later(0.01)

    async def give_up(row: Begun) -> None:
        sorry.append(row.key)

    async with opened(database_url) as core:
        await store(core, events(1, 1))
        long_ago = core.now() - OLDEST - timedelta(minutes=1)
        await core.write(lambda tx: tx.execute(sa.update(t.inbox).values(received_at=long_ago)))
        async with running(core, handle, give_up=give_up):
            await until(lambda: _long(sorry, 1), 60, "it is tried for ever")
    assert sorry == ["tg:1:0"]
    assert len(begun) == 1, "once more, and never again"


async def test_what_is_not_done_at_the_end_is_handed_over(database_url: str, monkeypatch: pytest.MonkeyPatch):
    started = asyncio.Event()
    done: list[str] = []

    async def never(_: Begun) -> None:
        started.set()
        await asyncio.sleep(3600)

    async def handle(row: Begun) -> None:
        done.append(row.key)

    from core.notices import inbox

    monkeypatch.setattr(inbox, "STOP_WITHIN", 0.05)  # the limit of an orderly end, not a function of ours
    async with opened(database_url) as core:
        await store(core, events(1, 1))
        async with running(core, never):
            await started.wait()
        async with running(core, handle):
            await until(lambda: _long(done, 1), 60, "nobody took it over at once")


async def test_other_bots_rows_are_left_alone(database_url: str):
    handled: list[str] = []

    async def handle(row: Begun) -> None:
        handled.append(row.key)

    async with opened(database_url) as core:
        await store(
            core,
            [PlatformEvent("tg:10:1", "telegram:1", "x"), PlatformEvent("tg_1:2", "telegram:2", "x"), *events(1, 1)],
        )
        async with running(core, handle):
            await until(lambda: _long(handled, 1), 60, "not handled")
            await asyncio.sleep(0.1)
    assert handled == ["tg:1:0"]


async def test_what_was_said_is_unreadable_in_the_database(sqlite_url: str):
    async with opened(sqlite_url) as core:
        await store(core, [PlatformEvent("tg:1:1", "telegram:1", "me@example.com TEAM-CANARY")])
    [(payload,)] = await _rows(sqlite_url, "SELECT payload FROM inbox")
    assert b"CANARY" not in payload
    assert b"example" not in payload


def test_the_pace_is_kept():
    pace = Pace(rate=2, burst=3)
    assert [pace.take(0.0) for _ in range(5)] == [0, 0, 0, 0.5, 1.0]
    assert pace.take(10.0) == 0.0


async def test_no_window_holds_more_than_the_rate_however_they_come():
    window, clock = Window(rate=30), asyncio.get_running_loop().time
    sent = []

    async def one() -> None:
        await window.wait()
        sent.append(clock())

    await asyncio.gather(*(one() for _ in range(70)))
    assert sent[29] - sent[0] < 1  # the first second's are let through at once
    assert all(later - earlier > 1 for earlier, later in zip(sent, sent[30:], strict=False))


async def test_one_chat_waits_and_the_others_do_not():
    paces = Paces(1000, 20, chat_burst=1)
    loop = asyncio.get_running_loop()
    start = loop.time()
    await paces.wait("a")
    await paces.wait("b")
    assert loop.time() - start < 0.04
    await paces.wait("a")
    assert loop.time() - start >= 0.04


async def _long(items: list, wanted: int) -> bool:
    return len(items) >= wanted


async def _rows(url: str, statement: str) -> list:
    import sqlalchemy as sa
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url, poolclass=sa.NullPool)
    try:
        async with engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(sa.text(statement))]
    finally:
        await engine.dispose()
