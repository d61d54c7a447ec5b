"""Several `usher run` processes behind a load balancer, each stopped and started again while people redeem in a chat."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

import aiohttp
from aiohttp import web

from tests.support.house import KEY, House
from tests.support.ports import free_ports
from tests.support.processes import Processes, Running
from tests.support.telegram.emulator import FakeTelegram, text_of
from tests.support.telegram.state import Call

SECRET = "a-secret-of-this-test"
FIRST_PERSON = 1000
FINAL = "Done"
PATIENCE = 120.0
HANDS_OVER_AFTER = 7.0
"""Seconds after which a stopping process leaves what it has not finished to another one: then somebody whose invite
was under way may hear of it from both, the one that settles it and the one that answers."""


class Dispatcher:
    """Stands in for the load balancer: hands each request to the next process, past those that take no connection.

    What breaks off in the middle is answered 502, and Telegram brings it again.
    """

    def __init__(self, ports: Sequence[int]) -> None:
        self.url = ""
        self.passed_over = 0
        self.broken_off = 0
        self._ports = ports
        self._turn = itertools.count()
        self._session: aiohttp.ClientSession | None = None
        app = web.Application()
        app.router.add_post("/telegram", self._hand_on)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/telegram"
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def _hand_on(self, request: web.Request) -> web.Response:
        assert self._session is not None
        body, headers = await request.read(), {**request.headers}
        first = next(self._turn)
        for number in range(len(self._ports)):
            port = self._ports[(first + number) % len(self._ports)]
            try:
                async with self._session.post(
                    f"http://127.0.0.1:{port}/telegram", data=body, headers=headers
                ) as response:
                    return web.Response(status=response.status)
            except aiohttp.ClientConnectorError:
                self.passed_over += 1
            except aiohttp.ClientError:
                self.broken_off += 1
                return web.Response(status=502)
        return web.Response(status=503)


@dataclass
class Figures:
    """What a rolling restart did. Times in seconds."""

    said: dict[int, float] = field(default_factory=dict)
    answered: dict[int, float] = field(default_factory=dict)
    finals: Counter[int] = field(default_factory=Counter)
    stops: list[float] = field(default_factory=list)
    passed_over: int = 0
    broken_off: int = 0

    @property
    def delays(self) -> list[float]:
        """How long each person waited for the final answer, the slowest last."""
        return sorted(self.answered[person] - at for person, at in self.said.items())

    @property
    def offered(self) -> float:
        """Messages a second that people sent."""
        return len(self.said) / (max(self.said.values()) - min(self.said.values()))

    @property
    def reached(self) -> float:
        """Answers a second, from the first message to the last answer."""
        return len(self.answered) / (max(self.answered.values()) - min(self.said.values()))


class Rolling:
    """`house` is on PostgreSQL, with seats and codes for everybody who may come."""

    def __init__(self, house: House, telegram: FakeTelegram, processes: Processes, dispatcher: Dispatcher) -> None:
        self._house = house
        self._telegram = telegram
        self._processes = processes
        self._dispatcher = dispatcher
        self._read = 0
        self.figures = Figures()

    async def run(self, ports: Sequence[int], codes: Sequence[str], *, rate: float, at_least: int) -> Figures:
        """Offer `rate` redemptions a second while each process is restarted in turn, and at least so many in all."""
        running = [self._start(port) for port in ports]
        await asyncio.gather(*(self._ready(process) for process in running))
        await self._telegram.wait_call("setWebhook", len(ports))
        rolled = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._offer(codes, rate, at_least, rolled))
            await asyncio.sleep(1 / rate)
            for number, port in enumerate(ports):
                began = time.monotonic()
                (await asyncio.to_thread(running[number].terminate)).expect(0)
                self.figures.stops.append(time.monotonic() - began)
                running[number] = self._start(port)
                await self._ready(running[number])
            rolled.set()
        await self._all_answered()
        for process in running:
            (await asyncio.to_thread(process.terminate)).expect(0)
        await self._all_answered()  # nobody says anything more on the way out
        self.figures.passed_over = self._dispatcher.passed_over
        self.figures.broken_off = self._dispatcher.broken_off
        return self.figures

    async def check(self) -> None:
        """None lost, none doubled: the messages, the database and the upstream's ledger agree."""
        people = set(self.figures.said)
        addresses = sorted(_address(person) for person in people)
        assert set(self.figures.finals) == people
        assert set(self.figures.finals.values()) == {1}, self.figures.finals.most_common(3)
        if max(self.figures.stops) < HANDS_OVER_AFTER:
            assert not await self.told_more(), (await self.told_more())[:3]
        assert sorted(address for _, address in self._house.invited()) == addresses
        value = self._house.value
        assert await value("SELECT count(*) FROM redemptions WHERE state = 'invited'") == len(people)
        assert await value("SELECT count(*) FROM redemptions") == len(people)
        assert await value("SELECT count(*) FROM leases WHERE status = 'invited'") == len(people)
        assert await value("SELECT sum(used) FROM codes") == len(people)
        assert await value("SELECT sum(reserved) FROM codes") == 0
        assert await value("SELECT count(*) FROM inbox WHERE state = 'done'") == len(people)
        assert await value("SELECT count(*) FROM inbox") == len(people)

    async def told_more(self) -> list[list[str]]:
        """What stands in the chats where more stands than the one final answer."""
        standing = [
            [text_of(message) for message in await self._telegram.messages(person)] for person in self.figures.said
        ]
        return [texts for texts in standing if len(texts) > 1]

    def _start(self, port: int) -> Running:
        return self._processes.start("run", USHER_WEB__PORT=str(port))

    async def _ready(self, process: Running) -> None:
        await asyncio.to_thread(process.wait_for_line, "web_listening")

    async def _offer(self, codes: Sequence[str], rate: float, at_least: int, rolled: asyncio.Event) -> None:
        """Whatever happens to the answers, the next message comes when its time has come."""
        began = time.monotonic()
        for number, code in enumerate(codes):
            if rolled.is_set() and number >= at_least:
                return
            await asyncio.sleep(began + number / rate - time.monotonic())
            person = FIRST_PERSON + number
            self.figures.said[person] = time.monotonic()
            await self._telegram.say(f"/redeem {_address(person)} {code}", user_id=person)

    async def _all_answered(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            self._note(self._telegram.calls)
            missing = self.figures.said.keys() - self.figures.answered.keys()
            if not missing:
                return
            assert time.monotonic() < deadline, f"{len(missing)} of {len(self.figures.said)} got no answer"
            await asyncio.sleep(0.2)

    def _note(self, calls: Sequence[Call]) -> None:
        for call in calls[self._read :]:
            self._read += 1
            if call.status == 200 and FINAL in str(call.fields.get("text", "")):
                person = int(call.fields["chat_id"])
                self.figures.finals[person] += 1
                self.figures.answered.setdefault(person, call.at)


@asynccontextmanager
async def open_rolling(house: House, processes: Processes, many: int) -> AsyncIterator[tuple[Rolling, list[int]]]:
    """A roll of `many` processes, and the ports that they are to listen on."""
    ports = free_ports(many)
    async with FakeTelegram(local=True) as telegram, Dispatcher(ports) as dispatcher:
        processes.environment |= {
            "USHER_DATABASE__URL": house.url,
            "USHER_VAULT__KEYS__k1": KEY,
            "USHER_TELEGRAM__TOKEN": telegram.token,
            "USHER_TELEGRAM__API_BASE": telegram.base,
            "USHER_TELEGRAM__MODE": "webhook",
            "USHER_TELEGRAM__LOCAL_SERVER": "true",
            "USHER_TELEGRAM__WEBHOOK_URL": dispatcher.url,
            "USHER_TELEGRAM__WEBHOOK_SECRET": SECRET,
            # A bot may buy a higher limit than Telegram's usual thirty a second, which would be what is measured.
            "USHER_TELEGRAM__PER_SECOND": "1000",
            "USHER_WEB__ENABLED": "true",
        }
        yield Rolling(house, telegram, processes, dispatcher), ports


def _address(person: int) -> str:
    return f"p{person}@example.com"
