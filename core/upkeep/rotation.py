"""Changing the encryption key without a stop: what is stored under an older key is written anew under the active one.

The order is: the new key into `vault.keys` of every process, then `vault.active` of every process, then this. A
ciphertext names its key and a look-up knows the digests of all of them, so that old and new rows serve side by side
the whole time. What is under way is a fact of the rows alone: a run that was broken off is simply run again. An older
key may go when nothing is left of it; what only lives for hours (dialogues, buttons, drafts, sign-in tokens) is not
rewritten, but waited for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core import audit
from core.actors import Actor, Role
from core.rules.codes import digested
from core.service import code_row, credential_row
from core.storage import tables as t
from core.storage.database import dialect_insert
from core.storage.dialogues import LIFETIME
from core.upkeep.rotation_of_sources import (
    HOOKS,
    PARENTS,
    answers_until,
    count_old_sources,
    count_unused_keys,
    old_sources,
    rewrite_sources,
    source_under_the_active_key,
)
from core.upkeep.rotation_of_talk import count_old_talk, rewrite_talk
from core.vault import Undecipherable, Vault

if TYPE_CHECKING:
    from core.service import Core

CHUNK: Final = 200
"""Rows rewritten in one transaction, which takes some hundredths of a second."""
REPEATS: Final = timedelta(hours=48)
"""How long the same request may come again; its content is compared by a digest, and digests are not rewritten."""
TellRotated: TypeAlias = Callable[[int], Awaitable[None]]
"""Called with how many rows are rewritten so far."""


async def silent(done: int) -> None:
    """For runs that nobody watches."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row whose key is gone, or whose ciphertext belongs to another row; the run goes on without it."""

    kind: str  # code, team, source, parent, hook or message
    id: int


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a run did and what is left. `left` counts rows under older keys by kind; at none, older keys may go.

    `keep_until` is when the last of the rows that are only waited for ends, None where there are none.
    """

    active: str
    codes: int
    teams: int
    left: dict[str, int]
    keep_until: datetime | None
    unreadable: list[Unreadable] = field(default_factory=list)
    sources: int = 0

    @property
    def complete(self) -> bool:
        """Whether every older key may be taken out of the configuration."""
        return not self.left and self.keep_until is None


async def rotate_keys(core: Core, actor: Actor, progress: TellRotated = silent) -> Rotation:
    """Write everything that is under an older key under the active one. May be broken off and run again at any time.

    Raises: NotAllowed.
    """
    actor.require(Role.OWNER)
    await core.write(_note_start, actor, core.vault.active, core.now())
    done: dict[str, int] = {"code": 0, "team": 0, "source": 0, "parent": 0, "hook": 0}
    unreadable: list[Unreadable] = []
    for kind, read, rewrite in (
        ("code", _old_codes, _rewrite_codes),
        ("team", _old_teams, _rewrite_teams),
        ("source", old_sources, rewrite_sources),
        ("parent", PARENTS.old, PARENTS.rewrite),
        ("hook", HOOKS.old, HOOKS.rewrite),
    ):
        after = 0
        while rows := await core.read(read, core.vault, after):
            after = rows[-1].id
            fresh, failed = _under_the_active_key(core.vault, kind, rows)
            unreadable += failed
            done[kind] += await _write(core, rewrite, fresh, unreadable)
            await progress(sum(done.values()))
    texts, lost = await rewrite_talk(core)
    unreadable += [Unreadable("message", number) for number in lost]
    left, keep_until = await core.read(_left, core.vault, core.redis is not None, core.now())
    rotation = Rotation(core.vault.active, done["code"], done["team"], left, keep_until, unreadable, done["source"])
    if sum(done.values()) or texts or unreadable:
        await core.write(_note_end, actor, rotation, core.now())
    return rotation


async def rotation_left(core: Core, actor: Actor) -> Rotation:
    """What a run would find, without doing anything. Raises: NotAllowed."""
    actor.require(Role.OWNER)
    left, keep_until = await core.read(_left, core.vault, core.redis is not None, core.now())
    return Rotation(core.vault.active, 0, 0, left, keep_until)


async def _write(core: Core, rewrite: Any, fresh: list[dict[str, Any]], unreadable: list[Unreadable]) -> int:
    if not fresh:
        return 0
    try:
        return int(await core.write(rewrite, fresh))
    except IntegrityError:
        # The same code stands here twice, under two keys: the others of the chunk are no less right for it.
        done = 0
        for row in fresh:
            try:
                done += await core.write(rewrite, [row])
            except IntegrityError:
                unreadable.append(Unreadable("code", row["row_id"]))
        return done


def _under_the_active_key(vault: Vault, kind: str, rows: list[Any]) -> tuple[list[dict[str, Any]], list[Unreadable]]:
    fresh, failed = [], []
    for row in rows:
        try:
            fresh.append(_UNDER_ACTIVE[kind](vault, row))
        except Undecipherable:
            failed.append(Unreadable(kind, row.id))
    return fresh, failed


def _code(vault: Vault, row: Any) -> dict[str, Any]:
    display = vault.decrypt(bytes(row.cipher), row=code_row(bytes(row.digest)))
    digest = vault.digest(digested(display))
    cipher = vault.encrypt(display, row=code_row(digest))
    return {"row_id": row.id, "before": row.cipher, "new_digest": digest, "new_cipher": cipher}


def _team(vault: Vault, row: Any) -> dict[str, Any]:
    bound = credential_row(row.provider, row.external_id)
    plain = vault.decrypt(bytes(row.credential), row=bound)
    return {"row_id": row.id, "before": row.credential, "new_cipher": vault.encrypt(plain, row=bound)}


_UNDER_ACTIVE = {
    "code": _code,
    "team": _team,
    "source": source_under_the_active_key,
    "parent": PARENTS.under_the_active_key,
    "hook": HOOKS.under_the_active_key,
}


def _rewrite_codes(tx: sa.Connection, fresh: list[dict[str, Any]]) -> int:
    unchanged = sa.and_(t.codes.c.id == sa.bindparam("row_id"), t.codes.c.cipher == sa.bindparam("before"))
    values: dict[str, Any] = {"digest": sa.bindparam("new_digest"), "cipher": sa.bindparam("new_cipher")}
    tx.execute(sa.update(t.codes).where(unchanged).values(**values), fresh)
    return len(fresh)


def _rewrite_teams(tx: sa.Connection, fresh: list[dict[str, Any]]) -> int:
    """A credential that was replaced meanwhile stays the new one: it does not match."""
    unchanged = sa.and_(t.teams.c.id == sa.bindparam("row_id"), t.teams.c.credential == sa.bindparam("before"))
    tx.execute(sa.update(t.teams).where(unchanged).values(credential=sa.bindparam("new_cipher")), fresh)
    return len(fresh)


def _older(cipher: sa.Column[bytes], vault: Vault) -> sa.ColumnElement[bool]:
    mark = f"{vault.active}:".encode()
    return sa.func.substr(cipher, 1, len(mark), type_=sa.LargeBinary()) != mark


def _old_codes(tx: sa.Connection, vault: Vault, after: int) -> list[Any]:
    columns = (t.codes.c.id, t.codes.c.digest, t.codes.c.cipher)
    old = sa.select(*columns).where(t.codes.c.id > after, _older(t.codes.c.cipher, vault))
    return list(tx.execute(old.order_by(t.codes.c.id).limit(CHUNK)))


def _old_teams(tx: sa.Connection, vault: Vault, after: int) -> list[Any]:
    columns = (t.teams.c.id, t.teams.c.provider, t.teams.c.external_id, t.teams.c.credential)
    old = sa.select(*columns).where(t.teams.c.id > after, _older(t.teams.c.credential, vault))
    return list(tx.execute(old.order_by(t.teams.c.id).limit(CHUNK)))


def _left(tx: sa.Connection, vault: Vault, in_redis: bool, now: datetime) -> tuple[dict[str, int], datetime | None]:
    counted = {
        name: tx.execute(sa.select(sa.func.count()).select_from(column.table).where(_older(column, vault))).scalar_one()
        for name, column in (("codes", t.codes.c.cipher), ("teams", t.teams.c.credential))
    }
    counted["sources"] = count_old_sources(tx, vault)
    counted["parents"] = PARENTS.count_old(tx, vault)
    counted["hooks"] = HOOKS.count_old(tx, vault)
    if vault.older:
        since = tx.execute(sa.select(t.facts.c.changed_at).where(t.facts.c.name == _fact(vault.active)))
        counted["keys"] = count_unused_keys(tx, since.scalar_one_or_none() or now)
    counted["texts"] = count_old_talk(tx, vault)
    waiting = sa.and_(t.inbox.c.state == "ready", _older(t.inbox.c.payload, vault))
    counted["inbox"] = tx.execute(sa.select(sa.func.count()).select_from(t.inbox).where(waiting)).scalar_one()
    ends = list(_ends(tx, vault, in_redis, now)) if vault.older else []
    return {name: int(count) for name, count in counted.items() if count}, max(ends, default=None)


def _ends(tx: sa.Connection, vault: Vault, in_redis: bool, now: datetime) -> Iterator[datetime]:
    """When everything that is waited for instead of rewritten is over."""
    for table, cipher in (
        (t.dialogues, t.dialogues.c.state),
        (t.buttons, t.buttons.c.action),
        (t.drafts, t.drafts.c.content),
    ):
        last = sa.select(sa.func.max(table.c.expires_at)).where(table.c.expires_at > now, _older(cipher, vault))
        if (ends := tx.execute(last).scalar_one()) is not None:
            yield ends
    # Digests do not show their key: whatever is from before the change may be under the old one.
    since = tx.execute(
        sa.select(t.facts.c.changed_at).where(t.facts.c.name == _fact(vault.active))
    ).scalar_one_or_none()
    changed_at = now if since is None else since
    if in_redis and changed_at + LIFETIME > now:
        yield changed_at + LIFETIME  # dialogues that nobody counts
    if (kept := answers_until(tx, vault, now)) is not None:
        yield kept
    unused = sa.and_(t.staff_tokens.c.used_at.is_(None), t.staff_tokens.c.expires_at > now)
    mine = sa.and_(unused, t.staff_tokens.c.created_at <= changed_at)
    if (ends := tx.execute(sa.select(sa.func.max(t.staff_tokens.c.expires_at)).where(mine)).scalar_one()) is not None:
        yield ends
    asked = sa.select(sa.func.max(t.redemptions.c.created_at)).where(t.redemptions.c.created_at <= changed_at)
    last_asked = tx.execute(asked).scalar_one()
    if since is not None and last_asked is not None and last_asked + REPEATS > now:
        yield last_asked + REPEATS


def _fact(active: str) -> str:
    return f"vault_active:{active}"


def _note_start(tx: sa.Connection, actor: Actor, active: str, now: datetime) -> None:
    """Since when this key is the active one, as far as rotations know; the first run under it writes it down."""
    statement = dialect_insert(t.facts, tx).on_conflict_do_nothing(index_elements=["name"])
    noted = tx.execute(statement, {"name": _fact(active), "value": active, "changed_at": now})
    if noted.rowcount == 1:
        audit.record(tx, actor, "vault.rotation_started", "vault", None, now, after={"key": active})


def _note_end(tx: sa.Connection, actor: Actor, rotation: Rotation, now: datetime) -> None:
    after = {
        "key": rotation.active,
        "codes": rotation.codes,
        "teams": rotation.teams,
        "sources": rotation.sources,
        "left": sum(rotation.left.values()),
        "unreadable": len(rotation.unreadable),
    }
    audit.record(tx, actor, "vault.rotated", "vault", None, now, after=after)
