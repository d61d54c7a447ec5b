"""What a parent lists of the accounts that it made is held against what is stored."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.actors import SYSTEM, Actor
from core.reports.parent_lists import compare_parents
from core.sandbox.subaccounts import KINDS
from core.sources import own, subaccounts
from tests.support.parents import Parents, open_parents

ANNA, BEN = Actor("telegram", "1"), Actor("telegram", "2")


async def told(parents: Parents) -> dict[str, tuple[int, str]]:
    """The checks that say something: of how many, and the last four symbols of what they name."""
    found = await compare_parents(parents.bank.core, SYSTEM)
    return {one.name: (one.breaches + one.warnings, one.detail[-4:]) for one in found if one.breaches or one.warnings}


@pytest.mark.parametrize("kind", KINDS)
async def test_accounts_at_a_parent_are_compared(sqlite_url: str, kind: str) -> None:
    async with open_parents(sqlite_url, kind) as parents:
        core, there = parents.bank.core, parents.sandbox.subaccounts
        anna = await subaccounts.give(core, ANNA, "main")
        await subaccounts.give(core, BEN, "main")
        names = [row.name[-4:] for row in await parents.bank.rows("SELECT name FROM subaccounts ORDER BY id")]
        first, second = there.made
        # A list that is younger than its lag says nothing of what was made just now.
        there.faults.set(["list-lag=3600"])
        assert await told(parents) == {}
        parents.clock.move(seconds=90)
        assert (await told(parents))["parent_has_our_accounts"][0] == 2
        there.faults.set([])
        assert await told(parents) == {}
        # Somebody has ended one there by hand.
        first.revoked = True
        assert await told(parents) == {"parent_has_our_accounts": (1, names[0])}
        first.revoked = False
        # A second one of a name, and one that nobody here knows.
        first.name, name = second.name, first.name
        assert await told(parents) == {"parent_made_one_each": (1, names[1])}
        first.name, first.reference, reference = "usher-0123456789abcdef", "another", first.reference
        assert await told(parents) == {
            "parent_has_no_others": (1, "cdef"),
            "parent_has_our_accounts": (1, names[0]),
        }
        first.name, first.reference = name, reference
        # What is being ended is neither missing nor unknown.
        await own.remove_own(core, ANNA, str(anna.source))
        assert await told(parents) == {}
        await parents.later()
        assert await told(parents) == {}
        await parents.bank.core.write(lambda tx: tx.execute(sa.text("UPDATE parents SET credential = X'00'")))
        assert await told(parents) == {"parent_readable": (1, "gone")}
