"""Requests that come again: what was answered is not done twice, and what came to nothing may be asked anew."""

from __future__ import annotations

import asyncio
from typing import Any

from core.calls import calls
from core.models.protocol import Began, CallUnavailable, Finished, Sent, Text
from tests.support.credit import failing
from tests.support.programs import open_door


async def test_what_came_to_nothing_is_asked_anew_under_the_same_key(database_url: str) -> None:
    async with open_door(database_url) as door:
        key = await door.key()
        once = {"Idempotency-Key": "order 1"}
        works = door.bank.desk.usual
        door.bank.desk.usual = failing(CallUnavailable("unreachable"))
        failed = await door.post(key, headers=once)
        assert (failed[0], failed[1]["error"]["code"]) == (502, "upstream_error")
        assert (await door.post(key, headers=once, temperature=1))[0] == 422
        await door.bank.execute('UPDATE wallets SET "left" = "left" - 1000000')
        poor = await door.post(key, headers=once)
        assert (poor[0], poor[1]["error"]["code"]) == (429, "insufficient_quota"), "not what was wrong before"
        await door.bank.execute('UPDATE wallets SET "left" = "left" + 1000000')
        door.bank.desk.usual = works
        before = door.bank.desk.calls.total()
        many = await asyncio.gather(*(door.post(key, headers=once) for _ in range(8)))
        assert {status for status, _, _ in many} <= {200, 409}
        whole = await door.post(key, headers=once)
        assert {body["id"] for status, body, _ in many if status == 200} <= {whole[1]["id"]}
        assert whole[0] == 200
        assert door.bank.desk.calls.total() == before + 1, "and once only"
        await door.bank.books_balance()
        poor_key = {"Idempotency-Key": "order 2"}
        await door.bank.execute('UPDATE wallets SET "left" = 0')
        assert (await door.post(key, headers=poor_key))[0] == 429
        await door.bank.grant("1")
        assert (await door.post(key, headers=poor_key))[0] == 200


async def test_whoever_waits_for_a_call_that_was_taken_over_is_told_of_which_model(database_url: str) -> None:
    async with open_door(database_url, talk={"checkpoint": 0.05}) as door:
        entered, go = asyncio.Event(), asyncio.Event()

        async def slow(question: Any) -> Any:
            yield Sent()
            entered.set()
            await go.wait()
            yield Began()
            yield Text("x")
            yield Finished("stop")

        door.bank.desk.usual = slow
        asking = asyncio.create_task(door.post(await door.key()))
        await asyncio.wait_for(entered.wait(), 240)
        await door.bank.execute("UPDATE calls SET claim = 'another', due_at = made_at")
        assert await calls.recover(door.core) == 1
        go.set()
        status, body, _ = await asking
        assert (status, body["error"]["code"]) == (502, "upstream_error")
        assert "“small” could not be reached" in body["error"]["message"]
        await door.bank.books_balance()
