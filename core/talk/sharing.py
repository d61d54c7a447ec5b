"""Showing a conversation to others: a link to a copy of one branch, which ends by itself and can be taken back."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import audit
from core.errors import NotFound
from core.people.people import person_of
from core.storage import tables as t
from core.storage.chat_tables import conversations, messages, shares
from core.storage.talk_rows import MessageRow
from core.talk import attached, branches, places
from core.talk.contents import new_reference, seal, unseal
from core.talk.conversations import here, seal_title, title_of
from core.talk.places import Place

if TYPE_CHECKING:
    from core.actors import Actor
    from core.service import Core

USUAL_DAYS = 7
MOST_DAYS = 365
_TOKEN = re.compile(r"chat-[A-Za-z0-9_-]{32}")


@dataclass(frozen=True, slots=True)
class SharedLink:
    """One link. `ends_with` tells it from others; the link itself is shown once."""

    id: int
    ends_with: str
    title: str
    until: datetime
    openings: int


def is_share(token: str) -> bool:
    """Could it be a link to a conversation?"""
    return _TOKEN.fullmatch(token) is not None


async def share(core: Core, actor: Actor, place: Place, days: int) -> tuple[str, datetime]:
    """A link to the branch that goes on here, as it is now, and until when it opens. Raises: NotFound."""
    token = f"chat-{secrets.token_urlsafe(24)}"
    until = core.now() + timedelta(days=days)
    await core.write(_share, core, actor, place, token, until, core.now())
    return token, until


async def share_list(core: Core, actor: Actor) -> list[SharedLink]:
    """The person's links that still open."""
    return await core.read(_list, core, actor, core.now())


async def revoke(core: Core, actor: Actor, number: int) -> None:
    """Let a link open no more. Raises: NotFound."""
    await core.write(_revoke, actor, number, core.now())


async def open_share(core: Core, actor: Actor, place: Place, token: str, request_key: str) -> str:
    """Copy what a link shows into a conversation of the person's own, which goes on here. Returns its title.

    The same request key copies once. Raises: NotFound for a link that is unknown, over or taken back.
    """
    reference = hashlib.sha256(f"opened:{request_key}".encode()).hexdigest()[:32]
    return await core.write(_open, core, actor, place, token, reference, core.now())


def _share(
    tx: sa.Connection, core: Core, actor: Actor, place: Place, token: str, until: datetime, now: datetime
) -> None:
    talk = here(tx, actor, place)
    if talk is None or talk.head_id is None:
        raise NotFound(kind="question", name="")
    person_id = person_of(tx, actor.platform, actor.identity, now)
    number = tx.execute(
        sa.insert(shares)
        .values(
            digest=core.vault.digest(f"share:{token}"),
            last4=token[-4:],
            person_id=person_id,
            conversation_id=talk.id,
            head_id=talk.head_id,
            expires_at=until,
            created_at=now,
        )
        .returning(shares.c.id)
    ).scalar_one()
    audit.record(tx, actor, "talk.shared", "share", number, now, after={"until": until.isoformat()})


def _mine(actor: Actor, now: datetime) -> sa.ColumnElement[bool]:
    who = sa.and_(t.identities.c.platform == actor.platform, t.identities.c.identity == actor.identity)
    person = sa.select(t.identities.c.person_id).where(who).scalar_subquery()
    return sa.and_(shares.c.person_id == person, shares.c.revoked_at.is_(None), shares.c.expires_at > now)


def _list(tx: sa.Connection, core: Core, actor: Actor, now: datetime) -> list[SharedLink]:
    joined = sa.select(shares, conversations.c.title, conversations.c.reference).join(
        conversations, conversations.c.id == shares.c.conversation_id
    )
    rows = tx.execute(joined.where(_mine(actor, now)).order_by(shares.c.id.desc())).all()
    return [SharedLink(row.id, row.last4, title_of(core, row), row.expires_at, row.openings) for row in rows]


def _revoke(tx: sa.Connection, actor: Actor, number: int, now: datetime) -> None:
    which = sa.and_(shares.c.id == number, _mine(actor, now))
    if tx.execute(sa.update(shares).where(which).values(revoked_at=now)).rowcount != 1:
        raise NotFound(kind="share", name=str(number))
    audit.record(tx, actor, "talk.share_revoked", "share", number, now)


def _open(tx: sa.Connection, core: Core, actor: Actor, place: Place, token: str, reference: str, now: datetime) -> str:
    owner = places.owner_of(tx, actor, place, now)
    made = tx.execute(sa.select(conversations).where(conversations.c.reference == reference)).one_or_none()
    if made is not None:
        return title_of(core, made)
    live = sa.and_(
        shares.c.digest.in_(core.vault.digests(f"share:{token}")),
        shares.c.revoked_at.is_(None),
        shares.c.expires_at > now,
    )
    found = tx.execute(sa.select(shares).where(live).with_for_update()).one_or_none()
    if found is None:
        raise NotFound(kind="share", name="")
    tx.execute(sa.update(shares).where(shares.c.id == found.id).values(openings=shares.c.openings + 1))
    of = tx.execute(sa.select(conversations).where(conversations.c.id == found.conversation_id)).one()
    title = title_of(core, of)
    talk = places.begin(tx, owner, place, now, reference=reference, title=seal_title(core, reference, title))
    parent: int | None = None
    for row in branches.branch(tx, found.head_id):
        parent = _copy(tx, core, row, talk.id, parent)
    tx.execute(sa.update(conversations).where(conversations.c.id == talk.id).values(head_id=parent))
    return title


def _copy(tx: sa.Connection, core: Core, row: MessageRow, conversation_id: int, parent_id: int | None) -> int:
    reference = new_reference()
    kept = {name: getattr(row, name) for name in ("role", "state", "size", "images", "model", "made_at")}
    content = seal(core.vault, reference, unseal(core.vault, row))
    made = {"reference": reference, "conversation_id": conversation_id, "parent_id": parent_id, "content": content}
    number: int = tx.execute(sa.insert(messages).values(**kept, **made).returning(messages.c.id)).scalar_one()
    attached.copy_to(tx, core.vault, row.id, number)
    return number
