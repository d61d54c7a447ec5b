"""A counter nobody declared fails only where metrics are shown, in the middle of somebody's redemption."""

from __future__ import annotations

import ast

from core.telemetry import COUNTERS, GAUGES, HISTOGRAMS
from tests.architecture.source import modules

DECLARED = {
    "core.telemetry.count": {name: set(labels) for name, _, labels in COUNTERS},
    "core.telemetry.observe": {name: set(labels) for name, _, labels in HISTOGRAMS},
    "core.telemetry.timed": {name: set(labels) for name, _, labels in HISTOGRAMS},
    "core.telemetry.gauge": {name: set(labels) for name, _, labels in GAUGES},
}


def test_every_figure_that_is_noted_is_declared_with_its_labels():
    undeclared, noted = [], set()
    for module in modules():
        for node in module.nodes:
            if not isinstance(node, ast.Call):
                continue
            declared = DECLARED.get(module._dotted(node.func))
            name = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
            if declared is None or not isinstance(name, str):
                continue
            noted.add(name)
            if declared.get(name) != {keyword.arg for keyword in node.keywords if keyword.arg}:
                undeclared.append(f"{module.path}:{node.lineno} {name}")
    assert not undeclared
    assert {name for name, _, _ in (*COUNTERS, *HISTOGRAMS)} <= noted, "declared, and noted by nobody"
