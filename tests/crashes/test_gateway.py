"""The process that serves programs is killed in the middle of a redemption; asked again, it is one redemption."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import aiohttp
import pytest

from core.actors import SYSTEM, Actor
from core.calls import keys
from tests.crashes.test_redemptions import environment, nothing_leaked
from tests.support.chats import until
from tests.support.house import House, open_house
from tests.support.ports import free_port
from tests.support.processes import Processes, Running
from tests.support.web_pages import read_page


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


USUALLY = ("K3", "K6")


class Served:
    """`usher run --only gateway`, as a process of its own."""

    def __init__(self, house: House, processes: Processes) -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self._processes = processes
        self._given = {
            **environment(house),
            "USHER_GATEWAY__ENABLED": "true",
            "USHER_GATEWAY__PORT": str(self.port),
            "USHER_GATEWAY__REDEEM_PAGE": "true",
        }

    async def start(self, session: aiohttp.ClientSession, **given: str) -> Running:
        running = self._processes.start("run", "--only", "gateway", **self._given, **given)

        async def listens() -> bool:
            try:
                async with session.get(f"{self.base}/redeem") as response:
                    return response.status == 200
            except aiohttp.ClientError:
                return False

        await until(listens, 60, "the gateway did not start")
        return running


def points() -> list[object]:
    return [
        one if one in USUALLY else pytest.param(one, marks=pytest.mark.torture)
        for one in ("K2", "K3", "K5", "K6", "K7")
    ]


@pytest.mark.slow
@pytest.mark.parametrize("point", points())
async def test_killed_there_and_asked_again_it_is_one_redemption(
    sqlite_url: str, processes: Processes, point: str
) -> None:
    async with open_house(sqlite_url, workspaces=2) as house, _session() as session:
        first, second = await house.make_codes(2)
        key, _ = await keys.make_key(
            house.core, SYSTEM, "shop", keys.KeyRights(scopes=["redeem"]), of=Actor("telegram", "42")
        )
        served = Served(house, processes)
        head = {"Authorization": f"Bearer {key}", "Idempotency-Key": "order 7"}
        wish = {"email": "a@example.com", "code": first}

        async def by_program() -> Any:
            async with session.post(f"{served.base}/api/redeem", json=wish, headers=head) as response:
                return response.status, (await response.json()).get("state")

        async def by_page() -> Any:
            async with session.post(f"{served.base}/redeem", data=form) as response:
                return response.status, read_page(await response.text()).one("h1").text

        running = await served.start(session, USHER_CRASH_AT=point)
        async with session.get(f"{served.base}/redeem") as response:
            form = {**read_page(await response.text()).fields(), "code": second, "address": "b@example.com"}
        for ask, answer, there in ((by_program, (200, "invited"), 1), (by_page, (200, "Done"), 2)):
            with pytest.raises(aiohttp.ClientError):
                await ask()
            end = await asyncio.to_thread(running.finish)
            assert end.code == -signal.SIGKILL, str(end)
            running = await served.start(session)
            assert await ask() == answer
            await nothing_leaked(house, invited=there)
            await asyncio.to_thread(running.terminate)
            if ask is by_program:
                running = await served.start(session, USHER_CRASH_AT=point)
        assert await house.breaches() == []
