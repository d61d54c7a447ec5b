"""What providers of databases put behind the question mark is kept, or named."""

from __future__ import annotations

import ssl

import pytest
import sqlalchemy as sa

from core.database_urls import database_url
from core.errors import Busy, Misconfigured
from core.storage.database import Database
from core.storage.health import examine
from core.storage.postgres_urls import for_driver


def _setting(tx: sa.Connection, name: str) -> str:
    return str(tx.execute(sa.select(sa.func.current_setting(name))).scalar_one())


async def _asked(url: str, name: str) -> str:
    database = Database(database_url(url))
    try:
        return await database.read(_setting, name)
    finally:
        await database.close()


@pytest.mark.parametrize(
    ("parameters", "name", "value"),
    [
        ("sslmode=disable", "application_name", "usher"),
        ("sslmode=prefer&channel_binding=prefer", "application_name", "usher"),
        ("application_name=seats&connect_timeout=5", "application_name", "seats"),
        ("options=-c%20search_path%3Dpg_catalog%20-c%20work_mem%3D5MB", "work_mem", "5MB"),
        ("options=-csearch_path%3Dpg_catalog", "search_path", "pg_catalog"),
        ("keepalives=1&keepalives_idle=30&gssencmode=disable&client_encoding=utf8", "client_encoding", "UTF8"),
        ("target_session_attrs=read-write", "transaction_read_only", "off"),
    ],
)
async def test_the_parameters_of_libpq_are_kept(postgres_url: str, parameters: str, name: str, value: str):
    plain = postgres_url.replace("postgresql+asyncpg", "postgresql")
    assert await _asked(f"{plain}?{parameters}", name) == value


async def test_of_several_hosts_the_one_that_answers(postgres_url: str):
    url = sa.make_url(postgres_url)
    several = f"postgresql://{url.username}@127.0.0.1:1,127.0.0.1:{url.port}/{url.database}?connect_timeout=5"
    assert await _asked(several, "application_name") == "usher"
    _, arguments = for_driver(database_url(several))
    assert arguments["target_session_attrs"] == "read-write"
    assert (await examine(database_url(several))).reachable


async def test_of_several_hosts_one_that_takes_no_writes_is_no_choice(postgres_url: str):
    url = sa.make_url(postgres_url)
    several = f"postgresql://{url.username}@127.0.0.1:1,127.0.0.1:{url.port}/{url.database}"
    with pytest.raises((Busy, sa.exc.DBAPIError)):
        await _asked(f"{several}?target_session_attrs=standby&connect_timeout=3", "application_name")


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ("sslmode=on", "sslmode=on"),
        ("sslmode=", "sslmode"),
        ("channel_binding=require", "channel_binding=require"),
        ("target_session_attrs=rw", "target_session_attrs=rw"),
        ("connect_timeout=soon", "connect_timeout=soon"),
        ("sslmode=verify-full&sslrootcert=/nowhere/root.crt", "sslrootcert=/nowhere/root.crt"),
        ("pgbouncer=true", "pgbouncer=true"),
        ("statement_cache_size=x", "statement_cache_size=x"),
        ("ssl=true", "ssl=true"),
        ("pooler=statement", "pooler=statement"),
        ("password=hunter2", "password"),
    ],
)
def test_what_cannot_be_kept_is_named(parameters: str, named: str):
    with pytest.raises(Misconfigured) as refused:
        for_driver(database_url(f"postgresql://user@host/usher?{parameters}"))
    [fault] = refused.value.facts["faults"]
    assert fault.startswith(f"database.url: {named} ")
    assert "hunter2" not in fault


@pytest.mark.parametrize(
    "url",
    [
        "",
        "usher.db",
        " postgresql://user@host/usher",
        "jdbc:postgresql://host/usher",
        "mysql://user:hunter2@host/usher",
        "postgresql+psycopg2://user:hunter2@host/usher",
        "postgresql://user:hunter2@host:port/usher",
        "postgresql://user:hunter2@host:99999/usher",
        "postgresql://user:hunter2@one:1,two:x/usher",
        "postgresql://user:hunter2/3@host/usher",
        "postgresql://user:pa@host/usher?host=one:1,two:2",
    ],
)
def test_what_is_no_url_is_said_to_be_none(url: str):
    with pytest.raises(Misconfigured) as refused:
        database_url(url)
    [fault] = refused.value.facts["faults"]
    assert fault.startswith("database.url")
    assert "hunter2" not in fault


@pytest.mark.parametrize(
    ("mode", "checked", "named"), [("require", False, False), ("verify-ca", True, False), ("verify-full", True, True)]
)
def test_tls_is_asked_for_as_libpq_means_it(mode: str, checked: bool, named: bool):
    _, arguments = for_driver(f"postgresql+asyncpg://user@host/usher?sslmode={mode}")
    context = arguments["ssl"]
    assert (context.verify_mode is ssl.CERT_REQUIRED, context.check_hostname) == (checked, named)


async def test_a_server_without_tls_is_not_spoken_to_where_tls_is_required(postgres_url: str):
    with pytest.raises(Exception, match=r"SSL|TLS|rejected|Busy|busy"):
        await _asked(f"{postgres_url}?sslmode=require&connect_timeout=3", "application_name")
