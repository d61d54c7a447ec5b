"""Arrows go one way: no two files import each other, not even through others or inside a function."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.architecture.source import Module, modules


def _name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _arrows(found: Iterable[Module]) -> dict[str, set[str]]:
    """Every file with the files it imports anywhere: at the top, for its types only, and inside functions."""
    trees = {_name(module.path): module.nodes for module in found}
    arrows: dict[str, set[str]] = {name: set() for name in trees}
    for name, nodes in trees.items():
        for node in nodes:
            if isinstance(node, ast.Import):
                arrows[name] |= {alias.name for alias in node.names} & trees.keys()
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    arrows[name] |= {whole if whole in trees else node.module} & trees.keys()
    return arrows


def _circle(arrows: Mapping[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as found:
        return list(found.args[1])
    return []


def test_no_two_files_import_each_other():
    assert _circle(_arrows(modules())) == []


@pytest.mark.parametrize(
    "back",
    [
        "from core.leases import here",
        "def f():\n    from core.leases.here import anything",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import core.leases.here",
    ],
    ids=["at the top", "in a function", "for its types"],
)
def test_a_circle_is_found_wherever_it_hides(back: str):
    sources = {
        "core/leases/here.py": "from core.waitlist import between",
        "core/waitlist/between.py": "from core.transfers.there import something",
        "core/transfers/there.py": back,
        "core/clock.py": "",
    }
    planted = []
    for path, text in sources.items():
        module = Module(path)
        module.__dict__["text"] = text
        planted.append(module)
    circle = _circle(_arrows(planted))
    assert set(circle) == {"core.leases.here", "core.waitlist.between", "core.transfers.there"}
    planted[2].__dict__["nodes"] = ()
    assert _circle(_arrows(planted)) == []
