"""People and the chats they come from: recognising them, their language, signing in as staff."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import attempts, audit
from core.actors import Actor, Role
from core.errors import BadChoice, ClaimTokenRefused, NotAllowed
from core.storage.database import dialect_insert
from core.storage.prepared import Prepared
from core.storage.tables import alert_messages, identities, notices, people, staff_tokens, subscriptions

if TYPE_CHECKING:
    from core.service import Core

LANGUAGES = ("en", "zh-CN")

NOBODY = frozenset({"1087968824", "136817688", "777000"})
"""Telegram's shared identities: anonymous administrators, channels, and Telegram itself."""

LINK = "link"
"""The role of a token that signs nobody in, but makes two identities one person."""


async def recognise(core: Core, platform: str, identity: str, *, chat_id: str | None = None) -> Actor:
    """Who writes: role and language as they are now.

    `chat_id` is the private chat, remembered so that the person can be written to; having written makes an
    unreachable person reachable again. Raises: NotAllowed for an identity that is shared by many.
    """
    if platform == "telegram" and identity in NOBODY:
        raise NotAllowed(role="person")
    row = await core.read(_identity, platform, identity)
    if chat_id is not None and (row is None or row.chat_id != chat_id or row.unreachable_since is not None):
        row = await core.write(_remember, platform, identity, chat_id, core.now())
    role = Role.named(row.role) if row is not None else Role.ANYONE
    if f"{platform}:{identity}" in core.settings.staff.owners:
        role = Role.OWNER
    return Actor(
        platform,
        identity,
        role,
        row.person_id if row is not None else None,
        row.language if row is not None else None,
    )


async def set_language(core: Core, actor: Actor, language: str) -> None:
    """Speak this language with this person from now on, on every platform. Raises: BadChoice."""
    if language not in LANGUAGES:
        raise BadChoice(name="language", value=language[:20], choices=list(LANGUAGES))
    await core.write(_set_language, actor, language, core.now())


async def issue_token(core: Core, actor: Actor, role: Role) -> tuple[str, datetime]:
    """A one-time token that gives `role` to whoever claims it, and until when it can be. Raises: NotAllowed."""
    actor.require(Role.OWNER)
    token = secrets.token_urlsafe(24)
    ends = core.now() + timedelta(hours=core.settings.staff.token_hours)
    await core.write(_store_token, core.vault.digest(f"claim:{token}"), actor, role.label, ends, core.now())
    return token, ends


async def issue_link(core: Core, actor: Actor) -> tuple[str, datetime]:
    """A one-time token that joins the identity that claims it to this person. Valid for ten minutes."""
    token = secrets.token_urlsafe(24)
    ends = core.now() + timedelta(minutes=10)
    await core.write(_store_token, core.vault.digest(f"claim:{token}"), actor, LINK, ends, core.now())
    return token, ends


async def claim_token(core: Core, actor: Actor, token: str) -> str:
    """Sign in as staff, or link two identities. Returns the role's label, or "link".

    The attempt is counted before the token is looked up. Raises: LockedOut, ClaimTokenRefused.
    """
    await core.write(attempts.claim_sign_in, actor.key, core.settings.limits, core.now())
    granted = await core.write(_claim, core.vault.digests(f"claim:{token.strip()}"), actor, core.now())
    if granted is None:
        await core.write(_punish, core, actor, core.now())
        raise ClaimTokenRefused
    return granted


async def mark_unreachable(core: Core, platform: str, identity: str) -> None:
    """The platform says that this person cannot be written to: no more tries until they write themselves."""
    await core.write(_mark_unreachable, platform, identity, core.now())


def _identity(tx: sa.Connection, platform: str, identity: str) -> Any:
    return _IDENTITY.one_or_none(tx, {"platform": platform, "identity": identity})


_IDENTITY = Prepared(
    sa.select(identities, people.c.role, people.c.language)
    .join(people, people.c.id == identities.c.person_id)
    .where(
        identities.c.platform == sa.bindparam("platform", type_=sa.String()),
        identities.c.identity == sa.bindparam("identity", type_=sa.String()),
    )
)


def person_of(tx: sa.Connection, platform: str, identity: str, now: datetime) -> int:
    """The person behind an identity, made if it is new. Two processes at once make one person."""
    row = _identity(tx, platform, identity)
    if row is not None:
        return int(row.person_id)
    person_id = tx.execute(sa.insert(people).values(role="anyone", created_at=now).returning(people.c.id)).scalar_one()
    made = tx.execute(
        dialect_insert(identities, tx)
        .values(platform=platform, identity=identity, person_id=person_id, created_at=now)
        .on_conflict_do_nothing(index_elements=["platform", "identity"])
        .returning(identities.c.person_id)
    ).scalar_one_or_none()
    if made is not None:
        return int(made)
    tx.execute(sa.delete(people).where(people.c.id == person_id))
    return int(_identity(tx, platform, identity).person_id)


def _remember(tx: sa.Connection, platform: str, identity: str, chat_id: str, now: datetime) -> Any:
    person_of(tx, platform, identity, now)
    tx.execute(
        sa.update(identities)
        .where(identities.c.platform == platform, identities.c.identity == identity)
        .values(chat_id=chat_id, unreachable_since=None)
    )
    return _identity(tx, platform, identity)


def _set_language(tx: sa.Connection, actor: Actor, language: str, now: datetime) -> None:
    person_id = person_of(tx, actor.platform, actor.identity, now)
    tx.execute(sa.update(people).where(people.c.id == person_id).values(language=language))
    audit.record(tx, actor, "person.language", "person", person_id, now, after={"language": language})


def _store_token(tx: sa.Connection, digest: bytes, actor: Actor, role: str, ends: datetime, now: datetime) -> None:
    maker = actor.key if role != LINK else str(person_of(tx, actor.platform, actor.identity, now))
    token_id = tx.execute(
        sa.insert(staff_tokens)
        .values(digest=digest, role=role, maker=maker, created_at=now, expires_at=ends)
        .returning(staff_tokens.c.id)
    ).scalar_one()
    audit.record(tx, actor, "staff.token_issued", "staff_token", token_id, now, after={"role": role})


def _claim(tx: sa.Connection, digests: list[bytes], actor: Actor, now: datetime) -> str | None:
    token = tx.execute(
        sa.update(staff_tokens)
        .where(staff_tokens.c.digest.in_(digests), staff_tokens.c.used_at.is_(None), staff_tokens.c.expires_at > now)
        .values(used_at=now, used_by=actor.key)
        .returning(staff_tokens.c.id, staff_tokens.c.role, staff_tokens.c.maker)
    ).one_or_none()
    if token is None:
        # The same identity again, after a crash or a repeated message: it has what the token gave.
        mine = sa.select(staff_tokens.c.role).where(
            staff_tokens.c.digest.in_(digests), staff_tokens.c.used_by == actor.key
        )
        again: str | None = tx.execute(mine).scalar_one_or_none()
        if again is not None:
            attempts.forgive(tx, actor.key, "claim")
        return again
    person_id = person_of(tx, actor.platform, actor.identity, now)
    attempts.forgive(tx, actor.key, "claim")
    if token.role == LINK:
        _join(tx, actor, int(token.maker), now)
        return LINK
    before = Role.named(tx.execute(sa.select(people.c.role).where(people.c.id == person_id)).scalar_one())
    # A token for less does not take away what the person has.
    after = max(before, Role.named(token.role))
    tx.execute(sa.update(people).where(people.c.id == person_id).values(role=after.label))
    audit.record(
        tx,
        actor,
        "staff.signed_in",
        "person",
        person_id,
        now,
        before={"role": before.label},
        after={"role": after.label},
    )
    return after.label


def _join(tx: sa.Connection, actor: Actor, person_id: int, now: datetime) -> None:
    """Both identities are one person now, who keeps the language and the role of the one that asked for the link."""
    mine = sa.and_(identities.c.platform == actor.platform, identities.c.identity == actor.identity)
    former = tx.execute(sa.select(identities.c.person_id).where(mine)).scalar_one()
    tx.execute(sa.update(identities).where(mine).values(person_id=person_id))
    audit.record(tx, actor, "person.linked", "person", person_id, now, after={"identity": actor.key, "person": former})


def _punish(tx: sa.Connection, core: Core, actor: Actor, now: datetime) -> None:
    until = attempts.punish_sign_in(tx, actor.key, core.settings.limits, now)
    if until is not None:
        after = {"until": until.isoformat()}
        audit.record(tx, actor, "identity.locked", "identity", None, now, after=after)


def _mark_unreachable(tx: sa.Connection, platform: str, identity: str, now: datetime) -> None:
    tx.execute(
        sa.update(identities)
        .where(
            identities.c.platform == platform,
            identities.c.identity == identity,
            identities.c.unreachable_since.is_(None),
        )
        .values(unreachable_since=now)
    )


async def move_chat(core: Core, platform: str, old: str, new: str) -> None:
    """A group goes on under another id: its subscriptions and waiting notices follow."""
    await core.write(_move_chat, platform, old, new)


def _move_chat(tx: sa.Connection, platform: str, old: str, new: str) -> None:
    for table, column, where in (
        (subscriptions, subscriptions.c.chat_id, subscriptions.c.platform == platform),
        (alert_messages, alert_messages.c.chat_id, alert_messages.c.platform == platform),
        (notices, notices.c.recipient, sa.and_(notices.c.channel == platform, notices.c.state == "ready")),
    ):
        # A topic is CHAT/TOPIC, and keeps its number.
        tx.execute(sa.update(table).where(where, column == old).values({column.name: new}))
        tail = sa.func.substr(column, len(old) + 1)
        topics = column.startswith(f"{old}/", autoescape=True)
        tx.execute(sa.update(table).where(where, topics).values({column.name: sa.literal(new).concat(tail)}))
