"""People and the chats they come from: recognising them, their language, signing in as staff."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import sqlalchemy as sa

from core import attempts, audit
from core.actors import SYSTEM, Actor, Ban, Role
from core.errors import BadChoice, ClaimTokenRefused, NotAllowed
from core.languages import LANGUAGES
from core.people.talk_privacy import move_talk
from core.storage import tables as t
from core.storage.database import dialect_insert
from core.storage.prepared import Prepared
from core.storage.row_claims import Overtaken

if TYPE_CHECKING:
    from core.service import Core

NOBODY = frozenset({"1087968824", "136817688", "777000"})
"""Telegram's shared identities: anonymous administrators, channels, and Telegram itself."""


AT_THE_MACHINE = frozenset({"system", "cli"})
"""Platforms of those who can read the configuration, and of the sweeps."""


async def recognise(core: Core, platform: str, identity: str, *, chat_id: str | None = None) -> Actor:
    """Who writes: role, language, time zone and whether staff have shut them out, as it is now.

    `chat_id` is the private chat, remembered so that the person can be written to; having written makes an
    unreachable person reachable again. Raises: NotAllowed for an identity that is shared by many.
    """
    if platform == "telegram" and identity in NOBODY:
        raise NotAllowed(role="person", has="person")
    row = await core.read(_known, platform, identity)
    if chat_id is not None and (row.chat_id != chat_id or row.unreachable_since is not None):
        row = await core.write(_remember, platform, identity, chat_id, core.now())
    role = Role.named(row.role or Role.ANYONE.label)
    if f"{platform}:{identity}" in core.settings.staff.owners:
        role = Role.OWNER
    banned = row.ban_id is not None and (row.until is None or row.until > core.now())
    ban = Ban(row.reason, row.until) if banned else None
    return Actor(platform, identity, role, row.person_id, row.language, ban, row.timezone)


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


async def first_owner_token(core: Core) -> tuple[str, datetime] | None:
    """A token for the first owner, and until when it can be claimed; None where somebody owns the house already."""
    if await core.read(_is_owned) or core.settings.staff.owners:
        return None
    return await issue_token(core, SYSTEM, Role.OWNER)


def _is_owned(tx: sa.Connection) -> bool:
    owner = sa.select(t.people.c.id).where(t.people.c.role == Role.OWNER.label)
    return tx.execute(owner.limit(1)).first() is not None


async def claim_token(core: Core, actor: Actor, token: str) -> str | None:
    """Sign in as staff. Returns the role's label, or None where no such token can be claimed by this identity.

    The attempt is counted before the token is looked up: whoever finds that it is nothing else, either, calls
    `refuse_token`. Raises: SignInLocked, Banned.
    """
    actor.require(Role.ANYONE)
    await core.write(attempts.claim_sign_in, actor.key, core.settings.limits, core.now())
    return await core.write(_claim, core.vault.digests(f"claim:{token.strip()}"), actor, core.now())


async def refuse_token(core: Core, actor: Actor) -> NoReturn:
    """A token that is nothing at all: at the limit, its bearer is locked out. Raises: ClaimTokenRefused."""
    await core.write(_punish, core, actor, core.now())
    raise ClaimTokenRefused


async def accept_token(core: Core, actor: Actor) -> None:
    """A token was good for something: what was counted against its bearer is forgotten."""
    await core.write(attempts.forgive, actor.key, "claim")


async def mark_unreachable(core: Core, platform: str, identity: str) -> None:
    """The platform says that this person cannot be written to: no more tries until they write themselves."""
    await core.write(_mark_unreachable, platform, identity, core.now())


def _identity(tx: sa.Connection, platform: str, identity: str) -> Any:
    return _IDENTITY.one_or_none(tx, {"platform": platform, "identity": identity})


_MINE = (
    sa.select(t.identities, t.people.c.role, t.people.c.language)
    .join(t.people, t.people.c.id == t.identities.c.person_id)
    .where(
        t.identities.c.platform == sa.bindparam("platform", type_=sa.String()),
        t.identities.c.identity == sa.bindparam("identity", type_=sa.String()),
    )
)
_IDENTITY = Prepared(_MINE)
_STAYING = Prepared(_MINE.with_for_update(of=t.people, read=True, key_share=True))


def _known(tx: sa.Connection, platform: str, identity: str) -> Any:
    return _KNOWN.one(tx, {"platform": platform, "identity": identity})


def _knowing() -> Prepared:
    """One row, whoever asks: a stranger may be banned, too."""
    platform, identity = (sa.bindparam(name, type_=sa.String()) for name in ("platform", "identity"))
    nobody = sa.select(sa.literal(1).label("one")).subquery()
    mine = sa.and_(t.identities.c.platform == platform, t.identities.c.identity == identity)
    banned = sa.and_(t.bans.c.platform == platform, t.bans.c.identity == identity, t.bans.c.lifted_at.is_(None))
    everybody = (
        nobody.outerjoin(t.identities, mine)
        .outerjoin(t.people, t.people.c.id == t.identities.c.person_id)
        .outerjoin(t.bans, banned)
    )
    return Prepared(
        sa.select(
            t.identities.c.person_id,
            t.identities.c.chat_id,
            t.identities.c.unreachable_since,
            t.people.c.role,
            t.people.c.language,
            t.people.c.timezone,
            t.bans.c.id.label("ban_id"),
            t.bans.c.reason,
            t.bans.c.until,
        ).select_from(everybody)
    )


_KNOWN = _knowing()


def role_now(tx: sa.Connection, owners: Collection[str], key: str) -> Role:
    """The role that `telegram:42` has at this moment. Whoever works at the machine itself, or nobody does, is an owner."""
    platform, _, identity = key.partition(":")
    if platform in AT_THE_MACHINE or key in owners:
        return Role.OWNER
    row = _identity(tx, platform, identity)
    return Role.ANYONE if row is None else Role.named(row.role)


def role_of_person(tx: sa.Connection, owners: Collection[str], person_id: int) -> Role:
    """The role that a person has at this moment, by whichever of their identities reaches furthest."""
    mine = sa.select(t.people.c.role, t.identities.c.platform, t.identities.c.identity).join(
        t.identities, t.identities.c.person_id == t.people.c.id
    )
    role = Role.ANYONE
    for row in tx.execute(mine.where(t.people.c.id == person_id)):
        above = row.platform in AT_THE_MACHINE or f"{row.platform}:{row.identity}" in owners
        role = max(role, Role.OWNER if above else Role.named(row.role))
    return role


def person_of(tx: sa.Connection, platform: str, identity: str, now: datetime) -> int:
    """The person behind an identity, made if it is new. Two processes at once make one person.

    Until the commit nobody can be erased, nor become one with somebody else. Raises: Overtaken.
    """
    row = _STAYING.one_or_none(tx, {"platform": platform, "identity": identity})
    if row is not None:
        return int(row.person_id)
    person_id = tx.execute(
        sa.insert(t.people).values(role="anyone", created_at=now).returning(t.people.c.id)
    ).scalar_one()
    made = tx.execute(
        dialect_insert(t.identities, tx)
        .values(platform=platform, identity=identity, person_id=person_id, created_at=now)
        .on_conflict_do_nothing(index_elements=["platform", "identity"])
        .returning(t.identities.c.person_id)
    ).scalar_one_or_none()
    if made is not None:
        return int(made)
    # Made, erased or joined in this moment: what was made here goes, and it is looked at anew.
    raise Overtaken("identities")


def _remember(tx: sa.Connection, platform: str, identity: str, chat_id: str, now: datetime) -> Any:
    person_of(tx, platform, identity, now)
    tx.execute(
        sa.update(t.identities)
        .where(t.identities.c.platform == platform, t.identities.c.identity == identity)
        .values(chat_id=chat_id, unreachable_since=None)
    )
    return _known(tx, platform, identity)


async def set_timezone(core: Core, actor: Actor, zone: str | None) -> None:
    """Write moments in this zone for this person from now on, on every platform; in the house's own without one."""
    await core.write(_set_timezone, actor, zone, core.now())


async def claim_asking(core: Core, actor: Actor) -> bool:
    """Whether this person has not been asked yet in which zone they are, and is asked now: nobody is asked twice."""
    return await core.write(_claim_asking, actor)


def _set_timezone(tx: sa.Connection, actor: Actor, zone: str | None, now: datetime) -> None:
    person_id = person_of(tx, actor.platform, actor.identity, now)
    tx.execute(sa.update(t.people).where(t.people.c.id == person_id).values(timezone=zone, timezone_asked=True))
    audit.record(tx, actor, "person.timezone", "person", person_id, now, after={"timezone": zone})


def _claim_asking(tx: sa.Connection, actor: Actor) -> bool:
    mine = sa.select(t.identities.c.person_id).where(
        t.identities.c.platform == actor.platform, t.identities.c.identity == actor.identity
    )
    fresh = sa.and_(
        t.people.c.id == mine.scalar_subquery(),
        t.people.c.timezone_asked.is_(sa.false()),
        t.people.c.timezone.is_(None),
    )
    return tx.execute(sa.update(t.people).where(fresh).values(timezone_asked=True)).rowcount == 1


def _set_language(tx: sa.Connection, actor: Actor, language: str, now: datetime) -> None:
    person_id = person_of(tx, actor.platform, actor.identity, now)
    tx.execute(sa.update(t.people).where(t.people.c.id == person_id).values(language=language))
    audit.record(tx, actor, "person.language", "person", person_id, now, after={"language": language})


def _store_token(tx: sa.Connection, digest: bytes, actor: Actor, role: str, ends: datetime, now: datetime) -> None:
    token_id = tx.execute(
        sa.insert(t.staff_tokens)
        .values(digest=digest, role=role, maker=actor.key, created_at=now, expires_at=ends)
        .returning(t.staff_tokens.c.id)
    ).scalar_one()
    audit.record(tx, actor, "staff.token_issued", "staff_token", token_id, now, after={"role": role})


def _claim(tx: sa.Connection, digests: list[bytes], actor: Actor, now: datetime) -> str | None:
    person_id = person_of(tx, actor.platform, actor.identity, now)
    # Locked: a role that is being taken away at this moment is seen.
    before = Role.named(
        tx.execute(
            sa.select(t.people.c.role).where(t.people.c.id == person_id).with_for_update(key_share=True)
        ).scalar_one()
    )
    token = tx.execute(
        sa.update(t.staff_tokens)
        .where(
            t.staff_tokens.c.digest.in_(digests),
            t.staff_tokens.c.used_at.is_(None),
            t.staff_tokens.c.expires_at > now,
            # A role that was taken away does not come back by something that was made before.
            ~sa.exists().where(
                t.audit_log.c.subject == "person",
                t.audit_log.c.subject_id == person_id,
                t.audit_log.c.action == "staff.revoked",
                t.audit_log.c.at >= t.staff_tokens.c.created_at,
            ),
        )
        .values(used_at=now, used_by=actor.key)
        .returning(t.staff_tokens.c.role)
    ).one_or_none()
    if token is None:
        # The same identity again, after a crash or a repeated message: it has what the token gave, if it still has it.
        mine = sa.select(t.staff_tokens.c.role).where(
            t.staff_tokens.c.digest.in_(digests), t.staff_tokens.c.used_by == actor.key
        )
        again: str | None = tx.execute(mine).scalar_one_or_none()
        if again is None or before < Role.named(again):
            return None
        attempts.forgive(tx, actor.key, "claim")
        return again
    attempts.forgive(tx, actor.key, "claim")
    # A token for less does not take away what the person has.
    after = max(before, Role.named(token.role))
    tx.execute(sa.update(t.people).where(t.people.c.id == person_id).values(role=after.label))
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


def _punish(tx: sa.Connection, core: Core, actor: Actor, now: datetime) -> None:
    until = attempts.punish_sign_in(tx, actor.key, core.settings.limits, now)
    if until is not None:
        after = {"for": "wrong_tokens", "until": until.isoformat()}
        audit.record(tx, actor, "identity.locked", "identity", None, now, after=after)


def _mark_unreachable(tx: sa.Connection, platform: str, identity: str, now: datetime) -> None:
    tx.execute(
        sa.update(t.identities)
        .where(
            t.identities.c.platform == platform,
            t.identities.c.identity == identity,
            t.identities.c.unreachable_since.is_(None),
        )
        .values(unreachable_since=now)
    )


async def move_chat(core: Core, platform: str, old: str, new: str) -> None:
    """A group goes on under another id: its subscriptions, waiting notices and conversations follow."""
    await core.write(_move_chat, platform, old, new)


def _move_chat(tx: sa.Connection, platform: str, old: str, new: str) -> None:
    for table, column, where in (
        (t.subscriptions, t.subscriptions.c.chat_id, t.subscriptions.c.platform == platform),
        (t.alert_messages, t.alert_messages.c.chat_id, t.alert_messages.c.platform == platform),
        (t.notices, t.notices.c.recipient, sa.and_(t.notices.c.channel == platform, t.notices.c.state == "ready")),
    ):
        # A topic is CHAT/TOPIC, and keeps its number.
        tx.execute(sa.update(table).where(where, column == old).values({column.name: new}))
        tail = sa.func.substr(column, len(old) + 1)
        topics = column.startswith(f"{old}/", autoescape=True)
        tx.execute(sa.update(table).where(where, topics).values({column.name: sa.literal(new).concat(tail)}))
    move_talk(tx, platform, old, new)
