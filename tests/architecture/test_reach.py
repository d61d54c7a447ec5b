"""What the core can do, somebody can reach: each public action is called from a chat or from the command line."""

from __future__ import annotations

import ast
import importlib
import inspect

from tests.architecture.source import REPOSITORY
from tests.races.listing import public

CALLERS = ("bots", "admin_cli")
BETWEEN: dict[str, str] = {
    "codes.guesses.settle_wrong_code": "redeeming and verifying a code that is wrong",
    "redemptions.redemptions.redeem": "redeem_all redeems codes one after the other",
    "redemptions.suspended.decide": "reports.wishes.decide decides about wishes of every kind",
    "transfers.address_changes.approve": "reports.wishes.decide",
    "transfers.address_changes.decline": "reports.wishes.decide",
    "transfers.address_changes.wishes": "reports.wishes.wish_list",
    "redemptions.suspended.requests": "reports.wishes.wish_list",
    "leases.extensions.approve": "reports.wishes.decide",
    "leases.extensions.decline": "reports.wishes.decide",
    "leases.extensions.wishes": "reports.wishes.wish_list",
}
"""Actions that another action calls for everybody: which one."""


def _called() -> set[str]:
    """Every function of the core that the bots or the command line name, as `room.module.function`."""
    found: set[str] = set()
    for folder in CALLERS:
        for path in sorted((REPOSITORY / folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            modules: dict[str, str] = {}
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("core"):
                    for one in node.names:
                        whole = f"{node.module}.{one.name}".removeprefix("core.")
                        found.add(whole)
                        modules[one.asname or one.name] = whole
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
                    found.add(f"{modules[node.value.id]}.{node.attr}")
    return found


def _is_action(name: str) -> bool:
    """An action is done by somebody: it takes the actor behind the core."""
    room, module, function = name.split(".")
    signature = inspect.signature(getattr(importlib.import_module(f"core.{room}.{module}"), function))
    return [*signature.parameters][1:2] == ["actor"]


def test_every_action_of_the_core_is_reached_by_somebody():
    actions = {name for name in public(everything=True) if _is_action(name)}
    assert len(actions) > 100
    unreached = sorted(actions - _called() - set(BETWEEN))
    assert not unreached, "nothing in bots or admin_cli calls them: a promise that nobody can reach"
    assert sorted(set(BETWEEN) - actions) == [], "no action of the core"
