"""How fast the outbox empties: a thousand notices, each to another chat, before a Telegram that enforces its limits."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from bots.outgoing.delivery import Delivery
from bots.telegram_bot.app import TelegramBot, open_bot
from core import outbox
from core.service import Core, open_core
from tests.benchmarks.figures import report
from tests.support.house import settings_for
from tests.support.telegram.emulator import FakeTelegram

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

NOTICES = 1_000
LIMIT = 30.0
"""Messages a second that Telegram states, and that the emulator answers with 429 beyond."""


async def test_a_thousand_notices(database_url: str, backend: str) -> None:
    async with FakeTelegram(flood_control=True) as telegram:
        for number in range(NOTICES):
            await telegram.open_chat(1000 + number)
        settings = settings_for(database_url, telegram={"token": telegram.token, "api_base": telegram.base})
        async with open_core(settings) as core:
            await core.write(_queue, core)
            bot = TelegramBot(core, open_bot(core))
            stop = asyncio.Event()
            clock = asyncio.get_running_loop().time
            async with asyncio.TaskGroup() as group:
                began = clock()
                group.create_task(Delivery(core, {"telegram": bot.sender}).run(stop))
                await telegram.wait_call("sendMessage", NOTICES, where=lambda call: call.status == 200, timeout=200)
                seconds = clock() - began
                stop.set()
            await bot.bot.session.close()
        refused = len(await telegram.rejections())
    name = f"notices_telegram_{backend}"
    report(name, [NOTICES / seconds], "notices/s", LIMIT, floor_name="Telegram's limit")
    report(f"{name}_refused", [float(refused)], "refusals", NOTICES, floor_name="notices")


def _queue(tx: sa.Connection, core: Core) -> None:
    now = core.now()
    for number in range(NOTICES):
        facts = {"address": f"p{number}@example.com", "team": f"W{number}", "code": "ABCD"}
        outbox.put(tx, "telegram", str(1000 + number), outbox.Notice("invited", facts), now)
