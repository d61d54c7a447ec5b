"""Each check of who somebody is finds its own breach, planted by hand."""

from __future__ import annotations

import pytest

from core.actors import SYSTEM, Actor, Role
from core.leases import leases
from core.people import links, people, privacy, staff
from core.reports.doctor import examine
from core.reports.people_checks import PEOPLE
from core.transfers import address_changes, sweep
from tests.support.house import open_house
from tests.support.moved import MovedHouse, open_moved_house

PLANTS = {
    "role_was_given": "UPDATE people SET role = 'owner' WHERE id = (SELECT min(id) FROM people)",
    "token_ended_with_its_maker": "UPDATE staff_tokens SET maker = 'telegram:7'",
    "removal_was_asked_by_staff": "UPDATE removals SET requested_by = 'telegram:7'",
    "link_has_its_sides": "DELETE FROM identities WHERE identity = '1'",
    "staff_is_not_banned": (
        "INSERT INTO bans (platform, identity, reason, maker, created_at) "
        "SELECT 'telegram', '5', 'x', 'y', created_at FROM people LIMIT 1"
    ),
    "forgotten_is_forgotten": "UPDATE redemptions SET platform = 'erased', settled_at = {long_ago}",
}


@pytest.mark.parametrize("name", [check.name for check in PEOPLE])
async def test_a_planted_breach_is_found(database_url: str, name: str) -> None:
    async with open_house(database_url) as house:
        anybody = await people.recognise(house.core, "telegram", "1", chat_id="1")
        await links.issue_link(house.core, anybody)
        await people.issue_token(house.core, SYSTEM, Role.VIEWER)
        await people.recognise(house.core, "telegram", "7", chat_id="7")
        await staff.grant(house.core, SYSTEM, "telegram:5", Role.VIEWER)
        await staff.grant(house.core, SYSTEM, "telegram:7", Role.ADMIN)
        await staff.revoke(house.core, SYSTEM, "telegram:7")
        [code] = await house.make_codes()
        await house.redeem("a@example.com", code, key="k", actor=anybody)
        await leases.end(house.core, Actor("telegram", "5", Role.ADMIN), "a@example.com")
        before = {one.name for one in await examine(house.core, SYSTEM) if one.breaches or one.warnings}
        assert not before & {check.name for check in PEOPLE}
        long_ago = "1" if database_url.startswith("sqlite") else "'2020-01-01'"
        await house.execute(PLANTS[name].format(long_ago=long_ago))
        after = {one.name for one in await examine(house.core, SYSTEM) if one.breaches or one.warnings}
        assert name in after


NAMED_STILL = {
    "removals": "UPDATE removals SET address = 'gone@example.com'",
    "transfers": "UPDATE transfers SET address = 'gone@example.com'",
    "waitlist": "UPDATE waitlist SET address = 'gone@example.com'",
    "code_requests": "UPDATE code_requests SET address = 'gone@example.com'",
    "leases": "UPDATE leases SET address = 'gone@example.com' WHERE id = (SELECT min(id) FROM leases)",
    "redemptions": "UPDATE redemptions SET address = 'gone@example.com'",
}


@pytest.mark.parametrize("table", NAMED_STILL)
async def test_whoever_is_forgotten_is_found_where_they_are_still_named(database_url: str, table: str) -> None:
    async with open_moved_house(database_url, workspaces=2) as house:
        await forgotten_after_a_move(house)
        assert not await named(house)
        await house.execute(NAMED_STILL[table])
        assert await named(house)


async def forgotten_after_a_move(house: MovedHouse) -> None:
    """Gone has moved under another address, asked, waited and left; and everything about them was erased."""
    gone = Actor("telegram", "1")
    await people.recognise(house.core, "telegram", "1", chat_id="1")
    [code] = await house.make_codes()
    await house.redeem("gone@example.com", code, key="k", actor=gone)
    house.sandbox.accept("gone@example.com")
    await house.sync()
    await address_changes.change(house.core, SYSTEM, 1, "new@example.com")
    house.sandbox.accept("new@example.com")
    await house.sync()
    for _ in range(3):
        house.clock.move(minutes=15)
        await sweep.advance_transfers(house.core)
    await leases.end(house.core, SYSTEM, "new@example.com")
    for _ in range(3):
        house.clock.move(minutes=15)
        await sweep.advance_transfers(house.core)
    await house.execute(
        "INSERT INTO waitlist (pool_id, code_id, address, address_key, state, platform, identity, created_at, ended_at)"
        " SELECT pool_id, code_id, address, address_key, 'left', platform, identity, created_at, created_at"
        " FROM redemptions"
    )
    await house.execute(
        "INSERT INTO code_requests (code_id, address, address_key, state, platform, identity, created_at)"
        " SELECT code_id, address, address_key, 'declined', platform, identity, created_at FROM redemptions"
    )
    await privacy.erase_person(house.core, gone)
    house.clock.move(hours=1)


async def named(house: MovedHouse) -> bool:
    found = {one.name: one for one in await examine(house.core, SYSTEM)}
    return bool(found["forgotten_is_forgotten"].breaches)
