"""One line per figure: what was measured, what it is held against in the same run, and the ratio of the two."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

RESULTS = Path("bench-results.jsonl")
"""Beside the table on the terminal; ignored by git."""


def report(name: str, values: Sequence[float], unit: str, floor: Sequence[float] | float, *, floor_name: str) -> float:
    """Print and store the medians; returns the ratio of the value to its floor. `spread` is (max - min) / median."""
    value = statistics.median(values)
    bar = floor if isinstance(floor, (int, float)) else statistics.median(floor)
    ratio = value / bar
    spread = (max(values) - min(values)) / value if value else 0.0
    line = {
        "name": name,
        "value": round(value, 4),
        "unit": unit,
        "floor": round(bar, 4),
        "ratio": round(ratio, 3),
        "n": len(values),
        "spread": round(spread, 3),
    }
    said = (
        f"\n{name}: {value:,.2f} {unit}; {floor_name}: {bar:,.2f}; ratio {ratio:.2f} "
        f"(n={len(values)}, spread {spread:.0%})"
    )
    sys.stdout.write(f"{said}\n{json.dumps(line)}\n")
    with RESULTS.open("a", encoding="utf-8") as results:
        results.write(json.dumps(line) + "\n")
    return ratio
