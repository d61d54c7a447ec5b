"""What a million codes cost without Usher: the rows ready made into the same tables, and read again into a file.

`python -m tests.benchmarks.bare_codes write|read URL COUNT|FILE` prints one JSON document with its own seconds.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import sqlalchemy as sa

from core.rules.code_symbols import SYMBOLS
from core.service import code_row
from core.vault import Vault

COLUMNS = ("batch_id", "digest", "cipher", "last4", "max_uses", "used", "reserved", "status")
INSERT = f"INSERT INTO codes ({', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
SELECT = "SELECT digest, cipher FROM codes ORDER BY id"
AT_ONCE = 5_000


def rows(count: int, *, ordered: bool) -> list[tuple[Any, ...]]:
    """Rows of the size and spread of the real ones."""
    drawn = [
        (1, os.urandom(32), b"k1:" + os.urandom(52), "".join(random.choices(SYMBOLS, k=4)), 1, 0, 0, "active")
        for _ in range(count)
    ]
    return sorted(drawn, key=lambda row: row[1]) if ordered else drawn


FURNISH = (
    (
        "INSERT INTO pools (id, name, name_key, prefix, policy, default_term, allowed_domains, created_at)"
        " SELECT 1, 'default', 'default', 'TEAM', 'fill_first', '1mo', '[]', {now}"
    ),
    "INSERT INTO batches (id, pool_id, kind, maker, term, created_at) SELECT 1, 1, 'general', 'bench', '1mo', {now}",
)
"""What codes need to be there."""


def write_sqlite(path: str, made: list[tuple[Any, ...]]) -> None:
    """One transaction, one `executemany`."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    for statement in FURNISH:
        connection.execute(statement.format(now=0))
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(INSERT, made)
    connection.execute("COMMIT")
    connection.close()


async def write_postgresql(dsn: str, made: list[tuple[Any, ...]]) -> None:
    """One COPY."""
    connection = await asyncpg.connect(dsn)
    for statement in FURNISH:
        await connection.execute(statement.format(now="now()"))
    await connection.copy_records_to_table("codes", records=made, columns=COLUMNS)
    await connection.close()


def read_sqlite(path: str) -> Iterator[tuple[bytes, bytes]]:
    yield from sqlite3.connect(path).execute(SELECT)


async def read_postgresql(dsn: str, vault: Vault, out: Path) -> None:
    connection = await asyncpg.connect(dsn)
    with out.open("w", encoding="utf-8") as file:
        async with connection.transaction():
            async for row in connection.cursor(SELECT, prefetch=AT_ONCE):
                file.write(vault.decrypt(row["cipher"], row=code_row(row["digest"])) + "\n")
    await connection.close()


def main() -> None:
    what, url, given = sys.argv[1:]
    place = sa.make_url(url)
    sqlite = place.get_backend_name() == "sqlite"
    dsn = place.set(drivername="postgresql").render_as_string(hide_password=False)
    assert place.database is not None
    if what.startswith("write"):
        made = rows(int(given), ordered=what.endswith("ordered"))
        began, cpu = time.perf_counter(), time.process_time()
        write_sqlite(place.database, made) if sqlite else asyncio.run(write_postgresql(dsn, made))
    else:
        keys = json.loads(os.environ["USHER_VAULT__KEYS"])
        vault = Vault(keys, "k1")
        began, cpu = time.perf_counter(), time.process_time()
        if sqlite:
            with Path(given).open("w", encoding="utf-8") as file:
                found = read_sqlite(place.database)
                file.writelines(vault.decrypt(cipher, row=code_row(digest)) + "\n" for digest, cipher in found)
        else:
            asyncio.run(read_postgresql(dsn, vault, Path(given)))
    seconds = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
    sys.stdout.write(json.dumps(seconds) + "\n")


if __name__ == "__main__":
    main()
