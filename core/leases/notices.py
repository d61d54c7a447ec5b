"""Telling the holder of a lease what happens to it: in the chat it came from, and by mail."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import outbox
from core.storage import tables as t
from core.storage.rows import LeaseRow

if TYPE_CHECKING:
    from core.service import Core


def tell_holder(
    tx: sa.Connection, core: Core, lease: LeaseRow, template: str, now: datetime, *, key: str, **facts: Any
) -> None:
    """Queue `template` for the chat and the mailbox of a lease's holder, once per `key`.

    Every text gets `address` and `team`; `facts` come on top. That another address is to have the seat is told in the
    chat, and the new mailbox is told of its invitation.
    """
    told = {"address": lease.address, "team": team_name(tx, lease.team_id), **facts}
    dedupe = f"{template}:{key}"
    outbox.tell(
        tx,
        lease.platform,
        lease.identity,
        outbox.Notice(template, told, language=lease.language, dedupe=f"{dedupe}:chat"),
        now,
    )
    known = template == "transfer_started" and facts.get("cause") == "address"
    if core.settings.mail.host and lease.platform != "erased" and not known:  # "erased": its holder is forgotten
        outbox.put(
            tx,
            "mail",
            lease.address,
            outbox.Notice(template, told, language=lease.language, dedupe=f"{dedupe}:mail"),
            now,
        )


def team_name(tx: sa.Connection, team_id: int | None) -> str | None:
    """The name of a team, for texts."""
    if team_id is None:
        return None
    return tx.execute(sa.select(t.teams.c.name).where(t.teams.c.id == team_id)).scalar_one_or_none()
