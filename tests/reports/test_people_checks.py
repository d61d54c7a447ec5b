"""Each check of who somebody is finds its own breach, planted by hand."""

from __future__ import annotations

import pytest

from core.actors import SYSTEM, Role
from core.people import links, people, staff
from core.reports.doctor import examine
from core.reports.people_checks import PEOPLE
from tests.support.house import open_house

PLANTS = {
    "role_was_given": "UPDATE people SET role = 'owner' WHERE id = (SELECT min(id) FROM people)",
    "token_ended_with_its_maker": "UPDATE staff_tokens SET maker = 'telegram:7'",
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
        before = {one.name for one in await examine(house.core, SYSTEM) if one.breaches or one.warnings}
        assert not before & {check.name for check in PEOPLE}
        long_ago = "1" if database_url.startswith("sqlite") else "'2020-01-01'"
        await house.execute(PLANTS[name].format(long_ago=long_ago))
        after = {one.name for one in await examine(house.core, SYSTEM) if one.breaches or one.warnings}
        assert name in after
