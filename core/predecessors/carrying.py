"""Carrying a system's teams and codes over, as parts of one transaction. Its holders: `core.predecessors.seating`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from core import audit
from core.actors import Actor
from core.codes.codes import ASKED_AT_ONCE, code_values
from core.codes.foreign import UNSEEN, hashes_of, note_some, stored_text
from core.errors import CredentialUnreadable, Mistyped
from core.predecessors.belongings import Belongings, OldCode, OldTeam
from core.predecessors.outcome import CarriedOver, Left
from core.providers.registry import parse_session, properties_of
from core.rules.codes import ANYTHING, FOREIGN, imported_shapes, read_imported
from core.rules.terms import parse_term
from core.service import code_row
from core.storage import tables as t
from core.storage.database import dialect_insert
from core.storage.rows import TeamRow
from core.teams import pools, teams
from core.teams.pools import DEFAULT_POOL, Pool

if TYPE_CHECKING:
    from core.service import Core

PROVIDER: Final = "chatgpt"
"""What all of these systems hand seats out of."""
IN_ONE_STATEMENT: Final = 1_000
_CODES: Final = sa.select(t.codes, t.batches.c.pool_id, t.batches.c.term).join(
    t.batches, t.batches.c.id == t.codes.c.batch_id
)


@dataclass(slots=True)
class Load:
    """What is under way: which row each team and code of the old system has become."""

    core: Core
    actor: Actor
    now: datetime
    outcome: CarriedOver
    pool: str | None
    teams: dict[str, TeamRow] = field(default_factory=dict)
    codes: dict[str, Any] = field(default_factory=dict)
    fresh: set[int] = field(default_factory=set)
    """Rows of codes that were not here before."""
    uses: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Of each code that was: how many uses it has there, and how many of them are used."""
    pools: dict[str | None, Pool] = field(default_factory=dict)

    def pool_named(self, tx: sa.Connection, name: str | None) -> Pool:
        """The pool that something belongs to, made where there is none of that name."""
        if name not in self.pools:
            wanted = name or self.pool
            if wanted is None:
                present = pools.find_pools(tx)
                wanted = present[0].name if len(present) == 1 else DEFAULT_POOL
            found, made = pools.find_or_make(tx, self.core, self.actor, wanted, self.now)
            self.pools[name] = found
            if made:
                self.outcome.pools.append(found.name)
        return self.pools[name]


def carry_teams(tx: sa.Connection, load: Load, wanted: Belongings) -> None:
    """Make the teams that are not here yet; one that is stays as it is, with its own credential and seats."""
    owned = {(one.key, (one.owner or "").lower()) for one in wanted.teams}
    seated = Counter(
        one.team
        for one in wanted.holdings
        if one.live and "@" in one.address and (one.team, one.address.strip().lower()) not in owned
    )
    for old in wanted.teams:
        where = (t.teams.c.provider == PROVIDER, t.teams.c.external_id == old.external_id)
        known = tx.execute(sa.select(t.teams).where(*where, t.teams.c.removed_at.is_(None))).one_or_none()
        if known is not None:
            load.teams[old.key] = known
            load.outcome.teams.known += 1
            continue
        why = old.why or _make_team(tx, load, old, seated[old.key])
        if why is not None:
            load.outcome.teams.left.append(Left(old.name or old.external_id, why))
            continue
        load.teams[old.key] = tx.execute(sa.select(t.teams).where(*where)).one()
        load.outcome.teams.created += 1
    load.outcome.team_ids += sorted({int(team.id) for team in load.teams.values()})


def _make_team(tx: sa.Connection, load: Load, old: OldTeam, seated: int) -> str | None:
    """None, or why it cannot be made."""
    session = {
        "accessToken": old.token,
        "account": {"id": old.external_id, "name": old.name},
        "user": {"email": old.owner},
        "expires": None if old.expires_at is None else old.expires_at.isoformat(),
    }
    try:
        parsed = parse_session(session, PROVIDER)
    except CredentialUnreadable as fault:
        return str(fault.facts["reason"])
    # Whoever has a seat keeps it: a smaller number would be wrong, and the first reading says what is right.
    capacity = max(min(old.capacity or properties_of(PROVIDER).default_capacity, teams.MOST_SEATS), seated)
    candidate = teams.CandidateTeam(1, "new", None, parsed, old.name, capacity, chosen=old.capacity is not None)
    pool = load.pool_named(tx, old.pool)
    team_id, _ = teams.upsert(tx, load.core.vault, load.actor, candidate, parsed, pool, load.now)
    if not old.enabled:
        name = tx.execute(sa.select(t.teams.c.name).where(t.teams.c.id == team_id)).scalar_one()
        teams.switch(tx, load.actor, name, False, load.now)
    return None


def carry_codes(tx: sa.Connection, load: Load, wanted: Belongings) -> None:
    """Make the codes that are not here yet, all of them unused: who has used them comes after."""
    readable = list(_apart(wanted.codes, load.outcome))
    known = _known(tx, load, [text for _, text, _ in readable])
    groups: dict[tuple[Any, ...], list[tuple[OldCode, str, str]]] = defaultdict(list)
    moved = {one.code for one in wanted.holdings if one.code and one.live}
    elsewhere = {
        old.text
        for old in wanted.codes
        if old.text in moved
        and any(one.code == old.text and one.live and one.team != old.team for one in wanted.holdings)
    }
    needed = Counter(one.code for one in wanted.holdings if one.code is not None)
    for old, text, shown in readable:
        if text in known:
            row = known[text]
            here = load.core.vault.decrypt(bytes(row.cipher), row=code_row(bytes(row.digest)))
            if not old.hashed and here.casefold() == shown.casefold() and here != shown:
                load.outcome.codes.left.append(Left(old.text, "code_falls_together", other=here))
                continue
            load.codes[old.text] = row
            load.uses[old.text] = max(old.uses, needed[old.text]), old.used
            load.outcome.codes.known += 1
            continue
        if old.team is not None and old.team not in load.teams:
            load.outcome.codes.left.append(Left(old.text, "old_team_left", team=_team_name(wanted, old.team)))
            continue
        # Somebody was moved out of the team that their code is bound to: it leads to its pool from now on.
        team = None if old.text in elsewhere else old.team
        pool = load.teams[team].pool_id if team is not None else load.pool_named(tx, old.pool).id
        key = (pool, team, old.term, old.temporary, old.auto_transfer, old.expires_at)
        groups[key].append((old, text, shown))
    for key, group in groups.items():
        _make_codes(tx, load, key, group, needed)
    shapes = imported_shapes(shown for group in groups.values() for old, _, shown in group if not old.hashed)
    hashed = any(old.hashed for group in groups.values() for old, _, _ in group)
    if hashed:
        note_some(tx, load.now)
    for shape in {*shapes, *([ANYTHING] if hashed else [])}:
        statement = dialect_insert(t.imported_shapes, tx).on_conflict_do_nothing(index_elements=["shape"])
        tx.execute(statement, {"shape": shape.stored, "created_at": load.now})


def _apart(codes: Iterable[OldCode], outcome: CarriedOver) -> Iterator[tuple[OldCode, str, str]]:
    """Each code with what is digested of it and how it is shown, without those that cannot be told apart or read."""
    read: dict[str, list[tuple[OldCode, str]]] = defaultdict(list)
    for old in codes:
        if old.hashed:
            text = stored_text(old.text)
            read[text].append((old, text))
            continue
        try:
            shown = read_imported(old.text)
        except Mistyped:
            outcome.codes.left.append(Left(old.text, "code_unreadable"))
            continue
        read[shown.canonical].append((old, shown.display))
    for text, together in read.items():
        if len(together) == 1:
            yield together[0][0], text, together[0][1]
            continue
        for place, (old, _) in enumerate(together):
            other = together[1 if place == 0 else 0][0].text
            outcome.codes.left.append(Left(old.text, "code_falls_together", other=other))


def _known(tx: sa.Connection, load: Load, texts: Sequence[str]) -> dict[str, Any]:
    """The rows of those codes that are here already, under whichever key of the vault."""
    vault = load.core.vault
    text_of = {digest: text for text in texts for digest in vault.digests(text)}
    every = list(text_of)
    found = {}
    for start in range(0, len(every), ASKED_AT_ONCE):
        for row in tx.execute(_CODES.where(t.codes.c.digest.in_(every[start : start + ASKED_AT_ONCE]))):
            found[text_of[bytes(row.digest)]] = row
    hashed = {text for text in texts if text.startswith(FOREIGN) and text not in found}
    return found | (_real_by_now(tx, load, hashed) if hashed else {})


def _real_by_now(tx: sa.Connection, load: Load, hashed: set[str]) -> dict[str, Any]:
    """Those that were a hash when they were carried over, and that somebody has written since."""
    real = _CODES.where(t.batches.c.imported, t.batches.c.label == load.outcome.system, t.codes.c.last4 != UNSEEN)
    found: dict[str, Any] = {}
    for row in tx.execute(real):
        shown = load.core.vault.decrypt(bytes(row.cipher), row=code_row(bytes(row.digest)))
        found |= {text: row for text in map(stored_text, hashes_of(shown)) if text in hashed}
    return found


def _make_codes(
    tx: sa.Connection,
    load: Load,
    key: tuple[Any, ...],
    group: Sequence[tuple[OldCode, str, str]],
    needed: Mapping[str, int],
) -> None:
    pool_id, team, term, temporary, auto_transfer, expires_at = key
    pool_term = tx.execute(sa.select(t.pools.c.default_term).where(t.pools.c.id == pool_id)).scalar_one()
    values = {
        "pool_id": pool_id,
        "team_id": None if team is None else load.teams[team].id,
        "kind": "general" if team is None else "bound",
        "label": load.outcome.system,
        "maker": load.actor.key,
        "term": str(parse_term(term)) if term else pool_term,
        "temporary": temporary,
        "auto_transfer": auto_transfer and not temporary,
        "imported": True,
        "expires_at": expires_at,
        "created_at": load.now,
        "made_at": load.now,
        "gives": "seat",
    }
    batch_id = tx.execute(sa.insert(t.batches).values(**values).returning(t.batches.c.id)).scalar_one()
    rows, by_digest = [], {}
    for old, text, shown in group:
        row = code_values(load.core.vault, batch_id, text, shown, max(old.uses, needed[old.text]))
        row |= {"status": "active" if old.enabled else "disabled", "note": old.note}
        if old.hashed:
            row["last4"] = UNSEEN
        rows.append(row)
        by_digest[row["digest"]] = old.text
    for start in range(0, len(rows), IN_ONE_STATEMENT):
        tx.execute(sa.insert(t.codes), rows[start : start + IN_ONE_STATEMENT])
    for made in tx.execute(_CODES.where(t.codes.c.batch_id == batch_id)):
        load.codes[by_digest[bytes(made.digest)]] = made
        load.fresh.add(int(made.id))
    load.outcome.codes.created += len(rows)
    audit.record(tx, load.actor, "batch.imported", "batch", batch_id, load.now, after={"count": len(rows)})


def settle_uses(tx: sa.Connection, load: Load, wanted: Belongings) -> None:
    """What was used by nobody knows whom cannot be used here either; then the batches' figures are written."""
    batches = set()
    for old in wanted.codes:
        row = load.codes.get(old.text)
        if row is None or int(row.id) not in load.fresh:
            continue
        batches.add(int(row.batch_id))
        used = tx.execute(sa.select(t.codes.c.used).where(t.codes.c.id == row.id)).scalar_one()
        nobodys = min(max(0, old.used - used), row.max_uses - used)
        if nobodys:
            load.outcome.unexplained += nobodys
            tx.execute(sa.update(t.codes).where(t.codes.c.id == row.id).values(max_uses=row.max_uses - nobodys))
    left = t.codes.c.max_uses - t.codes.c.used - t.codes.c.reserved
    for batch_id in sorted(batches):
        sums = tx.execute(
            sa.select(
                sa.func.count().label("codes"),
                sa.func.sum(t.codes.c.max_uses).label("uses"),
                sa.func.sum(sa.case((t.codes.c.status == "active", 0), else_=left)).label("voided"),
            ).where(t.codes.c.batch_id == batch_id)
        ).one()
        figures = {"codes": sums.codes, "uses": sums.uses, "voided": sums.voided}
        tx.execute(sa.insert(t.batch_changes).values(batch_id=batch_id, **figures))


def _team_name(wanted: Belongings, key: str) -> str:
    return next((one.name or one.external_id for one in wanted.teams if one.key == key), key)
