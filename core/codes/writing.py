"""Writing codes by the hundred thousand: in little memory, and in transactions that keep nobody waiting.

All codes of a batch are drawn first and kept as bytes, in the order of their digests. In that order the rows of one
transaction lie side by side in the index of digests, which is what half of the database's work is otherwise spent on.
While one chunk is written, the next one is sealed in another thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, TypeAlias

import sqlalchemy as sa

from core.rules.codes import Shape, canonical, generate_many
from core.service import code_row
from core.storage import tables as t

if TYPE_CHECKING:
    from core.service import Core
    from core.vault import Vault

SealedCode: TypeAlias = tuple[bytes, bytes, str]
"""Digest, ciphertext, last four symbols."""

FIRST, LEAST, MOST = 4_000, 500, 10_000
"""Codes in one transaction: at the beginning, at least, at most."""
LOCK = 0.15
"""Seconds that a transaction should take. On SQLite everybody else waits for it, so chunks follow the machine's pace."""
AT_ONCE = 500
"""Rows in one statement on SQLite, which takes 32,766 values; Python waits for none of them while it runs."""
LARGE = 20_000
"""From this many codes on, SQLite gets settings for large writes, as long as they are being written."""
USUAL = (2_000, 1_000)
"""SQLite's own settings: kilobytes of page cache, and pages of its log after which it writes them into the file."""
MUCH = (24_000, 16_000)
"""Large enough for the index of a million codes' last four symbols, which come in no order; its pages are written into the file less often."""

_BUCKET = 8_192


async def write_codes(core: Core, batch_id: int, shape: Shape, count: int, uses: int) -> AsyncIterator[Sequence[str]]:
    """Draw and write `count` codes; yields the codes of each chunk, in the order of their rows, once they are there."""
    if count <= FIRST:
        texts, rows = _seal(core.vault, _draw(core.vault, shape, count).codes(), count)
        await core.write(_write, batch_id, rows, uses)
        yield texts
        return
    size = FIRST
    large = core.database.is_sqlite and count >= LARGE
    drawn = (await asyncio.to_thread(_draw, core.vault, shape, count)).codes()
    texts, rows = await asyncio.to_thread(_seal, core.vault, drawn, size)
    try:
        if large:
            await core.write(_set_sqlite, *MUCH)
        while rows:
            took, following = await asyncio.gather(
                _timed_write(core, batch_id, rows, uses), asyncio.to_thread(_seal, core.vault, drawn, size)
            )
            yield texts
            # Nobody waits for these rows on PostgreSQL.
            pace = int(len(rows) * LOCK / max(took, 0.001)) if core.database.is_sqlite else MOST
            size = max(LEAST, min(MOST, 2 * size, pace))
            texts, rows = following
    finally:
        if large:
            await core.write(_set_sqlite, *USUAL)


async def _timed_write(core: Core, batch_id: int, rows: Sequence[SealedCode], uses: int) -> float:
    clock = asyncio.get_running_loop().time
    began = clock()
    await core.write(_write, batch_id, rows, uses)
    return clock() - began


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The texts of all codes end to end, `length` bytes each, in buckets whose digests ascend.

    Their digests would take more memory than they do, and are soon taken again.
    """

    vault: Vault
    buckets: list[bytearray]
    length: int

    def codes(self) -> Iterator[tuple[bytes, str]]:
        """Digest and text of each, the digests ascending. The buckets are emptied on the way."""
        self.buckets.reverse()
        while self.buckets:
            bucket = self.buckets.pop().decode("ascii")
            texts = (bucket[at : at + self.length] for at in range(0, len(bucket), self.length))
            yield from sorted((self.vault.digest(canonical(text)), text) for text in texts)


def _draw(vault: Vault, shape: Shape, count: int) -> _Drawn:
    buckets = [bytearray() for _ in range(1 + count // _BUCKET)]
    length = 0
    for text in generate_many(shape, count):
        place = int.from_bytes(vault.digest(canonical(text))[:4], "big") * len(buckets) >> 32
        buckets[place] += text.encode("ascii")
        length = len(text)
    return _Drawn(vault, buckets, length)


def _seal(vault: Vault, drawn: Iterator[tuple[bytes, str]], size: int) -> tuple[list[str], list[SealedCode]]:
    """The next codes, and what is stored of them."""
    texts, rows = [], []
    for digest, text in islice(drawn, size):
        texts.append(text)
        rows.append((digest, vault.encrypt(text, row=code_row(digest)), text[-4:]))
    return texts, rows


def _set_sqlite(tx: sa.Connection, kilobytes: int, pages: int) -> None:
    tx.exec_driver_sql(f"PRAGMA cache_size = -{kilobytes}")
    tx.exec_driver_sql(f"PRAGMA wal_autocheckpoint = {pages}")


def _write(tx: sa.Connection, batch_id: int, rows: Sequence[SealedCode], uses: int) -> None:
    first = sa.and_(t.codes.c.digest == rows[0][0], t.codes.c.batch_id == batch_id)
    if tx.execute(sa.select(t.codes.c.id).where(first)).first() is not None:
        return  # run again, because the connection was lost while the commit was being answered
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql(_POSTGRESQL, (batch_id, uses, *map(list, zip(*rows, strict=True))))
        return
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        tx.exec_driver_sql(_sqlite(len(part)), (batch_id, uses, *chain.from_iterable(part)))


_INSERT: Final = "INSERT INTO codes (batch_id, digest, cipher, last4, max_uses, used, reserved, status) "
_POSTGRESQL: Final = (
    _INSERT + "SELECT $1::bigint, digest, cipher, last4, $2::bigint, 0, 0, 'active' "
    "FROM unnest($3::bytea[], $4::bytea[], $5::text[]) AS row (digest, cipher, last4)"
)


@cache
def _sqlite(count: int) -> str:
    marks = (f"(?1, ?{at}, ?{at + 1}, ?{at + 2}, ?2, 0, 0, 'active')" for at in range(3, 3 * count + 3, 3))
    return f"{_INSERT}VALUES {', '.join(marks)}"
