"""Whether the people of a code are moved when their membership ends."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.errors import BadChoice, NotFound
from core.storage import tables as t

if TYPE_CHECKING:
    from core.service import Core


async def set_auto_transfer(
    core: Core, actor: Actor, moves: bool, *, batch_id: int | None = None, code_id: int | None = None
) -> int:
    """Say whether people who use a batch's codes, or one code, from now on are moved at their end. Returns how many codes.

    Seats that were given out already keep what was said then. Temporary memberships end by removal, whatever is said.
    Raises: NotAllowed, NotFound, BadChoice (a temporary batch).
    """
    actor.require(Role.OPERATOR)
    return await core.write(_set_auto_transfer, actor, batch_id, code_id, moves, core.now())


def _set_auto_transfer(
    tx: sa.Connection, actor: Actor, batch_id: int | None, code_id: int | None, moves: bool, now: datetime
) -> int:
    if code_id is not None:
        of_code = sa.select(t.codes.c.batch_id).where(t.codes.c.id == code_id, t.codes.c.status != "deleted")
        batch_id = tx.execute(of_code).scalar_one_or_none()
    batch = tx.execute(sa.select(t.batches).where(t.batches.c.id == batch_id)).one_or_none()
    if batch is None:
        raise NotFound(kind="batch" if code_id is None else "code", name=str(code_id or batch_id or ""))
    if batch.temporary and moves:
        raise BadChoice(name="auto_transfer", value="on", choices=["off"])
    subject, number = ("batch", batch.id) if code_id is None else ("code", code_id)
    if code_id is None:
        tx.execute(sa.update(t.batches).where(t.batches.c.id == batch.id).values(auto_transfer=moves))
        # What was said of single codes before is said of all of them now.
        mine = t.codes.c.batch_id == batch.id
        tx.execute(sa.update(t.codes).where(mine, t.codes.c.auto_transfer.is_not(None)).values(auto_transfer=None))
        changed = int(tx.execute(sa.select(sa.func.count()).select_from(t.codes).where(mine)).scalar_one())
    else:
        changed = tx.execute(sa.update(t.codes).where(t.codes.c.id == code_id).values(auto_transfer=moves)).rowcount
    audit.record(tx, actor, f"{subject}.auto_transfer", subject, number, now, after={"auto_transfer": moves})
    return changed
