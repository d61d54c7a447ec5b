"""Faults that nobody can notice: the program with them does the same. They are not played.

Each has its module, the line before and after, and why no test can tell the two apart.
"""

from __future__ import annotations

from typing import Final

from tests.mutants.mutating import Mutant

_RANKS = "the ranks are compared with each other and with nothing else"
_KEPT_FOLDINGS = "what is kept of the folding saves time: the next question gets the same answer anew"
_GUARDED = "a guard that stands answers with what it was given, in a tuple: with anything in it, that is a yes"

ALIKE: Final[dict[tuple[str, str, str], str]] = {
    (
        "core/rules/address_neighbours.py",
        'return Side(False, (f".{ending[0]}", ""))',
        'return Side(False, (f".{ending[ 1]}", ""))',
    ): "the first group of the pattern is all that it matches; what follows it is only looked at",
    **{
        ("core/rules/message_folding.py", "if len(self) < 4096:", changed): _KEPT_FOLDINGS
        for changed in (
            "if not len(self) < 4096:",
            "if len(self) <= 4096:",
            "if len(self) >= 4096:",
            "if len(self) < 4097:",
            "if len(self) < 4095:",
        )
    },
    (
        "core/rules/money.py",
        "step = MICRO // 10_000",
        "step = MICRO // 9999",
    ): "a million divided by 9 999 is 100 as well, and the rest is dropped",
    **{
        ("core/credit/wallets.py", '_RANK = {"allowance": 0, "shared": 1, "credit": 2}', changed): _RANKS
        for changed in (
            '_RANK = {"allowance": -1, "shared": 1, "credit": 2}',
            '_RANK = {"allowance": 0, "shared": 1, "credit": 3}',
        )
    },
    (
        "core/credit/wallets.py",
        "tx: sa.Connection, call_id: int, charged: int, now: datetime, only: ClaimedPart | None = None, *, low: int = 0",
        "tx: sa.Connection, call_id: int, charged: int, now: datetime, only: ClaimedPart | None = None, *, low: int = -1",
    ): "no wallet has less than nothing, so none falls below either",
    (
        "core/leases/claims.py",
        'if not change(tx, t.leases, *mine, expected="held", returning=False, due_at=until, **values).count:',
        'if not change(tx, t.leases, *mine, expected="held", returning=True, due_at=until, **values).count:',
    ): "as many rows are counted, and nobody looks at them",
    **{
        (path, before, before.replace(f'"{name}", True', f'"{name}", False')): _GUARDED
        for path, name, before in (
            (
                "core/codes/uses.py",
                "address_lock",
                'locking = tx.dialect.name == "postgresql" and bool(guard("address_lock", True))',
            ),
            (
                "core/codes/uses.py",
                "person_lock",
                'limited=limited and tx.dialect.name == "postgresql" and bool(guard("person_lock", True)),',
            ),
            (
                "core/codes/uses.py",
                "kept_uses",
                'if guard("kept_uses", True) and guard("code_uses", True) and not code.leaves_kept:',
            ),
            (
                "core/codes/uses.py",
                "code_uses",
                'if guard("kept_uses", True) and guard("code_uses", True) and not code.leaves_kept:',
            ),
            ("core/leases/invites.py", "recovery", 'if not guard("recovery", True):'),
            (
                "core/leases/removal_plans.py",
                "removal_recheck",
                'if guard("removal_recheck", True) and is_served(tx, team_id, key):',
            ),
            ("core/leases/removal_plans.py", "removal_recheck", 'if not guard("removal_recheck", True):'),
            (
                "core/leases/removals.py",
                "removal_recheck",
                'if guard("removal_recheck", True) and is_served(tx, row.team_id, row.address_key, but_for=row.lease_id):',
            ),
            (
                "core/leases/transfer_steps.py",
                "transfer_state",
                'before = tx.execute(asked.with_for_update() if guard("transfer_state", True) else asked).one_or_none()',
            ),
            (
                "core/credit/gifts.py",
                "person_lock",
                'tx.execute(person.with_for_update(key_share=True) if guard("person_lock", True) else person)',
            ),
        )
    },
    (
        "core/storage/row_claims.py",
        "return self._rows[0] if self._rows else None",
        "return self._rows[ -1] if self._rows else None",
    ): "of more than one it has been said in the line before that they are too many: the first is the last",
    **{
        ("core/redemptions/seating.py", f"tx.execute(sa.delete(t.{table}).where(t.{table}.c.id == {name}))", changed): (
            "the code of the first request is kept by its redemption: the database refuses, and the next try finds it"
        )
        for table, name in (("codes", "code_id"), ("batches", "batch_id"))
        for changed in (
            f"tx.execute(sa.delete(t.{table}).where(t.{table}.c.id != {name}))",
            f"tx.execute(sa.delete(t.{table}).where())",
        )
    },
    (
        "core/calls/claims.py",
        "return only[0]",
        "return only[ -1]",
    ): "whoever comes here has exactly one: the first is the last",
    (
        "core/leases/settling.py",
        "team = await core.read(_team, rows[0].team_id)",
        "team = await core.read(_team, rows[ -1].team_id)",
    ): "one row at most was asked for: the first is the last",
    (
        "core/leases/settling.py",
        "return _unclear(rows[0], said)",
        "return _unclear(rows[ -1], said)",
    ): "one row at most was asked for: the first is the last",
    (
        "core/leases/settling.py",
        "standing = await core.provider(team).look_up(rows[0].address)",
        "standing = await core.provider(team).look_up(rows[ -1].address)",
    ): "one row at most was asked for: the first is the last",
}


def changes_nothing(mutant: Mutant, whole: str) -> bool:
    """Is the fault one of those? Making it costs a while, so only one in a line that is listed is made."""
    listed = {before for path, before, _ in ALIKE if path == mutant.path}
    here = whole.splitlines()[mutant.line - 1].strip()
    if here not in listed and not (listed and mutant.operator == "OneConditionLess"):
        return False
    return (mutant.path, *mutant.change(whole)) in ALIKE
