"""Names of teams from a template: an unknown part is refused, and no name is made twice."""

from __future__ import annotations

from datetime import date

import pytest

from core.command_errors import BadValue
from core.rules.team_names import EXAMPLES, make_name, read_template

DAY = date(2026, 11, 28)


@pytest.mark.parametrize("text", ["{pool}", "{pool}-{seq4}", "{seq}{seq}", "{seq", "{}", "", "x{seq}" + "y" * 60])
def test_what_makes_no_names_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        read_template(text)


def test_the_number_is_the_lowest_that_is_free() -> None:
    taken = {"plus-2026-11-28-001", "plus-2026-11-28-003"}
    facts = {"pool": "Plus", "provider": "scim", "day": DAY, "taken": taken, "key": str.casefold}
    assert make_name(read_template(EXAMPLES[0]), **facts) == "Plus-2026-11-28-002"  # type: ignore[arg-type]
    assert make_name(read_template("{provider} {seq}"), **facts) == "scim 1"  # type: ignore[arg-type]
    assert make_name("{seq2}", **facts) == "01"  # type: ignore[arg-type]


def test_how_long_a_template_may_be() -> None:
    longest = "{seq}" + "y" * 55
    assert read_template(f" {longest} ") == longest
    with pytest.raises(BadValue) as refused:
        read_template(longest + "y" * 30)
    assert refused.value.facts == {"name": "names", "value": (longest + "y" * 30)[:80], "examples": list(EXAMPLES)}
    with pytest.raises(BadValue):
        read_template(longest + "y")
