"""Triggers that count: every change of a seat, a lease or a redemption leaves its difference in `figure_changes`.

Triggers, because seats and leases have many writers, and a figure that one of them forgot would stay wrong. Rows
of differences instead of one counter, because two redemptions would wait for each other on a counter. An insert
counts what is in the row, so that rows which are copied from another database are counted as well; such a copy
leaves out `figures`, `figure_changes` and `team_figures`.

Part of revision 0001 and frozen with it: a later revision that counts otherwise brings its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

_HOUR: Final = {
    "sqlite": "({moment} / 3600000000)",
    "postgresql": "CAST(floor(EXTRACT(EPOCH FROM {moment}) / 3600) AS integer)",
}

_COUNT_BATCH: Final = (
    "INSERT INTO batch_changes (batch_id, codes, uses, used, voided, joined) "
    "SELECT codes.batch_id, 0, 0, 0, 0, 1 FROM redemptions JOIN codes ON codes.id = redemptions.code_id"
)


@dataclass(frozen=True)
class _Watch:
    """One trigger: when it fires, and the statements it runs."""

    table: str
    event: str
    condition: str | None
    statements: Sequence[str]

    @property
    def name(self) -> str:
        return f"{self.table}_figures_{self.event.lower()}"


def maintain(op: Any) -> None:
    """Begin to count."""
    dialect = op.get_bind().dialect.name
    for watch in _watches(dialect):
        fires = f"AFTER {watch.event} ON {watch.table} FOR EACH ROW"
        if watch.condition:
            fires += f" WHEN ({watch.condition})"
        body = " ".join(f"{statement};" for statement in watch.statements)
        if dialect == "sqlite":
            op.execute(f"CREATE TRIGGER {watch.name} {fires} BEGIN {body} END")
            continue
        op.execute(
            f"CREATE FUNCTION {watch.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
        )
        op.execute(f"CREATE TRIGGER {watch.name} {fires} EXECUTE FUNCTION {watch.name}()")


def release(op: Any) -> None:
    """Stop counting."""
    dialect = op.get_bind().dialect.name
    for watch in _watches(dialect):
        if dialect == "sqlite":
            op.execute(f"DROP TRIGGER {watch.name}")
        else:
            op.execute(f"DROP TRIGGER {watch.name} ON {watch.table}")
            op.execute(f"DROP FUNCTION {watch.name}()")


def _watches(dialect: str) -> list[_Watch]:
    def hour(moment: str) -> str:
        return _HOUR[dialect].format(moment=moment)

    return [*_seats(), *_leases(hour), *_redemptions(hour)]


def _note(row: str, name: str, amount: int, *, hour: str = "0", team: bool = True, where: str = "") -> str:
    source = f"SELECT COALESCE({row}.pool_id, 0), {f'{row}.team_id' if team else 'NULL'}, {hour}, {name}, {amount}"
    into = "INSERT INTO figure_changes (pool_id, team_id, hour, name, amount)"
    return f"{into} {source} WHERE {where}" if where else f"{into} {source}"


def _seats() -> list[_Watch]:
    def moved(row: str, amount: int) -> str:
        kind = f"CASE WHEN {row}.state = 'free' AND NOT {row}.open THEN 'closed' ELSE {row}.state END"
        return _note(row, f"'seats.' || {kind}", amount)

    changed = "OLD.state <> NEW.state OR OLD.open <> NEW.open OR OLD.pool_id <> NEW.pool_id"
    return [
        _Watch("seats", "INSERT", None, [moved("NEW", 1)]),
        _Watch("seats", "UPDATE", changed, [moved("OLD", -1), moved("NEW", 1)]),
        _Watch("seats", "DELETE", None, [moved("OLD", -1)]),
    ]


def _leases(hour: Any) -> list[_Watch]:
    def moved(row: str, amount: int, where: str = "") -> str:
        return _note(row, f"'leases.' || {row}.status", amount, where=where)

    def counted(before: str) -> list[str]:
        # A move is not another acceptance, so leases that a transfer made are left out of these.
        invited = f"NEW.invited_at IS NOT NULL AND NEW.transfer_id IS NULL{before.format(column='invited_at')}"
        joined = f"NEW.joined_at IS NOT NULL AND NEW.transfer_id IS NULL{before.format(column='joined_at')}"
        asked = hour("COALESCE(NEW.invited_at, NEW.joined_at)")
        return [
            _note("NEW", "'invited'", 1, hour=hour("NEW.invited_at"), where=invited),
            _note("NEW", "'joined'", 1, hour=hour("NEW.joined_at"), where=joined),
            # By the hour of the invite, so that accepted never exceeds invited in the same window.
            _note("NEW", "'accepted'", 1, hour=asked, where=f"{joined} AND NEW.invited_at IS NOT NULL"),
            f"{_COUNT_BATCH} WHERE redemptions.id = NEW.redemption_id AND {joined}",
        ]

    changed = "OLD.status <> NEW.status OR OLD.pool_id <> NEW.pool_id OR OLD.team_id <> NEW.team_id"
    gained = "(OLD.{0} IS NULL AND NEW.{0} IS NOT NULL)"
    happened = f"{gained.format('invited_at')} OR {gained.format('joined_at')}"
    first = counted(" AND OLD.{column} IS NULL")
    both = [moved("OLD", -1, changed), moved("NEW", 1, changed)]
    return [
        _Watch("leases", "INSERT", None, [moved("NEW", 1), *counted("")]),
        _Watch("leases", "UPDATE", f"{changed} OR {happened}", [*both, *first]),
        _Watch("leases", "DELETE", None, [moved("OLD", -1)]),
    ]


def _redemptions(hour: Any) -> list[_Watch]:
    settled = hour("COALESCE(NEW.settled_at, NEW.created_at)")
    invited = "NEW.state = 'invited'"
    known = (
        "SELECT 1 FROM redemptions AS other WHERE other.address_key = NEW.address_key "
        "AND other.state = 'invited' AND other.id <> NEW.id"
    )
    statements = [
        _note("NEW", "'redeemed'", 1, hour=settled, team=False, where=invited),
        _note("NEW", "'from.' || NEW.platform", 1, hour=settled, team=False, where=invited),
        _note("NEW", "'people'", 1, hour=settled, team=False, where=f"{invited} AND NOT EXISTS ({known})"),
        _note("NEW", "'refused'", 1, hour=settled, team=False, where="NEW.state = 'refused'"),
    ]
    return [
        _Watch("redemptions", "INSERT", "NEW.state IN ('invited', 'refused')", statements),
        _Watch("redemptions", "UPDATE", "OLD.state <> NEW.state AND NEW.state IN ('invited', 'refused')", statements),
    ]
