"""Whoever wishes to be forgotten is forgotten everywhere, also where something was under way, and what stays is told."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from bots.commands.dispatch import dispatch
from bots.commands.request import Chat, Request
from core.actors import SYSTEM, Role
from core.alerts import subscriptions
from core.jobs import announcements
from core.leases import leases, recovery, removals
from core.people import people, report, staff
from core.people.personal import PERSONAL, Whose, theirs
from core.people.privacy import erase_person, export_person, forget_ended
from core.rules.addresses import read_address
from core.rules.codes import read_code
from core.storage.all_tables import metadata
from core.transfers import address_changes
from core.waitlist import waitlist
from tests.support.house import House, open_house
from tests.support.moved import MovedHouse, open_moved_house

ME = "mé.myself@example.com"
OTHER = "elsewhere@example.com"


async def everything(house: House) -> str:
    """All that the database holds, as text."""

    def read(tx: sa.Connection) -> str:
        return "\n".join(
            json.dumps([str(value) for value in row], ensure_ascii=False)
            for table in metadata.sorted_tables
            for row in tx.execute(sa.select(table))
        )

    return str(await house.core.read(read))


async def taken_out(house: MovedHouse, address: str) -> None:
    """Let the removal of somebody be done, and be proved by readings."""
    for _ in range(6):
        house.clock.move(minutes=10)
        await removals.advance_due(house.core)
        await house.sync()
    assert await house.value("SELECT count(*) FROM removals WHERE state = 'planned'") == 0, address


async def test_nothing_is_left_of_somebody_who_is_over(database_url: str) -> None:
    async with open_moved_house(database_url, workspaces=1, seats=2) as house:
        me = await people.recognise(house.core, "telegram", "4711", chat_id="4711")
        first, second = await house.make_codes(2)
        await house.redeem(ME, first, key="telegram:1:1", actor=me)
        house.sandbox.accept(ME)
        await house.sync()
        [lease] = (await report.my_seat(house.core, me)).seats
        await address_changes.ask(house.core, me, lease.lease_id, OTHER)
        await leases.end(house.core, SYSTEM, ME)
        await taken_out(house, ME)
        for seat in range(2):
            [code] = await house.make_codes()
            await house.redeem(f"full{seat}@example.com", code, key=f"full{seat}")
        await waitlist.join(house.core, me, read_address(ME), read_code(second, await house.core.shapes()))
        await announcements.announce(house.core, SYSTEM, "hello", "everyone", request_key="a")
        before = await everything(house)
        assert ME in before
        assert OTHER in before
        assert "4711" in before
        erased = await erase_person(house.core, me)
        assert erased.kept == 0
        after = await everything(house)
        assert ME not in after
        assert OTHER not in after
        assert "4711" not in after.replace(await _attempts(house), ""), "limits stay until they are over"
        lines = [row.actor for row in await house.rows("SELECT actor FROM audit_log ORDER BY id")]
        names = {line for line in lines if line.startswith("erased:")}
        assert len(names) == 1, "what one person did is told of one pseudonym"
        assert lines.count(names.pop()) > 2
        assert await house.breaches() == []


async def _attempts(house: House) -> str:
    rows = await house.rows("SELECT identity FROM attempts WHERE identity LIKE '%4711%'")
    return str(rows[0].identity) if rows else "-"


async def test_what_is_under_way_is_forgotten_when_it_is_over(database_url: str) -> None:
    async with open_moved_house(database_url, workspaces=1, seats=2, faults=["applied-then-reset=1"]) as house:
        me = await people.recognise(house.core, "telegram", "4711", chat_id="4711")
        [code] = await house.make_codes()
        receipt = await house.redeem(ME, code, key="telegram:1:1", actor=me, wait=0.0)
        assert receipt.state == "unclear"
        await erase_person(house.core, me)
        assert "4711" not in (await everything(house)).replace(await _attempts(house), "")
        house.sandbox.set_faults([])
        house.clock.move(minutes=10)
        await recovery.recover(house.core)
        assert await house.value("SELECT state FROM redemptions") == "invited"
        await forget_ended(house.core)
        assert ME not in str(await house.rows("SELECT * FROM redemptions"))
        assert ME in str(await house.rows("SELECT * FROM leases")), "the seat lasts, and needs its address"
        assert await house.value("SELECT count(*) FROM notices WHERE channel <> 'operators'") == 0
        await leases.end(house.core, SYSTEM, ME)
        await taken_out(house, ME)
        await forget_ended(house.core)
        assert ME not in await everything(house)
        assert await house.breaches() == []


async def test_ones_own_code_is_no_guess_and_the_seat_is_said_to_be_kept(database_url: str) -> None:
    async with open_house(database_url) as house:
        me = await people.recognise(house.core, "telegram", "4711", chat_id="4711")
        [code] = await house.make_codes()
        await house.redeem(ME, code, key="k", actor=me)
        assert (await erase_person(house.core, me)).kept == 1
        again = await people.recognise(house.core, "telegram", "4711", chat_id="4711")
        assert (await report.my_seat(house.core, again)).kept == 1
        stranger = await people.recognise(house.core, "telegram", "1", chat_id="1")
        assert (await report.my_seat(house.core, stranger)).kept == 0
        reply = await dispatch(house.core, Request(again, "m", "en", Chat("telegram", "4711"), text="/myseat"))
        assert reply is not None
        assert reply.key == "myseat-kept"
        for number in range(7):
            receipt = await house.redeem(ME, code, key=f"again{number}", actor=again)
            assert (receipt.state, receipt.reason) == ("refused", "code_refused")
        for number in range(5):
            receipt = await house.redeem(OTHER, code, key=f"guess{number}", actor=stranger)
            assert receipt.reason == "code_refused"
        assert (await house.redeem(OTHER, code, key="guess", actor=stranger)).reason == "locked_out"


async def test_the_export_holds_what_would_be_erased(database_url: str) -> None:
    async with open_moved_house(database_url, workspaces=1, seats=2) as house:
        await staff.grant(house.core, SYSTEM, "telegram:4711", Role.ADMIN)
        me = await people.recognise(house.core, "telegram", "4711", chat_id="4711")
        [code] = await house.make_codes()
        await house.redeem(ME, code, key="telegram:1:1", actor=me)
        await subscriptions.subscribe(house.core, me, "telegram", "4711", subscriptions.AlertWish())
        await people.issue_token(house.core, SYSTEM, Role.VIEWER)
        await leases.end(house.core, me, ME)
        stored = await export_person(house.core, me)
        assert {"audit_log", "identities", "leases", "people", "redemptions", "removals", "subscriptions"} <= set(
            stored
        )
        assert code not in json.dumps(stored)
        whose = Whose([("telegram", "4711")], [("telegram", "4711")], [ME], [stored["leases"][0]["id"]])

        def count(tx: sa.Connection) -> dict[str, int]:
            names = sorted({name.partition(".")[0] for name in PERSONAL} - {"people"})
            found: dict[str, Any] = {}
            for name in names:
                table = metadata.tables[name]
                number = tx.execute(sa.select(sa.func.count()).select_from(table).where(theirs(table, whose)))
                found[name] = number.scalar_one()
            return {name: number for name, number in found.items() if number}

        there = await house.core.read(count)
        assert there == {name: len(stored[name]) for name in there}


async def test_a_waiting_place_that_was_left_frees_its_code(database_url: str) -> None:
    async with open_house(database_url, workspaces=1, seats=1) as house:
        taken, code = await house.make_codes(2)
        await house.redeem("first@example.com", taken, key="first")
        me = await people.recognise(house.core, "telegram", "4711", chat_id="4711")
        assert (await house.redeem(ME, code, key="k", actor=me)).reason == "no_seats"
        await waitlist.join(house.core, me, read_address(ME), read_code(code, await house.core.shapes()))
        await erase_person(house.core, me)
        assert await house.value("SELECT state FROM waitlist") == "left"
        assert ME not in await everything(house)
