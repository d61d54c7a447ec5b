"""Everything that was ever taken from anybody, put into a database by hand: the doctor names each of these end states."""

from __future__ import annotations

import pytest

from core.actors import SYSTEM
from core.reports.doctor import EVERY, examine
from core.reports.doctor_taken import TAKEN
from tests.reports import test_doctor, test_people_checks
from tests.reports.test_doctor import HELD, INVITED, LONG_AGO, SETTLED
from tests.support.planting import lived_in, plant

_HELD_BY = "INSERT INTO facts (name, value, changed_at) SELECT '{name}', '{{{{}}}}', min(created_at) FROM pools"
_PLACE = (
    "INSERT INTO waitlist (pool_id, code_id, address, address_key, state, platform, identity, created_at) "
    "SELECT l.pool_id, r.code_id, {who}, {who}, '{state}', 'telegram', '7', r.created_at "
    f"FROM redemptions r JOIN leases l ON l.id = r.lease_id WHERE r.id = {SETTLED}"
)

PLANTS = {
    "database_is_reconciled": [_HELD_BY.format(name="held:restored")],
    "clock_is_believed": [_HELD_BY.format(name="held:clock")],
    "nothing_waits_for_a_later_clock": [f"UPDATE leases SET due_at = {{ever}} WHERE id = {HELD}"],
    "nobody_served_is_removed": [
        (
            "INSERT INTO removals (team_id, address, address_key, cause, state, requested_by, created_at, due_at) "
            "SELECT team_id, address, address_key, 'unauthorised', 'planned', 'test', created_at, created_at "
            f"FROM leases WHERE id = {INVITED}"
        )
    ],
    "place_left_is_not_served": [
        _PLACE.format(who="r.address_key", state="left"),
        f"UPDATE redemptions SET request_key = 'wait:' || (SELECT max(id) FROM waitlist) || ':1' WHERE id = {SETTLED}",
    ],
    "places_have_uses": [_PLACE.format(who="'waits@example.com'", state="waiting")],
    "places_lead_somewhere": [
        _PLACE.format(who="'waits@example.com'", state="waiting"),
        "UPDATE batches SET team_id = (SELECT max(id) FROM teams)",
        f"UPDATE teams SET removed_at = {LONG_AGO} WHERE id = (SELECT max(id) FROM teams)",
    ],
    "unclear_has_an_end": [
        "UPDATE teams SET health = 'gone'",
        f"UPDATE leases SET unclear_since = {LONG_AGO} WHERE id = {HELD}",
    ],
    "name_is_one_rows": ["DROP INDEX uq_teams_name_key", "UPDATE teams SET name_key = 'one name'"],
}

ENDINGS = {
    "a person who moved is nowhere": "moved_person_is_somewhere",
    "a transfer has left nobody anywhere": "transfer_leaves_nobody_nowhere",
    "a team has lost seats": "team_has_all_its_seats",
    "one address is served by two codes of a pool": "address_served_once_per_pool",
    "an extension that was told was not made, or an end or a move was done twice": "extension_was_made",
    "somebody has a role that nobody gave them": "role_was_given",
    "a link waits for somebody whose number is gone": "link_has_its_sides",
    "a token works whose maker is revoked": "token_ended_with_its_maker",
    "somebody who is banned has a role": "staff_is_not_banned",
    "somebody served is to be taken out": "nobody_served_is_removed",
    "a place that was left is served": "place_left_is_not_served",
    "a place waits without a use of its code": "places_have_uses",
    "a place waits with a code of a team that is gone": "places_lead_somewhere",
    "an invite stays unclear in a workspace that is gone": "unclear_has_an_end",
    "somebody was taken out for one who had lost their role": "removal_was_asked_by_staff",
    "sweeps and invites wait for a clock that went back": "nothing_waits_for_a_later_clock",
    "the clock jumped, and nobody has confirmed it": "clock_is_believed",
    "the database is older than what happened": "database_is_reconciled",
    "somebody forgotten is still named": "forgotten_is_forgotten",
    "two rows have one name": "name_is_one_rows",
}
"""What was left behind by each fault that took something from somebody, and the check that finds it."""


@pytest.mark.parametrize("name", PLANTS)
async def test_a_planted_ending_is_named(database_url: str, name: str) -> None:
    async with lived_in(database_url) as house:
        before = {one.name for one in await examine(house.core, SYSTEM) if one.breaches or one.warnings}
        assert name not in before
        await plant(house, PLANTS[name])
        found = {one.name: one for one in await examine(house.core, SYSTEM)}
        check = next(check for check in TAKEN if check.name == name)
        assert (found[name].breaches if check.severity == "breach" else found[name].warnings) >= 1
        assert found[name].detail.startswith(check.subject)


ALSO_PLANTED = {
    "nothing_waits_for_a_later_clock": [
        "INSERT INTO sweeps (name, due_at, claimed_until) SELECT 'x', created_at, {ever} FROM pools"
    ],
    "places_lead_somewhere": [
        _PLACE.format(who="'waits@example.com'", state="waiting"),
        f"UPDATE batches SET expires_at = {LONG_AGO}",
    ],
}
"""The other ways into the same end state."""


@pytest.mark.parametrize("name", ALSO_PLANTED)
async def test_an_ending_is_named_however_it_came(database_url: str, name: str) -> None:
    async with lived_in(database_url) as house:
        await plant(house, ALSO_PLANTED[name])
        assert name in {one.name for one in await examine(house.core, SYSTEM) if one.breaches or one.warnings}


def test_every_ending_has_a_check_and_every_check_a_plant() -> None:
    assert PLANTS.keys() == {check.name for check in TAKEN}
    planted = PLANTS.keys() | test_doctor.PLANTS.keys() | test_people_checks.PLANTS.keys()
    assert set(ENDINGS.values()) <= planted
    assert set(ENDINGS.values()) <= {check.name for check in EVERY}
