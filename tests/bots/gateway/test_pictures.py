"""Pictures that a request only names by address: fetched where the house wants that, from public places alone."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from core.actors import SYSTEM
from core.sources import models
from tests.bots.gateway.test_completions import PNG
from tests.support.programs import Door, open_door

CONTENT = base64.b64decode(PNG.partition(",")[2])


@asynccontextmanager
async def shelf() -> AsyncIterator[tuple[str, list[str]]]:
    """A server of pictures, and what was asked of it."""
    asked: list[str] = []

    async def give(request: web.Request) -> web.Response:
        asked.append(request.path)
        if request.path == "/away.png":
            raise web.HTTPFound("/a.png")
        if request.path == "/page.png":
            return web.Response(text="<html>", content_type="text/html")
        body = CONTENT + b"\0" * (200_000 if request.path == "/large.png" else 0)
        return web.Response(body=body, content_type="image/png")

    app = web.Application()
    app.router.add_get("/{name}", give)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


def showing(*urls: str) -> list[dict[str, Any]]:
    parts = [{"type": "image_url", "image_url": {"url": url, "detail": "low"}} for url in urls]
    return [{"role": "user", "content": [{"type": "text", "text": "What is this?"}, *parts]}]


@asynccontextmanager
async def opened(url: str, **sections: Any) -> AsyncIterator[tuple[Door, str]]:
    given = {"gateway": {"fetch_images": True}, "talk": {"image_megabytes": 0.1}, **sections}
    async with open_door(url, **given) as door:
        await models.change_model(door.core, SYSTEM, "small", sees=("text", "image"))
        yield door, await door.key()


async def test_a_picture_is_fetched_before_the_question_leaves(sqlite_url: str) -> None:
    async with shelf() as (base, asked), opened(sqlite_url) as (door, key):
        status, body, _ = await door.post(key, messages=showing(f"{base}/a.png", PNG))
        assert (status, body["choices"][0]["message"]["content"]) == (200, "Hello you")
        assert asked == ["/a.png"]
        [sent] = door.bank.desk.questions
        shown = [part["image_url"] for part in sent.messages[0]["content"][1:]]
        assert shown == [{"url": PNG, "detail": "low"}] * 2
        await door.bank.books_balance()


@pytest.mark.parametrize("name", ["away.png", "page.png", "large.png"])
async def test_what_is_no_picture_or_is_elsewhere_costs_nothing(sqlite_url: str, name: str) -> None:
    async with shelf() as (base, _), opened(sqlite_url) as (door, key):
        status, body, _ = await door.post(key, messages=showing(PNG, f"{base}/{name}"))
        where = "messages[0].content[2].image_url.url"
        assert (status, body["error"]["code"], body["error"]["param"]) == (400, "invalid_value", where)
        assert where in body["error"]["message"]
        assert door.bank.desk.calls.total() == 0
        assert await door.bank.value("SELECT sum(charged) FROM calls") == 0
        await door.bank.books_balance()


async def test_nothing_inside_a_private_network_is_fetched(sqlite_url: str) -> None:
    private: dict[str, Any] = {"upstream": {"private_hosts": []}}
    async with shelf() as (base, asked), opened(sqlite_url, **private) as (door, key):
        for url in (
            f"{base}/a.png",
            "https://169.254.169.254/a.png",
            "https://10.0.0.1/a.png",
            "http://example.com/a.png",
        ):
            status, body, _ = await door.post(key, messages=showing(url))
            assert (status, body["error"]["code"]) == (400, "invalid_value"), url
        assert asked == []


async def test_nothing_is_fetched_unless_the_house_says_so(sqlite_url: str) -> None:
    async with shelf() as (base, asked), opened(sqlite_url, gateway={}) as (door, key):
        status, body, _ = await door.post(key, messages=showing(f"{base}/a.png"))
        assert (status, body["error"]["code"]) == (400, "unsupported_parameter")
        assert asked == []
