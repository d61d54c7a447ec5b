"""What was asked in a chat and answered so far, encrypted and kept for a day: in the database, or in Redis.

Only things that may be asked again are kept here. A dialogue does nothing, and nothing that was done is recorded only
in it: a redemption is known by its request key, a confirmation by its button's row, a message by its inbox row, all of
them in the database. If Redis loses a dialogue, a person has to answer again, and no code or seat is lost.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import sqlalchemy as sa

from core import telemetry
from core.clock import Clock
from core.storage import tables as t
from core.storage.commits import autocommit, repeatable
from core.storage.database import Database, dialect_insert
from core.storage.prepared import Prepared
from core.storage.redis_link import RedisAway, RedisLink
from core.vault import Undecipherable, Vault

if TYPE_CHECKING:
    from redis.asyncio import Redis

LIFETIME = timedelta(hours=24)
"""How long a question waits for its answer."""

DialogueState: TypeAlias = dict[str, Any]
"""`key` is the event that was answered last, `before` and `now` the dialogue before and after it, if there was one.

`lost`: there may have been a dialogue that is no longer known. `at` is when it was saved.
"""


class Dialogues(Protocol):
    """One state for each identity. The events of a chat are handled one after the other, so nobody else saves in
    between.
    """

    async def load(self, identity: str) -> DialogueState | None: ...

    async def save(self, identity: str, state: DialogueState) -> None: ...

    async def clear(self, identities: Sequence[str]) -> None: ...


def open_dialogues(database: Database, vault: Vault, clock: Clock, redis: RedisLink | None) -> Dialogues:
    """In Redis where one is configured, else in the database."""
    stored = InDatabase(database, vault, clock)
    return stored if redis is None else InRedis(redis, stored)


class InDatabase:
    """One row for each identity."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    async def load(self, identity: str) -> DialogueState | None:
        return self.unsealed(identity, await self._database.read(_read, identity))

    async def save(self, identity: str, state: DialogueState) -> None:
        at = self.now()
        await self._database.write(_write, identity, self.sealed(identity, state, at), at + LIFETIME)

    async def clear(self, identities: Sequence[str]) -> None:
        await self._database.write(_delete, identities)

    def sealed(self, identity: str, state: DialogueState, at: datetime) -> bytes:
        return self._vault.encrypt(json.dumps({**state, "at": _text(at)}), row=_row(identity))

    def unsealed(self, identity: str, cipher: bytes | None) -> DialogueState | None:
        """The dialogue; None if it is over, or was written under a key that is no longer configured."""
        if cipher is None:
            return None
        try:
            state: DialogueState = json.loads(self._vault.decrypt(cipher, row=_row(identity)))
        except Undecipherable:
            return None
        return state if _moment(state["at"]) + LIFETIME > self.now() else None


class InRedis:
    """One key for each identity, which expires by itself. While Redis is away, the database holds what is new.

    What Redis held then no longer counts, even if it comes back: the person was told to begin again, or has begun
    something else. A row says so from the first failed look on, and of row and key the later one counts. Once Redis is
    back it takes over the row, and the row is deleted.
    """

    def __init__(self, link: RedisLink, stored: InDatabase) -> None:
        self._link = link
        self._stored = stored

    async def load(self, identity: str) -> DialogueState | None:
        stored = await self._stored.load(identity)
        try:
            cipher, since = await self._link.ask(partial(_fetch, identity, _text(self._stored.now())))
            held = self._stored.unsealed(identity, cipher)
            if stored is not None:
                if held is None or held["at"] <= stored["at"]:
                    held = stored
                    await self._link.ask(partial(self._put, identity, held, _moment(held["at"])))
                await self._stored.clear([identity])
        except RedisAway:
            telemetry.count("usher_redis_fallbacks", use="dialogue")
            if stored is None:
                stored = _lost()
                await self._stored.save(identity, stored)
            return stored
        if held is None and _moment(since) + LIFETIME > self._stored.now():
            return _lost()  # this Redis has not been there for as long as a question waits
        return held

    async def save(self, identity: str, state: DialogueState) -> None:
        try:
            await self._link.ask(partial(self._put, identity, state, self._stored.now()))
        except RedisAway:
            telemetry.count("usher_redis_fallbacks", use="dialogue")
            await self._stored.save(identity, state)

    async def clear(self, identities: Sequence[str]) -> None:
        await self._stored.clear(identities)
        try:
            await self._link.ask(partial(_forget, identities))
        except RedisAway:
            # It ends there by itself; until then a row that says nothing keeps it from counting.
            for identity in identities:
                await self._stored.save(identity, _lost())

    async def _put(self, identity: str, state: DialogueState, at: datetime, redis: Redis) -> None:
        # A command that was given up may arrive long after those that followed it: it must not undo them, and nobody
        # waits for its answer. Where somebody does wait, this machine's clock is behind: say it again, a little later.
        while later := await _put_unless_later(redis, identity, _text(at), self._stored.sealed(identity, state, at)):
            at = _moment(later) + timedelta(microseconds=1)


PUT_UNLESS_LATER = """
local held = redis.call('HGET', KEYS[1], 'at')
if held and held > ARGV[1] then return held end
redis.call('HSET', KEYS[1], 'at', ARGV[1], 'state', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return false
"""
SINCE = "usher:dialogues:since"
"""Since when this Redis has kept its data: this key is gone when everything else is."""


async def _fetch(identity: str, now: str, redis: Redis) -> tuple[bytes | None, str]:
    async with redis.pipeline(transaction=False) as pipeline:
        pipeline.hget(_name(identity), "state")
        pipeline.set(SINCE, now, nx=True)
        pipeline.get(SINCE)
        cipher, _, since = await pipeline.execute()
    return cipher, since.decode()


async def _put_unless_later(redis: Redis, identity: str, at: str, cipher: bytes) -> str | None:
    lifetime = int(LIFETIME.total_seconds() * 1000)
    asked: Any = redis.eval(PUT_UNLESS_LATER, 1, _name(identity), at, cipher, lifetime)  # typed for both clients
    later = await asked
    return later.decode() if later is not None else None


async def _forget(identities: Sequence[str], redis: Redis) -> None:
    await redis.delete(*(_name(identity) for identity in identities))


_STATE = Prepared(
    sa.select(t.dialogues.c.state).where(t.dialogues.c.identity == sa.bindparam("whose", type_=sa.String()))
)


def _read(tx: sa.Connection, identity: str) -> bytes | None:
    row = _STATE.one_or_none(tx, {"whose": identity})
    state: bytes | None = None if row is None else row.state
    return state


@repeatable
@autocommit
def _write(tx: sa.Connection, identity: str, cipher: bytes, expires_at: datetime) -> None:
    values = {"state": cipher, "expires_at": expires_at}
    tx.execute(
        dialect_insert(t.dialogues, tx)
        .values(identity=identity, **values)
        .on_conflict_do_update(index_elements=["identity"], set_=values)
    )


@repeatable
@autocommit
def _delete(tx: sa.Connection, identities: Sequence[str]) -> None:
    tx.execute(sa.delete(t.dialogues).where(t.dialogues.c.identity.in_(identities)))


def _lost() -> DialogueState:
    return {"key": "", "before": None, "now": None, "lost": True}


def _text(moment: datetime) -> str:
    """Of fixed width, so that later moments compare greater, in Redis too."""
    return moment.isoformat(timespec="microseconds")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _name(identity: str) -> str:
    return f"usher:dialogue:{identity}"


def _row(identity: str) -> str:
    return f"dialogues:{identity}:state"
