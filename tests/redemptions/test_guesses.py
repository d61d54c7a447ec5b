"""Who guesses when a code is wrong: whoever wrote it, and nobody where Usher or staff redeem for somebody."""

from __future__ import annotations

import pytest

from core.actors import Actor, Role
from core.redemptions import redemptions
from core.redemptions.orders import Order
from core.rules.addresses import read_address
from core.rules.codes import DEFAULT_SHAPE, generate, read_code
from tests.support.house import open_house


@pytest.mark.parametrize(
    ("guesses", "role", "counted"),
    [(True, Role.ANYONE, 1), (False, Role.ANYONE, 0), (True, Role.OPERATOR, 0), (False, Role.OPERATOR, 0)],
)
async def test_a_wrong_code_is_a_guess_of_whoever_wrote_it(
    database_url: str, guesses: bool, role: Role, counted: int
) -> None:
    async with open_house(database_url) as house:
        code = read_code(generate(DEFAULT_SHAPE), [DEFAULT_SHAPE])
        order = Order(read_address("ann@example.com"), code, "key", guesses=guesses)
        receipt = await redemptions.redeem(house.core, Actor("telegram", "7", role), order)
        assert receipt.reason == "code_refused"
        assert (
            int(await house.value("SELECT COALESCE(sum(count), 0) FROM attempts WHERE identity LIKE '%7'")) == counted
        )
