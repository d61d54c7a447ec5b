"""Events out: signed as the standard wants it, each at least once, in order, until the receiver has taken it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from bots.outgoing.delivery import EACH, TOGETHER, Delivery
from core.actors import SYSTEM, Actor, Role
from core.alerts import alerts
from core.clock import Clock
from core.command_errors import BadValue
from core.errors import NotAllowed, NotFound
from core.models.protocol import Usage
from core.notices import deliveries, events, hooks
from core.rules.events import TRIES, pause_after
from core.rules.terms import Term
from core.service import open_core
from core.sync import sync
from core.transfers import transfers
from core.upkeep import folding, rotation
from core.vault import fresh_key
from tests.support.chats import until
from tests.support.credit import open_bank, saying
from tests.support.house import KEY, House, open_house, settings_for


@dataclass
class Receiver:
    """Another system. `answers` are the statuses of the next requests, 200 after that; 0 hangs."""

    url: str = ""
    secret: str = ""
    answers: list[int] = field(default_factory=list)
    seen: list[tuple[int, str, Any]] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        status = self.answers.pop(0) if self.answers else 200
        told = Webhook(self.secret).verify(body, {name.lower(): value for name, value in request.headers.items()})
        self.seen.append((status, request.headers["webhook-id"], told))
        if status == 0:
            await self.over.wait()
        return web.Response(status=status, text="thanks", headers={"Location": "/elsewhere"})

    @property
    def taken(self) -> list[Any]:
        return [told for status, _, told in self.seen if status == 200]


@asynccontextmanager
async def receiving(house: House, *events: str) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/in", receiver.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/in"
        receiver.secret, _ = await hooks.add_hook(house.core, SYSTEM, receiver.url, events)
        yield receiver
    finally:
        receiver.over.set()
        await runner.cleanup()


async def test_the_life_of_a_seat_is_told_in_order(database_url: str) -> None:
    async with open_house(database_url, workspaces=2) as house, receiving(house) as receiver:
        [code] = await house.make_codes(label="spring")
        await house.redeem("me@example.com", code, key="k")
        house.sandbox.accept("me@example.com")
        await sync.sync_all(house.core, SYSTEM)
        await transfers.transfer(house.core, SYSTEM, "me@example.com", forced=True)
        await folding.fold(house.core)
        await Delivery(house.core, {}).run_once()
        told = [(one["type"], one["data"].get("email")) for one in receiver.taken]
        mine = [event for event, address in told if address == "me@example.com"]
        assert mine.index("seat.redeemed") < mine.index("seat.joined")
        assert {"seat.joined", "seat.moved", "seat.ended", "codes.used_up"} <= {event for event, _ in told}
        [moved] = [one["data"] for one in receiver.taken if one["type"] == "seat.moved"]
        assert (moved["from_team"], moved["to_team"]) == ("Workspace 1", "Workspace 2")
        assert len({identity for _, identity, _ in receiver.seen}) == len(receiver.seen)
        assert await house.value("SELECT count(*) FROM notices WHERE channel = 'hook' AND state <> 'sent'") == 0
        await folding.fold(house.core)
        await Delivery(house.core, {}).run_once()
        assert [one["type"] for one in receiver.taken].count("codes.used_up") == 1


async def test_only_what_is_wanted_and_alerts_as_they_stand(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house, receiving(house, "alert") as receiver:
        core = house.core
        [code] = await house.make_codes()
        await house.redeem("me@example.com", code, key="k")
        for level in ("warning", "error"):
            await core.write(alerts.raise_alert, "system", "job:9", level, "job_failed", {"job": "9"}, core.now())
        await core.write(alerts.end_condition, "system", "job:9", core.now())
        await Delivery(core, {}).run_once()
        assert [one["type"] for one in receiver.taken] == ["alert.opened", "alert.resolved"]
        assert receiver.taken[1]["data"]["resolved_by"] == "system:usher"


async def test_credit_that_comes_to_its_end_is_told_once(database_url: str) -> None:
    async with open_bank(database_url, money={"low_wallet": 0.01}) as bank:
        house: Any = bank
        bank.desk.usual = saying("Hello", usage=Usage(input=10, output=1000))
        async with receiving(house, "wallet") as receiver:
            await bank.grant("0.01", term=Term(1, "day"))
            await bank.grant("0.005")
            told = []
            for number in range(6):  # 2,010 micro-credits each: 12,990, 10,980, 8,970; then 13,970 is there again
                assert (await bank.ask(f"q{number}", most_output=1000)).charged == 2010
                await Delivery(bank.core, {}).run_once()
                told.append(len(receiver.taken))
                if number == 3:
                    await bank.grant("0.007")
            assert told == [0, 0, 1, 1, 1, 2], "once each time that it comes to its end"
            [low, again] = receiver.taken
            assert (low["type"], low["data"]["person"], low["data"]["credit"]) == (
                "wallet.low",
                "telegram:1",
                "0.00897",
            )
            assert again["data"]["credit"] == "0.00994"


async def test_a_receiver_that_is_away_gets_each_later_and_in_order(database_url: str) -> None:
    clock = Clock()
    async with open_house(database_url, clock=clock) as house, receiving(house, "alert") as receiver:
        core = house.core
        receiver.answers = [500, 301, 500, 429]
        await core.write(alerts.raise_alert, "system", "job:9", "error", "job_failed", {"job": "9"}, core.now())
        await Delivery(core, {}).run_once()
        await core.write(alerts.end_condition, "system", "job:9", core.now())
        for _ in range(3):
            await Delivery(core, {}).run_once()
            assert receiver.taken == []
            assert {told["type"] for _, _, told in receiver.seen} == {"alert.opened"}, "the later one waits"
            await _wait(house, hours=3)
        [line] = await hooks.hook_list(core, SYSTEM)
        assert (line.waiting, line.failing_since is not None) == (2, True)
        for _ in range(3):
            await _wait(house, hours=3)
            await Delivery(core, {}).run_once()
        assert [one["type"] for one in receiver.taken] == ["alert.opened", "alert.resolved"]
        assert len({identity for _, identity, told in receiver.seen if told["type"] == "alert.opened"}) == 1
        assert (await hooks.hook_list(core, SYSTEM))[0].failing_since is None


async def _wait(house: House, *, hours: float) -> None:
    """So much later; what was due then is due now."""
    for name in ("due_at", "created_at"):
        if house.url.startswith("sqlite"):
            change = f"{name} = {name} - {int(hours * 3600 * 10**6)}"
        else:
            change = f"{name} = {name} - interval '{hours} hours'"
        await house.execute(f"UPDATE notices SET {change} WHERE channel = 'hook' AND state = 'ready'")


async def test_after_a_day_it_is_given_up_and_told(sqlite_url: str) -> None:
    waits = sum((pause_after(number) for number in range(1, TRIES)), timedelta())
    assert timedelta(hours=24) <= waits <= timedelta(hours=30)
    async with open_house(sqlite_url) as house, receiving(house, "seat") as receiver:
        receiver.answers = [500] * 100
        [code] = await house.make_codes()
        await house.redeem("me@example.com", code, key="k")
        await house.execute(f"UPDATE notices SET tries = {TRIES - 1} WHERE channel = 'hook'")
        await Delivery(house.core, {}).run_once()
        assert await house.value("SELECT count(*) FROM notices WHERE channel = 'hook' AND state = 'dead'") == 1
        assert await house.value("SELECT count(*) FROM alerts WHERE title = 'hook_dead'") == 1
        receiver.answers = []
        await hooks.test_hook(house.core, SYSTEM, 1)
        await Delivery(house.core, {}).run_once()
        assert receiver.taken[-1]["type"] == "hook.test"
        assert await house.value("SELECT count(*) FROM alerts WHERE title = 'hook_dead' AND resolved_at IS NULL") == 0


async def test_one_that_hangs_or_is_gone(sqlite_url: str) -> None:
    async with open_house(sqlite_url, upstream={"timeout": 0.3}) as house, receiving(house, "seat") as receiver:
        codes = await house.make_codes(2)
        receiver.answers = [0, 410]
        await house.redeem("me@example.com", codes[0], key="k1")
        await Delivery(house.core, {}).run_once()
        assert await house.value("SELECT tries FROM notices WHERE channel = 'hook'") == 1
        await _wait(house, hours=3)
        await Delivery(house.core, {}).run_once()
        [line] = await hooks.hook_list(house.core, SYSTEM)
        assert (line.state, line.last_error) == ("paused", "gone")
        await house.redeem("you@example.com", codes[1], key="k2")
        assert line.waiting == 0
        assert await house.value("SELECT count(*) FROM notices WHERE channel = 'hook' AND state = 'ready'") == 0


async def test_one_that_hangs_keeps_no_other_from_hearing(database_url: str) -> None:
    patience: dict[str, Any] = {"upstream": {"timeout": 600.0}, "sweeps": {"outbox": 0.05}}
    async with open_house(database_url, **patience) as house, receiving(house, "alert") as hangs:
        core = house.core
        hangs.answers = [0] * 1000
        for number in range(3 * TOGETHER):
            await core.write(alerts.raise_alert, "system", f"job:{number}", "error", "job_failed", {}, core.now())
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(Delivery(core, {}).run(stop))
            await until(lambda: _heard(hangs, EACH), 60, "nobody was told")
            async with receiving(house, "alert") as hears:
                for number in range(TOGETHER):
                    await core.write(
                        alerts.raise_alert, "system", f"at:{number}", "error", "job_failed", {}, core.now()
                    )
                await until(lambda: _heard(hears, TOGETHER), 60, "it waits for the one that hangs")
                assert len(hangs.seen) < TOGETHER
                hangs.over.set()
                stop.set()


async def _heard(receiver: Receiver, number: int) -> bool:
    return len(receiver.seen) >= number


async def test_who_may_and_where_to(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        core = house.core
        for bad in ("http://example.com/in", "ftp://example.com", "https://u:p@example.com/", "x", "https://10.0.0.1/in",
                    "https://169.254.169.254/latest", "https://[fd00::1]/in", "https://exämple.com/in", "https://example.com/in redemption.done"):  # fmt: skip
            with pytest.raises(BadValue):
                await hooks.add_hook(core, SYSTEM, bad)
        with pytest.raises(BadValue):
            await hooks.add_hook(core, SYSTEM, "https://203.0.113.7/in", ["nothing"])
        operator = Actor("telegram", "5", Role.OPERATOR)
        for act in (hooks.add_hook(core, operator, "https://203.0.113.7/in"), hooks.hook_list(core, operator),
                    hooks.test_hook(core, operator, 1), hooks.set_hook_state(core, operator, 1, "paused")):  # fmt: skip
            with pytest.raises(NotAllowed):
                await act
        secret, line = await hooks.add_hook(core, SYSTEM, "https://93.184.216.34/in", ["seat.joined", "alert"])
        assert line.events == ("seat.joined", "alert.opened", "alert.resolved")
        for table in ("hooks", "audit_log"):
            assert secret.removeprefix("whsec_") not in str(
                [tuple(row) for row in await house.rows(f"SELECT * FROM {table}")]
            )
        await hooks.set_hook_state(core, SYSTEM, line.id, "removed")
        assert await hooks.hook_list(core, SYSTEM) == []
        with pytest.raises(NotFound):
            await hooks.set_hook_state(core, SYSTEM, line.id, "active")
        assert json.dumps(line.events)


async def test_a_secret_outlives_the_key_it_was_stored_under(sqlite_url: str) -> None:
    newer = fresh_key()
    async with open_house(sqlite_url) as house:
        secret, _ = await hooks.add_hook(house.core, SYSTEM, "https://93.184.216.34/in")
        await hooks.test_hook(house.core, SYSTEM, 1)
    both = {"active": "k2", "keys": {"k1": KEY, "k2": newer}}
    async with open_core(settings_for(sqlite_url, vault=both)) as core:
        assert (await rotation.rotation_left(core, SYSTEM)).left["hooks"] == 1
        assert "hooks" not in (await rotation.rotate_keys(core, SYSTEM)).left
    async with open_core(settings_for(sqlite_url, vault={"active": "k2", "keys": {"k2": newer}})) as core:
        [due] = await core.write(deliveries.claim_due, ["hook"], core.now(), most=1)
        message = await events.message_of(core, due)
        assert message is not None
        assert message.secret == secret
