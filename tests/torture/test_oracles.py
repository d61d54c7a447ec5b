"""The torture's own oracles: each sees its breach, made by hand, and nothing in a healthy house."""

from __future__ import annotations

from typing import Any

import pytest

from core.people import people
from tests.support.house import open_house
from tests.torture.checker import History, breaches
from tests.torture.living import owner_of

ANNA = "p1@example.com"

BROKEN = {
    "vanished": "DELETE FROM seats WHERE id = (SELECT max(id) FROM seats WHERE state = 'free')",
    "role": "UPDATE people SET role = 'owner' WHERE role = 'viewer'",
    "nowhere": "UPDATE leases SET status = 'ended', end_reason = 'transferred', seat_id = NULL",
}


@pytest.mark.parametrize("sign", [None, *BROKEN])
async def test_an_oracle_sees_what_was_broken(sqlite_url: str, sign: str | None) -> None:
    async with open_house(sqlite_url) as house:
        [code] = await house.make_codes()
        receipt = await house.redeem(ANNA, code, key="w0/1", actor=owner_of(ANNA))
        await people.recognise(house.core, "telegram", "9001", chat_id="9001")
        line = {"id": "w0:1", "op": "redeem", "key": "w0/1"}
        history = History(
            [
                {**line, "type": "invoke", "person": ANNA},
                {**line, "type": "ok", "redemption": receipt.redemption_id, "state": "invited"},
                {"id": "w0:2", "at": 1.0, "op": "grant", "type": "invoke", "identity": "9001", "role": "viewer"},
            ]
        )
        ledger: dict[str, list[dict[str, Any]]] = house.sandbox.ledger()
        await house.execute("UPDATE people SET role = 'viewer'")
        if sign is not None:
            await house.execute(BROKEN[sign])
        if sign == "nowhere":
            ledger = {**ledger, "pending": []}
        found = {one.partition(":")[0] for one in await breaches(house.core, history, ledger, 4)}
        mine = {one for one in found if not one.startswith("doctor")}
        assert (sign in mine) if sign is not None else not mine, found
