"""How often a unit waits for PostgreSQL, counted on the wire: a count that grows is a mistake on every machine."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import sqlalchemy as sa

from core.actors import Role
from core.notices.inbox_rows import PlatformEvent, keep, store
from tests.support.desk import Desk
from tests.support.house import open_house
from tests.support.round_trips import CountingProxy

MOST = {
    "redeem": (11, 2),
    "message": (19, 2),
    "verify": (8, 1),
    "seat": (8, 0),
    "start": (3, 0),
    "help": (5, 0),
    "stats": (17, 0),
    "find": (10, 0),
    "generate": (22, 3),
    "keep": (1, 0),
    "take": (1, 0),
}
"""Round trips and commits of one, through the core or the dispatcher, when the statements are known to the server."""


async def test_the_commonest_updates_wait_no_oftener(postgres_url: str):
    there = sa.make_url(postgres_url)
    async with CountingProxy(str(there.host), there.port or 5432) as proxy:
        through = there.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
        async with open_house(through, seats=40, database={"connections": 1}) as house:
            codes = await house.make_codes(20)
            person, staff = Desk(house, Role.ANYONE), Desk(house, Role.ADMIN)
            counted: dict[str, set[tuple[int, int]]] = {}

            async def count(name: str, doing: Awaitable[Any]) -> None:
                proxy.forget()
                await doing
                counted.setdefault(name, set()).add((proxy.trips, proxy.commits))

            for number in range(4):
                await count("redeem", house.redeem(f"p{number}@example.com", codes.pop(), key=f"k{number}", wait=0))
                await count("message", person.say(f"m{number}@example.com {codes.pop()}"))
                await count("verify", person.say(f"/verify {codes[0]}"))
                await count("help", person.say("/help"))
                await count("stats", staff.say("/stats"))
                await count("start", person.say("/start"))
                await count("seat", person.say("/myseat"))
                await count("find", staff.say(f"/find m{number}@example.com"))
                await count("generate", staff.say("/generate 1"))
                await count("keep", store(house.core, [PlatformEvent(f"telegram:{number}", "telegram:1", "{}")]))
                await count("take", keep(house.core, [PlatformEvent(f"tg:{number}", f"tg:{number}", "{}")], "token", 1))
    fewest = {name: min(seen) for name, seen in counted.items()}
    assert fewest == MOST, "fewer is better: then write the new figures down"
