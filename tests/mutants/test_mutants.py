"""The mutation tester itself: what it puts in is what runs, and what it leaves out is still there to be left out."""

from __future__ import annotations

import pytest

from core.rules import refills
from tests.mutants import targets
from tests.mutants.alike import ALIKE, changes_nothing
from tests.mutants.mutating import Mutant, mutants_of
from tests.mutants.reaching import Reach, Reached
from tests.mutants.trying import REPOSITORY, asked_of, can_be_put_in, put_in, source_of

PATH = "core/rules/refills.py"


def fault(before: str, after: str) -> Mutant:
    whole = source_of(PATH)
    here = [one for one in mutants_of(REPOSITORY / PATH, PATH) if whole.splitlines()[one.line - 1].strip() == before]
    [found] = [one for one in here if one.change(whole) == (before, after)]
    return found


def test_a_fault_in_a_function_is_what_runs_from_then_on() -> None:
    one = fault("if come >= room:", "if come > room:")
    assert can_be_put_in(one, frozenset())
    assert not can_be_put_in(one, frozenset({one.line})), "it has run while modules were loaded"
    sound = refills.refilled.__code__
    put_in(one)
    try:
        assert refills.refilled.__code__ is not sound
        assert refills.refilled.__code__.co_code != sound.co_code
    finally:
        refills.refilled.__code__ = sound


def test_a_fault_in_a_constant_is_tried_from_the_start() -> None:
    assert not can_be_put_in(fault("HOUR: Final = 3_600_000_000", "HOUR: Final = 3600000001"), frozenset())


def test_the_quickest_test_of_the_line_is_asked_first_and_nobody_who_never_comes_by() -> None:
    one = fault("if room <= 0 or per_hour <= 0:", "if room <= 0 or per_hour < 0:")
    [file] = targets.tests_of()[PATH]

    def asked(*tests: tuple[str, float, int]) -> list[str]:
        found = [Reach(f"{file}::{name}", took, took, {PATH: frozenset({line})}) for name, took, line in tests]
        return [reach.test.partition("::")[2] for reach in asked_of(one, Reached({file: found}, {}))]

    here, before = one.line, one.line - 1
    assert asked(("slow", 2.0, here), ("elsewhere", 0.1, before), ("quick", 1.0, here)) == ["quick", "slow"]
    assert asked(("first", 2.0, here), ("uses what it built", 0.1, before)) == ["first", "uses what it built"]
    assert asked(("elsewhere", 0.1, before)) == []
    constant = fault("HOUR: Final = 3_600_000_000", "HOUR: Final = 3600000001")
    anybody = Reach(f"{file}::anybody", 1.0, 1.0, {})
    assert asked_of(constant, Reached({file: [anybody]}, {})) == [anybody], "a constant is everybody's"


@pytest.mark.parametrize("path", sorted({path for path, *_ in ALIKE}))
def test_what_is_said_to_change_nothing_is_still_there(path: str) -> None:
    whole = source_of(path)
    found = [one for one in mutants_of(REPOSITORY / path, path) if changes_nothing(one, whole)]
    assert {one.change(whole) for one in found} == {(before, after) for where, before, after in ALIKE if where == path}
