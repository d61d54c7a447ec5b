"""What the core can do, somebody can reach: each public action is called from a chat or from the command line."""

from __future__ import annotations

import importlib
import inspect

from tests.architecture.source import modules
from tests.races.listing import public

CALLERS = ("bots", "admin_cli")
BETWEEN: dict[str, str] = {
    "codes.guesses.settle_wrong_code": "redeeming and verifying a code that is wrong",
    "redemptions.redemptions.redeem": "redeem_all redeems codes one after the other",
    "upkeep.backups.make_backup": "jobs.chores.do, as the job that /backup begins",
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


def _called(*folders: str) -> set[str]:
    """Every function of the core that something in these folders uses, as `room.module.function`."""
    found: set[str] = set()
    for module in modules():
        if module.path.startswith(folders):
            used = {one.name for one in module.uses()}
            here = module.path.removesuffix(".py").replace("/", ".")
            found |= used | {f"{here}.{name}" for name in used}
    return {name.removeprefix("core.") for name in found}


def _is_action(name: str) -> bool:
    """An action is done by somebody: it takes the actor behind the core."""
    room, module, function = name.split(".")
    signature = inspect.signature(getattr(importlib.import_module(f"core.{room}.{module}"), function))
    return [*signature.parameters][1:2] == ["actor"]


def test_every_action_of_the_core_is_reached_by_somebody():
    actions = {name for name in public(everything=True) if _is_action(name)}
    assert len(actions) > 100
    unreached = sorted(actions - _called(*CALLERS) - set(BETWEEN))
    assert not unreached, "nothing in bots or admin_cli calls them: a promise that nobody can reach"
    assert sorted(set(BETWEEN) - actions) == [], "no action of the core"


def test_what_is_left_to_another_operation_is_called_by_one():
    """What takes nobody's word, such as a sweep, and what stands in `BETWEEN`: something calls each of them."""
    others = {name for name in public(everything=True) if not _is_action(name)} | set(BETWEEN)
    assert sorted(others - _called("core", *CALLERS)) == [], "nothing calls them"
