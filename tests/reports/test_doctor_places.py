"""What belongs together and was torn apart by hand, as two operations at once once did: the doctor names it."""

from __future__ import annotations

import pytest

from core.actors import SYSTEM
from core.reports.doctor import examine
from core.reports.place_checks import PLACES
from tests.reports.test_doctor import HELD, INVITED, LONG_AGO, SETTLED
from tests.support.planting import lived_in, plant

_POOL = (
    "INSERT INTO pools (name, name_key, prefix, groups, policy, default_term, created_at, removed_at, allowed_domains) "
    "SELECT 'gone', 'gone', prefix, groups, policy, default_term, created_at, created_at, allowed_domains FROM pools"
)
_GONE = "(SELECT id FROM pools WHERE name = 'gone')"
_ENDED = f"UPDATE leases SET status = 'ended', ended_at = created_at, end_reason = 'ended' WHERE id = {INVITED}"
_MOVED = (
    "INSERT INTO transfers (lease_id, target_lease_id, cause, state, requested_by, created_at) "
    f"VALUES ({INVITED}, %s, 'manual', '%s', 'test', {LONG_AGO})"
)

PLANTS = {
    "leases_follow_their_team": [_POOL, f"UPDATE leases SET pool_id = {_GONE} WHERE id = {INVITED}"],
    "bound_codes_follow_their_team": [
        "UPDATE batches SET team_id = (SELECT min(id) FROM teams)",
        _POOL,
        f"UPDATE batches SET pool_id = {_GONE}",
    ],
    "waiting_places_follow_their_code": [
        _POOL,
        (
            "INSERT INTO waitlist (pool_id, code_id, address, address_key, state, platform, identity, created_at) "
            f"SELECT {_GONE}, code_id, 'w', 'w', 'waiting', 'telegram', '7', created_at "
            f"FROM redemptions WHERE id = {SETTLED}"
        ),
    ],
    "nothing_is_in_a_pool_that_is_gone": [_POOL, f"UPDATE batches SET pool_id = {_GONE}"],
    "nobody_ends_before_their_term": [
        f"UPDATE leases SET end_reason = 'expired', expires_at = {{ever}} WHERE id = {INVITED}",
    ],
    "move_keeps_the_term": [
        _MOVED % (HELD, "done"),
        f"UPDATE leases SET expires_at = created_at WHERE id = {INVITED}",
        f"UPDATE leases SET status = 'active', expires_at = {LONG_AGO} WHERE id = {HELD}",
    ],
    "left_there_for_a_seat": [
        (
            "INSERT INTO removals (team_id, address, address_key, cause, state, reason, requested_by, created_at, "
            "finished_at) SELECT team_id, address, address_key, 'transferred', 'cancelled', 'served', 'test', "
            f"created_at, created_at FROM leases WHERE id = {INVITED}"
        ),
        (
            f"UPDATE seats SET occupant = (SELECT address_key FROM leases WHERE id = {INVITED}) "
            f"WHERE id = (SELECT seat_id FROM leases WHERE id = {INVITED})"
        ),
        f"UPDATE leases SET status = 'failed', ended_at = created_at WHERE id = {INVITED}",
    ],
    "wishes_have_a_seat": [_MOVED % ("NULL", "asked"), _ENDED],
}


@pytest.mark.parametrize("name", PLANTS)
async def test_what_was_torn_apart_is_named(database_url: str, name: str) -> None:
    async with lived_in(database_url) as house:
        assert name not in {one.name for one in await examine(house.core, SYSTEM) if one.breaches}
        await plant(house, PLANTS[name])
        found = {one.name: one for one in await examine(house.core, SYSTEM)}
        assert found[name].breaches == 1
        assert found[name].detail.startswith(next(check.subject for check in PLACES if check.name == name))


def test_every_check_has_its_plant() -> None:
    assert PLANTS.keys() == {check.name for check in PLACES}
