"""Sources: the accounts behind the models. The house's, a person's own, and those that people lend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core import audit
from core.actors import Actor, Role
from core.alerts import alerts
from core.command_errors import BadValue
from core.errors import BadChoice, BadNumber, NameTaken, NotFound
from core.models.source_lines import MOST_OF, SourceUnreadable, WrittenSource, read_key, read_name, read_source
from core.people.people import person_of
from core.rules.money import MICRO
from core.service import source_row
from core.sources import health, parents, slots, sweep
from core.sources.lending import follow_lending
from core.sources.models import model_named, numbers_of
from core.storage import tables as t
from core.storage.database import dialect_insert
from core.storage.names import is_called, name_key, renamed
from core.storage.rows import SourceRow
from core.storage.talk_tables import limit_groups, source_models, sources
from core.talk_errors import LendingOff

if TYPE_CHECKING:
    from core.service import Core
    from core.vault import Vault


@dataclass(frozen=True, slots=True)
class ImportedSources:
    """What an import did, or would do. `invalid` are (line, reason key, field)."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    invalid: list[tuple[int, str, str]] = field(default_factory=list)


async def import_sources(
    core: Core, actor: Actor, lines: Iterable[str], *, apply: bool, owner: Actor | None = None
) -> ImportedSources:
    """Read sources, one per line, and with `apply` create or update them; the house's, or a person's own.

    A known account (by its credential, else by its name) gets what the line says. A model that nobody has added yet
    waits for its prices and is not asked before that. Raises: NotAllowed.
    """
    actor.require(Role.ADMIN)
    done = ImportedSources()
    for number, one in _read_all(core, lines, done, owned=owner is not None):
        try:
            if apply:
                _, new = await core.write(put_row, core.vault, actor, one, owner, core.now())
            else:
                new = await core.read(_would_be_new, core.vault, one)
        except (IntegrityError, NameTaken):
            done.invalid.append((number, "name_taken", one.name))
            continue
        (done.created if new else done.updated).append(one.name)
    return done


def _read_all(
    core: Core, lines: Iterable[str], done: ImportedSources, *, owned: bool
) -> list[tuple[int, WrittenSource]]:
    """The lines that are sources, with their numbers; the others are noted in `done`.

    Of two lines with one name or one key the first counts: the second would take its place unseen.
    """
    read: list[tuple[int, WrittenSource]] = []
    said: set[tuple[str, str]] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            one = _placed(core, read_source(line), owned=owned)
            own = {("name", name_key(one.name)), ("api_key", fingerprint_of(one.adapter, one.api_key))}
            if twice := said & own:
                raise SourceUnreadable("source_twice", max(twice)[0])
        except SourceUnreadable as fault:
            done.invalid.append((number, fault.reason_key, fault.field or ""))
            continue
        said |= own
        read.append((number, one))
    return read


async def add_source(
    core: Core, actor: Actor, line: Mapping[str, Any] | WrittenSource, *, owner: Actor | None = None
) -> int:
    """Add one source, the house's or (with `owner`) a person's own. Returns its id.

    Raises: NotAllowed, SourceUnreadable, NameTaken.
    """
    if owner is None or owner.key != actor.key:
        actor.require(Role.ADMIN)
    read = line if isinstance(line, WrittenSource) else read_source(line)
    one = _placed(core, read, owned=owner is not None)
    try:
        source_id, _ = await core.write(put_row, core.vault, actor, one, owner, core.now())
    except IntegrityError:
        raise NameTaken(kind="source", name=one.name) from None
    return source_id


async def change_source(core: Core, actor: Actor, name: str, **changes: Any) -> None:
    """Change enabled, weight, concurrency, rpm, tpm, daily_budget (micro-credits), tier or limit_group (a name).

    Taking a source out of service ends its running answers within seconds.
    Raises: NotAllowed, NotFound, BadChoice, BadNumber, BadValue.
    """
    actor.require(Role.ADMIN)
    if "tier" in changes and changes["tier"] not in {"free", "paid"}:
        raise BadChoice(name="tier", value=changes["tier"], choices=["free", "paid"])
    for limit, high in MOST_OF.items():
        if changes.get(limit) is not None and not 1 <= changes[limit] <= high:
            raise BadNumber(name=limit, low=1, high=high)
    if group := changes.get("limit_group"):
        changes["limit_group"] = read_group(group)
    await core.write(change_row, actor, name, changes, core, core.now())


async def change_offer(core: Core, actor: Actor, name: str, model: str, enabled: bool) -> None:
    """Use a source for a model, or stop using it for that one. Raises: NotAllowed, NotFound."""
    actor.require(Role.ADMIN)
    await core.write(_change_offer, core, actor, name, model, enabled, core.now())


async def replace_credential(core: Core, actor: Actor, name: str, api_key: str) -> None:
    """Give a source a new credential; it is well again until it proves otherwise.

    Raises: NotAllowed, SourceUnreadable (a key that no header can carry), NotFound, NameTaken.
    """
    actor.require(Role.ADMIN)
    key = read_key(api_key)
    try:
        await core.write(_replace_credential, core.vault, actor, name, key, core.now())
    except IntegrityError:
        raise NameTaken(kind="source", name=name) from None


async def remove_source(core: Core, actor: Actor, name: str) -> None:
    """Take a source out for good: its credential is forgotten, its calls stay. Raises: NotAllowed, NotFound."""
    actor.require(Role.ADMIN)
    await core.write(remove_row, core, actor, name, core.now())


async def lend(core: Core, actor: Actor, name: str, shared: bool) -> None:
    """Lend one's own source to everybody, or take it back; the allowance that it earns follows.

    It is read first: only one whose credential works earns anything. Raises: LendingOff, NotFound.
    """
    if shared:
        if not core.settings.sources.lending:
            raise LendingOff
        await sweep.read_source(core, await core.read(_own_named, actor, name))
    await core.write(_lend, core, actor, name, shared, core.now())


def read_group(text: str) -> str:
    """The name of a limit group. Raises: BadValue."""
    try:
        return read_name(text)
    except SourceUnreadable:
        raise BadValue(name="group", value=text[:80], examples=["org-1"]) from None


def source_named(tx: sa.Connection, name: str, *, lock: bool = False, owner_id: int | None = None) -> Any:
    """The row of a source that is in use; with `owner_id`, of one that is theirs. Raises: NotFound."""
    which = sa.and_(is_called(sources, name), sources.c.removed_at.is_(None))
    if owner_id is not None:
        which = sa.and_(which, sources.c.owner_id == owner_id)
    statement = sa.select(sources).where(which)
    row = tx.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFound(kind="source", name=name[:100])
    return row


def _placed(core: Core, one: WrittenSource, *, owned: bool) -> WrittenSource:
    """The line, if requests may go to its addresses: an account that nobody can reach is refused at once.

    A person's own account makes no subaccounts: it would be for its owner to say whose those are.
    """
    if one.subaccounts is not None and owned:
        raise SourceUnreadable("source_unknown_field", "subaccounts")
    managed = None if one.subaccounts is None else one.subaccounts.base_url
    if core.refuse_place(one.base_url) is not None or core.refuse_place(managed) is not None:
        raise SourceUnreadable("source_private_place")
    return one


def fingerprint_of(adapter: str, api_key: str) -> str:
    """What the digest of a credential is taken of, so that the same account added twice is recognised."""
    return f"source:{adapter}:{api_key}"


def _known(tx: sa.Connection, vault: Vault, one: WrittenSource) -> Any:
    digests = vault.digests(fingerprint_of(one.adapter, one.api_key))
    mine = sa.and_(sources.c.adapter == one.adapter, sources.c.fingerprint.in_(digests))
    row = tx.execute(sa.select(sources).where(mine).with_for_update()).one_or_none()
    if row is not None:
        return row
    by_name = sa.and_(is_called(sources, one.name), sources.c.removed_at.is_(None))
    return tx.execute(sa.select(sources).where(by_name).with_for_update()).one_or_none()


def is_known(tx: sa.Connection, vault: Vault, one: WrittenSource) -> bool:
    """Is this account a source already, no matter whose?"""
    return _known(tx, vault, one) is not None


def _would_be_new(tx: sa.Connection, vault: Vault, one: WrittenSource) -> bool:
    return _known(tx, vault, one) is None


def put_row(
    tx: sa.Connection, vault: Vault, actor: Actor, one: WrittenSource, owner: Actor | None, now: datetime
) -> tuple[int, bool]:
    """Make a source or bring it up to date; returns its number and whether it is new. Raises: NameTaken."""
    numbers = numbers_of(tx, one.models, now)
    offered = {numbers[name_key(name)]: upstream for name, upstream in one.models.items()}
    known = _known(tx, vault, one)
    digests = vault.digests(fingerprint_of(one.adapter, one.api_key))
    digest = vault.digest(fingerprint_of(one.adapter, one.api_key))
    owner_id = None if owner is None else person_of(tx, owner.platform, owner.identity, now)
    if known is not None and known.owner_id != owner_id:
        raise NameTaken(kind="source", name=one.name)
    values = {
        **renamed(one.name),
        "adapter": one.adapter,
        "base_url": one.base_url,
        "credential": vault.encrypt(one.api_key, row=source_row(one.adapter, digest)),
        "fingerprint": digest,
        "last4": one.api_key[-4:],
        "tier": one.tier,
        "limit_group_id": _group_id(tx, one.limit_group),
        "weight": one.weight,
        "concurrency": one.concurrency,
        "rpm": one.rpm,
        "tpm": one.tpm,
        "daily_budget": None if one.daily_budget is None else int(one.daily_budget * MICRO),
        "removed_at": None,
    }
    if known is None:
        made = sa.insert(sources).values(owner_id=owner_id, created_at=now, **values).returning(sources.c.id)
        source_id = int(tx.execute(made).scalar_one())
    else:
        source_id = int(known.id)
        if known.base_url != one.base_url and known.removed_at is None:
            # A credential must never go to another address than the one that it was given for.
            values["base_url"] = known.base_url if bytes(known.fingerprint) in digests else one.base_url
        tx.execute(sa.update(sources).where(sources.c.id == source_id).values(**values))
        health.restore(tx, source_id, now, rested=bytes(known.fingerprint) not in digests)
    slots.resize(tx, source_id, one.concurrency)
    _offer(tx, source_id, offered)
    if one.subaccounts is not None:
        parents.put(tx, vault, source_id, one.subaccounts, now)
    what = "source.added" if known is None else "source.updated"
    audit.record(tx, actor, what, "source", source_id, now, after={"name": one.name, "models": sorted(one.models)})
    return source_id, known is None


def _group_id(tx: sa.Connection, name: str | None) -> int | None:
    if name is None:
        return None
    made = dialect_insert(limit_groups, tx).on_conflict_do_nothing(index_elements=["name_key"])
    tx.execute(made, renamed(name))
    return int(tx.execute(sa.select(limit_groups.c.id).where(is_called(limit_groups, name))).scalar_one())


def _offer(tx: sa.Connection, source_id: int, offered: Mapping[int, str]) -> None:
    """Exactly these models, under these names."""
    mine = source_models.c.source_id == source_id
    tx.execute(sa.delete(source_models).where(mine, source_models.c.model_id.not_in(list(offered))))
    for model_id, upstream in offered.items():
        put = dialect_insert(source_models, tx).on_conflict_do_update(
            index_elements=["source_id", "model_id"], set_={"upstream_name": upstream}
        )
        tx.execute(put, {"source_id": source_id, "model_id": model_id, "upstream_name": upstream})


def change_row(
    tx: sa.Connection,
    actor: Actor,
    name: str,
    changes: dict[str, Any],
    core: Core,
    now: datetime,
    owner_id: int | None = None,
) -> None:
    """See `change_source`; with `owner_id` only one of theirs. Raises: NotFound."""
    row = source_named(tx, name, lock=True, owner_id=owner_id)
    if changes.get("enabled") and parents.is_ending(tx, row.id):
        raise NotFound(kind="source", name=name[:100])
    values = dict(changes)
    if "limit_group" in values:
        values["limit_group_id"] = _group_id(tx, values.pop("limit_group") or None)
    if values:
        tx.execute(sa.update(sources).where(sources.c.id == row.id).values(**values))
    if "concurrency" in values:
        slots.resize(tx, row.id, values["concurrency"])
    if row.shared and {"enabled", "tier"} & values.keys():
        follow_lending(tx, core.settings.sources, row.owner_id, now)
    before = {key: getattr(row, key) for key in values}
    audit.record(tx, actor, "source.changed", "source", row.id, now, before=before, after=values)


def _change_offer(
    tx: sa.Connection, core: Core, actor: Actor, name: str, model: str, enabled: bool, now: datetime
) -> None:
    row = source_named(tx, name)
    which = sa.and_(source_models.c.source_id == row.id, source_models.c.model_id == model_named(tx, model).id)
    if tx.execute(sa.update(source_models).where(which).values(enabled=enabled)).rowcount == 0:
        raise NotFound(kind="model", name=model)
    if row.shared and row.owner_id is not None:
        follow_lending(tx, core.settings.sources, row.owner_id, now)
    audit.record(tx, actor, "source.offer", "source", row.id, now, after={"model": model, "enabled": enabled})


def _replace_credential(tx: sa.Connection, vault: Vault, actor: Actor, name: str, api_key: str, now: datetime) -> None:
    row = source_named(tx, name, lock=True)
    digest = vault.digest(fingerprint_of(row.adapter, api_key))
    cipher = vault.encrypt(api_key, row=source_row(row.adapter, digest))
    values = {"credential": cipher, "fingerprint": digest, "last4": api_key[-4:]}
    tx.execute(sa.update(sources).where(sources.c.id == row.id).values(**values))
    health.restore(
        tx, row.id, now, rested=bytes(row.fingerprint) not in vault.digests(fingerprint_of(row.adapter, api_key))
    )
    audit.record(tx, actor, "source.credential", "source", row.id, now)


def remove_row(
    tx: sa.Connection, core: Core, actor: Actor, name: str, now: datetime, owner_id: int | None = None
) -> None:
    """See `remove_source`; with `owner_id` only one of theirs. Raises: NotFound."""
    row = source_named(tx, name, lock=True, owner_id=owner_id)
    parents.end(tx, parents.made_by_or_as(row.id), now)
    forget_row(tx, core, row, now)
    parents.forget_credentials(tx)
    audit.record(tx, actor, "source.removed", "source", row.id, now, before={"name": row.name})


def forget_row(tx: sa.Connection, core: Core, row: SourceRow, now: datetime) -> None:
    """A source is used no more, and its credential forgotten."""
    # The row stays for its calls; nobody can be reached with it any more, and its account may be added anew.
    gone = {"enabled": False, "shared": False, "removed_at": now, "credential": b"", **renamed(f"{row.name} #{row.id}")}
    digest = core.vault.digest(f"removed:{row.id}")
    tx.execute(sa.update(sources).where(sources.c.id == row.id).values(fingerprint=digest, last4="", **gone))
    if row.shared and row.owner_id is not None:
        follow_lending(tx, core.settings.sources, row.owner_id, now)
    alerts.end_condition(tx, "provider", f"source:{row.id}", now)


def _own_named(tx: sa.Connection, actor: Actor, name: str) -> Any:
    which = sa.and_(t.identities.c.platform == actor.platform, t.identities.c.identity == actor.identity)
    person_id = tx.execute(sa.select(t.identities.c.person_id).where(which)).scalar_one_or_none()
    return source_named(tx, name, owner_id=person_id or 0)


def _lend(tx: sa.Connection, core: Core, actor: Actor, name: str, shared: bool, now: datetime) -> None:
    person_id = person_of(tx, actor.platform, actor.identity, now)
    row = source_named(tx, name, lock=True, owner_id=person_id)
    if shared and parents.is_subaccount(tx, row.id):
        raise LendingOff  # it is the house that pays for it
    changed = tx.execute(
        sa.update(sources).where(sources.c.id == row.id, sources.c.shared.is_not(shared)).values(shared=shared)
    )
    if changed.rowcount:
        follow_lending(tx, core.settings.sources, person_id, now)
        audit.record(tx, actor, "source.lent", "source", row.id, now, after={"shared": shared})


def names(tx: sa.Connection, ids: Sequence[int]) -> dict[int, str]:
    """The names of sources."""
    rows = tx.execute(sa.select(sources.c.id, sources.c.name).where(sources.c.id.in_(ids)))
    return {row.id: row.name for row in rows}
