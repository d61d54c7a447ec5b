"""Who somebody is at another site: proved there by OAuth 2, kept as a link, and what the site's word gives and takes.

A visit is a row that serves once and belongs to the chat that it was begun in; its verifier is made of its state and
the vault, so that it stands nowhere. `take → prove → confirm → bind`: a short transaction, a call in none, a page, a
short transaction. Whoever comes back is asked first, for the address of a visit can be sent to somebody else, who would
be linked with a chat that is not theirs. What was proved waits in that page, sealed; it serves once, as long as the
visit. Whoever is killed in between begins another; nothing is linked by halves.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
import structlog

from core import audit, outbox
from core.actors import SYSTEM, Actor, Role
from core.credit import plans
from core.credit.grants import note_standing
from core.errors import NotFound
from core.models.oauth import Identity, NotProved, Site, visit
from core.people.people import person_of
from core.storage import tables as t
from core.storage.database import dialect_insert
from core.storage.talk_tables import outside_links, outside_visits
from core.talk_errors import OutsideRefused, SiteUnknown
from core.vault import Undecipherable

if TYPE_CHECKING:
    from core.service import Core
    from core.talk_settings import SiteSettings

log = structlog.get_logger(__name__)

OPEN: Final = timedelta(minutes=10)
"""How long somebody may take to come back."""
STATE: Final = 43
"""Characters of a state: 32 bytes in base64."""
TICKET: Final = 60_000
"""Characters of a ticket, more than all facts of a site fill."""


@dataclass(frozen=True, slots=True)
class Proved:
    """Who came back from a visit: `name` at `site`, to be linked with the chat `own` by whoever shows `ticket`."""

    own: str
    site: str
    name: str
    ticket: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Linked:
    """What came of a visit: whose chat it was, who they are there (`name`), and the plan that this gives, if any."""

    own: str
    site: str
    name: str
    plan: str | None
    language: str | None


def sites(core: Core) -> list[str]:
    """The sites that people can be linked with; none where nobody could come back."""
    return sorted(core.settings.sso) if _comes_back(core) else []


async def begin(core: Core, actor: Actor, name: str, *, language: str | None = None) -> tuple[str, datetime]:
    """The address at which a site asks somebody whether they agree, and until when they can come back.

    An earlier visit there is over. Raises: SiteUnknown, OutsideRefused (off).
    """
    actor.require(Role.ANYONE)
    site = _site(core, name)
    if not _comes_back(core):
        raise OutsideRefused(site=site.name, reason="off")
    state = secrets.token_urlsafe(32)
    until = core.now() + OPEN
    digest = core.vault.digest(_named(state))
    await core.write(_begin, actor, site.name, digest, language, until, core.now())
    verifier = _verifier(core.vault.digest(_secret(state)))
    return visit(site, state=state, verifier=verifier, redirect_uri=_back(core, site.name)), until


async def prove(core: Core, name: str, *, state: str, code: str | None) -> Proved:
    """Somebody is back from a site, with a code or without; nothing is linked before they confirm it.

    Raises: SiteUnknown, OutsideRefused.
    """
    site = _site(core, name)
    taken = None
    if len(state) == STATE and state.isascii():
        taken = await core.write(_take, site.name, core.vault.digests(_named(state)), core.now())
    if taken is None:
        raise OutsideRefused(site=site.name, reason="over")
    if not code or len(code) > 2000 or not code.isprintable():
        raise OutsideRefused(site=site.name, reason="declined")
    known = core.vault.digests(_named(state)).index(bytes(taken.digest))
    verifier = _verifier(core.vault.digests(_secret(state))[known])
    found = await core.prove(site, code=code, verifier=verifier, redirect_uri=_back(core, site.name))
    if not isinstance(found, Identity):
        log.info("not_proved_elsewhere", site=site.name, kind=type(found).__name__, detail=found.detail)
        reason = "declined" if isinstance(found, NotProved) and found.reason == "code" else "failed"
        raise OutsideRefused(site=site.name, reason=reason)
    plain = json.dumps([base64.b64encode(taken.digest).decode(), found.subject, dict(found.facts)])
    ticket = base64.urlsafe_b64encode(core.vault.encrypt(plain, row=_sealed(site.name))).decode()
    shown = _shown(core.settings.sso[site.name], found)
    return Proved(f"{taken.platform}:{taken.identity}", site.name, shown, ticket, taken.language)


async def finish(core: Core, name: str, ticket: str) -> Linked:
    """Whoever came back agrees to be linked with the chat that they were shown.

    Raises: SiteUnknown, OutsideRefused.
    """
    site = _site(core, name).name
    try:
        sealed = base64.b64decode(ticket[:TICKET].encode("ascii"), altchars=b"-_", validate=True)
        digest, subject, facts = json.loads(core.vault.decrypt(sealed, row=_sealed(site)))
    except (ValueError, Undecipherable):
        raise OutsideRefused(site=site, reason="over") from None
    found = Identity(subject, facts)
    return await core.write(_bind, site, base64.b64decode(digest), core.settings.sso[site], found, core.now())


async def unlink(core: Core, actor: Actor, name: str) -> None:
    """Forget who the person is at a site; a plan that came from there ends. Raises: OutsideRefused (not_linked)."""
    actor.require(Role.ANYONE)
    await core.write(_unlink, actor, name.strip().casefold()[:32], core.now())


def _site(core: Core, name: str) -> Site:
    wanted = name.strip().casefold()
    given = core.settings.sso.get(wanted)
    if given is None:
        there = sites(core)
        raise SiteUnknown(site=name[:40], sites=there, count=len(there))
    return Site(
        name=wanted,
        client_id=given.client_id,
        client_secret=given.client_secret.get_secret_value(),
        authorize=given.authorize,
        token=given.token,
        user_info=given.user_info,
        scope=given.scope,
        subject=given.subject,
    )


def _comes_back(core: Core) -> bool:
    return core.settings.gateway.enabled and bool(core.settings.gateway.public_url)


def _back(core: Core, name: str) -> str:
    return f"{core.settings.gateway.public_url.rstrip('/')}/oauth/{name}/callback"


def _named(state: str) -> str:
    return f"visit:{state}"


def _secret(state: str) -> str:
    return f"verifier:{state}"


def _sealed(site: str) -> str:
    return f"outside_visits:{site}:ticket"


def _shown(rules: SiteSettings, found: Identity) -> str:
    return str(found.facts.get(rules.shown) or found.subject)


def _verifier(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _begin(
    tx: sa.Connection, actor: Actor, site: str, digest: bytes, language: str | None, until: datetime, now: datetime
) -> None:
    person_id = person_of(tx, actor.platform, actor.identity, now)
    mine = sa.and_(outside_visits.c.person_id == person_id, outside_visits.c.site == site)
    tx.execute(sa.delete(outside_visits).where(sa.or_(mine, outside_visits.c.expires_at <= now)))
    values = {"digest": digest, "site": site, "person_id": person_id, "expires_at": until, "language": language}
    tx.execute(sa.insert(outside_visits).values(platform=actor.platform, identity=actor.identity, **values))


def _take(tx: sa.Connection, site: str, digests: list[bytes], now: datetime) -> Any:
    """The visit, which nobody comes back from a second time."""
    of = outside_visits.c
    which = sa.and_(of.digest.in_(digests), of.site == site, of.used_at.is_(None), of.expires_at > now)
    return tx.execute(
        sa.update(outside_visits).where(which).values(used_at=now).returning(outside_visits)
    ).one_or_none()


def _bind(tx: sa.Connection, site: str, digest: bytes, rules: SiteSettings, found: Identity, now: datetime) -> Linked:
    """Link who was proved with the person of the visit, as they are now. Raises: OutsideRefused."""
    gone = outside_visits.c
    which = sa.and_(gone.digest == digest, gone.site == site, gone.used_at.is_not(None), gone.expires_at > now)
    taken = tx.execute(sa.delete(outside_visits).where(which).returning(outside_visits)).one_or_none()
    if taken is None:
        raise OutsideRefused(site=site, reason="over")
    own = sa.and_(t.identities.c.platform == taken.platform, t.identities.c.identity == taken.identity)
    person_id = tx.execute(sa.select(t.identities.c.person_id).where(own).with_for_update()).scalar_one_or_none()
    if person_id is None:
        raise OutsideRefused(site=taken.site, reason="over")
    who = Actor(taken.platform, taken.identity)
    of = outside_links.c
    values = {"site": taken.site, "subject": found.subject, "person_id": person_id, "facts": dict(found.facts)}
    made = dialect_insert(outside_links, tx).on_conflict_do_nothing()
    if tx.execute(made.values(**values, linked_at=now, seen_at=now)).rowcount == 1:
        audit.record(tx, who, "person.linked_outside", "person", person_id, now, after={"site": taken.site})
    else:
        same = sa.and_(of.site == taken.site, of.subject == found.subject, of.person_id == person_id)
        again = sa.update(outside_links).where(same).values(facts=dict(found.facts), seen_at=now)
        if tx.execute(again).rowcount != 1:
            held = tx.execute(sa.select(of.id).where(of.site == taken.site, of.subject == found.subject)).first()
            raise OutsideRefused(site=taken.site, reason="other" if held is None else "taken")
    plan = _plan_at(rules.plans, found.facts.get(rules.level))
    try:
        has = plans.stand_at(tx, SYSTEM, person_id, plan, now, origin=f"sso:{taken.site}")
    except NotFound:
        log.warning("plan_of_site_unknown", site=taken.site, plan=plan)
        has = False
    if found.facts.get("active") is False or found.facts.get("silenced") is True:
        note_standing(tx, SYSTEM, person_id, "suspended", f"sso:{taken.site}", now)
    name = _shown(rules, found)
    facts = {"site": taken.site, "name": name, "plan": plan if has else ""}
    outbox.tell(
        tx, taken.platform, taken.identity, outbox.Notice("outside_linked", facts, language=taken.language), now
    )
    return Linked(who.key, taken.site, name, plan if has else None, taken.language)


def _unlink(tx: sa.Connection, actor: Actor, site: str, now: datetime) -> None:
    person_id = person_of(tx, actor.platform, actor.identity, now)
    mine = sa.and_(outside_links.c.person_id == person_id, outside_links.c.site == site)
    if tx.execute(sa.delete(outside_links).where(mine)).rowcount != 1:
        raise OutsideRefused(site=site, reason="not_linked")
    plans.stand_at(tx, actor, person_id, None, now, origin=f"sso:{site}")
    audit.record(tx, actor, "person.unlinked_outside", "person", person_id, now, after={"site": site})


def _plan_at(given: Mapping[str, str], level: Any) -> str | None:
    """The plan of the highest level that is reached."""
    if isinstance(level, bool) or not isinstance(level, int):
        return None
    reached = [int(least) for least in given if least.isdecimal() and int(least) <= level]
    return given[str(max(reached))] if reached else None
