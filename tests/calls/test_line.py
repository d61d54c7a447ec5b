"""Waiting for a place: whose plan says so is first, then whoever asked first; nobody comes in from the side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import sqlalchemy as sa

from core.calls.orders import Answer, CallProgress, Waiting
from core.models.protocol import Began, Event, Finished, Question, Sent, Text, Usage
from core.storage.talk_tables import calls
from tests.support.chats import until
from tests.support.credit import Bank, open_bank

WAITERS = 5


async def waiting(bank: Bank, wanted: int) -> None:
    async def there() -> bool:
        return bool(await bank.value("SELECT count(*) FROM calls WHERE state = 'claimed'") >= wanted)

    await until(there, 60, f"{wanted} calls do not wait")


async def asked(bank: Bank, key: str = "sk-main") -> None:
    async def there() -> bool:
        return bank.desk.calls[key] > 0

    await until(there, 60, "nobody was asked")


async def test_first_by_plan_and_then_in_the_order_of_asking(database_url: str) -> None:
    async with open_bank(database_url, slots=1) as bank:
        served: list[str] = []
        goes_on = asyncio.Semaphore(0)
        told: dict[str, list[int]] = {}

        async def one_by_one(question: Question) -> AsyncGenerator[Event, None]:
            served.append(str(question.messages[0]["content"]))
            yield Sent()
            await goes_on.acquire()
            yield Began()
            yield Text("Yes")
            yield Usage(1, 1)
            yield Finished("stop")

        bank.desk.usual = one_by_one
        who = {f"ordinary {number}": f"telegram:{number}" for number in range(WAITERS)} | {"vip": "telegram:99"}
        for person in who.values():
            await bank.grant("1", person)
        await bank.grant("vip", who["vip"])

        def ask(name: str) -> asyncio.Task[Answer]:
            async def deliver(progress: CallProgress) -> None:
                if isinstance(progress, Waiting):
                    told.setdefault(name, []).append(progress.before)

            question = ({"role": "user", "content": name},)
            return asyncio.create_task(bank.ask(name, who[name], messages=question, deliver=deliver))

        running = [ask("ordinary 0")]
        await asked(bank)
        for place, name in enumerate(list(who)[1:], start=1):
            running.append(ask(name))
            await waiting(bank, place)
        for _ in who:
            goes_on.release()
        await asyncio.gather(*running)
        assert served == ["ordinary 0", "vip", *(f"ordinary {number}" for number in range(1, WAITERS))]
        assert told["ordinary 3"][0] == 2
        assert told["vip"][0] == 0
        await bank.books_balance()


async def test_who_is_not_heard_of_holds_nobody_up(database_url: str) -> None:
    async with open_bank(database_url, slots=1) as bank:
        await bank.grant("1")
        await bank.grant("1", "telegram:2")
        answer = await bank.ask("killed")
        silent = sa.update(calls).where(calls.c.id == answer.call_id)
        changed = silent.values(
            state="claimed", ended_at=None, charged=0, due_at=bank.core.now() + timedelta(seconds=1)
        )
        await bank.core.write(lambda tx: tx.execute(changed))
        assert (await bank.ask("next", "telegram:2", wait=0.0)).finish == "whole"


async def test_ones_own_account_stands_in_no_line(database_url: str) -> None:
    async with open_bank(database_url, slots=1) as bank:
        await bank.add_source("mine", owner="telegram:2", concurrency=1)
        await bank.grant("1")
        bank.desk.usual = _never
        first = asyncio.create_task(bank.ask("q1"))
        await asked(bank)
        second = asyncio.create_task(bank.ask("q2"))
        await waiting(bank, 1)
        bank.desk.by_key["sk-mine"] = _at_once
        answer = await bank.ask("q3", "telegram:2", wait=0.0)
        assert (answer.source, answer.finish) == ("mine", "whole")
        for task in (first, second):
            task.cancel()
        await asyncio.gather(first, second, return_exceptions=True)


async def _never(question: Question) -> AsyncGenerator[Event, None]:
    yield Sent()
    await asyncio.Event().wait()


async def _at_once(question: Question) -> AsyncGenerator[Event, None]:
    yield Sent()
    yield Began()
    yield Text("Yes")
    yield Usage(1, 1)
    yield Finished("stop")
