"""What parents list of the accounts that they made, held against what is stored: `usher doctor --upstream`."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from core.actors import Actor, Role
from core.models.subaccounts.protocol import LIST_LAG, Existing
from core.providers.protocol import Listing
from core.reports.doctor import Finding
from core.sources.parents import with_sources
from core.storage.subaccount_tables import SUBACCOUNT_LIVE, parents, subaccounts
from core.storage.talk_tables import sources
from core.vault import Undecipherable

if TYPE_CHECKING:
    from core.service import Core

AT_ONCE = 10
"""Parents read at the same time."""
OF_OURS: Final = re.compile(r"usher-[0-9a-f]{16}")
"""What accounts for people are called, by this Usher or by another one that has the same parent."""


@dataclass(frozen=True, slots=True)
class _Compared:
    """One parent. Accounts are told by the names that they have there."""

    parent: str
    unreadable: str | None = None
    missing: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


async def compare_parents(core: Core, actor: Actor) -> list[Finding]:
    """Read the list of every parent, and say what differs, as the doctor's findings. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    rows = await core.read(_parents)
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(parent: Any) -> _Compared:
        async with turn:
            return await _compare(core, parent)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(row)) for row in rows]
    found = [task.result() for task in tasks]

    def named(attribute: str) -> list[str]:
        return [f"{each.parent}: {name}" for each in found for name in getattr(each, attribute)]

    return [
        Finding.of("parent_has_our_accounts", "whoever has an account here has it at its parent", named("missing")),
        Finding.of("parent_made_one_each", "a parent has no two accounts of one person", named("doubled")),
        Finding.of(
            "parent_has_no_others",
            "what is called like an account for somebody here is one",
            named("unknown"),
            warning=True,
        ),
        Finding.of(
            "parent_readable",
            "every parent can be read",
            [f"{each.parent}: {each.unreadable}" for each in found if each.unreadable],
            warning=True,
        ),
    ]


async def _compare(core: Core, parent: Any) -> _Compared:
    try:
        listed = await core.parent(parent).all()
    except Undecipherable:
        return _Compared(parent.name, "the key of its credential is gone")
    if not isinstance(listed, Listing):
        return _Compared(parent.name, listed.detail or "unclear")
    # Read after the list: what is being made or ended meanwhile says so.
    lag = timedelta(seconds=LIST_LAG)
    return _difference(
        parent.name, listed.items, await core.read(_stored, parent.id, core.now() - lag), core.now() - lag
    )


def _difference(parent: str, listed: Sequence[Existing], stored: Sequence[Any], listed_by: datetime) -> _Compared:
    """`listed_by`: what was made or ended before that stands in the list as it is."""
    there = {one.reference for one in listed}
    ready = [row for row in stored if row.state == "ready"]
    settled = [row for row in ready if row.sent_at < listed_by]
    unsettled = {row.name for row in stored} - {row.name for row in settled}
    known = {row.reference for row in stored}
    times = Counter(one.name for one in listed)
    unknown = {one.name for one in listed if OF_OURS.fullmatch(one.name) and one.reference not in known}
    ours = {row.name for row in settled}
    return _Compared(
        parent,
        missing=tuple(sorted(row.name for row in settled if row.reference not in there)),
        doubled=tuple(sorted(name for name in ours - unsettled if times[name] > 1)),
        unknown=tuple(sorted(unknown - ours - unsettled)),
    )


def _parents(tx: sa.Connection) -> list[Any]:
    """Those in service, and those gone that still have accounts to be revoked."""
    live = sa.exists().where(subaccounts.c.parent_id == parents.c.id, subaccounts.c.state.in_(SUBACCOUNT_LIVE))
    which = sa.or_(sources.c.removed_at.is_(None), live)
    return list(tx.execute(with_sources().where(which).order_by(parents.c.id)).all())


def _stored(tx: sa.Connection, parent_id: int, since: datetime) -> Sequence[Any]:
    """Those that are there, or may be; and those that have just ended, which may still be listed."""
    still = sa.or_(subaccounts.c.state.in_(SUBACCOUNT_LIVE), subaccounts.c.ended_at >= since)
    return tx.execute(sa.select(subaccounts).where(subaccounts.c.parent_id == parent_id, still)).all()
