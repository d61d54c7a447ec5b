"""Nobody writes a state without saying which one it was: `core.storage.row_claims` does, and looks at what changed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from core.storage import chat_tables, subaccount_tables, talk_tables
from core.storage.row_claims import STATES
from core.storage.schema import metadata
from tests.architecture.source import Module, modules

HERE = "core/storage/row_claims.py"
SECOND_WING = ("core/calls/", "core/credit/", "core/sources/", "core/talk/")
"""Calls and slots of sources have states of their own; every statement there names its token or the state it leaves."""
NOT_SEEN: dict[tuple[str, str], str] = {
    ("core/teams/health.py", "_note_success"): "counters",
    ("core/teams/teams.py", "_change"): "a name and its key",
    ("core/teams/health.py", "note_failure"): "counters, the breaker and the last error",
}
"""(file, function) → why what it writes, though not spelt out, can be no state."""
STATELESS = {
    "batches": "a kind is never changed",
    "pools": "a policy is a setting",
    "people": "a role is granted and revoked, with a token or by an owner",
    "alerts": "levels only rise, by a comparison in the statement",
}
"""Tables with an enumerated column that is no state."""

SECOND_WING_TABLES = {
    table.name
    for wing in (talk_tables, subaccount_tables, chat_tables)
    for table in vars(wing).values()
    if isinstance(table, sa.Table)
}
"""Those of `SECOND_WING`: see there."""

_STATE_OF = {table.name: column.name for table, column in STATES.items()}


def _updates(module: Module) -> Iterator[tuple[ast.FunctionDef | ast.Module, ast.Call, str]]:
    """Every `sa.update(TABLE)` of a table with states: the function around it, the call, the table."""
    if "update" not in module.text:
        return
    around: dict[ast.AST, ast.FunctionDef | ast.Module] = {}
    for node in module.nodes:
        scope = node if isinstance(node, (ast.FunctionDef, ast.Module)) else around.get(node, module.tree)
        for child in ast.iter_child_nodes(node):
            around[child] = scope
    for node in module.nodes:
        if isinstance(node, ast.Call) and module._dotted(node.func) == "sqlalchemy.update" and node.args:
            table = module._dotted(node.args[0]).rpartition(".")[2]
            yield around[node], node, table


def _written(scope: ast.FunctionDef | ast.Module, update: ast.Call) -> tuple[set[str], bool]:
    """The columns that an update writes, and whether that is all of them: `**values` may be anything."""
    columns: set[str] = set()
    whole = True
    for node in ast.walk(scope):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values"):
            continue
        if not any(inner is update for inner in ast.walk(node.func)):
            continue
        whole = whole and not node.args
        for keyword in node.keywords:
            if keyword.arg is not None:
                columns.add(keyword.arg)
            elif isinstance(keyword.value, ast.Name):
                seen, all_of_it = _put_into(scope, keyword.value.id)
                columns |= seen
                whole = whole and all_of_it
            else:
                whole = False
    return columns, whole


def _put_into(scope: ast.FunctionDef | ast.Module, name: str) -> tuple[set[str], bool]:
    """The keys that a function puts into a dictionary, and whether they are spelt out."""
    keys: set[str] = set()
    whole = True
    for node in ast.walk(scope):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id == name:
                keys.add(getattr(target.slice, "value", "?"))
            elif (
                isinstance(target, ast.Name)
                and target.id == name
                and isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign))
            ):
                for inner in ast.walk(node.value) if node.value is not None else ():
                    if isinstance(inner, ast.Dict):
                        keys |= {getattr(key, "value", "?") for key in inner.keys}
                whole = (
                    whole
                    and isinstance(node.value, (ast.Dict, ast.BinOp))
                    and not any(
                        isinstance(side, ast.Call)
                        for side in (getattr(node.value, "left", None), getattr(node.value, "right", None))
                    )
                )
    return keys, whole and bool(keys)


def _offenders(module: Module) -> list[str]:
    found = []
    for scope, update, table in _updates(module):
        known = table in metadata.tables
        columns, whole = _written(scope, update)
        name = getattr(scope, "name", "")
        if (module.path, name) in NOT_SEEN:
            continue
        if (not known and columns & set(_STATE_OF.values())) or (known and _STATE_OF.get(table) in columns):
            found.append(f"{module.path}:{update.lineno}: writes a state of {table}")
        elif table in _STATE_OF and not whole:
            found.append(f"{module.path}:{update.lineno}: what it writes in {table} cannot be seen")
    return found


def test_a_state_is_changed_only_from_the_state_that_is_expected():
    assert [
        one
        for module in modules()
        if module.path != HERE and not module.path.startswith(SECOND_WING) and "/migrations/" not in module.path
        for one in _offenders(module)
    ] == []


def test_every_table_with_states_is_known():
    """A column that a constraint holds to a few words is a state, or stands above with the reason why not."""
    limited = {
        table.name
        for table in metadata.tables.values()
        for constraint in table.constraints
        if " IN (" in str(getattr(constraint, "sqltext", ""))
    }
    assert limited - set(_STATE_OF) - set(STATELESS) - SECOND_WING_TABLES == set()
    assert not set(STATELESS) & set(_STATE_OF)


def test_what_a_change_returns_is_looked_at():
    """At run time a unit that looked away is not committed; a statement that throws the answer away is found here."""
    blind = [
        f"{module.path}:{node.lineno}"
        for module in modules()
        for node in module.nodes
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and module._dotted(node.value.func).removeprefix("core.storage.")
        in {"row_claims.change", "row_claims.claim_due"}
    ]
    assert blind == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('def f(tx):\n    tx.execute(sa.update(jobs).values(state="done"))', True),
        ('def f(tx):\n    values = {"state": "done"}\n    tx.execute(sa.update(jobs).where(a).values(**values))', True),
        ("def f(tx):\n    tx.execute(sa.update(jobs).where(a).values(**made()))", True),
        ("def f(tx):\n    tx.execute(sa.update(jobs).where(a).values(due_at=now))", False),
        ('def f(tx):\n    tx.execute(sa.update(facts).where(a).values(value="done"))', False),
    ],
)
def test_a_blind_update_is_recognised(source: str, found: bool):
    module = Module("written here")
    module.__dict__["text"] = f"import sqlalchemy as sa\nfrom core.storage.tables import facts, jobs\n{source}"
    assert bool(_offenders(module)) is found
