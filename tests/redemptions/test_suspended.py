"""Codes of a suspended batch: whoever is in one of its teams already gets what is theirs, and everybody else asks."""

from __future__ import annotations

from core.actors import SYSTEM, Actor, Role
from core.redemptions import redemptions, suspended
from core.redemptions.orders import Order
from core.rules.addresses import read_address
from core.rules.codes import read_code
from core.vault import fresh_key
from tests.support.moved import MovedHouse, open_moved_house

ANN = "ann@example.com"
HOLDER = Actor("telegram", "7", Role.ANYONE)


async def two_batches(house: MovedHouse) -> tuple[str, str]:
    """A code that runs for a month and one that runs for a day, of suspended batches."""
    [code] = await house.make_codes()
    [other] = await house.make_codes(term="24h")
    await house.execute("UPDATE batches SET suspended_at = created_at")
    return code, other


async def test_who_is_in_a_team_without_a_lease_gets_it_back_for_their_code(database_url: str) -> None:
    vault = {"active": "new", "keys": {"old": fresh_key(), "new": fresh_key()}}
    async with open_moved_house(database_url, vault=vault) as house:
        _, code = await two_batches(house)
        await house.execute(f"UPDATE seats SET state = 'taken', occupant = '{ANN}' WHERE id = 1")
        receipt = await house.redeem(ANN, code, key="k", actor=HOLDER)
        assert (receipt.state, receipt.team, receipt.term) == ("invited", "Workspace 1", "24h")
        assert house.invited() == [], "they are in it"
        assert await house.leases(ANN) == [("invited", 1)]
        assert [tuple(row) for row in await house.rows("SELECT used, reserved FROM codes ORDER BY id")] == [
            (0, 0),
            (1, 0),
        ]
        again = await house.redeem(ANN, code, key="k", actor=HOLDER)
        assert (again.redemption_id, again.repeated) == (receipt.redemption_id, True)
        order = Order(read_address(ANN), read_code(code, await house.core.shapes()), "k")
        kept = bytes(await house.value("SELECT content FROM redemptions"))
        assert redemptions._contents(house.core, order).index(kept) == 0, "the older key may be taken away some day"
        assert await house.breaches() == []


async def test_everybody_else_asks_once_and_redeems_when_staff_say_so(database_url: str) -> None:
    async with open_moved_house(database_url) as house:
        _, code = await two_batches(house)
        for key in ("one", "two"):
            assert (await house.redeem(ANN, code, key=key, actor=HOLDER)).reason == "code_suspended"
        [wish] = await suspended.requests(house.core, SYSTEM)
        assert (wish.address, wish.code_last4) == (ANN, code[-4:])
        await suspended.decide(house.core, SYSTEM, wish.id, approve=True)
        assert (await house.redeem("bob@example.com", code, key="his")).reason == "code_suspended"
        assert (await house.redeem(ANN, code, key="three", actor=HOLDER)).state == "invited"
        assert house.invited() == [("ws-1", ANN)]
