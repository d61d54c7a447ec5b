"""The web server: a webhook that keeps before it answers, and says no politely to everything else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bots.app import serve
from bots.web import SECRET_HEADER
from tests.support.chats import telegram_settings, until
from tests.support.house import House, open_house
from tests.support.ports import free_port
from tests.support.telegram.emulator import FakeTelegram, text_of

SECRET = "a-secret-of-this-test"


@asynccontextmanager
async def served(url: str, **web: Any) -> AsyncIterator[tuple[House, FakeTelegram, str]]:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    async with FakeTelegram(local=True) as telegram:
        section = {
            **telegram_settings(telegram),
            "mode": "webhook",
            "webhook_url": f"{base}/telegram",
            "webhook_secret": SECRET,
            "local_server": True,
        }
        async with open_house(
            url, telegram=section, web={"enabled": True, "port": port, "metrics_port": 0, **web}
        ) as house:
            stop = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                group.create_task(serve(house.core, stop=stop))
                await until(lambda: _answers(base), 60, "the web server did not start")
                await telegram.wait_call("setWebhook")
                yield house, telegram, base
                stop.set()


async def _answers(base: str) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{base}/health/live") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


async def test_a_conversation_by_webhook(sqlite_url: str):
    async with served(sqlite_url) as (house, telegram, _):
        [code] = await house.make_codes()
        update = await telegram.say(f"me@example.com {code}")
        message = await telegram.answer_to(update, "Done")
        assert "Workspace 1" in text_of(message)


@pytest.mark.parametrize(("secret", "status"), [("wrong", 401), ("missing", 401), ("non_ascii", 401), ("right", 200)])
async def test_only_telegram_is_let_in(sqlite_url: str, secret: Any, status: int):
    async with served(sqlite_url) as (house, telegram, _):
        assert await telegram.post_webhook({"update_id": 1}, secret=secret) == status
        assert await house.value("SELECT count(*) FROM inbox") == (1 if status == 200 else 0)


async def test_what_is_not_an_update(sqlite_url: str):
    async with served(sqlite_url) as (house, telegram, _):
        assert await telegram.post_webhook(b" " * (2**20 + 1)) == 413
        for body in (b"", b"{", b"[]", b'{"update_id": "x"}', b"\xff\xfe", b"[" * 100_000):
            assert await telegram.post_webhook(body) == 400
        assert await house.value("SELECT count(*) FROM inbox") == 0


async def test_the_same_update_by_webhook_twice(sqlite_url: str):
    async with served(sqlite_url) as (house, telegram, _):
        for _ in range(3):
            assert await telegram.post_webhook({"update_id": 77}) == 200
        assert await house.value("SELECT count(*) FROM inbox") == 1


async def test_health_and_metrics(sqlite_url: str):
    port = free_port()
    serving = served(sqlite_url, metrics_port=port)
    async with serving as (house, _, base), aiohttp.ClientSession() as session:
        async with session.get(f"{base}/health/ready") as response:
            assert response.status == 200
        async with session.get(f"{base}/metrics") as response:
            assert response.status == 404, "who is let in for the webhook sees no figures"
        async with session.get(f"http://127.0.0.1:{port}/health/ready") as response:
            assert response.status == 404
        async with session.get(f"http://127.0.0.1:{port}/metrics") as response:
            text = await response.text()
        assert 'usher_seats{state="free"} 4.0' in text
        assert "usher_outbox_depth" in text
        async with session.post(f"{base}/telegram", headers={SECRET_HEADER: SECRET}, json={"update_id": 5}) as response:
            assert response.status == 200
        async with session.get(f"{base}/nothing-here") as response:
            assert response.status == 404
        assert house.core is not None
