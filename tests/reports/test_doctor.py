"""Each check finds its own breach, planted by hand, and is silent about a healthy house.

The plants go around every constraint: the doctor is for the day when one of them was not there.
"""

from __future__ import annotations

import pytest

from core.actors import SYSTEM
from core.reports import upstream
from core.reports.doctor import EVERY, Finding, examine
from core.reports.doctor_checks import CHECKS
from core.reports.server_checks import ENDS, KEEPS
from tests.support.house import House, open_house
from tests.support.planting import lived_in, plant

LONG_AGO = "{long_ago}"

INVITED = "(SELECT min(id) FROM leases WHERE status = 'invited')"
HELD = "(SELECT min(id) FROM leases WHERE status = 'held')"
FREE_SEAT = "(SELECT min(id) FROM seats WHERE state = 'free')"
TAKEN_SEAT = "(SELECT min(id) FROM seats WHERE state = 'taken')"
SETTLED = "(SELECT min(id) FROM redemptions WHERE state = 'invited')"
UNCLEAR = "(SELECT min(id) FROM redemptions WHERE state = 'unclear')"
LEASE_COPY = (
    "INSERT INTO leases (address, address_key, pool_id, team_id, seat_id, status, term, created_at) "
    "SELECT address, {key}, pool_id, {team}, {seat}, {status}, term, created_at FROM leases WHERE id = " + INVITED
)
TRANSFER = (
    "INSERT INTO transfers (lease_id, cause, state, requested_by, created_at, due_at) "
    "SELECT id, 'manual', 'waiting', 'test', created_at, {due} FROM leases WHERE id = " + INVITED
)


def copy(key: str = "'other@example.com'", team: str = "team_id", seat: str = FREE_SEAT, status: str = "status") -> str:
    return LEASE_COPY.format(key=key, team=team, seat=seat, status=status)


PLANTS = {
    "team_not_oversold": [copy(seat="NULL", key=f"'p{n}@example.com'") for n in range(4)],
    "no_free_seat_beyond_capacity": ["UPDATE teams SET capacity = 1"],
    "team_has_all_its_seats": [f"DELETE FROM seats WHERE id = {FREE_SEAT}"],
    "seat_has_one_holder": [copy(seat="seat_id")],
    "address_once_per_team": [copy(key="address_key")],
    "address_served_once_per_pool": [
        (
            "INSERT INTO redemptions (request_key, content, code_id, code_last4, address, address_key, state, platform, "
            "identity, created_at, settled_at, lease_id, pool_id) "
            "SELECT 'again', content, (SELECT max(id) FROM codes), code_last4, address, address_key, state, platform, "
            f"identity, created_at, settled_at, lease_id, pool_id FROM redemptions WHERE id = {SETTLED}"
        ),
        copy(key="address_key", team="(SELECT max(id) FROM teams)"),
        "UPDATE leases SET redemption_id = (SELECT max(id) FROM redemptions) WHERE id = (SELECT max(id) FROM leases)",
    ],
    "addresses_are_normalised": [f"UPDATE leases SET address_key = 'Anna@Example.com' WHERE id = {INVITED}"],
    "held_seat_has_held_lease": [f"UPDATE seats SET state = 'held' WHERE id = {FREE_SEAT}"],
    "taken_seat_has_person": [f"UPDATE seats SET state = 'taken' WHERE id = {FREE_SEAT}"],
    "free_seat_is_empty": [f"UPDATE seats SET occupant = 'x@example.com' WHERE id = {FREE_SEAT}"],
    "live_lease_has_its_seat": [f"UPDATE leases SET seat_id = NULL WHERE id = {INVITED}"],
    "seats_follow_their_team": [f"UPDATE seats SET open = {{false}} WHERE id = {FREE_SEAT}"],
    "code_uses_within_bounds": ["UPDATE codes SET used = 2 WHERE used = 1"],
    "code_used_is_recount": ["UPDATE codes SET used = 0 WHERE used = 1"],
    "code_reserved_is_recount": ["UPDATE codes SET reserved = 0 WHERE reserved = 1"],
    "batch_figures_are_recount": ["UPDATE batches SET used = used + 1"],
    "figures_are_recount": ["INSERT INTO figure_changes (pool_id, hour, name, amount) VALUES (1, 0, 'seats.free', 1)"],
    "batch_was_finished": [f"UPDATE batches SET made_at = NULL, created_at = {LONG_AGO}"],
    "redemption_once_per_code_and_address": [
        (
            "INSERT INTO redemptions (request_key, content, code_id, code_last4, address, address_key, state, platform, "
            "identity, created_at, settled_at, lease_id) SELECT 'again', content, code_id, code_last4, address, "
            f"address_key, state, platform, identity, created_at, settled_at, lease_id FROM redemptions WHERE id = {SETTLED}"
        )
    ],
    "redemption_under_way_has_held_lease": [f"UPDATE leases SET status = 'failed' WHERE id = {HELD}"],
    "redemption_settled_has_outcome": [f"UPDATE redemptions SET lease_id = NULL WHERE id = {SETTLED}"],
    "held_lease_has_cause": [f"UPDATE leases SET redemption_id = NULL WHERE id = {HELD}"],
    "no_invite_is_forgotten": [f"UPDATE leases SET due_at = {LONG_AGO} WHERE id = {HELD}"],
    "no_use_of_an_expired_code": [f"UPDATE batches SET expires_at = {LONG_AGO}"],
    "code_was_used_by_its_own": ["UPDATE batches SET for_address = 'somebody@example.com'"],
    "person_within_limit": ["UPDATE batches SET per_person = 0"],
    "person_is_where_they_chose": ["UPDATE redemptions SET chosen_team_id = (SELECT max(id) FROM teams)"],
    "bound_code_stays_with_its_team": [
        "UPDATE batches SET kind = 'bound', team_id = (SELECT max(id) FROM teams)",
    ],
    "redemption_is_audited": ["DELETE FROM audit_log WHERE action = 'redemption.invited'"],
    "lease_is_audited": ["DELETE FROM audit_log WHERE subject = 'lease'"],
    "transfer_once_per_lease": [TRANSFER.format(due="created_at")] * 2,
    "transferring_lease_has_transfer": [f"UPDATE leases SET status = 'transferring' WHERE id = {INVITED}"],
    "transfer_leaves_nobody_nowhere": [
        TRANSFER.format(due="created_at"),
        f"UPDATE leases SET status = 'ended' WHERE id = {INVITED}",
    ],
    "moved_person_is_somewhere": [
        TRANSFER.format(due="created_at"),
        "UPDATE transfers SET state = 'cancelled', reason = 'source_gone', finished_at = created_at",
        f"UPDATE seats SET state = 'free' WHERE id = (SELECT seat_id FROM leases WHERE id = {INVITED})",
        f"UPDATE leases SET status = 'ended', end_reason = 'transferred' WHERE id = {INVITED}",
    ],
    "no_transfer_is_forgotten": [TRANSFER.format(due=LONG_AGO)],
    "no_removal_is_forgotten": [
        (
            "INSERT INTO removals (team_id, address, address_key, cause, state, requested_by, created_at, due_at) "
            f"SELECT id, 'x@example.com', 'x@example.com', 'staff', 'planned', 'test', created_at, {LONG_AGO} FROM teams"
        )
    ],
    "extension_was_made": [
        (
            "INSERT INTO audit_log (at, actor, action, subject, subject_id, before, after) "
            "SELECT created_at, 'test', 'lease.extended', 'lease', id, "
            """'{{"expires_at": "2026-01-01"}}', '{{"expires_at": "2026-02-01"}}' FROM leases """
            f"WHERE id = {INVITED}"
        )
    ]
    * 2,
    "alert_open_once": [
        (
            "INSERT INTO alerts (category, subject, level, title, facts, created_at, last_seen_at) "
            "SELECT 'system', 'x', 'error', 'x', '{{}}', created_at, created_at FROM teams"
        )
    ],
    "notices_reach_somebody": [
        (
            "INSERT INTO notices (channel, recipient, template, facts, state, due_at, created_at) "
            "SELECT 'mail', 'x', 'x', '{{}}', 'dead', created_at, created_at FROM pools"
        )
    ],
    "notices_are_sent": [
        (
            "INSERT INTO notices (channel, recipient, template, facts, state, due_at, created_at) "
            f"SELECT 'mail', 'x', 'x', '{{{{}}}}', 'ready', {LONG_AGO}, created_at FROM pools"
        )
    ],
    "events_are_answered": [
        (
            "INSERT INTO inbox (key, lane, payload, state, due_at, received_at) "
            f"SELECT 'x', 'x', {{bytes}}, 'ready', {LONG_AGO}, created_at FROM pools"
        )
    ],
}

# What a plant cannot help breaking besides: one wrong row is seen from more than one side.
ALSO = {
    "team_not_oversold": {"live_lease_has_its_seat", "lease_is_audited"},
    "seat_has_one_holder": {"lease_is_audited"},
    "address_once_per_team": {"free_seat_is_empty", "live_lease_has_its_seat", "lease_is_audited"},
    "held_seat_has_held_lease": set(),
    "live_lease_has_its_seat": {"taken_seat_has_person"},
    "address_served_once_per_pool": {
        "code_used_is_recount",
        "redemption_is_audited",
        "free_seat_is_empty",
        "live_lease_has_its_seat",
        "lease_is_audited",
    },
    "code_uses_within_bounds": {"code_used_is_recount", "batch_figures_are_recount"},
    "code_used_is_recount": {"batch_figures_are_recount"},
    "redemption_once_per_code_and_address": {"code_used_is_recount", "redemption_is_audited"},
    "redemption_under_way_has_held_lease": {"held_seat_has_held_lease", "lease_is_audited"},
    "held_lease_has_cause": {"redemption_under_way_has_held_lease"},
    "transfer_once_per_lease": set(),
    "transfer_leaves_nobody_nowhere": {"taken_seat_has_person"},
    "no_use_of_an_expired_code": set(),
}


def speaking(found: list[Finding]) -> set[str]:
    """Who found something; that the tests' own server may forget in a power cut is no news."""
    return {one.name for one in found if (one.breaches or one.warnings) and one.name != KEEPS[0]}


async def test_a_healthy_house_has_nothing_to_report(database_url: str) -> None:
    async with lived_in(database_url) as house:
        found = await examine(house.core, SYSTEM)
        assert speaking(found) == set()
        assert [one.name for one in found] == [
            *(check.name for check in EVERY),
            "quota_not_negative",
            "credit_within_limit",
            *([] if house.core.database.is_sqlite else [KEEPS[0], ENDS[0]]),
        ]


def test_every_check_has_its_plant() -> None:
    assert PLANTS.keys() == {check.name for check in CHECKS}


@pytest.mark.parametrize("name", PLANTS)
async def test_a_planted_breach_is_found(database_url: str, name: str) -> None:
    async with lived_in(database_url) as house:
        await plant(house, PLANTS[name])
        found = await examine(house.core, SYSTEM)
        assert name in speaking(found)
        # Triggers were off while this was planted on PostgreSQL, so nobody counted it.
        assert speaking(found) <= {name, "figures_are_recount"} | ALSO.get(name, set())
        mine = next(one for one in found if one.name == name)
        check = next(check for check in CHECKS if check.name == name)
        assert bool(mine.breaches) is (check.severity == "breach")
        assert mine.detail.startswith(check.subject)


async def test_more_unused_uses_than_seats_is_a_warning_and_no_breach(database_url: str) -> None:
    async with open_house(database_url, seats=2) as house:
        await house.make_codes(5)
        found = await examine(house.core, SYSTEM)
        assert speaking(found) == {"quota_not_negative"}
        assert not sum(one.breaches for one in found)


async def compared(house: House) -> set[str]:
    return speaking(upstream.as_findings(await upstream.compare(house.core, SYSTEM)))


async def test_the_upstream_agrees_with_a_healthy_house(database_url: str) -> None:
    async with lived_in(database_url) as house:
        assert await compared(house) == set()
        house.sandbox.accept("anna@example.com")
        assert await compared(house) == set()


async def test_each_difference_with_the_upstream_is_found(sqlite_url: str) -> None:
    async with lived_in(sqlite_url) as house:
        first = next(iter(house.sandbox.world.spaces.values()))
        house.sandbox.world.join(first, "stranger@example.com", "standard-user")
        assert await compared(house) == {"upstream_has_no_others"}
        for number in range(3):
            house.sandbox.world.join(first, f"stranger{number}@example.com", "standard-user")
        assert await compared(house) == {"upstream_has_no_others", "upstream_not_oversold"}


async def test_somebody_who_is_gone_upstream_is_missed_once_the_lists_cannot_lag(sqlite_url: str) -> None:
    async with lived_in(sqlite_url) as house:
        first = next(iter(house.sandbox.world.spaces.values()))
        first.invites.pop("anna@example.com")
        assert await compared(house) == set()
        await plant(house, [f"UPDATE leases SET invited_at = {LONG_AGO} WHERE id = {INVITED}"])
        assert await compared(house) == {"upstream_has_our_people"}


async def test_a_team_that_cannot_be_read_is_a_warning(sqlite_url: str) -> None:
    async with lived_in(sqlite_url) as house:
        house.sandbox.set_faults(["members:500"])
        found = upstream.as_findings(await upstream.compare(house.core, SYSTEM))
        assert speaking(found) == {"upstream_readable"}
        assert not sum(one.breaches for one in found)
