"""Codes: making them in batches, importing those of another system, switching them on and off."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import sqlalchemy as sa

from core import audit, holds
from core.actors import Actor, Role
from core.codes.bearers import ANYBODY, CodeBearer
from core.codes.credit_quota import refuse_beyond_limit, refuse_unknown_plan
from core.codes.foreign import make_real
from core.codes.writing import write_codes
from core.command_errors import AlreadyPast
from core.errors import BadChoice, BadNumber, CodeHasUses, NotFound
from core.rules import quota
from core.rules.code_lists import MOST_USES, BadLine, read_code_list
from core.rules.codes import CodeText, Shape, imported_shapes
from core.rules.gifts import SEAT, Giving
from core.rules.terms import UNLIMITED, parse_term
from core.service import Core, code_row
from core.storage import tables as t
from core.storage.database import dialect_insert
from core.storage.names import name_key
from core.storage.row_claims import change
from core.teams.pools import Pool, default_pool, hold_pool
from core.teams.quota import pool_quota, team_quota
from core.teams.teams import pool_of_team, team_of_pool

if TYPE_CHECKING:
    from core.vault import Vault

ASKED_AT_ONCE = 10_000
"""Values in one statement; both databases stop at some 32,000."""
CHUNK = 5_000
"""Imported codes written in one transaction: on SQLite everybody else waits for it."""

Status: TypeAlias = Literal["active", "disabled", "deleted"]


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What to generate. `team` makes the codes bound; `temporary` ends the membership by removal.

    Codes that give no seat are bound to no team, and need no address that they could be for; their `term` is how long what they give lasts, for ever if unsaid.
    """

    count: int
    uses: int = 1
    pool: str | None = None
    team: str | None = None
    temporary: bool = False
    expires_at: datetime | None = None
    term: str | None = None
    auto_transfer: bool = True
    label: str = ""
    note: str = ""
    override: bool = False
    giving: Giving = SEAT
    bearer: CodeBearer = ANYBODY


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it was made. `available_before` is the quota before it; `available` what is left."""

    id: int
    pool: str
    team: str | None
    kind: str
    label: str
    count: int
    uses: int
    term: str
    expires_at: datetime | None
    available_before: int
    available: int
    gives: str = "seat"


async def generate(
    core: Core, actor: Actor, plan: BatchPlan, *, most: int | None = None
) -> tuple[Batch, AsyncIterator[str]]:
    """Make `plan.count` codes as one batch. The codes are written while the iterator is read, chunk by chunk.

    The whole quota is claimed at once, in the transaction that makes the batch. Raises: NotAllowed, BadNumber,
    BadTerm, BadChoice, NotFound, QuotaExceeded, CreditLimitExceeded.
    """
    actor.require(Role.OPERATOR)
    if plan.override:
        actor.require(Role.OWNER)
    most = most or core.settings.codes.most_by_command
    if not 1 <= plan.count <= most:
        raise BadNumber(name="count", low=1, high=most)
    if not 1 <= plan.uses <= MOST_USES:
        raise BadNumber(name="uses", low=1, high=MOST_USES)
    if plan.expires_at is not None and plan.expires_at <= core.now():
        raise AlreadyPast(name="expires", value=plan.expires_at.isoformat())
    plan.bearer.refuse_number()
    if plan.giving.gives != "seat" and (plan.team is not None or plan.temporary or plan.bearer.address is not None):
        raise BadChoice(name="gives", value=str(plan.giving), choices=["seat"])
    pool = await _pool_of(core, actor, plan)
    usual = pool.default_term if plan.giving.gives == "seat" else str(UNLIMITED)
    term = str(parse_term(plan.term)) if plan.term else usual
    opened: list[int] = []
    batch = await core.write(_open_batch, actor, plan, pool, term, core.now(), opened)

    async def made() -> AsyncIterator[str]:
        async for chunk in write_codes(core, batch.id, pool.shape, plan.count, plan.uses):
            for text in chunk:
                yield text
        await core.write(_close_batch, actor, batch, core.now())

    return batch, made()


async def generate_list(
    core: Core, actor: Actor, plan: BatchPlan, *, most: int | None = None
) -> tuple[Batch, list[str]]:
    """`generate`, with all the codes at once: for counts that fit a message or a small file."""
    batch, made = await generate(core, actor, plan, most=most)
    return batch, [text async for text in made]


@dataclass(frozen=True, slots=True)
class ImportedCodes:
    """What an import did. `heading` is the line that was taken for one, `unused` its columns that nothing is kept of."""

    batch_id: int | None
    created: int
    known: int
    invalid: list[BadLine]
    heading: str = ""
    unused: Sequence[str] = ()


async def import_codes(core: Core, actor: Actor, lines: Iterable[str], plan: BatchPlan) -> ImportedCodes:
    """Take over codes of another system as they are, one a line, with an optional number of uses behind a separator.

    Their layouts are remembered, so that a chat recognises them; they have no check symbol. They are not held
    to the quota: they were given out already. Raises: NotAllowed, BadTerm, NotFound.
    """
    actor.require(Role.ADMIN)
    pool = await _pool_of(core, actor, plan)
    term = str(parse_term(plan.term)) if plan.term else pool.default_term
    found = read_code_list(lines)
    read = [(one.code, one.uses or plan.uses) for one in found.codes]
    told: dict[str, Any] = {"invalid": found.bad, "heading": found.heading, "unused": found.unused}
    if not read:
        return ImportedCodes(None, 0, 0, **told)
    texts = [code.display for code, _ in read]
    batch_id = await core.write(_open_import, actor, plan, pool, term, imported_shapes(texts), core.now())
    created = 0
    waiting = iter(read)
    while chunk := list(islice(waiting, CHUNK)):
        created += await core.write(_write_imported, core.vault, batch_id, chunk)
    await core.write(_close_import, actor, batch_id, created, core.now())
    core.forget_shapes()
    return ImportedCodes(batch_id, created, len(read) - created, **told)


async def set_code_status(core: Core, actor: Actor, code: CodeText, status: Status) -> None:
    """Enable, disable or delete one code; a code with uses is never deleted.

    Raises: NotAllowed, NotFound, CodeHasUses.
    """
    actor.require(Role.OPERATOR)
    await make_real(core, [code])
    mine = t.codes.c.digest.in_(core.vault.digests(code.canonical))
    await core.write(_set_status, actor, mine, code.last4, status, core.now())


async def set_status_of(core: Core, actor: Actor, code_id: int, status: Status) -> None:
    """The same for a code known by its id, as from a list. Raises: NotAllowed, NotFound, CodeHasUses."""
    actor.require(Role.OPERATOR)
    await core.write(_set_status, actor, t.codes.c.id == code_id, str(code_id), status, core.now())


async def set_batch_status(core: Core, actor: Actor, batch_id: int, status: Status) -> int:
    """Disable or enable a batch's codes with uses left, or delete those without; how many. Raises: NotAllowed, NotFound."""
    actor.require(Role.OPERATOR)
    return await core.write(_set_batch_status, actor, batch_id, status, core.now())


async def _pool_of(core: Core, actor: Actor, plan: BatchPlan) -> Pool:
    if plan.team is None:
        return await default_pool(core, actor, plan.pool)
    name = await core.read(pool_of_team, plan.team)
    if plan.pool is not None and name_key(plan.pool) != name_key(name):
        raise NotFound(kind="team", name=f"{plan.team} ({plan.pool})")
    return await default_pool(core, actor, name)


def _hold(tx: sa.Connection, plan: BatchPlan, pool: Pool) -> int | None:
    """Let the pool stay as it is until the commit; returns the team that the codes lead to. Raises: NotFound.

    Generators queue on their pool's row, so that two of them never spend the same quota.
    """
    if not hold_pool(tx, pool.id, alone=True):
        raise NotFound(kind="pool", name=pool.name)
    return None if plan.team is None else team_of_pool(tx, plan.team, pool.id)


def _open_batch(
    tx: sa.Connection, actor: Actor, plan: BatchPlan, pool: Pool, term: str, now: datetime, opened: list[int]
) -> Batch:
    """`opened` remembers the batch of an earlier run whose commit may have gone through unheard: it goes again."""
    holds.refuse_restored(tx)
    team_id = _hold(tx, plan, pool)
    if opened:
        tx.execute(sa.delete(t.batches).where(t.batches.c.id.in_(opened), t.batches.c.made_at.is_(None)))
    of_pool = pool_quota(tx, pool.id, now)
    of_team = team_quota(tx, team_id, now) if team_id is not None else None
    before = quota.available_uses(of_pool, of_team)
    total = plan.count * plan.uses
    if plan.giving.gives == "seat":
        quota.refuse_generation(plan.count, plan.uses, of_pool, of_team, override=plan.override)
    elif plan.giving.gives == "credit":
        refuse_beyond_limit(tx, pool.id, total * plan.giving.amount, now, override=plan.override)
    refuse_unknown_plan(tx, plan.giving.plan)
    values = _batch_values(actor, plan, pool, team_id, term, now)
    batch_id = tx.execute(sa.insert(t.batches).values(codes=plan.count, uses=total, **values).returning(t.batches.c.id))
    batch = Batch(
        id=int(batch_id.scalar_one()),
        pool=pool.name,
        team=plan.team,
        kind=values["kind"],
        label=plan.label,
        count=plan.count,
        uses=plan.uses,
        term=term,
        expires_at=plan.expires_at,
        available_before=before,
        available=max(0, before - total) if plan.giving.gives == "seat" else before,
        gives=str(plan.giving),
    )
    after = {"count": plan.count, "uses": plan.uses, "available": before, "override": plan.override}
    audit.record(tx, actor, "batch.opened", "batch", batch.id, now, after=after)
    opened.append(batch.id)
    return batch


def _batch_values(
    actor: Actor, plan: BatchPlan, pool: Pool, team_id: int | None, term: str, now: datetime
) -> dict[str, Any]:
    return {
        "pool_id": pool.id,
        "team_id": team_id,
        "kind": "general" if team_id is None else "bound",
        "label": plan.label[:200],
        "note": plan.note[:2000],
        "maker": actor.key,
        "term": term,
        "temporary": plan.temporary,
        # The end of a temporary membership is its removal, never a move.
        "auto_transfer": plan.auto_transfer and not plan.temporary,
        "expires_at": plan.expires_at,
        "created_at": now,
        "gives": plan.giving.gives,
        "gift": plan.giving.stored,
        **plan.bearer.columns,
    }


def code_values(vault: Vault, batch_id: int, canonical: str, display: str, uses: int) -> dict[str, Any]:
    """The row of a new code."""
    digest = vault.digest(canonical)
    return {
        "batch_id": batch_id,
        "digest": digest,
        "cipher": vault.encrypt(display, row=code_row(digest)),
        "last4": canonical[-4:],
        "max_uses": uses,
        "used": 0,
        "reserved": 0,
        "status": "active",
    }


def _close_batch(tx: sa.Connection, actor: Actor, batch: Batch, now: datetime) -> None:
    tx.execute(sa.update(t.batches).where(t.batches.c.id == batch.id).values(made_at=now))
    audit.record(tx, actor, "batch.generated", "batch", batch.id, now, after={"count": batch.count})


def _open_import(
    tx: sa.Connection,
    actor: Actor,
    plan: BatchPlan,
    pool: Pool,
    term: str,
    shapes: Sequence[Shape],
    now: datetime,
) -> int:
    holds.refuse_restored(tx)
    values = _batch_values(actor, plan, pool, _hold(tx, plan, pool), term, now)
    batch_id = tx.execute(sa.insert(t.batches).values(imported=True, **values).returning(t.batches.c.id)).scalar_one()
    for shape in shapes:
        statement = dialect_insert(t.imported_shapes, tx).on_conflict_do_nothing(index_elements=["shape"])
        tx.execute(statement, {"shape": shape.stored, "created_at": now})
    return int(batch_id)


def _write_imported(tx: sa.Connection, vault: Vault, batch_id: int, chunk: Sequence[tuple[CodeText, int]]) -> int:
    statement = (
        dialect_insert(t.codes, tx).on_conflict_do_nothing(index_elements=["digest"]).returning(t.codes.c.max_uses)
    )
    known = _known_under_older_keys(tx, vault, chunk)
    fresh = [(code, uses) for code, uses in chunk if code.canonical not in known]
    if not fresh:
        return 0
    rows = [code_values(vault, batch_id, code.canonical, code.display, uses) for code, uses in fresh]
    written = [row.max_uses for row in tx.execute(statement, rows)]
    if written:
        tx.execute(sa.insert(t.batch_changes).values(batch_id=batch_id, codes=len(written), uses=sum(written)))
    return len(written)


def _known_under_older_keys(tx: sa.Connection, vault: Vault, chunk: Sequence[tuple[CodeText, int]]) -> set[str]:
    """Codes that are here already, digested before the key was changed; under the active one, the insertion finds out."""
    if not vault.older:
        return set()
    of = {digest: code.canonical for code, _ in chunk for digest in vault.digests(code.canonical)[1:]}
    found: set[str] = set()
    every = list(of)
    for digests in (every[start : start + ASKED_AT_ONCE] for start in range(0, len(every), ASKED_AT_ONCE)):
        present = tx.execute(sa.select(t.codes.c.digest).where(t.codes.c.digest.in_(digests))).scalars()
        found |= {of[bytes(digest)] for digest in present}
    return found


def _close_import(tx: sa.Connection, actor: Actor, batch_id: int, created: int, now: datetime) -> None:
    tx.execute(sa.update(t.batches).where(t.batches.c.id == batch_id).values(made_at=now))
    audit.record(tx, actor, "batch.imported", "batch", batch_id, now, after={"count": created})


def _set_status(
    tx: sa.Connection, actor: Actor, which: sa.ColumnElement[bool], shown: str, status: Status, now: datetime
) -> None:
    row = tx.execute(sa.select(t.codes).where(which).with_for_update()).one_or_none()
    if row is None or row.status == "deleted":
        raise NotFound(kind="code", name=f"…{shown}")
    if status == "deleted" and (row.used or row.reserved):
        raise CodeHasUses(count=1)
    if row.status == status:
        return
    if status == "active":
        _refuse_gone(tx, row.batch_id)
    change(tx, t.codes, t.codes.c.id == row.id, expected=row.status, status=status).one()
    unused = row.max_uses - row.used - row.reserved
    if row.status == "active" or status == "active":
        voided = -unused if status == "active" else unused
        tx.execute(sa.insert(t.batch_changes).values(batch_id=row.batch_id, voided=voided))
    audit.record(
        tx, actor, f"code.{status}", "code", row.id, now, before={"status": row.status}, after={"status": status}
    )


def _set_batch_status(tx: sa.Connection, actor: Actor, batch_id: int, status: str, now: datetime) -> int:
    if tx.execute(sa.select(t.batches.c.id).where(t.batches.c.id == batch_id)).one_or_none() is None:
        raise NotFound(kind="batch", name=str(batch_id))
    if status == "deleted":
        return _delete_unused(tx, actor, batch_id, now)
    if status == "active":
        _refuse_gone(tx, batch_id)
    before = "active" if status == "disabled" else "disabled"
    left = t.codes.c.max_uses - t.codes.c.used - t.codes.c.reserved
    unused_up = (t.codes.c.batch_id == batch_id, t.codes.c.used < t.codes.c.max_uses)
    changed = change(tx, t.codes, *unused_up, expected=before, returning=[left.label("left")], status=status).all()
    if changed:
        unused = sum(row.left for row in changed)
        voided = unused if status == "disabled" else -unused
        tx.execute(sa.insert(t.batch_changes).values(batch_id=batch_id, voided=voided))
    audit.record(tx, actor, f"batch.{status}", "batch", batch_id, now, after={"codes": len(changed)})
    return len(changed)


def _refuse_gone(tx: sa.Connection, batch_id: int) -> None:
    """Return if the pool of a batch serves anybody. Raises: NotFound."""
    of_batch = sa.select(t.pools.c.id, t.pools.c.name).join(t.batches, t.batches.c.pool_id == t.pools.c.id)
    pool = tx.execute(of_batch.where(t.batches.c.id == batch_id)).one()
    if not hold_pool(tx, pool.id):
        raise NotFound(kind="pool", name=pool.name)


def _delete_unused(tx: sa.Connection, actor: Actor, batch_id: int, now: datetime) -> int:
    """Delete the codes of a batch that nobody has used or is using."""
    unused = (t.codes.c.batch_id == batch_id, t.codes.c.used == 0, t.codes.c.reserved == 0)
    uses = [t.codes.c.max_uses]
    active = change(tx, t.codes, *unused, expected="active", returning=uses, status="deleted").all()
    disabled = change(tx, t.codes, *unused, expected="disabled", returning=uses, status="deleted").all()
    if active:
        tx.execute(sa.insert(t.batch_changes).values(batch_id=batch_id, voided=sum(row.max_uses for row in active)))
    deleted = len(active) + len(disabled)
    audit.record(tx, actor, "batch.deleted", "batch", batch_id, now, after={"codes": deleted})
    return deleted
