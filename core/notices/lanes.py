"""What waits behind a row of the inbox: a handler may answer it along with its own, as the parts of an album."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.notices.inbox_rows import Begun, row_of
from core.storage import tables as t
from core.vault import Undecipherable

if TYPE_CHECKING:
    from core.service import Core


async def behind(core: Core, row: Begun) -> list[Begun]:
    """What came later in the lane of a row that is being handled, in its order: nobody begins it before that is done."""
    return await core.read(_behind, core, row)


def _behind(tx: sa.Connection, core: Core, row: Begun) -> list[Begun]:
    waiting = (t.inbox.c.lane == row.lane, t.inbox.c.state == "ready", t.inbox.c.key != row.key)
    found = []
    for one in tx.execute(sa.select(t.inbox).where(*waiting).order_by(t.inbox.c.received_at)):
        with contextlib.suppress(Undecipherable):
            found.append(Begun(one.key, one.lane, core.vault.decrypt(one.payload, row=row_of(one.key)), one.tries))
    return found
