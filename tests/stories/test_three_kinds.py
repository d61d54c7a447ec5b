"""One pool of three kinds of teams, run and used from a chat: nobody there can tell them apart."""

from __future__ import annotations

import json

from core.actors import SYSTEM
from core.leases import leases
from core.sandbox.server import Sandbox
from core.sync import sync
from core.transfers import sweep, transfers
from tests.stories.conftest import OpenStory

OWNERS = {"staff": {"owners": ["telegram:7", "discord:7", "terminal:person-7"]}}
KINDS = ("chatgpt", "openai_admin", "scim")


async def test_three_kinds_in_one_pool(story: OpenStory):
    async with (
        Sandbox(workspaces=3, seats=2, latency_ms=1) as upstream,
        story(workspaces=0, patience=10.0, upstream={"timeout": 10.0}, **OWNERS) as chat,
    ):
        house = chat.house
        house.sandbox = upstream

        # The credentials of all three are pasted together, tried and stored.
        await chat.say("/import")
        pasted = [{**upstream.sessions(kind)[place], "seats": 2} for place, kind in enumerate(KINDS)]
        answer = await chat.say("\n".join(json.dumps(one) for one in pasted))
        assert chat.words("import-preview", new=3, updated=0, invalid=0, pool="default") in answer
        assert not any(one.get("accessToken", "–") in answer for one in pasted)
        await chat.press(chat.words("button-store", count=3))
        assert [row[0] for row in await house.rows("SELECT provider FROM teams ORDER BY id")] == list(KINDS)

        # Six people redeem, two in each; the seventh is told that there is no seat, and keeps the code.
        codes = await house.make_codes(7)
        for number, code in enumerate(codes[:6]):
            address = f"p{number}@people.example"
            answer = await chat.say(f"{address} {code}")
            team = await house.value(
                "SELECT t.name FROM leases l JOIN teams t ON t.id = l.team_id WHERE l.address = :a", a=address
            )
            assert team in answer
            upstream.accept(address)
        assert chat.words("error-no_seats", pool="default", waitlist="true") in await chat.say(
            f"late@people.example {codes[6]}"
        )
        assert await house.value("SELECT sum(used) FROM codes") == 6
        await sync.sync_all(house.core, SYSTEM)
        assert await house.value("SELECT count(*) FROM leases WHERE status = 'active'") == 6
        pages = await chat.say("/teams")
        names = [row[0] for row in await house.rows("SELECT name FROM teams ORDER BY id")]
        assert all(name in pages for name in names)

        # One leaves the first team, and the seat goes round: each kind takes somebody over from another one.
        await leases.end(house.core, SYSTEM, "p0@people.example")
        for address, target in (("p2@people.example", 0), ("p4@people.example", 1), ("p1@people.example", 2)):
            (moving,) = await transfers.transfer(house.core, SYSTEM, address, to=names[target], forced=True)
            upstream.accept(address)
            await sync.sync_all(house.core, SYSTEM)
            await sweep.advance_transfers(house.core)
            moved = await house.core.read(transfers.read_transfer, moving.id)
            assert (moved.state, moved.to_team) == ("done", names[target])
            assert names[target] in await chat.say(f"/find {address}")

        # The code that found no seat finds one now, wherever it is.
        assert names[0] in await chat.say(f"late@people.example {codes[6]}")
        held = {
            (f"ws-{row[0]}", row[1])
            for row in await house.rows("SELECT team_id, address FROM leases WHERE status IN ('invited', 'active')")
        }
        ledger = upstream.ledger()
        shown = [(row["workspace"], row["email"]) for row in (*ledger["members"], *ledger["pending"])]
        assert held == {one for one in shown if not one[1].startswith("owner.")}
