"""Accounts that people bring for themselves: they answer their owner alone and cost nothing, until they are lent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core import audit
from core.actors import Actor
from core.errors import NameTaken
from core.models.source_lines import SourceUnreadable, WrittenSource, read_own
from core.people.people import person_of
from core.providers.private_places import refuse_private
from core.sources.lending import follow_lending
from core.sources.models import model_named
from core.sources.sources import change_row, put_row, remove_row
from core.storage import tables as t
from core.storage.names import name_key, starting_with
from core.storage.talk_tables import sources
from core.talk_errors import TooManySources

if TYPE_CHECKING:
    from core.service import Core


async def add_own(core: Core, actor: Actor, text: str) -> str:
    """Add an account of one's own: its address, its key and the models it is for. Returns its name here.

    What only staff decide gets the most cautious value: a limit group of its own, the free tier. Private networks are
    out of reach. Raises: SourceUnreadable, NotFound (kind model), TooManySources, NameTaken.
    """
    one = read_own(text)
    if one.subaccounts is not None:
        raise SourceUnreadable("source_unknown_field", "subaccounts")
    if refuse_private(one.base_url, ()) is not None:
        raise SourceUnreadable("source_private_address")
    one = replace(one, tier="free", limit_group=None, weight=1)
    try:
        return await core.write(_add, core, actor, one, core.now())
    except IntegrityError:
        raise NameTaken(kind="source", name=one.name) from None


async def pause_own(core: Core, actor: Actor, name: str, *, resume: bool = False) -> None:
    """Stop using one's own account, or use it again; running answers end within seconds. Raises: NotFound."""
    await core.write(_pause, core, actor, name, resume, core.now())


async def remove_own(core: Core, actor: Actor, name: str) -> None:
    """Take one's own account back for good: its key is forgotten here. Raises: NotFound."""
    await core.write(_remove, core, actor, name, core.now())


async def prefer(core: Core, actor: Actor, kind: Literal["dedicated", "shared"]) -> None:
    """Ask one's own accounts first (dedicated), or everybody's."""
    await core.write(_prefer, actor, kind, core.now())


def _add(tx: sa.Connection, core: Core, actor: Actor, one: WrittenSource, now: datetime) -> str:
    person_id = person_of(tx, actor.platform, actor.identity, now)
    # With the person's row locked, two messages at once are counted one after the other.
    tx.execute(sa.select(t.people.c.id).where(t.people.c.id == person_id).with_for_update(key_share=True))
    theirs = sa.and_(sources.c.owner_id == person_id, sources.c.removed_at.is_(None))
    mine = {row.name_key for row in tx.execute(sa.select(sources.c.name_key).where(theirs))}
    for model in one.models:
        model_named(tx, model)  # prices and limits are staff's to set, so nobody else names a new one
    if name_key(one.name) not in mine:
        one = replace(one, name=free_name(tx, one.name))
    _, new = put_row(tx, core.vault, actor, one, actor, now)
    if new and len(mine) >= core.settings.sources.own_most:
        raise TooManySources(most=core.settings.sources.own_most)
    if not new:
        follow_lending(tx, core.settings.sources, person_id, now)
    return one.name


def _pause(tx: sa.Connection, core: Core, actor: Actor, name: str, resume: bool, now: datetime) -> None:
    person_id = person_of(tx, actor.platform, actor.identity, now)
    change_row(tx, actor, name, {"enabled": resume}, core, now, owner_id=person_id)


def _remove(tx: sa.Connection, core: Core, actor: Actor, name: str, now: datetime) -> None:
    remove_row(tx, core, actor, name, now, owner_id=person_of(tx, actor.platform, actor.identity, now))


def free_name(tx: sa.Connection, wanted: str) -> str:
    """`wanted`, or with the lowest number that makes it unique. What others called theirs is not revealed."""
    taken = set(tx.execute(sa.select(sources.c.name_key).where(starting_with(sources, wanted))).scalars())
    number, name = 2, wanted
    while name_key(name) in taken:
        name, number = f"{wanted[:95]} {number}", number + 1
    return name


def _prefer(tx: sa.Connection, actor: Actor, kind: str, now: datetime) -> None:
    person_id = person_of(tx, actor.platform, actor.identity, now)
    tx.execute(sa.update(t.people).where(t.people.c.id == person_id).values(prefers=kind))
    audit.record(tx, actor, "person.prefers", "person", person_id, now, after={"prefers": kind})
