"""Two processes of which one is halted between two of its statements while the other one goes on.

On PostgreSQL: SQLite has one writer, and what is read and written in one unit there is seen by nobody in between.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from typing import TypeAlias

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from structlog.testing import capture_logs

from core.actors import SYSTEM, Actor, Role
from core.calls import keys
from core.codes import codes
from core.credit import grants
from core.errors import Refusal
from core.leases import ending, expiry, extensions, leases
from core.leases.receipts import Receipt
from core.leases.states import live_leases
from core.people import people, staff
from core.redemptions import seating
from core.rules.addresses import read_address
from core.rules.codes import read_code
from core.service import Core, open_core
from core.sources import models, own
from core.storage import guards
from core.teams import pool_moves, pools, teams
from core.transfers import address_changes
from core.waitlist import serving, waitlist
from tests.races.halting import Gate, first_of, until_done_or_blocked, waits_for_a_lock
from tests.support.moved import MovedHouse, open_moved_house

ANN = "ann@example.com"
BOB = Actor("telegram", "7", Role.ANYONE)
Work: TypeAlias = Callable[[Core], Awaitable[object]]
GUARDED = pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "negative control"])


async def meet(house: MovedHouse, first: Work, words: str, second: Work) -> list[object]:
    """`first` is halted before its first statement that holds `words`, until `second` has ended or waits for it.

    Returns what came of both, exceptions too.
    """
    engine = create_async_engine(house.url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    gate = Gate(house.core.database, words=words)
    try:
        async with open_core(house.core.settings, clock=house.core.clock) as other, engine.connect() as monitor:
            halted = asyncio.ensure_future(first(house.core))
            reached = asyncio.create_task(gate.reached.wait())
            await first_of(halted, reached)
            assert reached.done(), (words, gate.statements)
            passing = asyncio.ensure_future(second(other))
            await until_done_or_blocked(passing, lambda: waits_for_a_lock(monitor))
            gate.leave()
            return list(await asyncio.gather(halted, passing, return_exceptions=True))
    finally:
        gate.leave()
        await engine.dispose()


@GUARDED
async def test_who_is_extended_while_the_sweep_looks_at_terms_stays(postgres_url: str, guarded: bool):
    async with open_moved_house(postgres_url, workspaces=2) as house:
        await house.seat(ANN, term="24h", auto_transfer=True)
        house.clock.move(hours=25)
        with nullcontext() if guarded else guards.without("term_over"):
            await meet(
                house,
                expiry.expire,
                "FROM leases JOIN pools ON pools.id = leases.pool_id \nWHERE leases.id = ",
                lambda core: leases.extend(core, SYSTEM, ANN, "30d"),
            )
        [(status, reason)] = await house.rows("SELECT status, end_reason FROM leases")
        assert ((status, reason) == ("active", None)) is guarded


@GUARDED
async def test_who_accepts_an_offer_while_it_is_withdrawn_stays(postgres_url: str, guarded: bool):
    async with open_moved_house(postgres_url) as house:
        await house.seat(ANN, accept=False)
        await house.execute("UPDATE redemptions SET request_key = 'wait:1:1'")
        house.clock.move(hours=73)
        with nullcontext() if guarded else guards.without("lease_claim"):
            await meet(
                house,
                serving.withdraw_offers,
                "FROM leases \nWHERE leases.id = ",
                lambda _: house.execute("UPDATE leases SET status = 'active'"),
            )
        assert (await house.value("SELECT end_reason FROM leases") is None) is guarded


@GUARDED
async def test_a_use_that_waited_for_a_place_to_be_taken_leaves_the_place_its_use(postgres_url: str, guarded: bool):
    async with open_moved_house(postgres_url) as house:
        [code] = await house.make_codes()
        with nullcontext() if guarded else guards.without("kept_uses"):
            _, receipt = await meet(
                house,
                lambda core: _join(core, code),
                "SELECT waitlist.id, waitlist.created_at",
                lambda core: house.redeem("cat@example.com", code, key="k", core=core),
            )
        assert isinstance(receipt, Receipt)
        assert (receipt.reason == "code_refused") is guarded


async def _join(core: Core, code: str) -> None:
    text = read_code(code, await core.shapes())
    await waitlist.join(core, SYSTEM, read_address(ANN), text)


def _into_a_pool(
    house: MovedHouse, code: str, again: Sequence[teams.CandidateTeam]
) -> dict[str, tuple[Work, str, Work]]:
    """What comes into a pool, the words before which it is halted, and how the pool goes away meanwhile."""

    def merge(core: Core) -> Awaitable[object]:
        return pool_moves.merge_pool(core, SYSTEM, "default", "gold")

    def generate(core: Core, team: str | None = None) -> Awaitable[object]:
        return codes.generate_list(core, SYSTEM, codes.BatchPlan(count=1, team=team, override=True))

    return {
        "a place": (lambda core: _join(core, code), "INSERT INTO waitlist", merge),
        "codes": (generate, "FROM pools \nWHERE pools.id = ", merge),
        "codes of a team": (
            lambda core: generate(core, "Workspace 1"),
            "FROM pools \nWHERE pools.id = ",
            lambda core: pool_moves.move_team(core, SYSTEM, "Workspace 1", "gold"),
        ),
        "a seat": (
            lambda core: seating.seat(
                core, SYSTEM, read_address(ANN), seating.SeatWish(pool="default"), request_key="k"
            ),
            "FROM pools \nWHERE pools.id = ",
            merge,
        ),
        "a team": (
            lambda core: teams.import_teams(core, SYSTEM, again, pool="gold"),
            "FROM pools \nWHERE pools.id = ",
            lambda core: pool_moves.remove_pool(core, SYSTEM, "gold"),
        ),
        "teams": (
            lambda core: pool_moves.empty_pool(core, SYSTEM, "default", "gold"),
            "FROM pools \nWHERE pools.id = ",
            lambda core: pool_moves.merge_pool(core, SYSTEM, "gold", "silver"),
        ),
    }


@pytest.mark.parametrize("what", ["a place", "codes", "codes of a team", "a seat", "a team", "teams"])
async def test_nothing_comes_into_a_pool_that_goes_away_meanwhile(postgres_url: str, what: str):
    async with open_moved_house(postgres_url) as house:
        for name in ("gold", "silver"):
            await pools.create_pool(house.core, SYSTEM, name, pools.NewPool(prefix=name[:4].upper()))
        [code] = await house.make_codes()
        session = {**house.sandbox.sessions("chatgpt")[0], "seats": 4}
        again = await teams.preview_teams(house.core, SYSTEM, json.dumps(session))
        if what == "a team":
            await house.execute("UPDATE teams SET external_id = 'another'")
        came, going = await meet(house, *_into_a_pool(house, code, again)[what])
        assert not isinstance(going, BaseException)
        assert not isinstance(came, BaseException) or isinstance(came, Refusal), came
        for table in ("teams", "waitlist", "batches", "leases"):
            of = f"SELECT count(*) FROM {table} JOIN pools ON pools.id = pool_id WHERE pools.removed_at IS NOT NULL"
            assert await house.value(of) == 0, table
        astray = "SELECT count(*) FROM batches JOIN teams ON teams.id = team_id WHERE batches.pool_id <> teams.pool_id"
        assert await house.value(astray) == 0


@pytest.mark.parametrize("imported", [False, True], ids=["made", "imported"])
async def test_a_pool_whose_codes_are_still_being_written_is_not_put_away(postgres_url: str, imported: bool):
    async with open_moved_house(postgres_url) as house:
        await pools.create_pool(house.core, SYSTEM, "gold", pools.NewPool(prefix="GOLD"))
        plan = codes.BatchPlan(count=2, pool="gold", override=True)

        def write(core: Core) -> Awaitable[object]:
            if imported:
                return codes.import_codes(core, SYSTEM, ["WINTER-2345-6789", "WINTER-6789-2345"], plan)
            return codes.generate_list(core, SYSTEM, plan)

        made, removed = await meet(
            house, write, "INSERT INTO codes", lambda core: pool_moves.remove_pool(core, SYSTEM, "gold")
        )
        assert not isinstance(made, BaseException), made
        assert getattr(removed, "key", None) == "pool_in_use", removed
        assert await house.value("SELECT removed_at FROM pools WHERE name = 'gold'") is None


@pytest.mark.parametrize("what", ["longer", "elsewhere"])
async def test_what_somebody_asks_for_is_asked_once_and_of_a_seat_that_they_have(postgres_url: str, what: str):
    async with open_moved_house(postgres_url) as house:
        seat = await house.seat(ANN, term="24h")
        await house.execute("UPDATE leases SET platform = 'telegram', identity = '7'")

        async def end(core: Core) -> bool:
            [lease] = await core.read(live_leases, ANN)
            return await core.write(ending.end_now, core, lease, "gone", core.now())

        if what == "longer":
            await meet(house, lambda core: extensions.ask(core, BOB, seat), "INSERT INTO extension_requests", end)
            wishes = await house.rows("SELECT state FROM extension_requests")
        else:
            await meet(
                house,
                lambda core: address_changes.ask(core, BOB, seat, "cat@example.com"),
                "INSERT INTO transfers",
                lambda core: address_changes.ask(core, BOB, seat, "dan@example.com"),
            )
            waiting = await house.value("SELECT count(*) FROM transfers WHERE state = 'asked'")
            assert waiting == len(await house.open_alerts()) == 1
            await end(house.core)
            wishes = await house.rows("SELECT state FROM transfers")
        assert ("asked",) not in wishes
        assert await house.open_alerts() == []


async def test_two_accounts_brought_at_once_are_taken_one_after_the_other(postgres_url: str):
    async with open_moved_house(postgres_url) as house:
        await models.add_model(
            house.core, SYSTEM, "small", models.NewModel(context=1000, max_output=100, price_input=1, price_output=1)
        )
        await own.prefer(house.core, BOB, "shared")
        with capture_logs() as logged:
            added = await meet(
                house,
                lambda core: own.add_own(core, BOB, "https://1.1.1.1/v1 sk-aaaaaaaaaaaaaaaa small"),
                "FROM people \nWHERE people.id = ",
                lambda core: own.add_own(core, BOB, "https://8.8.8.8/v1 sk-bbbbbbbbbbbbbbbb small"),
            )
        assert added == ["1.1.1.1", "8.8.8.8"]
        assert not [line for line in logged if line["event"] == "database_busy"], "neither waited for the other's lock"


async def test_of_two_last_owners_who_leave_at_once_one_stays(postgres_url: str):
    async with open_moved_house(postgres_url) as house:
        owners = []
        for number in ("1", "2"):
            await staff.grant(house.core, SYSTEM, f"telegram:{number}", Role.OWNER)
            owners.append(await people.recognise(house.core, "telegram", number))
        left = await meet(
            house,
            lambda core: staff.leave(core, owners[0]),
            "UPDATE people SET role",
            lambda core: staff.leave(core, owners[1]),
        )
        assert left[0] is None
        assert isinstance(left[1], Refusal)
        assert await house.rows("SELECT id FROM people WHERE role = 'owner'") == [(owners[1].person_id,)]


async def test_two_changes_of_keys_at_once_are_made_one_after_the_other(postgres_url: str):
    async with open_moved_house(postgres_url) as house:
        for name in ("one", "two"):
            await keys.make_key(house.core, SYSTEM, name, of=BOB)

        def call(name: str) -> Work:
            return lambda core: keys.change_key(core, BOB, name, name="same")

        def turn(state: str) -> Work:
            return lambda core: keys.set_key_state(core, BOB, "same", state)

        outcomes = await meet(house, call("one"), "UPDATE keys", call("two"))
        assert [getattr(one, "key", "made") for one in outcomes] == ["made", "name_taken"]
        await meet(house, turn("active"), "UPDATE keys", turn("paused"))
        # The log tells of the last change that there was.
        [(state,)] = await house.rows("SELECT state FROM keys WHERE name = 'same'")
        [(told, _), *_] = await house.rows(
            "SELECT after, id FROM audit_log WHERE action = 'key.state' ORDER BY id DESC"
        )
        assert (json.loads(told) if isinstance(told, str) else told) == {"state": state}


async def test_two_who_give_somebody_their_first_credit_put_it_into_one_wallet(postgres_url: str):
    async with open_moved_house(postgres_url) as house:
        await people.set_language(house.core, BOB, "en")

        def give(core: Core) -> Awaitable[object]:
            return grants.give(core, SYSTEM, BOB, "1", reason="a test")

        outcomes = await meet(house, give, "INSERT INTO wallets", give)
        assert [one for one in outcomes if isinstance(one, Exception)] == []
        assert await house.value('SELECT sum("left") FROM wallets') == 2_000_000
        assert await house.value("SELECT count(*) FROM wallets") == 1


@pytest.mark.parametrize("same", [True, False], ids=["one team twice", "two of one name"])
async def test_who_brings_in_a_team_while_another_one_comes_in_brings_it_in(postgres_url: str, same: bool):
    async with open_moved_house(postgres_url, workspaces=1) as house:
        [shown] = house.sandbox.sessions("chatgpt")
        fresh = [{**shown, "account": {**shown["account"], "id": name, "name": "New"}} for name in ("ws-8", "ws-9")]
        one, other = [json.dumps(fresh[place], ensure_ascii=False) for place in (0, 0 if same else 1)]
        came = await meet(house, lambda core: _bring(core, one), "INSERT INTO teams", lambda core: _bring(core, other))
        assert sorted(map(str, came)) == (["(0, 1)", "(1, 0)"] if same else ["(1, 0)", "(1, 0)"]), came
        names = [name for (name,) in await house.rows("SELECT name FROM teams WHERE external_id <> 'ws-1' ORDER BY id")]
        assert sorted(names) == (["New"] if same else ["New", "New 2"])


async def _bring(core: Core, text: str) -> tuple[int, int]:
    imported = await teams.import_teams(core, SYSTEM, await teams.preview_teams(core, SYSTEM, text))
    return imported.created, imported.updated


async def test_somebody_is_seated_once_by_a_request_that_is_there_twice_and_the_second_code_is_gone(postgres_url: str):
    async with open_moved_house(postgres_url) as house:
        await house.make_codes()

        def seat(core: Core) -> Awaitable[Receipt]:
            return seating.seat(core, SYSTEM, read_address(ANN), request_key="k")

        first, second = await meet(house, seat, "SELECT pools.removed_at", seat)
        assert isinstance(first, Receipt), first
        assert isinstance(second, Receipt), second
        assert (first.state, first.redemption_id) == (second.state, second.redemption_id)
        assert second.state == "invited"
        assert len(house.invited()) == 1
        kept = await house.rows("SELECT b.direct, c.status, c.used FROM batches b JOIN codes c ON c.batch_id = b.id")
        assert sorted(map(tuple, kept)) == [(False, "active", 0), (True, "disabled", 1)]
        assert await house.value("SELECT count(*) FROM batches") == 2
