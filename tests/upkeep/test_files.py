"""Files that vanish, and disks that are full: said in words, and nothing is written into the void."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession, web

from bots.app import serve
from core.errors import DatabaseGone
from core.storage.health import full_disk
from core.sweeps import runner
from tests.support.chats import until
from tests.support.house import House, open_house
from tests.support.ports import free_port


def file_of(url: str) -> Path:
    return Path(str(sa.make_url(url).database))


async def refused(house: House) -> bool:
    try:
        await house.core.write(lambda tx: tx.execute(sa.text("UPDATE pools SET groups = groups")).rowcount)
    except DatabaseGone:
        return True
    return False


@pytest.mark.parametrize("how", ["deleted", "replaced", "log deleted"])
async def test_nothing_is_written_to_a_file_that_is_not_there_any_more(sqlite_url: str, tmp_path: Path, how: str):
    async with open_house(sqlite_url) as house:
        assert not await refused(house)
        path = file_of(sqlite_url)
        if how == "log deleted":
            await asyncio.to_thread(Path(f"{path}-wal").unlink)
        else:
            shutil.copy(path, tmp_path / "other")
            path.unlink()
            if how == "replaced":
                (tmp_path / "other").rename(path)
        assert await refused(house)
        if how != "log deleted":
            with pytest.raises(DatabaseGone):
                await house.core.read(lambda tx: tx.execute(sa.select(1)).scalar())
            assert await runner._due(house.core, ["recovery"]) == []


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise still imports it
async def test_a_vanished_database_is_not_ready_and_operators_hear_of_it(sqlite_url: str):
    heard: list[str] = []

    async def take(request: web.Request) -> web.Response:
        heard.append(json.loads(await request.text())["title"])
        return web.Response()

    app = web.Application()
    app.router.add_post("/{path:.*}", take)
    server = web.AppRunner(app)
    await server.setup()
    await web.TCPSite(server, "127.0.0.1", 0).start()
    port = server.addresses[0][1]
    operators = {"urls": [f"json://127.0.0.1:{port}/"], "level": "error"}
    own = free_port()
    async with open_house(sqlite_url, operators=operators, web={"enabled": True, "port": own}) as house:
        stop = asyncio.Event()
        base = f"http://127.0.0.1:{own}/health/ready"

        async def status() -> tuple[int, str]:
            try:
                async with ClientSession() as session, session.get(base) as response:
                    return response.status, (await response.json())["status"]
            except OSError:
                return 0, ""

        async def ready() -> bool:
            return (await status())[0] == 200

        async def told() -> bool:
            return bool(heard)

        async with asyncio.TaskGroup() as group:
            group.create_task(serve(house.core, stop=stop))
            await until(ready, 300, "not ready")
            file_of(sqlite_url).unlink()
            assert await status() == (503, "database_gone")
            await until(told, 300, "nobody was told")
            stop.set()
    assert heard == ["The database file is gone"]
    await server.cleanup()


def test_a_full_disk_at_the_start_is_called_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    url = sa.make_url(f"sqlite+aiosqlite:///{tmp_path / 'usher.db'}")
    assert full_disk(url, OSError()) is None
    room = os.statvfs(tmp_path)
    empty = os.statvfs_result((*room[:4], 0, *room[5:]))
    monkeypatch.setattr(os, "statvfs", lambda _: empty)
    said = full_disk(url, OSError())
    assert said is not None
    assert "is full" in said
    assert str(url.database) in said
