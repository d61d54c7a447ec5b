"""Through a pooler nothing is lost: with the connections shared, in both of the modes that there are."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from core.actors import SYSTEM
from core.errors import Misconfigured
from core.reports.doctor import examine as doctor
from core.reports.server_checks import ENDS
from core.service import open_core
from core.settings import load_settings
from core.storage.copying import copy_database
from core.storage.database import Database
from core.storage.health import examine
from core.storage.migrate import give_time_limits, upgrade_database
from core.storage.postgres_urls import for_driver
from tests.support.house import House, open_house, settings_for
from tests.support.pgbouncer import PgBouncer
from tests.support.postgres import PostgresServer

AT_ONCE = 12
ASKS_FOR_TLS = 80877103
"""The number in place of a version, of PostgreSQL's protocol."""


@pytest.fixture
def empty(postgres: PostgresServer) -> Iterator[str]:
    url = postgres.create_database(empty=True)
    yield url
    postgres.drop_database(url)


async def redeem_all(house: House, number: int) -> list[str]:
    """So many people at once with a code each. Returns the addresses that were told that they are invited."""
    people = [(f"person{place}@example.com", code) for place, code in enumerate(await house.make_codes(number))]
    told = []

    async def work() -> None:
        while people:
            address, code = people.pop()
            receipt = await house.redeem(address, code, key=address)
            if receipt.state == "invited":
                told.append(address)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return told


@pytest.mark.parametrize(("mode", "number"), [("transaction", 72), ("session", 24)])
async def test_nothing_is_lost_through_a_pooler(
    postgres: PostgresServer, empty: str, tmp_path: Path, mode: str, number: int
) -> None:
    with PgBouncer(postgres, mode, connections=4 if mode == "transaction" else 12) as pooler:
        url = pooler.url(empty)
        await upgrade_database(url)
        assert await give_time_limits(url, 30.0)
        pooler.reconnect()
        assert (await examine(url)).faults == []
        async with open_house(url, workspaces=3, seats=number // 3) as house:
            house.url = empty
            told = await redeem_all(house, number)
            assert len(told) == number
            seated = await house.rows("SELECT address FROM leases WHERE status = 'invited'")
            assert sorted(row[0] for row in seated) == sorted(told)
            assert sorted(address for _, address in house.invited()) == sorted(told)
            found = await doctor(house.core, SYSTEM)
            assert [one.name for one in found if one.breaches] == []
            assert [one.detail for one in found if one.name == ENDS[0]] == [""]
        there = f"sqlite+aiosqlite:///{tmp_path / 'copy.db'}"
        await upgrade_database(there)
        await copy_database(url, there)
        await asyncio.to_thread(
            postgres.psql, "DROP SCHEMA public CASCADE; CREATE SCHEMA public", empty.rpartition("/")[2]
        )
        await upgrade_database(url)
        assert (await copy_database(there, url))["leases"] == number


@pytest.mark.parametrize("said", ["transaction", "session"])
async def test_a_statement_with_a_name_is_known_to_one_connection_only(
    postgres: PostgresServer, postgres_url: str, said: str
) -> None:
    """Said to be in the other mode than it is, a pooler hands over a connection that does not know the statement."""
    with PgBouncer(postgres, "transaction") as pooler:
        database = Database(pooler.url(postgres_url, pooler=said), connections=1)
        address, arguments = for_driver(pooler.url(postgres_url))
        engine = create_async_engine(address, poolclass=sa.NullPool, connect_args=arguments)
        try:
            await database.read(_setting, "server_version")
            async with engine.begin() as holding:
                await holding.execute(sa.text("SELECT 1"))
                if pooler.there and said == "session":
                    with pytest.raises(sa.exc.DBAPIError, match="does not exist"):
                        await database.read(_setting, "server_version")
                else:
                    await database.read(_setting, "server_version")
        finally:
            await engine.dispose()
            await database.close()


async def test_who_does_not_say_so_is_told(postgres: PostgresServer, postgres_url: str) -> None:
    with PgBouncer(postgres, "transaction") as pooler:
        async with refusing() as port:
            urls = [postgres_url.replace(f":{postgres.port}/", f":{port}/")]
            if pooler.there:
                urls.append(pooler.url(postgres_url, pooler="none"))
            for url in urls:
                with pytest.raises(Misconfigured) as refused:
                    async with open_core(settings_for(url)):
                        pass
                assert "database.pooler" in refused.value.facts["faults"][0]


@asynccontextmanager
async def refusing() -> AsyncIterator[int]:
    """The port of something that answers who brings time limits along as PgBouncer does, on every machine."""
    said = b"SFATAL\0C08P01\0Munsupported startup parameter: statement_timeout\0\0"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length, code = struct.unpack("!II", await reader.readexactly(8))
        if code == ASKS_FOR_TLS:
            writer.write(b"N")
            length, _ = struct.unpack("!II", await reader.readexactly(8))
        await reader.readexactly(length - 8)
        writer.write(b"E" + struct.pack("!I", len(said) + 4) + said)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def test_the_user_has_the_time_limits_that_no_pooler_passes_on(
    postgres: PostgresServer, postgres_url: str
) -> None:
    name = postgres_url.rpartition("/")[2]
    postgres.psql(
        "DO $$ BEGIN CREATE ROLE usher_app LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO usher_app",
        name,
    )
    with PgBouncer(postgres, "transaction") as pooler:
        url = pooler.url(postgres_url.replace("//postgres@", "//usher_app@"))

        async def missing() -> str:
            async with open_core(settings_for(url)) as core:
                [found] = [one for one in await doctor(core, SYSTEM) if one.name == ENDS[0]]
                assert bool(found.warnings) == bool(found.detail)
                return found.detail

        assert "statement_timeout is 0 ms and not 30000" in await missing()
        await give_time_limits(url, 30.0)
        pooler.reconnect()
        assert await missing() == ""


def test_the_setting_goes_with_a_server_and_is_said_once(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"

    def loaded(url: str) -> str:
        file.write_text(f'[vault.keys]\nk1 = "{"k" * 44}"\n[database]\npooler = "transaction"\nurl = "{url}"\n')
        return load_settings(file).database.url

    assert (
        loaded("postgres://u@h/usher?sslmode=require")
        == "postgresql+asyncpg://u@h/usher?sslmode=require&pooler=transaction"
    )
    for wrong in ("sqlite:///usher.db", "postgres://u@h/usher?pooler=session"):
        with pytest.raises(Misconfigured, match="pooler"):
            loaded(wrong)


def _setting(tx: sa.Connection, name: str) -> str:
    return str(tx.execute(sa.select(sa.func.current_setting(name))).scalar_one())
